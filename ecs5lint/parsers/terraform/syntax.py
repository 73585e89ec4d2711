"""The syntax tree of an HCL expression: what `parser` makes of the text, and what `expressions` evaluates.

The nodes follow the HCL specification: https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md
Every node carries its span.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from ecs5lint.conditions import Constant
from ecs5lint.location import Span


@dataclass(slots=True, eq=False)
class Literal:
    """A number, a boolean or null."""

    value: Constant
    span: Span


class TemplateText(NamedTuple):
    """Literal text in a template. `verbatim` is its offset in the source if it stands there character by character."""

    text: str
    span: Span
    verbatim: int | None


@dataclass(slots=True, eq=False)
class TemplateIf:
    """`%{ if condition }…%{ else }…%{ endif }`."""

    condition: Expression
    when_true: tuple[TemplatePart, ...]
    when_false: tuple[TemplatePart, ...]
    span: Span


@dataclass(slots=True, eq=False)
class TemplateFor:
    """`%{ for key, value in collection }…%{ endfor }`."""

    key_name: str | None
    value_name: str
    collection: Expression
    body: tuple[TemplatePart, ...]
    span: Span


@dataclass(slots=True, eq=False)
class Template:
    """A quoted string or a heredoc: text with interpolations (any expression as a part) and directives."""

    parts: tuple[TemplatePart, ...]
    span: Span


@dataclass(slots=True, eq=False)
class Name:
    """An identifier by itself: the root of a reference such as `var` in `var.image`, or a variable of a `for`."""

    name: str
    span: Span


@dataclass(slots=True, eq=False)
class GetAttribute:
    """`target.name`."""

    target: Expression
    name: str
    span: Span


@dataclass(slots=True, eq=False)
class Index:
    """`target[key]`, and the legacy form `target.0`."""

    target: Expression
    key: Expression
    span: Span


@dataclass(slots=True, eq=False)
class SplatItem:
    """Stands, in the `item` of a splat, for the element at hand."""

    span: Span


@dataclass(slots=True, eq=False)
class Splat:
    """`target[*].a.b` or `target.*.a`: `item` is what is taken of each element, which is a SplatItem in it."""

    target: Expression
    item: Expression
    span: Span


@dataclass(slots=True, eq=False)
class FunctionCall:
    """`name(arguments)`; with `expand_last`, the last argument is a list that is spread (`...`)."""

    name: str
    arguments: tuple[Expression, ...]
    expand_last: bool
    span: Span


@dataclass(slots=True, eq=False)
class TupleExpression:
    """`[a, b]`."""

    items: tuple[Expression, ...]
    span: Span


@dataclass(slots=True, eq=False)
class ObjectItem:
    """`key = value` in an object. A Name as a key stands for its own text; in Parentheses it is evaluated."""

    key: Expression
    value: Expression


@dataclass(slots=True, eq=False)
class ObjectExpression:
    """`{ a = b }`."""

    items: tuple[ObjectItem, ...]
    span: Span


@dataclass(slots=True, eq=False)
class ForExpression:
    """`[for key, value in collection : result if condition]`; with `key`, `{for … : key => result…}`.

    `grouped` tells of the `...` that collects the results of equal keys in lists.
    """

    key_name: str | None
    value_name: str
    collection: Expression
    key: Expression | None
    result: Expression
    condition: Expression | None
    grouped: bool
    span: Span


@dataclass(slots=True, eq=False)
class Conditional:
    """`condition ? when_true : when_false`."""

    condition: Expression
    when_true: Expression
    when_false: Expression
    span: Span


@dataclass(slots=True, eq=False)
class UnaryOperation:
    """`!operand` or `-operand`."""

    operator: str
    operand: Expression
    span: Span


@dataclass(slots=True, eq=False)
class BinaryOperation:
    """`left operator right`."""

    operator: str
    left: Expression
    right: Expression
    span: Span


@dataclass(slots=True, eq=False)
class Parentheses:
    """`(inner)`."""

    inner: Expression
    span: Span


Expression = (
    Literal
    | Template
    | Name
    | GetAttribute
    | Index
    | SplatItem
    | Splat
    | FunctionCall
    | TupleExpression
    | ObjectExpression
    | ForExpression
    | Conditional
    | UnaryOperation
    | BinaryOperation
    | Parentheses
)
TemplatePart = TemplateText | TemplateIf | TemplateFor | Expression
