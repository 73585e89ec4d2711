"""Split text into its pieces, so that a function can change some of it and keep the rest.

A piece is a Known text with its position, or a hole, whose text is unknown.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate
from typing import NamedTuple

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
            return [Unknown("the number of elements is not known", span, value.assumptions)]
        groups = [_json_pieces(Encoded(item, encoded.span)) for item in elements]
        return _bracketed("[", groups, "]", span, value.assumptions)
    if isinstance(value, ObjectValue):
        members = [member for member in value.members if isinstance(member, Pair)]
        if len(members) < len(value.members):
            return [Unknown("not all of the members are known", span, value.assumptions)]
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
        raise NotKnown(Unknown("a text is too long to follow", span))
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


def cut(piece: Known, start: int, end: int) -> Known:
    """Return the characters of a piece from `start` to `end`, with their positions."""
    text = str(piece.value)[start:end]
    return piece._replace(value=text, verbatim=None if piece.verbatim is None else piece.verbatim + start)


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
    whole, starts = _joined(parts)
    edges = {edge for edit in find(whole) for edge in (edit.start, edit.end)}
    for index, part in enumerate(parts):
        if isinstance(part, Choice) and not edges.isdisjoint(starts[index : index + 2]):

            def with_leaf(leaf: Value, index: int = index) -> Value:
                return _beside_json(value, [*parts[:index], *pieces(leaf), *parts[index + 1 :]], find)

            return lift(with_leaf, part)
    return _substitute(value, parts, find)


def _joined(parts: Sequence[Value]) -> tuple[str, list[int]]:
    """Return the text of pieces, with a HOLE for each unknown one, and the positions where they start and end."""
    texts = [str(part.value) if isinstance(part, Known) else HOLE for part in parts]
    return "".join(texts), [0, *accumulate(map(len, texts))]


def _substitute(value: Value, parts: Sequence[Value], find: Callable[[str], Iterable[Edit]]) -> Value:
    whole, starts = _joined(parts)
    result: list[Value] = []
    position = 0
    for start, end, replacement in find(whole):
        result.extend(_between(parts, starts, position, start))
        position = end
        if replacement is None:
            holes = (part for part in _between(parts, starts, start, end) if not isinstance(part, Known))
            result.append(_of_any_text(next(holes)))
        elif HOLE in whole[start:end]:
            raise NotKnown(Unknown("what is replaced takes in a part that is not known", value.span, value.assumptions))
        elif not isinstance(replacement, str):
            result.append(replacement)
        else:
            result.append(Known(replacement, parts[bisect_right(starts, start, hi=len(parts)) - 1].span))
    result.extend(_between(parts, starts, position, len(whole)))
    return as_text(result, value.span, value.assumptions)


def _of_any_text(hole: Value) -> Unknown:
    """Return a hole that has absorbed the text next to it."""
    if isinstance(hole, Unknown):
        return hole.derived(type=hole.type)
    return Unknown("a part of the text is not known", hole.span, hole.assumptions)


def _between(parts: Sequence[Value], starts: Sequence[int], start: int, end: int) -> list[Value]:
    """Return the pieces between two positions. Cuts the first and the last piece."""
    found = []
    for index in range(max(0, bisect_right(starts, start) - 1), len(parts)):
        part, begin = parts[index], starts[index]
        if begin >= end:
            break
        found.append(cut(part, max(0, start - begin), end - begin) if isinstance(part, Known) else part)
    return found


class Written:
    """A text that consists of pieces, with the position of each character in its source.

    `chunks` are the pieces as they appear in the text. A hole appears as a substitute.
    """

    def __init__(self, parts: Sequence[Value], chunks: Sequence[str]) -> None:
        self.text = "".join(chunks)
        self._parts = parts
        self._starts = [0]
        for chunk in chunks:
            self._starts.append(self._starts[-1] + len(chunk))

    def span(self, start: int, end: int) -> Span | None:
        """Return the span of a stretch of the text, or the start of the span if it covers several files."""
        begin, finish = self._place(start, start), self._place(max(start, end - 1), end)
        if not begin or not finish:
            return begin
        same = begin.source is finish.source and finish.end >= begin.start
        return Span(begin.source, begin.start, finish.end if same else begin.end)

    def _place(self, character: int, position: int) -> Span | None:
        """Return the span of the piece at `character`, or the exact position in it if it is verbatim."""
        index = bisect_right(self._starts, character, hi=len(self._parts)) - 1
        part = self._parts[index]
        if part.span and isinstance(part, Known) and part.verbatim is not None:
            at = part.verbatim + position - self._starts[index]
            return Span(part.span.source, at, at)
        return part.span

    def between(self, start: int, end: int) -> list[Value]:
        """Return the pieces of a stretch of the text."""
        return _between(self._parts, self._starts, start, end)


def relocated(value: Value, source: Source, written: Written) -> Value:
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
