"""Sort the elements of a set as Terraform does.

Strings, numbers and booleans have their natural order. All other values are ordered by a text derived from them.

https://github.com/zclconf/go-cty/blob/main/cty/set_internals.go
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Context, Decimal

from ecs5lint.light_typing import Any
from ecs5lint.parsers.terraform.language.plain_values import settled_text
from ecs5lint.parsers.terraform.syntax.numbers import Number, decimal, scalar_text
from ecs5lint.values.conditions import ALWAYS
from ecs5lint.values.kinds import Known, ListValue, ObjectValue, Pair, Repeated, Type, Value, known_text

#: The number of digits of a number that count for the order.
_DIGITS = 10

#: Tells whether a type is a map, a list or a set.
IsCollection = Callable[[Type | None], bool]


def set_items(items: Iterable[Value | Repeated], is_collection: IsCollection) -> list[Value | Repeated]:
    """Return the elements of a set in Terraform's order, without duplicates.

    If an element is not fully known, return the elements in source order.
    """
    exact = _Writer(scalar_text, is_collection)
    found: dict[object, Value | Repeated] = {}
    known: list[Value] = []
    for number, item in enumerate(items):
        written = None if isinstance(item, Repeated) else exact.text(item)
        if isinstance(item, Repeated) or written is None:
            found[number] = item
        elif written not in found:
            found[written] = item
            known.append(item)
    if len(known) < len(found):
        return list(found.values())
    order = _Writer(_short_number, is_collection)
    return [*sorted(known, key=lambda item: _sort_key(item, order))]


def in_some_order(value: ListValue, is_collection: IsCollection) -> ListValue:
    """Return a set as a list. If its order is unknown, so are the indexes of its elements."""
    exact = _Writer(scalar_text, is_collection)
    items = value.items
    if len(items) > 1 and any(isinstance(item, Repeated) or exact.text(item) is None for item in items):
        items = tuple(item if isinstance(item, Repeated) else Repeated(item, ALWAYS) for item in items)
    return value._replace(items=items, is_set=False)


def _sort_key(item: Value, order: _Writer) -> tuple[bool, Any]:
    if isinstance(item, Known):
        return item.value is None, item.value  # nulls come last
    text = settled_text(item)
    return False, text if text is not None else order.text(item)


class _Writer:
    """Converts values to the texts that define their order, or to None for a value that is not fully known."""

    def __init__(self, number_text: Callable[[Any], str], is_collection: IsCollection) -> None:
        self._number_text = number_text
        self._is_collection = is_collection

    def text(self, value: Value) -> str | None:
        if isinstance(value, ListValue):
            parts = [None if isinstance(item, Repeated) else self.text(item) for item in value.items]
            opening, closing = "[]" if value.is_set or self._is_collection(value.type) else "<>"
            return None if None in parts else opening + "".join(f"{part};" for part in parts) + closing
        if isinstance(value, ObjectValue):
            return self._members(value)
        return self._scalar(value)

    def _members(self, value: ObjectValue) -> str | None:
        is_map = self._is_collection(value.type)
        found: dict[str, str] = {}
        for member in value.members:
            key = known_text(member.key) if isinstance(member, Pair) else None
            written = self.text(member.value) if isinstance(member, Pair) else None
            if key is None or written is None:
                return None
            found[key] = f"{_quoted(key)}:{written};" if is_map else f"{written};"
        opening, closing = "{}" if is_map else "<>"
        return opening + "".join(found[key] for key in sorted(found)) + closing

    def _scalar(self, value: Value) -> str | None:
        text = settled_text(value)
        if text is not None:
            return _quoted(text)
        if not isinstance(value, Known):
            return None
        if value.value is None:
            return "~"
        if isinstance(value.value, bool):
            return "T" if value.value else "F"
        return self._number_text(value.value)


def _short_number(value: Number) -> str:
    rounded = Context(prec=_DIGITS).plus(decimal(value)).normalize()
    sign, digits, _ = rounded.as_tuple()
    if -5 < rounded.adjusted() < _DIGITS:
        return format(rounded, "f")
    mantissa = Decimal((sign, digits, 1 - len(digits)))
    return f"{mantissa}e{rounded.adjusted():+03}"


_ESCAPES = {"\a": "\\a", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v"}
_ESCAPES |= {'"': '\\"', "\\": "\\\\"}


def _quoted(text: str) -> str:
    """Return a text as Go's strconv.Quote writes it."""
    return '"' + "".join(map(_escaped, text)) + '"'


def _escaped(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    if character.isprintable():
        return character
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x80 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
