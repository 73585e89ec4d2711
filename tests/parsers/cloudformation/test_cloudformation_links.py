"""Test the groups of linked templates."""

from __future__ import annotations

from pathlib import Path

import pytest

from ecs5lint.files.workspace import Workspace
from ecs5lint.parsers.cloudformation import groups
from ecs5lint.settings.settings import Settings

OTHER = "Resources:\n  Task:\n    Type: AWS::ECS::TaskDefinition\n"
PARENT = "Resources:\n  A:\n    Type: {type}\n    Properties:\n      TemplateURL: {url}\n"
TOGETHER = [["child.yaml", "parent.yaml"], ["other.yaml"]]
ALL = [["child.yaml", "other.yaml", "parent.yaml"]]


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("child.yaml", TOGETHER),
        (">-\n        child.yaml", TOGETHER),
        ("# here\n        child.yaml", TOGETHER),
        ("&a child.yaml", TOGETHER),
        ("!!str child.yaml", TOGETHER),
        ('"chi\\x6cd.yaml"', TOGETHER),
        ("!Sub child.yaml", TOGETHER),
        ("!Sub 'https://${Bucket}/child.yaml'", TOGETHER),
        ("!If [A, child.yaml, 'https://x/y']", TOGETHER),
        ("https://bucket/child.yaml", TOGETHER),
        ("!Sub '${Name}.yaml'", ALL),
        ("!Join ['', [child, .yaml]]", ALL),
        ("!Ref Url", ALL),
        ("!If [A, !Ref Url, child.yaml]", ALL),
        ("!FindInMap [A, B, C]", ALL),
    ],
)
@pytest.mark.parametrize("type", ["AWS::CloudFormation::Stack", '"AWS::CloudFormation::\\x53tack"'])
def test_groups(
    url: str, type: str, expected: list[list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, text in {"child": OTHER, "other": OTHER, "parent": PARENT.format(type=type, url=url)}.items():
        Path(f"{name}.yaml").write_text(text)
    assert groups(["child.yaml", "other.yaml", "parent.yaml"], Workspace(), Settings()) == expected
