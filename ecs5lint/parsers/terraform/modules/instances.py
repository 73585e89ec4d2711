"""Determine the instances of a resource or module call: `count`, `for_each` and OpenTofu's `enabled`.

https://developer.hashicorp.com/terraform/language/meta-arguments/count
https://developer.hashicorp.com/terraform/language/meta-arguments/for_each
https://opentofu.org/docs/language/meta-arguments/enabled/
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from ecs5lint.light_typing import NamedTuple
from ecs5lint.location import Span
from ecs5lint.parsers.terraform.language.access import part_of
from ecs5lint.parsers.terraform.language.choices import choose
from ecs5lint.parsers.terraform.language.functions.function import optional_items
from ecs5lint.parsers.terraform.language.loops import empty_by_default
from ecs5lint.parsers.terraform.language.plain_values import plain_value
from ecs5lint.parsers.terraform.language.scope import Scope, Symbols, symbols_of
from ecs5lint.parsers.terraform.language.types import NUMBER, convert
from ecs5lint.parsers.terraform.syntax.blocks import Argument, Block
from ecs5lint.parsers.terraform.syntax.errors import EvaluationError, NotKnown
from ecs5lint.parsers.terraform.syntax.numbers import Counted
from ecs5lint.values.alternatives import Branch, Case, leaves, lift
from ecs5lint.values.conditions import ALWAYS, All, Any, Named, fact, negate
from ecs5lint.values.kinds import (
    NO_ASSUMPTIONS,
    Arm,
    Assumptions,
    Choice,
    Known,
    ListValue,
    ObjectValue,
    Pair,
    Repeated,
    Unknown,
    Value,
    assume,
    known_text,
)
from ecs5lint.values.members import find_member

#: The largest number of instances to distinguish.
MAX_INSTANCES = 200
_ANY_INDEX = "count.index is any of the instances"
_TOO_MANY = "there are too many instances to tell them apart"


class Instance(NamedTuple):
    """An instance: its key (or None), the value of `each` or `count` in it, and the case under which it exists.

    The key `*` stands for any number of unknown instances. `disregarded` has the variables whose defaults rule out the
    instance. They are unknown within it.
    """

    key: str | int | None
    names: Mapping[str, Value]
    case: Case = ()
    disregarded: Symbols = frozenset()

    @property
    def suffix(self) -> str:
        """The end of the instance's address."""
        if self.key is None:
            return ""
        return f"[{_quoted(self.key)}]" if isinstance(self.key, str) and self.key != "*" else f"[{self.key}]"


#: Characters that are escaped in the quoted key of an address.
_ESCAPES = str.maketrans({'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"})


def _quoted(key: str) -> str:
    """Return a key as Terraform writes it in an address: as a string literal without interpolation."""
    return '"' + key.translate(_ESCAPES).replace("${", "$${").replace("%{", "%%{") + '"'


class _Member(NamedTuple):
    """One instance in one alternative, with the value of `each.value` or `count.index` in it.

    `assumptions` are the defaults that its key relies on.
    """

    key: str | int
    value: Value
    assumptions: Assumptions = NO_ASSUMPTIONS


def expand(block: Block, scope: Scope, outer: Case = ()) -> list[Instance]:
    """Return the possible instances of a resource or a module call. `outer` is the case of its module."""
    count, for_each = block.argument("count"), block.argument("for_each")
    argument = count or for_each
    if argument is None:
        enabled = enabled_argument(block)
        return [Instance(None, {})] if enabled is None else _if_enabled(enabled, scope, outer)
    span = argument.value_span
    try:
        value = scope.evaluate(argument.expression)
        if count:
            value = convert(value, NUMBER)
    except EvaluationError as error:
        value = Unknown(error.message, span)
    return instances_of(value, span, scope, outer, counted=count is not None)


def enabled_argument(block: Block) -> Argument | None:
    """Return the argument `enabled` of a block's `lifecycle`, or None.

    OpenTofu 1.11 added it. It works as `count = enabled ? 1 : 0`, but the instance has no index. Terraform refuses it.
    """
    arguments = [lifecycle.argument("enabled") for lifecycle in block.blocks("lifecycle")]
    return next((argument for argument in arguments if argument), None)


def _if_enabled(enabled: Argument, scope: Scope, outer: Case) -> list[Instance]:
    span = enabled.value_span
    try:
        count = choose(enabled.expression, scope, lambda _: Known(1, span), lambda _: Known(0, span), span)
    except EvaluationError as error:
        count = Unknown(error.message, span)
    found = instances_of(count, span, scope, outer, counted=True)
    return [instance._replace(key=None, names={}) for instance in found]


def instances_of(value: Value, span: Span, scope: Scope, outer: Case = (), counted: bool = False) -> list[Instance]:
    """Return the instances for a value of `for_each` or `count`. `span` is the span of the value."""
    members = _counted if counted else _keyed
    text = " ".join(span.text.split())
    shown = f"({text})" if "?" in text else text
    words, opposite = _has(shown, "*", counted)
    some = fact(scope.key(f"{text} not empty"), words, scope.budget, opposite)
    found: dict[str | int, list[tuple[Case, _Member]]] = {}
    alternatives = [(case[len(outer) :], leaf) for case, leaf in leaves(lift(optional_items, value), outer)]
    for case, leaf in alternatives:
        present = members(leaf, span)
        if not present and symbols_of(leaf):
            case = (*case, Branch(some, False, leaf.assumptions))
            present = [_Member("*", Unknown(_ANY_INDEX, span) if counted else empty_by_default(span))]
        elif isinstance(leaf, Unknown):
            case = (*case, Branch(some, None))
        for member in present:
            if member.key == "*" or not isinstance(leaf, ObjectValue):
                # Only a known member of a map relies on other defaults than the collection.
                member = _Member(member.key, assume(member.value, leaf.assumptions), leaf.assumptions)
            found.setdefault(member.key, []).append((case, member))
    return [_instance(key, ways, len(alternatives), counted, shown) for key, ways in found.items()]


def _counted(value: Value, span: Span) -> list[_Member]:
    if not isinstance(value, Known) or not isinstance(value.value, (int, float, Decimal)):
        return [] if isinstance(value, Known) else [_Member("*", Unknown(_ANY_INDEX, span))]
    count = int(value.value)
    members = [_Member(index, Known(Counted(index), span)) for index in range(min(count, MAX_INSTANCES))]
    return members if count <= MAX_INSTANCES else [*members, _Member("*", Unknown(_TOO_MANY, span))]


def _keyed(value: Value, span: Span) -> list[_Member]:
    if isinstance(value, Unknown):
        return [_Member("*", part_of(value, "[*]", span) if value.type else value)]
    settled: dict[str, _Member] = {}
    unsettled: list[tuple[str, Value]] = []
    if isinstance(value, ObjectValue):
        for member in value.members:
            key = known_text(member.key) if isinstance(member, Pair) else None
            if isinstance(member, Pair) and key is not None:
                relies_on = value.assumptions if member.assumptions is None else member.assumptions
                settled[key] = _Member(key, find_member(value, key)[0], relies_on)
            elif isinstance(member, Pair):
                unsettled.append((member.key.span.text if member.key.span else "", member.value))
            else:
                unsettled.append(("", member.each or member.unknown))
    elif isinstance(value, ListValue):
        for item in value.items:
            if isinstance(item, Repeated) and item.when is ALWAYS:
                item = item.element
            key = None if isinstance(item, Repeated) else _text(item)
            if key is not None:
                settled[key] = _Member(key, Known(key, span))
            else:
                unsettled.append(("", _element(item, span)))
    if len(settled) > MAX_INSTANCES:
        settled = dict(list(settled.items())[:MAX_INSTANCES])
        unsettled.append(("", Unknown(_TOO_MANY, span)))
    members = list(settled.values())
    return [*members, _Member("*", _any(unsettled, span))] if unsettled else members


def _any(elements: list[tuple[str, Value]], span: Span) -> Value:
    """Return the value of any of several instances. Each is given with its key as text."""
    arms: list[Arm] = []
    for number, (key, value) in enumerate(elements):
        text, opposite = (f"each.key {word} {key or 'any other'}" for word in ("==", "!="))
        when = fact(f"{span.path}:{span.start} {number}", text, opposite=opposite)
        arms.append(Arm(All(*(negate(arm.when) for arm in arms), when), value))
    return arms[0].value if len(arms) == 1 else Choice(tuple(arms), span)


def _text(item: Value) -> str | None:
    """Return the text of an element, or None if it is unknown."""
    try:
        text = plain_value(item)
    except NotKnown:
        return None
    return text if isinstance(text, str) else None


def _element(item: object, span: Span) -> Value:
    element = getattr(item, "element", item)
    return element if isinstance(element, (Unknown, ObjectValue)) else Unknown("each.value is unknown", span)


def _instance(
    key: str | int, ways: list[tuple[Case, _Member]], alternatives: int, counted: bool, text: str
) -> Instance:
    """Return an instance from its alternatives with the same key. `text` is that of the `count` or `for_each` value."""
    on_default_path = [way for way in ways if all(step.on_default_path is not False for step in way[0])]
    case, member = (on_default_path or ways)[0]
    value = member.value
    if any(other.value != value for _, other in ways):
        value = whichever([(way, other.value) for way, other in ways])
    if len(ways) > 1:
        case = (
            ()
            if len(ways) == alternatives
            else _any_of([way[0] for way in ways], bool(on_default_path), *_has(text, key, counted))
        )
    disregarded: Symbols = frozenset()
    if not on_default_path:
        disregarded = frozenset(item.symbol for step in case for item in step.assumptions)
    if counted:
        return Instance(key, {"count": _object({"index": value})}, case, disregarded)
    each_key: Value = Unknown("each.key is unknown") if key == "*" else Known(key, value.span, member.assumptions)
    return Instance(key, {"each": _object({"key": each_key, "value": value})}, case, disregarded)


def _has(text: str, key: str | int, counted: bool) -> tuple[str, str | None]:
    """Return the text of the condition that an instance with this key exists, and its opposite, if it has one."""
    if counted:
        return f"{text} > {0 if key == '*' else key}", None
    return (f"{text} is not empty", f"{text} is empty") if key == "*" else (f'{text} has "{key}"', None)


def whichever(ways: list[tuple[Case, Value]]) -> Value:
    """Return the values from several alternatives as a choice."""
    arms = tuple(Arm(All(*(step.when for step in case)), value) for case, value in ways)
    on_default_path = [
        index for index, (case, _) in enumerate(ways) if all(step.on_default_path is not False for step in case)
    ]
    steps = [step for case, _ in ways for step in case]
    settled = bool(on_default_path) and any(step.on_default_path is not None for step in steps)
    assumptions = frozenset(item for step in steps for item in step.assumptions)
    return Choice(arms, ways[0][1].span, assumptions, on_default_path[0] if settled else None)


def _any_of(cases: list[Case], on_default_path: bool, name: str, opposite: str | None) -> Case:
    when = Named(name, Any(*(All(*(step.when for step in case)) for case in cases)), opposite)
    settled = any(step.on_default_path is not None for case in cases for step in case)
    assumptions = frozenset(item for case in cases for step in case for item in step.assumptions)
    return (Branch(when, on_default_path if settled else None, assumptions),)


def _object(members: dict[str, Value]) -> ObjectValue:
    return ObjectValue(tuple(Pair(Known(name), value) for name, value in members.items()))
