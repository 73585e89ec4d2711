"""Where the source of a called module is.

https://developer.hashicorp.com/terraform/language/modules/sources
"""

from __future__ import annotations

from ecs5lint.parsers.terraform.blocks import Block
from ecs5lint.workspace import Workspace


def source_text(call: Block) -> str | None:
    """Return the source of a module call, None if it is not written out."""
    argument = call.argument("source")
    if argument is None:
        return None
    text = argument.value_span.text
    return text[1:-1] if text[:1] == text[-1:] == '"' and "${" not in text else None


def local_directory(directory: str, call: Block, workspace: Workspace) -> str | None:
    """Return the directory that a call in `directory` takes its module from, None if the source is not a path."""
    source = source_text(call)
    if source is None or not source.startswith(("./", "../")):
        return None
    return workspace.normalize(f"{directory}/{source}")
