"""Test the hook, which pre-commit runs on commits of a temporary repository."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from places import ROOT

from ecs5lint.files.kinds import may_be_input

pytest.importorskip("pre_commit", reason="pre-commit is not installed")

from identify.identify import tags_from_filename  # a dependency of pre-commit

HOOK, FIXING = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())

FAILING = '{"family": "web", "containerDefinitions": [{"name": "web", "image": "web"}]}\n'
CLEAN = FAILING.replace('"image"', '"readonlyRootFilesystem": true, "image"')
CALLING = 'module "web" {\n  source   = "../../modules/web"\n  readonly = false\n}\n'
MODULE = """\
variable "readonly" {}

resource "aws_ecs_task_definition" "web" {
  container_definitions = templatefile("${path.module}/tasks/web.json.tpl", {readonly = var.readonly})
}
"""
RENDERED = '[{"name": "web", "image": "web", "readonlyRootFilesystem": ${readonly}}]\n'

#: Without the variables that Git sets for a hook, in case a hook runs these tests.
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}

Try = Callable[..., tuple[int, str]]


def git(*arguments: str, at: Path) -> str:
    names = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"]
    command = ["git", *names, *arguments]
    return subprocess.run(command, cwd=at, env=ENVIRONMENT, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture(scope="module")
def hook_repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a repository with the current linter committed, as users of the hook configure it."""
    repository = tmp_path_factory.mktemp("hook")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    if listed.returncode:
        pytest.skip("the tests are not in a git repository")
    for name in filter(None, listed.stdout.split("\0")):
        # The list includes deleted files until the deletion is committed.
        if (ROOT / name).is_file():
            (repository / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, repository / name)
    git("init", "--quiet", at=repository)
    git("add", "--all", at=repository)
    git("commit", "--quiet", "--message", "all", at=repository)
    return repository


@pytest.fixture
def commit(tmp_path: Path, hook_repository: Path) -> Try:
    """Return a function that adds files to a repository, runs the hook, and returns its exit code and output."""
    git("init", "--quiet", at=tmp_path)

    def run(files: dict[str, str], *, before: dict[str, str] | None = None, hook: str = "ecs5lint") -> tuple[int, str]:
        for added in (before or {}, files):
            git("commit", "--quiet", "--allow-empty", "--message", "before", at=tmp_path)
            for name, content in added.items():
                (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
                (tmp_path / name).write_text(content)
            git("add", "--all", at=tmp_path)
        command = [sys.executable, "-m", "pre_commit", "try-repo", str(hook_repository), hook, "--color=never"]
        done = subprocess.run(command, cwd=tmp_path, env=ENVIRONMENT, capture_output=True, text=True, timeout=300)
        if "(from versions: none)" in done.stdout:
            pytest.skip("pip finds no package index to install the hook from")
        return done.returncode, done.stdout[done.stdout.index("\necs5lint", done.stdout.index("hooks:")) :].strip()

    return run


def test_a_failing_commit(commit: Try) -> None:
    """Only a template changes. The caller of the module that includes it makes it fail."""
    before = {
        "live/web/main.tf": CALLING,
        "modules/web/main.tf": MODULE,
        "modules/web/tasks/web.json.tpl": CLEAN,
        "other.json": FAILING,
    }
    code, output = commit({"modules/web/tasks/web.json.tpl": RENDERED, "README.md": "# Web\n"}, before=before)
    assert code == 1
    first, *_, last = output.splitlines()
    assert first.endswith("Failed")
    assert "- exit code: 1" in output
    assert 'modules/web/tasks/web.json.tpl:1:2: error: container "web" sets readonlyRootFilesystem to false' in output
    assert "called by module.web (live/web/main.tf:1:1)" in output
    assert last.endswith("1 container: 0 pass, 1 fail, 0 unknown")


def test_a_clean_commit(commit: Try) -> None:
    code, output = commit({"ecs/web.json": CLEAN, "package.json": "{}\n"}, before={"other.json": FAILING})
    assert (code, output.count("Passed")) == (0, 1)


def test_an_irrelevant_commit(commit: Try) -> None:
    code, output = commit({"app.py": "print()\n", "README.md": FAILING}, before={"other.json": FAILING})
    assert (code, output.count("(no files to check)Skipped")) == (0, 1)


def test_a_commit_that_is_fixed(commit: Try, tmp_path: Path) -> None:
    code, output = commit({"ecs/web.json": FAILING}, before={"other.json": FAILING}, hook="ecs5lint-fix")
    assert code == 1
    assert "files were modified by this hook" in output
    assert (tmp_path / "ecs" / "web.json").read_text() == CLEAN.replace('true, "image": "web"', "true").replace(
        '"name": "web", ', '"name": "web", "image": "web", '
    )
    assert (tmp_path / "other.json").read_text() == FAILING
    assert {**FIXING, "id": HOOK["id"], "name": HOOK["name"], "entry": HOOK["entry"]} == HOOK


@pytest.mark.parametrize(
    "name",
    "a.tf a.tofu a.tf.json a.tfvars a.json a.yaml a.yml a.template a.json.tpl a.tftpl a.j2 a.jinja a.erb a.txt".split(),
)
def test_files_that_count(name: str) -> None:
    assert not tags_from_filename(name) & set(HOOK["exclude_types"])


@pytest.mark.parametrize(
    "name", "a.py a.js a.ts a.tsx a.go a.java a.rb a.sh a.md a.rst a.html a.css a.sql Dockerfile Makefile".split()
)
def test_files_that_do_not(name: str) -> None:
    assert tags_from_filename(name) & set(HOOK["exclude_types"])
    assert not may_be_input(name)
