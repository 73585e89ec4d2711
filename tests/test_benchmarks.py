"""Check the results of the benchmarks' inputs: a fast wrong result is worthless."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from places import ROOT

sys.path.insert(0, str(ROOT / "benchmarks"))

import inputs

from ecs5lint.cli.main import main


@pytest.mark.parametrize("kind", inputs.KINDS)
def test_one_container_of_each_input_fails(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    inputs.fill(tmp_path, inputs.KINDS[kind], 3)
    monkeypatch.chdir(tmp_path)
    assert main(["--quiet"]) == 1
    assert capsys.readouterr().out.count("error:") == 3


def test_a_large_module_has_20_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    inputs.write_large_module(tmp_path, 0)
    assert len(list((tmp_path / "module-0").iterdir())) == 20
    monkeypatch.chdir(tmp_path)
    assert main(["--quiet"]) == 1
    assert capsys.readouterr().out.count("error:") == 1


def test_most_of_a_mixed_tree_is_nothing_for_the_linter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    inputs.fill(tmp_path, inputs.write_mixed, 40)
    monkeypatch.chdir(tmp_path)
    assert main([]) == 1
    assert "\n6 files, 6 task definitions, " in capsys.readouterr().out


def test_no_rule_finds_anything_in_a_hardened_task_definition(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    inputs.fill(tmp_path, inputs.write_hardened_task_definition, 2)
    monkeypatch.chdir(tmp_path)
    assert main(["--select", "ALL"]) == 0
    assert "6 containers: 36 pass, 0 fail, 0 unknown, 6 not applicable" in capsys.readouterr().out


def test_a_service_may_run_in_any_of_the_environments(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    inputs.fill(tmp_path, inputs.write_environment, 3)
    monkeypatch.chdir(tmp_path)
    assert main([]) == 1
    assert 'when: var.environment == "environment_0"' in capsys.readouterr().out
