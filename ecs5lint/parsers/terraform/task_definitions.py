"""The task definitions of a module and of the modules it calls.

https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/ecs_task_definition
"""

from __future__ import annotations

from ecs5lint import jsontext
from ecs5lint.location import Failure
from ecs5lint.model import TaskDefinition, Unresolved
from ecs5lint.parsers.container_definitions import Containers, Form, container_definitions
from ecs5lint.parsers.terraform.blocks import Argument, Block
from ecs5lint.parsers.terraform.errors import EvaluationError, NotKnown
from ecs5lint.parsers.terraform.instances import Instance, expand
from ecs5lint.parsers.terraform.module_scope import ModuleScope
from ecs5lint.parsers.terraform.modules import module_instances
from ecs5lint.parsers.terraform.references import instance_scope
from ecs5lint.parsers.terraform.run import RESOURCE_TYPE
from ecs5lint.parsers.terraform.scope import Scope
from ecs5lint.values import ABSENT, Unknown, Value

#: The provider decodes the JSON without regard to case.
FORM = Form("readonlyRootFilesystem", "name", case_sensitive=False)


def task_definitions(scope: ModuleScope) -> list[TaskDefinition]:
    """Return the task definitions of a module, and those of the modules it calls."""
    found = []
    for (type, name), block in scope.module.resources.items():
        if type == RESOURCE_TYPE:
            scope.run.start()
            for instance in expand(block, scope):
                found.append(_task_definition(scope, f"{type}.{name}", block, instance))
    for call in scope.module.calls.values():
        if scope.run.leads_to_task_definition(scope.module.directory, call):
            for module in module_instances(scope, call):
                if module.scope is not None:
                    found += task_definitions(module.scope)
    return found


def _task_definition(scope: ModuleScope, local_address: str, block: Block, instance: Instance) -> TaskDefinition:
    address = scope.address(local_address)
    inner = instance_scope(scope, address, instance)
    path = (*scope.origin.path, *instance.path)
    for argument in block.arguments():
        _check_syntax(argument, scope)
    argument = block.argument("container_definitions")
    if argument is None:
        unknown = Unknown("container_definitions is not written in the resource", block.span)
        containers = Containers((), (Unresolved(path, unknown),), frozenset())
    else:
        containers = container_definitions(_decoded(scope, argument, inner), FORM, path, block.span)
    return TaskDefinition(
        source="terraform",
        address=address + instance.suffix,
        location=block.span,
        containers=containers.definitions,
        unresolved=containers.unresolved,
        operating_system_family=_operating_system_family(scope, block, inner),
        path=path,
        assumptions=containers.assumptions,
        via=scope.origin.calls,
    )


def _check_syntax(argument: Argument, scope: ModuleScope) -> None:
    """Note a syntax error anywhere in a task definition, be the argument of interest or not."""
    try:
        argument.expression  # noqa: B018
    except Failure as failure:
        scope.run.fail(failure)


def _decoded(scope: ModuleScope, argument: Argument, inner: Scope) -> Value:
    """Return the value that the JSON text of an argument stands for."""
    try:
        value = scope.value_of(argument, inner)
        return value if isinstance(value, Unknown) else jsontext.decode(value)
    except EvaluationError as error:
        return Unknown(error.message, error.span or argument.value_span)
    except NotKnown as error:
        return error.unknown
    except jsontext.JsonError as error:
        return Unknown(f"container_definitions is not valid JSON: {error.message}", error.span or argument.value_span)
    except RecursionError:
        return Unknown("the expression is nested too deeply", argument.value_span)


def _operating_system_family(scope: ModuleScope, block: Block, inner: Scope) -> Value:
    """Return the value of operating_system_family in the runtime_platform block, ABSENT if there is none."""
    for platform in block.blocks("runtime_platform"):
        argument = platform.argument("operating_system_family")
        if argument is not None:
            return _lenient(scope, argument, inner)
    return ABSENT


def _lenient(scope: ModuleScope, argument: Argument, inner: Scope) -> Value:
    try:
        return scope.value_of(argument, inner)
    except EvaluationError as error:
        return Unknown(error.message, error.span or argument.value_span)


