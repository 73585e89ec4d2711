"""From the resources of a stack to the task definitions of the model, through the stacks that it nests."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from ecs5lint.conditions import All, Not, TooManyAlternatives
from ecs5lint.location import Failure, Span
from ecs5lint.model import Call, Service, TaskDefinition, Unresolved
from ecs5lint.parsers.cloudformation.conditions import linked, named_condition, note_parts
from ecs5lint.parsers.cloudformation.nested import is_local, nested_stacks
from ecs5lint.parsers.cloudformation.parameter_rules import rules
from ecs5lint.parsers.cloudformation.stack import Context, Stack
from ecs5lint.parsers.cloudformation.template import NESTED_STACKS, SERVICE, TASK_DEFINITION, is_relevant
from ecs5lint.parsers.container_definitions import Form, container_definitions, is_true, launch_types
from ecs5lint.placeholders import filled_in
from ecs5lint.values import (
    ABSENT,
    NO_ASSUMPTIONS,
    Absent,
    Assumption,
    Assumptions,
    Branch,
    Choice,
    ObjectValue,
    Pair,
    Path,
    Rest,
    Unknown,
    Value,
    assume_throughout,
    known_text,
    lift,
    member,
)

FORM = Form("ReadonlyRootFilesystem", "Name", accepts_strings=True)

#: How deep stacks may be nested.
_MAX_NESTED = 10
#: What a nested stack takes of the work of a run, in values that are evaluated.
_STACK_WORK = 500

#: What is written of a stack that cannot be read, if it may be one with task definitions.
_NAMES_ECS = re.compile(r"(?<![A-Za-z])ecs(?![a-z])|ECS|Ecs(?![a-z])|[Ff]argate|[Tt]ask[-_]?[Dd]ef")


class _Resource(NamedTuple):
    """A resource as it is written in a stack, and when it is there: `assumptions` are the defaults that say so."""

    logical_id: str
    location: Span
    value: Value
    path: Path
    context: Context
    assumptions: Assumptions


def task_definitions(stack: Stack, path: Path = (), via: tuple[Call, ...] = ()) -> Iterator[TaskDefinition]:
    """Yield the task definitions of a stack and of those that it nests. `path` says when the stack itself is there."""
    note_parts(stack)
    demands = rules(stack)
    demands += linked(stack, demands)
    path = (*path, *(Branch(demand, True) for demand in demands))
    base = stack.base._replace(path=(*stack.base.path, *demands))
    resources = list(_resources(stack, path, base))
    services = _exec_services(stack, [item for item in resources if isinstance(item, _Resource)])
    for resource in resources:
        if isinstance(resource, Unknown):
            yield _unlisted(stack, "Resources", resource.span, resource, path, via)
            continue
        type_ = _type(resource)
        if type_ == TASK_DEFINITION:
            yield _task_definition(stack, resource, via)._replace(exec_service=services.get(resource.logical_id))
        elif type_ in NESTED_STACKS:
            yield from _nested(stack, resource, NESTED_STACKS[type_], via)
        elif type_.endswith("::MODULE"):
            reason = f"{type_} is a module of the CloudFormation registry, and what it is made of is not known"
            yield _unlisted(
                stack, resource.logical_id, resource.location, Unknown(reason), resource.path, via, resource.value
            )


def _type(resource: _Resource) -> str:
    return known_text(_member(resource.value, "Type")) or ""


def _exec_services(stack: Stack, resources: list[_Resource]) -> dict[str, Service]:
    """Return the services that turn on ECS Exec, by the logical IDs of the task definitions that they run.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ecs-service.html
    """
    services, own = {}, f"{stack.prefix}!Ref "
    for resource in resources:
        if _type(resource) == SERVICE and is_true(_property(stack, resource, "EnableExecuteCommand")):
            runs = _property(stack, resource, "TaskDefinition")
            if isinstance(runs, Unknown) and runs.symbol and runs.symbol.startswith(own):
                services[runs.symbol.removeprefix(own)] = Service(resource.logical_id, resource.location)
    return services


def nested_templates(stack: Stack) -> Iterator[str]:
    """Yield the paths of the local templates that a stack nests."""
    for resource in _resources(stack, (), stack.base):
        if isinstance(resource, _Resource):
            property_name = NESTED_STACKS.get(known_text(_member(resource.value, "Type")) or "")
            place = known_text(_property(stack, resource, property_name)) if property_name else None
            if place is not None and is_local(place):
                yield stack.path_of(place)


def _resources(stack: Stack, path: Path, base: Context) -> Iterator[_Resource | Unknown]:
    """Yield the resources that can be there, and for those that are not known, why."""
    for item in stack.language.expand_members(stack, stack.section("Resources"), base):
        if isinstance(item, Rest):
            yield item.unknown
            continue
        logical_id = known_text(item.key) or (item.key.span.text if item.key.span else "")
        location = item.key.span or Span(stack.template.source, 0, 0)
        value, conditions = item.value, []
        while isinstance(value, Choice):
            # What a loop makes whose collection is empty by default.
            conditions.append(value.arms[0].when)
            value = value.arms[0].value
        name = known_text(_member(value, "Condition"))
        if name is not None:
            conditions.append(named_condition(stack, name))
        if not conditions:
            yield _Resource(logical_id, location, value, path, base, item.key.assumptions)
            continue
        when = conditions[0] if len(conditions) == 1 else All(*conditions)
        try:
            forks = stack.forks(base, [when, Not(when)])
        except TooManyAlternatives:
            if is_relevant(known_text(_member(value, "Type")) or ""):
                yield Unknown(f"whether there is {logical_id} takes too long to tell", location)
            continue
        for fork in forks:
            if fork.number == 0:
                longer = (*path, fork.branch) if fork.branch else path
                assumptions = item.key.assumptions | (fork.branch.assumptions if fork.branch else NO_ASSUMPTIONS)
                yield _Resource(logical_id, location, value, longer, fork.context, assumptions)


def _member(value: Value, name: str) -> Value:
    """Return a member of what must be an object, if it is anything."""
    if isinstance(value, ObjectValue):
        return member(value, name)
    return value if isinstance(value, (Unknown, Absent)) else Unknown("it must be an object", value.span)


def _property(stack: Stack, resource: _Resource, name: str) -> Value:
    """Return what a property of a resource comes to."""
    properties = _member(resource.value, "Properties")
    if isinstance(properties, ObjectValue) and _is_plain(properties):
        return stack.evaluate(member(properties, name), resource.context)
    return lift(lambda value: _member(value, name), stack.evaluate(properties, resource.context))


def _is_plain(value: ObjectValue) -> bool:
    """Tell whether the members of an object are all written out, so that the one needed can be evaluated alone."""
    keys = [known_text(item.key) if isinstance(item, Pair) else None for item in value.members]
    return all(key is not None and not key.startswith("Fn::") for key in keys)


def _task_definition(stack: Stack, resource: _Resource, via: tuple[Call, ...]) -> TaskDefinition:
    listed = _property(stack, resource, "ContainerDefinitions")
    if isinstance(listed, Absent):
        listed = _misspelled(resource) or listed
    containers = container_definitions(
        assume_throughout(listed, _macros(stack)), FORM, resource.path, resource.location
    )
    platform = _property(stack, resource, "RuntimePlatform")
    metadata = _member(resource.value, "Metadata")
    return TaskDefinition(
        source="cloudformation",
        address=resource.logical_id,
        location=resource.location,
        containers=containers.definitions,
        unresolved=containers.unresolved,
        operating_system_family=lift(lambda value: filled_in(_member(value, "OperatingSystemFamily")), platform),
        path=resource.path,
        assumptions=containers.assumptions | resource.assumptions,
        via=via,
        construct=known_text(_member(metadata, "aws:cdk:path")),
        launch_types=launch_types(_property(stack, resource, "RequiresCompatibilities")),
        extent=_extent(resource.location, resource.value),
        metadata=metadata,
        template_metadata=member(stack.template.root, "Metadata"),
    )


def _misspelled(resource: _Resource) -> Unknown | None:
    """Return what is known of container definitions under a key in the wrong case, None if there is no such key."""
    for value, name in (
        (_member(resource.value, "Properties"), "ContainerDefinitions"),
        (resource.value, "Properties"),
    ):
        for item in value.members if isinstance(value, ObjectValue) else ():
            key = known_text(item.key) if isinstance(item, Pair) else None
            if isinstance(item, Pair) and key is not None and key != name and key.lower() == name.lower():
                reason = f"CloudFormation does not read {key} as {name}"
                return Unknown(reason, item.key.span, hint=f"write {name}, in this case")
    return None


def _extent(location: Span, value: Value) -> Span | None:
    """Return all that is written of a resource, from its logical ID on."""
    written = value.span
    return location._replace(end=written.end) if written and written.source is location.source else None


def _macros(stack: Stack) -> Assumptions:
    """Return what is assumed of the macros that a template is passed through: that they change nothing here."""
    transforms = stack.template.transforms()
    names = [known_text(_member(item, "Name") if isinstance(item, ObjectValue) else item) for item in transforms]
    return frozenset(
        Assumption(f"macro {name}", f"the macro {name} leaves this as it is written")
        for name in names
        if name is not None and not name.startswith("AWS::")
    )


def _unlisted(
    stack: Stack,
    address: str,
    location: Span | None,
    unknown: Unknown,
    path: Path,
    via: tuple[Call, ...],
    value: Value = ABSENT,
) -> TaskDefinition:
    """Return what stands for task definitions that are not known; `value` is the resource that they come from."""
    location = location or Span(stack.template.source, 0, 0)
    return TaskDefinition(
        source="cloudformation",
        address=address,
        location=location,
        containers=(),
        unresolved=(Unresolved(path, unknown),),
        operating_system_family=ABSENT,
        path=path,
        via=via,
        extent=_extent(location, value),
        metadata=_member(value, "Metadata"),
        template_metadata=member(stack.template.root, "Metadata"),
    )


def _nested(stack: Stack, resource: _Resource, property_name: str, via: tuple[Call, ...]) -> Iterator[TaskDefinition]:
    """Yield the task definitions of a nested stack, if its template is a local file."""
    place = known_text(_property(stack, resource, property_name))
    if place is None or not is_local(place):
        hint = f"make {property_name} the path of a local template, as aws cloudformation package takes it"
        yield from _unread(stack, resource, "is not a local file", via, hint=hint)
        return
    try:
        nested = nested_stacks(stack, resource.logical_id, resource.value, place, resource.context)
    except Failure as failure:
        broken = failure.span.source.text if failure.span else ""
        yield from _unread(stack, resource, f"({stack.path_of(place)}) {failure.message}", via, broken)
        return
    if isinstance(nested, Unknown):
        yield _unlisted(stack, resource.logical_id, resource.location, nested, resource.path, via, resource.value)
        return
    for inner in nested:
        yield from task_definitions(inner, resource.path, (*via, Call(resource.logical_id, resource.location)))


def _unread(
    stack: Stack, resource: _Resource, problem: str, via: tuple[Call, ...], content: str = "", hint: str = ""
) -> Iterator[TaskDefinition]:
    """Yield what stands for the task definitions of a nested stack whose template cannot be read, if it may have any.

    Most nested stacks have nothing to do with ECS, so what is written there must name it.
    """
    written = resource.value.span.text if resource.value.span else ""
    if _NAMES_ECS.search(f"{resource.logical_id} {written} {content}"):
        unknown = Unknown(f"the template of the nested stack {resource.logical_id} {problem}", hint=hint)
        yield _unlisted(stack, resource.logical_id, resource.location, unknown, resource.path, via, resource.value)
