"""Evaluate expressions to abstract values.

https://developer.hashicorp.com/terraform/language/expressions

The scope resolves references. `rendering` builds templates, `loops` runs loops, and `choices` compares alternatives.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from ecs5lint.location import Span
from ecs5lint.parsers.terraform.language import functions, operators
from ecs5lint.parsers.terraform.language.access import get_attribute, index
from ecs5lint.parsers.terraform.language.alternatives import is_refusal, lift_refusals
from ecs5lint.parsers.terraform.language.choices import choose, choose_member
from ecs5lint.parsers.terraform.language.functions.collection import value_type
from ecs5lint.parsers.terraform.language.functions.function import member_name
from ecs5lint.parsers.terraform.language.loops import for_expression
from ecs5lint.parsers.terraform.language.rendering import render
from ecs5lint.parsers.terraform.language.scope import STRICT, Scope, Step
from ecs5lint.parsers.terraform.language.splats import SPLAT_ITEM, splat
from ecs5lint.parsers.terraform.language.types import ANY, STRING, convert, convert_all, type_of
from ecs5lint.parsers.terraform.language.types.expressions import parse_type
from ecs5lint.parsers.terraform.syntax.errors import EvaluationError
from ecs5lint.parsers.terraform.syntax.nodes import (
    BinaryOperation,
    Conditional,
    Evaluated,
    Expression,
    ForExpression,
    FunctionCall,
    GetAttribute,
    Index,
    Literal,
    Name,
    ObjectExpression,
    Parentheses,
    Splat,
    SplatItem,
    Template,
    TupleExpression,
    UnaryOperation,
)
from ecs5lint.parsers.terraform.syntax.tfvars import DECODE_TFVARS, decode_tfvars
from ecs5lint.values.alternatives import lift
from ecs5lint.values.kinds import (
    NO_ASSUMPTIONS,
    Assumptions,
    Choice,
    Known,
    ListValue,
    ObjectValue,
    Pair,
    Repeated,
    Unknown,
    Value,
    assume,
)


def evaluate(expression: Expression, scope: Scope) -> Value:
    """Return the value of an expression. Raises EvaluationError if Terraform would report an error."""
    if isinstance(expression, Literal):
        if expression.value == math.inf:
            return Unknown("a number has too many digits", expression.span)
        return Known(expression.value, expression.span)
    if isinstance(expression, Template):
        if expression.value is not None:
            return expression.value
        rendered = render(expression.parts, scope, expression.span)
        if expression.is_literal():
            expression.value = rendered
        return rendered
    if isinstance(expression, (Name, GetAttribute, Index)):
        return _reference(expression, scope)
    if isinstance(expression, ObjectExpression):
        return _object(expression, scope)
    if isinstance(expression, TupleExpression):
        return ListValue(tuple(scope.evaluate_part(item) for item in expression.items), expression.span)
    if isinstance(expression, FunctionCall):
        return _call(expression, scope)
    if isinstance(expression, Conditional):
        return _conditional(expression, scope)
    if isinstance(expression, ForExpression):
        return for_expression(expression, scope)
    if isinstance(expression, Splat):
        return splat(expression, scope)
    if isinstance(expression, SplatItem):
        return scope.names[SPLAT_ITEM]
    if isinstance(expression, Parentheses):
        return scope.evaluate(expression.inner)
    if isinstance(expression, Evaluated):
        return expression.value
    key = scope.key(" ".join(expression.span.text.split()))
    if isinstance(expression, UnaryOperation):
        return operators.unary(
            expression.operator, scope.evaluate(expression.operand), key, expression.span, scope.budget
        )
    assert isinstance(expression, BinaryOperation)
    operator, span, budget = expression.operator, expression.span, scope.budget
    left = scope.evaluate(expression.left)
    if operator in ("&&", "||"):
        try:
            right: Value | EvaluationError = scope.evaluate(expression.right)
        except EvaluationError as error:
            right = error
        return operators.logical(operator, left, right, key, span, budget, strict=STRICT in scope.names)
    return operators.binary(operator, left, scope.evaluate(expression.right), key, span, budget)


def _reference(expression: Name | GetAttribute | Index, scope: Scope) -> Value:
    """Resolve `root.a[0].b`. The scope resolves the first steps, and the remaining steps access parts of the result."""
    steps: list[Step] = []
    root: Expression = expression
    while isinstance(root, (GetAttribute, Index)):
        steps.insert(0, root)
        root = root.target
    taken = 0
    if isinstance(root, Name) and root.name not in scope.names:
        found = scope.refer(root.name, steps)
        if found is None:
            raise EvaluationError(f'unknown name "{root.name}"', root.span)
        value, taken = found
    elif isinstance(root, Name):
        value = scope.names[root.name]
    else:
        value = scope.evaluate(root)
    for step in steps[taken:]:
        if isinstance(step, GetAttribute):
            value = get_attribute(value, step.name, step.span)
        elif isinstance(step.key, Literal):
            value = index(value, Known(step.key.value, step.key.span), step.span)
        else:
            value = choose_member(value, step, scope)
    return _seen_at(value, expression.span) if taken == len(steps) else value


def _seen_at(value: Value, span: Span) -> Value:
    """Return an unknown with the span of its use, where the user has to look."""
    return value._replace(span=span) if isinstance(value, Unknown) else value


def _object(expression: ObjectExpression, scope: Scope) -> Value:
    members = []
    for item in expression.items:
        key = item.key
        if isinstance(key, Name):
            name: Value = Known(key.name, key.span)
        elif isinstance(key, Literal):
            name = convert(Known("null" if key.value is None else key.value, key.span), STRING)
        else:
            name = member_name(convert(scope.evaluate(key), STRING))
        if isinstance(name, Known) and name.value is None:
            raise EvaluationError("a key must not be null", key.span, name.assumptions)
        members.append(Pair(name, scope.evaluate_part(item.value), expression.span))
    return ObjectValue(tuple(members), expression.span)


def _shape(value: Value) -> str:
    """Return the kind of a value. Values of different kinds never have a type in common."""
    if isinstance(value, (ListValue, ObjectValue)):
        return type(value).__name__
    return "unknown" if isinstance(value, (Unknown, Choice)) else "scalar"


#: The shape of an expression. It doesn't depend on refused parts.
_SHAPES = {
    ObjectExpression: "ObjectValue",
    TupleExpression: "ListValue",
    BinaryOperation: "scalar",
    UnaryOperation: "scalar",
}


def _bare(expression: Expression) -> Expression:
    """Return an expression without the parentheses around it."""
    return _bare(expression.inner) if isinstance(expression, Parentheses) else expression


def _conditional(expression: Conditional, scope: Scope) -> Value:
    # Each arm is needed for the type of the other. Evaluating it again would double the work at each level of a chain.
    evaluated: dict[tuple[int, int], Value | EvaluationError] = {}

    def evaluate_once(arm: Expression, scope: Scope) -> Value:
        key = id(arm), id(scope)
        if key not in evaluated:
            try:
                evaluated[key] = scope.evaluate(arm)
            except EvaluationError as error:
                evaluated[key] = error
        found = evaluated[key]
        if isinstance(found, EvaluationError):
            raise found
        return found

    def beside(value: Value, other: Value) -> Value:
        try:
            return convert_all([value, other])[0]
        except EvaluationError:
            if STRICT not in scope.names:
                return value
            if _shape(value) != _shape(other):
                raise
            return Unknown("the alternatives may not have a common type", expression.span)

    def as_one_type(arm: Expression, other: Expression, scope: Scope) -> Value:
        value = evaluate_once(arm, scope)
        try:
            unused = evaluate_once(other, scope)
        except EvaluationError as error:
            shapes = {_shape(value), _SHAPES.get(type(_bare(other)), _shape(value))}
            is_null = isinstance(value, Known) and value.value is None
            if STRICT in scope.names and len(shapes) > 1 and not is_null and "unknown" not in shapes:
                raise error
            return value
        return lift(beside, value, unused) if ANY in (type_of(value), type_of(unused)) else beside(value, unused)

    return choose(
        expression.condition,
        scope,
        lambda scope: as_one_type(expression.when_true, expression.when_false, scope),
        lambda scope: as_one_type(expression.when_false, expression.when_true, scope),
        expression.span,
    )


def _call(expression: FunctionCall, scope: Scope) -> Value:
    name, arguments = expression.name.removeprefix("core::"), expression.arguments
    if name == "try":
        return _try(arguments, scope, expression.span)
    if name == "can":
        return _can(arguments, scope, expression.span)
    if name == "lookup" and len(arguments) in (2, 3) and not expression.expand_last:
        return _lookup(arguments, scope, expression.span)
    if name == "issensitive" and len(arguments) == 1 and _is_unmarked(arguments[0]):
        return Known(False, expression.span)
    if name in functions.OF_SOME_VERSIONS and STRICT in scope.names:
        return Unknown(f"not every version of Terraform and OpenTofu has {name}()", expression.span)
    if name == DECODE_TFVARS and len(arguments) == 1:
        text = scope.evaluate(arguments[0])
        return lift_refusals(lambda text: decode_tfvars(text, expression.span, scope.evaluate), text)
    if name == "convert" and len(arguments) == 2:
        return convert(scope.evaluate(arguments[0]), parse_type(arguments[1], scope.evaluate))
    values = [scope.evaluate_part(argument) for argument in arguments]
    if expression.expand_last and values:
        values[-1:] = _spread(values[-1])

    def variables(scope: Scope) -> Value:
        return scope.evaluate(arguments[1]) if len(arguments) > 1 else ObjectValue(())

    return functions.call(name, values, expression.span, scope.call_context(variables))


def _is_unmarked(expression: Expression) -> bool:
    """Tell whether an expression is certainly not sensitive: a literal, or an object or tuple expression."""
    if isinstance(expression, Template):
        return expression.is_literal()
    return isinstance(expression, (Literal, ObjectExpression, TupleExpression))


def _spread(value: Value) -> list[Value]:
    """Return the arguments for `value...`. Elements that may repeat become a single unknown."""
    if not isinstance(value, ListValue):
        return [value]
    spread: list[Value] = []
    for item in value.items:
        if isinstance(item, Repeated):
            reason = (
                item.element if isinstance(item.element, Unknown) else Unknown("the number of arguments is unknown")
            )
            spread.append(reason)
        else:
            spread.append(item)
    return spread


def _lookup(arguments: Sequence[Expression], scope: Scope, span: Span) -> Value:
    target, key, *default = arguments
    members = scope.evaluate(target)
    element = value_type(members)

    def otherwise(scope: Scope) -> Value:
        value = scope.evaluate(default[0])
        return convert(value, element) if element else value

    return choose_member(members, Index(target, key, span), scope, otherwise if default else None)


def _try(arguments: Sequence[Expression], scope: Scope, span: Span) -> Value:
    """Return the first argument that Terraform does not refuse. Raises EvaluationError.

    https://developer.hashicorp.com/terraform/language/functions/try
    """
    refusals: list[EvaluationError] = []
    for number, argument in enumerate(arguments):
        try:
            value = scope.bind({STRICT: Known(True)}, "").evaluate(argument)
        except EvaluationError as error:
            refusals.append(error)
            continue
        value = _without_refusals(value, arguments[number + 1 :], scope, span)
        return assume(value, _assumptions(refusals))
    messages = "; ".join(error.message for error in refusals)
    raise EvaluationError(f"no argument of try is valid: {messages}", span, _assumptions(refusals))


def _assumptions(refusals: Sequence[EvaluationError]) -> Assumptions:
    return NO_ASSUMPTIONS.union(*(error.assumptions for error in refusals))


def _without_refusals(value: Value, others: Sequence[Expression], scope: Scope, span: Span) -> Value:
    """Return `value`, with the other arguments of a `try` in place of the refused alternatives."""
    if not others:
        return value
    return lift(
        lambda arm: assume(_try(others, scope, span), arm.assumptions) if is_refusal(arm) else arm,
        value,
    )


def _can(arguments: Sequence[Expression], scope: Scope, span: Span) -> Value:
    """Tell whether Terraform accepts the argument. Raises EvaluationError for a wrong number of arguments.

    https://developer.hashicorp.com/terraform/language/functions/can
    """
    if len(arguments) != 1:
        raise EvaluationError("can takes one argument", span)
    try:
        value = scope.bind({STRICT: Known(True)}, "").evaluate(arguments[0])
    except EvaluationError as error:
        return Known(False, span, error.assumptions)

    def is_valid(value: Value) -> Value:
        if isinstance(value, Unknown) and not is_refusal(value):
            return Unknown("it may be invalid", span)
        return Known(not is_refusal(value), span, value.assumptions)

    return lift(is_valid, value)
