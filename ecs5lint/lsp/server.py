"""Speak the Language Server Protocol with an editor, over standard input and output."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from functools import partial
from typing import Any

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from ecs5lint import __version__
from ecs5lint.lsp.actions import FIX_ALL, OPEN_PAGE, SUPPRESS, Request, code_actions, groups_in
from ecs5lint.lsp.diagnostics import main
from ecs5lint.lsp.edits import can_show_documents
from ecs5lint.lsp.hover import hover
from ecs5lint.lsp.session import Session, View
from ecs5lint.lsp.suppressing import Suppressing, suppressing
from ecs5lint.rules import RULES

#: The seconds without another change after which the texts are checked.
PAUSE = 0.2

#: The files that a check may read, as globs for the client to watch.
_WATCHED = ("**/*.{tf,tofu,tfvars,hcl,json,yaml,yml,toml,template,tpl,tftpl,tmpl}", "**/.gitignore")


def serve() -> int:
    """Serve a client until it ends the session, and return the exit code."""
    logging.getLogger("pygls").setLevel(logging.ERROR)
    server = Server()
    server.client.start_io()
    return 0 if server.is_shut_down else 1


class Server:
    """The handlers of the client's messages."""

    def __init__(self) -> None:
        # The client sends whole texts, since pygls splits lines as Python does, which differs from the protocol.
        self.client = LanguageServer("ecs5lint", __version__, types.TextDocumentSyncKind.Full)
        self.is_shut_down = False
        self._session = Session(self.client)
        handlers: dict[str, Callable[[Any], object]] = {
            types.INITIALIZED: self._initialized,
            types.SHUTDOWN: self._shut_down,
            types.TEXT_DOCUMENT_DID_OPEN: self._touched,
            types.TEXT_DOCUMENT_DID_CHANGE: self._changed,
            types.TEXT_DOCUMENT_DID_SAVE: self._touched,
            types.TEXT_DOCUMENT_DID_CLOSE: self._touched,
            types.WORKSPACE_DID_CHANGE_WATCHED_FILES: self._files_changed,
            types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS: self._folders_changed,
            types.TEXT_DOCUMENT_HOVER: self._hover,
        }
        # pygls sets attributes of a handler, which a method does not have.
        for name, handler in handlers.items():
            self.client.feature(name)(partial(handler))
        kinds = types.CodeActionOptions([types.CodeActionKind.QuickFix, FIX_ALL])
        self.client.feature(types.TEXT_DOCUMENT_CODE_ACTION, kinds)(partial(self._code_actions))
        self.client.command(SUPPRESS)(partial(self._suppress))
        self.client.command(OPEN_PAGE)(partial(self._open_page))

    def _initialized(self, _params: types.InitializedParams) -> None:
        """Ask the client to tell when other programs change files."""
        workspace = self.client.client_capabilities.workspace
        watching = workspace and workspace.did_change_watched_files
        if watching and watching.dynamic_registration:
            watchers = [types.FileSystemWatcher(glob) for glob in _WATCHED]
            options = types.DidChangeWatchedFilesRegistrationOptions(watchers)
            watch = types.Registration("watch", types.WORKSPACE_DID_CHANGE_WATCHED_FILES, options)
            self.client.client_register_capability(types.RegistrationParams([watch]))

    def _shut_down(self, _params: object) -> None:
        self.is_shut_down = True
        self._session.stop()

    def _touched(
        self,
        params: types.DidOpenTextDocumentParams | types.DidSaveTextDocumentParams | types.DidCloseTextDocumentParams,
    ) -> None:
        self._session.touch(params.text_document.uri, 0)

    def _changed(self, params: types.DidChangeTextDocumentParams) -> None:
        self._forget_handled()
        self._session.touch(params.text_document.uri, PAUSE)

    def _forget_handled(self) -> None:
        """Free the handled notifications, which pygls 2.1 keeps until the end of the session."""
        kept: dict[object, asyncio.Future[object]] = getattr(self.client.protocol, "_request_futures", {})
        for key in [key for key, future in kept.items() if future.done()]:
            del kept[key]

    def _files_changed(self, params: types.DidChangeWatchedFilesParams) -> None:
        """Check again, unless only the files of open documents were written."""
        is_open = {document.uri for document in self._session.documents()}
        if any(item.uri not in is_open or item.type != types.FileChangeType.Changed for item in params.changes):
            self._session.check_all(PAUSE)

    def _folders_changed(self, _params: types.DidChangeWorkspaceFoldersParams) -> None:
        self._session.check_all(0)

    async def _hover(self, params: types.HoverParams) -> types.Hover | None:
        uri, line = params.text_document.uri, params.position.line
        text = await self._session.viewed(uri, lambda view: hover(view.check, view.places, uri, line))
        return types.Hover(types.MarkupContent(types.MarkupKind.PlainText, text)) if text else None

    async def _code_actions(self, params: types.CodeActionParams) -> list[types.CodeAction] | None:
        request = Request(params.text_document.uri, params.range, params.context, self.client.client_capabilities)
        return await self._session.viewed(
            request.uri, lambda view: code_actions(view.check, view.places, view.fixer, request)
        )

    async def _suppress(self, uri: str, rule: str, start: types.Position) -> None:
        """Write the suppression of a finding, and put the cursor into its reason."""
        capabilities = self.client.client_capabilities

        def find(view: View) -> Suppressing | str:
            for group in groups_in(uri, view.check, view.places):
                if group[0].rule == rule and view.places.first_line(main(group[0])).start == start:
                    return suppressing(group, view.check, view.places, capabilities)
            return "the finding is gone"

        found = await self._session.viewed(uri, find)
        if not isinstance(found, Suppressing):
            message = f"ecs5lint: {rule} is not suppressed: {found or 'the file is closed'}"
            self.client.window_show_message(types.ShowMessageParams(types.MessageType.Warning, message))
            return
        edit = types.ApplyWorkspaceEditParams(found.edit, label=f"Suppress {rule}")
        applied = await self.client.workspace_apply_edit_async(edit)
        if applied.applied and can_show_documents(capabilities):
            reason = types.ShowDocumentParams(found.reason.uri, take_focus=True, selection=found.reason.range)
            await self.client.window_show_document_async(reason)

    async def _open_page(self, rule: str) -> None:
        """Open the page of a rule in a browser."""
        await self.client.window_show_document_async(types.ShowDocumentParams(RULES[rule].url, external=True))
