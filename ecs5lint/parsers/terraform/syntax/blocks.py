"""Find the blocks and arguments in HCL text, without parsing their expressions.

A directory may hold thousands of blocks, and a task definition refers to a few of them. Only those are parsed (by
`expressions`).
"""

from __future__ import annotations

import re
import sys

from ecs5lint.location import Failure, Source, Span
from ecs5lint.parsers.terraform.syntax.expressions import is_plainly_valid, parse_expression
from ecs5lint.parsers.terraform.syntax.nodes import Expression
from ecs5lint.parsers.terraform.syntax.scanner import STRING, TOKEN, bracket_end, failure, string_end, token_end

_SPACE = re.compile(r"(?:[ \t\r\n]+|\#[^\n]*|//[^\n]*|/\*(?:.|\n)*?\*/)*")
_SAME_LINE_SPACE = re.compile(r"(?:[ \t\r]+|/\*(?:.|\n)*?\*/)*")
_IDENTIFIER = re.compile(r"[^\W\d][\w-]*")
_EQUALS = re.compile(r"=(?![=>])")

#: An argument whose value has no brackets, comments, heredocs or templates.
_VALUE = rf"""(?![ \t\r])[^"{{}}()\[\]\n\#/<]*(?:(?:{STRING}|/(?![/*])|<(?!<))[^"{{}}()\[\]\n\#/<]*)*"""
_SIMPLE_ARGUMENT = rf"=(?![=>])[ \t\r]*(?P<value>{_VALUE})(?=\n|\Z)"
#: The labels of a block, if they are quoted and have no escapes or templates.
_SIMPLE_LABELS = r"(?P<labels>(?:\"[^\"\\$%\n]*\"[ \t]*)*)\{"
#: Most arguments and most beginnings of blocks, with the white space in front of them.
_SIMPLE = re.compile(rf"[ \t\r\n]*(?P<name>[^\W\d][\w-]*)[ \t]*(?:{_SIMPLE_ARGUMENT}|{_SIMPLE_LABELS})")

_LABEL = r'(?:[ \t]*"(?:[^"\\\n]|\\.)*"|[ \t]+[\w-]+)'
#: An escape in a label: https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md#template-literals
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([nrt\"\\]))")
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t"}
#: The first line of a relevant block.
_HEADER = re.compile(
    rf"^(?:(?:data|resource){_LABEL}{_LABEL}|(?:module|output|variable){_LABEL}|locals)[ \t]*\{{", re.MULTILINE
)

#: The number of failures after which the rest of a file is skipped.
MAX_FAILURES = 10


class Argument:
    """An argument, `name = expression`. The expression at `value_span` is parsed on first use."""

    __slots__ = ("_expression", "_failure", "name", "span", "value_span")

    def __init__(self, name: str, span: Span, value_span: Span, expression: Expression | None = None) -> None:
        self.name = name
        self.span = span
        self.value_span = value_span
        self._expression = expression
        self._failure: Failure | None = None

    @property
    def expression(self) -> Expression:
        """The parsed expression. Raises Failure for invalid HCL."""
        if self._failure:
            raise self._failure
        if self._expression is None:
            try:
                self._expression = parse_expression(self.value_span)
            except Failure as error:
                self._failure = error
                raise
        return self._expression

    def check(self) -> None:
        """Raise Failure for invalid HCL. This takes less than parsing the expression, if nothing needs it."""
        if self._expression is None and not is_plainly_valid(self.value_span):
            self.expression  # noqa: B018


class Block:
    """A block: its type, its labels, and its body. The body is parsed on first use."""

    __slots__ = ("_body", "_items", "labels", "span", "type")

    def __init__(self, type: str, labels: tuple[str, ...], span: Span, body: Span | list[Item]) -> None:
        self.type = type
        self.labels = labels
        self.span = span
        self._body = body
        self._items = body if isinstance(body, list) else None

    @property
    def items(self) -> list[Item]:
        """The arguments and the nested blocks, in order. Raises Failure for any other content."""
        if self._items is None:
            assert isinstance(self._body, Span)
            self._items = read_body(self._body)
        return self._items

    def overridden_by(self, other: Block) -> Block:
        """Return this block with the arguments and nested blocks of another block.

        They replace the arguments with the same name and the nested blocks of the same type, also dynamic ones.
        """
        replaced = {kind(item) for item in other.items}
        kept = [item for item in self.items if kind(item) not in replaced]
        return Block(self.type, self.labels, self.span, [*kept, *other.items])

    def argument(self, name: str) -> Argument | None:
        """Return the argument called `name`, or None."""
        for item in self.items:
            if isinstance(item, Argument) and item.name == name:
                return item
        return None

    def arguments(self) -> list[Argument]:
        """Return all the arguments, in order."""
        return [item for item in self.items if isinstance(item, Argument)]

    def blocks(self, type: str) -> list[Block]:
        """Return the nested blocks of a type, in order."""
        return [item for item in self.items if isinstance(item, Block) and item.type == type]


Item = Argument | Block


class Contents:
    """The blocks and the arguments at the top level of a file, by their types and names.

    `locals` has the arguments of its `locals` blocks. Raises Failure if these have any other content.
    """

    def __init__(self, items: list[Item]) -> None:
        self.items = items
        self.arguments: dict[str, Argument] = {}
        self.blocks: dict[str, list[Block]] = {}
        for item in items:
            if isinstance(item, Block):
                self.blocks.setdefault(item.type, []).append(item)
            else:
                self.arguments.setdefault(item.name, item)
        blocks = self.blocks.get("locals", ())
        self.locals = {argument.name: argument for block in blocks for argument in block.arguments()}


def kind(item: Item) -> tuple[bool, str]:
    """Tell whether an item creates blocks, and return its name, or the type of these blocks."""
    if isinstance(item, Argument):
        return False, item.name
    return True, item.labels[0] if item.type == "dynamic" and item.labels else item.type


def read_file(source: Source) -> tuple[list[Item], list[Failure]]:
    """Return the top-level blocks of a file, and the failures of its invalid parts.

    After a block with no end, reading continues at the next line that begins a relevant block.
    """
    text, position = source.text, 0
    items: list[Item] = []
    failures: list[Failure] = []
    while len(failures) < MAX_FAILURES:
        try:
            item = _next_item(source, position, len(text))
            if item is None:
                break
            items.append(item)
            position = item.span.end
        except Failure as error:
            failures.append(error)
            position = _after(_SPACE, text, position)
            if not _HEADER.match(text, position):
                # This text is invalid, so the end of the block before it is unknown.
                while items and not isinstance(items.pop(), Block):
                    pass
            following = _HEADER.search(text, position + 1)
            position = following.start() if following else len(text)
    return items, failures


def read_body(body: Span) -> list[Item]:
    """Return the arguments and blocks in a stretch of HCL, such as the body of a block.

    Raises Failure for any other content.
    """
    source, position, end = body
    items: list[Item] = []
    while item := _next_item(source, position, end):
        items.append(item)
        position = item.span.end
    return items


def _next_item(source: Source, position: int, end: int) -> Item | None:
    """Read the argument or the block after white space and comments. Return None if there is none before `end`."""
    simple = _SIMPLE.match(source.text, position, end)
    if simple:
        return _simple(source, simple)
    position = _after(_SPACE, source.text, position)
    return _item(source, position, end) if position < end else None


def _item(source: Source, position: int, end: int) -> Item:
    """Read the argument or the block that begins at `position`."""
    name = _IDENTIFIER.match(source.text, position)
    if name is None:
        raise failure("expected an argument or a block", source, position)
    after = _after(_SAME_LINE_SPACE, source.text, name.end())
    equals = _EQUALS.match(source.text, after)
    return _argument(source, name, equals.end(), end) if equals else _block(source, name, after)


def _simple(source: Source, match: re.Match[str]) -> Item:
    """Return a simple argument, or read the block after its simple beginning."""
    start = match.start("name")
    if match.lastgroup == "value":
        value = match["value"].rstrip()
        first = match.start("value")
        end = first + len(value)
        return Argument(match["name"], Span(source, start, end), Span(source, first, end))
    end = bracket_end(source, match.end() - 1)
    labels = tuple(match["labels"].split('"')[1::2])
    return Block(match["name"], labels, Span(source, start, end), Span(source, match.end(), end - 1))


def _after(pattern: re.Pattern[str], text: str, position: int) -> int:
    match = pattern.match(text, position)
    return match.end() if match else position


def _argument(source: Source, name: re.Match[str], start: int, limit: int) -> Argument:
    """Read the argument whose expression begins at `start`. It ends at the first line end outside brackets."""
    text = source.text
    position = start = _after(_SAME_LINE_SPACE, text, start)
    comment = None
    while (token := TOKEN.search(text, position, limit)) is not None and token.group() != "\n":
        opening = token.group() in ("{", "(", "[")
        position = bracket_end(source, token.start()) if opening else token_end(source, token)
        comment = token if token["comment"] else None
    end = token.start() if token else limit
    if comment and not text[comment.end() : end].strip():
        end = comment.start()
    value_span = Span(source, start, start + len(text[start:end].rstrip()))
    return Argument(name.group(), Span(source, name.start(), value_span.end), value_span)


def _block(source: Source, name: re.Match[str], position: int) -> Block:
    """Read the block whose labels begin at `position`."""
    text = source.text
    labels = []
    while True:
        label = _IDENTIFIER.match(text, position)
        if label:
            labels.append(label.group())
            position = label.end()
        elif text[position : position + 1] == '"':
            end = string_end(source, position)
            labels.append(_unescaped(text[position + 1 : end - 1]))
            position = end
        else:
            break
        position = _after(_SAME_LINE_SPACE, text, position)
    if text[position : position + 1] != "{":
        raise failure(f'"{name.group()}" is neither an argument nor a block', source, name.start(), name.end())
    end = bracket_end(source, position)
    return Block(name.group(), tuple(labels), Span(source, name.start(), end), Span(source, position + 1, end - 1))


def _unescaped(label: str) -> str:
    """Return a label with decoded escapes."""
    return _ESCAPE.sub(_character, label) if "\\" in label else label


def _character(escape: re.Match[str]) -> str:
    code = escape[1] or escape[2]
    if code is None:
        return _ESCAPED.get(escape[3], escape[3])
    return chr(int(code, 16)) if int(code, 16) <= sys.maxunicode else escape[0]
