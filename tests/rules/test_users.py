"""ECS20 and ECS21 on models made by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from models import HOLE, ON, arms, choices, either, judged, object_of

from ecs5lint.model.form import Form, pascal_case
from ecs5lint.model.result import FAIL, NOT_APPLICABLE, PASS, UNKNOWN
from ecs5lint.values.kinds import ABSENT, Known, Text, Value

LINUX, WINDOWS = Known("LINUX"), Known("WINDOWS_SERVER_2022_CORE")
ROOT = ["root", "0", "0:0", "0:1000", "root:root", "root:app", "00", "+0", " 0", ":1000"]
ADMINISTRATOR = ["ContainerAdministrator", "containeradministrator", "CONTAINERADMINISTRATOR"]
OTHERS = ["1000", "1000:0", "app", "nobody:root", "Root", "ContainerUser", "rooty", "100", "app:0"]


def text(start: str) -> Text:
    return Text((Known(start), HOLE))


@pytest.mark.parametrize(
    ("value", "linux", "windows"),
    [
        (ABSENT, FAIL, FAIL),
        (Known(None), FAIL, FAIL),
        (Known(""), FAIL, FAIL),
        *((Known(user), FAIL, FAIL if user[0] == ":" else PASS) for user in ROOT),
        *((Known(user), PASS, FAIL) for user in ADMINISTRATOR),
        *((Known(user), PASS, PASS) for user in OTHERS),
        (Known(1000), FAIL, FAIL),
        (Known(True), FAIL, FAIL),
        (object_of(), FAIL, FAIL),
        (HOLE, UNKNOWN, UNKNOWN),
        (HOLE._replace(domain=("root", "0")), FAIL, PASS),
        (HOLE._replace(domain=("root", "app")), UNKNOWN, PASS),
        (text(""), UNKNOWN, UNKNOWN),
        (text("ro"), UNKNOWN, PASS),
        (text("0"), UNKNOWN, PASS),
        (text("Container"), PASS, UNKNOWN),
        (text("app"), PASS, PASS),
        (text("root:"), FAIL, PASS),
        (text("1000:"), PASS, PASS),
        (either(ON, Known("app"), ABSENT), FAIL, FAIL),
        (either(ON, Known("app"), HOLE, 0), PASS, PASS),
    ],
)
def test_values(value: Value, linux: str, windows: str) -> None:
    definition = object_of(user=value)

    assert judged("ECS20", definition, system=LINUX).verdict == linux
    assert judged("ECS21", definition, system=WINDOWS).verdict == windows
    assert (judged("ECS20", definition).verdict, judged("ECS21", definition).verdict) == (linux, windows)


@pytest.mark.parametrize(
    ("system", "linux", "windows"),
    [
        (LINUX, FAIL, NOT_APPLICABLE),
        (WINDOWS, NOT_APPLICABLE, FAIL),
        (ABSENT, FAIL, FAIL),
        (Known(None), FAIL, FAIL),
        (HOLE, UNKNOWN, UNKNOWN),
        (HOLE._replace(domain=("LINUX",)), FAIL, NOT_APPLICABLE),
        (HOLE._replace(domain=("WINDOWS_SERVER_2025_FULL", "WINDOWS_SERVER_2022_CORE")), NOT_APPLICABLE, FAIL),
        (Text((Known("WINDOWS_SERVER_"), HOLE)), NOT_APPLICABLE, FAIL),
        (Text((Known("LIN"), HOLE)), FAIL, UNKNOWN),
        (either(ON, LINUX, WINDOWS), FAIL, FAIL),
    ],
)
def test_operating_systems(system: Value, linux: str, windows: str) -> None:
    assert judged("ECS20", object_of(), system=system).verdict == linux
    assert judged("ECS21", object_of(), system=system).verdict == windows


def test_a_number_is_a_string_in_cloudformation() -> None:
    form = Form(pascal_case, accepts_strings=True)

    assert judged("ECS20", object_of(User=Known(0)), form=form).reason == "root"
    assert judged("ECS20", object_of(User=Known(1000)), form=form).verdict == PASS


def test_both_say_the_same_of_a_container_without_a_user() -> None:
    assert judged("ECS20", object_of()).message == judged("ECS21", object_of()).message


def test_the_log_router_of_firelens_has_to_be_root() -> None:
    router = object_of(user=Known("0"), firelensConfiguration=object_of(type=Known("fluentbit")))

    assert "FireLens" in judged("ECS20", router).remedy[1]
    assert len(judged("ECS20", object_of(user=Known("0"))).remedy) == 1
    assert len(judged("ECS20", object_of(user=Known("0"), firelensConfiguration=HOLE)).remedy) == 1


@given(st.sampled_from(["ECS20", "ECS21"]), choices([ABSENT, HOLE, *map(Known, (None, "root", "0:1", "app"))]))
def test_no_pass_where_an_alternative_certainly_fails(rule: str, value: Value) -> None:
    verdicts = {judged(rule, object_of(user=arm)).verdict for arm in arms(value)}

    verdict = judged(rule, object_of(user=value)).verdict
    assert (verdict == FAIL) == (FAIL in verdicts)
    if len(verdicts) == 1:
        assert verdict in verdicts
