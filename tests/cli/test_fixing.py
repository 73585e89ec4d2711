"""Test --diff, --fix and --show-fixes as a user runs them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ecs5lint.cli.main import main

PASSING = '{"family": "web", "containerDefinitions": [{"name": "web", "readonlyRootFilesystem": true}]}'
FAILING = '{"family": "web", "containerDefinitions": [{"name": "web"}]}\n'
FIXED = '{"family": "web", "containerDefinitions": [{"name": "web", "readonlyRootFilesystem": true}]}\n'
REFUSED = '{"family": "web", "containerDefinitions": [{"name": "web", "readonlyRootFilesystem": [true]}]}\n'

Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def write(**files: str) -> None:
    for name, content in files.items():
        Path(f"{name}.json").write_text(content, newline="")


def test_the_diff_can_be_applied(capsys: Capture) -> None:
    write(fail=FAILING, crlf=FAILING.replace("[", "[\r\n").replace("\n", "\r\n"), last=FAILING.rstrip())

    assert main(["--diff"]) == 1

    shown = capsys.readouterr()
    subprocess.run(["git", "apply", "-"], input=shown.out.encode(), check=True)
    assert Path("fail.json").read_text() == FIXED
    assert Path("last.json").read_text() == FIXED.rstrip()
    assert "would fix 3 findings in 3 files" in shown.err
    assert "3 fail" in shown.err
    assert main(["--diff"]) == 0
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("files", "arguments", "code"),
    [
        ({"a": PASSING}, ["--diff"], 0),
        ({"a": FAILING}, ["--diff", "--exit-zero"], 0),
        ({"a": REFUSED}, ["--diff"], 1),
        ({"a": FAILING, "b": "{"}, ["--diff"], 1),
        ({"a": FAILING}, ["--fix"], 0),
        ({"a": FAILING, "b": REFUSED}, ["--fix"], 1),
        ({"a": FAILING, "b": REFUSED}, ["--fix", "--exit-zero"], 0),
        ({"a": FAILING}, ["--show-fixes"], 1),
        ({"a": FAILING}, ["--diff", "--fix"], 2),
        ({"a": FAILING}, ["--fix", "--show-fixes"], 2),
        ({"a": FAILING}, ["--fix", "--baseline", "b.txt", "--write-baseline"], 2),
    ],
)
def test_exit_codes(files: dict[str, str], arguments: list[str], code: int, capsys: Capture) -> None:
    write(**files)

    assert main(arguments) == code
    capsys.readouterr()


def test_what_is_left_is_reported_with_the_reason(capsys: Capture) -> None:
    write(a=FAILING, b=REFUSED)

    main(["--fix"])

    shown = capsys.readouterr()
    assert "a.json:1:58: set readonlyRootFilesystem" in shown.err
    assert "fixed 1 finding in 1 file" in shown.err
    assert "not fixable with --fix: its value is computed: [true]" in shown.out
    assert "1 pass, 1 fail" in shown.out


def test_findings_of_the_baseline_are_not_fixed(capsys: Capture) -> None:
    write(a=FAILING)
    main(["--baseline", "base.txt", "--write-baseline"])
    write(b=FAILING)

    assert main(["--fix", "--baseline", "base.txt"]) == 0

    assert Path("a.json").read_text() == FAILING
    assert Path("b.json").read_text() == FIXED
    capsys.readouterr()


@pytest.mark.parametrize(("text", "fixed"), [(FAILING, FIXED), (PASSING, PASSING)])
def test_standard_input_is_fixed_on_standard_output(text: str, fixed: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "ecs5lint", "--fix", "-"], input=text.encode(), capture_output=True, check=False
    )

    assert done.returncode == 0
    assert done.stdout == fixed.encode()
    assert b"1 pass" in done.stderr
    assert os.listdir() == []


def test_the_report_shows_fixes(capsys: Capture) -> None:
    write(a=FAILING, b=REFUSED)

    assert main(["--show-fixes", "--format", "json"]) == 1

    first, second = json.loads(capsys.readouterr().out)["results"]
    place = {"path": "a.json", "line": 1, "column": 58, "end_line": 1, "end_column": 58}
    edits = [{"location": place, "content": ', "readonlyRootFilesystem": true'}]
    assert first["fix"] == {"description": 'set readonlyRootFilesystem of container "web" to true', "edits": edits}
    assert first["not_fixed"] is None
    assert second["fix"] is None
    assert second["not_fixed"] == "its value is computed: [true]"
    assert Path("a.json").read_text() == FAILING

    main(["--show-fixes"])

    assert "fixable with --fix: 1 of 2" in capsys.readouterr().out


def test_an_ordinary_run_imports_nothing_of_fixes_and_says_how_to_see_them() -> None:
    write(a=FAILING)
    script = "import sys; from ecs5lint.cli.main import main; main([])"
    script += "; print([name for name in sys.modules if 'ecs5lint.fixes' in name])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)

    assert "ecs5lint --diff shows what can be fixed" in done.stdout
    assert done.stdout.endswith("[]\n")


def test_sarif_has_the_replacements(capsys: Capture) -> None:
    write(a=FAILING, b=REFUSED)

    main(["--show-fixes", "--format", "sarif"])

    first, second = json.loads(capsys.readouterr().out)["runs"][0]["results"]
    (fix,) = first["fixes"]
    (change,) = fix["artifactChanges"]
    assert change["artifactLocation"] == {"uri": "a.json", "uriBaseId": "%SRCROOT%"}
    region = {"startLine": 1, "startColumn": 58, "endLine": 1, "endColumn": 58}
    inserted = {"text": ', "readonlyRootFilesystem": true'}
    assert change["replacements"] == [{"deletedRegion": region, "insertedContent": inserted}]
    assert "fixes" not in second


@pytest.mark.parametrize("name", ["markdown", "gitlab"])
def test_reports_for_people_show_the_lines(name: str, capsys: Capture) -> None:
    write(a=FAILING)

    main(["--show-fixes", "--format", name])

    shown = capsys.readouterr().out.replace('\\"', '"')
    assert "-" + FAILING.strip() in shown
    assert "+" + FIXED.strip() in shown


def test_mounts_need_something_to_do(capsys: Capture) -> None:
    write(a=FAILING)

    assert main(["--fix-mounts"]) == 2
    assert "--fix-mounts requires --fix, --diff or --show-fixes" in capsys.readouterr().err


def test_what_is_mounted_is_no_step_that_is_left(capsys: Capture) -> None:
    write(a='{"family": "web", "containerDefinitions": [{"name": "web", "image": "redis", "cpu": 1}]}')

    assert main(["--fix", "--fix-mounts"]) == 0

    shown = capsys.readouterr().err
    assert "true, and mount /data" in shown
    assert "also:" not in shown
    (volume,) = json.loads(Path("a.json").read_text())["volumes"]
    assert volume == {"name": "web-data"}
