"""Find the members of objects in braces, and add a member in the style of its neighbors.

Objects in JSON, in the flow style of YAML and in HCL have braces, and so have the bodies of HCL blocks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ecs5lint.light_typing import NamedTuple
from ecs5lint.location import Edit, Failure, Source, Span
from ecs5lint.parsers.terraform.syntax import scanner

#: The tokens of JSON and YAML other than plain text: strings, comments, brackets, commas.
_JSON_TOKEN = re.compile(r'(?P<comment>(?!))|"(?:[^"\\]|\\.)*"|[{}()\[\],]', re.DOTALL)
_YAML_TOKEN = re.compile(
    r"""(?P<comment>(?<=\s)\#[^\n]*)|"(?:[^"\\]|\\.)*"|(?<=[\s,:\[{])'(?:[^']|'')*'|[{}()\[\],]""", re.DOTALL
)
_HCL_TOKEN = re.compile(rf"{scanner.TOKEN.pattern}|,")

_KEY = re.compile(r"""("(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[\w.$-]+)(\s*[:=]\s*)""")
_GAP = re.compile(r"[ \t]*")
_END_OF_LINE = re.compile(r"[ \t]*(?:(?:\#|//)[^\n]*|/\*[^\n]*\*/[ \t]*\r?)?(?=\r?\n)")


class Member(NamedTuple):
    """A member of an object. `comma` is the offset after its comma, and `key` is its key as written. Both may be None.

    `separator` is the text between the key and the value, with white space.
    """

    start: int
    end: int
    comma: int | None
    key: str | None
    separator: str

    @property
    def name(self) -> str:
        """The key without its quotation marks."""
        return (self.key or "").strip("\"'")

    @property
    def value(self) -> int:
        """The offset of the value."""
        return self.start + len(self.key or "") + len(self.separator)


class Braces(NamedTuple):
    """An object in braces: the offset after the opening brace, that of the closing one, and the members."""

    source: Source
    opening: int
    closing: int
    members: tuple[Member, ...]
    is_hcl: bool

    def member(self, *names: str) -> Member | None:
        """Return the last member with one of some names, in any letter case, or None."""
        folded = {name.lower() for name in names}
        return next((item for item in reversed(self.members) if item.name.lower() in folded), None)


def read(source: Source, opening: int, syntax: str) -> Braces | None:
    """Return the object whose opening brace is at an offset of a text in json, yaml or hcl, or None without an end."""
    try:
        pieces = list(_pieces(source, opening + 1, syntax))
    except Failure:
        return None
    closing = pieces.pop()[0] if pieces else -1
    if closing < 0:
        return None
    members = [_member(source.text, *piece) for piece in pieces]
    return Braces(source, opening + 1, closing, tuple(members), syntax == "hcl")


def _pieces(source: Source, at: int, syntax: str) -> Iterator[tuple[int, int, int | None]]:
    """Yield the start and the end of each member, with its comma.

    The last item has the offset of the closing brace twice.
    """
    token_of = {"json": _JSON_TOKEN, "yaml": _YAML_TOKEN}.get(syntax, _HCL_TOKEN)
    text, depth, start, end = source.text, 0, None, at
    while token := token_of.search(text, at):
        found = token.group()
        between = text[at : token.start()]
        if between.strip():
            start = at + len(between) - len(between.lstrip()) if start is None else start
            end = at + len(between.rstrip())
        closes = found in ("}", "]", ")")
        if depth == 0 and (closes or found in (",", "\n")):
            if start is not None:
                yield start, end, token.end() if found == "," else None
            start = None
            if closes:
                yield token.start(), token.start(), None
                return
        at = scanner.token_end(source, token) if syntax == "hcl" else token.end()
        if token["comment"] or found in (",", "\n"):
            continue
        depth += -1 if closes else found in ("{", "[", "(")
        start = token.start() if start is None else start
        end = at
    raise scanner.failure("an object is not closed", source, at)


def _member(text: str, start: int, end: int, comma: int | None) -> Member:
    key = _KEY.match(text, start, end)
    return Member(start, end, comma, key[1] if key else None, key[2] if key else "")


def elements(source: Source, opening: int, syntax: str, items: Sequence[str]) -> list[Edit]:
    """Return the edit that inserts elements at the start of the list whose bracket is at an offset."""
    found = read(source, opening, syntax)
    if found is None:
        return []
    if not found.members:
        return [_insert(found, found.opening, ", ".join(items))]
    first = found.members[0].start
    gap = source.text[found.opening : first]
    indent = line_end(source.text, first) + _indent(source.text, first) if "\n" in gap else " "
    return [_insert(found, first, "".join(f"{item},{indent}" for item in items))]


def block(body: Braces, text: str) -> Edit:
    """Return the edit that adds a block at the end of the body of another block in HCL."""
    source = body.source.text
    last = body.members[-1]
    rest = _END_OF_LINE.match(source, last.end)
    end = line_end(source, last.end)
    indent = _indent(source, last.start)
    return _insert(body, rest.end() if rest else last.end, f"{end}{end}{indent}" + text.replace("\n", end + indent))


def insertion(braces: Braces, key: str, value: str, beside: Sequence[str] = ()) -> list[Edit]:
    """Return the edits that add a member, after one of the members `beside` if that fits the style.

    A value with several lines has the indentation for a value at the start of a line.
    """
    members, on_one_line = braces.members, re.sub(r"\n\s*", " ", value)
    if not members:
        pad = " " * braces.is_hcl
        return [_insert(braces, braces.opening, pad + _written(braces, None, key, on_one_line) + pad)]
    order = [index for name in beside for index, item in enumerate(members) if item.name.lower() == name]
    order += [index for index in range(len(members)) if index not in order]
    ways = [way for index in order if (way := _on_own_line(braces, index, key, value))]
    if ways:
        return min(ways, key=len)
    beside_it = members[order[0]]
    if "\n" in braces.source.text[beside_it.start : _next_start(braces, order[0])]:
        return [_before_first(braces, key, on_one_line)]
    comma = next((item.comma for item in members if item.comma), None)
    gap = _gap(braces.source.text, comma) if comma else "" if beside_it.separator == ":" else " "
    return [_insert(braces, beside_it.end, f",{gap}{_written(braces, beside_it, key, on_one_line)}")]


def _next_start(braces: Braces, index: int) -> int:
    """Return the offset after a member: the start of the next one, or the closing brace."""
    return braces.members[index + 1].start if index + 1 < len(braces.members) else braces.closing


def _gap(text: str, at: int) -> str:
    match = _GAP.match(text, at)
    return match.group() if match else ""


def _insert(braces: Braces, at: int, text: str) -> Edit:
    return Edit(Span(braces.source, at, at), text)


def _written(braces: Braces, beside: Member | None, key: str, value: str) -> str:
    """Return a member in the style of another one."""
    quote, separator = ("", " = ") if braces.is_hcl else ('"' if braces.source.syntax == "json" else "", ": ")
    if beside and beside.key:
        quote = beside.key[0] if beside.key[0] in "\"'" else ""
        mark = beside.separator.strip()
        separator = " = " if mark == "=" else ": " if "\n" in beside.separator else beside.separator
    return f"{quote}{key}{quote}{separator}{value}"


def _before_first(braces: Braces, key: str, value: str) -> Edit:
    text, first = braces.source.text, braces.members[0]
    gap = text[braces.opening : first.start]
    is_minified = not gap and not first.separator.endswith(" ")
    indent = "\n" + _indent(text, first.start) if "\n" in gap else "" if is_minified else " "
    comma = "" if braces.is_hcl and "\n" in gap and first.comma is None else ","
    written = _written(braces, first, key, value)
    return _insert(braces, first.start, f"{written}{comma}{indent.replace(chr(10), line_end(text, first.start))}")


def _on_own_line(braces: Braces, index: int, key: str, value: str) -> list[Edit] | None:
    """Return the edits that add a member on the line after another one, or None if it can't have a line of its own.

    More than one edit means that neighbors have to move.
    """
    text, member = braces.source.text, braces.members[index]
    is_last = index == len(braces.members) - 1
    if is_last and member.comma is None and not (braces.is_hcl and not _has_commas(braces)):
        return None
    if member.comma is None and not is_last and not braces.is_hcl:
        return None
    rest = _END_OF_LINE.match(text, member.comma or member.end)
    if rest is None:
        return None
    beside = member if member.key else next((item for item in braces.members if item.key), None)
    starts = [item.start for item in braces.members if _begins_line(text, item.start)]
    if not starts:
        return None
    indent = _indent(text, min(starts, key=lambda start: abs(start - member.start)))
    written = _written(braces, beside, key, value)
    moved: list[Edit] = []
    written = written.replace("\n", line_end(text, rest.end()) + indent)
    # A value with several lines shares no line with its neighbors.
    if braces.is_hcl and " = " in written and "\n" not in value:
        padding, moved = _aligned(braces, index, len(indent) + len(written.partition(" = ")[0]))
        written = written.replace(" = ", " " * padding + " = ", 1)
    comma = "," if member.comma else ""
    return [_insert(braces, rest.end(), f"{line_end(text, rest.end())}{indent}{written}{comma}"), *moved]


def _has_commas(braces: Braces) -> bool:
    return any(item.comma for item in braces.members)


def _begins_line(text: str, offset: int) -> bool:
    return not text[text.rfind("\n", 0, offset) + 1 : offset].strip()


def _indent(text: str, offset: int) -> str:
    start = text.rfind("\n", 0, offset) + 1
    return _gap(text, start)[: offset - start]


def line_end(text: str, near: int) -> str:
    """Return the line end used near an offset."""
    at = text.find("\n", near)
    at = text.rfind("\n") if at == -1 else at
    return "\r\n" if at > 0 and text[at - 1] == "\r" else "\n"


def _aligned(braces: Braces, index: int, width: int) -> tuple[int, list[Edit]]:
    """Return the number of blanks before the `=` of a new line after a member, and the edits that move its neighbors.

    As in terraform fmt, the `=` of consecutive lines are in one column. The new key ends at `width`.
    """
    line = braces.source.position(braces.members[index].end)[0]
    above, below = range(index, -1, -1), range(index + 1, len(braces.members))
    neighbors = [*_chain(braces, above, line + 1), *_chain(braces, below, line)]
    columns = {_equals(braces.source.text, item)[1] for item in neighbors}
    if len(columns) != 1:
        return 0, []
    missing = columns.pop() - (width + 1)
    if missing >= 0:
        return missing, []
    offsets = (_equals(braces.source.text, item)[0] for item in neighbors)
    return 0, [_insert(braces, offset, " " * -missing) for offset in offsets]


def _chain(braces: Braces, indexes: range, line: int) -> Iterator[Member]:
    """Yield the neighbors of a line that are on consecutive lines of their own, and have an `=`."""
    for index in indexes:
        item = braces.members[index]
        first, last = braces.source.position(item.start)[0], braces.source.position(item.end)[0]
        is_alone = first == last and _begins_line(braces.source.text, item.start)
        if abs(first - line) != 1 or not is_alone or item.separator.strip() != "=":
            return
        line = first
        yield item


def _equals(text: str, member: Member) -> tuple[int, int]:
    """Return the offset of the `=` of a member, and its column."""
    at = text.index("=", member.start + len(member.key or ""))
    return at, at - text.rfind("\n", 0, at) - 1
