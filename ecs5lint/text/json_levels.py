"""Read the outer levels of a JSON document with spans, and the inner ones when they are needed.

Most of a large document is never looked at. The C decoder of the standard library checks and skips it, some forty times
as fast as the reader in json.py. Both accept the same texts, and that reader explains what is wrong with any other.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from json.decoder import JSONDecoder

from ecs5lint.light_typing import Any, NoReturn
from ecs5lint.location import OutOfBounds, Source, Span
from ecs5lint.text.json_scalars import number_or_word, string
from ecs5lint.values.kinds import Known, ListValue, ObjectValue, Pair, Value

#: The deepest nesting of arrays and objects.
MAX_DEPTH = 150

#: Tells whether a member is needed, from the key of its object and from its value, as the C decoder returns it.
Keep = Callable[[str, Any], bool]

_SPACE = re.compile(r"[ \t\r\n]*")
#: A key without escapes, its colon, and the space around them.
_KEY = re.compile(r'[ \t\r\n]*"([^"\\\x00-\x1f]*)"[ \t\r\n]*:[ \t\r\n]*')
_COLON = re.compile(r"[ \t\r\n]*:[ \t\r\n]*")
#: What follows an element or a member.
_AFTER = re.compile(r"[ \t\r\n]*([,\]}])[ \t\r\n]*")


class Unreadable(ValueError):
    """The text is not JSON, or it is nested too deeply."""


def read_levels(source: Source, text: str, levels: int, keep: Keep | None = None) -> Value:
    """Return the value of a document, with the first `levels` levels read. Raises Unreadable.

    `keep` tells which of the objects and lists below these levels are needed. The others are left out.
    """
    reader = _Reader(source, text, keep)
    try:
        value, end = reader.value(reader.space(0), levels, 0)
    except (ValueError, RecursionError):
        raise Unreadable from None
    if value is None or reader.space(end) < len(text):
        raise Unreadable
    reader.is_checked = True
    return value


def _refuse(_: str) -> NoReturn:
    """Refuse NaN and Infinity, which are not in JSON."""
    raise Unreadable


_decode = JSONDecoder(parse_constant=_refuse).raw_decode


class _Reader:
    """Reads values at offsets in a text. `is_checked` tells that the whole text is known to be JSON."""

    def __init__(self, source: Source, text: str, keep: Keep | None) -> None:
        self.is_checked = False
        self._source = source
        self._text = text
        self._keep = keep

    def space(self, at: int) -> int:
        """Return the offset after the space at an offset."""
        match = _SPACE.match(self._text, at)
        return match.end() if match else at

    def value(self, at: int, levels: int, depth: int, key: str = "", within: str = "") -> tuple[Value | None, int]:
        """Return the value at an offset, or None if it is not needed, and the offset after it.

        `levels` is the number of levels to read, and `depth` that of the levels around the value, which is the member
        `key` of an object that is itself the member `within`.
        """
        character = self._text[at : at + 1]
        if character == '"':
            return self._string(at)
        if character != "{" and character != "[":
            return self._scalar(at)
        if depth >= MAX_DEPTH:
            raise self._too_deep(at)
        if levels:
            return self._read(at, levels - 1, depth + 1, key)
        decoded, end = _decode(self._text, at)
        if not self.is_checked:
            if _is_deeper(decoded, MAX_DEPTH - depth, self._text.count("]", at, end) + self._text.count("}", at, end)):
                raise Unreadable
            if self._keep and not self._keep(within, decoded):
                return None, end
        span = Span(self._source, at, end)
        if character == "{":
            place = at, depth + 1, span
            return ObjectValue.later(span, partial(self._members, *place), decoded, partial(self._member, *place)), end
        return ListValue.later(span, partial(self._items, at, depth + 1)), end

    def _read(self, at: int, levels: int, depth: int, key: str) -> tuple[Value, int]:
        """Return the value of the brackets or braces at an offset, with what is in them."""
        if self._text[at] == "[":
            items, end = self._in_brackets(at, levels, depth)
            return ListValue(tuple(items), Span(self._source, at, end)), end
        members, end = self._in_braces(at, levels, depth, key)
        span = Span(self._source, at, end)
        return ObjectValue(tuple([Pair(name, value, span) for name, value in members]), span), end

    def _items(self, at: int, depth: int) -> tuple[Value, ...]:
        return tuple(self._in_brackets(at, 0, depth)[0])

    def _members(self, at: int, depth: int, span: Span) -> tuple[Pair, ...]:
        return tuple([Pair(name, value, span) for name, value in self._in_braces(at, 0, depth, "")[0]])

    def _member(self, at: int, depth: int, span: Span, name: str) -> Pair | None:
        """Return a member that an object has, or None if only reading all members can tell which one it is.

        Its key is the only place for the name if the text of the object has the name once, and no escapes.
        """
        written, end = f'"{name}"', span.end
        found = self._text.find(written, at, end)
        if found < 0 or self._text.find(written, found + 1, end) >= 0 or self._text.find("\\", at, end) >= 0:
            return None
        key, start = self._key(found)
        value, _ = self.value(start, 0, depth)
        assert value is not None
        return Pair(key, value, span)

    def _in_brackets(self, at: int, levels: int, depth: int) -> tuple[list[Value], int]:
        items: list[Value] = []
        at = self.space(at + 1)
        if self._text.startswith("]", at):
            return items, at + 1
        while True:
            value, at = self.value(at, levels, depth)
            if value is not None:
                items.append(value)
            closing, at = self._after(at, "]")
            if closing:
                return items, at

    def _in_braces(self, at: int, levels: int, depth: int, within: str) -> tuple[list[tuple[Known, Value]], int]:
        members: list[tuple[Known, Value]] = []
        at = self.space(at + 1)
        if self._text.startswith("}", at):
            return members, at + 1
        while True:
            name, at = self._key(at)
            value, at = self.value(at, levels, depth, str(name.value), within)
            if value is not None:
                members.append((name, value))
            closing, at = self._after(at, "}")
            if closing:
                return members, at

    def _key(self, at: int) -> tuple[Known, int]:
        """Return the key at an offset, and the offset of its value."""
        if match := _KEY.match(self._text, at):
            start, end = match.span(1)
            return Known(match[1], Span(self._source, start - 1, end + 1), verbatim=start), match.end()
        at = self.space(at)
        if not self._text.startswith('"', at):
            raise Unreadable
        key, end = self._string(at)
        colon = _COLON.match(self._text, end)
        if colon is None:
            raise Unreadable
        return key, colon.end()

    def _after(self, at: int, closing: str) -> tuple[bool, int]:
        """Tell whether the brackets or braces end after a value, and return the offset after that, or after a comma."""
        match = _AFTER.match(self._text, at)
        if match is None or match[1] not in (",", closing):
            raise Unreadable
        return (True, match.end(1)) if match[1] == closing else (False, match.end())

    def _string(self, at: int) -> tuple[Known, int]:
        found, end, is_verbatim = string(self._text, at)
        return Known(found, Span(self._source, at, end), verbatim=at + 1 if is_verbatim else None), end

    def _scalar(self, at: int) -> tuple[Known, int]:
        found = number_or_word(self._text, at)
        if found is None:
            raise Unreadable
        return Known(found[0], Span(self._source, at, found[1])), found[1]

    def _too_deep(self, at: int) -> Exception:
        """Return the error for a value that is nested too deeply.

        After the check, that is only possible in a member that a later one with the same key hides.
        """
        if not self.is_checked:
            return Unreadable()
        message = f"is not valid JSON: it is nested more than {MAX_DEPTH} deep"
        return OutOfBounds(message, self._source.path, Span(self._source, at, at + 1))


def _is_deeper(decoded: Any, depth: int, closing: int) -> bool:
    """Tell whether a decoded value, with so many `closing` brackets and braces, is nested more than `depth` deep."""
    if closing <= depth:
        return False
    level = [decoded]
    for _ in range(depth):
        level = [
            part
            for value in level
            for part in (value.values() if isinstance(value, dict) else value)
            if isinstance(part, (dict, list))
        ]
        if not level:
            return False
    return True
