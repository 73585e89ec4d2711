"""What Git keeps about a directory tree: which of its files it tracks, and what it ignores on this machine alone."""

from __future__ import annotations

import os

from ecs5lint.files.git_index import Index, TrackedPaths, parse
from ecs5lint.files.workspace import Workspace
from ecs5lint.location import Failure
from ecs5lint.notices import Notice

#: The largest index that is read, in bytes: that of some 500,000 files.
MAX_INDEX_SIZE = 60_000_000


class Repository:
    """The repository whose working tree begins at a directory, given as paths in it begin, which has a `.git`.

    That is a directory, or in a worktree or a submodule a file that names one. Git is not run. An index that cannot be
    read is added to `notices`: whatever is asked for counts as tracked then, so that nothing is ignored.
    """

    def __init__(self, directory: str, workspace: Workspace, notices: list[Notice]) -> None:
        self._workspace = workspace
        self._notices = notices
        self._is_read = False
        self._tracked: TrackedPaths | None = None
        self._git_directory = self._find(directory + ".git")
        common = self._read(os.path.join(self._git_directory, "commondir")) or b"."
        #: Where the patterns are that count for the whole tree on this machine.
        self.path_of_excluded = workspace.normalize(
            os.path.join(self._git_directory, os.fsdecode(common.strip()), "info", "exclude")
        )

    def excluded(self) -> bytes:
        """Return the content of `info/exclude`; nothing if there is none."""
        return self._read(self.path_of_excluded) or b""

    def tracks(self, path: bytes) -> bool:
        """Tell whether a path, relative to the tree, is in the index."""
        tracked = self._index()
        return tracked is None or tracked.has(path)

    def tracks_below(self, directory: bytes) -> bool:
        """Tell whether a directory, relative to the tree, has something in the index."""
        tracked = self._index()
        return tracked is None or tracked.has_below(directory)

    def _find(self, path: str) -> str:
        if os.path.isdir(path):
            return path
        name = (self._read(path) or b"").partition(b"gitdir:")[2].strip()
        return os.path.join(os.path.dirname(path), os.fsdecode(name)) if name else path

    def _read(self, path: str) -> bytes | None:
        """Return the start of a small file; None if there is none."""
        try:
            return self._workspace.read_git_file(path, MAX_INDEX_SIZE)
        except Failure:
            return None

    def _index(self) -> TrackedPaths | None:
        """Return the paths in the index, read when they are first asked for; None if it cannot be read."""
        if not self._is_read:
            self._is_read = True
            path = os.path.join(self._git_directory, "index")
            try:
                self._tracked = TrackedPaths(self._paths(path))
            except (Failure, ValueError) as error:
                reason = error.message if isinstance(error, Failure) else str(error)
                name = self._workspace.normalize(path)
                self._notices.append(Notice(f"can't read Git's index, so nothing is ignored by Git: {reason}", name))
        return self._tracked

    def _paths(self, path: str) -> list[bytes]:
        """Return the paths in an index. Raises Failure and ValueError."""
        if not os.path.lexists(path):
            return []  # nothing was ever added
        index = self._parse(path)
        if index.shared is None:
            return index.paths
        # What is removed from the shared part counts as tracked, too: nothing is ignored that should not be.
        return index.paths + self._parse(os.path.join(self._git_directory, index.shared)).paths

    def _parse(self, path: str) -> Index:
        content = self._workspace.read_git_file(path, MAX_INDEX_SIZE)
        if len(content) > MAX_INDEX_SIZE:
            raise ValueError(f"it is larger than {MAX_INDEX_SIZE // 1_000_000} MB")
        return parse(content)
