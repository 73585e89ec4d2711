"""Write JSON as Terraform's jsonencode does."""

from __future__ import annotations

import json
import re
from typing import Any

from ecs5lint.parsers.terraform.syntax.errors import NotKnown
from ecs5lint.parsers.terraform.syntax.numbers import scalar_text
from ecs5lint.values.kinds import Unknown

#: The longest text that a function may build.
MAX_TEXT = 5_000_000

#: The characters that Go's encoding/json escapes in addition to those that JSON requires.
_ESCAPED = re.compile("[<>&\u2028\u2029]")


def json_text(value: Any) -> str:
    """Return a plain value as JSON, without spaces, with sorted members, and with HTML special characters escaped."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{_string(key)}:{json_text(value[key])}" for key in sorted(value)) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(json_text(item) for item in value) + "]"
    if isinstance(value, str):
        return _string(value)
    return "null" if value is None else scalar_text(value)


def within_bounds(text: str) -> str:
    """Return a text. Raises NotKnown if it is too long."""
    if len(text) > MAX_TEXT:
        raise NotKnown(Unknown("a text is too long to follow"))
    return text


def _string(text: str) -> str:
    encoded = json.dumps(text, ensure_ascii=False)
    return _ESCAPED.sub(lambda match: f"\\u{ord(match.group()):04x}", encoded)
