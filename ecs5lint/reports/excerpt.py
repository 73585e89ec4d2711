"""Show lines of source with a mark under the relevant part, safe to print."""

from __future__ import annotations

from collections.abc import Iterable

from ecs5lint.location import Span
from ecs5lint.reports.colors import BLUE, Paint
from ecs5lint.text.visible import escape

#: The number of characters shown of a longer line, and how many of them before the mark.
_MAX_WIDTH = 120
_MAX_BEFORE_MARK = 50

#: The number of lines shown of a span that is marked as a whole.
_MAX_LINES = 3


#: A line of source, safe to print: its number, the text before the mark, the marked text, and the text after it, and
#: whether lines are left out before it. A line without a mark has None as the marked text, and only a text before it.
Line = tuple[int, str, "str | None", str, bool]


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
    width = len(str(max(opening[-1], deciding.line) if deciding else opening[-1]))
    margin = " " * width
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
            lines.append(f"{paint(f'{str(number).rjust(width)} |', BLUE)} {before}{marked or ''}{after}")
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
    texts = location.source.lines(opening)
    if deciding is None or deciding is location:
        return [(location, _lines(zip(opening, texts, strict=True), location))]
    # The first line is enough, unless it is only a bracket.
    count = 1 if any(map(str.isalnum, texts[0])) else 2
    first = dict(zip(opening[:count], texts, strict=False))
    own = {deciding.line: deciding.source.line_text(deciding.line)}
    if deciding.path == location.path:
        return [(location, _lines(sorted({**first, **own}.items()), deciding))]
    return [(location, _lines(first.items(), None)), (deciding, _lines(own.items(), deciding))]


def _lines(texts: Iterable[tuple[int, str]], marked: Span | None) -> list[Line]:
    """Return lines, given with their numbers, with a mark in the first line of the marked span."""
    at, column = marked.source.position(marked.start) if marked else (0, 0)
    length = marked.end - marked.start if marked else 0
    lines: list[Line] = []
    last = 0
    for number, text in texts:
        is_after_gap = 0 < last < number - 1
        if number == at:
            lines.append((number, *_pieces(text, column - 1, length), is_after_gap))
        else:
            lines.append((number, escape_line(_cut(text)), None, "", is_after_gap))
        last = number
    return lines


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
    before, marked, after = line[:start], line[start:end], line[end:]
    if len(line) > _MAX_WIDTH:
        first = max(0, start - _MAX_BEFORE_MARK)
        last = first + _MAX_WIDTH
        before = "..." * (first > 0) + line[first:start]
        marked = line[start : min(end, last)]
        after = line[end:last] + "..." * (last < len(line))
    elif escape_line(line) == line:
        return before, marked, after
    return escape_line(before), escape_line(marked), escape_line(after)


def escape_line(text: str) -> str:
    """Return a text with everything but its tabs escaped."""
    return "\t".join(map(escape, text.split("\t"))) if "\t" in text else escape(text)


def _blank(text: str) -> str:
    """Return blanks with the width of `text`, including its tabs."""
    return "\t".join([" " * _width(part) for part in text.split("\t")]) if "\t" in text else " " * _width(text)


def _width(text: str) -> int:
    """Return the width of a text in terminal columns."""
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width

    return sum(0 if combining(character) else 1 + (east_asian_width(character) in "FW") for character in text)
