"""Write the text report, for people.

Each finding has its position, a sentence on the problem, the lines of source with a mark under the deciding value, and
the fix. Findings at the same position, one after the other, share the lines of source. Unknowns with the same cause are
one entry. Steps for every failing container come once, at the end.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import chain

from ecs5lint.light_typing import NamedTuple
from ecs5lint.location import Failure, Span
from ecs5lint.model.registered import Registered
from ecs5lint.model.result import FAIL, UNKNOWN, Report
from ecs5lint.notices import Notice, Skipped
from ecs5lint.reports import Options
from ecs5lint.reports.colors import BLUE, BOLD, GREEN, RED, YELLOW, Paint, colored, link, plain
from ecs5lint.reports.excerpt import escape_path, excerpt, position_text
from ecs5lint.reports.findings import (
    ERROR,
    WARNING,
    Group,
    accepted,
    account,
    by_text,
    extent,
    findings,
    merged,
    notes,
    noun,
    of_first_rule,
    outcome,
    printable,
    problems,
    rules,
    severity,
    skipped,
    steps_of_rules,
    suppressions,
    with_calls,
)
from ecs5lint.rules import RULES

#: The maximum number of task definitions listed for a position, and of positions listed for a cause.
_MAX_NAMED = 8

#: The numbers of places and notes to remember, for other findings on the same container, and with the same fix.
_NEAR_PLACES = 8
_NEAR_NOTES = 64

#: The indentation of a headline after its first line.
_INDENT = "    "


def render(report: Report, options: Options) -> str:
    """Return the report as text. With `options.quiet`, it has a line for each finding, error and notice."""
    paint = colored if options.color else plain
    found = by_text(findings(report))
    groups, entries = list(found.values()), merged(found)
    steps = steps_of_rules(groups)
    lines: list[str] = []
    if options.quiet:
        for group in entries:
            label = severity(group[0], strict=options.strict)
            lines += _headline(group, _start(position_text(group[0].location), label, paint), options)
    else:
        write = _Entries(frozenset(chain.from_iterable(own for _, own in steps)), options, paint)
        for first, *others in _by_cause(entries):
            lines += write.entry(first, others)
        lines += _suppressed(report, paint)
    for failure in report.failures:
        lines += _failure(failure, options, paint)
    for notice in report.notices:
        lines += _notice(notice, options, paint)
    if not options.quiet:
        lines += [""] * bool(report.notices)
        for rule, own in steps:
            lines += _then(rule, own, options, paint)
    if options.show_skipped:
        lines += [_skipped(item, paint) for item in report.skipped]
    if options.statistics:
        from ecs5lint.reports.statistics import statistics

        lines += statistics(report)
    if not options.quiet:
        lines += ending(report, groups, options, paint)
    return "\n".join([*lines, ""])


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


class _Start(NamedTuple):
    """The start of a message, which is the position and the severity, in colors, and the number of its characters."""

    text: str
    length: int


class _Place(NamedTuple):
    """What findings at the same position share: the start of the message, the lines of source, and their margin."""

    start: _Start
    margin: str
    source: list[str]


class _Entries:
    """Writes findings with the lines of source and the notes. `common` are the steps that come once, at the end."""

    def __init__(self, common: Collection[str], options: Options, paint: Paint) -> None:
        self._common = common
        self._options = options
        self._paint = paint
        self._region = ("", "")
        self._above: _Place | None = None
        # Several rules may report on the same container, one after the other. Many findings have the same fix.
        self._place = lru_cache(maxsize=_NEAR_PLACES)(self._new_place)
        self._note = lru_cache(maxsize=_NEAR_NOTES)(self._new_note)

    def entry(self, group: Group, others: Sequence[Group]) -> list[str]:
        """Return the lines of a finding. `others` are the groups with the same cause."""
        result = group[0]
        registered = result.resource.registered
        label = severity(result, strict=self._options.strict)
        title = registered.title if registered else ""
        place = self._place(result.location, result.value_location, label, title)
        lines = self._heading(registered) if registered else []
        lines += _headline(group, place.start, self._options)
        if place is not self._above:
            lines += place.source
        self._above = place
        lines += [self._note(place.margin, label, text) for label, text in _notes(group, others, self._common)]
        lines.append("")
        return lines

    def _heading(self, registered: Registered) -> list[str]:
        """Return a heading with the account and the Region if they are others than those of the last finding."""
        region = registered.account, registered.region
        if region == self._region:
            return []
        self._region = region
        return [self._paint(printable(f"Account {registered.account}, Region {registered.region}"), BOLD), ""]

    def _new_place(self, location: Span, deciding: Span | None, label: str, title: str) -> _Place:
        # The heading above a finding has the account and the Region.
        where = printable(title) if title else position_text(location)
        return _Place(_start(where, label, self._paint), *excerpt(location, deciding, _color(label), self._paint))

    def _new_note(self, margin: str, label: str, text: str) -> str:
        """Return a note below the lines of source, wrapped to the terminal."""
        start = f"{margin} {self._paint('=', BLUE)} {self._paint(printable(label), BOLD)}: "
        indent = " " * (len(margin) + 5)
        return "\n".join(_wrapped(start, len(margin) + len(label) + 5, printable(text), self._options.width, indent))


def _color(label: str) -> str:
    """Return the color of a severity."""
    return RED if label == ERROR else YELLOW


def _start(where: str, label: str, paint: Paint) -> _Start:
    return _Start(f"{paint(where, BOLD)}: {paint(label, _color(label))}: ", len(where) + len(label) + len(": : "))


def _headline(group: Group, start: _Start, options: Options) -> list[str]:
    found = rules(group)
    # The names have no space between them, so that they stay on one line.
    named = f"[{',_'.join(found)}]"
    lines = _said(start, f"{group[0].message} {named}", options)
    if len(found) > 1 or options.links:
        shown = [link(rule, RULES[rule].page) if options.links else rule for rule in found]
        lines[-1] = f"{lines[-1].removesuffix(named)}[{', '.join(shown)}]"
    return lines


def _said(start: _Start, message: str, options: Options) -> list[str]:
    """Return a message after its start, wrapped to the terminal."""
    return _wrapped(start.text, start.length, printable(message), options.width, _INDENT)


def _wrapped(start: str, length: int, text: str, width: int, indent: str) -> list[str]:
    """Return the lines of a text after a start of some length. Lines other than the first have an indent."""
    if not width or length + len(text) <= width:
        return [(start + text).rstrip()]
    from textwrap import wrap

    # The start has colors, so blanks take its place.
    blanks = " " * min(length, width)
    first, *further = wrap(
        text,
        max(width, len(indent) + 20),
        initial_indent=blanks,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return [(start + first[len(blanks) :]).rstrip(), *further]


def _notes(group: Group, others: Sequence[Group], common: Collection[str]) -> list[tuple[str, str]]:
    """Return the labels and texts below the message. `others` are the groups with the same cause."""
    resource = group[0].resource
    # The headline names the registered resource.
    found = [] if resource.registered else _resources(group)
    if resource.construct:
        found.append(("construct", resource.construct))
    if others:
        found += _also(others)
    return found + notes(group, common)


def _resources(group: Group) -> list[tuple[str, str]]:
    """Return the resources of a group, each with a label."""
    label, same = noun(group[0]), of_first_rule(group)
    if len(same) == 1:
        return [(label, with_calls(group[0]))]
    found = [(label, with_calls(item)) for item in same[:_MAX_NAMED]]
    return [*found, (label, f"and {len(same) - _MAX_NAMED} more")] if len(same) > _MAX_NAMED else found


def _also(others: Sequence[Group]) -> Iterator[tuple[str, str]]:
    """Yield the positions of groups with the same cause, each with a label."""
    for other in others[:_MAX_NAMED]:
        what = f'container "{other[0].container}"' if other[0].container else other[0].resource.address
        yield "also", f"{position_text(other[0].location)}: {what}"
    if len(others) > _MAX_NAMED:
        yield "also", f"{len(others) - _MAX_NAMED} more, which --format concise lists"


def _failure(failure: Failure, options: Options, paint: Paint) -> Iterator[str]:
    where = position_text(failure.span) if failure.span else escape_path(failure.path)
    yield from _said(_start(where, ERROR, paint), failure.message, options)
    if not options.quiet:
        if failure.span:
            _, lines = excerpt(failure.span, None, RED, paint)
            yield from lines
        yield ""


def _notice(notice: Notice, options: Options, paint: Paint) -> list[str]:
    where = position_text(notice.span) if notice.span else escape_path(notice.path)
    return _said(_start(where, WARNING, paint), notice.message, options)


def _then(rule: str, steps: list[str], options: Options, paint: Paint) -> Iterator[str]:
    """Yield the steps that every failing container needs after its own fix."""
    if steps:
        noun = RULES[rule].resource.replace("_", " ") if RULES[rule].reads else "container"
        yield paint(f"Then, for each failing {noun} (details: ecs5lint --explain {rule}):", BOLD)
        for step in steps:
            yield from _wrapped("  - ", 4, printable(step), options.width, "    ")
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
    yield from _fixable(groups)
    if found := problems(report, groups):
        yield paint(found, BOLD)
    yield _summary(report, groups, paint)


def _fixable(groups: Iterable[Group]) -> Iterator[str]:
    """Yield the number of fixable findings, or the option that shows it."""
    failing = [group for group in groups if group[0].verdict == FAIL and not group[0].resource.registered]
    results = list(chain.from_iterable(failing))
    count = len([result for result in results if result.fix])
    if count:
        yield f"fixable with --fix: {count} of {len(results)}"
    elif results and not any(result.not_fixed for result in results):
        yield "ecs5lint --diff shows what can be fixed, and how"


def _summary(report: Report, groups: Iterable[Group], paint: Paint) -> str:
    verdicts = {group[0].verdict for group in groups}
    color = RED if report.failures or FAIL in verdicts else YELLOW if verdicts else GREEN
    return f"{extent(report)}: {paint(outcome(report), color)}"
