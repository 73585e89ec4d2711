"""Values as they are where a default is disregarded."""

from __future__ import annotations

from ecs5lint.parsers.terraform.language.scope import Symbols
from ecs5lint.values.kinds import Absent, Choice, Encoded, ListValue, ObjectValue, Pair, Repeated, Text, Unknown, Value


def disregard(value: Value, symbols: Symbols) -> Value:
    """Return `value` with everything in it that rests on the defaults of the variables `symbols` as unknown."""
    if isinstance(value, Choice):
        arms = tuple(arm._replace(value=disregard(arm.value, symbols)) for arm in value.arms)
        return value._replace(arms=arms, picked=None if _rests(value, symbols) else value.picked)
    if _rests(value, symbols) and not isinstance(value, (Absent, Unknown)):
        names = ", ".join(sorted(item.symbol for item in value.assumptions if item.symbol in symbols))
        return Unknown(f"it rests on the default of {names}", value.span, value.assumptions)
    if isinstance(value, ListValue):
        items = tuple(
            item._replace(element=disregard(item.element, symbols))
            if isinstance(item, Repeated)
            else disregard(item, symbols)
            for item in value.items
        )
        return value._replace(items=items)
    if isinstance(value, ObjectValue):
        members = tuple(
            member._replace(value=disregard(member.value, symbols))
            if isinstance(member, Pair)
            else member._replace(each=member.each and disregard(member.each, symbols))
            for member in value.members
        )
        return value._replace(members=members)
    if isinstance(value, Text):
        return value._replace(parts=tuple(disregard(part, symbols) for part in value.parts))
    if isinstance(value, Encoded):
        return value._replace(value=disregard(value.value, symbols))
    return value


def _rests(value: Value, symbols: Symbols) -> bool:
    return any(item.symbol in symbols for item in value.assumptions)
