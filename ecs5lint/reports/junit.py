"""Write a JUnit report, which GitLab, Jenkins, CodeBuild and most other CI systems read.

The format has no single definition. https://github.com/testmoapp/junitxml describes the common parts.
"""

from __future__ import annotations

from collections import Counter
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from ecs5lint.model.result import FAIL, PASS, UNKNOWN, Report, Result
from ecs5lint.reports import Options
from ecs5lint.reports.excerpt import position_text
from ecs5lint.reports.findings import ERROR, accepted, account, lines, printable, severity
from ecs5lint.rules import RULES
from ecs5lint.text.visible import escape


def render(report: Report, options: Options) -> str:
    """Return the report with a test case for each container."""
    root = Element("testsuites", name="ecs5lint")
    suite = SubElement(root, "testsuite", name="ecs5lint")
    names: Counter[tuple[str, str]] = Counter()
    for result in report.results:
        path, name = escape(result.location.path), _name(result, report)
        names[path, name] += 1
        # GitLab merges test cases with the same name.
        name += f" #{names[path, name]}" * (names[path, name] > 1)
        _outcome(_case(suite, path, name), result, options)
    for failure in report.failures:
        where = position_text(failure.span) if failure.span else escape(failure.path)
        case = _case(suite, escape(failure.path), f"read {where}")
        message = printable(failure.message)
        SubElement(case, "error", message=message, type="error").text = f"{where}: {message}"
    counts = Counter(child.tag for case in suite for child in case)
    totals = {"tests": len(suite), "failures": counts["failure"], "errors": counts["error"]}
    for element in (root, suite):
        element.attrib.update({name: str(count) for name, count in totals.items()}, time="0")
    suite.set("skipped", str(counts["skipped"]))
    if said := account(report):
        SubElement(suite, "system-out").text = "\n".join(said)
    indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{tostring(root, encoding="unicode")}\n'


def _case(suite: Element, path: str, name: str) -> Element:
    return SubElement(suite, "testcase", classname=path, name=name, file=path, time="0")


def _name(result: Result, report: Report) -> str:
    name = printable(result.resource.address)
    if not RULES[result.rule].reads:
        index = result.container_index
        container = "container definitions" if index is None else result.container or f"[{index}]"
        name += f" {printable(container)}"
    return f"{name} {result.rule}" if len(report.rules) > 1 else name


def _outcome(case: Element, result: Result, options: Options) -> None:
    """Add the outcome. JUnit has no warnings: `skipped` is shown but does not fail the job."""
    if result.verdict == PASS:
        return
    said = lines([result])
    message = said[0]
    if result.suppression:
        message = accepted(result)
    is_failure = result.verdict in (FAIL, UNKNOWN) and severity(result, strict=options.strict) == ERROR
    element = SubElement(case, "failure" if is_failure else "skipped", message=message)
    if is_failure:
        element.set("type", result.reason)
    element.text = f"{position_text(result.location)}: " + "\n".join(said)
