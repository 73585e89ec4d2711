"""Write a GitLab Code Quality report: https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format."""

from __future__ import annotations

from ecs5lint.findings.fingerprint import fingerprints, fingerprints_of
from ecs5lint.location import Span
from ecs5lint.model.result import Fix, Report
from ecs5lint.reports import Options
from ecs5lint.reports.findings import (
    ERROR,
    WARNING,
    deciding,
    findings,
    first_line,
    grouped,
    lines,
    printable,
    remarks,
    severity,
    shared_steps,
)
from ecs5lint.reports.json import json_text
from ecs5lint.reports.repository import Repository
from ecs5lint.reports.suggestions import suggested
from ecs5lint.rules import RULES
from ecs5lint.text.visible import escape

_Object = dict[str, object]

_SEVERITIES = {ERROR: "critical", WARNING: "minor"}
#: GitLab's severity of an error, by the severity of the control in Security Hub.
_OF_CONTROLS = {"critical": "blocker", "high": "critical", "medium": "major", "low": "minor"}


def render(report: Report, options: Options) -> str:
    """Return the report as a list of issues: the findings, failures and notices."""
    repository = Repository()
    issues = []
    groups = grouped(findings(report))
    common = shared_steps(groups)
    fingerprint_of = dict(zip(map(id, report.results), fingerprints(report.results), strict=True))
    for group in groups:
        result, span = group[0], deciding(group[0])
        counts_as = severity(result, strict=options.strict)
        location = _location(span.path, span, repository)
        further = [step for item in group for step in item.remedy[1:]]
        description = "; ".join(lines(group, without=[*further, *common]))
        counted = _OF_CONTROLS[RULES[result.rule].severity] if counts_as == ERROR else _SEVERITIES[counts_as]
        issue = _issue(result.rule, counted, description, location, fingerprint_of[id(result)])
        issues.append({**issue, "content": _suggestion(result.fix)} if result.fix else issue)
    others = remarks(report)
    known_by = fingerprints_of((remark.path, remark.message) for _, remark in others)
    for (counts_as, remark), fingerprint in zip(others, known_by, strict=True):
        location = _location(remark.path, remark.span, repository)
        issues.append(_issue("ecs5lint", _SEVERITIES[counts_as], printable(remark.message), location, fingerprint))
    return json_text(issues, levels=1)


def _issue(check: str, counted: str, description: str, location: _Object, fingerprint: str) -> _Object:
    return {
        "description": description,
        "check_name": check,
        "fingerprint": fingerprint,
        "severity": counted,
        "location": location,
    }


def _suggestion(fix: Fix) -> _Object:
    """Return the lines that a fix changes, in Markdown."""
    changed = "\n".join(escape(line) for line in suggested(fix))
    return {"body": f"````diff\n{changed}\n````\n"}


def _location(path: str, span: Span | None, repository: Repository) -> _Object:
    return {"path": escape(repository.path(path)), "lines": {"begin": first_line(span).line}}
