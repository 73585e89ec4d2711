"""Find the task definitions of a module and of the modules it calls.

https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/ecs_task_definition
"""

from __future__ import annotations

import os
import re
from functools import partial

from ecs5lint.files.workspace import project_root
from ecs5lint.location import Failure, Span
from ecs5lint.model.form import Form, snake_case
from ecs5lint.model.resource import Resource, Subject
from ecs5lint.model.task_definition import TASK_DEFINITION, Service, TaskDefinition, Unresolved
from ecs5lint.notices import Notice
from ecs5lint.parsers.containers import Containers, container_definitions, launch_types
from ecs5lint.parsers.terraform.cloudformation_stacks import stack_callers
from ecs5lint.parsers.terraform.container_json import decoded_json, decoded_list
from ecs5lint.parsers.terraform.known_resources import CONTAINERS, SYSTEM_FAMILY, elsewhere_resources
from ecs5lint.parsers.terraform.language.alternatives import refusal
from ecs5lint.parsers.terraform.language.scope import Scope
from ecs5lint.parsers.terraform.language.types import typed
from ecs5lint.parsers.terraform.modules.child_modules import (
    ModuleInstance,
    instance_scope,
    is_too_deep,
    module_instances,
)
from ecs5lint.parsers.terraform.modules.instances import Instance, expand
from ecs5lint.parsers.terraform.modules.module_scope import ModuleScope
from ecs5lint.parsers.terraform.modules.not_installed import (
    definition_inputs,
    is_suspect,
    may_concern_ecs,
    may_have_task_definitions,
    skipped,
)
from ecs5lint.parsers.terraform.modules.registry.known_module import STAND_IN, KnownModule, Made
from ecs5lint.parsers.terraform.modules.run import AWSCC_TYPE, RESOURCE_TYPE, RESOURCE_TYPES, STACK_TYPES, is_checked
from ecs5lint.parsers.terraform.modules.sources import directory_in_package, local_directory, source_text
from ecs5lint.parsers.terraform.nested_blocks import as_blocks, check_syntax
from ecs5lint.parsers.terraform.provider_tags import TAGS, with_default_tags
from ecs5lint.parsers.terraform.resources import blocks_of, operating_system_family, other_resources, read_property
from ecs5lint.parsers.terraform.syntax.blocks import Argument, Block
from ecs5lint.parsers.terraform.syntax.errors import EvaluationError, NotKnown
from ecs5lint.text.placeholders import filled_in
from ecs5lint.values.alternatives import Case, is_true, lift
from ecs5lint.values.kinds import ABSENT, Known, Rest, Unknown, Value

#: The provider decodes the JSON without regard to case.
FORM = Form(case_sensitive=False, typed=typed)
#: A list of objects instead of JSON:
#: https://registry.terraform.io/providers/hashicorp/awscc/latest/docs/resources/ecs_task_definition
AWSCC_FORM = Form(snake_case, accepts_strings=True)
#: Outside JSON, both resources have the same names.
PROPERTIES_FORM = Form(snake_case, typed=typed)
FORMS = {RESOURCE_TYPE: FORM, AWSCC_TYPE: AWSCC_FORM}
#: The properties that are nested blocks of RESOURCE_TYPE.
BLOCKS = blocks_of(RESOURCE_TYPE)

_SERVICE_TYPE = "aws_ecs_service"
_EXEC = "enable_execute_command"
_TASK_DEFINITION_REFERENCE = re.compile(rf"(?<![\w.-]){RESOURCE_TYPE}\.([\w-]+)")


def ecs_resources(scope: ModuleScope) -> list[Subject]:
    """Return the task definitions of a module and of the modules it calls, and the other resources to check."""
    found: list[Subject] = []
    services = _exec_services(scope)
    for block in (*scope.module.resources.values(), *scope.module.redeclared):
        type, name = block.labels
        if scope.origin.calls and is_checked(type, scope.run.settings.reads.resources) and not scope.run.may_enter():
            continue
        if type in RESOURCE_TYPES:
            scope.run.start(block)
            judged = _of_resource(scope, f"{type}.{name}", block)
            found += [item._replace(exec_service=services.get(name)) for item in judged]
        elif is_checked(type, scope.run.settings.reads.resources):
            scope.run.start(block)
            found += other_resources(scope, block)
        elif type in STACK_TYPES:
            scope.run.start(block)
            scope.run.callers.extend(stack_callers(scope, block))
    elsewhere = []
    for call in scope.module.calls.values():
        if call.span in scope.run.refused or (is_too_deep(scope) and call.span in scope.run.too_deep):
            continue
        if scope.run.modules.leads_to_task_definition(scope.module.directory, call):
            for module in module_instances(scope, call):
                if module.scope:
                    found += ecs_resources(module.scope)
                    continue
                for resource in elsewhere_resources(scope, call, module):
                    is_task = resource.type == TASK_DEFINITION
                    found.append(_of_stand_in(scope, call, resource) if is_task else resource)
                if module.known and module.known.kind != STAND_IN:
                    found += _of_known_module(scope, call, module, module.known)
                elif not module.known or not module.known.stand_ins:
                    elsewhere.append((call, module))
                    if is_too_deep(scope) and _is_unconditional(scope, call, module):
                        scope.run.too_deep.add(call.span)
    return [*found, *_of_other_modules(scope, elsewhere)]


def _is_unconditional(scope: ModuleScope, call: Block, module: ModuleInstance) -> bool:
    """Tell whether a module exists in every case, with the same source on every path to its call."""
    return source_text(call) is not None and not (scope.origin.case or scope.origin.assumptions or module.case)


def _of_resource(scope: ModuleScope, local_address: str, block: Block) -> list[TaskDefinition]:
    try:
        return [
            _task_definition(scope, local_address, block, instance)
            for instance in expand(block, scope, scope.origin.case)
        ]
    except RecursionError:
        unknown = Unknown("the reference is nested too deeply to evaluate", block.span)
    except Failure as failure:
        scope.run.modules.fail(failure)
        unknown = Unknown(f"{failure.path}:{failure.position[0]} cannot be parsed", block.span)
    return [
        TaskDefinition(
            source="terraform",
            address=scope.address(local_address),
            location=block.span,
            containers=(),
            unresolved=(Unresolved(scope.origin.case, unknown),),
            operating_system_family=ABSENT,
            case=scope.origin.case,
            assumptions=scope.origin.assumptions,
            via=scope.origin.calls,
            form=PROPERTIES_FORM,
            read=lambda _: unknown,
        )
    ]


def _of_known_module(
    scope: ModuleScope, call: Block, module: ModuleInstance, known: KnownModule
) -> list[TaskDefinition]:
    """Return the task definitions of a well-known module that is not installed."""
    outer = (*scope.origin.case, *module.case)
    return [_elsewhere(scope, call, module, made) for made in known.task_definitions(outer)]


def _of_stand_in(scope: ModuleScope, call: Block, resource: Resource) -> TaskDefinition:
    """Return a task definition in a stand-in of a module that is not installed."""
    containers = _container_definitions(scope, resource.read(CONTAINERS), FORM, resource.case, call.span)
    return TaskDefinition(
        source="terraform",
        address=resource.address,
        location=resource.location,
        containers=containers.definitions,
        unresolved=containers.unresolved,
        operating_system_family=resource.read(SYSTEM_FAMILY),
        case=resource.case,
        assumptions=containers.assumptions | resource.assumptions,
        via=resource.via,
        exec_service=_exec_service(scope, call),
        form=PROPERTIES_FORM,
        read=resource.read,
    )


def _of_other_modules(scope: ModuleScope, calls: list[tuple[Block, ModuleInstance]]) -> list[TaskDefinition]:
    """Return a task definition for each module that is not installed and may have one.

    A module is left out if its outputs are container definitions of a task definition or of another such module.
    """
    for call in {id(call): call for call, _ in calls}.values():
        for argument in definition_inputs(call):
            given = lift(partial(decoded_list, argument.value_span), _value(scope, argument, scope))
            _container_definitions(scope, given, FORM, scope.origin.case, argument.value_span)
    found = []
    for call, module in calls:
        source, is_reported = module.target.source or "", _is_reported_by_others(scope, module)
        if module.is_reported or (may_have_task_definitions(call, source) and not is_reported):
            found.append(_elsewhere(scope, call, module, None))
        if module.unknown and not is_reported:
            _account(scope, call, source, module.unknown)
    return found


def _account(scope: ModuleScope, call: Block, source: str, unknown: Unknown) -> None:
    """Account for a missing module that may concern ECS by its names or path, with a notice if that is likely."""
    is_here = _defines_containers_here(scope, source)
    if is_here or may_concern_ecs(call, source):
        scope.run.modules.skipped.add(skipped(unknown.reason, call.span, scope.run.settings.reads))
    if (is_here or is_suspect(call, source)) and not may_have_task_definitions(call, source):
        notice = Notice(f"skipped: {unknown.reason}; it may define containers", call.span.path, call.span)
        if notice not in scope.run.modules.notices:
            scope.run.modules.notices.append(notice)


def _defines_containers_here(scope: ModuleScope, source: str) -> bool:
    """Tell whether a module in a package is one of this tree that has task definitions, directly or by its calls."""
    path, workspace = directory_in_package(source), scope.run.workspace
    root = project_root(os.path.realpath(workspace.own_name(scope.module.directory)))
    directory = path and workspace.normalize(os.path.relpath(os.path.join(root, path)).replace(os.sep, "/"))
    if not directory or not workspace.is_inside(directory):
        return False
    module = scope.run.module(directory)
    called = (local_directory(directory, call, workspace) for call in module.calls.values())
    modules = (module, *(scope.run.module(target) for target in called if target))
    types = scope.run.settings.reads.resources
    return any(is_checked(type, types) for item in modules for type, _ in item.resources)


def _is_reported_by_others(scope: ModuleScope, module: ModuleInstance) -> bool:
    """Tell whether a missing module is the reason why the container definitions of others are unknown.

    An output that is used for anything else, such as the name of a log group, reports nothing.
    """
    return module.unknown is not None and module.unknown.reason in scope.run.unlisted


def _container_definitions(scope: ModuleScope, value: Value, form: Form, case: Case, span: Span) -> Containers:
    """Return the container definitions in a value, and record why some, or parts of one, are unknown."""
    containers = container_definitions(value, form, case, span)
    scope.run.unlisted.update(item.unknown.reason for item in containers.unresolved)
    for definition in containers.definitions:
        for alternative in definition.alternatives:
            rests = (item.unknown for item in alternative.definition.members if isinstance(item, Rest))
            scope.run.unlisted.update(unknown.reason for unknown in rests)
    return containers


def _elsewhere(scope: ModuleScope, call: Block, module: ModuleInstance, made: Made | None) -> TaskDefinition:
    """Return a task definition of a module that is not installed, at the position of the call.

    `made` is the task definition as far as it is known, or None.
    """
    unknown = module.unknown or Unknown("the module is not installed", call.span)
    case = (*scope.origin.case, *module.case, *(made.instance.case if made else ()))
    if made:
        containers = _container_definitions(scope, made.containers, FORM, case, call.span)
    else:
        containers = container_definitions(unknown, FORM, case, call.span)
    return TaskDefinition(
        source="terraform",
        address=scope.address(
            f"{call.type}.{call.labels[0]}{module.instance.suffix}{made.instance.suffix if made else ''}"
        ),
        location=call.span,
        containers=containers.definitions,
        unresolved=containers.unresolved,
        operating_system_family=made.family if made else ABSENT,
        case=case,
        assumptions=containers.assumptions | scope.origin.assumptions | module.target.assumptions,
        via=scope.origin.calls,
        exec_service=_exec_service(scope, call),
        form=PROPERTIES_FORM,
        read=partial(_of_module, scope, call, made, unknown),
    )


def _exec_service(scope: ModuleScope, call: Block) -> Service | None:
    """Return the service of a module that is not installed, if it enables ECS Exec.

    Modules with a service use the argument name of the resource for it.
    """
    turns_on_exec = is_true(_value(scope, call.argument(_EXEC), scope))
    return Service(scope.address(f"{call.type}.{call.labels[0]}"), call.span) if turns_on_exec else None


def _of_module(scope: ModuleScope, call: Block, made: Made | None, unknown: Unknown, name: str) -> Value:
    """Return a property of a task definition in a module that is not installed."""
    if made is None:
        return unknown
    return with_default_tags(scope, call, made.read(name)) if name == TAGS else as_blocks(made.read(name))


def _task_definition(scope: ModuleScope, local_address: str, block: Block, instance: Instance) -> TaskDefinition:
    address = scope.address(local_address)
    inner = instance_scope(scope, address, instance)
    case = (*scope.origin.case, *instance.case)
    for item in block.arguments():
        check_syntax(item, scope)
    argument = block.argument("container_definitions")
    if argument is None:
        unknown = Unknown("container_definitions is not written in the resource", block.span)
        containers = Containers((), (Unresolved(case, unknown),), frozenset())
    else:
        form = FORMS[block.labels[0]]
        containers = _container_definitions(scope, _written(scope, argument, inner, form), form, case, block.span)
    return TaskDefinition(
        source="terraform",
        address=address + instance.suffix,
        location=block.span,
        containers=containers.definitions,
        unresolved=containers.unresolved,
        operating_system_family=lift(filled_in, operating_system_family(scope, block, inner)),
        case=case,
        assumptions=containers.assumptions | scope.origin.assumptions,
        via=scope.origin.calls,
        launch_types=launch_types(_value(scope, block.argument("requires_compatibilities"), inner)),
        form=PROPERTIES_FORM,
        read=partial(
            read_property, scope, block, inner, PROPERTIES_FORM, BLOCKS if block.labels[0] == RESOURCE_TYPE else {}
        ),
    )


def _exec_services(scope: ModuleScope) -> dict[str, Service]:
    """Return the services of a module that enable ECS Exec, by the names of the task definitions they refer to.

    https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/ecs_service
    """
    services = {}
    for (type, name), block in scope.module.resources.items():
        if type == _SERVICE_TYPE and _EXEC in block.span.text:
            try:
                runs, exec = block.argument("task_definition"), block.argument(_EXEC)
            except Failure:
                continue
            referred = _TASK_DEFINITION_REFERENCE.findall(runs.value_span.text) if runs else []
            if referred and is_true(_value(scope, exec, scope)):
                services.update(dict.fromkeys(referred, Service(scope.address(f"{type}.{name}"), block.span)))
    return services


def _value(scope: ModuleScope, argument: Argument | None, inner: Scope) -> Value:
    """Return the value of an argument that no verdict depends on. It is ABSENT if missing or refused."""
    try:
        return scope.value_of(argument, inner) if argument else ABSENT
    except EvaluationError:
        return ABSENT


def _without_nulls(value: Value) -> Value:
    """Return a value without its null alternatives, unless all are null: the provider requires the argument.

    If it is null by default, another value should be set.
    """
    is_given = False

    def unless_null(value: Value) -> Value:
        nonlocal is_given
        is_null = isinstance(value, Known) and value.value is None and not value.assumptions
        is_given = is_given or not is_null
        return ABSENT if is_null else value

    given = lift(unless_null, value)
    return given if is_given else value


def _written(scope: ModuleScope, argument: Argument, inner: Scope, form: Form) -> Value:
    """Return the list in an argument, directly or from its JSON text."""
    try:
        value = _without_nulls(scope.value_of(argument, inner))
        return value if form is AWSCC_FORM else lift(partial(decoded_json, argument.value_span), value)
    except EvaluationError as error:
        return refusal(error, argument.value_span)
    except NotKnown as error:
        return error.unknown
