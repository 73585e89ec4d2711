"""Import the findings on the source of a project to AWS Security Hub.

https://docs.aws.amazon.com/securityhub/latest/userguide/finding-update-batchimportfindings.html
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timezone
from threading import Event
from typing import Any

from ecs5lint.findings.fingerprint import fingerprints
from ecs5lint.live.accounts import Access, AccessError, Accounts, Target, problem
from ecs5lint.location import Failure, Source, Span
from ecs5lint.model.result import FAIL, UNKNOWN, Report, Result
from ecs5lint.reports.findings import deciding, printable
from ecs5lint.reports.repository import Repository
from ecs5lint.rules import RULES

_Finding = dict[str, Any]

#: The prefix of the ids and of the generators.
_PREFIX = "ecs5lint/"
#: The largest number of findings in a call.
_BATCH = 100
#: The largest lengths of a title, a description, the text of a recommendation, and other values.
_TITLE, _DESCRIPTION, _RECOMMENDATION, _VALUE = 256, 1024, 512, 1024

_TYPE = "Software and Configuration Checks/AWS Security Best Practices"
_STATUS = {FAIL: "FAILED", UNKNOWN: "WARNING"}

#: The fields that a finding keeps when it is archived.
_KEPT = ("SchemaVersion", "Id", "ProductArn", "GeneratorId", "AwsAccountId", "CreatedAt", "Title", "Description")


class Hub:
    """Security Hub in the account and Region of the credentials. Raises AccessError."""

    def __init__(self, access: Access) -> None:
        accounts = Accounts(access, Event())
        targets = list(accounts.targets())
        if len(targets) != 1 or targets[0].error:
            raise AccessError(targets[0].error if targets else "--security-hub needs exactly one Region")
        self.target = targets[0]
        self._client = accounts.security_hub(self.target)

    def existing(self, name: str) -> dict[str, _Finding]:
        """Return the active findings of a repository by their ids. Raises AccessError."""
        filters = {
            "ProductArn": [{"Value": _product(self.target), "Comparison": "EQUALS"}],
            "Id": [{"Value": f"{_PREFIX}{name}/", "Comparison": "PREFIX"}],
            "RecordState": [{"Value": "ACTIVE", "Comparison": "EQUALS"}],
        }
        try:
            pages = self._client.get_paginator("get_findings").paginate(Filters=filters)
            return {item["Id"]: item for page in pages for item in page["Findings"] if _is_of(item, name)}
        except Exception as error:
            raise AccessError(problem(error, "GetFindings")) from None

    def send(self, findings: Sequence[_Finding]) -> Iterator[Failure]:
        """Import findings, and yield a failure for each that was refused."""
        for start in range(0, len(findings), _BATCH):
            batch = list(findings[start : start + _BATCH])
            try:
                answer = self._client.batch_import_findings(Findings=batch)
            except Exception as error:
                yield _failure(problem(error, "BatchImportFindings"), self.target)
                continue
            for item in answer.get("FailedFindings", ()):
                yield _failure(f"BatchImportFindings refused {item['Id']}: {item['ErrorMessage']}", self.target)


def findings(report: Report, name: str, target: Target, existing: dict[str, _Finding]) -> list[_Finding]:
    """Return the findings on a repository in the format of Security Hub, and those to archive because they are gone.

    A finding is gone only if the run checked its rule and could read everything.
    """
    now = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    repository = Repository()
    found: dict[str, _Finding] = {}
    for result, fingerprint in zip(report.results, fingerprints(report.results), strict=True):
        if result.verdict in _STATUS:
            id = f"{_PREFIX}{name}/{fingerprint}"
            created = existing.get(id, {}).get("CreatedAt", now)
            found[id] = _finding(result, id, name, repository, target) | {"CreatedAt": created, "UpdatedAt": now}
    generators = {f"{_PREFIX}{rule}" for rule in report.rules}
    gone = [
        _archived(item, now)
        for id, item in existing.items()
        if id not in found and item.get("GeneratorId") in generators and not report.failures
    ]
    return [*found.values(), *gone]


def _finding(result: Result, id: str, name: str, repository: Repository, target: Target) -> _Finding:
    rule, span = RULES[result.rule], deciding(result)
    path = printable(repository.path(span.path))
    details = {"repository": name, "path": path, "line": str(span.line), "address": result.resource.address}
    if result.container:
        details["container"] = result.container
    advice = " ".join(map(printable, result.remedy)) or f"ecs5lint --explain {rule.id}"
    return {
        "SchemaVersion": "2018-10-08",
        "Id": id,
        "ProductArn": _product(target),
        "GeneratorId": f"{_PREFIX}{rule.id}",
        "AwsAccountId": target.account,
        "Title": f"{rule.id}: {rule.title}"[:_TITLE],
        "Description": f"{path}:{span.line}: {printable(result.message)}"[:_DESCRIPTION],
        # Customers may change the fields of the same names outside of this one.
        "FindingProviderFields": {"Severity": {"Label": rule.severity.upper()}, "Types": [_TYPE]},
        "Remediation": {"Recommendation": {"Text": advice[:_RECOMMENDATION], "Url": rule.url}},
        "Resources": [
            {
                "Type": "Other",
                "Id": f"{name}/{path}"[:_DESCRIPTION],
                "Details": {"Other": {key: printable(text)[:_VALUE] for key, text in details.items()}},
            }
        ],
        "Compliance": {"Status": _STATUS[result.verdict]},
        "RecordState": "ACTIVE",
    }


def _archived(item: _Finding, now: str) -> _Finding:
    kept = {key: item[key] for key in _KEPT if key in item}
    resources = [{key: found[key] for key in ("Type", "Id") if key in found} for found in item["Resources"]]
    provider = {"FindingProviderFields": item["FindingProviderFields"]} if "FindingProviderFields" in item else {}
    return {**kept, **provider, "Resources": resources, "UpdatedAt": now, "RecordState": "ARCHIVED"}


def _is_of(item: _Finding, name: str) -> bool:
    return str(item.get("Id")).startswith(f"{_PREFIX}{name}/") and item.get("RecordState", "ACTIVE") == "ACTIVE"


def _product(target: Target) -> str:
    account = target.account
    return f"arn:{target.partition}:securityhub:{target.region}:{account}:product/{account}/default"


def _failure(message: str, target: Target) -> Failure:
    source = Source(_product(target), "", "json")
    return Failure(message, source.path, Span(source, 0, 0))
