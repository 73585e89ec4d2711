"""CloudFormation templates, in YAML and JSON, to task definitions."""

from __future__ import annotations

from functools import partial

from ecs5lint.location import Failure
from ecs5lint.parsers import Parsed
from ecs5lint.parsers.cloudformation.intrinsics import LANGUAGE
from ecs5lint.parsers.cloudformation.parameters import given_parameters
from ecs5lint.parsers.cloudformation.resources import nested_templates, task_definitions
from ecs5lint.parsers.cloudformation.stack import Deployment, Stack
from ecs5lint.parsers.cloudformation.template import TASK_DEFINITION
from ecs5lint.settings import Settings
from ecs5lint.workspace import Workspace


def parse(paths: list[str], workspace: Workspace, settings: Settings) -> Parsed:
    """Return the task definitions of the templates at `paths`.

    A template that another one nests or includes is judged through it, with the parameters passed. Templates that only
    nest or include each other in a circle are entered at the first.
    """
    given, failures = given_parameters(settings, workspace)
    deployment = Deployment(workspace, given)
    stacks: dict[str, list[Stack]] = {}
    nested: set[str] = set()
    for path in paths:
        try:
            stacks[path] = [Stack(template, deployment, LANGUAGE) for template in deployment.templates(path)]
        except Failure as failure:
            if _names_task_definition(path, workspace):
                failures.append(failure)
            continue
        for stack in stacks[path]:
            nested.update(nested_templates(stack))
    found = Parsed([], failures)
    included = set(workspace.referenced)
    first = [path for path in stacks if path not in nested and path not in included]
    judged: set[str] = set()
    for path in [*first, *stacks]:
        if path not in judged:
            for stack in stacks[path]:
                found.add(path, partial(task_definitions, stack))
            judged |= deployment.judged_with(path)
    return found


def _names_task_definition(path: str, workspace: Workspace) -> bool:
    try:
        return TASK_DEFINITION in workspace.read(path, "yaml").text
    except Failure:
        return True
