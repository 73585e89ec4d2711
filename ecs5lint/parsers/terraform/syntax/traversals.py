"""Apply attributes, indexes and splats to an operand.

https://github.com/hashicorp/hcl/blob/main/hclsyntax/parser.go (parseExpressionTraversals)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ecs5lint.light_typing import NamedTuple
from ecs5lint.location import Span
from ecs5lint.parsers.terraform.syntax.nodes import Expression, GetAttribute, Index, Splat, SplatItem
from ecs5lint.parsers.terraform.syntax.scanner import failure


class Attribute(NamedTuple):
    """`.name`."""

    name: str
    span: Span


class Key(NamedTuple):
    """`[key]`, or the legacy form `.0`, which does not end the attributes of a `.*`."""

    key: Expression
    span: Span
    in_brackets: bool


Step = Attribute | Key


def access(target: Expression, step: Step, span: Span) -> Expression:
    """Return the access to a part of `target`, or to that part of each element if `target` is a full splat."""
    return _applied(target, span, lambda target: _access(target, step, span))


def splat(target: Expression, steps: Sequence[Step], full: bool, written: Span, span: Span) -> Expression:
    """Return the splat of `target`: `[*]` if `full`, or else `.*`, with all the `steps` after it.

    `written` is the span of the splat and its steps, and `span` includes the target. Raises Failure.
    """
    if not full and _ends_in_attribute_splat(target):
        raise failure("an .* after another .* is not allowed; use [*]", *written)
    # In the form `.*`, only the attributes apply to each element: list.*.name[0] is the first of the names.
    own = next((index for index, step in enumerate(steps) if isinstance(step, Key) and step.in_brackets), len(steps))

    def splatted(target: Expression) -> Expression:
        item: Expression = SplatItem(written)
        for step in steps[:own]:
            item = _access(item, step, step.span)
        expression: Expression = Splat(target, item, full, span)
        for step in steps[own:]:
            expression = access(expression, step, span)
        return expression

    return _applied(target, span, splatted)


def _access(target: Expression, step: Step, span: Span) -> Expression:
    if isinstance(step, Attribute):
        return GetAttribute(target, step.name, span)
    return Index(target, step.key, span)


def _applied(target: Expression, span: Span, apply: Callable[[Expression], Expression]) -> Expression:
    if isinstance(target, Splat) and target.full:
        return Splat(target.target, _applied(target.item, span, apply), True, span)
    return apply(target)


def _ends_in_attribute_splat(expression: Expression) -> bool:
    if isinstance(expression, Splat):
        return _ends_in_attribute_splat(expression.item) if expression.full else True
    return False
