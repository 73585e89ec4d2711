"""Test hostile input: its cost in time and memory is limited, it gets one clear message, and it hides no other finding.

Each input is checked by a process with little memory, next to a failing task definition that must be reported. Times
are not compared. The timeout only ends an infinite loop.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hostile_inputs import CASES, Hostile, write

MEMORY = 2 << 30
TIMEOUT = 300

FOUND = 'good.json:1:42: error: container "good" does not set readonlyRootFilesystem'


def limit() -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_hostile(case: Hostile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(case)
    done = subprocess.run(
        [sys.executable, "-m", "ecs5lint", "--quiet"],
        capture_output=True,
        text=True,
        check=False,
        timeout=TIMEOUT,
        # Only Linux limits the address space of a process.
        preexec_fn=limit if sys.platform == "linux" else None,
    )
    assert done.stderr == ""
    assert FOUND in done.stdout
    assert "because of a bug" not in done.stdout
    lines = done.stdout.splitlines()
    others = [line for line in lines if not line.startswith("good.json:")]
    assert case.said in "\n".join(others)
    assert bool(others) is bool(case.said)
    assert all(len(line) < 1_000 for line in lines)
    assert done.returncode == (2 if any(": error: " in line and not line.endswith("[ECS5]") for line in others) else 1)
