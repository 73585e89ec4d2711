"""Define the syntax tree of an HCL expression, which `expressions` creates and the language evaluates.

The nodes follow the HCL specification: https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md

Every node has its span. Nodes are compared by identity.
"""

from __future__ import annotations

from ecs5lint.light_typing import NamedTuple
from ecs5lint.location import Span
from ecs5lint.values.conditions import Constant
from ecs5lint.values.kinds import Value


class Literal:
    """A number, a boolean or null."""

    __slots__ = ("span", "value")

    def __init__(self, value: Constant, span: Span) -> None:
        self.value = value
        self.span = span


class TemplateText(NamedTuple):
    """Literal text in a template.

    `verbatim` is its offset in the source, or None if the source spells it differently.
    """

    text: str
    span: Span
    verbatim: int | None


class TemplateIf:
    """`%{ if condition }…%{ else }…%{ endif }`."""

    __slots__ = ("condition", "span", "when_false", "when_true")

    def __init__(
        self,
        condition: Expression,
        when_true: tuple[TemplatePart, ...],
        when_false: tuple[TemplatePart, ...],
        span: Span,
    ) -> None:
        self.condition = condition
        self.when_true = when_true
        self.when_false = when_false
        self.span = span


class TemplateFor:
    """`%{ for key, value in collection }…%{ endfor }`."""

    __slots__ = ("body", "collection", "key_name", "span", "value_name")

    def __init__(
        self, key_name: str | None, value_name: str, collection: Expression, body: tuple[TemplatePart, ...], span: Span
    ) -> None:
        self.key_name = key_name
        self.value_name = value_name
        self.collection = collection
        self.body = body
        self.span = span


class Template:
    """A quoted string or a heredoc: text with interpolations (any expression as a part) and directives.

    A template of literal text alone has the same `value` each time. It is kept once it is evaluated.
    """

    __slots__ = ("parts", "span", "value")

    def __init__(self, parts: tuple[TemplatePart, ...], span: Span) -> None:
        self.parts = parts
        self.span = span
        self.value: Value | None = None

    def is_literal(self) -> bool:
        """Tell whether the template is literal text alone."""
        return all(isinstance(part, TemplateText) for part in self.parts)


class Evaluated:
    """A value that needs no evaluation, because it was set outside any module."""

    __slots__ = ("span", "value")

    def __init__(self, value: Value, span: Span) -> None:
        self.value = value
        self.span = span


class Name:
    """An identifier by itself: the root of a reference such as `var` in `var.image`, or a variable of a `for`."""

    __slots__ = ("name", "span")

    def __init__(self, name: str, span: Span) -> None:
        self.name = name
        self.span = span


class GetAttribute:
    """`target.name`."""

    __slots__ = ("name", "span", "target")

    def __init__(self, target: Expression, name: str, span: Span) -> None:
        self.target = target
        self.name = name
        self.span = span


class Index:
    """`target[key]`, and the legacy form `target.0`."""

    __slots__ = ("key", "span", "target")

    def __init__(self, target: Expression, key: Expression, span: Span) -> None:
        self.target = target
        self.key = key
        self.span = span


class SplatItem:
    """The current element, in the `item` of a splat."""

    __slots__ = ("span",)

    def __init__(self, span: Span) -> None:
        self.span = span


class Splat:
    """`target[*].a.b` or `target.*.a`.

    `item` is the expression for each element, with a SplatItem for the element itself.

    After a `full` splat, the form with brackets, everything that follows applies to each element.
    """

    __slots__ = ("full", "item", "span", "target")

    def __init__(self, target: Expression, item: Expression, full: bool, span: Span) -> None:
        self.target = target
        self.item = item
        self.full = full
        self.span = span


class FunctionCall:
    """`name(arguments)`. With `expand_last`, the last argument is a list to spread (`...`)."""

    __slots__ = ("arguments", "expand_last", "name", "span")

    def __init__(self, name: str, arguments: tuple[Expression, ...], expand_last: bool, span: Span) -> None:
        self.name = name
        self.arguments = arguments
        self.expand_last = expand_last
        self.span = span


class TupleExpression:
    """`[a, b]`."""

    __slots__ = ("items", "span")

    def __init__(self, items: tuple[Expression, ...], span: Span) -> None:
        self.items = items
        self.span = span


class ObjectItem:
    """`key = value` in an object. A Name as a key stands for its own text. A key in Parentheses is evaluated."""

    __slots__ = ("key", "value")

    def __init__(self, key: Expression, value: Expression) -> None:
        self.key = key
        self.value = value


class ObjectExpression:
    """`{ a = b }`."""

    __slots__ = ("items", "span")

    def __init__(self, items: tuple[ObjectItem, ...], span: Span) -> None:
        self.items = items
        self.span = span


class ForExpression:
    """`[for key, value in collection : result if condition]`, or with a `key` `{for … : key => result…}`.

    `grouped` tells whether a `...` collects the results of equal keys in lists.
    """

    __slots__ = ("collection", "condition", "grouped", "key", "key_name", "result", "span", "value_name")

    def __init__(
        self,
        key_name: str | None,
        value_name: str,
        collection: Expression,
        key: Expression | None,
        result: Expression,
        condition: Expression | None,
        grouped: bool,
        span: Span,
    ) -> None:
        self.key_name = key_name
        self.value_name = value_name
        self.collection = collection
        self.key = key
        self.result = result
        self.condition = condition
        self.grouped = grouped
        self.span = span


class Conditional:
    """`condition ? when_true : when_false`."""

    __slots__ = ("condition", "span", "when_false", "when_true")

    def __init__(self, condition: Expression, when_true: Expression, when_false: Expression, span: Span) -> None:
        self.condition = condition
        self.when_true = when_true
        self.when_false = when_false
        self.span = span


class UnaryOperation:
    """`!operand` or `-operand`."""

    __slots__ = ("operand", "operator", "span")

    def __init__(self, operator: str, operand: Expression, span: Span) -> None:
        self.operator = operator
        self.operand = operand
        self.span = span


class BinaryOperation:
    """`left operator right`."""

    __slots__ = ("left", "operator", "right", "span")

    def __init__(self, operator: str, left: Expression, right: Expression, span: Span) -> None:
        self.operator = operator
        self.left = left
        self.right = right
        self.span = span


class Parentheses:
    """`(inner)`."""

    __slots__ = ("inner", "span")

    def __init__(self, inner: Expression, span: Span) -> None:
        self.inner = inner
        self.span = span


Expression = (
    Literal
    | Template
    | Evaluated
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
