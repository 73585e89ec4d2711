"""What a rule says of a container definition, and what a whole run comes to."""

from __future__ import annotations

from typing import NamedTuple

from ecs5lint.location import Failure, Span
from ecs5lint.model import TaskDefinition

PASS = "pass"
FAIL = "fail"
UNKNOWN = "unknown"
NOT_APPLICABLE = "not_applicable"
SUPPRESSED = "suppressed"

VERDICTS = (PASS, FAIL, UNKNOWN, NOT_APPLICABLE, SUPPRESSED)


class Result(NamedTuple):
    """One verdict.

    `container` is the name of the container and `position` its index; both are None where the result is about the
    container definitions of the task definition as a whole. `remedy` is what to do about it, a step an item. `when`
    says in which configurations the verdict holds, None for all. `assumptions` are the defaults it rests on, in words.
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
    suppression: str | None = None


class Report(NamedTuple):
    """A whole run: the results in a stable order, what could not be read, and how much was looked at."""

    results: tuple[Result, ...]
    failures: tuple[Failure, ...]
    files: int
    task_definitions: int
    containers: int

    def count(self, verdict: str) -> int:
        """Return how many results have a verdict."""
        return sum(result.verdict == verdict for result in self.results)
