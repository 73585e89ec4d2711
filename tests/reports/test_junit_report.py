"""Test the JUnit report, with an XML parser."""

from __future__ import annotations

from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest
from results import MAIN, hostile, report, result, span

from ecs5lint.location import Failure
from ecs5lint.model.result import FAIL, NOT_APPLICABLE, PASS, SUPPRESSED, UNKNOWN, Report, Suppression
from ecs5lint.reports import Options
from ecs5lint.reports.junit import render


def cases(of: Report, *, strict: bool = False) -> list[Element]:
    """Return the test cases in the report, after checking its counts."""
    root = ElementTree.fromstring(render(of, Options(strict=strict)).encode())
    (suite,) = root.findall("testsuite")
    found = suite.findall("testcase")
    counts = {"tests": len(found)}
    counts |= {f"{name}s": len(suite.findall(f"testcase/{name}")) for name in ("failure", "error")}
    assert {name: int(root.attrib[name]) for name in counts} == counts
    assert {name: int(suite.attrib[name]) for name in counts} == counts
    assert int(suite.attrib["skipped"]) == len(suite.findall("testcase/skipped"))
    names = {(case.get("classname"), case.get("name")) for case in found}
    assert len(names) == len(found)
    return found


@pytest.mark.parametrize(
    ("verdict", "strict", "children"),
    [
        (PASS, False, []),
        (FAIL, False, ["failure"]),
        (UNKNOWN, False, ["skipped"]),
        (UNKNOWN, True, ["failure"]),
        (NOT_APPLICABLE, True, ["skipped"]),
        (SUPPRESSED, True, ["skipped"]),
    ],
)
def test_verdicts(verdict: str, strict: bool, children: list[str]) -> None:
    suppression = Suppression("comment", "why") if verdict == SUPPRESSED else None
    (case,) = cases(report(result(verdict, suppression=suppression)), strict=strict)
    assert [child.tag for child in case] == children


def test_a_finding() -> None:
    (case,) = cases(report(result(container="web", container_index=0, remedy=("set it", "mount /tmp"))))
    assert case.attrib == {
        "classname": "infra/main.tf",
        "name": "aws_ecs_task_definition.web web",
        "file": "infra/main.tf",
        "time": "0",
    }
    (failure,) = case
    assert failure.attrib == {"message": 'container "web" does not set it', "type": "omitted"}
    assert failure.text == 'infra/main.tf:3:5: container "web" does not set it\nfix: set it\nfix: mount /tmp'


def test_names() -> None:
    of = report(
        result(container="web", container_index=0),
        result(container="web", container_index=1),
        result(container_index=2),
        result(),
    )
    assert [case.get("name") for case in cases(of)] == [
        "aws_ecs_task_definition.web web",
        "aws_ecs_task_definition.web web #2",
        "aws_ecs_task_definition.web [2]",
        "aws_ecs_task_definition.web container definitions",
    ]


def test_a_suppression_says_why() -> None:
    (case,) = cases(report(result(SUPPRESSED, suppression=Suppression("checkov", "is scratch"))))
    assert case[0].get("message") == "suppressed (checkov): is scratch"
    assert case[0].text == 'infra/main.tf:3:5: container "web" does not set it'


def test_errors() -> None:
    failures = (Failure("is not HCL", "infra/main.tf", span(MAIN, "cpu")), Failure("cannot be read", "a.json"))
    first, second = cases(report(failures=failures))
    assert (first.get("name"), first[0].tag, first[0].get("message")) == (
        "read infra/main.tf:6:7",
        "error",
        "is not HCL",
    )
    assert second[0].text == "a.json: cannot be read"


def test_hostile_text() -> None:
    assert [child.tag for case in cases(hostile()) for child in case] == [
        "failure",
        "skipped",
        "skipped",
        "error",
        "error",
    ]
