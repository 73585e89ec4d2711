"""The pipeline: from paths to a report."""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import partial
from importlib import import_module
from itertools import chain
from typing import TYPE_CHECKING

from ecs5lint import conditions
from ecs5lint.discovery import discover
from ecs5lint.location import Failure
from ecs5lint.model import TaskDefinition
from ecs5lint.parsers import PARSERS, Parsed
from ecs5lint.result import Notice, Report, Result
from ecs5lint.rules import ecs5
from ecs5lint.settings import Globs, Settings
from ecs5lint.suppressions import may_be_suppressed
from ecs5lint.workspace import Workspace

if TYPE_CHECKING:
    from ecs5lint.progress import Progress


def run(
    paths: Sequence[str],
    workspace: Workspace,
    settings: Settings,
    *,
    exclude: Sequence[Globs] = (),
    respect_gitignore: bool = True,
    is_partial: bool = False,
    tree: Sequence[str] | None = None,
    progress: Progress | None = None,
) -> Report:
    """Judge the files and directories at `paths`; with a `tree`, what the changed files at `paths` belong to in it.

    `is_partial` tells that there may be more than these: what covers nothing in them may cover something elsewhere.
    What cannot be read is in the report's failures. Raises ValueError for a pattern in `exclude` that is none.
    """
    conditions.start_run()
    find = partial(
        discover, workspace=workspace, exclude=exclude, extracts=settings.extracts, respect_gitignore=respect_gitignore
    )
    if tree is None:
        discovered = find(paths)
    else:
        from ecs5lint.changed import discover_changed

        discovered = discover_changed(paths, workspace, settings, partial(find, tree))
    if progress:
        progress.begin(sum(map(len, discovered.inputs.values())))
    task_definitions: list[TaskDefinition] = []
    failures: list[Failure] = list(discovered.failures)
    notices: list[Notice] = []
    for kind, module in PARSERS.items():
        # A file that another one refers to was judged through it; the parsers are in an order that allows for this.
        inputs = [path for path in discovered.inputs.get(kind, ()) if path not in workspace.referenced]
        if inputs:
            parsed: Parsed = import_module(module).parse(inputs, workspace, settings)
            task_definitions += parsed.task_definitions
            failures += parsed.failures
            notices += parsed.notices
    results = [
        result for task_definition in task_definitions for result in ecs5.judge(task_definition, strict=settings.strict)
    ]
    results.sort(key=_place)
    if may_be_suppressed(results, settings):
        from ecs5lint.parsers.comments import comments
        from ecs5lint.suppressions.suppress import suppress

        results, of_suppressions = suppress(
            results,
            settings,
            comments,
            today=time.strftime("%Y-%m-%d"),
            paths=paths if is_partial else None,
            is_complete=not failures,
        )
        notices += of_suppressions
    return Report(
        results=tuple(results),
        failures=tuple(_unique(failures)),
        files=len(set(chain(*discovered.inputs.values()))),
        task_definitions=len(task_definitions),
        containers=sum(len(task_definition.containers) for task_definition in task_definitions),
        notices=tuple(notices),
    )


def _place(result: Result) -> tuple[str, tuple[int, int], str, int]:
    location = result.location
    place = location.source.position(location.start)
    return location.path, place, result.task_definition.address, result.position or 0


def _unique(failures: list[Failure]) -> list[Failure]:
    """Return each failure once, however many parsers and modules came upon it, in the order of the places."""
    by_place = {(failure.path, failure.place, failure.message): failure for failure in failures}
    return [by_place[place] for place in sorted(by_place)]
