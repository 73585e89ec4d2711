"""The sources, each a parser from files to task definitions.

A parser is a module with a function `parse(paths, workspace, settings, project, listener) -> Parsed`. It gets all the
files (for Terraform: the module directories) of its kind at once, since modules call modules and stacks nest stacks. It
knows no rule, and never raises for what is in a file: that goes into `failures`. `project` has the callers that the
parsers before it found. Where files may refer to each other, it has a function `groups(paths, workspace, settings)`
too, which puts those that do together, so that processes can share the work.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence, Set
from typing import NamedTuple

from ecs5lint.budget import Budget
from ecs5lint.files.workspace import Workspace
from ecs5lint.location import Failure
from ecs5lint.model.callers import Caller
from ecs5lint.model.inputs import NO_INPUTS, Inputs
from ecs5lint.model.task_definition import TaskDefinition
from ecs5lint.notices import Notice, Skipped
from ecs5lint.settings.settings import Settings

#: What is called each time an input has been judged: it may show the progress.
Listener = Callable[[], None]


def ignore() -> None:
    """Take no notice of the progress."""


class Parsed(NamedTuple):
    """What a parser found, what the user should also look at, and what it skipped.

    `callers` are those of inputs of other kinds, and `parts` the files that are a part of its inputs, so that they are
    no inputs themselves; the files that container definitions came from need not be among them. `budgets` are those of
    the roots, each with the path of its root. `listener` is called for each input.
    """

    task_definitions: list[TaskDefinition]
    failures: list[Failure]
    notices: Sequence[Notice] = ()
    callers: Sequence[Caller] = ()
    parts: Set[str] = frozenset()
    skipped: Sequence[Skipped] = ()
    budgets: Sequence[tuple[str, Budget]] = ()
    listener: Listener = ignore
    inputs: Inputs = NO_INPUTS

    def add(self, path: str, work: Callable[[], Iterable[TaskDefinition]]) -> None:
        """Add what `work` finds at `path`. What stops it is a failure, and costs nothing that is found elsewhere."""
        try:
            self.task_definitions.extend(work())
        except Failure as failure:
            self.failures.append(failure)
        except Exception as error:  # a defect of the linter's own: it must be told, and must not hide other findings
            defect = f"{type(error).__name__}: {error}"
            self.failures.append(Failure(f"is not judged, because of a defect in ecs5lint ({defect})", path))
        finally:
            self.listener()


#: The parser for each kind of input: a module that is imported when there is such an input.
PARSERS = {
    "terraform": "ecs5lint.parsers.terraform",
    "terraform-plan": "ecs5lint.parsers.terraform.plan",
    "cloudformation": "ecs5lint.parsers.cloudformation",
    "extract": "ecs5lint.parsers.task_definition.extract",
    "task-definition": "ecs5lint.parsers.task_definition",
}


def each_by_itself(paths: list[str], workspace: Workspace, settings: Settings) -> list[list[str]]:
    """Return the groups of files of which none refers to another."""
    return [[path] for path in paths]
