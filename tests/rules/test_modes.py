"""ECS3 and ECS17 on models made by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from models import DEFAULT, HERE, HOLE, ON, arms, choices, either

from ecs5lint.model.result import FAIL, PASS, UNKNOWN, Result
from ecs5lint.model.task_definition import TaskDefinition
from ecs5lint.rules import RULES
from ecs5lint.settings.settings import Settings
from ecs5lint.values.kinds import ABSENT, Known, Text, Value, assume

HOST, NULL = Known("host"), Known(None)
OTHER = {"ECS3": Known("task"), "ECS17": Known("awsvpc")}
RULE = pytest.mark.parametrize("rule", OTHER)


def judged(rule: str, value: Value, *, strict: bool = False) -> Result:
    (name,) = RULES[rule].reads
    task_definition = TaskDefinition("terraform", "app", HERE, (), (), ABSENT, read={name: value}.__getitem__)
    (result,) = RULES[rule].logic().judge(task_definition, Settings(strict=strict))
    assert result.reason in RULES[rule].logic().REASONS
    assert (result.rule, result.container_index) == (rule, None)
    return result


@RULE
@pytest.mark.parametrize(
    ("value", "verdict", "reason"),
    [
        (HOST, FAIL, "host"),
        (ABSENT, PASS, "omitted"),
        (NULL, PASS, "null"),
        (Known("HOST"), UNKNOWN, "unresolved"),
        (Known(""), UNKNOWN, "unresolved"),
        (Known(1), UNKNOWN, "unresolved"),
        (HOLE, UNKNOWN, "unresolved"),
        (HOLE._replace(domain=("host",)), FAIL, "host"),
        (HOLE._replace(domain=("host", None)), UNKNOWN, "unresolved"),
        (Text((Known("ho"), HOLE)), UNKNOWN, "unresolved"),
        (Text((Known("x"), HOLE)), UNKNOWN, "unresolved"),
        (either(ON, HOST, NULL), FAIL, "host"),
        (either(ON, NULL, HOST, 0), FAIL, "host"),
        (either(ON, NULL, HOLE, 0), PASS, "null"),
    ],
)
def test_values(rule: str, value: Value, verdict: str, reason: str) -> None:
    result = judged(rule, value)

    assert (result.verdict, result.reason) == (verdict, reason)
    assert bool(result.remedy) == (verdict != PASS)


@RULE
def test_other_modes_pass(rule: str) -> None:
    assert judged(rule, OTHER[rule]).verdict == PASS
    assert judged(rule, HOLE._replace(domain=(OTHER[rule].value, None))).verdict == PASS
    assert judged(rule, Text((Known(str(OTHER[rule].value)[:2]), HOLE))).verdict == PASS


@RULE
def test_strict_trusts_no_default(rule: str) -> None:
    by_default = assume(OTHER[rule], DEFAULT)

    assert judged(rule, by_default).assumptions == ("var.on = true",)
    assert judged(rule, by_default, strict=True).reason == "default"


@RULE
def test_what_no_parser_reads_is_unknown(rule: str) -> None:
    (result,) = RULES[rule].logic().judge(TaskDefinition("terraform", "app", HERE, (), (), ABSENT), Settings())
    assert result.verdict == UNKNOWN


@given(st.sampled_from(list(OTHER)), choices([ABSENT, NULL, HOST, HOLE]))
def test_no_pass_where_an_alternative_certainly_fails(rule: str, value: Value) -> None:
    verdicts = {judged(rule, arm).verdict for arm in arms(value)}

    verdict = judged(rule, value).verdict
    assert (verdict == FAIL) == (FAIL in verdicts)
    if len(verdicts) == 1:
        assert verdict in verdicts
