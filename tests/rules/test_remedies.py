"""Test the remedies for a failing container, on handwritten models and on every source."""

from __future__ import annotations

import json
import posixpath
import re
from pathlib import Path

import pytest

from ecs5lint.cli.main import main
from ecs5lint.location import Source, Span
from ecs5lint.model.form import Form, pascal_case
from ecs5lint.model.task_definition import Alternative, ContainerDefinition, Service, TaskDefinition
from ecs5lint.rules import ecs5_remedies
from ecs5lint.rules.ecs5_remedies import KnownImage, known_image, known_images
from ecs5lint.rules.explanation import explanation
from ecs5lint.values.kinds import ABSENT, Known, ListValue, ObjectValue, Pair

SYNTAXES = {"json": '{"name": "web"}', "yaml": "Name: web", "hcl": '{\n  name = "web"\n}'}


def span(syntax: str, text: str) -> Span:
    return Span(Source("file", text, syntax), 0, len(text))


def members(form: Form, **values: str | ListValue | None) -> ObjectValue:
    """Return an object with the given members, without those whose value is None."""
    given = {form.spelling(name): value for name, value in values.items() if value is not None}
    return ObjectValue(
        tuple(Pair(Known(key), Known(value) if isinstance(value, str) else value) for key, value in given.items())
    )


def steps(
    image: str | None = None,
    *,
    user: str | None = None,
    mounted: tuple[str, ...] = (),
    launch_types: tuple[str, ...] = (),
    exec_service: str | None = None,
    construct: str | None = None,
    syntax: str = "json",
    written: str | None = None,
    misspelled: bool = False,
    source: str = "cloudformation",
    here: str | None = None,
) -> tuple[str, ...]:
    place = span(syntax, here or SYNTAXES[syntax])
    form = Form(pascal_case) if syntax == "yaml" else Form()
    mounts = ListValue(tuple(members(form, containerPath=path) for path in mounted))
    definition = members(form, image=image, user=user, mountPoints=mounts)
    container = ContainerDefinition("web", 0, place, form, (Alternative((), definition),))
    task_definition = TaskDefinition(
        source,
        "app",
        place,
        (container,),
        (),
        ABSENT,
        construct=construct,
        launch_types=launch_types,
        exec_service=Service(exec_service, place) if exec_service else None,
    )
    value = span(syntax, written) if written else None
    return ecs5_remedies.steps(container, task_definition, value, is_misspelled=misspelled)


@pytest.mark.parametrize(
    ("syntax", "written", "step"),
    [
        ("json", None, 'set "readonlyRootFilesystem": true'),
        ("json", "false", "change false to true"),
        ("json", "null", "change null to true"),
        ("json", '"true"', 'change "true" to true'),
        ("json", "1", "change 1 to true"),
        ("yaml", "'yes'", "change 'yes' to true"),
        ("yaml", "!Ref Readonly", "set ReadonlyRootFilesystem: true"),
        ("hcl", "var.readonly", "set readonlyRootFilesystem = true"),
        ("hcl", "readonly", "set readonlyRootFilesystem = true"),
        ("hcl", '"${var.readonly}"', "set readonlyRootFilesystem = true"),
        ("hcl", 'module "web" {\n}', "set readonlyRootFilesystem = true"),
    ],
)
def test_a_constant_is_changed_and_anything_else_is_written_anew(syntax: str, written: str | None, step: str) -> None:
    assert steps(syntax=syntax, written=written) == (step,)


def test_where_it_cannot_be_written_it_is_not_said_to_be_changed() -> None:
    assert steps(written="false", source="terraform-plan") == ('set "readonlyRootFilesystem": true',)
    assert steps(written="false", construct="Shop/Web") == (
        "set readonlyRootFilesystem: true where Shop/Web adds the container, then run cdk synth",
    )
    assert steps(syntax="hcl", here='module "web" {\n}') == (
        "set the module's input for readonlyRootFilesystem to true",
    )
    assert steps(misspelled=True, written="true", syntax="hcl") == ("rename it: readonlyRootFilesystem = true",)


@pytest.mark.parametrize(
    ("image", "name", "certain"),
    [
        ("nginx", "nginx", True),
        ("nginx:1.27-alpine@sha256:0123", "nginx", True),
        ("library/nginx", "nginx", True),
        ("docker.io/nginx", "nginx", True),
        ("docker.io/library/nginx:1", "nginx", True),
        ("index.docker.io/library/nginx", "nginx", True),
        ("mirror.gcr.io/library/nginx", "nginx", True),
        ("public.ecr.aws/docker/library/nginx:latest", "nginx", True),
        ("public.ecr.aws/nginx/nginx:stable", "nginx", True),
        ("123456789012.dkr.ecr.eu-west-1.amazonaws.com/docker-hub/library/nginx:1", "nginx", True),
        ("docker.io/amazon/cloudwatch-agent", "the CloudWatch agent", True),
        ("906394416424.dkr.ecr.eu-west-1.amazonaws.com/aws-for-fluent-bit:stable", "aws-for-fluent-bit", True),
        ("public.ecr.aws/aws-observability/aws-for-fluent-bit:stable", "aws-for-fluent-bit", True),
        ("amazon/aws-for-fluent-bit:init-latest", "the init image of aws-for-fluent-bit", True),
        ("840364872350.dkr.ecr.us-west-2.amazonaws.com/aws-appmesh-envoy:v1", "the Envoy of App Mesh", True),
        # Anybody can give this name to a private image.
        ("123456789012.dkr.ecr.eu-west-1.amazonaws.com/nginx:1", "nginx", False),
        ("123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/nginx:1", "nginx", False),
        ("123456789012.dkr.ecr.eu-west-1.amazonaws.com/ecr-public/datadog/agent:7", "the Datadog agent", False),
        ("my-nginx-app", None, False),
        ("nginx-exporter", None, False),
        ("bitnami/nginx", None, False),
        ("myregistry.example:5000/nginx", None, False),
        ("quay.io/nginx/nginx", None, False),
        ("somebody/agent", None, False),
        ("123456789012.dkr.ecr.eu-west-1.amazonaws.com/my-nginx-app", None, False),
        ("123456789012.dkr.ecr.eu-west-1.amazonaws.com/nginx/api", None, False),
        ("123456789012.dkr.ecr.eu-west-1.amazonaws.com/agent", None, False),
        ("", None, False),
        ("@", None, False),
    ],
)
def test_images_are_known_by_their_repository(image: str, name: str | None, certain: bool) -> None:
    known, is_certain = known_image(image)

    assert (known.name if known else None, is_certain) == (name, certain)


def test_paths_of_a_known_image() -> None:
    assert steps("nginx")[1] == (
        "nginx writes to /var/cache/nginx and /var/run: mount a volume or a tmpfs at each; "
        "with templates in /etc/nginx/templates it writes to /etc/nginx/conf.d too"
    )
    assert steps("nginx", launch_types=("FARGATE",))[1].startswith(
        "nginx writes to /var/cache/nginx and /var/run: mount an empty volume or a tmpfs at each"
    )
    assert steps("123456789012.dkr.ecr.eu-west-1.amazonaws.com/nginx")[1].startswith(
        "if this is nginx or built from it, it writes to "
    )
    assert steps("amazon/aws-for-fluent-bit:init-latest")[1].startswith(
        "the init image of aws-for-fluent-bit writes into /init, "
    )


@pytest.mark.parametrize(
    ("mounted", "step"),
    [
        (("/var/cache/nginx",), "nginx writes to /var/run: mount a volume or a tmpfs there"),
        (("/var/cache/", "/html"), "nginx writes to /var/run: mount a volume or a tmpfs there"),
        (("/run",), "nginx writes to /var/cache/nginx: mount a volume or a tmpfs there"),
        (("/run/secrets", "/var/cache/nginx-2"), "nginx writes to /var/cache/nginx and /var/run: mount"),
        (("/",), "nginx writes to /var/cache/nginx and /var/run, which are already mounted"),
        (("/var",), "nginx writes to /var/run: mount a volume or a tmpfs there"),
    ],
)
def test_what_is_mounted_is_left_out(mounted: tuple[str, ...], step: str) -> None:
    assert steps("nginx", mounted=mounted)[1].startswith(step)


@pytest.mark.parametrize(
    ("syntax", "example"),
    [
        (
            "json",
            '"mountPoints": [{"sourceVolume": "data", "containerPath": "/data"}] and "volumes": [{"name": "data"}]',
        ),
        ("yaml", "MountPoints: [{SourceVolume: data, ContainerPath: /data}] and Volumes: [{Name: data}]"),
        ("hcl", 'mountPoints = [{ sourceVolume = "data", containerPath = "/data" }] and volume { name = "data" }'),
    ],
)
def test_one_path_is_shown_in_the_syntax_of_the_place(syntax: str, example: str) -> None:
    assert steps("redis", syntax=syntax)[1] == (
        f"redis writes to /data: mount a volume or a tmpfs there, as with {example}"
    )
    assert steps("redis", syntax=syntax, construct="Shop/Redis")[1] == (
        "redis writes to /data: mount a volume or a tmpfs there"
    )


@pytest.mark.parametrize(
    ("user", "options"),
    [
        (None, None),
        ("0", None),
        ("root", None),
        ("0:0", None),
        ("root:node", None),
        (":1000", None),
        ("1000", "uid=1000"),
        ("1000:1001", "uid=1000 and gid=1001"),
        ("node", "uid=..."),
    ],
)
def test_a_user_other_than_root_does_not_own_an_empty_volume(user: str | None, options: str | None) -> None:
    said = steps(user=user)[1:]

    assert len(said) == (1 if options else 0)
    if options:
        assert said[0].startswith(f"user {user} can't write to an empty volume, which root owns: ")
        assert said[0].endswith(f" {options}")


def test_the_user_of_an_image_counts_unless_another_is_set() -> None:
    assert any("user 1337" in step for step in steps("public.ecr.aws/appmesh/aws-appmesh-envoy:v1"))
    assert not any("user" in step for step in steps("public.ecr.aws/appmesh/aws-appmesh-envoy:v1", user="0"))


def test_ecs_exec_needs_more_mounts() -> None:
    paths = ("/managed-agents", "/var/lib/amazon/ssm", "/var/log/amazon/ssm")

    step = "disable ECS Exec in Web, or mount volumes for it"
    assert steps(exec_service="Web")[1] == step
    assert steps(exec_service="Web", mounted=("/var/lib/amazon", "/managed-agents"))[1] == step
    assert len(steps(exec_service="Web", mounted=paths)) == 1


def test_the_data() -> None:
    names = [known.name for known in known_images()]
    assert len(set(names)) == len(names)
    for known in known_images():
        assert known.paths or known.note
        assert all(posixpath.isabs(path) and posixpath.normpath(path) == path for path in known.paths)
        assert all(source.startswith("https://") for source in known.sources) and known.sources
        for image in known.images:
            assert known_image(f"{image.replace('*', 'eu-west-1')}:{known.tags or 'latest'}") == (known, True)


def row(known: KnownImage) -> str:
    paths = ", ".join(f"`{path}`" for path in known.paths)
    user = f"it runs as user {known.user}" if known.user != "root" else ""
    return f"| {known.name} | {paths} | {known.note}{user} |"


def test_the_page_has_the_data() -> None:
    _, _, table = explanation("ECS5").partition("| image | mount | notes |\n|---|---|---|\n")
    assert table.partition("\n\n")[0].splitlines() == [row(known) for known in known_images()]


def test_the_page_shows_what_passes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for language, name in (("json", "task.json"), ("yaml", "template.yaml"), ("hcl", "main.tf")):
        block = next(
            text for text in re.findall(rf"```{language}\n(.*?)```", explanation("ECS5"), re.DOTALL) if "nginx" in text
        )
        for verdict, text in (
            ("pass", block),
            ("fail", re.sub(r"(?i)(readonlyRootFilesystem\W+)true", r"\1false", block)),
        ):
            (tmp_path / name).write_text(text, encoding="utf-8")
            main([str(tmp_path / name), "--format", "json"])
            (result,) = json.loads(capsys.readouterr().out)["results"]
            assert result["verdict"] == verdict
        # All paths that nginx writes to are mounted.
        assert "are already mounted" in result["remedy"][1]


def test_the_page_shows_exceptions_that_hold(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, _, section = explanation("ECS5").partition("## Exceptions\n")
    comment, configuration, metadata = re.findall(r"```\w+\n(.*?)```", section, re.DOTALL)
    task = "Resources:\n  Agent:\n    Type: AWS::ECS::TaskDefinition\n"
    containers = f"    Properties:\n      ContainerDefinitions:\n        {comment}        - Name: agent\n"
    indented = "".join(f"    {line}\n" for line in metadata.splitlines())
    for path, text in {
        "pyproject.toml": configuration.replace("2030", "9999"),
        "ecs/agent.json": '{"family": "agent", "containerDefinitions": [{"name": "agent"}]}',
        "commented.yaml": task + containers,
        "metadata.yaml": task + indented + containers.replace(comment, "# no comment\n"),
    }.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")

    assert main(["--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [item["suppression"]["kind"] for item in found["results"]] == ["comment", "configuration", "metadata"]
    assert found["warnings"] == []


def said_of(path: Path, text: str, capsys: pytest.CaptureFixture[str], *options: str) -> list[str]:
    """Return the remedy for the only container in a file."""
    path.write_text(text, encoding="utf-8")
    main([str(path), "--format", "json", *options])
    (result,) = json.loads(capsys.readouterr().out)["results"]
    assert result["verdict"] == "fail"
    return [str(step) for step in result["remedy"]]


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("container", "said"),
    [
        ('"image": "nginx:1"', "nginx writes to /var/cache/nginx and /var/run: mount a volume"),
        ('"image": "nginx:${TAG}"', "nginx writes to "),
        ('"image": "${REGISTRY}/nginx:1"', None),
        ('"image": "nginx${VARIANT}"', None),
        ('"image": "app", "user": "1000"', "user 1000"),
        ('"image": "redis", "mountPoints": [{"containerPath": "/data"}]', "redis writes to /data, which is already"),
        ('"image": "redis", "mountPoints": [{"containerPath": "/data", "readOnly": true}]', "redis writes to /data: "),
        (
            '"image": "redis", "linuxParameters": {"tmpfs": [{"containerPath": "/data", "size": 64}]}',
            "redis writes to /data, ",
        ),
        ('"image": "redis", "mountPoints": null, "linuxParameters": {"tmpfs": 1}', "redis writes to /data: "),
    ],
)
def test_a_task_definition(
    container: str, said: str | None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = f'{{"family": "web", "containerDefinitions": [{{"name": "web", "essential": true, {container}}}]}}'
    found = said_of(tmp_path / "task.json", text, capsys)[1:-2]

    assert len(found) == (1 if said else 0)
    assert all(step.startswith(said or "") for step in found)


TEMPLATE = """\
Parameters:
  Debug: {{Type: String, Default: "true"}}
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
Resources:
  Task:
    Type: AWS::ECS::TaskDefinition
    Properties:
      RequiresCompatibilities: [FARGATE]
      ContainerDefinitions:
        - Name: web
          Image: !If [IsProd, "redis:7", "redis:7-alpine"]
          User: 1000
          MountPoints: [{{SourceVolume: data, ContainerPath: /data}}]
  Web:
    Type: AWS::ECS::Service
    Properties:
      EnableExecuteCommand: {exec}
      TaskDefinition: !Ref {task}
"""


@pytest.mark.parametrize(
    ("exec", "task", "turns_it_on"),
    [
        ("true", "Task", True),
        ('"true"', "Task", True),
        ("!Ref Debug", "Task", True),
        ("!If [IsProd, false, true]", "Task", True),
        ("false", "Task", False),
        ("true", "Other", False),
        ("true", "AWS::StackName", False),
    ],
)
def test_a_template(
    exec: str, task: str, turns_it_on: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = TEMPLATE.format(exec=exec, task=task).replace("[!Ref Stage, prod]", '[!Ref "AWS::Region", eu-west-1]')
    said = said_of(tmp_path / "template.yaml", text, capsys)

    assert said[0] == "set ReadonlyRootFilesystem: true"
    assert said[1].startswith("user 1000 can't write ")
    assert said[2].startswith("disable ECS Exec in Web, or mount volumes for it") == turns_it_on


MODULE = """\
variable "debug" {{
  default = true
}}

resource "aws_ecs_task_definition" "web" {{
  requires_compatibilities = ["FARGATE"]
  container_definitions = jsonencode([{{
    Name                 = "web"
    image                = "redis:${{var.tag}}"
    MountPoints          = [{{ sourceVolume = "tmp", containerpath = "/tmp" }}]
  }}])
}}

resource "aws_ecs_service" "web" {{
  enable_execute_command = {exec}
  task_definition        = {task}
}}
"""


@pytest.mark.parametrize(
    ("exec", "task", "turns_it_on"),
    [
        ("true", "aws_ecs_task_definition.web.arn", True),
        ("var.debug", "aws_ecs_task_definition.web.arn", True),
        ("true", '"${aws_ecs_task_definition.web.family}:${aws_ecs_task_definition.web.revision}"', True),
        ("false", "aws_ecs_task_definition.web.arn", False),
        ("var.nowhere", "aws_ecs_task_definition.web.arn", False),
        ("each.value", "aws_ecs_task_definition.web.arn", False),
        ("true", "aws_ecs_task_definition.web2.arn", False),
        ("true", "data.aws_ecs_task_definition.web.arn", False),
        ("true", "aws_ecs_task_definition.web.arn\n  ???", False),
    ],
)
def test_a_module(exec: str, task: str, turns_it_on: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = said_of(tmp_path / "main.tf", MODULE.format(exec=exec, task=task), capsys)

    assert said[0] == "set readonlyRootFilesystem = true"
    assert said[1].startswith("redis writes to /data: mount an empty volume or a tmpfs there, as with mountPoints = [")
    assert said[2].startswith("disable ECS Exec in aws_ecs_service.web, or mount volumes for it") == turns_it_on


def test_a_module_that_is_not_at_hand(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = """\
module "web" {
  source                 = "terraform-aws-modules/ecs/aws//modules/service"
  version                = "6.0.0"
  enable_execute_command = true
  container_definitions  = { web = { image = "redis", readonlyRootFilesystem = false } }
}
"""
    said = said_of(tmp_path / "main.tf", text, capsys)

    assert said[0] == "change false to true"
    assert said[1].startswith("redis writes to /data: mount a volume")
    assert said[2].startswith("disable ECS Exec in module.web, or mount volumes for it")


def test_a_plan(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    containers = json.dumps([{"name": "web", "image": "redis", "readonlyRootFilesystem": False}])
    attributes = {"container_definitions": containers, "requires_compatibilities": ["FARGATE"]}
    change = {
        "address": "aws_ecs_task_definition.web",
        "mode": "managed",
        "type": "aws_ecs_task_definition",
        "change": {"after": attributes},
    }
    plan = {"format_version": "1.2", "terraform_version": "1.9.0", "resource_changes": [change]}
    said = said_of(tmp_path / "plan.json", json.dumps(plan), capsys)

    assert said[0] == 'set "readonlyRootFilesystem": true'
    assert "redis writes to /data: mount an empty volume or a tmpfs there" in said[1]


def test_alternatives_say_what_they_agree_in(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = """\
Parameters:
  Big: {Type: String}
Conditions:
  IsBig: !Equals [!Ref Big, "yes"]
Resources:
  Task:
    Type: AWS::ECS::TaskDefinition
    Properties:
      ContainerDefinitions:
        - Name: web
          Image: !If [IsBig, redis, nginx]
          User: !If [IsBig, "1000", "1000"]
"""
    assert [step[:20] for step in said_of(tmp_path / "template.yaml", text, capsys)[1:-2]] == ["user 1000 can't writ"]


def test_the_steps_stay_lines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    container = {"name": "web", "image": "nginx", "user": "a\nb" + "\x1b[2J"}
    path = tmp_path / "task.json"
    path.write_text(json.dumps({"family": "web", "containerDefinitions": [container]}), encoding="utf-8")
    main([str(path)])

    fixes = [line for line in capsys.readouterr().out.splitlines() if re.match(r" *= fix: user a", line)]
    assert len(fixes) == 1 and "a\\x0ab\\x1b[2J" in fixes[0]
