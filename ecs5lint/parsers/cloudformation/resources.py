"""Convert the resources of a stack, and of its nested stacks, into task definitions and other resources."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property, partial

from ecs5lint.files.kinds import CLOUDFORMATION, kinds_of, mentions_ecs
from ecs5lint.light_typing import NamedTuple
from ecs5lint.location import Failure, Span
from ecs5lint.model.form import Form, pascal_case, pascal_case_in
from ecs5lint.model.resource import PLATFORM_FAMILY, Resource, Subject, with_unlisted
from ecs5lint.model.task_definition import Call, Service, TaskDefinition, Unresolved
from ecs5lint.parsers.cloudformation.language.nested.stacks import Target, deployed_stacks, passed_names, targets
from ecs5lint.parsers.cloudformation.language.parameter_rules import rules
from ecs5lint.parsers.cloudformation.language.stack import Context, Stack
from ecs5lint.parsers.cloudformation.language.template import (
    OTHER_TYPES,
    SERVICE,
    TASK_DEFINITION,
    is_relevant,
    meant_type,
)
from ecs5lint.parsers.cloudformation.language.template_conditions import linked, named_condition, note_parts
from ecs5lint.parsers.cloudformation.language.written import Members, member_of
from ecs5lint.parsers.containers import container_definitions, launch_types
from ecs5lint.text.placeholders import filled_in
from ecs5lint.values.alternatives import Branch, Case, is_true, lift
from ecs5lint.values.conditions import All, Not, TooManyAlternatives
from ecs5lint.values.kinds import (
    ABSENT,
    Absent,
    Assumptions,
    Choice,
    Known,
    ObjectValue,
    Pair,
    Rest,
    Unknown,
    Value,
    assume,
    known_text,
)
from ecs5lint.values.members import member
from ecs5lint.values.traverse import assume_throughout

FORM = Form(pascal_case, accepts_strings=True)
#: The forms of the other resources, by their types in the model.
_FORMS = {type: Form(partial(pascal_case_in, type), accepts_strings=True) for type in OTHER_TYPES.values()}


class _Resource:
    """A resource in a stack, and the case in which it exists. `assumptions` are the defaults that this relies on."""

    def __init__(
        self,
        stack: Stack,
        logical_id: str,
        location: Span,
        value: Value,
        case: Case,
        context: Context,
        assumptions: Assumptions,
    ) -> None:
        self.stack = stack
        self.logical_id = logical_id
        self.location = location
        self.value = value
        self.case = case
        self.context = context
        self.assumptions = assumptions
        members = Members(value)
        type = members.get("Type")
        written_type = known_text(type) or ""
        self.type = meant_type(written_type)
        self.metadata = members.get("Metadata")
        self._written = members.get("Properties")
        if self.type != written_type:
            reason = f'CloudFormation has no resource type "{written_type}"; did you mean {self.type}?'
            self._written = Unknown(reason, type.span, hint=f"write {self.type}")
        elif isinstance(self._written, Absent):
            self._written = _in_another_case(value, "Properties") or self._written

    @cached_property
    def properties(self) -> Members:
        """The properties as they are written."""
        return Members(self._written)

    @cached_property
    def get(self) -> Callable[[str], Value]:
        """A function that returns the value of a property."""
        return self.stack.properties(self.properties, self.context)

    @property
    def construct(self) -> str | None:
        """The path of the CDK construct that it was synthesized from."""
        return known_text(member_of(self.metadata, "aws:cdk:path"))


def ecs_resources(stack: Stack, case: Case = (), via: tuple[Call, ...] = ()) -> Iterator[Subject]:
    """Yield the task definitions of a stack and its nested stacks, and the other resources to check.

    `case` is the condition for the stack itself.
    """
    note_parts(stack)
    demands = rules(stack)
    demands += linked(stack, demands)
    case = (*case, *(Branch(demand, True) for demand in demands))
    base = stack.base._replace(case=(*stack.base.case, *demands))
    resources = list(_resources(stack, case, base))
    known = [item for item in resources if isinstance(item, _Resource)]
    services = _exec_services(known)
    definitions = {item.logical_id: item for item in reversed(known) if item.type == TASK_DEFINITION}
    for resource in resources:
        if isinstance(resource, Unknown):
            yield from _unlisted(stack, "Resources", resource.span, resource, case, via)
            continue
        type_ = resource.type
        if not stack.may_have(type_):
            return
        if type_ == TASK_DEFINITION:
            yield _task_definition(resource, via, services.get(resource.logical_id))
        elif type_ in OTHER_TYPES:
            if OTHER_TYPES[type_] in stack.deployment.types:
                yield _other(resource, OTHER_TYPES[type_], via, definitions)
        elif type_.endswith("::MODULE"):
            reason = f"{type_} is a module of the CloudFormation registry, and its content is unknown"
            yield from _unlisted(
                stack, resource.logical_id, resource.location, Unknown(reason), resource.case, via, resource.value
            )
        else:
            for target in targets(stack, resource.value, resource.context):
                yield from _nested(stack, resource, target, via)


def _exec_services(resources: list[_Resource]) -> dict[str, Service]:
    """Return the services that enable ECS Exec, by the logical IDs of their task definitions.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ecs-service.html
    """
    services = {}
    for resource in resources:
        if resource.type == SERVICE and is_true(resource.get("EnableExecuteCommand")):
            name = _runs(resource.get("TaskDefinition"), resource.stack)
            if name is not None:
                services[name] = Service(resource.logical_id, resource.location)
    return services


def _runs(task_definition: Value, stack: Stack) -> str | None:
    """Return the logical ID that a service or a task set refers to, or None."""
    return stack.referred.get(task_definition.symbol or "") if isinstance(task_definition, Unknown) else None


class Nested(NamedTuple):
    """A template that a stack deploys or may deploy, with the names of the passed parameters and the position."""

    targets: tuple[str, ...]
    is_certain: bool
    names: frozenset[str]
    logical_id: str
    location: Span


def nested_templates(stack: Stack) -> Iterator[Nested]:
    """Yield the templates of the tree that a stack deploys or may deploy. Without targets, it may be any template."""
    for resource in _resources(stack, (), stack.base):
        if isinstance(resource, Unknown):
            continue
        for target in targets(stack, resource.value, resource.context):
            if target.path is not None or target.candidates or target.is_open:
                names = frozenset(passed_names(stack, resource.value, resource.context))
                is_certain = target.path is not None and not target.candidates
                paths = (target.path,) if target.path is not None and is_certain else target.candidates
                yield Nested(paths, is_certain, names, resource.logical_id, resource.location)


def _written_resources(stack: Stack) -> ObjectValue:
    """Return the resources of a template, with the modules of the AWS CLI as module resources."""
    resources = stack.section("Resources")
    members = resources.members
    if any(map(_is_refused, members)) and _names_nothing(stack):
        members = tuple(item for item in members if not _is_refused(item))
    modules = [item for item in stack.section("Modules").members if isinstance(item, Pair)]
    added = [item._replace(value=_as_module(item.value)) for item in modules]
    return resources._replace(members=(*members, *added))


def _is_refused(item: Pair | Rest) -> bool:
    """Tell whether a member is a function in place of a logical ID, which CloudFormation refuses."""
    key = (known_text(item.key) if isinstance(item, Pair) else None) or ""
    return key.startswith("Fn::") and not key.startswith(("Fn::ForEach", "Fn::Transform"))


def _names_nothing(stack: Stack) -> bool:
    """Tell whether the search of bytes excludes a template: a function in it can't create a resource to check."""
    text = stack.template.source.text.encode("utf-8", "replace")
    return CLOUDFORMATION not in kinds_of(text, stack.deployment.types)


def _as_module(value: Value) -> Value:
    """Return a module of the AWS CLI as a module of Rain.

    https://github.com/aws/aws-cli/pull/9124
    """
    if not isinstance(value, ObjectValue):
        return value
    type_ = ObjectValue((Pair(Known("Rain::Module", value.span), member(value, "Source")),), value.span)
    return value._replace(members=(*value.members, Pair(Known("Type", value.span), type_, value.span)))


def _resources(stack: Stack, case: Case, base: Context) -> Iterator[_Resource | Unknown]:
    """Yield the resources that may exist, and an unknown with the reason for those that are unknown."""
    for item in stack.language.expand_members(stack, _written_resources(stack), base):
        if isinstance(item, Rest):
            yield item.unknown
            continue
        logical_id = known_text(item.key) or (item.key.span.text if item.key.span else "")
        location = item.key.span or Span(stack.template.source, 0, 0)
        value, conditions = item.value, []
        while isinstance(value, Choice):
            # A loop created this value, and its collection is empty by default.
            conditions.append(value.arms[0].when)
            value = value.arms[0].value
        name = known_text(member_of(value, "Condition"))
        if name is not None:
            conditions.append(named_condition(stack, name))
        if not conditions:
            yield _Resource(stack, logical_id, location, value, case, base, item.key.assumptions)
            continue
        when = conditions[0] if len(conditions) == 1 else All(*conditions)
        try:
            forks = stack.forks(base, [when, Not(when)])
        except TooManyAlternatives:
            if _is_checked(stack, known_text(member_of(value, "Type")) or ""):
                yield Unknown(f"whether {logical_id} exists takes too long to determine", location)
            continue
        for fork in forks:
            if fork.number == 0:
                longer = (*case, fork.branch) if fork.branch else case
                assumptions = item.key.assumptions | (fork.branch.assumptions if fork.branch else fork.assumptions)
                yield _Resource(stack, logical_id, location, value, longer, fork.context, assumptions)


def _is_checked(stack: Stack, type_: str) -> bool:
    """Tell whether a resource is or may contain one to check, by its type."""
    return is_relevant(type_) and OTHER_TYPES.get(type_, SERVICE) in (SERVICE, *stack.deployment.types)


def _task_definition(resource: _Resource, via: tuple[Call, ...], exec_service: Service | None) -> TaskDefinition:
    listed = resource.get("ContainerDefinitions")
    if isinstance(listed, Absent):
        listed = _in_another_case(resource.properties.value, "ContainerDefinitions") or listed
    containers = container_definitions(
        assume_throughout(listed, resource.stack.macros), FORM, resource.case, resource.location
    )
    return TaskDefinition(
        source="cloudformation",
        address=resource.logical_id,
        location=resource.location,
        containers=containers.definitions,
        unresolved=containers.unresolved,
        operating_system_family=lift(filled_in, _os_family(resource)),
        case=resource.case,
        assumptions=containers.assumptions | resource.assumptions,
        via=via,
        construct=resource.construct,
        launch_types=launch_types(resource.get("RequiresCompatibilities")),
        exec_service=exec_service,
        extent=_extent(resource.location, resource.value),
        metadata=resource.metadata,
        template_metadata=resource.stack.metadata,
        form=FORM,
        read=partial(_read, resource, FORM),
    )


def _os_family(task_definition: _Resource) -> Value:
    family = partial(member_of, name="OperatingSystemFamily", subject="RuntimePlatform")
    return lift(family, task_definition.get("RuntimePlatform"))


def _read(resource: _Resource, form: Form, name: str) -> Value:
    """Return a property of a resource."""
    try:
        value = resource.get(form.spelling(name))
    except (Failure, RecursionError):
        return Unknown(f"{form.spelling(name)} cannot be evaluated", resource.location)
    written = resource.properties
    if isinstance(value, Absent) and isinstance(written.value, ObjectValue) and written.may_have_like(name):
        value = form.misspelled(written.value, name) or value
    return assume(value, resource.stack.macros)


def _other(resource: _Resource, type: str, via: tuple[Call, ...], definitions: Mapping[str, _Resource]) -> Resource:
    form = _FORMS[type]
    return Resource(
        type=type,
        source="cloudformation",
        address=resource.logical_id,
        location=resource.location,
        case=resource.case,
        assumptions=resource.assumptions,
        via=via,
        construct=resource.construct,
        extent=_extent(resource.location, resource.value),
        metadata=resource.metadata,
        template_metadata=resource.stack.metadata,
        form=form,
        read=partial(_read_other, resource, definitions, form),
    )


def _read_other(resource: _Resource, definitions: Mapping[str, _Resource], form: Form, name: str) -> Value:
    """Return a property of a resource that is no task definition. `definitions` are those of the stack, by name."""
    return _platform_family(resource, definitions) if name == PLATFORM_FAMILY else _read(resource, form, name)


def _platform_family(resource: _Resource, definitions: Mapping[str, _Resource]) -> Value:
    """Return the operating system family of the task definition that a service or a task set runs."""
    runs = resource.get("TaskDefinition")
    definition = definitions.get(_runs(runs, resource.stack) or "")
    if definition is None:
        return Unknown("its task definition is not a resource of this template", runs.span)
    return _os_family(definition)


def _in_another_case(value: Value, name: str) -> Unknown | None:
    """Return an unknown for a member of an object under a key in the wrong case, or None."""
    for item in value.members if isinstance(value, ObjectValue) else ():
        key = known_text(item.key) if isinstance(item, Pair) else None
        if isinstance(item, Pair) and key is not None and key != name and key.lower() == name.lower():
            reason = f"CloudFormation does not read {key} as {name}"
            return Unknown(reason, item.key.span, hint=f"write {name}, in this case")
    return None


def _extent(location: Span, value: Value) -> Span | None:
    """Return the span of a whole resource, starting at its logical ID."""
    written = value.span
    return location._replace(end=written.end) if written and written.source is location.source else None


def _unlisted(
    stack: Stack,
    address: str,
    location: Span | None,
    unknown: Unknown,
    case: Case,
    via: tuple[Call, ...],
    value: Value = ABSENT,
) -> Iterator[Subject]:
    """Yield a resource of each type that represents unknown ones. `value` is the resource that they come from."""
    location = location or Span(stack.template.source, 0, 0)
    definition = TaskDefinition(
        source="cloudformation",
        address=address,
        location=location,
        containers=(),
        unresolved=(Unresolved(case, unknown),),
        operating_system_family=ABSENT,
        case=case,
        via=via,
        extent=_extent(location, value),
        metadata=member_of(value, "Metadata"),
        template_metadata=stack.metadata,
        form=FORM,
        read=lambda _: unknown,
    )
    yield from with_unlisted(definition, stack.deployment.types)


def _nested(stack: Stack, resource: _Resource, target: Target, via: tuple[Call, ...]) -> Iterator[Subject]:
    """Yield the resources of a stack that a resource deploys, if its template is available."""
    if stack.instances.is_used_up:
        return
    case = (*resource.case, *target.case)
    if target.problem:
        hint = "use the path of a local template, as for aws cloudformation package"
        yield from _unread(stack, resource, case, target.problem, via, hint=hint, is_likely=bool(target.candidates))
        return
    try:
        nested = deployed_stacks(stack, resource.logical_id, resource.value, target, resource.context)
    except Failure as failure:
        broken = failure.span.source.text if failure.span else ""
        problem, hint = f"({target.path}) {failure.message}", "restore or correct this template"
        yield from _unread(stack, resource, case, problem, via, broken, hint)
        return
    if isinstance(nested, Unknown):
        yield from _unlisted(stack, resource.logical_id, resource.location, nested, case, via, resource.value)
        return
    for inner in nested:
        yield from ecs_resources(
            inner.stack, (*resource.case, *inner.case), (*via, Call(resource.logical_id, resource.location))
        )


def _unread(
    stack: Stack,
    resource: _Resource,
    case: Case,
    problem: str,
    via: tuple[Call, ...],
    content: str = "",
    hint: str = "",
    is_likely: bool = False,
) -> Iterator[Subject]:
    """Yield resources that represent those of a nested stack with an unreadable template.

    Most nested stacks have nothing to do with ECS. So yield it only if the text names ECS, or if it `is_likely`.
    """
    written = resource.value.span.text if resource.value.span else ""
    if is_likely or mentions_ecs(f"{resource.logical_id} {written} {content}"):
        unknown = Unknown(f"the template of the nested stack {resource.logical_id} {problem}", hint=hint)
        yield from _unlisted(stack, resource.logical_id, resource.location, unknown, case, via, resource.value)
    else:
        stack.deployment.unread[resource.location.path, resource.logical_id] = resource.location
