"""Walk through a directory, and find the files to examine."""

from __future__ import annotations

import os
from collections.abc import Iterator

from ecs5lint.files.kinds import may_be_input
from ecs5lint.files.workspace import Workspace, project_root
from ecs5lint.light_typing import TYPE_CHECKING
from ecs5lint.location import Failure
from ecs5lint.notices import Notice
from ecs5lint.project.account import IGNORED, LINK, Account

if TYPE_CHECKING:
    from ecs5lint.files.gitignore import GitIgnore, Patterns

#: Git's files in a directory: the repository that begins there, and patterns.
_OF_GIT = frozenset((".git", ".gitignore"))
#: Directories that tools create, rather than people. They are read only if they are named.
_SKIPPED = frozenset(
    ".git .hg .svn .terraform .terragrunt-cache .venv venv node_modules bower_components __pycache__ .tox .nox .eggs "
    ".mypy_cache .pytest_cache .ruff_cache .hypothesis".split()
)


def is_searched(name: str) -> bool:
    """Tell whether the search enters a directory that it finds in another one, by its name."""
    return name not in _SKIPPED


class Walk:
    """A walk through directories that visits each one once.

    `excluded` has the patterns of paths to skip. Unreadable directories are added to `failures`, skipped paths to
    `account`, and problems with Git's files to `notices`.
    """

    def __init__(
        self,
        workspace: Workspace,
        excluded: Patterns | None,
        respect_gitignore: bool,
        account: Account | None = None,
    ) -> None:
        self.failures: list[Failure] = []
        self.notices: list[Notice] = []
        self._workspace = workspace
        self._excluded = excluded
        self._respect_gitignore = respect_gitignore
        self._account = account
        self._visited: set[str] = set()

    def files(self, start: str) -> Iterator[tuple[str, GitIgnore | None]]:
        """Yield every file under the directory `start`, with the ignore rules for its directory.

        A link that leads out of the project is no such file. The caller applies the rules, because that is slower than
        finding out that a file is irrelevant. Ignored directories are not entered, unless `start` itself is ignored.
        """
        above = self._ignored_above(start) if self._respect_gitignore else None
        pending = [(start, above)]
        while pending:
            directory, ignore = pending.pop()
            entries = self._enter(directory)
            prefix = "" if directory == "." else directory + "/"
            if ignore is not None:
                names = {entry.name for entry in entries} & _OF_GIT
                ignore = self._ignored_in(prefix, names, ignore) if names else ignore
            yield from self._unsaved(directory, prefix, entries, ignore)
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
                elif self._is_to_enter(path, entry.name):
                    below = None if ignore is None else ignore.below(path, is_link=is_link)
                    if ignore is None or below is not None:
                        # Links come last, so that a directory with several names is visited under its real name.
                        pending.insert(0 if is_link else len(pending), (path, below))
                    else:
                        self._leave_out(path + "/", IGNORED)

    def _unsaved(
        self, directory: str, prefix: str, entries: list[os.DirEntry[str]], ignore: GitIgnore | None
    ) -> Iterator[tuple[str, GitIgnore | None]]:
        """Yield the files of a directory that exist only in an editor."""
        if names := self._workspace.edited_names(directory):
            for name in sorted(names - {entry.name for entry in entries}):
                if self._excluded and (reason := self._excluded.reason(prefix + name)):
                    self._leave_out(prefix + name, reason)
                else:
                    yield prefix + name, ignore

    def _is_to_enter(self, path: str, name: str) -> bool:
        if not is_searched(name) or not os.path.isdir(path):
            return False
        reason = self._excluded.reason(path + "/") if self._excluded else None
        if reason:
            self._leave_out(path + "/", reason)
        return reason is None

    def _leave_out(self, path: str, reason: str) -> None:
        if self._account:
            self._account.add_unseen(path, reason)

    def _enter(self, directory: str) -> list[os.DirEntry[str]]:
        """Return the entries of a directory, or none if the walk visited it before, possibly under another name."""
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

    def _ignored_above(self, start: str) -> GitIgnore | None:
        """Return the ignore rules for `start` from the directories above it, within its project.

        Return None if `start`, or a directory above it, is ignored. A named path is never ignored.
        """
        from ecs5lint.files.gitignore import GitIgnore

        real = os.path.realpath(start)
        root = project_root(real)
        directory = os.path.join(root, "")
        ignore = GitIgnore()
        for name in os.path.relpath(real, root).split(os.sep) if real != root else ():
            names = {name for name in _OF_GIT if os.path.lexists(directory + name)}
            below = self._ignored_in(directory, names, ignore).below(directory + name)
            if below is None or below.is_excluded:
                return None
            ignore = below
            directory += name + os.sep
        return ignore.moved(directory, "" if start == "." else start + "/")

    def _ignored_in(self, prefix: str, names: set[str], ignore: GitIgnore) -> GitIgnore:
        """Return the ignore rules of a directory with Git's files. Adds unusable files to `notices`."""
        from ecs5lint.files.gitignore import GitIgnore

        if ".git" in names:
            from ecs5lint.files.git_repository import Repository

            repository = Repository(prefix, self._workspace, self.notices)
            ignore = GitIgnore.of_repository(repository, prefix, self.notices)
        path = prefix + ".gitignore"
        if ".gitignore" in names and not os.path.islink(path):
            try:
                content = self._workspace.read_start(path)
                return ignore.with_file(self._workspace.normalize(path), content, prefix, self.notices)
            except Failure:
                pass
        return ignore
