"""The files under a directory that are worth a look."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ecs5lint.content import may_be_input
from ecs5lint.location import Failure
from ecs5lint.project.account import IGNORED, LINK, Account
from ecs5lint.workspace import Workspace, decode, project_root

if TYPE_CHECKING:
    from ecs5lint.gitignore import GitIgnore, Patterns

#: Directories that hold what tools put there, not what people write. They are read when they are named.
_SKIPPED = frozenset(
    ".git .hg .svn .terraform .terragrunt-cache .venv venv node_modules bower_components __pycache__ .tox .nox .eggs "
    ".mypy_cache .pytest_cache .ruff_cache .hypothesis".split()
)


def is_searched(name: str) -> bool:
    """Tell from its name whether a directory is searched when it is found in another one."""
    return name not in _SKIPPED


class Walk:
    """A way through directories, which visits nothing twice.

    `excluded` are patterns of paths to leave out. What cannot be listed is added to `failures`, and what is left out to
    `account`.
    """

    def __init__(
        self,
        workspace: Workspace,
        excluded: Patterns | None,
        respect_gitignore: bool,
        account: Account | None = None,
    ) -> None:
        self.failures: list[Failure] = []
        self._workspace = workspace
        self._excluded = excluded
        self._respect_gitignore = respect_gitignore
        self._account = account
        self._visited: set[str] = set()

    def files(self, start: str) -> Iterator[tuple[str, GitIgnore | None]]:
        """Yield every file under the directory `start`, with the .gitignore files that it comes under.

        Whether they ignore a file is left to ask, because it costs more than to see that a file is of no interest.
        Directories that they ignore are not entered, unless `start` itself is ignored.
        """
        prefix = "" if start == "." else start + "/"
        above = self._gitignore_above(start, prefix) if self._respect_gitignore else None
        respect_gitignore = self._respect_gitignore and not (above and above.ignores(prefix))
        pending = [(start, above if respect_gitignore else None)]
        while pending:
            directory, ignore = pending.pop()
            entries = self._enter(directory)
            prefix = "" if directory == "." else directory + "/"
            if respect_gitignore and any(entry.name == ".gitignore" for entry in entries):
                ignore = self._gitignore(prefix + ".gitignore", len(prefix), "", ignore)
            for entry in entries:
                path = prefix + entry.name
                is_link = entry.is_symlink()
                if is_link and not self._workspace.is_inside(path):
                    if self._account and may_be_input(entry.name):
                        self._account.add(path, LINK)
                    continue
                if os.path.isfile(path) if is_link else entry.is_file():
                    if self._excluded and (reason := self._excluded.reason(path)):
                        self._leave_out(path, reason)
                    else:
                        yield path, ignore
                elif self._is_to_enter(path, entry.name, ignore):
                    # Links come last, so that what is there by another name too is visited by its own.
                    pending.insert(0 if is_link else len(pending), (path, ignore))

    def _is_to_enter(self, path: str, name: str, ignore: GitIgnore | None) -> bool:
        if not is_searched(name) or not os.path.isdir(path):
            return False
        reason = self._excluded.reason(path + "/") if self._excluded else None
        if reason is None and ignore and ignore.ignores(path + "/"):
            reason = IGNORED
        if reason:
            self._leave_out(path + "/", reason)
        return reason is None

    def _leave_out(self, path: str, reason: str) -> None:
        if self._account:
            self._account.add_unseen(path, reason)

    def _enter(self, directory: str) -> list[os.DirEntry[str]]:
        """Return what is in a directory, nothing if that was visited before, by another name perhaps."""
        real = os.path.realpath(directory)
        if real in self._visited:
            return []
        self._visited.add(real)
        try:
            with os.scandir(directory) as entries:
                return list(entries)
        except OSError as error:
            self.failures.append(Failure(f"cannot be listed: {error.strerror}", directory))
            return []

    def _gitignore_above(self, start: str, prefix: str) -> GitIgnore | None:
        """Return the .gitignore files of the directories above `start`, as far as its project reaches."""
        real = os.path.realpath(start)
        root = project_root(real)
        names = os.path.relpath(real, root).split(os.sep) if real != root else []
        ignore = None
        for depth in range(len(names)):
            path = os.path.join(root, *names[:depth], ".gitignore")
            if os.path.lexists(path):
                ignore = self._gitignore(path, len(prefix), "/".join(names[depth:]) + "/", ignore)
        return ignore

    def _gitignore(self, path: str, drop: int, prepend: str, above: GitIgnore | None) -> GitIgnore | None:
        from ecs5lint.gitignore import GitIgnore, parse

        try:
            lines = decode(self._workspace.read_bytes(path), path).splitlines()
        except Failure:
            return above
        return GitIgnore(parse(lines), drop, prepend, above)
