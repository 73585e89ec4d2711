"""Register the parsers. Each parser converts the files of one source to task definitions.

A parser is a module with the functions of `Parser`. It knows no rule.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence, Set

from ecs5lint.budget import Budget
from ecs5lint.files.workspace import Workspace
from ecs5lint.light_typing import TYPE_CHECKING, NamedTuple, Protocol
from ecs5lint.location import Failure
from ecs5lint.model.callers import NO_PROJECT, Caller, Project
from ecs5lint.model.inputs import NO_INPUTS, Inputs
from ecs5lint.model.task_definition import TaskDefinition
from ecs5lint.notices import Notice, Skipped
from ecs5lint.settings.settings import Reads, Settings

if TYPE_CHECKING:
    from ecs5lint.model.resource import Subject

#: Called each time an input has been checked, for example to show progress.
Listener = Callable[[], None]


def ignore() -> None:
    """Ignore the progress."""


class Parsed(NamedTuple):
    """The results of a parser: task definitions and other resources, failures, notices, and skipped files.

    `callers` are callers of other kinds of inputs. `parts` are files that belong to its inputs, so that they are no
    inputs themselves; files that container definitions come from may be missing. `budgets` has the budgets of the
    roots, each with the path of its root. `listener` is called for each input. `reads` is
    what the rules read.
    """

    resources: list[Subject]
    failures: list[Failure]
    notices: Sequence[Notice] = ()
    callers: Sequence[Caller] = ()
    parts: Set[str] = frozenset()
    skipped: Sequence[Skipped] = ()
    budgets: Sequence[tuple[str, Budget]] = ()
    listener: Listener = ignore
    inputs: Inputs = NO_INPUTS
    reads: Reads = Reads()

    @property
    def task_definitions(self) -> list[TaskDefinition]:
        """The task definitions among the resources."""
        return [item for item in self.resources if isinstance(item, TaskDefinition)]

    def add(self, path: str, work: Callable[[], Iterable[Subject]]) -> None:
        """Add the resources from `work` at `path`. If it fails, add a failure and keep all other results."""
        try:
            self.resources.extend(item.kept(self.reads) for item in work())
        except Failure as failure:
            self.failures.append(failure)
        except Exception as error:  # a bug in the linter itself must be reported, and must not hide other findings
            defect = f"{type(error).__name__}: {error}"
            self.failures.append(Failure(f"skipped because of a bug in ecs5lint ({defect})", path))
        finally:
            self.listener()


class Parser(Protocol):
    """The interface of a parser's module."""

    def parse(
        self,
        paths: list[str],
        workspace: Workspace,
        settings: Settings,
        project: Project = NO_PROJECT,
        listener: Listener = ignore,
    ) -> Parsed:
        """Return the task definitions in all files of the parser's kind (for Terraform: in all module directories).

        The result includes other resources if the settings read any. The parser gets the files at once, since modules
        call modules and stacks nest stacks. `project` has the callers from earlier parsers, and the call graph from
        discovery. The content of a file never raises an error, but adds a failure to the result.
        """

    def groups(
        self, paths: list[str], workspace: Workspace, settings: Settings, project: Project = NO_PROJECT
    ) -> list[list[str]]:
        """Group the files that may refer to each other, so that worker processes can share the groups."""


#: The module of the parser for each kind of input.
PARSERS = {
    "terraform": "ecs5lint.parsers.terraform",
    "terraform-plan": "ecs5lint.parsers.terraform.plan",
    "cloudformation": "ecs5lint.parsers.cloudformation",
    "extract": "ecs5lint.parsers.task_definition.extract",
    "task-definition": "ecs5lint.parsers.task_definition",
}


def parser(kind: str) -> Parser:
    """Import and return the parser for a kind of input."""
    # Unlike this, importlib would import more modules.
    module: Parser = __import__(PARSERS[kind], fromlist=["parse"])
    return module


def each_by_itself(
    paths: list[str], workspace: Workspace, settings: Settings, project: Project = NO_PROJECT
) -> list[list[str]]:
    """Return groups for files that never refer to each other."""
    return [[path] for path in paths]
