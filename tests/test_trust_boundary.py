"""Test each sentence of the trust boundary: the limits on a stranger's files.

The linter runs in a separate process, in which Python reports every file it opens, every connection, and every process
it starts (https://peps.python.org/pep-0578/).
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest
from places import FIXTURES

from ecs5lint.reports import FORMATS

TASK_DEFINITION = '{"family": "%s", "containerDefinitions": [%s]}'
FAILING = TASK_DEFINITION % ("f", '{"name": "a"}')
#: The content of files outside the project, which must never appear.
SECRET = "jolly-secret-7"
OUTSIDE = TASK_DEFINITION % (SECRET, f'{{"name": "{SECRET}", "readonlyRootFilesystem": true}}')

PROGRAM = """
import json, sys
events = []
def note(event, arguments):
    if event.split(".")[0] in ("open", "os", "socket", "subprocess", "pty", "urllib", "ctypes", "shutil", "tempfile"):
        events.append([event, *map(str, arguments)])
sys.addaudithook(note)
from ecs5lint.cli.main import main
code = main(sys.argv[2:])
files = [getattr(module, "__file__", None) for module in list(sys.modules.values())]
noted = list(events)
with open(sys.argv[1], "w") as file:
    json.dump({"events": noted, "modules": [file for file in files if file]}, file)
sys.exit(code)
"""


class Watched(NamedTuple):
    """The output of a run and its actions: Python's audit events, and the files of the imported modules."""

    code: int
    output: str
    complaint: str
    events: list[list[str]]
    modules: list[str]

    def opened(self) -> list[str]:
        """Return the paths that were opened or listed."""
        return [os.path.realpath(event[1]) for event in self.events if event[0] in ("open", "os.listdir", "os.scandir")]


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """Return a directory with secrets in it."""
    path = tmp_path / "outside"
    path.mkdir()
    (path / "task.json").write_text(OUTSIDE)
    (path / "main.tf").write_text(f'output "x" {{\n  value = "{SECRET}"\n}}\n')
    (path / "template.yaml").write_text(cloudformation(f"[{{Name: {SECRET}}}]")["t.yaml"])
    return path


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the root of a project, which is the working directory."""
    path = tmp_path / "tree"
    (path / ".git").mkdir(parents=True)
    monkeypatch.chdir(path)
    return path


def watch(*arguments: str) -> Watched:
    """Run the linter in the working directory, and record its actions."""
    # The program starts from a file outside the tree, as the command does.
    program, noted = Path("../program.py"), Path("../noted.json")
    program.write_text(PROGRAM)
    done = subprocess.run(
        [sys.executable, str(program), str(noted), *arguments], capture_output=True, text=True, check=False, timeout=120
    )
    return Watched(done.returncode, done.stdout, done.stderr, **json.loads(noted.read_text()))


def terraform(expression: str, rest: str = "") -> dict[str, str]:
    resource = (
        f'resource "aws_ecs_task_definition" "a" {{\n  family = "a"\n  container_definitions = {expression}\n}}\n'
    )
    return {"main.tf": resource + rest}


def cloudformation(containers: str, rest: str = "") -> dict[str, str]:
    properties = f"      ContainerDefinitions: {containers}\n"
    return {"t.yaml": f"Resources:\n  T:\n    Type: AWS::ECS::TaskDefinition\n    Properties:\n{properties}{rest}"}


STACK = "  S:\n    Type: AWS::CloudFormation::Stack\n    Properties: {TemplateURL: %s}\n"
INCLUDE = "{Fn::Transform: {Name: AWS::Include, Parameters: {Location: %s}}}"

#: References to paths outside the project. OUT stands for the path there. Each is checked, and is unknown.
REFERENCES: dict[str, dict[str, str]] = {
    "file": terraform('jsonencode(jsondecode(file("OUT/task.json")).containerDefinitions)'),
    "filebase64": terraform('base64decode(filebase64("OUT/task.json"))'),
    "filesha256": terraform('jsonencode([{ name = filesha256("OUT/task.json") }])'),
    "fileexists": terraform('jsonencode([{ name = fileexists("OUT/task.json") ? "there" : "not there" }])'),
    "fileset": terraform('jsonencode([for f in fileset("OUT", "*") : { name = f }])'),
    "fileset, pattern": terraform('jsonencode([for f in fileset(".", "OUT/*") : { name = f }])'),
    "templatefile": terraform('templatefile("OUT/task.json", {})'),
    "file in a template": {**terraform('templatefile("t.tftpl", {})'), "t.tftpl": '${file("OUT/task.json")}'},
    "local_file": terraform("data.local_file.x.content", 'data "local_file" "x" {\n  filename = "OUT/task.json"\n}\n'),
    "module": terraform("module.m.x", 'module "m" {\n  source = "OUT"\n}\n'),
    "installed module": {
        **terraform("module.m.x", 'module "m" {\n  source = "a/b/c"\n}\n'),
        ".terraform/modules/modules.json": '{"Modules": [{"Key": "m", "Source": "a/b/c", "Dir": "OUT"}]}',
    },
    "nested stack": cloudformation("[{Name: a}]", STACK % "OUT/template.yaml"),
    "included list": cloudformation(INCLUDE % "OUT/template.yaml"),
    "included template": cloudformation("[{Name: a}]", f"Transform: {INCLUDE[16:-1] % 'OUT/template.yaml'}\n"),
}

WAYS = ["../../outside", "absolute", "link"]


def refer(files: dict[str, str], directory: str, way: str, outside: Path) -> None:
    """Write files whose references to OUT lead outside in a given `way`."""
    Path(directory).mkdir(exist_ok=True)
    os.symlink(outside, Path(directory, "link"))
    for path, content in files.items():
        target = Path(directory, path)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(content.replace("OUT", str(outside) if way == "absolute" else way))


@pytest.mark.parametrize("way", WAYS)
def test_nothing_outside_the_project_is_read(way: str, tree: Path, outside: Path) -> None:
    for name, files in REFERENCES.items():
        refer(files, name, way, outside)
        Path(name, "good.json").write_text(FAILING)
    run = watch("--format", "json", "--no-gitignore")
    assert SECRET not in run.output
    assert not [path for path in run.opened() if path.startswith(str(outside))]
    results = json.loads(run.output)["results"]
    for name in REFERENCES:
        verdicts = {
            result["location"]["path"].removeprefix(f"{name}/"): result["verdict"]
            for result in results
            if result["location"]["path"].startswith(f"{name}/")
        }
        assert verdicts.pop("good.json") == "fail"
        assert verdicts, name
        assert "pass" not in verdicts.values(), name


CONFIGURATIONS = {
    "variable-files": 'variable-files = ["OUT/secret.tfvars"]\n',
    "parameters-files": 'parameters-files = ["OUT/task.json"]\n',
    "paths": 'paths = ["OUT/task.json"]\n',
    "paths, directory": 'paths = ["OUT"]\n',
}


@pytest.mark.parametrize("way", ["../outside", "absolute", "link"])
@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_the_configuration_does_not_lead_outside(name: str, way: str, tree: Path, outside: Path) -> None:
    (outside / "secret.tfvars").write_text(f'x = "{SECRET}"\n')
    refer({"ecs5lint.toml": CONFIGURATIONS[name], "task.json": FAILING}, ".", way, outside)
    run = watch()
    assert not [path for path in run.opened() if path.startswith(str(outside))]
    assert run.code == 2
    assert len(run.complaint.splitlines()) == 1
    assert run.complaint.startswith("ecs5lint: ecs5lint.toml:1:1: ")
    assert SECRET not in run.complaint


@pytest.mark.parametrize("is_directory", [False, True])
def test_links_that_leave_the_project_are_not_followed(is_directory: bool, tree: Path, outside: Path) -> None:
    for name in ("task.json", "main.tf", "terraform.tfvars", ".gitignore", "ecs5lint.toml"):
        if is_directory:
            os.symlink(outside, name)
        elif not (outside / name).exists():
            (outside / name).write_text(SECRET)
            os.symlink(outside / name, name)
        else:
            os.symlink(outside / name, name)
    Path("good.tf").write_text(terraform('"[{}]"')["main.tf"])
    run = watch("--no-config")
    assert "good.tf:3:29: error: " in run.output
    assert SECRET not in run.output
    assert not [path for path in run.opened() if path.startswith(str(outside))]
    run = watch()
    assert run.code == 2
    assert SECRET not in run.output


def test_a_link_inside_the_project_is_followed(tree: Path) -> None:
    Path("real").mkdir()
    Path("real/containers.txt").write_text('[{"name": "linked"}]')
    os.symlink("real", "link")
    Path("main.tf").write_text(terraform('file("link/containers.txt")')["main.tf"])
    assert 'container "linked"' in watch().output


def test_outside_a_repository_the_working_directory_is_the_project(tmp_path: Path, outside: Path) -> None:
    tree = tmp_path / "bare"
    tree.mkdir()
    os.chdir(tree)
    Path("main.tf").write_text(terraform('file("../outside/task.json")')["main.tf"])
    run = watch()
    assert "is outside the project root" in run.output
    assert not [path for path in run.opened() if path.startswith(str(outside))]


@pytest.mark.skipif(os.name != "posix", reason="needs a POSIX system")
@pytest.mark.parametrize(
    "make", [lambda path: os.mkfifo(path), lambda path: os.symlink("/dev/zero", path)], ids=["FIFO", "device"]
)
def test_nothing_but_files_is_read(make: object, tree: Path) -> None:
    assert callable(make)
    names = ["task.json", "main.tf.json", "x.tf", "t.tftpl", "terraform.tfvars", ".gitignore", "inner/task.yaml"]
    Path("inner").mkdir()
    for name in names:
        make(name)
    Path("good.json").write_text(FAILING)
    Path("main.tf").write_text(terraform('templatefile("t.tftpl", {})')["main.tf"])
    assert "good.json:1:42: error: " in watch().output
    # A named path is reported.
    assert watch("inner/task.yaml").code == 2


def test_no_network_no_process_no_import(tree: Path) -> None:
    """Over all fixtures, every source is read by its parser."""
    shutil.copytree(FIXTURES, "fixtures")
    modules = ["json", "yaml", "regex", "pathspec", "tomllib", "csv", "jsonpath_rfc9535"]
    for name in modules:
        Path(f"{name}.py").write_text('raise SystemExit("imported from the tree")\n')
        Path("fixtures/terraform", name).mkdir()
        Path("fixtures/terraform", name, "__init__.py").write_text('raise SystemExit("imported from the tree")\n')
    run = watch("--format", "json", "--no-gitignore")
    assert {result["source"] for result in json.loads(run.output)["results"]} == {
        "task-definition",
        "cloudformation",
        "terraform",
        "terraform-plan",
    }
    started = {"os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.startfile", "subprocess.Popen", "pty.spawn"}
    assert not [event for event in run.events if event[0] in started or event[0].startswith(("socket.", "urllib."))]
    assert not [module for module in run.modules if os.path.realpath(module).startswith(str(tree))]
    written = [event for event in run.events if event[0] == "open" and event[2] not in ("r", "rb", "None")]
    assert not [event for event in written if os.path.realpath(event[1]).startswith(str(tree))]


#: The ways to start the linter.
COMMANDS = {
    # Without -I, Python searches the working directory first, even for its own startup modules.
    "module": [sys.executable, "-I", "-m", "ecs5lint"],
    "script": [os.path.join(os.path.dirname(sys.executable), "ecs5lint")],
}


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_no_command_imports_from_the_tree(command: list[str], tree: Path) -> None:
    if not os.path.exists(command[0]):
        pytest.skip("there is no such command")
    for name in ("json", "yaml", "argparse", "re", "typing", "regex", "pathspec", "importlib"):
        Path(f"{name}.py").write_text('raise SystemExit("imported from the tree")\n')
    Path("task.yaml").write_text("family: f\ncontainerDefinitions: [{name: a}]\n")
    for name, content in terraform('jsonencode([{ name = upper("a") }])').items():
        Path(name).write_text(content)
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, "")
    assert "2 fail" in done.stdout


EVIL = "\x1b[2J\x1b]0;x\x07\r\n::error::x\n##[error]x\n##vso[task.complete]\x9b\u202e\u2066\x00 "


@pytest.mark.parametrize("format", FORMATS)
def test_nothing_in_the_input_drives_the_terminal_or_the_log(format: str, tree: Path) -> None:
    name = json.dumps(EVIL)
    Path("task.json").write_text(
        TASK_DEFINITION % ("f", f'{{"name": {name}, {name}: 1, "readonlyRootFilesystem": {name}}}')
    )
    Path("t.yaml").write_text(
        f"Resources:\n  {name}:\n    Type: AWS::ECS::TaskDefinition\n    Properties:\n"
        f"      ContainerDefinitions: [{{Name: {name}, ReadonlyRootFilesystem: {{Ref: {name}}}}}, {{Ref: {name}}}]\n"
    )
    hcl = name.replace("\\u0000", "")
    Path("main.tf").write_text(
        terraform(f"jsonencode([{{ name = {hcl}, readonlyRootFilesystem = var.x[{hcl}] }}])")["main.tf"]
    )
    Path("b\x1b[2J\n::error::y\r.json").write_text(FAILING)
    Path("::error::z").mkdir()
    Path("::error::z/broken.json").write_text('{"containerDefinitions": [\x1b[2J}')
    output = watch("--format", format).output
    assert not [char for char in output if char < " " and char != "\n" and (char != "\t" or format != "text")]
    assert not set(output) & set("\x7f\x9b\u202e\u2066")
    if format in ("text", "github"):
        assert "##[" not in output
        assert "##vso[" not in output
        commands = [line for line in output.splitlines() if line.lstrip().startswith("::")]
        assert all(line.startswith(("::error file=", "::warning file=", "::notice file=")) for line in commands)
        assert bool(commands) is (format == "github")


@pytest.mark.parametrize("name", ["report", "there"])
def test_no_report_is_written_where_a_link_leads_out(name: str, tree: Path, outside: Path) -> None:
    Path("task.json").write_text(FAILING)
    os.symlink(outside / ("task.json" if name == "there" else "new"), name)
    before = sorted(outside.iterdir())
    done = subprocess.run(
        [sys.executable, "-m", "ecs5lint", "task.json", "--output", name], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"ecs5lint: cannot write {name}: a link leads out of the project\n"
    assert sorted(outside.iterdir()) == before
    assert (outside / "task.json").read_text() == OUTSIDE


@pytest.mark.parametrize("target", ["outside", "outside/task.json", ".."])
@pytest.mark.parametrize("below", [False, True])
def test_a_named_link_does_not_open_what_is_outside(target: str, below: bool, tree: Path, outside: Path) -> None:
    Path("good.json").write_text(FAILING)
    os.symlink(tree.parent / target, "named")
    path = f"named/{'task.json' if target == 'outside' else outside.name}" if below else "named"
    if below and target == "outside/task.json":
        pytest.skip("nothing lies below a file")
    run = watch(path, "good.json")
    assert run.code == 2
    assert SECRET not in run.output
    assert not [opened for opened in run.opened() if opened.startswith(str(outside))]
    assert "good.json" in run.output


def test_a_named_link_from_elsewhere_does_not_either(
    tree: Path, outside: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.symlink(outside, "named")
    monkeypatch.chdir(tree.parent)
    run = watch(f"{tree.name}/named")
    assert run.code == 2
    assert SECRET not in run.output


def test_a_link_above_the_project_is_the_users_own(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("task.json").write_text(FAILING)
    os.symlink(tree, tree.parent / "home")
    monkeypatch.chdir(tree.parent)
    assert watch("home/task.json").code == 1
    assert watch("home").code == 1


@pytest.mark.parametrize("name", ["reports/x.json", "reports/new/../x.json"])
def test_no_report_is_written_below_a_link_that_leads_out(name: str, tree: Path, outside: Path) -> None:
    Path("task.json").write_text(FAILING)
    os.symlink(outside, "reports")
    before = sorted(outside.iterdir())
    run = watch("task.json", "--report", f"json={name}")
    assert run.code == 2
    assert sorted(outside.iterdir()) == before


def test_nothing_is_written_to_git(tree: Path) -> None:
    Path("task.json").write_text(FAILING)
    os.symlink(".git", "reports")
    before = sorted(Path(".git").iterdir())
    for name in (".git/report.json", "reports/report.json"):
        run = watch("task.json", "--output", name)
        assert run.code == 2
        assert "it is in a directory .git" in run.complaint
    assert sorted(Path(".git").iterdir()) == before


def test_isolated_takes_nothing_from_the_tree(tree: Path) -> None:
    Path("ecs5lint.toml").write_text('exclude = ["excluded.json"]\n')
    Path(".gitignore").write_text("ignored.json\n")
    for name in ("excluded.json", "ignored.json"):
        Path(name).write_text(FAILING)
    skip = "# checkov:skip=CKV_AWS_336:no\n"
    Path("main.tf").write_text(terraform('"[{}]"')["main.tf"].replace("{\n", "{\n" + skip, 1))
    assert watch().code == 0
    run = watch("--isolated")
    assert run.code == 1
    for name in ("excluded.json", "ignored.json", "main.tf"):
        assert name in run.output
    assert watch("--isolated", "--honor-other-linters").code == 2


def test_isolated_uses_a_configuration_that_is_named(tree: Path, outside: Path) -> None:
    (outside / "ours.toml").write_text("strict = true\n")
    Path("ecs5lint.toml").write_text("strict = false\n")
    Path("main.tf").write_text('variable "list" {}\n' + terraform("var.list")["main.tf"])
    assert watch("--isolated").code == 0
    assert watch("--isolated", "--config", str(outside / "ours.toml")).code == 1
