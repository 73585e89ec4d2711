"""Check the earlier findings and the seeds of the fuzzers."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from places import ROOT

# At the end of the path, so that the installed linter is used.
sys.path.append(str(ROOT))

from fuzz.harness import project
from fuzz.targets import TARGETS

INPUTS = sorted(path for folder in ("findings", "seeds") for path in (ROOT / "fuzz" / folder).glob("*/*"))


@pytest.mark.parametrize("path", INPUTS, ids=lambda path: str(path.relative_to(ROOT / "fuzz")))
def test_findings(path: Path) -> None:
    with project():
        TARGETS[path.parent.name](path.read_bytes())


def test_every_target_is_known() -> None:
    assert {path.parent.name for path in INPUTS} <= TARGETS.keys()
