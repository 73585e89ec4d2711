"""Check that the documentation can be built as a site."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from places import ROOT

from ecs5lint.rules import RULES


def test_the_site_is_built_without_a_warning(tmp_path: Path) -> None:
    pytest.importorskip("material", reason="mkdocs-material is not installed")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(tmp_path)]
    variables = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    # The address of a rule's page, which reports link to.
    assert all((tmp_path / "rules" / rule / "index.html").is_file() for rule in RULES)
    index = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert "fonts.googleapis.com" not in index
    assert (tmp_path / "pictures" / "page.png").is_file()
