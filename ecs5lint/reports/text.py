"""Write the text report, for people.

Each finding has its position, a sentence on the problem, the lines of source with a mark under the deciding value, and
the fix. Unknowns with the same cause are one entry. Steps for every failing container come once, at the end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache, partial

from ecs5lint.location import Failure, Span
from ecs5lint.model.result import FAIL, UNKNOWN, Report, Result
from ecs5lint.notices import Notice, Skipped
from ecs5lint.reports import Options
from ecs5lint.reports.colors import BLUE, BOLD, GREEN, RED, YELLOW, Paint, colored, link, plain
from ecs5lint.reports.excerpt import escape_path, excerpt, margin_width, position_text
from ecs5lint.reports.findings import (
    ERROR,
    Group,
    accepted,
    account,
    extent,
    findings,
    grouped,
    merged,
    notes,
    noun,
    of_first_rule,
    outcome,
    printable,
    problems,
    rules,
    severity,
    shared_steps,
    skipped,
    steps_of_rules,
    suppressions,
    with_calls,
)
from ecs5lint.rules import RULES

#: The maximum number of task definitions listed for a position, and of positions listed for a cause.
_MAX_NAMED = 8

#: The number of excerpts to remember, for other rules' findings on the same container.
_NEAR = 8

#: The indentation of a headline after its first line.
_INDENT = "    "

#: Returns the margin and the lines of source for a position, that of the deciding value, and a color.
_Excerpt = Callable[[Span, "Span | None", str], "tuple[str, list[str]]"]


def render(report: Report, options: Options) -> str:
    """Return the report as text. With `options.quiet`, it has a line for each finding, error and notice."""
    paint = colored if options.color else plain
    groups = grouped(findings(report))
    common = shared_steps(groups)
    # Several rules may report on the same container, one after the other.
    source = lru_cache(maxsize=_NEAR)(partial(_source, paint=paint))
    lines: list[str] = []
    entries = merged(groups)
    region = None
    for first, *others in [[group] for group in entries] if options.quiet else _by_cause(entries):
        if not options.quiet and (found := _region(first[0])) != region:
            region = found
            lines += [paint(printable(region), BOLD), ""] if region else []
        lines += _headline(first, options, paint)
        if not options.quiet:
            lines += _details(first, others, common, options, paint, source)
    if not options.quiet:
        lines += _suppressed(report, paint)
    for failure in report.failures:
        lines += _failure(failure, options, paint)
    for notice in report.notices:
        lines += _notice(notice, options, paint)
    if not options.quiet:
        lines += [""] * bool(report.notices)
        for rule, steps in steps_of_rules(groups):
            lines += _then(rule, steps, options, paint)
    if options.show_skipped:
        lines += [_skipped(item, paint) for item in report.skipped]
    if options.statistics:
        from ecs5lint.reports.statistics import statistics

        lines += statistics(report)
    if not options.quiet:
        lines += ending(report, groups, options, paint)
    return "".join([f"{line}\n" for line in lines])


def _by_cause(groups: Sequence[Group]) -> list[list[Group]]:
    """Return lists of groups. Unknowns with the same cause and remedy are in one list."""
    found: dict[object, list[Group]] = {}
    for group in groups:
        first = group[0]
        key: object = id(group)
        if first.verdict == UNKNOWN:
            key = (*rules(group), first.reason, first.cause, first.when, first.assumptions, first.remedy)
        found.setdefault(key, []).append(group)
    return list(found.values())


def _severity(result: Result, options: Options) -> tuple[str, str]:
    """Return the severity of a finding, and its color."""
    counts_as = severity(result, strict=options.strict)
    return counts_as, RED if counts_as == ERROR else YELLOW


def _region(result: Result) -> str:
    """Return the account and the Region of a registered task definition, as a heading, or an empty text."""
    registered = result.resource.registered
    return f"Account {registered.account}, Region {registered.region}" if registered else ""


def _headline(group: Group, options: Options, paint: Paint) -> list[str]:
    result = group[0]
    registered = result.resource.registered
    # The heading above the finding has the account and the Region.
    where = printable(registered.title) if registered and not options.quiet else position_text(result.location)
    # The names have no space between them, so that they stay on one line.
    named = f"[{',_'.join(rules(group))}]"
    message = f"{result.message} {named}"
    *lines, last = _said(where, *_severity(result, options), message, options, paint)
    shown = [link(rule, RULES[rule].page) if options.links else rule for rule in rules(group)]
    return [*lines, f"{last.removesuffix(named)}[{', '.join(shown)}]"]


def _said(where: str, label: str, color: str, message: str, options: Options, paint: Paint) -> list[str]:
    """Return a message with its position, wrapped to the terminal."""
    before = f"{where}: {label}: "
    first, *further = _broken(printable(message), options.width, len(before), len(_INDENT))
    return [f"{paint(where, BOLD)}: {paint(label, color)}: {first}".rstrip(), *(_INDENT + line for line in further)]


def _broken(text: str, width: int, first: int, further: int) -> list[str]:
    """Wrap a text. `first` is the column of the first line, and `further` the column of the other lines."""
    if not width or first + len(text) <= width:
        return [text]
    from textwrap import wrap

    lines = wrap(
        text,
        max(width, further + 20),
        initial_indent=" " * min(first, width),
        subsequent_indent=" " * further,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return [lines[0][first:], *(line[further:] for line in lines[1:])]


def _source(location: Span, deciding: Span | None, color: str, paint: Paint) -> tuple[str, list[str]]:
    """Return the lines of source for a finding, and the margin of the notes below them."""
    return " " * margin_width(location, deciding), list(excerpt(location, deciding, color, paint))


def _details(
    group: Group, others: Sequence[Group], common: list[str], options: Options, paint: Paint, source: _Excerpt
) -> Iterator[str]:
    """Yield the lines of source, and the notes."""
    result = group[0]
    _, color = _severity(result, options)
    margin, lines = source(result.location, result.value_location, color)
    yield from lines
    indent = len(margin) + 3
    for label, text in _notes(group, others, common):
        first, *further = _broken(printable(text), options.width, indent + len(label) + 2, indent + 2)
        yield f"{margin} {paint('=', BLUE)} {paint(printable(label), BOLD)}: {first}".rstrip()
        yield from (" " * (indent + 2) + line for line in further)
    yield ""


def _notes(group: Group, others: Sequence[Group], common: list[str]) -> Iterator[tuple[str, str]]:
    """Yield the labels and texts below the message. `others` are the groups with the same cause."""
    result = group[0]
    same = of_first_rule(group)
    # The headline names the registered resource.
    for item in same[:_MAX_NAMED] if not result.resource.registered else ():
        yield noun(result), with_calls(item)
    if len(same) > _MAX_NAMED:
        yield noun(result), f"and {len(same) - _MAX_NAMED} more"
    if result.resource.construct:
        yield "construct", result.resource.construct
    for other in others[:_MAX_NAMED]:
        what = f'container "{other[0].container}"' if other[0].container else other[0].resource.address
        yield "also", f"{position_text(other[0].location)}: {what}"
    if len(others) > _MAX_NAMED:
        yield "also", f"{len(others) - _MAX_NAMED} more, which --format concise lists"
    yield from notes(group, common)


def _failure(failure: Failure, options: Options, paint: Paint) -> Iterator[str]:
    where = position_text(failure.span) if failure.span else escape_path(failure.path)
    yield from _said(where, "error", RED, failure.message, options, paint)
    if not options.quiet:
        if failure.span:
            yield from excerpt(failure.span, None, RED, paint)
        yield ""


def _notice(notice: Notice, options: Options, paint: Paint) -> list[str]:
    where = position_text(notice.span) if notice.span else escape_path(notice.path)
    return _said(where, "warning", YELLOW, notice.message, options, paint)


def _then(rule: str, steps: list[str], options: Options, paint: Paint) -> Iterator[str]:
    """Yield the steps that every failing container needs after its own fix."""
    if steps:
        noun = RULES[rule].resource.replace("_", " ") if RULES[rule].reads else "container"
        yield paint(f"Then, for each failing {noun} (details: ecs5lint --explain {rule}):", BOLD)
        for step in steps:
            first, *further = _broken(printable(step), options.width, 4, 4)
            yield from (f"  - {first}", *(f"    {line}" for line in further))
        yield ""


def _suppressed(report: Report, paint: Paint) -> Iterator[str]:
    """Yield the suppressed findings, with the reasons."""
    listed = suppressions(report)
    for result in listed:
        yield f"{paint(position_text(result.location), BOLD)}: {accepted(result)} [{result.rule}]"
    yield from [""] * bool(listed)


def _skipped(item: Skipped, paint: Paint) -> str:
    line = f":{item.line}" if item.line else ""
    return f"{paint(escape_path(item.path) + line, BOLD)}: skipped: {printable(item.detail or item.reason)}"


def ending(report: Report, groups: Sequence[Group], options: Options, paint: Paint) -> Iterator[str]:
    """Yield the summary: skipped files, suppressions, problems, and checked files."""
    if report.skipped and options.show_skipped:
        yield ""
    for line in account(report):
        yield f"{line} (list: --show-skipped)" if line == skipped(report) and not options.show_skipped else line
    yield from _fixable(report)
    if found := problems(report, groups):
        yield paint(found, BOLD)
    yield _summary(report, paint)


def _fixable(report: Report) -> Iterator[str]:
    """Yield the number of fixable findings, or the option that shows it."""
    failing = [result for result in report.results if result.verdict == FAIL and not result.resource.registered]
    count = sum(result.fix is not None for result in failing)
    if count:
        yield f"fixable with --fix: {count} of {len(failing)}"
    elif failing and not any(result.not_fixed for result in failing):
        yield "ecs5lint --diff shows what can be fixed, and how"


def _summary(report: Report, paint: Paint) -> str:
    good = not report.failures and not report.count(FAIL) and not report.count(UNKNOWN)
    color = GREEN if good else RED if report.failures or report.count(FAIL) else YELLOW
    return f"{extent(report)}: {paint(outcome(report), color)}"
