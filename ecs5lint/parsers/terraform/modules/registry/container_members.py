"""Change the members of a container definition as the well-known modules do."""

from __future__ import annotations

from ecs5lint.parsers.terraform.language.types import BOOL, convert
from ecs5lint.parsers.terraform.modules.registry.known_settings import is_null
from ecs5lint.parsers.terraform.syntax.errors import EvaluationError
from ecs5lint.values.alternatives import lift
from ecs5lint.values.kinds import Absent, Known, ObjectValue, Pair, Rest, Unknown, Value, known_text
from ecs5lint.values.members import member

#: The setting that the table is about.
KEY = "readonlyRootFilesystem"


def with_name(name: Value, container: Value) -> Value:
    """Return a container with a name."""
    if not isinstance(container, ObjectValue):
        return container
    return container._replace(members=(*container.members, Pair(Known("name", container.span), name)))


def either(definition: ObjectValue, name: str, other: str) -> Value:
    """Return a member by one of two names."""
    value = member(definition, name)
    return member(definition, other) if isinstance(value, Absent) else value


def without_nulls(value: Value) -> Value:
    """Return an object without its null members."""
    if not isinstance(value, ObjectValue):
        return value
    kept = tuple(item for item in value.members if isinstance(item, Rest) or not is_null(item.value))
    return value._replace(members=tuple(map(_as_boolean, kept)))


def _as_boolean(item: Pair | Rest) -> Pair | Rest:
    """Return a member of a typed object. The module converts the setting to a boolean."""
    if isinstance(item, Rest) or known_text(item.key) != KEY:
        return item
    try:
        return item._replace(value=convert(item.value, BOOL))
    except EvaluationError:
        return item


def merged(container: Value, override: Value) -> Value:
    """Return a container with an object merged over it."""

    def merge(override: Value) -> Value:
        assert isinstance(container, ObjectValue)
        if isinstance(override, ObjectValue):
            return container._replace(members=(*container.members, *override.members))
        if isinstance(override, Unknown):
            return container._replace(members=(*container.members, Rest(override)))
        return container

    return lift(merge, override)
