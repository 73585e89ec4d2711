"""Test the callers of Terraform modules in trees that no fixture can hold, because of their size, links or location."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ecs5lint.cli.main import main

Capture = pytest.CaptureFixture[str]

VARIABLE = 'variable "locked" {\n  type    = bool\n  default = true\n}\n'
TASK = """\
resource "aws_ecs_task_definition" "relay" {
  family                = "relay"
  container_definitions = jsonencode([{ name = "relay", readonlyRootFilesystem = var.locked }])
}
"""


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(files: dict[str, str]) -> None:
    for name, content in files.items():
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(content)


def verdicts(capsys: Capture, *args: str) -> list[str]:
    main(["--format", "json", *args])
    results = json.loads(capsys.readouterr().out)["results"]
    return [f"{result['verdict']} {result['location']['path']}" for result in results]


def chain(depth: int) -> dict[str, str]:
    """Return modules that pass an input on to each other. The last one has a task definition."""
    files = {"main.tf": 'module "next" {\n  source = "./m0"\n  locked = false\n}\n'}
    for number in range(depth):
        call = f'module "next" {{\n  source = "../m{number + 1}"\n  locked = var.locked\n}}\n'
        files[f"m{number}/main.tf"] = VARIABLE + call
    return {**files, f"m{depth}/main.tf": VARIABLE + TASK}


@pytest.mark.parametrize(("depth", "verdict"), [(30, "fail"), (70, "unknown")])
def test_no_container_disappears_however_deep_it_is_called(
    depth: int, verdict: str, tree: Path, capsys: Capture
) -> None:
    write(chain(depth))
    found = verdicts(capsys, ".")
    assert f"{verdict} m{depth}/main.tf" in found
    assert not any(item.startswith("pass") for item in found)


def test_a_module_behind_a_link_is_the_module_that_the_link_leads_to(tree: Path, capsys: Capture) -> None:
    call = 'module "svc" {\n  source = "./modules/svc"\n  locked = false\n}\n'
    write({"shared/svc/main.tf": VARIABLE + TASK, "live/main.tf": call})
    (tree / "live/modules").symlink_to("../shared")
    assert verdicts(capsys, ".") == ["fail live/modules/svc/main.tf"]


def test_a_source_may_lead_out_of_the_working_directory_and_back(
    tree: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    call = 'module "inner" {\n  source = "../svc/inner"\n  locked = false\n}\n'
    write({"svc/main.tf": call, "svc/inner/main.tf": VARIABLE + TASK})
    monkeypatch.chdir(tree / "svc")
    assert verdicts(capsys, ".") == ["fail inner/main.tf"]


@pytest.mark.parametrize("source", ['("./svc")', '"./\\u0073vc"', "local.place"])
def test_changed_files_lead_to_calls_in_every_spelling(source: str, tree: Path, capsys: Capture) -> None:
    call = f'locals {{\n  place = "./svc"\n}}\nmodule "svc" {{\n  source = {source}\n  locked = false\n}}\n'
    write({"main.tf": call, "svc/main.tf": VARIABLE + TASK})
    assert verdicts(capsys, "--changed", "svc/main.tf") == ["fail svc/main.tf"]
    assert verdicts(capsys, "--changed", "main.tf") == ["fail svc/main.tf"]


@pytest.mark.parametrize("written", ['re\\"lay.json', "re\\u0022lay.json"])
def test_changed_files_may_be_named_with_escapes(written: str, tree: Path, capsys: Capture) -> None:
    task = TASK.replace('jsonencode([{ name = "relay", readonlyRootFilesystem = var.locked }])', f'file("{written}")')
    write({"main.tf": task, 're"lay.json': '[{"name": "relay", "image": "x"}]\n'})
    assert verdicts(capsys, "--changed", 're"lay.json') == ['fail re"lay.json']


def test_a_module_of_the_same_path_in_git_may_be_the_one_in_the_tree(tree: Path, capsys: Capture) -> None:
    call = 'module "svc" {\n  source = "git::https://example.com/all.git//modules/svc?ref=v1"\n  locked = false\n}\n'
    write({"live/main.tf": call, "modules/svc/main.tf": VARIABLE + TASK})
    assert verdicts(capsys, ".") == ["unknown modules/svc/main.tf"]


def test_a_unit_whose_module_is_in_git_may_run_the_one_in_the_tree(tree: Path, capsys: Capture) -> None:
    unit = 'terraform {\n  source = "git@example.com:a/all.git//modules/svc?ref=v1"\n}\ninputs = { locked = false }\n'
    write({"live/prod/terragrunt.hcl": unit, "modules/svc/main.tf": VARIABLE + TASK})
    assert verdicts(capsys, ".") == ["unknown modules/svc/main.tf"]
