"""What is known about a value that a source writes, and where it is written.

A source rarely says outright what will be deployed: it goes through variables, conditions and templates. The parsers
evaluate it as far as it goes, and these are the things that an expression can evaluate to:

    Known        a scalar: text, a number, a boolean, or null
    Unknown      something that the source does not settle, and why
    Choice       one of several values, each under a condition
    ListValue    a list, of which some elements may be there any number of times
    ObjectValue  an object, of which some members may not be known
    Text         text with holes in it
    Encoded      the JSON text of another value, kept as that value
    ABSENT       nothing at all: no such member, AWS::NoValue

Values are not changed once made, and carry where they are written (`span`) and the defaults that they rest on
(`assumptions`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, TypeVar

from ecs5lint.location import Span
from ecs5lint.values.conditions import Condition, Constant


class Type:
    """A type in the source's own language, for a source that converts by it; only that source's parser looks inside."""

    __slots__ = ()


class Assumption(NamedTuple):
    """A default that stood in for a value which nobody gave: the variable or parameter, and how a report says it."""

    symbol: str
    text: str


Assumptions = frozenset[Assumption]
NO_ASSUMPTIONS: Assumptions = frozenset()


class _Record:
    """What the values have in common: they are equal if their fields are, and are copied with some of them changed.

    They are no named tuples, since a type checker compares those field by field, and a value is made of values.
    """

    __slots__: tuple[str, ...] = ()

    span: Span | None
    assumptions: Assumptions

    def _replace(self: _R, **changes: Any) -> _R:
        """Return a copy with some fields changed, as of a named tuple."""
        copy = object.__new__(type(self))
        for name in self.__slots__:
            setattr(copy, name, changes.pop(name) if name in changes else getattr(self, name))
        if changes:
            raise TypeError(f"{type(self).__name__} has no field {', '.join(changes)}")
        return copy

    def _fields(self) -> tuple[object, ...]:
        return tuple(getattr(self, name) for name in self.__slots__)

    def __eq__(self, other: object) -> bool:
        return self is other or (type(other) is type(self) and self._fields() == other._fields())

    def __hash__(self) -> int:
        return hash(self._fields())

    def __repr__(self) -> str:
        return f"{type(self).__name__}{self._fields()!r}"


_R = TypeVar("_R", bound=_Record)


class Known(_Record):
    """A scalar that the source settles: str, bool, int, float or None.

    `verbatim` is the offset in the span's source at which a text itself stands, character by character, if it does:
    JSON inside a heredoc has its own lines and columns because of it. `type` is the type that a null was given.
    """

    __slots__ = ("assumptions", "span", "type", "value", "verbatim")

    def __init__(
        self,
        value: Constant,
        span: Span | None = None,
        assumptions: Assumptions = NO_ASSUMPTIONS,
        verbatim: int | None = None,
        type: Type | None = None,
    ) -> None:
        self.value = value
        self.span = span
        self.assumptions = assumptions
        self.verbatim = verbatim
        self.type = type


class Repetition(NamedTuple):
    """One end of a stretch of text that repeats any number of times.

    `when` is the condition for at least one repetition.
    """

    begins: bool
    when: Condition


class Unknown(_Record):
    """A value that the source does not settle.

    `reason` names the expression and says why (`var.image has no value`), `hint` what would settle it (`give it with
    --var image=...`). `symbol` identifies what is unknown, so that two uses of one variable are known to agree, and
    `domain` lists the values it can have; where there is no such list, `accepts` tells whether it can have a value. For
    a boolean, `condition` is what it means. `type` is its type, if known. If it `is_refused`, it
    represents an alternative that the source's own tool refuses. In a text it may be one end of a `repetition`.
    """

    __slots__ = (
        "accepts",
        "assumptions",
        "condition",
        "domain",
        "hint",
        "is_refused",
        "reason",
        "repetition",
        "span",
        "symbol",
        "type",
    )

    def __init__(
        self,
        reason: str,
        span: Span | None = None,
        assumptions: Assumptions = NO_ASSUMPTIONS,
        hint: str = "",
        symbol: str | None = None,
        domain: tuple[Constant, ...] | None = None,
        condition: Condition | None = None,
        type: Type | None = None,
        accepts: Callable[[Constant], bool] | None = None,
        is_refused: bool = False,
        repetition: Repetition | None = None,
    ) -> None:
        self.reason = reason
        self.span = span
        self.assumptions = assumptions
        self.hint = hint
        self.symbol = symbol
        self.domain = domain
        self.condition = condition
        self.type = type
        self.accepts = accepts
        self.is_refused = is_refused
        self.repetition = repetition

    def may_be(self, value: Constant) -> bool:
        """Tell whether it can have a value."""
        if self.domain is not None:
            return any(item == value and isinstance(item, bool) == isinstance(value, bool) for item in self.domain)
        return self.accepts is None or self.accepts(value)

    def derived(
        self,
        span: Span | None = None,
        symbol: str | None = None,
        domain: tuple[Constant, ...] | None = None,
        condition: Condition | None = None,
        type: Type | None = None,
    ) -> Unknown:
        """Return an unknown derived from this one. It has the same reason, but is not the same value."""
        return Unknown(
            self.reason,
            span or self.span,
            self.assumptions,
            self.hint,
            symbol,
            domain,
            condition,
            type,
            is_refused=self.is_refused,
        )


class Arm(NamedTuple):
    """One value of a choice, and when it is the one."""

    when: Condition
    value: Value


class Choice(_Record):
    """One of several values; the conditions of the arms exclude each other.

    `picked` is the index of the arm that holds if the defaults in `assumptions` do; None if nothing says which.
    """

    __slots__ = ("arms", "assumptions", "picked", "span")

    def __init__(
        self,
        arms: tuple[Arm, ...],
        span: Span | None = None,
        assumptions: Assumptions = NO_ASSUMPTIONS,
        picked: int | None = None,
    ) -> None:
        self.arms = arms
        self.span = span
        self.assumptions = assumptions
        self.picked = picked


class Repeated(NamedTuple):
    """As an element of a list: any number of elements of this form, one for each of something not known.

    `when` is the condition that there is at least one, and `unlikely` tells that a default says there is none. An
    element that is there for certain, but at no index that is known, has a condition that always holds.
    """

    element: Value
    when: Condition
    unlikely: bool = False


class ListValue(_Record):
    """A list, tuple or set. Its assumptions are those that decide which elements there are.

    `type` is given where the elements have one type in common by the source's own rules.
    """

    __slots__ = ("assumptions", "is_set", "items", "span", "type")

    def __init__(
        self,
        items: tuple[Value | Repeated, ...],
        span: Span | None = None,
        assumptions: Assumptions = NO_ASSUMPTIONS,
        is_set: bool = False,
        type: Type | None = None,
    ) -> None:
        self.items = items
        self.span = span
        self.assumptions = assumptions
        self.is_set = is_set
        self.type = type


class Pair(NamedTuple):
    """A member of an object: its key, its value, and the braces it is written in (for a merged object: of its part).

    `assumptions` are those of the object that decide whether this is the member of its key; None means all of them.
    """

    key: Value
    value: Value
    within: Span | None = None
    assumptions: Assumptions | None = None


class Rest(NamedTuple):
    """Members of an object that are not known: any number of them, which override what stands before.

    `each` is the value of every one of them, where that much is known.
    """

    unknown: Unknown
    each: Value | None = None


class ObjectValue(_Record):
    """An object or map, its members in the order of the text; of two with one key the later one counts.

    Its assumptions are those that decide which members there are. `type` is given where the members have one type in
    common by the source's own rules.
    """

    __slots__ = ("assumptions", "members", "span", "type")

    def __init__(
        self,
        members: tuple[Pair | Rest, ...],
        span: Span | None = None,
        assumptions: Assumptions = NO_ASSUMPTIONS,
        type: Type | None = None,
    ) -> None:
        self.members = members
        self.span = span
        self.assumptions = assumptions
        self.type = type


class Text(_Record):
    """Text put together from parts: known ones, and values whose text is not known (the holes)."""

    __slots__ = ("assumptions", "parts", "span")

    def __init__(
        self,
        parts: tuple[Value, ...],
        span: Span | None = None,
        assumptions: Assumptions = NO_ASSUMPTIONS,
    ) -> None:
        self.parts = parts
        self.span = span
        self.assumptions = assumptions


class Encoded(_Record):
    """The JSON text of `value`, not written out so that nothing of it is lost."""

    __slots__ = ("assumptions", "span", "value")

    def __init__(
        self,
        value: Value,
        span: Span | None = None,
        assumptions: Assumptions = NO_ASSUMPTIONS,
    ) -> None:
        self.value = value
        self.span = span
        self.assumptions = assumptions


class Absent(_Record):
    """No value: a member that is not there, or one that AWS::NoValue removes."""

    __slots__ = ("assumptions", "span")

    def __init__(
        self,
        span: Span | None = None,
        assumptions: Assumptions = NO_ASSUMPTIONS,
    ) -> None:
        self.span = span
        self.assumptions = assumptions


ABSENT = Absent()

Value = Known | Unknown | Choice | ListValue | ObjectValue | Text | Encoded | Absent


def assume(value: Value, assumptions: Assumptions) -> Value:
    """Return `value` as one that rests on `assumptions` too."""
    if isinstance(value, ObjectValue) and assumptions:
        members = tuple(
            item._replace(assumptions=item.assumptions | assumptions)
            if isinstance(item, Pair) and item.assumptions is not None
            else item
            for item in value.members
        )
        return value._replace(members=members, assumptions=value.assumptions | assumptions)
    if assumptions <= value.assumptions:
        return value
    if isinstance(value, Choice):
        # Those of a choice itself say what its pick rests on; here every arm does.
        return value._replace(arms=tuple(Arm(when, assume(arm, assumptions)) for when, arm in value.arms))
    return value._replace(assumptions=value.assumptions | assumptions)


def known_text(value: Value) -> str | None:
    """Return the text that `value` is for certain, or None."""
    if isinstance(value, Known):
        return value.value if isinstance(value.value, str) else None
    if isinstance(value, Text):
        parts = [known_text(part) for part in value.parts]
        return None if None in parts else "".join(part for part in parts if part is not None)
    return None


def all_assumptions(values: Iterable[Value]) -> Assumptions:
    """Return everything that the given values themselves rest on."""
    return NO_ASSUMPTIONS.union(*(value.assumptions for value in values))
