"""Show the lines that a fix changes, before and after."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ecs5lint.location import Edit, apply, distinct
from ecs5lint.model.result import Fix


def suggested(fix: Fix) -> list[str]:
    """Return the lines that a fix removes, each with the prefix `-`, and those that it adds, with `+`."""
    lines: list[str] = []
    for edits in _on_same_lines(distinct(fix.edits)):
        source, start, end = edits[0].span.source, edits[0].span.start, max(edit.span.end for edit in edits)
        first = source.text.rfind("\n", 0, start) + 1
        last = source.text.find("\n", end)
        after = apply(source.text, edits)
        length = (len(source.text) if last == -1 else last) - first
        grown = len(after) - len(source.text)
        lines += _changed(source.text[first : first + length], after[first : first + length + grown])
    return lines


def _on_same_lines(edits: Sequence[Edit]) -> Iterator[list[Edit]]:
    """Yield groups of sorted edits. Edits on the same line or on consecutive lines form a group."""
    group: list[Edit] = []
    for edit in edits:
        if group and (edit.path != group[-1].path or edit.span.line > _last_line(group[-1]) + 1):
            yield group
            group = []
        group.append(edit)
    if group:
        yield group


def _last_line(edit: Edit) -> int:
    return edit.span.source.position(edit.span.end)[0]


def _changed(before: str, after: str) -> Iterator[str]:
    """Yield the lines that differ."""
    old, new = before.splitlines(), after.splitlines()
    while old and new and old[0] == new[0]:
        old, new = old[1:], new[1:]
    while old and new and old[-1] == new[-1]:
        old, new = old[:-1], new[:-1]
    yield from (f"-{line}" for line in old)
    yield from (f"+{line}" for line in new)
