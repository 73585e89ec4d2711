"""Check whole runs with results that are about no task definition."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import ecs5lint
from ecs5lint.cli.main import main
from ecs5lint.files.workspace import Workspace
from ecs5lint.reports import FORMATS
from ecs5lint.run import pipeline
from ecs5lint.run.pipeline import run
from ecs5lint.settings.settings import Settings

Capture = pytest.CaptureFixture[str]

TEMPLATE = """\
Resources:
  Web:
    Type: AWS::ECS::Service
    Properties:
      NetworkConfiguration:
        AwsvpcConfiguration: {AssignPublicIp: ENABLED}
  Main: {Type: AWS::ECS::Cluster}
"""
MODULE = """\
resource "aws_ecs_service" "web" {
  network_configuration {
    assign_public_ip = true
  }
}
"""
SERVICE = (
    '{"serviceName": "web", "taskDefinition": "web", '
    '"networkConfiguration": {"awsvpcConfiguration": {"assignPublicIp": "ENABLED"}}}'
)
FILES = {"web.yaml": TEMPLATE, "infra/main.tf": MODULE, "web.json": SERVICE}


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / "infra").mkdir()
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def report(capsys: Capture, *arguments: str) -> Any:
    main([*arguments, "--format", "json"])
    return json.loads(capsys.readouterr().out)


@pytest.mark.usefixtures("tree")
def test_services_alone_are_no_input_of_other_rules(capsys: Capture) -> None:
    for rule in ("ECS5", "ECS3", "ECS19"):
        found = report(capsys, "--select", rule)
        assert found["results"] == []
        assert found["summary"]["files"] == 0


@pytest.mark.usefixtures("tree")
def test_services_alone_are_checked_if_a_rule_asks_for_them(capsys: Capture) -> None:
    found = report(capsys, "--select", "ECS2")

    assert found["summary"]["resources"] == {"service": 3}
    assert {(result["location"]["path"], result["verdict"]) for result in found["results"]} == {
        (name, "fail") for name in FILES
    }
    for result in found["results"]:
        assert (result["task_definition"], result["container"]) == (None, None)
        assert result["resource"]["type"] == "service"


@pytest.mark.usefixtures("tree")
@pytest.mark.parametrize("format", sorted(FORMATS))
def test_every_report_has_them(format: str, capsys: Capture) -> None:
    assert main(["--select", "ECS2,ECS12", "--format", format]) == 1
    shown = capsys.readouterr().out

    assert "assign_public_ip" in shown
    assert "infra/main.tf" in shown


@pytest.mark.usefixtures("tree")
def test_the_function_returns_them() -> None:
    (result,) = ecs5lint.lint("web.yaml", select="ECS2").results

    assert result.task_definition is None
    assert (result.resource.type, result.resource.address) == ("service", "Web")


@pytest.mark.usefixtures("tree")
def test_a_baseline_records_them(capsys: Capture) -> None:
    arguments = ["--select", "ECS2", "--baseline", "baseline.json"]
    assert main([*arguments, "--write-baseline"]) == 0
    capsys.readouterr()

    assert report(capsys, *arguments)["summary"]["suppressed"] == 3


@pytest.mark.usefixtures("tree")
def test_changed_files_are_judged_alone() -> None:
    settings = Settings(select=("ECS2",))
    for name in FILES:
        found = run([name], Workspace(), settings, tree=["."])
        assert {result.location.path for result in found.results} == {name}


@pytest.mark.usefixtures("tree")
def test_processes_return_them(monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(4):
        Path(f"{number}.yaml").write_text(TEMPLATE)
        Path(f"{number}").mkdir()
        Path(f"{number}/main.tf").write_text(MODULE.replace('"aws_ecs_service"', '"awscc_ecs_cluster"'))
    settings = Settings(select=("ECS2", "ECS12"))
    alone = run(["."], Workspace(), settings)
    monkeypatch.setattr(pipeline, "ENOUGH_TO_SHARE", 2)

    shared = run(["."], Workspace(), settings, jobs=2)

    assert [item.message for item in shared.results] == [item.message for item in alone.results]
    assert shared.resources == alone.resources == {"service": 7, "cluster": 9}
