"""Measure how long the language server takes to answer an edit."""

from __future__ import annotations

import json
import os
import subprocess
import time
from pathlib import Path
from typing import Any


def answers(command: str, path: Path, rounds: int) -> list[float]:
    """Return the seconds from each save of a changed text to its diagnostics, without the first one."""
    with _Session(command, path.parent) as session:
        text = path.read_text()
        opened = {"uri": path.as_uri(), "languageId": "terraform", "version": 0, "text": text}
        session.notify("textDocument/didOpen", {"textDocument": opened})
        session.wait_for(path, 0)
        return [session.save(path, version, f"{text}\n# {version}\n") for version in range(1, rounds + 2)][1:]


class _Session:
    """A session with a server."""

    def __init__(self, command: str, folder: Path) -> None:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        self._server = subprocess.Popen(
            [command, "--lsp"], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self._folder = folder

    def __enter__(self) -> _Session:
        folder = {"uri": self._folder.as_uri(), "name": "folder"}
        self._send({"id": 1, "method": "initialize", "params": {"capabilities": {}, "workspaceFolders": [folder]}})
        self._receive()
        self.notify("initialized", {})
        return self

    def __exit__(self, *_error: object) -> None:
        self._send({"id": 2, "method": "shutdown"})
        self.notify("exit", {})
        self._server.communicate()

    def save(self, path: Path, version: int, text: str) -> float:
        """Return the seconds until the server has checked a new text."""
        start = time.perf_counter()
        document = {"uri": path.as_uri(), "version": version}
        self.notify("textDocument/didChange", {"textDocument": document, "contentChanges": [{"text": text}]})
        self.notify("textDocument/didSave", {"textDocument": {"uri": path.as_uri()}})
        self.wait_for(path, version)
        return time.perf_counter() - start

    def notify(self, method: str, params: dict[str, Any]) -> None:
        self._send({"method": method, "params": params})

    def wait_for(self, path: Path, version: int) -> None:
        """Wait for the diagnostics of a version. Raises RuntimeError if they have no finding."""
        while True:
            params = self._receive().get("params", {})
            if params.get("uri") == path.as_uri() and params.get("version") == version:
                if not params["diagnostics"]:
                    raise RuntimeError(f"the server finds nothing in {path}")
                return

    def _send(self, message: dict[str, Any]) -> None:
        assert self._server.stdin
        content = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self._server.stdin.write(b"Content-Length: %d\r\n\r\n" % len(content) + content)
        self._server.stdin.flush()

    def _receive(self) -> dict[str, Any]:
        assert self._server.stdout
        length = 0
        while (header := self._server.stdout.readline().strip()) or not length:
            name, _, value = header.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        message: dict[str, Any] = json.loads(self._server.stdout.read(length))
        return message
