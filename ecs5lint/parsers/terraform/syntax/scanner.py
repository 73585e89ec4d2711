"""Scan HCL for the end of a string, a heredoc, a comment or a pair of brackets.

This is enough to find the blocks of a file and the arguments of a block, without parsing their expressions.
"""

from __future__ import annotations

import re

from ecs5lint.location import Failure, Source, Span

#: The deepest nesting of brackets and templates.
MAX_NESTING = 100

STRING = r'"[^"\\$%\n]*(?:(?:\\.|[$%](?!\{))[^"\\$%\n]*)*"'
_COMMENT = r"\#[^\n]*|//[^\n]*|/\*(?:.|\n)*?\*/"
_HEREDOC = r"<<-?(?P<marker>[^\W\d][\w-]*)\r?\n"

#: All tokens that matter for finding an end. A single quotation mark opens a string with a template in it.
TOKEN = re.compile(rf'(?P<string>{STRING})|(?P<comment>{_COMMENT})|(?P<heredoc>{_HEREDOC})|["{{}}()\[\]\n]|/\*')
#: The text up to the next bracket, and the text to skip: strings, comments, and operators that begin like other tokens.
#: After the text in front of it, one of the alternatives always matches.
_IN_BRACKETS = re.compile(
    rf"""[^"{{}}()\[\]\#/<]*(?:(?P<opening>[{{(\[])|(?P<closing>[}})\]])|(?P<heredoc>{_HEREDOC})"""
    rf"""|(?P<skipped>{STRING}|{_COMMENT}|/(?!\*)|<)|(?P<open>"|/\*)|\Z)"""
)

_SPACE = re.compile(rf"(?:\s+|{_COMMENT})*")
_FOR = re.compile(r"for\b")

_IN_STRING = re.compile(r'["\n]|\\.|\$\$\{|%%\{|[$%]\{')
_CLOSING = {"{": "}", "(": ")", "[": "]"}


def failure(message: str, source: Source, start: int, end: int | None = None) -> Failure:
    """Return the Failure for invalid text at an offset."""
    return Failure(message, source.path, Span(source, start, start + 1 if end is None else end))


def space_end(text: str, position: int, end: int) -> int:
    """Return the offset after the white space and the comments that begin at `position`."""
    match = _SPACE.match(text, position, end)
    return match.end() if match else position


def is_loop(text: str, opening: int, end: int) -> bool:
    """Tell whether the bracket at `opening` begins a `for` expression."""
    # A single pattern for the comments and `for` would try every way to split the comments.
    return _FOR.match(text, space_end(text, opening + 1, end), end) is not None


def token_end(source: Source, token: re.Match[str], depth: int = 0) -> int:
    """Return the offset after a TOKEN: a string, a comment, a heredoc or a single character.

    Raises Failure if the token has no end.
    """
    if token["heredoc"]:
        return heredoc_end(source, token)[1]
    if token.group() == '"':
        return string_end(source, token.start(), depth)
    if token.group() == "/*":
        raise failure("a comment is not closed", source, token.start())
    return token.end()


def string_end(source: Source, start: int, depth: int = 0) -> int:
    """Return the offset after the quoted string that begins at `start`. Raises Failure if the string has no end."""
    if depth > MAX_NESTING:
        raise failure("strings are nested too deeply", source, start)
    position = start + 1
    while match := _IN_STRING.search(source.text, position):
        found = match.group()
        if found == '"':
            return match.end()
        if found == "\n":
            break
        position = match.end()
        if found in ("${", "%{"):
            position = bracket_end(source, match.end() - 1, depth + 1)
    raise failure("a string is not closed", source, start)


def heredoc_end(source: Source, opening: re.Match[str]) -> tuple[int, int]:
    """Return the start of the line with the closing marker, and the offset after the marker.

    Raises Failure if there is no closing marker.
    """
    closing = re.compile(rf"^[ \t]*{re.escape(opening['marker'])}(?=[ \t]*\r?$)", re.MULTILINE)
    match = closing.search(source.text, opening.end())
    if match is None:
        raise failure(f"the heredoc is not closed by {opening['marker']}", source, opening.start())
    return match.start(), match.end()


def bracket_end(source: Source, start: int, depth: int = 0) -> int:
    """Return the offset after the bracket that closes the bracket at `start`. Raises Failure if there is none."""
    text = source.text
    openings = [start]
    tokens = _IN_BRACKETS.finditer(text, start + 1)
    while (match := next(tokens)) and (kind := match.lastgroup):
        at = match.start(kind)
        if kind == "opening":
            openings.append(at)
            if len(openings) + depth > MAX_NESTING:
                raise failure("brackets are nested too deeply", source, at)
        elif kind == "closing":
            opening = openings.pop()
            if _CLOSING[text[opening]] != text[at]:
                raise _mismatch(source, opening, at)
            if not openings:
                return match.end()
        elif kind != "skipped":
            token = TOKEN.match(text, at)
            assert token is not None
            tokens = _IN_BRACKETS.finditer(text, token_end(source, token, depth + len(openings)))
    raise failure(f"{text[start]} is not closed", source, start)


def _mismatch(source: Source, opening: int, found: int) -> Failure:
    """Return the Failure for a closing bracket that does not match the last open one."""
    line, column = source.position(opening)
    message = f"unexpected {source.text[found]}: the {source.text[opening]} at {line}:{column} is not closed"
    return failure(message, source, found)
