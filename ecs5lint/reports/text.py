"""The text report, for people.

Each finding is the place, what is wrong in a sentence, the lines of source with a mark under what decides, and what to
do. What to do about every failing container is said once, at the end.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ecs5lint.location import Failure
from ecs5lint.model import TaskDefinition
from ecs5lint.reports import Options
from ecs5lint.reports.colors import BLUE, BOLD, GREEN, RED, YELLOW, Paint, colored, plain
from ecs5lint.reports.excerpt import escape, escape_path, excerpt, margin_width, place
from ecs5lint.result import FAIL, NOT_APPLICABLE, PASS, SUPPRESSED, UNKNOWN, Notice, Report, Result

#: How many of the task definitions that a place belongs to are named.
_MAX_NAMED = 8

#: What is written at one place, and what is said of it: the results that differ in their task definition only.
_Group = list[Result]


def render(report: Report, options: Options) -> str:
    """Return the report as text. With `options.quiet` it is a line for each finding and each error, and no more."""
    paint = colored if options.color else plain
    groups = _groups(report.results)
    shared_steps = _shared_steps(groups)
    lines: list[str] = []
    for group in groups:
        lines.append(_headline(group[0], options, paint))
        if not options.quiet:
            lines += _details(group, shared_steps, options, paint)
    for failure in report.failures:
        lines += _failure(failure, options, paint)
    lines += [_notice(notice, paint) for notice in report.notices]
    if not options.quiet:
        lines += _then(shared_steps, paint)
        lines.append(_summary(report, paint))
    return "".join(line + "\n" for line in lines)


def _groups(results: Iterable[Result]) -> list[_Group]:
    """Return the findings, those at one place of which the same is said together."""
    groups: dict[tuple[object, ...], _Group] = {}
    for result in results:
        if result.verdict in (FAIL, UNKNOWN):
            key = (
                result.location.path,
                result.location.start,
                result.message,
                result.value_location and (result.value_location.path, result.value_location.start),
                result.when,
                result.assumptions,
            )
            groups.setdefault(key, []).append(result)
    return list(groups.values())


def _shared_steps(groups: list[_Group]) -> list[str]:
    """Return the steps after the first that are to be taken for every failing container."""
    remedies = [group[0].remedy[1:] for group in groups if group[0].verdict == FAIL]
    return [step for step in remedies[0] if all(step in remedy for remedy in remedies)] if remedies else []


def _severity(result: Result, options: Options) -> tuple[str, str]:
    """Return what a finding counts as, and its colour."""
    return ("error", RED) if result.verdict == FAIL or options.strict else ("warning", YELLOW)


def _headline(result: Result, options: Options, paint: Paint) -> str:
    severity, color = _severity(result, options)
    where = paint(place(result.location), BOLD)
    return f"{where}: {paint(severity, color)}: {escape(result.message)} [{result.rule}]"


def _details(group: _Group, shared_steps: list[str], options: Options, paint: Paint) -> Iterator[str]:
    """Yield the lines of source, and what there is to say besides the message."""
    result = group[0]
    _, color = _severity(result, options)
    yield from excerpt(result.location, result.value_location, color, paint)
    margin = " " * margin_width(result.location, result.value_location)
    for label, text in _notes(group, shared_steps):
        yield f"{margin} {paint('=', BLUE)} {paint(label, BOLD)}: {escape(text)}"
    yield ""


def _notes(group: _Group, shared_steps: list[str]) -> Iterator[tuple[str, str]]:
    """Yield what there is to say of a finding besides its message, each with what it is called."""
    result = group[0]
    for item in group[:_MAX_NAMED]:
        yield "task definition", ", ".join([item.task_definition.address, *_way(item.task_definition)])
    if len(group) > _MAX_NAMED:
        yield "task definition", f"and {len(group) - _MAX_NAMED} more"
    if result.task_definition.construct:
        yield "construct", result.task_definition.construct
    if result.when:
        yield "when", result.when
    for assumption in result.assumptions:
        yield "assuming", assumption
    for step in result.remedy:
        if step not in shared_steps:
            yield "fix" if result.verdict == FAIL else "help", step


def _way(task_definition: TaskDefinition) -> Iterator[str]:
    """Yield what leads to a task definition, from the inside out."""
    for call in reversed(task_definition.via):
        # A plan says where the resource itself is written, too.
        is_resource = task_definition.source == "terraform-plan" and not call.name.startswith("module.")
        where = place(call.span)
        yield f"written in {where}" if is_resource else f"called by {call.name} ({where})"


def _failure(failure: Failure, options: Options, paint: Paint) -> Iterator[str]:
    where = place(failure.span) if failure.span else escape_path(failure.path)
    yield f"{paint(where, BOLD)}: {paint('error', RED)}: {escape(failure.message)}"
    if not options.quiet:
        if failure.span:
            yield from excerpt(failure.span, None, RED, paint)
        yield ""


def _notice(notice: Notice, paint: Paint) -> str:
    where = place(notice.span) if notice.span else escape_path(notice.path)
    return f"{paint(where, BOLD)}: {paint('warning', YELLOW)}: {escape(notice.message)}"


def _then(steps: list[str], paint: Paint) -> Iterator[str]:
    """Yield, once, what is to be done for every failing container besides the fix that is said for each."""
    if steps:
        yield paint("For each container that fails, after the fix (ecs5lint --explain ECS5 shows how):", BOLD)
        yield from (f"  - {escape(step)}" for step in steps)
        yield ""


def _summary(report: Report, paint: Paint) -> str:
    counts = [f"{report.count(verdict)} {verdict}" for verdict in (PASS, FAIL, UNKNOWN)]
    rare = [verdict for verdict in (NOT_APPLICABLE, SUPPRESSED) if report.count(verdict)]
    counts += [f"{report.count(verdict)} {verdict.replace('_', ' ')}" for verdict in rare]
    if report.failures:
        counts.append(_counted(len(report.failures), "error"))
    looked_at = (
        f"{_counted(report.files, 'file')}, {_counted(report.task_definitions, 'task definition')}, "
        f"{_counted(report.containers, 'container')}"
    )
    good = not report.failures and not report.count(FAIL) and not report.count(UNKNOWN)
    color = GREEN if good else RED if report.failures or report.count(FAIL) else YELLOW
    return f"{looked_at}: {paint(', '.join(counts), color)}"


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'s' * (count != 1)}"
