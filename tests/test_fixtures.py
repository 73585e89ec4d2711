"""Check the fixtures: each folder in fixtures/ has one construct, with its verdicts in expected.yaml."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from places import FIXTURES

from ecs5lint.cli.main import main

FOLDERS = sorted(path.parent for path in FIXTURES.rglob("expected.yaml"))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.relative_to(FIXTURES).as_posix())
def test_fixture(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    expected = yaml.safe_load((folder / "expected.yaml").read_text())
    monkeypatch.chdir(folder)
    for name, value in expected.get("environment", {}).items():
        monkeypatch.setenv(name, value)

    code = main(["--format", "json", *expected.get("args", [])])

    report = json.loads(capsys.readouterr().out)
    errors = [f"{error['path']}:{error['line']}:{error['column']}" for error in report["errors"]]
    assert errors == expected.get("errors", [])
    warnings = [f"{item['path']}:{item['line']}:{item['column']}: {item['message']}" for item in report["warnings"]]
    assert warnings == expected.get("warnings", [])
    skipped = [
        f"{item['path']}:{item['line']}: {item['detail']}" if item["line"] else f"{item['path']}: {item['reason']}"
        for item in report["skipped"]
    ]
    assert skipped == expected.get("skipped", [])
    found = [_found(result) for result in report["results"]]
    wanted = expected["results"]
    for result, keys in zip(found, wanted, strict=False):
        assert {key: result[key] for key in keys} == keys
        assert {"verdict", "at"} <= keys.keys()
    assert len(found) == len(wanted), found
    errors_are = {"fail", "unknown"} if "--strict" in expected.get("args", []) else {"fail"}
    assert code == (2 if errors else 1 if any(result["verdict"] in errors_are for result in found) else 0)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.relative_to(FIXTURES).as_posix())
def test_without_explanations_the_results_are_the_same(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Most reports leave out the explanations of passes, so a run for them does not work these out."""
    expected = yaml.safe_load((folder / "expected.yaml").read_text())
    monkeypatch.chdir(folder)
    for name, value in expected.get("environment", {}).items():
        monkeypatch.setenv(name, value)
    arguments = ["--format", "json", *expected.get("args", []), "--select", "ALL"]

    code = main(arguments)
    explained = json.loads(capsys.readouterr().out)
    monkeypatch.setattr("ecs5lint.cli.main._explains_passes", lambda *_: False)
    assert main(arguments) == code

    assert _without_explanations(json.loads(capsys.readouterr().out)) == _without_explanations(explained)


def _without_explanations(report: dict[str, Any]) -> dict[str, Any]:
    for result in report["results"]:
        if result["verdict"] in ("pass", "not_applicable"):
            del result["message"], result["value_location"]
    return report


def test_the_same_input_gives_the_same_report() -> None:
    """Each seed gives Python's sets another order."""
    reports = set()
    for seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-m", "ecs5lint", "--format", "json", "."],
            cwd=FIXTURES,
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=False,
        )
        reports.add(done.stdout)
    assert len(reports) == 1
    assert len(json.loads(reports.pop())["results"]) > 300


def _found(result: dict[str, Any]) -> dict[str, Any]:
    """Return a result in the terms of expected.yaml."""
    container = result["container"]
    return {
        **{key: result[key] for key in ("rule", "verdict", "reason", "message", "source", "when", "assumptions")},
        "at": _place(result["location"]),
        "value_at": result["value_location"] and _place(result["value_location"]),
        "container": container and container["name"],
        "index": container and container["index"],
        "address": result["resource"]["address"],
        "type": result["resource"]["type"],
        "remedy": next(iter(result["remedy"]), None),
        "by": result["suppression"] and result["suppression"]["kind"],
        "via": [call["call"] for call in result["via"]],
    }


def _place(location: dict[str, Any]) -> str:
    return f"{location['path']}:{location['line']}:{location['column']}"
