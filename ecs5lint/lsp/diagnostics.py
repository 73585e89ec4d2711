"""Turn the report of a check into diagnostics, by document."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection
from itertools import islice

from lsprotocol import types

from ecs5lint.files.kinds import is_module_file
from ecs5lint.location import Failure, Source, Span
from ecs5lint.lsp.folder import Check, Folder
from ecs5lint.lsp.positions import Lines
from ecs5lint.model.result import Result
from ecs5lint.notices import Notice
from ecs5lint.reports.findings import ERROR, Group, findings, grouped, lines, printable, related, severity, shared_steps
from ecs5lint.rules import RULES

_SOURCE = "ecs5lint"

#: The maximum number of related places of a diagnostic. A module can have many callers.
_MAX_RELATED = 20

#: Returns the address of a file by its path.
Address = Callable[[str], str]


class Places:
    """Converts the places of a report to those of the protocol.

    `address` returns the address of a file that is not open.
    """

    def __init__(self, folder: Folder, check: Check, encoding: str, address: Address) -> None:
        self._folder = folder
        self._check = check
        self.encoding = encoding
        self._address = address
        self._lines: dict[tuple[str, int], Lines] = {}

    def uri(self, path: str) -> str:
        """Return the address of a file of the report. For a directory, it is that of its first module file."""
        document = self._check.documents.get(path)
        if document:
            return document.uri
        full = self._folder.full_path(path)
        if os.path.isdir(full):
            names = filter(is_module_file, self._check.workspace.entries(path))
            first = next(names, None)
            return self.uri(os.path.normpath(f"{path}/{first}")) if first else self._address(full)
        return self._address(full)

    def lines(self, source: Source) -> Lines:
        """Return the lines of a file's text."""
        key = source.path, id(source)
        if key not in self._lines:
            document = self._check.documents.get(source.path)
            has_mark = document is not None and document.text.startswith("\ufeff")
            self._lines[key] = Lines(source.text, self.encoding, has_mark=has_mark)
        return self._lines[key]

    def range(self, span: Span) -> types.Range:
        """Return the range of a span."""
        source, start, end = span.in_file
        return self.lines(source).range(start, end)

    def first_line(self, span: Span | None) -> types.Range:
        """Return the part of a span on its first line, or the start of a file for None."""
        if span is None:
            return types.Range(types.Position(0, 0), types.Position(0, 0))
        source, start, end = span.in_file
        lines = self.lines(source)
        return lines.range(start, min(end, lines.end_of_line(start)))

    def location(self, span: Span) -> types.Location:
        """Return the start of a span as a location."""
        return types.Location(self.uri(span.path), self.first_line(span))


def diagnostics(check: Check, places: Places) -> dict[str, list[types.Diagnostic]]:
    """Return the diagnostics of a check by the addresses of the documents."""
    found: dict[str, list[types.Diagnostic]] = {}
    groups = grouped(findings(check.report))
    common = shared_steps(groups)
    for group in groups:
        span = main(group[0])
        found.setdefault(places.uri(span.path), []).append(_of_group(group, common, check, places))
    for failure in check.report.failures:
        found.setdefault(places.uri(failure.path), []).append(_of_failure(failure, places))
    for notice in check.report.notices:
        found.setdefault(places.uri(notice.path), []).append(_of_notice(notice, places))
    return found


def main(result: Result) -> Span:
    """Return the place of a finding: the value that decides it, if that is in the container's own file."""
    value = result.value_location
    return value if value and value.path == result.location.path else result.location


def _of_group(group: Group, common: Collection[str], check: Check, places: Places) -> types.Diagnostic:
    result = group[0]
    span = main(result)
    is_error = severity(result, strict=check.is_strict) == ERROR
    near = dict.fromkeys(place for item in group for place in related(item, span))
    return types.Diagnostic(
        range=places.first_line(span),
        message="\n".join(lines(group, without=common)),
        severity=types.DiagnosticSeverity.Error if is_error else types.DiagnosticSeverity.Warning,
        code=result.rule,
        code_description=types.CodeDescription(RULES[result.rule].page),
        source=_SOURCE,
        related_information=[
            types.DiagnosticRelatedInformation(places.location(other), name)
            for name, other in islice(near, _MAX_RELATED)
        ],
    )


def _of_failure(failure: Failure, places: Places) -> types.Diagnostic:
    return types.Diagnostic(
        range=places.first_line(failure.span),
        message=printable(failure.message),
        severity=types.DiagnosticSeverity.Error,
        source=_SOURCE,
    )


def _of_notice(notice: Notice, places: Places) -> types.Diagnostic:
    return types.Diagnostic(
        range=places.first_line(notice.span),
        message=printable(notice.message),
        severity=types.DiagnosticSeverity.Information,
        source=_SOURCE,
        tags=[types.DiagnosticTag.Unnecessary] if notice.is_unused else None,
    )
