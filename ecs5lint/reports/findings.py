"""What the reports say alike: how much a finding counts, where it is shown, and what there is to say of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from ecs5lint.location import Failure, Span
from ecs5lint.model.result import FAIL, NOT_APPLICABLE, PASS, SUPPRESSED, UNKNOWN, Report, Result
from ecs5lint.notices import Notice
from ecs5lint.text.visible import counted, escape

ERROR = "error"
WARNING = "warning"

#: The reasons for the verdict unknown, by which one tells what a suppressed finding would count as.
UNKNOWN_REASONS = frozenset({"unresolved", "containers-unresolved", "os-family-unresolved", "default"})

#: A longer text is cut in its middle, because what is wrong stands at the end of a message and the name in front.
_MAX_LENGTH = 500

#: How many of the values are listed that a configuration sets.
_MAX_SET = 10
#: How many reasons for skipping are listed.
_MAX_REASONS = 4

#: What is written at one place, and what is said of it: the results that differ in their task definition only.
Group = list[Result]


class Area(NamedTuple):
    """A stretch of a file: lines and columns from 1, `end_column` the one after the last character."""

    line: int
    column: int
    end_line: int
    end_column: int


def severity(result: Result, *, strict: bool) -> str:
    """Return what a finding counts as, or would count as if it were not suppressed."""
    return WARNING if _is_unknown(result) and not strict else ERROR


def _is_unknown(result: Result) -> bool:
    return result.verdict == UNKNOWN or (result.verdict == SUPPRESSED and result.reason in UNKNOWN_REASONS)


def findings(report: Report) -> list[Result]:
    """Return the results that somebody is to do something about."""
    return [result for result in report.results if result.verdict in (FAIL, UNKNOWN)]


def grouped(results: Iterable[Result]) -> list[Group]:
    """Return findings, those at one place of which the same is said together."""
    groups: dict[tuple[object, ...], Group] = {}
    for result in results:
        key = (
            result.rule,
            result.location.path,
            result.location.start,
            result.verdict,
            result.message,
            result.value_location and (result.value_location.path, result.value_location.start),
            result.when,
            result.assumptions,
        )
        groups.setdefault(key, []).append(result)
    return list(groups.values())


def shared_steps(groups: Iterable[Group]) -> list[str]:
    """Return the steps that are the same for every failing container."""
    return list(dict.fromkeys(step for group in groups for step in group[0].afterwards))


def steps_of_rules(groups: Sequence[Group]) -> list[tuple[str, list[str]]]:
    """Return the rules that there are findings of, each with the steps that are the same for its failures."""
    rules = dict.fromkeys(group[0].rule for group in groups)
    return [(rule, shared_steps(group for group in groups if group[0].rule == rule)) for rule in rules]


def remarks(report: Report) -> list[tuple[str, Failure | Notice]]:
    """Return what else there is to report, what could not be read first, and what it counts as."""
    return [*((ERROR, failure) for failure in report.failures), *((WARNING, notice) for notice in report.notices)]


def deciding(result: Result) -> Span:
    """Return what decides: the value, or the container where it has none."""
    return result.value_location or result.location


def area(span: Span | None) -> Area:
    """Return the lines and columns of a span, the very beginning of a file where there is none."""
    if span is None:
        return Area(1, 1, 1, 1)
    return Area(*span.source.position(span.start), *span.source.position(span.end))


def first_line(span: Span | None) -> Area:
    """Return the part of a span that is on its first line, which is enough to point at it."""
    whole = area(span)
    if span is None or whole.end_line == whole.line:
        return whole
    return whole._replace(end_line=whole.line, end_column=len(span.source.line_text(whole.line)) + 1)


def notes(result: Result, without: Iterable[str] = ()) -> Iterator[tuple[str, str]]:
    """Yield what there is to say besides the message, each with what it is called; of the steps those not `without`."""
    if result.when:
        yield "when", result.when
    for assumption in result.assumptions:
        yield "assuming", assumption
    for step in (*result.remedy, *result.afterwards):
        if step not in without:
            yield "help" if _is_unknown(result) else "fix", step


def lines(result: Result, without: Iterable[str] = ()) -> list[str]:
    """Return the message and the notes, each as it can be printed."""
    return [printable(result.message), *(f"{label}: {printable(text)}" for label, text in notes(result, without))]


def printable(text: str) -> str:
    """Return a text that may be from an input as it can be printed, and not too long."""
    if len(text) > _MAX_LENGTH:
        half = _MAX_LENGTH // 2
        text = f"{text[:half]}...{text[-half:]}"
    return escape(text)


def extent(report: Report) -> str:
    """Return how much was judged, in words."""
    counts = {"file": report.files, "task definition": report.task_definitions, "container": report.containers}
    return ", ".join(counted(count, noun) for noun, count in counts.items())


def outcome(report: Report) -> str:
    """Return what came out, in words."""
    counts = [f"{report.count(verdict)} {verdict}" for verdict in (PASS, FAIL, UNKNOWN)]
    rare = [verdict for verdict in (NOT_APPLICABLE, SUPPRESSED) if report.count(verdict)]
    counts += [f"{report.count(verdict)} {verdict.replace('_', ' ')}" for verdict in rare]
    if report.failures:
        counts.append(counted(len(report.failures), "error"))
    return ", ".join(counts)


def suppressions(report: Report) -> list[Result]:
    """Return the findings that are suppressed, except for those of the baseline, which may be many."""
    suppressed = [result for result in report.results if result.suppression]
    return [result for result in suppressed if result.suppression and result.suppression.kind != "baseline"]


def accepted(result: Result) -> str:
    """Return by what a finding is suppressed and why, in words."""
    assert result.suppression
    return f"suppressed ({result.suppression.kind}): {printable(result.suppression.reason)}"


def account(report: Report) -> list[str]:
    """Return what was not judged as it is written, and why, a line each."""
    baseline = report.count(SUPPRESSED) - len(suppressions(report))
    on_record = f"suppressed by the baseline: {counted(baseline, 'finding')}" if baseline else ""
    return [line for line in (configuration(report), on_record, skipped(report)) if line]


def configuration(report: Report) -> str:
    """Return which configuration was read and what it sets; an empty text if none was."""
    if report.configuration is None:
        return ""
    path, sets = report.configuration
    shown = [printable(item) for item in sets[:_MAX_SET]]
    if len(sets) > _MAX_SET:
        shown.append(f"and {len(sets) - _MAX_SET} more")
    return f"configuration: {escape(path)}" + (f", which sets {', '.join(shown)}" if shown else "")


def skipped(report: Report) -> str:
    """Return how much was skipped and why, in words; an empty text if nothing was."""
    counts = Counter(item.reason for item in report.skipped).most_common()
    reasons = [f"{count} {printable(reason)}" for reason, count in counts[:_MAX_REASONS]]
    others = sum(count for _, count in counts[_MAX_REASONS:])
    if others:
        reasons.append(f"{others} for other reasons")
    return f"skipped: {', '.join(reasons)}" if reasons else ""
