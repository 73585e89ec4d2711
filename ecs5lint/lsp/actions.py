"""Offer code actions: fixes, suppressions, and the page of a rule."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import NamedTuple

from lsprotocol import types

from ecs5lint.location import Edit
from ecs5lint.lsp.diagnostics import Places, main
from ecs5lint.lsp.edits import Fixer, can_show_documents, workspace_edit
from ecs5lint.lsp.folder import Check
from ecs5lint.model.result import Fix
from ecs5lint.reports.findings import Group, findings, grouped, printable

FIX_ALL = f"{types.CodeActionKind.SourceFixAll.value}.ecs5lint"

#: The commands of the server.
SUPPRESS = "ecs5lint.suppress"
OPEN_PAGE = "ecs5lint.openPage"

_Actions = list[types.CodeAction]


class Request(NamedTuple):
    """A request for the code actions in a range of a document."""

    uri: str
    range: types.Range
    context: types.CodeActionContext
    capabilities: types.ClientCapabilities


def code_actions(check: Check, places: Places, fixer: Fixer, request: Request) -> _Actions:
    """Return the code actions of a request."""
    found: _Actions = []
    if _is_wanted(types.CodeActionKind.QuickFix, request):
        for group in groups_in(request.uri, check, places):
            if _is_near(places.first_line(main(group[0])), request.range):
                found += _of_group(group, check, places, fixer, request)
    if _is_wanted(FIX_ALL, request):
        found += _fix_all(check, places, fixer, request)
    return found


def groups_in(uri: str, check: Check, places: Places) -> Iterator[Group]:
    """Yield the findings whose diagnostics are in a document."""
    for group in grouped(findings(check.report)):
        if places.uri(main(group[0]).path) == uri:
            yield group


def _of_group(group: Group, check: Check, places: Places, fixer: Fixer, request: Request) -> _Actions:
    rule, start = group[0].rule, places.first_line(main(group[0])).start
    own = [item for item in request.context.diagnostics if item.code == rule and item.range.start == start]
    action = partial(types.CodeAction, kind=types.CodeActionKind.QuickFix, diagnostics=own)
    found = [
        action(title=_title(fix), is_preferred=number == 0, edit=_edit(fix.edits, check, places, request))
        for number, fix in enumerate(fixer.fixes(_indexes(group, check)))
    ]
    title = f"Suppress {rule} here, with a reason"
    found.append(action(title=title, command=types.Command(title, SUPPRESS, arguments=[request.uri, rule, start])))
    if can_show_documents(request.capabilities):
        title = f"Open the page of {rule}"
        found.append(action(title=title, command=types.Command(title, OPEN_PAGE, arguments=[rule])))
    return found


def _fix_all(check: Check, places: Places, fixer: Fixer, request: Request) -> _Actions:
    path = next((path for path, document in check.documents.items() if document.uri == request.uri), None)
    groups = groups_in(request.uri, check, places)
    indexes = sorted(index for group in groups for index in _indexes(group, check))
    fixes = fixer.all_in(path, indexes) if path else []
    if not fixes:
        return []
    edits = [edit for fix in fixes for edit in fix.edits]
    edit = _edit(edits, check, places, request)
    return [types.CodeAction("Fix all findings of ecs5lint in this file", kind=FIX_ALL, edit=edit)]


def _edit(edits: Sequence[Edit], check: Check, places: Places, request: Request) -> types.WorkspaceEdit:
    return workspace_edit(edits, check, places, request.capabilities)


def _indexes(group: Group, check: Check) -> list[int]:
    own = set(map(id, group))
    return [index for index, result in enumerate(check.report.results) if id(result) in own]


def _title(fix: Fix) -> str:
    title = printable(fix.description)
    return title[:1].upper() + title[1:]


def _is_wanted(kind: str, request: Request) -> bool:
    """Tell whether a request asks for a kind of action. It may ask for all kinds. A kind includes its subkinds."""
    only = request.context.only
    return only is None or any(kind == name or kind.startswith(f"{name}.") or name == "" for name in only)


def _is_near(place: types.Range, wanted: types.Range) -> bool:
    """Tell whether a range has a line with a diagnostic."""
    return bool(wanted.start.line <= place.end.line and place.start.line <= wanted.end.line)
