"""Merge the resources from the alternatives of a text. Those at the same position become one."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from ecs5lint.location import Span
from ecs5lint.model.resource import Subject
from ecs5lint.model.task_definition import ContainerDefinition, TaskDefinition
from ecs5lint.values.alternatives import Case
from ecs5lint.values.conditions import All
from ecs5lint.values.kinds import Arm, Choice, Value


def together(found: Iterable[tuple[Case, Subject]], case: Case) -> list[Subject]:
    """Return the resources of a text with alternatives. Each comes with the case of its alternative.

    `case` is that of the text itself.
    """
    groups: dict[object, list[tuple[Case, Subject]]] = {}
    for longer, resource in found:
        key = resource.type, resource.address, _position(resource.location), resource.via
        groups.setdefault(key, []).append((longer, resource))
    return [_one(group, case) if len(group) > 1 else group[0][1] for group in groups.values()]


def _one(group: list[tuple[Case, Subject]], case: Case) -> Subject:
    first = group[0][1]
    read = partial(_read, group)
    assumptions = frozenset(item for _, resource in group for item in resource.assumptions)
    if not isinstance(first, TaskDefinition):
        return first._replace(read=read, case=case, assumptions=assumptions)
    definitions = [(case, item) for case, item in group if isinstance(item, TaskDefinition)]
    containers: dict[object, ContainerDefinition] = {}
    for _, definition in definitions:
        for container in definition.containers:
            key = container.name, _position(container.location)
            known = containers.get(key)
            containers[key] = known.joined(container) if known else container
    return first._replace(
        containers=tuple(containers.values()),
        unresolved=tuple(item for _, definition in definitions for item in definition.unresolved),
        operating_system_family=_choice([(case, item.operating_system_family) for case, item in definitions]),
        read=read,
        case=case,
        assumptions=assumptions,
    )


def _read(group: list[tuple[Case, Subject]], name: str) -> Value:
    return _choice([(case, item.read(name)) for case, item in group])


def _position(span: Span) -> tuple[str, tuple[int, int]]:
    return span.path, span.source.position(span.start)


def _choice(values: list[tuple[Case, Value]]) -> Value:
    """Return one of several values. It is a choice if they differ."""
    first = values[0][1]
    if all(value == first for _, value in values):
        return first
    return Choice(tuple(Arm(All(*(branch.when for branch in case)), value) for case, value in values))
