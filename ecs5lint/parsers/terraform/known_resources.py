"""Find the resources of modules that are not installed.

Those of a well-known module come from its stand-ins, one for each version that the call can get.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from ecs5lint.light_typing import NamedTuple
from ecs5lint.location import Failure
from ecs5lint.model.resource import Resource
from ecs5lint.parsers.terraform.container_json import decoded_list
from ecs5lint.parsers.terraform.modules.child_modules import ModuleInstance, module_instances, stand_in_scopes
from ecs5lint.parsers.terraform.modules.instances import Instance, expand
from ecs5lint.parsers.terraform.modules.module_scope import ModuleScope
from ecs5lint.parsers.terraform.modules.not_installed import may_have
from ecs5lint.parsers.terraform.modules.registry.agreement import agreed, relocated
from ecs5lint.parsers.terraform.modules.registry.known_module import STAND_IN
from ecs5lint.parsers.terraform.modules.registry.stand_ins import StandInModule
from ecs5lint.parsers.terraform.modules.run import OTHER_TYPES
from ecs5lint.parsers.terraform.resources import FORM, parts_of, resource_of
from ecs5lint.parsers.terraform.syntax.blocks import Block
from ecs5lint.values.alternatives import lift
from ecs5lint.values.kinds import Unknown, Value
from ecs5lint.values.members import nested_member

#: The properties of a task definition with its containers and its OS family. The latter is in a block that older
#: versions of a module may lack.
CONTAINERS, SYSTEM_FAMILY = "containerDefinitions", "operatingSystemFamily"
_PLATFORM = "runtimePlatform"


class _Version(NamedTuple):
    """A resource in one version of a module, with its block, unless another stand-in has that."""

    resource: Resource
    module: StandInModule | None = None
    block: Block | None = None

    def sources(self, name: str) -> object:
        """Return what a property depends on. If that is the same in two versions, they have the same value."""
        parts = parts_of(self.block, name) if self.block else None
        if self.module is None or self.block is None or parts is None:
            return id(self.resource)
        return frozenset().union(*(self.module.sources(self.block, part) for part in parts))


class _Key(NamedTuple):
    """What identifies a resource in all versions: its block or the call that leads to it, and its instance."""

    name: str
    type: str
    suffix: str


def elsewhere_resources(scope: ModuleScope, call: Block, module: ModuleInstance) -> list[Resource]:
    """Return the resources of a module that is not installed, at the position of its call.

    They include the task definitions in its stand-ins.
    """
    if not (scope.run.settings.reads.resources or (module.known and module.known.kind == STAND_IN)):
        return []
    stand_ins = stand_in_scopes(module, call)
    found: dict[_Key, list[_Version]] = {}
    instances: dict[frozenset[object], list[Instance]] = {}
    try:
        for stand_in in stand_ins:
            for key, version in _of_stand_in(stand_in, instances):
                found.setdefault(key, []).append(version)
    except (Failure, RecursionError):
        stand_ins = []
    if not stand_ins:
        return list(_unlisted(scope, call, module))
    address = scope.address(f"{call.type}.{call.labels[0]}{module.instance.suffix}")
    return [
        _in_versions(versions, len(stand_ins), module, call)._replace(
            address=address + key.suffix, location=call.span, via=scope.origin.calls
        )
        for key, versions in found.items()
    ]


def _of_stand_in(
    stand_in: ModuleScope, instances: dict[frozenset[object], list[Instance]]
) -> Iterator[tuple[_Key, _Version]]:
    """Yield the resources of one version of a module. `instances` has the instances in other versions."""
    own = stand_in.module
    assert isinstance(own, StandInModule)
    for block in own.resources.values():
        type, name = block.labels
        if OTHER_TYPES.get(type) in stand_in.run.settings.reads.resources or block.argument("container_definitions"):
            stand_in.run.start(block)
            sources = own.instance_sources(block)
            if sources not in instances:
                instances[sources] = expand(block, stand_in, stand_in.origin.case)
            for instance in instances[sources]:
                resource = resource_of(stand_in, block, instance)
                suffix = instance.suffix if block.argument("for_each") else ""
                yield _Key(name, resource.type, suffix), _Version(resource, own, block)
    for call in own.calls.values():
        for module in module_instances(stand_in, call):
            for resource in elsewhere_resources(stand_in, call, module):
                suffix = resource.address.removeprefix(stand_in.address(f"{call.type}.{call.labels[0]}"))
                yield _Key(call.labels[0], resource.type, suffix), _Version(resource)


def _in_versions(versions: list[_Version], count: int, module: ModuleInstance, call: Block) -> Resource:
    """Return a resource that some of the possible versions have, with the properties that these have in common."""
    first = versions[0].resource
    source, address = module.target.source, first.via[-1].name
    differing = Unknown(
        f"the version of {source} is unknown, and its versions differ",
        call.span,
        hint=f'pin the version of {address}: version = "..."',
    )
    if len(versions) < count or any(other.resource.case != first.case for other in versions):
        outer = (*module.caller.origin.case, *module.case)
        return first._replace(case=outer, read=partial(_always, differing))
    unlisted = next((item.resource.unlisted for item in versions if item.resource.unlisted), None)
    return first._replace(
        read=partial(_read, versions, differing, call), unlisted=unlisted and unlisted._replace(span=call.span)
    )


def _always(unknown: Unknown, _name: str) -> Value:
    return unknown


def _read(versions: list[_Version], differing: Unknown, call: Block, name: str) -> Value:
    """Return a property by its name in the ECS API. Containers are a list, however the text is written."""
    property = _PLATFORM if name == SYSTEM_FAMILY else name
    by_sources: dict[object, Resource] = {}
    for version in versions:
        by_sources.setdefault(version.sources(property), version.resource)
    values = [resource.read(property) for resource in by_sources.values()]
    if name == SYSTEM_FAMILY:
        values = [nested_member(platform, "operating_system_family") for platform in values]
    if name == CONTAINERS:
        values = [lift(partial(decoded_list, call.span), value) for value in values]
    return agreed(differing, *(relocated(call.span, value) for value in values))


def _unlisted(scope: ModuleScope, call: Block, module: ModuleInstance) -> Iterator[Resource]:
    """Yield a resource for each type that a module that is not installed may have."""
    source = module.target.source or ""
    for type in scope.run.settings.reads.resources:
        if module.is_reported or may_have(type, call, source):
            yield Resource(
                type=type,
                source="terraform",
                address=scope.address(f"{call.type}.{call.labels[0]}{module.instance.suffix}"),
                location=call.span,
                case=(*scope.origin.case, *module.case),
                via=scope.origin.calls,
                form=FORM,
                unlisted=module.unknown or Unknown("the module is not installed", call.span),
            )
