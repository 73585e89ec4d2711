"""Test the selection of inputs for changed files."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml
from places import FIXTURES
from test_fixtures import FOLDERS

from ecs5lint.cli.main import main
from ecs5lint.files.workspace import MAX_FILE_SIZE

TASK_DEFINITION = '{"family": "web", "containerDefinitions": [{"name": "web", "image": "web"}]}'
CONTAINERS = '[{"name": "web", "image": "web", "essential": true}]'
MODULE = 'resource "aws_ecs_task_definition" "web" {{\n  container_definitions = {}\n}}\n'
VARIABLE = 'variable "name" {\n  default = "web"\n}\n'
CALL = 'module "web" {{\n  source = "{}"\n}}\n'
TEMPLATE = (
    "Resources:\n  Web:\n    Type: AWS::ECS::TaskDefinition\n    Properties: {ContainerDefinitions: [{Name: web}]}\n"
)
NESTING = "Resources:\n  Web:\n    Type: AWS::CloudFormation::Stack\n    Properties: {{TemplateURL: {}}}\n"
INCLUDING = """\
Resources:
  Web:
    Type: AWS::ECS::TaskDefinition
    Properties:
      Fn::Transform: {{Name: AWS::Include, Parameters: {{Location: {}}}}}
"""


@pytest.fixture
def report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Return a function that writes a tree, runs on some of its files, and returns the checked task definitions."""
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)

    def run(files: dict[str, str], *arguments: str) -> list[str]:
        for name, content in files.items():
            Path(name).parent.mkdir(parents=True, exist_ok=True)
            Path(name).write_text(content)
        main(["--format", "json", "--changed", *arguments])
        found = json.loads(capsys.readouterr().out)
        assert not found["errors"]
        return [" > ".join(_paths(result)) for result in found["results"]]

    return run


def _paths(result: dict[str, Any]) -> list[str]:
    """Return the positions of a task definition and of the calls that lead to it."""
    return [place["path"] for place in (*result["via"], result["task_definition"])]


@pytest.mark.parametrize(
    ("files", "changed", "judged"),
    [
        # An input by itself.
        ({"a.json": TASK_DEFINITION, "b.json": TASK_DEFINITION}, "a.json", ["a.json"]),
        ({"a.yaml": TEMPLATE, "b.yaml": TEMPLATE}, "b.yaml", ["b.yaml"]),
        ({".devcontainer.json": '{"name": "dev", "image": "ubuntu"}'}, ".devcontainer.json", []),
        # A module, by its files and by its variable files.
        ({"a/main.tf": MODULE.format(CONTAINERS), "b/main.tf": MODULE.format(CONTAINERS)}, "a/main.tf", ["a/main.tf"]),
        ({"a/main.tf": MODULE.format(CONTAINERS), "a/outputs.tf": ""}, "a/outputs.tf", ["a/main.tf"]),
        ({"a/main.tf": MODULE.format(CONTAINERS), "a/terraform.tfvars": ""}, "a/terraform.tfvars", ["a/main.tf"]),
        ({"a/main.tf": MODULE.format(CONTAINERS), "a/env/live.tfvars": ""}, "a/env/live.tfvars", ["a/main.tf"]),
        # A module that other modules call, directly and indirectly.
        (
            {"main.tf": CALL.format("./web"), "web/main.tf": MODULE.format(CONTAINERS)},
            "web/main.tf",
            ["main.tf > web/main.tf"],
        ),
        (
            {
                "live/main.tf": CALL.format("../web"),
                "web/main.tf": MODULE.format("module.web.containers") + CALL.format("../names"),
                "names/main.tf": f'output "containers" {{\n  value = <<EOT\n{CONTAINERS}\nEOT\n}}\n',
                "other/main.tf": MODULE.format(CONTAINERS),
            },
            "names/main.tf",
            ["live/main.tf > web/main.tf"],
        ),
        # A file that a module reads, at any path and with any spelling of its name.
        (
            {"infra/main.tf": MODULE.format('file("${path.module}/../tasks/web.json")'), "tasks/web.json": CONTAINERS},
            "tasks/web.json",
            ["infra/main.tf"],
        ),
        (
            {
                "a/main.tf": MODULE.format('templatefile("${path.module}/web.tpl", {})'),
                "a/web.tpl": CONTAINERS,
                "b/main.tf": MODULE.format('templatefile("${path.module}/web.tpl", {})'),
                "b/web.tpl": CONTAINERS,
            },
            "a/web.tpl",
            ["a/main.tf"],
        ),
        (
            {"main.tf": MODULE.format('file("tasks/${var.name}.json")') + VARIABLE, "tasks/web.json": CONTAINERS},
            "tasks/web.json",
            ["main.tf"],
        ),
        (
            {"main.tf": MODULE.format('file(format("%s/web.json", path.module))'), "web.json": CONTAINERS},
            "web.json",
            ["main.tf"],
        ),
        (
            {
                "main.tf": MODULE.format("file(var.name)") + VARIABLE,
                "terraform.tfvars": 'name = "web.json"',
                "web.json": CONTAINERS,
            },
            "web.json",
            ["main.tf"],
        ),
        (
            {"infra/main.tf": MODULE.format('file("${path.root}/../tasks/web.json")'), "tasks/web.json": CONTAINERS},
            "tasks/web.json",
            ["infra/main.tf"],
        ),
        (
            {"a b/main.tf": MODULE.format('file("${path.module}/c d/é.json")'), "a b/c d/é.json": CONTAINERS},
            "a b/c d/é.json",
            ["a b/main.tf"],
        ),
        # Settings that don't mention ECS, and settings of other tools.
        (
            {
                "main.tf": MODULE.format('jsonencode([{name = "a", hard = jsondecode(file("a/b/s.json")).hard}])'),
                "a/b/s.json": '{"hard": false}',
            },
            "a/b/s.json",
            ["main.tf"],
        ),
        ({"main.tf": MODULE.format(CONTAINERS), "package.json": "{}"}, "package.json", []),
        # A stack: its nested and included templates, at any depth.
        ({"a.yaml": NESTING.format("b/web.yaml"), "b/web.yaml": TEMPLATE}, "a.yaml", ["a.yaml > b/web.yaml"]),
        ({"a.yaml": NESTING.format("b/web.yaml"), "b/web.yaml": TEMPLATE}, "b/web.yaml", ["a.yaml > b/web.yaml"]),
        (
            {
                "live/a.yaml": NESTING.format("../b.yaml"),
                "b.yaml": NESTING.format("./c/c.yaml"),
                "c/c.yaml": INCLUDING.format("web.yaml"),
                "c/web.yaml": "ContainerDefinitions: [{Name: web}]\n",
            },
            "c/web.yaml",
            ["live/a.yaml > b.yaml > c/c.yaml"],
        ),
    ],
)
def test_what_a_file_belongs_to(report: Any, files: dict[str, str], changed: str, judged: Sequence[str]) -> None:
    assert report(files, changed) == judged


def test_values_given_for_everything(report: Any) -> None:
    files = {
        "a/main.tf": MODULE.format(CONTAINERS),
        "b.yaml": TEMPLATE,
        "live.tfvars": "",
        "live.json": "[]",
    }
    assert report(files, "live.tfvars") == []
    assert report(files, "live.tfvars", "--var-file", "live.tfvars") == ["a/main.tf", "b.yaml"]
    assert report(files, "live.json", "--parameters-file", "./live.json") == ["a/main.tf", "b.yaml"]


def test_exclusions_hold(report: Any) -> None:
    assert report({"a.json": TASK_DEFINITION}, "a.json", "--exclude", "a.json") == []
    assert report({"ecs5lint.toml": 'paths = ["b"]\n', "b/b.json": TASK_DEFINITION}, "a.json", "b/b.json") == [
        "b/b.json"
    ]


def test_it_is_run_at_the_root(report: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    report({"infra/main.tf": MODULE.format(CONTAINERS)}, "infra/main.tf")
    monkeypatch.chdir("infra")
    assert main(["--changed", "main.tf"]) == 2


def test_what_the_configuration_extracts(report: Any) -> None:
    extract = "[[extract]]\nfiles = ['*.yml']\npath = '$.apps.*'\n"
    assert report({"ecs5lint.toml": extract, "a.yml": "apps: {a: [{name: a}]}"}, "a.yml") == ["a.yml"]


def test_what_is_wrong_elsewhere_is_not_said(report: Any) -> None:
    report({"large.json": TASK_DEFINITION + " " * MAX_FILE_SIZE, "a.json": TASK_DEFINITION}, "a.json")


@pytest.mark.parametrize("arguments", [["--changed"], ["--changed", "-"], ["--changed", "none.json"]])
def test_there_must_be_files(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.relative_to(FIXTURES).as_posix())
def test_it_says_what_a_run_on_everything_says(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tree = tmp_path / "tree"
    shutil.copytree(folder, tree, symlinks=True)
    (tree / "expected.yaml").unlink()
    (tree / ".git").mkdir()
    monkeypatch.chdir(tree)
    expected = yaml.safe_load((folder / "expected.yaml").read_text())
    for name, value in expected.get("environment", {}).items():
        monkeypatch.setenv(name, value)
    # Paths are omitted here, so that everything is checked.
    given = [item for item in expected.get("args", []) if item.startswith("-") or not item.endswith("plan.json")]
    arguments = ["--format", "json", *given]
    main(arguments)
    whole = json.loads(capsys.readouterr().out)["results"]
    files = [os.path.relpath(path) for path in tree.rglob("*") if path.is_file() and not path.is_symlink()]
    seen = []
    for file in files:
        main([*arguments, "--changed", file])
        results = json.loads(capsys.readouterr().out)["results"]
        assert all(result in whole for result in results), file
        seen += results
    assert all(result in seen for result in whole)
