"""Test the SARIF report: the requirements of the schema and of GitHub, and the effect of hostile text."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes

import jsonschema
import pytest
from places import ROOT
from results import MAIN, TEXT, hostile, report, result, span, task_definition

from ecs5lint.cli.main import main
from ecs5lint.location import Failure, Source, Span
from ecs5lint.model.result import (
    FAIL,
    NOT_APPLICABLE,
    PASS,
    SUPPRESSED,
    SUPPRESSION_KINDS,
    UNKNOWN,
    Report,
    Suppression,
)
from ecs5lint.model.task_definition import Call
from ecs5lint.notices import Notice
from ecs5lint.reports import Options
from ecs5lint.reports.findings import UNKNOWN_REASONS
from ecs5lint.reports.sarif import render
from ecs5lint.rules import RULES
from ecs5lint.rules.explanation import explanation

SCHEMA = json.loads((Path(__file__).parent / "schemas" / "sarif-schema-2.1.0.json").read_text(encoding="utf-8"))


@pytest.fixture(autouse=True)
def _repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)


def run_of(of: Report, *, strict: bool = False) -> Any:
    """Return the run in the report, after validating it."""
    log = json.loads(render(of, Options(strict=strict)))
    jsonschema.Draft4Validator(SCHEMA).validate(log)
    (run,) = log["runs"]
    return run


def place(location: Any) -> tuple[str, tuple[int, int, int, int]]:
    """Return the file and the region of a location."""
    physical = location["physicalLocation"]
    region = physical["region"]
    at = tuple(region[key] for key in ("startLine", "startColumn", "endLine", "endColumn"))
    return physical["artifactLocation"]["uri"], at


@pytest.mark.parametrize(
    ("verdict", "reason", "strict", "level"),
    [
        (FAIL, "omitted", False, "error"),
        (UNKNOWN, "unresolved", False, "warning"),
        (UNKNOWN, "unresolved", True, "error"),
        (SUPPRESSED, "omitted", False, "error"),
        (SUPPRESSED, "unresolved", False, "warning"),
        (PASS, "true", False, None),
        (NOT_APPLICABLE, "windows", False, None),
    ],
)
def test_levels(verdict: str, reason: str, strict: bool, level: str | None) -> None:
    suppression = Suppression("comment", "why") if verdict == SUPPRESSED else None
    run = run_of(report(result(verdict, reason=reason, suppression=suppression)), strict=strict)
    assert [item["level"] for item in run["results"]] == ([level] if level else [])


def test_the_reasons_for_an_unknown_are_reasons() -> None:
    reasons = {reason for rule in RULES.values() for reason in rule.logic().REASONS}
    assert reasons > UNKNOWN_REASONS


def test_the_rule_is_described_by_its_text() -> None:
    run = run_of(report(result()))
    (rule,) = run["tool"]["driver"]["rules"]
    assert rule["id"] == "ECS5"
    assert explanation("ECS5").endswith(rule["help"]["markdown"] + "\n")
    assert rule["helpUri"] == RULES["ECS5"].page
    assert 7 <= float(rule["properties"]["security-severity"]) < 9
    # GitHub's limits.
    assert 0 < len(rule["name"]) <= 255
    assert all(0 < len(rule[key]["text"]) <= 1024 for key in ("shortDescription", "fullDescription"))
    assert "`" not in rule["fullDescription"]["text"]
    (item,) = run["results"]
    assert (item["ruleId"], item["ruleIndex"]) == ("ECS5", 0)


def test_places() -> None:
    call = Call("module.web", span(MAIN, "name"))
    without, having = run_of(
        report(
            result(resource=task_definition("a", call), container_index=0),
            result(value_location=span(MAIN, "var.ro"), container_index=0),
        )
    )["results"]
    # One line is enough: GitHub shows an alert only if all its lines changed.
    assert [place(item) for item in without["locations"]] == [("infra/main.tf", (3, 5, 3, 6))]
    assert [(item["message"]["text"], *place(item)) for item in without["relatedLocations"]] == [
        ("the task definition", "infra/main.tf", (1, 1, 1, 9)),
        ("the module call", "infra/main.tf", (4, 7, 4, 11)),
    ]
    assert without["message"]["text"].endswith("\nSee: [the task definition](1), [the module call](2).")
    assert [place(item) for item in having["locations"]] == [("infra/main.tf", (7, 28, 7, 34))]
    assert [(item["message"]["text"], *place(item)) for item in having["relatedLocations"]] == [
        ("the container", "infra/main.tf", (3, 5, 8, 6)),
        ("the task definition", "infra/main.tf", (1, 1, 1, 9)),
    ]


def test_columns_count_characters() -> None:
    source = Source("a.json", '{"😀é": false}', "json")
    run = run_of(report(result(location=span(source, "false"))))
    assert run["columnKind"] == "unicodeCodePoints"
    assert place(run["results"][0]["locations"][0])[1] == (1, 8, 1, 13)


def test_the_message_says_what_to_do() -> None:
    (item,) = run_of(report(result(when="var.live", remedy=("set it", "mount /tmp"))))["results"]
    first, *others = item["message"]["text"].splitlines()
    assert first == 'container "web" does not set it.'
    assert others[:2] == ["when: var.live", "fix: set it"]


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("infra/main.tf", "infra/main.tf"),
        ("a b/100%/ü#?[x].json", "a%20b/100%25/%C3%BC%23%3F%5Bx%5D.json"),
        ("c:d.json", "c%3Ad.json"),
        ("a\nb\x1b.json", "a%0Ab%1B.json"),
        ("a\udcff.json", "a%FF.json"),
        ("<stdin>", "%3Cstdin%3E"),
    ],
)
def test_paths(path: str, uri: str) -> None:
    (item,) = run_of(report(result(location=Span(Source(path, TEXT, "hcl"), 0, 1))))["results"]
    artifact = item["locations"][0]["physicalLocation"]["artifactLocation"]
    assert artifact == {"uri": uri, "uriBaseId": "%SRCROOT%"}
    assert unquote_to_bytes(artifact["uri"]) == os.fsencode(path)


def test_paths_are_from_the_root_of_the_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("repository/.git", "repository/infra", "repository/modules"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "repository/link").symlink_to("modules")
    monkeypatch.chdir(tmp_path / "repository" / "infra")
    paths = ("main.tf", "../modules/a.tf", "../link/a.tf", "../../other/x y.tf")
    items = run_of(report(*(result(location=Span(Source(path, TEXT, "hcl"), 0, 1)) for path in paths)))["results"]
    assert [item["locations"][0]["physicalLocation"]["artifactLocation"] for item in items] == [
        {"uri": "infra/main.tf", "uriBaseId": "%SRCROOT%"},
        {"uri": "modules/a.tf", "uriBaseId": "%SRCROOT%"},
        {"uri": "modules/a.tf", "uriBaseId": "%SRCROOT%"},
        {"uri": f"{tmp_path.resolve().as_uri()}/other/x%20y.tf"},
    ]


def test_fingerprints_survive_lines_moving() -> None:
    def of(text: str) -> list[str]:
        source = Source("a.tf", text, "hcl")
        of_both = [result(location=span(source, name), container=name) for name in ("web", "nginx")]
        return [item["partialFingerprints"]["ecs5lint/v1"] for item in run_of(report(*of_both))["results"]]

    assert of(TEXT) == of(f"\n\n{TEXT}")
    assert len(set(of(TEXT))) == 2


@pytest.mark.parametrize("kind", SUPPRESSION_KINDS)
def test_suppressions(kind: str) -> None:
    by = Suppression(kind, "is scratch", span(MAIN, "name"))
    covered, bare = run_of(report(result(SUPPRESSED, suppression=by), result()))["results"]
    (suppression,) = covered["suppressions"]
    assert suppression["kind"] == ("external" if kind in ("configuration", "baseline") else "inSource")
    assert suppression["justification"] == "is scratch"
    assert place(suppression["location"]) == ("infra/main.tf", (4, 7, 4, 11))
    # If one result has the property, all must have it.
    assert bare["suppressions"] == []


def test_errors_and_notices() -> None:
    failures = (Failure("is not valid HCL", "infra/main.tf", span(MAIN, "cpu")), Failure("cannot be read", "x.json"))
    run = run_of(report(failures=failures, notices=(Notice("covers nothing", "infra/main.tf", span(MAIN, "name")),)))
    (invocation,) = run["invocations"]
    assert invocation["executionSuccessful"] is False
    assert [
        (item["level"], item["message"]["text"], *place(item["locations"][0]))
        for item in invocation["toolExecutionNotifications"]
    ] == [
        ("error", "is not valid HCL", "infra/main.tf", (6, 7, 6, 10)),
        ("error", "cannot be read", "x.json", (1, 1, 1, 1)),
        ("warning", "covers nothing", "infra/main.tf", (4, 7, 4, 11)),
    ]
    assert run_of(report(result()))["invocations"][0]["executionSuccessful"] is True


def test_hostile_text() -> None:
    run = run_of(hostile())
    assert [item["level"] for item in run["results"]] == ["error", "warning", "error"]
    for item in run["results"]:
        text = item["message"]["text"]
        numbers = {location["id"] for location in item["relatedLocations"]}
        # The only links lead to related locations, which all exist.
        assert {int(target) for target in re.findall(r"\]\(([^)]*)\)", text)} == numbers
        assert not re.search(r"[\0-\x09\x0b-\x1f\u202e]", text)
    for uri in re.findall(r'"uri": "([^"]*)"', json.dumps(run)):
        assert re.fullmatch(r"[A-Za-z0-9._~/%-]+", uri)


def test_a_real_run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(ROOT)
    main(["fixtures", "--format", "sarif"])
    log = json.loads(capsys.readouterr().out)
    jsonschema.Draft4Validator(SCHEMA).validate(log)
    assert len(log["runs"][0]["results"]) > 100


def test_one_place_is_one_alert_with_its_callers() -> None:
    calls = [Call(f"module.{name}", span(MAIN, "resource")) for name in "ab"]
    many = [result(resource=task_definition(f"{call.name}.x", call), remedy=(call.name,)) for call in calls]
    (alert,) = run_of(report(*many))["results"]
    assert alert["message"]["text"].splitlines()[1:3] == [
        "fix for module.a.x: module.a",
        "fix for module.b.x: module.b",
    ]
