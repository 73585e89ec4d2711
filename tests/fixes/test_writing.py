"""Test the writing of fixed files: atomically, and only if they still have the checked content."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from ecs5lint.cli.main import main
from ecs5lint.fixes.proof import prove
from ecs5lint.fixes.setting import proposals

FAILING = '{"family": "web", "containerDefinitions": [{"name": "web"}]}'
FIXED = '{"family": "web", "containerDefinitions": [{"name": "web", "readonlyRootFilesystem": true}]}'

Capture = pytest.CaptureFixture[str]

#: Runs the linter, and kills it after it has written half of a file, or before the new file replaces the old one.
KILLED = """
import builtins, os, signal, sys
from ecs5lint.cli.main import main
from ecs5lint.files import writing

class Half:
    def __init__(self, file): self.file = file
    def __enter__(self): return self
    def __exit__(self, *_): pass
    def write(self, content):
        self.file.write(content[: len(content) // 2])
        self.file.flush()
        os.kill(os.getpid(), signal.SIGKILL)

if sys.argv[1] == "write":
    writing.open = lambda *arguments: Half(builtins.open(*arguments))
else:
    writing.os.replace = lambda *arguments: os.kill(os.getpid(), signal.SIGKILL)
main(["--fix"])
"""


@pytest.fixture(autouse=True)
def _directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = tmp_path / "project"
    (project / ".git").mkdir(parents=True)
    monkeypatch.chdir(project)
    Path("task.json").write_text(FAILING)


@pytest.mark.parametrize("when", ["write", "replace"])
@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no such signal here")
def test_a_process_that_is_killed_leaves_the_file_as_it_was(when: str) -> None:
    done = subprocess.run([sys.executable, "-c", KILLED, when], capture_output=True, check=False)

    assert done.returncode == -signal.SIGKILL
    assert Path("task.json").read_text() == FAILING
    assert main(["--fix", "task.json"]) == 0
    assert Path("task.json").read_text() == FIXED


@pytest.mark.skipif(os.name != "posix", reason="needs a POSIX system")
@pytest.mark.parametrize("mode", [0o600, 0o644, 0o755])
def test_the_mode_is_kept(mode: int) -> None:
    os.chmod("task.json", mode)

    main(["--fix"])

    assert Path("task.json").read_text() == FIXED
    assert stat.S_IMODE(os.stat("task.json").st_mode) == mode
    assert sorted(os.listdir()) == [".git", "task.json"]


def test_a_file_that_changed_meanwhile_is_left_alone(monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:

    def prove_and_save(*arguments: object) -> object:
        proven = prove(*arguments)  # type: ignore[arg-type]
        Path("task.json").write_text(FAILING + "\n")
        return proven

    monkeypatch.setattr("ecs5lint.cli.fixing.prove", prove_and_save)

    assert main(["--fix"]) == 2
    assert Path("task.json").read_text() == FAILING + "\n"
    shown = capsys.readouterr()
    assert "task.json: not fixed: the file changed while it was checked" in shown.err
    assert "fixed 0 findings" in shown.err
    assert "1 fail" in shown.out


def test_a_file_that_changed_between_the_judging_and_the_proof_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:

    def save_and_propose(*arguments: object) -> object:
        Path("task.json").write_text(FAILING + "\n")
        return proposals(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr("ecs5lint.cli.fixing.proposals", save_and_propose)

    assert main(["--fix"]) == 1
    assert Path("task.json").read_text() == FAILING + "\n"


def test_a_link_in_the_project_is_not_followed(capsys: Capture) -> None:
    os.rename("task.json", "real.txt")
    os.symlink("real.txt", "task.json")

    assert main(["--fix", "--format", "json", "task.json"]) == 1

    (result,) = json.loads(capsys.readouterr().out)["results"]
    assert "is reached through a link" in result["not_fixed"]
    assert Path("real.txt").read_text() == FAILING
    assert os.path.islink("task.json")


def test_a_link_that_leads_out_is_not_followed() -> None:
    outside = Path("..", "outside.json")
    outside.write_text(FAILING)
    os.symlink(outside, "linked.json")

    main(["--fix"])

    assert outside.read_text() == FAILING
    assert Path("task.json").read_text() == FIXED


def test_a_directory_that_nobody_may_write_to(monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("ecs5lint.files.writing.os.replace", refuse)

    assert main(["--fix"]) == 2
    assert Path("task.json").read_text() == FAILING
    assert "task.json: not fixed: cannot write the file: Permission denied" in capsys.readouterr().err
    assert sorted(os.listdir()) == [".git", "task.json"]
