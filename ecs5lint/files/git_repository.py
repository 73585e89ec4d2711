"""Read Git's data about a directory tree: the files it tracks, and the files it ignores on this machine only."""

from __future__ import annotations

import os

from ecs5lint.files.git_index import Index, TrackedPaths, parse
from ecs5lint.files.workspace import Workspace
from ecs5lint.location import Failure
from ecs5lint.notices import Notice

#: The largest index to read, in bytes. An index of this size holds some 500,000 files.
MAX_INDEX_SIZE = 60_000_000


class Repository:
    """The repository of a working tree. `directory` is the prefix of the paths in that tree, and contains `.git`.

    `.git` is a directory. In a worktree or a submodule it is a file that names a directory. This class does not run
    Git. If it can't read the index, it adds a notice and treats every path as tracked, so that no file is ignored.
    """

    def __init__(self, directory: str, workspace: Workspace, notices: list[Notice]) -> None:
        self._workspace = workspace
        self._notices = notices
        self._is_read = False
        self._tracked: TrackedPaths | None = None
        self._git_directory = self._find(directory + ".git")
        common = self._read(os.path.join(self._git_directory, "commondir")) or b"."
        #: The file with the patterns that apply to the whole tree on this machine.
        self.path_of_excluded = workspace.normalize(
            os.path.join(self._git_directory, os.fsdecode(common.strip()), "info", "exclude")
        )

    def excluded(self) -> bytes:
        """Return the content of `info/exclude`, or nothing if the file does not exist."""
        return self._read(self.path_of_excluded) or b""

    def tracks(self, path: bytes) -> bool:
        """Tell whether a path, relative to the tree, is in the index."""
        tracked = self._index()
        return tracked is None or tracked.has(path)

    def tracks_below(self, directory: bytes) -> bool:
        """Tell whether the index has a path below a directory, relative to the tree."""
        tracked = self._index()
        return tracked is None or tracked.has_below(directory)

    def _find(self, path: str) -> str:
        if os.path.isdir(path):
            return path
        name = (self._read(path) or b"").partition(b"gitdir:")[2].strip()
        return os.path.join(os.path.dirname(path), os.fsdecode(name)) if name else path

    def _read(self, path: str) -> bytes | None:
        """Return the content of a small file, or None if it can't be read."""
        try:
            return self._workspace.read_git_file(path, MAX_INDEX_SIZE)
        except Failure:
            return None

    def _index(self) -> TrackedPaths | None:
        """Return the paths in the index, or None if it can't be read. Reads the index on the first call."""
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
            return []  # no file was ever added
        index = self._parse(path)
        if index.shared is None:
            return index.paths
        # A path that was removed from the shared part still counts as tracked, so that no file is ignored by mistake.
        return index.paths + self._parse(os.path.join(self._git_directory, index.shared)).paths

    def _parse(self, path: str) -> Index:
        content = self._workspace.read_git_file(path, MAX_INDEX_SIZE)
        if len(content) > MAX_INDEX_SIZE:
            raise ValueError(f"it is larger than {MAX_INDEX_SIZE // 1_000_000} MB")
        return parse(content)
