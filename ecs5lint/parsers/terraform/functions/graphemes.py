"""What a user takes for one character, by which Terraform counts the length of a text."""

from __future__ import annotations

import unicodedata

from ecs5lint.parsers.terraform.errors import NotKnown
from ecs5lint.values import Unknown

#: Categories of characters that never join with those around them. https://unicode.org/reports/tr29/
_SINGLE = {"Lu", "Ll", "Nd", "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po", "Sm", "Sc", "Zs"}


def graphemes(text: str) -> list[str]:
    """Return the characters of a text as a reader counts them. Raises NotKnown for scripts that join them."""
    if text.isascii():
        return list(text) if "\r\n" not in text else _with_line_ends(text)
    composed = unicodedata.normalize("NFC", text)
    if "\r\n" in composed or any(not char.isascii() and unicodedata.category(char) not in _SINGLE for char in composed):
        raise NotKnown(Unknown("the length of a text with composed characters is not followed"))
    return list(composed)


def _with_line_ends(text: str) -> list[str]:
    """Return characters with CR LF as one."""
    found = list(text.replace("\r\n", "\n"))
    position = 0
    for index, char in enumerate(found):
        if text.startswith("\r\n", position) and char == "\n":
            found[index] = "\r\n"
        position += len(found[index])
    return found
