"""What may stand in a file before the JSON that it is: comments, and statements of a template.

Neither is JSON's. But `#` begins a comment where a tool reads the file as YAML, and the others are taken out by what
writes or reads it.
"""

from __future__ import annotations

import re

_COMMENT = r"\#[^\n]*|;[^\n]*|//[^\n]*|/\*[^*]*\*+(?:[^/*][^*]*\*+)*/"
#: A statement of ERB or Jinja, a comment of Jinja, or whatever stands in two braces.
_STATEMENT = r"<%(?:[^%]|%(?!>))*%>|\{%(?:[^%]|%(?!\}))*%\}|\{\#(?:[^#]|\#(?!\}))*\#\}|\{\{(?:[^}]|\}(?!\}))*\}\}"
_BRACKETS = ("{", "[")


def begins_like_json(text: str) -> bool:
    """Tell whether a text begins with a bracket or a brace, as it stands or after a preamble."""
    return text.lstrip()[:1] in _BRACKETS or text[_length(text) :][:1] in _BRACKETS


def without_comments(text: str) -> str:
    """Return a text with spaces in the place of the comments before its JSON."""
    if text.lstrip()[:1] in _BRACKETS:
        return text
    length = _length(text)
    return re.sub(rf"(?P<comment>{_COMMENT})|{_STATEMENT}", _blank, text[:length]) + text[length:]


def _blank(match: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", match[0]) if match["comment"] else match[0]


def _length(text: str) -> int:
    preamble = re.match(rf"(?:\s+|{_COMMENT}|{_STATEMENT})*", text)
    return preamble.end() if preamble else 0
