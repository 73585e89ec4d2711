"""Test plans and states beyond the fixtures."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ecs5lint.files.workspace import Workspace
from ecs5lint.parsers import Parsed
from ecs5lint.parsers.terraform import plan
from ecs5lint.settings.settings import Settings
from ecs5lint.values.kinds import Known, Unknown


def parsed(text: str, directory: Path, monkeypatch: pytest.MonkeyPatch) -> Parsed:
    monkeypatch.chdir(directory)
    (directory / "plan.json").write_text(text)
    return plan.parse(["plan.json"], Workspace(), Settings())


def change(after: Any, **more: Any) -> str:
    resource = {"address": "aws_ecs_task_definition.a", "mode": "managed", "type": "aws_ecs_task_definition"}
    return json.dumps({"format_version": "1.2", "resource_changes": [{**resource, "change": {"after": after, **more}}]})


@pytest.mark.parametrize("text", ["[]", "null", "1", "{}", '{"resource_changes": 1}', '{"resource_changes": [1, {}]}'])
def test_what_is_not_a_plan_has_nothing(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = parsed(text, tmp_path, monkeypatch)
    assert (found.task_definitions, found.failures, found.notices) == ([], [], [])


def test_a_broken_plan_is_a_failure_with_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = parsed('{"format_version": "1.2",\n]', tmp_path, monkeypatch)
    assert [failure.position for failure in found.failures] == [(2, 1)]


@pytest.mark.parametrize("after", [{}, {"container_definitions": None}, {"container_definitions": "[]"}])
def test_no_containers(after: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (found,) = parsed(change(after), tmp_path, monkeypatch).task_definitions
    assert (found.containers, found.unresolved) == ((), ())


def test_containers_that_are_not_json_are_unresolved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (found,) = parsed(change({"container_definitions": "[{"}), tmp_path, monkeypatch).task_definitions
    assert "not valid JSON" in found.unresolved[0].unknown.reason


def test_escapes_in_the_text_keep_their_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    containers = json.dumps([{"name": "\N{GRINNING FACE} \u2028\\", "readonlyRootFilesystem": True}])
    (found,) = parsed(change({"container_definitions": containers}), tmp_path, monkeypatch).task_definitions
    (container,) = found.containers
    value = container.boolean("readonlyRootFilesystem")[0].value
    assert container.name == "\N{GRINNING FACE} \u2028\\"
    assert isinstance(value, Known)
    assert value.value is True
    assert value.span is not None
    assert value.span.text == "true"


@pytest.mark.parametrize("unknown", [True, [{"operating_system_family": True}]])
def test_an_operating_system_known_after_the_apply(
    unknown: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = change({"runtime_platform": [{}]}, after_unknown={"runtime_platform": unknown})
    (found,) = parsed(text, tmp_path, monkeypatch).task_definitions
    assert isinstance(found.operating_system_family, Unknown)


def test_a_place_in_the_configuration_needs_the_whole_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "main.tf").write_text('module "web" {\n  source = "somewhere/else/aws"\n}\n')
    text = change({"container_definitions": "[]"}).replace(
        "aws_ecs_task_definition.a", 'module.web[\\"x.y\\"].module.b.aws_ecs_task_definition.a'
    )
    (found,) = parsed(text, tmp_path, monkeypatch).task_definitions
    assert [(call.name, call.span.line) for call in found.via] == [('module.web["x.y"]', 1)]
