"""Terraform and OpenTofu modules, evaluated as `terraform plan` would, as far as the source settles it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial

from ecs5lint.model import TaskDefinition
from ecs5lint.parsers import Parsed
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
