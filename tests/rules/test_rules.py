"""Test the table of rules, and their selection."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from places import ROOT

import ecs5lint
from ecs5lint.cli.main import main
from ecs5lint.rules import ALL, RULES, ecs5, parse_names, reads_of, rule_named, selected

Capture = pytest.CaptureFixture[str]

TASK = '{"family": "web", "containerDefinitions": [{"name": "web", "image": "web"}]}\n'


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    (tmp_path / "web.json").write_text(TASK)
    return tmp_path


def test_every_rule_has_a_page_with_its_title_and_severity() -> None:
    pages = {path.stem: path.read_text(encoding="utf-8") for path in (ROOT / "docs/rules").glob("ECS*.md")}

    assert pages.keys() == RULES.keys()
    for rule in RULES.values():
        assert pages[rule.id].startswith(f"# {rule.id}: {rule.title}\n")
        assert f"<{rule.url}>" in pages[rule.id]
        assert f"severity {rule.severity}" in pages[rule.id]
        assert "\n## How to fix it\n" in pages[rule.id]


def test_every_rule_has_its_module_and_reasons() -> None:
    for rule in RULES.values():
        assert rule.logic().REASONS


@pytest.mark.parametrize("name", ["ECS5", "ecs5", " ECS.5 "])
def test_names(name: str) -> None:
    assert rule_named(name) == "ECS5"
    assert parse_names(f"{name},all") == ["ECS5", ALL]


def test_unknown_names() -> None:
    with pytest.raises(ValueError, match=r'^unknown rule "ECS55"; did you mean ECS5\?$'):
        parse_names("ECS5,ECS55")


def test_selection() -> None:
    assert selected() == ("ECS5",)
    assert selected([ALL]) == tuple(rule.id for rule in RULES.values() if not rule.needs_configuration)
    with pytest.raises(ValueError, match="no rule is selected"):
        selected(["ECS5"], ["ECS5"])


@pytest.mark.parametrize(
    ("configuration", "arguments", "complaint"),
    [
        ("", ["--select", "ECS55"], '--select: unknown rule "ECS55"; did you mean ECS5?'),
        ("", ["--ignore", "ECS5"], "no rule is selected: all of them are ignored"),
        ("ignore = ['ECS5']", [], "no rule is selected: all of them are ignored"),
        ("select = ['ECS55']", [], 'ecs5lint.toml:1:1: select: unknown rule "ECS55"; did you mean ECS5?'),
        ("select = 'ECS5'", [], "ecs5lint.toml:1:1: select: must be a list of strings"),
    ],
)
@pytest.mark.usefixtures("tree")
def test_a_selection_that_is_wrong(configuration: str, arguments: list[str], complaint: str, capsys: Capture) -> None:
    Path("ecs5lint.toml").write_text(configuration)

    assert main(arguments) == 2
    assert complaint in capsys.readouterr().err


@pytest.mark.parametrize("select", [["ecs.5"], "all", ["ECS5, ecs5"]])
@pytest.mark.usefixtures("tree")
def test_the_function_selects_too(select: list[str]) -> None:
    assert "ECS5" in ecs5lint.lint("web.json", select=select).rules


@pytest.mark.usefixtures("tree")
def test_the_command_line_wins_over_the_configuration(capsys: Capture) -> None:
    Path("ecs5lint.toml").write_text("select = ['ALL']\n")

    assert main(["--select", "ecs5", "--format", "json", "web.json"]) == 1
    assert {item["rule"] for item in json.loads(capsys.readouterr().out)["results"]} == {"ECS5"}


@pytest.mark.parametrize("name", ["text", "markdown"])
@pytest.mark.usefixtures("tree")
def test_two_rules_that_say_the_same_are_one_entry(name: str, capsys: Capture) -> None:
    assert main(["--select", "ECS20,ECS21,ECS9", "--format", name, "web.json"]) == 1

    shown = capsys.readouterr().out
    assert shown.count("[ECS20, ECS21]") == 1
    assert shown.count("[ECS9]") == 1
    assert shown.count("does not set user") == 1
    assert '"user": "1000"' in shown and '"user": "ContainerUser"' in shown


def test_a_rule_that_names_what_it_reads_names_all_of_it() -> None:
    rule = RULES["ECS5"]
    assert rule.members is not None
    assert {"readonlyrootfilesystem", *ecs5._ALIASES} <= rule.members
    assert reads_of(["ECS5"]).members == rule.members
    assert reads_of(["ECS4", "ECS5"]).members is None
    assert reads_of(["ECS3", "ECS17"]).properties == ("pidMode", "networkMode")
