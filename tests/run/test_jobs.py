"""Test worker processes: the report stays the same, and the run never hangs, even if they die."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ecs5lint.cli.main import main
from ecs5lint.files.workspace import Workspace
from ecs5lint.parsers import PARSERS, cloudformation, terraform
from ecs5lint.run.pipeline import is_worth_sharing
from ecs5lint.settings.settings import Settings

#: Runs the linter with several processes for any number of inputs, after some other code.
PROGRAM = """
import multiprocessing, os, signal, sys, time
from ecs5lint.run import pipeline
from ecs5lint.__main__ import main
from ecs5lint.parsers import task_definition
pipeline.ENOUGH_TO_SHARE = 2
pipeline.is_worth_sharing = lambda kind, path: True
{code}
if __name__ == "__main__":
    sys.exit(main())
"""
START_METHODS = [method for method in ("fork", "spawn") if method == "spawn" or hasattr(os, "fork")]
needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="it reaches into the other processes by way of fork")

TEMPLATE = """\
Parameters: {Flag: {Type: String, Default: "true"}}
Conditions: {On: !Equals [!Ref Flag, "true"]}
Resources:
  Web:
    Type: AWS::ECS::TaskDefinition
    Properties:
      ContainerDefinitions: [{Name: web, Image: nginx, ReadonlyRootFilesystem: !If [On, true, false]}]
"""
PARENT = """\
Resources:
  Child: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: child.yaml}}
"""
MODULE = """\
variable "n" { default = 1 }
resource "aws_ecs_task_definition" "web" {
  count                 = var.n
  family                = "web"
  container_definitions = jsonencode([{ name = "web", image = "nginx" }])
}
"""


def write(directory: Path, files: dict[str, str]) -> None:
    for name, content in files.items():
        (directory / name).parent.mkdir(parents=True, exist_ok=True)
        (directory / name).write_text(content)


def definition(name: str) -> str:
    return json.dumps({"family": name, "containerDefinitions": [{"name": name, "image": "nginx", "essential": True}]})


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".git").mkdir()
    return tmp_path


def run(*arguments: str, code: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", PROGRAM.format(code=code), *arguments], capture_output=True, text=True, timeout=60
    )


def test_of_a_path_that_leads_to_something_in_one_file_nothing_is_said(tree: Path) -> None:
    files = {f"{number}.yaml": "{}\n" if number else f"apps: {definition('web')}\n" for number in range(9)}
    write(tree, {"ecs5lint.toml": "extract = [{files = ['*.yaml'], path = '$.apps'}]", **files})
    found = json.loads(run("--format", "json", "--jobs", "3").stdout)
    assert (found["summary"]["containers"], found["warnings"]) == (1, [])


@pytest.mark.parametrize("method", START_METHODS)
@pytest.mark.parametrize("report", ["text", "json"])
def test_the_report_is_the_same(method: str, report: str, tree: Path) -> None:
    write(tree, {f"{name}.json": definition(name) for name in "abcde"})
    write(tree, {f"elsewhere-{name}.yaml": f"apps: {definition('web')}\n" for name in "abcde"})
    write(tree, {f"{name}.yaml": TEMPLATE for name in ("one", "two", "child")})
    write(tree, {"parent.yaml": PARENT, "broken.yaml": TEMPLATE + "  - ]"})
    write(tree, {"first/main.tf": MODULE, "second/main.tf": MODULE, "shared/main.tf": MODULE})
    write(tree, {f"{name}/main.tf": 'module "m" {\n  source = "../shared"\n}\n' for name in ("third", "fourth")})
    write(tree, {"bad/main.tf": MODULE.replace("var.n", "var.n +")})
    alone = run("--format", report, "--jobs", "1")
    shared = run("--format", report, "--jobs", "3", code=f"multiprocessing.set_start_method({method!r})")
    assert alone.stderr == shared.stderr == ""
    assert alone.stdout == shared.stdout
    assert alone.returncode == shared.returncode == 2


def test_a_new_interpreter_imports_nothing_from_the_tree(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    write(tree, {f"{name}.json": definition(name) for name in "ab"})
    for name in ("multiprocessing", "pickle", "socket", "runpy", "signal"):
        (tree / f"{name}.py").write_text('open("imported", "w")\n')
    program = tmp_path_factory.mktemp("program") / "program.py"
    program.write_text(PROGRAM.format(code="if __name__ == '__main__': multiprocessing.set_start_method('spawn')"))
    found = subprocess.run([sys.executable, program, "--quiet", "--jobs", "2"], capture_output=True, text=True)
    assert (found.stderr, found.stdout.count("error:"), found.returncode) == ("", 2, 1)
    assert not (tree / "imported").exists()


@needs_fork
def test_what_a_process_that_died_had_to_do_is_an_error(tree: Path) -> None:
    write(tree, {f"{name}.json": definition(name) for name in "abcd"})
    code = """
parse = task_definition.parse
def dies(paths, *more):
    return os._exit(9) if "c.json" in paths else parse(paths, *more)
task_definition.parse = dies
multiprocessing.set_start_method("fork")
"""
    found = run("--quiet", "--jobs", "2", code=code)
    assert found.returncode == 2
    message = "skipped (and 1 more): its worker process ended unexpectedly; try again with --jobs 1"
    assert f"a.json: error: {message}" in found.stdout.splitlines()
    assert found.stdout.count("does not set readonlyRootFilesystem") == 2


@needs_fork
def test_an_interruption_ends_all_of_them_at_once(tree: Path) -> None:
    write(tree, {f"{name}.json": definition(name) for name in "abcd"})
    code = """
def sleeps(paths, *more):
    open(f"{paths[0]}.pid", "w").write(str(os.getpid()))
    time.sleep(600)
task_definition.parse = sleeps
multiprocessing.set_start_method("fork")
signal.signal(signal.SIGINT, signal.default_int_handler)
"""
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM.format(code=code), "--jobs", "2"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    while len(files := [file for file in tree.glob("*.pid") if file.read_text()]) < 2:
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    assert process.communicate(timeout=60) == (b"", b"")
    assert process.returncode == 130
    for file in files:
        with pytest.raises(ProcessLookupError):
            os.kill(int(file.read_text()), 0)


def test_templates_that_refer_to_each_other_are_one_group(tree: Path) -> None:
    write(tree, {"a.yaml": TEMPLATE, "b.yaml": TEMPLATE, "child.yaml": TEMPLATE, "parent.yaml": PARENT})
    paths = ["a.yaml", "b.yaml", "child.yaml", "parent.yaml"]
    groups = cloudformation.groups(paths, Workspace(), Settings())
    assert groups == [
        ["child.yaml", "parent.yaml"],
        ["a.yaml"],
        ["b.yaml"],
    ]


@pytest.mark.parametrize(
    ("place", "is_hidden"),
    [
        ("https://bucket.s3.amazonaws.com/a.yaml", False),
        ('!Sub "https://${Bucket}.s3.amazonaws.com/a.yaml"', False),
        ('"./c.yaml"', False),
        ("!Ref Place", True),
        ('!Sub "${Name}.yaml"', True),
        ("\n        Fn::Sub: b.yaml", False),
        ("!If [IsProd, !Ref Place, b.yaml]", True),
    ],
)
def test_where_evaluation_tells_which_template_is_nested_all_are_one_group(
    place: str, is_hidden: bool, tree: Path
) -> None:
    stack = "Type: AWS::CloudFormation::Stack\n    Properties:\n      TemplateURL:"
    parent = f"Resources:\n  Child:\n    {stack} {place}\n"
    write(tree, {"b.yaml": TEMPLATE, "d.yaml": TEMPLATE, "parent.yaml": parent})
    groups = cloudformation.groups(["b.yaml", "d.yaml", "parent.yaml"], Workspace(), Settings())
    assert (len(groups) == 1) is is_hidden


def test_modules_that_call_each_other_are_one_group(tree: Path) -> None:
    call = 'module "m" {{\n  source = "../{}"\n}}\n'
    write(
        tree, {"a/main.tf": call.format("c"), "b/main.tf": MODULE, "c/main.tf": MODULE, "d/main.tf": call.format("c")}
    )
    groups = terraform.groups(["a", "b", "c", "d"], Workspace(), Settings())
    assert sorted(map(sorted, groups)) == [
        ["a", "c", "d"],
        ["b"],
    ]


@pytest.mark.parametrize("number", ["0", "-1", "many", "1000"])
def test_the_number_of_processes_is_one_that_makes_sense(number: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([f"--jobs={number}"]) == 2
    assert capsys.readouterr().err == (
        f"ecs5lint: --jobs: expected a number from 1 to 256, not '{number}' (try: ecs5lint --help)\n"
    )


def test_a_raw_task_definition_in_json_is_not_worth_another_process() -> None:
    alone = [(kind, path) for kind in PARSERS for path in ("a.json", "a.yaml") if not is_worth_sharing(kind, path)]
    assert alone == [("task-definition", "a.json")]
