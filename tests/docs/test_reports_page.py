"""Check that docs/reports.md shows the real reports."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from places import ROOT

from ecs5lint.cli.main import main
from ecs5lint.reports import FORMATS

PAGE = (ROOT / "docs" / "reports.md").read_text(encoding="utf-8")
#: The section of the page for each format. The names of formats are in small letters, unlike other headings.
PARTS = dict(re.findall(r"^## ([a-z]+)\n(.*?)(?=^## |\Z)", PAGE, re.DOTALL | re.MULTILINE))


@pytest.fixture(autouse=True)
def _repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)


def test_every_format_is_listed() -> None:
    assert re.findall(r"^\| `(\w+)` \| [^|]*\|$", PAGE, re.MULTILINE)[: len(FORMATS)] == list(FORMATS)


@pytest.mark.parametrize("name", sorted(PARTS.keys() - {"html"}))
def test_examples(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    (_, command), (language, shown) = re.findall(r"```(\w*)\n(.*?)```", PARTS[name], re.DOTALL)
    assert main(command.split()[1:]) == 0
    output = capsys.readouterr().out
    if name == "sarif":
        (result,) = json.loads(output)["runs"][0]["results"]
        # The page omits the related locations.
        assert result.pop("relatedLocations")
        assert result == json.loads(shown)
    elif language == "json":
        assert json.loads(output) == json.loads(shown)
    else:
        assert output.startswith(shown)


def test_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    (command,) = re.findall(r"```sh\n(.*?)```", PAGE[: PAGE.index("\n## ")], re.DOTALL)
    assert main(command.split()[1:]) == 1
    assert capsys.readouterr().out.startswith("examples/task-definition.json:8:5: error: ")
    assert sorted(path.name for path in Path().glob("ecs5lint.*")) == ["ecs5lint.sarif", "ecs5lint.xml"]


def test_the_html_page() -> None:
    ((_, command),) = re.findall(r"```(\w*)\n(.*?)```", PARTS["html"], re.DOTALL)
    assert main(command.split()[1:]) == 0
    assert Path("ecs5lint.html").read_text(encoding="ascii").startswith("<!doctype html>\n")
