"""Evaluate a call of a well-known module that is not installed, by the table of these modules."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from ecs5lint.light_typing import Any, NamedTuple
from ecs5lint.parsers.terraform.language.access import index
from ecs5lint.parsers.terraform.language.functions.collection import any_number
from ecs5lint.parsers.terraform.language.operators import condition_of
from ecs5lint.parsers.terraform.language.scope import Scope, Symbols, symbols_of
from ecs5lint.parsers.terraform.language.types import ANY, BOOL, convert, map_of
from ecs5lint.parsers.terraform.modules.instances import Instance, instances_of
from ecs5lint.parsers.terraform.modules.module_scope import ModuleScope
from ecs5lint.parsers.terraform.modules.registry.container_members import KEY, either, merged, with_name, without_nulls
from ecs5lint.parsers.terraform.modules.registry.known_settings import Inputs, default, is_nothing, is_null, setting
from ecs5lint.parsers.terraform.modules.registry.stand_ins import StandIn
from ecs5lint.parsers.terraform.modules.registry.versions import Range
from ecs5lint.parsers.terraform.syntax.blocks import Block
from ecs5lint.parsers.terraform.syntax.errors import EvaluationError
from ecs5lint.text import json
from ecs5lint.values.alternatives import Case, lift
from ecs5lint.values.conditions import Condition, fact, negate, opposite_in_source
from ecs5lint.values.kinds import (
    ABSENT,
    Absent,
    Arm,
    Assumption,
    Assumptions,
    Choice,
    Encoded,
    Known,
    ListValue,
    ObjectValue,
    Pair,
    Repeated,
    Rest,
    Unknown,
    Value,
    assume,
    known_text,
)
from ecs5lint.values.members import find_member, member, nested_member

#: The kind of modules whose stand-ins have the task definitions, too.
STAND_IN = "stand-in"

#: Other keys copied from a container, and their spelling in modules if it differs from that of ECS.
_PASSED_ON = (("image", "image"), ("mountPoints", "mount_points"))

#: A setting that a module omits, even if other keys of the container are unknown.
_LEFT_OUT = Known(None)

#: An entry of the table, or its data for the versions since a given one.
Entry = dict[str, Any]

#: The path to a value in an argument of the call: the argument, and keys. None stands for an unknown key.
_Way = tuple[str | None, ...]


class Made(NamedTuple):
    """A task definition of a module: its instance, its containers, and its OS family.

    `read` returns a property by its name in the ECS API.
    """

    instance: Instance
    containers: Value
    family: Value
    read: Callable[[str], Value]


class KnownModule(NamedTuple):
    """A call of a module in the table: the entry, the possible versions, and the call.

    If the versions differ, the result is unknown. `settings` has the settings that the possible versions make of their
    inputs, and `ranges` has these versions as ranges. `family` is the OS family of the containers in a map.
    """

    entry: Entry
    versions: tuple[Entry, ...]
    settings: tuple[Entry, ...]
    ranges: tuple[Range, ...]
    assumptions: Assumptions
    call: Block
    module: ModuleScope
    scope: Scope
    address: str
    family: Value = ABSENT

    @property
    def kind(self) -> str:
        """The kind of module, in the terms of the table."""
        return str(self.entry["kind"])

    def argument(self, name: str | None) -> Value:
        """Return the value of an argument of the call, or ABSENT."""
        argument = self.call.argument(name) if name else None
        if argument is None:
            return ABSENT
        try:
            return self.module.value_of(argument, self.scope)
        except EvaluationError as error:
            return Unknown(error.message, argument.value_span)

    @property
    def stand_ins(self) -> list[StandIn]:
        """The stand-ins of the possible versions. If some of these have none, the list is empty."""
        name = self.entry.get("stand_ins")
        every = self.module.run.modules.stand_ins(name) if name else []
        if not every or min(self.ranges).start < every[0].versions.start:
            return []
        given = {argument.name for argument in self.call.arguments()}
        declared = {name for item in every for name in item.module.variables}
        # Terraform refuses a call with any other input.
        accepted = [item for item in every if not given & declared - item.module.variables.keys()]
        return [item for item in accepted if any(item.versions.shares(other) for other in self.ranges)]

    @property
    def outputs(self) -> list[str]:
        """The outputs that contain a container definition in any possible version."""
        return list(dict.fromkeys(name for version in self.versions for name in version.get("outputs", ())))

    def output(self, name: str) -> Value | None:
        """Return an output with a container definition, or None if the table doesn't have it."""
        versions = tuple(version for version in self.versions if name in version.get("outputs", ()))
        if not versions:
            return None
        known = self._replace(versions=versions)
        container, form = known.container(), versions[-1]["outputs"][name]
        if form == "object":
            return container
        as_list = Encoded(ListValue((container,), self.call.span), self.call.span)
        as_object = Encoded(container, self.call.span)
        if form == "json-list-if-made":
            return lift(lambda made: as_list if made.value else as_object, known._made())
        return as_list if form == "json-list" else as_object

    def task_definitions(self, outer: Case) -> Iterator[Made]:
        """Yield the task definitions of the module. `outer` is the case under which the module itself exists."""
        for instance in instances_of(self._made(), self.call.span, self.scope, outer, counted=True):
            known = self._without_defaults(instance.disregarded)
            if self.kind == "services":
                yield from known._services(outer, instance.case)
            elif self.kind not in ("none", "container", STAND_IN):
                family = known._family(known.argument)
                known = known._replace(family=family)
                inputs = known._inputs(known.argument, ())
                read = partial(known._property, inputs)
                yield Made(instance._replace(key=None), known._all_containers(), family, read)

    def _without_defaults(self, symbols: Symbols) -> KnownModule:
        """Return the module with some variables having no default."""
        if not symbols:
            return self
        module = self.module.without_defaults(symbols)
        return self._replace(module=module, scope=self.scope.without_defaults(symbols))

    def _services(self, outer: Case, case: Case) -> Iterator[Made]:
        services = self.call.argument(self.entry["services"])
        if services is None:
            return
        outer = (*outer, *case)
        for service in instances_of(self.argument(services.name), services.value_span, self.scope, outer):
            value = nested_member(service.names["each"], "value")
            way = (services.name, service.key if isinstance(service.key, str) and service.key != "*" else None)
            made = self._over_versions(partial(self._service_made, value, way))
            for instance in instances_of(made, services.value_span, self.scope, (*outer, *service.case), counted=True):
                found = service._replace(case=(*case, *service.case, *instance.case))
                family = self._family(partial(_member, value))
                known = self._replace(family=family)
                read = partial(known._property, known._inputs(partial(_member, value), way))
                yield Made(found, lift(partial(known._containers_of_service, way), value), family, read)

    def _service_made(self, service: Value, way: _Way, version: Entry) -> Value:
        names = version.get("service_switches", ())
        return _smallest([self._flag(lift(partial(_written_member, name), service), (*way, name)) for name in names])

    def _containers_of_service(self, way: _Way, service: Value) -> Value:
        if not isinstance(service, ObjectValue):
            return service
        containers = str(self.entry["containers"])
        defaults = _member(service, self.versions[0].get("defaults"))
        return self._containers((*way, containers), member(service, containers), defaults)

    def _all_containers(self) -> Value:
        """Return the container definitions of the only task definition in the module."""
        if self.kind == "task":
            return self._task_containers()
        definitions = self.argument(self.entry["containers"])
        if self.kind == "json":
            return definitions if isinstance(definitions, Absent) else lift(self._decoded, definitions)
        defaults = self.argument(self.versions[0].get("defaults"))
        return self._containers((self.entry["containers"],), definitions, defaults)

    def _task_containers(self) -> Value:
        version = self.versions[-1]
        own = ListValue((self.container(),), self.call.span)
        instead = self.argument(version.get("instead"))
        value = lift(partial(self._instead, version, own), instead)
        return self._with_further(value)

    def _instead(self, version: Entry, own: Value, given: Value) -> Value:
        """Return the containers that an input sets in place of the module's own container."""
        is_empty = isinstance(given, ListValue) and not given.items
        if is_empty or is_null(given) or (isinstance(given, Known) and given.value == ""):
            return own
        if not version.get("json"):
            return given
        decoded = self._decoded(given)
        return ListValue((decoded,), given.span) if isinstance(decoded, ObjectValue) else decoded

    def _concatenated(self, one: Value, other: Value) -> Value:
        if is_null(other):
            return one
        if not isinstance(one, ListValue) or isinstance(other, Unknown):
            items = one.items if isinstance(one, ListValue) else (one,)
            return ListValue((*items, other), self.call.span)
        return one._replace(items=(*one.items, *other.items)) if isinstance(other, ListValue) else one

    def _with_further(self, containers: Value) -> Value:
        """Return a list of containers, plus an unknown if an input may add containers."""
        names = [name for version in self.versions for name in version.get("further", ())]
        given = next((argument for name in names if (argument := self.call.argument(name))), None)
        if given is None or is_nothing(self.argument(given.name)):
            return containers
        unknown = Unknown(f"{given.name} of {self.entry['source']} may add containers", given.value_span)
        return lift(partial(self._concatenated), containers, ListValue((unknown,), given.value_span))

    def _decoded(self, text: Value) -> Value:
        try:
            return text if isinstance(text, (Unknown, Absent)) or is_null(text) else json.decode(text)
        except json.JsonError as error:
            reason = f"the container definitions are not valid JSON: {error.message}"
            return Unknown(reason, error.span or self.call.span, text.assumptions)

    def _inputs(self, get: Callable[[str], Value], way: _Way) -> Inputs:
        """Return the inputs that `get` returns, to which a way leads."""

        def switch(name: str) -> Value:
            return self._flag(get(name), (*way, name))

        return Inputs(get, switch, self.family, str(self.entry["source"]), self.address, self.call.span)

    def _property(self, inputs: Inputs, name: str) -> Value:
        """Return a property of a task definition of the module."""
        return self._setting_of("task", name, inputs)

    def _own_settings(self, inputs: Inputs) -> tuple[Pair, ...]:
        """Return the settings of a container that the module sets from its inputs."""
        names = dict.fromkeys(name for row in self.settings for name in row.get("container", ()))
        return tuple(
            Pair(Known(name, self.call.span), self._setting_of("container", name, inputs), self.call.span)
            for name in names
        )

    def _setting_of(self, part: str, name: str, inputs: Inputs) -> Value:
        unknown = Unknown(f"{self.entry['source']} may set it", self.call.span)

        def of_row(row: Entry) -> Value:
            spec = row.get(part, {}).get(name)
            if part == "task" and spec and "input" in spec:
                spec = {"default": None, **spec}  # an omitted input of a module is its default, too
            is_unclear = part == "container" and any(map(self._mentions, row["unless_given"]))
            return unknown if is_unclear or not spec else setting(name, spec, inputs)

        return self._over(self.settings, of_row) if self.settings else unknown

    def _mentions(self, name: str) -> bool:
        """Tell whether a name occurs in the text of the call, which may be too long to copy for each setting."""
        span = self.call.span
        return span.source.text.find(name, span.start, span.end) >= 0

    def container(self) -> Value:
        """Return the container definition that the arguments of the call describe."""
        family = self.argument(self.versions[-1].get("only_for")) if self.kind == "container" else self.family
        inputs = self._replace(family=family)._inputs(self.argument, ())
        readonly = self._over_versions(lambda version: self._setting(version, self.argument(version.get("input"))))
        version = self.versions[-1]
        found = ObjectValue(
            (
                Rest(Unknown(f"{self.entry['source']} may set it", self.call.span)),
                *self._own_settings(inputs),
                Pair(Known(KEY, self.call.span), self._over_systems(version, readonly)),
            ),
            self.call.span,
        )
        name = self.argument(version.get("name"))
        named = found if isinstance(name, Absent) else with_name(name, found)
        return merged(named, self._override(version))

    def _over_systems(self, version: Entry, setting: Value) -> Value:
        """Return the setting. Some modules omit it for operating systems other than Linux."""
        family = self.argument(version.get("only_for"))

        def kept(family: Value, setting: Value) -> Value:
            if isinstance(family, Known) and family.value not in (None, "LINUX"):
                return _LEFT_OUT._replace(span=family.span, assumptions=family.assumptions)
            return Unknown("the OS family is unknown", family.span) if isinstance(family, Unknown) else setting

        return lift(kept, family, setting)

    def _override(self, version: Entry) -> Value:
        """Return the value that is merged over the container, converted to the module's type for it."""
        value = self.argument(version.get("override"))
        if isinstance(value, Absent) or is_null(value):
            return ABSENT
        try:
            if version.get("override_type") == "map(any)":
                return convert(value, map_of(ANY))
        except EvaluationError as error:
            return Unknown(error.message, value.span)
        return lift(without_nulls, value)

    def _containers(self, way: _Way, definitions: Value, defaults: Value) -> Value:
        """Return the list of the container definitions in a map. `way` leads to the map."""
        return lift(partial(self._listed, way, defaults), definitions)

    def _listed(self, way: _Way, defaults: Value, definitions: Value) -> Value:
        if is_null(definitions):
            return ListValue((), self.call.span)
        if not isinstance(definitions, ObjectValue):
            return definitions
        items: list[Value | Repeated] = []
        for item in definitions.members:
            if isinstance(item, Rest):
                container = partial(self._container, (*way, None), Unknown("its key is unknown"), defaults)
                each = item.each and lift(container, item.each)
                items.append(any_number(item.unknown, each) if each else item.unknown)
            else:
                # A later member may override this one.
                name = known_text(item.key)
                value = item.value if name is None else member(definitions, name)
                items.append(lift(partial(self._container, (*way, name), item.key, defaults), value))
        return ListValue(tuple(items), definitions.span, definitions.assumptions)

    def _container(self, way: _Way, key: Value, defaults: Value, definition: Value) -> Value:
        """Return a container definition of a map, or ABSENT if it is disabled."""
        if not isinstance(definition, ObjectValue):
            return definition
        container = self._described(way, key, defaults, definition)
        made = self._over_versions(partial(self._container_made, way, definition))
        if isinstance(made, Known):
            return container if made.value else ABSENT
        switches = [name for version in self.versions if (name := version.get("container_switch"))]
        flags = [_written_member(name, definition) for name in switches]
        symbols = symbols_of(flags[0]) if flags else frozenset()
        if (
            isinstance(made, Choice)
            and made.default_arm is not None
            and isinstance(flags[0], Known)
            and not flags[0].value
        ):
            # Off the default path, the defaults don't apply to the container either.
            off_default_path = self._without_defaults(symbols)
            other = off_default_path._at(way)
            container = other
            if isinstance(other, ObjectValue):
                container = off_default_path._described(way, key, defaults, other)
        return lift(lambda made: container if made.value else ABSENT, made)

    def _described(self, way: _Way, key: Value, defaults: Value, definition: ObjectValue) -> Value:
        """Return a container definition of a map. Its key is its name unless it sets another."""
        readonly = self._over_versions(lambda version: self._setting_in_map(version, definition, defaults))
        name = member(definition, "name")

        def get(name: str) -> Value:
            written = member(definition, name)
            return _member(defaults, name) if isinstance(written, Absent) else written

        members: tuple[Pair | Rest, ...] = (
            Rest(Unknown(f"{self.entry['source']} may set it", definition.span)),
            Pair(Known("name", definition.span), key if is_null(name) else name, definition.span),
            *self._own_settings(self._inputs(get, way)),
            Pair(Known(KEY, definition.span), readonly),
            *(Pair(Known(name, definition.span), either(definition, name, spelled)) for name, spelled in _PASSED_ON),
        )
        return ObjectValue(members, definition.span)

    def _container_made(self, way: _Way, definition: ObjectValue, version: Entry) -> Value:
        switch = version.get("container_switch")
        return self._flag(_written_member(switch, definition), (*way, switch)) if switch else Known(1)

    def _setting_in_map(self, version: Entry, definition: ObjectValue, defaults: Value) -> Value:
        name = version["input"]
        written = member(definition, name)
        if isinstance(written, Absent) and version.get("defaults") and isinstance(defaults, ObjectValue):
            written = member(defaults, name)
        setting = self._setting(version, written)
        # Some versions keep a null OS family, and omit the setting for any but LINUX.
        return lift(_unless_no_system, self.family, setting) if version.get("keeps_family") else setting

    def _setting(self, version: Entry, written: Value) -> Value:
        """Return the setting that results from an input. If the input is omitted, it is the module's default."""

        def settle(written: Value) -> Value:
            null_is_default = version.get("nullable") is False
            if isinstance(written, Absent) or (null_is_default and is_null(written)):
                if "default" not in version:
                    return _LEFT_OUT
                default = version["default"]
                text = f"{KEY} of {self.entry['source']} defaults to {str(default).lower()}"
                return Known(default, self.call.span, frozenset({Assumption(f"{self.address}.{KEY}", text)}))
            try:
                return convert(written, BOOL)
            except EvaluationError:
                return written

        return assume(lift(settle, written), self.assumptions)

    def _family(self, part: Callable[[str | None], Value]) -> Value:
        """Return the OS family that is passed to the module, or to a service in it."""

        def family(version: Entry) -> Value:
            name, *steps = version.get("family") or (None,)
            given = value = part(name)
            for step in steps:
                value = lift(partial(_part, step), value)
            text = version.get("default_family")
            # An input of any type replaces its default as a whole.
            if text is None or (version.get("keeps_family") and not isinstance(given, Absent)):
                return value
            inputs = self._inputs(self.argument, ())
            own = default("operating_system_family", text, inputs)
            return lift(lambda found: assume(own, found.assumptions) if is_null(found) else found, value)

        return self._over_versions(family)

    def _made(self) -> Value:
        """Return 1 if the module creates its resources, 0 if it doesn't, or a choice of the two."""
        return self._over_versions(self._made_in)

    def _made_in(self, version: Entry) -> Value:
        flags = [self._flag(self.argument(name), (name,)) for name in version.get("switches", ())]
        context = version.get("context")
        if context and is_null(self.argument("enabled")):
            enabled = nested_member(self.argument(context), "enabled")
            if isinstance(enabled, (Known, Choice)):
                flags.append(self._flag(enabled, (context, "enabled")))
        return _smallest([*flags, self._unless(version)])

    def _unless(self, version: Entry) -> Value:
        """Return 0 if an input names a task definition that is created elsewhere."""
        name = version.get("unless")
        argument = self.call.argument(name) if name else None
        if argument is None:
            return Known(1)

        def is_empty(given: Value) -> Value:
            if isinstance(given, Unknown) and given.may_be(None):
                when = fact(self.scope.key(f"{name} is given"), f"{name} is given", self.scope.budget)
                return _on_or_off(negate(when), given)
            return Known(int(is_nothing(given)))

        return lift(is_empty, self.argument(name))

    def _flag(self, value: Value, way: _Way) -> Value:
        """Return 1 if a switch is on or omitted, and 0 if it is off. `way` leads to the switch.

        A default never chooses alone.
        """

        def one(flag: Value) -> Value:
            try:
                flag = convert(flag, BOOL)
            except EvaluationError:
                return Known(1)
            if isinstance(flag, Unknown):
                return _on_or_off(self._meaning(flag, way), flag)
            if not isinstance(flag, Known) or flag.value is None:
                return Known(1)
            symbols = symbols_of(flag)
            if not symbols:
                return Known(int(flag.value is True))
            when = self._meaning(self._without_defaults(symbols)._at(way), way)
            return _on_or_off(when, flag, default_arm=0 if flag.value else 1)

        return lift(one, value)

    def _at(self, way: _Way) -> Value:
        """Return the value at the end of a way. It is unknown if a key on the way is unknown."""
        first, *keys = way
        return Unknown("its key is unknown") if None in way else nested_member(self.argument(first), *map(str, keys))

    def _meaning(self, flag: Value, way: _Way) -> Condition:
        """Return the condition that a switch is on."""
        argument = self.call.argument(str(way[0])) if len(way) == 1 else None
        text = " ".join(argument.value_span.text.split()) if argument else ".".join(map(str, way))
        if isinstance(flag, Unknown) and flag.span and (flag.symbol or flag.condition):
            return condition_of(flag, self.scope.key(flag.span.text), flag.span.text, self.scope.budget)
        return fact(self.scope.key(text), text, self.scope.budget, opposite_in_source(text))

    def _over_versions(self, work: Callable[[Entry], Value]) -> Value:
        """Return the value that all possible versions share. If they differ, it is unknown."""
        return self._over(self.versions, work)

    def _over(self, versions: tuple[Entry, ...], work: Callable[[Entry], Value]) -> Value:
        values: list[Value] = []
        for version in versions:
            value = work(version)
            if not any(_same(value, other) for other in values):
                values.append(value)
        return values[0] if len(values) == 1 else lift(self._agreed, *values)

    def _agreed(self, *values: Value) -> Value:
        first = values[0]
        if all(_same(value, first) for value in values):
            return first
        if all(isinstance(value, Known) and value.value in (False, None) for value in values):
            return first
        if all(isinstance(value, Known) and type(value.value) is int for value in values):
            has_it = fact(f"{self.address} version", f"the version of {self.address} has it", self.scope.budget)
            return _on_or_off(has_it, first)
        reason = f"the version of {self.entry['source']} is unknown, and its versions differ"
        hint = f'pin the version of {self.address}: version = "..."'
        return Unknown(reason, self.call.span, hint=hint)


def _on_or_off(when: Condition, flag: Value, default_arm: int | None = None) -> Choice:
    """Return a choice of 1 under a condition, and 0 otherwise."""
    return Choice((Arm(when, Known(1)), Arm(negate(when), Known(0))), flag.span, flag.assumptions, default_arm)


def _smallest(flags: list[Value]) -> Value:
    """Return 0 if one of several switches is off, and 1 otherwise."""

    def smallest(*flags: Value) -> Value:
        return Known(int(all(isinstance(flag, Known) and flag.value for flag in flags)))

    return lift(smallest, *flags) if flags else Known(1)


def _unless_no_system(family: Value, setting: Value) -> Value:
    """Return a setting that a module omits if its OS family is null."""
    if isinstance(family, Known) and family.value is None:
        return _LEFT_OUT._replace(span=family.span, assumptions=family.assumptions)
    may_be_null = isinstance(family, Unknown) and family.may_be(None)
    return Unknown("the OS family is unknown", family.span, family.assumptions) if may_be_null else setting


def _member(value: Value, name: str | None) -> Value:
    return nested_member(value, name) if name else ABSENT


def _written_member(name: str, value: Value) -> Value:
    """Return a member, or ABSENT if it is missing or could only be an unknown member."""
    if not isinstance(value, ObjectValue):
        return ABSENT
    found, pair = find_member(value, name)
    return found if pair else ABSENT


def _same(one: Value, other: Value) -> bool:
    """Tell whether two values are equal, regardless of their assumptions."""
    if isinstance(one, Known) and isinstance(other, Known):
        return one.value == other.value and isinstance(one.value, bool) == isinstance(other.value, bool)
    return one == other or (isinstance(one, Absent) and isinstance(other, Absent))


def _part(step: str | int, value: Value) -> Value:
    """Return a part of an input, or ABSENT if it is missing."""
    if isinstance(step, str):
        return nested_member(value, step)
    try:
        return index(value, Known(step), value.span) if isinstance(value, ListValue) and value.span else value
    except EvaluationError:
        return ABSENT
