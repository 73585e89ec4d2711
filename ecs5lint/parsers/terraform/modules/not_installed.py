"""Tell what a module that is not installed may create, by its names and its inputs.

Names decide how such a module is reported, never whether: as a resource that is unknown, or as skipped.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from ecs5lint.files.kinds import mentions_ecs
from ecs5lint.light_typing import NamedTuple
from ecs5lint.location import Span
from ecs5lint.notices import Skipped
from ecs5lint.parsers.terraform.modules.sources import LOCAL, inputs
from ecs5lint.parsers.terraform.syntax.blocks import Argument, Block
from ecs5lint.settings.settings import Reads

#: Inputs with container definitions or a task definition. An input that is only an ARN refers to an existing one.
_DEFINITION_INPUT = re.compile(r"(?:container_?def|task_?def)(?!.*_arns?$)|^containers?$", re.IGNORECASE)
#: An input that refers to an existing task definition.
_ARN_INPUT = re.compile(r"task_?def.*_arns?$", re.IGNORECASE)
#: Inputs that describe a container. A function may have an image, too.
_CONTAINER_INPUT = re.compile(r"(?:^|_)containers?(?:_|$)", re.IGNORECASE)
_IMAGE_INPUT = re.compile(r"(?:^|_)image(?:_(?:name|tag|uri|url|version))?$", re.IGNORECASE)
#: Inputs of a service or a task that a function does not have.
_TASK_INPUT = re.compile(r"cpu|desired_count|task_(?:cpu|memory|count|.*role.*)", re.IGNORECASE)

#: What a module creates, by the last word of its name: a "task role" is a role, and a "scheduled task" is a task.
_WORKLOAD, _CLUSTER, _DEFINITION, _HELPER, _ELSEWHERE = range(5)
_WORDS_OF = {
    _WORKLOAD: "api app application backend bot cron daemon frontend job microservice runner server service site svc "
    "task ui web webapp webservice website worker",
    _CLUSTER: "capacity cluster provider",
    _DEFINITION: "container def definition taskdef",
    _HELPER: "alarm alb asg autoscaler autoscaling balancer bucket certificate cloudwatch codebuild codedeploy "
    "codepipeline dns ec2 ecr efs elb group iam instance kms label lambda lb listener loadbalancer log metric network "
    "networking nlb parameter permission pipeline policy policies rds record repo repository repositories role rule s3 "
    "scaling secret security sg sns sqs ssm state subnet vpc zone",
}
_KINDS = {word: kind for kind, words in _WORDS_OF.items() for word in words.split()}
#: Words that don't tell what a module creates.
_EMPTY_WORDS = frozenset("aws ecs fargate main module src terraform tf tofu".split())
_WORD = re.compile(r"[A-Z]+(?![a-z])\d*|[A-Z]?[a-z]+(?:\d+[a-z]*)*|\d+")
_VERSION = re.compile(r"v?\d+")

#: The platforms of modules that run containers elsewhere: providers of a registry, or words of a name.
_PLATFORMS = frozenset("aks azure azurerm eks gcp gke google helm k8s kubernetes".split())
#: A module of a registry: https://developer.hashicorp.com/terraform/language/modules/sources#terraform-registry
_REGISTRY = re.compile(r"(?:[\w-]+(?:\.[\w-]+)+(?::\d+)?/)?[\w-]+/(?P<name>[\w-]+)/(?P<provider>[\w-]+)")
_ARCHIVE = re.compile(r"\.(?:git|zip|tgz|tar(?:\.\w+)?)$")

#: The reason in the account.
_REASON = "a module that is not installed"


class _Names(NamedTuple):
    """The names of a module: that of its package, its directory there (or an empty text), and that of its call."""

    package: str
    directory: str
    call: str

    @property
    def own(self) -> str:
        """The name of the module itself."""
        return self.directory or self.package

    @property
    def of_module(self) -> str:
        """The names of the package and of the module in it."""
        return f"{self.package} {self.directory}"


def may_concern_ecs(call: Block, source: str) -> bool:
    """Tell whether a module that is not installed may concern ECS, by its names and its inputs.

    A local directory should be there, so a missing one may have any name.
    """
    return (
        source.startswith(LOCAL)
        or _mentions_ecs(call, source)
        or bool(definition_inputs(call))
        or _describes_container(inputs(call))
    )


def definition_inputs(call: Block) -> list[Argument]:
    """Return the arguments of a call whose names suggest container definitions or a task definition."""
    return [argument for argument in call.arguments() if _DEFINITION_INPUT.search(argument.name)]


def may_have_task_definitions(call: Block, source: str) -> bool:
    """Tell whether to report a module that is not installed as one with task definitions."""
    names, kind, given = _names(call, source), _kind(call, source), inputs(call)
    if kind == _ELSEWHERE:
        return False
    if definition_inputs(call):
        return True
    if any(map(_ARN_INPUT.search, given)):
        return False
    has_container = any(map(_CONTAINER_INPUT.search, given))
    has_image = any(map(_IMAGE_INPUT.search, given))
    if kind == _HELPER:
        return has_container and mentions_ecs(names.own)
    if (has_container or has_image) and mentions_ecs(source):
        return True
    if kind == _WORKLOAD:
        return _mentions_ecs(call, source) or _describes_container(given)
    if has_container and has_image:
        return True
    # The name "ecs" alone may be that of a cluster.
    return kind is None and mentions_ecs(names.own) and _last_word(names.own.rpartition("/")[2]) is not None


def may_have(type: str, call: Block, source: str) -> bool:
    """Tell whether to report a module that is not installed as one with resources of a type."""
    kind = _kind(call, source)
    if kind in (_HELPER, _DEFINITION, _ELSEWHERE):
        return False
    if type not in ("service", "task_set"):
        # The name of a call does not rule out that a module called "ecs" has a cluster, too.
        return _kind_by_name(_names(call, source).of_module) != _WORKLOAD and mentions_ecs(source)
    if kind == _WORKLOAD:
        return _mentions_ecs(call, source) or may_have_task_definitions(call, source)
    return kind is None and (mentions_ecs(source) or may_have_task_definitions(call, source))


def is_suspect(call: Block, source: str) -> bool:
    """Tell whether to warn about a module that is not installed and not reported, and that concerns ECS."""
    if any(map(_ARN_INPUT.search, inputs(call))) or _kind(call, source) not in (None, _WORKLOAD):
        return False
    return _mentions_ecs(call, source) or bool(definition_inputs(call))


def skipped(reason: str, span: Span, reads: Reads) -> Skipped:
    """Return the entry of the account for a module that is not installed. Reports leave it out if it has a result."""
    types = ["containers", *(type.replace("_", " ") + "s" for type in reads.resources)]
    return Skipped(span.path, _REASON, span, f"{reason}; it may define {', '.join(types)}")


def _mentions_ecs(call: Block, source: str) -> bool:
    return any(map(mentions_ecs, (source, call.labels[0], *inputs(call))))


def _describes_container(given: Iterable[str]) -> bool:
    """Tell whether the names of some inputs describe a container, or an image and a task."""
    if any(map(_CONTAINER_INPUT.search, given)):
        return True
    return any(map(_IMAGE_INPUT.search, given)) and any(map(_TASK_INPUT.fullmatch, given))


def _kind(call: Block, source: str) -> int | None:
    """Return what a module creates by the last word of its name, or else of its call, or None if that is no help."""
    names = _names(call, source)
    if not _PLATFORMS.isdisjoint(_words(names.of_module)):
        return _ELSEWHERE
    kind = _kind_by_name(names.of_module)
    return _kind_by_name(names.call) if kind is None else kind


def _kind_by_name(name: str) -> int | None:
    return _KINDS.get(_last_word(name) or "")


def _last_word(name: str) -> str | None:
    """Return the last word of a name that tells what it is, in small letters and in the singular."""
    for word in reversed(_words(name)):
        if word not in _EMPTY_WORDS and not _VERSION.fullmatch(word):
            return word
    return None


def _words(name: str) -> list[str]:
    words = [word.lower() for word in _WORD.findall(name)]
    return [
        single if (single := word.removesuffix("s")) in _KINDS or single in _EMPTY_WORDS else word for word in words
    ]


def _names(call: Block, source: str) -> _Names:
    """Return the names of a module. Hosts and owners of a source are no part of them."""
    path = source.partition("?")[0].replace("\\", "/")
    if path.startswith((".", "/")):
        return _Names("", path, call.labels[0])
    package, _, directory = path.replace("://", ":", 1).partition("//")
    registry = _REGISTRY.fullmatch(package)
    if registry:
        return _Names(f"{registry['provider']} {registry['name']}", directory, call.labels[0])
    name = package.rstrip("/").rpartition("/")[2].rpartition(":")[2]
    return _Names(_ARCHIVE.sub("", name), directory, call.labels[0])
