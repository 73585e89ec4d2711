"""Test task definitions in files with a custom structure, beyond fixtures/extract."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ecs5lint.cli.main import main
from ecs5lint.location import Source
from ecs5lint.text.jsonpath import compile_path, find
from ecs5lint.text.yaml import parse_yaml

CONTAINERS = '[{"name": "web", "image": "web", "essential": true}]'
TASK_DEFINITION = f'{{"family": "web", "containerDefinitions": {CONTAINERS}}}'

Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)


def extract(*entries: tuple[str, str]) -> None:
    """Write a configuration with the given files and paths."""
    lines = [f"[[extract]]\nfiles = ['{files}']\npath = '''{path}'''\n" for files, path in entries]
    Path("ecs5lint.toml").write_text("".join(lines))


def run(capsys: Capture, *arguments: str) -> dict[str, Any]:
    main(["--format", "json", *arguments])
    report: dict[str, Any] = json.loads(capsys.readouterr().out)
    return report


def found(report: dict[str, Any]) -> list[str]:
    return [f"{item['location']['path']}:{item['location']['line']} {item['verdict']}" for item in report["results"]]


def test_it_takes_the_place_of_what_the_content_looks_like(capsys: Capture) -> None:
    Path("web.json").write_text(TASK_DEFINITION)
    extract(("*.json", "$"))
    report = run(capsys)
    assert (found(report), report["summary"]["files"], report["warnings"]) == (["web.json:1 fail"], 1, [])


def test_a_file_in_which_it_leads_to_nothing_is_judged_as_ever(capsys: Capture) -> None:
    Path("a.json").write_text(TASK_DEFINITION)
    Path("b.json").write_text(f'{{"service": {TASK_DEFINITION}}}')
    extract(("*.json", "$.service"))
    report = run(capsys)
    assert (found(report), report["summary"]["files"]) == (["a.json:1 fail", "b.json:1 fail"], 2)
    assert report["warnings"] == []


def test_a_path_that_leads_to_nothing_is_told(capsys: Capture) -> None:
    extract(("*.yaml", "$.service"), ("none/*.yaml", "$.other"))
    Path("a.yaml").write_text("services: {}\n")
    warning, unused = run(capsys)["warnings"]
    assert unused["message"] == "unused extract: no file matches none/*.yaml"
    message = "the path $.service matches nothing in a.yaml"
    assert warning == {"path": "ecs5lint.toml", "line": 3, "column": 1, "message": message}
    Path("b.yaml").write_text("services: {}\n")
    assert main(["--strict", "."]) == 0
    assert "matches nothing in any of 2 files" in capsys.readouterr().out


def test_it_is_for_files_of_any_name_and_for_standard_input(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("deploy.md").write_text(f'{{"service": {TASK_DEFINITION}}}')
    Path("ignored.md").write_text(f'{{"service": {TASK_DEFINITION}}}')
    Path(".gitignore").write_text("ignored.md\n")
    extract(("*.md", "$.service"))
    assert found(run(capsys)) == ["deploy.md:1 fail"]
    assert found(run(capsys, "ignored.md")) == ["ignored.md:1 fail"]
    assert found(run(capsys, "deploy.md", "--exclude", "*.md")) == []
    with Path("deploy.md").open("rb") as standard_input:
        monkeypatch.setattr("sys.stdin", type("", (), {"buffer": standard_input}))
        assert found(run(capsys, "-", "--stdin-filename", "x/y.md")) == ["x/y.md:1 fail"]


def test_a_template_of_cloudformation_is_judged_besides(capsys: Capture) -> None:
    state = {"Parameters": {"ContainerDefinitions": [{"Name": "job"}]}}
    task_definition = {"Type": "AWS::ECS::TaskDefinition", "Properties": {"ContainerDefinitions": [{"Name": "web"}]}}
    machine = {"Type": "AWS::StepFunctions::StateMachine", "Properties": {"Definition": {"States": {"A": state}}}}
    template = {"Resources": {"Machine": machine, "Web": task_definition}}
    Path("template.json").write_text(json.dumps(template, indent=1))
    extract(("*.json", "$.Resources.*.Properties.Definition.States.*.Parameters"))
    report = run(capsys)
    assert [(item["container"]["name"], item["source"]) for item in report["results"]] == [
        ("job", "task-definition"),
        ("web", "cloudformation"),
    ]


@pytest.mark.parametrize(
    "path",
    [
        "", "$.a[", "a b", "$.*.`parent`", "$..* where $..*", "$.a.$.b", "$[?(@.a == 1)]", "'",
        "$.a.`sub(/a*/, b)`", "$" + ".a" * 21, "$." + "a" * 1000, "$.a.(b.$)", "$.(a.$.b)", "$[::0]", "\u00e9",
    ],
)  # fmt: skip
def test_a_path_that_cannot_be_followed(path: str, capsys: Capture) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        compile_path(path)
    if path:
        Path("a.json").write_text("{}")
        extract(("*.json", path))
        assert main([]) == 2
        assert "ecs5lint.toml:3:1: error: path: " in capsys.readouterr().out


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        ("$.apps[?(@.web)]", "filters are not supported; use names, indexes, slices, * and .."),
        ("$.apps web", "unexpected 'w' at character 8"),
        ("$.apps[", "it is incomplete"),
    ],
)
def test_a_path_is_refused_in_words_about_the_path(path: str, problem: str) -> None:
    with pytest.raises(ValueError, match=r"\S") as error:
        compile_path(path)
    assert str(error.value) == problem


@pytest.mark.parametrize(
    ("path", "addresses"),
    [
        ("$", [""]),
        ("a", ["a"]),
        ("$.*", ["a", "b", "d e"]),
        ("$.a.b", ["a.b"]),
        ("$.b[*]", ["b[0]", "b[1]"]),
        ("$.b[1]", ["b[1]"]),
        ("$.b[-1:]", ["b[1]"]),
        ("$.b[0:1].c", ["b[0].c"]),
        ("$..c", ["a.b.c", "b[0].c", "b[1].c"]),
        ("$..b..c", ["a.b.c", "b[0].c", "b[1].c"]),
        ("$..(b..c)", ["a.b.c", "b[0].c", "b[1].c"]),
        ("$.b[-1]", ["b[1]"]),
        ("$.b[0,1,2]", ["b[0]", "b[1]"]),
        ("$.a[*]", ["a.b"]),
        ("$..*..*.c", ["a.b.c", "b[0].c", "b[1].c"]),
        ("$['a','d e']", ["a", "d e"]),
        ("$..'d e'", ["d e"]),
        ("$.none", []),
        ("$.b.c", []),
        ("$.a[0]", []),
    ],
)
def test_paths(path: str, addresses: list[str]) -> None:
    text = "a: {b: {c: {}}}\nb: [{c: []}, {c: {}}]\nd e: {}\n"
    (document,) = parse_yaml(Source("a.yaml", text, "yaml"))
    assert sorted(match.address for match in find(compile_path(path), document)) == addresses


@pytest.mark.parametrize(
    "content",
    [
        '{"a": ' * 149 + "1" + "}" * 149,
        "[" * 149 + "]" * 149,
        '{"a": 1',
        "a: [",
        "text",
        "",
        "- {a: &x [*x]}",
        '{"a": ${A}, ${B}}',
        "{" + "".join(f'{{% if x{i} %}}"a": {{}},{{% endif %}}' for i in range(30)) + '"b": 1}',
    ],
)
@pytest.mark.parametrize("path", ["$..a", "$..a..a", "$.*.*.*", "$.a[*][0]"])
def test_strange_documents_are_told_of_or_judged(content: str, path: str, capsys: Capture) -> None:
    Path("a.json").write_text(content)
    extract(("*.json", path))
    main(["--strict"])
    captured = capsys.readouterr()
    assert "because of a bug" not in captured.out
    assert captured.err == ""
