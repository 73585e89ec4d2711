"""Split text into the characters that a user sees. Terraform counts these for the length of a text."""

from __future__ import annotations

import unicodedata
from itertools import pairwise

from ecs5lint.parsers.terraform.syntax.errors import NotKnown
from ecs5lint.text.regex.unicode_classes import has_newer
from ecs5lint.values.kinds import Unknown

#: Sequences on which releases of Terraform or Unicode may differ: consonants joined by a virama, which are a single
#: character since Unicode 15.1; tags with accents; and old Korean letters around a syllable.
_DOUBTFUL = (
    r"\p{ccc=9}[\p{M}\u200c\u200d]*\p{Lo}|[\U000e0000-\U000e0fff][\u0300-\u036f]"
    r"|\p{GCB=L}[\p{GCB=LV}\p{GCB=LVT}]\p{GCB=T}"
)
_JOINER = "\u200d"


def graphemes(text: str) -> list[str]:
    """Return the grapheme clusters of a text, in normal form C.

    Raises NotKnown if they depend on the release of Terraform. https://unicode.org/reports/tr29/
    """
    if text.isascii() and "\r\n" not in text:
        return list(text)
    import regex

    composed = unicodedata.normalize("NFC", text)
    clusters: list[str] = regex.findall(r"\X", composed)
    is_doubtful = (
        has_newer(composed)
        or regex.search(_DOUBTFUL, composed)
        or (_JOINER in composed and _is_joined_in_doubt(clusters))
    )
    if is_doubtful:
        raise NotKnown(
            Unknown("the length of a text with some composed characters depends on the release of Terraform")
        )
    return clusters


def _is_joined_in_doubt(clusters: list[str]) -> bool:
    """Tell whether a joiner precedes a picture that it should not join, although some readers join the two."""
    import regex

    return any(
        before.endswith(_JOINER) and regex.match(r"\p{Extended_Pictographic}", after)
        for before, after in pairwise(clusters)
    )
