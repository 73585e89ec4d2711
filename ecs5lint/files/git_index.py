"""The paths that Git tracks, from its index.

https://git-scm.com/docs/index-format
"""

from __future__ import annotations

import hashlib
import struct
from bisect import bisect_left
from collections.abc import Sequence
from typing import NamedTuple

_HEADER = struct.Struct(">4sII")
_EXTENSION = struct.Struct(">4sI")
#: An entry begins with times, numbers and the size of the file, of which nothing counts here.
_STAT_SIZE = 40
_EXTENDED = 0x4000
_NAME_LENGTH = 0x0FFF


class Index(NamedTuple):
    """The paths in an index, in order, and the name of the other file that holds more of them, if there is one."""

    paths: list[bytes]
    shared: str | None


class TrackedPaths:
    """Paths that are looked up. One with a slash at its end stands for all that is below it."""

    def __init__(self, paths: Sequence[bytes]) -> None:
        self._paths = sorted(paths)
        self._directories = tuple(path for path in self._paths if path.endswith(b"/"))

    def has(self, path: bytes) -> bool:
        """Tell whether a file, a link or a submodule is tracked."""
        at = bisect_left(self._paths, path)
        return self._paths[at : at + 1] == [path] or path.startswith(self._directories)

    def has_below(self, directory: bytes) -> bool:
        """Tell whether anything in a directory is tracked, or the directory itself, as a submodule is."""
        prefix = directory + b"/"
        at = bisect_left(self._paths, prefix)
        return self.has(directory) or any(path.startswith(prefix) for path in self._paths[at : at + 1])


def parse(content: bytes) -> Index:
    """Return what is in an index of version 2, 3 or 4. Raises ValueError for anything else."""
    hash_size = _hash_size(content)
    end = len(content) - hash_size
    try:
        signature, version, number = _HEADER.unpack_from(content)
        if signature != b"DIRC" or version not in (2, 3, 4):
            raise ValueError("it is not an index of version 2, 3 or 4")
        paths, at = _paths(content, version, number, hash_size)
        shared = _shared(content, at, end, hash_size)
    except (struct.error, IndexError):
        raise ValueError("it ends too early") from None
    return Index(paths, shared)


def _hash_size(content: bytes) -> int:
    """Return how long object names are: SHA-1 or SHA-256, whichever the checksum at the end is. It may be left out."""
    for algorithm in (hashlib.sha1, hashlib.sha256):
        size = algorithm().digest_size
        if algorithm(content[:-size], usedforsecurity=False).digest() == content[-size:]:
            return size
    if content.endswith(bytes(32)):
        return 32
    if content.endswith(bytes(20)):
        return 20
    raise ValueError("its checksum is wrong")


def _paths(content: bytes, version: int, number: int, hash_size: int) -> tuple[list[bytes], int]:
    """Return the paths of the entries, and where the last one ends."""
    paths = []
    path = b""
    at = _HEADER.size
    before_name = _STAT_SIZE + hash_size + 2
    for _ in range(number):
        start = at
        at += before_name
        flags = content[at - 2] << 8 | content[at - 1]
        if flags & _EXTENDED:
            at += 2
        if version == 4:
            kept, at = _kept(content, at, len(path))
            end = _end_of_name(content, at)
            path = path[:kept] + content[at:end]
            at = end + 1
        else:
            length = flags & _NAME_LENGTH
            end = at + length if length < _NAME_LENGTH else _end_of_name(content, at)
            path = content[at:end]
            # Entries end with one to eight NULs, at a multiple of eight from where they start.
            at = start + (end - start + 8) // 8 * 8
        if path:
            paths.append(path)
    if at > len(content) - hash_size:
        raise ValueError("it ends too early")
    return paths, at


def _end_of_name(content: bytes, at: int) -> int:
    end = content.find(b"\0", at)
    if end == -1:
        raise ValueError("it ends too early")
    return end


def _kept(content: bytes, at: int, length: int) -> tuple[int, int]:
    """Return how much of the path before, of a length, the next one begins with, and where the rest of it stands."""
    number = content[at] & 0x7F
    while content[at] & 0x80:
        at += 1
        number = (number + 1) << 7 | (content[at] & 0x7F)
    if number > length:
        raise ValueError("a path in it cannot be put together")
    return length - number, at + 1


def _shared(content: bytes, at: int, end: int, hash_size: int) -> str | None:
    """Return the name of the file that a split index shares. Raises ValueError for an extension that is not known."""
    shared = None
    while at < end:
        name, size = _EXTENSION.unpack_from(content, at)
        at += _EXTENSION.size
        if name == b"link":
            base = content[at : at + hash_size]
            shared = f"sharedindex.{base.hex()}" if any(base) else None
        elif name[:1].islower() and name != b"sdir":
            raise ValueError(f"it has the extension {name.decode('latin-1')}")
        at += size
    if at != end:
        raise ValueError("it ends too early")
    return shared
