"""Evaluate data.aws_ecs_container_definition: a container of a task definition, as read back from AWS.

https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/ecs_container_definition
"""

from __future__ import annotations

from ecs5lint.parsers.terraform.language.scope import Scope
from ecs5lint.parsers.terraform.modules.module_scope import ModuleScope
from ecs5lint.parsers.terraform.modules.run import RESOURCE_TYPE
from ecs5lint.parsers.terraform.syntax.blocks import Argument, Block
from ecs5lint.text import json
from ecs5lint.values.kinds import Absent, Choice, ListValue, ObjectValue, Unknown, Value, known_text
from ecs5lint.values.members import member

#: The attributes, and the corresponding keys of a container definition.
_MEMBERS = {
    "cpu": "cpu",
    "disable_networking": "disableNetworking",
    "docker_labels": "dockerLabels",
    "image": "image",
    "memory": "memory",
    "memory_reservation": "memoryReservation",
}


def container_attribute(module: ModuleScope, block: Block, name: str, scope: Scope) -> Value | None:
    """Return an attribute of the data source `block`, or None if the source doesn't determine it.

    It does if the task definition is a resource of the same module with known containers. Raises EvaluationError.
    """
    task_definition, container_name = block.argument("task_definition"), block.argument("container_name")
    if name not in _MEMBERS or task_definition is None or container_name is None:
        return None
    written = _container_definitions(module, module.value_of(task_definition, scope))
    wanted = known_text(module.value_of(container_name, scope))
    if written is None or wanted is None:
        return None
    containers = module.once(f"{written.span.path}:{written.span.start}", lambda: _decoded(module, written))
    for container in containers.items if isinstance(containers, ListValue) else ():
        found = known_text(member(container, "name")) if isinstance(container, ObjectValue) else None
        if not isinstance(container, ObjectValue) or found is None:
            return None
        if found == wanted:
            value = member(container, _MEMBERS[name])
            return None if isinstance(value, (Absent, Choice)) else value
    return None


def _container_definitions(module: ModuleScope, reference: Value) -> Argument | None:
    """Return the containers of the resource to whose `id` or `arn` a value refers. It must have a single instance."""
    if not isinstance(reference, Unknown) or reference.symbol not in module.run.attributes:
        return None
    resource, attribute = module.run.attributes[reference.symbol]
    is_own = any(resource is own for (type, _), own in module.module.resources.items() if type == RESOURCE_TYPE)
    if not is_own or attribute not in ("arn", "id") or resource.argument("count") or resource.argument("for_each"):
        return None
    return resource.argument("container_definitions")


def _decoded(module: ModuleScope, argument: Argument) -> Value:
    try:
        return json.decode(module.value_of(argument))
    except json.JsonError as error:
        return Unknown(error.message, error.span)
