"""Test the paths of a workspace."""

from __future__ import annotations

import os

import pytest

from ecs5lint.files.workspace import Workspace
from ecs5lint.reports.repository import Repository


def test_a_path_on_another_drive_stays_absolute(monkeypatch: pytest.MonkeyPatch) -> None:
    workspace, repository = Workspace(), Repository()

    def relpath(*_paths: str) -> str:
        raise ValueError("path is on mount 'D:', start on mount 'C:'")

    monkeypatch.setattr(os.path, "relpath", relpath)
    assert workspace.normalize("/infra/../task.json") == "/task.json"
    assert repository.path("/task.json") == os.path.realpath("/task.json")
