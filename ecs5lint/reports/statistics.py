"""Count the findings by rule, reason and cause."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from ecs5lint.model.result import UNKNOWN, Report
from ecs5lint.reports.findings import findings, grouped, printable


def statistics(report: Report) -> Iterator[str]:
    """Yield the lines of three tables: for rules, reasons, and causes of unknowns. A position is one finding."""
    results = [group[0] for group in grouped(findings(report))]
    unknown = [result for result in results if result.verdict == UNKNOWN]
    yield from _table("Findings by rule", (result.rule for result in results))
    yield from _table("Findings by reason", (result.reason for result in results))
    yield from _table("Unknowns by cause", (result.cause or result.reason for result in unknown))


def _table(title: str, names: Iterable[str]) -> Iterator[str]:
    """Yield a title, and a line for each name, with the most frequent first. Yield nothing without names."""
    counts = Counter(names)
    if not counts:
        return
    yield f"{title}:"
    width = len(str(max(counts.values())))
    for name, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        yield f"  {count:{width}}  {printable(name)}"
    yield ""
