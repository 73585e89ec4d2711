"""ECS8 on models made by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from models import DEFAULT, HOLE, ON, arms, choices, either, judged, object_of

from ecs5lint.model.result import FAIL, PASS, UNKNOWN
from ecs5lint.rules.ecs8 import NAMES
from ecs5lint.values.kinds import ABSENT, Known, ListValue, ObjectValue, Repeated, Rest, Text, Unknown, Value

NULL = Known(None)


def variable(name: Value) -> ObjectValue:
    return object_of(name=name, value=Known("x"))


def environment(*names: Value) -> ObjectValue:
    return object_of(environment=ListValue(tuple(map(variable, names))))


@pytest.mark.parametrize(
    ("name", "verdict"),
    [
        *((Known(name), FAIL) for name in NAMES),
        *((Known(name.lower()), PASS) for name in NAMES),
        (Known("AWS_REGION"), PASS),
        (NULL, PASS),
        (ABSENT, PASS),
        (HOLE, UNKNOWN),
        (HOLE._replace(domain=("A", "B")), PASS),
        (HOLE._replace(domain=NAMES), FAIL),
        (HOLE._replace(domain=("A", NAMES[0])), UNKNOWN),
        (Text((Known("AWS_"), HOLE)), UNKNOWN),
        (Text((Known("APP_"), HOLE)), PASS),
        (Text((HOLE, Known("_KEY"))), UNKNOWN),
        (Text((HOLE, Known("_URL"))), PASS),
        (either(ON, Known("A"), Known(NAMES[0])), FAIL),
    ],
)
def test_names(name: Value, verdict: str) -> None:
    assert judged("ECS8", environment(name)).verdict == verdict
    # An entry that is certain decides.
    assert judged("ECS8", environment(name, Known(NAMES[1]))).verdict == FAIL


@pytest.mark.parametrize(
    ("value", "verdict"),
    [
        (ABSENT, PASS),
        (NULL, PASS),
        (ListValue(()), PASS),
        (HOLE, UNKNOWN),
        (object_of(), UNKNOWN),
        (ListValue((HOLE,)), UNKNOWN),
        (ListValue((Known("A"),)), UNKNOWN),
        (ListValue((ABSENT,)), PASS),
        (ListValue((Repeated(HOLE, ON),)), UNKNOWN),
        (ListValue((Repeated(variable(Known(NAMES[0])), ON, off_default_path=True),)), FAIL),
        (ListValue((ObjectValue((Rest(HOLE),)),)), UNKNOWN),
        (either(ON, ABSENT, ListValue((variable(Known(NAMES[0])),)), 0), FAIL),
    ],
)
def test_lists(value: Value, verdict: str) -> None:
    assert judged("ECS8", object_of(environment=value)).verdict == verdict


def test_every_name_is_told() -> None:
    message = judged("ECS8", environment(Known("A"), *map(Known, NAMES))).message
    assert all(name in message for name in NAMES)


def test_secrets_pass() -> None:
    secrets = ListValue((object_of(name=Known(NAMES[0]), valueFrom=Known("arn")),))
    assert judged("ECS8", object_of(secrets=secrets)).verdict == PASS


def test_a_list_that_is_empty_by_default_is_an_assumption() -> None:
    empty = ListValue((Repeated(variable(HOLE), ON, off_default_path=True),), assumptions=DEFAULT)
    assert judged("ECS8", object_of(environment=empty)).assumptions == ("var.on = true",)


def test_a_key_that_is_not_read_passes_nothing() -> None:
    assert judged("ECS8", object_of(Environment=ListValue(()))).verdict == UNKNOWN
    assert judged("ECS8", object_of(environment=ListValue((object_of(Name=Known("A")),)))).verdict == UNKNOWN


@given(choices([ABSENT, HOLE, Known("A"), Known(NAMES[0])]))
def test_no_pass_where_an_alternative_certainly_fails(name: Value) -> None:
    found = arms(name)

    verdict = judged("ECS8", environment(Known("B"), name)).verdict
    assert (verdict == FAIL) == (Known(NAMES[0]) in found)
    if not any(isinstance(item, Unknown) for item in found) and verdict != FAIL:
        assert verdict == PASS
