"""Edit the content of files, and show the differences."""

from __future__ import annotations

import codecs
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate

from ecs5lint.files.workspace import decode
from ecs5lint.light_typing import NamedTuple
from ecs5lint.location import Edit, apply, distinct

#: The number of context lines around a change in a diff.
_CONTEXT = 3

_UTF_16 = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


class Revision:
    """The edits of one file, and the new offsets of its text."""

    def __init__(self, edits: Iterable[Edit]) -> None:
        self.edits = distinct(edits)
        # An insertion does not move the text that starts at its offset: a key before a mapping becomes part of it.
        self._ends = [(edit.span.end, edit.span.start == edit.span.end) for edit in self.edits]
        grown = (len(edit.text) - (edit.span.end - edit.span.start) for edit in self.edits)
        self._shifts = [0, *accumulate(grown)]
        self._starts = [edit.span.start + shift for edit, shift in zip(self.edits, self._shifts, strict=False)]
        self._new_ends = [start + len(edit.text) for start, edit in zip(self._starts, self.edits, strict=True)]

    def moved(self, offset: int) -> int:
        """Return the offset after the edits."""
        return offset + self._shifts[bisect_left(self._ends, (offset, True))]

    def inserts(self, start: int, end: int) -> bool:
        """Tell whether a single edit wrote the whole text between two new offsets."""
        index = bisect_right(self._starts, start) - 1
        return index >= 0 and end <= self._new_ends[index]

    def touches(self, start: int, end: int) -> bool:
        """Tell whether an edit wrote or touches a part of the text between two new offsets."""
        index = bisect_right(self._starts, end) - 1
        return index >= 0 and start <= self._new_ends[index]


class Taken:
    """The edited positions of all files."""

    def __init__(self, edits: Iterable[Edit]) -> None:
        self._edits: dict[str, list[tuple[int, int, str]]] = {}
        self.add(edits)

    def add(self, edits: Iterable[Edit]) -> None:
        """Add the positions of edits that don't conflict with earlier ones."""
        for edit in edits:
            known = self._edits.setdefault(edit.path, [])
            changed = (edit.span.start, edit.span.end, edit.text)
            index = bisect_left(known, changed)
            if known[index : index + 1] != [changed]:
                known.insert(index, changed)

    def conflicts(self, edit: Edit) -> bool:
        """Tell whether another edit changes the same text, or inserts at the same position."""
        known = self._edits.get(edit.path, [])
        changed = (edit.span.start, edit.span.end, edit.text)
        index = bisect_left(known, changed)
        if known[index : index + 1] == [changed]:
            return False
        before, after = known[max(0, index - 1) : index], known[index : index + 1]
        return any(end > edit.span.start or start == edit.span.start for start, end, _ in before) or any(
            start < edit.span.end or start == edit.span.start for start, _, _ in after
        )


def edited(content: bytes, path: str, edits: Sequence[Edit]) -> bytes:
    """Return the content of a file after edits of its text. It keeps its encoding and its byte order mark."""
    text = decode(content, path)
    if "\n" not in text and "\r" in text:
        # The offsets belong to a text of the same length with other line ends.
        edits = [edit._replace(text=edit.text.replace("\n", "\r")) for edit in edits]
    changed = apply(text, edits)
    encoding = _UTF_16.get(content[:2])
    if encoding:
        return content[:2] + changed.encode(encoding)
    mark = codecs.BOM_UTF8 if content.startswith(codecs.BOM_UTF8) else b""
    return mark + changed.encode("utf-8")


def has_text(content: bytes, path: str, text: str) -> bool:
    """Tell whether the content of a file is still `text`, as it was read."""
    now = decode(content, path)
    return text == (now if "\n" in now else now.replace("\r", "\n"))


def unified_diff(path: str, before: bytes, after: bytes, revision: Revision) -> str:
    """Return the changes of a file in the format of `git apply` and `patch`. Line ends are part of the lines."""
    old, new = decode(before, path), decode(after, path)
    lines = re.findall(r"[^\n]*\n|[^\n]+", old)
    blocks = [block for block in _blocks(lines, new, revision) if block.old != block.new]
    shown = [f"--- a/{path}\n+++ b/{path}\n"] if blocks else []
    grown = 0
    for hunk in _hunks(blocks):
        first, last = max(0, hunk[0].line - _CONTEXT), min(len(lines), hunk[-1].end + _CONTEXT)
        body: list[str] = []
        at = first
        for block in hunk:
            body += [" " + line for line in lines[at : block.line]]
            body += ["-" + line for line in block.old] + ["+" + line for line in block.new]
            at = block.end
        body += [" " + line for line in lines[at:last]]
        more = sum(len(block.new) - len(block.old) for block in hunk)
        shown.append(f"@@ -{_extent(first, last - first)} +{_extent(first + grown, last - first + more)} @@\n")
        shown += [line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in body]
        grown += more
    return "".join(shown)


def _extent(first: int, count: int) -> str:
    return f"{first + (count > 0)},{count}" if count != 1 else str(first + 1)


class _Block(NamedTuple):
    """Consecutive changed lines: the index of the first one, and the lines before and after the change."""

    line: int
    old: list[str]
    new: list[str]

    @property
    def end(self) -> int:
        return self.line + len(self.old)


def _blocks(lines: Sequence[str], new: str, revision: Revision) -> Iterator[_Block]:
    """Yield the changed lines, without unchanged lines at the ends of an edit."""
    starts = [0, *accumulate(map(len, lines))]
    touched: list[tuple[int, int]] = []
    for edit in revision.edits:
        first = min(bisect_right(starts, edit.span.start) - 1, max(len(lines) - 1, 0))
        last = max(first, min(bisect_right(starts, edit.span.end) - 1, len(lines) - 1))
        if touched and first <= touched[-1][1] + 1:
            touched[-1] = (touched[-1][0], max(last, touched[-1][1]))
        else:
            touched.append((first, last))
    for first, last in touched:
        end = revision.moved(starts[last + 1]) if last + 1 < len(lines) else len(new)
        text = new[revision.moved(starts[first]) : end]
        before, after = list(lines[first : last + 1]), re.findall(r"[^\n]*\n|[^\n]+", text)
        while before and after and before[0] == after[0]:
            first, before, after = first + 1, before[1:], after[1:]
        while before and after and before[-1] == after[-1]:
            before, after = before[:-1], after[:-1]
        yield _Block(first, before, after)


def _hunks(blocks: Iterable[_Block]) -> Iterator[list[_Block]]:
    """Yield the blocks in groups with overlapping context."""
    hunk: list[_Block] = []
    for block in blocks:
        if hunk and block.line - hunk[-1].end > 2 * _CONTEXT:
            yield hunk
            hunk = []
        hunk.append(block)
    if hunk:
        yield hunk
