"""ECS4 on models made by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from models import DEFAULT, HOLE, ON, arms, choices, either, judged, object_of

from ecs5lint.model.form import Form, pascal_case
from ecs5lint.model.result import FAIL, PASS, UNKNOWN
from ecs5lint.values.kinds import ABSENT, Known, Rest, Text, Value, assume

TRUE, FALSE, NULL = Known(True), Known(False), Known(None)


@pytest.mark.parametrize(
    ("value", "verdict", "reason"),
    [
        (TRUE, FAIL, "true"),
        (FALSE, PASS, "false"),
        (ABSENT, PASS, "omitted"),
        (NULL, PASS, "null"),
        (Known("true"), FAIL, "not-boolean"),
        (Known("false"), UNKNOWN, "unresolved"),
        (Known(1), UNKNOWN, "unresolved"),
        (object_of(), UNKNOWN, "unresolved"),
        (Text((Known("tr"), HOLE)), UNKNOWN, "unresolved"),
        (HOLE, UNKNOWN, "unresolved"),
        (HOLE._replace(domain=(True, False)), UNKNOWN, "unresolved"),
        (HOLE._replace(domain=(True,)), FAIL, "true"),
        (HOLE._replace(domain=(False, None)), PASS, "false"),
        (either(ON, TRUE, FALSE), FAIL, "true"),
        (either(ON, FALSE, TRUE, 0), FAIL, "true"),
        (either(ON, FALSE, HOLE, 0), PASS, "false"),
    ],
)
def test_values(value: Value, verdict: str, reason: str) -> None:
    result = judged("ECS4", object_of(privileged=value))

    assert (result.verdict, result.reason) == (verdict, reason)
    assert bool(result.remedy) == (verdict != PASS)


def test_a_key_that_is_not_read_as_the_setting_passes_nothing() -> None:
    result = judged("ECS4", object_of(Privileged=TRUE))
    assert (result.verdict, result.message) == (
        UNKNOWN,
        'container "web" sets the unknown key Privileged (did you mean privileged?)',
    )
    assert judged("ECS4", object_of(Privileged=TRUE), form=Form(pascal_case)).verdict == FAIL
    assert judged("ECS4", object_of(PRIVILEGED=TRUE), form=Form(case_sensitive=False)).verdict == FAIL


def test_members_that_are_not_known_may_be_it() -> None:
    known = object_of(privileged=FALSE)
    rest = (Rest(HOLE),)

    assert judged("ECS4", known._replace(members=(*rest, *known.members))).verdict == PASS
    assert judged("ECS4", known._replace(members=(*known.members, *rest))).verdict == UNKNOWN


def test_one_that_fails_in_one_form_fails() -> None:
    assert judged("ECS4", object_of(), object_of(privileged=TRUE)).verdict == FAIL


def test_no_operating_system_is_exempt() -> None:
    assert judged("ECS4", object_of(privileged=TRUE), system=Known("WINDOWS_SERVER_2022_CORE")).verdict == FAIL


def test_strict_trusts_no_default() -> None:
    by_default = object_of(privileged=assume(FALSE, DEFAULT))

    assert judged("ECS4", by_default).assumptions == ("var.on = true",)
    assert judged("ECS4", by_default, strict=True).reason == "default"
    assert judged("ECS4", object_of(), strict=True).verdict == PASS


@given(choices([TRUE, FALSE, ABSENT, HOLE]))
def test_no_pass_where_an_alternative_certainly_fails(value: Value) -> None:
    found = arms(value)

    verdict = judged("ECS4", object_of(privileged=value)).verdict
    assert (verdict == FAIL) == (TRUE in found)
    if HOLE not in found and TRUE not in found:
        assert verdict == PASS
    if found == {HOLE}:
        assert verdict == UNKNOWN
