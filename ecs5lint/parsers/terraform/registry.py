"""Well-known modules whose source is not at hand: what is known of them settles their container definitions.

What is known is data: registry_modules.json.
"""

from __future__ import annotations

import json
import os
import re
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from ecs5lint.parsers.terraform.blocks import Block
from ecs5lint.parsers.terraform.errors import EvaluationError
from ecs5lint.parsers.terraform.functions.collection import any_number
from ecs5lint.parsers.terraform.scope import Scope
from ecs5lint.parsers.terraform.types import BOOL, convert
from ecs5lint.values import (
    ABSENT,
    Absent,
    Assumption,
    Encoded,
    Known,
    ListValue,
    ObjectValue,
    Pair,
    Repeated,
    Rest,
    Unknown,
    Value,
    known_text,
    lift,
    member,
)

if TYPE_CHECKING:
    from ecs5lint.parsers.terraform.module_scope import ModuleScope

_KEY = "readonlyRootFilesystem"
_HOSTS = ("registry.terraform.io/", "registry.opentofu.org/")
#: A module on GitHub, which the registry knows by the parts of the repository's name.
_GITHUB = re.compile(
    r"(?:git::)?(?:https://|ssh://)?(?:git@)?github\.com[/:](?P<namespace>[\w-]+)/"
    r"terraform-(?P<provider>[a-z0-9]+)-(?P<name>[\w-]+)(?:\.git)?(?P<path>//[\w/-]+)?(?:\?ref=(?:tags/)?(?P<ref>.*))?"
)
_CONSTRAINT = re.compile(r"\s*(?P<operator>~>|<=|<|=|)\s*v?(?P<version>\d+(?:\.\d+)*)")

#: Inputs that are container definitions or a task definition; one that is only named by its ARN is made elsewhere.
_DEFINITION_INPUT = re.compile(r"(?:container_?def|task_?def)(?!.*_arns?$)|^containers?$", re.IGNORECASE)
#: Sources that are for ECS, and inputs that describe a container to them. Many such modules make other things.
_ECS_SOURCE = re.compile(r"(?:^|[-_/.])(?:ecs|fargate)(?:[-_/.?]|$)", re.IGNORECASE)
_CONTAINER_INPUT = re.compile(r"(?:^|_)(?:containers?(?:_|$)|image(?:_(?:name|tag|uri|url|version))?$)", re.IGNORECASE)
#: Sources that by their name make a service or a task, however that is described to them.
_SERVICE_SOURCE = re.compile(
    r"(?:^|[-_/.])(?:ecs|fargate)(?:[-_/.][\w./-]{0,100})?[-_/](?:service|task)s?(?:\.git)?(?:/aws)?(?:\?|$)",
    re.IGNORECASE,
)
#: An input that says that the task definition is made elsewhere.
_ARN_INPUT = re.compile(r"task_?def.*_arns?$", re.IGNORECASE)

#: What else is taken from the description of a container, and how modules spell it that do not spell it as ECS does.
_PASSED_ON = (("image", "image"), ("user", "user"), ("mountPoints", "mount_points"))

Version = tuple[int, ...]


class KnownModule(NamedTuple):
    """A call of a module that the table knows: the entry, what holds for the version, and the call."""

    entry: dict[str, Any]
    version: dict[str, Any]
    call: Block
    module: ModuleScope
    scope: Scope
    address: str

    @property
    def kind(self) -> str:
        """What the module does, in the words of the table."""
        return str(self.entry["kind"])

    def argument(self, name: str | None) -> Value:
        """Return the value of an argument of the call, ABSENT if there is none."""
        argument = self.call.argument(name) if name else None
        if argument is None:
            return ABSENT
        try:
            return self.module.value_of(argument, self.scope)
        except EvaluationError as error:
            return Unknown(error.message, argument.value_span)

    def output(self, name: str) -> Value | None:
        """Return an output of a module that gives a container definition, None if the table does not know it."""
        form = self.entry.get("outputs", {}).get(name)
        if form is None:
            return None
        container = self.container()
        if form == "object":
            return container
        return Encoded(ListValue((container,), self.call.span) if form == "json-list" else container, self.call.span)

    def container(self) -> Value:
        """Return the container definition that the arguments of the call describe."""
        setting = self._setting(self.argument(self.version.get("input")))
        name = self.argument(self.entry.get("name"))
        members: list[Pair | Rest] = [Pair(Known(_KEY, self.call.span), setting)]
        if not isinstance(name, Absent):
            members.append(Pair(Known("name", self.call.span), name))
        return _merged(ObjectValue(tuple(members), self.call.span), self.argument(self.entry.get("override")))

    def containers(self, definitions: Value) -> Value:
        """Return the list of the container definitions in a map of them."""
        return lift(self._containers, definitions)

    def _containers(self, definitions: Value) -> Value:
        if isinstance(definitions, Absent):
            return ListValue((), self.call.span)
        if not isinstance(definitions, ObjectValue):
            return definitions
        items: list[Value | Repeated] = []
        for item in definitions.members:
            if isinstance(item, Rest):
                each = item.each and lift(partial(self._container, Unknown("its key is not known")), item.each)
                items.append(any_number(item.unknown, each) if each else item.unknown)
            else:
                # What stands behind a member may override it.
                name = known_text(item.key)
                value = item.value if name is None else member(definitions, name)
                items.append(lift(partial(self._container, item.key), value))
        return ListValue(tuple(items), definitions.span, definitions.assumptions)

    def _container(self, key: Value, definition: Value) -> Value:
        """Return one of a map of container definitions: its key is its name unless it says another."""
        if not isinstance(definition, ObjectValue):
            return definition
        written = member(definition, str(self.version["input"]))
        if isinstance(written, Absent):
            defaults = self.argument(self.version.get("defaults"))
            written = member(defaults, str(self.version["input"])) if isinstance(defaults, ObjectValue) else ABSENT
        name = member(definition, "name")
        members = (
            Pair(Known("name", definition.span), key if _is_null(name) else name, definition.span),
            Pair(Known(_KEY, definition.span), self._setting(written)),
            *(Pair(Known(name, definition.span), _either(definition, name, spelled)) for name, spelled in _PASSED_ON),
        )
        return ObjectValue(members, definition.span)

    def _setting(self, written: Value) -> Value:
        """Return the setting that an input comes to: the module's default where it is left out."""

        def settle(written: Value) -> Value:
            null_is_default = self.version.get("nullable") is False
            if isinstance(written, Absent) or (null_is_default and _is_null(written)):
                default = self.version["default"]
                text = f"{_KEY} of {self.entry['source']} defaults to {str(default).lower()}"
                return Known(default, self.call.span, frozenset({Assumption(f"{self.address}.{_KEY}", text)}))
            try:
                return convert(written, BOOL)
            except EvaluationError:
                return written

        return lift(settle, written)


def _either(definition: ObjectValue, name: str, other: str) -> Value:
    value = member(definition, name)
    return member(definition, other) if isinstance(value, Absent) else value


def _is_null(value: Value) -> bool:
    return isinstance(value, Absent) or (isinstance(value, Known) and value.value is None)


def _merged(container: ObjectValue, override: Value) -> Value:
    if isinstance(override, ObjectValue):
        return container._replace(members=(*container.members, *override.members))
    if isinstance(override, Unknown):
        return container._replace(members=(*container.members, Rest(override)))
    return container


_table: list[dict[str, Any]] | None = None


def _modules() -> list[dict[str, Any]]:
    global _table
    if _table is None:
        path = os.path.join(os.path.dirname(__file__), "registry_modules.json")
        with open(path, encoding="utf-8") as file:
            _table = json.load(file)["modules"]
    return _table


def known_module(
    call: Block, origin: str, constraint: str, module: ModuleScope, scope: Scope, address: str
) -> KnownModule | None:
    """Return what the table knows of a module that comes from `origin`, None if it does not know it.

    `constraint` is the version that the call asks for, empty if it does not or that is not known.
    """
    source, constraint = _source_and_version(origin, constraint)
    entry = next((entry for entry in _modules() if entry["source"] == source), None)
    if entry is None:
        return None
    limit = upper_bound(constraint)
    version: dict[str, Any] = {}
    for candidate in entry.get("versions", ()):
        if not version or limit is None or _parsed(candidate["from"]) < limit:
            version = candidate
    return KnownModule(entry, version, call, module, scope, address)


def _source_and_version(source: str, constraint: str) -> tuple[str, str]:
    """Return a module's source, as the registry has it if it does, and the constraint on its version."""
    match = _GITHUB.fullmatch(source)
    if match:
        return f"{match['namespace']}/{match['name']}/{match['provider']}{match['path'] or ''}", match["ref"] or ""
    for host in _HOSTS:
        source = source.removeprefix(host)
    return source, constraint


def _parsed(version: str) -> Version:
    return tuple(int(part[:9]) for part in version.split("."))


def upper_bound(constraint: str) -> Version | None:
    """Return the version that those which satisfy a constraint are below, None if it has no such limit.

    https://developer.hashicorp.com/terraform/language/expressions/version-constraints
    """
    bounds: list[Version] = []
    for part in constraint.split(","):
        match = _CONSTRAINT.match(part)
        if match is None:
            continue
        version = _parsed(match["version"])
        if match["operator"] == "<":
            bounds.append(version)
        elif match["operator"] == "~>":
            kept = version[:-1] or version
            bounds.append((*kept[:-1], kept[-1] + 1))
        else:
            bounds.append((*version, 1))
    return min(bounds) if bounds else None


def may_have_task_definitions(call: Block, source: str) -> bool:
    """Tell whether a module that is not known may have task definitions, going by what it is called and given."""
    names = [argument.name for argument in call.arguments()]
    if any(map(_DEFINITION_INPUT.search, names)):
        return True
    if any(map(_ARN_INPUT.search, names)):
        return False
    if _SERVICE_SOURCE.search(source):
        return True
    return bool(_ECS_SOURCE.search(source)) and any(map(_CONTAINER_INPUT.search, names))
