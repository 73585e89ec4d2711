"""Read the stand-ins of well-known modules: small modules with the same services, clusters and capacity providers.

A file in stand_ins/ has a block for each version in which these change: `version "5.0.0" { ... }`. It holds from that
version until the next one. Its blocks replace the arguments of the same blocks in the version before, as those of an
override file do, after the blocks that `without` names are removed.
https://developer.hashicorp.com/terraform/language/files/override
"""

from __future__ import annotations

import os
import re

from ecs5lint.light_typing import NamedTuple
from ecs5lint.location import Source, Span
from ecs5lint.parsers.terraform.modules.configuration import Module
from ecs5lint.parsers.terraform.modules.registry.versions import Range, parsed
from ecs5lint.parsers.terraform.syntax.blocks import Block, Item, kind, read_body

_FOLDER = os.path.join(os.path.dirname(__file__), "stand_ins")


class StandInSource(Source):
    """The text of a stand-in. No position in it is reported, because it is not part of the tree."""

    __slots__ = ()


#: References in a stand-in to variables and locals, to the instance of the resource, and to anything else.
_NAMED = re.compile(r"\b(var|local)\.([\w-]+)")
_INSTANCE = re.compile(r"\b(?:each|count)\.")
_OTHER = re.compile(r"\b(?:aws_\w+|data|module|path|terraform)\.")

#: The arguments and blocks that determine the instances of a resource.
_OF_INSTANCES = ("count", "for_each", "lifecycle")


class StandInModule(Module):
    """A stand-in. Most of its declarations are those of the version before."""

    def __init__(self, directory: str) -> None:
        super().__init__(directory)
        self._sources: dict[Item, frozenset[object]] = {}

    def instance_sources(self, block: Block) -> frozenset[object]:
        """Return what the instances of a resource depend on, as `sources` does."""
        items = (item for item in block.items if kind(item)[1] in _OF_INSTANCES)
        return frozenset().union(*(self.sources(block, item) for item in items))

    def sources(self, block: Block, item: Item) -> frozenset[object]:
        """Return what a part of a resource depends on: that part, and the declarations that it leads to.

        If they are the same in two versions, it has the same value. The module itself stands for anything but variables
        and locals.
        """
        if item not in self._sources:
            found: set[object] = {item}
            pending = [item]
            while pending:
                text = pending.pop().span.text
                named: list[Item | None] = [
                    (self.variables if of == "var" else self.locals).get(name) for of, name in _NAMED.findall(text)
                ]
                if _INSTANCE.search(text):
                    named += [part for part in block.items if kind(part)[1] in _OF_INSTANCES]
                if _OTHER.search(text):
                    found.add(self)
                new = {part for part in named if part is not None and part not in found}
                found |= new
                pending += new
            self._sources[item] = frozenset(found)
        return self._sources[item]


class StandIn(NamedTuple):
    """A stand-in, and the versions of the module that it stands for."""

    versions: Range
    module: StandInModule


def read_stand_ins(name: str) -> list[StandIn]:
    """Return the stand-ins in a file, in the order of their versions."""
    with open(os.path.join(_FOLDER, name), encoding="utf-8") as file:
        source = StandInSource(name, file.read(), "hcl")
    blocks = [item for item in read_body(Span(source, 0, len(source.text))) if isinstance(item, Block)]
    starts = [parsed(block.labels[0]) for block in blocks]
    found: list[StandIn] = []
    for block, start, end in zip(blocks, starts, [*starts[1:], None], strict=True):
        module = _module(f"{name}/{block.labels[0]}", block, found[-1].module if found else None)
        found.append(StandIn(Range(start, end), module))
    return found


def _module(directory: str, version: Block, before: StandInModule | None) -> StandInModule:
    """Return the module of a version: that before it, with the changes in the block."""
    module = StandInModule(directory)
    module.characters = len(version.span.text)
    if before:
        module.characters += before.characters
        for name in ("variables", "locals", "outputs", "calls", "resources", "data"):
            getattr(module, name).update(getattr(before, name))
    removed = version.argument("without")
    for address in removed.value_span.text.strip("[]").replace('"', "").split(",") if removed else ():
        _remove(module, address.strip())
    for item in version.items:
        if isinstance(item, Block):
            module.override(item)
    return module


def _remove(module: Module, address: str) -> None:
    kind, name = address.split(".")
    if kind == "var":
        del module.variables[name]
    elif kind == "module":
        del module.calls[name]
    else:
        del module.resources[kind, name]
