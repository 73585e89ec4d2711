"""Build the graph of the calls between the modules of the tree, from their `module` blocks.

A run has one graph. Discovery builds it, and `--changed`, the groups for worker processes and the choice of root
modules use it too. A source is evaluated as if its module were a root module. A caller may set the variables in a
source. So a source that refers to one is uncertain here, and may lead to every module that fits the call.
"""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterable, Sequence

from ecs5lint.files.kinds import is_caller_file, is_module_file
from ecs5lint.files.workspace import Workspace
from ecs5lint.location import Failure
from ecs5lint.parsers.terraform.callers.calls import Calls, PossibleCall, from_package
from ecs5lint.parsers.terraform.modules.configuration import Module, ModuleTree
from ecs5lint.parsers.terraform.modules.not_installed import may_concern_ecs
from ecs5lint.parsers.terraform.modules.sources import inputs, literal_text, local_path
from ecs5lint.parsers.terraform.syntax.blocks import Block
from ecs5lint.settings.settings import Settings


class CallGraph:
    """The calls of each module, and of each file that calls modules. `tree` has the modules."""

    def __init__(self, workspace: Workspace, settings: Settings) -> None:
        self.tree = ModuleTree(workspace)
        self._workspace = workspace
        self._settings = settings
        self._calls: dict[str, Calls] = {}

    def calls(self, directory: str) -> Calls:
        """Return the calls of the module in a directory, or of a file."""
        if directory not in self._calls:
            look = self._calls_of_file if is_caller_file(directory) else self._calls_of_module
            self._calls[directory] = look(directory)
        return self._calls[directory]

    def targets(self, directory: str, among: Iterable[str]) -> set[str]:
        """Return the real paths of the modules that a module calls, and of those in `among` that it may call."""
        calls = self.calls(directory)
        found = {self._workspace.own_name(target) for target in calls.local}
        if calls.possible:
            found |= {other for other in among if any(self.may_mean(call, other) for call in calls.possible)}
        return found - {directory}

    def may_mean_any(self, calls: Sequence[PossibleCall], nodes: Iterable[str]) -> bool:
        """Tell whether one of the calls may lead to a module among the nodes."""
        return bool(calls) and any(
            self.may_mean(call, node) for node in nodes if not is_caller_file(node) for call in calls
        )

    def may_mean(self, call: PossibleCall, directory: str) -> bool:
        """Tell whether a call with an unknown source may lead to the module in a directory.

        Terraform refuses an input that the module does not declare, and a call that omits a required input.
        """
        module = self.tree.read(directory)
        # A path in a repository starts at its root, not where the linter runs.
        path = os.path.abspath(directory).replace(os.sep, "/")
        if not f"{path}/".endswith(f"{posixpath.normpath(call.ending)}/") and call.ending:
            return False
        if module.failures or not call.is_strict:
            return True
        required = (name for name, variable in module.variables.items() if not _has_default(variable))
        return call.inputs <= module.variables.keys() and all(name in call.inputs for name in required)

    def _calls_of_file(self, path: str) -> Calls:
        """Return the calls of a file that is no module. An unreadable file has no known calls."""
        from ecs5lint.parsers.terraform.callers.calling_files import calls_of_file

        return calls_of_file(path, self.tree, self._settings)

    def _calls_of_module(self, directory: str) -> Calls:
        module = self.tree.read(directory)
        local: dict[str, None] = {}
        possible = []
        concerns_ecs = has_elsewhere = False
        for call in module.calls.values():
            sources, is_certain = self._sources(module, call)
            if not is_certain:
                possible.append(PossibleCall(f"module.{call.labels[0]}", call.span, inputs(call)))
                concerns_ecs = True
            for source in sources:
                target = local_path(module.directory, source, self._workspace)
                if target is not None and any(map(is_module_file, self._workspace.entries(target))):
                    local[target] = None
                else:
                    has_elsewhere = True
                    concerns_ecs = concerns_ecs or may_concern_ecs(call, source)
                    possible += from_package(f"module.{call.labels[0]}", call.span, inputs(call), source)
        if module.failures:
            from ecs5lint.parsers.terraform.callers.lost_calls import lost_calls

            known = [call.span for call in module.calls.values()]
            possible += lost_calls(module.failures, directory, self._workspace, known)
        return Calls(tuple(local), tuple(possible), concerns_ecs, has_elsewhere, is_unread=bool(module.failures))

    def _sources(self, module: Module, call: Block) -> tuple[list[str], bool]:
        """Return the possible sources of a call, and whether these are all."""
        try:
            argument = call.argument("source")
        except Failure:
            return [], False
        if argument is None:
            return [], False  # another tool adds it before Terraform reads the call
        text = literal_text(argument)
        if text is not None:
            return [text], True
        from ecs5lint.parsers.terraform.callers.static_sources import possible_sources

        return possible_sources(module, call, self.tree, self._settings)


def _has_default(variable: Block) -> bool:
    try:
        return variable.argument("default") is not None
    except Failure:
        return True
