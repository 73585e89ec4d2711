"""Read YAML as Terraform's yamldecode does.

Its reader has special rules for tags, merge keys, scalars and anchors:
https://github.com/zclconf/go-cty-yaml/blob/v1.1.0/decode.go (see also resolve.go in that directory)
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Sequence
from datetime import datetime

from ecs5lint.light_typing import TYPE_CHECKING, NamedTuple
from ecs5lint.location import Failure, OutOfBounds, Source, Span
from ecs5lint.parsers.terraform.language.plain_values import normal_form
from ecs5lint.parsers.terraform.syntax.errors import EvaluationError, NotKnown
from ecs5lint.parsers.terraform.syntax.numbers import parse_number, scalar_text
from ecs5lint.text.yaml import COLLECTION, PLAIN, QUOTED, STANDARD, Converter, compose
from ecs5lint.values.conditions import All, Condition, Constant
from ecs5lint.values.kinds import Assumptions, Known, ListValue, ObjectValue, Pair, Repeated, Text, Unknown, Value
from ecs5lint.values.pieces import Assembled

if TYPE_CHECKING:
    from yaml.nodes import CollectionNode, Node

#: Represents a hole: its number, between characters that no YAML contains.
_HOLE = re.compile("\ue000([0-9]+)\ue001")
#: A hole at the start of a line may add any number of lines.
_HOLE_AS_LINE = re.compile("^[ \t-]*\ue000", re.MULTILINE)
_ALIAS = re.compile(r"(?:^|[\s,\[{:])\*\S", re.MULTILINE)

#: The version of a document that names one. Only one version is accepted.
_VERSION = re.compile(r"^%YAML[ \t]+(\S+)", re.MULTILINE)
#: An empty tag, after an anchor or before it.
_BARE_TAG = re.compile(r"(?:&\S+\s+)?!(?:\s|\Z)")

_WORDS: dict[str, Constant] = {
    **dict.fromkeys(("true", "True", "TRUE", "y", "Y", "yes", "Yes", "YES", "on", "On", "ON"), True),
    **dict.fromkeys(("false", "False", "FALSE", "n", "N", "no", "No", "NO", "off", "Off", "OFF"), False),
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
}
_INFINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)")
_NOT_A_NUMBER = {".nan", ".NaN", ".NAN"}
#: The first characters of scalars that may be something other than text.
_MAY_BE_ANYTHING = re.compile(r"[-+0-9yYnNtTfFoO~.]")
_INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_TIMESTAMP = re.compile(
    r"(?P<year>[0-9]{4})-(?P<month>[0-9]{1,2})-(?P<day>[0-9]{1,2})"
    r"(?:(?:(?P<T>[Tt])| )(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{1,2}):(?P<second>[0-9]{1,2})(?:[.,][0-9]+)?"
    r"(?P<zone>Z|[-+][0-9]{2}:[0-9]{2})?)?"
)
_MAX_INTEGER = 2**64
_QUOTED_STYLES = ("'", '"')
_BLOCK_STYLES = ("|", ">")


def resolve(text: str, tag: str = "", style: str = "") -> Constant:
    """Return the value of a scalar. `tag` is the name of a standard tag. Raises EvaluationError and NotKnown."""
    if (not text or _MAY_BE_ANYTHING.match(text)) and tag not in ("str", "binary"):
        if style in _QUOTED_STYLES:
            return text
        if text in _WORDS:
            return _WORDS[text]
        if _INFINITE.fullmatch(text):
            raise NotKnown(Unknown("an infinite number is not supported"))
        if not tag and text in _NOT_A_NUMBER:
            raise EvaluationError("NaN is not supported")
        found = _timestamp(text) if tag in ("", "timestamp") else None
        if found is not None:
            return found
        if text[0] == "." and _FLOAT.fullmatch(text):
            return parse_number(text)
        if text[0] in "+-0123456789" and (_INTEGER.fullmatch(text) or _FLOAT.fullmatch(text)):
            tag = "int"
    return _tagged(text, tag)


def _tagged(text: str, tag: str) -> Constant:
    if tag in ("int", "float"):
        return _number(text)
    if tag == "null":
        return None
    if tag in ("bool", "timestamp"):
        raise _not_a(text, tag)
    if tag == "binary":
        try:
            base64.b64decode(text, validate=True)
        except ValueError:
            raise _not_a(text, tag) from None
    return text


def _not_a(text: str, tag: str) -> EvaluationError:
    return EvaluationError(f'"{text}" is not a valid !!{tag}')


def _number(written: str) -> Constant:
    text = written.replace("_", "")
    found = parse_number(text)
    if found is not None:
        return found
    try:
        whole = int(text if text.isalnum() or text[:1] in ("+", "-") else "", 0)
    except ValueError:
        raise _not_a(written, "int") from None
    if not -_MAX_INTEGER // 2 <= whole < _MAX_INTEGER:
        raise _not_a(written, "int")
    return whole


def _timestamp(text: str) -> str | None:
    """Return a date or a time in RFC 3339 format, or None if the text is neither."""
    match = _TIMESTAMP.fullmatch(text)
    if match is None or bool(match["T"]) is not bool(match["zone"]):
        return None
    fields = [int(match[name] or 0) for name in ("year", "month", "day", "hour", "minute", "second")]
    zone = match["zone"] or "Z"
    try:
        # Go has a year 0, which is a leap year.
        datetime(fields[0] or 4, fields[1], fields[2], fields[3], fields[4], fields[5])
    except ValueError:
        return None
    if zone != "Z" and (int(zone[1:3]) > 24 or int(zone[4:]) > 59):
        return None
    date, time = "{:04}-{:02}-{:02}".format(*fields[:3]), "{:02}:{:02}:{:02}".format(*fields[3:])
    return f"{date}T{time}{'Z' if zone[1:] == '00:00' else zone}"


class _Converter(Converter):
    """Turns the nodes of a document into values by the rules of Terraform's reader."""

    def __init__(self, source: Source) -> None:
        super().__init__(source, resolve, None)

    def check(self, root: Node) -> None:
        """Raise Failure for unsupported tags, and for aliases that are keys or stand for keys."""
        seen: dict[int, bool] = {}
        pending = [(root, False)]
        while pending:
            node, is_key = pending.pop()
            if id(node) in seen:
                if is_key or seen[id(node)]:
                    raise self.failure("an alias can be neither a key nor stand for one", node)
                continue
            seen[id(node)] = is_key
            if node.tag == "!" or _BARE_TAG.match(self.source.text, node.start_mark.index):
                raise self.failure('the tag "!" is not supported', node)
            kind = getattr(node, "id", "")
            if kind == "sequence":
                self._check_collection(node, "seq")
                pending += [(item, False) for item in node.value]
            elif kind == "mapping":
                self._check_collection(node, "map")
                pending += [(key, True) for key, _ in node.value] + [(value, False) for _, value in node.value]

    def _check_collection(self, node: Node, tag: str) -> None:
        if node.tag not in (COLLECTION, STANDARD + tag):
            raise self.failure(f"the tag {node.tag} is not supported here", node)

    def scalar(self, node: Node) -> Value:
        start, end = self.start(node), node.end_mark.index
        style: str = getattr(node, "style", None) or ""
        # The node of a block scalar ends at the next token.
        end = start + len(self.source.text[start:end].rstrip()) if style else end
        span = Span(self.source, start, end)
        try:
            meaning = resolve(node.value, self._tag(node), style)
            if style in _BLOCK_STYLES and meaning is not None and not node.tag.startswith(STANDARD):
                meaning = scalar_text(meaning)  # the type of a block scalar is a string
            return Known(normal_form(meaning) if isinstance(meaning, str) else meaning, span)
        except NotKnown as error:
            return error.unknown._replace(span=span)
        except EvaluationError as error:
            raise self.failure(error.message, node) from None

    def _tag(self, node: Node) -> str:
        tag: str = node.tag
        if tag in (PLAIN, QUOTED):
            return ""
        word = tag.removeprefix(STANDARD)
        if word not in ("str", "bool", "int", "float", "null", "timestamp", "binary"):
            raise self.failure(f"the tag {tag} is not supported here", node)
        return word

    def mapping(self, node: CollectionNode) -> Value:
        """Return the value of a mapping.

        Keys and merge keys apply in order, and later ones win. Raises Failure and NotKnown.
        """
        children = [self.convert(value) for _, value in node.value]
        span = self.span(node, children)
        members: list[Pair] = []
        for (key, value), child in zip(node.value, children, strict=True):
            if key.tag == STANDARD + "merge":
                raise NotKnown(Unknown("Terraform refuses the tag !!merge, and OpenTofu does not"))
            if key.value == "<<" and key.tag in (PLAIN, QUOTED):
                members += self._merged(child, value)
            else:
                members.append(Pair(self._key(key), child, span))
        return ObjectValue(tuple(members), span)

    def _merged(self, value: Value, node: Node) -> list[Pair]:
        if isinstance(value, ObjectValue):
            return [member for member in value.members if isinstance(member, Pair)]
        if isinstance(value, ListValue):
            raise NotKnown(Unknown("Terraform refuses a list of mappings as a merge key, and OpenTofu does not"))
        raise self.failure("a merge key requires a mapping", node)

    def _key(self, node: Node) -> Known:
        if not isinstance(node.value, str):
            raise self.failure("a key must be a scalar", node)
        key = self.scalar(node)
        if isinstance(key, Unknown):
            raise NotKnown(key)
        assert isinstance(key, Known)
        if key.value is None:
            raise self.failure("a key must not be null", node)
        written = Span(self.source, node.start_mark.index, node.end_mark.index)
        return key._replace(value=scalar_text(key.value), span=written)


def decode(parts: Sequence[Value], assumptions: Assumptions) -> Value:
    """Return the value of the YAML in the pieces of a text. Raises EvaluationError and NotKnown."""
    chunks = [_chunk(index, part) for index, part in enumerate(parts)]
    written = Assembled(parts, chunks)
    if _HOLE_AS_LINE.search(written.text):
        raise NotKnown(Unknown("a line of the YAML is unknown", parts[0].span, assumptions))
    regions = list(_regions(parts, chunks))
    if regions and _ALIAS.search(written.text):
        raise NotKnown(Unknown("aliases beside a loop are not evaluated", parts[0].span, assumptions))
    version = _VERSION.search(written.text)
    if version and version[1] != "1.1":
        raise EvaluationError(f"YAML of the version {version[1]} is not supported")
    return _Decoder(parts, written, regions).value(assumptions)


def _chunk(index: int, part: Value) -> str:
    """Return the substitute for a piece in the text to read. It is empty for the marks around a repeated stretch."""
    if isinstance(part, Known):
        return str(part.value)
    return "" if isinstance(part, Unknown) and part.repetition else f"\ue000{index}\ue001"


class _Region(NamedTuple):
    """A stretch of the text that may repeat, and the condition for at least one repetition."""

    start: int
    end: int
    when: Condition


Regions = frozenset[_Region]


def _regions(parts: Sequence[Value], chunks: Sequence[str]) -> Iterator[_Region]:
    offset = 0
    opened: list[int] = []
    for part, chunk in zip(parts, chunks, strict=True):
        found = part.repetition if isinstance(part, Unknown) else None
        if found and found.begins:
            opened.append(offset)
        elif found and opened:
            yield _Region(opened.pop(), offset, found.when)
        offset += len(chunk)


class _Decoder:
    """Decodes one text that consists of pieces."""

    def __init__(self, parts: Sequence[Value], written: Assembled, regions: Sequence[_Region]) -> None:
        self._parts = parts
        self._written = written
        self._regions = regions

    def value(self, assumptions: Assumptions) -> Value:
        source = Source("", self._written.text, "yaml")
        try:
            roots = compose(source, source.text, names_at_end=True)
            if len(roots) != 1:
                raise EvaluationError("it must be one YAML document")
            converter = _Converter(source)
            converter.check(roots[0])
            found = converter.document(roots[0])
        except OutOfBounds as failure:
            raise NotKnown(Unknown(f"the text {failure.message}", self._span_of(failure.span))) from None
        except Failure as failure:
            raise EvaluationError(f"the text {failure.message}", self._span_of(failure.span)) from None
        return self._value(found, assumptions, frozenset())

    def _value(self, value: Value, assumptions: Assumptions, repeated: Regions) -> Value:
        """Return a value with its holes restored, and with its spans in the source.

        `repeated` are the regions around it that already make an enclosing value repeat.
        """
        span = self._span_of(value.span)
        if isinstance(value, ListValue):
            items = tuple(self._item(item, assumptions, repeated) for item in value.items)
            return value._replace(items=items, span=span, assumptions=assumptions)
        if isinstance(value, ObjectValue):
            members = tuple(
                self._member(member, assumptions, repeated) for member in value.members if isinstance(member, Pair)
            )
            return value._replace(members=members, span=span, assumptions=assumptions)
        if self._cut(value.span):
            return Unknown("the number of repetitions in a text is unknown", span, assumptions)
        if isinstance(value, Known) and isinstance(value.value, str) and _HOLE.search(value.value):
            return self._with_holes(value.value, span, assumptions)
        return value._replace(span=span, assumptions=assumptions)

    def _item(self, item: Value | Repeated, assumptions: Assumptions, repeated: Regions) -> Value | Repeated:
        assert not isinstance(item, Repeated)
        around = self._around(item, item) - repeated
        value = self._value(item, assumptions, repeated | around)
        return Repeated(value, All(*(region.when for region in around))) if around else value

    def _member(self, member: Pair, assumptions: Assumptions, repeated: Regions) -> Pair:
        # If there are several, the last one counts, and they are all alike.
        around = self._around(member.key, member.value) - repeated
        key = self._value(member.key, frozenset(), repeated | around)
        return Pair(key, self._value(member.value, assumptions, repeated | around), self._span_of(member.within))

    def _around(self, first: Value, last: Value) -> Regions:
        """Return the regions in which a value begins. Raises NotKnown if it ends outside one of them."""
        start = first.span.start if first.span else 0
        around = frozenset(region for region in self._regions if region.start <= start < region.end)
        if any(_last(last) > region.end for region in around):
            raise NotKnown(Unknown("a part of the YAML goes on after the loop that it begins in"))
        return around

    def _cut(self, span: Span | None) -> bool:
        """Tell whether a region begins or ends inside a scalar."""
        return span is not None and any(
            span.start < region.start < span.end or span.start < region.end < span.end for region in self._regions
        )

    def _with_holes(self, text: str, span: Span | None, assumptions: Assumptions) -> Value:
        holes = [self._parts[int(number)] for number in _HOLE.findall(text)]
        literals = _HOLE.split(text)[::2]
        if len(holes) == 1 and not any(literals):
            # As a whole YAML value, it may also be a number or a boolean.
            return holes[0].derived() if isinstance(holes[0], Unknown) else holes[0]
        pieces: list[Value] = []
        for literal, hole in zip(literals, [*holes, None], strict=True):
            if literal:
                pieces.append(Known(literal, span))
            if hole is not None:
                pieces.append(hole)
        return Text(tuple(pieces), span, assumptions)

    def _span_of(self, span: Span | None) -> Span | None:
        return span and self._written.span(span.start, span.end)


def _last(value: Value) -> int:
    """Return the end of the last scalar inside a value."""
    if isinstance(value, ListValue) and value.items:
        return max(_last(item) for item in value.items if not isinstance(item, Repeated))
    if isinstance(value, ObjectValue) and value.members:
        return max(_last(member.value) for member in value.members if isinstance(member, Pair))
    return value.span.end if value.span else 0
