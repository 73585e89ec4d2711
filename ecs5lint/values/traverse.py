"""Traverse the parts of a value: list them, or change each of them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from ecs5lint.values.kinds import (
    Arm,
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
    Value,
    assume,
)

Change = Callable[[Value], Value]


def children(value: Value, *, with_keys: bool = False) -> list[Value]:
    """Return the direct parts of a value. A repeated element counts once, and keys are included only `with_keys`."""
    if isinstance(value, Known):
        return []
    if isinstance(value, ListValue):
        return [item.element if isinstance(item, Repeated) else item for item in value.items]
    if isinstance(value, ObjectValue):
        keys = [member.key for member in value.members if isinstance(member, Pair)] if with_keys else []
        values = [member.value if isinstance(member, Pair) else member.each for member in value.members]
        return [*keys, *(item for item in values if item is not None)]
    if isinstance(value, Text):
        return list(value.parts)
    if isinstance(value, Encoded):
        return [value.value]
    return [arm.value for arm in value.arms] if isinstance(value, Choice) else []


def size(value: Value) -> int:
    """Return the number of parts of a value, with a long text counting as several.

    A part that is used several times counts each time, although it is visited once: a few lines can define a list of
    two lists of two lists, and so on.
    """
    if isinstance(value, Known):
        return 1 + len(value.value) // 100 if isinstance(value.value, str) else 1
    try:
        return value.counted
    except AttributeError:
        value.counted = 1 + sum(map(size, children(value, with_keys=True)))
        return value.counted


def map_children(change: Change, value: Value, change_key: Change = lambda key: key) -> Value:
    """Return a value with each of its direct parts changed. `change_key` changes the keys of members."""
    # These are loops, because a generator would take another stack level for each level of the value.
    if isinstance(value, ListValue):
        items: list[Value | Repeated] = []
        for item in value.items:
            changed = item._replace(element=change(item.element)) if isinstance(item, Repeated) else change(item)
            items.append(changed)
        return value._replace(items=tuple(items))
    if isinstance(value, ObjectValue):
        members: list[Pair | Rest] = []
        for member in value.members:
            if isinstance(member, Pair):
                members.append(member._replace(key=change_key(member.key), value=change(member.value)))
            else:
                members.append(member if member.each is None else member._replace(each=change(member.each)))
        return value._replace(members=tuple(members))
    if isinstance(value, Text):
        return value._replace(parts=tuple(map(change, value.parts)))
    if isinstance(value, Encoded):
        return value._replace(value=change(value.value))
    if isinstance(value, Choice):
        return value._replace(arms=tuple([Arm(when, change(arm)) for when, arm in value.arms]))
    return value


def all_within(value: Value) -> Assumptions:
    """Return all assumptions of a value and its parts."""
    return value.assumptions.union(*map(all_within, children(value, with_keys=True)))


def assume_throughout(value: Value, assumptions: Assumptions) -> Value:
    """Return `value` with additional assumptions on it and all its parts, for the content of a default."""
    if not assumptions:
        return value
    changed = map_children(partial(assume_throughout, assumptions=assumptions), value)
    # The assumptions of a choice belong to its arm on the default path.
    return changed if isinstance(changed, Choice) else assume(changed, assumptions)
