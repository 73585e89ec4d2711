"""Locate the source of a called module.

https://developer.hashicorp.com/terraform/language/modules/sources
"""

from __future__ import annotations

import os
import re

from ecs5lint.files.kinds import mentions_ecs
from ecs5lint.files.workspace import Workspace
from ecs5lint.location import Failure
from ecs5lint.parsers.terraform.syntax.blocks import Argument, Block
from ecs5lint.parsers.terraform.syntax.nodes import Literal, Parentheses, Template, TemplateText
from ecs5lint.values.kinds import Text, Unknown, Value

#: The start of a source in the same tree. Terraform treats a backslash as a slash.
_LOCAL = ("./", "../", ".\\", "..\\")

#: A directory of a repository: https://developer.hashicorp.com/terraform/language/modules/sources#modules-in-package-sub-directories
_IN_REPOSITORY = re.compile(r"(?:git::|git@|https?://|ssh://|github\.com/|bitbucket\.org/)[^?]*?[^:]//(?P<path>[^?]+)")

#: The names of such modules that create something other than a task.
_OTHER_NAME = re.compile(
    r"cluster|scal|schedul|role|iam|pipeline|deploy|alarm|monitor|log|polic|instance|asg|security|[-_]sg|network|repo",
    re.IGNORECASE,
)
#: Inputs with container definitions or a task definition. An input that is only an ARN refers to an existing one.
_DEFINITION_INPUT = re.compile(r"(?:container_?def|task_?def)(?!.*_arns?$)|^containers?$", re.IGNORECASE)
#: Sources for ECS, and inputs of such modules that describe a container. Many such modules create other resources.
_ECS_SOURCE = re.compile(r"(?:^|[-_/.])(?:ecs|fargate)(?:[-_/.?]|$)", re.IGNORECASE)
_CONTAINER_INPUT = re.compile(r"(?:^|_)(?:containers?(?:_|$)|image(?:_(?:name|tag|uri|url|version))?$)", re.IGNORECASE)
#: A module of a registry for a provider that has no ECS.
_OTHER_PROVIDER = re.compile(r"(?:[\w.-]+/)?[\w-]+/[\w-]+/(?:google|google-beta|azurerm|kubernetes)(?://.*)?")
#: Sources whose name says that they create a service or a task, regardless of their inputs.
_SERVICE_SOURCE = re.compile(
    r"(?:^|[-_/.])(?:ecs|fargate)(?:[-_/.][\w./-]{0,100})?[-_/](?:service|task)s?(?:\.git)?(?:/aws)?(?:\?|$)",
    re.IGNORECASE,
)
#: An input that refers to an existing task definition.
_ARN_INPUT = re.compile(r"task_?def.*_arns?$", re.IGNORECASE)

#: Sources of clusters and their capacity.
_CLUSTER_SOURCE = re.compile(r"cluster|capacity", re.IGNORECASE)
#: The names of modules that create something for services or clusters, but neither of them.
_HELPER_NAME = re.compile(
    r"container[-_]?def|scaling|schedul|role|pipeline|alarm|monitor|cloudwatch|polic|security|repositor|"
    r"(?<![a-z])(?:iam|logs?|sg|ecr)(?![a-z])",
    re.IGNORECASE,
)

#: The arguments of a call that are not inputs of the module.
META_ARGUMENTS = frozenset(("source", "version", "count", "for_each", "providers", "depends_on"))


def literal_text(argument: Argument | None) -> str | None:
    """Return the text of an argument without references, or None if it is no such text or can't be parsed."""
    if argument is None:
        return None
    try:
        expression = argument.expression
    except Failure:
        return None
    while isinstance(expression, Parentheses):
        expression = expression.inner
    if isinstance(expression, Literal):
        return expression.value if isinstance(expression.value, str) else None
    if not isinstance(expression, Template):
        return None
    texts = [part.text for part in expression.parts if isinstance(part, TemplateText)]
    return "".join(texts) if len(texts) == len(expression.parts) else None


def source_text(call: Block) -> str | None:
    """Return the source of a module call, or None if it is no literal."""
    return literal_text(call.argument("source"))


def local_path(directory: str, source: str, workspace: Workspace) -> str | None:
    """Return the directory that a source names, for a module in `directory`, or None if it is no path in the project.

    Terraform copies the directory at an absolute path, as it does with downloads. Within the project, the original is
    read.
    """
    if source.startswith(_LOCAL):
        path = workspace.normalize(f"{directory}/{source}".replace("\\", "/"))
        # A path may leave the working directory and return to it.
        return workspace.normalize(os.path.abspath(path)) if path.startswith("../") else path
    return workspace.normalize(source) if source.startswith("/") and workspace.is_directory(source) else None


def local_directory(directory: str, call: Block, workspace: Workspace) -> str | None:
    """Return the directory of the module that a call in `directory` uses, or None if its source is no literal path."""
    source = source_text(call)
    return None if source is None else local_path(directory, source, workspace)


def directory_in_repository(source: str) -> str | None:
    """Return the directory within a Git repository that a source names, or None."""
    match = _IN_REPOSITORY.match(source)
    return match["path"].strip("/") if match else None


def why_unknown(source: Value) -> Unknown:
    """Return the unknown part of a source's text, with the reason."""
    parts = source.parts if isinstance(source, Text) else (source,)
    return next((part for part in parts if isinstance(part, Unknown)), Unknown("it is not a string", source.span))


def inputs(call: Block) -> frozenset[str]:
    """Return the names of the variables that a call sets."""
    return frozenset(argument.name for argument in call.arguments()) - META_ARGUMENTS


def may_concern_ecs(call: Block, source: str) -> bool:
    """Tell whether a module that is not installed may concern containers, by its names and its inputs."""
    if mentions_ecs(source) or mentions_ecs(call.labels[0]):
        return True
    return any(_DEFINITION_INPUT.search(name) or _ARN_INPUT.search(name) for name in inputs(call))


def may_define_containers(call: Block, source: str) -> bool:
    """Tell whether a module that is not installed may define containers. Some names and inputs rule it out."""
    if _OTHER_NAME.search(source) or _OTHER_NAME.search(call.labels[0]) or any(map(_ARN_INPUT.search, inputs(call))):
        return False
    return may_concern_ecs(call, source)


def definition_inputs(call: Block) -> list[Argument]:
    """Return the arguments of a call whose names suggest container definitions or a task definition."""
    return [argument for argument in call.arguments() if _DEFINITION_INPUT.search(argument.name)]


def may_have_task_definitions(call: Block, source: str) -> bool:
    """Tell whether an unknown module may have task definitions, by the names of its source and inputs."""
    if _OTHER_PROVIDER.fullmatch(source):
        return False
    names = [argument.name for argument in call.arguments()]
    if definition_inputs(call):
        return True
    if any(map(_ARN_INPUT.search, names)):
        return False
    if _SERVICE_SOURCE.search(source):
        return True
    return bool(_ECS_SOURCE.search(source)) and any(map(_CONTAINER_INPUT.search, names))


def may_have(type: str, call: Block, source: str) -> bool:
    """Tell whether an unknown module may have resources of a type, by the names of its source and inputs."""
    is_of_service = type in ("service", "task_set")
    if _SERVICE_SOURCE.search(source):
        return is_of_service
    if _HELPER_NAME.search(source.partition("?")[0].rpartition("//")[2]):
        return False
    if is_of_service and may_have_task_definitions(call, source):
        return True
    is_of_ecs = _ECS_SOURCE.search(source) is not None
    return is_of_ecs and not (is_of_service and _CLUSTER_SOURCE.search(source))
