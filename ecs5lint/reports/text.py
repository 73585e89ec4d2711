"""Write the text report, for people.

Each finding has its position, a sentence on the problem, the lines of source with a mark under the deciding value, and
the fix. Steps for every failing container come once, at the end.
"""

from __future__ import annotations

from collections.abc import Iterator

from ecs5lint.location import Failure
from ecs5lint.model.result import FAIL, UNKNOWN, Report, Result
from ecs5lint.model.task_definition import TaskDefinition
from ecs5lint.notices import Notice, Skipped
from ecs5lint.reports import Options
from ecs5lint.reports.colors import BLUE, BOLD, GREEN, RED, YELLOW, Paint, colored, plain
from ecs5lint.reports.excerpt import escape_path, excerpt, margin_width, place
from ecs5lint.reports.findings import (
    ERROR,
    Group,
    accepted,
    account,
    extent,
    findings,
    grouped,
    notes,
    outcome,
    printable,
    severity,
    shared_steps,
    skipped,
    steps_of_rules,
    suppressions,
)

#: The largest number of task definitions to name for a position.
_MAX_NAMED = 8


def render(report: Report, options: Options) -> str:
    """Return the report as text. With `options.quiet`, it has a line for each finding, error and notice."""
    paint = colored if options.color else plain
    groups = grouped(findings(report))
    common = shared_steps(groups)
    lines: list[str] = []
    for group in groups:
        lines.append(_headline(group[0], options, paint))
        if not options.quiet:
            lines += _details(group, common, options, paint)
    if not options.quiet:
        lines += _suppressed(report, paint)
    for failure in report.failures:
        lines += _failure(failure, options, paint)
    lines += [_notice(notice, paint) for notice in report.notices]
    if not options.quiet:
        lines += [""] * bool(report.notices)
        for rule, steps in steps_of_rules(groups):
            lines += _then(rule, steps, paint)
    if options.show_skipped:
        lines += [_skipped(item, paint) for item in report.skipped]
    if not options.quiet:
        lines += _counts(report, options, paint)
    return "".join(line + "\n" for line in lines)


def _severity(result: Result, options: Options) -> tuple[str, str]:
    """Return the severity of a finding, and its color."""
    counts_as = severity(result, strict=options.strict)
    return counts_as, RED if counts_as == ERROR else YELLOW


def _headline(result: Result, options: Options, paint: Paint) -> str:
    counts_as, color = _severity(result, options)
    where = paint(place(result.location), BOLD)
    return f"{where}: {paint(counts_as, color)}: {printable(result.message)} [{result.rule}]"


def _details(group: Group, common: list[str], options: Options, paint: Paint) -> Iterator[str]:
    """Yield the lines of source and the notes."""
    result = group[0]
    _, color = _severity(result, options)
    yield from excerpt(result.location, result.value_location, color, paint)
    margin = " " * margin_width(result.location, result.value_location)
    for label, text in _notes(group, common):
        yield f"{margin} {paint('=', BLUE)} {paint(label, BOLD)}: {printable(text)}"
    yield ""


def _notes(group: Group, common: list[str]) -> Iterator[tuple[str, str]]:
    """Yield the notes on a finding, each with its label."""
    result = group[0]
    for item in group[:_MAX_NAMED]:
        yield "task definition", ", ".join([item.task_definition.address, *_way(item.task_definition)])
    if len(group) > _MAX_NAMED:
        yield "task definition", f"and {len(group) - _MAX_NAMED} more"
    if result.task_definition.construct:
        yield "construct", result.task_definition.construct
    yield from notes(result, common)


def _way(task_definition: TaskDefinition) -> Iterator[str]:
    """Yield the calls that lead to a task definition, innermost first."""
    for call in reversed(task_definition.via):
        # For a plan, the last one is the resource itself.
        is_resource = task_definition.source == "terraform-plan" and not call.name.startswith("module.")
        where = place(call.span)
        yield f"written in {where}" if is_resource else f"called by {call.name} ({where})"


def _failure(failure: Failure, options: Options, paint: Paint) -> Iterator[str]:
    where = place(failure.span) if failure.span else escape_path(failure.path)
    yield f"{paint(where, BOLD)}: {paint('error', RED)}: {printable(failure.message)}"
    if not options.quiet:
        if failure.span:
            yield from excerpt(failure.span, None, RED, paint)
        yield ""


def _notice(notice: Notice, paint: Paint) -> str:
    where = place(notice.span) if notice.span else escape_path(notice.path)
    return f"{paint(where, BOLD)}: {paint('warning', YELLOW)}: {printable(notice.message)}"


def _then(rule: str, steps: list[str], paint: Paint) -> Iterator[str]:
    """Yield, once, the steps for every failing container."""
    if steps:
        yield paint(f"For each container that fails, after the fix (ecs5lint --explain {rule} shows how):", BOLD)
        yield from (f"  - {printable(step)}" for step in steps)
        yield ""


def _suppressed(report: Report, paint: Paint) -> Iterator[str]:
    """Yield the suppressed findings, with the reasons."""
    listed = suppressions(report)
    for result in listed:
        yield f"{paint(place(result.location), BOLD)}: {accepted(result)} [{result.rule}]"
    yield from [""] * bool(listed)


def _skipped(item: Skipped, paint: Paint) -> str:
    return f"{paint(escape_path(item.path), BOLD)}: skipped: {printable(item.reason)}"


def _counts(report: Report, options: Options, paint: Paint) -> Iterator[str]:
    if report.skipped and options.show_skipped:
        yield ""
    for line in account(report):
        yield f"{line} (list: --show-skipped)" if line == skipped(report) and not options.show_skipped else line
    yield from _fixable(report)
    yield _summary(report, paint)


def _fixable(report: Report) -> Iterator[str]:
    """Yield how many findings can be fixed, or how to find out."""
    failing = [result for result in report.results if result.verdict == FAIL]
    count = sum(result.fix is not None for result in failing)
    if count:
        yield f"fixable with --fix: {count} of {len(failing)}"
    elif failing and not any(result.not_fixed for result in failing):
        yield "ecs5lint --diff shows what can be fixed, and how"


def _summary(report: Report, paint: Paint) -> str:
    good = not report.failures and not report.count(FAIL) and not report.count(UNKNOWN)
    color = GREEN if good else RED if report.failures or report.count(FAIL) else YELLOW
    return f"{extent(report)}: {paint(outcome(report), color)}"
