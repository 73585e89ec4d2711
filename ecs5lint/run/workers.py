"""Processes that share the work of a large run."""

from __future__ import annotations

import io
import os
import pickle
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from typing import TypeVar, cast

from ecs5lint.files.workspace import Workspace
from ecs5lint.location import Source
from ecs5lint.parsers import Listener

_R = TypeVar("_R")

#: What a process does: it is given paths, a workspace to read them in, and what to call for each that is judged.
Work = Callable[[list[str], Workspace, Listener], _R]

#: A message that says that one more input has been judged; every other one is what the work came to.
_STEP = b""


def shares(groups: Sequence[list[str]], jobs: int) -> list[list[str]]:
    """Return groups of inputs put together for at most `jobs` processes, in shares that are as equal as may be."""
    parts: list[list[str]] = [[] for _ in range(jobs)]
    for group in sorted(groups, key=len, reverse=True):
        min(parts, key=len).extend(group)
    return [sorted(part) for part in parts if part]


def in_processes(
    work: Work[_R], parts: Sequence[list[str]], workspace: Workspace, listener: Listener
) -> list[_R | None]:
    """Return what `work` comes to for each part, all at once, each in a process; None for one that died."""
    context = get_context()
    found: list[_R | None] = [None] * len(parts)
    pending: dict[Connection, int] = {}
    processes = []
    try:
        for number, part in enumerate(parts):
            receiver, sender = context.Pipe(duplex=False)
            arguments = sender, os.getcwd(), work, part, workspace.unread()
            process = context.Process(target=_work, args=arguments, daemon=True)
            with _out_of_the_tree(context.get_start_method()):
                process.start()
            sender.close()
            processes.append(process)
            pending[receiver] = number
        while pending:
            for receiver in cast("list[Connection]", wait(list(pending))):
                try:
                    message = receiver.recv_bytes()
                except EOFError:
                    del pending[receiver]
                    continue
                if message == _STEP:
                    listener()
                else:
                    found[pending.pop(receiver)] = _Unpickler(message, workspace).load()
    finally:
        for process in processes:
            process.kill()
            process.join()
    return found


@contextmanager
def _out_of_the_tree(method: str) -> Iterator[None]:
    """Be in the standard library's directory: a new interpreter looks for its modules where it is started.

    It goes back to the working directory, which is the one that is scanned. A fork has all that it needs.
    """
    if method == "fork":
        yield
        return
    directory = os.getcwd()
    os.chdir(os.path.dirname(os.__file__))
    try:
        yield
    finally:
        os.chdir(directory)


def _work(sender: Connection, directory: str, work: Work[object], part: list[str], workspace: Workspace) -> None:
    """Do the work of a process. Whoever started it ends it where it is interrupted, and says so where it fails."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with suppress(Exception):
        os.chdir(directory)
        found = work(part, workspace, lambda: sender.send_bytes(_STEP))
        content = io.BytesIO()
        _Pickler(content, workspace).dump(found)
        sender.send_bytes(content.getvalue())


class _Pickler(pickle.Pickler):
    """Leaves out the texts that were read: who gets what is written here reads them too."""

    def __init__(self, file: io.BytesIO, workspace: Workspace) -> None:
        super().__init__(file, pickle.HIGHEST_PROTOCOL)
        self._workspace = workspace

    def persistent_id(self, value: object) -> tuple[str, str] | None:
        if type(value) is Source and self._workspace.has_read(value):
            return value.path, value.syntax
        return None


class _Unpickler(pickle.Unpickler):
    def __init__(self, content: bytes, workspace: Workspace) -> None:
        super().__init__(io.BytesIO(content))
        self._workspace = workspace
        self._sources: dict[tuple[str, str], Source] = {}

    def persistent_load(self, key: tuple[str, str]) -> Source:
        if key not in self._sources:
            path, syntax = key
            self._sources[key] = Source(path, self._workspace.read(path, syntax).text, syntax)
        return self._sources[key]
