"""Test the baseline in a project: write it, change the source, and remove entries."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
from places import ROOT

from ecs5lint.cli.main import main

PAGE = (ROOT / "docs" / "baseline.md").read_text(encoding="utf-8")

BASELINE = "baseline.json"

Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def task_definition(name: str, *containers: str, family: str = "web") -> None:
    """Write a task definition with containers. A name with the suffix `+` passes, and one with `?` is unknown."""
    values = {"+": ', "readonlyRootFilesystem": true', "?": ', "readonlyRootFilesystem": ${RO}'}
    written = [f'{{"name": "{item.rstrip("+?")}"{values.get(item[-1], "")}}}' for item in containers]
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    Path(name).write_text(f'{{"family": "{family}", "containerDefinitions": [{", ".join(written)}]}}')


def write(*arguments: str) -> None:
    assert main(["--baseline", BASELINE, "--write-baseline", *arguments]) == 0


def findings() -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = json.loads(Path(BASELINE).read_text())["findings"]
    return entries


def compare(capsys: Capture, *arguments: str) -> tuple[int, list[str], list[str]]:
    """Return the exit code, the verdicts by container, and the notices."""
    capsys.readouterr()
    code = main(["--format", "json", "--baseline", BASELINE, *arguments])
    report = json.loads(capsys.readouterr().out)
    found = [f"{item['container'] and item['container']['name']} {item['verdict']}" for item in report["results"]]
    return code, found, [item["message"].partition(":")[0] for item in report["warnings"]]


def test_a_run_that_is_on_record_finds_nothing(capsys: Capture) -> None:
    task_definition("web.json", "a", "b?", "c+")
    write()
    assert [(item["container"], item["verdict"]) for item in findings()] == [("a", "fail"), ("b", "unknown")]
    assert compare(capsys) == (0, ["a suppressed", "b suppressed", "c pass"], [])
    assert compare(capsys, "--strict")[0] == 0
    main(["--format", "json", "--baseline", BASELINE])
    suppression = json.loads(capsys.readouterr().out)["results"][0]["suppression"]
    assert suppression == {
        "kind": "baseline",
        "reason": "on record in baseline.json",
        "location": None,
        "expires": None,
    }


def test_the_file_is_sorted_and_has_a_line_for_each_finding() -> None:
    task_definition("z.json", "b", "a")
    task_definition("a.json", "é")
    write()
    lines = Path(BASELINE).read_text(encoding="utf-8").splitlines()
    keys = ["rule", "path", "address", "container", "verdict", "fingerprint"]
    assert [list(item) for item in findings()] == [keys] * 3
    assert [(item["path"], item["container"]) for item in findings()] == [
        ("a.json", "é"),
        ("z.json", "a"),
        ("z.json", "b"),
    ]
    assert len([line for line in lines if '"rule"' in line]) == 3
    before = Path(BASELINE).read_text(encoding="utf-8")
    write()
    assert Path(BASELINE).read_text(encoding="utf-8") == before


def test_new_ones_are_found_and_old_ones_stay_through_what_moves(capsys: Capture) -> None:
    task_definition("web.json", "a", "b")
    write()
    Path("web.json").write_text("\n\n" + Path("web.json").read_text().replace("[", '[\n{"name": "new"},\n'))
    assert compare(capsys) == (1, ["new fail", "a suppressed", "b suppressed"], [])


def test_what_is_no_longer_found_is_said(capsys: Capture) -> None:
    task_definition("web.json", "a", "b", "c")
    task_definition("gone.json", "d")
    write()
    task_definition("web.json", "a", "b+")
    Path("gone.json").unlink()
    code, _, notices = compare(capsys)
    assert code == 0
    assert notices == [
        'container "d" of web in gone.json no longer has the verdict fail',
        'container "b" of web in web.json no longer has the verdict fail',
        'container "c" of web in web.json no longer has the verdict fail',
    ]
    write()
    assert [item["container"] for item in findings()] == ["a"]


def test_a_notice_has_the_place_of_its_entry(capsys: Capture) -> None:
    task_definition("web.json", "a")
    write()
    task_definition("web.json", "a+")
    capsys.readouterr()
    main(["--quiet", "--baseline", BASELINE])
    assert capsys.readouterr().out.startswith('baseline.json:4:5: warning: container "a" of web in web.json no longer')


@pytest.mark.parametrize(
    ("recorded", "now", "expected"),
    [
        ("a", "a?", (0, ["a suppressed"], [])),
        ("a?", "a", (1, ["a fail"], ['container "a" of web in web.json no longer has the verdict unknown'])),
    ],
)
def test_a_fail_on_record_covers_an_unknown_but_not_the_other_way_round(
    recorded: str, now: str, expected: tuple[int, list[str], list[str]], capsys: Capture
) -> None:
    task_definition("web.json", recorded)
    write()
    task_definition("web.json", now)
    assert compare(capsys) == expected


def test_an_entry_is_for_its_rule_and_stays_in_a_run_without_it(capsys: Capture) -> None:
    definition = {"family": "web", "containerDefinitions": [{"name": "a", "privileged": True}]}
    Path("web.json").write_text(json.dumps(definition))
    write()
    assert compare(capsys, "--select", "ECS4,ECS5") == (1, ["a fail", "a suppressed"], [])
    assert compare(capsys, "--select", "ECS4") == (1, ["a fail"], [])
    write("--select", "ECS4")
    assert [item["rule"] for item in findings()] == ["ECS4", "ECS5"]
    assert compare(capsys, "--select", "ECS4,ECS5") == (0, ["a suppressed", "a suppressed"], [])


def test_a_run_over_a_few_files_says_nothing_of_the_others(capsys: Capture) -> None:
    for name in ("deploy/web.json", "deploy/api.json", "other/web.json"):
        task_definition(name, "a")
    write()
    for name in ("deploy/web.json", "deploy/api.json", "other/web.json"):
        task_definition(name, "b")
    for paths, count in ((["deploy/web.json"], 1), (["deploy"], 2), ([], 3), (["."], 3)):
        assert len(compare(capsys, *paths)[2]) == count


def test_a_run_over_a_few_files_puts_only_those_on_record() -> None:
    task_definition("web.json", "a")
    task_definition("api.json", "b")
    write()
    task_definition("web.json", "c")
    task_definition("api.json", "d")
    write("web.json")
    assert [item["container"] for item in findings()] == ["b", "c"]


def test_the_working_directory_does_not_matter(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    task_definition("infra/web.json", "a")
    write("infra")
    monkeypatch.chdir("infra")
    for paths in ([], ["web.json"], [os.path.abspath("web.json")]):
        capsys.readouterr()
        assert main(["--baseline", f"../{BASELINE}", *paths]) == 0
        assert "no longer" not in capsys.readouterr().out


def test_a_run_in_a_directory_says_nothing_of_those_beside_it(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    task_definition("infra/web.json", "a")
    task_definition("other/web.json", "b")
    write()
    task_definition("other/web.json", "c")
    monkeypatch.chdir("infra")
    monkeypatch.setattr(f"{__name__}.BASELINE", f"../{BASELINE}")
    assert compare(capsys)[2] == []
    write()
    assert [item["container"] for item in findings()] == ["a", "b"]


def test_containers_that_are_told_apart_by_nothing_are_counted(capsys: Capture) -> None:
    Path("web.json").write_text('{"containerDefinitions": [{"image": "a"}, {"image": "b"}]}')
    write()
    Path("web.json").write_text('{"containerDefinitions": [{"image": "a"}, {"image": "b"}, {"image": "c"}]}')
    assert compare(capsys) == (1, ["None suppressed", "None suppressed", "None fail"], [])


def test_what_is_suppressed_in_another_way_is_not_put_on_record(capsys: Capture) -> None:
    Path("web.yaml").write_text("containerDefinitions:\n  - name: a # ecs5lint: ignore[ECS5] a reason\n  - name: b\n")
    write()
    assert [item["container"] for item in findings()] == ["b"]


MODULE = """
variable "name" {}
resource "aws_ecs_task_definition" "this" {
  container_definitions = jsonencode([{ name = "web" }])
}
"""


def test_a_module_that_is_judged_by_itself_is_on_record_as_it_is_called(capsys: Capture) -> None:
    Path("infra/module").mkdir(parents=True)
    Path("infra/module/main.tf").write_text(MODULE)
    Path("infra/main.tf").write_text('module "web" {\n  source = "./module"\n  name = "web"\n}\n')
    write()
    assert [(item["address"], item["via"]) for item in findings()] == [
        ("module.web.aws_ecs_task_definition.this", ["module.web"])
    ]
    assert compare(capsys, "infra/module") == (0, ["web suppressed"], [])
    assert compare(capsys, "infra/main.tf") == (0, ["web suppressed"], [])
    Path("infra/module/main.tf").write_text(MODULE.replace('"web" }', '"api" }'))
    code, found, notices = compare(capsys, "infra/module")
    assert (code, found, notices) == (1, ["api fail"], [])
    assert len(compare(capsys)[2]) == 1


def test_a_file_of_a_module_stands_for_the_others(capsys: Capture) -> None:
    Path("main.tf").write_text(MODULE)
    Path("locals.tf").write_text("locals {}\n")
    write()
    Path("main.tf").write_text(MODULE.replace('"web" }', '"api" }'))
    for path in ("locals.tf", os.path.abspath("locals.tf")):
        assert len(compare(capsys, path)[2]) == 1


def test_what_cannot_be_parsed_is_put_on_record_and_stays_in_sight(capsys: Capture) -> None:
    task_definition("web.json", "a")
    Path("broken.json").write_text('{"containerDefinitions": [}')
    assert main(["--quiet"]) == 2
    write()
    error = {"path": "broken.json", "message": "is not valid JSON: expected a value"}
    assert json.loads(Path(BASELINE).read_text())["errors"] == [error]
    assert compare(capsys) == (0, ["a suppressed"], ["is not valid JSON"])
    Path("other.json").write_text('{"containerDefinitions": [}')
    assert compare(capsys)[0] == 2
    Path("other.json").unlink()
    Path("broken.json").write_text('{"containerDefinitions": []}')
    assert compare(capsys)[2][1:] == ["the baseline lists an error in broken.json that no longer occurs"]
    write()
    assert "errors" not in json.loads(Path(BASELINE).read_text())


def test_a_run_with_new_errors_cannot_tell_of_what_it_did_not_come_upon(capsys: Capture) -> None:
    task_definition("web.json", "a")
    task_definition("old.json", "b")
    write()
    Path("broken.json").write_text('{"containerDefinitions": [}')
    Path("old.json").unlink()
    assert compare(capsys) == (2, ["a suppressed"], [])
    write()
    assert [item["container"] for item in findings()] == ["b", "a"]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "baseline.json:1:1: is not valid JSON: "),
        ("<<<<<<< HEAD\n", "baseline.json:1:1: is not valid JSON: "),
        ("[]", "baseline.json:1:1: is not a baseline: it must be an object"),
        ("{}", 'baseline.json:1:1: is not a baseline: its "version" must be 1'),
        ('{"version": 2}', 'baseline.json:1:13: is not a baseline: its "version" must be 1'),
        ('{"version": 1}', 'baseline.json:1:1: is not a baseline: it must have a list of "findings"'),
        ('{"version": 1, "findings": {}}', 'baseline.json:1:28: is not a baseline: it must have a list of "findings"'),
        ('{"version": 1, "findings": [1]}', "baseline.json:1:29: is not a baseline: a finding must be an object"),
        (
            '{"version": 1, "findings": [], "errors": 1}',
            'baseline.json:1:42: is not a baseline: its "errors" must be a list',
        ),
        (
            '{"version": 1, "findings": [], "errors": [{"path": "a"}]}',
            'baseline.json:1:43: is not a baseline: an error must have a text as its "message"',
        ),
        (
            '{"version": 1, "findings": [{"rule": 5}]}',
            'baseline.json:1:29: is not a baseline: a finding must have a text as its "rule"',
        ),
    ],
)
def test_a_file_that_is_no_baseline_is_one_line_and_stays_as_it_is(text: str, complaint: str, capsys: Capture) -> None:
    task_definition("web.json", "a")
    Path(BASELINE).write_text(text)
    for arguments in ([], ["--write-baseline"]):
        assert main(["--baseline", BASELINE, *arguments, "web.json"]) == 2
        captured = capsys.readouterr()
        assert captured.out == ""
        assert captured.err.startswith(f"ecs5lint: {complaint}")
        assert captured.err.count("\n") == 1
    assert Path(BASELINE).read_text() == text


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--write-baseline"], "--write-baseline requires --baseline FILE"),
        (["--baseline", "a", "--write-baseline", "--output", "./a"], "two reports have the same output file"),
        (["--baseline", "none/b.json", "--write-baseline"], "cannot write none/b.json: No such file or directory"),
    ],
)
def test_bad_usage(arguments: list[str], complaint: str, capsys: Capture) -> None:
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", f"ecs5lint: {complaint}\n")


def test_it_is_written_whole_or_not_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    task_definition("web.json", "a")
    write()
    before = Path(BASELINE).read_text()
    task_definition("web.json", "b")

    def fail(source: str, target: str) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", fail)
    assert main(["--baseline", BASELINE, "--write-baseline"]) == 2
    assert Path(BASELINE).read_text() == before
    assert not list(Path().glob("*.tmp"))


def test_the_page_has_commands_that_work(capsys: Capture) -> None:
    task_definition("web.json", "a")
    commands = re.findall(r"```sh\necs5lint (.*)\n```", PAGE)
    assert [main(command.split()) for command in commands] == [0, 0]
    assert len(commands) == 2
    (example,) = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    written = json.loads(Path("ecs5lint-baseline.json").read_text())
    assert list(json.loads(example)) == list(written)
    assert list(json.loads(example)["findings"][0]) == list(written["findings"][0])
