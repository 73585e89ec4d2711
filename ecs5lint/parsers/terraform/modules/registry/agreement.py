"""Determine what several possible versions of a module have in common."""

from __future__ import annotations

from functools import partial

from ecs5lint.location import Span
from ecs5lint.parsers.terraform.modules.registry.stand_ins import StandInSource
from ecs5lint.values.alternatives import lift
from ecs5lint.values.kinds import (
    Absent,
    Encoded,
    Known,
    ListValue,
    ObjectValue,
    Pair,
    Repeated,
    Rest,
    Unknown,
    Value,
    all_assumptions,
    assume,
    known_text,
)
from ecs5lint.values.members import member
from ecs5lint.values.traverse import map_children


def relocated(span: Span, value: Value) -> Value:
    """Return a value with the position `span` in place of all positions in a stand-in."""
    move = partial(relocated, span)
    changed = map_children(move, value, move)
    if isinstance(changed, ObjectValue):
        changed = changed._replace(members=tuple(_relocated_member(span, item) for item in changed.members))
    return changed._replace(span=span) if _is_in_stand_in(value.span) else changed


def _relocated_member(span: Span, item: Pair | Rest) -> Pair | Rest:
    if isinstance(item, Rest):
        return item._replace(unknown=item.unknown._replace(span=span)) if _is_in_stand_in(item.unknown.span) else item
    return item._replace(within=span) if _is_in_stand_in(item.within) else item


def _is_in_stand_in(span: Span | None) -> bool:
    return span is not None and isinstance(span.source, StandInSource)


def agreed(differing: Unknown, *values: Value) -> Value:
    """Return the value that all versions share. Where they differ, it is `differing`."""
    return values[0] if len(values) == 1 else lift(partial(_agreed, differing), *values)


def _agreed(differing: Unknown, first: Value, *others: Value) -> Value:
    values = (first, *others)
    if all(other == first for other in others):
        return first
    if all(_is_same(other, first) for other in others):
        return assume(first, all_assumptions(others))
    if all(isinstance(value, ObjectValue) and _names(value) is not None for value in values):
        return _agreed_object(differing, [value for value in values if isinstance(value, ObjectValue)])
    texts = [value for value in values if isinstance(value, Encoded)]
    if len(texts) == len(values):
        return texts[0]._replace(value=agreed(differing, *(text.value for text in texts)))
    lists = [value for value in values if isinstance(value, ListValue)]
    if len(lists) == len(values) and len({len(value.items) for value in lists}) == 1:
        items = (_agreed_item(differing, *items) for items in zip(*(value.items for value in lists), strict=True))
        return lists[0]._replace(items=tuple(items), assumptions=all_assumptions(values))
    if all(isinstance(value, (Known, Absent)) for value in values):
        # The rules may have the same verdict for each of them.
        domain = dict.fromkeys(value.value if isinstance(value, Known) else None for value in values)
        return differing._replace(domain=tuple(domain), assumptions=all_assumptions(values))
    return differing


def _agreed_object(differing: Unknown, values: list[ObjectValue]) -> Value:
    names = dict.fromkeys(name for value in values for name in _names(value) or ())
    rest = next((item for value in values for item in value.members if isinstance(item, Rest)), None)
    members = (Pair(Known(name), agreed(differing, *(member(value, name) for value in values))) for name in names)
    merged = (rest, *members) if rest else tuple(members)
    return values[0]._replace(members=merged, assumptions=all_assumptions(values))


def _agreed_item(differing: Unknown, first: Value | Repeated, *others: Value | Repeated) -> Value | Repeated:
    if isinstance(first, Repeated):
        same = [other for other in others if isinstance(other, Repeated) and other.when == first.when]
        if len(same) < len(others):
            return differing
        return first._replace(element=agreed(differing, first.element, *(other.element for other in same)))
    values = [other for other in others if not isinstance(other, Repeated)]
    return agreed(differing, first, *values) if len(values) == len(others) else differing


def _names(value: ObjectValue) -> list[str] | None:
    """Return the keys of an object, or None if one is unknown."""
    names = [known_text(item.key) for item in value.members if isinstance(item, Pair)]
    return None if None in names else [name for name in names if name is not None]


def _is_same(one: Value, other: Value) -> bool:
    """Tell whether two values are equal, regardless of their assumptions.

    False, null and an empty list are the same as none: no setting that rules read is on by default.
    """
    if isinstance(one, Unknown) and isinstance(other, Unknown):
        return one.symbol is not None and one.symbol == other.symbol
    if _is_nothing(one) or _is_nothing(other):
        return _is_nothing(one) and _is_nothing(other)
    return (
        isinstance(one, Known)
        and isinstance(other, Known)
        and one.value == other.value
        and isinstance(one.value, bool) == isinstance(other.value, bool)
    )


def _is_nothing(value: Value) -> bool:
    if isinstance(value, Known):
        return value.value is None or value.value is False
    return isinstance(value, Absent) or (isinstance(value, ListValue) and not value.items)
