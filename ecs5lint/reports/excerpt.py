"""Show lines of source with a mark under the relevant part, safe to print."""

from __future__ import annotations

from collections.abc import Iterable

from ecs5lint.light_typing import NamedTuple
from ecs5lint.location import Source, Span
from ecs5lint.reports.colors import BLUE, Paint
from ecs5lint.text.visible import escape

#: The number of characters shown of a longer line, and how many of them before the mark.
_MAX_WIDTH = 120
_MAX_BEFORE_MARK = 50

#: The number of lines shown of a span that is marked as a whole.
_MAX_LINES = 3


class Line(NamedTuple):
    """A line of source, safe to print. `marked` is the marked part, or None on a line without a mark."""

    number: int
    before: str
    marked: str | None
    after: str
    is_after_gap: bool


def position_text(span: Span) -> str:
    """Return `path:line:column` for the start of a span, or only the path of a span without lines."""
    if not span.source.has_lines:
        return escape_path(span.path)
    line, column = span.source.position(span.start)
    return f"{escape_path(span.path)}:{line}:{column}"


def escape_path(path: str) -> str:
    """Return a path that is safe at the start of a line, where a CI log takes `::` for a command."""
    return escape(f"./{path}" if path.startswith(":") else path)


def excerpt(location: Span, deciding: Span | None, color: str, paint: Paint) -> tuple[str, list[str]]:
    """Return the margin, as wide as the line numbers, and the lines of `shown_lines` with a mark in `color`."""
    opening = _opening(location)
    margin = " " * len(str(max(opening[-1], (deciding or location).line)))
    if not location.source.has_lines:
        return margin, []
    edge = paint(f"{margin} |", BLUE)
    lines = [edge]
    for span, shown in _shown(location, deciding, opening):
        if span.path != location.path:
            lines.append(f"{paint(f'{margin}-->', BLUE)} {position_text(span)}")
        for number, before, marked, after, is_after_gap in shown:
            if is_after_gap:
                lines.append(paint("...", BLUE))
            lines.append(f"{paint(f'{number:{len(margin)}} |', BLUE)} {before}{marked or ''}{after}")
            if marked is not None:
                lines.append(f"{edge} {_blank(before)}{paint('^' * max(1, _width(marked)), color)}")
    lines.append(edge)
    return margin, lines


def shown_lines(location: Span, deciding: Span | None) -> list[tuple[Span, list[Line]]]:
    """Return the first lines of `location`, and the marked line of `deciding`.

    If `deciding` is None, `location` is marked. If the two are in different files, the result has a span with lines for
    each.
    """
    return _shown(location, deciding, _opening(location)) if location.source.has_lines else []


def _shown(location: Span, deciding: Span | None, opening: range) -> list[tuple[Span, list[Line]]]:
    if deciding is None or deciding is location:
        return [(location, _lines(location, opening))]
    # The first line is enough, unless it is only a bracket.
    has_words = any(map(str.isalnum, location.source.line_text(opening[0])))
    opening = opening[: 1 if has_words else 2]
    if deciding.path == location.path:
        return [(location, _lines(deciding, opening))]
    first_lines = [_unmarked(location.source, number, is_after_gap=False) for number in opening]
    return [(location, first_lines), (deciding, _lines(deciding, ()))]


def _lines(marked: Span, others: Iterable[int]) -> list[Line]:
    """Return the marked line, and the others with these numbers."""
    source = marked.source
    marked_number, column = source.position(marked.start)
    lines: list[Line] = []
    last = 0
    for number in sorted({marked_number, *others}):
        is_after_gap = 0 < last < number - 1
        if number == marked_number:
            pieces = _pieces(source.line_text(number), column - 1, marked.end - marked.start)
            lines.append(Line(number, *pieces, is_after_gap))
        else:
            lines.append(_unmarked(source, number, is_after_gap))
        last = number
    return lines


def _unmarked(source: Source, number: int, is_after_gap: bool) -> Line:
    return Line(number, escape_line(_cut(source.line_text(number))), None, "", is_after_gap)


def _opening(span: Span) -> range:
    """Return the numbers of the first lines of a span."""
    first, _ = span.source.position(span.start)
    last, _ = span.source.position(max(span.start, span.end - 1))
    return range(first, min(last, first + _MAX_LINES - 1) + 1)


def _cut(line: str) -> str:
    return line[:_MAX_WIDTH] + "..." * (len(line) > _MAX_WIDTH)


def _pieces(line: str, start: int, length: int) -> tuple[str, str, str]:
    """Return a line in three parts: the text before the mark, the marked text, and the text after it."""
    end = min(start + length, len(line))
    if len(line) <= _MAX_WIDTH:
        return escape_line(line[:start]), escape_line(line[start:end]), escape_line(line[end:])
    first = max(0, start - _MAX_BEFORE_MARK)
    last = first + _MAX_WIDTH
    before = "..." * (first > 0) + line[first:start]
    after = line[end:last] + "..." * (last < len(line))
    return escape_line(before), escape_line(line[start : min(end, last)]), escape_line(after)


def escape_line(text: str) -> str:
    """Return a text with everything but its tabs escaped."""
    return "\t".join(map(escape, text.split("\t"))) if "\t" in text else escape(text)


def _blank(text: str) -> str:
    """Return blanks with the width of `text`, including its tabs."""
    return "\t".join([" " * _width(part) for part in text.split("\t")])


def _width(text: str) -> int:
    """Return the width of a text in terminal columns."""
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width

    return sum(0 if combining(character) else 1 + (east_asian_width(character) in "FW") for character in text)
