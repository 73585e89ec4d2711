"""Determine the settings that a well-known module makes of its inputs, by the data of the table."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from ecs5lint.light_typing import Any, NamedTuple
from ecs5lint.location import Span
from ecs5lint.parsers.terraform.language.types import BOOL, STRING, convert
from ecs5lint.parsers.terraform.syntax.errors import EvaluationError
from ecs5lint.values.alternatives import lift
from ecs5lint.values.kinds import (
    Absent,
    Assumption,
    Assumptions,
    Known,
    ListValue,
    ObjectValue,
    Pair,
    Rest,
    Unknown,
    Value,
    assume,
    known_text,
)
from ecs5lint.values.members import member

#: A setting in the table.
Spec = dict[str, Any]

_TYPES = {"bool": BOOL, "string": STRING}
_DRIVER, _AWSLOGS = "logDriver", "awslogs"


class Inputs(NamedTuple):
    """The inputs of a module, or of a service or a container in its inputs.

    `get` returns an input by its name, and `switch` returns 1 if a boolean input is true or omitted, and 0 if it is
    false. `family` is the OS family.
    """

    get: Callable[[str], Value]
    switch: Callable[[str], Value]
    family: Value
    source: str
    address: str
    span: Span


def setting(name: str, spec: Spec, inputs: Inputs) -> Value:
    """Return a setting by its name in the ECS API. It is null if the module omits it."""
    for other in (*spec.get("unclear_with", ()), *spec.get("none_unless", ())):
        given = inputs.get(other)
        if not is_nothing(given):
            return Unknown(f"{other} of {inputs.source} may change {name}", given.span or inputs.span)
    value = _value(name, spec, inputs)
    if spec.get("linux"):
        value = lift(partial(_on_linux, inputs.source), inputs.family, value)
    return value


def default(name: str, value: str | bool | None, inputs: Inputs) -> Value:
    """Return the default of a module for an input that a call leaves out. None stands for an omitted setting."""
    by_default = f"defaults to {str(value).lower() if isinstance(value, bool) else value}"
    text = f"{name} of {inputs.source} {'is omitted by default' if value is None else by_default}"
    assumptions: Assumptions = frozenset({Assumption(f"{inputs.address}.{name}", text)})
    return Known(value, inputs.span, assumptions)


def is_null(value: Value) -> bool:
    """Tell whether an input is omitted or null."""
    return isinstance(value, Absent) or (isinstance(value, Known) and value.value is None)


def is_nothing(value: Value) -> bool:
    """Tell whether an input is omitted, null or empty."""
    is_empty = (isinstance(value, ListValue) and not value.items) or (
        isinstance(value, ObjectValue) and not value.members
    )
    return is_empty or is_null(value) or (isinstance(value, Known) and value.value == "")


def _value(name: str, spec: Spec, inputs: Inputs) -> Value:
    if "none_unless" in spec:
        return ListValue((), inputs.span)
    if "value" in spec:
        return _constant(spec["value"], inputs.span)
    if "merge" in spec:
        return lift(partial(_merged, inputs.span), *map(inputs.get, spec["merge"]))
    if "map" in spec and not is_null(given := inputs.get(spec["map"])):
        return lift(partial(_named, inputs.span), given)
    if "input" not in spec:
        return Known(None, inputs.span)
    written = lift(partial(_settled, name, spec, inputs), inputs.get(spec["input"]))
    if "also" in spec:
        written = lift(_joined, written, inputs.get(spec["also"]))
    if "driver_if" in spec:
        return lift(partial(_configuration, inputs.span), inputs.switch(spec["driver_if"]), written)
    if "awslogs_if" in spec:
        made = inputs.switch(spec["awslogs_if"])
        return lift(partial(_with_awslogs, inputs.span, spec.get("keeps_null", False)), made, written)
    return lift(_listed, written) if name == "volumes" else written


def _constant(value: object, span: Span) -> Value:
    if isinstance(value, dict):
        return ObjectValue(
            tuple(Pair(Known(key, span), _constant(item, span), span) for key, item in value.items()), span
        )
    return Known(value if isinstance(value, (str, bool)) else None, span)


def _settled(name: str, spec: Spec, inputs: Inputs, written: Value) -> Value:
    """Return an input, converted to its type. If it is omitted, it is the default of the module."""
    null_is_default = spec.get("nullable") is False
    if isinstance(written, Absent) or (null_is_default and is_null(written)):
        if "default" not in spec:
            return Known(None, inputs.span, written.assumptions)
        return assume(default(name, spec["default"], inputs), written.assumptions)
    try:
        return convert(written, _TYPES[spec["type"]]) if "type" in spec else written
    except EvaluationError:
        return written


def _on_linux(source: str, family: Value, value: Value) -> Value:
    """Return a setting that a module omits for operating systems other than Linux."""
    if is_null(family) or known_text(family) == "LINUX":
        return assume(value, family.assumptions)
    if isinstance(family, Known):
        return Known(None, family.span, family.assumptions)
    return value if is_null(value) else Unknown(f"{source} may omit it for Windows", value.span or family.span)


def _named(span: Span, variables: Value) -> Value:
    """Return a map of environment variables as their list."""
    if not isinstance(variables, ObjectValue):
        return variables
    items: list[Value] = []
    for item in variables.members:
        if isinstance(item, Rest):
            items.append(item.unknown)
        else:
            named = Pair(Known("name", span), item.key, span)
            items.append(ObjectValue((named, Pair(Known("value", span), item.value, span)), item.key.span or span))
    return ListValue(tuple(items), variables.span, variables.assumptions)


def _merged(span: Span, *maps: Value) -> Value:
    members: list[Pair | Rest] = []
    for item in maps:
        if isinstance(item, ObjectValue):
            members += item.members
        elif not is_null(item):
            members.append(Rest(item if isinstance(item, Unknown) else Unknown("it is not a map", item.span)))
    return ObjectValue(tuple(members), span)


def _joined(one: Value, other: Value) -> Value:
    """Return the elements of two lists. If one is unknown, some of them are."""
    if is_nothing(other):
        return one
    parts = [value.items if isinstance(value, ListValue) else (value,) for value in (one, other) if not is_null(value)]
    return ListValue(tuple(item for part in parts for item in part), other.span)


def _configuration(span: Span, made: Value, driver: Value) -> Value:
    """Return a log configuration with a driver, if the module makes one."""
    is_made = isinstance(made, Known) and made.value
    return ObjectValue((Pair(Known(_DRIVER, span), driver, span),), span) if is_made else Known(None, span)


def _with_awslogs(span: Span, keeps_null: bool, made: Value, given: Value) -> Value:
    """Return a log configuration merged over that of the module, which it makes by default."""
    if not isinstance(given, ObjectValue) and not is_null(given):
        return given
    own: Value = Known(_AWSLOGS if isinstance(made, Known) and made.value else None, span)

    def unless_null(driver: Value) -> Value:
        is_omitted = isinstance(driver, Absent) or (is_null(driver) and not keeps_null)
        return assume(own, driver.assumptions) if is_omitted else driver

    driver = lift(unless_null, member(given, _DRIVER)) if isinstance(given, ObjectValue) else own
    return ObjectValue((Pair(Known(_DRIVER, span), driver, span),), given.span or span, given.assumptions)


def _listed(volumes: Value) -> Value:
    """Return volumes as a list. In a map of volumes, a key is the name unless the volume sets another."""
    if not isinstance(volumes, ObjectValue):
        return volumes
    return ListValue(tuple(map(_volume, volumes.members)), volumes.span, volumes.assumptions)


def _volume(item: Pair | Rest) -> Value:
    return item.unknown if isinstance(item, Rest) else lift(partial(_with_key, item.key), item.value)


def _with_key(key: Value, volume: Value) -> Value:
    if not isinstance(volume, ObjectValue) or not is_null(member(volume, "name")):
        return volume
    return volume._replace(members=(*volume.members, Pair(Known("name", volume.span), key, volume.span)))
