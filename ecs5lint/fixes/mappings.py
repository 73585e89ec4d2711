"""Find the entries of YAML mappings in block style, and add a key in the style of its neighbors."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ecs5lint.fixes.braces import line_end
from ecs5lint.light_typing import NamedTuple
from ecs5lint.location import Edit, Source, Span

_KEY = re.compile(r"""("[^"\n]*"|'[^'\n]*'|[^\s:#"'&*!|>{}\[\],-][^:#\n]*?)[ \t]*:(?=[ \t]|\r?\n|\r?$)[ \t]*""")
#: The text between a key and its value on another line.
_BLANK = re.compile(r"[ \t]*(?:#[^\n]*)?\r?\n[ ]*|[ ]+")
_NOT_BLANK = re.compile(r"\S")
_INDENT = re.compile(r"[ ]*")
#: A value that ends on its line: no block scalar, and no string or flow collection that continues.
_WHOLE_VALUE = re.compile(
    r"""(?:"(?:[^"\\\n]|\\.)*"|'(?:[^'\n]|'')*'|\{[^{}\n]*\}|\[[^\[\]\n]*\]|[^|>"'{\[\n][^\n]*?)?\s*(?:\#.*)?"""
)


class Entry(NamedTuple):
    """The line of a mapping where a key begins: the offsets of the key, the value, and the end of the line."""

    start: int
    key: str
    value: int
    end: int

    @property
    def name(self) -> str:
        """The key without its quotation marks."""
        return self.key.strip("\"'")


class Mapping(NamedTuple):
    """A mapping in block style: its indentation, and its entries."""

    source: Source
    indent: str
    entries: tuple[Entry, ...]

    def member(self, *names: str) -> Entry | None:
        """Return the last entry with one of some names, in any letter case, or None."""
        folded = {name.lower() for name in names}
        return next((item for item in reversed(self.entries) if item.name.lower() in folded), None)


def read(source: Source, start: int) -> Mapping | None:
    """Return the mapping whose first key is at an offset, or None if no mapping begins there."""
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
    """Return the start of the next line with the indentation of the mapping, or None if the mapping ends before it."""
    while at < len(text):
        end = text.find("\n", at)
        end = len(text) if end == -1 else end
        line = text[at:end].strip()
        indent = len(_INDENT.match(text, at).group())  # type: ignore[union-attr]
        if line and not line.startswith("#"):
            if indent < width or line in ("---", "..."):
                return None
            # A list may have the same indentation as its key.
            if indent == width and not line.startswith("-"):
                return at + indent
        at = end + 1
    return None


def insertion(mapping: Mapping, key: str, value: str, beside: Sequence[str] = ()) -> list[Edit]:
    """Return the edit that adds a key, on the line after one of the keys `beside` if possible.

    `value` may have several lines, each with its indentation relative to the key.
    """
    text = mapping.source.text
    found = (mapping.member(name) for name in beside)
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
    rest = _NOT_BLANK.search(text, entry.end)
    if rest is None or rest.group() == "#":
        return True
    indent = rest.start() - text.rfind("\n", 0, rest.start()) - 1
    return indent <= len(mapping.indent)


def value_start(mapping: Mapping, entry: Entry) -> int:
    """Return the offset of an entry's value, on the line of its key or on a later line."""
    text = mapping.source.text
    at = entry.value
    while match := _BLANK.match(text, at):
        at = match.end()
    return at


def elements(source: Source, start: int, items: Sequence[str]) -> list[Edit]:
    """Return the edit that inserts elements at the start of the block-style list at an offset."""
    text = source.text
    line = text.rfind("\n", 0, start) + 1
    indent = line_end(text, start) + " " * (start - line)
    inner = indent + "  "
    written = "".join("- " + item.replace("\n", inner) + indent for item in items)
    return [Edit(Span(source, start, start), written)]
