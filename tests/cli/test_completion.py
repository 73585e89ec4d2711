"""Test the completion scripts."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ecs5lint.cli.arguments import SHELLS, parser
from ecs5lint.cli.completion import script
from ecs5lint.cli.main import main

OPTIONS = [option for action in parser()._actions for option in action.option_strings if option.startswith("--")]


@pytest.mark.parametrize("shell", SHELLS)
def test_a_script_has_every_option(shell: str) -> None:
    text = script(shell)
    # In scripts for fish, options have no hyphens.
    assert [option for option in OPTIONS if option.lstrip("-") not in text] == []


@pytest.mark.parametrize(
    ("words", "completions"),
    [
        (["--para"], ["--parameter", "--parameters-file"]),
        (["--explain", "ECS2"], ["ECS20", "ECS21"]),
        (["--format", "j"], ["json", "junit"]),
        (["--baseline", "bas"], ["base.json"]),
        (["ta"], ["task.json"]),
    ],
)
def test_bash_completes(words: list[str], completions: list[str], tmp_path: Path) -> None:
    if os.name != "posix" or shutil.which("bash") is None:
        pytest.skip("needs a POSIX system with bash")
    (tmp_path / "completion").write_text(script("bash"), encoding="utf-8")
    for name in ("base.json", "task.json"):
        (tmp_path / name).touch()
    line = f"""
        source completion
        COMP_WORDS=(ecs5lint {" ".join(words)})
        COMP_CWORD={len(words)}
        _shtab_ecs5lint
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    done = subprocess.run(["bash", "-c", line], cwd=tmp_path, capture_output=True, text=True, timeout=30, check=True)
    assert [item for item in sorted(done.stdout.split()) if item in (*completions, *OPTIONS)] == completions


def test_the_command(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["--completion", "bash"]) == 0
    assert "-F _shtab_ecs5lint ecs5lint\n" in capfd.readouterr().out
    monkeypatch.setitem(sys.modules, "shtab", None)
    assert main(["--completion", "bash"]) == 2
    assert "requires the package shtab: pip install 'ecs5lint[completion]'" in capfd.readouterr().err
