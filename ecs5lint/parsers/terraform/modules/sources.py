"""Locate the source of a called module.

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

#: The start of a source in the same tree. Terraform treats a backslash as a slash.
LOCAL = ("./", "../", ".\\", "..\\")

#: An archive, by its name or by the argument of its address: https://developer.hashicorp.com/terraform/language/modules/sources#fetching-archives-over-http
_ARCHIVE = re.compile(r"\.(?:zip|tgz|tbz2|txz|tar\.\w+)(?://|\?|$)|[?&]archive=(?!false)")

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
    if source.startswith(LOCAL):
        path = workspace.normalize(f"{directory}/{source}".replace("\\", "/"))
        # A path may leave the working directory and return to it.
        return workspace.normalize(os.path.abspath(path)) if path.startswith("../") else path
    return workspace.normalize(source) if source.startswith("/") and workspace.is_directory(source) else None


def local_directory(directory: str, call: Block, workspace: Workspace) -> str | None:
    """Return the directory of the module that a call in `directory` uses, or None if its source is no literal path."""
    source = source_text(call)
    return None if source is None else local_path(directory, source, workspace)


def directory_in_package(source: str) -> str | None:
    """Return the directory that a source names within a package, such as a repository or an archive, or None.

    An archive of a repository has all of it in one directory, whose name is left out.
    https://developer.hashicorp.com/terraform/language/modules/sources#modules-in-package-sub-directories
    """
    if source.startswith((*LOCAL, "/")):
        return None
    address = source.partition("?")[0]
    directory = (address.partition("://")[2] or address).partition("//")[2].strip("/")
    if _ARCHIVE.search(source) and "/" in directory:
        directory = directory.partition("/")[2]
    return directory or None


def why_unknown(source: Value) -> Unknown:
    """Return the unknown part of a source's text, with the reason."""
    parts = source.parts if isinstance(source, Text) else (source,)
    return next((part for part in parts if isinstance(part, Unknown)), Unknown("it is not a string", source.span))


def inputs(call: Block) -> frozenset[str]:
    """Return the names of the variables that a call sets."""
    return frozenset(argument.name for argument in call.arguments()) - META_ARGUMENTS
