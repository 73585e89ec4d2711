"""Check the fixtures of fixes: the files in before/ are fixed, and must equal those in after/.

Each folder in fixtures/fixes/ has one construct. fix.yaml has further `args`, and the `refused` findings with reasons.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from places import FIXTURES

from ecs5lint.cli.main import main

FOLDERS = sorted(path.parent for path in (FIXTURES / "fixes").glob("*/before"))


def contents(directory: Path) -> dict[str, bytes]:
    """Return the content of each file below a directory."""
    return {
        path.relative_to(directory).as_posix(): path.read_bytes() for path in directory.rglob("*") if path.is_file()
    }


def refused(text: str) -> list[str]:
    """Return the findings in a JSON report that are not fixed, with the reasons."""
    results = (result for result in json.loads(text)["results"] if result["verdict"] == "fail")
    return [f"{_place(result)}: {_subject(result)}: {result['not_fixed']}" for result in results]


def _subject(result: dict[str, Any]) -> str:
    name: str = result["container"]["name"] if result["container"] else result["resource"]["address"]
    return name


def _place(result: dict[str, Any]) -> str:
    return f"{result['location']['path']}:{result['location']['line']}"


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: str(folder.name))
def test_fixture(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(folder / "before", tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    expected = yaml.safe_load((folder / "fix.yaml").read_text()) if (folder / "fix.yaml").exists() else {}
    wanted, arguments = expected.get("refused", []), ["--fix", *expected.get("args", [])]

    code = main([*arguments, "--format", "json"])

    assert refused(capsys.readouterr().out) == wanted
    assert code == (1 if wanted else 0)
    assert contents(tmp_path) == contents(folder / "after")

    main(arguments)

    assert contents(tmp_path) == contents(folder / "after")
