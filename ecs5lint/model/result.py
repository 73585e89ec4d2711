"""What a rule says of a container definition, and what a whole run comes to."""

from __future__ import annotations

from typing import NamedTuple

from ecs5lint.location import Failure, Span
from ecs5lint.model.task_definition import TaskDefinition
from ecs5lint.notices import Notice, Skipped
from ecs5lint.settings.settings import DEFAULT_RULES, Configured

PASS = "pass"
FAIL = "fail"
UNKNOWN = "unknown"
NOT_APPLICABLE = "not_applicable"
SUPPRESSED = "suppressed"

VERDICTS = (PASS, FAIL, UNKNOWN, NOT_APPLICABLE, SUPPRESSED)

#: The ways of suppressing a finding: a comment, the Metadata of a CloudFormation resource, the configuration, the
#: baseline, and what was written for other linters.
SUPPRESSION_KINDS = ("comment", "metadata", "configuration", "baseline", "checkov", "cfn-lint")


class Suppression(NamedTuple):
    """What covers a finding, and why.

    `kind` is one of SUPPRESSION_KINDS, `expires` the last day (YYYY-MM-DD) on which it covers. `span` is where it is
    written, if that is in a file that was judged.
    """

    kind: str
    reason: str
    span: Span | None = None
    expires: str | None = None


class Result(NamedTuple):
    """One verdict.

    `container` is the name of the container and `position` its index; both are None where the result is about the
    container definitions of the task definition as a whole. `remedy` is what to do about it, a step an item, and
    `afterwards` what is then to be done, the same for every container that fails. `when` says in which
    configurations the verdict holds, None for all. `assumptions` are the defaults it rests on, in words.
    `suppression` is there if, and only if, the verdict is SUPPRESSED.
    """

    rule: str
    verdict: str
    reason: str
    message: str
    task_definition: TaskDefinition
    location: Span
    container: str | None = None
    position: int | None = None
    value_location: Span | None = None
    when: str | None = None
    assumptions: tuple[str, ...] = ()
    remedy: tuple[str, ...] = ()
    afterwards: tuple[str, ...] = ()
    suppression: Suppression | None = None


class Report(NamedTuple):
    """A whole run: the results in a stable order, what could not be read, what to look at, and how much was judged.

    `skipped` is in the order of the paths. `rules` are the ids of those that the run judged by.
    """

    results: tuple[Result, ...]
    failures: tuple[Failure, ...]
    files: int
    task_definitions: int
    containers: int
    notices: tuple[Notice, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    configuration: Configured | None = None
    rules: tuple[str, ...] = DEFAULT_RULES

    def count(self, verdict: str) -> int:
        """Return how many results have a verdict."""
        return sum(result.verdict == verdict for result in self.results)
