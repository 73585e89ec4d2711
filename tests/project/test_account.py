"""Test the messages about files without results."""

from __future__ import annotations

import io
import json
import time
from pathlib import Path
from typing import Any

import pytest

from ecs5lint.cli.main import main
from ecs5lint.files.workspace import Workspace
from ecs5lint.project.unread import unread

TASK_DEFINITION = '{"family": "web", "containerDefinitions": [{"name": "web", "image": "web"}]}'
COMMAND = "aws ecs register-task-definition --cli-input-json file://{}\n"


@pytest.fixture(autouse=True)
def _project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)


def write(files: dict[str, str]) -> None:
    for name, content in files.items():
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(content)


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, Any]]:
    code = main(["--format", "json", *arguments])
    return code, json.loads(capsys.readouterr().out)


def messages(entries: list[dict[str, Any]]) -> list[str]:
    return [f"{item['path']}: {item['message']}" for item in entries]


@pytest.mark.parametrize(
    ("name", "content", "cause"),
    [
        (
            "tfplan",
            "PK\x03\x04tfplan\0",
            "it looks like a binary Terraform plan: check the output of",
        ),
        ("app.zip", "PK\x03\x04app\0", "it looks like an archive"),
        ("said.txt", "TASKDEFINITION\tarn:aws:ecs\n", "it looks like text output of the AWS CLI: use --output json"),
        ("said.txt", f"{'-' * 40}\n|  Describe  |\n", "it looks like table output of the AWS CLI: use --output json"),
        ("said.txt", "\nAn error occurred (X) when calling\n", "it looks like an error message of the AWS CLI"),
        ("compose.yaml", "services:\n  web:\n    image: web\n", "it looks like a Compose file"),
        ("pod.yaml", "apiVersion: v1\nkind: Pod\n", "it looks like a Kubernetes manifest"),
        (
            "x.yaml",
            "Resources:\n  X:\n    Type: AWS::S3::Bucket\n",
            "it looks like a CloudFormation template without",
        ),
        ("x.tfstate", '{"serial": 1,\n "lineage": ""}', "it looks like a raw Terraform state: check the output of"),
        ("main.tf", 'resource "aws_s3_bucket" "x" {}\n', "its module has no ECS task definition"),
        ("main.py", "print()\n", "its format is not read"),
        ("run", "#!/bin/sh\n", "it looks like a script"),
        ("core", "\x7fELF\0\0", "it looks like a binary file"),
        ("empty.json", " \n", "it is empty"),
        (
            "x.json",
            '{"containerDefinition": []}',
            "it has the key containerDefinition (did you mean containerDe",
        ),
        ("x.json", '{"containerdefinitions": []}', "it has the key containerdefinitions (did you mean containerDef"),
        ("x.json", '{"containerCount": 1}', "it names no ECS task definition"),
    ],
)
def test_a_named_file_without_a_result(
    name: str, content: str, cause: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write({name: content})
    code, report = run(capsys, name)
    (message,) = messages(report["warnings"])
    assert code == 0
    assert message.startswith(f"{name}: nothing was checked: {cause}")
    assert run(capsys, ".")[1]["warnings"] == []
    assert run(capsys, "--changed", name)[1]["warnings"] == []
    if content.strip():
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content.encode())))
        code, report = run(capsys, "-")
        assert code == 2
        assert len(report["errors"]) == 1


def test_a_named_file_with_a_result(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    files = {"task.json": TASK_DEFINITION, "none.json": '{"family": "web", "containerDefinitions": []}'}
    write({**files, "modules/x.tf": "", "modules/main.tf": 'resource "aws_ecs_task_definition" "x" {}\n'})
    code, report = run(capsys, "task.json", "modules/x.tf")
    assert (code, report["warnings"]) == (1, [])
    assert messages(run(capsys, "none.json")[1]["warnings"]) == [
        "none.json: web has no container definitions, which Amazon ECS refuses"
    ]
    assert messages(run(capsys, "--exclude", "/task.*", "task.json", ".")[1]["warnings"])[1:] == [
        "task.json: skipped: excluded by /task.* in --exclude"
    ]
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(TASK_DEFINITION.encode())))
    code, report = run(capsys, "-")
    assert (code, report["warnings"], report["errors"]) == (1, [], [])


def test_an_empty_path_is_bad_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([""]) == 2
    assert "a path is empty" in capsys.readouterr().err


def test_a_changed_script_is_looked_at(capsys: pytest.CaptureFixture[str]) -> None:
    write({"deploy.sh": COMMAND.format("made.json"), "other.sh": COMMAND.format("made.json")})
    assert [item["path"] for item in run(capsys, "--changed", "deploy.sh")[1]["warnings"]] == ["deploy.sh"]
    write({"made.json": TASK_DEFINITION})
    assert run(capsys, "--changed", "deploy.sh")[1]["warnings"] == []
    write({".gitignore": "*.sh"})
    assert [item["path"] for item in run(capsys, ".")[1]["skipped"]] == ["deploy.sh", "other.sh"]


def test_a_hostile_file_takes_no_time() -> None:
    start = time.process_time()
    for text in (
        "register-task-definition" * 100_000,
        "action" * 300_000,
        "type:" * 300_000,
        "resource " * 200_000 + "aws_batch_job_definition",
        COMMAND.format("a") * 20_000,
        "# register-task-definition" + " " * 100_000 + "register-task-definition" * 10_000,
    ):
        list(unread("x.yaml", text.encode(), Workspace()))
    assert time.process_time() - start < 5


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("live/main.tf", 'module "web" {\n  source = "../web"\n}\n'),
        ("live/terragrunt.hcl", 'terraform {\n  source = "../web"\n}\n'),
    ],
)
def test_an_ignored_caller_is_skipped(name: str, content: str, capsys: pytest.CaptureFixture[str]) -> None:
    """It may set what a module that is checked leaves to its default, although it does not name ECS."""
    write({name: content, "web/main.tf": "", ".gitignore": "live/\n"})
    assert [item["path"] for item in run(capsys, ".")[1]["skipped"]] == ["live"]
    assert run(capsys, "--no-gitignore", ".")[1]["skipped"] == []
