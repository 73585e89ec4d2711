"""Write JSON that people can read: one line for each result."""

from __future__ import annotations

import json
from collections.abc import Iterable

# The encoder of the standard library takes ten times as long if it has to indent.
_encoded = json.JSONEncoder(check_circular=False).encode


def json_text(value: object, levels: int) -> str:
    """Return a value as JSON. Objects and lists of the first levels have a line for each member, all others just one.

    Any iterable in the first levels is a list, so that not all its items need to be in memory at once.
    """
    return _laid_out(value, levels, "\n") + "\n"


def _laid_out(value: object, levels: int, line: str) -> str:
    inner = f"{line}  "
    if levels and isinstance(value, dict):
        parts = [f"{_encoded(key)}: {_laid_out(item, levels - 1, inner)}" for key, item in value.items()]
        return f"{{{inner}{f',{inner}'.join(parts)}{line}}}" if parts else "{}"
    if levels and isinstance(value, Iterable) and not isinstance(value, str):
        parts = [_laid_out(item, levels - 1, inner) for item in value]
        return f"[{inner}{f',{inner}'.join(parts)}{line}]" if parts else "[]"
    return _encoded(value)
