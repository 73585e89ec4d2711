"""What a run says beside its results: what to look at, and what was skipped."""

from __future__ import annotations

from typing import NamedTuple

from ecs5lint.location import Span


class Notice(NamedTuple):
    """Something about the run that the user should look at, and that is no finding: a suppression that covers nothing.

    `path` is the file that it is about.
    """

    message: str
    path: str
    span: Span | None = None

    @property
    def place(self) -> tuple[int, int]:
        """The line and the column, (1, 1) for a file as a whole."""
        return self.span.source.position(self.span.start) if self.span else (1, 1)


class Skipped(NamedTuple):
    """What may define containers and was not checked: a file, a directory, a module or a stack.

    `path` is the file or the directory, for a module or a stack the file that calls it. `reason` is the same text for
    all that are skipped alike, since reports count by it.
    """

    path: str
    reason: str
