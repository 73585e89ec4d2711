"""Check that the README shows the real output of the linter."""

from __future__ import annotations

import json
import re

import pytest
from places import ROOT

from ecs5lint.cli.main import main

README = (ROOT / "README.md").read_text(encoding="utf-8")
JSON_PAGE = (ROOT / "docs" / "json.md").read_text(encoding="utf-8")


def block(page: str, language: str, containing: str) -> str:
    """Return the code block on a page that contains a text."""
    blocks: list[tuple[str, str]] = re.findall(r"^```(\w*)\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    return next(text for name, text in blocks if name == language and containing in text)


@pytest.fixture(autouse=True)
def _root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


def test_the_report(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["examples"]) == 1
    assert block(README, "", "$ ecs5lint") == "$ ecs5lint examples\n" + capsys.readouterr().out


def test_the_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["examples/task-definition.json", "--format", "json"]) == 1
    assert json.loads(block(JSON_PAGE, "json", '"version"')) == json.loads(capsys.readouterr().out)


def test_examples_show_each_verdict(capsys: pytest.CaptureFixture[str]) -> None:
    main(["examples", "--format", "json"])
    results = json.loads(capsys.readouterr().out)["results"]
    assert {(result["source"], result["verdict"]) for result in results} == {
        ("task-definition", "fail"),
        ("task-definition", "pass"),
        ("cloudformation", "pass"),
        ("terraform", "pass"),
        ("terraform", "unknown"),
    }
