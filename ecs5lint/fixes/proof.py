"""Prove fixes: check the edited texts again, and drop every fix without the intended effect.

Other tools promise that a fix is safe (https://docs.astral.sh/ruff/linter/#fix-safety). Here, a fix is shown only if it
is proven.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence, Set

from ecs5lint.files.workspace import Workspace
from ecs5lint.fixes.refusals import refusal
from ecs5lint.fixes.setting import Proposal
from ecs5lint.fixes.shape import is_kept
from ecs5lint.fixes.texts import Revision, Taken, edited
from ecs5lint.light_typing import NamedTuple
from ecs5lint.location import Edit, Failure, Span, apply, overlap
from ecs5lint.model.result import NOT_APPLICABLE, PASS, Fix, Report, Result
from ecs5lint.notices import Notice

#: The maximum number of runs to find the fixes that work together.
MAX_RUNS = 60

#: Checks the files again, with the same settings as the original run, but in another workspace.
Judge = Callable[[Workspace], Report]

#: The subject of a result, regardless of its position after the edits.
_Subject = tuple[object, ...]


class Proven(NamedTuple):
    """The outcome of the proposals: the fix of each finding, by its index, or the reason why it has none.

    `originals` and `contents` are the edited files before and after. `report` is that of the edited files, and
    `refusals_left` has reasons by the indexes of its results.
    """

    fixes: Mapping[int, Fix]
    refusals: Mapping[int, str]
    originals: Mapping[str, bytes]
    contents: Mapping[str, bytes]
    report: Report
    refusals_left: Mapping[int, str]
    revisions: Mapping[str, Revision]


class _Attempt(NamedTuple):
    """A fix to try, and its proposal."""

    proposal: Proposal
    fix: Fix


class _Wrong(Exception):
    """Attempts made together don't have the intended effect.

    Has the reason, and the attempts to blame, if they are known.
    """

    def __init__(self, reason: str, blamed: Mapping[int, str] | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.blamed = blamed or {}


def prove(before: Report, phases: Iterable[Sequence[Proposal]], judge: Judge, workspace: Workspace) -> Proven:
    """Return the proposed fixes that work together, after checking the edited files.

    The proposals of a later phase are for the findings without a fix at that point.
    """
    prover = _Prover(before, judge, workspace)
    refusals: dict[int, str] = {}
    for proposals in phases:
        refusals.update((index, item.refusal) for item in proposals if not item.fixes for index in item.findings)
        left = _without(prover.fixed, [item for item in proposals if item.fixes])
        for number in range(max((len(item.fixes) for item in left), default=0)):
            attempts = [_Attempt(item, item.fixes[number]) for item in left if number < len(item.fixes)]
            for attempt, reason in prover.settle(attempts):
                refusals.update(dict.fromkeys(attempt.proposal.findings, attempt.proposal.refusal or reason))
            left = _without(prover.fixed, left)
    fixes = {index: attempt.fix for attempt in prover.accepted for index in attempt.proposal.findings}
    refusals = {index: reason for index, reason in refusals.items() if index not in fixes}
    revisions = _revisions(_edits(prover.accepted))
    left_over = _Comparison(before, prover.report, revisions).in_order(refusals)
    return Proven(fixes, refusals, prover.originals(), prover.contents, prover.report, left_over, revisions)


def _without(fixed: Set[int], proposals: Sequence[Proposal]) -> list[Proposal]:
    return [item for item in proposals if fixed.isdisjoint(item.findings)]


class _Prover:
    """Tries the fixes of one report, and keeps the proven ones."""

    def __init__(self, before: Report, judge: Judge, workspace: Workspace) -> None:
        self._before = before
        self._judge = judge
        self._workspace = workspace
        self._originals: dict[str, bytes] = {}
        self._refusals: dict[str, str | None] = {}
        self._runs = 0
        self.accepted: list[_Attempt] = []
        self.contents: dict[str, bytes] = {}
        self.report = before

    @property
    def fixed(self) -> set[int]:
        """The findings with a fix."""
        return {index for attempt in self.accepted for index in attempt.proposal.findings}

    def originals(self) -> dict[str, bytes]:
        """Return the original content of the edited files."""
        return {path: self._originals[path] for path in self.contents}

    def settle(self, attempts: Sequence[_Attempt]) -> list[tuple[_Attempt, str]]:
        """Accept the attempts that work together. Return the others, each with the reason."""
        refused: list[tuple[_Attempt, str]] = []
        admitted: list[_Attempt] = []
        taken = Taken(_edits(self.accepted))
        for attempt in attempts:
            reason = self._refusal(attempt, taken)
            if reason:
                refused.append((attempt, reason))
            else:
                admitted.append(attempt)
                taken.add(attempt.fix.edits)
        return [*refused, *self._tried(admitted)]

    def _tried(self, attempts: Sequence[_Attempt]) -> list[tuple[_Attempt, str]]:
        if not attempts:
            return []
        if self._runs >= MAX_RUNS:
            return [
                (attempt, "too many fixes of this run fail: fix some of the findings by hand") for attempt in attempts
            ]
        try:
            contents, report = self._run(attempts)
        except _Wrong as wrong:
            if wrong.blamed:
                refused = [(attempts[index], reason) for index, reason in wrong.blamed.items()]
                return [*refused, *self._tried([item for n, item in enumerate(attempts) if n not in wrong.blamed])]
            if len(attempts) == 1:
                return [(attempts[0], wrong.reason)]
            half = len(attempts) // 2
            return [*self._tried(attempts[:half]), *self._tried(attempts[half:])]
        self.accepted += attempts
        self.contents, self.report = contents, report
        return []

    def _refusal(self, attempt: _Attempt, taken: Taken) -> str | None:
        """Return the reason not to make an attempt, or None."""
        for edit in attempt.fix.edits:
            if edit.path not in self._refusals:
                self._refusals[edit.path] = refusal(edit.path, edit.span.source.text, self._workspace)
                if self._refusals[edit.path] is None:
                    self._originals[edit.path] = self._workspace.read_bytes(edit.path)
            reason = self._refusals[edit.path]
            if reason:
                return reason
        if overlap(attempt.fix.edits) or any(map(taken.conflicts, attempt.fix.edits)):
            return "it conflicts with the fix of another finding: fix that first"
        return None

    def _run(self, attempts: Sequence[_Attempt]) -> tuple[dict[str, bytes], Report]:
        """Check the files with the accepted attempts and new ones.

        Raises _Wrong if they don't have the intended effect.
        """
        revisions = _revisions(_edits([*self.accepted, *attempts]))
        for path, revision in revisions.items():
            source = revision.edits[0].span.source
            if not is_kept(source, apply(source.text, revision.edits), revision):
                raise _Wrong(f"something else in {path} would be read in another way")
        contents = {path: edited(self._originals[path], path, item.edits) for path, item in revisions.items()}
        self._runs += 1
        report = self._judge(self._workspace.edited(contents))
        _Comparison(self._before, report, revisions).check(self.accepted, attempts)
        return contents, report


class _Comparison:
    """The reports before and after some edits."""

    def __init__(self, before: Report, after: Report, revisions: Mapping[str, Revision]) -> None:
        self._before = before
        self._after = after
        self._revisions = revisions
        self._results: dict[_Subject, list[Result]] = {}
        for result in after.results:
            self._results.setdefault(self._subject(result, result.location.in_file.start), []).append(result)

    def check(self, accepted: Sequence[_Attempt], attempts: Sequence[_Attempt]) -> None:
        """Raise _Wrong if the attempts don't have the intended effect, or if they have any other effect."""
        known = set(map(_remark, _remarks(self._before)))
        for item in _remarks(self._after):
            if _remark(item) not in known:
                raise _Wrong(f"with it, {item.path} has another problem: {item.message}")
        owners = {index: number for number, item in enumerate(attempts) for index in item.proposal.findings}
        fixed = {index for item in accepted for index in item.proposal.findings} | owners.keys()
        blamed: dict[int, str] = {}
        for index, result in enumerate(self._before.results):
            now = self._now(result)
            if index in owners and now is not None and now.verdict not in (PASS, NOT_APPLICABLE):
                blamed[owners[index]] = f"the finding would stay: {now.message}"
            elif now is None or (index not in fixed and now.verdict != result.verdict):
                position = f"{result.location.path}:{result.location.line}"
                blamed.update(
                    dict.fromkeys([owners[index]] if index in owners else [], "the container would be another")
                )
                if index not in owners:
                    raise _Wrong(f'it would change the result of container "{result.container}" ({position})', blamed)
        if blamed:
            raise _Wrong("", blamed)
        if any(self._results.values()):
            raise _Wrong("it would add a container")

    def in_order(self, reasons: Mapping[int, str]) -> dict[int, str]:
        """Return reasons by the indexes of results after the edits, from reasons by the indexes before."""
        now = {index: self._now(result) for index, result in enumerate(self._before.results)}
        by_result = {id(now[index]): reason for index, reason in reasons.items()}
        return {index: by_result[id(item)] for index, item in enumerate(self._after.results) if id(item) in by_result}

    def _now(self, result: Result) -> Result | None:
        """Return the result after the edits, or None. Each result is returned once."""
        found = self._results.get(self._subject(result, self._moved(result.location.in_file)))
        return found.pop(0) if found else None

    def _moved(self, span: Span) -> int:
        """Return the offset of a span's start after the edits."""
        revision = self._revisions.get(span.path)
        return revision.moved(span.start) if revision else span.start

    def _subject(self, result: Result, start: int) -> _Subject:
        definition = result.resource
        return (
            result.rule,
            definition.source,
            definition.address,
            definition.location.path,
            tuple((call.name, call.span.path) for call in definition.via),
            result.container,
            result.container_index,
            result.location.path,
            start if result.container_index is not None else None,
        )


def _edits(attempts: Iterable[_Attempt]) -> list[Edit]:
    return [edit for attempt in attempts for edit in attempt.fix.edits]


def _revisions(edits: Iterable[Edit]) -> dict[str, Revision]:
    """Return the edits by file."""
    by_path: dict[str, list[Edit]] = {}
    for edit in edits:
        by_path.setdefault(edit.path, []).append(edit)
    return {path: Revision(own) for path, own in by_path.items()}


def _remarks(report: Report) -> list[Failure | Notice]:
    return [*report.failures, *report.notices]


def _remark(item: Failure | Notice) -> tuple[str, str]:
    """Return the text of a failure or a notice without its line numbers."""
    return item.path, re.sub(r"\d+", "", item.message)
