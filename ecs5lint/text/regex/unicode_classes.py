"""Test the Unicode properties of characters as Terraform does, with the tables of Unicode 15.0.

The tables of `regex` may be newer. For characters that were added later, their properties count as unknown.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

#: The characters that Unicode 15.1 to 18.0 added or changed.
_NEWER_RANGES = (
    "295 558 58B-58C 5C8-5C9 88F 897 B53-B54 C5C CDC 1ACF-1AF0 1B4E-1B4F 1B7F 1C89-1C8A 208F 209D-209F 20C1-20C4 "
    "2427-2429 2B96 2E60-2E63 2FFC-2FFF 31E4-31E5 31EF A7CB-A7CF A7D2 A7D4 A7DA-A7DD A7E2 A7F1 AB6C-AB6D FBC3-FBD2 "
    "FD90-FD91 FDC8-FDCE 105C0-105F3 107BB-107BF 10940-10959 10D40-10D65 10D69-10D85 10D8E-10D8F 10EC2-10EC7 "
    "10EC9-10EEE 10EF0-10EFC 11380-11389 1138B 1138E 11390-113B5 113B7-113C0 113C2 113C5 113C7-113CA 113CC-113D5 "
    "113D7-113D8 113E1-113E2 116D0-116E3 1171E 11B0A 11B60-11B67 11BC0-11BE1 11BF0-11BF9 11DB0-11DDB 11DE0-11DE9 "
    "11DF0-11DF1 11F5A 1246F 12475-1247F 12550-12686 13460-143FA 16100-16139 16D40-16D79 16EA0-16EB8 16EBB-16ED3 "
    "16FF2-16FF6 187F8-187FF 18CD6-18CDA 18CFF 18D09-18D20 18D80-18DF2 18E00-19191 191A0-191D2 1B123-1B128 1B168 "
    "1CC00-1CCFC 1CD00-1CEB3 1CEBA-1CED0 1CED2-1CED4 1CEDD-1CEFD 1D127-1D128 1D1EB-1D1FF 1D250-1D281 1D6A6 "
    "1DB00-1DB1C 1DF1F-1DF24 1DF2B-1DF81 1DF90-1DF96 1DFCD-1DFFF 1E5D0-1E5FA 1E5FF 1E6C0-1E6DE 1E6E0-1E6F5 "
    "1E6FE-1E6FF 1F1AE 1F6D8-1F6D9 1F777-1F77A 1F7DA-1F7DB 1F7F1-1F7FF 1F8B2-1F8BB 1F8C0-1F8C1 1F8D0-1F8D8 "
    "1FA54-1FA57 1FA89-1FA8F 1FABE 1FAC6 1FAC8 1FACC-1FACD 1FADC-1FADD 1FADF 1FAE9-1FAEB 1FAEF 1FAF9-1FAFA "
    "1FBCB-1FBEF 1FBFA 2B73A-2B73F 2B81E 2CEA2-2CEAD 2EBF0-2EE5D 323B0-33479 3D000-3FC3F"
)
#: The supported classes of Go's regular expressions. https://pkg.go.dev/unicode#pkg-variables
_CATEGORIES = frozenset(
    "Cc Cf Co L Ll Lm Lo Lt Lu M Mc Me Mn N Nd Nl No P Pc Pd Pe Pf Pi Po Ps S Sc Sk Sm So Z Zl Zp Zs".split()
)
_SCRIPTS = frozenset(
    "Arabic Armenian Bengali Cyrillic Devanagari Georgian Greek Gujarati Hangul Han Hebrew Hiragana Katakana "
    "Khmer Lao Latin Mongolian Myanmar Sinhala Tamil Telugu Thai Tibetan".split()
)
#: The classes with known characters.
NAMES = _CATEGORIES | _SCRIPTS
#: ASCII letters that have a third form.
_THIRD_FORMS = {"k": "\u212a", "s": "\u017f"}


@cache
def _newer() -> re.Pattern[str]:
    ranges = (part.partition("-") for part in _NEWER_RANGES.split())
    return re.compile(
        "[" + "".join(f"{chr(int(low, 16))}-{chr(int(high or low, 16))}" for low, _, high in ranges) + "]"
    )


def has_newer(text: str) -> bool:
    """Tell whether a text has a character that Terraform may not know."""
    return _newer().search(text) is not None


def is_property(name: str) -> bool:
    """Tell whether a class with this name exists. Some releases of Go may support it."""
    import regex

    try:
        regex.compile(rf"\p{{{name}}}")
    except regex.error:
        return False
    return True


def contains(name: str) -> Callable[[str], object]:
    """Return a function that tells whether a character is in a class of NAMES."""
    import regex

    kind = "Script" if name in _SCRIPTS else "General_Category"
    match: Callable[[str], object] = regex.compile(rf"\p{{{kind}={name}}}").match
    return match


def forms(char: str) -> str:
    """Return an ASCII character in each case."""
    return char.lower() + char.upper() + _THIRD_FORMS.get(char.lower(), "")
