"""Locate container definitions in the source, and match comments to them."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator

from ecs5lint.findings.suppressions.claim import Position, is_finding, reach
from ecs5lint.location import Source, Span, written_in
from ecs5lint.model.result import Result

#: A YAML line with only a dash, an anchor or a tag, before the mapping on the next line.
_YAML_PROPERTIES = re.compile(r"\s*(?:-|[&!]\S+)(?:\s+[&!]\S+)*\s*(?:\s#.*)?")

#: A YAML line with nothing but an optional comment.
_INDENTED = re.compile(r" *(?P<comment>#.*)?")

#: The largest number of candidates for a comment. Two are ambiguous already; the others are for the message.
_ENOUGH = 4


class Comment:
    """A comment and its position. `is_alone` tells whether its lines have no other content."""

    __slots__ = ("end", "is_alone", "span", "start")

    def __init__(self, span: Span) -> None:
        self.span = span
        self.start, self.end = reach(span)
        text, before, after = span.source.text, span.start - 1, span.end
        while before >= 0 and text[before] in " \t\ufeff":
            before -= 1
        while after < len(text) and text[after] in " \t":
            after += 1
        self.is_alone = (before < 0 or text[before] in "\r\n") and (after == len(text) or text[after] in "\r\n")


class Target:
    """A container definition in the source to which a comment may apply, and its results with their indexes.

    `is_whole` tells that it is a task definition. It represents containers without a position of their own.
    """

    __slots__ = ("end", "findings", "first_line", "is_whole", "results", "start")

    def __init__(self, start: Position, end: Position, first_line: int, is_whole: bool) -> None:
        self.start = start
        self.end = end
        self.first_line = first_line
        self.is_whole = is_whole
        self.results: list[Result] = []
        self.findings: list[int] = []

    def is_shared(self) -> bool:
        """Tell whether several containers of a task definition have findings, but the source has none of them."""
        found = (result for result in self.results if is_finding(result))
        return self.is_whole and len({(result.container_index, result.container) for result in found}) > 1


class Targets:
    """The container definitions and task definitions in one text to which comments may apply."""

    def __init__(self, results: Iterable[tuple[int, Result]], source: Source) -> None:
        targets = _targets(results, source)
        self._written = sorted((target for target in targets if not target.is_whole), key=lambda target: target.start)
        self._starts = [target.start for target in self._written]
        self._beginning: dict[int, list[Target]] = {}
        self._on_line: dict[int, list[Target]] = {}
        for target in self._written:
            _add(self._beginning, [target.first_line], target)
            _add(self._on_line, range(target.first_line, target.end[0] + 1), target)
        self._deciding: dict[int, list[Target]] = {}
        self._within: dict[int, list[Target]] = {}
        for target in targets:
            if target.is_whole:
                _add(self._deciding, {target.first_line, *_deciding_lines(target)}, target)
                if any(result.container_index is not None for result in target.results):
                    _add(self._within, range(target.first_line, target.end[0] + 1), target)

    def covered(self, comment: Comment, line_below: int) -> list[Target]:
        """Return the targets to which a comment may apply. A valid comment has exactly one.

        `line_below` is the first line below the comment that has content other than comments.
        """
        line = comment.start[0]
        on_line = self._on_line.get(line, [])
        inside = self._around(comment.start)
        if inside:
            return [inside]
        if not comment.is_alone:
            following = bisect_left(self._starts, comment.end)
            if following < len(self._starts) and self._starts[following][0] == comment.end[0]:
                return [self._written[following]]
            if on_line:
                return on_line
        # A container definition in the source takes precedence over a whole task definition.
        below = self._beginning.get(line_below)
        own = None if comment.is_alone else self._deciding.get(line)
        return below or own or self._deciding.get(line_below) or self._within.get(line, [])

    def _around(self, position: Position) -> Target | None:
        """Return the innermost container around a position, or None."""
        after = bisect_right(self._starts, position)
        # Containers are rarely nested in each other, and never deeply, so a short search is enough.
        for target in reversed(self._written[max(0, after - _ENOUGH) : after]):
            if position < target.end:
                return target
        return None


def _add(by_line: dict[int, list[Target]], lines: Iterable[int], target: Target) -> None:
    for line in lines:
        targets = by_line.setdefault(line, [])
        if len(targets) < _ENOUGH:
            targets.append(target)


def _targets(results: Iterable[tuple[int, Result]], source: Source) -> list[Target]:
    targets: dict[tuple[Position, Position, bool], Target] = {}
    for index, result in results:
        if written_in(result.location.source).syntax == source.syntax:
            start, end = reach(result.location)
            is_whole = result.location == result.resource.location
            if is_whole and result.resource.extent:
                end = reach(result.resource.extent)[1]
            key = (start, end, is_whole)
            if key not in targets:
                last = end if is_whole else _last_comment(source, start, end)
                targets[key] = Target(start, last, _first_line(source, start[0]), is_whole)
            targets[key].results.append(result)
            if is_finding(result):
                targets[key].findings.append(index)
    return list(targets.values())


def _last_comment(source: Source, start: Position, end: Position) -> Position:
    """Return the end of a YAML mapping, with the comments after it that are indented like its keys."""
    if source.syntax != "yaml" or source.line_text(start[0])[start[1] - 1 :].startswith("{"):
        return end
    last_line = source.position(len(source.text))[0]
    for line in range(end[0] + 1, last_line + 1):
        indented = _INDENTED.fullmatch(source.line_text(line))
        if not indented or (indented["comment"] and indented.start("comment") < start[1] - 1):
            break
        if indented["comment"]:
            end = line, indented.end() + 1
    return end


def _first_line(source: Source, line: int) -> int:
    """Return the first line of a YAML mapping, which may be that of a dash, anchor or tag before it."""
    while source.syntax == "yaml" and _YAML_PROPERTIES.fullmatch(source.line_text(line - 1)):
        line -= 1
    return line


def _deciding_lines(target: Target) -> Iterator[int]:
    """Yield the lines in a task definition that decide why its containers can't be listed."""
    for result in target.results:
        value, whole = result.value_location, result.resource.extent or result.resource.location
        if value and written_in(value.source) is written_in(whole.source):
            (line, _), _ = reach(value)
            (first, _), (last, _) = reach(whole)
            if first <= line <= last:
                yield line
