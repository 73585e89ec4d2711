"""Test type constraints: the conversion of values, and common types."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from ecs5lint.location import Source, Span
from ecs5lint.parsers.terraform.language.plain_values import plain_value
from ecs5lint.parsers.terraform.language.types import (
    ANY,
    BOOL,
    NULL,
    NUMBER,
    STRING,
    UNSETTLED,
    Attribute,
    ObjectType,
    TupleType,
    convert,
    convert_all,
    describe_type,
    has_any,
    list_of,
    map_of,
    set_of,
    type_of,
    unify,
)
from ecs5lint.parsers.terraform.syntax.errors import EvaluationError, NotKnown
from ecs5lint.parsers.terraform.syntax.numbers import number, parse_number, scalar_text
from ecs5lint.values.conditions import Is, negate
from ecs5lint.values.kinds import (
    Arm,
    Assumption,
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
)
from ecs5lint.values.members import member

UNKNOWN = Unknown("var.x has no value", symbol="var.x", domain=("true", "false"))
DEFAULT = frozenset({Assumption("var.d", "var.d defaults to something")})
ON = Is("var.on", True, (True, False), "var.on")


def made(value: Any) -> Value:
    if type(value) is list:
        return ListValue(tuple(made(item) for item in value))
    if type(value) is dict:
        return ObjectValue(tuple(Pair(Known(key), made(item)) for key, item in value.items()))
    return Known(value) if value is None or isinstance(value, (str, bool, int, float)) else value


def converted(value: Any, wanted: Type) -> Any:
    return plain_value(convert(made(value), wanted))


def object_of(**attributes: Type | Attribute) -> ObjectType:
    return ObjectType(
        {name: item if isinstance(item, Attribute) else Attribute(item) for name, item in attributes.items()}
    )


def optional(type: Type, default: Any = ...) -> Attribute:
    return Attribute(type, optional=True, default=None if default is ... else made(default))


@pytest.mark.parametrize(
    ("value", "wanted", "expected"),
    [
        ("a", STRING, "a"),
        (1, STRING, "1"),
        (1.5, STRING, "1.5"),
        (True, STRING, "true"),
        ("1", NUMBER, 1),
        ("1.50", NUMBER, 1.5),
        ("1e3", NUMBER, 1000),
        ("true", BOOL, True),
        ("1", BOOL, True),
        ("0", BOOL, False),
        (None, BOOL, None),
        ("a", ANY, "a"),
        ([1, "a"], list_of(STRING), ["1", "a"]),
        ([1, "a"], list_of(ANY), ["1", "a"]),
        ([1, True], TupleType([STRING, STRING]), ["1", "true"]),
        (["b", "a", "b"], set_of(STRING), ["a", "b"]),
        ([2, 10, 2], set_of(NUMBER), [2, 10]),
        ({"a": 1}, map_of(STRING), {"a": "1"}),
        ({"a": 1, "b": "x"}, map_of(ANY), {"a": "1", "b": "x"}),
        ([{"a": 1}, {"b": "x"}], list_of(ANY), [{"a": "1"}, {"b": "x"}]),
        ([[1], ["a", "b"]], list_of(ANY), [["1"], ["a", "b"]]),
        ({"a": 1, "b": 2}, object_of(a=STRING), {"a": "1"}),
        ([{"a": "true", "b": 2}], list_of(object_of(a=BOOL)), [{"a": True}]),
    ],
)
def test_conversion(value: Any, wanted: Type, expected: Any) -> None:
    found = converted(value, wanted)
    assert (found, type(found)) == (expected, type(expected))


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ("a", NUMBER),
        ("yes", BOOL),
        ("True", BOOL),
        (1, BOOL),
        (True, NUMBER),
        ([], STRING),
        ({}, STRING),
        ("a", list_of(STRING)),
        ({}, list_of(STRING)),
        ([], map_of(STRING)),
        ([], object_of()),
        ({}, object_of(a=STRING)),
        ([1], TupleType([])),
        ([1, True], list_of(ANY)),
        ({"a": 1, "b": []}, map_of(ANY)),
        ([["x"]], list_of(list_of(NUMBER))),
    ],
)
def test_what_terraform_does_not_convert(value: Any, wanted: Type) -> None:
    with pytest.raises(EvaluationError):
        converted(value, wanted)


def test_optional_attributes_at_any_depth() -> None:
    inner = object_of(name=STRING, read_only=optional(BOOL, "true"), user=optional(STRING))
    wanted = object_of(containers=optional(map_of(inner), {}), family=optional(STRING, "app"))
    assert converted({}, wanted) == {"containers": {}, "family": "app"}
    given = {"containers": {"a": {"name": "a"}, "b": {"name": "b", "read_only": False, "other": 1}}, "family": None}
    assert converted(given, wanted) == {
        "containers": {
            "a": {"name": "a", "read_only": True, "user": None},
            "b": {"name": "b", "read_only": False, "user": None},
        },
        "family": "app",
    }


def test_an_object_keeps_the_braces_its_members_are_written_in() -> None:
    braces = Span(Source("main.tf", "{}", "hcl"), 0, 2)
    value = convert(ObjectValue((Pair(Known("a"), Known(1), braces),)), object_of(a=STRING, b=optional(STRING)))
    assert isinstance(value, ObjectValue)
    assert value.members[0] == Pair(Known("a"), Known("1"), braces)


def test_an_attribute_that_may_be_overridden_is_unknown() -> None:
    value = ObjectValue((Pair(Known("a"), Known(1)), Rest(UNKNOWN), Pair(Known("b"), Known(2))))
    found = convert(value, object_of(a=STRING, b=STRING, c=optional(BOOL, True)))
    assert isinstance(found, ObjectValue)
    a, b, c = (member(found, name) for name in "abc")
    assert isinstance(a, Unknown)
    assert a.type is STRING
    assert b == Known("2")
    assert isinstance(c, Unknown)


def test_something_unknown_is_given_its_type() -> None:
    found = convert(UNKNOWN, BOOL)
    assert found == UNKNOWN._replace(type=BOOL)
    assert convert(found, BOOL) is found
    assert convert(found, STRING) == Unknown("var.x has no value", type=STRING), "as text it is another value"


def test_text_with_holes() -> None:
    text = Text((Known("a"), UNKNOWN))
    assert convert(text, STRING) is text
    assert isinstance(convert(text, BOOL), Unknown)
    assert convert(Text((Known("tr"), Known("ue"))), BOOL) == Known(True)
    assert convert(Encoded(made({})), STRING) == Encoded(made({}))
    with pytest.raises(EvaluationError):
        convert(text, list_of(STRING))


def test_each_alternative_is_converted() -> None:
    choice = Choice((Arm(ON, Known("true")), Arm(negate(ON), Known(None))), default_arm=1)
    found = convert(choice, BOOL)
    assert isinstance(found, Choice)
    assert found.default_arm == 1
    assert [arm.value for arm in found.arms] == [Known(True), Known(None, type=BOOL)]


def test_what_is_there_any_number_of_times_is_converted() -> None:
    found = convert(ListValue((Known(1), Repeated(Known(True), ON))), list_of(STRING))
    assert isinstance(found, ListValue)
    assert found.items == (Known("1"), Repeated(Known("true"), ON))
    assert isinstance(convert(ListValue((Repeated(Known(True), ON),)), TupleType([BOOL])), Unknown)


def test_conversion_keeps_what_a_value_rests_on() -> None:
    value = ListValue((Known("1", assumptions=DEFAULT),), assumptions=DEFAULT)
    found = convert(value, list_of(NUMBER))
    assert isinstance(found, ListValue)
    assert found.assumptions == DEFAULT
    assert found.items == (Known(1, assumptions=DEFAULT),)


@pytest.mark.parametrize(
    ("types", "common"),
    [
        ([], ANY),
        ([STRING], STRING),
        ([STRING, NUMBER, BOOL], STRING),
        ([NUMBER, BOOL], None),
        ([NUMBER, NULL], NUMBER),
        ([NUMBER, ANY], NUMBER),
        ([list_of(NUMBER), NULL], None),
        ([list_of(NUMBER), list_of(STRING)], list_of(STRING)),
        ([list_of(NUMBER), set_of(STRING)], list_of(NUMBER)),
        ([list_of(NUMBER), TupleType([STRING])], list_of(STRING)),
        ([set_of(NUMBER), TupleType([STRING])], set_of(NUMBER)),
        ([set_of(TupleType([])), TupleType([TupleType([NUMBER])])], None),
        ([TupleType([NUMBER]), TupleType([STRING])], TupleType([STRING])),
        ([TupleType([NUMBER]), TupleType([STRING, BOOL])], list_of(STRING)),
        ([TupleType([NUMBER]), TupleType([])], list_of(NUMBER)),
        ([TupleType([NUMBER]), TupleType([TupleType([])])], None),
        ([object_of(a=NUMBER), object_of(a=STRING)], object_of(a=STRING)),
        ([object_of(a=NUMBER), object_of(b=STRING)], map_of(STRING)),
        ([object_of(a=NUMBER), object_of(b=BOOL)], None),
        ([object_of(a=NUMBER), object_of(a=TupleType([]))], None),
        ([object_of(a=NUMBER), map_of(STRING)], map_of(STRING)),
        ([map_of(NUMBER), list_of(NUMBER)], None),
        ([STRING, list_of(STRING)], None),
    ],
)
def test_the_type_that_several_have_in_common(types: list[Type], common: Type | None) -> None:
    assert unify(types) == common


def test_the_arms_of_a_conditional_become_one_type() -> None:
    assert convert_all([Known(True), Known("a")]) == [Known("true"), Known("a")]
    assert convert_all([Known(None), Known(True)]) == [Known(None, type=BOOL), Known(True)]
    assert convert_all([Known(True), Known(None, type=STRING)])[0] == Known("true")
    assert convert_all([UNKNOWN._replace(type=BOOL), Known(True)])[1] == Known(True)
    with pytest.raises(EvaluationError):
        convert_all([Known(True), made([])])


def test_what_has_the_type_of_something_unknown_may_become_a_string() -> None:
    """coalesce(true, var.x) is "true" if var.x is a string."""
    unknown, settled = convert_all([UNKNOWN, made([True, "a", 1, None])])
    assert unknown == UNKNOWN
    assert isinstance(settled, ListValue)
    assert [getattr(item, "domain", item) for item in settled.items] == [
        (True, "true"),
        Known("a"),
        (1, "1"),
        Known(None),
    ]
    # Both have the same text, so the original text is also equal.
    assert converted(settled, list_of(STRING)) == ["true", "a", "1", None]
    first = settled.items[0]
    assert not isinstance(first, Repeated)
    assert convert(first, BOOL) == Known(True)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Known(None), NULL),
        (Known(None, type=BOOL), BOOL),
        (Known(True), BOOL),
        (Known(1), NUMBER),
        (Encoded(Known(1)), STRING),
        (UNKNOWN, UNSETTLED),
        (made([1, "a"]), TupleType([NUMBER, STRING])),
        (made({"a": 1}), object_of(a=NUMBER)),
        (ListValue((), is_set=True), set_of(ANY)),
        (ListValue((Repeated(Known(1), ON),)), ANY),
        (ObjectValue((Rest(UNKNOWN),)), ANY),
        (Choice((Arm(ON, Known(1)), Arm(negate(ON), Known(2)))), NUMBER),
        (Choice((Arm(ON, Known(1)), Arm(negate(ON), Known("a")))), ANY),
        (convert(made([1]), list_of(ANY)), list_of(NUMBER)),
    ],
)
def test_the_type_of_a_value(value: Value, expected: Type) -> None:
    assert type_of(value) == expected


def test_types_in_words() -> None:
    assert describe_type(map_of(list_of(object_of()))) == "map(list(object))"
    assert describe_type(TupleType([])) == "tuple"
    assert has_any(object_of(a=TupleType([list_of(ANY)])))
    assert not has_any(object_of(a=STRING))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 1),
        ("-1.50", -1.5),
        (".5", 0.5),
        ("5.", 5),
        ("+5", 5),
        ("1E2", 100),
        ("", None),
        ("0x1", None),
        (" 1", None),
    ],
)
def test_numbers_in_text(text: str, value: float | None) -> None:
    assert parse_number(text) == value


@pytest.mark.parametrize("text", ["-0", "1e9999", "1e-9999", "9" * 10_000, "1e99999999999"])
def test_numbers_that_are_not_followed(text: str) -> None:
    with pytest.raises(NotKnown):
        parse_number(text)


@pytest.mark.parametrize(
    ("value", "text"), [(10**30, "1" + "0" * 30), (1e-7, "0.0000001"), (0.1, "0.1"), (True, "true")]
)
def test_numbers_as_text(value: float, text: str) -> None:
    assert scalar_text(value) == text


def test_whole_numbers_are_whole() -> None:
    assert isinstance(number(Decimal("1.0")), int)
