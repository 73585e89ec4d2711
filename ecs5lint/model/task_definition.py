"""What a rule sees: task definitions and their container definitions, whichever source they come from.

The names are those of the ECS API (RegisterTaskDefinition).
"""

from __future__ import annotations

from typing import NamedTuple

from ecs5lint.location import Span
from ecs5lint.values.alternatives import Path
from ecs5lint.values.kinds import ABSENT, NO_ASSUMPTIONS, Assumptions, Unknown, Value


class Call(NamedTuple):
    """A module call or a parent stack that led to a task definition."""

    name: str
    span: Span


class Misspelling(NamedTuple):
    """A key of a container definition that means readonlyRootFilesystem and is not read as it."""

    written: str
    span: Span | None


class Alternative(NamedTuple):
    """One way a container definition can turn out.

    `path` says when the container exists in this form. `value` is that of readonlyRootFilesystem in the terms
    of the ECS API: Known true is right and everything else wrong, ABSENT is a key that is not there, and it may be a
    choice.
    """

    path: Path
    value: Value
    misspelling: Misspelling | None = None


class ContainerDefinition(NamedTuple):
    """A container definition as it is written in one place, in all the ways it can turn out.

    `position` is its index in the list, `key` how the setting is spelled where the container is written. `image`, of
    which the tag may be left off, `user` and the paths that are `mounted` and can be written to are there as far as
    they are settled. `sources` are the files that its members come from.
    """

    name: str | None
    position: int | None
    location: Span
    key: str
    alternatives: tuple[Alternative, ...]
    image: str | None = None
    user: str | None = None
    mounted: tuple[str, ...] = ()
    sources: frozenset[str] = frozenset()

    def joined(self, other: ContainerDefinition) -> ContainerDefinition:
        """Return two alternatives of a definition as one: of what surrounds the setting, what they agree in."""
        return self._replace(
            alternatives=(*self.alternatives, *other.alternatives),
            image=self.image if self.image == other.image else None,
            user=self.user if self.user == other.user else None,
            mounted=tuple(path for path in self.mounted if path in other.mounted),
            sources=self.sources | other.sources,
        )


class Unresolved(NamedTuple):
    """Container definitions that could not be listed: why, and when they are there."""

    path: Path
    unknown: Unknown


class Service(NamedTuple):
    """A service that runs a task definition: its address, and where it is written."""

    address: str
    span: Span


class TaskDefinition(NamedTuple):
    """A task definition.

    `source` is one of task-definition, cloudformation, terraform, terraform-plan; `address` how that source calls the
    task definition. `path` says when it exists. `operating_system_family` is the one of its `runtimePlatform`, and may
    be a choice. `assumptions` are the defaults that decide which containers there are. `construct` is the path of the
    CDK construct that the source was made from. `launch_types` are its `requiresCompatibilities`, as far as they are
    known, and `exec_service` is a service in the same source that turns on ECS Exec for it.

    `extent` is all that is written of it, where `location` is less than that. `metadata` is what a CloudFormation
    resource says of itself in its Metadata, and `template_metadata` what the template says of all its resources.
    """

    source: str
    address: str
    location: Span
    containers: tuple[ContainerDefinition, ...]
    unresolved: tuple[Unresolved, ...]
    operating_system_family: Value
    path: Path = ()
    assumptions: Assumptions = NO_ASSUMPTIONS
    via: tuple[Call, ...] = ()
    construct: str | None = None
    launch_types: tuple[str, ...] = ()
    exec_service: Service | None = None
    extent: Span | None = None
    metadata: Value = ABSENT
    template_metadata: Value = ABSENT

    def is_empty(self) -> bool:
        """Tell whether it has no containers, and none that could not be listed."""
        return not self.containers and not self.unresolved
