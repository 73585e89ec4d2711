"""Write a SARIF report, for GitHub code scanning and other viewers.

The format: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html GitHub's support for it:
https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning
"""

from __future__ import annotations

import os
import re
from itertools import islice
from urllib.parse import quote

from ecs5lint import __version__
from ecs5lint.findings.fingerprint import fingerprints
from ecs5lint.light_typing import NamedTuple
from ecs5lint.location import Failure, Span, is_arn
from ecs5lint.model.result import FAIL, SUPPRESSED, UNKNOWN, Fix, Report, Suppression
from ecs5lint.notices import Notice
from ecs5lint.reports import Options
from ecs5lint.reports.findings import (
    Area,
    Group,
    account,
    area,
    deciding,
    findings,
    first_line,
    grouped,
    lines,
    printable,
    related,
    remarks,
    severity,
    shared_steps,
)
from ecs5lint.reports.json import json_text
from ecs5lint.reports.repository import Repository
from ecs5lint.rules import RULES
from ecs5lint.rules.explanation import explanation

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

#: GitHub's number for the severity of a control in Security Hub: the lowest of each range.
_SECURITY_SEVERITIES = {"critical": "9.0", "high": "7.0", "medium": "4.0", "low": "0.1"}

#: The maximum number of related locations of a result. A module can have many callers.
_MAX_RELATED = 20

#: The kinds of suppressions at the position of the finding. All others are in separate files.
_IN_SOURCE = ("comment", "metadata", "checkov", "cfn-lint", "cfn-guard", "trivy", "kics")

_Object = dict[str, object]


class _Run(NamedTuple):
    """The shared data of all results.

    `common` has the steps that are the same for every container; the help has them.
    """

    repository: Repository
    rules: tuple[str, ...]
    common: list[str]
    strict: bool


def render(report: Report, options: Options) -> str:
    """Return the report as a SARIF log with one run.

    It has no passes: SARIF has a kind for them, but GitHub shows every result as an alert.
    """
    run = _Run(Repository(), report.rules, shared_steps(grouped(findings(report))), options.strict)
    fingerprint_of = dict(zip(map(id, report.results), fingerprints(report.results), strict=True))
    groups = grouped(result for result in report.results if result.verdict in (FAIL, UNKNOWN, SUPPRESSED))
    results = [_result(group, fingerprint_of[id(group[0])], run) for group in groups]
    log = {
        "tool": {
            "driver": {
                "name": "ecs5lint",
                "semanticVersion": __version__,
                "rules": [_rule(name) for name in run.rules],
            }
        },
        "columnKind": "unicodeCodePoints",
        "invocations": [
            {
                "executionSuccessful": not report.failures,
                "toolExecutionNotifications": [
                    *(_notification(level, remark, run.repository) for level, remark in remarks(report)),
                    *({"level": "note", "message": {"text": text}} for text in account(report)),
                ],
            }
        ],
        "results": results,
    }
    return json_text({"$schema": _SCHEMA, "version": "2.1.0", "runs": [log]}, levels=4)


def _rule(name: str) -> _Object:
    """Return a rule with its documentation."""
    title = RULES[name].title
    text = explanation(name).partition("\n")[2].strip()
    return {
        "id": name,
        "name": "".join(word.capitalize() for word in re.findall(r"\w+", title)),
        "shortDescription": {"text": f"{title[:1].upper()}{title[1:]}."},
        "fullDescription": {"text": text.partition("\n\n")[0].replace("\n", " ").replace("`", "")},
        "help": {"text": text, "markdown": text},
        "helpUri": RULES[name].page,
        "defaultConfiguration": {"level": "error"},
        "properties": {
            "tags": ["security", "aws", "ecs", "containers"],
            "precision": "high",
            "security-severity": _SECURITY_SEVERITIES[RULES[name].severity],
        },
    }


def _result(group: Group, fingerprint: str, run: _Run) -> _Object:
    result = group[0]
    main = deciding(result)
    spans = dict.fromkeys(span for item in group for span in related(item, deciding(item)))
    numbered = dict(enumerate(islice(spans, _MAX_RELATED), 1))
    return {
        "ruleId": result.rule,
        "ruleIndex": run.rules.index(result.rule),
        # SARIF has the kind "open" for an unknown, but then its level would have to be "none" instead of a warning.
        "level": severity(result, strict=run.strict),
        "message": {"text": _message(group, numbered, run.common)},
        # GitHub shows an alert in a pull request if all its lines changed, so one line is enough.
        "locations": [_location(main.path, first_line(main), run.repository)],
        "relatedLocations": [
            {"id": number, **_location(span.path, area(span), run.repository), "message": {"text": name}}
            for number, (name, span) in numbered.items()
        ],
        # GitHub adds its own fingerprint, primaryLocationLineHash, which depends on the text of the line.
        "partialFingerprints": {"ecs5lint/v1": fingerprint},
        # Either all results have this, or none has (3.27.23).
        "suppressions": [_suppression(result.suppression, run.repository)] if result.suppression else [],
        **({"fixes": [_fix(result.fix, run.repository)]} if result.fix else {}),
    }


def _fix(fix: Fix, repository: Repository) -> _Object:
    by_path: dict[str, list[_Object]] = {}
    for edit in fix.edits:
        replacement = {"deletedRegion": _region(area(edit.span)), "insertedContent": {"text": edit.text}}
        by_path.setdefault(edit.path, []).append(replacement)
    return {
        "description": {"text": printable(fix.description)},
        "artifactChanges": [
            {"artifactLocation": _artifact(path, repository), "replacements": replacements}
            for path, replacements in by_path.items()
        ],
    }


def _message(group: Group, related: dict[int, tuple[str, Span]], common: list[str]) -> str:
    """Return the problem in the first line, the fix in the next lines, and links to the related locations."""
    first, *others = lines(group, without=common)
    links = [f"[{name}]({number})" for number, (name, _) in related.items()]
    # Text from an input must not create a link (3.11.6).
    text = "\n".join([f"{first}.", *others]).replace("](", "] (")
    return f"{text}\nSee: {', '.join(links)}." if links else text


def _suppression(suppression: Suppression, repository: Repository) -> _Object:
    where = suppression.span
    return {
        "kind": "inSource" if suppression.kind in _IN_SOURCE else "external",
        "status": "accepted",
        "justification": printable(suppression.reason),
        **({"location": _location(where.path, area(where), repository)} if where else {}),
    }


def _notification(level: str, remark: Failure | Notice, repository: Repository) -> _Object:
    location = _location(remark.path, first_line(remark.span), repository)
    return {"level": level, "message": {"text": printable(remark.message)}, "locations": [location]}


def _location(path: str, at: Area, repository: Repository) -> _Object:
    if is_arn(path):
        artifact = {"uri": quote(path, safe=":/")}
        name = {"fullyQualifiedName": path, "kind": "resource"}
        return {"physicalLocation": {"artifactLocation": artifact}, "logicalLocations": [name]}
    return {"physicalLocation": {"artifactLocation": _artifact(path, repository), "region": _region(at)}}


def _region(at: Area) -> _Object:
    return {
        "startLine": at.line,
        "startColumn": at.column,
        "endLine": at.end_line,
        "endColumn": at.end_column,
    }


def _artifact(path: str, repository: Repository) -> _Object:
    """Return a file as a URI: relative to the repository, or absolute outside it (3.10.2)."""
    path = repository.path(path)
    # The bytes of a name that is not UTF-8 are kept.
    uri = quote(os.fsencode(path))
    if os.path.isabs(path):
        # The path of Windows, C:/a, keeps its colon.
        return {"uri": f"file://{uri}" if uri.startswith("/") else f"file:///{uri.replace('%3A', ':', 1)}"}
    return {"uri": uri, "uriBaseId": "%SRCROOT%"}
