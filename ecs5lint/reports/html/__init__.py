"""Write the HTML report: one page for people, which loads nothing from anywhere. Its parts are the other files here.

Text from an input enters the page in two ways only: as the text of an element, which ElementTree escapes, and as JSON
in a script element, which the page's script reads and shows by `textContent`.
"""

from __future__ import annotations

import json
import os
from base64 import b64encode
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from string import Template
from xml.etree.ElementTree import Element, tostring

from ecs5lint import __version__
from ecs5lint.location import Edit, Failure, Span
from ecs5lint.model.result import FAIL, UNKNOWN, VERDICTS, Fix, Report, Result
from ecs5lint.notices import Notice, Skipped
from ecs5lint.reports import Options
from ecs5lint.reports.excerpt import escape_line, escape_path, position_text, shown_lines
from ecs5lint.reports.findings import (
    ERROR,
    Group,
    accepted,
    account,
    area,
    extent,
    findings,
    grouped,
    lines,
    notes,
    noun,
    outcome,
    printable,
    problems,
    severity,
    shared_steps,
    steps_of_rules,
    suppressions,
    with_calls,
)
from ecs5lint.reports.suggestions import suggested
from ecs5lint.rules import RULES
from ecs5lint.rules.explanation import explanation

_PAGE = os.path.dirname(__file__)

#: The largest number of bars in a chart. The filters of the page have all values.
_MAX_BARS = 8

#: The properties by which findings are counted, and their names on the page.
_FACETS = {"rule": "rule", "cause": "cause", "path": "file"}

#: The page loads nothing, and its script only inserts text: https://www.w3.org/TR/CSP3/,
#: https://www.w3.org/TR/trusted-types/.
_POLICY = (
    "default-src 'none'; img-src data:; style-src '{style}'; script-src '{script}'; "
    "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)

#: The maximum length of a changed line, and of the part before the change.
_MAX_CHANGED = 300
_MAX_COMMON = 60

_Object = dict[str, object]


def render(report: Report, options: Options) -> str:
    """Return the report as a page, in ASCII."""
    groups = sorted(grouped(findings(report)), key=lambda group: (group[0].location.path, group[0].location.start))
    common = shared_steps(groups)
    style, script = _part("page.css"), _part("page.js")
    parts = {
        "policy": _POLICY.format(style=_hash(style), script=_hash(script)),
        "style": style,
        "script": script,
        "title": f"ecs5lint: {_headline(report, groups)}",
        "summary": _html(_summary(report, groups, options)),
        "overview": _html([_overview(report, groups)]),
        "failures": _html(_failures(report)),
        "findings": _html([_without_script(groups, common, options)]),
        "others": _html(_others(report, groups)),
        "version": f"ecs5lint {__version__}",
        "data": _data([_finding(group, common, options) for group in groups]),
    }
    return Template(_part("page.html")).substitute(parts)


def _part(name: str) -> str:
    with open(os.path.join(_PAGE, name), encoding="ascii") as file:
        return file.read()


def _hash(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"


def _data(value: object) -> str:
    """Return JSON that neither ends its script element nor starts a comment in it."""
    return json.dumps(value, separators=(",", ":")).replace("<", r"\u003c")


# Elements


def _element(tag: str, *children: Element | str, **attributes: str) -> Element:
    """Return an element. `class_` sets the attribute `class`, and `data_value` sets `data-value`."""
    made = Element(tag, {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()})
    for child in children:
        if not isinstance(child, str):
            made.append(child)
        elif len(made):
            made[-1].tail = (made[-1].tail or "") + child
        else:
            made.text = (made.text or "") + child
    return made


def _html(elements: Iterable[Element]) -> str:
    return "\n".join(tostring(element, encoding="us-ascii", method="html").decode("ascii") for element in elements)


def _section(name: str, title: str, *children: Element) -> Element:
    heading = _element("h2", title, id=f"{name}-heading")
    return _element("section", heading, *children, id=name, aria_labelledby=f"{name}-heading")


def _table(caption: str, head: Iterable[str], rows: Iterable[Iterable[Element | str]]) -> Element:
    return _element(
        "table",
        _element("caption", caption),
        _element("thead", _element("tr", *(_element("th", name, scope="col") for name in head))),
        _element("tbody", *(_element("tr", *(_element("td", cell) for cell in row)) for row in rows)),
    )


def _code(text: str) -> Element:
    return _element("code", text)


# The head and the charts


def _summary(report: Report, groups: Sequence[Group], options: Options) -> Iterator[Element]:
    counted_as = {severity(result, strict=options.strict) for result in findings(report)}
    state = "bad" if report.failures or ERROR in counted_as else "open" if counted_as else "good"
    yield _element("p", _headline(report, groups), class_=f"outcome {state}")
    yield _element("p", f"{extent(report)}: {outcome(report)}", class_="muted")
    yield from (_element("p", line, class_="muted") for line in account(report))
    links = [
        _element("li", _element("a", f"{title} ({count})", href=f"#{name}"))
        for name, title, count in (
            ("failures", "Errors", len(report.failures)),
            ("findings", "Findings", len(groups)),
            ("warnings", "Warnings", len(report.notices)),
            ("suppressed", "Suppressed", len(suppressions(report))),
            ("skipped", "Skipped", len(report.skipped)),
        )
        if count or name == "findings"
    ]
    yield _element("nav", _element("ul", *links), aria_label="Sections")


def _headline(report: Report, groups: Sequence[Group]) -> str:
    return problems(report, groups) or "No problems found"


def _overview(report: Report, groups: Iterable[Group]) -> Element:
    counts = {verdict: report.count(verdict) for verdict in VERDICTS}
    charts = [
        _chart("verdict", "Results by verdict", Counter({name: count for name, count in counts.items() if count}))
    ]
    facets = [_facets(group[0]) for group in groups]
    for facet, title in _FACETS.items():
        counter = Counter(values[facet] for values in facets)
        if counter:
            charts.append(_chart(facet, f"Findings by {title}", counter))
    return _section("overview", "At a glance", _element("div", *charts, class_="charts"))


def _facets(result: Result) -> Mapping[str, str]:
    """Return the properties by which a finding is counted and filtered."""
    return {
        "verdict": result.verdict,
        "rule": result.rule,
        "cause": printable(result.cause or result.reason),
        "path": escape_path(printable(result.location.path)),
    }


def _chart(facet: str, title: str, counts: Counter[str]) -> Element:
    most = max(counts.values(), default=0)
    bars = [_bar(facet, name, count, most) for name, count in counts.most_common(_MAX_BARS)]
    others = len(counts) - len(bars)
    heading = _element("h3", title, id=f"by-{facet}")
    rest = [_element("p", f"and {others} more", class_="muted")] if others else []
    chart = _element("ul", *bars, class_="chart", aria_labelledby=f"by-{facet}")
    return _element("div", heading, chart, *rest, class_="card")


def _bar(facet: str, name: str, count: int, most: int) -> Element:
    """Return a bar of a chart. A bar that counts findings can be used as a filter."""
    width = f"{100 * count / most:.1f}"
    label = name.replace("_", " ") if facet == "verdict" else name
    text = _element(
        "div",
        _element("span", label, class_="label"),
        " ",
        _element("span", f"{count:,}", class_="number"),
        class_="text",
    )
    # The sizes are for a viewer that ignores the style sheet.
    bar = _element(
        "svg",
        _element("rect", width=width, height="8"),
        width="240",
        height="8",
        viewBox="0 0 100 8",
        preserveAspectRatio="none",
        aria_hidden="true",
    )
    kind = {"class_": name} if facet == "verdict" else {}
    is_filter = facet != "verdict" or name in (FAIL, UNKNOWN)
    return _element("li", text, bar, **kind, **({"data_facet": facet, "data_value": name} if is_filter else {}))


# The findings


def _finding(group: Group, common: list[str], options: Options) -> _Object:
    """Return the data of a finding for the page's script. All texts are safe to print."""
    result = group[0]
    at = area(result.location)
    return {
        **_facets(result),
        "severity": severity(result, strict=options.strict),
        "at": f"{at.line}:{at.column}" if result.location.source.has_lines else "",
        "message": printable(result.message),
        "address": printable(result.resource.address),
        "noun": noun(result),
        "definitions": [printable(with_calls(result)) for result in group],
        "notes": [(printable(label), printable(text)) for label, text in _notes(group, common)],
        "excerpt": [
            {
                "place": "" if span.path == result.location.path else position_text(span),
                "lines": shown,
            }
            for span, shown in shown_lines(result.location, result.value_location)
        ],
        "diff": _diff(result.fix) if result.fix else [],
    }


def _diff(fix: Fix) -> list[_Object]:
    """Return the lines that a fix changes, by file."""
    by_path: dict[str, list[Edit]] = {}
    for edit in fix.edits:
        by_path.setdefault(edit.path, []).append(edit)
    return [
        {"place": escape_path(path), "lines": _changed(suggested(fix._replace(edits=tuple(edits))))}
        for path, edits in by_path.items()
    ]


def _changed(lines: Sequence[str]) -> list[tuple[str, str]]:
    """Return the signs and the texts of changed lines. A long line is cut to the part around the first change."""
    texts = [line[1:] for line in lines]
    common = next((at for at, found in enumerate(zip(*texts, strict=False)) if len(set(found)) > 1), 0)
    start = max(0, common - _MAX_COMMON) if max(map(len, texts), default=0) > _MAX_CHANGED else 0
    cut = [
        "..." * (start > 0) + text[start : start + _MAX_CHANGED] + "..." * (len(text) > start + _MAX_CHANGED)
        for text in texts
    ]
    return [(line[0], escape_line(text)) for line, text in zip(lines, cut, strict=True)]


def _notes(group: Group, common: list[str]) -> Iterator[tuple[str, str]]:
    result = group[0]
    if result.resource.construct:
        yield "construct", result.resource.construct
    yield from notes(group, common)


def _without_script(groups: Iterable[Group], common: list[str], options: Options) -> Element:
    """Return the findings for a viewer without scripts, such as a mail program or a CI system."""
    rows = [
        (
            f"{severity(group[0], strict=options.strict)} ({group[0].verdict})",
            _code(position_text(group[0].location)),
            _element("div", *(_element("p", _code(printable(with_calls(result)))) for result in group)),
            _element("div", *(_element("p", line) for line in lines(group, without=common))),
            group[0].rule,
        )
        for group in groups
    ]
    if not rows:
        return _element("noscript", _element("p", "No findings."))
    head = ("verdict", "place", "task definition", "what", "rule")
    return _element("noscript", _table("Filters, search and lines of source need JavaScript.", head, rows))


# The other lists


def _failures(report: Report) -> Iterator[Element]:
    if report.failures:
        entries = [_entry("error", failure) for failure in report.failures]
        yield _section("failures", "Errors", _element("ul", *entries, class_="entries"))


def _entry(kind: str, remark: Failure | Notice) -> Element:
    where = position_text(remark.span) if remark.span else escape_path(printable(remark.path))
    head = _element("p", _element("span", kind, class_=f"badge {kind}"), " ", _code(where))
    excerpt = _excerpt(remark.span) if kind == "error" and remark.span else []
    return _element("li", head, _element("p", printable(remark.message)), *excerpt)


def _excerpt(span: Span) -> list[Element]:
    sources = []
    for _, shown in shown_lines(span, None):
        for number, before, marked, after, _ in shown:
            code = _element("code", before.replace("\t", "    "))
            if marked is not None:
                code.extend([_element("mark", marked.replace("\t", "    "))])
                code[0].tail = after.replace("\t", "    ")
            sources.append(_element("span", code, class_="source", data_number=str(number)))
    return [_element("figure", _element("pre", *sources), class_="excerpt")]


def _others(report: Report, groups: Sequence[Group]) -> Iterator[Element]:
    if groups:
        rules = (element for rule, steps in steps_of_rules(groups) for element in _rule(rule, steps))
        yield _section("rules", "How to fix it", *rules)
    if report.notices:
        entries = [_entry("warning", notice) for notice in report.notices]
        yield _section("warnings", "Warnings", _element("ul", *entries, class_="entries"))
    if suppressed := suppressions(report):
        rows = [_suppressed(result) for result in suppressed]
        head = ("place", "suppressed by, and why", "finding", "rule")
        yield _section("suppressed", "Suppressed", _folded(_table("", head, rows), len(rows)))
    if report.skipped:
        skipped = [_skipped(item) for item in report.skipped]
        yield _section("skipped", "Skipped", _folded(_table("", ("path", "reason"), skipped), len(skipped)))


def _skipped(item: Skipped) -> tuple[Element, str]:
    line = f":{item.line}" if item.line else ""
    return _code(escape_path(printable(item.path)) + line), printable(item.detail or item.reason)


def _rule(name: str, steps: Iterable[str]) -> Iterator[Element]:
    """Yield the title of a rule, the common steps of its failures, and its page, collapsed."""
    rule = RULES[name]
    yield _element("h3", f"{name}: {rule.title}")
    control = _element("a", "the control of AWS Security Hub", href=rule.url, rel="noopener noreferrer")
    yield _element("p", f"Severity: {rule.severity}. Description: ", control)
    items = [_element("li", printable(step)) for step in steps]
    if items:
        yield _element("p", "For each container that fails, after the fix:")
        yield _element("ol", *items)
    page = explanation(name).partition("\n")[2].strip()
    yield _element("details", _element("summary", f"More on {name}"), _element("pre", page), class_="list")


def _suppressed(result: Result) -> tuple[Element | str, ...]:
    return _code(position_text(result.location)), accepted(result), printable(result.message), result.rule


def _folded(table: Element, count: int) -> Element:
    return _element("details", _element("summary", f"Show {count:,}"), table, class_="list")
