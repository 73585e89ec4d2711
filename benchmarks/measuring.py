"""Runs commands in turns, and says what they took."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple


class Command(NamedTuple):
    """What to run, and where. `codes` are the exit codes by which it says that it did its work."""

    arguments: Sequence[str]
    directory: Path
    codes: tuple[int, ...] = (0,)


class Run(NamedTuple):
    """What one run took: seconds, and bytes of memory (of the largest of its processes)."""

    seconds: float
    memory: int


def in_turns(one: Command, other: Command, rounds: int) -> list[tuple[Run, Run]]:
    """Run two commands in turns, after a round that warms the caches."""
    run(one), run(other)
    return [(run(one), run(other)) for _ in range(rounds)]


def run(command: Command) -> Run:
    """Run a command. Raises RuntimeError if it ends with none of its codes."""
    # Python keeps the modules that it compiled, as it does for whoever installs a tool.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    start = time.perf_counter()
    process = subprocess.Popen(
        command.arguments,
        cwd=command.directory,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in command.codes:
        raise RuntimeError(f"{' '.join(command.arguments)} ended with {process.returncode} in {command.directory}")
    unit = 1 if sys.platform == "darwin" else 1024
    return Run(seconds, usage.ru_maxrss * unit)
