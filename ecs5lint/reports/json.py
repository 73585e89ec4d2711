"""Write the JSON report, the contract for other programs. Within a version, keys are only added."""

from __future__ import annotations

import json
from collections.abc import Iterable

from ecs5lint import __version__
from ecs5lint.location import Failure, Span
from ecs5lint.model.registered import Registered
from ecs5lint.model.result import VERDICTS, Fix, Origin, Report, Result, Suppression
from ecs5lint.notices import Notice, Skipped
from ecs5lint.reports import Options

VERSION = 1

# The encoder of the standard library takes ten times as long if it has to indent.
_encoded = json.JSONEncoder(check_circular=False).encode


def render(report: Report, _options: Options) -> str:
    """Return the report as one JSON document, with every checked container, passes included."""
    summary = {
        "files": report.files,
        "task_definitions": report.task_definitions,
        "containers": report.containers,
        "resources": dict(report.resources),
        **{verdict: report.count(verdict) for verdict in VERDICTS},
        "errors": len(report.failures),
        "skipped": len(report.skipped),
    }
    document = {
        "version": VERSION,
        "tool": {"name": "ecs5lint", "version": __version__},
        "summary": summary,
        "results": map(_result, report.results),
        "errors": [_message(failure) for failure in report.failures],
        "warnings": [_message(notice) for notice in report.notices],
        "skipped": [_skipped(item) for item in report.skipped],
        "configuration": report.configuration and report.configuration._asdict(),
    }
    return json_text(document, levels=2)


def _skipped(item: Skipped) -> dict[str, object]:
    line, column = item.span.source.position(item.span.start) if item.span else (None, None)
    return {"path": item.path, "reason": item.reason, "line": line, "column": column, "detail": item.detail or None}


def _result(result: Result) -> dict[str, object]:
    resource = result.resource
    container = None
    if result.container_index is not None:
        container = {"name": result.container, "index": result.container_index}
    where = {"address": resource.address, "path": resource.location.path, "line": _line(resource.location)}
    return {
        "rule": result.rule,
        "verdict": result.verdict,
        "reason": result.reason,
        "message": result.message,
        "source": resource.source,
        "location": _location(result.location),
        "value_location": _location(result.value_location) if result.value_location else None,
        "task_definition": {**where, "construct": resource.construct} if result.task_definition else None,
        "container": container,
        "when": result.when,
        "assumptions": list(result.assumptions),
        "via": [{"path": call.span.path, "line": call.span.line, "call": call.name} for call in resource.via],
        "live": _live(resource.registered, result.origin) if resource.registered else None,
        "suppression": _suppression(result.suppression) if result.suppression else None,
        "cause": result.cause,
        "remedy": [*result.remedy, *result.afterwards],
        "resource": {"type": resource.type, **where},
        "fix": _fix(result.fix) if result.fix else None,
        "not_fixed": result.not_fixed,
    }


def _live(registered: Registered, origin: Origin | None) -> dict[str, object]:
    return {
        "account": registered.account,
        "region": registered.region,
        "name": registered.name,
        "revision": registered.revision,
        "is_latest": registered.is_latest,
        "uses": list(registered.uses),
        "origin": _origin(origin) if origin else None,
    }


def _origin(origin: Origin) -> dict[str, object]:
    return {
        "matched_by": origin.way,
        "locations": [_location(span) for span in origin.positions],
        "address": origin.address,
        "verdict": origin.verdict,
        "conclusion": origin.conclusion,
    }


def _fix(fix: Fix) -> dict[str, object]:
    edits = [{"location": _location(edit.span), "content": edit.text} for edit in fix.edits]
    return {"description": fix.description, "edits": edits}


def _suppression(suppression: Suppression) -> dict[str, object]:
    return {
        "kind": suppression.kind,
        "reason": suppression.reason,
        "location": _location(suppression.span) if suppression.span else None,
        "expires": suppression.expires,
    }


def _line(span: Span) -> int | None:
    return span.line if span.source.has_lines else None


def _location(span: Span) -> dict[str, object]:
    if not span.source.has_lines:
        return dict.fromkeys(("path", "line", "column", "end_line", "end_column")) | {"path": span.path}
    line, column = span.source.position(span.start)
    end_line, end_column = span.source.position(span.end)
    return {"path": span.path, "line": line, "column": column, "end_line": end_line, "end_column": end_column}


def _message(remark: Failure | Notice) -> dict[str, object]:
    has_lines = remark.span is None or remark.span.source.has_lines
    line, column = remark.position if has_lines else (None, None)
    return {"path": remark.path, "line": line, "column": column, "message": remark.message}


def json_text(value: object, levels: int) -> str:
    """Return a value as JSON. Objects and lists of the first levels have a line for each member, all others just one.

    Any iterable in the first levels is a list, so that not all its items need to be in memory at once.
    """
    return _laid_out(value, levels, "\n") + "\n"


def _laid_out(value: object, levels: int, line: str) -> str:
    inner = f"{line}  "
    if levels and isinstance(value, dict):
        parts = [f"{_encoded(key)}: {_laid_out(item, levels - 1, inner)}" for key, item in value.items()]
        return f"{{{inner}{f',{inner}'.join(parts)}{line}}}" if parts else "{}"
    if levels and isinstance(value, Iterable) and not isinstance(value, str):
        parts = [_laid_out(item, levels - 1, inner) for item in value]
        return f"[{inner}{f',{inner}'.join(parts)}{line}]" if parts else "[]"
    return _encoded(value)
