"""Match paths against .gitignore patterns, from .gitignore files and from the user.

https://git-scm.com/docs/gitignore
"""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Sequence

from ecs5lint.files.git_repository import Repository
from ecs5lint.files.globs import Globs
from ecs5lint.files.wildmatch import PatternList, can_match, lines_of, parse
from ecs5lint.files.workspace import MAX_FILE_SIZE
from ecs5lint.light_typing import NamedTuple
from ecs5lint.notices import Notice

#: The largest number of wildcards to compare a path with, over all .gitignore files that apply to it. A file beyond
#: this limit is not used, and no path that it might match is ignored.
MAX_COST = 10_000


class Base(NamedTuple):
    """Converts a reported path to a path relative to a directory. Both are bytes.

    `drop` is the number of bytes to remove from the front, and `prepend` is the prefix to add.
    """

    drop: int
    prepend: bytes = b""

    def relative(self, path: bytes) -> bytes:
        """Return a path relative to the directory."""
        return self.prepend + path[self.drop :]

    def moved(self, old: bytes, new: bytes) -> Base:
        """Return the base for paths that begin with `new` instead of `old`."""
        return Base(len(new), self.relative(old))


def _base(prefix: str) -> Base:
    return Base(len(os.fsencode(prefix)))


class _Level(NamedTuple):
    """One file of patterns, or None if it is not used, and its directory."""

    patterns: PatternList | None
    base: Base


class GitIgnore(NamedTuple):
    """The files and directories that Git ignores in a directory, by the pattern files that apply.

    The nearest file is last.

    A file in the index of the repository is never ignored. `is_excluded` tells whether the directory is ignored as a
    whole, except for its tracked files.
    """

    levels: tuple[_Level, ...] = ()
    repository: Repository | None = None
    root: Base = Base(0)
    is_excluded: bool = False

    @classmethod
    def of_repository(cls, repository: Repository, prefix: str, notices: list[Notice]) -> GitIgnore:
        """Return the rules at the top of a working tree. The rules of a surrounding repository don't apply in it."""
        ignore = cls(repository=repository, root=_base(prefix))
        return ignore.with_file(repository.path_of_excluded, repository.excluded(), prefix, notices)

    def moved(self, old: str, new: str) -> GitIgnore:
        """Return the same rules for paths that begin with `new` instead of `old`."""
        before, after = os.fsencode(old), os.fsencode(new)
        levels = tuple(level._replace(base=level.base.moved(before, after)) for level in self.levels)
        return self._replace(levels=levels, root=self.root.moved(before, after))

    def ignores(self, path: str) -> bool:
        """Tell whether a file or a link in the directory is ignored."""
        encoded = os.fsencode(path)
        if not (self.is_excluded or self._matches(encoded, is_directory=False)):
            return False
        return self.repository is None or not self.repository.tracks(self.root.relative(encoded))

    def below(self, directory: str, *, is_link: bool = False) -> GitIgnore | None:
        """Return the rules for a subdirectory, or behind a link. Return None if the whole subdirectory is ignored."""
        encoded = os.fsencode(directory)
        if not (self.is_excluded or self._matches(encoded, is_directory=not is_link)):
            return self
        if self.repository is None or not self.repository.tracks_below(self.root.relative(encoded)):
            return None
        return self._replace(is_excluded=True)

    def with_file(self, path: str, content: bytes, prefix: str, notices: list[Notice]) -> GitIgnore:
        """Return these rules plus the patterns of a file. Add a notice for each pattern that is not used.

        `prefix` is the directory of the patterns, as paths begin in it. Like Git, read no patterns in an excluded
        directory.
        """
        if self.is_excluded:
            return self
        base = _base(prefix)
        patterns = PatternList(lines_of(content)) if len(content) <= MAX_FILE_SIZE else None
        if patterns is None or patterns.cost + self._cost() > MAX_COST:
            size = f"{MAX_FILE_SIZE // 1_000_000} MB" if patterns is None else f"{MAX_COST} wildcards"
            notices.append(Notice(f"skipped: it has more than {size}, so nothing below is ignored by Git", path))
            return self._replace(levels=(_Level(None, base),))
        if patterns.dropped:
            notices.append(Notice(f"skipped the pattern in line {patterns.dropped[0]}: it is too long", path))
        return self._replace(levels=(*self.levels, _Level(patterns, base))) if len(patterns) else self

    def _cost(self) -> int:
        return sum(level.patterns.cost for level in self.levels if level.patterns)

    def _matches(self, path: bytes, *, is_directory: bool) -> bool:
        for patterns, base in reversed(self.levels):
            if patterns is None:
                return False
            match = patterns.last_match(base.relative(path), is_directory)
            if match:
                return not match.is_negative
        return False


class Patterns:
    """Patterns from the user, each list relative to a directory. Raises ValueError for an invalid pattern."""

    def __init__(self, lists: Sequence[Globs]) -> None:
        self._lists = [(parse_strictly(globs.patterns), globs) for globs in lists]
        self._within: dict[str, str | None] = {"": None}

    def match(self, path: str) -> bool:
        """Tell whether a path, or a directory above it, matches. The path of a directory ends with `/`."""
        return self.reason(path) is not None

    def reason(self, path: str) -> str | None:
        """Return the reason to skip a path: the pattern that matches it or a directory above it.

        Return None if none matches.
        """
        return self._reason_of_directory(posixpath.dirname(path.rstrip("/"))) or self._reason(path)

    def _reason_of_directory(self, directory: str) -> str | None:
        """Return the reason to skip a directory. The result is cached, because a directory may hold many files."""
        unknown = []
        while directory not in self._within:
            unknown.append(directory)
            directory = posixpath.dirname(directory) if directory != "/" else ""
        reason = self._within[directory]
        for directory in reversed(unknown):
            if reason is None and posixpath.basename(directory) not in ("", ".."):
                reason = self._reason(directory + "/")
            self._within[directory] = reason
        return reason

    def _reason(self, path: str) -> str | None:
        """Return the reason to skip the path itself. The last matching pattern decides."""
        for patterns, globs in reversed(self._lists):
            relative = path.rstrip("/")
            if globs.directory != ".":
                relative = os.path.relpath(relative, globs.directory).replace(os.sep, "/")
            match = patterns.last_match(os.fsencode(relative), path.endswith("/"))
            if match:
                return None if match.is_negative else f"excluded by {os.fsdecode(match.line)} in {globs.origin}"
        return None


def parse_strictly(patterns: Sequence[str]) -> PatternList:
    """Return the parsed patterns of the user. Raises ValueError for an invalid pattern.

    To Git, a pattern that begins with `./` matches no path. Users mean the directory itself, so this function drops the
    dot.
    """
    lines = [os.fsencode(re.sub(r"^(!?)\./", r"\1/", pattern)) for pattern in patterns]
    for pattern, line in zip(patterns, lines, strict=True):
        parsed = parse(line)
        if not (can_match(parsed) if parsed else line.strip() == b"" or line.startswith(b"#")):
            raise ValueError(f"{pattern!r} is not a pattern")
    found = PatternList(lines)
    if found.dropped or found.cost > MAX_COST:
        raise ValueError(f"{patterns[found.dropped[0] - 1 if found.dropped else 0]!r} is not a pattern: it is too long")
    return found
