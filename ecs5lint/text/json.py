"""Read JSON with spans and holes.

`Reader` reads the text of a file. `decode` reads JSON from a text value that an evaluator built, in which parts may be
unknown. Both return abstract values, whose spans point into the files that the text comes from.

The grammar is RFC 8259. A hole can replace a value, an element or a member, and never makes anything known. See
json_template.py for JSON that is itself a template.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from json.decoder import JSONDecodeError, scanstring  # type: ignore[attr-defined]

from ecs5lint.light_typing import Any
from ecs5lint.location import Span
from ecs5lint.text.json_levels import MAX_DEPTH
from ecs5lint.text.json_scalars import number_or_word, string
from ecs5lint.values.alternatives import MAX_ALTERNATIVES, lift
from ecs5lint.values.conditions import Condition
from ecs5lint.values.kinds import (
    ABSENT,
    Arm,
    Assumptions,
    Choice,
    Encoded,
    Known,
    ListValue,
    ObjectValue,
    Pair,
    Repeated,
    Repetition,
    Rest,
    Text,
    Unknown,
    Value,
    all_assumptions,
    assume,
)
from ecs5lint.values.pieces import Assembled, template_text

#: Replaces a hole in the text. The offset tells a hole from the same character in a file.
_HOLE = "\ufffc"

_SPACE = re.compile(r"[ \t\r\n]*")
_DELIMITERS = ("", " ", "\t", "\r", "\n", ",", "]", "}")

#: An element of a list, or a member of an object.
Element = Value | Repeated | Pair | Rest
#: Returns the origin of a stretch of the text, or None if it was written in no source.
Where = Callable[[int, int], "Span | None"]


class JsonError(Exception):
    """The text is not JSON. Has the problem and its span."""

    def __init__(self, message: str, span: Span | None) -> None:
        super().__init__(message)
        self.message = message
        self.span = span


class JsonTooDeep(JsonError):
    """The text is nested too deeply to read. It may be JSON."""


def decode(text: Value) -> Value:
    """Return the value of the JSON in a text.

    A choice of texts becomes a choice, and an unknown text becomes an unknown. Raises JsonError.
    """
    if isinstance(text, Encoded):
        return assume(text.value, text.assumptions)
    if isinstance(text, (Known, Text)):
        return assume(_decode_parts(_flatten(text), MAX_ALTERNATIVES), text.assumptions)
    if isinstance(text, Choice):
        return lift(decode, text)
    if isinstance(text, Unknown):
        return text.derived()
    raise JsonError("it is not a string", text.span)


def repeated(parts: Sequence[Value], when: Condition, unknown: Unknown) -> list[Value]:
    """Return the parts of a text that repeats any number of times. `when` is the condition for at least one repetition.

    The JSON reader turns the parts into elements that may repeat. Any other reader of the text sees an unknown, with
    the reason in `unknown`.
    """
    begin, end = (unknown.derived()._replace(repetition=Repetition(begins, when)) for begins in (True, False))
    return [begin, *parts, end]


class Reader:
    """A recursive-descent reader. Each method takes an offset, and returns what it read and the offset after it.

    The methods that begin with `special` read syntax other than JSON. Here they read none; subclasses add more. A
    `loose` reader accepts missing and extra commas at the ends of a fragment.
    """

    def __init__(self, text: str, where: Where, *, loose: bool = False) -> None:
        self.text = text
        self.where = where
        self.loose = loose

    def error(self, message: str, at: int) -> JsonError:
        return JsonError(message, self.where(at, at + 1))

    def space(self, at: int) -> int:
        match = _SPACE.match(self.text, at)
        return match.end() if match else at

    def only_value(self) -> Value:
        """Read the single value that makes up the text."""
        value, at = self.value(self.space(0), 0)
        if self.space(at) < len(self.text):
            raise self.error("unexpected text after the end of the document", self.space(at))
        return value

    def value(self, at: int, depth: int) -> tuple[Value, int]:
        """Read the value at an offset."""
        special = self.special_value(at, depth)
        if special:
            return special
        character = self.text[at : at + 1]
        if character == '"':
            return self.string(at)
        if character in ("{", "["):
            if depth >= MAX_DEPTH:
                raise JsonTooDeep(f"it is nested more than {MAX_DEPTH} deep", self.where(at, at + 1))
            return self._object(at, depth + 1) if character == "{" else self._array(at, depth + 1)
        if found := number_or_word(self.text, at):
            return Known(found[0], self.where(at, found[1])), found[1]
        raise self.error("expected a value" if character else "unexpected end of the text", at)

    def name(self, at: int) -> tuple[Value, int]:
        """Read the key of a member, a string."""
        return self.string(at)

    def string(self, at: int) -> tuple[Value, int]:
        """Read a string. The offset is that of its opening quotation mark."""
        try:
            found, end, is_verbatim = string(self.text, at)
        except JSONDecodeError as error:
            raise self.error(error.msg[0].lower() + error.msg[1:], error.pos) from None
        span = self.where(at, end)
        verbatim = span.start + 1 if span and is_verbatim and end - at == span.end - span.start else None
        return Known(found, span, verbatim=verbatim), end

    def special_value(self, at: int, depth: int) -> tuple[Value, int] | None:
        """Read syntax other than JSON in place of a value, or return None for JSON."""
        return None

    def special_elements(self, at: int, closing: str) -> tuple[Sequence[Element], int] | None:
        """Read syntax other than JSON in place of any number of elements or members.

        Return None for JSON.
        """
        return None

    def element_value(self, value: Value, in_list: bool) -> Value | Repeated:
        """Return an element of a list, or the value of a member, adapted to its context."""
        return value

    def _array(self, at: int, depth: int) -> tuple[Value, int]:
        items: list[Any] = []

        def element(position: int) -> int:
            item, position = self.value(position, depth)
            items.append(self.element_value(item, in_list=True))
            return position

        end = self.sequence(at, "]", element, items.append)
        return ListValue(tuple(items), self.where(at, end)), end

    def _object(self, at: int, depth: int) -> tuple[Value, int]:
        members: list[Any] = []

        def element(position: int) -> int:
            if self.text[position : position + 1] != '"':
                raise self.error("expected a key in double quotes", position)
            key, position = self.name(position)
            position = self.space(position)
            if self.text[position : position + 1] != ":":
                raise self.error("expected a colon", position)
            item, position = self.value(self.space(position + 1), depth)
            value = self.element_value(item, in_list=False)
            assert not isinstance(value, Repeated)
            members.append(Pair(key, value))
            return position

        end = self.sequence(at, "}", element, members.append)
        within = self.where(at, end)
        pairs = tuple(item._replace(within=within) if isinstance(item, Pair) else item for item in members)
        return ObjectValue(pairs, within), end

    def sequence(self, at: int, closing: str, element: Callable[[int], int], add: Callable[[Element], None]) -> int:
        """Read the content of brackets or braces, and return the offset after the closing one.

        `element` reads one element, and `add` receives everything that is not JSON. A comma next to it may be missing
        or extra, because the text that replaces it may bring its own commas.
        """
        at = self.space(at + 1)
        may_close, after_element, after_special = True, False, self.loose
        comma = at
        while True:
            special = self.special_elements(at, closing)
            if special:
                elements, at = special
                for item in elements:
                    add(item)
                at, may_close, after_special = self.space(at), True, True
                continue
            character = self.text[at : at + 1]
            if character == closing and may_close:
                return at + 1
            if character == "," and (after_element or after_special):
                may_close, after_element = after_special or self.loose, False
                comma, at = at, self.space(at + 1)
                continue
            if character == closing:
                raise self.error(f"unexpected comma before {closing}", comma)
            if after_element and not after_special:
                raise self.error(f"expected a comma or {closing}" if character else "unexpected end of the text", at)
            at = self.space(element(at))
            may_close, after_element, after_special = True, True, False


class _Expand(Exception):
    """The alternatives of a choice are not whole JSON values, so each has to be read in its context."""

    def __init__(self, hole: Choice) -> None:
        super().__init__()
        self.hole = hole


def _flatten(text: Value) -> list[Value]:
    """Return the parts of a text, with nested parts flattened."""
    if isinstance(text, Text):
        return [part for item in text.parts for part in _flatten(item)]
    return [text]


def _decode_parts(parts: list[Value], budget: int) -> Value:
    """Return the value of the JSON in a text. Reads at most `budget` alternatives in full."""
    try:
        return _read_parts(parts)
    except _Expand as expand:
        return _decode_each(parts, expand.hole, budget)


def _decode_each(parts: list[Value], hole: Choice, budget: int) -> Value:
    """Return the value of a text for each alternative of a hole."""
    if len(hole.arms) > budget:
        return Unknown("there are too many alternatives to evaluate", hole.span)
    index = next(index for index, part in enumerate(parts) if part is hole)
    errors: list[JsonError] = []

    def with_arm(arm: Value) -> Value:
        try:
            return _decode_parts([*parts[:index], *_flatten(arm), *parts[index + 1 :]], budget // len(hole.arms))
        except JsonError as error:
            errors.append(error)
            return Unknown(f"it is not valid JSON: {error.message}", error.span)

    value = lift(with_arm, hole)
    if len(errors) == len(hole.arms):
        raise errors[0]
    return value


def _read_parts(parts: list[Value], *, loose: bool = False) -> Value:
    """Read a text that consists of parts. Raises JsonError and _Expand."""
    assembled = Assembled(parts, [template_text(part) if isinstance(part, Known) else _HOLE for part in parts])
    starts = assembled.starts
    holes: dict[int, Value] = {
        start: part for start, part in zip(starts, parts, strict=False) if not isinstance(part, Known)
    }
    whole = next((part.span for part in parts if part.span), None)

    def where(start: int, end: int) -> Span | None:
        return assembled.span(start, end) or whole

    in_scalars: set[int] = set()

    def resting_on(start: int, end: int) -> Assumptions:
        first, last = assembled.index(start), assembled.index(end - 1) + 1
        in_scalars.update(index for index in range(first, last) if start <= starts[index] and starts[index + 1] <= end)
        return all_assumptions(part for part in parts[first:last] if isinstance(part, Known))

    value = _HoleReader(assembled.text, where, holes, resting_on, loose=loose).only_value()
    # The known parts decide which members and elements exist, except for parts that only fill a scalar.
    shaping = (part for index, part in enumerate(parts) if isinstance(part, Known) and index not in in_scalars)
    return assume(value, all_assumptions(shaping))


class _HoleReader(Reader):
    """Reads a text with unknown parts. `holes` maps the offset of a replaced part to that part.

    `resting_on` returns the assumptions of the text between two offsets.
    """

    def __init__(
        self,
        text: str,
        where: Where,
        holes: dict[int, Value],
        resting_on: Callable[[int, int], Assumptions],
        *,
        loose: bool,
    ) -> None:
        super().__init__(text, where, loose=loose)
        self.holes = holes
        self._offsets = sorted(holes)
        self.resting_on = resting_on

    def value(self, at: int, depth: int) -> tuple[Value, int]:
        value, end = super().value(at, depth)
        return assume(value, self.resting_on(at, end)) if isinstance(value, (Known, Text)) else value, end

    def _array(self, at: int, depth: int) -> tuple[Value, int]:
        array, end = super()._array(at, depth)
        assert isinstance(array, ListValue)
        return array._replace(items=_with_repetitions(array.items)), end

    def special_value(self, at: int, depth: int) -> tuple[Value, int] | None:
        hole = self.holes.get(at)
        if hole is None:
            return None
        if isinstance(hole, Choice) and not _is_value(hole):
            raise _Expand(hole)
        end = at + 1
        while isinstance(hole, Unknown) and end not in self.holes and self.text[end : end + 1] not in _DELIMITERS:
            end += 1  # text next to a hole, as in ${var.cpu}00, belongs to the same unknown value
        return decode(hole), end

    def special_elements(self, at: int, closing: str) -> tuple[Sequence[Element], int] | None:
        hole = self.holes.get(at)
        if isinstance(hole, Unknown):
            is_end = closing == "]" and hole.repetition is not None
            return [hole if is_end else hole.derived() if closing == "]" else Rest(hole.derived())], at + 1
        if isinstance(hole, Choice) and (closing == "}" or not _is_value(hole)):
            return _elements(hole, closing), at + 1
        return None

    def string(self, at: int) -> tuple[Value, int]:
        string, end = super().string(at)
        inside = self._offsets[bisect_right(self._offsets, at) : bisect_left(self._offsets, end)]
        if not inside:
            return string, end
        parts: list[Value] = []
        for start, stop in zip([at, *inside], [*inside, end - 1], strict=True):
            literal = self._literal(self.text[start + 1 : stop])
            if literal:
                parts.append(Known(literal, self.where(start + 1, stop)))
            if stop in self.holes:
                parts.append(self.holes[stop])
        return Text(tuple(parts), self.where(at, end)), end

    def _literal(self, inside: str) -> str:
        try:
            literal: str = scanstring(f'{inside}"', 0, True)[0]
        except JSONDecodeError:  # a hole splits an escape sequence
            return inside
        return literal


def _with_repetitions(items: Sequence[Value | Repeated]) -> tuple[Value | Repeated, ...]:
    """Return the elements, with those between marks of repetition as elements that may repeat."""
    found: list[Value | Repeated] = []
    starts: list[int] = []
    for item in items:
        repetition = item.repetition if isinstance(item, Unknown) else None
        if repetition and repetition.begins:
            starts.append(len(found))
        elif repetition and starts:
            start, when = starts.pop(), repetition.when
            found[start:] = [inner if isinstance(inner, Repeated) else Repeated(inner, when) for inner in found[start:]]
        else:
            found.append(item)
    return tuple(found)


def _elements(hole: Choice, closing: str) -> list[Element]:
    """Return the elements or members in the alternatives of a hole. Each exists in its own alternative only.

    Raises _Expand if the alternatives are not whole elements or members.
    """
    opening = {"]": "[", "}": "{"}[closing]
    found: list[Element] = []
    for index, arm in enumerate(hole.arms):

        def only_here(value: Value, index: int = index) -> Value:
            arms = (Arm(arm.when, value if number == index else ABSENT) for number, arm in enumerate(hole.arms))
            return hole._replace(arms=tuple(arms))

        try:
            value = _read_parts([Known(opening), *_flatten(arm.value), Known(closing)], loose=True)
        except (JsonError, _Expand):
            raise _Expand(hole) from None
        if isinstance(value, ListValue):
            off_default_path = hole.default_arm not in (None, index)
            found += [
                item._replace(off_default_path=item.off_default_path or off_default_path)
                if isinstance(item, Repeated)
                else only_here(assume(item, value.assumptions))
                for item in value.items
            ]
        elif isinstance(value, ObjectValue):
            found += [_only_here(item, value.assumptions, only_here) for item in value.members]
    return found


def _only_here(item: Pair | Rest, assumptions: Assumptions, only_here: Callable[[Value], Value]) -> Pair | Rest:
    # Unknown members are optional anyway.
    return item if isinstance(item, Rest) else item._replace(value=only_here(assume(item.value, assumptions)))


def _is_value(hole: Choice) -> bool:
    """Tell whether every alternative is a whole JSON value."""
    try:
        decode(hole)
    except JsonError:
        return False
    return True
