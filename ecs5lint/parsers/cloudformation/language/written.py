"""Look up the members of written values."""

from __future__ import annotations

from ecs5lint.values.kinds import Absent, Choice, Known, ObjectValue, Pair, Unknown, Value, known_text
from ecs5lint.values.members import member


def member_of(value: Value, name: str, subject: str = "the value") -> Value:
    """Return a member of a value that must be an object. `subject` names the value in the reason of an unknown."""
    if isinstance(value, ObjectValue):
        return member(value, name)
    return value if isinstance(value, (Unknown, Absent)) else Unknown(f"{subject} must be an object", value.span)


def is_plain(value: ObjectValue) -> bool:
    """Tell whether all members of an object have literal keys, so that a single member can be evaluated alone."""
    keys = [known_text(item.key) if isinstance(item, Pair) else None for item in value.members]
    return all(key is not None and not key.startswith("Fn::") for key in keys)


class Members:
    """The members of a written value, for several lookups by name."""

    def __init__(self, value: Value) -> None:
        self.value = value
        self._by_name = _by_name(value) if isinstance(value, ObjectValue) else None
        self._absent = Absent(value.span)

    def get(self, name: str) -> Value:
        """Return the member with a name, as `member_of` does."""
        return member_of(self.value, name) if self._by_name is None else self._by_name.get(name, self._absent)

    @property
    def is_plain(self) -> bool:
        """Whether this is an object of which a single member can be evaluated alone."""
        names = self._names()
        return "Fn::" not in names if names else isinstance(self.value, ObjectValue) and is_plain(self.value)

    def may_have_like(self, name: str) -> bool:
        """Tell whether there may be a member with a name in another letter case, or with separators."""
        names = self._names()
        if not names.isascii() or "_" in names or "-" in names:
            return True
        return not names or name.lower() in names.lower()

    def _names(self) -> str:
        """Return all names in one text. It is empty if the names take a closer look."""
        plain = self.value.plain if isinstance(self.value, ObjectValue) else None
        return "\n".join(self._by_name or plain or ())


def _by_name(value: ObjectValue) -> dict[str, Value] | None:
    """Return the members of an object by name, or None if that takes a closer look, or they are not read yet."""
    if value.plain is not None or value.assumptions or value.dropped:
        return None
    found: dict[str, Value] = {}
    for item in value.members:
        if not isinstance(item, Pair):
            return None
        key, written, _, assumptions = item
        if assumptions or isinstance(written, (Absent, Choice)):
            return None
        if not isinstance(key, Known) or not isinstance(key.value, str):
            return None
        found[key.value] = written
    return found
