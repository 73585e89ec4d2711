"""Keep the state of a session: the folders, their last checks, and the diagnostics that the editor shows."""

from __future__ import annotations

import asyncio
import os
import threading
import traceback
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import NamedTuple, TypeVar

from lsprotocol import types
from pygls.lsp.server import LanguageServer
from pygls.uris import from_fs_path, to_fs_path

from ecs5lint.files.workspace import project_root
from ecs5lint.lsp.diagnostics import Places, diagnostics
from ecs5lint.lsp.edits import Fixer
from ecs5lint.lsp.folder import Check, Document, Folder

#: The size of the stack of the thread that checks. Some systems give a thread far less than the main thread.
_STACK = 64 * 1024 * 1024

_Diagnostics = dict[str, list[types.Diagnostic]]
_T = TypeVar("_T")


class View(NamedTuple):
    """A check, its places for the client, and its fixes."""

    check: Check
    places: Places
    fixer: Fixer


class Checked:
    """A folder and its last check. It is stale if a text has changed since."""

    def __init__(self, folder: Folder) -> None:
        self.folder = folder
        self.is_stale = True
        self.view: View | None = None
        self.diagnostics: _Diagnostics = {}


class Session:
    """The folders and documents of a client.

    Only the main thread uses the state. Checks run in another thread, one at a time, so that the server always answers.
    """

    def __init__(self, client: LanguageServer) -> None:
        self._client = client
        self._folders: dict[str, Checked] = {}
        self._published: dict[str, tuple[int | None, list[types.Diagnostic]]] = {}
        self._touched: set[str] = set()
        self._defects: set[str] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._lock = asyncio.Lock()
        threading.stack_size(_STACK)
        self._worker = ThreadPoolExecutor(max_workers=1)

    def documents(self) -> list[Document]:
        """Return the open files."""
        opened = self._client.workspace.text_documents.values()
        paths = ((document, to_fs_path(document.uri)) for document in opened)
        return [
            Document(document.uri, os.path.normpath(path), document.source, document.version)
            for document, path in paths
            if path is not None
        ]

    def touch(self, uri: str, delay: float) -> None:
        """Check what depends on a document after a delay in which nothing else changes, and publish the result."""
        path = to_fs_path(uri)
        if path is not None:
            self._touched.add(uri)
            real = os.path.realpath(path)
            for checked in self._folders.values():
                checked.is_stale |= checked.folder.may_read(real)
            self._check_in(delay)

    def check_all(self, delay: float) -> None:
        """Check all folders after a delay in which nothing else changes."""
        for checked in self._folders.values():
            checked.is_stale = True
        self._check_in(delay)

    def stop(self) -> None:
        """Start no more checks."""
        if self._timer:
            self._timer.cancel()

    async def viewed(self, uri: str, work: Callable[[View], _T]) -> _T | None:
        """Return the result of some work with a check of the current texts, or None if a document has no check.

        It runs in the thread of the checks.
        """
        await asyncio.shield(self._start())
        document = next((item for item in self.documents() if item.uri == uri), None)
        checked = self._folder_of(document) if document else None
        if checked is None or checked.view is None:
            return None
        return await self._work(checked, partial(work, checked.view))

    async def _work(self, checked: Checked, work: Callable[[], _T]) -> _T:
        def in_folder() -> _T:
            checked.folder.enter()
            return work()

        return await asyncio.get_running_loop().run_in_executor(self._worker, in_folder)

    def report_defect(self, error: Exception) -> None:
        """Log an error in this program, and show it once."""
        text = "".join(traceback.format_exception(error))
        self._client.window_log_message(types.LogMessageParams(types.MessageType.Error, text))
        summary = f"{type(error).__name__}: {error}"
        if summary not in self._defects:
            self._defects.add(summary)
            message = f"ecs5lint: a bug in ecs5lint stopped a check ({summary}); the log has the details"
            self._client.window_show_message(types.ShowMessageParams(types.MessageType.Error, message))

    def _check_in(self, delay: float) -> None:
        self.stop()
        self._timer = asyncio.get_running_loop().call_later(delay, self._start)

    def _start(self) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(self._check_stale())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _check_stale(self) -> None:
        """Check the stale folders, and publish the diagnostics unless another text has changed meanwhile."""
        async with self._lock:
            self._arrange_folders()
            for checked in list(self._folders.values()):
                if checked.is_stale:
                    checked.is_stale = False
                    await self._check(checked)
            if not any(checked.is_stale for checked in self._folders.values()):
                self._publish()

    def _arrange_folders(self) -> None:
        """Keep the folders of the client, and the projects of open documents in no such folder."""
        before = self._folders
        self._folders = {path: _known(before, path, is_whole=True) for path in self._folder_paths()}
        for document in self.documents():
            if self._folder_of(document) is None:
                path = project_root(os.path.dirname(document.real_path))
                self._folders[path] = _known(before, path, is_whole=False)

    def _folder_paths(self) -> list[str]:
        workspace = self._client.workspace
        uris: list[str] = [folder.uri for folder in workspace.folders.values()]
        if not uris and workspace.root_uri:
            uris = [workspace.root_uri]
        paths = map(to_fs_path, uris)
        return [os.path.normpath(path) for path in paths if path is not None and os.path.isdir(path)]

    def _folder_of(self, document: Document) -> Checked | None:
        """Return the innermost folder that has a document or, for one outside all folders, one of the same project."""
        having = [checked for checked in self._folders.values() if checked.folder.has(document)]
        beside = [checked for checked in self._folders.values() if checked.folder.may_read(document.real_path)]
        return max(having or beside, key=lambda checked: len(checked.folder.path), default=None)

    async def _check(self, checked: Checked) -> None:
        documents = self.documents()
        own = [document for document in documents if self._folder_of(document) is checked]
        checked.view = None
        if not own:
            checked.diagnostics = {}
            return
        encoding = str(self._client.workspace.position_encoding)
        try:
            work = partial(_check, checked.folder, own, documents, encoding)
            checked.view, checked.diagnostics = await self._work(checked, work)
        except Exception as error:  # the server outlives a bug in the linter, and the editor keeps what it shows
            self.report_defect(error)

    def _publish(self) -> None:
        """Publish the diagnostics that have changed, and those of touched documents. Touched documents come last."""
        found: _Diagnostics = {}
        for checked in self._folders.values():
            for uri, items in checked.diagnostics.items():
                known = found.setdefault(uri, [])
                known += [item for item in items if item not in known]
        versions = {document.uri: document.version for document in self.documents()}
        uris = {*found, *self._published} - self._touched
        for uri in [*sorted(uris), *sorted(self._touched)]:
            new = versions.get(uri), found.get(uri, [])
            if uri in self._touched or self._published.get(uri, (None, []))[1] != new[1]:
                self._client.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, new[1], new[0]))
            if new[1]:
                self._published[uri] = new
            else:
                self._published.pop(uri, None)
        self._touched.clear()


def _known(folders: Mapping[str, Checked], path: str, *, is_whole: bool) -> Checked:
    """Return a known folder, or a new one."""
    known = folders.get(path)
    return known if known and known.folder.is_whole == is_whole else Checked(Folder(path, is_whole=is_whole))


def _check(folder: Folder, own: list[Document], documents: list[Document], encoding: str) -> tuple[View, _Diagnostics]:
    check = folder.check(own, documents)
    places = Places(folder, check, encoding, lambda path: str(from_fs_path(path)))
    return View(check, places, Fixer(check)), diagnostics(check, places)
