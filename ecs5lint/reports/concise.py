"""The concise report: one line for each finding, error and notice, in columns, and the summary."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ecs5lint.model.result import Report
from ecs5lint.reports import Options
from ecs5lint.reports.colors import BOLD, RED, YELLOW, colored, link, plain
from ecs5lint.reports.excerpt import escape_path, position_text
from ecs5lint.reports.findings import ERROR, Group, findings, grouped, printable, remarks, severity
from ecs5lint.reports.text import ending
from ecs5lint.rules import RULES

#: The maximum width of a position in its column. Longer ones are not aligned.
_MAX_PLACE = 60

#: A position, its severity, the rule (empty for a notice), and the message.
_Row = tuple[str, str, str, str]


def render(report: Report, options: Options) -> str:
    """Return the report as lines in columns."""
    paint = colored if options.color else plain
    groups = grouped(findings(report))
    rows = list(_rows(report, groups, options))
    width = max((len(row[0]) for row in rows if len(row[0]) <= _MAX_PLACE), default=0)
    rules = max((len(row[2]) for row in rows), default=0)
    lines = []
    for where, counts_as, rule, message in rows:
        shown = link(rule, RULES[rule].page) if options.links and rule else rule
        counted = paint(counts_as, RED if counts_as == ERROR else YELLOW) + " " * (len("warning") - len(counts_as))
        columns = (
            paint(where, BOLD) + " " * (width - len(where)),
            counted,
            shown + " " * (rules - len(rule)),
            message,
        )
        lines.append("  ".join(columns))
    if options.statistics:
        from ecs5lint.reports.statistics import statistics

        lines += ["", *statistics(report)]
    if not options.quiet:
        lines += [""] * (bool(rows) and not options.statistics)
        lines += ending(report, groups, options, paint)
    return "".join(f"{line}\n" for line in lines)


def _rows(report: Report, groups: Sequence[Group], options: Options) -> Iterator[_Row]:
    for group in groups:
        result = group[0]
        counts_as = severity(result, strict=options.strict)
        yield position_text(result.location), counts_as, result.rule, printable(result.message)
    for counts_as, remark in remarks(report):
        where = position_text(remark.span) if remark.span else escape_path(remark.path)
        yield where, counts_as, "", printable(remark.message)
