"""Read the strings, numbers and words of JSON."""

from __future__ import annotations

import re
from json.decoder import scanstring  # type: ignore[attr-defined]

from ecs5lint.values.conditions import Constant

#: A float holds every number of this many characters exactly, if it has no exponent.
_DIGITS_OF_FLOAT = 15
#: The longest number, and the longest exponent, whose digits are all kept.
_MAX_DIGITS, _MAX_EXPONENT = 4_000, 5
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_WORDS = {"true": True, "false": False, "null": None}
_WORD = re.compile("|".join(_WORDS))


def string(text: str, at: int) -> tuple[str, int, bool]:
    """Return the string whose opening quotation mark is at an offset, and the offset after it. Raises JSONDecodeError.

    The third result tells whether the text has it character by character, without escapes.
    """
    found, end = scanstring(text, at + 1, True)
    return found, end, end - at == len(found) + 2


def number_or_word(text: str, at: int) -> tuple[Constant, int] | None:
    """Return the number, boolean or null at an offset and the offset after it, or None if there is no such thing."""
    if match := _NUMBER.match(text, at):
        return _number(match.group(), match.lastindex is None), match.end()
    word = _WORD.match(text, at)
    return (_WORDS[word.group()], word.end()) if word else None


def _number(digits: str, is_whole: bool) -> Constant:
    """Return a number. It keeps every digit, unless the number is absurdly long."""
    if is_whole and len(digits) <= _MAX_DIGITS:
        return int(digits)
    inexact = float(digits)
    _, _, exponent = digits.lower().partition("e")
    is_short = len(digits) <= _DIGITS_OF_FLOAT and not exponent
    if is_short or len(digits) > _MAX_DIGITS or len(exponent) > _MAX_EXPONENT:
        return inexact
    from decimal import Decimal

    exact = Decimal(digits)
    return inexact if Decimal(repr(inexact)) == exact else exact
