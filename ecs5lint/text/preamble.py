"""Skip comments and template statements before the JSON of a file.

JSON allows neither. But a `#` starts a comment if a tool reads the file as YAML, and the tool that writes or reads the
file removes the others.
"""

from __future__ import annotations

import re

_COMMENT = r"\#[^\n]*|;[^\n]*|//[^\n]*|/\*[^*]*\*+(?:[^/*][^*]*\*+)*/"
#: A statement of ERB or Jinja, a Jinja comment, or anything in double braces.
_STATEMENT = r"<%(?:[^%]|%(?!>))*%>|\{%(?:[^%]|%(?!\}))*%\}|\{\#(?:[^#]|\#(?!\}))*\#\}|\{\{(?:[^}]|\}(?!\}))*\}\}"
_BRACKETS = ("{", "[")


def begins_like_json(text: str) -> bool:
    """Tell whether a text begins with a bracket or a brace, with or without a preamble."""
    return text.lstrip()[:1] in _BRACKETS or text[_length(text) :][:1] in _BRACKETS


def without_comments(text: str) -> str:
    """Return a text in which spaces replace the comments before its JSON."""
    if text.lstrip()[:1] in _BRACKETS:
        return text
    length = _length(text)
    return re.sub(rf"(?P<comment>{_COMMENT})|{_STATEMENT}", _blank, text[:length]) + text[length:]


def _blank(match: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", match[0]) if match["comment"] else match[0]


def _length(text: str) -> int:
    preamble = re.match(rf"(?:\s+|{_COMMENT}|{_STATEMENT})*", text)
    return preamble.end() if preamble else 0
