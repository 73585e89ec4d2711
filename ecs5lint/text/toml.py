"""Parse TOML into plain data."""

from __future__ import annotations

import re
import sys

from ecs5lint.light_typing import Any
from ecs5lint.location import Failure, Source, Span

#: The maximum number of parts of a dotted key. The time of TOML parsers grows with the square of this number.
_MAX_PARTS = 100
_LONG_KEY = rf"(?<![\w'\"-])(?:[\w'\"-]+[ \t]*\.[ \t]*){{{_MAX_PARTS}}}"
_STRING = r'"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\''


def parse_toml(source: Source) -> dict[str, Any]:
    """Return a TOML document as plain data. Raises Failure."""
    long = re.search(_LONG_KEY, _without_periods_in_strings(source.text))
    if long:
        message = f"has a key with more than {_MAX_PARTS} parts; skipped"
        raise Failure(message, source.path, Span(source, long.start(), long.start()))
    if sys.version_info >= (3, 11):
        from tomllib import loads
    else:
        from tomli import loads
    try:
        return loads(source.text)
    except ValueError as error:
        message = re.sub(r" \(at (?:line \d+, column \d+|end of document)\)$", "", str(error))
        match = re.search(r"\(at line (\d+), column (\d+)\)$", str(error))
        at = source.offset(int(match[1]), int(match[2])) if match else len(source.text)
        raise Failure(f"is not TOML: {message[:1].lower()}{message[1:]}", source.path, Span(source, at, at)) from None
    except RecursionError:
        raise Failure("is not usable TOML: it is nested too deeply", source.path) from None


def _without_periods_in_strings(text: str) -> str:
    """Return a text of the same length, with other characters for the periods in strings."""
    return re.sub(_STRING, lambda match: match[0].replace(".", "_"), text)
