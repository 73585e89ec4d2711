"""Test the steps of the GitHub Action, with the inputs of a runner."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml
from places import ROOT

ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
CACHE, INSTALL, JUDGE = ACTION["runs"]["steps"]

FAILING = '{"family": "web", "containerDefinitions": [{"name": "web", "image": "web"}]}\n'
CLEAN = FAILING.replace('"image"', '"readonlyRootFilesystem": true, "image"')
UNKNOWN = FAILING.replace('"image"', '"readonlyRootFilesystem": ${READONLY}, "image"')

pytestmark = pytest.mark.skipif(
    os.name != "posix" or shutil.which("bash") is None, reason="needs a POSIX system with bash"
)


class Outcome(NamedTuple):
    """The result of a step."""

    code: int
    log: str
    outputs: dict[str, str]
    summary: str


def run(step: dict[str, Any], workspace: Path, runner: Path, **inputs: str) -> Outcome:
    """Run a step as a runner does: https://docs.github.com/actions, the syntax of `jobs.<job_id>.steps[*].shell`."""
    script, output, summary = runner / "script.sh", runner / "output", runner / "summary.md"
    script.write_text(step["run"])
    output.write_text("")
    summary.write_text("")
    values = {**{name: declared["default"] for name, declared in ACTION["inputs"].items()}, **inputs}
    environment = {
        **os.environ,
        **{
            name: re.sub(r"\$\{\{ inputs\.([\w-]+) \}\}", lambda match: values[match[1]], value)
            for name, value in step.get("env", {}).items()
        },
        "GITHUB_ACTION_PATH": str(ROOT),
        "GITHUB_OUTPUT": str(output),
        "GITHUB_STEP_SUMMARY": str(summary),
        "RUNNER_TEMP": str(runner),
    }
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)]
    done = subprocess.run(command, cwd=workspace, env=environment, capture_output=True, text=True, timeout=300)
    outputs = dict(line.split("=", 1) for line in output.read_text().splitlines())
    return Outcome(done.returncode, done.stdout + done.stderr, outputs, summary.read_text())


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    path = tmp_path / "checked out"
    (path / ".git").mkdir(parents=True)
    return path


@pytest.fixture
def runner(tmp_path: Path) -> Path:
    """Return the directory of a runner in which the linter of the tests is installed."""
    path = tmp_path / "runner temp"
    programs = path / "ecs5lint" / "bin"
    programs.mkdir(parents=True)
    (programs / "ecs5lint").write_text(f'#!/bin/sh\nexec "{sys.executable}" -I -m ecs5lint "$@"\n')
    (programs / "ecs5lint").chmod(0o755)
    (programs / "python").symlink_to(sys.executable)
    return path


def test_a_failing_tree(workspace: Path, runner: Path) -> None:
    (workspace / "task.json").write_text(FAILING)
    outcome = run(JUDGE, workspace, runner, sarif="out.sarif")
    assert outcome.code == 1
    assert outcome.outputs == {"exit-code": "1", "sarif": "out.sarif"}
    assert outcome.log.startswith("::error file=task.json,line=1,")
    assert "| error | `task.json:1:44` | `web` |" in outcome.summary
    assert json.loads((workspace / "out.sarif").read_text())["runs"][0]["results"][0]["ruleId"] == "ECS5"


def test_a_clean_tree(workspace: Path, runner: Path) -> None:
    (workspace / "task.json").write_text(CLEAN)
    outcome = run(JUDGE, workspace, runner)
    assert (outcome.code, outcome.outputs) == (0, {"exit-code": "0"})
    assert "1 pass, 0 fail" in outcome.summary
    assert sorted(path.name for path in workspace.iterdir()) == [".git", "task.json"]


def test_a_tree_that_cannot_be_read(workspace: Path, runner: Path) -> None:
    outcome = run(JUDGE, workspace, runner, paths="none.json")
    assert (outcome.code, outcome.outputs) == (2, {"exit-code": "2"})


def test_bad_usage_is_an_annotation(workspace: Path, runner: Path) -> None:
    outcome = run(JUDGE, workspace, runner, args="--baselin=x%y")
    assert outcome.code == 2
    assert outcome.log.startswith("::error title=ecs5lint::ecs5lint: unknown option --baselin=x%25y")
    outcome = run(JUDGE, workspace, runner, args="--exclude 'a")
    assert (outcome.code, outcome.log) == (2, "::error title=ecs5lint::args: a quotation mark is not closed\n")


def test_one_line_of_arguments_may_have_several_words(workspace: Path, runner: Path) -> None:
    for name in ("one.json", "t w o.json", "three.json"):
        (workspace / name).write_text(FAILING)
    outcome = run(JUDGE, workspace, runner, args="--exclude 't w o.json' --exclude=one.json\n--exit-zero")
    assert outcome.code == 0
    assert re.findall(r"^::error file=([^,]*)", outcome.log, re.MULTILINE) == ["three.json"]


def test_paths_and_arguments_are_one_on_each_line(workspace: Path, runner: Path) -> None:
    for name in ("one.json", "t w o.json", "--three.json", "other.json"):
        (workspace / name).write_text(FAILING)
    outcome = run(
        JUDGE, workspace, runner, paths="one.json\nt w o.json\n\n--three.json\n", args="--exclude\none.json\n"
    )
    assert outcome.code == 1
    assert re.findall(r"^::error file=([^,]*)", outcome.log, re.MULTILINE) == ["--three.json", "t w o.json"]


@pytest.mark.parametrize(("strict", "code"), [("", 0), ("false", 0), ("true", 1), ("yes", 2)])
def test_strict(strict: str, code: int, workspace: Path, runner: Path) -> None:
    (workspace / "task.json").write_text(UNKNOWN)
    assert run(JUDGE, workspace, runner, strict=strict).code == code


@pytest.mark.parametrize(("level", "code"), [("", 0), ("fail", 0), ("unknown", 1), ("default", 1), ("nothing", 2)])
def test_fail_on(level: str, code: int, workspace: Path, runner: Path) -> None:
    (workspace / "task.json").write_text(UNKNOWN)
    assert run(JUDGE, workspace, runner, **{"fail-on": level}).code == code


def test_inputs_are_no_code(workspace: Path, runner: Path) -> None:
    (workspace / "task.json").write_text(CLEAN)
    attack = '$(touch stolen)`touch stolen`"; touch stolen; echo "\''
    for name in ACTION["inputs"]:
        run(JUDGE, workspace, runner, **{name: attack})
        assert not (workspace / "stolen").exists()
    (workspace / "task.json").write_text(FAILING)
    assert run(JUDGE, workspace, runner, sarif="a\nexit-code=0").outputs["exit-code"] == "1"
    assert not any("${{" in step["run"] for step in (INSTALL, JUDGE))


def test_the_environment_is_built_from_the_action_and_not_from_the_tree(workspace: Path, tmp_path: Path) -> None:
    # A stranger's pull request, with files that Python could import instead of its own modules.
    for name in ("venv", "pip", "ensurepip", "ecs5lint", "argparse"):
        (workspace / f"{name}.py").write_text("raise SystemExit('stolen')\n")
    (workspace / "task.json").write_text(FAILING)
    outcome = run(INSTALL, workspace, tmp_path)
    if "(from versions: none)" in outcome.log:
        pytest.skip("pip finds no package index to install from")
    assert outcome.code == 0, outcome.log
    assert run(JUDGE, workspace, tmp_path).code == 1


def test_zizmor_finds_nothing() -> None:
    zizmor = shutil.which("zizmor", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    if zizmor is None:
        pytest.skip("zizmor is not installed")
    command = [zizmor, "--offline", "--no-progress", "--persona", "pedantic", "--format", "plain", "action.yml"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout
