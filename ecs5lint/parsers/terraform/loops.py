"""Iteration: `for` expressions, and the elements that a template's `for` goes through.

https://developer.hashicorp.com/terraform/language/expressions/for
"""

from __future__ import annotations

from typing import NamedTuple

from ecs5lint.conditions import Condition, fact
from ecs5lint.location import Span
from ecs5lint.parsers.terraform.access import part_of
from ecs5lint.parsers.terraform.alternatives import lift_refusals
from ecs5lint.parsers.terraform.choices import choose
from ecs5lint.parsers.terraform.errors import EvaluationError, NotKnown
from ecs5lint.parsers.terraform.scope import Scope, symbols_of
from ecs5lint.parsers.terraform.syntax import ForExpression
from ecs5lint.parsers.terraform.types import STRING, convert
from ecs5lint.values import (
    ABSENT,
    Absent,
    Choice,
    Known,
    ListValue,
    ObjectValue,
    Pair,
    Repeated,
    Rest,
    Unknown,
    Value,
    assume,
    known_text,
)

#: How many elements a loop may go through.
MAX_ELEMENTS = 10_000

#: Sorts after every key: members of which the key is not known come last.
_LAST = "\U0010ffff"


class Iteration(NamedTuple):
    """One turn of a loop: the scope with its variables bound.

    For elements that are not known, one turn stands for any number of them: `unknown` says why, `when` is that there
    is at least one, and `unlikely` tells that by default there is none. For a member of an object, `key` is
    its name and `within` the braces it is written in.
    """

    scope: Scope
    unknown: Unknown | None = None
    when: Condition | None = None
    unlikely: bool = False
    key: Value | None = None
    within: Span | None = None


def iterate(collection: Value, key_name: str | None, value_name: str, scope: Scope, span: Span) -> list[Iteration]:
    """Return the turns of a loop over a collection that is not a choice. Raises EvaluationError if it is none."""

    def turn(key: Value, value: Value, number: int) -> Scope:
        names = {value_name: value} if key_name is None else {key_name: key, value_name: value}
        return scope.bind(names, f"{span.start}[{number}]")

    def unknown_turn(unknown: Unknown, number: int, element: Value | None = None, unlikely: bool = False) -> Iteration:
        text = " ".join(span.text.split())
        when = fact(scope.key(f"{text} is not empty"), f"{text} is not empty")
        each = part_of(unknown, "[*]", span)._replace(symbol=None)
        return Iteration(turn(each._replace(type=None), element or each, number), unknown, when, unlikely)

    if isinstance(collection, Unknown):
        return [unknown_turn(collection, 0)]
    turns: list[Iteration] = []
    for number, (key, value, within) in enumerate(_elements(collection, span)):
        if number >= MAX_ELEMENTS:
            raise NotKnown(Unknown("there are too many elements to follow", span))
        if isinstance(value, (Repeated, Rest)):
            element = value.element if isinstance(value, Repeated) else None
            unknown = value.unknown if isinstance(value, Rest) else _unknown_number(value, span)
            turns.append(unknown_turn(unknown, number, element, isinstance(value, Repeated) and value.unlikely))
        else:
            turns.append(Iteration(turn(key, value, number), key=key, within=within))
    if not turns and symbols_of(collection):
        unknown = Unknown("it is empty by default", span, collection.assumptions)
        turns.append(unknown_turn(unknown, 0, unlikely=True))
    return turns


def _unknown_number(repeated: Repeated, span: Span) -> Unknown:
    if isinstance(repeated.element, Unknown):
        return repeated.element
    return Unknown("the number of its elements is not known", span)


def _elements(collection: Value, span: Span) -> list[tuple[Value, Value | Repeated | Rest, Span | None]]:
    """Return the key, the value and the place of each element, in the order in which Terraform goes through them."""
    if isinstance(collection, ListValue):
        items = [item for item in collection.items if not isinstance(item, Absent)]
        if collection.is_set:
            return [(item.element if isinstance(item, Repeated) else item, item, None) for item in items]
        return [(Known(position, span), item, None) for position, item in enumerate(items)]
    if not isinstance(collection, ObjectValue):
        raise EvaluationError("a list, a set, a map or an object is required", span)
    members: dict[str, tuple[Value, Value | Rest, Span | None]] = {}
    for number, member in enumerate(collection.members):
        if isinstance(member, Rest):
            members[f"{_LAST}{number}"] = (member.unknown, member, None)
        else:
            members[known_text(member.key) or f"{_LAST}{number}"] = (member.key, member.value, member.within)
    return [members[name] for name in sorted(members) if not isinstance(members[name][1], Absent)]


def for_expression(expression: ForExpression, scope: Scope) -> Value:
    """Return the value of a `for` expression. Raises EvaluationError."""
    build = _list if expression.key is None else _object

    def over(collection: Value) -> Value:
        turns = iterate(collection, expression.key_name, expression.value_name, scope, expression.collection.span)
        return assume(build(expression, turns), collection.assumptions)

    return lift_refusals(over, scope.evaluate(expression.collection))


def _result(expression: ForExpression, scope: Scope) -> Value:
    """Return the result of one turn: ABSENT where the condition leaves it out."""
    if expression.condition is None:
        return scope.evaluate(expression.result)
    return choose(
        expression.condition,
        scope,
        lambda scope: scope.evaluate(expression.result),
        lambda scope: ABSENT,
        expression.span,
    )


def _list(expression: ForExpression, turns: list[Iteration]) -> Value:
    items: list[Value | Repeated] = []
    for turn in turns:
        value = _result(expression, turn.scope)
        if isinstance(value, Absent):
            continue
        items.append(Repeated(value, turn.when, turn.unlikely) if turn.when else value)
    return ListValue(tuple(items), expression.span)


def _object(expression: ForExpression, turns: list[Iteration]) -> Value:
    members: list[Pair | Rest] = []
    groups: dict[str, list[Value | Repeated]] = {}
    assert expression.key is not None
    for turn in turns:
        if turn.unknown is not None:
            if not turn.unlikely:
                members.append(Rest(turn.unknown))
            continue
        value = _result(expression, turn.scope)
        if isinstance(value, Absent):
            continue
        key = convert(turn.scope.evaluate(expression.key), STRING)
        if isinstance(key, Choice):
            members.append(Rest(Unknown("the name of a member is not known", expression.key.span)))
            continue
        name = known_text(key)
        if name is None:
            members.append(Pair(key, value, expression.span))
        elif expression.grouped:
            groups.setdefault(name, []).append(value)
        elif any(isinstance(member, Pair) and known_text(member.key) == name for member in members):
            raise EvaluationError(f'two elements have the key "{name}"', expression.span)
        else:
            # A member that keeps its name is still the one that is written where it comes from.
            kept = turn.within if key == turn.key else None
            members.append(Pair(key, value, kept or expression.span))
    for name, values in groups.items():
        members.append(Pair(Known(name, expression.key.span), ListValue(tuple(values), expression.span)))
    return ObjectValue(tuple(members), expression.span)
