"""Define the input of rules about anything but task definitions: services, task sets, clusters and capacity providers.

The names are those of the ECS API (CreateService and the like).
"""

from collections.abc import Callable, Collection, Iterator
from functools import partial

from ecs5lint.light_typing import NamedTuple
from ecs5lint.location import Span
from ecs5lint.model.form import Form
from ecs5lint.model.registered import Registered
from ecs5lint.model.task_definition import Call, Setting, TaskDefinition, not_read, value_of
from ecs5lint.settings.settings import Reads
from ecs5lint.values.alternatives import Case
from ecs5lint.values.conditions import Constant
from ecs5lint.values.kinds import ABSENT, NO_ASSUMPTIONS, Assumptions, Unknown, Value

SERVICE = "service"
TASK_SET = "task_set"
CLUSTER = "cluster"
CAPACITY_PROVIDER = "capacity_provider"

#: The capacity providers of AWS.
FARGATE_PROVIDERS = frozenset(("FARGATE", "FARGATE_SPOT"))

#: The property of a service or a task set with the operating system family of its task definition.
PLATFORM_FAMILY = "platformFamily"
#: The property of a cluster with the settings of its account, as far as the source sets them.
ACCOUNT_SETTINGS = "accountSettings"


def names_own_provider(name: Constant) -> bool:
    """Tell whether a resource can have a name if it is a capacity provider. AWS reserves the names of its own.

    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateCapacityProvider.html
    """
    return name not in FARGATE_PROVIDERS


class Resource(NamedTuple):
    """A resource of Amazon ECS that is no task definition.

    `type` is one of the constants above. The other fields are those of a task definition. `assumptions` are the
    defaults that determine whether it exists, and `read` returns a property by its name in the ECS API, such as
    networkConfiguration. If `unlisted` is set, the resource represents those that can't be listed, for this reason.
    """

    type: str
    source: str
    address: str
    location: Span
    case: Case = ()
    assumptions: Assumptions = NO_ASSUMPTIONS
    via: tuple[Call, ...] = ()
    construct: str | None = None
    extent: Span | None = None
    metadata: Value = ABSENT
    template_metadata: Value = ABSENT
    registered: Registered | None = None
    form: Form = Form()
    read: Callable[[str], Value] = not_read
    unlisted: Unknown | None = None
    told: "Resource | None" = None

    def property(self, *names: str) -> Value:
        """Return the value of a property at the path `names`."""
        return self.form.nested_property(self.read(names[0]), *names[1:])

    def glance(self, *names: str) -> Value | None:
        """Return the property at the path `names` if one look is enough, or None. It has its position."""
        return self.form.glance_in(self.read(names[0]), names[1:])

    def string(self, *names: str) -> Setting:
        """Return a property at the path `names` that is a string."""
        return Setting(self.case, self.form.string(self.property(*names)))

    def kept(self, reads: Reads) -> "Resource":
        """Return the resource with the properties that some rules read. The rest can then be freed."""
        values = {name: self.read(name) for name in reads.resources.get(self.type, ())}
        return self._replace(read=partial(value_of, values))

    def with_told(self, _reads: Reads) -> "Resource":
        """Return the resource with what results keep of it."""
        return self._replace(told=self._replace(read=not_read))


#: The subject of a rule.
Subject = TaskDefinition | Resource


def with_unlisted(definition: TaskDefinition, types: Collection[str]) -> Iterator[Subject]:
    """Yield a task definition that can't list its containers, and a resource of each type that can't be listed either.

    They have the same reason, such as a missing module.
    """
    yield definition
    (unresolved,) = definition.unresolved
    for type in types:
        yield Resource(
            type,
            definition.source,
            definition.address,
            definition.location,
            unresolved.case,
            via=definition.via,
            extent=definition.extent,
            metadata=definition.metadata,
            template_metadata=definition.template_metadata,
            form=definition.form,
            unlisted=unresolved.unknown,
        )
