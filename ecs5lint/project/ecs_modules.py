"""Find the Terraform modules that concern ECS: modules that name it, and all their callers."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from ecs5lint.files.kinds import ModuleFile, is_module_file
from ecs5lint.files.workspace import Workspace
from ecs5lint.parsers.terraform.callers.call_graph import CallGraph
from ecs5lint.parsers.terraform.callers.calls import Calls, PossibleCall
from ecs5lint.parsers.terraform.callers.roots import top
from ecs5lint.project.walk import Walk

#: Looks at files, and yields those of Terraform modules.
Look = Callable[[Iterable[str]], Iterator[ModuleFile]]


class EcsModules:
    """Searches a tree for the modules that concern ECS. Modules are identified by the real paths of their directories.

    The search includes called local modules outside the searched paths.
    """

    def __init__(self, graph: CallGraph, workspace: Workspace, look: Look) -> None:
        self._graph = graph
        self._workspace = workspace
        self._look = look
        self._pending: list[tuple[str, Sequence[ModuleFile]]] = []
        self._seen: set[str] = set()
        self._concerned: list[str] = []
        self._callers: dict[str, list[str]] = {}
        self._possible: dict[str, tuple[PossibleCall, ...]] = {}
        self._included: dict[str, list[str]] = {}
        self._unread: set[str] = set()

    def find(self, modules: Mapping[str, Sequence[ModuleFile]], files: Iterable[str]) -> set[str]:
        """Return the modules that name ECS, and all their direct and indirect callers.

        `modules` has the files of each directory. `files` are callers that are no modules. The result has those of them
        that are part of no other file.
        """
        self._pending = list(modules.items())
        self._seen = set(map(self._workspace.own_name, modules))
        for path in files:
            self._add_file(path)
        while self._pending:
            self._add_module(*self._pending.pop())
        found = self._with_callers()
        if found:
            # An unreadable caller may call any of them.
            found |= self._unread
        found.update([name for name, calls in self._possible.items() if self._graph.may_mean_any(calls, found)])
        self._graph.tree.keep(found)
        return found - _parts_of_others(self._included)

    def _add_file(self, path: str) -> None:
        name, calls = self._workspace.own_name(path), self._graph.calls(path)
        self._included[name] = list(map(self._workspace.own_name, calls.included))
        if calls.concerns_ecs:
            self._concerned.append(name)
        self._follow(name, calls)

    def _add_module(self, directory: str, files: Sequence[ModuleFile]) -> None:
        name = self._workspace.own_name(directory)
        calls = self._graph.calls(directory) if any(file.may_call for file in files) else Calls()
        if any(file.names_ecs for file in files) or self._may_have_from_elsewhere(directory, calls):
            self._concerned.append(name)
        self._follow(name, calls)

    def _follow(self, name: str, calls: Calls) -> None:
        """Record the calls of a module or a file, and the modules that it calls."""
        if calls.is_unread:
            self._unread.add(name)
        self._possible[name] = calls.possible
        for target in calls.local:
            called = self._workspace.own_name(target)
            self._callers.setdefault(called, []).append(name)
            if called not in self._seen:
                self._seen.add(called)
                names = filter(is_module_file, self._workspace.entries(target))
                self._pending.append((target, list(self._look(_join(target, name) for name in names))))

    def _may_have_from_elsewhere(self, directory: str, calls: Calls) -> bool:
        """Tell whether a module may get a task definition from an installed or unknown module."""
        if calls.concerns_ecs or not calls.has_elsewhere:
            return calls.concerns_ecs
        installed = posixpath.join(directory, ".terraform/modules")
        walk = Walk(self._workspace, None, respect_gitignore=False)
        paths = (path for path, _ in walk.files(installed) if is_module_file(path)) if os.path.isdir(installed) else ()
        return any(file.names_ecs for file in self._look(paths))

    def _with_callers(self) -> set[str]:
        """Return the modules and files that concern ECS, and all their direct and indirect callers."""
        found: set[str] = set()
        pending = list(self._concerned)
        while pending:
            name = pending.pop()
            if name not in found:
                found.add(name)
                pending += self._callers.get(name, ())
        return found


def _join(directory: str, name: str) -> str:
    return name if directory == "." else f"{directory}/{name}"


def _parts_of_others(included: Mapping[str, Sequence[str]]) -> set[str]:
    """Return the files that others include. Of files that include each other, leave out one."""
    if not any(included.values()):
        return set()
    return {name for names in included.values() for name in names}.difference(
        top(list(included), lambda name: included[name])
    )
