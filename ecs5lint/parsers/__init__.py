"""The sources, each a parser from files to task definitions.

A parser is a module with a function `parse(paths, workspace, settings) -> Parsed`. It gets all the files (for
Terraform: the module directories) of its kind at once, since modules call modules and stacks nest stacks. It knows no
rule, and never raises for what is in a file: that goes into `failures`.
"""

from __future__ import annotations

from typing import NamedTuple

from ecs5lint.location import Failure
from ecs5lint.model import TaskDefinition


class Parsed(NamedTuple):
    """What a parser found."""

    task_definitions: list[TaskDefinition]
    failures: list[Failure]


#: The parser for each kind of input: a module that is imported when there is such an input.
PARSERS = {
    "terraform": "ecs5lint.parsers.terraform",
    "terraform-plan": "ecs5lint.parsers.terraform.plan",
    "cloudformation": "ecs5lint.parsers.cloudformation",
    "task-definition": "ecs5lint.parsers.task_definition",
}
