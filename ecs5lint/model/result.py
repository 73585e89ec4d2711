"""Define the results of rules, and the report of a run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ecs5lint.light_typing import TYPE_CHECKING, NamedTuple
from ecs5lint.location import Edit, Failure, Source, Span
from ecs5lint.model.task_definition import ContainerDefinition, TaskDefinition
from ecs5lint.notices import Notice, Skipped
from ecs5lint.settings.settings import DEFAULT_RULES, Configured

if TYPE_CHECKING:
    from ecs5lint.model.resource import Subject

PASS = "pass"
FAIL = "fail"
UNKNOWN = "unknown"
NOT_APPLICABLE = "not_applicable"
SUPPRESSED = "suppressed"

VERDICTS = (PASS, FAIL, UNKNOWN, NOT_APPLICABLE, SUPPRESSED)

#: The kinds of suppressions: a comment, the Metadata of a CloudFormation resource, the configuration, the baseline, and
#: those for other linters.
SUPPRESSION_KINDS = (
    "comment",
    "metadata",
    "configuration",
    "baseline",
    "checkov",
    "cfn-lint",
    "cfn-guard",
    "trivy",
    "kics",
)


class Suppression(NamedTuple):
    """A suppression of a finding, with its reason.

    `kind` is one of SUPPRESSION_KINDS, and `expires` is the last day (YYYY-MM-DD) on which it applies. `span` is its
    position, if it is in a checked file.
    """

    kind: str
    reason: str
    span: Span | None = None
    expires: str | None = None


class Fix(NamedTuple):
    """The edits that change a finding to a pass, proven by checking the edited files. `paths` are the mounted paths."""

    description: str
    edits: tuple[Edit, ...]
    paths: tuple[str, ...] = ()


class Origin(NamedTuple):
    """The task definition in a file that makes a registered one.

    `way` says how it was found. `positions` has its position, or several if it may be any of them. `address` is its
    address, `verdict` that of its own result, if it has exactly one, and `conclusion` what follows from the two.
    """

    way: str
    positions: tuple[Span, ...]
    address: str
    verdict: str | None
    conclusion: str


class Result(NamedTuple):
    """One verdict.

    `resource` is the subject of the rule. `container` is the name of the container, and `container_index` its number in
    the list. Both are None if the result is about no single container. `remedy` has the steps to fix it. `afterwards`
    has the steps to take after that, which are the same for every failing container. `when` describes the
    configurations in which the verdict holds, with None for all. `assumptions` are the defaults that it relies on, as
    text, and `defaults` are the symbols of their variables and parameters. `suppression` is set if and only if the
    verdict is SUPPRESSED. If fixes were requested, a fail has a `fix`, or `not_fixed` says why it has none. `cause` is
    the reason for an unknown verdict, the same text for all results with this cause. `others` are the positions of
    further values that fail in the same way as the one at `value_location`.
    `origin` is the source of a registered task definition, if the run looked for it and found it.
    """

    rule: str
    verdict: str
    reason: str
    message: str
    resource: Subject
    location: Span
    container: str | None = None
    container_index: int | None = None
    value_location: Span | None = None
    when: str | None = None
    assumptions: tuple[str, ...] = ()
    defaults: tuple[str, ...] = ()
    remedy: tuple[str, ...] = ()
    afterwards: tuple[str, ...] = ()
    suppression: Suppression | None = None
    fix: Fix | None = None
    not_fixed: str | None = None
    cause: str | None = None
    others: tuple[Span, ...] = ()
    origin: Origin | None = None

    @property
    def task_definition(self) -> TaskDefinition | None:
        """The task definition that the result is about, or None."""
        return self.resource if isinstance(self.resource, TaskDefinition) else None

    @property
    def container_definition(self) -> ContainerDefinition:
        """The container definition that the result is about. Raises LookupError if it is about no single one."""
        for item in self.task_definition.containers if self.task_definition else ():
            own = (item.list_index, item.location, item.name)
            if own == (self.container_index, self.location, self.container):
                return item
        raise LookupError(f"{self.rule} is about no single container")


def resources_of(results: Iterable[Result]) -> list[Subject]:
    """Return the resources that results are about. Most have several results."""
    found: dict[int, Subject] = {}
    last = None
    for result in results:
        # The results are sorted by position, so those on one resource mostly follow each other.
        if result.resource is not last:
            last = result.resource
            found[id(last)] = last
    return list(found.values())


def sources_of(results: Iterable[Result], resources: Iterable[Subject]) -> list[Source]:
    """Return the texts with the positions of results, of their resources, and of the calls that lead to these."""
    found = dict.fromkeys([result.location.source for result in results])
    for resource in resources:
        found[resource.location.source] = None
        found.update(dict.fromkeys(call.span.source for call in resource.via))
    return list(found)


class Report(NamedTuple):
    """The report of a run: the results in a stable order, the failures, the notices, and counts.

    `skipped` is in the order of the paths. `rules` has the ids of the checked rules. `resources` has the number of
    checked resources of each type other than task definitions. `regions` has the accounts and Regions of a report on
    registered resources.
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
    resources: Mapping[str, int] = {}
    regions: tuple[tuple[str, str], ...] = ()

    def count(self, verdict: str) -> int:
        """Return the number of results with a verdict."""
        return self.counts()[verdict]

    def counts(self) -> dict[str, int]:
        """Return the number of results with each verdict."""
        verdicts = [result.verdict for result in self.results]
        return {verdict: verdicts.count(verdict) for verdict in VERDICTS}
