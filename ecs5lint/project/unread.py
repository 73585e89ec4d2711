"""Find container definitions and other resources in unsupported forms, to report them in a notice.

Bytes identify them, since most are in files without a parser: scripts, and manifests of other tools. So a notice never
changes a verdict, and may concern a definition that is never deployed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator
from itertools import islice

from ecs5lint.files.kinds import is_module_file, is_renamed_module_file
from ecs5lint.files.workspace import Workspace, decode
from ecs5lint.light_typing import NamedTuple
from ecs5lint.location import Failure, Source, Span
from ecs5lint.model.resource import CAPACITY_PROVIDER, CLUSTER, SERVICE, TASK_SET
from ecs5lint.notices import Notice

#: The start of a comment line, up to its text.
_COMMENT = rb"\s*(?:#|//|;|<!--|REM\s)"

#: A key of JSON or YAML, up to its value. It may be in JSON inside a string.
_KEY = rb"""(?<![\w-])(?:%s)[\\"']*\s*[:=]\s*[\\"']*"""
_TYPE = _KEY % rb"Type"
#: A Terraform resource: in HCL, in JSON, and in a plan.
_RESOURCE = rb"""resource\s+"?(?P<hcl>%s)\b|"(?P<json>%s)"\s*:\s*[\[{]|"type":\s*"(?P<plan>%s)\""""

#: Properties of Batch jobs that run on ECS, not on EKS:
#: https://docs.aws.amazon.com/batch/latest/APIReference/API_RegisterJobDefinition.html
_ON_ECS = rb"(?i)(?:container|ecs|node)_?properties"
#: Keys of Express services in the ECS API, in input and output.
_OF_EXPRESS = _KEY % rb"infrastructureRoleArn|activeConfigurations"


class _Form(NamedTuple):
    """A form: its message, a word and a pattern that identify it, and a pattern that must also match in the file."""

    name: str
    word: bytes
    pattern: bytes
    needs: bytes = b""


def _resource(name: str, type: bytes, needs: bytes = b"") -> _Form:
    return _Form(name, type, _RESOURCE % (type, type, type), needs)


def _pulumi(names: bytes) -> _Form:
    pattern = rb"aws(?:x|-native|-classic)?:ecs[:/](?:[\w/]+:)?(?:%s)\b" % names
    return _Form("Pulumi resources are not checked", b":ecs", _KEY % rb"type" + pattern)


#: The version and the kind of a resource of a Kubernetes controller, in either order.
_VERSION = _KEY % rb"apiVersion" + rb"ecs\.(?:aws\.|services\.k8s\.aws/)[\w./-]*"
_KIND = _KEY % rb"kind" + rb"(?:%s)\b"
_BETWEEN = rb"""[\\"',]*\s+[\\"']*"""
_KUBERNETES = _VERSION + _BETWEEN + _KIND + b"|" + _KIND + _BETWEEN + _VERSION

_BATCH = "AWS Batch job definitions are not checked, and their containers run on ECS"
_DAEMON = "daemon task definitions are not checked"
_EXPRESS = "Express services are not checked, and ECS makes their task definitions"
_ECS_CLI = "parameters of the ECS CLI are not checked, and the containers of its Compose file run on ECS"
_REGISTERS = "the task definition that is registered here is not checked"

_FORMS = (
    _Form(_BATCH, b"AWS::Batch::JobDefinition", _TYPE + rb"AWS::Batch::JobDefinition\b", _ON_ECS),
    _Form(_BATCH, b"jobDefinitionName", _KEY % rb"jobDefinitionName", _ON_ECS),
    _resource(_BATCH, b"aws_batch_job_definition", _ON_ECS),
    _resource(_BATCH, b"awscc_batch_job_definition", _ON_ECS),
    _Form(_DAEMON, b"DaemonTaskDefinition", _TYPE + rb"AWS::ECS::DaemonTaskDefinition\b"),
    _resource(_DAEMON, b"aws_ecs_daemon_task_definition"),
    _resource(_DAEMON, b"awscc_ecs_daemon_task_definition"),
    _Form(_EXPRESS, b"ExpressGatewayService", _TYPE + rb"AWS::ECS::ExpressGatewayService\b"),
    _Form(_EXPRESS, b"primaryContainer", _KEY % rb"primaryContainer", _OF_EXPRESS),
    _resource(_EXPRESS, b"aws_ecs_express_gateway_service"),
    _resource(_EXPRESS, b"awscc_ecs_express_gateway_service"),
    _pulumi(rb"TaskDefinition|\w*(?:Fargate|EC2)\w+"),
    _Form(
        "task definitions of a Kubernetes controller (Crossplane, ACK) are not checked",
        b"apiVersion",
        _KEY % rb"kind" + rb"TaskDefinition\b",
        _KEY % rb"apiVersion" + rb"ecs\.(?:aws\.|services\.k8s\.aws/)",
    ),
    _Form(
        "AWS Copilot manifests are not checked; check what copilot svc package or copilot job package prints",
        b"type:",
        rb"""(?m)^type:[ \t]*["']?(?:(?:Load Balanced Web|Backend|Worker) Service|Scheduled Job)\b""",
        rb"(?m)^name:",
    ),
    _Form(
        "the containers of this Ansible task are not checked; add an extract rule to the configuration",
        b"ecs_taskdefinition",
        rb"(?m)^[ \t-]*(?:community\.aws\.|amazon\.aws\.)?ecs_taskdefinition:",
        _KEY % rb"containers",
    ),
    _Form(
        "resources of the Cloud Control API are not checked",
        b"AWS::ECS::TaskDefinition",
        _KEY % rb"type_name" + rb"AWS::ECS::TaskDefinition\b",
        rb"cloudcontrolapi_resource",
    ),
    _Form(_REGISTERS, b"registerTaskDefinition", rb"aws-sdk:ecs:registerTaskDefinition\b"),
    _Form(_REGISTERS, b"egisterTaskDefinition", _KEY % rb"[aA]ction" + rb"[rR]egisterTaskDefinition(?:Command)?\b"),
    _Form(_REGISTERS, b"egisterTaskDefinition", rb"\b(?:registerTaskDefinition|RegisterTaskDefinitionCommand)\("),
    _Form(_REGISTERS, b"register_task_definition", rb"\.register_task_definition\("),
)

#: Forms in files that Terraform reads under another name, such as `main.tf.j2`.
_RENAMED = "Terraform reads no file of this name; if it is rendered or renamed, check the result"
_OF_RENAMED = (_resource(_RENAMED, b"aws_ecs_task_definition"), _resource(_RENAMED, b"awscc_ecs_task_definition"))
#: A form in files of Terraform modules, whose task definitions spell the key differently.
_IN_MODULES = (
    _Form(
        "these container definitions are in no task definition of Terraform",
        b"containerDefinitions",
        rb"""\bcontainerDefinitions["']?\s*[=:]\s*[\[\w]""",
    ),
)

#: The names of other resources in CloudFormation and Pulumi, for the rules about them.
_NAMES = {SERVICE: b"Service", TASK_SET: b"TaskSet", CLUSTER: b"Cluster", CAPACITY_PROVIDER: b"CapacityProvider"}

#: The AWS CLI command, and its argument.
_COMMAND_WORD, _COMMAND = b"register-task-definition", rb"(?<![\w-])register-task-definition\b"
_ARGUMENT_WORD, _ARGUMENT = b"--container-definitions", rb"(?<![\w-])--container-definitions\b"
#: The name, without its directory, of the file in the arguments of the command.
_GIVEN_FILE = rb"""--(?:cli-input-(?:json|yaml)|container-definitions)[\s="',]+fileb?://(?:[^\s"'`;|&]*/)?([\w.@+-]+)(?![\w/$}{])"""
_CREATES = b" create-"
_NEXT_COMMAND = rb"\n\n|\becs\s"
_WRITTEN = rb">\s*[\"']?(?:[^\s\"']*/)?%s(?![\w.-])"
_LONGEST_COMMAND = 1000
#: The largest number of commands to examine in a file, and of matches in all.
_MAX_COMMANDS = 50
_MAX_MATCHES = 1000
#: The largest distance from a match to the start of its line, to see whether the line is a comment.
_LONGEST_INDENT = 300

#: Apps by the name of their configuration: the tool, its command, and the directory that it writes.
_APPS = {
    "cdk.json": ("AWS CDK", "cdk synth", "cdk.out"),
    "cdktf.json": ("CDK for Terraform", "cdktf synth", "cdktf.out"),
}
#: The largest number of levels below the configuration to look for programs in, and of directories in each level, and
#: the names of directories with programs of others.
_MAX_BELOW = 10
_MAX_DIRECTORIES = 500
_INSTALLED = frozenset(("node_modules", "venv", "site-packages", "vendor", "target"))

#: The programs of Pulumi and of apps, the largest number of them to examine, and words in each that defines containers.
_PROGRAMS = (".ts", ".js", ".py", ".go", ".cs", ".java", ".kt", ".scala", ".fs", ".vb")
_MAX_PROGRAMS = 1000
_PROGRAM_WORD, _PROGRAM_NAMES = rb"\becs\b", rb"TaskDefinition|FargateService|EC2Service|Ec2Service"
_OTHER_PROGRAM_NAMES = rb"|\becs\.(?:New)?(?:%s)\b"


def _forms_of(types: Collection[str]) -> Iterator[_Form]:
    """Yield the forms of some types of resources other than task definitions."""
    names = _names(types)
    yield _pulumi(names)
    yield _Form(
        "resources of a Kubernetes controller (Crossplane, ACK) are not checked",
        b"apiVersion",
        _KUBERNETES % (names, names),
    )
    yield _Form(
        "resources of the Cloud Control API are not checked",
        b"cloudcontrolapi_resource",
        _KEY % rb"type_name" + rb"AWS::ECS::(?:%s)\b" % names,
    )
    for type in types:
        module = b"ecs_%s:" % type.encode()
        yield _Form(
            f"the {type.replace('_', ' ')} of this Ansible task is not checked",
            module,
            rb"(?m)^[ \t-]*(?:community\.aws\.|amazon\.aws\.)?" + module,
        )


def _names(types: Collection[str]) -> bytes:
    return b"|".join(_NAMES[type] for type in types)


class Unread(NamedTuple):
    """An unsupported form in a file.

    `reads` names the file that a command reads. If it is checked, there is no notice.
    """

    notice: Notice
    reads: str = ""


def unread(path: str, content: bytes, workspace: Workspace, types: Collection[str] = ()) -> Iterator[Unread]:
    """Yield the unsupported forms in a file: the first match of each form, and each command.

    `types` are the types of the resources to check, besides task definitions.
    It is slow. `may_have_unread_form` in `files/kinds.py` tells for which files it is needed.
    """
    told: set[str] = set()
    further = _IN_MODULES if is_module_file(path) else _OF_RENAMED if is_renamed_module_file(path) else ()
    for form in (*_FORMS, *further, *(_forms_of(types) if types else ())):
        if form.word in content and form.name not in told and re.search(form.needs, content):
            for found in _outside_comments(form.pattern, content, 1):
                told.add(form.name)
                yield Unread(_notice(path, content, form.name, found.start()))
    if _REGISTERS not in told:
        yield from _registrations(path, content)
    for type in types if _CREATES in content else ():
        noun = type.replace("_", " ")
        command = rb"(?<![\w-])ecs\s+create-%s\b" % noun.replace(" ", "-").encode()
        yield from _commands(path, content, command, f"the {noun} that is created here is not checked")
    name = os.path.basename(path)
    if name in ("ecs-params.yml", "ecs-params.yaml") and b"task_definition:" in content:
        yield Unread(_notice(path, content, _ECS_CLI, content.index(b"task_definition:")))
    if name in ("Pulumi.yaml", "Pulumi.yml"):
        yield from _pulumi_programs(path, content, workspace, types)
    if name in _APPS:
        yield from _apps(path, workspace, types)


def _registrations(path: str, content: bytes) -> Iterator[Unread]:
    """Yield the AWS CLI commands that register a task definition."""
    found = list(_commands(path, content, _COMMAND, _REGISTERS)) if _COMMAND_WORD in content else []
    if not found and _ARGUMENT_WORD in content:
        found = list(islice(_commands(path, content, _ARGUMENT, _REGISTERS), 1))
    yield from found


def _commands(path: str, content: bytes, pattern: bytes, message: str) -> Iterator[Unread]:
    """Yield the AWS CLI commands that match a pattern."""
    for match in _outside_comments(pattern, content, _MAX_COMMANDS):
        rest = content[match.end() : match.end() + _LONGEST_COMMAND].replace(b"\\\n", b"  ")
        given = re.search(_GIVEN_FILE, re.split(_NEXT_COMMAND, rest, maxsplit=1)[0])
        is_written_here = given and re.search(_WRITTEN % re.escape(given[1]), content)
        name = given[1].decode() if given and not is_written_here else ""
        yield Unread(_notice(path, content, message, match.start()), name)


def _pulumi_programs(path: str, content: bytes, workspace: Workspace, types: Collection[str]) -> Iterator[Unread]:
    """Yield a notice for the program of a Pulumi project, if it seems to define containers or resources of `types`."""
    if re.search(rb"(?m)^runtime:[ \t]*[\"']?yaml\b", content):
        return
    program = _first_of_ecs(_programs(os.path.dirname(path), workspace, 0), workspace, types)
    if program:
        yield Unread(Notice(f"skipped: this Pulumi program is not checked ({os.path.basename(program)})", path))


def _apps(path: str, workspace: Workspace, types: Collection[str]) -> Iterator[Unread]:
    """Yield a notice for an app of the AWS CDK or the like, unless its output is there, which is in the account."""
    directory, name = os.path.split(path)
    tool, command, output = _APPS[name]
    if workspace.entries(os.path.join(directory, output)):
        return
    program = _first_of_ecs(_programs(directory, workspace, _MAX_BELOW), workspace, types)
    if program:
        shown = os.path.relpath(program, directory or ".").replace(os.sep, "/")
        message = f"skipped: this {tool} app is not checked ({shown}); run {command} and check {output}"
        yield Unread(Notice(message, path))


def _programs(directory: str, workspace: Workspace, below: int) -> Iterator[str]:
    """Yield the programs in a directory, and then those in the directories up to a level below."""
    level = [directory]
    for _ in range(below + 1):
        paths = [os.path.join(parent, name) for parent in level for name in workspace.entries(parent or ".")]
        yield from (path for path in paths if path.endswith(_PROGRAMS))
        level = [path for path in paths if _may_have_own_programs(path, workspace)][:_MAX_DIRECTORIES]


def _may_have_own_programs(path: str, workspace: Workspace) -> bool:
    """Tell whether a path is a directory that may have programs of the app around it."""
    name = os.path.basename(path)
    if "." in name or name in _INSTALLED or os.path.islink(path) or not workspace.is_directory(path):
        return False
    return not any(workspace.is_file(os.path.join(path, app)) for app in _APPS)


def _first_of_ecs(programs: Iterator[str], workspace: Workspace, types: Collection[str]) -> str | None:
    """Return the first program that seems to define containers or resources of `types`, or None."""
    others = _names(types)
    words = (_PROGRAM_WORD, _PROGRAM_NAMES + (_OTHER_PROGRAM_NAMES % others if others else b""))
    for program in islice(programs, _MAX_PROGRAMS):
        try:
            text = workspace.read_start(program)
        except Failure:
            continue
        if all(re.search(word, text) for word in words):
            return program
    return None


def _outside_comments(pattern: bytes, content: bytes, count: int) -> Iterator[re.Match[bytes]]:
    """Yield up to `count` matches that are not on a comment line."""
    for match in islice(re.finditer(pattern, content), _MAX_MATCHES):
        start = max(0, match.start() - _LONGEST_INDENT)
        line = content[start : match.start()].rpartition(b"\n")[2]
        if count and not re.match(_COMMENT, line):
            count -= 1
            yield match


def _notice(path: str, content: bytes, message: str, offset: int) -> Notice:
    try:
        before, text = decode(content[:offset], path), decode(content, path)
    except Failure:
        return Notice(f"skipped: {message}", path)
    source = Source(path, text, "hcl" if is_module_file(path) else "json" if path.endswith(".json") else "yaml")
    return Notice(f"skipped: {message}", path, Span(source, len(before), len(before)))
