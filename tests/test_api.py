"""Test the linter as a function."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import pytest
from places import ROOT

import ecs5lint
from ecs5lint.files.workspace import Workspace

FAIL = '{"family": "web", "containerDefinitions": [{"name": "web"}]}'
MODULE = """
variable "a" { type = bool }
resource "aws_ecs_task_definition" "web" {
  container_definitions = jsonencode([{ name = "web", readonlyRootFilesystem = var.a }])
}
"""
TEMPLATE = """
Parameters: {A: {Type: String, Default: true}}
Resources:
  Web:
    Type: AWS::ECS::TaskDefinition
    Properties: {ContainerDefinitions: [{Name: web, ReadonlyRootFilesystem: !Ref A}]}
"""


@pytest.fixture(autouse=True)
def _tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)


def verdicts(report: ecs5lint.Report) -> list[str]:
    return [f"{result.location.path} {result.verdict}" for result in report.results]


def test_the_page(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(ROOT)
    page = (ROOT / "docs/embedding.md").read_text(encoding="utf-8")
    (program,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    exec(program, {})
    assert "examples/task-definition.json:8: container " in capsys.readouterr().out
    arguments = re.findall(r"^\| (`.*`) \| ", page[: page.index("of the report")], re.MULTILINE)
    documented = re.findall(r"`(\w+)`", " ".join(arguments))
    assert set(documented) == set(ecs5lint.lint.__annotations__) - {"return"}


def test_paths(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a/web.json").write_text(FAIL)
    Path(".gitignore").write_text("*.json\n")
    for paths in ("a/web.json", Path("a/web.json"), ["a/web.json"], [tmp_path / "a/web.json"]):
        assert verdicts(ecs5lint.lint(paths)) == ["a/web.json fail"]
    assert verdicts(ecs5lint.lint(iter(["a"]))) == verdicts(ecs5lint.lint([])) == []
    assert verdicts(ecs5lint.lint(["a"], gitignore=False)) == ["a/web.json fail"]
    assert verdicts(ecs5lint.lint(["a/web.json"], exclude=["/a"])) == []


def test_variables_and_parameters(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("main.tf").write_text(MODULE)
    Path("template.yaml").write_text(TEMPLATE)
    Path("a.tfvars").write_text("a = true")
    Path("a.json").write_text('{"A": "false"}')
    monkeypatch.setenv("TF_VAR_a", "false")
    assert verdicts(ecs5lint.lint(["."])) == ["main.tf unknown", "template.yaml pass"]
    assert verdicts(ecs5lint.lint(["."], strict=True)) == ["main.tf unknown", "template.yaml unknown"]
    given = ecs5lint.lint(["."], variable_files=["a.tfvars"], parameters_files=["a.json"])
    assert verdicts(given) == ["main.tf pass", "template.yaml fail"]
    given = ecs5lint.lint(
        ["."],
        variables={"a": "false"},
        variable_files=["a.tfvars"],
        parameters={"A": "true"},
        parameters_files=["a.json"],
    )
    assert verdicts(given) == ["main.tf fail", "template.yaml pass"]
    assert verdicts(ecs5lint.lint(["main.tf"], environment={"TF_VAR_a": "true"})) == ["main.tf pass"]


def test_a_configuration_is_read_if_it_is_named() -> None:
    Path("template.yaml").write_text(TEMPLATE)
    Path("ecs5lint.toml").write_text("strict = true\nparameters = {A = 'false'}\nexclude = ['old/']\npaths = ['x']\n")
    assert verdicts(ecs5lint.lint(["."])) == ["template.yaml pass"]
    assert verdicts(ecs5lint.lint(["."], config="ecs5lint.toml")) == ["template.yaml fail"]
    assert verdicts(ecs5lint.lint(["."], config=Path("ecs5lint.toml"), parameters={"A": "true"}, strict=False)) == [
        "template.yaml pass"
    ]


def test_texts_in_memory() -> None:
    Path("modules/web").mkdir(parents=True)
    Path("modules/web/main.tf").write_text(MODULE)
    call = 'module "web" {\n  source = "./modules/web"\n  a      = %s\n}\n'
    assert verdicts(ecs5lint.lint(["."])) == ["modules/web/main.tf unknown"]
    for a, verdict in (("true", "pass"), ("false", "fail")):
        report = ecs5lint.lint(["."], texts={"main.tf": call % a})  # on no disk
        assert verdicts(report) == [f"modules/web/main.tf {verdict}"]
    texts: dict[str | os.PathLike[str], str] = {Path("modules/web/main.tf"): "", "new.json": FAIL, "skipped.json": FAIL}
    assert verdicts(ecs5lint.lint(["."], texts=texts, exclude=["skipped.json"])) == ["new.json fail"]
    assert verdicts(ecs5lint.lint("new.json", texts={"new.json": FAIL})) == ["new.json fail"]


def test_newer_content_replaces_older_content() -> None:
    first = Workspace().edited({"a.json": b"1", "b.json": b"1"})
    assert first.read("a.json", "json").text == "1"
    second = first.edited({"a.json": b"2"})
    assert [second.read(path, "json").text for path in ("a.json", "b.json")] == ["2", "1"]
    assert [name for name in second.entries(".") if name != ".git"] == ["a.json", "b.json"]
    assert second.is_file("a.json") and not second.is_missing("a.json")
    second.provide("c.json", b"1")
    assert second.read("c.json", "json").text == "1"
    second.provide("c.json", b"2")
    assert second.read("c.json", "json").text == "2"


def test_what_was_written_for_other_linters() -> None:
    Path("main.tf").write_text(
        """resource "aws_ecs_task_definition" "web" {
  # checkov:skip=CKV_AWS_336:it writes to /srv
  family                = "web"
  container_definitions = jsonencode([{ name = "app" }])
}
"""
    )
    assert verdicts(ecs5lint.lint("main.tf")) == ["main.tf suppressed"]
    assert verdicts(ecs5lint.lint("main.tf", honor_other_linters=False)) == ["main.tf fail"]


def test_an_exception_that_covers_nothing_is_told_of_where_all_was_judged() -> None:
    Path("a").mkdir()
    for name in ("a/web.json", "web.json"):
        Path(name).write_text(FAIL)
    Path("ecs5lint.toml").write_text("[[exceptions]]\npath = '/web.json'\nreason = 'r'\n")
    report = ecs5lint.lint(["."], config="ecs5lint.toml")
    assert (verdicts(report), report.notices) == (["a/web.json fail", "web.json suppressed"], ())
    assert ecs5lint.lint(["a"], config="ecs5lint.toml").notices == ()
    Path("web.json").unlink()
    (notice,) = ecs5lint.lint(["."], config="ecs5lint.toml").notices
    assert (notice.path, notice.position[0]) == ("ecs5lint.toml", 1)


def test_what_it_raises() -> None:
    Path("broken.json").write_text('{"containerDefinitions": [}')
    (failure,) = ecs5lint.lint(["."]).failures
    assert (failure.path, failure.position) == ("broken.json", (1, 27))
    Path("bad.toml").write_text("\nstrict = 1")
    with pytest.raises(ecs5lint.Failure, match="strict: must be true or false") as raised:
        ecs5lint.lint(["."], config="bad.toml")
    assert (raised.value.path, raised.value.position) == ("bad.toml", (2, 1))
    with pytest.raises(ecs5lint.Failure, match="cannot be read"):
        ecs5lint.lint(["."], parameters_files=["none.json"])
    with pytest.raises(ValueError, match="'!' is not a pattern"):
        ecs5lint.lint(["."], exclude=["!"])


def test_the_names() -> None:
    for name in ecs5lint.__all__:
        assert getattr(ecs5lint, name).__name__ == name
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        ecs5lint.nonsense  # type: ignore[attr-defined]  # noqa: B018
    assert files("ecs5lint").joinpath("py.typed").is_file()


def test_one_module_does_not_import_all() -> None:
    program = "import sys, ecs5lint.location; sys.exit('ecs5lint.run.pipeline' in sys.modules or 'yaml' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
