"""Check generated projects: a called template never passes if a caller makes it fail.

ECS5LINT_EXAMPLES sets the number of projects, and ECS5LINT_SEED the number of the first one. A thousand take about two
minutes:

    ECS5LINT_EXAMPLES=1000 pytest tests/project/test_calling_projects.py -s
"""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest
from calling_projects import Project, project

from ecs5lint.files.workspace import Workspace
from ecs5lint.model.result import FAIL, PASS, UNKNOWN, Report
from ecs5lint.run.pipeline import run
from ecs5lint.settings.settings import Settings

EXAMPLES = int(os.environ.get("ECS5LINT_EXAMPLES", "150"))
SEED = int(os.environ.get("ECS5LINT_SEED", "0"))


def test_nothing_passes_that_a_caller_makes_fail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    counts: Counter[tuple[str, str]] = Counter()
    for number in range(SEED, SEED + EXAMPLES):
        made = project(number)
        root = tmp_path / str(number)
        for name, content in made.files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content)
        (root / ".git").mkdir()
        monkeypatch.chdir(root)
        report = run(["."], Workspace(), Settings())
        problem = _problem(made, report)
        assert problem is None, f"{number} ({made.spelling}): {problem}\n{_shown(made, report)}"
        verdicts = sorted(result.verdict for result in report.results if result.container in ("app", None))
        wanted = sorted({FAIL if not value else PASS for value in made.values})
        counts[made.spelling, "exact" if sorted(set(verdicts)) == wanted else "unknown"] += 1
    for (spelling, how), count in sorted(counts.items()):
        print(f"{count:5} {how:8} {spelling}")
    exact = sum(count for (_, how), count in counts.items() if how == "exact")
    assert exact > 0.8 * EXAMPLES


def _problem(made: Project, report: Report) -> str | None:
    """Return the error in a report, or None."""
    results = [result for result in report.results if result.container in ("app", None)]
    verdicts = {result.verdict for result in results}
    if report.failures:
        return f"failures: {[failure.message for failure in report.failures]}"
    if not results:
        return "there is no result"
    if False in made.values and not verdicts & {FAIL, UNKNOWN}:
        return "a caller makes it fail"
    # A result off the default path of a root has a `when`.
    fails = any(result.verdict == FAIL and result.when is None for result in results)
    if fails and False not in made.values and UNKNOWN not in verdicts:
        return "no caller makes it fail"
    certain = [result.verdict for result in results if result.container == "app"]
    if UNKNOWN not in verdicts and certain.count(PASS) > made.values.count(True):
        return "it passes more often than callers make it pass"
    return None


def _shown(made: Project, report: Report) -> str:
    files = "\n".join(f"--- {name}\n{content}" for name, content in made.files.items())
    results = [
        (result.verdict, result.message, [call.name for call in result.resource.via]) for result in report.results
    ]
    return f"{made.values}\n{files}\n{results}"
