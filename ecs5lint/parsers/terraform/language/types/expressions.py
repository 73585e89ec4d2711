"""Parse type constraints into types.

https://developer.hashicorp.com/terraform/language/expressions/type-constraints
"""

from __future__ import annotations

from collections.abc import Callable

from ecs5lint.parsers.terraform.language.types import (
    ANY,
    BOOL,
    NUMBER,
    STRING,
    Attribute,
    Collection,
    ObjectType,
    TupleType,
)
from ecs5lint.parsers.terraform.syntax.errors import EvaluationError
from ecs5lint.parsers.terraform.syntax.nodes import (
    Expression,
    FunctionCall,
    Name,
    ObjectExpression,
    Template,
    TemplateText,
    TupleExpression,
)
from ecs5lint.values.kinds import Type, Value

#: The keywords. `list`, `map` and `set` alone are the old form of list(any) and so on.
_KEYWORDS: dict[str, Type] = {
    "string": STRING,
    "number": NUMBER,
    "bool": BOOL,
    "any": ANY,
    "list": Collection("list", ANY),
    "map": Collection("map", ANY),
    "set": Collection("set", ANY),
}

Evaluate = Callable[[Expression], Value]


def parse_type(expression: Expression, evaluate: Evaluate, owner: str = "") -> Type:
    """Return the type that an expression denotes. `evaluate` evaluates defaults in it. Raises EvaluationError.

    `owner` is the variable that declares the type.
    """
    if isinstance(expression, Name) and expression.name in _KEYWORDS:
        return _KEYWORDS[expression.name]
    text = _quoted(expression)
    if text in _KEYWORDS:
        return _KEYWORDS[text]
    if isinstance(expression, FunctionCall) and len(expression.arguments) == 1:
        (argument,) = expression.arguments
        if expression.name in ("list", "map", "set"):
            return Collection(expression.name, parse_type(argument, evaluate, owner))
        if expression.name == "tuple" and isinstance(argument, TupleExpression):
            return TupleType([parse_type(item, evaluate, owner) for item in argument.items])
        if expression.name == "object" and isinstance(argument, ObjectExpression):
            attributes = {_attribute_name(item.key): _attribute(item.value, evaluate, owner) for item in argument.items}
            return ObjectType(attributes, owner)
    raise EvaluationError("this is not a type constraint", expression.span)


def _attribute(expression: Expression, evaluate: Evaluate, owner: str) -> Attribute:
    if not (isinstance(expression, FunctionCall) and expression.name == "optional" and expression.arguments):
        return Attribute(parse_type(expression, evaluate, owner))
    wanted, *default = expression.arguments
    return Attribute(parse_type(wanted, evaluate, owner), True, evaluate(default[0]) if default else None)


def _attribute_name(key: Expression) -> str:
    name = key.name if isinstance(key, Name) else _quoted(key)
    if name is None:
        raise EvaluationError("this is not the name of an attribute", key.span)
    return name


def _quoted(expression: Expression) -> str | None:
    """Return the text of a quoted string without a template, or None. Old code quotes its types."""
    if not isinstance(expression, Template) or not all(isinstance(part, TemplateText) for part in expression.parts):
        return None
    return "".join(part.text for part in expression.parts if isinstance(part, TemplateText))
