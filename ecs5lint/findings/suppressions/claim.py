"""Define the result of every kind of suppression."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from ecs5lint.light_typing import NamedTuple
from ecs5lint.location import Span
from ecs5lint.model.result import FAIL, UNKNOWN, Result, Suppression
from ecs5lint.notices import Notice
from ecs5lint.rules import RULES
from ecs5lint.settings.suggestion import suggestion

#: The largest number of containers to name in a message.
_MAX_NAMED = 4

#: A line and a column.
Position = tuple[int, int]

_DATE = r"\d{4}-\d{2}-\d{2}"


class Claim(NamedTuple):
    """A suppression of one rule, and the indexes of the results that it matches.

    `idle` is the notice for an unused suppression, or None if it is not reported.
    """

    rule: str
    suppression: Suppression
    findings: list[int]
    idle: Notice | None = None


def is_finding(result: Result) -> bool:
    """Tell whether a suppression can apply to a result."""
    return result.verdict in (FAIL, UNKNOWN)


def no_such_rule(name: str) -> str:
    """Return the message for an unknown rule, with a suggestion."""
    return f'unknown rule "{name.strip()}"; {suggestion(name.strip().upper(), RULES)}'


def is_date(text: str) -> bool:
    """Tell whether a text is a date, YYYY-MM-DD."""
    from datetime import date

    try:
        return re.fullmatch(_DATE, text) is not None and date.fromisoformat(text) is not None
    except ValueError:
        return False


def described(result: Result) -> str:
    """Return the name of a result's subject, for a message."""
    if RULES[result.rule].reads:
        return f"the {result.resource.type.replace('_', ' ')} {result.resource.address}"
    if result.container_index is None:
        return f"the container definitions of {result.resource.address}"
    return f'container "{result.container}"' if result.container is not None else "a container without a known name"


def names(results: Iterable[Result]) -> str:
    """Return the names of the subjects of results, without duplicates, for a message."""
    found = list(dict.fromkeys(map(described, results)))
    more = [f"and {len(found) - _MAX_NAMED} more"] if len(found) > _MAX_NAMED else []
    return ", ".join(found[:_MAX_NAMED] + more)


def reach(span: Span) -> tuple[Position, Position]:
    """Return the line and the column at the start of a span, and those at its end."""
    return span.source.position(span.start), span.source.position(span.end)


def expired(expires: str, findings: Sequence[Result]) -> str:
    """Return the message for a suppression that has expired."""
    covered = names(findings)
    return f"suppression expired on {expires}; it no longer applies to {covered}"
