"""Show the progress of a long run in a line on the terminal."""

from __future__ import annotations

import time

from ecs5lint.light_typing import TextIO

#: The seconds until the line appears, and between its updates.
PATIENCE = 1.0
INTERVAL = 0.1

#: Returns to the start of the line, and clears it.
_CLEAR = "\r\x1b[K"


class Progress:
    """Shows the number of checked inputs, and the total, on a terminal. `done` says what was done with them."""

    def __init__(self, terminal: TextIO, done: str = "inputs checked") -> None:
        self._terminal = terminal
        self._done = done
        self._total = 0
        self._judged = 0
        self._is_shown = False
        self._due = time.monotonic() + PATIENCE

    def begin(self, total: int) -> None:
        """Set the total number of inputs."""
        self._total = total

    def end(self) -> None:
        """Remove the line."""
        if self._is_shown:
            self._write("")

    def step(self) -> None:
        """Count one more checked input."""
        self._judged += 1
        now = time.monotonic()
        if now >= self._due:
            self._due = now + INTERVAL
            self._is_shown = True
            self._write(f"ecs5lint: {self._judged:,} of {self._total:,} {self._done}")

    def _write(self, text: str) -> None:
        self._terminal.write(_CLEAR + text)
        self._terminal.flush()
