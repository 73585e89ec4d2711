"""Test the HTML report with an HTML parser. test_html_page.py tests its script."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser
from typing import Any

import pytest
from results import HOSTILE, MAIN, TEXT, hostile, report, result, span, task_definition

from ecs5lint.location import Edit, Failure, Source
from ecs5lint.model.result import NOT_APPLICABLE, PASS, SUPPRESSED, UNKNOWN, Fix, Report, Suppression
from ecs5lint.model.task_definition import Call
from ecs5lint.notices import Notice, Skipped
from ecs5lint.reports import Options
from ecs5lint.reports.findings import printable
from ecs5lint.reports.html import render
from ecs5lint.rules import RULES
from ecs5lint.rules.explanation import explanation

VOID = {"meta", "link", "input"}


class Page(HTMLParser):
    """A page: its elements with their attributes, and the text of each part with an id."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, str] = {}
        self.text_of: dict[str, list[str]] = {}
        self._open: list[tuple[str, str]] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append((tag, dict(attrs).get("id") or ""))
            self.text_of.setdefault(tag, []).append("")

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop()[0] == tag

    def handle_data(self, data: str) -> None:
        for tag in {tag for tag, _ in self._open}:
            self.text_of[tag][-1] += data
        for name in {name for _, name in self._open if name}:
            self.texts[name] = self.texts.get(name, "") + data

    @property
    def findings(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self.texts["data"])
        return found


def page(of: Report, *, strict: bool = False) -> Page:
    return Page(render(of, Options(strict=strict)))


def everything() -> Report:
    """Return a report with entries in each of its lists."""
    return report(
        result(remedy=("set it",), afterwards=("mount a volume",)),
        result(
            UNKNOWN,
            reason="unresolved",
            cause="var.ro has no value",
            value_location=span(MAIN, "var.ro"),
            when="var.live",
            remedy=("give it",),
        ),
        result(SUPPRESSED, suppression=Suppression("comment", "it is legacy")),
        result(SUPPRESSED, suppression=Suppression("baseline", "on record")),
        result(PASS),
        result(NOT_APPLICABLE),
        failures=(Failure("cannot be read", "a.json"), Failure("a value is expected", MAIN.path, span(MAIN, "cpu"))),
        notices=(Notice("it covers nothing", "ecs5lint.toml"),),
        skipped=(Skipped("build", "ignored by Git"),),
    )


def test_what_the_script_is_given() -> None:
    failed, unknown = page(everything()).findings
    assert failed == {
        "verdict": "fail",
        "severity": "error",
        "rule": "ECS5",
        "cause": "omitted",
        "path": "infra/main.tf",
        "at": "3:5",
        "message": 'container "web" does not set it',
        "address": "aws_ecs_task_definition.web",
        "noun": "task definition",
        "definitions": ["aws_ecs_task_definition.web"],
        "notes": [["fix", "set it"]],
        "excerpt": [
            {
                "place": "",
                "lines": [
                    [3, "    ", "{", "", False],
                    [4, '      name  = "web"', None, "", False],
                    [5, '      image = "nginx"', None, "", False],
                ],
            }
        ],
        "diff": [],
    }
    assert (unknown["verdict"], unknown["severity"], unknown["cause"]) == ("unknown", "warning", "var.ro has no value")
    assert unknown["notes"] == [["when", "var.live"], ["help", "give it"]]
    assert unknown["excerpt"][0]["lines"][-1] == [7, "\t\treadonlyRootFilesystem = ", "var.ro", "", True]
    assert [finding["severity"] for finding in page(everything(), strict=True).findings] == ["error", "error"]


def test_one_place_is_one_finding_with_all_its_task_definitions() -> None:
    called = [result(resource=task_definition(f"m{n}.web", Call(f"module.m{n}", span(MAIN, "cpu")))) for n in (1, 2)]
    read = page(report(*called))
    (finding,) = read.findings
    assert "Findings (1)" in read.text_of["li"]
    assert finding["definitions"] == [f"m{n}.web, called by module.m{n} (infra/main.tf:6:7)" for n in (1, 2)]


def test_a_fix() -> None:
    long = Source("long.json", f'{{"a": "{"x" * 500}", "b": 1}}', "json")
    edits = Edit(span(MAIN, "var.ro"), "true"), Edit(span(long, "1"), "2")
    (finding,) = page(report(result(fix=Fix("change it", edits)))).findings
    assert ["fixable with --fix", "change it"] in finding["notes"]
    in_main, in_long = finding["diff"]
    assert in_main == {
        "place": "infra/main.tf",
        "lines": [["-", "\t\treadonlyRootFilesystem = var.ro"], ["+", "\t\treadonlyRootFilesystem = true"]],
    }
    before, after = (text for _, text in in_long["lines"])
    assert before.startswith("...xxx") and before.endswith('x", "b": 1}')
    assert after.endswith('x", "b": 2}')


def test_each_list() -> None:
    texts = page(everything()).texts
    assert "cannot be read" in texts["failures"] and "a value is expected" in texts["failures"]
    assert "cpu   = 256" in texts["failures"]
    assert "ecs5lint.toml" in texts["warnings"] and "it covers nothing" in texts["warnings"]
    assert "suppressed (comment): it is legacy" in texts["suppressed"] and "on record" not in texts["suppressed"]
    assert "build" in texts["skipped"] and "ignored by Git" in texts["skipped"]
    assert "ECS5: containers have a read-only root filesystem" in texts["rules"] and "mount a volume" in texts["rules"]
    assert explanation("ECS5").partition("\n")[2].strip() in texts["rules"]
    text = render(everything(), Options())
    assert "1 pass, 1 fail, 1 unknown, 1 not applicable, 2 suppressed, 2 errors</p>" in text
    assert "<title>ecs5lint: Found 4 problems in 2 files</title>" in text
    assert "suppressed by the baseline: 1 finding</p>" in text


def test_charts() -> None:
    sources = [Source(f"{number}.tf", TEXT, "hcl") for number in range(10)]
    many = [result(location=span(source, "cpu")) for source in sources]
    text = page(report(*many, result(UNKNOWN, reason="unresolved", location=many[9].location), result(PASS))).texts[
        "overview"
    ]
    assert re.findall(r"by (verdict|rule|cause|file)", text) == ["verdict", "rule", "cause", "file"]
    assert "fail 10pass 1unknown 1" in text
    assert "ECS5 11" in text
    assert "omitted 10unresolved 1" in text
    assert text.endswith("Findings by file9.tf 20.tf 11.tf 12.tf 13.tf 14.tf 15.tf 16.tf 1and 2 more")


@pytest.mark.parametrize(
    ("of", "strict", "state"),
    [
        (report(result()), False, "bad"),
        (report(result(UNKNOWN)), False, "open"),
        (report(result(UNKNOWN)), True, "bad"),
        (report(failures=(Failure("cannot be read", "a.json"),)), False, "bad"),
        (report(result(PASS)), False, "good"),
    ],
)
def test_the_outcome(of: Report, strict: bool, state: str) -> None:
    shown = [given["class"] for tag, given in page(of, strict=strict).elements if tag == "p" and "class" in given]
    assert shown[0] == f"outcome {state}"


def test_nothing_found() -> None:
    nothing = page(report(result(PASS)))
    assert nothing.findings == []
    assert nothing.text_of["noscript"] == ["No findings."]
    assert not nothing.texts.keys() & {"failures", "warnings", "suppressed", "skipped", "rules"}


def test_without_a_script_there_is_a_table() -> None:
    (table,) = page(everything()).text_of["noscript"]
    for text in (
        "error (fail)",
        "warning (unknown)",
        "infra/main.tf:3:5",
        "aws_ecs_task_definition.web",
        "fix: set it",
    ):
        assert text in table


@pytest.mark.parametrize("of", [everything(), hostile()], ids=["everything", "hostile"])
def test_the_page_stands_alone(of: Report) -> None:
    parsed = page(of)
    attributes = {(name, value) for _, given in parsed.elements for name, value in given.items()}
    assert {value for name, value in attributes if name == "href" and value and value[0] != "#"} == {
        "data:,",
        RULES["ECS5"].url,
    }
    assert not {name for name, _ in attributes} & {"src", "srcset", "action", "formaction", "style", "data", "poster"}
    assert not [name for name, _ in attributes if name.startswith("on")]
    assert {tag for tag, _ in parsed.elements}.isdisjoint(
        {"img", "iframe", "object", "embed", "base", "audio", "video"}
    )
    (style,), (data, script) = parsed.text_of["style"], parsed.text_of["script"]
    assert "url(" not in style and "@import" not in style
    (policy,) = (given["content"] for _, given in parsed.elements if given.get("http-equiv"))
    assert policy
    for kind, text in (("style", style), ("script", script)):
        assert f"{kind}-src 'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'" in policy
    assert policy.startswith("default-src 'none'; ")
    assert "<" not in data


def test_hostile_text() -> None:
    text = render(hostile(), Options())
    assert text.isascii()
    parsed = Page(text)
    assert {tag for tag, _ in parsed.elements} <= {tag for tag, _ in page(everything()).elements}
    said = printable(HOSTILE)
    for finding in parsed.findings:
        assert finding["message"] == finding["notes"][0][1] == said
        assert finding["path"] == f"a b/ü/{said}"
        assert finding["definitions"] == [printable(f"{HOSTILE}, called by module.{HOSTILE} (a b/ü/{said}:7:28)")]
    for name in ("failures", "warnings", "suppressed", "skipped", "overview"):
        assert said in parsed.texts[name]
    assert said in parsed.text_of["noscript"][0]
