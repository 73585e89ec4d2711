"""Hold the path patterns of a user."""

from __future__ import annotations

from ecs5lint.light_typing import NamedTuple


class Globs(NamedTuple):
    """Path patterns in .gitignore syntax, and the directory they are relative to.

    `origin` is the configuration file or the option that the patterns come from.
    """

    patterns: tuple[str, ...]
    directory: str = "."
    origin: str = "--exclude"
