"""Check the workflows of the repository, and the image."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from places import ROOT

from ecs5lint import __version__

GITHUB = ROOT / ".github"
WORKFLOWS = {path.name: path.read_text(encoding="utf-8") for path in sorted((GITHUB / "workflows").iterdir())}


def tool(name: str) -> str:
    """Return the path of a program, or skip the test without it."""
    path = shutil.which(name, path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    if path is None:
        pytest.skip(f"{name} is not installed")
    return path


def run(*command: str, timeout: int = 60) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=timeout)


def test_zizmor_finds_nothing() -> None:
    done = run(tool("zizmor"), "--offline", "--no-progress", "--persona", "pedantic", "--format", "plain", str(GITHUB))
    assert done.returncode == 0, done.stdout


def test_actionlint_finds_nothing() -> None:
    done = run(tool("actionlint"), *(str(GITHUB / "workflows" / name) for name in WORKFLOWS))
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("name", WORKFLOWS)
def test_actions_are_pinned_and_permissions_are_given_to_jobs(name: str) -> None:
    used = re.findall(r"uses: (.*)", WORKFLOWS[name])
    assert all(re.fullmatch(r"[\w.-]+/[\w.-]+@[0-9a-f]{40} # v[\d.]+", action) for action in used)
    workflow: dict[str, Any] = yaml.safe_load(WORKFLOWS[name])
    assert workflow["permissions"] == {}
    assert all({"permissions", "timeout-minutes"} <= job.keys() for job in workflow["jobs"].values())


def test_an_action_has_one_version() -> None:
    texts = [*WORKFLOWS.values(), (ROOT / "action.yml").read_text(encoding="utf-8")]
    used = set(re.findall(r"uses: ([\w./-]+)@(\S+)", "\n".join(texts)))
    assert len({action for action, _ in used}) == len(used)


def test_every_supported_python_is_tested() -> None:
    classifiers = re.findall(r'"Programming Language :: Python :: (3\.\d+)"', (ROOT / "pyproject.toml").read_text())
    assert yaml.safe_load(WORKFLOWS["tests.yml"])["jobs"]["tests"]["strategy"]["matrix"]["python"] == classifiers


@pytest.mark.skipif(os.name != "posix" or shutil.which("bash") is None, reason="needs a POSIX system with bash")
def test_a_release_needs_its_tag_and_its_section(tmp_path: Path) -> None:
    script = str(ROOT / "scripts" / "build-release")
    assert "The tag is v0.0.0" in run("bash", script, str(tmp_path), "v0.0.0").stderr
    assert f"\n## {__version__} " in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_the_image(tmp_path: Path) -> None:
    docker = tool("docker")
    if run(docker, "info").returncode:
        pytest.skip("there is no docker daemon")
    image = "ecs5lint:test"
    built = run(docker, "build", "--tag", image, ".", timeout=900)
    assert built.returncode == 0, built.stderr
    task = {"family": "a", "containerDefinitions": [{"name": "a", "image": "a"}]}
    (tmp_path / "task.json").write_text(json.dumps(task))
    done = run(docker, "run", "--rm", "--read-only", "--volume", f"{tmp_path}:/work:ro", image, "--format", "json")
    assert done.returncode == 1, done.stderr
    assert json.loads(done.stdout)["summary"]["fail"] == 1
    assert run(docker, "run", "--rm", "--entrypoint", "id", image, "-u").stdout == "65532\n"
