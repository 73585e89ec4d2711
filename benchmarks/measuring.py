"""Run commands in turn, and measure their time and memory."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple


class Command(NamedTuple):
    """A command and its directory. `codes` are the exit codes of a successful run."""

    arguments: Sequence[str]
    directory: Path
    codes: tuple[int, ...] = (0,)


class Run(NamedTuple):
    """The measurements of one run.

    `cpu` and `wall` are seconds: those of all its processes, and those that passed. `memory` is in bytes, and of the
    largest of its processes.
    """

    cpu: float
    wall: float
    memory: int


def in_turns(one: Command, other: Command, rounds: int) -> list[tuple[Run, Run]]:
    """Return the measurements of two commands that run in turn, after a round that warms the caches."""
    run(one), run(other)
    return [(run(one), run(other)) for _ in range(rounds)]


def together(*commands: Command) -> float:
    """Return the seconds until commands that run at the same time have all ended."""
    start = time.perf_counter()
    processes = [subprocess.Popen(command.arguments, cwd=command.directory) for command in commands]
    for process in processes:
        process.wait()
    return time.perf_counter() - start


def run(command: Command) -> Run:
    """Return the measurements of a command. Raises RuntimeError for an unexpected exit code."""
    # Python caches compiled modules, as it does for any user of the tool.
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
    wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in command.codes:
        raise RuntimeError(f"{' '.join(command.arguments)} ended with {process.returncode} in {command.directory}")
    unit = 1 if sys.platform == "darwin" else 1024
    return Run(usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss * unit)
