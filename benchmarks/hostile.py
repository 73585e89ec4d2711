"""Measure the hostile inputs of the tests that are smaller than 1 MB, and print the costliest of them.

    python benchmarks/hostile.py [--tools DIRECTORY] [--rows N]

It installs the linter, and prints a Markdown table. The bar is ten seconds of CPU time and 500 MB for each input.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import tools
from measuring import Command, Run, run

sys.path.append(str(Path(__file__).parent.parent / "tests"))

from hostile_inputs import CASES, Hostile, Sparse, write

SECONDS, MEMORY = 10, 500_000_000
_LARGEST = 1_000_000
#: The exit codes: with findings, and with input that is refused, too.
_DONE = (1, 2)


class Measured(NamedTuple):
    """An input, its size in bytes, and what a run on it takes."""

    name: str
    size: int
    taken: Run

    @property
    def share(self) -> float:
        """The share of a bar that the run takes, of the one that it is nearer to."""
        return max(self.taken.cpu / SECONDS, self.taken.memory / MEMORY)


def measured(command: str) -> list[Measured]:
    """Return the measurements of all inputs smaller than 1 MB, the costliest first."""
    found = [Measured(name, _size(case), _run(case, command)) for name, case in CASES.items() if _is_small(case)]
    return sorted(found, key=lambda item: item.share, reverse=True)


def _is_small(case: Hostile) -> bool:
    return _size(case) < _LARGEST and not any(isinstance(content, Sparse) for content in case.files.values())


def _size(case: Hostile) -> int:
    return sum(len(content) for content in case.files.values())


def _run(case: Hostile, command: str) -> Run:
    with tempfile.TemporaryDirectory() as directory:
        os.chdir(directory)
        write(case)
        taken = run(Command([command, "."], Path(directory), _DONE))
        os.chdir("/")
    return taken


def main() -> None:
    """Install the linter, measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tools", type=Path, default=Path("build/benchmarks"), help="where the linter is installed")
    parser.add_argument("--rows", type=int, default=20)
    options = parser.parse_args()
    found = measured(tools.linter(options.tools.absolute()).command)
    print("\n".join(_table(found, options.rows)))


def _table(found: list[Measured], rows: int) -> Iterator[str]:
    above = sum(item.share > 1 for item in found)
    yield f"{len(found)} inputs, {above} above a bar.\n"
    yield "| input | size | CPU time | memory |\n|---|---|---|---|"
    for item in found[:rows]:
        yield f"| {item.name} | {item.size / 1e3:.0f} kB | {item.taken.cpu:.2f} s | {item.taken.memory / 1e6:.0f} MB |"


if __name__ == "__main__":
    main()
