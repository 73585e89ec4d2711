"""Make edits for the client, and find the fixes of findings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from lsprotocol import types

from ecs5lint.fixes.mounts import VOLUME, with_mounts
from ecs5lint.fixes.proof import prove
from ecs5lint.fixes.setting import SETTINGS, Proposal, proposals
from ecs5lint.location import Edit, distinct
from ecs5lint.lsp.diagnostics import Places
from ecs5lint.lsp.folder import Check
from ecs5lint.model.result import FAIL, Fix


class Fixer:
    """Finds the proven fixes of a check. Each is proven once."""

    def __init__(self, check: Check) -> None:
        self._check = check
        self._known: dict[tuple[str, tuple[int, ...]], list[Fix]] = {}

    def fixes(self, findings: Sequence[int]) -> list[Fix]:
        """Return the fixes of the findings with these indexes, without and with mounts."""
        return self._remembered("one", findings, self._fixes)

    def all_in(self, path: str, findings: Sequence[int]) -> list[Fix]:
        """Return the fixes of findings that edit only the file `path`, proven together."""
        return self._remembered(path, findings, lambda wanted: self._all_in(path, wanted))

    def _remembered(
        self, name: str, findings: Sequence[int], find: Callable[[tuple[int, ...]], list[Fix]]
    ) -> list[Fix]:
        results = self._check.report.results
        wanted = tuple(i for i in findings if results[i].verdict == FAIL and results[i].rule in SETTINGS)
        key = name, wanted
        if key not in self._known:
            self._known[key] = find(wanted) if wanted else []
        return self._known[key]

    def _fixes(self, findings: tuple[int, ...]) -> list[Fix]:
        plain = proposals(self._check.report, findings, self._check.workspace)
        mounting, _ = with_mounts(self._check.report, plain, VOLUME)
        return [*self._proven(plain), *self._proven(mounting)]

    def _all_in(self, path: str, findings: tuple[int, ...]) -> list[Fix]:
        plain = proposals(self._check.report, findings, self._check.workspace)
        own = (item._replace(fixes=tuple(fix for fix in item.fixes if _is_in(fix, path))) for item in plain)
        return self._proven([item for item in own if item.fixes])

    def _proven(self, found: Sequence[Proposal]) -> list[Fix]:
        if not any(item.fixes for item in found):
            return []
        proven = prove(self._check.report, [found], self._check.again, self._check.workspace)
        return list(dict.fromkeys(proven.fixes.values()))


def _is_in(fix: Fix, path: str) -> bool:
    return all(edit.path == path for edit in fix.edits)


def workspace_edit(
    edits: Iterable[Edit], check: Check, places: Places, capabilities: types.ClientCapabilities
) -> types.WorkspaceEdit:
    """Return edits for the client, for the versions of the documents that were checked."""
    by_path: dict[str, list[types.TextEdit]] = {}
    for edit in distinct(edits):
        by_path.setdefault(edit.path, []).append(types.TextEdit(places.range(edit.span), edit.text))
    if not has_document_changes(capabilities):
        return types.WorkspaceEdit(changes={places.uri(path): found for path, found in by_path.items()})
    changes = [
        types.TextDocumentEdit(
            types.OptionalVersionedTextDocumentIdentifier(places.uri(path), version_of(path, check)), found
        )
        for path, found in by_path.items()
    ]
    return types.WorkspaceEdit(document_changes=changes)


def version_of(path: str, check: Check) -> int | None:
    """Return the version of an open document that was checked, or None for a closed file."""
    document = check.documents.get(path)
    return document.version if document else None


def has_document_changes(capabilities: types.ClientCapabilities) -> bool:
    """Tell whether the client takes edits for versions of documents."""
    workspace = capabilities.workspace and capabilities.workspace.workspace_edit
    return bool(workspace and (workspace.document_changes or workspace.resource_operations))


def can_create_files(capabilities: types.ClientCapabilities) -> bool:
    """Tell whether the client creates files for an edit."""
    workspace = capabilities.workspace and capabilities.workspace.workspace_edit
    operations = (workspace and workspace.resource_operations) or ()
    return types.ResourceOperationKind.Create in operations


def can_show_documents(capabilities: types.ClientCapabilities) -> bool:
    """Tell whether the client shows a document, or a page in a browser, when the server asks for it."""
    window = capabilities.window and capabilities.window.show_document
    return bool(window and window.support)
