"""Test the stand-ins of well-known modules, which are data: a name that is not declared would be an unknown."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ecs5lint.parsers.terraform.modules.configuration import Module
from ecs5lint.parsers.terraform.modules.registry import stand_ins
from ecs5lint.parsers.terraform.modules.registry.known_module import STAND_IN
from ecs5lint.parsers.terraform.modules.registry.stand_ins import StandIn, read_stand_ins
from ecs5lint.parsers.terraform.modules.registry.versions import Range, parsed
from ecs5lint.parsers.terraform.modules.run import OTHER_TYPES, RESOURCE_TYPE
from ecs5lint.parsers.terraform.modules.sources import META_ARGUMENTS, literal_text
from ecs5lint.parsers.terraform.syntax.blocks import Argument, Block

FOLDER = Path(stand_ins.__file__).parent
TABLE: dict[str, dict[str, Any]] = {
    entry["source"]: entry for entry in json.loads((FOLDER / "modules.json").read_text(encoding="utf-8"))["modules"]
}
FILES = sorted({entry["stand_ins"] for entry in TABLE.values()})
REFERENCE = re.compile(r"(?<![\w.-])(var|local|module)\.([\w-]+)")


def arguments(item: Argument | Block) -> Iterator[Argument]:
    """Yield the arguments in a block, and in its nested blocks."""
    if isinstance(item, Argument):
        yield item
    else:
        for inner in item.items:
            yield from arguments(inner)


def referred(module: Module) -> Iterator[tuple[str, str]]:
    """Yield the variables, locals and module calls that a module refers to."""
    blocks: list[Argument | Block] = [*module.variables.values(), *module.locals.values()]
    for block in [*blocks, *module.calls.values(), *module.resources.values()]:
        for argument in arguments(block):
            argument.expression  # noqa: B018  it must be valid
            yield from REFERENCE.findall(argument.value_span.text)


def at(entry: dict[str, Any], version: str) -> StandIn:
    (found,) = (
        item
        for item in read_stand_ins(entry["stand_ins"])
        if item.versions.shares(Range(parsed(version), (*parsed(version)[:2], parsed(version)[2] + 1)))
    )
    return found


def test_the_table_names_each_file() -> None:
    assert sorted(path.name for path in (FOLDER / "stand_ins").iterdir()) == FILES


@pytest.mark.parametrize("source", TABLE)
def test_every_version_has_a_stand_in(source: str) -> None:
    first = read_stand_ins(TABLE[source]["stand_ins"])[0].versions.start
    assert first <= parsed(TABLE[source]["versions"][0]["from"])


@pytest.mark.parametrize("name", FILES)
def test_the_versions_ascend(name: str) -> None:
    starts = [item.versions.start for item in read_stand_ins(name)]
    assert starts == sorted(set(starts))


@pytest.mark.parametrize("name", FILES)
def test_every_name_is_declared(name: str) -> None:
    for stand_in in read_stand_ins(name):
        module = stand_in.module
        names = {"var": module.variables.keys(), "local": module.locals.keys(), "module": module.calls.keys()}
        unknown = {f"{kind}.{part}" for kind, part in referred(module) if part not in names[kind]}
        assert unknown == set(), stand_in.versions
        assert {type for type, _ in module.resources} <= {*OTHER_TYPES, RESOURCE_TYPE}


@pytest.mark.parametrize("name", FILES)
def test_calls_set_what_the_called_module_declares(name: str) -> None:
    for stand_in in read_stand_ins(name):
        for call in stand_in.module.calls.values():
            entry = TABLE.get(literal_text(call.argument("source")) or "")
            if entry is None or entry["kind"] == "container":
                continue
            version = literal_text(call.argument("version"))
            assert version
            given = {item.name for item in call.arguments()} - META_ARGUMENTS
            assert given <= at(entry, version).module.variables.keys(), (stand_in.versions, call.labels)


@pytest.mark.parametrize("source", [source for source, entry in TABLE.items() if entry["kind"] == STAND_IN])
def test_task_definitions_of_called_modules_are_in_stand_ins_too(source: str) -> None:
    """Check that a stand-in with task definitions misses none of a module that it calls."""
    called = {
        literal_text(call.argument("source"))
        for stand_in in read_stand_ins(TABLE[source]["stand_ins"])
        for call in stand_in.module.calls.values()
    }
    assert {TABLE[name]["kind"] for name in called if name in TABLE} <= {STAND_IN, "none", "container"}
