"""CloudFormation templates, in YAML and JSON, to task definitions."""

from __future__ import annotations

import posixpath
import re
from functools import partial

from ecs5lint.budget import Budget
from ecs5lint.location import Failure
from ecs5lint.parsers import Listener, Parsed, ignore
from ecs5lint.parsers.cloudformation.intrinsics import LANGUAGE
from ecs5lint.parsers.cloudformation.parameters import given_parameters, inputs_of_settings
from ecs5lint.parsers.cloudformation.resources import nested_templates, task_definitions
from ecs5lint.parsers.cloudformation.stack import Deployment, Stack
from ecs5lint.parsers.cloudformation.template import INCLUDE, NESTED_STACKS, TASK_DEFINITION
from ecs5lint.project.account import Inputs
from ecs5lint.project.callers import NO_PROJECT, Project
from ecs5lint.settings import Settings
from ecs5lint.workspace import Workspace

#: Where the place of a nested template or of an included file is neither an address nor a path that is written out.
_HIDDEN_PLACE = re.compile(
    r"""(?:TemplateURL|Location)["']?[ \t]*:(?![^\n]*://)(?![ \t]*["']?[\w./-]+["']?[ \t]*[,#}\r\n])"""
)


def parse(
    paths: list[str],
    workspace: Workspace,
    settings: Settings,
    project: Project = NO_PROJECT,
    listener: Listener = ignore,
) -> Parsed:
    """Return the task definitions of the templates at `paths`.

    A template that another one nests or includes is judged through it, with the parameters passed. Templates that only
    nest or include each other in a circle are entered at the first.
    """
    given, failures = given_parameters(settings, workspace)
    deployment = Deployment(workspace, given)
    nested = {
        target
        for path in paths
        if _refers_to_others(path, workspace)
        for stack in _stacks(path, deployment)
        for target in nested_templates(stack)
    }
    budgets: list[tuple[str, Budget]] = []
    found = Parsed([], failures, budgets=budgets, listener=listener)
    included = deployment.included()
    first = [path for path in paths if path not in nested and path not in included]
    judged: set[str] = set()
    for path in [*first, *paths]:
        if path not in judged:
            for stack in _stacks(path, deployment):
                budgets.append((path, stack.budget))
                found.add(path, partial(task_definitions, stack))
            judged |= deployment.judged_with(path)
            if path not in nested:
                deployment.forget(path)
    broken = deployment.failures
    found.failures.extend(broken[path] for path in paths if path in broken and _names_task_definition(path, workspace))
    inputs = Inputs(list(inputs_of_settings(settings, workspace)), deployment.declared, "parameter", "template")
    return found._replace(parts=deployment.included(), inputs=inputs)


def _stacks(path: str, deployment: Deployment) -> list[Stack]:
    """Return a stack for each template in a file, none if it cannot be read, which the deployment takes note of."""
    try:
        return [Stack(template, deployment, LANGUAGE) for template in deployment.templates(path)]
    except Failure:
        return []


def _refers_to_others(path: str, workspace: Workspace) -> bool:
    """Tell whether a template may nest or include another one."""
    try:
        text = workspace.read(path, "yaml").text
    except Failure:
        return False
    return INCLUDE in text or any(type_ in text for type_ in NESTED_STACKS)


def _names_task_definition(path: str, workspace: Workspace) -> bool:
    try:
        return TASK_DEFINITION in workspace.read(path, "yaml").text
    except Failure:
        return True


def groups(paths: list[str], workspace: Workspace, settings: Settings) -> list[list[str]]:
    """Return the templates in groups that have no bearing on each other.

    Those that nest or include others, and all whose names are in them, are one. Where only evaluation tells which are
    nested, that is all of them.
    """
    texts = [workspace.read(path, "yaml").text for path in paths if _refers_to_others(path, workspace)]
    if any(_HIDDEN_PLACE.search(text) for text in texts):
        return [paths]
    together: list[str] = []
    apart: list[str] = []
    for path in paths:
        name = posixpath.basename(path)
        is_linked = _refers_to_others(path, workspace) or any(name in text for text in texts)
        (together if is_linked else apart).append(path)
    return [*([together] if together else []), *([path] for path in apart)]
