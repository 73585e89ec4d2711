"""Define built-in functions, and convert between abstract and plain values."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ecs5lint.light_typing import Any, NamedTuple
from ecs5lint.parsers.terraform.language.alternatives import lift_refusals
from ecs5lint.parsers.terraform.language.functions.context import Call
from ecs5lint.parsers.terraform.language.plain_values import normal_form, plain_value, settled_text
from ecs5lint.parsers.terraform.language.types import ANY, BOOL, SCALARS, convert, type_of
from ecs5lint.parsers.terraform.syntax.errors import EvaluationError, NotKnown
from ecs5lint.parsers.terraform.syntax.numbers import Number
from ecs5lint.values.alternatives import lift
from ecs5lint.values.conditions import Any as AnyOf
from ecs5lint.values.conditions import Is, Named
from ecs5lint.values.kinds import (
    Absent,
    Assumptions,
    Choice,
    Encoded,
    Known,
    ListValue,
    ObjectValue,
    Pair,
    Repeated,
    Rest,
    Text,
    Type,
    Unknown,
    Value,
    known_text,
)
from ecs5lint.values.traverse import all_within

#: The largest size of the arguments or the result of a call: the number of values and hundreds of characters.
MAX_RESULT = 1_000_000


class Function(NamedTuple):
    """A built-in function.

    `body` gets the call and the arguments, converted to the types of the `parameters`, or to `variadic` for additional
    arguments. Null is refused. A `nullable` function accepts null for its variadic arguments, or for all arguments if
    it has none. Unless the function `keeps_choices`, no argument is a choice: `body` runs once for each alternative.
    `cost` returns the steps of a call in addition to those for the size of its arguments.
    """

    body: Callable[..., Value]
    parameters: tuple[Type, ...]
    returns: Type
    variadic: Type | None = None
    nullable: bool = False
    keeps_choices: bool = False
    cost: Callable[[Sequence[Value]], int] | None = None


def plain(
    function: Callable[..., Any], parameters: Sequence[Type], returns: Type, variadic: Type | None = None
) -> Function:
    """Return a Function for a Python function on plain values. An unknown argument makes the result unknown."""

    def body(call: Call, *arguments: Value) -> Value:
        def once(*alternative: Value) -> Value:
            assumptions = frozenset[Any]().union(*(all_within(argument) for argument in alternative))
            try:
                result = function(*(plain_value(argument) for argument in alternative))
            except NotKnown as error:
                return error.unknown.derived(error.unknown.span or call.span, type=known_type(returns))
            return convert(as_value(result, call, assumptions), returns)

        return lift_refusals(once, *(spread(argument) for argument in arguments))

    return Function(body, tuple(parameters), returns, variadic)


def characters(arguments: Sequence[Value]) -> int:
    """Return the number of characters in the texts among some arguments."""
    return sum(len(text) for argument in arguments if (text := known_text(argument)) is not None)


def known_type(type: Type | None) -> Type | None:
    """Return the type of a function's result, or None if it is open."""
    return None if type is ANY else type


def spread(value: Value) -> Value:
    """Return `value` with the choices inside it moved outside: a choice of values that contain no choices."""
    if isinstance(value, ListValue):
        items = [item if isinstance(item, Repeated) else spread(item) for item in value.items]
        return _outside(items, lambda items: value._replace(items=items))
    if isinstance(value, ObjectValue):
        pairs = [member for member in value.members if isinstance(member, Pair)]

        def with_values(values: tuple[Any, ...]) -> Value:
            remaining = iter(values)
            members = tuple(
                member._replace(value=next(remaining)) if isinstance(member, Pair) else member
                for member in value.members
            )
            return value._replace(members=members)

        return _outside([spread(pair.value) for pair in pairs], with_values)
    if isinstance(value, Text):
        return _outside([spread(part) for part in value.parts], lambda parts: value._replace(parts=parts))
    if isinstance(value, Encoded):
        return lift(lambda inner: value._replace(value=inner), spread(value.value))
    if isinstance(value, Choice):
        return lift(spread, value)
    return value


def _outside(parts: Sequence[Value | Repeated], build: Callable[[tuple[Any, ...]], Value]) -> Value:
    choices = [part for part in parts if isinstance(part, Choice)]
    if not choices:
        return build(tuple(parts))

    def with_alternatives(*alternatives: Value) -> Value:
        remaining = iter(alternatives)
        return build(tuple(next(remaining) if isinstance(part, Choice) else part for part in parts))

    return lift(with_alternatives, *choices)


def member_name(key: Value) -> Value:
    """Return the key of a member as plain text, if it has JSON text in it and is fully known."""
    text = settled_text(key) if isinstance(key, (Encoded, Text)) else None
    return key if text is None else Known(text, key.span, all_within(key))


def as_value(result: Any, call: Call, assumptions: Assumptions) -> Value:
    """Return a plain value as an abstract value, with the span of the call."""
    if isinstance(result, (list, tuple)):
        items = tuple(as_value(item, call, assumptions) for item in result)
        return ListValue(items, call.span, assumptions)
    if isinstance(result, dict):
        members = tuple(
            Pair(Known(key, call.span), as_value(item, call, assumptions), call.span) for key, item in result.items()
        )
        return ObjectValue(members, call.span, assumptions)
    return Known(normal_form(result) if isinstance(result, str) else result, call.span, assumptions)


def too_long(call: Call) -> Unknown:
    """Return the unknown for the result of a call that is too long."""
    return Unknown(f"the result of {call.name} is too long to evaluate", call.span)


def require(condition: bool, message: str) -> None:
    """Raise EvaluationError unless `condition` holds."""
    if not condition:
        raise EvaluationError(message)


def whole(value: Number) -> int:
    """Return a number as an index or a size. Raises EvaluationError unless it is a whole number of 64 bits."""
    require(value == int(value), "a whole number is required")
    require(-(2**63) <= value < 2**63, "a smaller number is required")
    return int(value)


def known_list(value: Value) -> ListValue:
    """Return a list, set or tuple. Raises NotKnown for an unknown, and EvaluationError for anything else."""
    if isinstance(value, ListValue):
        return value
    if isinstance(value, Unknown):
        raise NotKnown(value)
    raise EvaluationError("a list is required", value.span)


def known_object(value: Value) -> ObjectValue:
    """Return an object or map. Raises NotKnown for an unknown, and EvaluationError for anything else."""
    if isinstance(value, ObjectValue):
        return value
    if isinstance(value, Unknown):
        raise NotKnown(value)
    raise EvaluationError("an object or a map is required", value.span)


def optional_items(value: Value) -> Value:
    """Return a list or an object as a choice between values with and without its optional parts."""
    if isinstance(value, ObjectValue):
        return _optional_members(value)
    if not isinstance(value, ListValue):
        return value
    optional = [item for item in value.items if not isinstance(item, Repeated) and may_be_absent(item)]
    if not optional:
        return value

    def with_alternatives(*alternatives: Value) -> Value:
        remaining = iter(alternatives)
        chosen = [next(remaining) if any(item is other for other in optional) else item for item in value.items]
        return value._replace(items=tuple(item for item in chosen if not isinstance(item, Absent)))

    return lift(with_alternatives, *optional)


def _optional_members(value: ObjectValue) -> Value:
    optional = [item.value for item in value.members if isinstance(item, Pair) and may_be_absent(item.value)]
    if not optional:
        return value

    def with_alternatives(*alternatives: Value) -> Value:
        remaining = iter(alternatives)
        members = [
            item._replace(value=next(remaining)) if isinstance(item, Pair) and may_be_absent(item.value) else item
            for item in value.members
        ]
        present = (item for item in members if isinstance(item, Rest) or not isinstance(item.value, Absent))
        return value._replace(members=tuple(present))

    return lift(with_alternatives, *optional)


def may_be_absent(value: Value) -> bool:
    """Tell whether a value is a choice with an absent alternative."""
    return isinstance(value, Choice) and any(
        isinstance(arm.value, Absent) or may_be_absent(arm.value) for arm in value.arms
    )


def is_one_of(call: Call, items: ListValue, wanted: Value, unsettled: NotKnown) -> Value:
    """Tell whether an unknown is in a list, by the values that it can have. Raises NotKnown."""
    if not isinstance(wanted, Unknown) or wanted.symbol is None or wanted.type not in SCALARS:
        raise unsettled
    if not all(isinstance(item, Known) and type_of(item) is wanted.type for item in items.items):
        raise unsettled
    values = [item.value for item in items.items if isinstance(item, Known) and wanted.may_be(item.value)]
    if not values:
        return Known(False, call.span, items.assumptions)
    text = " ".join(call.span.text.split())
    condition = Named(text, AnyOf(*(Is(wanted.symbol, value, wanted.domain, text) for value in values)))
    return wanted.derived(call.span, condition=condition, type=BOOL)
