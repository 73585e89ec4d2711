"""Split text into its pieces, so that a function can change some of it and keep the rest.

A piece is a Known text with its position, or a hole, whose text is unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from ecs5lint.light_typing import NamedTuple
from ecs5lint.location import Source, Span
from ecs5lint.parsers.terraform.language.functions.function import spread
from ecs5lint.parsers.terraform.language.plain_values import MAX_TEXT, json_text, normal_form
from ecs5lint.parsers.terraform.syntax.errors import NotKnown
from ecs5lint.values.alternatives import lift
from ecs5lint.values.kinds import (
    NO_ASSUMPTIONS,
    Assumptions,
    Choice,
    Encoded,
    Known,
    ListValue,
    ObjectValue,
    Pair,
    Repeated,
    Text,
    Unknown,
    Value,
    all_assumptions,
    assume,
)
from ecs5lint.values.pieces import Assembled
from ecs5lint.values.traverse import map_children

#: Replaces a hole when the pieces are searched as a single text.
HOLE = "\ufffc"


class Edit(NamedTuple):
    """A change to a text: the replacement for a stretch. With None, a hole in the stretch absorbs the whole stretch."""

    start: int
    end: int
    replacement: str | Value | None


def pieces(value: Value) -> list[Value]:
    """Return the pieces of a text. Structured JSON counts as one piece."""
    if isinstance(value, Text):
        return [piece for part in value.parts for piece in pieces(part)]
    return [value]


def written_out(parts: Iterable[Value]) -> list[Value]:
    """Return pieces in which structured JSON is expanded to text. Each piece of it keeps the position of its value."""
    return [piece for part in parts for piece in (_json_pieces(part) if isinstance(part, Encoded) else [part])]


def _json_pieces(encoded: Encoded) -> list[Value]:
    value, span = encoded.value, encoded.value.span or encoded.span
    if isinstance(value, ListValue):
        elements = [item for item in value.items if not isinstance(item, Repeated)]
        if len(elements) < len(value.items):
            return [Unknown("the number of elements is unknown", span, value.assumptions)]
        groups = [_json_pieces(Encoded(item, encoded.span)) for item in elements]
        return _bracketed("[", groups, "]", span, value.assumptions)
    if isinstance(value, ObjectValue):
        members = [member for member in value.members if isinstance(member, Pair)]
        if len(members) < len(value.members):
            return [Unknown("the object has unknown keys", span, value.assumptions)]
        groups = [
            [
                *_json_pieces(Encoded(member.key, encoded.span)),
                Known(":", member.key.span),
                *_json_pieces(Encoded(member.value, encoded.span)),
            ]
            for member in members
        ]
        return _bracketed("{", groups, "}", span, value.assumptions)
    if isinstance(value, Known):
        return [Known(json_text(value.value), span, value.assumptions)]
    if isinstance(value, (Text, Encoded)):
        inner = [
            Known(json_text(part.value)[1:-1], part.span, part.assumptions) if isinstance(part, Known) else part
            for part in written_out(pieces(value))
        ]
        return [Known('"', span), *inner, Known('"', span)]
    return [encoded if not isinstance(value, Unknown) else value]


def _bracketed(
    opening: str, groups: Sequence[list[Value]], closing: str, span: Span | None, assumptions: Assumptions
) -> list[Value]:
    found: list[Value] = [Known(opening, span, assumptions)]
    for index, group in enumerate(groups):
        found.extend([Known(",", span), *group] if index else group)
    return [*found, Known(closing, span)]


def as_text(parts: Sequence[Value], span: Span | None, assumptions: Assumptions = NO_ASSUMPTIONS) -> Value:
    """Return the text that consists of the pieces. Raises NotKnown if it is too long."""
    parts = [piece for part in parts for piece in _unnested(part) if not _is_empty(piece)]
    length = len(parts) + sum(len(str(part.value)) for part in parts if isinstance(part, Known))
    if length > MAX_TEXT:
        raise NotKnown(Unknown("a text is too long to evaluate", span))
    if len(parts) == 1 and isinstance(parts[0], (Known, Encoded, Text)):
        return parts[0]._replace(assumptions=parts[0].assumptions | assumptions)
    texts = [part.value for part in parts if isinstance(part, Known) and part.verbatim is None]
    if len(texts) == len(parts) and all(part.span is None or part.span == span for part in parts):
        text = normal_form("".join(str(text) for text in texts))
        return Known(text, span, assumptions | all_assumptions(parts))
    return Text(tuple(parts), span, assumptions)


def _unnested(part: Value) -> list[Value]:
    return [assume(piece, part.assumptions) for piece in part.parts] if isinstance(part, Text) else [part]


def _is_empty(part: Value) -> bool:
    return isinstance(part, Known) and part.value == "" and not part.assumptions


def substitute(value: Value, find: Callable[[str], Iterable[Edit]], *, keep_json: bool = False) -> Value:
    """Return a text with the changes from `find`, in order.

    `find` gets the text with a HOLE for each unknown part. With `keep_json`, structured JSON is a HOLE too. Otherwise,
    `find` runs for each alternative inside such JSON. Raises NotKnown if a stretch to replace contains a hole.
    """
    if keep_json:
        return _beside_json(value, pieces(value), find)
    return lift(lambda text: _substitute(text, written_out(pieces(text)), find), spread(value))


def _beside_json(value: Value, parts: list[Value], find: Callable[[str], Iterable[Edit]]) -> Value:
    """Return a text with changes beside structured JSON, for each alternative of a choice that borders on a change."""
    whole = _joined(parts)
    edges = {edge for edit in find(whole.text) for edge in (edit.start, edit.end)}
    for index, part in enumerate(parts):
        if isinstance(part, Choice) and not edges.isdisjoint(whole.starts[index : index + 2]):

            def with_leaf(leaf: Value, index: int = index) -> Value:
                return _beside_json(value, [*parts[:index], *pieces(leaf), *parts[index + 1 :]], find)

            return lift(with_leaf, part)
    return _substitute(value, parts, find)


def _joined(parts: Sequence[Value]) -> Assembled:
    """Return the text of pieces, with a HOLE for each unknown one."""
    return Assembled(parts, [str(part.value) if isinstance(part, Known) else HOLE for part in parts])


def _substitute(value: Value, parts: Sequence[Value], find: Callable[[str], Iterable[Edit]]) -> Value:
    whole = _joined(parts)
    result: list[Value] = []
    offset = 0
    for start, end, replacement in find(whole.text):
        result.extend(whole.between(offset, start))
        offset = end
        if replacement is None:
            holes = (part for part in whole.between(start, end) if not isinstance(part, Known))
            result.append(_of_any_text(next(holes)))
        elif HOLE in whole.text[start:end]:
            raise NotKnown(Unknown("a match may include an unknown part", value.span, value.assumptions))
        elif not isinstance(replacement, str):
            result.append(replacement)
        else:
            result.append(Known(replacement, parts[whole.index(start)].span))
    result.extend(whole.between(offset, len(whole.text)))
    return as_text(result, value.span, value.assumptions)


def _of_any_text(hole: Value) -> Unknown:
    """Return a hole that has absorbed the text next to it."""
    if isinstance(hole, Unknown):
        return hole.derived(type=hole.type)
    return Unknown("a part of the text is unknown", hole.span, hole.assumptions)


def relocated(value: Value, source: Source, written: Assembled) -> Value:
    """Return a text made from `source`, whose text is `written`, with the spans of the original pieces."""

    def moved(value: Value) -> Value:
        if isinstance(value, (Choice, Text)):
            return map_children(moved, value)._replace(span=span_of(value))
        if value.span is None or value.span.source is not source:
            return value
        if isinstance(value, Known) and value.verbatim is not None:
            parts = written.between(value.verbatim, value.verbatim + len(str(value.value)))
            return as_text(parts, span_of(value), value.assumptions)
        return value._replace(span=span_of(value))

    def span_of(value: Value) -> Span | None:
        span = value.span
        return written.span(span.start, span.end) if span and span.source is source else span

    return moved(value)
