"""Write suppressions: a comment above the container or, if it can't have one, an entry in the configuration.

The reason is left to the user. Until there is one, the suppression does not count. Each suppression is tried out with a
reason first, and offered only if it suppresses exactly the finding.
"""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterator
from typing import NamedTuple

from lsprotocol import types

from ecs5lint.fixes.texts import edited
from ecs5lint.location import Edit, Failure, Source, Span
from ecs5lint.lsp.diagnostics import Places
from ecs5lint.lsp.edits import can_create_files, workspace_edit
from ecs5lint.lsp.folder import Check
from ecs5lint.lsp.positions import Lines
from ecs5lint.model.result import SUPPRESSED, Report, Result
from ecs5lint.reports.findings import Group, findings

_REASON = "a reason to try it out"
_CONFIGURATION = "ecs5lint.toml"
_LINE_END = re.compile(r"\r\n|\n|\r")


class Suppressing(NamedTuple):
    """An edit that writes a suppression, and the place for its reason."""

    edit: types.WorkspaceEdit
    reason: types.Location


class _Written(NamedTuple):
    """The text of a suppression at a place, in front of its reason and after it."""

    at: Span
    before: str
    after: str

    def edit(self, reason: str) -> Edit:
        return Edit(self.at, self.before + reason + self.after)


def suppressing(
    group: Group, check: Check, places: Places, capabilities: types.ClientCapabilities
) -> Suppressing | str:
    """Return the suppression of a finding, or the reason why there is none."""
    for written in _candidates(group[0], check):
        path = written.at.path
        if not _is_effective(written, group, check):
            continue
        is_new = not check.workspace.is_file(path)
        if is_new and not can_create_files(capabilities):
            return f"create {path} first"
        edit = workspace_edit([written.edit("")], check, places, capabilities)
        if is_new:
            create = types.CreateFile(places.uri(path), options=types.CreateFileOptions(ignore_if_exists=True))
            edit = types.WorkspaceEdit(document_changes=[create, *(edit.document_changes or ())])
        return Suppressing(edit, _reason(written, check, places))
    return "no suppression in the source or the configuration is for this finding alone"


def _candidates(result: Result, check: Check) -> Iterator[_Written]:
    source, start, _ = result.location.in_file
    if source.syntax != "json":
        line = source.position(start)[0]
        text = source.line_text(line)
        indent = text[: len(text) - len(text.lstrip())]
        at = source.offset(line, 1)
        yield _Written(Span(source, at, at), f"{indent}# ecs5lint: ignore[{result.rule}] ", _line_end(source.text))
    yield _entry(result, check)


def _entry(result: Result, check: Check) -> _Written:
    """Return an entry of the configuration."""
    configured = check.configuration.settings.configuration
    path = configured.path if configured else _CONFIGURATION
    try:
        source = check.workspace.read(path, "toml")
    except Failure:
        source = Source(path, "", "toml")
    end = len(source.text)
    line_end = _line_end(source.text)
    directory = path.rpartition("/")[0]
    table = "tool.ecs5lint.exceptions" if path.endswith("pyproject.toml") else "exceptions"
    keys = {
        "rule": result.rule,
        "path": _pattern(result.location.path, directory),
        "address": result.resource.address,
        "container": result.container,
    }
    lines = [f"[[{table}]]", *(f"{key} = {_quoted(value)}" for key, value in keys.items() if value)]
    gap = line_end * 2 if source.text and not source.text.endswith(("\n", "\r")) else line_end if source.text else ""
    return _Written(Span(source, end, end), gap + line_end.join([*lines, 'reason = "']), f'"{line_end}')


def _pattern(path: str, directory: str) -> str:
    """Return the pattern that matches a path, relative to the directory of the configuration."""
    relative = posixpath.relpath(path, directory or ".")
    return "/" + re.sub(r"([\\*?\[])", r"\\\1", relative)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _line_end(text: str) -> str:
    found = _LINE_END.search(text)
    return found[0] if found else "\n"


def _is_effective(written: _Written, group: Group, check: Check) -> bool:
    """Tell whether a suppression is for all results of a group, and for nothing else."""
    path = written.at.path
    try:
        content = check.workspace.read_bytes(path) if check.workspace.is_file(path) else b""
        text = edited(content, path, [written.edit(_REASON)])
        after = check.again(check.workspace.edited({path: text}))
    except Failure:
        return False
    before = check.report
    return (
        len(findings(after)) == len(findings(before)) - len(group)
        and after.count(SUPPRESSED) == before.count(SUPPRESSED) + len(group)
        and _suppressed_here(after, group[0])
        and len(after.failures) <= len(before.failures)
    )


def _suppressed_here(report: Report, wanted: Result) -> bool:
    return any(
        result.verdict == SUPPRESSED
        and result.suppression is not None
        and result.suppression.reason == _REASON
        and (result.rule, result.container, result.resource.address, result.location.path)
        == (wanted.rule, wanted.container, wanted.resource.address, wanted.location.path)
        for result in report.results
    )


def _reason(written: _Written, check: Check, places: Places) -> types.Location:
    """Return the place of the reason after the edit."""
    source, start, _ = written.at
    text = source.text[:start] + written.before
    document = check.documents.get(source.path)
    lines = Lines(text, places.encoding, has_mark=document is not None and document.text.startswith("\ufeff"))
    end = len(text)
    return types.Location(places.uri(source.path), lines.range(end, end))
