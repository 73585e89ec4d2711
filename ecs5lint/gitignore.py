"""Patterns of paths, as Git has them.

https://git-scm.com/docs/gitignore
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import NamedTuple

from pathspec import GitIgnoreSpec

from ecs5lint.settings import Globs

#: The longest pattern, and the most `*` in one: each multiplies the time to match a name by the length of that.
_MAX_LENGTH = 1000
_MAX_WILDCARDS = 3
_WILDCARD = r"(?:^|/)\*\*(?=/|$)|\*"
#: How many lines of a .gitignore count.
_MAX_LINES = 2000


class GitIgnore(NamedTuple):
    """The .gitignore file of one directory, and that of the next directory above which has one.

    Patterns match paths relative to their directory: `drop` is the length of what to take away from the front of a path
    to make it so, `prepend` what to put there.
    """

    spec: GitIgnoreSpec
    drop: int
    prepend: str
    above: GitIgnore | None

    def ignores(self, path: str) -> bool:
        """Tell whether a path is ignored; that of a directory ends in `/`. The nearest file with a match decides."""
        level: GitIgnore | None = self
        while level is not None:
            ignored = level.spec.check_file(level.prepend + path[level.drop :]).include
            if ignored is not None:
                return ignored
            level = level.above
        return False


class Patterns:
    """Patterns that a user gives, each list of them relative to a directory. Raises ValueError for one that is none."""

    def __init__(self, lists: Sequence[Globs]) -> None:
        self._specs = [(parse_strictly(globs.patterns), globs) for globs in lists]

    def match(self, path: str) -> bool:
        """Tell whether a path matches; that of a directory ends in `/`. The last pattern to say yes or no decides."""
        return self.reason(path) is not None

    def reason(self, path: str) -> str | None:
        """Return which pattern a path matches, as the reason to skip it; None if it matches none."""
        for spec, globs in reversed(self._specs):
            matched = spec.check_file(path if globs.directory == "." else _relative(path, globs.directory))
            if matched.include is not None and matched.index is not None:
                pattern = [pattern for pattern in globs.patterns if pattern][matched.index]
                return f"excluded by {pattern} in {globs.origin}" if matched.include else None
        return None


def _relative(path: str, directory: str) -> str:
    relative = os.path.relpath(path, directory).replace(os.sep, "/")
    return relative + "/" if path.endswith("/") else relative


def parse(lines: Iterable[str]) -> GitIgnoreSpec:
    """Return the patterns in a .gitignore file. Those that are none are left out, as Git does."""
    return GitIgnoreSpec.from_lines(line for line in islice(lines, _MAX_LINES) if _is_pattern(line))


def parse_strictly(patterns: Sequence[str]) -> GitIgnoreSpec:
    """Return the patterns that a user gives. Raises ValueError if one is none.

    One that begins with `./`, which to Git is no path at all, is taken as a user means it.
    """
    lines = [re.sub(r"^(!?)\./", r"\1/", pattern) for pattern in patterns]
    for pattern, line in zip(patterns, lines, strict=True):
        if not _is_pattern(line):
            raise ValueError(f"{pattern!r} is not a pattern")
    return GitIgnoreSpec.from_lines(lines)


def _is_pattern(line: str) -> bool:
    """Tell whether a line is a pattern (or blank, or a comment) that can be matched in reasonable time."""
    if len(line) > _MAX_LENGTH or len(re.findall(_WILDCARD, line)) > _MAX_WILDCARDS:
        return False
    try:
        GitIgnoreSpec.from_lines([line])
    except ValueError:
        return False
    return True
