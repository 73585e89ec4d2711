"""Convert offsets in a text to positions of the protocol, and back.

A position is a line from 0, and a number of code units from 0 in the encoding that the client and the server agreed
on, which is UTF-16 for most clients.
https://microsoft.github.io/language-server-protocol/specifications/lsp/3.17/specification/#position
"""

from __future__ import annotations

import re
from bisect import bisect_right

from lsprotocol import types

_BYTE_ORDER_MARK = "\ufeff"

#: The line ends of the protocol. Python's `splitlines` has more of them.
_LINE_END = re.compile(r"\r\n|\n|\r")


class Lines:
    """A text, and its lines.

    `encoding` is that of the client's positions. Some clients count a byte order mark, which is not part of `text`.
    """

    def __init__(self, text: str, encoding: str, *, has_mark: bool = False) -> None:
        self._mark = _BYTE_ORDER_MARK if has_mark else ""
        self._text = self._mark + text
        self._encoding = encoding
        self._starts = [0, *(match.end() for match in _LINE_END.finditer(self._text))]

    def position(self, offset: int) -> types.Position:
        """Return the position of an offset in the text."""
        offset += len(self._mark)
        line = bisect_right(self._starts, offset) - 1
        return types.Position(line, self._units(self._text[self._starts[line] : offset]))

    def offset(self, position: types.Position) -> int:
        """Return the offset of a position. A position after the end of a line stands for that end."""
        line = int(position.line)
        if line >= len(self._starts):
            return len(self._text) - len(self._mark)
        start = self._starts[line]
        end = self._starts[line + 1] if line + 1 < len(self._starts) else len(self._text)
        units = 0
        for offset, character in enumerate(self._text[start:end].rstrip("\r\n"), start):
            if units >= position.character:
                return max(0, offset - len(self._mark))
            units += self._units(character)
        return start + len(self._text[start:end].rstrip("\r\n")) - len(self._mark)

    def range(self, start: int, end: int) -> types.Range:
        """Return the range of two offsets."""
        return types.Range(self.position(start), self.position(end))

    def end_of_line(self, offset: int) -> int:
        """Return the offset of the end of the line that an offset is on."""
        match = _LINE_END.search(self._text, offset + len(self._mark))
        return (match.start() if match else len(self._text)) - len(self._mark)

    def _units(self, text: str) -> int:
        if self._encoding == types.PositionEncodingKind.Utf8:
            return len(text.encode("utf-8", "surrogatepass"))
        if self._encoding == types.PositionEncodingKind.Utf32 or text.isascii():
            return len(text)
        return len(text) + sum(character > "\uffff" for character in text)
