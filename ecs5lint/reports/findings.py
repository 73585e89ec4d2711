"""Provide what all reports share: the severity, position and text of findings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from ecs5lint.light_typing import TYPE_CHECKING, NamedTuple
from ecs5lint.location import Failure, Span
from ecs5lint.model.registered import Registered
from ecs5lint.model.result import FAIL, NOT_APPLICABLE, PASS, SUPPRESSED, UNKNOWN, Origin, Report, Result
from ecs5lint.notices import Notice
from ecs5lint.reports.excerpt import position_text
from ecs5lint.text.visible import counted, escape

if TYPE_CHECKING:
    from ecs5lint.model.resource import Subject

ERROR = "error"
WARNING = "warning"

#: The reasons of unknown verdicts. They give the severity of a suppressed finding.
UNKNOWN_REASONS = frozenset(
    (
        "unresolved containers-unresolved resources-unresolved os-family-unresolved launch-type-unresolved "
        "capacity-providers account-setting default"
    ).split()
)

#: A longer text is cut in the middle, because a message has the name at its start and the problem at its end.
_MAX_LENGTH = 500

#: The largest number of values from a configuration to list.
_MAX_SET = 10
#: The maximum number of task definitions that a step names.
_MAX_NAMED = 3
#: The largest number of reasons for skipping to list.
_MAX_REASONS = 4

#: Results at the same position with the same text. They differ in their task definitions, and so in their remedies.
Group = list[Result]


class Area(NamedTuple):
    """A range in a file: lines and columns from 1. `end_column` is the column after the last character."""

    line: int
    column: int
    end_line: int
    end_column: int


def severity(result: Result, *, strict: bool) -> str:
    """Return the severity of a finding. For a suppressed finding, it is the severity without the suppression."""
    return WARNING if _is_unknown(result) and not strict else ERROR


def _is_unknown(result: Result) -> bool:
    return result.verdict == UNKNOWN or (result.verdict == SUPPRESSED and result.reason in UNKNOWN_REASONS)


def findings(report: Report) -> list[Result]:
    """Return the results that need action: fail and unknown."""
    return [result for result in report.results if result.verdict in (FAIL, UNKNOWN)]


def grouped(results: Iterable[Result]) -> list[Group]:
    """Return findings in groups. Those at the same position with the same text form a group."""
    groups: dict[tuple[object, ...], Group] = {}
    for result in results:
        groups.setdefault((result.rule, *_key(result)), []).append(result)
    return list(groups.values())


def merged(groups: Iterable[Group]) -> list[Group]:
    """Return groups. Groups of several rules with the same text, position and task definitions are one."""
    found: dict[tuple[object, ...], Group] = {}
    for group in groups:
        key = (*_key(group[0]), *(id(result.resource) for result in group))
        found.setdefault(key, []).extend(group)
    return list(found.values())


def rules(group: Group) -> list[str]:
    """Return the rules of a group."""
    return list(dict.fromkeys(result.rule for result in group))


def of_first_rule(group: Group) -> Group:
    """Return the results of the first rule, one for each task definition."""
    return [result for result in group if result.rule == group[0].rule]


def _key(result: Result) -> tuple[object, ...]:
    return (
        result.location.start_in_file,
        result.verdict,
        result.message,
        result.value_location and result.value_location.start_in_file,
        result.when,
        result.assumptions,
        result.suppression and (result.suppression.kind, result.suppression.reason),
    )


def shared_steps(groups: Iterable[Group]) -> list[str]:
    """Return the steps that are the same for every failing container."""
    return list(dict.fromkeys(step for group in groups for result in group for step in result.afterwards))


def steps_of_rules(groups: Sequence[Group]) -> list[tuple[str, list[str]]]:
    """Return the rules with findings, each with the steps that are the same for its failures."""
    rules = dict.fromkeys(group[0].rule for group in groups)
    return [(rule, shared_steps(group for group in groups if group[0].rule == rule)) for rule in rules]


def remarks(report: Report) -> list[tuple[str, Failure | Notice]]:
    """Return the failures and then the notices, each with its severity."""
    return [*((ERROR, failure) for failure in report.failures), *((WARNING, notice) for notice in report.notices)]


def deciding(result: Result) -> Span:
    """Return the span of the deciding value, or of the container without one.

    For what is registered, it is the position in the source, if there is exactly one.
    """
    if result.origin and len(result.origin.positions) == 1:
        return result.origin.positions[0]
    return result.value_location or result.location


def related(result: Result, main: Span) -> Iterator[tuple[str, Span]]:
    """Yield the related positions of a result, other than its `main` one, with a description of each."""
    if result.container_index is not None and result.location != main:
        yield "the container", result.location
    if result.value_location and result.value_location != main:
        yield "the value", result.value_location
    if result.resource.location != main:
        yield f"the {noun(result)}", result.resource.location
    for call in result.resource.via:
        is_module = call.name.startswith("module.")
        is_stack = result.resource.source == "cloudformation"
        yield "the module call" if is_module else "the parent stack" if is_stack else "the resource", call.span


def area(span: Span | None) -> Area:
    """Return the lines and columns of a span. For a span without lines, it is the start of the file."""
    if span is None or not span.source.has_lines:
        return Area(1, 1, 1, 1)
    return Area(*span.source.position(span.start), *span.source.position(span.end))


def first_line(span: Span | None) -> Area:
    """Return the part of a span on its first line. It is enough to point at the span."""
    whole = area(span)
    if span is None or whole.end_line == whole.line:
        return whole
    return whole._replace(end_line=whole.line, end_column=len(span.source.line_text(whole.line)) + 1)


def steps(group: Group, without: Iterable[str] = ()) -> Iterator[tuple[str, Group]]:
    """Yield the steps of a group, each with its results. A step for all results of its rules has none."""
    found: dict[str, Group] = {}
    for result in group:
        for step in (*result.remedy, *result.afterwards):
            found.setdefault(step, []).append(result)
    for step, results in found.items():
        if step not in without:
            named = rules(results)
            by_rule = [result for result in group if result.rule in named]
            yield step, results if len(results) < len(by_rule) else []


def _for_whom(results: Group) -> str:
    """Name the task definitions of a step. Return an empty text for all."""
    addresses = list(dict.fromkeys(result.resource.address for result in results))
    more = f" and {len(addresses) - _MAX_NAMED} more" if len(addresses) > _MAX_NAMED else ""
    return f" for {', '.join(addresses[:_MAX_NAMED])}{more}" if addresses else ""


def notes(group: Group, without: Iterable[str] = ()) -> Iterator[tuple[str, str]]:
    """Yield labels and texts in addition to the message. The steps in `without` are left out."""
    result = group[0]
    if result.resource.registered:
        yield from _uses(result.resource.registered)
    if result.origin:
        yield "source", _said_of_origin(result.origin)
    if result.when:
        yield "when", result.when
    for assumption in result.assumptions:
        yield "assuming", assumption
    for step, results in steps(group, without):
        yield f"{'help' if _is_unknown(result) else 'fix'}{_for_whom(results)}", step
    if result.fix:
        yield "fixable with --fix", result.fix.description
    if result.not_fixed:
        yield "not fixable with --fix", result.not_fixed


def _said_of_origin(origin: Origin) -> str:
    shown = ", ".join(map(position_text, origin.positions[:_MAX_NAMED]))
    more = f" and {len(origin.positions) - _MAX_NAMED} more" if len(origin.positions) > _MAX_NAMED else ""
    address = f" ({origin.address})" if len(origin.positions) == 1 else ""
    return f"{shown}{more}{address}, by {origin.way}: {origin.conclusion}"


def _uses(registered: Registered) -> Iterator[tuple[str, str]]:
    more = len(registered.uses) - _MAX_NAMED
    named = ", ".join(registered.uses[:_MAX_NAMED]) + (f" and {more} more" if more > 0 else "")
    if named:
        yield "in use by" if registered.is_latest else "old revision, in use by", named


def lines(group: Group, without: Iterable[str] = ()) -> list[str]:
    """Return the message and the notes, safe to print."""
    said = (f"{printable(label)}: {printable(text)}" for label, text in notes(group, without))
    return [printable(group[0].message), *said]


def noun(result: Result) -> str:
    """Return the type of a result's resource, in words."""
    return result.resource.type.replace("_", " ")


def with_calls(result: Result) -> str:
    """Return the address of a result's resource and the calls that lead to it, innermost first."""
    return ", ".join([result.resource.address, *_calls(result.resource)])


def _calls(resource: Subject) -> Iterator[str]:
    for call in reversed(resource.via):
        # For a plan, the last one is the resource itself.
        is_resource = resource.source == "terraform-plan" and not call.name.startswith("module.")
        where = position_text(call.span)
        yield f"written in {where}" if is_resource else f"called by {call.name} ({where})"


def printable(text: str) -> str:
    """Return a text that may be from an input, safe to print and of limited length."""
    if len(text) > _MAX_LENGTH:
        half = _MAX_LENGTH // 2
        text = f"{text[:half]}...{text[-half:]}"
    return escape(text)


def problems(report: Report, groups: Sequence[Group]) -> str:
    """Return the numbers of problems, files and containers as text, or an empty text without problems.

    A group, which is one position, is one problem, regardless of its number of task definitions.
    """
    count = len(groups) + len(report.failures)
    files = {*(group[0].location.path for group in groups), *(failure.path for failure in report.failures)}
    containers = {
        # Several rules report on the same task definition. One that is deployed for each caller has several.
        (id(result.resource), result.location.start_in_file, result.container_index)
        for group in groups
        for result in group
        if result.container_index is not None
    }
    is_live = any(result.resource.registered for result in report.results)
    noun = "task definition" if is_live else "file"
    where = f" in {counted(len(files), noun)}" + (f" ({counted(len(containers), 'container')})" if containers else "")
    return f"Found {counted(count, 'problem')}{where}" if count else ""


def extent(report: Report) -> str:
    """Return the numbers of checked files (or accounts and Regions) and resources, in words."""
    inputs = {"file": report.files}
    if report.regions:
        inputs = {"account": len({account for account, _ in report.regions}), "Region": len(report.regions)}
    counts = {**inputs, "task definition": report.task_definitions, "container": report.containers}
    counts.update((type.replace("_", " "), count) for type, count in report.resources.items())
    return ", ".join(counted(count, noun) for noun, count in counts.items())


def outcome(report: Report) -> str:
    """Return the numbers of results for each verdict, in words."""
    counts = [f"{report.count(verdict)} {verdict}" for verdict in (PASS, FAIL, UNKNOWN)]
    rare = [verdict for verdict in (NOT_APPLICABLE, SUPPRESSED) if report.count(verdict)]
    counts += [f"{report.count(verdict)} {verdict.replace('_', ' ')}" for verdict in rare]
    if report.failures:
        counts.append(counted(len(report.failures), "error"))
    return ", ".join(counts)


def suppressions(report: Report) -> list[Result]:
    """Return the suppressed findings, except for those of the baseline, which may be many."""
    suppressed = [result for result in report.results if result.suppression]
    return [result for result in suppressed if result.suppression and result.suppression.kind != "baseline"]


def accepted(result: Result) -> str:
    """Return the kind of a suppression and its reason, in words."""
    assert result.suppression
    return f"suppressed ({result.suppression.kind}): {printable(result.suppression.reason)}"


def account(report: Report) -> list[str]:
    """Return lines about the configuration, the baseline and skipped files."""
    baseline = report.count(SUPPRESSED) - len(suppressions(report))
    on_record = f"suppressed by the baseline: {counted(baseline, 'finding')}" if baseline else ""
    return [line for line in (configuration(report), on_record, skipped(report)) if line]


def configuration(report: Report) -> str:
    """Return the configuration file and its inputs, in words, or an empty text without one."""
    if report.configuration is None:
        return ""
    path, sets = report.configuration
    shown = [printable(item) for item in sets[:_MAX_SET]]
    if len(sets) > _MAX_SET:
        shown.append(f"and {len(sets) - _MAX_SET} more")
    return f"configuration: {escape(path)}" + (f", which sets {', '.join(shown)}" if shown else "")


def skipped(report: Report) -> str:
    """Return the number of skipped files by reason, in words, or an empty text."""
    counts = Counter(item.reason for item in report.skipped).most_common()
    reasons = [f"{count} {printable(reason)}" for reason, count in counts[:_MAX_REASONS]]
    others = sum(count for _, count in counts[_MAX_REASONS:])
    if others:
        reasons.append(f"{others} for other reasons")
    return f"skipped: {', '.join(reasons)}" if reasons else ""
