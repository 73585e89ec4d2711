"""Define the input of rules: task definitions and their container definitions, the same for every source.

The names are those of the ECS API (RegisterTaskDefinition).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from functools import partial

from ecs5lint.light_typing import NamedTuple
from ecs5lint.location import Span
from ecs5lint.model.form import Form, Misspelling, kept
from ecs5lint.model.registered import Registered
from ecs5lint.settings.settings import Reads
from ecs5lint.values.alternatives import Case
from ecs5lint.values.kinds import ABSENT, NO_ASSUMPTIONS, Absent, Assumptions, Choice, ObjectValue, Unknown, Value

TASK_DEFINITION = "task_definition"


class Call(NamedTuple):
    """A module call or a parent stack that leads to a task definition."""

    name: str
    span: Span


class Setting(NamedTuple):
    """One alternative of a container's property.

    `case` is the condition for the container to exist in this form. `value` is in terms of the ECS API, and may be a
    choice. ABSENT is a missing property. `misspelling` is a key that is meant as the property but has no effect.
    If the property is part of an entry of a list, `entry` is that entry, and `within` the object with the property. The
    last `steps_to_entry` steps of `case` are the condition for the entry, or for the `others`: the values of other
    properties that decide with it.
    """

    case: Case
    value: Value
    misspelling: Misspelling | None = None
    within: ObjectValue | None = None
    entry: ObjectValue | None = None
    steps_to_entry: int = 0
    others: tuple[Value, ...] = ()

    @property
    def own_case(self) -> Case:
        """The condition for the container to exist, regardless of the entry."""
        return self.case[: len(self.case) - self.steps_to_entry]


class Alternative(NamedTuple):
    """One alternative of a container definition: the condition for it to exist, and its members."""

    case: Case
    definition: ObjectValue


class ContainerDefinition(NamedTuple):
    """A container definition at one position in the source, with all its alternatives.

    `list_index` is its number in the list. `form` is the form of its source, so that properties are found by their
    names in the ECS API. `sources` has the files that its members come from.
    """

    name: str | None
    list_index: int | None
    location: Span
    form: Form
    alternatives: tuple[Alternative, ...]
    sources: frozenset[str] = frozenset()

    def joined(self, other: ContainerDefinition) -> ContainerDefinition:
        """Return a definition with the alternatives of both."""
        return self._replace(
            alternatives=(*self.alternatives, *other.alternatives), sources=self.sources | other.sources
        )

    def kept(self, names: Set[str]) -> ContainerDefinition:
        """Return the definition with the members that may be one of `names`."""
        if all(item.plain is not None for _, item in self.alternatives):
            return self  # none of them is read yet
        return self._replace(
            alternatives=tuple(Alternative(path, kept(item, names)) for path, item in self.alternatives)
        )

    def boolean(self, name: str, aliases: Set[str] = frozenset()) -> list[Setting]:
        """Return the alternatives of a boolean property. `aliases` are other keys that are meant as it."""
        return [
            Setting(case, self.form.boolean(value), self._misspelling(value, definition, name, aliases))
            for case, definition, value in self._values(name)
        ]

    def string(self, *names: str) -> list[Setting]:
        """Return the alternatives of a string property at the path `names`."""
        return [
            Setting(case, self.form.string(value), self._misspelling_along(value, definition, names))
            for case, definition, value in self._values(*names)
        ]

    def _values(self, *names: str) -> Iterator[tuple[Case, ObjectValue, Value]]:
        for case, definition in self.alternatives:
            yield case, definition, self.form.property(definition, *names)

    def _misspelling(
        self, value: Value, definition: ObjectValue, name: str, aliases: Set[str] = frozenset()
    ) -> Misspelling | None:
        """Return the key that is meant as a property, if the property is missing in at least one case."""
        return self.form.misspelling(definition, name, aliases) if isinstance(value, (Absent, Choice)) else None

    def _misspelling_along(self, value: Value, definition: Value, names: Sequence[str]) -> Misspelling | None:
        """Return the first such key at the path `names`."""
        for name in names:
            if not isinstance(definition, ObjectValue):
                return None
            misspelling = self._misspelling(value, definition, name)
            if misspelling:
                return misspelling
            definition = self.form.property(definition, name)
        return None


class Unresolved(NamedTuple):
    """Container definitions that can't be listed: the reason, and the condition for them to exist."""

    case: Case
    unknown: Unknown


class Service(NamedTuple):
    """A service that runs a task definition: its address and its span."""

    address: str
    span: Span


def value_of(values: Mapping[str, Value], name: str) -> Value:
    """Return one of the properties that are kept."""
    return values[name] if name in values else not_read(name)


def not_read(name: str) -> Value:
    """Return an unknown for a property that is not kept."""
    return Unknown(f"the source of {name} is not read")


class TaskDefinition(NamedTuple):
    """A task definition.

    `source` is one of task-definition, cloudformation, terraform, terraform-plan, live. `address` is the name of the
    task definition in that source. `case` is the condition for it to exist. `operating_system_family` is that of its
    `runtimePlatform`, and may be a choice. `assumptions` are the defaults that determine its containers. `construct` is
    the path of the CDK construct that it was synthesized from. `launch_types` has the known `requiresCompatibilities`,
    and `exec_service` is a service in the same source that enables ECS Exec for it.

    `extent` is the span of the whole task definition, if `location` is only a part. `metadata` is the Metadata of its
    CloudFormation resource, and `template_metadata` is that of the template.

    `registered` is the registration of one with the source live.

    `read` returns a property by its name in the ECS API, such as pidMode, and `form` is how the source writes it.

    `told` is what results keep of it: the same, without the data that only rules read.
    """

    source: str
    address: str
    location: Span
    containers: tuple[ContainerDefinition, ...]
    unresolved: tuple[Unresolved, ...]
    operating_system_family: Value
    case: Case = ()
    assumptions: Assumptions = NO_ASSUMPTIONS
    via: tuple[Call, ...] = ()
    construct: str | None = None
    launch_types: tuple[str, ...] = ()
    exec_service: Service | None = None
    extent: Span | None = None
    metadata: Value = ABSENT
    template_metadata: Value = ABSENT
    registered: Registered | None = None
    form: Form = Form()
    read: Callable[[str], Value] = not_read
    told: TaskDefinition | None = None

    @property
    def type(self) -> str:
        """The type of the resource."""
        return TASK_DEFINITION

    def property(self, *names: str) -> Value:
        """Return the value of a property at the path `names`."""
        return self.form.nested_property(self.read(names[0]), *names[1:])

    def glance(self, *names: str) -> Value | None:
        """Return the property at the path `names` if one look is enough, or None. It has its position."""
        return self.form.glance_in(self.read(names[0]), names[1:])

    def string(self, *names: str) -> Setting:
        """Return a property at the path `names` that is a string."""
        return Setting(self.case, self.form.string(self.property(*names)))

    def kept(self, reads: Reads) -> TaskDefinition:
        """Return the task definition with the data that some rules read.

        The rest, and the template or module that it comes from, can then be freed.
        """
        values = {name: self.read(name) for name in (*reads.properties, *reads.identity)}
        containers = self.containers
        if reads.members is not None:
            containers = tuple(item.kept(reads.members) for item in containers)
        return self._replace(containers=containers, read=partial(value_of, values))

    def with_told(self, reads: Reads) -> TaskDefinition:
        """Return the task definition with what results keep of it."""
        containers = tuple(
            [
                ContainerDefinition(item.name, item.list_index, item.location, item.form, (), item.sources)
                for item in self.containers
            ]
        )
        values = {name: self.read(name) for name in reads.identity}
        told = self._replace(containers=containers, read=partial(value_of, values) if values else not_read)
        return self._replace(told=told)

    def is_empty(self) -> bool:
        """Tell whether it has no containers, not even ones that can't be listed."""
        return not self.containers and not self.unresolved
