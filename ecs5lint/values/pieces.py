"""Texts that are assembled from parts, with the position of each character in its source."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

from ecs5lint.location import DerivedSource, Source, Span
from ecs5lint.values.kinds import Known, Value


class Assembled:
    """A text that consists of parts. `chunks` are the parts as they appear in the text: a hole has a substitute."""

    def __init__(self, parts: Sequence[Value], chunks: Sequence[str]) -> None:
        self.parts = parts
        self.text = "".join(chunks)
        #: The offset of each part, and of the end.
        self.starts = [0, *accumulate(map(len, chunks))]

    def index(self, offset: int) -> int:
        """Return the index of the part at an offset, or of the last part for the end of the text."""
        return bisect_right(self.starts, offset, hi=len(self.parts)) - 1

    def span(self, start: int, end: int) -> Span | None:
        """Return the span of a stretch of the text, or the start of the span if it covers several files."""
        begin, finish = self._origin(start, start), self._origin(max(start, end - 1), end)
        if not begin or not finish:
            return begin
        same = begin.source is finish.source and finish.end >= begin.start
        return Span(begin.source, begin.start, finish.end if same else begin.end)

    def _origin(self, character: int, offset: int) -> Span | None:
        """Return the span of the part at `character`, or an exact offset in it if it is verbatim."""
        index = self.index(character)
        part = self.parts[index]
        if part.span and isinstance(part, Known) and part.verbatim is not None:
            at = part.verbatim + offset - self.starts[index]
            return Span(part.span.source, at, at)
        return part.span

    def between(self, start: int, end: int) -> list[Value]:
        """Return the parts between two offsets. The first and the last part are cut."""
        found = []
        for index in range(max(0, bisect_right(self.starts, start) - 1), len(self.parts)):
            part, begin = self.parts[index], self.starts[index]
            if begin >= end:
                break
            found.append(cut(part, max(0, start - begin), end - begin) if isinstance(part, Known) else part)
        return found

    def source(self, origin: Source, otherwise: int) -> DerivedSource:
        """Return the text as a source whose positions lead to `origin`: to `otherwise` if no part comes from there."""
        stretches = [
            (start, part.verbatim if isinstance(part, Known) and part.verbatim is not None else part.span.start)
            for start, part in zip(self.starts, self.parts, strict=False)
            if part.span and part.span.source is origin
        ]
        return DerivedSource(origin, self.text, stretches or [(0, otherwise)])


def cut(piece: Known, start: int, end: int) -> Known:
    """Return the characters of a piece from `start` to `end`, with their positions."""
    text = str(piece.value)[start:end]
    return piece._replace(value=text, verbatim=None if piece.verbatim is None else piece.verbatim + start)


def template_text(value: Known) -> str:
    """Return a scalar as a template writes it."""
    if isinstance(value.value, bool):
        return "true" if value.value else "false"
    return "" if value.value is None else str(value.value)
