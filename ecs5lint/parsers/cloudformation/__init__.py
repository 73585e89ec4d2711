"""Parse CloudFormation templates, in YAML and JSON, into task definitions."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from ecs5lint.budget import Budget
from ecs5lint.files.workspace import Workspace
from ecs5lint.location import Failure, Span
from ecs5lint.model.callers import NO_PROJECT, Project
from ecs5lint.model.inputs import Inputs
from ecs5lint.model.task_definition import Call
from ecs5lint.notices import Notice, Skipped
from ecs5lint.parsers import Listener, Parsed, ignore
from ecs5lint.parsers.cloudformation.callers import Callers, body_resources
from ecs5lint.parsers.cloudformation.language.deployment import Deployment
from ecs5lint.parsers.cloudformation.language.parameters import given_parameters, inputs_of_settings
from ecs5lint.parsers.cloudformation.language.stack import Stack
from ecs5lint.parsers.cloudformation.links import groups, named_templates, refers_to_others
from ecs5lint.parsers.cloudformation.resources import Nested, ecs_resources, nested_templates
from ecs5lint.settings.settings import Settings
from ecs5lint.values.alternatives import Case

__all__ = ["groups", "parse"]

#: The largest number of missing stacks to list by name.
_MAX_NAMES = 5


def parse(
    paths: list[str],
    workspace: Workspace,
    settings: Settings,
    project: Project = NO_PROJECT,
    listener: Listener = ignore,
) -> Parsed:
    """Return the task definitions of the templates at `paths`, and of templates that the callers of the project deploy.

    If other templates deploy or include a template, it is checked through them, with the parameters that they pass. If
    templates only nest or include each other in a cycle, the first of them is the entry.
    """
    given, failures = given_parameters(settings, workspace)
    deployment = Deployment(workspace, given, {*paths, *project.files}, settings.reads.resources)
    callers = Callers(project, deployment)
    for path in paths:
        callers.add_deployers_of(path)
    suspects: list[tuple[Nested, str]] = []
    nested: set[str] = set()
    for path in paths:
        if refers_to_others(path, workspace):
            for stack, _, _ in _stacks(path, deployment, callers):
                for item in nested_templates(stack):
                    if item.is_certain:
                        nested.update(item.targets)
                    else:
                        suspects.append((item, path))
            if path in deployment.failures:
                callers.add_unreadable(deployment.failures[path], named_templates(path, paths, workspace))
    budgets: list[tuple[str, Budget]] = []
    notices: list[Notice] = []
    skipped: list[Skipped] = []
    failures += callers.failures_of_deployers()
    found = Parsed([], failures, notices, budgets=budgets, listener=listener, reads=settings.reads)
    for item, path in suspects:
        callers.add_suspicion(item, path)
    included = deployment.included()
    first = [path for path in paths if path not in nested and path not in included]
    judged: set[str] = set()
    for path in dict.fromkeys([*first, *callers.targets(), *paths]):
        if path not in judged:
            stacks = _stacks(path, deployment, callers)
            for stack, along, via in stacks:
                if stack.instances.is_used_up:
                    break
                budgets += [(path, stack.budget), (path, stack.instances)]
                found.add(path, partial(ecs_resources, stack, along, via))
            if not stacks and path not in deployment.failures:
                told = _not_understood(path, deployment)
                notices += told
                skipped += [] if told else _outside_template(path, deployment)
            judged |= deployment.judged_with(path)
            if path not in nested:
                deployment.forget(path)
    for caller in callers.without_file():
        found.add(caller.via[-1].span.path, partial(body_resources, caller, deployment, budgets))
    for path in filter(deployment.failures.__contains__, paths):
        notices += _not_read(path, paths, deployment, found.failures)
    skipped += [Skipped(notice.path, notice.skips) for notice in notices if notice.skips]
    inputs = Inputs(list(inputs_of_settings(settings, workspace)), deployment.declared, "parameter", "template")
    return found._replace(
        parts=deployment.included(),
        inputs=inputs,
        notices=[*notices, *_unread(deployment)],
        skipped=[*skipped, *(_skipped(name, span) for (_, name), span in deployment.unread.items())],
    )


def _skipped(logical_id: str, span: Span) -> Skipped:
    detail = f"the template of the stack {logical_id} is not available locally; it may define containers"
    return Skipped(span.path, "a stack whose template is not available", span, detail)


def _unread(deployment: Deployment) -> Iterator[Notice]:
    """Yield a notice for each template with nested stacks whose templates are missing."""
    by_path: dict[str, dict[str, Span]] = {}
    for (path, logical_id), location in sorted(deployment.unread.items(), key=lambda item: item[1].start):
        by_path.setdefault(path, {})[logical_id] = location
    for path, spans in by_path.items():
        names = ", ".join(list(spans)[:_MAX_NAMES]) + (", ..." if len(spans) > _MAX_NAMES else "")
        problem = (
            f"the template of the stack {names} is not available locally; it may define containers"
            if len(spans) == 1
            else f"the templates of the stacks {names} are not available locally; they may define containers"
        )
        yield Notice(f"skipped: {problem}", path, next(iter(spans.values())))


def _stacks(path: str, deployment: Deployment, callers: Callers) -> list[tuple[Stack, Case, tuple[Call, ...]]]:
    """Return a stack for each template in a file and each of its callers, with its case and the calls that lead to it.

    If the file can't be read, the result is empty and the deployment records the failure.
    """
    try:
        templates = deployment.templates(path)
    except Failure:
        return []
    return [made for template in templates for made in callers.stacks(template)]


def _not_understood(path: str, deployment: Deployment) -> list[Notice]:
    from ecs5lint.parsers.cloudformation.unread import not_understood

    return not_understood(deployment.documents(path), path, deployment.workspace, deployment.types)


def _outside_template(path: str, deployment: Deployment) -> list[Skipped]:
    from ecs5lint.parsers.cloudformation.unread import outside_template

    return outside_template(deployment.documents(path), path, deployment.workspace, deployment.types)


def _not_read(path: str, paths: list[str], deployment: Deployment, failures: list[Failure]) -> list[Notice]:
    from ecs5lint.parsers.cloudformation.unread import not_read

    try:
        return not_read(deployment.failures[path], path, paths, deployment.workspace, deployment.types)
    except Failure as failure:
        failures.append(failure)
        return []
