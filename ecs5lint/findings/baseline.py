"""Compare a run with a baseline, a file of existing findings, so that only new findings are reported.

The file is JSON, sorted, with one entry per line, so that changes are easy to review. Its paths are relative to its own
directory. So its meaning doesn't depend on the working directory of a run.

    {
      "version": 1,
      "findings": [
        {"rule": "ECS5", "path": "web.json", "address": "web", "container": "app", "verdict": "fail", "fingerprint": …}
      ],
      "errors": [
        {"path": "broken.json", "message": "is not valid JSON: …"}
      ]
    }
"""

from __future__ import annotations

import json
import os
import posixpath
from collections.abc import Iterable, Iterator, Sequence

from ecs5lint.files.kinds import is_of_module
from ecs5lint.files.workspace import Workspace
from ecs5lint.findings.fingerprint import fingerprints
from ecs5lint.findings.suppressions.configured import is_within
from ecs5lint.light_typing import NamedTuple
from ecs5lint.location import Failure, PassingFailure, Span
from ecs5lint.model.result import FAIL, SUPPRESSED, UNKNOWN, Report, Result, Suppression
from ecs5lint.notices import Notice
from ecs5lint.text.json_document import parse_document
from ecs5lint.text.visible import counted
from ecs5lint.values.kinds import Absent, Known, ListValue, ObjectValue, Repeated, Value, known_text
from ecs5lint.values.members import member

VERSION = 1

_TAKE_OFF = "run with --write-baseline to remove it"

_TEXTS = ("rule", "path", "address", "verdict", "fingerprint")


class Entry(NamedTuple):
    """A recorded finding. `path` is relative to the baseline's directory, and `via` lists the calls that led to it.

    `span` is the position of the entry if it was read from a file.
    """

    path: str
    address: str
    via: tuple[str, ...]
    container: str | None
    rule: str
    verdict: str
    fingerprint: str
    span: Span | None = None


class Error(NamedTuple):
    """A recorded input error. Its fields are those of an entry."""

    path: str
    message: str
    span: Span | None = None


class Baseline(NamedTuple):
    """The content of a baseline file, and the path of that file."""

    path: str
    entries: tuple[Entry, ...] = ()
    errors: tuple[Error, ...] = ()

    @property
    def directory(self) -> str:
        return posixpath.dirname(self.path) or "."

    def place_of(self, entry: Entry | Error) -> str:
        """Return the path of the file of an entry, relative to the working directory."""
        return posixpath.normpath(posixpath.join(self.directory, entry.path))

    def path_of(self, path: str) -> str:
        """Return a path, given relative to the working directory, as entries have it."""
        return posixpath.relpath(path, self.directory)


def read(path: str, workspace: Workspace) -> Baseline:
    """Return the baseline in a file. Raises Failure if the file is unreadable or no baseline."""
    path = workspace.normalize(path)
    source = workspace.read(path, "json")
    document = parse_document(source)
    if not isinstance(document, ObjectValue):
        raise _malformed("it must be an object", path, document.span)
    version = member(document, "version")
    if not isinstance(version, Known) or version.value != VERSION:
        raise _malformed(f'its "version" must be {VERSION}', path, version.span)
    findings, errors = member(document, "findings"), member(document, "errors")
    if not isinstance(findings, ListValue):
        raise _malformed('it must have a list of "findings"', path, findings.span)
    if not isinstance(errors, (ListValue, Absent)):
        raise _malformed('its "errors" must be a list', path, errors.span)
    return Baseline(
        path,
        tuple(_entry(item, path) for item in _objects(findings, "a finding", path)),
        tuple(_error(item, path) for item in _objects(errors, "an error", path)),
    )


def _objects(items: ListValue | Absent, what: str, path: str) -> Iterator[ObjectValue]:
    for item in items.items if isinstance(items, ListValue) else ():
        if not isinstance(item, ObjectValue):
            raise _malformed(f"{what} must be an object", path, items.span if isinstance(item, Repeated) else item.span)
        yield item


def _texts(item: ObjectValue, keys: Sequence[str], what: str, path: str) -> dict[str, str]:
    texts = {key: known_text(member(item, key)) for key in keys}
    for key, text in texts.items():
        if text is None:
            raise _malformed(f'{what} must have a text as its "{key}"', path, item.span)
    return {key: text for key, text in texts.items() if text is not None}


def _error(item: ObjectValue, path: str) -> Error:
    return Error(**_texts(item, ("path", "message"), "an error", path), span=item.span)


def _entry(item: ObjectValue, path: str) -> Entry:
    texts = _texts(item, _TEXTS, "a finding", path)
    container, via = member(item, "container"), member(item, "via")
    name = known_text(container)
    if name is None and not (isinstance(container, Known) and container.value is None):
        raise _malformed('the "container" of a finding must be a text or null', path, item.span)
    calls = [known_text(call) for call in via.items if isinstance(call, Value)] if isinstance(via, ListValue) else []
    if not isinstance(via, (Absent, ListValue)) or None in calls:
        raise _malformed('the "via" of a finding must be a list of texts', path, item.span)
    return Entry(**texts, container=name, via=tuple(call for call in calls if call is not None), span=item.span)


def _malformed(problem: str, path: str, span: Span | None) -> Failure:
    return Failure(f"is not a baseline: {problem}", path, span)


def compare(report: Report, baseline: Baseline, paths: Sequence[str] | None) -> Report:
    """Return a report in which recorded findings are suppressed, with a notice for each unused entry.

    A recorded error becomes a notice, so that the skipped input stays visible. An entry for a fail also matches an
    unknown, but not vice versa. An unused entry is reported if its file is gone, or if the run was meant to check the
    file and could. `paths` are the paths to check, with None for everything.
    """
    run = _Run(report, baseline, paths)
    suppression = Suppression("baseline", f"on record in {baseline.path}")
    results: list[Result] = []
    used: set[Entry] = set()
    for result, fingerprint in zip(report.results, run.fingerprints, strict=True):
        covering = [entry for entry in run.entries_for(result, fingerprint) if _covers(entry, result)]
        used.update(covering)
        results.append(result._replace(verdict=SUPPRESSED, suppression=suppression) if covering else result)
    notices = [
        Notice(f"{item.message} (on record in {baseline.path})", item.path, item.span) for item in run.recorded_failures
    ]
    notices += [
        Notice(_no_longer(entry), baseline.path, entry.span)
        for entry in baseline.entries
        if entry not in used and run.can_tell_of(entry)
    ]
    errors = {run.error(item) for item in report.failures}
    notices += [
        Notice(
            f"the baseline lists an error in {error.path} that no longer occurs: {_TAKE_OFF}", baseline.path, error.span
        )
        for error in baseline.errors
        if error._replace(span=None) not in errors and run.looks_at(baseline.place_of(error))
    ]
    return report._replace(
        results=tuple(results), failures=tuple(run.new_failures), notices=(*report.notices, *notices)
    )


def record(report: Report, baseline: Baseline, paths: Sequence[str] | None) -> Baseline:
    """Return the baseline with the findings of a run, and with all old entries that the run can't verify."""
    run = _Run(report, baseline, paths)
    found = [
        Entry(
            path=baseline.path_of(result.location.path),
            address=result.resource.address,
            via=tuple(call.name for call in result.resource.via),
            container=result.container,
            rule=result.rule,
            verdict=result.verdict,
            fingerprint=fingerprint,
        )
        for result, fingerprint in zip(report.results, run.fingerprints, strict=True)
        if result.verdict in (FAIL, UNKNOWN) and not _is_unread(result)
    ]
    kept = [entry for entry in baseline.entries if not run.can_tell_of(entry)]
    errors = {run.error(item) for item in report.failures if not isinstance(item, PassingFailure)}
    errors.update(item._replace(span=None) for item in baseline.errors if not run.looks_at(baseline.place_of(item)))
    return baseline._replace(entries=(*found, *kept), errors=tuple(errors))


def _is_unread(result: Result) -> bool:
    """Tell whether the result only says that a call failed, which the next one may not."""
    return result.resource.registered is not None and result.resource.registered.is_unread


def _covers(entry: Entry, result: Result) -> bool:
    return result.verdict in (FAIL, UNKNOWN) and entry.verdict in (FAIL, result.verdict)


class _Run:
    """A run compared with a baseline: the entries for each result, and the entries that the run can verify."""

    def __init__(self, report: Report, baseline: Baseline, paths: Sequence[str] | None) -> None:
        self.fingerprints = fingerprints(report.results, baseline.directory)
        self._baseline = baseline
        self._paths = None if paths is None else set(map(os.path.abspath, paths))
        self._modules = {os.path.dirname(os.path.abspath(path)) for path in paths or () if is_of_module(path)}
        on_record = {error._replace(span=None) for error in baseline.errors}
        self.recorded_failures = [
            item for item in report.failures if self.error(item) in on_record and not isinstance(item, PassingFailure)
        ]
        self.new_failures = [item for item in report.failures if item not in self.recorded_failures]
        self._rules = report.rules
        self._judged = set(self.fingerprints)
        self._by_fingerprint = {entry.fingerprint: entry for entry in baseline.entries}
        self._called: dict[tuple[str, str, str | None], list[Entry]] = {}
        for entry in baseline.entries:
            if entry.via:
                self._called.setdefault((entry.rule, baseline.place_of(entry), entry.container), []).append(entry)
        self._by_themselves: dict[str, set[str]] = {}
        for result in report.results:
            if not result.resource.via:
                addresses = self._by_themselves.setdefault(result.location.path, set())
                addresses.add(result.resource.address)

    def error(self, failure: Failure) -> Error:
        """Return a failure as the baseline records it."""
        return Error(self._baseline.path_of(failure.path), failure.message)

    def entries_for(self, result: Result, fingerprint: str) -> list[Entry]:
        """Return the entries that match a result."""
        entry = self._by_fingerprint.get(fingerprint)
        if entry:
            return [entry]
        if result.resource.via:
            return []
        # A module or nested stack that is now checked by itself may have been recorded with its callers.
        called = self._called.get((result.rule, result.location.path, result.container), [])
        return [entry for entry in called if _is_called(entry, result.resource.address)]

    def can_tell_of(self, entry: Entry) -> bool:
        """Tell whether the run checked the subject of an entry, so that an unused entry is wrong."""
        if entry.fingerprint in self._judged:
            return True
        if self.new_failures or entry.rule not in self._rules:
            return False
        path = self._baseline.place_of(entry)
        called_by = self._by_themselves.get(path, ()) if os.path.lexists(path) else ()
        if entry.via and any(_is_called(entry, address) for address in called_by):
            return False
        return self.looks_at(path)

    def looks_at(self, path: str) -> bool:
        """Tell whether a path is one that the run should check, or is gone."""
        if self._paths is None or not os.path.lexists(path):
            return True
        return is_within(path, self._paths) or self._is_in_named_module(path)

    def _is_in_named_module(self, path: str) -> bool:
        """Tell whether a path is in a module of which another file was named."""
        return is_of_module(path) and os.path.dirname(os.path.abspath(path)) in self._modules


def _is_called(entry: Entry, address: str) -> bool:
    """Tell whether an entry belongs to this address in the called module or stack."""
    return entry.address == address or entry.address.endswith(f".{address}")


def extent(baseline: Baseline) -> str:
    """Return the number of recorded findings and errors, in words."""
    texts = [counted(len(baseline.entries), "finding")]
    if baseline.errors:
        texts.append(counted(len(baseline.errors), "error"))
    return " and ".join(texts)


def render(baseline: Baseline) -> str:
    """Return the text of a baseline file."""
    findings = _lines(_written(entry) for entry in sorted(baseline.entries, key=_order))
    errors = _lines({"path": error.path, "message": error.message} for error in sorted(baseline.errors))
    members = f'"version": {VERSION},\n  "findings": {findings}' + f',\n  "errors": {errors}' * bool(baseline.errors)
    return f"{{\n  {members}\n}}\n"


def _lines(items: Iterable[dict[str, object]]) -> str:
    lines = [f"    {json.dumps(item, ensure_ascii=False)}" for item in items]
    return "[\n" + ",\n".join(lines) + "\n  ]" if lines else "[]"


def _written(entry: Entry) -> dict[str, object]:
    return {
        "rule": entry.rule,
        "path": entry.path,
        "address": entry.address,
        **({"via": list(entry.via)} if entry.via else {}),
        "container": entry.container,
        "verdict": entry.verdict,
        "fingerprint": entry.fingerprint,
    }


def _order(entry: Entry) -> tuple[object, ...]:
    return entry.path, entry.address, entry.via, entry.container or "", entry.rule, entry.fingerprint


def _no_longer(entry: Entry) -> str:
    subject = f'container "{entry.container}"' if entry.container is not None else "the container definitions"
    gone = f"no longer has the verdict {entry.verdict}"
    return f"{subject} of {entry.address} in {entry.path} {gone}: {_TAKE_OFF}"
