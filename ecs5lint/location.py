"""Represent positions: a source text, and a span in it.

Spans are offsets. Lines and columns are computed only when a finding is reported, because only a few of thousands of
values are ever reported.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterable
from itertools import accumulate, count, pairwise
from operator import add

from ecs5lint.light_typing import NamedTuple


def is_arn(path: str) -> bool:
    """Tell whether a path is the ARN of a resource of Amazon ECS, in place of a file."""
    return path.startswith("arn:") and ":ecs:" in path


class Source:
    """A text from a file (or standard input), and its lines.

    `path` is the name of the file in reports: relative to the working directory, with `/`. `text` is the decoded
    content without a byte order mark, with unchanged line ends. `syntax` is that of the text: `json`, `yaml` or `hcl`.
    """

    __slots__ = ("_line_starts", "path", "syntax", "text")

    def __init__(self, path: str, text: str, syntax: str) -> None:
        self.path = path
        self.text = text
        self.syntax = syntax
        self._line_starts: array[int] | None = None

    @property
    def has_lines(self) -> bool:
        """Whether it is a file, with lines that a reader can look up."""
        return not is_arn(self.path)

    def position(self, offset: int) -> tuple[int, int]:
        """Return the line and the column of an offset, both from 1. Columns count characters."""
        starts = self._line_starts or self._starts()
        line = bisect_right(starts, offset)
        return line, offset - starts[line - 1] + 1

    def offset(self, line: int, column: int) -> int:
        """Return the offset of a line and a column, both from 1. It is the inverse of `position`."""
        return (self._line_starts or self._starts())[line - 1] + column - 1

    def line_text(self, line: int) -> str:
        """Return a line, counted from 1, without its line end. It is empty after the last line."""
        starts = self._line_starts or self._starts()
        if not 1 <= line <= len(starts):
            return ""
        end = starts[line] if line < len(starts) else len(self.text)
        return self.text[starts[line - 1] : end].rstrip("\r\n")

    def lines(self, numbers: range) -> list[str]:
        """Return the lines with consecutive numbers, without their line ends."""
        starts = self._line_starts or self._starts()
        end = starts[numbers[-1]] if numbers[-1] < len(starts) else len(self.text)
        found = self.text[starts[numbers[0] - 1] : end].split("\n")
        return [line.rstrip("\r") for line in found[: len(numbers)]]

    def _starts(self) -> array[int]:
        """Find the offsets of the line starts, for this position and all later ones."""
        # An array takes a fifth of the memory of a list, and a run may report from thousands of files.
        *lines, _ = self.text.split("\n")
        # The first n lines and their line ends are as long as the n lines together, and n more.
        self._line_starts = array("L", [0, *map(add, accumulate(map(len, lines)), count(1))])
        return self._line_starts


class DerivedSource(Source):
    """A text that consists of stretches of another text, such as a string with decoded escapes.

    Its positions are in the other.

    `stretches` are pairs of offsets, in this text and in the other source, in order.
    """

    __slots__ = ("_stretches", "origin")

    def __init__(self, origin: Source, text: str, stretches: list[tuple[int, int]]) -> None:
        super().__init__(origin.path, text, origin.syntax)
        self.origin = origin
        self._stretches = stretches

    def position(self, offset: int) -> tuple[int, int]:
        return self.origin.position(self.origin_offset(offset))

    def line_text(self, line: int) -> str:
        return self.origin.line_text(line)

    def lines(self, numbers: range) -> list[str]:
        return self.origin.lines(numbers)

    def origin_offset(self, offset: int) -> int:
        """Return the offset in the other source of the character at an offset."""
        start, original = self._stretches[max(0, bisect_right(self._stretches, (offset, len(self.origin.text))) - 1)]
        return original + offset - start


def written_in(source: Source) -> Source:
    """Return the original source of a text, which may be derived from it."""
    while isinstance(source, DerivedSource):
        source = source.origin
    return source


class Span(NamedTuple):
    """A stretch of a source. `start` is the offset of its first character, and `end` the offset after its last."""

    source: Source
    start: int
    end: int

    @property
    def path(self) -> str:
        return self.source.path

    @property
    def line(self) -> int:
        return self.source.position(self.start)[0]

    @property
    def text(self) -> str:
        """The text of the span."""
        return self.source.text[self.start : self.end]

    @property
    def in_file(self) -> Span:
        """The span in the text of the original file."""
        source, start, end = self
        while isinstance(source, DerivedSource):
            first, last = source.origin_offset(start), source.origin_offset(max(start, end - 1))
            # An escape is longer than the character it represents.
            is_escape = source.origin.text[last : last + 1] == "\\"
            after = source.origin_offset(end) if is_escape else last + 1
            source, start, end = source.origin, first, max(first, after) if end > start else first
        return Span(source, start, end)

    @property
    def start_in_file(self) -> tuple[str, int]:
        """The path of the original file, and the offset of the first character there.

        Equal texts that are embedded in one file differ by it.
        """
        if not isinstance(self.source, DerivedSource):
            return self.source.path, self.start
        in_file = self.in_file
        return in_file.path, in_file.start


class Edit(NamedTuple):
    """A change of a file: the new text for a span, which may be empty."""

    span: Span
    text: str

    @property
    def path(self) -> str:
        return self.span.path


def distinct(edits: Iterable[Edit]) -> list[Edit]:
    """Return edits without duplicates, sorted by position."""
    return [edit for _, edit in sorted({(_sort_key(edit), edit.text): edit for edit in edits}.items())]


def overlap(edits: Iterable[Edit]) -> bool:
    """Tell whether two different edits change the same characters, or insert at the same offset."""
    return any(
        one.path == other.path and (other.span.start < one.span.end or one.span.start == other.span.start)
        for one, other in pairwise(distinct(edits))
    )


def apply(text: str, edits: Iterable[Edit]) -> str:
    """Return a text after edits that don't overlap."""
    pieces: list[str] = []
    at = 0
    for edit in distinct(edits):
        pieces += [text[at : edit.span.start], edit.text]
        at = edit.span.end
    return "".join([*pieces, text[at:]])


def _sort_key(edit: Edit) -> tuple[str, int, int]:
    return edit.path, edit.span.start, edit.span.end


class Failure(Exception):
    """An input can't be read or parsed. Has a message for the user, and the position."""

    def __init__(self, message: str, path: str, span: Span | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.path = path
        self.span = span

    def __reduce__(self) -> tuple[type[Failure], tuple[str, str, Span | None]]:
        # Pickle creates an exception from its arguments, and Exception itself only keeps the message.
        return type(self), (self.message, self.path, self.span)

    @property
    def position(self) -> tuple[int, int]:
        """The line and the column of the failure. It is (1, 1) for an unreadable file."""
        return self.span.source.position(self.span.start) if self.span else (1, 1)


class PassingFailure(Failure):
    """A failure that the next run may not have, so that a baseline never records it."""


class OutOfBounds(Failure):
    """An input exceeds a limit of this program. It may be valid."""
