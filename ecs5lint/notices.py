"""Define notices and skipped files, which a run reports in addition to its results."""

from __future__ import annotations

from ecs5lint.light_typing import NamedTuple
from ecs5lint.location import Span


class Notice(NamedTuple):
    """A message about the run that is no finding, such as an unused suppression.

    `path` is the file it is about. `is_unused` tells that it is about a suppression that can be removed.
    """

    message: str
    path: str
    span: Span | None = None
    is_unused: bool = False

    @property
    def position(self) -> tuple[int, int]:
        """The line and the column. It is (1, 1) for a whole file."""
        return self.span.source.position(self.span.start) if self.span else (1, 1)


class Skipped(NamedTuple):
    """A file, directory, module or stack that may define containers and was not checked.

    `path` is the file or directory. For a module or a stack, it is the calling file. `reason` is the same text for all
    similar cases, since reports count by it.
    """

    path: str
    reason: str
