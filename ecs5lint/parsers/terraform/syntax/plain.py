"""Parse plain expressions: literals, references, strings, and the lists, objects and calls that contain them.

Most expressions are plain. Their brackets and commas alone give their structure, in a fraction of the time that the
grammar takes. The grammar parses all others, and reports invalid ones.
"""

from __future__ import annotations

import math
import re

from ecs5lint.light_typing import NamedTuple
from ecs5lint.location import Failure, Span
from ecs5lint.parsers.terraform.syntax.errors import NotKnown
from ecs5lint.parsers.terraform.syntax.nodes import (
    Expression,
    FunctionCall,
    GetAttribute,
    Index,
    Literal,
    Name,
    ObjectExpression,
    ObjectItem,
    Parentheses,
    Template,
    TupleExpression,
)
from ecs5lint.parsers.terraform.syntax.numbers import MAX_DIGITS, Number, parse_number
from ecs5lint.parsers.terraform.syntax.scanner import TOKEN, failure, heredoc_end, is_loop, space_end, token_end
from ecs5lint.parsers.terraform.syntax.templates import ParseExpression, parse_indented, parse_quoted, parse_template

CONSTANTS = {"true": True, "false": False, "null": None}

_IDENTIFIER = r"[^\W\d][\w-]*"
_REFERENCE = re.compile(rf"\s*(?P<name>{_IDENTIFIER})(?P<attributes>(?:\.{_IDENTIFIER})*)\s*")
_SIMPLE = re.compile(
    r'\s*(?:(?P<string>"[^"\\$%\n]*")|(?P<number>\d{1,15}(?:\.\d{1,15})?)|(?P<constant>true|false|null))\s*'
)

#: The text before brackets: the name of a function.
_FUNCTION = re.compile(rf"{_IDENTIFIER}(?:::{_IDENTIFIER})*(?=\()")
_ROOT = re.compile(rf"{_IDENTIFIER}(?:\.{_IDENTIFIER})*")
_ATTRIBUTE = re.compile(rf"\.({_IDENTIFIER})")
#: Marks that give brackets another meaning: a splat as the index, and a spread last argument of a call.
_SPLAT = "*"
_SPREAD = "..."
_KEY_END = re.compile(r"[ \t]*(?:=(?![=>])|:(?!:))")
_KEY_NAME = re.compile(_IDENTIFIER)

#: The tokens that delimit brackets, strings and their parts.
_TOKEN = re.compile(rf"{TOKEN.pattern}|(?P<comma>,)")
_CLOSING = {"{": "}", "(": ")", "[": "]"}

#: The largest number of such tokens in an expression.
_MAX_TOKENS = 50_000


class _Irregular(Exception):
    """The brackets and commas don't give the structure of the expression."""


class _Brackets(NamedTuple):
    """A pair of brackets: the offset of the other bracket, and those of the commas and line ends between its parts."""

    other: int
    cuts: list[int]


def parse_simple(span: Span, parse_expression: ParseExpression) -> Expression | None:
    """Return a literal or a reference, the most common expressions, or None for any other expression."""
    source, start, end = span
    simple = _SIMPLE.fullmatch(source.text, start, end)
    if simple:
        kind = simple.lastgroup or ""
        written, text = Span(source, *simple.span(kind)), simple[kind]
        if kind == "string":
            return string(written, parse_expression)
        return Literal(CONSTANTS[text] if kind == "constant" else as_number(written), written)
    match = _REFERENCE.fullmatch(source.text, start, end)
    if match is None or match["name"] in CONSTANTS:
        return None
    return reference(Span(source, match.start("name"), match.end("attributes")))


def as_number(span: Span) -> Number:
    """Return the number in a span, or infinity for a number beyond the limits. Raises Failure."""
    if span.end - span.start > MAX_DIGITS:
        raise failure(f"a number of more than {MAX_DIGITS} digits is not supported", *span)
    try:
        value = parse_number(span.text)
    except NotKnown:
        return math.inf
    assert value is not None  # the callers check the digits
    return value


def reference(span: Span) -> Expression:
    """Return the tree of `a.b.c`."""
    source, start, _ = span
    root, *attributes = span.text.split(".")
    position = start + len(root)
    expression: Expression = Name(root, Span(source, start, position))
    for name in attributes:
        position += 1 + len(name)
        expression = GetAttribute(expression, name, Span(source, start, position))
    return expression


def parse_plain(span: Span, parse_expression: ParseExpression, parse_by_grammar: ParseExpression) -> Expression | None:
    """Return the tree of an expression whose outermost part is plain, or None for any other expression.

    The grammar parses the parts that are not plain, and `parse_expression` parses interpolations. Raises Failure if one
    of them is not valid HCL.
    """
    try:
        return _Reader(span, parse_expression, parse_by_grammar).whole()
    except _Irregular:
        return None


def string(span: Span, parse_expression: ParseExpression) -> Template:
    """Return the tree of a quoted string or a heredoc. Raises Failure."""
    source, start, end = span
    opening = TOKEN.match(source.text, start)
    if opening is None or not opening["heredoc"]:
        return Template(parse_quoted(Span(source, start + 1, end - 1), parse_expression), span)
    body = Span(source, opening.end(), heredoc_end(source, opening)[0])
    parse = parse_indented if opening.group().startswith("<<-") else parse_template
    return Template(parse(body, parse_expression), span)


class _Reader:
    """Reads one expression. It finds the brackets and strings first."""

    def __init__(self, span: Span, parse_expression: ParseExpression, parse_by_grammar: ParseExpression) -> None:
        self._span = span
        self._source = span.source
        self._text = span.source.text
        self._parse_expression = parse_expression
        self._parse_by_grammar = parse_by_grammar
        self._brackets: dict[int, _Brackets] = {}
        #: The end of each string and heredoc by its start, and the start of each comment by its end.
        self._strings: dict[int, int] = {}
        self._comments: dict[int, int] = {}

    def whole(self) -> Expression | None:
        """Return the expression, or None if it is not plain. Raises _Irregular and Failure."""
        self._scan()
        start, end = self._trimmed(self._span.start, self._span.end)
        return self._chain(start, end) if self._is_plain(start, end) else None

    def _scan(self) -> None:
        """Find the brackets, the strings and the comments."""
        position = self._span.start
        opened: list[_Brackets] = []
        for _ in range(_MAX_TOKENS):
            match = _TOKEN.search(self._text, position, self._span.end)
            if match is None:
                break
            start, position = match.start(), match.end()
            token = match.group()
            if token in _CLOSING:
                opened.append(_Brackets(start, []))
            elif token in ("}", ")", "]"):
                if not opened or _CLOSING[self._text[opened[-1].other]] != token:
                    raise _Irregular
                opening, cuts = opened.pop()
                self._brackets[opening] = _Brackets(start, cuts)
            elif match["comment"]:
                self._comments[position] = start
            elif token in (",", "\n"):
                # Line ends separate the members of an object, and nothing else.
                if opened and (token == "," or self._text[opened[-1].other] == "{"):
                    opened[-1].cuts.append(start)
            else:
                position = token_end(self._source, match)
                self._strings[start] = position
        else:
            raise _Irregular
        if opened:
            raise _Irregular

    def _part(self, start: int, end: int) -> Expression:
        """Return the expression between two offsets. The grammar parses it if it is not plain."""
        start, end = self._trimmed(start, end)
        span = Span(self._source, start, end)
        simple = parse_simple(span, self._parse_expression)
        if simple:
            return simple
        if self._is_plain(start, end):
            return self._chain(start, end)
        try:
            return self._parse_by_grammar(span)
        except Failure:
            # The expression may continue on the next line. Otherwise, the grammar finds the error in the whole.
            raise _Irregular from None

    def _trimmed(self, start: int, end: int) -> tuple[int, int]:
        """Return the range of an expression without white space and comments around it.

        Raises _Irregular if it is empty.
        """
        start = space_end(self._text, start, end)
        while True:
            while end > start and self._text[end - 1].isspace():
                end -= 1
            if end <= start:
                raise _Irregular
            if end not in self._comments:
                return start, end
            end = self._comments[end]

    def _is_blank(self, start: int, end: int) -> bool:
        try:
            self._trimmed(start, end)
        except _Irregular:
            return True
        return False

    def _is_plain(self, start: int, end: int) -> bool:
        """Tell whether the text between two offsets is a single operand with attributes and indexes."""
        position = self._operand_end(start)
        while position is not None and position < end:
            position = self._step_end(position)
        return position == end

    def _operand_end(self, start: int) -> int | None:
        """Return the offset after a string, list, object, call or reference, or None if it is not plain."""
        if start in self._strings:
            return self._strings[start]
        function = _FUNCTION.match(self._text, start)
        opening = function.end() if function else start
        brackets = self._brackets.get(opening)
        if brackets is None:
            root = _ROOT.match(self._text, start)
            return root.end() if root and root.group().partition(".")[0] not in CONSTANTS else None
        if function:
            is_spread = self._text[opening : brackets.other].rstrip().endswith(_SPREAD)
            return None if is_spread else brackets.other + 1
        return None if is_loop(self._text, opening, brackets.other) else brackets.other + 1

    def _step_end(self, position: int) -> int | None:
        attribute = _ATTRIBUTE.match(self._text, position)
        if attribute:
            return attribute.end()
        if self._text[position] != "[":
            return None
        end = self._brackets[position].other
        is_splat = self._text[position + 1 : end].strip() == _SPLAT
        return None if is_splat else end + 1

    def _chain(self, start: int, end: int) -> Expression:
        """Return an operand with the attributes and indexes after it."""
        expression, position = self._operand(start)
        while position < end:
            attribute = _ATTRIBUTE.match(self._text, position)
            if attribute:
                position = attribute.end()
                expression = GetAttribute(expression, attribute[1], Span(self._source, start, position))
            else:
                key, position = self._only_part(position)
                expression = Index(expression, key, Span(self._source, start, position))
        return expression

    def _operand(self, start: int) -> tuple[Expression, int]:
        """Return the string, list, object, call or reference at an offset, and the offset after it."""
        end = self._operand_end(start)
        if end is None:
            raise _Irregular
        span = Span(self._source, start, end)
        if start in self._strings:
            return string(span, self._parse_expression), end
        opening = self._text[start]
        if opening == "(":
            return Parentheses(self._only_part(start)[0], span), end
        if opening == "[":
            return TupleExpression(tuple(self._elements(start)), span), end
        if opening == "{":
            return ObjectExpression(tuple(self._members(start)), span), end
        function = _FUNCTION.match(self._text, start)
        if function:
            return FunctionCall(function.group(), tuple(self._elements(function.end())), False, span), end
        return reference(span), end

    def _only_part(self, opening: int) -> tuple[Expression, int]:
        """Return the only expression in brackets, and the offset after them."""
        end, cuts = self._brackets[opening]
        if cuts:
            raise _Irregular
        return self._part(opening + 1, end), end + 1

    def _elements(self, opening: int) -> list[Expression]:
        end, cuts = self._brackets[opening]
        elements = []
        start = opening + 1
        for cut in cuts:
            elements.append(self._part(start, cut))
            start = cut + 1
        if not self._is_blank(start, end):
            elements.append(self._part(start, end))
        return elements

    def _members(self, opening: int) -> list[ObjectItem]:
        end, cuts = self._brackets[opening]
        members = []
        start = opening + 1
        for cut in (*cuts, end):
            if not self._is_blank(start, cut):
                members.append(self._member(start, cut))
            elif self._text[cut] == ",":
                raise _Irregular
            start = cut + 1
        return members

    def _member(self, start: int, end: int) -> ObjectItem:
        start, end = self._trimmed(start, end)
        name = _KEY_NAME.match(self._text, start)
        if name:
            written = Span(self._source, start, name.end())
            text = name.group()
            key: Expression = Literal(CONSTANTS[text], written) if text in CONSTANTS else Name(text, written)
            key_end = name.end()
        elif self._text[start] in ('"', "("):
            key, key_end = self._operand(start)
        else:
            raise _Irregular
        equals = _KEY_END.match(self._text, key_end, end)
        if equals is None:
            raise _Irregular
        return ObjectItem(key, self._part(equals.end(), end))
