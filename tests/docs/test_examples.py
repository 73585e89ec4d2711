"""The hardened examples pass every rule, and each setting that a rule reads in them is needed."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from places import ROOT

from ecs5lint.cli.main import main

HARDENED = ROOT / "examples" / "hardened"
FORMATS = ["task-definition.json", "cloudformation.yaml", "terraform"]


def verdicts(capsys: pytest.CaptureFixture[str], *paths: str) -> dict[str, str]:
    main([*paths, "--select", "ALL", "--format", "json"])
    report = json.loads(capsys.readouterr().out)
    assert (report["errors"], report["warnings"]) == ([], [])
    return {result["rule"]: result["verdict"] for result in report["results"]}


@pytest.mark.parametrize("name", FORMATS)
def test_the_hardened_examples_pass(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(HARDENED)
    found = verdicts(capsys, name)

    assert found.pop("ECS21") == "not_applicable"
    assert set(found.values()) == {"pass"}


@pytest.mark.parametrize(
    ("rule", "setting"),
    [
        ("ECS5", '"readonlyRootFilesystem": true,'),
        ("ECS20", '"user": "1000:1000",'),
        ("ECS9", '"logDriver": "awslogs",'),
        ("ECS21", '"operatingSystemFamily": "LINUX", '),
    ],
)
def test_the_settings_are_needed(
    rule: str, setting: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copy(HARDENED / FORMATS[0], tmp_path)
    monkeypatch.chdir(tmp_path)
    path = tmp_path / FORMATS[0]
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(setting, "", 1), encoding="utf-8")

    assert setting in text
    assert verdicts(capsys, FORMATS[0])[rule] == ("pass" if rule == "ECS21" else "fail")
