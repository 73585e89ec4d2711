"""A line on the terminal that says how far a long run has come."""

from __future__ import annotations

import time
from typing import TextIO

#: How many seconds a run takes before there is such a line, and how many pass before it changes.
PATIENCE = 1.0
INTERVAL = 0.1

#: Goes to the start of the line, and clears it.
_CLEAR = "\r\x1b[K"


class Progress:
    """Shows on a terminal how many inputs have been judged, and of how many."""

    def __init__(self, terminal: TextIO) -> None:
        self._terminal = terminal
        self._total = 0
        self._judged = 0
        self._is_shown = False
        self._due = time.monotonic() + PATIENCE

    def begin(self, total: int) -> None:
        """Say how many inputs there are in all."""
        self._total = total

    def end(self) -> None:
        """Take the line away."""
        if self._is_shown:
            self._write("")

    def step(self) -> None:
        """Take note that one more input has been judged."""
        self._judged += 1
        now = time.monotonic()
        if now >= self._due:
            self._due = now + INTERVAL
            self._is_shown = True
            self._write(f"ecs5lint: {self._judged:,} of {self._total:,} inputs judged")

    def _write(self, text: str) -> None:
        self._terminal.write(_CLEAR + text)
        self._terminal.flush()
