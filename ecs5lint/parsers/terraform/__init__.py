"""Terraform and OpenTofu modules, evaluated as `terraform plan` would, as far as the source settles it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import partial

from ecs5lint.content import module_file
from ecs5lint.location import Failure
from ecs5lint.model import TaskDefinition
from ecs5lint.parsers import Parsed
from ecs5lint.parsers.terraform.configuration import source_files
from ecs5lint.parsers.terraform.inputs import RootInputs
from ecs5lint.parsers.terraform.module_scope import ModuleScope
from ecs5lint.parsers.terraform.origin import Origin
from ecs5lint.parsers.terraform.run import Run
from ecs5lint.parsers.terraform.sources import local_directory
from ecs5lint.parsers.terraform.task_definitions import task_definitions
from ecs5lint.parsers.terraform.variables import given_values
from ecs5lint.settings import Settings
from ecs5lint.workspace import Workspace

#: What names a task definition, or a module from elsewhere that may have one.
_ECS = re.compile(r"(?<![a-z])ecs|fargate|container[-_]definition", re.IGNORECASE)


def parse(paths: Sequence[str], workspace: Workspace, settings: Settings) -> Parsed:
    """Return the task definitions of the modules in the directories `paths`.

    A directory that another one calls as a module is judged through its callers only.
    """
    run = Run(workspace, settings)
    directories = list(dict.fromkeys(workspace.normalize(path) for path in paths))
    found = Parsed([], run.failures)
    for directory in directories:
        for failure in run.module(directory).failures:
            if failure.span is None or _ECS.search(failure.span.source.text):
                run.fail(failure)
    for directory in _roots(directories, run):
        found.add(directory, partial(_root_task_definitions, directory, run))
        run.forget(directory)
    return found


def _roots(directories: list[str], run: Run) -> list[str]:
    """Return the directories that no other one calls, and one of each circle of modules that call each other."""
    calls = {
        directory: [local_directory(directory, call, run.workspace) for call in run.module(directory).calls.values()]
        for directory in directories
    }
    called = {target for directory, targets in calls.items() for target in targets if target != directory}
    roots = [directory for directory in directories if directory not in called]
    reached: set[str | None] = set()

    def reach(directory: str | None) -> None:
        if directory not in reached:
            reached.add(directory)
            for target in calls.get(directory or "", ()):
                reach(target)

    for directory in [*roots, *directories]:
        if directory not in reached and directory not in roots:
            roots.append(directory)
        reach(directory)
    return roots


def _root_task_definitions(directory: str, run: Run) -> list[TaskDefinition]:
    if not run.is_relevant(directory):
        return []
    given, failures = given_values(directory, run.workspace, run.settings)
    for failure in failures:
        run.fail(failure)
    run.root = directory
    scope = ModuleScope(run.module(directory), run, RootInputs(given), Origin(directories=(directory,)), frozenset())
    return task_definitions(scope)


def groups(paths: list[str], workspace: Workspace) -> list[list[str]]:
    """Return the modules in groups of which none calls a module of another."""
    group_of = {path: [path] for path in paths}
    for path in paths:
        for called in _local_calls(path, workspace):
            joined = group_of.get(called, [])
            if joined is not group_of[path]:
                group_of[path] += joined
                group_of.update(dict.fromkeys(joined, group_of[path]))
    return list({id(group): group for group in group_of.values()}.values())


def _local_calls(directory: str, workspace: Workspace) -> Iterator[str]:
    """Yield the directories that a module may call, told without parsing it."""
    for name in source_files(workspace.entries(directory)):
        try:
            content = workspace.read_bytes(f"{directory}/{name}")
        except Failure:
            continue
        for source in module_file(content).calls:
            yield workspace.normalize(f"{directory}/{source}")
