"""Implement the collection functions that compare elements, and the set functions.

https://developer.hashicorp.com/terraform/language/functions#collection-functions
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import product
from math import prod

from ecs5lint.light_typing import Any
from ecs5lint.parsers.terraform.language.alternatives import lift_refusals
from ecs5lint.parsers.terraform.language.functions.collection import Items, any_number, is_set, value_type
from ecs5lint.parsers.terraform.language.functions.context import Call
from ecs5lint.parsers.terraform.language.functions.function import (
    MAX_RESULT,
    Function,
    is_one_of,
    known_list,
    require,
    spread,
    too_long,
)
from ecs5lint.parsers.terraform.language.plain_values import fixed_items, plain_value
from ecs5lint.parsers.terraform.language.types import (
    ANY,
    BOOL,
    NULL,
    NUMBER,
    Collection,
    ObjectType,
    TupleType,
    convert,
    convert_all,
    list_of,
    set_items,
    set_of,
    type_of,
    unify,
)
from ecs5lint.parsers.terraform.syntax.errors import EvaluationError, NotKnown
from ecs5lint.parsers.terraform.syntax.numbers import Counted
from ecs5lint.values.conditions import ALWAYS
from ecs5lint.values.kinds import Known, ListValue, ObjectValue, Repeated, Unknown, Value, all_assumptions
from ecs5lint.values.traverse import all_within


def comparable(value: Any) -> Any:
    """Return a hashable equivalent of a plain value. Two are equal if and only if Terraform's values are equal."""
    if isinstance(value, bool):
        return ("bool", value)
    if isinstance(value, list):
        return ("list", tuple(map(comparable, value)))
    if isinstance(value, dict):
        return ("object", tuple((key, comparable(value[key])) for key in sorted(value)))
    return value


def _keyed(items: Iterable[Value]) -> dict[Any, Value]:
    """Return elements by their comparable value, without duplicates. Raises NotKnown for an unknown element."""
    found: dict[Any, Value] = {}
    for item in items:
        found.setdefault(comparable(plain_value(item)), item)
    return found


def _distinct(call: Call, value: Value) -> Value:
    value = known_list(value)
    try:
        items: Items = [*_keyed(fixed_items(value)).values()]
    except NotKnown:
        # An unknown element may be equal to one before it, so the indexes are unknown.
        found = set_items(value.items)
        items = [item if isinstance(item, Repeated) else Repeated(item, ALWAYS) for item in found]
    return value._replace(items=tuple(items), span=call.span)


def _contains(call: Call, items: Value, wanted: Value) -> Value:
    require(isinstance(items, (ListValue, Unknown)), "a list, set or tuple is required")

    def once(items: Value, wanted: Value) -> Value:
        items = _indexed(known_list(items))
        unsettled: NotKnown | None = None
        for _, found in _compared(items, wanted):
            if found is True:
                return Known(True, call.span, all_within(items) | all_within(wanted))
            unsettled = unsettled or found or None
        if unsettled:
            return is_one_of(call, items, wanted, unsettled)
        return Known(False, call.span, all_within(items) | all_within(wanted))

    return lift_refusals(once, spread(items), spread(wanted))


def _indexed(items: ListValue) -> ListValue:
    """Return a list in which each element that certainly exists has an index."""
    elements = (item.element if isinstance(item, Repeated) and item.when is ALWAYS else item for item in items.items)
    return items._replace(items=tuple(elements))


def _index(call: Call, items: Value, wanted: Value) -> Value:
    def once(items: Value, wanted: Value) -> Value:
        items = known_list(items)
        require(not items.is_set, "a set has no order")
        for index, found in _compared(items, wanted):
            if found is True:
                return Known(Counted(index), call.span, all_within(items) | all_within(wanted))
            if found:
                raise found
        raise EvaluationError("the value is not in the list")

    return lift_refusals(once, spread(items), spread(wanted))


def _kind(value: Value) -> str:
    """Return the kind of a list or an object. Values of different kinds are never equal."""
    if isinstance(value, ListValue):
        return value.type.kind if isinstance(value.type, Collection) else "set" if value.is_set else "tuple"
    if isinstance(value, ObjectValue):
        return "map" if isinstance(value.type, Collection) else "object"
    return ""


def _compared(items: ListValue, wanted: Value) -> Iterator[tuple[int, bool | NotKnown]]:
    """Yield the index of each element, with its equality to the wanted value or the reason why this is unknown."""
    kind = _kind(wanted)
    searched: Any = None
    for index, item in enumerate(items.items):
        try:
            element = fixed_items(items)[index] if isinstance(item, Repeated) else item
            same = False
            if _kind(element) == kind:
                found = comparable(plain_value(element))
                searched = searched or (comparable(plain_value(wanted)),)
                same = found == searched[0]
        except NotKnown as error:
            yield index, error
        else:
            yield index, same


def _matchkeys(call: Call, values: Value, keys: Value, wanted: Value) -> Value:
    keys, wanted = convert_all([keys, wanted])
    values = known_list(values)
    items, names = fixed_items(values), fixed_items(known_list(keys))
    require(len(items) == len(names), "the lists must have the same length")
    searched = _keyed(fixed_items(known_list(wanted)))
    found = tuple(item for item, name in zip(items, names, strict=True) if comparable(plain_value(name)) in searched)
    return values._replace(items=found, span=call.span, assumptions=all_assumptions([values, keys, wanted]))


def _set_function(combine: Callable[[list[set[Any]]], set[Any]]) -> Function:
    def body(call: Call, *sets: Value) -> Value:
        sets = tuple(convert_all(sets))
        require(not _are_of_other_types(sets), "the sets must have the same element type")
        items = [_keyed(fixed_items(known_list(value))) for value in sets]
        everything = {key: item for keyed in reversed(items) for key, item in keyed.items()}
        kept = combine([set(keyed) for keyed in items])
        return _as_set(call, sets, [item for key, item in everything.items() if key in kept])

    return Function(body, (set_of(ANY),), set_of(ANY), variadic=set_of(ANY))


def _as_set(call: Call, sets: Sequence[Value], items: Items) -> Value:
    return ListValue(tuple(set_items(items)), call.span, all_assumptions(sets), is_set=True, type=type_of(sets[0]))


def _setunion(call: Call, *sets: Value) -> Value:
    sets = tuple(convert_all(sets))
    unknown = [value for value in sets if isinstance(value, Unknown)]
    if len(unknown) == len(sets):
        raise NotKnown(unknown[0])
    # An unknown set does not hide the elements of the others.
    parts = [[any_number(item)] if isinstance(item, Unknown) else known_list(item).items for item in sets]
    if not unknown:
        require(not _are_of_other_types(sets), "the sets must have the same element type")
    return _as_set(call, sets, [item for part in parts for item in part])


def _are_of_other_types(sets: Sequence[Value]) -> bool:
    """Tell whether one set has only an untyped null, and another set has lists or objects."""
    types = [{type_of(item) for item in known_list(value).items if not isinstance(item, Repeated)} for value in sets]
    return {NULL} in types and any(
        isinstance(type, (Collection, ObjectType, TupleType)) for type in set().union(*types)
    )


def _setproduct(call: Call, *sets: Value) -> Value:
    require(len(sets) > 1, "at least two sets are required")
    if any(known_list(value).items == () for value in sets):
        return _empty_product(call, sets)
    sets = tuple(convert(value, set_of(ANY) if is_set(value) else list_of(ANY)) for value in sets)
    columns = [fixed_items(known_list(value)) for value in sets]
    if prod(map(len, columns)) > MAX_RESULT:
        return too_long(call)
    rows: Items = [ListValue(row, call.span) for row in product(*columns)]
    gives_set = any(map(is_set, sets))
    row_type = TupleType([value_type(value) or ANY for value in sets])
    kind = set_of(row_type) if gives_set else list_of(row_type)
    items = tuple(set_items(rows) if gives_set else rows)
    return ListValue(items, call.span, all_assumptions(sets), gives_set, kind)


def _cost_of_product(sets: Sequence[Value]) -> int:
    """Return the steps for a product: one for each row. A product that is too long is not built."""
    rows = prod(len(value.items) for value in sets if isinstance(value, ListValue))
    return rows if rows <= MAX_RESULT else 0


def _empty_product(call: Call, sets: Sequence[Value]) -> Value:
    """Return the product of sets if one is empty. Next to a null, their elements may have different types."""
    for value in sets:
        types = [type_of(item) for item in known_list(value).items if not isinstance(item, Repeated)]
        kinds = {type(kind) for kind in types}
        has_common = unify(types) is not None or (NULL in types and not {ObjectType, TupleType} <= kinds)
        require(has_common, "all elements must have the same type")
    row_type = TupleType([ANY] * len(sets))
    gives_set = any(map(is_set, sets))
    return ListValue(
        (), call.span, all_assumptions(sets), gives_set, set_of(row_type) if gives_set else list_of(row_type)
    )


FUNCTIONS = {
    "contains": Function(_contains, (ANY, ANY), BOOL),
    "distinct": Function(_distinct, (list_of(ANY),), list_of(ANY)),
    "index": Function(_index, (ANY, ANY), NUMBER),
    "matchkeys": Function(_matchkeys, (list_of(ANY), list_of(ANY), list_of(ANY)), list_of(ANY)),
    "setintersection": _set_function(lambda sets: set.intersection(*sets)),
    "setproduct": Function(_setproduct, (), ANY, variadic=ANY, cost=_cost_of_product),
    "setsubtract": _set_function(lambda sets: sets[0].difference(*sets[1:])),
    "setunion": Function(_setunion, (set_of(ANY),), set_of(ANY), variadic=set_of(ANY)),
}
