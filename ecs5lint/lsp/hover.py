"""Describe a setting: its verdict, when that holds, and what it relies on."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ecs5lint.fixes.setting import SETTINGS
from ecs5lint.location import Span
from ecs5lint.lsp.diagnostics import Places
from ecs5lint.lsp.folder import Check
from ecs5lint.model.result import Result
from ecs5lint.reports.findings import accepted, grouped, printable, with_calls

#: The largest number of task definitions to name for a setting. A module can have many callers.
_MAX_NAMED = 10


def hover(check: Check, places: Places, uri: str, line: int) -> str | None:
    """Return the text for a line of a document, or None if it has no setting."""
    path = next((path for path, document in check.documents.items() if document.uri == uri), None)
    results = [result for result in check.report.results if line in _lines(result, path, places)]
    return "\n\n".join(_told(group) for group in grouped(results)) or None


def _lines(result: Result, path: str | None, places: Places) -> Iterator[int]:
    """Yield the lines of a document with the setting that a result is about."""
    if result.value_location and result.value_location.path == path:
        span = places.range(result.value_location)
        yield from range(span.start.line, span.end.line + 1)
    if result.location.path == path:
        yield places.first_line(result.location).start.line
        yield from _lines_of_setting(result, places)


def _lines_of_setting(result: Result, places: Places) -> Iterator[int]:
    """Yield the lines of a container with the name of the setting."""
    if result.rule in SETTINGS and result.container_index is not None:
        name = "_?".join(re.findall("[A-Z]?[a-z]+", SETTINGS[result.rule][0]))
        source, start, end = result.location.in_file
        for match in re.finditer(name, source.text[start:end], re.IGNORECASE):
            at = start + match.start()
            yield places.range(Span(source, at, at)).start.line


def _told(group: list[Result]) -> str:
    first = group[0]
    texts = [f"{first.rule}: {first.verdict.replace('_', ' ')}", printable(first.message)]
    if first.suppression:
        texts.append(accepted(first))
    if first.when:
        texts.append(f"when: {printable(first.when)}")
    texts += [f"assuming: {printable(assumption)}" for assumption in first.assumptions]
    named = list(dict.fromkeys(printable(with_calls(result)) for result in group))
    texts += [f"in {name}" for name in named[:_MAX_NAMED]]
    if len(named) > _MAX_NAMED:
        texts.append(f"and {len(named) - _MAX_NAMED} more")
    return "\n".join(texts)
