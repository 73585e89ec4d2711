"""Parse Terraform and OpenTofu modules, and evaluate them as `terraform plan` would, as far as the source allows."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from functools import partial

from ecs5lint.budget import Budget
from ecs5lint.files.kinds import is_caller_file, mentions_ecs, module_file, unescaped
from ecs5lint.files.workspace import Workspace
from ecs5lint.location import Failure
from ecs5lint.model.callers import NO_PROJECT, Caller, Project
from ecs5lint.model.inputs import Inputs, undeclared
from ecs5lint.model.resource import Subject
from ecs5lint.notices import Notice
from ecs5lint.parsers import Listener, Parsed, ignore
from ecs5lint.parsers.terraform.callers.call_graph import CallGraph
from ecs5lint.parsers.terraform.callers.roots import judge_roots
from ecs5lint.parsers.terraform.modules.configuration import shadowed_files, source_files
from ecs5lint.parsers.terraform.modules.inputs import RootInputs
from ecs5lint.parsers.terraform.modules.module_scope import ModuleScope, Origin
from ecs5lint.parsers.terraform.modules.references import LANGUAGE
from ecs5lint.parsers.terraform.modules.run import Modules, Run
from ecs5lint.parsers.terraform.modules.variables import (
    automatic_files,
    given_values,
    inputs_of_files,
    inputs_of_settings,
    unread_variables,
)
from ecs5lint.parsers.terraform.task_definitions import ecs_resources
from ecs5lint.settings.settings import Settings
from ecs5lint.values.kinds import Unknown

#: A key of container definitions that no other output of a module has.
_CONTAINERS = re.compile(r"readonlyRootFilesystem", re.IGNORECASE)

#: The beginning of a call of a module, in HCL or in JSON.
_CALL = re.compile(r'^\s*module\s|"module"\s*:', re.MULTILINE)


def parse(
    paths: Sequence[str],
    workspace: Workspace,
    settings: Settings,
    project: Project = NO_PROJECT,
    listener: Listener = ignore,
) -> Parsed:
    """Return the task definitions of the modules in `paths`, and of those that the files in `paths` call.

    If another directory calls a directory as a module, it is checked through its callers, and also by itself if it is a
    root module.
    """
    graph = _graph(project, workspace, settings)
    modules = Modules(graph.tree, settings)
    inputs = list(dict.fromkeys(workspace.normalize(path) for path in paths))
    callers = [path for path in inputs if is_caller_file(path)]
    directories = [path for path in inputs if not is_caller_file(path)]
    budgets: list[tuple[str, Budget]] = []
    found = Parsed([], modules.failures, modules.notices, budgets=budgets, listener=listener, reads=settings.reads)
    parts = {workspace.normalize(item) for item in settings.variables if isinstance(item, str)}
    for directory in directories:
        for failure in modules.read(directory).failures:
            if failure.span is None or _may_lead_to_ecs(failure.span.source.text):
                modules.fail(failure)
        _notice_shadowed(directory, modules)
    stacks: list[Caller] = []
    for path in callers:
        run = Run(modules, os.path.dirname(path) or ".", path)
        budgets += [(path, run.budget), (path, run.instances)]
        found.add(path, partial(_called_by_file, run, parts))
        stacks += run.callers
    by_root: dict[str, tuple[list[Subject], Run]] = {}

    def judge(directory: str, unknown: Mapping[str, Unknown]) -> None:
        run = Run(modules, directory)
        definitions = Parsed([], modules.failures, listener=listener, reads=settings.reads)
        definitions.add(directory, partial(_root_resources, run, unknown))
        by_root[directory] = definitions.resources, run
        parts.update(automatic_files([directory], workspace))
        modules.forget(directory)

    called = judge_roots(directories, callers, modules, graph, judge)
    for directory, (resources, run) in by_root.items():
        if directory not in called:
            found.resources.extend(resources)
            budgets += [(directory, run.budget), (directory, run.instances)]
            stacks += run.callers
    for directory in directories:
        _notice_unused(directory, modules)
    parts.update(path for stack in stacks for path in stack.files)
    inputs_given = Inputs(list(inputs_of_settings(workspace, settings)), modules.declared)
    return found._replace(parts=parts, inputs=inputs_given, callers=stacks, skipped=list(modules.skipped))


def _notice_shadowed(directory: str, modules: Modules) -> None:
    """Add a notice for each file that only Terraform reads, because OpenTofu has another file in its place."""
    for name, other in shadowed_files(modules.workspace.entries(directory)).items():
        path = modules.workspace.normalize(f"{directory}/{name}")
        modules.notices.append(Notice(f"ignored: OpenTofu reads {other} instead; Terraform reads this file", path))


def _notice_unused(directory: str, modules: Modules) -> None:
    """Add a notice if a module creates container definitions that no task definition in the run uses."""
    if modules.workspace.own_name(directory) in modules.entered or modules.is_relevant(directory):
        return
    for name, output in modules.read(directory).outputs.items():
        if _CONTAINERS.search(output.span.source.text):
            message = f"skipped: output {name} may hold container definitions, and no task definition here uses it"
            modules.notices.append(Notice(message, output.span.path, output.span))
            return


def _called_by_file(run: Run, parts: set[str]) -> list[Subject]:
    """Return the resources that a file calls. The file itself is no module."""
    from ecs5lint.parsers.terraform.callers.calling_files import definitions_of_file

    return definitions_of_file(run, parts)


def _may_lead_to_ecs(text: str) -> bool:
    """Tell whether a file may define containers, or call a module that does."""
    text = text.replace("\0", "")  # as in UTF-16, which Terraform refuses
    text = unescaped(text.encode()).decode() if "\\" in text else text
    return mentions_ecs(text) or _CALL.search(text) is not None


def _root_resources(run: Run, unknown: Mapping[str, Unknown]) -> list[Subject]:
    if not run.modules.is_relevant(run.root):
        return []
    module = run.module(run.root)
    given, failures = given_values([run.root], run.workspace, run.settings, declared=module.variables)
    for failure in failures:
        run.modules.fail(failure)
    if not module.failures:
        given_by_files = list(inputs_of_files(automatic_files([run.root], run.workspace), run.workspace))
        run.modules.notices += undeclared([Inputs(given_by_files, module.variables.keys())])
    inputs = RootInputs(given, {**unread_variables(module.variables, given, failures), **unknown})
    scope = ModuleScope(run.module(run.root), run, inputs, Origin(directories=(run.root,)), LANGUAGE)
    return ecs_resources(scope)


def groups(
    paths: list[str], workspace: Workspace, settings: Settings, project: Project = NO_PROJECT
) -> list[list[str]]:
    """Return the modules in groups without calls between them."""
    graph = _graph(project, workspace, settings)
    names = {workspace.own_name(path): path for path in paths}
    group_of = {name: [path] for name, path in names.items()}
    for name, path in names.items():
        # Each process reads its own modules. For a module without calls, this process would only repeat that.
        for called in graph.targets(name, names) if _may_call(path, workspace) else ():
            joined = group_of.get(called, [])
            if joined is not group_of[name]:
                group_of[name] += joined
                group_of.update(dict.fromkeys(map(workspace.own_name, joined), group_of[name]))
    return list({id(group): group for group in group_of.values()}.values())


def _may_call(path: str, workspace: Workspace) -> bool:
    """Tell whether a module, or a file that calls modules, may call one, without parsing it."""
    if is_caller_file(path):
        return True
    for name in source_files(workspace.entries(path)):
        try:
            if module_file(workspace.read_bytes(f"{path}/{name}")).may_call:
                return True
        except Failure:
            continue
    return False


def _graph(project: Project, workspace: Workspace, settings: Settings) -> CallGraph:
    """Return the call graph of the run. A worker process has none, and gets a new one."""
    return project.graph if isinstance(project.graph, CallGraph) else CallGraph(workspace, settings)
