"""Share the work of a large run between processes."""

from __future__ import annotations

import io
import os
import pickle
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait

from ecs5lint.files.workspace import Workspace
from ecs5lint.light_typing import TypeVar, cast
from ecs5lint.location import Source
from ecs5lint.parsers import Listener

_R = TypeVar("_R")

#: The work of a process. It gets paths, a workspace to read them in, and a listener to call for each checked input.
Work = Callable[[list[str], Workspace, Listener], _R]

#: The message for one more checked input. Any other message is the result.
_STEP = b""


def shares(groups: Sequence[list[str]], jobs: int) -> list[list[str]]:
    """Return the inputs of all groups in at most `jobs` shares of about equal size. Groups stay together."""
    parts: list[list[str]] = [[] for _ in range(jobs)]
    for group in sorted(groups, key=len, reverse=True):
        min(parts, key=len).extend(group)
    return [sorted(part) for part in parts if part]


def in_processes(
    work: Work[_R], parts: Sequence[list[str]], workspace: Workspace, listener: Listener
) -> list[_R | None]:
    """Return the results of `work` for each part, computed in parallel processes.

    The result is None for a process that died.
    """
    context = get_context()
    found: list[_R | None] = [None] * len(parts)
    pending: dict[Connection, int] = {}
    processes = []
    try:
        for number, part in enumerate(parts):
            receiver, sender = context.Pipe(duplex=False)
            arguments = sender, os.getcwd(), work, part, workspace.unread()
            process = context.Process(target=_work, args=arguments, daemon=True)
            with _out_of_the_tree(context.get_start_method()), _uninterrupted():
                process.start()
                processes.append(process)
            sender.close()
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
def _uninterrupted() -> Iterator[None]:
    """Delay an interrupt until the end of a block, if the system can.

    Otherwise, a started process that is not yet on a list would outlive the run.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _out_of_the_tree(method: str) -> Iterator[None]:
    """Run a block with the standard library as the working directory.

    A new interpreter searches for modules in its working directory, which would be the scanned tree. It changes back to
    that directory later. A forked process needs none of this.
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
    """Do the work of a process. The parent stops it on an interrupt, and reports its failure."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with suppress(Exception):
        os.chdir(directory)
        found = work(part, workspace, lambda: sender.send_bytes(_STEP))
        content = io.BytesIO()
        _Pickler(content, workspace).dump(found)
        sender.send_bytes(content.getvalue())


class _Pickler(pickle.Pickler):
    """Leaves out the source texts, since the receiver reads them too."""

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
