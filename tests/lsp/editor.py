"""Drive the server over standard input and output, as an editor does."""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any, Union

from lsprotocol import types
from pygls.protocol import default_converter
from pygls.uris import from_fs_path, to_fs_path
from pytest_lsp import LanguageClient, client_capabilities

COMMAND = (sys.executable, "-m", "ecs5lint", "--lsp")
CODE = "visual-studio-code"
NEOVIM = "neovim"

#: The seconds to wait for a message. Only a server that doesn't answer takes that long.
PATIENCE = 60


class Editor:
    """An editor with a server. Files are named by their paths below `root`."""

    def __init__(self, client: Any, root: Path) -> None:
        self.client = client
        self.root = root
        self.texts: dict[str, str] = {}
        self.versions: dict[str, int] = {}
        #: The diagnostics of each file, and the version of the text that they are for.
        self.published: dict[str, types.PublishDiagnosticsParams] = {}
        self.applied: list[types.ApplyWorkspaceEditParams] = []
        self.shown: list[types.ShowDocumentParams] = []
        self.encoding = "utf-16"
        self.messages: list[str] = []
        self.log: list[str] = []
        self.registered: list[types.Registration] = []
        self._news = asyncio.Event()
        handlers: dict[str, Callable[[Any], Any]] = {
            types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS: self._publish,
            types.WORKSPACE_APPLY_EDIT: self._apply,
            types.WINDOW_SHOW_DOCUMENT: self._show,
            types.WINDOW_SHOW_MESSAGE: lambda params: self.messages.append(params.message),
            types.WINDOW_LOG_MESSAGE: lambda params: self.log.append(params.message),
            types.CLIENT_REGISTER_CAPABILITY: lambda params: self.registered.extend(params.registrations),
        }
        for method, handler in handlers.items():
            client.feature(method)(partial(handler))  # pygls marks what it gets, and a method takes no marks

    def uri(self, name: str) -> str:
        return str(from_fs_path(str(self.root / name)))

    def name(self, uri: str) -> str:
        return Path(to_fs_path(uri) or "").relative_to(self.root).as_posix()

    async def open(self, name: str, text: str | None = None) -> list[types.Diagnostic]:
        """Open a file, and return its diagnostics."""
        self.texts[name] = (self.root / name).read_bytes().decode() if text is None else text
        self.versions[name] = 1
        item = types.TextDocumentItem(self.uri(name), "text", 1, self.texts[name])
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(item))
        return await self.settled(name)

    def type(self, name: str, text: str) -> None:
        """Change the text of an open file."""
        self.texts[name] = text
        self.versions[name] += 1
        self.client.text_document_did_change(
            types.DidChangeTextDocumentParams(
                types.VersionedTextDocumentIdentifier(uri=self.uri(name), version=self.versions[name]),
                [types.TextDocumentContentChangeWholeDocument(text)],
            )
        )

    async def edit(self, name: str, text: str) -> list[types.Diagnostic]:
        """Change the text of an open file, and return its new diagnostics."""
        self.type(name, text)
        return await self.settled(name)

    async def replace(self, name: str, old: str, new: str) -> list[types.Diagnostic]:
        """Replace a part of the text of an open file, and return its new diagnostics."""
        assert self.texts[name].count(old) == 1
        return await self.edit(name, self.texts[name].replace(old, new))

    async def save(self, name: str) -> list[types.Diagnostic]:
        """Write an open file, and return its diagnostics."""
        (self.root / name).write_bytes(self.texts[name].encode())
        self.published.pop(self.uri(name), None)
        identifier = types.TextDocumentIdentifier(self.uri(name))
        self.client.text_document_did_save(types.DidSaveTextDocumentParams(identifier))
        return await self.settled(name)

    async def close(self, name: str) -> list[types.Diagnostic]:
        """Close a file, and return the diagnostics that it still has."""
        del self.texts[name], self.versions[name]
        self.published.pop(self.uri(name), None)
        identifier = types.TextDocumentIdentifier(self.uri(name))
        self.client.text_document_did_close(types.DidCloseTextDocumentParams(identifier))
        return await self.settled(name)

    async def settled(self, name: str) -> list[types.Diagnostic]:
        """Return the diagnostics of a file once the server has checked its newest text."""
        version = self.versions.get(name)

        async def arrived() -> list[types.Diagnostic]:
            while (found := self.published.get(self.uri(name))) is None or found.version != version:
                self._news.clear()
                await self._news.wait()
            return list(found.diagnostics)

        return await asyncio.wait_for(arrived(), PATIENCE)

    async def until(self, name: str, messages: Sequence[str]) -> None:
        """Wait until a file has diagnostics with these first lines."""

        async def arrived() -> None:
            while self.first_lines(name) != list(messages):
                self._news.clear()
                await self._news.wait()

        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(arrived(), PATIENCE)
        assert self.first_lines(name) == list(messages), self.first_lines(name)

    def first_lines(self, name: str) -> list[str]:
        """Return the first lines of the diagnostics that a file has now."""
        found = self.published.get(self.uri(name))
        return [item.message.splitlines()[0] for item in found.diagnostics] if found else []

    def all_diagnostics(self) -> dict[str, list[types.Diagnostic]]:
        """Return the diagnostics of all files that have some."""
        return {uri: list(item.diagnostics) for uri, item in self.published.items() if item.diagnostics}

    async def actions(self, name: str, where: types.Range, only: Sequence[str] | None = None) -> list[types.CodeAction]:
        """Return the code actions at a range."""
        found = self.published.get(self.uri(name))
        near = [item for item in found.diagnostics if item.range.start.line == where.start.line] if found else []
        params = types.CodeActionParams(
            types.TextDocumentIdentifier(self.uri(name)), where, types.CodeActionContext(near, only)
        )
        return await self.client.text_document_code_action_async(params) or []

    async def apply(self, edit: types.WorkspaceEdit) -> None:
        """Apply an edit to the texts, opening the files that are not open, and wait for the check."""
        edits: list[tuple[str, Any, Sequence[Any]]] = [
            (uri, None, found) for uri, found in (edit.changes or {}).items()
        ]
        edits += [
            (change.text_document.uri, change.text_document, change.edits)
            for change in edit.document_changes or []
            if isinstance(change, types.TextDocumentEdit)
        ]
        for uri, identifier, found in edits:
            name = self.name(uri)
            assert identifier is None or identifier.version == self.versions.get(name)
            if name not in self.texts:
                await self.open(name, None if (self.root / name).exists() else "")
            self.type(name, applied(self.texts[name], found, self.encoding))
        for uri, _, _ in edits:
            await self.settled(self.name(uri))

    async def execute(self, command: types.Command) -> Any:
        """Execute a command of the server, and return its result."""
        params = types.ExecuteCommandParams(command.command, command.arguments)
        return await self.client.workspace_execute_command_async(params)

    async def hover(self, name: str, line: int, character: int) -> str | None:
        """Return the text of the hover at a position."""
        identifier = types.TextDocumentIdentifier(self.uri(name))
        found = await self.client.text_document_hover_async(
            types.HoverParams(identifier, types.Position(line, character))
        )
        return found.contents.value if found else None

    def _publish(self, params: types.PublishDiagnosticsParams) -> None:
        self.published[params.uri] = params
        self._news.set()

    async def _apply(self, params: types.ApplyWorkspaceEditParams) -> types.ApplyWorkspaceEditResult:
        self.applied.append(params)
        await self.apply(params.edit)
        return types.ApplyWorkspaceEditResult(applied=True)

    def _show(self, params: types.ShowDocumentParams) -> types.ShowDocumentResult:
        self.shown.append(params)
        return types.ShowDocumentResult(success=True)


def applied(text: str, edits: Sequence[Any], encoding: str) -> str:
    """Return a text after edits at positions in an encoding, by the rules of the protocol."""
    lines = [*re.findall(r"[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+$", text), ""]
    codec = {"utf-8": "utf-8", "utf-16": "utf-16-le"}[encoding]
    width = len("a".encode(codec))

    def offset(position: types.Position) -> int:
        before = lines[position.line].encode(codec)[: position.character * width].decode(codec)
        return sum(map(len, lines[: position.line])) + len(before)

    for edit in sorted(edits, key=lambda edit: (edit.range.start.line, edit.range.start.character), reverse=True):
        text = text[: offset(edit.range.start)] + edit.new_text + text[offset(edit.range.end) :]
    return text


def _converter() -> Any:
    """Return a converter that tells a code action with a command from a command, which that of lsprotocol does not."""
    converter: Any = default_converter()  # type: ignore[no-untyped-call]

    def action(value: Any, _type: object) -> Any:
        kind = types.Command if isinstance(value.get("command"), str) else types.CodeAction
        return converter.structure(value, kind)

    converter.register_structure_hook(types.Command | types.CodeAction, action)
    converter.register_structure_hook(Union[types.Command, types.CodeAction], action)  # noqa: UP007
    return converter


@asynccontextmanager
async def session(
    root: Path, *, client: str = CODE, folders: Sequence[str] | None = ("",), command: Sequence[str] = COMMAND
) -> AsyncIterator[Editor]:
    """Start the server, with some directories below `root` as the folders of the workspace, and end it."""
    connection: Any = LanguageClient(converter_factory=_converter)
    await connection.start_io(*command)
    editor = Editor(connection, root)
    opened = None
    if folders is not None:
        opened = [types.WorkspaceFolder(editor.uri(folder).rstrip("/"), folder or "root") for folder in folders]
    capabilities = client_capabilities(client)
    parameters = types.InitializeParams(capabilities, workspace_folders=opened)
    result = await asyncio.wait_for(connection.initialize_session(parameters), PATIENCE)
    editor.encoding = result.capabilities.position_encoding
    try:
        yield editor
    finally:
        await asyncio.wait_for(connection.shutdown_session(), PATIENCE)
        await connection.stop()
