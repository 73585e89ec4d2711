"""Access the parts of a value: attributes and elements.

https://developer.hashicorp.com/terraform/language/expressions/references
"""

from __future__ import annotations

from ecs5lint.location import Span
from ecs5lint.parsers.terraform.language.alternatives import lift_refusals
from ecs5lint.parsers.terraform.language.functions.function import spread
from ecs5lint.parsers.terraform.language.types import SCALARS, Collection, ObjectType, never_null
from ecs5lint.parsers.terraform.syntax.errors import EvaluationError
from ecs5lint.parsers.terraform.syntax.numbers import parse_number, scalar_text
from ecs5lint.values.kinds import (
    Absent,
    Choice,
    Known,
    ListValue,
    ObjectValue,
    Repeated,
    Unknown,
    Value,
    assume,
    known_text,
)
from ecs5lint.values.members import find_member


def get_attribute(target: Value, name: str, span: Span) -> Value:
    """Return `target.name`. Raises EvaluationError for an unknown attribute."""

    def get(target: Value) -> Value:
        if isinstance(target, Unknown):
            lacks_it = isinstance(target.type, ObjectType) and name not in target.type.attributes
            if target.type in SCALARS or lacks_it:
                raise EvaluationError(f'unknown attribute "{name}"', span, target.assumptions)
            return part_of(target, f".{name}", span)
        if isinstance(target, ObjectValue):
            value, pair = find_member(target, name)
            if isinstance(value, Absent):
                raise EvaluationError(f'unknown attribute "{name}"', span, value.assumptions)
            if pair is None and isinstance(value, Unknown):
                return part_of(value, f".{name}", span)
            return without_absent(value, f'unknown attribute "{name}"', span)
        raise EvaluationError(f"{_described(target)} has no attributes", span, target.assumptions)

    return _written_at(span, lift_refusals(get, target))


def index(target: Value, key: Value, span: Span) -> Value:
    """Return `target[key]` for a key whose alternatives are all known. Raises EvaluationError for a missing element."""

    def get(target: Value, key: Value) -> Value:
        if isinstance(key, Unknown):
            return key.derived(span)
        if isinstance(target, Unknown) and target.type not in SCALARS:
            return part_of(target, f"[{known_text(key) or getattr(key, 'value', '')}]", span)
        if isinstance(target, ObjectValue):
            name = known_text(key)
            if isinstance(key, Known) and key.value is not None:
                name = scalar_text(key.value)
            if name is not None:
                return assume(get_attribute(target, name, span), key.assumptions)
        if isinstance(target, ListValue) and not target.is_set:
            return assume(_element(target, key, span), target.assumptions | key.assumptions)
        raise EvaluationError(
            f"{_described(target)} cannot be indexed in this way", span, target.assumptions | key.assumptions
        )

    return _written_at(span, lift_refusals(get, target, spread(key)))


def _written_at(span: Span, part: Value) -> Value:
    """Return a part, with `span` as its span if it is a choice. The span covers all steps, and a message quotes it."""
    return part._replace(span=span) if isinstance(part, Choice) else part


def _element(target: ListValue, key: Value, span: Span) -> Value:
    text = known_text(key)
    number = parse_number(text) if text is not None else key.value if isinstance(key, Known) else None
    if isinstance(number, bool) or not isinstance(number, int):
        raise EvaluationError("a list is indexed by a whole number", span)
    for item in target.items[: number + 1]:
        if isinstance(item, Repeated):
            # Any number of elements may precede this one, so only a uniform list tells what its elements look like.
            if len(target.items) == 1:
                return item.element
            return Unknown("the index is unknown", span)
    if not 0 <= number < len(target.items):
        raise EvaluationError(f"the list has no element {number}", span, target.assumptions | key.assumptions)
    value = target.items[number]
    assert not isinstance(value, Repeated)
    return without_absent(value, f"the list has no element {number}", span)


def without_absent(value: Value, message: str, span: Span) -> Value:
    """Return a value that may be absent as a present value. Raises EvaluationError for an absent one."""

    def check(value: Value) -> Value:
        if isinstance(value, Absent):
            raise EvaluationError(message, span, value.assumptions)
        return value

    return lift_refusals(check, value) if isinstance(value, (Absent, Choice)) else value


def part_of(unknown: Unknown, step: str, span: Span) -> Unknown:
    """Return the unknown for a part of an unknown. `step` leads from the whole to the part."""
    kind = attribute = None
    if isinstance(unknown.type, ObjectType) and (attribute := unknown.type.attributes.get(step.lstrip("."))):
        kind = attribute.type
    elif isinstance(unknown.type, Collection):
        kind = unknown.type.element
    symbol = None if unknown.symbol is None else unknown.symbol + step
    part = unknown.derived(span, symbol, type=kind)
    return never_null(part) if attribute and attribute.replaces_null else part


def _described(value: Value) -> str:
    if isinstance(value, Known) and value.value is None:
        return "null"
    names = {"ListValue": "a list", "ObjectValue": "an object"}
    return names.get(type(value).__name__, "a simple value")
