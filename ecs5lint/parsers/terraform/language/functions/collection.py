"""Implement the collection functions.

https://developer.hashicorp.com/terraform/language/functions#collection-functions

Functions that split and join collections keep their elements unchanged. An unknown element does not hide a known one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod

from ecs5lint.light_typing import Any
from ecs5lint.parsers.terraform.language.functions.context import Call
from ecs5lint.parsers.terraform.language.functions.function import (
    MAX_RESULT,
    Function,
    known_list,
    known_object,
    known_type,
    member_name,
    plain,
    require,
    too_long,
    whole,
)
from ecs5lint.parsers.terraform.language.functions.graphemes import graphemes
from ecs5lint.parsers.terraform.language.plain_values import fixed_items, fixed_pairs, plain_value
from ecs5lint.parsers.terraform.language.types import (
    ANY,
    BOOL,
    NULL,
    NUMBER,
    STRING,
    UNSETTLED,
    Collection,
    ObjectType,
    Primitive,
    as_list,
    convert,
    convert_all,
    list_of,
    map_of,
    type_of,
    unify,
)
from ecs5lint.parsers.terraform.syntax.errors import EvaluationError, NotKnown
from ecs5lint.parsers.terraform.syntax.numbers import Counted, Number, calculated
from ecs5lint.values.alternatives import leaves, lift
from ecs5lint.values.conditions import All, fact
from ecs5lint.values.kinds import (
    ABSENT,
    NO_ASSUMPTIONS,
    Absent,
    Arm,
    Assumptions,
    Choice,
    Encoded,
    Known,
    ListValue,
    ObjectValue,
    Pair,
    Repeated,
    Rest,
    Text,
    Type,
    Unknown,
    Value,
    all_assumptions,
    assume,
    known_text,
)
from ecs5lint.values.members import member

#: Up to this number of combinations of alternatives, each combination gets a list of its own. Beyond it, the result is
#: a single list, in which each element may be absent.
MAX_COMBINATIONS = 16

Items = list["Value | Repeated"]


# Joining lists


def _concat(call: Call, *lists: Value) -> Value:
    require(bool(lists), "at least one list is required")
    types = [type_of(value) for value in lists]
    # If one of them is a tuple, the result is a tuple, and the elements stay unchanged.
    may_be_lists = all(kind is UNSETTLED or (isinstance(kind, Collection) and kind.kind == "list") for kind in types)
    common = unify(types) if may_be_lists else None
    require(common is not None or not may_be_lists or list_of(ANY) not in types, "the lists have no type in common")
    if not isinstance(common, Collection):
        return _spliced(call, lists, _elements)
    return convert(_spliced(call, [convert(value, common) for value in lists], _elements), common)


def _flatten(call: Call, value: Value) -> Value:
    return _spliced(call, (known_list(value),), _all_elements)


def _spliced(call: Call, parts: Sequence[Value], elements: Callable[[Call, Value], Items]) -> Value:
    """Return the elements of all parts as a list: one list for each combination of alternatives, or a single list."""
    combinations = prod(len(leaves(part)) for part in parts if isinstance(part, Choice))
    if combinations <= MAX_COMBINATIONS:
        return lift(lambda *parts: _list(call, parts, elements), *parts)
    return _list(call, parts, elements)


def _list(call: Call, parts: Sequence[Value], elements: Callable[[Call, Value], Items]) -> ListValue:
    items = [item for part in parts for item in elements(call, part)]
    if len(items) > MAX_RESULT:
        raise NotKnown(too_long(call))
    return ListValue(tuple(items), call.span, all_assumptions(part for part in parts if isinstance(part, ListValue)))


def _elements(call: Call, value: Value) -> Items:
    """Return the elements of a list. Some may be absent or repeat any number of times."""
    if isinstance(value, ListValue):
        require(not value.is_set, "a set has no order; use tolist")
        return list(value.items)
    if isinstance(value, Unknown):
        return [any_number(value)]
    if isinstance(value, Choice):
        return _optional(value, [_elements(call, arm.value) for arm in value.arms])
    raise EvaluationError("a list is required", value.span)


def _all_elements(call: Call, value: Value) -> Items:
    """Return the elements of a list, and the elements of the lists in it."""
    items: Items = []
    for item in as_list(known_list(value)).items:
        if isinstance(item, Repeated):
            items += [
                inner._replace(when=All(item.when, inner.when))
                if isinstance(inner, Repeated)
                else item._replace(element=inner)
                for inner in _flattened(call, item.element)
            ]
        else:
            items += _flattened(call, item)
    return items


def _flattened(call: Call, value: Value) -> Items:
    if isinstance(value, ListValue):
        return [_resting(item, value) for item in _all_elements(call, value)]
    if isinstance(value, Choice):
        if any(isinstance(leaf, (ListValue, Unknown)) for _, leaf in leaves(value)):
            return _optional(value, [_flattened(call, arm.value) for arm in value.arms])
        return [value]
    # An unknown may be a list, whose elements would replace it.
    return [any_number(value)] if isinstance(value, Unknown) and not isinstance(value.type, Primitive) else [value]


def _resting(item: Value | Repeated, whole: ListValue) -> Value | Repeated:
    """Return an element of an inner list with the assumptions of that list."""
    if isinstance(item, Repeated):
        return item._replace(element=assume(item.element, whole.assumptions))
    return assume(item, whole.assumptions)


def any_number(value: Unknown, each: Value | None = None) -> Repeated:
    """Return the elements of an unknown collection, as one element that may repeat. `each` is that element if known."""
    element = value.type.element if isinstance(value.type, Collection) else None
    written = value.span.text if value.span else value.reason
    has_elements = fact(f"{value.symbol or value.reason} has elements", f"{written} has elements")
    return Repeated(each or value.derived(type=known_type(element)), has_elements)


def _optional(choice: Choice, alternatives: Sequence[Items]) -> Items:
    """Return the elements of all alternatives of a list. Each is absent in every other alternative."""
    found: Items = []
    for index, items in enumerate(alternatives):
        when = choice.arms[index].when
        for item in items:
            if isinstance(item, Repeated):
                off_default_path = item.off_default_path or choice.default_arm not in (None, index)
                found.append(Repeated(item.element, All(when, item.when), off_default_path))
            else:
                arms = (Arm(arm.when, item if arm.when is when else ABSENT) for arm in choice.arms)
                found.append(choice._replace(arms=tuple(arms)))
    return found


def _compact(call: Call, value: Value) -> Value:
    value = known_list(value)
    items: Items = []
    for item in value.items:
        if isinstance(item, Unknown):
            items.append(any_number(item._replace(type=list_of(STRING))))
        elif isinstance(item, Repeated):
            items.append(item)
        else:
            kept = lift(lambda leaf: ABSENT if _is_empty(leaf) else leaf, item)
            if not isinstance(kept, Absent):
                items.append(kept)
    return value._replace(items=tuple(items), span=call.span, is_set=False, type=list_of(STRING))


def _is_empty(value: Value) -> bool:
    return isinstance(value, Known) and value.value in (None, "")


def is_set(value: Value) -> bool:
    """Tell whether a value is a set."""
    return isinstance(value, ListValue) and value.is_set


def _coalesce(call: Call, *values: Value) -> Value:
    skipped = NO_ASSUMPTIONS
    # If all arguments are texts, an empty text counts as missing.
    are_texts = not any(isinstance(value, (ListValue, ObjectValue)) for value in values)
    for value in convert_all(values) if values else ():
        if isinstance(value, Unknown) and not (value.domain and {None, ""}.isdisjoint(value.domain)):
            return assume(value.derived(type=value.type), skipped)
        if not (_is_empty(value) if are_texts else isinstance(value, Known) and value.value is None):
            return assume(value, skipped)
        skipped |= value.assumptions
    raise EvaluationError("all arguments are null or empty")


def _coalescelist(call: Call, *values: Value) -> Value:
    skipped = NO_ASSUMPTIONS
    lists = [known_list(value) for value in values]
    require(not any(map(is_set, lists)), "lists are required")
    for value in lists:
        if any(not isinstance(item, Repeated) for item in value.items):
            return assume(value, skipped)
        if value.items:
            fixed_items(value)
        skipped |= value.assumptions
    raise EvaluationError("all lists are empty")


# Joining objects


def _merge(call: Call, *parts: Value) -> Value:
    groups: list[list[Pair | Rest]] = []
    # The parts before a member don't affect it. A part after it may replace it.
    behind = NO_ASSUMPTIONS
    for part in reversed(parts):
        if isinstance(part, ObjectValue):
            groups.append([_as_part(item, part, behind) for item in part.members])
        elif isinstance(part, Unknown):
            groups.append([Rest(part.derived())])
        elif not (isinstance(part, Known) and part.value is None and _may_be_object(part.type)):
            raise EvaluationError("objects or maps are required", part.span)
        behind |= part.assumptions
    members = tuple(item for group in reversed(groups) for item in group)
    types = {type_of(part) for part in parts}
    common = types.pop() if len(types) == 1 else None
    kept = common if isinstance(common, Collection) else None
    return ObjectValue(members, call.span, behind, kept)


def _may_be_object(type: Type | None) -> bool:
    return type in (None, NULL) or isinstance(type, ObjectType) or (isinstance(type, Collection) and type.kind == "map")


def _as_part(member: Pair | Rest, part: ObjectValue, behind: Assumptions) -> Pair | Rest:
    if isinstance(member, Rest):
        return member
    own = part.assumptions if member.assumptions is None else member.assumptions
    return member._replace(within=member.within or part.span, assumptions=own | behind)


def _zipmap(call: Call, keys: Value, values: Value) -> Value:
    keys, values = known_list(keys), known_list(values)
    require(not values.is_set, "the values must be in an order")
    names, elements = fixed_items(keys), fixed_items(values)
    require(len(names) == len(elements), "the lists must have the same length")
    require(not any(isinstance(name, Known) and name.value is None for name in names), "a key must not be null")
    members = tuple(Pair(member_name(name), element) for name, element in zip(names, elements, strict=True))
    kind = map_of(values.type.element) if isinstance(values.type, Collection) else None
    return ObjectValue(members, call.span, all_assumptions([keys, values]), kind)


def _transpose(mapping: dict[str, list[str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for key, values in mapping.items():
        require(values is not None, "null is not a list")
        for value in values:
            require(value is not None, "null cannot be a key")
            found.setdefault(value, []).append(key)
    return {key: found[key] for key in sorted(found)}


# Parts of collections


def _keys(call: Call, value: Value) -> Value:
    entries = _entries(value)
    items = tuple(key for key, _ in entries)
    return ListValue(items, call.span, value.assumptions, type=list_of(STRING) if value_type(value) else None)


def _values(call: Call, value: Value) -> Value:
    entries = _entries(value)
    items = tuple(element for _, element in entries)
    kind = value_type(value)
    return ListValue(items, call.span, value.assumptions, type=list_of(kind) if kind else None)


def value_type(value: Value) -> Any:
    """Return the element type of a map, or None for an object, whose members have types of their own."""
    if isinstance(value, ObjectValue) and value.type is None:
        return None
    kind = type_of(value)
    return kind.element if isinstance(kind, Collection) else None


def _entries(value: Value) -> list[tuple[Value | Repeated, Value | Repeated]]:
    """Return the keys and values of an object, sorted by key, with elements that may repeat for unknown members."""
    if isinstance(value, Unknown):
        return [(any_number(value), any_number(value))]
    value = known_object(value)
    known: dict[str, Value] = {}
    unknown: list[Repeated] = []
    for item in value.members:
        if isinstance(item, Rest):
            unknown.append(any_number(item.unknown, item.each))
        elif (key := known_text(item.key)) is not None:
            known[key] = item.key
        else:
            unknown.append(any_number(Unknown("a key is unknown", item.key.span), item.value))
    exact = value._replace(assumptions=frozenset())
    # Unknown members may come before any other.
    keys = [several._replace(element=Unknown("a key is unknown")) for several in unknown]
    return [*zip(keys, unknown, strict=True), *((known[key], member(exact, key)) for key in sorted(known))]


def _lookup(call: Call, value: Value, key: Value, *default: Value) -> Value:
    require(len(default) <= 1, "at most one default is allowed")
    element = value_type(value)
    otherwise = convert(default[0], element) if default and element else default[0] if default else None
    value = known_object(value)
    name = plain_value(key)
    found = assume(member(value, name), key.assumptions)
    if not isinstance(found, Absent):
        return found
    if otherwise is None:
        raise EvaluationError(f"there is no {name}")
    return assume(otherwise, found.assumptions)


def _element(call: Call, value: Value, index: Value) -> Value:
    value = known_list(value)
    require(not value.is_set, "a list is required")
    items = fixed_items(value)
    number = whole(plain_value(index))
    require(bool(items), "the list is empty")
    is_list = isinstance(value.type, Collection)
    require(is_list or number >= 0 or number % len(items) == 0, "the index must not be negative")
    return assume(items[number % len(items)], value.assumptions | index.assumptions)


def _slice(call: Call, value: Value, start: Value, end: Value) -> Value:
    value = known_list(value)
    require(not value.is_set, "a list is required")
    first, last = whole(plain_value(start)), whole(plain_value(end))
    known = next((index for index, item in enumerate(value.items) if isinstance(item, Repeated)), len(value.items))
    if last > known:
        fixed_items(value)
    require(0 <= first <= last <= known, "the indexes must be within the list")
    assumptions = value.assumptions | start.assumptions | end.assumptions
    return value._replace(items=value.items[first:last], span=call.span, assumptions=assumptions)


def _chunklist(call: Call, value: Value, size: Value) -> Value:
    value = known_list(value)
    items, length = fixed_items(value), whole(plain_value(size))
    require(length >= 0, "the size must not be negative")
    length = length or max(1, len(items))
    chunks = tuple(value._replace(items=tuple(items[at : at + length])) for at in range(0, len(items), length))
    return ListValue(chunks, call.span, value.assumptions | size.assumptions, type=list_of(value.type or ANY))


def _reverse(call: Call, value: Value) -> Value:
    value = as_list(known_list(value))
    kind = list_of(value.type.element) if isinstance(value.type, Collection) else None
    return ListValue(value.items[::-1], call.span, value.assumptions, type=kind)


def _one(call: Call, value: Value) -> Value:
    value = as_list(known_list(value))
    items = fixed_items(value)
    require(len(items) < 2, "there must be at most one element")
    return assume(items[0] if items else Known(None, call.span, type=value_type(value)), value.assumptions)


def _length(call: Call, value: Value) -> Value:
    if isinstance(value, (Known, Text, Encoded)):
        text = plain_value(value)
        require(isinstance(text, str), "a collection or a string is required")
        count = len(graphemes(text))
    elif isinstance(value, ListValue):
        count = len(fixed_items(as_list(value)))
    elif isinstance(value, ObjectValue):
        count = len(fixed_pairs(value))
    else:
        plain_value(value)
        raise EvaluationError("a collection or a string is required")
    return Known(Counted(count), call.span, value.assumptions)


# Plain values


def _sum(items: Any) -> Number:
    require(isinstance(items, list) and bool(items), "a list of at least one number is required")
    total: Number | None = None
    for item in items:
        require(not isinstance(item, (list, dict)), "the elements must be numbers")
        value = item if type(item) is int else plain_value(convert(Known(item), NUMBER))
        require(value is not None, "null is not a number")
        total = value if total is None else calculated("+", total, value)
    return total or 0


def _range(*limits: Number) -> list[Number]:
    require(1 <= len(limits) <= 3, "one to three numbers are required")
    start, end = (limits[0], limits[1]) if len(limits) > 1 else (Counted(0), limits[0])
    step = limits[2] if len(limits) == 3 else Counted(1 if start <= end else -1)
    require(start == end or (step != 0 and (step > 0) is (start < end)), "the step must lead from the start to the end")
    found: list[Number] = []
    number = start
    # Each number is computed from the previous one, and rounded.
    while number < end if step > 0 else number > end:
        require(len(found) < _MAX_RANGE, "there are more than 1024 numbers")
        found.append(number)
        number = calculated("+", number, step)
    return found


#: Terraform's own limit.
_MAX_RANGE = 1024


def _sort(items: list[str]) -> list[str]:
    require(None not in items, "null cannot be sorted")
    return sorted(items)


FUNCTIONS = {
    "alltrue": plain(lambda items: all(item is True for item in items), (list_of(BOOL),), BOOL),
    "anytrue": plain(lambda items: any(item is True for item in items), (list_of(BOOL),), BOOL),
    "chunklist": Function(_chunklist, (list_of(ANY), NUMBER), list_of(list_of(ANY))),
    "coalesce": Function(_coalesce, (), ANY, variadic=ANY, nullable=True),
    "coalescelist": Function(_coalescelist, (), ANY, variadic=ANY, nullable=True),
    "compact": Function(_compact, (list_of(STRING),), list_of(STRING)),
    "concat": Function(_concat, (), ANY, variadic=ANY, keeps_choices=True),
    "element": Function(_element, (ANY, NUMBER), ANY),
    "flatten": Function(_flatten, (ANY,), ANY),
    "keys": Function(_keys, (ANY,), list_of(STRING)),
    "length": Function(_length, (ANY,), NUMBER),
    "lookup": Function(_lookup, (ANY, STRING), ANY, variadic=ANY, nullable=True),
    "merge": Function(_merge, (), ANY, variadic=ANY, nullable=True),
    "one": Function(_one, (ANY,), ANY),
    "range": plain(_range, (), list_of(NUMBER), variadic=NUMBER),
    "reverse": Function(_reverse, (ANY,), ANY),
    "slice": Function(_slice, (ANY, NUMBER, NUMBER), ANY),
    "sort": plain(_sort, (list_of(STRING),), list_of(STRING)),
    "sum": plain(_sum, (ANY,), NUMBER),
    "transpose": plain(_transpose, (map_of(list_of(STRING)),), map_of(list_of(STRING))),
    "values": Function(_values, (ANY,), ANY),
    "zipmap": Function(_zipmap, (list_of(STRING), ANY), ANY),
}
