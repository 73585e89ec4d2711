"""YAML as Terraform's yamlencode writes it and its yamldecode reads it.

https://developer.hashicorp.com/terraform/language/functions/yamldecode
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from ecs5lint.conditions import Constant
from ecs5lint.location import Failure, Source, Span
from ecs5lint.parsers.documents import parse_yaml
from ecs5lint.parsers.terraform.errors import EvaluationError, NotKnown
from ecs5lint.parsers.terraform.functions.pieces import Written
from ecs5lint.parsers.terraform.types import parse_number, scalar_text
from ecs5lint.values import Assumptions, Known, ListValue, ObjectValue, Pair, Repeated, Text, Unknown, Value

#: Stands for a hole: characters that are in no one's YAML, around the number of the hole.
_HOLE = re.compile("\ue000([0-9]+)\ue001")
#: A hole that begins a line may bring any number of lines.
_HOLE_AS_LINE = re.compile("^[ \t-]*\ue000", re.MULTILINE)

_TRUE = {"true", "True", "TRUE", "y", "Y", "yes", "Yes", "YES", "on", "On", "ON"}
_FALSE = {"false", "False", "FALSE", "n", "N", "no", "No", "NO", "off", "Off", "OFF"}
_NULL = {"", "~", "null", "Null", "NULL"}
_INTEGER = re.compile(r"[-+]?(?:0x([0-9a-fA-F]+)|0o([0-7]+)|([0-9]+))")
_NOT_FOLLOWED = re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}.*|[-+]?\.(?:inf|Inf|INF|nan|NaN|NAN)")


def resolve(text: str) -> Constant:
    """Return what a plain scalar means to yamldecode. Raises NotKnown for a date."""
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    if text in _NULL:
        return None
    if _NOT_FOLLOWED.fullmatch(text):
        raise NotKnown(Unknown(f"{text} in YAML is not followed"))
    match = _INTEGER.fullmatch(text)
    if match and len(text) < 100:
        digits, base = next((match[index], base) for index, base in ((1, 16), (2, 8), (3, 10)) if match[index])
        return -int(digits, base) if text.startswith("-") else int(digits, base)
    number = parse_number(text) if text[:1] in "+-.0123456789" else None
    return text if number is None else number


def decode(parts: Sequence[Value], assumptions: Assumptions) -> Value:
    """Return the value of the YAML that the pieces of a text make. Raises EvaluationError and NotKnown."""
    chunks = [
        str(part.value) if isinstance(part, Known) else f"\ue000{index}\ue001" for index, part in enumerate(parts)
    ]
    written = Written(parts, chunks)
    if _HOLE_AS_LINE.search(written.text):
        raise NotKnown(Unknown("a line of the YAML is not known", parts[0].span, assumptions))
    return _Decoder(parts, written).value(assumptions)


class _Decoder:
    """The reading of one text that is put together from pieces."""

    def __init__(self, parts: Sequence[Value], written: Written) -> None:
        self._parts = parts
        self._written = written

    def value(self, assumptions: Assumptions) -> Value:
        try:
            documents = parse_yaml(Source("", self._written.text, "yaml"), resolve)
        except Failure as failure:
            span = self._place(failure.span)
            raise EvaluationError(f"the text {failure.message}", span) from None
        if len(documents) != 1:
            raise EvaluationError("it must be one YAML document")
        return self._value(documents[0], assumptions)

    def _value(self, value: Value, assumptions: Assumptions) -> Value:
        """Return a value with its holes put in and where it is really written."""
        span = self._place(value.span)
        if isinstance(value, ListValue):
            items = tuple(
                item if isinstance(item, Repeated) else self._value(item, assumptions) for item in value.items
            )
            return value._replace(items=items, span=span, assumptions=assumptions)
        if isinstance(value, ObjectValue):
            members = tuple(
                Pair(self._key(member.key), self._value(member.value, assumptions), self._place(member.within))
                for member in value.members
                if isinstance(member, Pair)
            )
            return value._replace(members=members, span=span, assumptions=assumptions)
        assert isinstance(value, Known)
        if isinstance(value.value, str) and _HOLE.search(value.value):
            return self._with_holes(value.value, span, assumptions)
        return value._replace(span=span, assumptions=assumptions)

    def _key(self, key: Value) -> Value:
        """Return the name of a member: a key that is no text becomes its text."""
        assert isinstance(key, Known)
        assert key.span
        if key.span.text[:1] not in "'\"" and isinstance(key.value, str):
            meaning = resolve(key.value)
            if meaning is None:
                raise EvaluationError("a key must not be null", self._place(key.span))
            key = key._replace(value=scalar_text(meaning))
        return self._value(key, key.assumptions)

    def _with_holes(self, text: str, span: Span | None, assumptions: Assumptions) -> Value:
        holes = [self._parts[int(number)] for number in _HOLE.findall(text)]
        literals = _HOLE.split(text)[::2]
        if len(holes) == 1 and not any(literals):
            return _of_any_type(holes[0])
        pieces: list[Value] = []
        for literal, hole in zip(literals, [*holes, None], strict=True):
            if literal:
                pieces.append(Known(literal, span))
            if hole is not None:
                pieces.append(hole)
        return Text(tuple(pieces), span, assumptions)

    def _place(self, span: Span | None) -> Span | None:
        return span and self._written.span(span.start, span.end)


def _of_any_type(hole: Value) -> Value:
    """Return what an unknown text is as a whole YAML value: perhaps a number or a boolean."""
    if isinstance(hole, Unknown):
        return hole._replace(symbol=None, domain=None, condition=None, type=None, accepts=None)
    return hole


#: From where on yamlencode breaks a line at the next space, and how long the key of a member is at most.
_WIDTH = 81
_MAX_KEY = 128


def encode(value: Any) -> str:
    """Return a plain value as yamlencode writes it. Raises NotKnown for text that it writes in other ways."""
    first, *others = _lines(value)
    if isinstance(value, str):
        others = _indented(others)
    if any(" " in line[_WIDTH:] for line in (first, *others)):
        raise NotKnown(Unknown("how yamlencode breaks long lines is not followed"))
    text = "".join(line + "\n" for line in (first, *others))
    return text if isinstance(value, (dict, list, str)) else text + "...\n"


def _lines(value: Any) -> list[str]:
    if isinstance(value, dict) and value:
        lines = []
        for key in sorted(value):
            first, *others = _lines(value[key])
            if isinstance(value[key], (dict, list)) and value[key]:
                block = [first, *others]
                lines += [f"{_key(key)}:", *(block if isinstance(value[key], list) else _indented(block))]
            else:
                lines += [f"{_key(key)}: {first}", *_indented(others)]
        return lines
    if isinstance(value, list) and value:
        lines = []
        for item in value:
            first, *others = _lines(item)
            lines += [f"- {first}", *_indented(others)]
        return lines
    if isinstance(value, (dict, list)):
        return ["{}" if isinstance(value, dict) else "[]"]
    if isinstance(value, str):
        return _literal(value) if "\n" in value and not _NOT_LITERAL.search(value) else [_quoted(value)]
    return ["null" if value is None else scalar_text(value)]


def _indented(lines: list[str]) -> list[str]:
    return ["  " + line if line else "" for line in lines]


#: What cannot stand in a literal block: a tab, and spaces that would not be seen.
_NOT_LITERAL = re.compile(r"\t| \n| \Z")


def _literal(text: str) -> list[str]:
    """Return text of several lines as a block in which they stand as they are."""
    _require_writable(text)
    header = "|2" if text[0] in " \n" else "|"
    if not text.endswith("\n"):
        header += "-"
    elif text == "\n" or text.endswith("\n\n"):
        header += "+"
    return [header, *text.removesuffix("\n").split("\n")]


def _key(text: str) -> str:
    key = _quoted(text)
    if "\n" in text or len(key) > _MAX_KEY:
        raise NotKnown(Unknown("how yamlencode writes long keys is not followed"))
    return key


def _quoted(text: str) -> str:
    _require_writable(text)
    return json.dumps(text, ensure_ascii=False)


def _require_writable(text: str) -> None:
    """Raise NotKnown if yamlencode writes some characters of a text in another way than JSON does."""
    if not all(character in "\n\t" or (character.isprintable() and character <= "\uffff") for character in text):
        raise NotKnown(Unknown("how yamlencode writes special characters is not followed"))
