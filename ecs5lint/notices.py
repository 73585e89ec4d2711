"""Define notices and skipped files, which a run reports in addition to its results."""

from __future__ import annotations

from ecs5lint.light_typing import NamedTuple
from ecs5lint.location import Span

#: The reason for skipping a file that no parser can read.
FORMAT = "a format that is not read"


class Notice(NamedTuple):
    """A message about the run that is no finding, such as an unused suppression.

    `path` is the file it is about. `is_unused` tells that it is about a suppression that can be removed. `skips` is the
    reason for which the account has the file, or empty.
    """

    message: str
    path: str
    span: Span | None = None
    is_unused: bool = False
    skips: str = ""

    @property
    def position(self) -> tuple[int, int]:
        """The line and the column. It is (1, 1) for a whole file."""
        return self.span.source.position(self.span.start) if self.span else (1, 1)


class Skipped(NamedTuple):
    """A file, directory, module or stack that may define containers and was not checked.

    `path` is the file or directory. `reason` is the same text for all similar cases, since reports count by it. For a
    module or a stack, `span` is that of the call, and `detail` tells what it may define.
    """

    path: str
    reason: str
    span: Span | None = None
    detail: str = ""

    @property
    def line(self) -> int | None:
        """The line of the call."""
        return self.span.line if self.span else None

    @property
    def place(self) -> tuple[str, int, str]:
        """The place of the file or the call, and the reason. The order is that of the positions."""
        return *(self.span.start_in_file if self.span else (self.path, -1)), self.reason
