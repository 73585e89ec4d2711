"""Check that a run reads each Terraform module once: discovery, --changed and the parser share the call graph."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from ecs5lint.files.workspace import Workspace
from ecs5lint.location import Failure, Source
from ecs5lint.parsers.terraform.syntax.blocks import Item, read_file
from ecs5lint.run import pipeline
from ecs5lint.settings.settings import Settings

TASK = """
variable "read_only" {}

resource "aws_ecs_task_definition" "web" {
  family                = "web"
  container_definitions = jsonencode([{ name = "web", image = "web", readonlyRootFilesystem = var.read_only }])
}
"""
FILES = {
    "task/main.tf": TASK,
    "service/main.tf": 'module "task" {\n  source    = "../task"\n  read_only = true\n}\n',
    "live/main.tf": 'module "service" {\n  source = "../service"\n}\n',
    "other/main.tf": 'module "name" {\n  source = "../name"\n}\n',
    "name/main.tf": 'output "name" {\n  value = "web"\n}\n',
    "unit/terragrunt.hcl": 'terraform {\n  source = "../service"\n}\n',
}


@pytest.fixture(autouse=True)
def _tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(("paths", "tree"), [((".",), None), (("task/main.tf",), (".",))])
def test_a_run_reads_each_module_once(
    paths: tuple[str, ...], tree: tuple[str, ...] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads: Counter[str] = Counter()

    def counted(source: Source) -> tuple[list[Item], list[Failure]]:
        reads[source.path] += 1
        return read_file(source)

    monkeypatch.setattr("ecs5lint.parsers.terraform.modules.configuration.read_file", counted)
    report = pipeline.run(paths, Workspace(paths), Settings(), tree=tree)

    assert [result.verdict for result in report.results] == ["pass", "pass"]
    # A module without calls that does not name ECS is not parsed.
    assert reads == {"task/main.tf": 1, "service/main.tf": 1, "live/main.tf": 1, "other/main.tf": 1}
