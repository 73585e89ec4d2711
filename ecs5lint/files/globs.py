"""Patterns of paths, as a user gives them."""

from __future__ import annotations

from typing import NamedTuple


class Globs(NamedTuple):
    """Patterns of paths, as in a .gitignore file, and the directory that they are relative to.

    `origin` is the configuration file with the patterns, or the option.
    """

    patterns: tuple[str, ...]
    directory: str = "."
    origin: str = "--exclude"
