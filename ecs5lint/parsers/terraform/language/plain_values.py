"""Convert values to plain Python values, and to text as Terraform does."""

from __future__ import annotations

import json
import re
import unicodedata

from ecs5lint.light_typing import Any
from ecs5lint.parsers.terraform.syntax.errors import NotKnown
from ecs5lint.parsers.terraform.syntax.numbers import scalar_text
from ecs5lint.values.kinds import (
    Absent,
    Encoded,
    Known,
    ListValue,
    ObjectValue,
    Pair,
    Repeated,
    Text,
    Unknown,
    Value,
    known_text,
)

#: The longest text that a function may build.
MAX_TEXT = 5_000_000

#: The characters that Go's encoding/json escapes in addition to those that JSON requires.
_ESCAPED = re.compile("[<>&\u2028\u2029]")
_SURROGATE = re.compile("[\ud800-\udfff]")


def plain_value(value: Value) -> Any:
    """Return a value as a Python scalar, list or dict. Raises NotKnown."""
    if isinstance(value, Known):
        return value.value
    if isinstance(value, Unknown):
        raise NotKnown(value)
    if isinstance(value, Text):
        text = known_text(value)
        text = text if text is not None else "".join(str(plain_value(part)) for part in value.parts)
        return normal_form(within_bounds(text))
    if isinstance(value, Encoded):
        return within_bounds(json_text(plain_value(value.value)))
    if isinstance(value, ListValue):
        return [plain_value(item) for item in fixed_items(value) if not isinstance(item, Absent)]
    if isinstance(value, ObjectValue):
        pairs = fixed_pairs(value)
        return {key: plain_value(pairs[key].value) for key in pairs if not isinstance(pairs[key].value, Absent)}
    raise NotKnown(Unknown("it can have several values", value.span, value.assumptions))


def settled_text(value: Value) -> str | None:
    """Return the text of a value, including JSON text, or None if it is not fully known."""
    if not isinstance(value, (Text, Encoded)):
        return known_text(value)
    try:
        text = plain_value(value)
    except NotKnown:
        return None
    return str(text)


def fixed_items(value: ListValue) -> list[Value]:
    """Return the elements of a list with a known length. Raises NotKnown."""
    items = []
    for item in value.items:
        if isinstance(item, Repeated):
            reason = "the number of its elements is unknown"
            raise NotKnown(item.element if isinstance(item.element, Unknown) else Unknown(reason, value.span))
        items.append(item)
    return items


def fixed_pairs(value: ObjectValue) -> dict[str, Pair]:
    """Return the members of an object by key, in Terraform's order. Raises NotKnown."""
    pairs = {}
    for member in value.members:
        if not isinstance(member, Pair):
            raise NotKnown(member.unknown)
        key = known_text(member.key)
        if key is None:
            reason = "a key is unknown"
            raise NotKnown(member.key if isinstance(member.key, Unknown) else Unknown(reason, member.key.span))
        pairs[key] = member
    return {key: pairs[key] for key in sorted(pairs)}


def normal_form(text: str) -> str:
    """Return a text in normal form C, as Terraform does, with U+FFFD for each unpaired surrogate.

    https://github.com/zclconf/go-cty/blob/main/cty/value_init.go (NormalizeString)
    """
    return text if text.isascii() else unicodedata.normalize("NFC", _SURROGATE.sub("\ufffd", text))


def json_text(value: Any) -> str:
    """Return a plain value as JSON, without spaces, with sorted members, and with HTML special characters escaped."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{_string(key)}:{json_text(value[key])}" for key in sorted(value)) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(json_text(item) for item in value) + "]"
    if isinstance(value, str):
        return _string(value)
    return "null" if value is None else scalar_text(value)


def within_bounds(text: str) -> str:
    """Return a text. Raises NotKnown if it is too long."""
    if len(text) > MAX_TEXT:
        raise NotKnown(Unknown("a text is too long to evaluate"))
    return text


def _string(text: str) -> str:
    encoded = json.dumps(text, ensure_ascii=False)
    return _ESCAPED.sub(lambda match: f"\\u{ord(match.group()):04x}", encoded)
