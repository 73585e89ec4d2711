"""Test which files are inputs."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from ecs5lint.files.globs import Globs
from ecs5lint.files.kinds import kinds_of, may_be_input
from ecs5lint.files.workspace import MAX_FILE_SIZE, Workspace
from ecs5lint.notices import Skipped
from ecs5lint.project.account import IGNORED, LINK
from ecs5lint.project.discovery import Discovered, discover
from ecs5lint.run.pipeline import run
from ecs5lint.settings.settings import Settings

TASK_DEFINITION = '{"family": "web", "containerDefinitions": []}'
TEMPLATE = "Resources:\n  Web:\n    Type: AWS::ECS::TaskDefinition\n"
MODULE = 'resource "aws_ecs_task_definition" "web" {}\n'


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(tree: Path, files: dict[str, str]) -> None:
    for name, content in files.items():
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_text(content)


def find(*paths: str, exclude: Sequence[str] = (), respect_gitignore: bool = True) -> Discovered:
    globs = [Globs(tuple(exclude))] if exclude else []
    return discover(paths, Workspace(paths), exclude=globs, respect_gitignore=respect_gitignore)


@pytest.mark.parametrize(
    "content",
    [
        TASK_DEFINITION,
        '{"taskDefinition": {"containerDefinitions": []}}',
        f"[{TASK_DEFINITION}]",
        f"{TASK_DEFINITION}\n{TASK_DEFINITION}\n",
        '[{"name": "web", "image": "nginx", "essential": true}]',
        '{"name": "web", "image": "nginx", "readonlyRootFilesystem": true}',
        '{"AWSEBDockerrunVersion": 2, "containerDefinitions": []}',
        '\ufeff{"containerDefinitions": []}',
        '{\r\n\t"containerDefinitions" : []\r\n}',
        '{% set cpu = 256 %}\n{"containerDefinitions": [], "cpu": {{ cpu }}}',
        '${HEADER}\n{"containerDefinitions": []}',
        "family: web\ncontainerDefinitions:\n  - name: web\n",
        "---\n# Web\nfamily: web\n'containerDefinitions': []\n",
        "- name: web\n  image: nginx\n  essential: true\n",
        "containerDefinitions: &containers\n  - name: web\n",
    ],
)
def test_task_definitions_in_every_form(content: str) -> None:
    assert "task-definition" in kinds_of(content.encode())
    assert "task-definition" in kinds_of(content.encode("utf-16"))


@pytest.mark.parametrize(
    "content",
    [
        TEMPLATE,
        "---\nAWSTemplateFormatVersion: 2010-09-09\n" + TEMPLATE,
        '{"Resources": {"Web": {"Type": "AWS::ECS::TaskDefinition"}}}',
        "{{ define }}\nResources:\n  Web: {Type: 'AWS::ECS::TaskDefinition'}\n",
        "Resources:\n  Web:\n    Type: AWS::CloudFormation::Stack\n    Properties: {TemplateURL: web/ecs.yaml}\n",
        "Resources:\n  Web:\n    Type: AWS::CloudFormation::Stack\n    Properties: {TemplateURL: 'https://a.example/b'}\n",
        "Resources:\n  Web:\n    Type: AWS::Serverless::Application\n    Properties:\n      Location: ./ecs.yaml\n",
    ],
)
def test_templates(content: str) -> None:
    assert kinds_of(content.encode()) == ("cloudformation",)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{}",
        "Resources:\n  Bucket:\n    Type: AWS::S3::Bucket\n",
        # A build that mentions the key in a command.
        "version: 0.2\nphases:\n  build:\n    commands:\n      - jq '.containerDefinitions[0].image = env.I' t.json\n",
        # Kubernetes has this setting too, with another spelling.
        "apiVersion: v1\nkind: Pod\nspec:\n  - name: web\n    image: nginx\n    readOnlyRootFilesystem: true\n",
        '{{ define "w" }}\nname: web\nimage: nginx\nsecurityContext:\n  readOnlyRootFilesystem: {{ . }}\n{{ end }}\n',
        '{{ define "securityContext" }}\nreadOnlyRootFilesystem: true\n{{ end }}\nname: web\nimage: nginx\n',
        '{"container": {"docker": {"image": "nginx", "portMappings": [{{#ui}}{"name": "ui"}{{/ui}}]}}}',
        "services:\n  web:\n    image: nginx\n    read_only: true\n",
        '{"name": "dev", "image": "ubuntu", "remoteUser": "me"}',
        "FROM nginx\nCOPY containerDefinitions: /\n",
        "[tool.x]\nimage = 'essential'\n",
        "let TaskDefinition = Resources.*[ Type == 'AWS::ECS::TaskDefinition' ]\n",
    ],
)
def test_nothing_for_this_linter(tree: Path, content: str) -> None:
    write(tree, {"file.txt": content})
    report = run(["."], Workspace(), Settings())
    assert (report.results, report.failures, report.notices) == ((), (), ())


@pytest.mark.parametrize(
    "content",
    [
        '#!/bin/sh\ncat <<END\n{\n"containerDefinitions": [\n}\nEND\n',
        '@load x @\n{"containerDefinitions": []}\n',
        'load(x) {"family": "web",\n"containerDefinitions": []}\n',
        "!task\nfamily: web\ncontainerDefinitions: []\n",
        "!stack\nResources:\n  Web:\n    Type: AWS::ECS::TaskDefinition\n",
        'load(x) {"Resources": {"Web": {"Type":"AWS::ECS::TaskDefinition"}}}\n',
        '@load x @\n{"Resources": {"Web": {"Type": "AWS::ECS::TaskDefinition"}}}\n',
    ],
)
def test_what_is_not_understood_is_told(tree: Path, content: str) -> None:
    write(tree, {"script": content})
    report = run(["."], Workspace(), Settings())
    assert [notice.path for notice in report.notices] + [failure.path for failure in report.failures] == ["script"]


def test_a_tree(tree: Path) -> None:
    write(
        tree,
        {
            "task.json": TASK_DEFINITION,
            "deploy/web.yaml.j2": TEMPLATE,
            "infra/main.tf": MODULE,
            "infra/variables.tf": 'variable "a" {}\n',
            "network/main.tf": 'resource "aws_vpc" "main" {}\n',
            "README.md": TASK_DEFINITION,
            "app/index.ts": TASK_DEFINITION,
            "node_modules/x/task.json": TASK_DEFINITION,
            ".venv/task.json": TASK_DEFINITION,
            ".terraform/modules/web/main.tf": MODULE,
        },
    )
    assert find(".").inputs == {
        "task-definition": ["task.json"],
        "cloudformation": ["deploy/web.yaml.j2"],
        "terraform": ["infra"],
    }


def test_a_named_file_is_taken_for_its_content(tree: Path) -> None:
    write(tree, {"notes.md": TASK_DEFINITION, "node_modules/task": TEMPLATE, "other.txt": "nothing"})
    found = find("notes.md", "node_modules/task", "other.txt")
    assert found == Discovered({"task-definition": ["notes.md"], "cloudformation": ["node_modules/task"]}, [], [], [])


def test_a_file_of_a_module_stands_for_its_directory(tree: Path) -> None:
    write(tree, {"infra/main.tf": MODULE, "infra/variables.tf": "", "infra/live.tfvars": "", "other/main.tf": ""})
    assert find("infra/variables.tf").inputs == {"terraform": ["infra"]}
    assert find("infra/live.tfvars", "infra").inputs == {"terraform": ["infra"]}
    assert find("other/main.tf").inputs == {}
    assert [failure.path for failure in find("infra/none.tf").failures] == ["infra/none.tf"]


def test_a_module_that_calls_one_with_a_task_definition(tree: Path) -> None:
    write(
        tree,
        {
            "live/main.tf": 'module "web" {\n  source = "../modules/service"\n}\n',
            "modules/service/main.tf": 'module "task" {\n  source = "../task"\n}\n',
            "modules/task/main.tf": MODULE,
            "modules/network/main.tf": "",
            "registry/main.tf": 'module "web" {\n  source  = "terraform-aws-modules/ecs/aws//modules/service"\n}\n',
            "queue/main.tf": 'module "queue" {\n  source = "terraform-aws-modules/sqs/aws"\n}\n',
        },
    )
    assert find(".").inputs == {"terraform": ["live", "modules/service", "modules/task", "registry"]}
    assert find("live").inputs == {"terraform": ["live"]}


def test_a_module_that_calls_an_installed_one(tree: Path) -> None:
    write(
        tree,
        {
            "main.tf": 'module "web" {\n  source = "example/web/aws"\n}\n',
            ".terraform/modules/web/main.tf": MODULE,
        },
    )
    assert find(".").inputs == {"terraform": ["."]}


def test_gitignore(tree: Path) -> None:
    write(
        tree,
        {
            ".gitignore": "build/\n*.out.json\n!/keep.out.json\n# comment\n!\n",
            "build/task.json": TASK_DEFINITION,
            "drop.out.json": TASK_DEFINITION,
            "keep.out.json": TASK_DEFINITION,
            "a/drop.out.json": TASK_DEFINITION,
            "a/.gitignore": "!special.out.json\n/b/*\n!/b/task.json\n",
            "a/special.out.json": TASK_DEFINITION,
            "a/b/task.json": TASK_DEFINITION,
            "a/b/other.json": TASK_DEFINITION,
        },
    )
    kept = ["a/b/task.json", "a/special.out.json", "keep.out.json"]
    assert find(".").inputs == {"task-definition": kept}
    assert find("a").inputs == {"task-definition": kept[:2]}
    assert find("build", "drop.out.json").inputs == {"task-definition": ["build/task.json", "drop.out.json"]}
    assert len(find(".", respect_gitignore=False).inputs["task-definition"]) == 7


def test_gitignore_above_the_working_directory(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(
        tree,
        {
            ".gitignore": "/sub/drop.json\nout/\n",
            "sub/drop.json": TASK_DEFINITION,
            "sub/task.json": TASK_DEFINITION,
            "sub/out/task.json": TASK_DEFINITION,
        },
    )
    monkeypatch.chdir(tree / "sub")
    assert find(".").inputs == {"task-definition": ["task.json"]}
    assert find("..").inputs == {"task-definition": ["../sub/task.json"]}
    assert find("out").inputs == {"task-definition": ["out/task.json"]}


def test_what_names_ecs_and_is_left_out_is_told(tree: Path) -> None:
    write(tree, {"task.json": TASK_DEFINITION, "a/b/task.json": TASK_DEFINITION, "c/main.tf": MODULE, "d/x.json": "{}"})
    write(tree, {".gitignore": "/task.json\n/a\n/d\nnode_modules\n", "node_modules/task.json": TASK_DEFINITION})
    assert find(".", exclude=["x", "", "/c/main.tf"]).skipped == [
        Skipped("a", IGNORED),
        Skipped("c/main.tf", "excluded by /c/main.tf in --exclude"),
        Skipped("task.json", IGNORED),
    ]
    assert find(".", exclude=["*", "!/d"], respect_gitignore=False).skipped == [
        Skipped(name, "excluded by * in --exclude") for name in ("a", "c", "task.json")
    ]


def test_only_so_much_is_looked_at_of_what_is_left_out(tree: Path) -> None:
    write(tree, {".gitignore": "/many\n/last\n", "last/x.json": "{}"})
    write(tree, {f"many/{number}.json": "{}" for number in range(310)})
    assert [item.path for item in find(".").skipped] in (["last", "many"], ["many"])


def test_exclude(tree: Path) -> None:
    write(tree, {"a/task.json": TASK_DEFINITION, "b/task.json": TASK_DEFINITION, "b/main.tf": MODULE})
    assert find(".", exclude=["/b"]).inputs == {"task-definition": ["a/task.json"]}
    assert find("b/task.json", "a/task.json", exclude=["b/*.json"]).inputs == {"task-definition": ["a/task.json"]}
    with pytest.raises(ValueError, match="not a pattern"):
        find(".", exclude=["!"])
    with pytest.raises(ValueError, match="not a pattern"):
        find(".", exclude=["*.[[:word:]]"])


def test_links(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("outside")
    write(outside, {"task.json": TASK_DEFINITION})
    write(tree, {"real/task.json": TASK_DEFINITION, "shared/main.tf": MODULE, "live/x.txt": ""})
    os.symlink("real", tree / "again")
    os.symlink("task.json", tree / "real" / "link.json")
    os.symlink(".", tree / "real" / "loop")
    os.symlink("itself", tree / "itself")
    os.symlink(outside, tree / "away")
    os.symlink(outside / "task.json", tree / "away.json")
    os.symlink("../shared/main.tf", tree / "live" / "main.tf")
    found = find(".")
    assert found.inputs == {"terraform": ["live", "shared"], "task-definition": ["real/task.json"]}
    assert found.skipped == [Skipped("away", LINK), Skipped("away.json", LINK)]
    assert find("again").inputs == {"task-definition": ["again/task.json"]}


@pytest.mark.parametrize(
    "content",
    [
        " " * MAX_FILE_SIZE + TASK_DEFINITION,
        "# x\n" * (MAX_FILE_SIZE // 4) + TEMPLATE,
        '["' + "x" * (MAX_FILE_SIZE + 10_000_000) + '"]' + TASK_DEFINITION,
    ],
)
def test_what_stands_behind_too_much_is_told(tree: Path, content: str) -> None:
    write(tree, {"file": content})
    for encoding in ("utf-8", "utf-16"):
        (tree / "file").write_text(content, encoding=encoding)
        found = find(".")
        assert [failure.path for failure in found.failures] == ["file"]
        assert found.skipped == [Skipped("file", "too large")]


def test_a_large_program_is_nothing(tree: Path) -> None:
    (tree / "program").write_bytes(b"ELF\1\0" + b"x" * MAX_FILE_SIZE + TASK_DEFINITION.encode())
    found = find(".")
    assert (found.inputs, found.failures) == ({}, [])


@pytest.mark.parametrize(
    ("name", "is_opened"),
    [
        ("makefile", False),
        ("Dockerfile", False),
        ("makefile-task.json", True),
        ("Gemfile_task.yaml", True),
        ("task.jsonnet", True),
        ("key", True),
        ("server.key", False),
        ("ecs5lint.sarif", False),
        ("task", True),
    ],
)
def test_names(name: str, is_opened: bool) -> None:
    assert may_be_input(name) is is_opened


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs a POSIX system")
def test_what_cannot_be_read(tree: Path) -> None:
    write(tree, {"large.json": TASK_DEFINITION + " " * MAX_FILE_SIZE, "large.dat": " " * MAX_FILE_SIZE})
    os.mkfifo(tree / "pipe.json")
    assert [(item.path, item.message) for item in find(".").failures] == [("large.json", "exceeds the limit of 20 MB")]
    messages = [item.message for item in find("none", "pipe.json").failures]
    assert messages == ["cannot be read: No such file or directory", "is not a regular file"]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="everything is readable for root")
def test_permissions(tree: Path) -> None:
    write(tree, {"a.json": TASK_DEFINITION, "b/task.json": TASK_DEFINITION})
    (tree / "a.json").chmod(0)
    (tree / "b").chmod(0)
    try:
        messages = {item.path: item.message for item in find(".").failures}
    finally:
        (tree / "b").chmod(0o700)
    assert messages == {"a.json": "cannot be read: Permission denied", "b": "cannot be listed: Permission denied"}


def test_standard_input_is_judged_whatever_it_holds() -> None:
    workspace = Workspace()
    workspace.provide("<stdin>", b'{"family": ')
    assert discover(["<stdin>"], workspace).inputs == {"task-definition": ["<stdin>"]}
