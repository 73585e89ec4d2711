"""Run the pipeline from paths to a report."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from functools import partial
from itertools import chain

from ecs5lint.budget import UsedUp
from ecs5lint.files.globs import Globs
from ecs5lint.files.kinds import TASK_DEFINITION as TASK_DEFINITION_FILE
from ecs5lint.files.workspace import Workspace
from ecs5lint.findings.suppressions import may_be_suppressed
from ecs5lint.light_typing import TYPE_CHECKING, NamedTuple, TypeVar
from ecs5lint.location import DerivedSource, Failure
from ecs5lint.model.callers import Caller, Project
from ecs5lint.model.inputs import NO_INPUTS, Inputs, undeclared
from ecs5lint.model.result import PASS, Report, Result, resources_of, sources_of
from ecs5lint.model.task_definition import TASK_DEFINITION, TaskDefinition
from ecs5lint.notices import FORMAT, Notice, Skipped
from ecs5lint.parsers import PARSERS, Listener, ignore, parser
from ecs5lint.project.account import without_result
from ecs5lint.project.discovery import discover, matcher
from ecs5lint.project.walk import Walk
from ecs5lint.rules import RULES, reads_of, selected
from ecs5lint.settings.settings import Settings

if TYPE_CHECKING:
    from ecs5lint.model.resource import Subject
    from ecs5lint.rules import Logic
    from ecs5lint.run.progress import Progress

_Told = TypeVar("_Told", Failure, Notice)

#: The number of inputs of a kind from which several processes are worth it. With 200 templates, they take a sixth more
#: CPU time, to save a fifth of a second.
ENOUGH_TO_SHARE = 400
#: The number of raw task definitions that are read before they are checked.
BATCH = 100


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
    jobs: int = 1,
) -> Report:
    """Check the files and directories at `paths`, and return the report.

    If `tree` is given, `paths` are changed files: check the inputs in `tree` that depend on them. If `is_partial`,
    other inputs exist, so unused suppressions for them are not reported. Unreadable files are in the report's failures.
    At most `jobs` processes share the work, if there is enough of it.

    Raises ValueError for an invalid `exclude` pattern, and if the settings select no rule.
    """
    rules = selected(settings.select, settings.ignore, settings.required_tags)
    settings = settings._replace(reads=reads_of(rules)._replace(identity=settings.reads.identity))
    find = partial(
        discover, workspace=workspace, exclude=exclude, settings=settings, respect_gitignore=respect_gitignore
    )
    if tree is None:
        discovered = find(paths)
    else:
        from ecs5lint.project.changed import discover_changed

        discovered = discover_changed(paths, workspace, settings, partial(find, tree))
    if progress:
        progress.begin(sum(map(len, discovered.inputs.values())))
    listener = progress.step if progress else ignore
    found: list[Judged] = []
    parts: set[str] = set()
    callers: list[Caller] = []
    unknown_inputs: list[Notice] = []
    for kind in PARSERS:
        # Called inputs and parts are checked through their callers. The order of the parsers allows for this.
        own = [caller for caller in callers if caller.kind == kind]
        texts = [caller for caller in own if caller.is_text]
        if texts:
            # The files that contain these texts are no inputs themselves.
            judged_texts = judge(kind, settings, Project(tuple(texts)), [], workspace, listener)
            parts.update(judged_texts.parts)
            found.append(judged_texts)
        inputs = [path for path in discovered.inputs.get(kind, ()) if path not in parts]
        project = Project(
            tuple(caller for caller in own if not caller.is_text), discovered.tree(kind), discovered.graph
        )
        if inputs or project.callers:
            judged_now = _judge_all(kind, settings, inputs, project, workspace, jobs, listener)
            parts.update(*(judged.parts for judged in judged_now))
            callers += [caller for judged in judged_now for caller in judged.callers]
            found += judged_now
            if tree is None and not any(judged.failures for judged in judged_now):
                unknown_inputs += undeclared([judged.inputs for judged in judged_now])
    results = [result for judged in found for result in judged.results]
    failures = [*discovered.failures, *(failure for judged in found for failure in judged.failures)]
    notices = _unique(
        [*discovered.notices, *unknown_inputs, *(notice for judged in found for notice in judged.notices)]
    )
    results.sort(key=_sort_key)
    resources = resources_of(results)
    sources = sources_of(results, resources)
    judged_files = {source.path for source in sources}
    if tree is None:
        told = judged_files | parts | {failure.path for failure in failures} | {notice.path for notice in notices}
        for notice in without_result(map(workspace.normalize, paths), told, workspace):
            if workspace.is_provided(notice.path):
                failures.append(Failure(notice.message, notice.path))
            else:
                notices.append(notice)
        if any(result.defaults and result.verdict == PASS for result in results):
            from ecs5lint.project.values_elsewhere import values_elsewhere

            walk = Walk(workspace, matcher(exclude), respect_gitignore)
            notices += values_elsewhere(results, map(workspace.normalize, paths), walk, workspace, parts)
    if may_be_suppressed(resources, sources, settings):
        from ecs5lint.findings.suppressions.suppress import suppress
        from ecs5lint.parsers.comments import comments

        results, of_suppressions = suppress(
            results,
            settings,
            comments,
            today=time.strftime("%Y-%m-%d"),
            paths=paths if is_partial else None,
            is_complete=not failures,
        )
        notices += of_suppressions
    counts = sum((Counter(judged.resources) for judged in found), Counter[str]())
    skipped = {*discovered.skipped, *(item for judged in found for item in judged.skipped)}
    return Report(
        results=tuple(results),
        failures=tuple(_unique(failures)),
        files=len(set(chain(*discovered.inputs.values()))),
        task_definitions=counts.pop(TASK_DEFINITION, 0),
        containers=sum(judged.containers for judged in found),
        notices=tuple(notices),
        skipped=tuple(_not_reported(skipped, results, judged_files)),
        configuration=settings.configuration,
        rules=rules,
        resources=counts,
    )


class Judged(NamedTuple):
    """The results for some inputs of one kind, and the number of resources of each type.

    `parts` are other files that were checked with them.
    """

    results: list[Result]
    failures: Sequence[Failure]
    notices: Sequence[Notice] = ()
    skipped: Sequence[Skipped] = ()
    resources: Mapping[str, int] = {}
    containers: int = 0
    callers: Sequence[Caller] = ()
    parts: Set[str] = frozenset()
    inputs: Inputs = NO_INPUTS


def judge(
    kind: str, settings: Settings, project: Project, inputs: list[str], workspace: Workspace, listener: Listener
) -> Judged:
    """Parse inputs of one kind, and check their task definitions and other resources."""
    parsed = parser(kind).parse(inputs, workspace, settings, project, listener)
    judges = Judges(selected(settings.select, settings.ignore), settings)
    results = [result for resource in parsed.resources for result in judges.results_of(resource)]
    # The rules use the budgets too, so this follows them.
    used_up = [UsedUp(path) for path, budget in parsed.budgets if budget.is_used_up]
    task_definitions = parsed.task_definitions
    return Judged(
        results,
        [*parsed.failures, *used_up],
        [*parsed.notices, *map(_empty, filter(TaskDefinition.is_empty, task_definitions))],
        parsed.skipped,
        Counter(resource.type for resource in parsed.resources),
        sum(len(definition.containers) for definition in task_definitions),
        parsed.callers,
        parsed.parts | (_sources(task_definitions) - set(inputs)),
        parsed.inputs,
    )


class Judges:
    """The functions that check some rules. A rule is imported when there is a resource of its type."""

    def __init__(self, rules: Iterable[str], settings: Settings) -> None:
        self._rules = [RULES[rule] for rule in rules]
        self._settings = settings
        self._by_type: dict[str, list[Logic]] = {}

    def results_of(self, resource: Subject) -> list[Result]:
        """Return the results of the rules for a resource of their type."""
        type = resource.type
        if type not in self._by_type:
            self._by_type[type] = [rule.logic() for rule in self._rules if rule.resource == type]
        # Results are kept in memory and sent between processes, so they exclude the data that only rules read.
        told = resource.with_told(self._settings.reads)
        return [result for logic in self._by_type[type] for result in logic.judge(told, self._settings)]


def _sources(task_definitions: list[TaskDefinition]) -> set[str]:
    """Return the files of the container definitions, including those that couldn't be listed."""
    containers = (container.sources for definition in task_definitions for container in definition.containers)
    unresolved = (item.unknown.span for definition in task_definitions for item in definition.unresolved)
    return set().union(*containers, {span.path for span in unresolved if span})


def _empty(definition: TaskDefinition) -> Notice:
    """Return the notice for a task definition without results."""
    message = f"{definition.address} has no container definitions, which Amazon ECS refuses"
    return Notice(message, definition.location.path, definition.location)


def _judge_all(
    kind: str,
    settings: Settings,
    inputs: list[str],
    project: Project,
    workspace: Workspace,
    jobs: int,
    listener: Listener,
) -> list[Judged]:
    """Check the inputs of one kind, in several processes if that is worth it."""
    is_enough = sum(is_worth_sharing(kind, path) for path in inputs) >= ENOUGH_TO_SHARE
    # Resolving an address requires all files in one process.
    if jobs > 1 and is_enough and not any(caller.address for caller in project.callers):
        from ecs5lint.run import workers

        groups = parser(kind).groups(inputs, workspace, settings, project)
        shares = workers.shares(groups, jobs)
        if len(shares) > 1:
            work = partial(_judge_share, kind, settings, project.without_graph())
            found = workers.in_processes(work, shares, workspace, listener)
            judged = [item or _lost(share) for item, share in zip(found, shares, strict=True)]
            elsewhere = project.not_calling(inputs)
            return [*judged, judge(kind, settings, elsewhere, [], workspace, listener)] if elsewhere.callers else judged
    # Raw task definitions never refer to each other, so the data about some of them can be freed before the next.
    size = BATCH if kind == TASK_DEFINITION_FILE and not project.callers else len(inputs) or 1
    batches = [inputs[start : start + size] for start in range(0, len(inputs), size)] or [[]]
    return [judge(kind, settings, project, batch, workspace, listener) for batch in batches]


def is_worth_sharing(kind: str, path: str) -> bool:
    """Tell whether another process would save time with an input.

    A raw task definition in JSON is checked in less time than it takes to send its results.
    """
    return kind != TASK_DEFINITION_FILE or not path.endswith(".json")


def _judge_share(
    kind: str, settings: Settings, project: Project, inputs: list[str], workspace: Workspace, listener: Listener
) -> Judged:
    """Check some of the inputs of one kind, with their callers."""
    return judge(kind, settings, project.calling(inputs), inputs, workspace, listener)


def _lost(inputs: list[str]) -> Judged:
    """Return the failure for inputs whose process died."""
    more = f" (and {len(inputs) - 1} more)" if len(inputs) > 1 else ""
    message = f"skipped{more}: its worker process ended unexpectedly; try again with --jobs 1"
    return Judged([], [Failure(message, inputs[0])])


def _not_reported(skipped: set[Skipped], results: Sequence[Result], judged_files: set[str]) -> list[Skipped]:
    """Return the skipped files and calls that no result is about, sorted. A call counts once, whoever leads to it."""
    found = [item for item in skipped if item.reason != FORMAT or item.path not in judged_files]
    if any(item.span for item in found):
        calls = {result.resource.location.start_in_file for result in results}
        found = [item for item in found if not item.span or item.span.start_in_file not in calls]
    by_place: dict[tuple[str, int, str], Skipped] = {}
    for item in sorted(found, key=lambda item: item.detail):
        by_place.setdefault(item.place, item)
    return [by_place[place] for place in sorted(by_place)]


def _sort_key(result: Result) -> tuple[str, int, str, int]:
    # The offset in the file gives the same order as the line and the column, which take longer to find.
    source, start, _ = result.location
    path = source.path
    if isinstance(source, DerivedSource):
        path, start = result.location.start_in_file
    return path, start, result.resource.address, result.container_index or 0


def _unique(items: list[_Told]) -> list[_Told]:
    """Return failures or notices without duplicates, sorted by position."""
    by_position = {(item.path, item.position, item.message): item for item in items}
    return [by_position[position] for position in sorted(by_position)]
