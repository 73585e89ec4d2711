"""Find the source of what is registered."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from fake_aws import ACCOUNT, FakeAws, registered

from ecs5lint.cli.main import main

pytest.importorskip("boto3")

pytestmark = pytest.mark.usefixtures("aws_credentials")

Capture = pytest.CaptureFixture[str]
Origin = tuple[str, list[str], "str | None"]

WRITABLE: list[dict[str, Any]] = [{"name": "app", "image": "nginx", "readonlyRootFilesystem": False}]
READONLY: list[dict[str, Any]] = [{"name": "app", "image": "nginx", "readonlyRootFilesystem": True}]

NO_SOURCE = None


def terraform(family: str, value: str = "true", name: str = "app", more: str = "") -> str:
    return f"""\
resource "aws_ecs_task_definition" "{name}" {{
  family = {family}
  {more}
  container_definitions = jsonencode([{{
    name                   = "app"
    readonlyRootFilesystem = {value}
  }}])
}}
"""


def origins(
    capsys: Capture, families: dict[str, list[dict[str, Any]]], tags: dict[str, str] | None = None, code: int = 1
) -> dict[str, Any]:
    """Return the origin of each family, for the files in the working directory."""
    with FakeAws(families).running() as aws:
        described = [{"key": key, "value": value} for key, value in (tags or {}).items()]
        aws.answers["DescribeTaskDefinition"] = lambda given: {
            "taskDefinition": registered(given["taskDefinition"], families[given["taskDefinition"]]),
            **({"tags": described} if given["include"] == ["TAGS"] else {}),
        }
        assert main(["--live", "--endpoint-url", aws.url, "--format", "json", "."]) == code
    report = json.loads(capsys.readouterr().out)
    found = {}
    for item in report["results"]:
        origin = item["live"]["origin"]
        if origin:
            places = [f"{place['path']}:{place['line']}" for place in origin["locations"]]
            origin = (origin["matched_by"], places, origin["verdict"], origin["conclusion"])
        found[item["live"]["name"]] = origin
    return found


def test_a_literal_family(capsys: Capture) -> None:
    Path("main.tf").write_text(terraform('"web"') + terraform('"api"', "false", "api") + terraform('"new"', name="new"))
    assert origins(capsys, {"web": WRITABLE, "api": WRITABLE, "new": READONLY, "other": WRITABLE}) == {
        "web": ("family", ["main.tf:6"], "pass", "the source passes: it is not deployed yet"),
        "api": ("family", ["main.tf:14"], "fail", "the source fails too"),
        "new": ("family", ["main.tf:22"], "pass", "the verdict of the source is pass"),
        "other": NO_SOURCE,
    }


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("main.tf", terraform('"${var.env}-web"') + 'variable "env" {}\n'),
        ("main.tf", terraform('"${var.env}-web"') + 'variable "env" { default = "dev" }\n'),
        ("main.tf", terraform('join("-", [var.env, "web"])') + 'variable "env" { default = "dev" }\n'),
        (
            "stack.yaml",
            (
                "Parameters: {Env: {Type: String, Default: dev}}\n"
                "Resources:\n"
                "  Web:\n"
                "    Type: AWS::ECS::TaskDefinition\n"
                "    Properties:\n"
                '      Family: !Sub "${Env}-web"\n'
                "      ContainerDefinitions: [{Name: app, ReadonlyRootFilesystem: true}]\n"
            ),
        ),
    ],
)
def test_a_pattern_of_the_family(name: str, text: str, capsys: Capture) -> None:
    Path(name).write_text(text)
    found = origins(capsys, {"prod-web": WRITABLE, "web": WRITABLE, "prod-api": WRITABLE})
    assert found.pop("prod-web")[0] == "a pattern of the family"
    assert set(found.values()) == {NO_SOURCE}


def test_a_family_that_may_be_anything_is_no_pattern(capsys: Capture) -> None:
    Path("main.tf").write_text(terraform("var.family") + 'variable "family" {}\n')
    assert origins(capsys, {"web": WRITABLE}) == {"web": NO_SOURCE}


def test_several_sources_are_ambiguous(capsys: Capture) -> None:
    for name in ("one", "two"):
        Path(name).mkdir()
        Path(name, "main.tf").write_text(terraform('"web"'))
    assert origins(capsys, {"web": WRITABLE}) == {
        "web": ("family", ["one/main.tf:1", "two/main.tf:1"], None, "it may be any of these")
    }


def test_a_module_with_several_callers_is_known_by_the_family(capsys: Capture) -> None:
    Path("module").mkdir()
    Path("module", "main.tf").write_text(
        terraform('"${var.env}-web"', "var.ro") + 'variable "env" {}\nvariable "ro" {}\n'
    )
    Path("main.tf").write_text(
        'module "dev" {\n  source = "./module"\n  env = "dev"\n  ro = true\n}\n'
        'module "prod" {\n  source = "./module"\n  env = "prod"\n  ro = false\n}\n'
    )
    found = origins(capsys, {"dev-web": WRITABLE, "prod-web": WRITABLE})
    assert [origin[2] for origin in found.values()] == ["pass", "fail"]


def test_tags(capsys: Capture) -> None:
    tag = 'tags = { yor_trace = "1234" }'
    Path("main.tf").write_text(terraform('"a"', more=tag) + terraform('"web"', "false", "other"))
    assert origins(capsys, {"web": WRITABLE}, {"yor_trace": "1234"}) == {
        "web": ("tags", ["main.tf:6"], "pass", "the source passes: it is not deployed yet")
    }
    assert origins(capsys, {"web": WRITABLE}, {"yor_trace": "5678"})["web"][0] == "family"


def test_a_state(capsys: Capture) -> None:
    Path("main.tf").write_text(terraform("var.family") + 'variable "family" {}\n')
    arn = f"arn:aws:ecs:eu-west-1:{ACCOUNT}:task-definition/web:1"
    attributes = {"family": "web", "arn": arn, "revision": 1, "container_definitions": json.dumps(WRITABLE)}
    resource = {
        "address": "aws_ecs_task_definition.app",
        "mode": "managed",
        "type": "aws_ecs_task_definition",
        "name": "app",
        "values": attributes,
    }
    state = {
        "format_version": "1.0",
        "terraform_version": "1.9.0",
        "values": {"root_module": {"resources": [resource]}},
    }
    expected = {"web": ("the Terraform state", ["main.tf:6"], "pass", "the source passes: it is not deployed yet")}
    Path("state.json").write_text(json.dumps(state))
    assert origins(capsys, {"web": WRITABLE}) == expected
    Path("states").mkdir()
    Path("state.json").rename("states/state.json")
    assert origins(capsys, {"web": WRITABLE}) == expected


def test_a_source_that_cannot_be_read_is_an_error(capsys: Capture) -> None:
    Path("web.json").write_text('{"family": "web", "containerDefinitions": [}')
    assert origins(capsys, {"web": READONLY}, code=2) == {"web": NO_SOURCE}


def test_reports_point_at_the_source(capsys: Capture) -> None:
    Path("main.tf").write_text(terraform('"web"', "false"))
    with FakeAws({"web": WRITABLE}).running() as aws:
        arguments = ["--live", "--endpoint-url", aws.url, "."]
        main(arguments)
        said = "source: main.tf:6:30 (aws_ecs_task_definition.app), by family: the source fails too"
        assert f"= {said}" in capsys.readouterr().out
        main([*arguments, "-f", "sarif"])
        (result,) = json.loads(capsys.readouterr().out)["runs"][0]["results"]
        assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "main.tf"
        assert result["locations"][0]["physicalLocation"]["region"]["startLine"] == 6
        main([*arguments, "-f", "github"])
        assert "::error file=main.tf,line=6," in capsys.readouterr().out
