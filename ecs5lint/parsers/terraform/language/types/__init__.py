"""Define type constraints, and convert values to them as Terraform does.

https://developer.hashicorp.com/terraform/language/expressions/type-constraints

Conversion and unification follow the library that Terraform uses:
https://github.com/zclconf/go-cty/blob/main/docs/convert.md
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ecs5lint.light_typing import NamedTuple
from ecs5lint.parsers.terraform.language import sets
from ecs5lint.parsers.terraform.language.alternatives import is_refusal, lift_refusals
from ecs5lint.parsers.terraform.language.plain_values import settled_text
from ecs5lint.parsers.terraform.syntax.errors import EvaluationError, NotKnown
from ecs5lint.parsers.terraform.syntax.numbers import parse_number, scalar_text
from ecs5lint.values.alternatives import lift
from ecs5lint.values.conditions import ALWAYS, Is
from ecs5lint.values.kinds import (
    Absent,
    Choice,
    Dropped,
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
    known_text,
)
from ecs5lint.values.members import member_finder

#: The domain of a number about which nothing else is known.
_SOME_NUMBER = (0,)


class Primitive(Type):
    """One of the types below. Compared by identity."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name


STRING = Primitive("string")
NUMBER = Primitive("number")
BOOL = Primitive("bool")
SCALARS = (STRING, NUMBER, BOOL)
#: As a constraint, it allows any type. As the type of a value, it is a type that can't be determined here.
ANY = Primitive("any")
#: The type of a null that was never converted.
NULL = Primitive("null")
#: The type of a completely unknown value, and of values that must have the same type.
UNSETTLED = Type()


class Collection(Type):
    """`list(element)`, `set(element)` or `map(element)`. The `kind` is one of these three words."""

    __slots__ = ("element", "kind")

    def __init__(self, kind: str, element: Type) -> None:
        self.kind = kind
        self.element = element

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Collection) and (self.kind, self.element) == (other.kind, other.element)

    def __hash__(self) -> int:
        return hash((self.kind, self.element))


class TupleType(Type):
    """`tuple([element, ...])`."""

    __slots__ = ("elements",)

    def __init__(self, elements: Sequence[Type]) -> None:
        self.elements = tuple(elements)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TupleType) and self.elements == other.elements

    def __hash__(self) -> int:
        return hash(self.elements)


class Attribute(NamedTuple):
    """An attribute of an object type: its type, whether it is `optional`, and its default if it is omitted."""

    type: Type
    optional: bool = False
    default: Value | None = None

    @property
    def replaces_null(self) -> bool:
        """Tell whether the default replaces null, so that the attribute is never null."""
        is_null = isinstance(self.default, Known) and self.default.value is None
        return self.default is not None and not is_null and not isinstance(self.default, Unknown)


class ObjectType(Type):
    """`object({name = type, ...})`. `owner` is the variable that declares it, or empty for another type.

    `types` are the types of the attributes.
    """

    __slots__ = ("attributes", "owner", "types")

    def __init__(self, attributes: Mapping[str, Attribute], owner: str = "") -> None:
        self.attributes = dict(attributes)
        self.types = {name: attribute.type for name, attribute in self.attributes.items()}
        self.owner = owner

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ObjectType) and self.types == other.types

    def __hash__(self) -> int:
        return hash(frozenset(self.types))


def list_of(element: Type) -> Collection:
    """Return the type `list(element)`."""
    return Collection("list", element)


def set_of(element: Type) -> Collection:
    """Return the type `set(element)`."""
    return Collection("set", element)


def map_of(element: Type) -> Collection:
    """Return the type `map(element)`."""
    return Collection("map", element)


def describe_type(type: Type) -> str:
    """Return the spelling of a type, without the content of an object or a tuple."""
    if isinstance(type, Primitive):
        return type.name
    if isinstance(type, Collection):
        return f"{type.kind}({describe_type(type.element)})"
    return "object" if isinstance(type, ObjectType) else "tuple"


def type_of(value: Value) -> Type:
    """Return the type of a value. It is ANY if it can't be determined, and UNSETTLED if every type is possible."""
    if isinstance(value, Known):
        if value.value is None:
            return value.type or NULL
        return BOOL if isinstance(value.value, bool) else STRING if isinstance(value.value, str) else NUMBER
    if isinstance(value, (Text, Encoded)):
        return STRING
    if isinstance(value, Choice):
        types = [type_of(arm.value) for arm in value.arms]
        return types[0] if all(type == types[0] for type in types) else ANY
    if isinstance(value, Absent):
        return ANY
    if value.type:
        return value.type
    if isinstance(value, Unknown):
        return ANY if is_refusal(value) else UNSETTLED
    if isinstance(value, ListValue):
        items = [item for item in value.items if not isinstance(item, Repeated)]
        if value.is_set:
            return set_of(ANY)
        return TupleType([type_of(item) for item in items]) if len(items) == len(value.items) else ANY
    if isinstance(value, ObjectValue):
        attributes = {}
        for member in value.members:
            key = known_text(member.key) if isinstance(member, Pair) else None
            if key is None or not isinstance(member, Pair):
                return ANY
            attributes[key] = Attribute(type_of(member.value))
        return ObjectType(attributes)
    return ANY


def has_any(type: Type) -> bool:
    """Tell whether a type contains ANY."""
    if isinstance(type, Collection):
        return has_any(type.element)
    if isinstance(type, TupleType):
        return any(has_any(element) for element in type.elements)
    if isinstance(type, ObjectType):
        return any(has_any(attribute) for attribute in type.types.values())
    return type is ANY


def never_null(unknown: Unknown) -> Unknown:
    """Return an unknown restricted to values other than null."""
    domain = (True, False) if unknown.domain is None and unknown.type is BOOL else unknown.domain
    kept = domain and tuple(value for value in domain if value is not None)
    return unknown._replace(domain=kept, accepts=unknown.accepts or _is_not_null)


def _is_not_null(value: object) -> bool:
    return value is not None


def typed(unknown: Unknown) -> Value:
    """Return the structure that the type of an unknown implies: a text, number, list or object, or its condition."""
    if unknown.type is STRING:
        return Text((unknown,), unknown.span, unknown.assumptions)
    if unknown.type is NUMBER:
        return unknown._replace(domain=_SOME_NUMBER)
    if unknown.type is BOOL and unknown.symbol and unknown.condition is None:
        return unknown._replace(
            condition=Is(unknown.symbol, True, unknown.domain or (True, False, None), unknown.symbol)
        )
    if isinstance(unknown.type, ObjectType) or (isinstance(unknown.type, Collection) and unknown.type.kind == "map"):
        return ObjectValue((Rest(unknown),), unknown.span, unknown.assumptions)
    if isinstance(unknown.type, (Collection, TupleType)):
        return ListValue((Repeated(unknown, ALWAYS),), unknown.span, unknown.assumptions)
    return unknown


def convert(value: Value, wanted: Type) -> Value:
    """Return `value` converted to the type `wanted`. Raises EvaluationError if Terraform rejects the conversion."""
    if isinstance(value, Choice):
        return lift_refusals(lambda arm: convert(arm, wanted), value)
    if wanted is ANY or isinstance(value, Absent):
        return value
    if wanted is UNSETTLED:
        return _perhaps_text(value)
    if isinstance(value, Known) and value.value is None:
        return value._replace(type=wanted)
    if isinstance(value, Unknown):
        return _convert_unknown(value, wanted)
    if isinstance(wanted, Collection):
        return _to_map(value, wanted) if wanted.kind == "map" else _to_list(value, wanted)
    if isinstance(wanted, ObjectType):
        return _to_object(value, wanted)
    if isinstance(wanted, TupleType):
        return _to_tuple(value, wanted)
    return _to_primitive(value, wanted)


def _refuse(value: Value, wanted: Type) -> EvaluationError:
    found = describe_type(type_of(value))
    return EvaluationError(f"{found} cannot be converted to {describe_type(wanted)}", value.span)


def _convert_unknown(value: Unknown, wanted: Type) -> Value:
    if value.type is wanted:
        return value
    if value.type == wanted:
        return value._replace(type=_with_defaults(wanted, value.type))
    if value.domain and isinstance(wanted, Primitive) and len(set(map(scalar_text, value.domain))) == 1:
        return convert(Known(value.domain[0], value.span, value.assumptions), wanted)
    if value.type is None:
        return value._replace(type=wanted)
    # A converted value is another value, so facts about the original don't apply to it.
    return value.derived(type=wanted)


def _with_defaults(type: Type, other: Type) -> Type:
    """Return a type with its own defaults, and those of another type that is equal except for defaults."""
    if isinstance(type, Collection) and isinstance(other, Collection):
        return Collection(type.kind, _with_defaults(type.element, other.element))
    if isinstance(type, TupleType) and isinstance(other, TupleType):
        pairs = zip(type.elements, other.elements, strict=True)
        return TupleType([_with_defaults(element, its) for element, its in pairs])
    if not isinstance(type, ObjectType) or not isinstance(other, ObjectType):
        return type
    attributes = {}
    for name, attribute in other.attributes.items():
        own = type.attributes[name]
        inner = _with_defaults(own.type, attribute.type)
        attributes[name] = (own if own.replaces_null else attribute)._replace(type=inner)
    return ObjectType(attributes)


def _perhaps_text(value: Value) -> Value:
    """Return a value that becomes a string if another value of unknown type is a string."""
    if not isinstance(value, Known) or value.value is None or isinstance(value.value, str):
        return value
    reason = "it may be converted to a string: the type of the other value is unknown"
    hint = "declare the type of that variable"
    return Unknown(reason, value.span, value.assumptions, hint, domain=(value.value, scalar_text(value.value)))


def _to_primitive(value: Value, wanted: Type) -> Value:
    if wanted is STRING and isinstance(value, (Text, Encoded)):
        return value
    if isinstance(value, Known):
        if type_of(value) is wanted:
            return value
        if wanted is STRING:
            return value._replace(value=scalar_text(value.value))
    text = settled_text(value)
    if text is not None and wanted in (NUMBER, BOOL):
        try:
            scalar = _BOOLS.get(text) if wanted is BOOL else parse_number(text)
        except NotKnown as error:
            return error.unknown._replace(span=value.span, assumptions=value.assumptions, type=NUMBER)
        if scalar is None:
            raise EvaluationError(f'"{text}" cannot be converted to {describe_type(wanted)}', value.span)
        return Known(scalar, value.span, value.assumptions)
    if isinstance(value, Text):
        hole = next((part for part in value.parts if isinstance(part, Unknown)), None) or Unknown("a part of it")
        return _convert_unknown(hole._replace(type=STRING), wanted)
    raise _refuse(value, wanted)


_BOOLS = {"true": True, "1": True, "false": False, "0": False}


def _elements(values: list[Value], wanted: Collection) -> tuple[list[Value], Type]:
    """Return values converted to one type, as a collection requires, and that type. Raises EvaluationError."""
    values = [convert(value, wanted.element) for value in values]
    if not has_any(wanted):
        return values, wanted.element
    types = {type_of(value) for value in values}
    if wanted.kind == "map" and len(types) == 2:
        types.discard(NULL)  # in a map, nulls are compatible with objects and tuples of one type
    common = unify(types)
    if common is None:
        raise EvaluationError("all elements must have the same type", next((v.span for v in values if v.span), None))
    try:
        return [_in_common(value, common) for value in values], common
    except EvaluationError:
        if not has_any(common):
            raise
        return values, common


def _to_list(value: Value, wanted: Collection) -> Value:
    if not isinstance(value, ListValue):
        raise _refuse(value, wanted)
    is_set = wanted.kind == "set"
    if not is_set:
        value = as_list(value)
    values, element = _elements([item.element if isinstance(item, Repeated) else item for item in value.items], wanted)
    items = [
        item._replace(element=converted) if isinstance(item, Repeated) else converted
        for item, converted in zip(value.items, values, strict=True)
    ]
    if not values and wanted.element is ANY and isinstance(value.type, Collection):
        element = value.type.element  # an empty list keeps its element type
    if is_set:
        items = set_items(items)
    return value._replace(items=tuple(items), is_set=is_set, type=Collection(wanted.kind, element))


def set_items(items: Iterable[Value | Repeated]) -> list[Value | Repeated]:
    """Return the elements of a set in Terraform's order, without duplicates, if they are all known."""
    return sets.set_items(items, lambda type: isinstance(type, Collection))


def as_list(value: ListValue) -> ListValue:
    """Return a list, or a set as a list, in which an element with an unknown index is `Repeated`."""
    return sets.in_some_order(value, lambda type: isinstance(type, Collection)) if value.is_set else value


def _to_map(value: Value, wanted: Collection) -> Value:
    if not isinstance(value, ObjectValue):
        raise _refuse(value, wanted)
    pairs = [member for member in value.members if isinstance(member, Pair)]
    values, element = _elements([pair.value for pair in pairs], wanted)
    converted = iter(values)
    members = tuple(
        member._replace(value=next(converted)) if isinstance(member, Pair) else _rest_of_map(member, wanted)
        for member in value.members
    )
    return value._replace(members=members, type=map_of(element))


def _rest_of_map(rest: Rest, wanted: Collection) -> Rest:
    each = None if rest.each is None or has_any(wanted) else convert(rest.each, wanted.element)
    return rest._replace(each=each)


def _to_object(value: Value, wanted: ObjectType) -> Value:
    if not isinstance(value, ObjectValue):
        raise _refuse(value, wanted)
    members = []
    find = member_finder(value)
    for name, attribute in wanted.attributes.items():
        given, pair = find(name)
        key = pair.key if pair else Known(name, value.span)
        members.append(Pair(key, _attribute(given, name, attribute), pair.within if pair else value.span))
    return value._replace(members=tuple(members), type=None, dropped=_dropped(value, wanted))


def _dropped(value: ObjectValue, wanted: ObjectType) -> Dropped | None:
    """Return the members of an object that the type of a variable lacks."""
    names = [known_text(member.key) for member in value.members if isinstance(member, Pair)]
    dropped = tuple(name for name in names if name is not None and name not in wanted.attributes)
    return Dropped(dropped, f"the type of {wanted.owner}") if dropped and wanted.owner else None


def _attribute(given: Value, name: str, attribute: Attribute) -> Value:
    def one(given: Value) -> Value:
        is_null = isinstance(given, Known) and given.value is None
        if isinstance(given, Absent) and not attribute.optional:
            raise EvaluationError(f'the attribute "{name}" is required', given.span)
        if (is_null or isinstance(given, Absent)) and attribute.optional:
            given = attribute.default or Known(None, given.span, given.assumptions)
        converted = convert(given, attribute.type)
        return never_null(converted) if attribute.replaces_null and isinstance(converted, Unknown) else converted

    return lift_refusals(one, given)


def _to_tuple(value: Value, wanted: TupleType) -> Value:
    if not isinstance(value, ListValue) or value.is_set or isinstance(value.type, Collection):
        raise _refuse(value, wanted)
    items = [item for item in value.items if not isinstance(item, Repeated)]
    if len(items) < len(value.items):
        return Unknown("the length of a tuple is unknown", value.span, value.assumptions, type=wanted)
    if len(items) != len(wanted.elements):
        raise EvaluationError(f"a tuple of {len(wanted.elements)} elements is required", value.span)
    return value._replace(
        items=tuple(convert(item, element) for item, element in zip(items, wanted.elements, strict=True))
    )


def convert_all(values: Sequence[Value]) -> list[Value]:
    """Return values converted to their common type, as the arms of a conditional are.

    Raises EvaluationError if they have no type in common.
    """
    types = [type_of(value) for value in values]
    common = unify(type for type in types if type is not NULL)
    kinds = {type.__class__ for type in types}
    if common is None and len(types) > 2 and NULL in types and not {ObjectType, TupleType} <= kinds:
        return list(values)  # if one of them is an untyped null, Terraform does not require it
    if common is None:
        raise EvaluationError("the values have no type in common", values[0].span)
    if common == list_of(ANY) and any(map(_is_mixed, types)):
        raise EvaluationError("next to an empty list, the elements of a tuple must have the same type", values[0].span)
    objects = [value for value in values if isinstance(value, ObjectValue)]
    if common is ANY and len(objects) == len(values) and _may_be_map_of_strings(objects):
        return [_members_perhaps_text(value) for value in objects]
    return [_in_common(value, common) for value in values]


def _is_mixed(type: Type) -> bool:
    return isinstance(type, TupleType) and len(set(type.elements)) > 1 and not has_any(type)


def _may_be_map_of_strings(objects: Iterable[ObjectValue]) -> bool:
    """Tell whether objects with unknown members may become maps of strings to have a type in common."""
    types = [
        type_of(member.value) if isinstance(member, Pair) else UNSETTLED
        for value in objects
        for member in value.members
    ]
    is_flat = not any(isinstance(type, (Collection, ObjectType, TupleType)) for type in types)
    return is_flat and not all(type in (BOOL, NULL) for type in types)


def _members_perhaps_text(value: ObjectValue) -> ObjectValue:
    members = [
        member._replace(value=lift(_perhaps_text, member.value)) if isinstance(member, Pair) else member
        for member in value.members
    ]
    return value._replace(members=tuple(members))


def _in_common(value: Value, common: Type) -> Value:
    """Return a value converted to the common type. A value of unknown type stays as it is."""
    return value if type_of(value) is UNSETTLED and common is not STRING else convert(value, common)


def unify(types: Iterable[Type]) -> Type | None:
    """Return the type to which all of `types` can be converted, or None.

    ANY is compatible with every type, but it may have other elements and attributes than the other types. If a type is
    UNSETTLED, each type that may have to become a string with it is UNSETTLED too.
    """
    types = list(types)
    common = _unify([type for type in types if type is not ANY])
    is_structure = isinstance(common, (Collection, ObjectType, TupleType))
    return ANY if is_structure and ANY in types else common


def _unify(found: list[Type]) -> Type | None:
    if UNSETTLED in found:
        common = unify(type for type in found if type is not UNSETTLED)
        return None if common is None else _unsettled(common)
    known = list(dict.fromkeys(type for type in found if type is not NULL))
    if len(known) < 2 and (not known or isinstance(known[0], Primitive) or NULL not in found):
        return known[0] if known else ANY
    if all(isinstance(type, Primitive) for type in known):
        return STRING if STRING in known else None
    return None if NULL in found else _unify_structures(known)


def _unsettled(type: Type) -> Type:
    if isinstance(type, Collection):
        return Collection(type.kind, _unsettled(type.element))
    if isinstance(type, TupleType):
        return TupleType([_unsettled(element) for element in type.elements])
    if isinstance(type, ObjectType):
        return ObjectType({name: Attribute(_unsettled(inner)) for name, inner in type.types.items()})
    return type if type is STRING else UNSETTLED


def _unify_structures(types: list[Type]) -> Type | None:
    collections = [type for type in types if isinstance(type, Collection)]
    objects = [type for type in types if isinstance(type, ObjectType)]
    tuples = [type for type in types if isinstance(type, TupleType)]
    kinds = {type.kind for type in collections}
    if len(objects) + sum(type.kind == "map" for type in collections) == len(types):
        return _unify_elements("map", types) if collections else _unify_objects(objects)
    if len(tuples) == len(types):
        return _unify_tuples(tuples)
    if len(collections) + len(tuples) < len(types) or "map" in kinds:
        return None
    is_mixed = "set" in kinds and (len(kinds) > 1 or bool(tuples))
    return _preferred(types) if is_mixed else _unify_elements("list" if "list" in kinds else "set", types)


def _preferred(types: list[Type]) -> Type | None:
    """Return the collection type to which all the types can be converted, or None. A list is preferred to a set."""
    collections = [type for type in types if isinstance(type, Collection)]
    wanted = sorted(collections, key=lambda type: (type.kind == "set", type.element is not STRING))
    return next((type for type in wanted if all(_converts(other, type) for other in types)), None)


def _converts(type: Type, wanted: Type) -> bool:
    """Tell whether one type can be converted to another. The conversion may still fail for a value."""
    if type == wanted or not {ANY, NULL, UNSETTLED}.isdisjoint({type, wanted}):
        return True
    if isinstance(type, Primitive) and isinstance(wanted, Primitive):
        return STRING in (type, wanted)
    if isinstance(wanted, Collection):
        return _converts_to_collection(type, wanted)
    if isinstance(type, TupleType) and isinstance(wanted, TupleType):
        return len(type.elements) == len(wanted.elements) and all(map(_converts, type.elements, wanted.elements))
    if isinstance(type, Collection) and isinstance(wanted, ObjectType):
        return type.kind == "map" and all(_converts(type.element, inner) for inner in wanted.types.values())
    if not isinstance(type, ObjectType) or not isinstance(wanted, ObjectType):
        return False
    return all(
        _converts(type.types[name], attribute.type) if name in type.attributes else attribute.optional
        for name, attribute in wanted.attributes.items()
    )


def _converts_to_collection(type: Type, wanted: Collection) -> bool:
    if isinstance(type, Collection):
        return (type.kind == "map") is (wanted.kind == "map") and _converts(type.element, wanted.element)
    if isinstance(type, TupleType) and wanted.kind != "map":
        parts = type.elements
    elif isinstance(type, ObjectType) and wanted.kind == "map":
        parts = tuple(type.types.values())
    else:
        return False
    has_common = wanted.element is not ANY or unify(parts) is not None
    return has_common and all(_converts(part, wanted.element) for part in parts)


def _unify_elements(kind: str, types: Sequence[Type]) -> Type | None:
    inner: list[Type] = []
    for type in types:
        if isinstance(type, Collection):
            inner.append(type.element)
        elif isinstance(type, TupleType):
            inner.extend(type.elements)
        elif isinstance(type, ObjectType):
            inner.extend(type.types.values())
    element = unify(inner)
    return None if element is None else Collection(kind, element)


def _unify_objects(types: list[ObjectType]) -> Type | None:
    names = set(types[0].attributes)
    if any(set(type.attributes) != names for type in types):
        return _unify_elements("map", types)
    attributes = {}
    for name in types[0].attributes:
        common = unify(type.types[name] for type in types)
        if common is None:
            return None
        attributes[name] = Attribute(common)
    return ObjectType(attributes)


def _unify_tuples(types: list[TupleType]) -> Type | None:
    if len({len(type.elements) for type in types}) > 1:
        return _unify_elements("list", types)
    elements = [unify(column) for column in zip(*(type.elements for type in types), strict=True)]
    return None if None in elements else TupleType([element for element in elements if element is not None])
