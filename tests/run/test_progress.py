"""Test the progress line of a long run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import pytest

pty = pytest.importorskip("pty")

PROGRAM = """
import sys
from ecs5lint.run import progress
from ecs5lint.cli.main import main
progress.PATIENCE, progress.INTERVAL = {patience}, 0
sys.exit(main())
"""


@pytest.fixture
def inputs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    document = {"family": "web", "containerDefinitions": [{"name": "web", "image": "nginx", "essential": True}]}
    for number in range(3):
        (tmp_path / f"{number}.json").write_text(json.dumps(document))


def on_terminal(environment: Mapping[str, str] = MappingProxyType({}), patience: float = 0) -> tuple[str, str]:
    """Run the linter with standard error on a terminal, and return its standard output and standard error."""
    leader, follower = pty.openpty()
    kept = {name: value for name, value in os.environ.items() if name not in ("CI", "TERM")}
    try:
        program = [sys.executable, "-c", PROGRAM.format(patience=patience)]
        run = subprocess.run(
            program, stdout=subprocess.PIPE, stderr=follower, text=True, env={**kept, "TERM": "xterm", **environment}
        )
    finally:
        os.close(follower)
    try:
        return run.stdout, os.read(leader, 10_000).decode()
    except OSError:  # there was nothing
        return run.stdout, ""
    finally:
        os.close(leader)


@pytest.mark.usefixtures("inputs")
def test_it_counts_the_inputs_and_goes_away() -> None:
    out, shown = on_terminal()
    lines = [f"\r\x1b[Kecs5lint: {number} of 3 inputs checked" for number in (1, 2, 3)]
    assert shown == "".join(lines) + "\r\x1b[K"
    assert "inputs checked" not in out


@pytest.mark.usefixtures("inputs")
def test_it_is_not_shown_in_a_short_run() -> None:
    assert on_terminal(patience=3600)[1] == ""


@pytest.mark.usefixtures("inputs")
@pytest.mark.parametrize("environment", [{"CI": "true"}, {"TERM": "dumb"}])
def test_it_is_not_shown_where_nobody_is_looking(environment: dict[str, str]) -> None:
    assert on_terminal(environment)[1] == ""


@pytest.mark.usefixtures("inputs")
def test_it_is_not_shown_where_standard_error_is_no_terminal() -> None:
    program = [sys.executable, "-c", PROGRAM.format(patience=0)]
    run = subprocess.run(program, capture_output=True, text=True)
    assert run.stderr == ""
