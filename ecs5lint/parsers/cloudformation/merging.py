"""Merge the task definitions from the alternatives of a text. Those at the same position become one."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ecs5lint.location import Span
from ecs5lint.model.task_definition import ContainerDefinition, TaskDefinition
from ecs5lint.values.alternatives import Case
from ecs5lint.values.conditions import All
from ecs5lint.values.kinds import Arm, Choice, Value


def together(found: Iterable[tuple[Case, TaskDefinition]], case: Case) -> list[TaskDefinition]:
    """Return the task definitions of a text with alternatives. Each comes with the case of its alternative.

    `case` is that of the text itself.
    """
    groups: dict[object, list[tuple[Case, TaskDefinition]]] = {}
    for longer, definition in found:
        key = definition.address, _position(definition.location), definition.via
        groups.setdefault(key, []).append((longer, definition))
    return [_one(group, case) for group in groups.values()]


def _one(group: list[tuple[Case, TaskDefinition]], case: Case) -> TaskDefinition:
    first = group[0][1]
    if len(group) == 1:
        return first
    containers: dict[object, ContainerDefinition] = {}
    for _, definition in group:
        for container in definition.containers:
            key = container.name, _position(container.location)
            known = containers.get(key)
            containers[key] = known.joined(container) if known else container
    return first._replace(
        containers=tuple(containers.values()),
        unresolved=tuple(item for _, definition in group for item in definition.unresolved),
        operating_system_family=_choice(group, lambda item: item.operating_system_family),
        read=lambda name: _choice(group, lambda item: item.read(name)),
        case=case,
        assumptions=frozenset(item for _, definition in group for item in definition.assumptions),
    )


def _position(span: Span) -> tuple[str, tuple[int, int]]:
    return span.path, span.source.position(span.start)


def _choice(group: list[tuple[Case, TaskDefinition]], value_of: Callable[[TaskDefinition], Value]) -> Value:
    """Return a value of the task definitions, which is a choice if they differ in it."""
    values = [value_of(definition) for _, definition in group]
    if all(value == values[0] for value in values):
        return values[0]
    arms = (Arm(All(*(branch.when for branch in case)), value) for (case, _), value in zip(group, values, strict=True))
    return Choice(tuple(arms))
