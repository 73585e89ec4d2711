"""Test Terragrunt as a caller: the names of units in reports, and the units that use a changed file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ecs5lint.cli.main import main

Capture = pytest.CaptureFixture[str]

MODULE = """\
variable "ro" {
  type    = bool
  default = true
}
resource "aws_ecs_task_definition" "web" {
  family                = "web"
  container_definitions = jsonencode([{ name = "web", readonlyRootFilesystem = var.ro }])
}
"""
UNIT = """\
include "root" {
  path = find_in_parent_folders("root.hcl")
}
terraform {
  source = "../../modules//web"
}
inputs = {
  ro = read_terragrunt_config("env.hcl").locals.ro
}
"""
FILES = {
    "modules/web/main.tf": MODULE,
    "live/root.hcl": "inputs = {}\n",
    "live/prod/terragrunt.hcl": UNIT,
    "live/prod/env.hcl": "locals {\n  ro = false\n}\n",
    "live/dev/terragrunt.hcl": UNIT,
    "live/dev/env.hcl": "locals {\n  ro = true\n}\n",
}


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".git").mkdir()
    for name, content in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def verdicts(capsys: Capture, *args: str) -> list[str]:
    main(["--format", "json", *args])
    results = json.loads(capsys.readouterr().out)["results"]
    return sorted(f"{result['verdict']} {' '.join(call['call'] for call in result['via'])}" for result in results)


def test_each_unit_is_a_caller_of_its_own(tree: Path, capsys: Capture) -> None:
    assert verdicts(capsys, ".") == ["fail unit live/prod", "pass unit live/dev"]


def test_a_unit_has_the_same_name_wherever_the_linter_is_run(
    tree: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.chdir(tree / "live")
    assert verdicts(capsys, ".") == ["fail unit live/prod", "pass unit live/dev"]


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ("live/prod/terragrunt.hcl", ["fail unit live/prod"]),
        ("live/dev/env.hcl", ["pass unit live/dev"]),
        ("live/root.hcl", ["fail unit live/prod", "pass unit live/dev"]),
        ("modules/web/main.tf", ["fail unit live/prod", "pass unit live/dev"]),
    ],
)
def test_changed_files_lead_to_their_units(changed: str, found: list[str], tree: Path, capsys: Capture) -> None:
    assert verdicts(capsys, "--changed", changed) == found


def test_a_unit_that_cannot_be_read_is_an_error(tree: Path, capsys: Capture) -> None:
    (tree / "live/prod/terragrunt.hcl").write_text('terraform {\n  source = "../../modules//ecs\n}\n')
    assert main(["."]) == 2
    assert "live/prod/terragrunt.hcl" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("unit", "found"),
    [
        ('include "me" {\n  path = "./terragrunt.hcl"\n}\ninputs = { ro = false }\n', "fail"),
        ('include "other" {\n  path = "../dev/terragrunt.hcl"\n}\ninputs = { ro = false }\n', "fail"),
        ('inputs = { ro = get_env("RO") }\n', "unknown"),
        ('inputs = { ro = run_cmd("x") }\n', "unknown"),
        ("locals {\n  a = local.a\n}\ninputs = { ro = local.a }\n", "unknown"),
        ("inputs = merge({ ro = true }, dependency.x.outputs)\n", "unknown"),
        ("inputs = merge(dependency.x.outputs, { ro = false })\n", "fail"),
        ("inputs = { rx = false }\n", "pass"),
        ('inputs = { ro = get_env("RO", "true") == "true" ? true : false }\n', "fail"),
    ],
)
def test_what_an_input_comes_to(unit: str, found: str, tree: Path, capsys: Capture) -> None:
    (tree / "live/prod/terragrunt.hcl").write_text('terraform {\n  source = "../../modules//web"\n}\n' + unit)
    assert f"{found} unit live/prod" in verdicts(capsys, ".")


@pytest.mark.parametrize("include", ['{"path": "../root.hcl"}', '{"root": {"path": "../root.hcl"}}'])
def test_units_may_be_written_in_json(include: str, tree: Path, capsys: Capture) -> None:
    (tree / "live/json").mkdir()
    (tree / "live/root.hcl").write_text("inputs = { ro = false }\n")
    text = f'{{"include": {include}, "terraform": {{"source": "../../modules/web"}}}}'
    (tree / "live/json/terragrunt.hcl.json").write_text(text)
    assert "fail unit live/json" in verdicts(capsys, ".")


def test_a_unit_that_a_stack_has_made_has_its_values_beside(tree: Path, capsys: Capture) -> None:
    unit = 'terraform {\n  source = "../../modules/web"\n}\ninputs = {\n  ro = values.ro\n}\n'
    (tree / "live/prod/terragrunt.hcl").write_text(unit)
    (tree / "live/prod/terragrunt.values.hcl").write_text("ro = false\n")
    assert verdicts(capsys, ".") == ["fail unit live/prod", "pass unit live/dev"]


GIT_UNIT = 'terraform {{\n  source = "git::https://example.com/acme/infra.git//modules/web?ref=v1.0.0"\n}}\n{}'


@pytest.mark.parametrize("directory", [".", "live", "modules"])
def test_a_unit_may_run_another_version_of_a_module_of_the_tree(
    tree: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture, directory: str
) -> None:
    for name in ("prod", "dev"):
        (tree / "live" / name / "terragrunt.hcl").write_text(GIT_UNIT.format("inputs = { ro = false }\n"))
    monkeypatch.chdir(tree / directory)
    assert verdicts(capsys, str(tree / "live"), str(tree / "modules")) == ["unknown "]


def test_a_unit_that_sets_nothing_is_reported_if_its_module_is_of_the_tree(tree: Path, capsys: Capture) -> None:
    (tree / "live/dev/terragrunt.hcl").unlink()
    (tree / "live/prod/terragrunt.hcl").write_text(GIT_UNIT.format(""))
    main(["--format", "json", "."])
    report = json.loads(capsys.readouterr().out)
    assert [result["verdict"] for result in report["results"]] == ["pass"]
    assert [(item["path"], "may define containers" in item["message"]) for item in report["warnings"]] == [
        ("live/prod/terragrunt.hcl", True)
    ]


def test_only_the_version_of_a_source_is_unknown(tree: Path, capsys: Capture) -> None:
    for name in ("prod", "dev"):
        unit = tree / "live" / name / "terragrunt.hcl"
        unit.write_text(unit.read_text().replace('//web"', '//web?ref=${get_env("VERSION")}"'))
    assert verdicts(capsys, ".") == ["fail unit live/prod", "pass unit live/dev"]
