"""Iterate over collections, for `for` expressions and the `for` directive of templates.

https://developer.hashicorp.com/terraform/language/expressions/for
"""

from __future__ import annotations

from collections.abc import Mapping

from ecs5lint.light_typing import NamedTuple
from ecs5lint.location import Span
from ecs5lint.parsers.terraform.language.access import part_of
from ecs5lint.parsers.terraform.language.alternatives import lift_refusals
from ecs5lint.parsers.terraform.language.choices import choose
from ecs5lint.parsers.terraform.language.functions.function import may_be_absent, member_name, optional_items
from ecs5lint.parsers.terraform.language.scope import Scope, symbols_of
from ecs5lint.parsers.terraform.language.types import STRING, as_list, convert
from ecs5lint.parsers.terraform.syntax.errors import EvaluationError, NotKnown
from ecs5lint.parsers.terraform.syntax.nodes import BinaryOperation, ForExpression, Literal, Name
from ecs5lint.parsers.terraform.syntax.numbers import Counted
from ecs5lint.values.alternatives import lift
from ecs5lint.values.conditions import ALWAYS, Condition, fact
from ecs5lint.values.kinds import (
    ABSENT,
    NO_ASSUMPTIONS,
    Absent,
    Assumptions,
    Choice,
    Known,
    ListValue,
    ObjectValue,
    Pair,
    Repeated,
    Rest,
    Unknown,
    Value,
    known_text,
)

#: The largest number of elements in a loop.
MAX_ELEMENTS = 10_000

#: The longest text of a collection that reports use in the names of its elements.
_MAX_WORDED = 60

#: Sort key for members with unknown keys: last.
_LAST = "\U0010ffff"


class Iteration(NamedTuple):
    """One turn of a loop: the scope with its variables bound.

    One turn stands for any number of unknown elements. `unknown` has the reason, `when` is the condition for at least
    one element, and `off_default_path` tells that there are none by default. If the index of an element is unknown,
    `when` always holds. For a member of an object, `name` is its key, `within` is the span of its braces, and
    `assumptions` are those of the member, or None for those of the object.
    """

    scope: Scope
    unknown: Unknown | None = None
    when: Condition | None = None
    off_default_path: bool = False
    name: str | None = None
    within: Span | None = None
    assumptions: Assumptions | None = None


def iterate(collection: Value, key_name: str | None, value_name: str, scope: Scope, span: Span) -> list[Iteration]:
    """Return the turns of a loop over a collection that is not a choice. Raises EvaluationError for other values."""

    def turn(number: int, element: _Element) -> Iteration:
        names = {value_name: element.value} if key_name is None else {key_name: element.key, value_name: element.value}
        inner = scope.in_loop(names, f"{span.start}[{number}]", _words(element, number, names, value_name, written))
        when = not_empty if element.unknown is not None else None if element.has_index else ALWAYS
        name, within, assumptions = element.name, element.within, element.assumptions
        return Iteration(inner, element.unknown, when, element.off_default_path, name, within, assumptions)

    written = scope.worded(span.text)
    elements = _elements(collection, span)
    if len(elements) > MAX_ELEMENTS:
        raise NotKnown(Unknown("there are too many elements to evaluate", span))
    if not elements and symbols_of(collection):
        elements = [_any_number(empty_by_default(span, collection.assumptions), span, off_default_path=True)]
    not_empty: Condition | None = None
    if any(element.unknown is not None for element in elements):
        key = f"{' '.join(span.text.split())} is not empty"
        not_empty = fact(scope.key(key), f"{written} is not empty", scope.budget, f"{written} is empty")
    return [turn(number, element) for number, element in enumerate(elements)]


def _words(
    element: _Element, number: int, names: Mapping[str, Value], value_name: str, collection: str
) -> dict[str, str]:
    """Return the names that reports use for the variables of one turn. A collection with a long text gives none."""
    if len(collection) > _MAX_WORDED:
        return {}
    key = "*" if element.unknown is not None else str(number) if element.name is None else f'"{element.name}"'
    return {name: f"{collection}[{key}]" if name == value_name else key.replace("*", name) for name in names}


def empty_by_default(span: Span, assumptions: Assumptions = NO_ASSUMPTIONS) -> Unknown:
    """Return the value of any element of a collection that is empty by default. `span` is that of the collection."""
    hint = "set it to a non-empty collection"
    return Unknown(f"{' '.join(span.text.split())} is empty by default", span, assumptions, hint)


class _Element(NamedTuple):
    """An element of a collection. If `unknown` is set, it stands for any number of elements.

    An element without an index certainly exists, but its index is unknown.
    """

    key: Value
    value: Value
    name: str | None = None
    within: Span | None = None
    unknown: Unknown | None = None
    off_default_path: bool = False
    has_index: bool = True
    assumptions: Assumptions | None = None


def _any_number(unknown: Unknown, span: Span, off_default_path: bool = False, each: Value | None = None) -> _Element:
    part = part_of(unknown, "[*]", span)
    return _Element(
        part.derived(), each or part.derived(type=part.type), unknown=unknown, off_default_path=off_default_path
    )


def _elements(collection: Value, span: Span) -> list[_Element]:
    """Return the elements of a collection in Terraform's order."""
    if isinstance(collection, Unknown):
        return [_any_number(collection, span)]
    if isinstance(collection, ListValue):
        is_set = collection.is_set
        items = enumerate(as_list(collection).items)
        elements = [_list_element(item, index, is_set, span) for index, item in items]
        return [element for element in elements if not isinstance(element.value, Absent)]
    if not isinstance(collection, ObjectValue):
        raise EvaluationError("a list, a set, a map or an object is required", span)
    unknown: list[_Element] = []
    members: dict[str, _Element] = {}
    for number, member in enumerate(reversed(collection.members)):
        if isinstance(member, Rest):
            unknown.insert(0, _any_number(member.unknown, span, each=member.each))
            continue
        name = known_text(member.key)
        # A later member overrides this one, and an unknown member may do so.
        value = unknown[0].value if unknown else member.value
        order = f"{_LAST}{number}" if name is None else name
        members.setdefault(order, _Element(member.key, value, name, member.within, assumptions=member.assumptions))
    # Unknown members may come before any other.
    return unknown + [members[name] for name in sorted(members) if not isinstance(members[name].value, Absent)]


def _list_element(item: Value | Repeated, index: int, in_set: bool, span: Span) -> _Element:
    if not isinstance(item, Repeated):
        return _Element(item if in_set else Known(Counted(index), span), item)
    element = item.element
    if item.when is ALWAYS:
        key = element if in_set else Unknown("the index of the element is unknown", span)
        return _Element(key, element, has_index=False)
    reason = element if isinstance(element, Unknown) else Unknown("the number of its elements is unknown", span)
    key = element if in_set else Unknown("the index of the element is unknown", span)
    return _Element(key, element, unknown=reason, off_default_path=item.off_default_path)


def for_expression(expression: ForExpression, scope: Scope) -> Value:
    """Return the value of a `for` expression. Raises EvaluationError."""
    build = _list if expression.key is None else _object

    def over(collection: Value) -> Value:
        turns = iterate(collection, expression.key_name, expression.value_name, scope, expression.collection.span)
        built = build(expression, turns)
        return built._replace(assumptions=built.assumptions | collection.assumptions)

    # An optional element shifts the indexes of the elements after it. A member keeps its key in any case.
    return lift_refusals(over, lift(_with_fixed_indexes, scope.evaluate(expression.collection)))


def _with_fixed_indexes(collection: Value) -> Value:
    return optional_items(collection) if isinstance(collection, ListValue) else collection


def _result(expression: ForExpression, scope: Scope) -> Value:
    """Return the result of one turn, or ABSENT if the condition or an absent member excludes it."""
    value = scope.names[expression.value_name]
    if may_be_absent(value):

        def where_there(value: Value) -> Value:
            if isinstance(value, Absent):
                return value
            return _result(expression, scope.bind({expression.value_name: value}, ""))

        return lift_refusals(where_there, value)
    if expression.condition is None:
        return scope.evaluate_part(expression.result)
    if _drops_nulls(expression):
        return lift(_unless_null, scope.names[expression.value_name])
    return choose(
        expression.condition,
        scope,
        lambda scope: scope.evaluate_part(expression.result),
        lambda scope: ABSENT,
        expression.span,
    )


def _drops_nulls(expression: ForExpression) -> bool:
    """Tell whether a loop has the form `v if v != null`.

    A value with a default, and an unknown value, may be null there as anywhere else. So the loop is no choice that the
    source makes explicitly.
    """
    condition, value = expression.condition, expression.result
    if not isinstance(condition, BinaryOperation) or condition.operator != "!=" or not isinstance(value, Name):
        return False
    left, right = condition.left, condition.right
    is_null = isinstance(right, Literal) and right.value is None
    return is_null and isinstance(left, Name) and left.name == value.name == expression.value_name


def _unless_null(value: Value) -> Value:
    return Absent(value.span, value.assumptions) if isinstance(value, Known) and value.value is None else value


def _list(expression: ForExpression, turns: list[Iteration]) -> ListValue:
    items: list[Value | Repeated] = []
    for turn in turns:
        value = _result(expression, turn.scope)
        if isinstance(value, Absent):
            continue
        items.append(Repeated(value, turn.when, turn.off_default_path) if turn.when else value)
    return ListValue(tuple(items), expression.span)


def _object(expression: ForExpression, turns: list[Iteration]) -> ObjectValue:
    span = expression.span
    members: list[Pair] = []
    several: list[Repeated] = []
    unnamed: list[Pair | Rest] = []
    groups: dict[str, list[Value]] = {}
    assert expression.key is not None
    for turn in turns:
        if turn.unknown is not None:
            if not turn.off_default_path:
                result = Repeated(_result(expression, turn.scope), turn.when or ALWAYS)
                several.append(result)
                each = ListValue((result,), span) if expression.grouped else result.element
                unnamed.append(Rest(turn.unknown, each))
            continue
        value = _result(expression, turn.scope)
        if isinstance(value, Absent):
            continue
        key = member_name(convert(turn.scope.evaluate(expression.key), STRING))
        name = known_text(key)
        if name is None:
            each = ListValue((value,), span) if expression.grouped else value
            unnamed.append(Pair(Unknown("a key is unknown", key.span) if isinstance(key, Choice) else key, each, span))
        elif expression.grouped:
            groups.setdefault(name, []).append(value)
        elif any(known_text(member.key) == name for member in members):
            raise EvaluationError(f'two elements have the key "{name}"', span)
        else:
            # A member that keeps its name still belongs to the object it comes from.
            kept = turn.within if name == turn.name else None
            members.append(Pair(key, value, kept or span, turn.assumptions))
    for name, values in groups.items():
        members.append(Pair(Known(name, expression.key.span), _group(values, several, span)))
    # Two elements can't have the same key, so those with unknown keys override no others.
    return ObjectValue((*unnamed, *members), span)


def _group(values: list[Value], several: list[Repeated], span: Span) -> Value:
    """Return the results with the same key as a list, or ABSENT if none is present. Unknown ones may be among them."""

    def present(*values: Value) -> Value:
        items = tuple(value for value in values if not isinstance(value, Absent))
        return ListValue((*several, *items), span) if items else ABSENT

    return lift(present, *values) if all(map(may_be_absent, values)) else ListValue((*several, *values), span)
