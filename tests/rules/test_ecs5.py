"""Test the rule on handwritten models: the verdict for each kind of value, and the deciding configurations."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecs5lint.location import Source, Span
from ecs5lint.model.form import Form
from ecs5lint.model.result import FAIL, NOT_APPLICABLE, PASS, UNKNOWN, Result
from ecs5lint.model.task_definition import Alternative, ContainerDefinition, Service, TaskDefinition, Unresolved
from ecs5lint.rules.ecs5 import REASONS, judge
from ecs5lint.settings.settings import Settings
from ecs5lint.values.alternatives import Branch, Case
from ecs5lint.values.conditions import Condition, Is, Named, fact, negate
from ecs5lint.values.kinds import (
    ABSENT,
    Arm,
    Assumption,
    Choice,
    Known,
    ObjectValue,
    Pair,
    Text,
    Unknown,
    Value,
    assume,
)

HERE = Span(Source("task.json", "{}", "json"), 0, 2)
TRUE, FALSE = Known(True), Known(False)
HOLE = Unknown("var.ro has no value", hint="set it with --var ro=...")
ON = Named("IsOn", fact("on", "var.on"))
PROD = Named("IsProd", Is("Env", "prod", None, "Env is prod"))
DEFAULT = frozenset({Assumption("var.on", "var.on = true")})


def alternative(case: Case, value: Value, key: str = "readonlyRootFilesystem") -> Alternative:
    """Return a container definition with one member."""
    return Alternative(case, ObjectValue((Pair(Known(key, HERE), value),), HERE))


def judged(*alternatives: Alternative | Value, system: Value = ABSENT, case: Case = (), strict: bool = False) -> Result:
    """Return the result for a task definition with one container."""
    ways = tuple(item if isinstance(item, Alternative) else alternative(case, item) for item in alternatives)
    container = ContainerDefinition("web", 0, HERE, Form(), ways)
    task_definition = TaskDefinition("terraform", "app", HERE, (container,), (), system, case=case)
    (result,) = judge(task_definition, Settings(strict=strict))
    assert result.reason in REASONS
    return result


def either(condition: Condition, then: Value, otherwise: Value, default_arm: int | None = None) -> Choice:
    arms = (Arm(condition, then), Arm(negate(condition), otherwise))
    return Choice(arms, assumptions=DEFAULT if default_arm is not None else frozenset(), default_arm=default_arm)


@pytest.mark.parametrize(
    ("value", "verdict", "reason"),
    [
        (TRUE, PASS, "true"),
        (FALSE, FAIL, "false"),
        (ABSENT, FAIL, "omitted"),
        (Known(None), FAIL, "null"),
        (Known("true"), FAIL, "not-boolean"),
        (Known(1), FAIL, "not-boolean"),
        (Text((Known("tr"), HOLE)), FAIL, "not-boolean"),
        (HOLE, UNKNOWN, "unresolved"),
        (HOLE._replace(domain=(True, False)), UNKNOWN, "unresolved"),
        (HOLE._replace(domain=(True,)), PASS, "true"),
        (HOLE._replace(domain=(False,)), FAIL, "false"),
    ],
)
def test_values(value: Value, verdict: str, reason: str) -> None:
    result = judged(value)

    assert (result.verdict, result.reason, result.when) == (verdict, reason, None)


def test_what_is_the_same_for_every_failure_is_kept_apart() -> None:
    failed, unknown, passed = judged(FALSE), judged(HOLE), judged(TRUE)

    assert failed.afterwards and not set(failed.remedy) & set(failed.afterwards)
    assert unknown.remedy == ("set it with --var ro=...",)
    assert (unknown.afterwards, passed.remedy, passed.afterwards) == ((), (), ())


def test_a_misspelled_key_is_named() -> None:
    result = judged(alternative((), TRUE, "readOnlyRootFilesystem"))

    assert (result.verdict, result.reason) == (FAIL, "misspelled")
    assert "readOnlyRootFilesystem" in result.message


@pytest.mark.parametrize(
    ("value", "verdict", "when", "assumptions"),
    [
        # Nothing selects an arm.
        (either(ON, TRUE, TRUE), PASS, None, ()),
        (either(ON, TRUE, FALSE), FAIL, "not IsOn", ()),
        (either(ON, FALSE, ABSENT), FAIL, None, ()),
        (either(ON, TRUE, HOLE), UNKNOWN, "not IsOn", ()),
        (either(ON, FALSE, HOLE), FAIL, "IsOn", ()),
        # A default picks the first arm.
        (either(ON, TRUE, TRUE, 0), PASS, None, ()),
        (either(ON, TRUE, FALSE, 0), FAIL, "not IsOn", ()),
        (either(ON, FALSE, TRUE, 0), FAIL, "IsOn", ()),
        (either(ON, TRUE, HOLE, 0), PASS, None, ("var.on = true",)),
        (either(ON, HOLE, TRUE, 0), UNKNOWN, "IsOn", ()),
        (either(ON, HOLE, FALSE, 0), FAIL, "not IsOn", ()),
        # A condition has the same value everywhere.
        (either(ON, either(ON, TRUE, FALSE), TRUE), PASS, None, ()),
        (either(ON, TRUE, either(PROD, FALSE, TRUE)), FAIL, "not IsOn and IsProd", ()),
    ],
)
def test_choices(value: Value, verdict: str, when: str | None, assumptions: tuple[str, ...]) -> None:
    result = judged(value)

    assert (result.verdict, result.when, result.assumptions) == (verdict, when, assumptions)


@pytest.mark.parametrize(
    ("on_default_path", "value", "verdict", "when"),
    [
        (True, FALSE, FAIL, None),
        (False, FALSE, FAIL, "IsOn"),
        (False, HOLE, UNKNOWN, "IsOn"),
        (False, TRUE, PASS, "IsOn"),
        (None, FALSE, FAIL, "IsOn"),
        (None, TRUE, PASS, "IsOn"),
    ],
)
def test_a_container_that_is_not_always_there(
    on_default_path: bool | None, value: Value, verdict: str, when: str | None
) -> None:
    case = (Branch(ON, on_default_path, DEFAULT),)

    result = judged(value, case=case)
    assert (result.verdict, result.when) == (verdict, when)
    result = judged(alternative(case, value))
    assert (result.verdict, result.when) == (verdict, when)


def test_one_container_in_two_alternatives_of_its_list() -> None:
    on, off = (Branch(ON, True, DEFAULT),), (Branch(negate(ON), False, DEFAULT),)

    assert judged(alternative(on, TRUE), alternative(off, HOLE)).assumptions == ("var.on = true",)
    assert judged(alternative(on, TRUE), alternative(off, FALSE)).when == "not IsOn"
    assert judged(alternative(on, FALSE), alternative(off, FALSE)).when is None


@pytest.mark.parametrize(
    ("system", "value", "verdict", "when"),
    [
        (Known("WINDOWS_SERVER_2022_CORE"), FALSE, NOT_APPLICABLE, None),
        (Known("LINUX"), FALSE, FAIL, None),
        (Text((Known("WINDOWS_SERVER_"), HOLE)), FALSE, NOT_APPLICABLE, None),
        (Text((Known("LIN"), HOLE)), FALSE, FAIL, None),
        (Text((Known(""), HOLE)), FALSE, UNKNOWN, None),
        (HOLE, FALSE, UNKNOWN, None),
        (HOLE, TRUE, PASS, None),
        (HOLE._replace(domain=("LINUX",)), FALSE, FAIL, None),
        (either(ON, Known("WINDOWS_SERVER_2022_CORE"), ABSENT), FALSE, FAIL, "not IsOn"),
        (either(ON, Known("WINDOWS_SERVER_2022_CORE"), ABSENT), either(ON, FALSE, TRUE), PASS, None),
    ],
)
def test_operating_systems(system: Value, value: Value, verdict: str, when: str | None) -> None:
    result = judged(value, system=system)

    assert (result.verdict, result.when) == (verdict, when)


@pytest.mark.parametrize(
    ("value", "verdict", "reason"),
    [
        (TRUE, PASS, "true"),
        (assume(TRUE, DEFAULT), UNKNOWN, "default"),
        (assume(FALSE, DEFAULT), FAIL, "false"),
        (either(ON, TRUE, TRUE, 0), PASS, "true"),
        (either(ON, TRUE, HOLE, 0), UNKNOWN, "default"),
    ],
)
def test_strict_trusts_no_default(value: Value, verdict: str, reason: str) -> None:
    result = judged(value, strict=True)

    assert (result.verdict, result.reason) == (verdict, reason)


def unresolved(where: Case = (), **keys: Any) -> list[Result]:
    """Return the results for a task definition in which some containers can't be listed."""
    task_definition = TaskDefinition("terraform", "app", HERE, (), (Unresolved(where, HOLE),), ABSENT)
    return judge(task_definition._replace(**keys), Settings())


def test_containers_that_cannot_be_listed_are_one_unknown() -> None:
    (result,) = unresolved()

    assert (result.verdict, result.reason, result.container_index) == (UNKNOWN, "containers-unresolved", None)
    assert "var.ro has no value" in result.message
    assert result.remedy == ("set it with --var ro=...",)


def test_containers_that_cannot_be_listed_of_a_windows_task_definition() -> None:
    (result,) = unresolved(operating_system_family=Known("WINDOWS_SERVER_2022_CORE"))

    assert result.verdict == NOT_APPLICABLE


def test_containers_unknown_where_the_defaults_do_not_lead_change_nothing() -> None:
    aside = Branch(ON, False, DEFAULT)

    assert unresolved((aside,)) == []
    # Unless the task definition itself only exists under that condition.
    assert [result.when for result in unresolved((aside,), case=(aside,))] == ["IsOn"]


def test_what_can_be_listed_rests_on_the_default_that_leads_to_it() -> None:
    on, off = Branch(ON, True, DEFAULT), Branch(negate(ON), False, DEFAULT)
    container = ContainerDefinition("web", 0, HERE, Form(), (alternative((on,), TRUE),))

    (result,) = unresolved((off,), containers=(container,))

    assert (result.verdict, result.assumptions) == (PASS, ("var.on = true",))


def test_the_way_to_an_unknown_may_settle_it() -> None:
    on = HOLE._replace(condition=ON)

    assert judged(either(ON, on, TRUE)).verdict == PASS
    assert judged(either(ON, TRUE, on)).when == "not IsOn"


leaf = st.sampled_from([TRUE, FALSE, ABSENT, HOLE])
choices = st.recursive(
    leaf,
    lambda inner: st.builds(either, st.sampled_from([ON, PROD]), inner, inner, st.sampled_from([None, 0, 1])),
    max_leaves=6,
)


@given(choices)
def test_no_pass_where_an_alternative_certainly_fails(value: Value) -> None:
    outcomes: set[str] = set()

    def follow(value: Value, on: bool, prod: bool) -> None:
        while isinstance(value, Choice):
            condition = value.arms[0].when
            value = value.arms[0 if (on if condition is ON else prod) else 1].value
        outcomes.add(UNKNOWN if value is HOLE else PASS if value is TRUE else FAIL)

    for on in (True, False):
        for prod in (True, False):
            follow(value, on, prod)

    verdict = judged(value).verdict
    assert (verdict == FAIL) == (FAIL in outcomes)
    if outcomes == {PASS}:
        assert verdict == PASS
    if outcomes == {UNKNOWN}:
        assert verdict == UNKNOWN


@pytest.mark.parametrize(
    ("syntax", "text", "setting"),
    [
        ("json", '{"name": "web"}', '"readonlyRootFilesystem": true'),
        ("yaml", "name: web", "readonlyRootFilesystem: true"),
        ("yaml", '{"name": web}', '"readonlyRootFilesystem": true'),
        ("yaml", "{name: web}", "readonlyRootFilesystem: true"),
        ("hcl", '{\n  name = "web"\n}', "readonlyRootFilesystem = true"),
        ("hcl", '{\n  "name": "web"\n}', '"readonlyRootFilesystem": true'),
        ("hcl", "local.web", "readonlyRootFilesystem = true"),
    ],
)
def test_the_remedy_is_in_the_syntax_of_the_place(syntax: str, text: str, setting: str) -> None:
    here = Span(Source("file", text, syntax), 0, len(text))
    container = ContainerDefinition("web", 0, here, Form(), (alternative((), ABSENT),))
    (result,) = judge(TaskDefinition("terraform", "app", here, (container,), (), ABSENT), Settings())

    assert result.remedy[0] == f"set {setting}"


def test_ecs_exec_is_explained_once_after_the_steps() -> None:
    container = ContainerDefinition("web", 0, HERE, Form(), (alternative((), FALSE),))
    plain = TaskDefinition("terraform", "app", HERE, (container, container), (), ABSENT)
    with_exec = judge(plain._replace(exec_service=Service("web", HERE)), Settings())
    assert [result.remedy[-1] for result in with_exec] == ["disable ECS Exec in web, or mount volumes for it"] * 2
    assert all(result.afterwards[0].startswith("ECS Exec: AWS does not support it") for result in with_exec)
    assert not any(
        "ECS Exec" in step for result in judge(plain, Settings()) for step in (*result.remedy, *result.afterwards)
    )
