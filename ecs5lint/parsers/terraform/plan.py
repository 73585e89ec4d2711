"""Parse Terraform plans and states, as `terraform show -json` writes them, and raw states (`terraform.tfstate`).

https://developer.hashicorp.com/terraform/internals/json-format

They contain resolved values, except for values known only after apply. If the configuration is next to the file,
results also name the position of the resource in it.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterator
from functools import partial

from ecs5lint.files.workspace import Workspace
from ecs5lint.light_typing import NamedTuple
from ecs5lint.location import Source, Span
from ecs5lint.model.callers import NO_PROJECT, Project
from ecs5lint.model.form import Form
from ecs5lint.model.resource import ACCOUNT_SETTINGS, PLATFORM_FAMILY, Resource, Subject
from ecs5lint.model.task_definition import Call, TaskDefinition
from ecs5lint.notices import Notice
from ecs5lint.parsers import Listener, Parsed, each_by_itself, ignore
from ecs5lint.parsers.containers import container_definitions, launch_types
from ecs5lint.parsers.terraform.modules.configuration import ModuleTree
from ecs5lint.parsers.terraform.modules.run import OTHER_TYPES, RESOURCE_TYPE, RESOURCE_TYPES, is_checked
from ecs5lint.parsers.terraform.modules.sources import local_directory
from ecs5lint.parsers.terraform.nested_blocks import as_blocks, single
from ecs5lint.parsers.terraform.planned_configuration import (
    MODULE_STEP,
    PlannedConfiguration,
    module_of,
    objects,
    references,
)
from ecs5lint.parsers.terraform.provider_tags import TAGS
from ecs5lint.parsers.terraform.resources import (
    ACCOUNT_SETTING,
    NETWORK,
    Blocks,
    blocks_of,
    form_of,
    network_configuration,
    without_empty,
)
from ecs5lint.parsers.terraform.task_definitions import BLOCKS, FORMS, PROPERTIES_FORM
from ecs5lint.settings.settings import Settings
from ecs5lint.text import json
from ecs5lint.text.json_document import parse_document
from ecs5lint.values.alternatives import lift
from ecs5lint.values.kinds import (
    ABSENT,
    Absent,
    Known,
    ListValue,
    ObjectValue,
    Pair,
    Repeated,
    Rest,
    Text,
    Unknown,
    Value,
    known_text,
)
from ecs5lint.values.members import member, nested_member

#: Literal text in a JSON string, and its escapes. A surrogate pair counts as one escape.
_STRING_PIECE = re.compile(r"[^\\]+|\\u[dD][89abAB]..\\u[dD][c-fC-F]..|\\u....|\\.", re.DOTALL)

#: The tags of a resource, including the default tags of its provider.
_ALL_TAGS = "tags_all"


class _Resource(NamedTuple):
    """A resource as it is or will be: its description, its attributes, and the attributes that are still unknown."""

    description: ObjectValue
    attributes: ObjectValue
    unknown: Value

    @property
    def type(self) -> str:
        """The type of a managed resource, or an empty text for a data source."""
        return _text(self.description, "type") if _text(self.description, "mode") == "managed" else ""

    @property
    def address(self) -> str:
        return _text(self.description, "address")


#: The module of a resource, its provider, and the Region that it has itself.
_Account = tuple[str, str, str]


class _Plan(NamedTuple):
    """The resources of a plan or a state, and the configuration of a plan."""

    resources: list[_Resource]
    configuration: PlannedConfiguration
    account_settings: dict[_Account, ListValue]


groups = each_by_itself


def parse(
    paths: list[str],
    workspace: Workspace,
    settings: Settings,
    project: Project = NO_PROJECT,
    listener: Listener = ignore,
) -> Parsed:
    """Return the task definitions in the plans and states at `paths`."""
    notices: list[Notice] = []
    found = Parsed([], [], notices, listener=listener, reads=settings.reads)
    for path in paths:
        found.add(path, partial(_ecs_resources, path, workspace, settings.reads.resources, notices))
    return found


def _ecs_resources(path: str, workspace: Workspace, types: Collection[str], notices: list[Notice]) -> Iterator[Subject]:
    """Yield the task definitions of a plan or a state, and the other resources of some types. Raises Failure."""
    configuration = _Configuration(posixpath.dirname(path) or ".", workspace)
    document = parse_document(workspace.read(path, "json"))
    notices += _notices(document, path, types)
    resources, planned = list(_resources(document)), PlannedConfiguration(document)
    plan = _Plan(resources, planned, _account_settings(resources, planned))
    for resource in resources:
        if resource.type in RESOURCE_TYPES:
            yield _task_definition(resource, configuration, plan)
        elif is_checked(resource.type, types):
            yield _other(resource, configuration, plan)


def _notices(document: Value, path: str, types: Collection[str]) -> Iterator[Notice]:
    """Yield notices for the parts that a plan itself declares missing."""
    for deferred in objects(nested_member(document, "deferred_changes")):
        change = nested_member(deferred, "resource_change")
        if isinstance(change, ObjectValue) and is_checked(_text(change, "type"), types):
            message = f"skipped: {_text(change, 'address')} is a deferred change, and not a part of this plan"
            yield Notice(message, path, change.span)
    errored, complete = nested_member(document, "errored"), nested_member(document, "complete")
    if isinstance(errored, Known) and errored.value is True:
        yield Notice("the plan is incomplete: planning failed", path, errored.span)
    elif isinstance(complete, Known) and complete.value is False:
        yield Notice("the plan is incomplete: it has deferred changes, or was made with -target", path, complete.span)


def _resources(document: Value) -> Iterator[_Resource]:
    """Yield the resources of a plan after apply, or those of a state."""
    changes = nested_member(document, "resource_changes")
    if not isinstance(changes, ListValue):
        yield from _resources_of_raw_state(document)
        for values in ("planned_values", "values"):
            yield from _resources_of_module(nested_member(document, values, "root_module"))
        return
    for change in changes.items:
        if isinstance(change, ObjectValue):
            after = nested_member(change, "change", "after")
            if isinstance(after, ObjectValue):
                yield _Resource(change, after, nested_member(change, "change", "after_unknown"))


def _resources_of_raw_state(document: Value) -> Iterator[_Resource]:
    """Yield the resources of a state as Terraform stores it, which has no addresses."""
    if isinstance(nested_member(document, "terraform_version"), Absent):
        return
    for resource in objects(nested_member(document, "resources")):
        name = ".".join(part for part in (_text(resource, key) for key in ("module", "type", "name")) if part)
        for instance in objects(member(resource, "instances")):
            attributes, index = member(instance, "attributes"), member(instance, "index_key")
            suffix = f"[{index.span.text}]" if isinstance(index, Known) and index.span else ""
            if isinstance(attributes, ObjectValue):
                address = Pair(Known("address"), Known(name + suffix))
                yield _Resource(resource._replace(members=(*resource.members, address)), attributes, ABSENT)


def _resources_of_module(module: Value) -> Iterator[_Resource]:
    for resource in objects(nested_member(module, "resources")):
        attributes = member(resource, "values")
        if isinstance(attributes, ObjectValue):
            yield _Resource(resource, attributes, ABSENT)
    for child in objects(nested_member(module, "child_modules")):
        yield from _resources_of_module(child)


def _text(value: ObjectValue, key: str) -> str:
    return known_text(member(value, key)) or ""


def _task_definition(resource: _Resource, configuration: _Configuration, plan: _Plan) -> TaskDefinition:
    location = resource.attributes.span
    assert location
    form = FORMS[resource.type]
    containers = container_definitions(_decoded(resource, plan), form, (), location)
    return TaskDefinition(
        source="terraform-plan",
        address=resource.address,
        location=location,
        containers=containers.definitions,
        unresolved=containers.unresolved,
        operating_system_family=_operating_system_family(resource, plan),
        launch_types=launch_types(member(resource.attributes, "requires_compatibilities")),
        via=configuration.way_to(resource.address),
        form=PROPERTIES_FORM,
        read=partial(_property, resource, plan),
    )


def _decoded(resource: _Resource, plan: _Plan) -> Value:
    text = _attribute(resource, plan, "container_definitions")
    if not isinstance(text, Known) or not isinstance(text.value, str):
        return text
    try:
        return json.decode(_as_written(text))
    except json.JsonError as error:
        return Unknown(f"container_definitions is not valid JSON: {error.message}", error.span or text.span)


def _attribute(resource: _Resource, plan: _Plan, name: str) -> Value:
    """Return an attribute. Its parts that are known only after apply are unknown, unless they are left to the provider.

    Everything that a resource of the provider awscc does not set is known only after apply.
    """
    if isinstance(nested_member(resource.unknown, name), Absent):
        return member(resource.attributes, name)
    if _is_left_out(resource, plan, name):
        return member(resource.attributes, name)
    if resource.type.startswith("awscc_"):
        return _known_part(resource, name)
    return _after_the_apply(name, resource.attributes.span)


def _is_left_out(resource: _Resource, plan: _Plan, name: str) -> bool:
    """Tell whether the configuration leaves everything that is unknown in an attribute to the provider."""
    expressions = nested_member(plan.configuration.resource(resource.address), "expressions")
    return isinstance(expressions, ObjectValue) and plan.configuration.is_left_out(
        resource.address, member(expressions, name)
    )


def _after_the_apply(name: str, span: Span | None) -> Unknown:
    hint = "run ecs5lint on the configuration instead of the plan"
    return Unknown(f"{name} is known only after the apply", span, hint=hint)


def _property(resource: _Resource, plan: _Plan, name: str) -> Value:
    """Return a property of a task definition, or ABSENT if the configuration leaves it to the provider."""
    return _value(resource, plan, PROPERTIES_FORM, BLOCKS if resource.type == RESOURCE_TYPE else {}, name)


def _value(resource: _Resource, plan: _Plan, form: Form, blocks: Blocks, name: str) -> Value:
    """Return a property of a resource. `blocks` has the properties that are nested blocks."""
    if name == TAGS:
        return _tags(resource, plan)
    type, is_list = blocks.get(name, (form.spelling(name), None))
    value = _attribute(resource, plan, type) if is_list is None else _blocks(resource, type)
    if isinstance(value, Unknown) and _is_left_out(resource, plan, type):
        return ABSENT
    if resource.type.startswith("aws_"):
        value = without_empty(value)
    return single(value, type) if is_list is False else value


def _tags(resource: _Resource, plan: _Plan) -> Value:
    """Return the tags of a resource with those of its provider.

    Without either, the provider aws computes `tags_all`, so that a plan doesn't know it.
    """
    tags = _known_part(resource, _ALL_TAGS)
    is_computed = isinstance(tags, Unknown) and not plan.configuration.may_have_default_tags(resource.address)
    if not isinstance(tags, Absent) and not is_computed:
        return tags
    return member(resource.attributes, TAGS) if _is_left_out(resource, plan, TAGS) else _known_part(resource, TAGS)


def _other(resource: _Resource, configuration: _Configuration, plan: _Plan) -> Resource:
    location = resource.attributes.span
    assert location
    return Resource(
        type=OTHER_TYPES[resource.type],
        source="terraform-plan",
        address=resource.address,
        location=location,
        via=configuration.way_to(resource.address),
        form=form_of(resource.type),
        read=partial(_property_of_other, resource, plan),
    )


def _property_of_other(resource: _Resource, plan: _Plan, name: str) -> Value:
    """Return a property of a resource that is no task definition."""
    form = form_of(resource.type)
    if name == ACCOUNT_SETTINGS:
        account = _account(resource, plan.configuration)
        return plan.account_settings.get(account, ABSENT) if any(account[1:]) else ABSENT
    if name == PLATFORM_FAMILY:
        return _platform_family(resource, plan)
    blocks = blocks_of(resource.type)
    value = _value(resource, plan, form, blocks, name)
    if name in blocks and not blocks[name][1]:
        value = lift(partial(_without_unset, resource, plan, blocks[name][0]), value)
    return lift(network_configuration, value) if name in blocks and name == NETWORK else value


def _without_unset(resource: _Resource, plan: _Plan, type: str, block: Value) -> Value:
    """Return a block without the attributes that are unknown because the configuration leaves them to the provider."""
    written = next(objects(nested_member(plan.configuration.resource(resource.address), "expressions", type)), None)
    if not isinstance(block, ObjectValue) or written is None:
        return block

    def is_unset(item: Pair | Rest) -> bool:
        if not isinstance(item, Pair) or not isinstance(item.value, Unknown):
            return False
        return plan.configuration.is_left_out(resource.address, member(written, known_text(item.key) or ""))

    return block._replace(members=tuple(item for item in block.members if not is_unset(item)))


#: The attributes of a task definition that a service may refer to.
_IDENTITIES = ("arn", "arn_without_revision", "task_definition_arn")
#: How references begin that may lead to another task definition.
_MAY_BE_OTHERS = ("var.", "local.", "module.")


def _platform_family(resource: _Resource, plan: _Plan) -> Value:
    """Return the operating system family of the task definition that a service or a task set runs."""
    runs = _task_definition_of(resource, plan)
    if runs is None:
        return Unknown("its task definition is not a resource of this plan", resource.attributes.span)
    return _operating_system_family(runs, plan)


def _task_definition_of(service: _Resource, plan: _Plan) -> _Resource | None:
    """Return the task definition that a service runs, or None if it may be another one than those of the plan."""
    found = [other for other in plan.resources if other.type in RESOURCE_TYPES]
    runs = known_text(member(service.attributes, "task_definition"))
    for other in found:
        if runs and runs in (_text(other.attributes, key) for key in _IDENTITIES):
            return other
    expression = nested_member(plan.configuration.resource(service.address), "expressions", "task_definition")
    names, module = set(references(expression)), module_of(service.address)
    if any(name.startswith(_MAY_BE_OTHERS) for name in names):
        return None
    referred: dict[str, _Resource] = {}
    for other in found:
        local = other.address.removeprefix(module).partition("[")[0]
        if local in names and module_of(other.address) == module:
            referred.setdefault(local, other)
    return next(iter(referred.values())) if len(referred) == 1 else None


def _account_settings(resources: list[_Resource], configuration: PlannedConfiguration) -> dict[_Account, ListValue]:
    """Return the account settings of a plan, by where they count."""
    found: dict[_Account, ListValue] = {}
    for resource in resources:
        if resource.type == ACCOUNT_SETTING:
            account = _account(resource, configuration)
            found[account] = ListValue((*found.get(account, ListValue(())).items, resource.attributes))
    return found


def _account(resource: _Resource, configuration: PlannedConfiguration) -> _Account:
    """Return what stands for the account and Region of a resource: its module and provider, and its own Region."""
    planned = known_text(nested_member(configuration.resource(resource.address), "provider_config_key"))
    provider = planned or _text(resource.description, "provider")
    return module_of(resource.address), provider, _text(resource.attributes, "region")


def _blocks(resource: _Resource, type: str) -> Value:
    """Return the nested blocks of a type as a list of objects, whose own nested blocks are objects."""
    return as_blocks(_known_part(resource, type))


def _known_part(resource: _Resource, name: str) -> Value:
    """Return an attribute. Its parts that are known only after apply are unknown."""
    return _planned(member(resource.attributes, name), nested_member(resource.unknown, name), name)


def _planned(value: Value, unknown: Value, name: str) -> Value:
    """Return a planned value with the parts that are known only after apply.

    `unknown` has true in place of such a part, and the structure of the value.
    """
    if isinstance(value, ListValue) and isinstance(unknown, ListValue) and len(value.items) == len(unknown.items):
        pairs = zip(value.items, unknown.items, strict=True)
        return value._replace(items=tuple(_planned_item(item, of_item, name) for item, of_item in pairs))
    if isinstance(value, ObjectValue) and isinstance(unknown, ObjectValue):
        pairs_of = [item for item in unknown.members if isinstance(item, Pair)]
        named = [(item, known_text(item.key) or "") for item in pairs_of]
        added = [item._replace(value=_planned(member(value, key), item.value, key)) for item, key in named]
        return value._replace(members=(*value.members, *added))
    return _after_the_apply(name, value.span) if _is_unknown(unknown) else value


def _planned_item(item: Value | Repeated, unknown: Value | Repeated, name: str) -> Value | Repeated:
    if isinstance(item, Repeated) or isinstance(unknown, Repeated):
        return item
    return _planned(item, unknown, name)


def _is_unknown(unknown: Value | Repeated) -> bool:
    """Tell whether a value or a part of it is known only after apply."""
    if isinstance(unknown, ListValue):
        return any(map(_is_unknown, unknown.items))
    if isinstance(unknown, ObjectValue):
        return any(_is_unknown(item.value) for item in unknown.members if isinstance(item, Pair))
    return isinstance(unknown, Known) and unknown.value is True


def _as_written(text: Known) -> Value:
    """Return a text as the pieces of its JSON string, each with its position."""
    span = text.span
    assert span
    parts: list[Value] = []
    for match in _STRING_PIECE.finditer(span.source.text, span.start + 1, span.end - 1):
        piece = match.group()
        written = Span(span.source, match.start(), match.end())
        if piece.startswith("\\"):
            parts.append(parse_document(Source("", f'"{piece}"', "json"))._replace(span=written))
        else:
            parts.append(Known(piece, written, verbatim=match.start()))
    return Text(tuple(parts), span)


def _operating_system_family(resource: _Resource, plan: _Plan) -> Value:
    """Return the operating_system_family of runtime_platform, which is a block or an object, or ABSENT."""
    type = "runtime_platform"
    is_block = resource.type == RESOURCE_TYPE
    platform = single(_blocks(resource, type), type) if is_block else _attribute(resource, plan, type)
    return nested_member(platform, "operating_system_family")


class _Configuration:
    """The configuration next to a plan, if there is one."""

    def __init__(self, directory: str, workspace: Workspace) -> None:
        self._directory = directory
        self._workspace = workspace
        self._tree = ModuleTree(workspace)

    def way_to(self, address: str) -> tuple[Call, ...]:
        """Return the module calls that lead to a resource, and the resource itself, if they are found."""
        calls: list[Call] = []
        directory: str | None = self._directory
        offset = 0
        while directory is not None and (step := MODULE_STEP.match(address, offset)):
            block = self._tree.read(directory).calls.get(step[1])
            if block is None:
                return ()
            calls.append(Call(step.group().rstrip("."), block.span))
            directory = local_directory(directory, block, self._workspace)
            offset = step.end()
        local = address[offset:]
        type, _, name = local.partition("[")[0].partition(".")
        resource = self._tree.read(directory).resources.get((type, name)) if directory is not None else None
        return (*calls, Call(local, resource.span)) if resource else tuple(calls)
