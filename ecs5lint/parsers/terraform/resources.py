"""Convert services, task sets, clusters and capacity providers of Terraform into resources of the model.

https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/ecs_service
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial

from ecs5lint.location import Failure
from ecs5lint.model.form import Form, awscc_case_in, snake_case
from ecs5lint.model.resource import (
    ACCOUNT_SETTINGS,
    PLATFORM_FAMILY,
    Resource,
)
from ecs5lint.model.task_definition import TASK_DEFINITION
from ecs5lint.parsers.terraform.language.scope import Scope
from ecs5lint.parsers.terraform.language.types import BOOL, convert, typed
from ecs5lint.parsers.terraform.modules.child_modules import instance_scope
from ecs5lint.parsers.terraform.modules.instances import Instance, expand
from ecs5lint.parsers.terraform.modules.module_scope import ModuleScope
from ecs5lint.parsers.terraform.modules.run import OTHER_TYPES, RESOURCE_TYPE, RESOURCE_TYPES
from ecs5lint.parsers.terraform.nested_blocks import argument_value, nested_block, nested_blocks
from ecs5lint.parsers.terraform.provider_tags import TAGS, with_default_tags
from ecs5lint.parsers.terraform.syntax.blocks import Block, Item, kind
from ecs5lint.parsers.terraform.syntax.errors import EvaluationError
from ecs5lint.values.alternatives import lift
from ecs5lint.values.conditions import negate
from ecs5lint.values.kinds import (
    ABSENT,
    Absent,
    Arm,
    Choice,
    Known,
    ListValue,
    ObjectValue,
    Pair,
    Repeated,
    Text,
    Unknown,
    Value,
    known_text,
)
from ecs5lint.values.members import nested_member

#: A property that is nested blocks: the type of the blocks, and whether they are a list.
Blocks = Mapping[str, tuple[str, bool]]

ACCOUNT_SETTING = "aws_ecs_account_setting_default"
#: The provider of a resource, and the Region that the resource has itself.
_Account = tuple[str, "str | None"]
_PROVIDER = "aws"

NETWORK, _VPC, _PUBLIC_IP = "networkConfiguration", "awsvpc_configuration", "assign_public_ip"
_PLATFORM_VERSION = "platformVersion"
#: The nested blocks of the provider aws.
_SERVICE_BLOCKS: Blocks = {
    NETWORK: ("network_configuration", False),
    "capacityProviderStrategy": ("capacity_provider_strategy", True),
}
_BLOCKS: Mapping[str, Blocks] = {
    RESOURCE_TYPE: {"volumes": ("volume", True), "runtimePlatform": ("runtime_platform", False)},
    "aws_ecs_service": _SERVICE_BLOCKS,
    "aws_ecs_task_set": _SERVICE_BLOCKS,
    "aws_ecs_cluster": {"settings": ("setting", True)},
    "aws_ecs_capacity_provider": {"autoScalingGroupProvider": ("auto_scaling_group_provider", False)},
}
#: The argument of a runtime platform that rules depend on.
_OF_PLATFORM = frozenset(("operatingsystemfamily",))
_SWITCH = {True: "ENABLED", False: "DISABLED"}
#: A conditional, or a function that does more than to put a name and a revision together.
_MAY_CHOOSE = re.compile(r"\?|\b(?!(?:format|join|max|one|tostring)\()\w+\(")
_TASK_DEFINITION_REFERENCE = re.compile(rf"(?<![\w.-])({'|'.join(RESOURCE_TYPES)})\.([\w-]+)")

FORM = Form(snake_case, typed=typed)


def form_of(type: str) -> Form:
    """Return the form of a resource type of Terraform."""
    if type.startswith("awscc_"):
        return Form(partial(awscc_case_in, OTHER_TYPES[type]), accepts_strings=True)
    return FORM


def blocks_of(type: str) -> Blocks:
    """Return the properties that are nested blocks of a resource type of Terraform."""
    return _BLOCKS.get(type, {})


def other_resources(scope: ModuleScope, block: Block) -> list[Resource]:
    """Return the instances of a resource that is no task definition."""
    try:
        # The body is parsed now, since its failure must not affect other resources.
        block.items  # noqa: B018
        return [resource_of(scope, block, instance) for instance in expand(block, scope, scope.origin.case)]
    except RecursionError:
        unknown = Unknown("the reference is nested too deeply to evaluate", block.span)
    except Failure as failure:
        scope.run.modules.fail(failure)
        unknown = Unknown(f"{failure.path}:{failure.position[0]} cannot be parsed", block.span)
    found = resource_of(scope, block, Instance(None, {}))
    return [found._replace(read=partial(_always, unknown))]


def _always(unknown: Unknown, _name: str) -> Value:
    return unknown


def resource_of(scope: ModuleScope, block: Block, instance: Instance) -> Resource:
    """Return an instance of a resource, also of a task definition, whose containers are a property like any other."""
    type, name = block.labels
    address = scope.address(f"{type}.{name}")
    return Resource(
        type=OTHER_TYPES.get(type, TASK_DEFINITION),
        source="terraform",
        address=address + instance.suffix,
        location=block.span,
        case=(*scope.origin.case, *instance.case),
        assumptions=scope.origin.assumptions,
        via=scope.origin.calls,
        form=form_of(type),
        read=partial(_read, scope, block, instance_scope(scope, address, instance)),
    )


def _read(scope: ModuleScope, block: Block, inner: Scope, name: str) -> Value:
    """Return a property of a resource that is no task definition."""
    if name == ACCOUNT_SETTINGS:
        account = _account(scope, block, inner)
        return scope.once(f"account settings of {account}", lambda: _account_settings(scope, account))
    if name == PLATFORM_FAMILY:
        return _platform_family(scope, block)
    type = block.labels[0]
    value = read_property(scope, block, inner, form_of(type), blocks_of(type), name)
    if name == _PLATFORM_VERSION and type.startswith("aws_"):
        return lift(without_empty, value)
    return lift(network_configuration, value) if name in blocks_of(type) and name == NETWORK else value


def parts_of(block: Block, name: str) -> list[Item] | None:
    """Return the parts of a resource with a property, or None for a property that depends on other resources."""
    if name in (ACCOUNT_SETTINGS, PLATFORM_FAMILY):
        return None
    type = block.labels[0]
    blocks, form = blocks_of(type), form_of(type)
    written = blocks[name][0] if name in blocks else form.spelling(name)
    return [item for item in block.items if kind(item)[1] == written]


def read_property(scope: ModuleScope, block: Block, inner: Scope, form: Form, blocks: Blocks, name: str) -> Value:
    """Return a property of a resource, by its name in the ECS API."""
    try:
        if name in blocks:
            type, is_list = blocks[name]
            names = scope.run.settings.reads.within.get(name)
            return (nested_blocks if is_list else nested_block)(scope, block, type, inner, names)
        key = form.spelling(name)
        argument = block.argument(key)
        value = argument_value(scope, argument, inner) if argument else _without_argument(block, key)
        has_default = name == TAGS and block.labels[0].startswith("aws_")
        return with_default_tags(scope, block, value) if has_default else value
    except RecursionError:
        return Unknown("the reference is nested too deeply to evaluate", block.span)


def _without_argument(block: Block, name: str) -> Value:
    """Return ABSENT for an argument that a resource does not have, or an unknown for a block in its place."""
    if any(kind(item) == (True, name) for item in block.items):
        return Unknown(f"Terraform refuses it: {name} is an argument, not a block", block.span)
    return ABSENT


def without_empty(value: Value) -> Value:
    """Return a value without its empty strings, which mean to the provider aws that nothing is set.

    It accepts them in a configuration where it does not validate the value, and writes them into plans and states.
    https://developer.hashicorp.com/terraform/plugin/sdkv2/schemas/schema-types
    """
    if isinstance(value, ListValue):
        items = (item if isinstance(item, Repeated) else without_empty(item) for item in value.items)
        return value._replace(items=tuple(items))
    if isinstance(value, ObjectValue):
        members = (
            item._replace(value=without_empty(item.value)) if isinstance(item, Pair) else item for item in value.members
        )
        return value._replace(members=tuple(members))
    is_empty = isinstance(value, Known) and value.value == ""
    return Absent(value.span, value.assumptions) if is_empty else value


def operating_system_family(scope: ModuleScope, task_definition: Block, inner: Scope) -> Value:
    """Return the operating system family in the runtime platform of a task definition."""
    platform = nested_block(scope, task_definition, "runtime_platform", inner, _OF_PLATFORM)
    return nested_member(platform, "operating_system_family")


def network_configuration(block: Value) -> Value:
    """Return the network configuration of the ECS API, from a block of the provider aws."""
    if not isinstance(block, ObjectValue):
        return block
    members = tuple(_with_switch(item) if isinstance(item, Pair) else item for item in block.members)
    return block._replace(members=(Pair(Known(_VPC, block.span), block._replace(members=members)),))


def _with_switch(item: Pair) -> Pair:
    is_switch = isinstance(item.key, Known) and item.key.value == _PUBLIC_IP
    return item._replace(value=lift(_switch, item.value)) if is_switch else item


def _switch(value: Value) -> Value:
    """Return ENABLED or DISABLED for a boolean."""
    try:
        value = convert(value, BOOL)
    except EvaluationError as error:
        return Unknown(error.message, error.span or value.span, value.assumptions)
    if isinstance(value, Known) and isinstance(value.value, bool):
        return Known(_SWITCH[value.value], value.span, value.assumptions)
    if not isinstance(value, Unknown):
        return value
    if value.condition is not None:
        on, off = (Known(_SWITCH[item], value.span, value.assumptions) for item in (True, False))
        return Choice((Arm(value.condition, on), Arm(negate(value.condition), off)), value.span, value.assumptions)
    domain = tuple(_SWITCH[item] for item in value.domain or () if isinstance(item, bool))
    return value.derived(symbol=value.symbol, domain=domain or None)


def _account_settings(scope: ModuleScope, account: _Account | None) -> Value:
    """Return the settings of an account and Region that a module sets, or ABSENT."""
    found: list[Value] = []
    for (type, name), setting in scope.module.resources.items() if account else ():
        if type == ACCOUNT_SETTING:
            try:
                instances = expand(setting, scope, scope.origin.case)
            except (Failure, RecursionError):
                continue
            address = scope.address(f"{type}.{name}")
            for instance in instances:
                inner = instance_scope(scope, address, instance)
                if _account(scope, setting, inner) != account:
                    continue
                if instance.case:
                    return Unknown("the setting of the account exists under a condition", setting.span)
                found.append(_account_setting(scope, setting, inner))
    return ListValue(tuple(found)) if found else ABSENT


def _account_setting(scope: ModuleScope, setting: Block, inner: Scope) -> Value:
    members = [(name, setting.argument(name)) for name in ("name", "value")]
    pairs = [Pair(Known(name), argument_value(scope, item, inner)) for name, item in members if item]
    return ObjectValue(tuple(pairs), setting.span)


def _account(scope: ModuleScope, block: Block, inner: Scope) -> _Account | None:
    """Return what stands for the account and Region of a resource, or None if that depends on an unknown value."""
    argument, written = block.argument("provider"), block.argument("region")
    provider = argument.value_span.text.strip('"') if argument else _PROVIDER
    region = argument_value(scope, written, inner) if written else Known(None)
    if "[" in provider or not isinstance(region, (Known, Text)):
        return None
    return provider, known_text(region)


def _platform_family(scope: ModuleScope, block: Block) -> Value:
    """Return the operating system family of the task definition that a service or a task set runs."""
    argument = block.argument("task_definition")
    text = argument.value_span.text if argument else ""
    referred = set() if _MAY_CHOOSE.search(text) else set(_TASK_DEFINITION_REFERENCE.findall(text))
    runs = scope.module.resources.get(referred.pop()) if len(referred) == 1 else None
    if runs is None:
        return Unknown("its task definition is not a resource of this module", block.span)
    try:
        return operating_system_family(scope, runs, scope)
    except (Failure, RecursionError):
        return Unknown("its task definition cannot be evaluated", runs.span)
