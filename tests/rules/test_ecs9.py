"""ECS9 on models made by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from models import HOLE, ON, arms, choices, either, judged, object_of

from ecs5lint.model.result import FAIL, PASS, UNKNOWN
from ecs5lint.values.kinds import ABSENT, Known, Text, Value

NULL, LOGS = Known(None), Known("awslogs")


@pytest.mark.parametrize(
    ("driver", "verdict", "reason"),
    [
        (LOGS, PASS, "log-driver"),
        (Known("none"), PASS, "log-driver"),
        (ABSENT, FAIL, "omitted"),
        (NULL, FAIL, "null"),
        (Known(""), FAIL, "empty"),
        (Known(1), FAIL, "not-string"),
        (object_of(), FAIL, "not-string"),
        (HOLE, UNKNOWN, "unresolved"),
        (HOLE._replace(domain=("awslogs", "splunk")), PASS, "log-driver"),
        (HOLE._replace(domain=("awslogs", None)), UNKNOWN, "unresolved"),
        (Text((HOLE,)), UNKNOWN, "unresolved"),
        (Text((Known("aws"), HOLE)), PASS, "log-driver"),
        (either(ON, LOGS, ABSENT), FAIL, "omitted"),
    ],
)
def test_drivers(driver: Value, verdict: str, reason: str) -> None:
    result = judged("ECS9", object_of(logConfiguration=object_of(logDriver=driver)))
    assert (result.verdict, result.reason) == (verdict, reason)


@pytest.mark.parametrize(
    ("configuration", "verdict"),
    [
        (ABSENT, FAIL),
        (NULL, FAIL),
        (object_of(), FAIL),
        (HOLE, UNKNOWN),
        (LOGS, UNKNOWN),
        (either(ON, object_of(logDriver=LOGS), NULL), FAIL),
        (either(ON, object_of(logDriver=LOGS), HOLE), UNKNOWN),
    ],
)
def test_configurations(configuration: Value, verdict: str) -> None:
    assert judged("ECS9", object_of(logConfiguration=configuration)).verdict == verdict


def test_a_misspelled_key_is_told() -> None:
    result = judged("ECS9", object_of(log_configuration=object_of(logDriver=LOGS)))
    assert result.reason == "misspelled"
    assert "log_configuration" in result.message


@given(choices([ABSENT, NULL, HOLE, object_of(logDriver=LOGS)]))
def test_no_pass_where_an_alternative_certainly_fails(value: Value) -> None:
    verdicts = {judged("ECS9", object_of(logConfiguration=arm)).verdict for arm in arms(value)}

    verdict = judged("ECS9", object_of(logConfiguration=value)).verdict
    assert (verdict == FAIL) == (FAIL in verdicts)
    if len(verdicts) == 1:
        assert verdict in verdicts
