"""Merge the task definitions from the alternatives of a text. Those at the same position become one."""

from __future__ import annotations

from collections.abc import Iterable

from ecs5lint.location import Span
from ecs5lint.model.task_definition import ContainerDefinition, TaskDefinition
from ecs5lint.values.alternatives import Path
from ecs5lint.values.conditions import All
from ecs5lint.values.kinds import Arm, Choice, Value


def together(found: Iterable[tuple[Path, TaskDefinition]], path: Path) -> list[TaskDefinition]:
    """Return the task definitions of a text with alternatives. Each comes with the path to its alternative.

    `path` leads to the text itself.
    """
    groups: dict[object, list[tuple[Path, TaskDefinition]]] = {}
    for longer, definition in found:
        key = definition.address, _place(definition.location), definition.via
        groups.setdefault(key, []).append((longer, definition))
    return [_one(group, path) for group in groups.values()]


def _one(group: list[tuple[Path, TaskDefinition]], path: Path) -> TaskDefinition:
    first = group[0][1]
    if len(group) == 1:
        return first
    containers: dict[object, ContainerDefinition] = {}
    for _, definition in group:
        for container in definition.containers:
            key = container.name, _place(container.location)
            known = containers.get(key)
            containers[key] = known.joined(container) if known else container
    return first._replace(
        containers=tuple(containers.values()),
        unresolved=tuple(item for _, definition in group for item in definition.unresolved),
        operating_system_family=_families(group),
        path=path,
        assumptions=frozenset(item for _, definition in group for item in definition.assumptions),
    )


def _place(span: Span) -> tuple[str, tuple[int, int]]:
    return span.path, span.source.position(span.start)


def _families(group: list[tuple[Path, TaskDefinition]]) -> Value:
    families = [definition.operating_system_family for _, definition in group]
    if all(family == families[0] for family in families):
        return families[0]
    arms = (Arm(All(*(branch.when for branch in path)), item.operating_system_family) for path, item in group)
    return Choice(tuple(arms))
