"""Test the command line as a user runs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ecs5lint.cli.main import main
from ecs5lint.rules import RULES

PASS = '{"family": "web", "containerDefinitions": [{"name": "web", "readonlyRootFilesystem": true}]}'
FAIL = '{"family": "web", "containerDefinitions": [{"name": "web"}]}'
UNKNOWN = '{"family": "web", "containerDefinitions": [{"name": "web", "readonlyRootFilesystem": ${READ_ONLY}}]}'
BROKEN = '{"family": "web",\n "containerDefinitions": [}'

Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("NO_COLOR", raising=False)
    for name, content in {"pass": PASS, "fail": FAIL, "unknown": UNKNOWN, "broken": BROKEN}.items():
        Path(f"{name}.json").write_text(content)


def run(*arguments: str, stdin: str | bytes = "", **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the linter in a separate process."""
    done = subprocess.run(
        [sys.executable, "-m", "ecs5lint", *arguments],
        input=stdin.encode() if isinstance(stdin, str) else stdin,
        capture_output=True,
        check=False,
        env={**os.environ, **environment},
    )
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["pass.json"], 0),
        (["unknown.json"], 0),
        (["unknown.json", "--strict"], 1),
        (["unknown.json", "--fail-on", "fail", "--no-strict"], 0),
        (["unknown.json", "--fail-on", "unknown"], 1),
        (["unknown.json", "--fail-on", "default", "--strict"], 1),
        (["unknown.json", "--fail-on", "unknown", "--no-strict"], 1),
        (["unknown.json", "--fail-on", "unknown", "--strict"], 2),
        (["unknown.json", "--fail-on", "default", "--no-strict"], 2),
        (["unknown.json", "--fail-on", "never"], 2),
        (["fail.json", "--exit-zero"], 0),
        (["unknown.json", "--strict", "--exit-zero"], 0),
        (["broken.json", "--exit-zero"], 2),
        (["fail.json"], 1),
        (["pass.json", "fail.json"], 1),
        (["broken.json"], 2),
        (["broken.json", "fail.json"], 2),
        (["none.json", "pass.json"], 2),
        (["--format", "json", "fail.json"], 1),
        (["--explain", "ECS5"], 0),
    ],
)
def test_exit_codes(arguments: list[str], code: int) -> None:
    assert main(arguments) == code


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--zzz"], "unknown option --zzz (try: ecs5lint --help)"),
        (["-f", "jsn"], "-f/--format: unknown format 'jsn'; did you mean json? (try: ecs5lint --help)"),
        (["--ouptut=a"], "unknown option --ouptut=a (did you mean --output?) (try: ecs5lint --help)"),
        (["--var x=1"], "'--var x=1' looks like an option: pass --var and x=1 as two arguments"),
        (["--var", "name"], "--var: expected NAME=VALUE, not 'name' (try: ecs5lint --help)"),
        (["--parameter", "=x"], "--parameter: expected NAME=VALUE, not '=x' (try: ecs5lint --help)"),
        (["--var"], "--var: expected one argument (try: ecs5lint --help)"),
        (["--var-file", "none.tfvars"], "none.tfvars: cannot be read: No such file or directory"),
        (["--parameters-file", "."], ".: is not a regular file"),
        (["--exclude", "!"], "--exclude: '!' is not a pattern"),
        (
            ["--explain", "ECS\x1b9"],
            f"--explain: unknown rule 'ECS\\x1b9' (choose from {', '.join(RULES)})",
        ),
        (["--stdin-filename", "web.json"], "--stdin-filename requires the path -"),
        (["--report", "json"], "--report: expected FORMAT=FILE, not 'json' (try: ecs5lint --help)"),
        (
            ["--report", "jsno=out.json"],
            "--report: unknown format 'jsno'; did you mean json? (try: ecs5lint --help)",
        ),
        (["pass.json", "--report", "json=a", "--report", "text=./a"], "two reports have the same output file"),
        (["pass.json", "--report", "json=a", "--output", "a"], "two reports have the same output file"),
        (["pass.json", "--report", "json=-"], "two reports go to standard output: write one to a file"),
        (["--baseline", "none.json"], "--baseline: none.json does not exist; create it with --write-baseline"),
        (["--write-baseline"], "--write-baseline requires --baseline FILE"),
        (["pass.json", "--output", "none/report"], "cannot write none/report: No such file or directory"),
    ],
)
def test_bad_usage_is_one_line(arguments: list[str], complaint: str, capsys: Capture) -> None:
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", f"ecs5lint: {complaint}\n")


def test_version_and_help() -> None:
    assert run("--version").stdout.startswith("ecs5lint 0.")
    assert "exit codes:" in run("--help").stdout


def test_explain(capsys: Capture) -> None:
    for name in ("ECS5", "ecs5", "ECS.5"):
        assert main(["--explain", name]) == 0
        text = capsys.readouterr().out
        assert all(setting in text for setting in ('"readonlyRootFilesystem": true', "readonlyRootFilesystem = true"))


def test_it_judges_the_working_directory_by_default(capsys: Capture) -> None:
    assert main(["--format", "json"]) == 2
    report = json.loads(capsys.readouterr().out)
    assert [result["verdict"] for result in report["results"]] == ["fail", "pass", "unknown"]
    assert [(error["path"], error["line"]) for error in report["errors"]] == [("broken.json", 2)]
    assert report["summary"]["files"] == 4


def test_exclude_and_gitignore(capsys: Capture) -> None:
    Path(".gitignore").write_text("broken.json\n")
    assert main(["--exclude", "fail.json"]) == 0
    assert main(["--exclude", "./fail.json"]) == 0
    assert main(["--exclude", "fail.json", "--no-gitignore"]) == 2
    assert main(["--exclude", "*.json"]) == 0
    assert capsys.readouterr().out.endswith("\n0 files, 0 task definitions, 0 containers: 0 pass, 0 fail, 0 unknown\n")


def test_show_files_and_settings(capsys: Capture) -> None:
    Path("ecs5lint.toml").write_text('exclude = ["fail.json"]\nfail-on = "unknown"\n[variables]\nro = true\n')
    Path("main.tf").write_text('resource "aws_ecs_task_definition" "a" {\n}\n')
    assert main(["--show-files"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "terraform        .",
        "task-definition  broken.json",
        "task-definition  pass.json",
        "task-definition  unknown.json",
    ]
    assert main(["--show-settings", "--exclude", "pass.json", "--var", "x=1", "a", "b"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "configuration        ecs5lint.toml",
        "path                 a",
        "path                 b",
        "exclude              fail.json",
        "exclude              pass.json",
        "rules                ECS5",
        "fail-on              unknown",
        "honor-other-linters  true",
        "variable             ro = true",
        "variable             x = 1",
    ]


def test_standard_input() -> None:
    done = run("-", stdin=FAIL)
    assert done.returncode == 1
    assert done.stdout.startswith("<stdin>:1:44: error: ")
    done = run("-", "pass.json", "--stdin-filename", "deploy/web.json", "--format", "json", stdin=f"{PASS}\n{FAIL}\n")
    places = [(item["location"]["path"], item["location"]["line"]) for item in json.loads(done.stdout)["results"]]
    assert places == [("deploy/web.json", 1), ("deploy/web.json", 2), ("pass.json", 1)]
    done = run("-", stdin=f"\ufeff{FAIL}".encode("utf-16-le"))
    assert (done.returncode, done.stderr) == (1, "")


@pytest.mark.parametrize(
    ("stdin", "complaint"),
    [
        ("", "ecs5lint: standard input is empty\n"),
        (" \n", "ecs5lint: standard input is empty\n"),
        (b" " * 20_000_001, "ecs5lint: standard input: exceeds the limit of 20 MB\n"),
    ],
)
def test_standard_input_that_cannot_be_judged(stdin: str | bytes, complaint: str) -> None:
    done = run("-", stdin=stdin)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", complaint)


@pytest.mark.parametrize("stdin", ['{"family": ', "no such thing: [", b"\xff\xff\xff"])
def test_standard_input_that_is_broken(stdin: str | bytes) -> None:
    done = run("-", stdin=stdin)
    assert done.returncode == 2
    assert done.stdout.startswith("<stdin>")


def test_output(capsys: Capture) -> None:
    assert main(["fail.json", "--format", "json", "--output", "report.json"]) == 1
    assert capsys.readouterr().out == ""
    assert json.loads(Path("report.json").read_text())["summary"]["fail"] == 1
    assert sorted(path.name for path in Path().iterdir() if "report" in path.name) == ["report.json"]


def test_standard_output_may_be_named(capsys: Capture) -> None:
    assert main(["fail.json", "-f", "json", "-o", "-"]) == 1
    assert json.loads(capsys.readouterr().out)["summary"]["fail"] == 1
    assert main(["fail.json", "-q", "-o", "report.txt", "--report", "sarif=-"]) == 1
    assert json.loads(capsys.readouterr().out)["version"] == "2.1.0"
    assert Path("report.txt").read_text().startswith("fail.json:1:44: error: ")
    assert not Path("-").exists()


def test_writing_a_baseline_says_what_it_wrote(capsys: Capture) -> None:
    assert main(["--baseline", "old.json", "--write-baseline", "fail.json", "broken.json"]) == 0
    assert capsys.readouterr().err == "ecs5lint: wrote 1 finding and 1 error to old.json\n"


def test_reports_beside_what_is_on_the_screen(capsys: Capture) -> None:
    assert main(["fail.json", "--report", "json=report.json", "--report", "text=report.txt", "--color", "always"]) == 1
    captured = capsys.readouterr()
    assert "\x1b[1;31merror\x1b[0m" in captured.out
    assert json.loads(Path("report.json").read_text())["summary"]["fail"] == 1
    assert Path("report.txt").read_text().startswith("fail.json:1:44: error: ")


def test_a_report_that_cannot_be_written_takes_no_other_with_it(capsys: Capture) -> None:
    assert main(["pass.json", "--report", "json=none/report", "--report", "json=report.json"]) == 2
    captured = capsys.readouterr()
    assert captured.err == "ecs5lint: cannot write none/report: No such file or directory\n"
    assert captured.out.endswith("1 pass, 0 fail, 0 unknown\n")
    assert json.loads(Path("report.json").read_text())["summary"]["pass"] == 1


def test_output_to_a_device() -> None:
    assert run("fail.json", "--quiet", "--output", "/dev/stdout").stdout.startswith("fail.json:1:")


def test_color(capsys: Capture) -> None:
    main(["fail.json"])
    assert "\x1b[" not in capsys.readouterr().out
    main(["fail.json", "--color", "always"])
    assert "\x1b[1;31merror\x1b[0m" in capsys.readouterr().out
    main(["fail.json", "--color", "never"])
    assert "\x1b[" not in capsys.readouterr().out


def test_color_on_a_terminal(monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    main(["fail.json"])
    assert "\x1b[" in capsys.readouterr().out
    for name, value in {"NO_COLOR": "1", "TERM": "dumb"}.items():
        with monkeypatch.context() as changed:
            changed.setenv(name, value)
            main(["fail.json"])
            assert "\x1b[" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("variables", "is_colored"),
    [
        ({"FORCE_COLOR": "1"}, True),
        ({"CLICOLOR_FORCE": "1"}, True),
        ({"CLICOLOR_FORCE": "0"}, False),
        ({"FORCE_COLOR": ""}, False),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
    ],
)
def test_color_that_is_forced(
    variables: dict[str, str], is_colored: bool, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    main(["fail.json"])
    assert ("\x1b[" in capsys.readouterr().out) is is_colored
    main(["fail.json", "--output", "report.txt"])
    assert "\x1b[" not in Path("report.txt").read_text()


def test_the_report_is_utf_8_whatever_the_locale() -> None:
    Path("fail.json").write_text(FAIL.replace('"name": "web"', '"name": "wéb"'), encoding="utf-8")
    done = run("fail.json", LC_ALL="C", PYTHONUTF8="0", PYTHONIOENCODING="ascii")
    assert 'container "wéb"' in done.stdout


def test_it_imports_no_more_than_it_needs() -> None:
    program = "import sys; from ecs5lint.cli.main import *; main(['pass.json']); print(*sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    heavy = {
        "argparse",
        "typing",
        "dataclasses",
        "pathlib",
        "logging",
        "subprocess",
        "yaml",
        "pathspec",
        "cfnlint",
        "inspect",
        "xml",
        "urllib",
        "difflib",
        "hashlib",
    }
    assert heavy.isdisjoint(done.stderr.decode().split())


def test_it_compiles_no_annotations() -> None:
    program = (
        "import sys; sys.addaudithook(lambda event, details: event == 'compile' and print(details, file=sys.stderr));"
        "from ecs5lint.cli.main import *; main(['pass.json'])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True)
    compiled = [line for line in done.stderr.splitlines() if line.endswith("'<string>')")]
    assert compiled
    assert [line for line in compiled if not line.startswith("(b'lambda ")] == []  # a constructor of named tuples


def test_a_module_elsewhere_is_judged_wherever_the_linter_is_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    module, elsewhere = tmp_path / "module", tmp_path / "elsewhere"
    module.mkdir()
    elsewhere.mkdir()
    text = 'resource "aws_ecs_task_definition" "web" {\n  container_definitions = jsonencode([{ name = "web" }])\n}\n'
    (module / "main.tf").write_text(text)
    monkeypatch.chdir(elsewhere)
    for path in (module, module / "main.tf", Path("../module")):
        assert main(["--quiet", str(path)]) == 1
        assert capsys.readouterr().out.startswith("../module/main.tf:2:39: error: ")
