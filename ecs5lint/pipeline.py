"""The pipeline: from paths to a report."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module

from ecs5lint.discovery import discover
from ecs5lint.location import Failure
from ecs5lint.model import TaskDefinition
from ecs5lint.parsers import PARSERS, Parsed
from ecs5lint.result import Report, Result
from ecs5lint.rules import ecs5
from ecs5lint.settings import Globs, Settings
from ecs5lint.workspace import Workspace


def run(
    paths: Sequence[str],
    workspace: Workspace,
    settings: Settings,
    *,
    exclude: Sequence[Globs] = (),
    respect_gitignore: bool = True,
) -> Report:
    """Judge the files and directories at `paths`.

    What cannot be read is in the report's failures. Raises ValueError for a pattern in `exclude` that is none.
    """
    discovered = discover(
        paths, workspace, exclude=exclude, extracts=settings.extracts, respect_gitignore=respect_gitignore
    )
    task_definitions: list[TaskDefinition] = []
    failures: list[Failure] = list(discovered.failures)
    for kind, module in PARSERS.items():
        # A file that another one refers to was judged through it; the parsers are in an order that allows for this.
        inputs = [path for path in discovered.inputs.get(kind, ()) if path not in workspace.referenced]
        if inputs:
            parsed: Parsed = import_module(module).parse(inputs, workspace, settings)
            task_definitions += parsed.task_definitions
            failures += parsed.failures
    results = [
        result for task_definition in task_definitions for result in ecs5.judge(task_definition, strict=settings.strict)
    ]
    return Report(
        results=tuple(sorted(results, key=_place)),
        failures=tuple(_unique(failures)),
        files=sum(map(len, discovered.inputs.values())),
        task_definitions=len(task_definitions),
        containers=sum(len(task_definition.containers) for task_definition in task_definitions),
    )


def _place(result: Result) -> tuple[str, tuple[int, int], str, int]:
    location = result.location
    place = location.source.position(location.start)
    return location.path, place, result.task_definition.address, result.position or 0


def _unique(failures: list[Failure]) -> list[Failure]:
    """Return each failure once, however many parsers and modules came upon it, in the order of the places."""
    by_place = {(failure.path, failure.place, failure.message): failure for failure in failures}
    return [by_place[place] for place in sorted(by_place)]
