"""Edit the content of files, and show the differences."""

from __future__ import annotations

import codecs
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate

from ecs5lint.files.workspace import decode
from ecs5lint.location import Edit, apply, distinct

_UTF_16 = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


class Revision:
    """Edits of one file, and where its text is after them."""

    def __init__(self, edits: Iterable[Edit]) -> None:
        self.edits = distinct(edits)
        # An insertion at an offset does not move what begins there: a key before a mapping becomes part of it.
        self._ends = [(edit.span.end, edit.span.start == edit.span.end) for edit in self.edits]
        grown = (len(edit.text) - (edit.span.end - edit.span.start) for edit in self.edits)
        self._shifts = [0, *accumulate(grown)]
        self._starts = [edit.span.start + shift for edit, shift in zip(self.edits, self._shifts, strict=False)]
        self._new_ends = [start + len(edit.text) for start, edit in zip(self._starts, self.edits, strict=True)]

    def moved(self, offset: int) -> int:
        """Return the offset after the edits."""
        return offset + self._shifts[bisect_left(self._ends, (offset, True))]

    def inserts(self, start: int, end: int) -> bool:
        """Tell whether one edit wrote the whole text between two offsets after the edits."""
        index = bisect_right(self._starts, start) - 1
        return index >= 0 and end <= self._new_ends[index]

    def touches(self, start: int, end: int) -> bool:
        """Tell whether an edit wrote a part of the text between two offsets after the edits, or next to it."""
        index = bisect_right(self._starts, end) - 1
        return index >= 0 and start <= self._new_ends[index]


class Taken:
    """The places that edits change, in all files."""

    def __init__(self, edits: Iterable[Edit]) -> None:
        self._places: dict[str, list[tuple[int, int, str]]] = {}
        self.add(edits)

    def add(self, edits: Iterable[Edit]) -> None:
        """Take the places of edits that don't conflict with those before."""
        for edit in edits:
            places = self._places.setdefault(edit.path, [])
            place = (edit.span.start, edit.span.end, edit.text)
            index = bisect_left(places, place)
            if places[index : index + 1] != [place]:
                places.insert(index, place)

    def conflicts(self, edit: Edit) -> bool:
        """Tell whether another edit changes the same text, or inserts at the same place."""
        places = self._places.get(edit.path, [])
        place = (edit.span.start, edit.span.end, edit.text)
        index = bisect_left(places, place)
        if places[index : index + 1] == [place]:
            return False
        before, after = places[max(0, index - 1) : index], places[index : index + 1]
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


def unified_diff(path: str, before: bytes, after: bytes) -> str:
    """Return the changes of a file in the format of `git apply` and `patch`. Line ends are part of the lines."""
    from difflib import unified_diff as difference

    lines = difference(_lines(before, path), _lines(after, path), f"a/{path}", f"b/{path}")
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def _lines(content: bytes, path: str) -> list[str]:
    return [line + "\n" for line in decode(content, path).split("\n")[:-1]] + _last_line(decode(content, path))


def _last_line(text: str) -> list[str]:
    last = text.rpartition("\n")[2]
    return [last] if last else []
