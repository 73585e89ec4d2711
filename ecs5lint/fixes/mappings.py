"""Mappings in the block style of YAML: where a further key goes so that it looks like its neighbors."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ecs5lint.fixes.braces import line_end
from ecs5lint.location import Edit, Source, Span

_KEY = re.compile(r"""("[^"\n]*"|'[^'\n]*'|[^\s:#"'&*!|>{}\[\],-][^:#\n]*?)[ \t]*:(?=[ \t]|\r?\n|\r?$)[ \t]*""")
_INDENT = re.compile(r"[ ]*")
#: A value that is complete on its line: not a block scalar, nor a string or a flow collection with no end.
_WHOLE_VALUE = re.compile(
    r"""(?:"(?:[^"\\\n]|\\.)*"|'(?:[^'\n]|'')*'|\{[^{}\n]*\}|\[[^\[\]\n]*\]|[^|>"'{\[\n][^\n]*?)?\s*(?:\#.*)?"""
)


class Entry(NamedTuple):
    """A line of a mapping on which a key begins: the offsets of the key, of the value, and of the line's end."""

    start: int
    key: str
    value: int
    end: int

    @property
    def name(self) -> str:
        """The key without its quotes."""
        return self.key.strip("\"'")


class Mapping(NamedTuple):
    """A mapping in block style: the white space in front of its lines, and its entries."""

    source: Source
    indent: str
    entries: tuple[Entry, ...]

    def entry(self, *names: str) -> Entry | None:
        """Return the last entry that has one of some names, in any letter case."""
        folded = {name.lower() for name in names}
        return next((item for item in reversed(self.entries) if item.name.lower() in folded), None)


def read(source: Source, start: int) -> Mapping | None:
    """Return the mapping whose first key is at an offset; None if it does not begin as one does."""
    text = source.text
    before = text[text.rfind("\n", 0, start) + 1 : start]
    if before.replace("-", " ").strip(" ") or not _KEY.match(text, start):
        return None
    indent = before.replace("-", " ")
    entries = tuple(_entries(text, start, len(indent)))
    return Mapping(source, indent, entries)


def _entries(text: str, start: int, width: int) -> Iterator[Entry]:
    at = start
    while at < len(text):
        end = text.find("\n", at)
        end = len(text) if end == -1 else end
        key = _KEY.match(text, at)
        if key:
            yield Entry(at, key[1], key.end(), end - (text[end - 1 : end] == "\r"))
        following = _next_line(text, end + 1, width)
        if following is None:
            return
        at = following


def _next_line(text: str, at: int, width: int) -> int | None:
    """Return where the next line begins that is indented like the mapping; None if the mapping ends before."""
    while at < len(text):
        end = text.find("\n", at)
        end = len(text) if end == -1 else end
        line = text[at:end].strip()
        indent = len(_INDENT.match(text, at).group())  # type: ignore[union-attr]
        if line and not line.startswith("#"):
            if indent < width or line in ("---", "..."):
                return None
            # A list may be indented like the key that it is the value of.
            if indent == width and not line.startswith("-"):
                return at + indent
        at = end + 1
    return None


def insertion(mapping: Mapping, key: str, value: str, beside: Sequence[str] = ()) -> list[Edit]:
    """Return the edit that adds a key, on the line behind one of the keys `beside` if there is room for it.

    `value` may have lines of its own, each with the white space that it has in front of it beside the key's.
    """
    text = mapping.source.text
    found = (mapping.entry(name) for name in beside)
    after = next((entry for entry in found if entry and _is_on_one_line(mapping, entry)), None)
    quote = mapping.entries[0].key[0] if mapping.entries[0].key[0] in "\"'" else ""
    end = line_end(text, mapping.entries[0].start)
    separator = ":" if value.startswith("\n") else ": "
    written = f"{quote}{key}{quote}{separator}{value}".replace("\n", end + mapping.indent)
    if after:
        return [Edit(Span(mapping.source, after.end, after.end), f"{end}{mapping.indent}{written}")]
    first = mapping.entries[0].start
    return [Edit(Span(mapping.source, first, first), f"{written}{end}{mapping.indent}")]


def _is_on_one_line(mapping: Mapping, entry: Entry) -> bool:
    """Tell whether the value of an entry ends on the line of its key."""
    text = mapping.source.text
    if entry.value >= entry.end or not _WHOLE_VALUE.fullmatch(text, entry.value, entry.end):
        return False
    rest = text[entry.end :].lstrip("\r\n \t")
    at = len(text) - len(rest)
    indent = at - text.rfind("\n", 0, at) - 1
    is_comment = rest.startswith("#")
    return not rest or indent < len(mapping.indent) + 1 or is_comment
