"""Implement the function decode_tfvars of Terraform's own provider.

https://developer.hashicorp.com/terraform/language/functions/terraform-decode_tfvars
"""

from __future__ import annotations

from collections.abc import Callable

from ecs5lint.location import DerivedSource, Failure, Span
from ecs5lint.parsers.terraform.syntax.blocks import Argument, read_body
from ecs5lint.parsers.terraform.syntax.errors import EvaluationError
from ecs5lint.parsers.terraform.syntax.nodes import (
    Expression,
    Literal,
    Name,
    ObjectExpression,
    Template,
    TemplateText,
    TupleExpression,
    UnaryOperation,
)
from ecs5lint.values.kinds import Known, ObjectValue, Pair, Unknown, Value, assume, known_text

DECODE_TFVARS = "provider::terraform::decode_tfvars"


def decode_tfvars(text: Value, span: Span, evaluate: Callable[[Expression], Value]) -> Value:
    """Return the variables that a text in .tfvars syntax sets. Raises EvaluationError."""
    written = known_text(text)
    if written is None:
        return text._replace(span=span) if isinstance(text, Unknown) else Unknown("the text is unknown", span)
    source = DerivedSource(span.source, written, [(0, span.start)])
    try:
        items = read_body(Span(source, 0, len(written)))
        arguments = [(item.name, item.expression) for item in items if isinstance(item, Argument)]
    except Failure as failure:
        raise EvaluationError(f"decode_tfvars: {failure.message}", span) from None
    if len(arguments) < len(items):
        raise EvaluationError("decode_tfvars: a block is not allowed", span)
    if len({name for name, _ in arguments}) < len(arguments):
        raise EvaluationError("decode_tfvars: a variable is set twice", span)
    if not all(_is_constant(expression) for _, expression in arguments):
        return Unknown("decode_tfvars is evaluated for constants only", span)
    members = tuple(Pair(Known(name, span), evaluate(expression), span) for name, expression in arguments)
    return assume(ObjectValue(members, span), text.assumptions)


def _is_constant(expression: Expression) -> bool:
    if isinstance(expression, Template):
        return all(isinstance(part, TemplateText) for part in expression.parts)
    if isinstance(expression, TupleExpression):
        return all(map(_is_constant, expression.items))
    if isinstance(expression, ObjectExpression):
        return all(
            (isinstance(item.key, Name) or _is_constant(item.key)) and _is_constant(item.value)
            for item in expression.items
        )
    if isinstance(expression, UnaryOperation):
        return _is_constant(expression.operand)
    return isinstance(expression, Literal)
