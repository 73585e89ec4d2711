"""Provide what all reports share: the severity, position and text of findings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain

from ecs5lint.light_typing import TYPE_CHECKING, NamedTuple
from ecs5lint.location import Failure, Span
from ecs5lint.model.registered import Registered
from ecs5lint.model.result import FAIL, PASS, SUPPRESSED, UNKNOWN, VERDICTS, Origin, Report, Result
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
#: A rule, and what is the same for the results of a group.
_Key = tuple[str, tuple[object, ...]]

_NEED_ACTION = (FAIL, UNKNOWN)
_BASELINE = "baseline"


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
    return [result for result in report.results if result.verdict in _NEED_ACTION]


def grouped(results: Iterable[Result]) -> list[Group]:
    """Return findings in groups. Those at the same position with the same text form a group."""
    return list(by_text(results).values())


def by_text(results: Iterable[Result]) -> dict[_Key, Group]:
    """Return findings in the groups of `grouped`, by their rule, and by their position and text."""
    groups: dict[_Key, Group] = {}
    for result in results:
        value, suppression = result.value_location, result.suppression
        said = (
            result.location.start_in_file,
            result.verdict,
            result.message,
            value and value.start_in_file,
            result.when,
            result.assumptions,
            suppression and (suppression.kind, suppression.reason),
        )
        groups.setdefault((result.rule, said), []).append(result)
    return groups


def merged(groups: Mapping[_Key, Group]) -> list[Group]:
    """Return groups. Groups of several rules with the same text, position and task definitions are one."""
    found: dict[tuple[object, ...], Group] = {}
    for (_, said), group in groups.items():
        key = (said, *[id(result.resource) for result in group])
        found.setdefault(key, []).extend(group)
    return list(found.values())


def rules(group: Group) -> list[str]:
    """Return the rules of a group."""
    return [group[0].rule] if len(group) == 1 else list(dict.fromkeys([result.rule for result in group]))


def of_first_rule(group: Group) -> Group:
    """Return the results of the first rule, one for each task definition."""
    return group if len(group) == 1 else [result for result in group if result.rule == group[0].rule]


def shared_steps(groups: Iterable[Group]) -> list[str]:
    """Return the steps that are the same for every failing container."""
    # Most failures of a rule have the same steps.
    shared = dict.fromkeys(result.afterwards for group in groups for result in group)
    return list(dict.fromkeys(chain.from_iterable(shared)))


def steps_of_rules(groups: Sequence[Group]) -> list[tuple[str, list[str]]]:
    """Return the rules with findings, each with the steps that are the same for its failures."""
    by_rule: dict[str, list[Group]] = {}
    for group in groups:
        by_rule.setdefault(group[0].rule, []).append(group)
    return [(rule, shared_steps(own)) for rule, own in by_rule.items()]


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


def steps(group: Group, without: Collection[str] = ()) -> list[tuple[str, Group]]:
    """Return the steps of a group, each with its results. A step for all results of its rules has none."""
    found: dict[str, Group] = {}
    for result in group:
        for step in (*result.remedy, *result.afterwards):
            if step not in without:
                found.setdefault(step, []).append(result)
    if len(group) == 1 or len(group) == len(rules(group)):
        return [(step, []) for step in found]
    return [(step, [] if _are_all(results, group) else results) for step, results in found.items()]


def _are_all(results: Group, group: Group) -> bool:
    """Tell whether some results of a group are all results of their rules."""
    named = rules(results)
    return len(results) >= len([result for result in group if result.rule in named])


def _for_whom(results: Group) -> str:
    """Name the task definitions of a step."""
    addresses = list(dict.fromkeys(result.resource.address for result in results))
    more = f" and {len(addresses) - _MAX_NAMED} more" if len(addresses) > _MAX_NAMED else ""
    return f" for {', '.join(addresses[:_MAX_NAMED])}{more}"


def notes(group: Group, without: Collection[str] = ()) -> list[tuple[str, str]]:
    """Return labels and texts in addition to the message. The steps in `without` are left out."""
    result = group[0]
    found: list[tuple[str, str]] = []
    if result.resource.registered:
        found += _uses(result.resource.registered)
    if result.origin:
        found.append(("source", _said_of_origin(result.origin)))
    if result.when:
        found.append(("when", result.when))
    if result.assumptions:
        found += [("assuming", assumption) for assumption in result.assumptions]
    verb = "help" if _is_unknown(result) else "fix"
    found += [(f"{verb}{_for_whom(results)}" if results else verb, step) for step, results in steps(group, without)]
    if result.fix:
        found.append(("fixable with --fix", result.fix.description))
    if result.not_fixed:
        found.append(("not fixable with --fix", result.not_fixed))
    return found


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


def lines(group: Group, without: Collection[str] = ()) -> list[str]:
    """Return the message and the notes, safe to print."""
    said = [f"{printable(label)}: {printable(text)}" for label, text in notes(group, without)]
    return [printable(group[0].message), *said]


def noun(result: Result) -> str:
    """Return the type of a result's resource, in words."""
    return result.resource.type.replace("_", " ")


def with_calls(result: Result) -> str:
    """Return the address of a result's resource and the calls that lead to it, innermost first."""
    resource = result.resource
    return ", ".join([resource.address, *_calls(resource)]) if resource.via else resource.address


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
    files = {*[group[0].location.source.path for group in groups], *[failure.path for failure in report.failures]}
    found = {
        # Several rules report on the same task definition. One that is deployed for each caller has several.
        (id(result.resource), result.container_index, result.location)
        for group in groups
        for result in group
        if result.container_index is not None
    }
    containers = {(resource, index, location.start_in_file) for resource, index, location in found}
    # A run checks either files or what is registered.
    is_live = bool(report.results and report.results[0].resource.registered)
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
    counts = report.counts()
    always = (PASS, FAIL, UNKNOWN)
    shown = [
        f"{counts[verdict]} {verdict.replace('_', ' ')}" for verdict in VERDICTS if verdict in always or counts[verdict]
    ]
    if report.failures:
        shown.append(counted(len(report.failures), "error"))
    return ", ".join(shown)


def suppressions(report: Report) -> list[Result]:
    """Return the suppressed findings, except for those of the baseline, which may be many."""
    return [result for result in report.results if result.suppression and result.suppression.kind != _BASELINE]


def accepted(result: Result) -> str:
    """Return the kind of a suppression and its reason, in words."""
    assert result.suppression
    return f"suppressed ({result.suppression.kind}): {printable(result.suppression.reason)}"


def account(report: Report) -> list[str]:
    """Return lines about the configuration, the baseline and skipped files."""
    recorded = [result for result in report.results if result.suppression and result.suppression.kind == _BASELINE]
    on_record = f"suppressed by the baseline: {counted(len(recorded), 'finding')}" if recorded else ""
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
