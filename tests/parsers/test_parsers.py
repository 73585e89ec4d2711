"""The type checker compares each parser with the interface, and the test compares the parsers with the table."""

from __future__ import annotations

from ecs5lint.parsers import PARSERS, Parser, cloudformation, parser, task_definition, terraform
from ecs5lint.parsers.task_definition import extract
from ecs5lint.parsers.terraform import plan

MODULES: dict[str, Parser] = {
    "terraform": terraform,
    "terraform-plan": plan,
    "cloudformation": cloudformation,
    "extract": extract,
    "task-definition": task_definition,
}


def test_the_table_has_the_parsers() -> None:
    assert {kind: parser(kind) for kind in PARSERS} == MODULES
