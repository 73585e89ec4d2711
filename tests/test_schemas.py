"""Compare the JSON Schemas in the package with what the linter writes and reads."""

from __future__ import annotations

import datetime
import json
import re
from pathlib import Path
from typing import Any

import pytest
import tomli
from jsonschema import Draft202012Validator
from places import FIXTURES, ROOT

from ecs5lint.cli.main import main
from ecs5lint.model.result import SUPPRESSION_KINDS, VERDICTS
from ecs5lint.reports import FORMATS
from ecs5lint.run import config_file

SCHEMAS = ROOT / "ecs5lint" / "schemas"
CONFIGURATIONS = sorted(FIXTURES.rglob("ecs5lint.toml"))


def schema(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((SCHEMAS / f"{name}.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(found)
    return found


def problems(document: object, name: str) -> list[str]:
    return [f"{error.json_path}: {error.message}" for error in Draft202012Validator(schema(name)).iter_errors(document)]


def as_json(value: object) -> Any:
    """Return a value of TOML as an editor sees it that validates it by a JSON Schema."""
    return json.loads(json.dumps(value, default=datetime.date.isoformat))


@pytest.mark.parametrize("arguments", [[], ["--select", "ALL"], ["--show-fixes", "task-definition"]], ids=" ".join)
def test_reports_are_as_the_schema_says(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(FIXTURES)
    main(["--format", "json", *arguments])
    report = json.loads(capsys.readouterr().out)
    assert report["results"]
    assert problems(report, "report") == []


def test_the_schema_of_reports_has_every_key(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(FIXTURES / "suppressions" / "rules")
    main(["--format", "json"])
    report = json.loads(capsys.readouterr().out)
    found = schema("report")
    result = found["$defs"]["result"]["properties"]
    assert report.keys() == found["properties"].keys()
    assert report["summary"].keys() == found["properties"]["summary"]["properties"].keys()
    assert report["results"][0].keys() == result.keys()
    assert result["verdict"]["enum"] == list(VERDICTS)
    assert result["suppression"]["anyOf"][0]["properties"]["kind"]["enum"] == list(SUPPRESSION_KINDS)


def test_the_schema_of_the_configuration_has_every_key() -> None:
    keys = schema("configuration")["properties"]
    assert keys.keys() == set(config_file._KEYS)
    assert keys["exceptions"]["items"]["properties"].keys() == set(config_file._EXCEPTION_KEYS)
    assert keys["extract"]["items"]["properties"].keys() == set(config_file._EXTRACT_KEYS)
    assert keys["format"]["enum"] == list(FORMATS)


@pytest.mark.parametrize("path", CONFIGURATIONS, ids=lambda path: path.parent.name)
def test_configurations_are_as_the_schema_says(path: Path) -> None:
    assert problems(as_json(tomli.loads(path.read_text(encoding="utf-8"))), "configuration") == []


def test_the_example_is_as_the_schema_says() -> None:
    page = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```toml\n(\[tool\.ecs5lint\].*?)```", page, re.DOTALL)
    assert problems(as_json(tomli.loads(example)["tool"]["ecs5lint"]), "configuration") == []


@pytest.mark.parametrize(
    "text",
    [
        "exlude = []",
        "strict = 'yes'",
        "fail-on = 'pass'",
        "format = 'yaml'",
        "exceptions = [{reason = 'r'}]",
        "exceptions = [{path = 'a'}]",
        "extract = [{path = '$.a'}]",
    ],
)
def test_what_the_linter_refuses_the_schema_refuses(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("ecs5lint.toml").write_text(text)
    assert main([]) == 2
    capsys.readouterr()
    assert problems(as_json(tomli.loads(text)), "configuration")
