"""Implement --diff, --fix and --show-fixes."""

from __future__ import annotations

import sys
from collections.abc import Callable, Container, Mapping

from ecs5lint.cli.command_line import CommandLine
from ecs5lint.cli.output import show
from ecs5lint.files.workspace import Workspace
from ecs5lint.fixes.proof import Judge, Proven, prove
from ecs5lint.fixes.setting import SETTINGS, proposals
from ecs5lint.fixes.texts import unified_diff
from ecs5lint.fixes.writing import write
from ecs5lint.model.result import FAIL, Report
from ecs5lint.reports.excerpt import position_text
from ecs5lint.text.visible import escape


def fix(
    options: CommandLine,
    found: Report,
    workspace: Workspace,
    judge: Judge,
    without_recorded: Callable[[Report], Report],
    *,
    is_repeated: bool = False,
) -> tuple[Report, bool, bool]:
    """Find the fixes of a run, and show or apply them according to the options.

    `judge` repeats the run whose report is `found`, and `without_recorded` suppresses the findings of the baseline.
    After a fix, it `is_repeated` for the remaining findings, until none of them is fixed.
    Return the report of the resulting files, whether fixes change a file, and whether writing one of them failed.
    """
    report = without_recorded(found)
    wanted = [
        index for index, result in enumerate(report.results) if result.verdict == FAIL and result.rule in SETTINGS
    ]
    plain = proposals(found, wanted, workspace)
    phases = [plain]
    not_mounted: dict[int, str] = {}
    if options.fix_mounts:
        from ecs5lint.fixes.mounts import with_mounts

        mounting, not_mounted = with_mounts(found, plain, options.mount_with)
        phases.insert(0, mounting)
    proven = prove(found, phases, judge, workspace)
    if options.diff:
        paths = sorted(proven.contents)
        show("".join(_diff(proven, path) for path in paths))
        _say(f"would fix {_extent(len(proven.fixes), len(paths))}")
    if not options.fix:
        return _with_fixes(report, proven), bool(proven.contents), False
    failures = {failure.path: failure.message for failure in write(proven, workspace)}
    for path in workspace.provided:
        show(proven.contents.get(path, workspace.read_bytes(path)))
    for path, message in failures.items():
        _say(f"{path}: {message}")
    if proven.fixes or not is_repeated:
        _say_fixed(report, proven, failures, not_mounted)
    if proven.contents and proven.refusals and not failures and not workspace.provided:
        # A value that two containers shared may serve one of them alone now.
        fixed = workspace.unread()
        report, _, is_left_out = fix(options, judge(fixed), fixed, judge, without_recorded, is_repeated=True)
        return report, True, is_left_out
    left = judge(workspace.unread()) if failures else proven.report
    return _with_refusals(without_recorded(left), proven), bool(proven.contents), bool(failures)


def _diff(proven: Proven, path: str) -> str:
    return unified_diff(path, proven.originals[path], proven.contents[path], proven.revisions[path])


def _with_fixes(report: Report, proven: Proven) -> Report:
    results = (
        result._replace(fix=proven.fixes.get(index), not_fixed=proven.refusals.get(index))
        for index, result in enumerate(report.results)
    )
    return report._replace(results=tuple(results))


def _with_refusals(left: Report, proven: Proven) -> Report:
    """Return the report of the fixed files, with the reasons why the remaining findings were not fixed."""
    results = (
        result._replace(not_fixed=proven.refusals_left.get(index)) if result.verdict == FAIL else result
        for index, result in enumerate(left.results)
    )
    return left._replace(results=tuple(results))


def _say_fixed(report: Report, proven: Proven, failures: Container[str], not_mounted: Mapping[int, str]) -> None:
    """Print the fixes, and the additional steps that these containers need."""
    fixed = {index: fix for index, fix in proven.fixes.items() if not any(edit.path in failures for edit in fix.edits)}
    said: set[int] = set()
    for index, fix in sorted(fixed.items()):
        result = report.results[index]
        if id(fix) not in said:
            _say(f"{position_text(fix.edits[0].span)}: {fix.description}")
            said.add(id(fix))
        for step in filter(None, [not_mounted.get(index), *result.remedy[1:]]):
            if not any(path in step for path in fix.paths):
                _say(f"  also: {step}")
    for step in dict.fromkeys(step for index in fixed for step in report.results[index].afterwards):
        _say(f"for each of them: {step}")
    paths = {edit.path for fix in fixed.values() for edit in fix.edits}
    _say(f"fixed {_extent(len(fixed), len(paths))}")


def _extent(findings: int, files: int) -> str:
    return f"{findings} finding{'s' * (findings != 1)} in {files} file{'s' * (files != 1)}"


def _say(message: str) -> None:
    print(f"ecs5lint: {escape(message)}", file=sys.stderr)
