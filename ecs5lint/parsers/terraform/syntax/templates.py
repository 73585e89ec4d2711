"""Parse template text into the parts of a Template.

Quoted strings, heredocs and the files of templatefile use the same language:
https://developer.hashicorp.com/terraform/language/expressions/strings
"""

from __future__ import annotations

import re
from collections.abc import Callable

from ecs5lint.light_typing import NamedTuple
from ecs5lint.location import Source, Span
from ecs5lint.parsers.terraform.syntax.nodes import Expression, TemplateFor, TemplateIf, TemplatePart, TemplateText
from ecs5lint.parsers.terraform.syntax.scanner import bracket_end, failure

_QUOTED_PIECE = re.compile(
    r"\$\$\{|%%\{|(?P<open>[$%]\{)|\\(?:u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)|[^$%\\]+|[$%]", re.DOTALL
)
_LINE_PIECE = re.compile(r"\$\$\{|%%\{|(?P<open>[$%]\{)|[^$%\n]+\n?|\n|[$%]")
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}
_KEYWORD = re.compile(r"\s*(?P<keyword>if|else|endif|for|endfor)\b")
_FOR = re.compile(r"\s*(?P<first>[^\W\d][\w-]*)\s*(?:,\s*(?P<second>[^\W\d][\w-]*)\s*)?\bin\b")

ParseExpression = Callable[[Span], Expression]


class _Directive(NamedTuple):
    """The text between `%{` and `}`, without the keyword."""

    keyword: str
    content: Span
    span: Span


_Piece = TemplateText | _Directive | Expression


def parse_quoted(span: Span, parse_expression: ParseExpression) -> tuple[TemplatePart, ...]:
    """Return the parts of a quoted string. `span` excludes the quotation marks. Raises Failure."""
    return _tree(_pieces(span, _QUOTED_PIECE, parse_expression), parse_expression)


def parse_template(span: Span, parse_expression: ParseExpression) -> tuple[TemplatePart, ...]:
    """Return the parts of a template without quotation marks: a heredoc or a template file. Raises Failure."""
    return _tree(_pieces(span, _LINE_PIECE, parse_expression), parse_expression)


def parse_indented(span: Span, parse_expression: ParseExpression) -> tuple[TemplatePart, ...]:
    """Return the parts of a `<<-` heredoc, without the smallest indentation of its lines. Raises Failure."""
    return _tree(_without_indentation(_pieces(span, _LINE_PIECE, parse_expression)), parse_expression)


def _pieces(span: Span, pattern: re.Pattern[str], parse_expression: ParseExpression) -> list[_Piece]:
    """Return literal text, expressions and directives, in order.

    A `~` next to a brace strips the white space of the neighboring text. Outside quotation marks, HCL's scanner splits
    text into lines, so `~` strips only one line.
    """
    source, position, end = span
    pieces: list[_Piece] = []
    stripping = False
    while position < end:
        match = pattern.match(source.text, position, end)
        assert match is not None  # the last alternatives of the patterns match any character
        if not match["open"]:
            text = _literal(source, match, pattern is _QUOTED_PIECE)
            if stripping:
                text = _stripped_left(text)
                stripping = pattern is _QUOTED_PIECE and not text.text
            _add_text(pieces, text)
            position = match.end()
            continue
        position = bracket_end(source, match.end() - 1)
        inner = Span(source, match.end(), position - 1)
        strip_previous = inner.text.startswith("~")
        stripping = inner.text.endswith("~") and len(inner.text) > 1
        if strip_previous:
            _strip_last(pieces, pattern is _QUOTED_PIECE)
        inner = Span(source, inner.start + strip_previous, inner.end - stripping)
        whole = Span(source, match.start(), position)
        pieces.append(parse_expression(inner) if match.group() == "${" else _directive(inner, whole))
    return pieces


def _add_text(pieces: list[_Piece], text: TemplateText) -> None:
    """Add text. Merge it with the last piece if that is text right before it in the same line."""
    last = pieces[-1] if pieces else None
    if (
        isinstance(last, TemplateText)
        and last.verbatim is not None
        and last.verbatim + len(last.text) == text.verbatim
        and not last.text.endswith("\n")
    ):
        text = TemplateText(last.text + text.text, last.span._replace(end=text.span.end), last.verbatim)
        pieces.pop()
    pieces.append(text)


def _strip_last(pieces: list[_Piece], in_quotes: bool) -> None:
    """Strip the white space at the end of the last piece if it is text.

    In quotation marks, strip all text at the end.
    """
    index = len(pieces) - 1
    while index >= 0 and isinstance(piece := pieces[index], TemplateText):
        pieces[index] = piece._replace(text=piece.text.rstrip())
        if piece.text.strip() or not in_quotes:
            break
        index -= 1


def _literal(source: Source, match: re.Match[str], in_quotes: bool) -> TemplateText:
    written = match.group()
    span = Span(source, match.start(), match.end())
    if written in ("$${", "%%{"):
        return TemplateText(written[1:], span, match.start() + 1)
    if written[0] != "\\" or not in_quotes:
        return TemplateText(written, span, match.start())
    if len(written) > 2:
        return TemplateText(_character(written, span), span, None)
    if written[1] not in _ESCAPES:
        raise failure(f"{written} is not an escape sequence", source, match.start(), match.end())
    return TemplateText(_ESCAPES[written[1]], span, None)


def _character(escape: str, span: Span) -> str:
    try:
        character = chr(int(escape[2:], 16))
        character.encode()  # half of a surrogate pair has no encoding
    except (ValueError, OverflowError):
        raise failure(f"{escape} is not a character", *span) from None
    return character


def _stripped_left(text: TemplateText) -> TemplateText:
    stripped = text.text.lstrip()
    removed = len(text.text) - len(stripped)
    return text._replace(text=stripped, verbatim=None if text.verbatim is None else text.verbatim + removed)


def _directive(inner: Span, whole: Span) -> _Directive:
    keyword = _KEYWORD.match(inner.source.text, inner.start, inner.end)
    if keyword is None:
        raise failure("this is not a template directive", *whole)
    return _Directive(keyword["keyword"], inner._replace(start=keyword.end()), whole)


def _without_indentation(pieces: list[_Piece]) -> list[_Piece]:
    """Remove the smallest indentation from the lines. Blank lines don't count, and keep their indentation."""
    smallest: int | None = None
    indented: list[int] = []
    at_line_start = True
    for index, piece in enumerate(pieces):
        if at_line_start:
            blank = isinstance(piece, TemplateText) and not piece.text.strip() and piece.text.endswith("\n")
            if not blank:
                spaces = len(piece.text) - len(piece.text.lstrip()) if isinstance(piece, TemplateText) else 0
                smallest = spaces if smallest is None else min(smallest, spaces)
                indented.append(index)
        at_line_start = isinstance(piece, TemplateText) and piece.text.endswith("\n")
    for index in indented:
        piece = pieces[index]
        if smallest and isinstance(piece, TemplateText):
            verbatim = None if piece.verbatim is None else piece.verbatim + smallest
            pieces[index] = piece._replace(text=piece.text[smallest:], verbatim=verbatim)
    return pieces


def _tree(pieces: list[_Piece], parse_expression: ParseExpression) -> tuple[TemplatePart, ...]:
    """Nest the pieces between directives. Raises Failure for directives without a partner."""
    position = 0

    def sequence(until: tuple[str, ...], opening: _Directive | None) -> tuple[TemplatePart, ...]:
        nonlocal position
        parts: list[TemplatePart] = []
        while position < len(pieces):
            piece = pieces[position]
            if isinstance(piece, _Directive):
                if piece.keyword in until:
                    return tuple(parts)
                position += 1
                parts.append(directive(piece))
            else:
                position += 1
                parts.append(piece)
        if opening:
            raise failure(f"the template directive is not closed by %{{ {until[-1]} }}", *opening.span)
        return tuple(parts)

    def closing() -> _Directive:
        nonlocal position
        piece = pieces[position]
        assert isinstance(piece, _Directive)
        position += 1
        return piece

    def directive(opening: _Directive) -> TemplatePart:
        if opening.keyword == "if":
            condition = parse_expression(opening.content)
            when_true = sequence(("else", "endif"), opening)
            end = closing()
            when_false: tuple[TemplatePart, ...] = ()
            if end.keyword == "else":
                when_false = sequence(("endif",), opening)
                end = closing()
            return TemplateIf(condition, when_true, when_false, opening.span._replace(end=end.span.end))
        header = _FOR.match(opening.content.source.text, opening.content.start, opening.content.end)
        if opening.keyword != "for" or header is None:
            raise failure(f"the template directive {opening.keyword} is out of place", *opening.span)
        collection = parse_expression(opening.content._replace(start=header.end()))
        body = sequence(("endfor",), opening)
        span = opening.span._replace(end=closing().span.end)
        key_name, value_name = (header["first"], header["second"]) if header["second"] else (None, header["first"])
        return TemplateFor(key_name, value_name, collection, body, span)

    return sequence((), None)
