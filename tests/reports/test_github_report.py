"""Test GitHub annotations, by parsing the log as the runner does."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import pytest
from results import HOSTILE, MAIN, TEXT, hostile, report, result, span, task_definition

from ecs5lint.location import Failure, Source, Span
from ecs5lint.model.result import NOT_APPLICABLE, PASS, SUPPRESSED, UNKNOWN, Report, Suppression
from ecs5lint.notices import Notice
from ecs5lint.reports import Options
from ecs5lint.reports.findings import printable
from ecs5lint.reports.github import render


@pytest.fixture(autouse=True)
def _repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)


class Command(NamedTuple):
    name: str
    properties: dict[str, str]
    message: str


def log(of: Report, *, strict: bool = False) -> tuple[list[Command], list[str]]:
    """Return the commands in the report, and the other lines.

    The runner's parser: https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs.
    """
    commands, others = [], []
    for line in re.split(r"\r\n|\r|\n", render(of, Options(strict=strict)))[:-1]:
        command = re.fullmatch(r"\s*::([^ ]*)(?: (.*?))?::(.*)", line)
        if command:
            name, properties, message = command.groups()
            pairs = dict(pair.split("=", 1) for pair in properties.split(","))
            commands.append(Command(name, {key: decoded(text) for key, text in pairs.items()}, decoded(message)))
        else:
            others.append(line)
    return commands, others


def decoded(text: str) -> str:
    codes = {"%0D": "\r", "%0A": "\n", "%3A": ":", "%2C": ",", "%25": "%"}
    return re.sub("|".join(codes), lambda match: codes[match[0]], text)


@pytest.mark.parametrize(
    ("of", "expected"),
    [
        (
            result(remedy=("set it",)),
            Command(
                "error",
                {"file": "infra/main.tf", "line": "3", "endLine": "3", "col": "5", "endColumn": "6", "title": "ECS5"},
                'infra/main.tf:3:5: container "web" does not set it\nfix: set it',
            ),
        ),
        (
            result(UNKNOWN, value_location=span(MAIN, "var.ro")),
            Command(
                "warning",
                {"file": "infra/main.tf", "line": "7", "endLine": "7", "col": "28", "endColumn": "34", "title": "ECS5"},
                'infra/main.tf:3:5: container "web" does not set it',
            ),
        ),
    ],
)
def test_a_finding(of: object, expected: Command) -> None:
    commands, others = log(report(of))  # type: ignore[arg-type]
    assert commands == [expected]
    assert others[0] == "Found 1 problem in 1 file"


def test_what_is_suppressed_is_a_notice() -> None:
    suppressed = result(SUPPRESSED, suppression=Suppression("comment", "a reason"))
    (command,), _ = log(report(suppressed, result(SUPPRESSED, suppression=Suppression("baseline", "on record"))))
    assert command.name == "notice"
    assert command.message == 'infra/main.tf:3:5: suppressed (comment): a reason: container "web" does not set it'


def test_what_is_no_finding_is_counted_only() -> None:
    suppressed = result(SUPPRESSED, suppression=Suppression("baseline", "on record"))
    clean = report(result(PASS), result(NOT_APPLICABLE), suppressed)
    summary = "1 file, 1 task definition, 3 containers: 1 pass, 0 fail, 0 unknown, 1 not applicable, 1 suppressed"
    assert log(clean) == ([], ["suppressed by the baseline: 1 finding", summary])


def test_errors_come_first() -> None:
    mixed = report(
        result(UNKNOWN),
        result(message="another"),
        failures=(Failure("cannot be read", "a.json"),),
        notices=(Notice("covers nothing", "infra/main.tf", span(MAIN, "name")),),
    )
    assert [command.name for command in log(mixed)[0]] == ["error", "error", "warning", "warning"]
    assert [command.name for command in log(mixed, strict=True)[0]] == ["error", "error", "error", "warning"]


def test_one_place_is_annotated_once() -> None:
    many = [result(resource=task_definition(f"module.web[{index}].x")) for index in range(20)]
    assert len(log(report(*many))[0]) == 1


def test_paths_are_from_the_root_of_the_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "infra").mkdir()
    monkeypatch.chdir(tmp_path / "infra")
    (command,), _ = log(report(result(location=Span(Source("main.tf", TEXT, "hcl"), 0, 1))))
    assert command.properties["file"] == "infra/main.tf"
    assert command.message.startswith("main.tf:1:1: ")


def test_hostile_text() -> None:
    commands, others = log(hostile())
    assert [command.name for command in commands] == [
        "error",
        "error",
        "error",
        "warning",
        "warning",
        "warning",
        "notice",
    ]
    assert others == [
        f"skipped: 1 {printable(HOSTILE)}",
        "Found 4 problems in 2 files (1 container)",
        "1 file, 1 task definition, 3 containers: 0 pass, 1 fail, 1 unknown, 1 suppressed, 2 errors",
    ]
    for command in commands:
        assert set(command.properties) == {"file", "line", "endLine", "col", "endColumn", "title"}
        assert command.properties["title"] in ("ECS5", "ecs5lint")
        assert printable(HOSTILE) in command.message
    assert not re.search(r"##\[|[\0-\x09\x0b-\x1f\x85\u2028\u202e]", render(hostile(), Options()))
