"""Read the paths that Git tracks from its index.

https://git-scm.com/docs/index-format
"""

from __future__ import annotations

import hashlib
import struct
from bisect import bisect_left
from collections.abc import Sequence

from ecs5lint.light_typing import NamedTuple

_HEADER = struct.Struct(">4sII")
_EXTENSION = struct.Struct(">4sI")
#: Each entry begins with times, numbers and the file size. None of them matters here.
_STAT_SIZE = 40
_EXTENDED = 0x4000
_NAME_LENGTH = 0x0FFF


class Index(NamedTuple):
    """The sorted paths in an index, and the name of the shared index file that holds more paths, or None."""

    paths: list[bytes]
    shared: str | None


class TrackedPaths:
    """Paths to look up. A path that ends with a slash stands for everything below it."""

    def __init__(self, paths: Sequence[bytes]) -> None:
        self._paths = sorted(paths)
        self._directories = tuple(path for path in self._paths if path.endswith(b"/"))

    def has(self, path: bytes) -> bool:
        """Tell whether a file, a link or a submodule is tracked."""
        at = bisect_left(self._paths, path)
        return self._paths[at : at + 1] == [path] or path.startswith(self._directories)

    def has_below(self, directory: bytes) -> bool:
        """Tell whether a directory contains a tracked file, or is a tracked submodule."""
        prefix = directory + b"/"
        at = bisect_left(self._paths, prefix)
        return self.has(directory) or any(path.startswith(prefix) for path in self._paths[at : at + 1])


def parse(content: bytes) -> Index:
    """Return the content of an index of version 2, 3 or 4. Raises ValueError for any other content."""
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
    """Return the length of object names, SHA-1 or SHA-256.

    The checksum at the end of the index tells which. Git may write zeros instead of the checksum. Raises ValueError for
    a wrong checksum.
    """
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
    """Return the paths of the entries, and the offset after the last entry."""
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
            # An entry ends with one to eight NULs, so that its length is a multiple of eight.
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
    """Return how many bytes the next path shares with the previous path, and the offset of its remaining bytes.

    `length` is the length of the previous path.
    """
    number = content[at] & 0x7F
    while content[at] & 0x80:
        at += 1
        number = (number + 1) << 7 | (content[at] & 0x7F)
    if number > length:
        raise ValueError("a path in it cannot be put together")
    return length - number, at + 1


def _shared(content: bytes, at: int, end: int, hash_size: int) -> str | None:
    """Return the name of the shared index of a split index, or None. Raises ValueError for an unknown extension."""
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
