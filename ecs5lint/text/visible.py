"""Escape characters in a report that a reader cannot see, or that control a terminal."""

from __future__ import annotations

import re

#: Control characters, which can drive a terminal, characters that XML forbids, and the start of commands in CI logs
#: (`##[`, `##vso[`).
_UNSAFE = r"\0-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff"

#: The Unicode category Cf: characters that only format others, such as the direction of writing.
_FORMAT = (
    r"\xad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    r"\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e007f"
)

#: Characters that look like a space or like nothing: other spaces, fillers, the empty Braille pattern.
_BLANK = (
    r"\xa0\u034f\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180d\u180f\u2000-\u200a\u202f\u205f\u2800\u3000\u3164\uffa0"
    r"\U000e0100-\U000e01ef"
)

_ESCAPED = rf"[{_UNSAFE}{_FORMAT}{_BLANK}]|(?<=#)#(?=\[|vso\[)"
_INVISIBLE = rf"[\s{_UNSAFE}{_FORMAT}{_BLANK}\ufe00-\ufe0f]+"


def escape(text: str) -> str:
    r"""Return text from an input in a printable form. Invisible and unsafe characters become `\x1b` or `\u202e`."""
    if text.isascii() and text.isprintable() and "##" not in text:
        return text
    return re.sub(_ESCAPED, _escape_character, text)


def _escape_character(match: re.Match[str]) -> str:
    code = ord(match.group())
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def is_blank(text: str) -> bool:
    """Tell whether a text looks empty to a reader."""
    return re.fullmatch(_INVISIBLE, text) is not None if text else True


def counted(count: int, noun: str) -> str:
    """Return a number and a noun, which is plural unless the number is one."""
    return f"{count} {noun}{'s' * (count != 1)}"
