"""Where the source of a called module is.

https://developer.hashicorp.com/terraform/language/modules/sources
"""

from __future__ import annotations

import os
import re

from ecs5lint.files.workspace import Workspace
from ecs5lint.location import Failure
from ecs5lint.parsers.terraform.syntax.blocks import Argument, Block
from ecs5lint.parsers.terraform.syntax.nodes import Literal, Parentheses, Template, TemplateText
from ecs5lint.values.kinds import Text, Unknown, Value

#: How the source of a module in the same tree begins; Terraform takes a backslash for a slash.
_LOCAL = ("./", "../", ".\\", "..\\")

#: A directory of a repository: https://developer.hashicorp.com/terraform/language/modules/sources#modules-in-package-sub-directories
_IN_REPOSITORY = re.compile(r"(?:git::|git@|https?://|ssh://|github\.com/|bitbucket\.org/)[^?]*?[^:]//(?P<path>[^?]+)")

#: What a call is named, or where its module comes from, if it has to do with containers.
_ECS_NAME = re.compile(r"(?<![a-z])ecs|fargate|container[-_]?definition|task[-_]?definition", re.IGNORECASE)
_ECS_INPUT = re.compile(r"container_?def|task_?def|^containers?$", re.IGNORECASE)

#: What such a module makes if its name says so: something else than a task.
_OTHER_NAME = re.compile(
    r"cluster|scal|schedul|role|iam|pipeline|deploy|alarm|monitor|log|polic|instance|asg|security|[-_]sg|network|repo",
    re.IGNORECASE,
)
_ARN_INPUT = re.compile(r"task_?def.*_arns?$", re.IGNORECASE)

#: The arguments of a call that are no inputs of the module.
META_ARGUMENTS = frozenset(("source", "version", "count", "for_each", "providers", "depends_on"))


def literal_text(argument: Argument | None) -> str | None:
    """Return the text of an argument that refers to nothing; None if it is no such text, or cannot be parsed."""
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
    """Return the source of a module call, None if it is no literal."""
    return literal_text(call.argument("source"))


def local_path(directory: str, source: str, workspace: Workspace) -> str | None:
    """Return the directory that a source in a module in `directory` names, None if it is no path within the project.

    Terraform copies what an absolute path names, as it does what it downloads; within the project the original is read.
    """
    if source.startswith(_LOCAL):
        path = workspace.normalize(f"{directory}/{source}".replace("\\", "/"))
        # A path out of the working directory and back is one within it.
        return workspace.normalize(os.path.abspath(path)) if path.startswith("../") else path
    return workspace.normalize(source) if source.startswith("/") and workspace.is_directory(source) else None


def local_directory(directory: str, call: Block, workspace: Workspace) -> str | None:
    """Return the directory that a call in `directory` takes its module from, None if its source is no literal path."""
    source = source_text(call)
    return None if source is None else local_path(directory, source, workspace)


def directory_in_repository(source: str) -> str | None:
    """Return the directory within a Git repository that a source names, None if it names none."""
    match = _IN_REPOSITORY.match(source)
    return match["path"].strip("/") if match else None


def why_unknown(source: Value) -> Unknown:
    """Return why a source is not known: what is unknown of its text."""
    parts = source.parts if isinstance(source, Text) else (source,)
    return next((part for part in parts if isinstance(part, Unknown)), Unknown("it is no text", source.span))


def inputs(call: Block) -> frozenset[str]:
    """Return the names of the variables that a call sets."""
    return frozenset(argument.name for argument in call.arguments()) - META_ARGUMENTS


def names_ecs(text: str) -> bool:
    """Tell whether a text has a word of ECS in it."""
    return _ECS_NAME.search(text) is not None


def may_concern_ecs(call: Block, source: str) -> bool:
    """Tell whether a module that is not installed may have to do with containers, by its names and its inputs."""
    if _ECS_NAME.search(source) or _ECS_NAME.search(call.labels[0]):
        return True
    return any(map(_ECS_INPUT.search, inputs(call)))


def may_define_containers(call: Block, source: str) -> bool:
    """Tell whether a module that is not installed may define containers, since no name and no input says otherwise."""
    if _OTHER_NAME.search(source) or _OTHER_NAME.search(call.labels[0]) or any(map(_ARN_INPUT.search, inputs(call))):
        return False
    return may_concern_ecs(call, source)
