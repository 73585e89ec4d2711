"""Test the configuration file: which file is used, its keys, and the messages about invalid content."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from places import ROOT

from ecs5lint.cli.main import main
from ecs5lint.files.globs import Globs
from ecs5lint.files.workspace import Workspace
from ecs5lint.location import Failure
from ecs5lint.run import config, config_file
from ecs5lint.settings.settings import Configuration, Typed

FAIL = '{"family": "web", "containerDefinitions": [{"name": "web"}]}'
UNKNOWN = '{"family": "web", "containerDefinitions": [{"name": "web", "readonlyRootFilesystem": ${X}}]}'

Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(files: dict[str, str]) -> None:
    for name, content in files.items():
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(content)


def find() -> Configuration:
    return config.find(Workspace())


def places(capsys: Capture) -> list[str]:
    report = json.loads(capsys.readouterr().out)
    return [f"{result['location']['path']} {result['verdict']}" for result in report["results"]]


def test_none() -> None:
    assert find() == Configuration()


def test_everything() -> None:
    write({"a.tfvars": "", "b.json": "{}"})
    write(
        {
            "ecs5lint.toml": """
paths = ["infra", "x/../services"]
exclude = ["old/"]
strict = true
format = "json"
variables = {name = "web", count = 3, share = 0.5, on = true, "quoted key" = "", list = [1, {a = false}]}
variable-files = ["a.tfvars"]
parameters-files = ["b.json"]
honor-other-linters = false

[parameters]
ReadOnly = false

[[exceptions]]
path = "infra/*"
reason = " it is so "
expires = 2030-12-31

[[exceptions]]
address = "web"
container = "agent-*"
reason = "for now"
expires = "2031-01-01"

[[extract]]
files = ["*.yml", "!a.yml"]
path = "$..x"
"""
        }
    )
    found = find()
    settings = found.settings
    assert found.paths == ("infra", "services")
    assert found.exclude == (Globs(("old/",), ".", "ecs5lint.toml"),)
    assert (found.format, settings.strict, settings.honor_other_linters) == ("json", True, False)
    variables = {"name": "web", "count": 3, "share": 0.5, "on": True, "quoted key": "", "list": [1, {"a": False}]}
    assert settings.variables == ("a.tfvars", *((name, Typed(value)) for name, value in variables.items()))
    assert (settings.parameters, settings.parameters_files) == ((("ReadOnly", "false"),), ("b.json",))
    assert [(item.path, item.address, item.container, item.reason, item.expires) for item in settings.suppressions] == [
        ("infra/*", "*", "*", "it is so", "2030-12-31"),
        ("**", "web", "agent-*", "for now", "2031-01-01"),
    ]
    assert [item.at for item in settings.suppressions] == [("ecs5lint.toml", 14), ("ecs5lint.toml", 19)]
    (extract,) = settings.extracts
    assert (extract.files, extract.path) == (Globs(("*.yml", "!a.yml"), ".", "ecs5lint.toml"), "$..x")
    assert (extract.at.path, extract.at.line) == ("ecs5lint.toml", 27)


def test_the_nearest_counts(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(
        {
            "pyproject.toml": "[tool.ecs5lint]\nformat = 'json'\n",
            "a/ecs5lint.toml": "paths = ['here']\n",
            "a/pyproject.toml": "[project]\nname = 'nor-is-ecs5lint-here'\n",
            "a/b/pyproject.toml": "[project]\nname = 'ecs5lint-is-not-configured-here'\n",
            "a/b/c/.git/HEAD": "",
        }
    )
    assert find().format == "json"
    monkeypatch.chdir(tree / "a")
    assert find().paths == ("here",)
    monkeypatch.chdir(tree / "a/b")
    assert find().paths == ("../here",)
    monkeypatch.chdir(tree / "a/b/c")  # a separate project
    assert find() == Configuration()


def test_two_in_one_directory_are_an_error(tree: Path, capsys: Capture) -> None:
    write({"ecs5lint.toml": "strict = false\n", "pyproject.toml": "[tool.ecs5lint]\nstrict = true\n"})
    with pytest.raises(Failure, match=r"second configuration next to ecs5lint\.toml"):
        find()
    assert main([]) == 2
    assert "pyproject.toml: is a second configuration next to ecs5lint.toml" in capsys.readouterr().err


def test_paths_and_patterns_are_relative_to_the_file(
    tree: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    write(dict.fromkeys(("a/web.json", "a/old/web.json", "b/old/web.json", "b/sub/web.json", "sub/web.json"), FAIL))
    exceptions = "[[exceptions]]\npath = '/sub/'\nreason = 'r'\n"
    write({"ecs5lint.toml": f"paths = ['b', 'sub']\nexclude = ['/b/old']\n{exceptions}"})
    for directory, found in {
        ".": ["b/sub/web.json fail", "sub/web.json suppressed"],
        "a": ["../b/sub/web.json fail", "../sub/web.json suppressed"],
        "b/sub": ["../../sub/web.json suppressed", "../sub/web.json fail"],
    }.items():
        monkeypatch.chdir(tree / directory)
        main(["--format", "json"])
        assert places(capsys) == found
    monkeypatch.chdir(tree / "b")
    main(["--format", "json", "old/web.json", "../a"])
    assert places(capsys) == ["../a/old/web.json fail", "../a/web.json fail"]


def test_the_command_line_wins(capsys: Capture) -> None:
    write({"web.json": UNKNOWN, "other/web.json": FAIL, "b.tfvars": "b = 1"})
    write({"ecs5lint.toml": "strict = true\nformat = 'json'\npaths = ['web.json']\nexclude = ['/other']\n"})
    assert main([]) == 1
    assert places(capsys) == ["web.json unknown"]
    assert main(["--no-strict"]) == 0
    assert places(capsys) == ["web.json unknown"]
    assert main(["--format", "text", "--quiet"]) == 1
    assert capsys.readouterr().out.startswith("web.json:1:44: error: ")
    assert main(["other"]) == 0
    assert places(capsys) == []
    assert main(["other", "--exclude", "!/other"]) == 1
    assert places(capsys) == ["other/web.json fail"]
    assert main(["--no-config", "--format", "json"]) == 1
    assert places(capsys) == ["other/web.json fail", "web.json unknown"]


def test_variables_of_the_command_line_come_later(capsys: Capture) -> None:
    module = """
variable "a" {}
resource "aws_ecs_task_definition" "web" {
  container_definitions = jsonencode([{ name = "web", readonlyRootFilesystem = var.a }])
}
"""
    template = """
Parameters: {A: {Type: String}}
Resources:
  Web:
    Type: AWS::ECS::TaskDefinition
    Properties: {ContainerDefinitions: [{Name: web, ReadonlyRootFilesystem: !Ref A}]}
"""
    write({"main.tf": module, "template.yaml": template, "true.tfvars": "a = true", "false.tfvars": "a = false"})
    write({"ecs5lint.toml": "variable-files = ['true.tfvars']\nparameters = {A = true}\n"})
    assert main(["--format", "json"]) == 0
    assert places(capsys) == ["main.tf pass", "template.yaml pass"]
    main(["--format", "json", "--var-file", "false.tfvars", "--parameter", "A=false"])
    assert places(capsys) == ["main.tf fail", "template.yaml fail"]


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("exlude = []", "1:1: unknown key 'exlude'; did you mean exclude?"),
        ("var-file = []", "1:1: unknown key 'var-file'; did you mean variable-files?"),
        ("nonsense = 1", "1:1: unknown key 'nonsense'; choose from paths, exclude, strict, "),
        ("\n  strict = 'yes'", "2:3: strict: must be true or false"),
        ("exclude = 'a'", "1:1: exclude: must be a list of strings"),
        ("exclude = ['a', 1]", "1:1: exclude: must be a list of strings"),
        ("exclude = ['!']", "1:1: exclude: '!' is not a pattern"),
        ("format = 'jsn'", "1:1: unknown format 'jsn'; did you mean json?"),
        ("format = 1", "1:1: format: must be a string"),
        (
            "[variables]\na = 2030-12-31",
            "1:2: variables: must be a table of strings, numbers, booleans, lists and tables",
        ),
        ("[variables]\na = [nan]", "1:2: variables: must be a table of strings, numbers, booleans, lists and tables"),
        ("[parameters]\na = [1]", "1:2: parameters: must be a table of strings, numbers and booleans"),
        ("exceptions = 1", "1:1: exceptions: must be a list of tables"),
        ("exceptions = [1]", "1:1: exceptions: must be a table"),
        ("[exceptions]\npath = 'a'", "1:2: exceptions: must be a list of tables, each under [[exceptions]]"),
        (
            "# for all\n[tool.ecs5lint]\nstrict = true",
            "2:2: unexpected table [tool.ecs5lint]: put its keys at the top level",
        ),
        ("[[exceptions]]\npath = 'a'", "1:3: reason: an exception needs a reason"),
        ("[[exceptions]]\npath = 'a'\nreason = ' '", "3:1: reason: an exception needs a reason"),
        ("[[exceptions]]\nreason = 'b'", "1:3: exceptions: an exception needs a path, an address or a container"),
        (
            "[[exceptions]]\npath = 'a'\nreason = 'b'\n[[exceptions]]\npath = 'c'\nreasons = 'd'",
            "6:1: unknown key 'reasons'; did you mean reason?",
        ),
        (
            "[[exceptions]]\npath = 'a'\nreason = 'b'\nexpires = '31.12.2030'",
            "4:1: expires: must be a date, as in 2030",
        ),
        ("[[exceptions]]\npath = 'a'\nreason = 'b'\nexpires = 2030-12-31T00:00:00", "4:1: expires: must be a date"),
        ("[[exceptions]]\npath = 'a'\nreason = 'b'\nexpires = 20301231", "4:1: expires: must be a date"),
        ("[[exceptions]]\npath = 'a'\nreason = 'b'\nexpires = '2030-02-30'", "4:1: expires: must be a date"),
        ("[[exceptions]]\npath = '!'\nreason = 'b'", "2:1: path: '!' is not a pattern"),
        ("[[extract]]\nfiles = ['a']", "1:3: extract: needs files, and the path in them"),
        ("[[extract]]\nfiles = []\npath = '$'", "1:3: extract: needs files, and the path in them"),
        ("extract = [{files = ['!'], path = '$'}]", "1:1: files: '!' is not a pattern"),
        ("paths = ['../..']", "1:1: paths: ../.. is outside the project root"),
        ("parameters-files = ['/etc/hosts']", "/etc/hosts is outside the project root"),
        ("variable-files = ['a.tfvars']", "1:1: variable-files: a.tfvars cannot be read: No such file or directory"),
        (
            "variable-files = ['link.tfvars']",
            "1:1: variable-files: link.tfvars is outside the project root",
        ),
        ("paths = [\n", "2:1: is not TOML: "),
        ("a = 1\na = 2", "2:"),
        ("=", "1:1: is not TOML: "),
        ("a = " + "[" * 5000, " is not "),
        ("a = " + "9" * 5000, " is not TOML: "),
        ("\x07", "1:1: is not TOML: "),
        ("fail-on = 'never'", "1:1: unknown fail-on 'never'; choose from fail, unknown, default"),
        ("strict = true\nfail-on = 'fail'", "2:1: fail-on: fail contradicts strict = true"),
        ("strict = false\nfail-on = 'default'", "2:1: fail-on: default contradicts strict = false"),
        ("#" * 1_000_001, " exceeds the limit of 1 MB"),
    ],
)
def test_what_is_wrong(content: str, complaint: str, tree: Path, capsys: Capture) -> None:
    Path("link.tfvars").symlink_to("/etc/hosts")
    Path("ecs5lint.toml").write_text(content)
    assert main([]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert re.fullmatch(r"ecs5lint: ecs5lint\.toml:.*\n", captured.err)
    assert complaint in captured.err


@pytest.mark.parametrize(
    ("content", "place"),
    [
        ("[project]\nstrict = 1\n[tool.ecs5lint]\npaths = []\nstrict = 1\n", (5, 1)),
        ("[tool.other]\nstrict = 1\n[tool]\necs5lint.strict = 1\n", (4, 1)),
        ("[tool]\necs5lint = {paths = [], strict = 1}\n", (2, 1)),
        ("[ tool . 'ecs5lint' ]\n\t'strict' = 1\n", (2, 2)),
        ("tool.ecs5lint.strict = 1\n", (1, 1)),
    ],
)
def test_where_it_is_wrong(content: str, place: tuple[int, int], capsys: Capture) -> None:
    Path("pyproject.toml").write_text(content)
    assert main([]) == 2
    line, column = place
    assert capsys.readouterr().err == f"ecs5lint: pyproject.toml:{line}:{column}: strict: must be true or false\n"


def test_a_file_that_is_named(tree: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    write({"ecs5lint.toml": "strict = true", "ci/lint.toml": "paths = ['../b']\n", "b/web.json": UNKNOWN})
    write({"empty/pyproject.toml": "[project]\nname = 'ecs5lint'\n"})
    assert main(["--config", "ci/lint.toml", "--format", "json"]) == 0
    assert places(capsys) == ["b/web.json unknown"]
    for arguments, complaint in {
        ("--config", "none.toml"): "none.toml: cannot be read: No such file or directory",
        ("--config", "empty/pyproject.toml"): "empty/pyproject.toml: has no table [tool.ecs5lint]",
        ("--config", "a", "--no-config"): "--no-config: not allowed with --config",
    }.items():
        assert main(arguments) == 2
        assert complaint in capsys.readouterr().err


def test_one_that_cannot_be_read_is_not_passed_over(tree: Path, capsys: Capture) -> None:
    Path("pyproject.toml").symlink_to("/etc/hosts")
    assert main([]) == 2
    assert capsys.readouterr().err == "ecs5lint: pyproject.toml: is outside the project root\n"
    assert main(["--no-config"]) == 0


def test_a_hyphen_among_the_paths_is_a_file(capsys: Capture) -> None:
    write({"-": FAIL, "ecs5lint.toml": "paths = ['-']"})
    assert main(["--format", "json"]) == 1
    assert places(capsys) == ["- fail"]


@pytest.mark.parametrize("content", [None, "[project]\nname = 'other'\n"])
def test_a_parser_of_toml_is_imported_only_for_a_configuration(content: str | None) -> None:
    write({"web.json": FAIL, **({"pyproject.toml": content} if content else {})})
    program = (
        "import sys; from ecs5lint.cli.main import *; main([]); sys.exit(bool({'tomllib', 'tomli'} & {*sys.modules}))"
    )
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, check=False).returncode == 0


def documented(page: str) -> Any:
    """Return the configurations on a page."""
    return re.findall(r"```toml\n(.*?)```", (ROOT / page).read_text(encoding="utf-8"), re.DOTALL)


def test_the_page() -> None:
    write({"infra/production.tfvars": "", "infra/parameters.json": "{}"})
    shown = documented("docs/configuration.md")
    assert shown
    for text in shown:
        Path("pyproject.toml").write_text(text)
        assert find() != Configuration()


def test_the_page_has_every_key() -> None:
    page = (ROOT / "docs/configuration.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `([a-z-]+)` \|", page, re.MULTILINE)) == {
        *config_file._KEYS,
        *config_file._EXCEPTION_KEYS,
    }
