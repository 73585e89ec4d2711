"""Open files, and limit which files may be read and how much of them.

No other module opens files of a project. The files may come from a stranger's pull request, so the files they refer to
are read only inside the project root. This root is the Git repository that encloses the working directory, or the
working directory itself. A path on the command line opens its own project root too, unless a link in the project leads
it outside: such a link gives no access to files outside the project.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping, Set

from ecs5lint.location import Failure, Source

#: The largest file to read, in bytes.
MAX_FILE_SIZE = 20_000_000
#: A larger file is searched for words in parts of this size. Parts overlap, so that no word is split.
_PART, _OVERLAP = 4_000_000, 1_000


class Workspace:
    """Reads each file once.

    Paths are relative to the working directory, with `/`, as reports show them. This holds for arguments and results.
    """

    def __init__(self, named: tuple[str, ...] = ()) -> None:
        refused = {path for path in named if leads_out(path)}
        self._roots = {project_root(os.path.realpath(path)) for path in (".", *named) if path not in refused}
        self._refused = {self.normalize(path) for path in refused}
        self._inside: dict[str, bool] = {}
        self._own_names: dict[str, str] = {}
        self._provided: dict[str, bytes] = {}
        self._edited: dict[str, bytes] = {}
        self._edited_names: dict[str, set[str]] = {}
        self._sources: dict[str, Source] = {}

    def normalize(self, path: str) -> str:
        """Return the normalized spelling of a path, used for reading, caching and reporting."""
        try:
            relative = os.path.relpath(path) if os.path.isabs(path) else os.path.normpath(path)
        except ValueError:
            relative = os.path.normpath(path)  # on another drive of Windows
        return relative.replace(os.sep, "/")

    def own_name(self, directory: str) -> str:
        """Return the real path of a directory. It is the same for every link to that directory."""
        if directory not in self._own_names:
            try:
                self._own_names[directory] = os.path.relpath(os.path.realpath(directory)).replace(os.sep, "/")
            except ValueError:
                return directory  # not a valid path: it contains a NUL
        return self._own_names[directory]

    def is_inside(self, path: str) -> bool:
        """Tell whether the real path of a file is inside a project root."""
        if self._refused and any(path == refused or path.startswith(refused + "/") for refused in self._refused):
            return False
        directory, name = os.path.split(path)
        if name in ("", ".", "..") or os.path.islink(path):
            return self._is_real_path_inside(path)
        # Resolving a long path is slow, and most files are not links, so each directory is resolved once.
        if directory not in self._inside:
            self._inside[directory] = self._is_real_path_inside(directory)
        # A directory outside every root may itself be a root.
        return self._inside[directory] or self._is_real_path_inside(path)

    def _is_real_path_inside(self, path: str) -> bool:
        try:
            real = os.path.realpath(path)
        except ValueError:
            return False  # not a valid path: it contains a NUL or a lone surrogate
        return any(is_below(real, root) for root in self._roots)

    def is_missing(self, path: str) -> bool:
        """Tell whether a path is inside a project root and does not exist."""
        return path not in self._edited and self.is_inside(path) and not os.path.lexists(path)

    def is_directory(self, path: str) -> bool:
        """Tell whether a path is a directory inside a project root, or a link to one."""
        return self.is_inside(path) and os.path.isdir(path)

    def is_file(self, path: str) -> bool:
        """Tell whether a path is a file inside a project root, or a link to one."""
        return path in self._provided or path in self._edited or (self.is_inside(path) and os.path.isfile(path))

    def provide(self, path: str, content: bytes) -> None:
        """Use `content` as the content of the file `path` instead of reading the disk. Standard input needs this.

        Newer content replaces older content.
        """
        path = self.normalize(path)
        self._provided[path] = content
        self._sources.pop(path, None)

    def edited(self, contents: Mapping[str, bytes]) -> Workspace:
        """Return an unread workspace in which some files have different content from the disk.

        They may be missing on the disk. Newer content replaces older content.
        """
        edited = self.unread()
        edited._edited = {**self._edited, **{self.normalize(path): content for path, content in contents.items()}}
        edited._edited_names = {}
        for path in edited._edited:
            edited._edited_names.setdefault(os.path.dirname(path) or ".", set()).add(os.path.basename(path))
        return edited

    def edited_names(self, directory: str) -> Set[str]:
        """Return the names of the files in a directory whose content was set by `edited`."""
        return self._edited_names.get(directory, frozenset())

    @property
    def provided(self) -> tuple[str, ...]:
        """The paths of the files whose content was set by `provide`."""
        return tuple(self._provided)

    def is_provided(self, path: str) -> bool:
        """Tell whether the content of a file was set by `provide`."""
        return path in self._provided

    def read_bytes(self, path: str) -> bytes:
        """Return the content of a file.

        Raises Failure if it is outside the root, too large, unreadable, or not a file.
        """
        content = self.read_start(path)
        if len(content) > MAX_FILE_SIZE:
            raise too_large(path)
        return content

    def read_start(self, path: str, *, is_inside: bool = False) -> bytes:
        """Return the content of a file, or slightly more than the first MAX_FILE_SIZE bytes of a larger file.

        `is_inside` tells that the file is known to be inside the root. Raises Failure, as `read_bytes` does.
        """
        if path in self._edited:
            return self._edited[path]
        if path in self._provided:
            return self._provided[path]
        if not (is_inside or self.is_inside(path)):
            raise _outside(path)
        return _read_regular(path, MAX_FILE_SIZE)

    def parts(self, path: str) -> Iterator[bytes]:
        """Yield a file of any size in parts, each with the end of the previous part.

        Raises Failure, as `read_bytes` does.
        """
        if not self.is_inside(path):
            raise _outside(path)
        if path in self._edited:
            yield self._edited[path]
            return
        end = b""
        try:
            descriptor, _ = _open_regular(path)
            try:
                while part := os.read(descriptor, _PART):
                    yield end + part
                    end = part[-_OVERLAP:]
            finally:
                os.close(descriptor)
        except (OSError, ValueError) as error:
            raise _unreadable(path, error) from None

    def read_git_file(self, path: str, limit: int) -> bytes:
        """Return the content of one of Git's own files, or slightly more than the first `limit` bytes of a larger file.

        In a worktree or a submodule, these files are outside the project root. Reports show none of their content,
        except for the paths that Git tracks and ignores. Raises Failure if the file is unreadable or not a file.
        """
        return _read_regular(path, limit)

    def read(self, path: str, syntax: str) -> Source:
        """Return a file as text in a syntax (json, yaml or hcl).

        Raises Failure, as `read_bytes` does, and for bad UTF-8.
        """
        path = self.normalize(path)
        if path not in self._sources:
            text = decode(self.read_bytes(path), path)
            if "\n" not in text:
                text = text.replace("\r", "\n")  # line ends of the classic Mac OS
            self._sources[path] = Source(path, text, syntax)
        return self._sources[path]

    def has_read(self, source: Source) -> bool:
        """Tell whether a source is the text of a file that this workspace read."""
        return source.path in self._sources and self._sources[source.path].text is source.text

    def unread(self) -> Workspace:
        """Return a workspace with the same roots and an empty cache, for another process."""
        unread = Workspace()
        unread._roots = self._roots
        unread._refused = self._refused
        unread._provided = self._provided
        unread._edited = self._edited
        unread._edited_names = self._edited_names
        return unread

    def entries(self, directory: str) -> list[str]:
        """Return the sorted names in a directory.

        The result is empty outside the root, or if the directory is unreadable.
        """
        if not self.is_inside(directory):
            return []
        try:
            names = os.listdir(directory)
        except (OSError, ValueError):
            names = []
        return sorted(self._edited_names[directory].union(names) if directory in self._edited_names else names)


def _read_regular(path: str, limit: int) -> bytes:
    """Return the content of a file, or slightly more than its first `limit` bytes. Raises Failure."""
    try:
        descriptor, size = _open_regular(path)
        try:
            # Most files come in one read. Asking for more bytes than the file has would cost another call for each
            # file.
            left = min(size, limit + 1)
            content = os.read(descriptor, left)
            while content and len(content) < left and (more := os.read(descriptor, left - len(content))):
                content += more
            return content
        finally:
            os.close(descriptor)
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from None


def _open_regular(path: str) -> tuple[int, int]:
    """Open a file and return its descriptor and size.

    Raises Failure for anything but a regular file, and OSError and ValueError.
    """
    # Never wait for a writer: a FIFO in the tree must not hang the run.
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        os.close(descriptor)
        raise Failure("is not a regular file", path)
    return descriptor, status.st_size


def _outside(path: str) -> Failure:
    return Failure("is outside the project root", path)


def _unreadable(path: str, error: OSError | ValueError) -> Failure:
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return Failure(f"cannot be read: {reason}", path)


def too_large(path: str) -> Failure:
    """Return the failure for a file of more than MAX_FILE_SIZE bytes."""
    return Failure(f"exceeds the limit of {MAX_FILE_SIZE // 1_000_000} MB", path)


def decode(content: bytes, path: str) -> str:
    """Return the text of a file, without its byte order mark.

    Raises Failure for anything but UTF-8, or UTF-16 with a byte order mark.
    """
    encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8"
    if content.startswith(b"\xef\xbb\xbf"):
        encoding = "utf-8-sig"  # Python has to import this codec first
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        name = encoding.removesuffix("-sig").upper()
        raise Failure(f"is not valid {name} text: {error.reason} at byte {error.start}", path) from None


def leads_out(path: str) -> bool:
    """Tell whether a link leads a path out of the project that its words put it in.

    Links above a project belong to the user. Links in it may come from a stranger.
    """
    written, real = os.path.abspath(path), os.path.realpath(path)
    own, directory = project_root(os.getcwd()), os.path.dirname(written)
    while True:
        is_project = directory == own or os.path.exists(os.path.join(directory, ".git"))
        if is_project and not is_below(real, os.path.realpath(directory)):
            return True
        directory, below = os.path.dirname(directory), directory
        if directory == below:
            return False


def is_below(path: str, directory: str) -> bool:
    """Tell whether an absolute path is a directory or is below it."""
    return path == directory or path.startswith(directory.rstrip(os.sep) + os.sep)


def project_root(path: str) -> str:
    """Return the Git repository that encloses a real path.

    Without one, return its directory, or the path if it is one.
    """
    start = path if os.path.isdir(path) else os.path.dirname(path)
    directory = start
    while not os.path.exists(os.path.join(directory, ".git")):
        parent = os.path.dirname(directory)
        if parent == directory:
            return start
        directory = parent
    return directory
