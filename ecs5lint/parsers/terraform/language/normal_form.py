"""Normalize text as Terraform does, to Unicode's normal form C.

https://github.com/zclconf/go-cty/blob/main/cty/value_init.go (NormalizeString)
"""

from __future__ import annotations

import re
import unicodedata

_SURROGATE = re.compile("[\ud800-\udfff]")


def normal_form(text: str) -> str:
    """Return a text in normal form C, with U+FFFD for each unpaired surrogate."""
    return text if text.isascii() else unicodedata.normalize("NFC", _SURROGATE.sub("\ufffd", text))
