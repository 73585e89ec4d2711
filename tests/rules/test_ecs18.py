"""ECS18 on models made by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from models import DEFAULT, HERE, HOLE, ON, arms, choices, either, object_of

from ecs5lint.model.result import FAIL, PASS, UNKNOWN, Result
from ecs5lint.model.task_definition import TaskDefinition
from ecs5lint.rules import RULES
from ecs5lint.settings.settings import Settings
from ecs5lint.values.conditions import fact
from ecs5lint.values.kinds import ABSENT, Known, ListValue, ObjectValue, Repeated, Rest, Text, Value, assume

ENABLED, DISABLED, NULL = Known("ENABLED"), Known("DISABLED"), Known(None)


def judged(volumes: Value, *, strict: bool = False) -> Result:
    task_definition = TaskDefinition("terraform", "app", HERE, (), (), ABSENT, read={"volumes": volumes}.__getitem__)
    (result,) = RULES["ECS18"].logic().judge(task_definition, Settings(strict=strict))
    assert result.reason in RULES["ECS18"].logic().REASONS
    assert (result.rule, result.container_index) == ("ECS18", None)
    return result


def efs(encryption: Value, name: str = "home") -> ObjectValue:
    members = {} if encryption == ABSENT else {"transitEncryption": encryption}
    return object_of(name=Known(name), efsVolumeConfiguration=object_of(**members))


def volumes(*items: Value) -> ListValue:
    return ListValue(items)


@pytest.mark.parametrize(
    ("encryption", "verdict", "reason"),
    [
        (ENABLED, PASS, "enabled"),
        (DISABLED, FAIL, "disabled"),
        (ABSENT, FAIL, "omitted"),
        (NULL, FAIL, "null"),
        (Known("enabled"), FAIL, "invalid"),
        (Known(True), FAIL, "invalid"),
        (volumes(), FAIL, "invalid"),
        (HOLE, UNKNOWN, "unresolved"),
        (HOLE._replace(domain=("ENABLED",)), PASS, "enabled"),
        (HOLE._replace(domain=("DISABLED", None)), FAIL, "disabled"),
        (HOLE._replace(domain=("ENABLED", "DISABLED")), UNKNOWN, "unresolved"),
        (Text((Known("EN"), HOLE)), UNKNOWN, "unresolved"),
        (Text((Known("DIS"), HOLE)), FAIL, "invalid"),
        (either(ON, ENABLED, DISABLED, 0), FAIL, "disabled"),
        (either(ON, ENABLED, HOLE, 0), PASS, "enabled"),
    ],
)
def test_values(encryption: Value, verdict: str, reason: str) -> None:
    result = judged(volumes(object_of(name=Known("scratch")), efs(encryption)))

    assert (result.verdict, result.reason) == (verdict, reason)
    assert bool(result.remedy) == (verdict != PASS)
    # Another volume hides nothing.
    assert judged(volumes(efs(ENABLED), efs(encryption))).verdict == verdict


@pytest.mark.parametrize(
    ("value", "verdict"),
    [
        (ABSENT, PASS),
        (NULL, PASS),
        (volumes(), PASS),
        (volumes(object_of(name=Known("a"))), PASS),
        (volumes(object_of(efsVolumeConfiguration=NULL)), PASS),
        (volumes(ABSENT), PASS),
        (HOLE, UNKNOWN),
        (Known("x"), UNKNOWN),
        (volumes(Known("x")), UNKNOWN),
        (volumes(HOLE), UNKNOWN),
        (volumes(ObjectValue((Rest(HOLE),))), UNKNOWN),
        (volumes(object_of(efsVolumeConfiguration=HOLE)), UNKNOWN),
        (volumes(object_of(efsVolumeConfiguration=Known("fs"))), UNKNOWN),
        (volumes(object_of(EFSVolumeConfiguration=object_of())), UNKNOWN),
        (ListValue((Repeated(efs(ENABLED), ON),)), PASS),
        (ListValue((Repeated(efs(ABSENT), ON),)), FAIL),
        (ListValue((Repeated(efs(ABSENT), ON, off_default_path=True),)), FAIL),
        (ListValue((Repeated(efs(HOLE), ON, off_default_path=True),)), PASS),
        (either(ON, ABSENT, volumes(efs(DISABLED)), 0), FAIL),
    ],
)
def test_lists(value: Value, verdict: str) -> None:
    assert judged(value).verdict == verdict


def test_every_volume_that_is_not_encrypted_is_named() -> None:
    message = judged(volumes(efs(ABSENT, "a"), efs(ENABLED, "b"), efs(DISABLED, "c"), efs(HOLE, "d"))).message

    assert [name for name in "abcd" if f'"{name}"' in message] == ["a", "c"]


def test_a_spelling_that_is_not_read_fails() -> None:
    volume = object_of(efsVolumeConfiguration=object_of(TransitEncryption=ENABLED))
    assert judged(volumes(volume)).reason == "misspelled"


def test_strict_trusts_no_default() -> None:
    by_default = volumes(efs(assume(ENABLED, DEFAULT)))

    assert judged(by_default).assumptions == ("var.on = true",)
    assert judged(by_default, strict=True).reason == "default"


ANY: list[Value] = [ABSENT, NULL, HOLE, ENABLED, DISABLED]
MANY = fact("many", "var.many is not empty")


@given(choices(ANY), st.booleans())
def test_no_pass_where_an_alternative_certainly_fails(encryption: Value, is_repeated: bool) -> None:
    item = efs(encryption)
    verdicts = {judged(volumes(efs(arm))).verdict for arm in arms(encryption)}

    verdict = judged(ListValue((Repeated(item, MANY) if is_repeated else item,))).verdict
    assert (verdict == FAIL) == (FAIL in verdicts)
    if len(verdicts) == 1:
        assert verdict in verdicts


@given(st.lists(choices(ANY), max_size=4), st.data())
def test_a_volume_less_never_makes_it_worse(encryptions: list[Value], data: st.DataObject) -> None:
    worse = [PASS, UNKNOWN, FAIL]
    items = [efs(item) for item in encryptions]
    kept = [item for item in items if data.draw(st.booleans())]

    assert worse.index(judged(volumes(*kept)).verdict) <= worse.index(judged(volumes(*items)).verdict)
