"""Replace literal values and keys."""

from __future__ import annotations

import re

from ecs5lint.location import Edit, Span

#: A literal constant, in any of the formats. Longer text may be anything.
_CONSTANT = re.compile(
    r"""(?i)host|enabled|disabled|true|false|null|yes|no|on|off|y|n|~|-?\d{1,9}(?:\.\d{1,9})?|\\?"[^"\\$%{}<>\n]{0,40}\\?"|'[^'$%{}<>\n]{0,40}'"""
)
#: A constant in a YAML block scalar.
_BLOCK = re.compile(r"[|>][-+]?[ \t]*\r?\n[ \t]*[^\W_]{1,10}[ \t]*")
_AFTER_KEY = re.compile(r"""\s*([:=])\s*("[^"\n]*"|'[^'\n]*'|[\w.-]+)?""")


def is_constant(written: str) -> bool:
    """Tell whether the text of a value is a constant, and not an expression or a placeholder."""
    return bool(_CONSTANT.fullmatch(written) or _BLOCK.fullmatch(written))


def to_constant(value: Span, constant: str, *, keeps_quotes: bool) -> Edit:
    """Return the edit that changes a value to a constant, or inserts it for an empty value.

    If the source accepts strings as booleans, the value may keep its quotation marks.
    """
    written, text = value.text, value.source.text
    if not written:
        is_apart = text[value.start - 1 : value.start].isspace()
        return Edit(value, constant if is_apart else f" {constant}")
    if keeps_quotes and written[0] in "\"'" and written[-1] == written[0]:
        return Edit(Span(value.source, value.start + 1, value.end - 1), constant)
    return Edit(value, constant)


def renamed(key: Span, name: str, constant: str) -> tuple[Edit, ...]:
    """Return the edits that rename the key of a member and set its value to `constant`, unless it has that value.

    The `=` of the member keeps its column if possible.
    """
    written, text = key.text, key.source.text
    quote = re.match(r"\\*[\"']?", written).group()  # type: ignore[union-attr]
    replacement = f"{quote}{name}{quote}"
    edits = [Edit(key, replacement)]
    rest = _AFTER_KEY.match(text, key.end)
    if rest and rest[1] == "=":
        blanks = rest.start(1) - key.end
        room = min(max(len(replacement) - len(written), 0), max(blanks - 1, 0))
        begins_line = not text[text.rfind("\n", 0, key.start) + 1 : key.start].strip()
        missing = max(len(written) - len(replacement), 0) if begins_line else 0
        if room:
            edits.append(Edit(Span(key.source, key.end, key.end + room), ""))
        elif missing:
            edits[0] = Edit(key, replacement + " " * missing)
    if rest and rest[2] and rest[2] != constant and is_constant(rest[2]):
        edits.append(Edit(Span(key.source, rest.start(2), rest.end(2)), constant))
    return tuple(edits)
