"""Run the command `ecs5lint`, or `python -m ecs5lint`."""

from __future__ import annotations

import gc
import os
import sys

from ecs5lint.light_typing import NoReturn

_INTERRUPTED = 130


def main() -> int:
    """Run the linter with the arguments of the process, and return the exit code."""
    # Hardly any object here is part of a reference cycle. With Python's default threshold, searching for cycles takes a
    # quarter of the time of a run over many templates.
    gc.set_threshold(10_000)
    try:
        from ecs5lint.cli.main import main as run

        return run()
    except KeyboardInterrupt:
        return _INTERRUPTED


def command() -> NoReturn:
    """Run the linter as `main` does, and end the process."""
    code = main()
    try:  # contextlib, with its suppress, would take longer to import than anything here
        sys.stdout.flush()
        sys.stderr.flush()
    except Exception:
        pass
    # Freeing all objects one by one would take a tenth of the time of a short run.
    os._exit(code)


if __name__ == "__main__":
    command()
