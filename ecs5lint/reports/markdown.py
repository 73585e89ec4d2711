"""Write a Markdown report, for a job summary or a pull request comment: https://github.github.com/gfm/."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from itertools import chain

from ecs5lint.model.result import Report, Result
from ecs5lint.reports import Options
from ecs5lint.reports.excerpt import position_text
from ecs5lint.reports.findings import (
    ERROR,
    Group,
    accepted,
    account,
    by_text,
    extent,
    findings,
    lines,
    merged,
    of_first_rule,
    outcome,
    printable,
    problems,
    remarks,
    rules,
    severity,
    steps_of_rules,
    suppressions,
)
from ecs5lint.reports.suggestions import suggested
from ecs5lint.rules.explanation import explanation
from ecs5lint.text.visible import escape

#: A comment on GitHub may have 65,536 characters. This leaves room for more text in the comment.
_MAX_LENGTH = 60_000

_HEAD = """\

| | place | container | {} | what |
|---|---|---|---|---|
"""

#: The content of a row: its severity, and the texts of its cells. The last cell has a text for each line.
_Row = tuple[str, str, str, str, list[str]]


def render(report: Report, options: Options) -> str:
    """Return a summary line, a table of the findings with errors first, and a folded section on how to fix them."""
    found = by_text(findings(report))
    groups = list(found.values())
    steps = steps_of_rules(groups)
    common = frozenset(chain.from_iterable(own for _, own in steps))
    rows = [_finding(group, common, options, report) for group in merged(found)]
    for counts_as, remark in remarks(report):
        where = position_text(remark.span) if remark.span else escape(remark.path)
        rows.append((counts_as, where, "", "", [printable(remark.message)]))
    rows += [_suppressed(result, report) for result in suppressions(report)]
    rows.sort(key=lambda row: row[0] != ERROR)
    count = problems(report, groups)
    said = f"{count}. " if count else ""
    head = f"**ecs5lint**: {said}{extent(report)}: **{outcome(report)}**\n"
    head += "".join(f"\n{_code(line)}\n" for line in account(report))
    fold = "".join(_how_to_fix(rule, own, report) for rule, own in steps)
    noun = "resource" if report.resources else "task definition"
    return head + _table(rows, _MAX_LENGTH - len(head) - len(fold), noun) + fold


def _finding(group: Group, common: Collection[str], options: Options, report: Report) -> _Row:
    result = group[0]
    container = "" if result.container_index is None else printable(result.container or f"[{result.container_index}]")
    address = printable(result.resource.address)
    more = len(of_first_rule(group)) - 1
    if more:
        address += f" and {more} more"
    counts_as = severity(result, strict=options.strict)
    first, *others = lines(group, without=common)
    if result.fix:
        others += map(printable, suggested(result.fix))
    return (
        counts_as,
        position_text(result.location),
        container,
        address,
        [_with_rules(first, rules(group), report), *others],
    )


def _suppressed(result: Result, report: Report) -> _Row:
    container = "" if result.container_index is None else printable(result.container or f"[{result.container_index}]")
    address = printable(result.resource.address)
    message = _with_rules(printable(result.message), [result.rule], report)
    return "suppressed", position_text(result.location), container, address, [accepted(result), message]


def _with_rules(message: str, named: Sequence[str], report: Report) -> str:
    """Return a message, with its rules if the run checked several."""
    return f"{message} [{', '.join(named)}]" if len(report.rules) > 1 else message


def _table(rows: Sequence[_Row], room: int, noun: str) -> str:
    """Return the table with as many rows as fit, and the number of omitted rows."""
    if not rows:
        return ""
    shown = _HEAD.format(noun)
    for index, (counts_as, where, container, address, what) in enumerate(rows):
        cells = [counts_as, _code(where), _code(container), _code(address), "<br>".join(map(_code, what))]
        row = f"| {' | '.join(cells)} |\n"
        more = f"\nAnd {len(rows) - index} more, which the log has.\n"
        if len(shown) + len(row) + len(more) > room:
            return shown + more
        shown += row
    return shown


def _how_to_fix(rule: str, steps: Sequence[str], report: Report) -> str:
    summary = f"How to fix it ({rule})" if len(report.rules) > 1 else "How to fix it"
    (section,) = re.findall(r"^## How to fix it\n(.*?)(?=^## |\Z)", explanation(rule), re.DOTALL | re.MULTILINE)
    listed = "".join(f"- {_code(printable(step))}\n" for step in steps)
    return f"\n<details><summary>{summary}</summary>\n\n{listed}{section}</details>\n"


def _code(text: str) -> str:
    """Return a text as code for a table cell. In code, markup, mentions and links have no effect.

    A `|` needs a backslash in a cell. That backslash must not follow another one, since it would then be escaped.
    """
    if not text:
        return ""
    text = re.sub(r"\\+(?=\|)", lambda match: r"\x5c" * len(match[0]), text).replace("|", r"\|")
    fence = "`" * (1 + max(map(len, re.findall("`+", text)), default=0))
    pad = " " if "`" in text else ""
    return f"{fence}{pad}{text}{pad}{fence}"
