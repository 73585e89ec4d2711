"""Check a sample of the generated projects with callers."""

from __future__ import annotations

from pathlib import Path

import pytest
from caller_projects import faults, project

#: `python tests/project/caller_projects.py 2000` checks more of them.
SAMPLE = 40


@pytest.mark.parametrize("seed", range(SAMPLE))
def test_what_callers_set_counts(seed: int, tmp_path: Path) -> None:
    assert faults(project(seed), tmp_path) == []
