"""Test the GitLab Code Quality report."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from results import MAIN, hostile, report, result, span, task_definition

from ecs5lint.location import Failure
from ecs5lint.model.result import FAIL, NOT_APPLICABLE, PASS, SUPPRESSED, UNKNOWN, Report, Suppression
from ecs5lint.notices import Notice
from ecs5lint.reports import Options
from ecs5lint.reports.gitlab import render


@pytest.fixture(autouse=True)
def _repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)


def issues(of: Report, *, strict: bool = False) -> Any:
    """Return the issues in the report, after checking that each has the fields that GitLab requires."""
    found = json.loads(render(of, Options(strict=strict)))
    for issue in found:
        assert set(issue) == {"description", "check_name", "fingerprint", "severity", "location"}
        assert issue["severity"] in ("info", "minor", "major", "critical", "blocker")
        assert issue["location"]["lines"]["begin"] >= 1
    assert len({issue["fingerprint"] for issue in found}) == len(found)
    return found


@pytest.mark.parametrize(
    ("verdict", "strict", "severities"),
    [
        (FAIL, False, ["critical"]),
        (UNKNOWN, False, ["minor"]),
        (UNKNOWN, True, ["critical"]),
        (PASS, False, []),
        (NOT_APPLICABLE, False, []),
        (SUPPRESSED, False, []),
    ],
)
def test_severities(verdict: str, strict: bool, severities: list[str]) -> None:
    suppression = Suppression("comment", "why") if verdict == SUPPRESSED else None
    found = issues(report(result(verdict, suppression=suppression)), strict=strict)
    assert [issue["severity"] for issue in found] == severities


def test_a_finding() -> None:
    (issue,) = issues(report(result(value_location=span(MAIN, "var.ro"), remedy=("set it", "mount /tmp"))))
    assert issue["location"] == {"path": "infra/main.tf", "lines": {"begin": 7}}
    assert issue["check_name"] == "ECS5"
    assert issue["description"] == 'container "web" does not set it; fix: set it'


def test_errors_and_notices() -> None:
    failure, notice = Failure("cannot be read", "a.json"), Notice("covers nothing", "infra/main.tf", span(MAIN, "cpu"))
    found = issues(report(failures=(failure, failure), notices=(notice,)))
    assert [(issue["severity"], issue["location"]["path"], issue["location"]["lines"]["begin"]) for issue in found] == [
        ("critical", "a.json", 1),
        ("critical", "a.json", 1),
        ("minor", "infra/main.tf", 6),
    ]


def test_hostile_text() -> None:
    found = issues(hostile())
    assert len(found) == 6
    for text in (text for issue in found for text in (issue["description"], issue["location"]["path"])):
        assert not re.search(r"[\0-\x1f\x85\u2028\u202e\ud800]", text)


def test_one_place_is_one_issue() -> None:
    many = [result(resource=task_definition(f"module.web[{index}].x")) for index in range(20)]
    assert len(issues(report(*many, result(message="another")))) == 2
