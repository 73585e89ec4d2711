"""Account for a search: the skipped files that may define containers, and the reasons.

Skipped files are examined after the search, up to `_MAX_FILES`. An entry is kept if a file names ECS, or if it was not
examined.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator

from ecs5lint.files.kinds import (
    is_caller_file,
    is_module_file,
    is_of_module,
    kinds_of,
    may_be_input,
    may_call_modules,
    module_file,
)
from ecs5lint.files.workspace import Workspace
from ecs5lint.location import Failure
from ecs5lint.notices import Notice, Skipped

IGNORED = "ignored by Git"
LINK = "a link that leads out of the project"
TOO_LARGE = "too large"

#: The largest number of skipped files to open in a run, to see whether they name ECS.
_MAX_FILES = 300
#: The largest number of entries of skipped directories to list in a run.
_MAX_ENTRIES = 5_000


class Account:
    """The files and directories that a search skips.

    `is_searched` tells whether the search enters a directory, by its name. `types` are the types of the resources to
    check, besides task definitions.
    """

    def __init__(self, workspace: Workspace, is_searched: Callable[[str], bool], types: Collection[str] = ()) -> None:
        self.notices: list[Notice] = []
        self._workspace = workspace
        self._types = types
        self._is_searched = is_searched
        self._reasons: dict[str, str] = {}
        self._unseen: dict[str, str] = {}
        self._files_left = _MAX_FILES
        self._entries_left = _MAX_ENTRIES

    def add(self, path: str, reason: str) -> None:
        """Record a file that names ECS, or that can't be examined."""
        self._reasons.setdefault(path, reason)

    def add_unseen(self, path: str, reason: str) -> None:
        """Record a file or a directory that was not opened. The path of a directory ends with `/`."""
        self._unseen.setdefault(path, reason)

    def add_named(self, path: str, reason: str) -> None:
        """Record a file that was named but is skipped."""
        self._reasons.setdefault(path, reason)
        self.notices.append(Notice(f"skipped: {reason}", path))

    def skipped(self) -> list[Skipped]:
        """Return the skipped paths that may define containers, in the order of the paths."""
        for path, reason in self._unseen.items():
            if self._may_define_containers(path):
                self._reasons.setdefault(path.removesuffix("/"), reason)
        self._unseen.clear()
        return [Skipped(path, reason) for path, reason in sorted(self._reasons.items())]

    def _may_define_containers(self, path: str) -> bool:
        if not path.endswith("/"):
            return self._names_ecs(path)
        return any(map(self._names_ecs, self._files(path))) or self._entries_left < 0

    def _names_ecs(self, path: str) -> bool:
        """Tell whether a file names ECS. Return True if too many files were examined already."""
        if not may_be_input(path):
            return False
        self._files_left -= 1
        if self._files_left < 0:
            return True
        try:
            content = self._workspace.read_start(path)
        except Failure:
            return False
        if is_module_file(path):
            found = module_file(content, self._types)
            # A call may set what a module that is checked leaves to its default.
            return found.names_ecs or found.may_call
        if is_caller_file(path):
            return may_call_modules(content)
        return bool(kinds_of(content, self._types))

    def _files(self, start: str) -> Iterator[str]:
        """Yield the files under a directory, up to the largest number of entries. Does not follow links."""
        pending = [start]
        while pending and self._entries_left >= 0:
            directory = pending.pop()
            try:
                with os.scandir(directory) as entries:
                    listed = list(entries)
            except OSError:
                continue
            self._entries_left -= len(listed)
            for entry in listed:
                if entry.is_file(follow_symlinks=False):
                    yield directory + entry.name
                elif entry.is_dir(follow_symlinks=False) and self._is_searched(entry.name):
                    pending.append(f"{directory}{entry.name}/")


def without_result(named: Iterable[str], told: set[str], workspace: Workspace) -> Iterator[Notice]:
    """Yield a notice for each named file that the report doesn't mention.

    `told` has the paths in the report. A file of a Terraform module represents its directory.
    """
    directories = {os.path.dirname(path) for path in told}
    for path in named:
        is_told = os.path.dirname(path) in directories if is_of_module(path) else path in told
        if not is_told and not os.path.isdir(path):
            from ecs5lint.project.description import describe

            try:
                yield Notice(f"nothing was checked: {describe(path, workspace.read_start(path))}", path)
            except Failure:
                continue  # the report has the reason why it can't be read
