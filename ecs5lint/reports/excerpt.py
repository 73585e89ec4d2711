"""Show lines of source with a mark under the relevant part, safe to print."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

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


def margin_width(location: Span, deciding: Span | None) -> int:
    """Return the width of the line numbers in an excerpt."""
    return len(str(max(_opening(location, _MAX_LINES)[-1], (deciding or location).line)))


def excerpt(location: Span, deciding: Span | None, color: str, paint: Paint) -> Iterator[str]:
    """Yield the lines of `shown_lines` with a mark under the marked part, in `color`."""
    if not location.source.has_lines:
        return
    width = margin_width(location, deciding)
    yield paint(f"{'':{width}} |", BLUE)
    for span, lines in shown_lines(location, deciding):
        if span.path != location.path:
            yield paint(f"{'':{width}}-->", BLUE) + f" {position_text(span)}"
        for line in lines:
            if line.is_after_gap:
                yield paint("...", BLUE)
            yield paint(f"{line.number:{width}} |", BLUE) + f" {line.before}{line.marked or ''}{line.after}"
            if line.marked is not None:
                mark = paint("^" * max(1, _width(line.marked)), color)
                yield paint(f"{'':{width}} |", BLUE) + f" {_blank(line.before)}{mark}"
    yield paint(f"{'':{width}} |", BLUE)


def shown_lines(location: Span, deciding: Span | None) -> list[tuple[Span, list[Line]]]:
    """Return the first lines of `location`, and the marked line of `deciding`.

    If `deciding` is None, `location` is marked. If the two are in different files, the result has a span with lines for
    each.
    """
    if not location.source.has_lines:
        return []
    marked = deciding or location
    opening = _opening(location, _MAX_LINES if marked is location else 1)
    if marked.path == location.path:
        return [(location, _lines(marked.source, {*opening, marked.line}, marked))]
    return [
        (location, _lines(location.source, opening, marked)),
        (marked, _lines(marked.source, [marked.line], marked)),
    ]


def _lines(source: Source, numbers: Iterable[int], marked: Span) -> list[Line]:
    lines: list[Line] = []
    for number in sorted(numbers):
        is_after_gap = bool(lines) and number > lines[-1].number + 1
        text = source.line_text(number)
        if source.path == marked.path and number == marked.line:
            lines.append(Line(number, *_pieces(text, marked), is_after_gap))
        else:
            lines.append(Line(number, escape_line(_cut(text)), None, "", is_after_gap))
    return lines


def _opening(span: Span, count: int) -> list[int]:
    """Return the numbers of the first `count` lines of a span, and of one more line if the first is only a bracket."""
    first = span.line
    last = span.source.position(max(span.start, span.end - 1))[0]
    if not any(map(str.isalnum, span.source.line_text(first))):
        count += count == 1
    return list(range(first, min(last, first + count - 1) + 1))


def _cut(line: str) -> str:
    return line[:_MAX_WIDTH] + "..." * (len(line) > _MAX_WIDTH)


def _pieces(line: str, marked: Span) -> tuple[str, str, str]:
    """Return a line in three parts: the text before the mark, the marked text, and the text after it."""
    start = marked.source.position(marked.start)[1] - 1
    end = min(start + marked.end - marked.start, len(line))
    if len(line) <= _MAX_WIDTH:
        return escape_line(line[:start]), escape_line(line[start:end]), escape_line(line[end:])
    first = max(0, start - _MAX_BEFORE_MARK)
    last = first + _MAX_WIDTH
    before = "..." * (first > 0) + line[first:start]
    after = line[end:last] + "..." * (last < len(line))
    return escape_line(before), escape_line(line[start : min(end, last)]), escape_line(after)


def escape_line(text: str) -> str:
    """Return a text with everything but its tabs escaped."""
    return "\t".join(map(escape, text.split("\t")))


def _blank(text: str) -> str:
    """Return blanks with the width of `text`, including its tabs."""
    return "\t".join(" " * _width(part) for part in text.split("\t"))


def _width(text: str) -> int:
    """Return the width of a text in terminal columns."""
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width

    return sum(0 if combining(character) else 1 + (east_asian_width(character) in "FW") for character in text)
