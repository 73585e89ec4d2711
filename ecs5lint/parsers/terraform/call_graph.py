"""Which module of the tree calls which, told from their `module` blocks.

Discovery, `--changed`, the groups for several processes and the choice of the root modules ask this one graph. A source
is evaluated in its module as if that were a root module. A caller may set the variables in it, so a source that refers
to one is not certain here, and may mean each module that the call fits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from ecs5lint.content import is_module_file
from ecs5lint.location import Failure
from ecs5lint.parsers.terraform.blocks import Block
from ecs5lint.parsers.terraform.configuration import Module, read_module
from ecs5lint.parsers.terraform.sources import inputs, literal_text, local_path, may_concern_ecs
from ecs5lint.settings import Settings
from ecs5lint.workspace import Workspace


class Calls(NamedTuple):
    """What a module calls: directories with a module in them, and calls whose source may be another one.

    `concerns_ecs` tells that it calls a module that is not in the tree, or not known, and that may have to do with ECS;
    `has_elsewhere`, that it calls any that is not in the tree.
    """

    local: tuple[str, ...] = ()
    possible: tuple[Block, ...] = ()
    concerns_ecs: bool = False
    has_elsewhere: bool = False


class CallGraph:
    """The calls of each module. `read` gives the module in a directory."""

    def __init__(self, workspace: Workspace, settings: Settings, read: Callable[[str], Module] | None = None) -> None:
        self._workspace = workspace
        self._settings = settings
        self._modules: dict[str, Module] = {}
        self._read = read or self._module
        self._calls: dict[str, Calls] = {}

    def calls(self, directory: str) -> Calls:
        """Return what the module in a directory calls."""
        if directory not in self._calls:
            self._calls[directory] = self._look_at(self._read(directory))
        return self._calls[directory]

    def targets(self, directory: str, among: Iterable[str]) -> set[str]:
        """Return the own names of the modules that one calls, and of those `among` others that it may call."""
        calls = self.calls(directory)
        found = {self._workspace.own_name(target) for target in calls.local}
        if calls.possible:
            found |= {other for other in among if any(self.may_mean(call, other) for call in calls.possible)}
        return found - {directory}

    def may_mean(self, call: Block, directory: str) -> bool:
        """Tell whether a call whose source is not known may be of the module in a directory.

        Terraform refuses an input that the module does not declare, and a call without one that it requires.
        """
        module = self._read(directory)
        if module.failures:
            return True
        given = inputs(call)
        required = (name for name, variable in module.variables.items() if not _has_default(variable))
        return given <= module.variables.keys() and all(name in given for name in required)

    def _module(self, directory: str) -> Module:
        if directory not in self._modules:
            self._modules[directory] = read_module(directory, self._workspace)
        return self._modules[directory]

    def _look_at(self, module: Module) -> Calls:
        local: dict[str, None] = {}
        possible = []
        concerns_ecs = has_elsewhere = False
        for call in module.calls.values():
            sources, is_certain = self._sources(module, call)
            if not is_certain:
                possible.append(call)
                concerns_ecs = True
            for source in sources:
                directory = local_path(module.directory, source, self._workspace)
                if directory is not None and any(map(is_module_file, self._workspace.entries(directory))):
                    local[directory] = None
                else:
                    has_elsewhere = True
                    concerns_ecs = concerns_ecs or may_concern_ecs(call, source)
        return Calls(tuple(local), tuple(possible), concerns_ecs, has_elsewhere)

    def _sources(self, module: Module, call: Block) -> tuple[list[str], bool]:
        """Return the texts that the source of a call may be, and whether it can be no other one."""
        try:
            argument = call.argument("source")
        except Failure:
            return [], False
        if argument is None:
            return [], True
        text = literal_text(argument)
        if text is not None:
            return [text], True
        from ecs5lint.parsers.terraform.static_sources import possible_sources

        return possible_sources(module, call, self._workspace, self._settings)


def _has_default(variable: Block) -> bool:
    try:
        return variable.argument("default") is not None
    except Failure:
        return True
