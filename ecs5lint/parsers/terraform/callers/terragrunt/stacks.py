"""Read Terragrunt stacks: files that create units from other directories.

https://terragrunt.gruntwork.io/docs/features/stacks/
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from itertools import product

from ecs5lint.light_typing import NamedTuple
from ecs5lint.location import Failure, Span
from ecs5lint.parsers.terraform.callers.terragrunt.config import MAX_DEPTH, Config, Reader
from ecs5lint.parsers.terraform.callers.terragrunt.functions import DEFAULT_NAME, Directories
from ecs5lint.parsers.terraform.callers.terragrunt.units import REMOTE, Unit
from ecs5lint.parsers.terraform.syntax.blocks import Block
from ecs5lint.values.kinds import Known, ObjectValue, Unknown, Value, known_text

STACK_NAME = "terragrunt.stack.hcl"

#: The directory below a stack in which Terragrunt generates its units.
_GENERATED = ".terragrunt-stack"


class MissingUnit(NamedTuple):
    """A unit of a stack that is missing from the tree: its name, the span of its block, its source, and its values."""

    name: str
    span: Span
    source: Value
    values: Value


def units_of_stack(
    path: str, reader: Reader, directory: str | None = None, values: Value | None = None, depth: int = 0
) -> Iterator[Unit | MissingUnit]:
    """Yield the units of a stack that runs in `directory`, and of its nested stacks. Raises Failure."""
    directory = directory or posixpath.dirname(path) or "."
    files_directory = posixpath.dirname(path) or "."
    config = Config(path, Directories(directory, directory, {}), reader, values)
    for block in (*config.blocks("unit"), *config.blocks("stack")):
        name = "".join(block.labels)
        source, given = _value(config, block, "source"), _value(config, block, "values")
        text, subdirectory = known_text(source), known_text(_value(config, block, "path"))
        within = "" if _is_true(config, block) else _GENERATED
        runs_in = posixpath.join(directory, within, subdirectory or name)
        wanted = (DEFAULT_NAME, f"{DEFAULT_NAME}.json") if block.type == "unit" else (STACK_NAME,)
        found = _file(reader, text, (directory, files_directory), wanted)
        if found is None or depth > MAX_DEPTH:
            yield MissingUnit(name, block.span, source, given)
        elif block.type == "stack":
            yield from units_of_stack(found, reader, runs_in, given, depth + 1)
        else:
            try:
                yield Unit(found, reader, runs_in, given, block.span)
            except Failure as failure:
                reader.run.modules.fail(failure)
                yield MissingUnit(name, block.span, source, given)


def _file(reader: Reader, text: str | None, directories: tuple[str, str], names: tuple[str, ...]) -> str | None:
    """Return the configuration at the source of a unit or a stack, or None if it is not in the tree."""
    if text is None or REMOTE.match(text):
        return None
    workspace = reader.run.workspace
    for directory, name in product(directories, names):
        path = workspace.normalize(posixpath.join(directory, text, name))
        if workspace.is_inside(path) and name in workspace.entries(posixpath.dirname(path) or "."):
            return path
    return None


def _value(config: Config, block: Block, name: str) -> Value:
    argument = block.argument(name)
    if argument is None:
        return ObjectValue(()) if name == "values" else Unknown(f"{name} is missing", block.span)
    return config.value_of(argument)


def _is_true(config: Config, block: Block) -> bool:
    argument = block.argument("no_dot_terragrunt_stack")
    value = config.value_of(argument) if argument else None
    return isinstance(value, Known) and value.value is True
