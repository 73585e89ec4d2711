"""Find the members of an object by name."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from ecs5lint.values.alternatives import lift
from ecs5lint.values.kinds import (
    Absent,
    Choice,
    Known,
    ObjectValue,
    Pair,
    Rest,
    Text,
    Unknown,
    Value,
    assume,
    known_text,
)

#: The minimum number of members for which an index pays off. Making it takes about as long as one search in vain.
_MANY = 5


def _as_it_is(name: str) -> str:
    return name


def find_member(value: ObjectValue, name: str, fold: Callable[[str], str] = _as_it_is) -> tuple[Value, Pair | None]:
    """Return the value of the last member called `name`, and the member. Names match if `fold` makes them equal.

    If there is no such member, return ABSENT and None. The value is unknown if unknown members, or a member with an
    unknown key, may override it. If a member is absent in some cases, the previous one counts in those cases.
    """
    if value.plain is not None and fold is _as_it_is:
        if name not in value.plain:
            return Absent(value.span), None
        if pair := value.find(name):
            return pair.value, pair
    folded = name if fold is _as_it_is else fold(name)
    for index in range(_last_index(value, name, fold), -1, -1):
        member = value.members[index]
        if isinstance(member, Rest):
            return assume(member.unknown, value.assumptions), None
        written = member.key
        # Most keys are literal.
        key = written.value if isinstance(written, Known) else known_text(written)
        if not isinstance(key, str):
            if not _may_be(written, name, fold):
                continue
            return Unknown("a key is unknown", written.span, value.assumptions), None
        if (key if fold is _as_it_is else fold(key)) == folded and not isinstance(member.value, Absent):
            found: Value = member.value
            if isinstance(found, Choice):
                before = value._replace(members=value.members[:index])
                found = lift(partial(_unless_absent, before, name, fold), found)
            return assume(found, value.assumptions if member.assumptions is None else member.assumptions), member
    return Absent(value.span, value.assumptions, _hint(value, folded, fold)), None


def _hint(value: ObjectValue, folded: str, fold: Callable[[str], str]) -> str:
    """Return a hint on how to add a member that a conversion removed, or an empty text."""
    dropped = value.dropped
    name = next((name for name in dropped.names if fold(name) == folded), None) if dropped else None
    return f"add {name} to {dropped.type}, which drops it" if dropped and name else ""


def _last_index(value: ObjectValue, name: str, fold: Callable[[str], str]) -> int:
    """Return the index of the last member that may have a name."""
    if len(value.members) < _MANY:
        return len(value.members) - 1
    if not hasattr(value, "index"):
        value.index = {}
    if fold not in value.index:
        keys = (None if isinstance(item, Rest) else known_text(item.key) for item in value.members)
        value.index[fold] = {None if key is None else fold(key): index for index, key in enumerate(keys)}
    index = value.index[fold]
    return max(index.get(fold(name), -1), index.get(None, -1))


def member_finder(value: ObjectValue) -> Callable[[str], tuple[Value, Pair | None]]:
    """Return `find_member` by name, for many lookups in the same object."""
    by_name: dict[str | None, Pair | Rest] = {}
    for member in value.members:
        by_name[None if isinstance(member, Rest) else known_text(member.key)] = member

    def find(name: str) -> tuple[Value, Pair | None]:
        found = by_name.get(name)
        if None in by_name or (isinstance(found, Pair) and isinstance(found.value, (Absent, Choice))):
            return find_member(value, name)
        if not isinstance(found, Pair):
            return Absent(value.span, value.assumptions), None
        return assume(found.value, value.assumptions if found.assumptions is None else found.assumptions), found

    return find


def _unless_absent(before: ObjectValue, name: str, fold: Callable[[str], str], value: Value) -> Value:
    if not isinstance(value, Absent):
        return value
    found, pair = find_member(before, name, fold)
    # The type of unknown members is the type of all of them together.
    return found._replace(type=None) if pair is None and isinstance(found, Unknown) else found


def _may_be(key: Value, name: str, fold: Callable[[str], str]) -> bool:
    """Tell whether a partly unknown key may be `name`, by the text at its ends."""
    if not isinstance(key, Text) or not key.parts:
        return True
    first, last = known_text(key.parts[0]) or "", known_text(key.parts[-1]) or ""
    name = fold(name)
    return len(first) + len(last) <= len(name) and name.startswith(fold(first)) and name.endswith(fold(last))


def member(value: ObjectValue, key: str) -> Value:
    """Return the value of the member called `key`. It is ABSENT if missing, and unknown if it can't be determined."""
    return find_member(value, key)[0]


def nested_member(value: Value, *keys: str) -> Value:
    """Return the member of a member ... of `value`. The result is ABSENT if one along the way is missing or null."""
    for key in keys:
        value = lift(partial(_member_if_any, key), value)
    return value


def _member_if_any(key: str, value: Value) -> Value:
    if isinstance(value, ObjectValue):
        return member(value, key)
    return Absent(value.span, value.assumptions) if isinstance(value, Known) and value.value is None else value
