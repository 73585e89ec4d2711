"""Apply operators to abstract values.

https://developer.hashicorp.com/terraform/language/expressions/operators
"""

from __future__ import annotations

from decimal import Decimal

from ecs5lint.budget import Budget
from ecs5lint.location import Span
from ecs5lint.parsers.terraform.language.alternatives import is_refusal, lift_refusals, refusal
from ecs5lint.parsers.terraform.language.functions.function import spread
from ecs5lint.parsers.terraform.language.plain_values import fixed_items, fixed_pairs, plain_value
from ecs5lint.parsers.terraform.language.types import BOOL, NUMBER, Collection, as_list, convert, has_any
from ecs5lint.parsers.terraform.syntax.errors import EvaluationError, NotKnown
from ecs5lint.parsers.terraform.syntax.numbers import calculated, negated, scalar_text
from ecs5lint.values.conditions import All, Any, Condition, Is, fact, negate, opposite_in_source
from ecs5lint.values.kinds import Absent, Encoded, Known, ListValue, ObjectValue, Text, Unknown, Value

BOOLEAN_DOMAIN = (True, False, None)


def condition_of(value: Unknown, key: str, text: str, budget: Budget | None) -> Condition:
    """Return the condition under which an unknown boolean is true.

    `key` identifies an expression that nothing else does.
    """
    if value.condition is not None:
        return value.condition
    opposite = opposite_in_source(text)
    if value.symbol is not None:
        return Is(value.symbol, True, value.domain or BOOLEAN_DOMAIN, text, budget, opposite)
    return fact(key, text, budget, opposite)


def unary(operator: str, operand: Value, key: str, span: Span, budget: Budget | None = None) -> Value:
    """Return `!operand` or `-operand`. `key` identifies the operation. Raises EvaluationError."""

    def apply(operand: Value) -> Value:
        wanted = BOOL if operator == "!" else NUMBER
        value = convert(operand, wanted)
        if isinstance(value, Unknown):
            condition = negate(condition_of(value, key, value.span.text if value.span else span.text, budget))
            return value.derived(span, condition=condition if operator == "!" else None)
        if not isinstance(value, Known) or value.value is None:
            raise EvaluationError(f"{operator} needs a {'boolean' if operator == '!' else 'number'}", operand.span)
        assert isinstance(value.value, (bool, int, float, Decimal))
        if operator == "!":
            return Known(not value.value, span, value.assumptions)
        try:
            return Known(negated(value.value), span, value.assumptions)
        except NotKnown as error:
            return error.unknown._replace(span=span)

    return lift_refusals(apply, operand)


def binary(operator: str, left: Value, right: Value, key: str, span: Span, budget: Budget | None = None) -> Value:
    """Return `left operator right`. `key` identifies the operation. Raises EvaluationError."""

    def apply(left: Value, right: Value) -> Value:
        if operator in ("==", "!="):
            return _equality(operator == "==", left, right, span, budget)
        return _numeric(operator, convert(left, NUMBER), convert(right, NUMBER), span)

    return lift_refusals(apply, spread(left), spread(right))


def logical(
    operator: str,
    left: Value,
    right: Value | EvaluationError,
    key: str,
    span: Span,
    budget: Budget | None = None,
    *,
    strict: bool,
) -> Value:
    """Return `left && right` or `left || right`. If `right` is an error, Terraform refuses that operand.

    If the left operand decides, an error of the right operand doesn't count. This holds since Terraform 1.12 and
    OpenTofu 1.10. Older versions refuse the expression, which matters only inside `try` and `can` (`strict`): there the
    result is unknown. https://github.com/hashicorp/terraform/pull/36224 Raises EvaluationError.
    """
    refused = right if isinstance(right, EvaluationError) else None
    decisive = operator == "||"

    def apply(left: Value, right: Value) -> Value:
        left = convert(left, BOOL)
        if not isinstance(left, Known) or left.value is None:
            return _logical(operator, left, convert(right, BOOL), key, span, budget)
        if left.value is not decisive:
            if refused:
                raise refused
            return _logical(operator, left, convert(right, BOOL), key, span, budget)
        right = convert(right, BOOL)
        is_null = isinstance(right, Known) and right.value is None
        if strict and (is_null or is_refusal(right)):
            return Unknown(_VERSIONS_DIFFER, span, left.assumptions)
        return Known(decisive, span, left.assumptions)

    return lift_refusals(apply, spread(left), refusal(right) if isinstance(right, EvaluationError) else spread(right))


_VERSIONS_DIFFER = "versions of Terraform differ in whether the right operand matters here"


def _logical(operator: str, left: Value, right: Value, key: str, span: Span, budget: Budget | None) -> Value:
    decisive = operator == "||"
    for side in (left, right):
        if isinstance(side, Known) and side.value is None:
            raise EvaluationError(f"{operator} needs two booleans", side.span)
    settled = [side for side in (left, right) if isinstance(side, Known) and side.value is decisive]
    if settled:
        least = min(settled, key=lambda side: len(side.assumptions))
        return Known(decisive, span, least.assumptions)
    if isinstance(left, Known) and isinstance(right, Known):
        return Known(not decisive, span, left.assumptions | right.assumptions)
    unknown = [side for side in (left, right) if isinstance(side, Unknown)]
    if not unknown:
        raise EvaluationError(f"{operator} needs two booleans", span)
    conditions = [
        condition_of(side, f"{key}/{index}", side.span.text if side.span else span.text, budget)
        for index, side in enumerate(unknown)
    ]
    together = conditions[0] if len(conditions) == 1 else Any(*conditions) if decisive else All(*conditions)
    return unknown[0].derived(span, condition=together)


def _equality(wanted: bool, left: Value, right: Value, span: Span, budget: Budget | None) -> Value:
    assumptions = left.assumptions | right.assumptions
    try:
        return Known(_equal(left, right) is wanted, span, assumptions)
    except NotKnown as error:
        unknown = error.unknown
    condition = None
    for unsettled, other in ((left, right), (right, left)):
        if isinstance(unsettled, Unknown) and isinstance(other, Known) and not unsettled.may_be(other.value):
            return Known(not wanted, span, other.assumptions)
        if isinstance(unsettled, Unknown) and unsettled.symbol is not None and isinstance(other, Known):
            text, opposite = (_comparison(word, unsettled, other) for word in ("==", "!="))
            same = Is(unsettled.symbol, other.value, unsettled.domain, text, budget, opposite)
            condition = same if wanted else negate(same)
    return unknown.derived(span, condition=condition)._replace(assumptions=assumptions)


def _comparison(operator: str, unsettled: Unknown, other: Known) -> str:
    """Return a comparison as text. Reports show it as the condition."""
    shown = f'"{other.value}"' if isinstance(other.value, str) else scalar_text(other.value)
    return f"{unsettled.span.text if unsettled.span else unsettled.symbol} {operator} {shown}"


def _equal(left: Value, right: Value) -> bool:
    """Tell whether two values are equal. Raises NotKnown if this can't be determined."""
    for side, other in ((left, right), (right, left)):
        # A value that is present is not null, even if its content is unknown.
        if isinstance(side, Known) and side.value is None and not isinstance(other, (Unknown, Known)):
            return False
    for side in (left, right):
        if isinstance(side, Unknown):
            raise NotKnown(side)
    if isinstance(left, Known) and isinstance(right, Known):
        return left.value == right.value and isinstance(left.value, bool) == isinstance(right.value, bool)
    if isinstance(left, (Known, Text, Encoded)) and isinstance(right, (Known, Text, Encoded)):
        return _equal_texts(left, right)
    if isinstance(left, ListValue) and isinstance(right, ListValue):
        return _equal_lists(left, right)
    if isinstance(left, ObjectValue) and isinstance(right, ObjectValue):
        return _equal_objects(left, right)
    return False


def _equal_texts(left: Value, right: Value) -> bool:
    if any(isinstance(side, Known) and not isinstance(side.value, str) for side in (left, right)):
        return False
    return bool(plain_value(left) == plain_value(right))


def _kind(value: ListValue | ObjectValue) -> str:
    """Return Terraform's kind of a value. A tuple is no list and an object no map, whatever they contain."""
    if isinstance(value.type, Collection):
        return value.type.kind
    return "object" if isinstance(value, ObjectValue) else "set" if value.is_set else "tuple"


def _equal_lists(left: ListValue, right: ListValue) -> bool:
    if _kind(left) != _kind(right):
        return False
    left_items, right_items = (
        [item for item in fixed_items(as_list(side)) if not isinstance(item, Absent)] for side in (left, right)
    )
    equal = len(left_items) == len(right_items) and all(map(_equal, left_items, right_items))
    if equal and left.type != right.type and isinstance(left.type, Collection) and isinstance(right.type, Collection):
        # Terraform doesn't know the type of an empty list without an element type either.
        if left_items and (has_any(left.type) or has_any(right.type)):
            raise NotKnown(Unknown("the lists may differ in type", left.span))
        return False
    return equal


def _equal_objects(left: ObjectValue, right: ObjectValue) -> bool:
    if _kind(left) != _kind(right):
        return False
    ours, theirs = (
        {key: pair.value for key, pair in fixed_pairs(side).items() if not isinstance(pair.value, Absent)}
        for side in (left, right)
    )
    return ours.keys() == theirs.keys() and all(_equal(ours[key], theirs[key]) for key in ours)


def _numeric(operator: str, left: Value, right: Value, span: Span) -> Value:
    for side in (left, right):
        if isinstance(side, Unknown):
            return side.derived(span)
        if not isinstance(side, Known) or side.value is None:
            raise EvaluationError(f"{operator} needs two numbers", side.span)
    assert isinstance(left, Known) and isinstance(right, Known)
    assert isinstance(left.value, (int, float, Decimal)) and isinstance(right.value, (int, float, Decimal))
    try:
        result = calculated(operator, left.value, right.value)
    except NotKnown as error:
        return error.unknown._replace(span=span)
    except EvaluationError as error:
        raise EvaluationError(error.message, span) from None
    return Known(result, span, left.assumptions | right.assumptions)
