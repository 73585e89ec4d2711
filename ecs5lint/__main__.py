"""The command `ecs5lint`, and `python -m ecs5lint`."""

from __future__ import annotations

import gc
import os
import sys
from contextlib import suppress
from typing import NoReturn

_INTERRUPTED = 130


def main() -> int:
    """Run the linter with the arguments of the process, and return the exit code."""
    # Hardly anything here refers to itself in a circle. To look for what does, as often as Python does by default,
    # takes a quarter of a run over many templates.
    gc.set_threshold(10_000)
    try:
        from ecs5lint.cli.main import main as run

        return run()
    except KeyboardInterrupt:
        return _INTERRUPTED


def command() -> NoReturn:
    """Run the linter as `main` does, and end the process."""
    code = main()
    with suppress(Exception):
        sys.stdout.flush()
        sys.stderr.flush()
    # To free all that there is, one by one, would take a tenth of the time of a short run.
    os._exit(code)


if __name__ == "__main__":
    command()
