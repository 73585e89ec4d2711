"""The command `ecs5lint`, and `python -m ecs5lint`."""

from __future__ import annotations

import gc
import sys

_INTERRUPTED = 130


def main() -> int:
    """Run the linter with the arguments of the process, and return the exit code."""
    # Hardly anything here refers to itself in a circle. To look for what does, as often as Python does by default,
    # takes a quarter of a run over many templates.
    gc.set_threshold(10_000)
    try:
        from ecs5lint import cli

        return cli.main()
    except KeyboardInterrupt:
        return _INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())
