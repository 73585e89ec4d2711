"""Define the kinds of values that a source can have.

A source rarely states directly what is deployed: it uses variables, conditions and templates. The parsers evaluate the
source as far as possible. These are the possible results of an expression:

Known        a scalar: text, a number, a boolean, or null
Unknown      a value that the source does not determine, with the reason
Choice       one of several values, each under a condition
ListValue    a list, in which elements may repeat any number of times
ObjectValue  an object, in which members may be unknown
Text         text with holes in it
Encoded      the JSON text of another value, kept as that value
ABSENT       no value at all: a missing member, AWS::NoValue

Values are immutable. Each has a `span`, the position where it is written, and `assumptions`, the defaults that it
relies on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from ecs5lint.light_typing import TYPE_CHECKING, Any, NamedTuple, TypeVar
from ecs5lint.location import Span
from ecs5lint.values.conditions import Condition, Constant


class Type:
    """A type of the source's own language, if values are converted to types.

    Only the parser of that source looks inside.
    """

    __slots__ = ()


class Assumption(NamedTuple):
    """A default for a value that nobody set: its variable or parameter, and its text in a report."""

    symbol: str
    text: str


Assumptions = frozenset[Assumption]
NO_ASSUMPTIONS: Assumptions = frozenset()


class _Record:
    """The base class of values. They are equal if their fields are equal, and can be copied with changes.

    They are not named tuples, because a type checker compares those field by field, and values contain values.
    `counted` is the number of parts, once `traverse.size` has counted them.
    """

    __slots__: tuple[str, ...] = ("counted",)

    counted: int
    span: Span | None
    assumptions: Assumptions

    def _replace(self: _R, **changes: Any) -> _R:
        """Return a copy with some fields changed, like that of a named tuple."""
        copy = object.__new__(type(self))
        for name in self.__slots__:
            setattr(copy, name, changes.pop(name) if name in changes else getattr(self, name))
        if changes:
            raise TypeError(f"{type(self).__name__} has no field {', '.join(changes)}")
        return copy

    def _fields(self) -> tuple[object, ...]:
        return tuple(getattr(self, name) for name in self.__slots__)

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if type(other) is not type(self):
            return False
        for name in self.__slots__:
            mine, its = getattr(self, name), getattr(other, name)
            if mine is not its and mine != its:
                return False
        return True

    def __hash__(self) -> int:
        return hash(self._fields())

    def __repr__(self) -> str:
        return f"{type(self).__name__}{self._fields()!r}"


_R = TypeVar("_R", bound=_Record)


class Known(_Record):
    """A scalar that the source determines: str, bool, int, float, Decimal or None.

    `verbatim` is the offset of a text in the span's source, if the source has it character by character. It gives JSON
    inside a heredoc exact lines and columns. `type` is the type to which a null was converted. `hint` says how to get
    another value, if that is not obvious.
    """

    __slots__ = ("assumptions", "hint", "span", "type", "value", "verbatim")

    def __init__(
        self,
        value: Constant,
        span: Span | None = None,
        assumptions: Assumptions = NO_ASSUMPTIONS,
        verbatim: int | None = None,
        type: Type | None = None,
        hint: str = "",
    ) -> None:
        self.value = value
        self.span = span
        self.assumptions = assumptions
        self.verbatim = verbatim
        self.type = type
        self.hint = hint


class Repetition(NamedTuple):
    """One end of a stretch of text that repeats any number of times.

    `when` is the condition for at least one repetition.
    """

    begins: bool
    when: Condition


class Unknown(_Record):
    """A value that the source does not determine.

    `reason` names the expression and the cause (`var.image has no value`), and `hint` says how to fix it (`set it with
    --var image=...`). `symbol` identifies the value, so that two uses of one variable agree. `domain` lists its
    possible values. Without such a list, `accepts` tells whether a value is possible. For a boolean, `condition` is the
    condition under which it is true. `type` is its type, if known. If it `is_refused`, it represents an alternative
    that the source's own tool refuses. In a text, it may be one end of a `repetition`.
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
        """Tell whether a value is possible."""
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


class Choice(_Record):
    """One of several values. The conditions of the arms exclude each other.

    `default_arm` is the index of the arm on the default path, which relies on `assumptions`. It is None if the defaults
    don't determine an arm.
    """

    __slots__ = ("arms", "assumptions", "default_arm", "span")

    def __init__(
        self,
        arms: tuple[Arm, ...],
        span: Span | None = None,
        assumptions: Assumptions = NO_ASSUMPTIONS,
        default_arm: int | None = None,
    ) -> None:
        self.arms = arms
        self.span = span
        self.assumptions = assumptions
        self.default_arm = default_arm


class _Collection(_Record):
    """A record with parts, which may be read on first use: of a large source, most is never looked at."""

    __slots__ = ("read",)

    read: Callable[[], tuple[Any, ...]]

    if not TYPE_CHECKING:  # for a type checker, a class with this method has every attribute

        def __getattr__(self, name: str) -> object:
            """Read the parts. Python calls this method for a field that is not set."""
            if name not in ("items", "members"):
                raise AttributeError(name)
            parts = self.read()
            setattr(self, name, parts)
            if name == "members":
                self.plain = None
            return parts

    def __reduce__(self) -> tuple[object, ...]:
        # Another process gets the parts instead of what reads them.
        return _copied, (type(self), self._fields())


def _copied(kind: type[_Collection], fields: tuple[object, ...]) -> _Collection:
    return kind(**dict(zip(kind.__slots__, fields, strict=True)))


class ListValue(_Collection):
    """A list, tuple or set. Its assumptions determine which elements exist.

    `type` is set if the elements have a common type by the rules of the source.
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

    @classmethod
    def later(cls, span: Span, read: Callable[[], tuple[Value | Repeated, ...]]) -> ListValue:
        """Return a list whose elements are read on first use."""
        value = cls((), span)
        del value.items
        value.read = read
        return value


class Dropped(NamedTuple):
    """The names of members that a conversion removed from an object. `type` names the type, in words."""

    names: tuple[str, ...]
    type: str


class _Indexed(_Collection):
    """A record with ways to find a member, which are no fields, since they follow from the members.

    `index` has, for each way to fold names, the number of the last member with each name. The key None there has that
    of the last member without a name. If the members are not read yet, `plain` has them as Python's own values, and
    `find` returns one of them, or None if only reading all of them can tell which one it is. `similar` has them
    by the small letters of their keys, once `Form` has looked for one.
    """

    __slots__ = ("find", "index", "plain", "similar")

    index: dict[object, dict[str | None, int]]
    plain: Mapping[str, Any] | None
    find: Callable[[str], Pair | None]
    similar: Mapping[str | None, tuple[str | None, Any]]


class ObjectValue(_Indexed):
    """An object or map, with its members in the order of the text. If two have the same key, the later one wins.

    Its assumptions determine which members exist. `type` is set if the members have a common type by the rules of the
    source. `dropped` has the members that a conversion removed.
    """

    __slots__ = ("assumptions", "dropped", "members", "span", "type")

    def __init__(
        self,
        members: tuple[Pair | Rest, ...],
        span: Span | None = None,
        assumptions: Assumptions = NO_ASSUMPTIONS,
        type: Type | None = None,
        dropped: Dropped | None = None,
    ) -> None:
        self.members = members
        self.span = span
        self.assumptions = assumptions
        self.type = type
        self.dropped = dropped
        self.plain = None

    @classmethod
    def later(
        cls,
        span: Span,
        read: Callable[[], tuple[Pair | Rest, ...]],
        plain: Mapping[str, Any],
        find: Callable[[str], Pair | None],
    ) -> ObjectValue:
        """Return an object whose members are read on first use, unless `find` finds the wanted one."""
        value = cls((), span)
        del value.members
        value.read = read
        value.plain = plain
        value.find = find
        return value

    def _replace(self, **changes: Any) -> ObjectValue:
        copy = super()._replace(**changes)
        copy.plain = None
        return copy


class Text(_Record):
    """Text that consists of parts: known ones, and values whose text is unknown (the holes)."""

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
    """The JSON text of `value`, which is not serialized, so that nothing is lost."""

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
    """No value: a missing member, or one that AWS::NoValue removes.

    `hint` says how to add it, if that is not obvious.
    """

    __slots__ = ("assumptions", "hint", "span")

    def __init__(
        self,
        span: Span | None = None,
        assumptions: Assumptions = NO_ASSUMPTIONS,
        hint: str = "",
    ) -> None:
        self.span = span
        self.assumptions = assumptions
        self.hint = hint


ABSENT = Absent()

Value = Known | Unknown | Choice | ListValue | ObjectValue | Text | Encoded | Absent


# The parts of values. Their annotations are evaluated, so they come after the classes that they name.


class Arm(NamedTuple):
    """One value of a choice, and the condition under which it applies."""

    when: Condition
    value: Value


class Repeated(NamedTuple):
    """An element that stands for any number of elements of a list, one for each unknown element of a collection.

    `when` is the condition for at least one element. `off_default_path` tells that there are none on the default path.
    For an element that certainly exists but has an unknown index, `when` always holds.
    """

    element: Value
    when: Condition
    off_default_path: bool = False


class Pair(NamedTuple):
    """A member of an object: its key, its value, and the span of its braces (in a merged object, of its part).

    `assumptions` are the assumptions of the object that make this member the one with its key. None means all of them.
    """

    key: Value
    value: Value
    within: Span | None = None
    assumptions: Assumptions | None = None


class Rest(NamedTuple):
    """Any number of unknown members of an object. They override the members before them.

    `each` is the value of every one of them, if known.
    """

    unknown: Unknown
    each: Value | None = None


def assume(value: Value, assumptions: Assumptions) -> Value:
    """Return `value` with additional assumptions."""
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
        # The assumptions of a choice belong to its arm on the default path. These belong to every arm.
        return value._replace(arms=tuple(Arm(when, assume(arm, assumptions)) for when, arm in value.arms))
    return value._replace(assumptions=value.assumptions | assumptions)


def known_text(value: Value) -> str | None:
    """Return the text of `value` if it is known for certain, or None."""
    if isinstance(value, Known):
        return value.value if isinstance(value.value, str) else None
    if isinstance(value, Text):
        parts = [known_text(part) for part in value.parts]
        return None if None in parts else "".join(part for part in parts if part is not None)
    return None


def all_assumptions(values: Iterable[Value]) -> Assumptions:
    """Return all assumptions of the given values themselves."""
    return NO_ASSUMPTIONS.union(*(value.assumptions for value in values))
