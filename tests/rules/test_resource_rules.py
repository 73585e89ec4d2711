"""The rules about services, task sets, clusters and capacity providers, on models made by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st
from models import DEFAULT, HERE, HOLE, ON, arms, choices, either, object_of

from ecs5lint.model.resource import Resource
from ecs5lint.model.result import FAIL, NOT_APPLICABLE, PASS, UNKNOWN, Result
from ecs5lint.rules import RULES
from ecs5lint.settings.settings import Settings
from ecs5lint.values.conditions import ALWAYS
from ecs5lint.values.kinds import ABSENT, Known, ListValue, Repeated, Text, Unknown, Value, assume

ENABLED, DISABLED, NULL = Known("ENABLED", HERE), Known("DISABLED", HERE), Known(None, HERE)
FARGATE, OLD, LATEST = Known("FARGATE"), Known("1.3.0", HERE), Known("LATEST", HERE)
LINUX, WINDOWS = Known("LINUX"), Known("WINDOWS_SERVER_2022_CORE")
ON_SWITCH, OFF_SWITCH = Known("enabled", HERE), Known("disabled", HERE)


def judged(rule: str, properties: Mapping[str, Value], *, strict: bool = False) -> Result:
    """Return the result of a rule for a resource with some properties. All others are absent."""
    values = dict.fromkeys(RULES[rule].reads, ABSENT) | dict(properties)
    resource = Resource(RULES[rule].resource, "cloudformation", "Main", HERE, read=values.__getitem__)
    (result,) = RULES[rule].logic().judge(resource, Settings(strict=strict))
    assert result.rule == rule
    assert result.reason in RULES[rule].logic().REASONS
    assert result.task_definition is None
    assert (result.container, result.container_index) == (None, None)
    return result


def network(value: Value) -> dict[str, Value]:
    return {"networkConfiguration": object_of(awsvpcConfiguration=object_of(assignPublicIp=value))}


INSIGHTS = Known("containerInsights")


def insights(value: Value, name: Value = INSIGHTS) -> Value:
    return object_of(name=name, value=value)


def settings(*items: Value | Repeated) -> dict[str, Value]:
    return {"settings": ListValue(items, HERE)}


def group(value: Value) -> dict[str, Value]:
    return {"autoScalingGroupProvider": object_of(managedTerminationProtection=value)}


def strategy(*providers: Value) -> Value:
    return ListValue(tuple(object_of(capacityProvider=provider) for provider in providers))


PUBLIC_IP = pytest.mark.parametrize("rule", ["ECS2", "ECS16"])


@PUBLIC_IP
@pytest.mark.parametrize(
    ("value", "verdict", "reason"),
    [
        (ENABLED, FAIL, "enabled"),
        (DISABLED, PASS, "disabled"),
        (ABSENT, PASS, "omitted"),
        (NULL, PASS, "null"),
        (Known("enabled"), UNKNOWN, "unresolved"),
        (Known(True), UNKNOWN, "unresolved"),
        (HOLE, UNKNOWN, "unresolved"),
        (HOLE._replace(domain=("ENABLED",)), FAIL, "enabled"),
        (HOLE._replace(domain=("DISABLED", None)), PASS, "disabled"),
        (HOLE._replace(domain=("DISABLED", "ENABLED")), UNKNOWN, "unresolved"),
        (Text((Known("EN"), HOLE)), UNKNOWN, "unresolved"),
        (either(ON, ENABLED, ABSENT), FAIL, "enabled"),
        (either(ON, DISABLED, ENABLED, 0), FAIL, "enabled"),
        (either(ON, DISABLED, HOLE, 0), PASS, "disabled"),
    ],
)
def test_public_ip(rule: str, value: Value, verdict: str, reason: str) -> None:
    result = judged(rule, network(value))

    assert (result.verdict, result.reason) == (verdict, reason)
    assert bool(result.remedy) == (verdict != PASS)


@PUBLIC_IP
def test_no_network_configuration(rule: str) -> None:
    assert judged(rule, {}).reason == "omitted"
    assert judged(rule, {"networkConfiguration": NULL}).reason == "omitted"
    assert judged(rule, {"networkConfiguration": HOLE}).verdict == UNKNOWN
    assert judged(rule, {"networkConfiguration": Known("x")}).verdict == UNKNOWN


@PUBLIC_IP
def test_a_misspelled_key_is_unknown(rule: str) -> None:
    found = judged(rule, {"networkConfiguration": object_of(awsvpcConfiguration=object_of(assignPublicIP=ENABLED))})
    assert (found.verdict, found.remedy) == (UNKNOWN, ("rename it to assignPublicIp",))


@pytest.mark.parametrize("rule", ["ECS2", "ECS10", "ECS12", "ECS16", "ECS19"])
def test_what_cannot_be_listed_is_unknown(rule: str) -> None:
    unlisted = Unknown("module.ecs is not installed", HERE, hint="run terraform init to install it")
    resource = Resource(RULES[rule].resource, "terraform", "module.ecs", HERE, unlisted=unlisted)

    (result,) = RULES[rule].logic().judge(resource, Settings())

    assert (result.verdict, result.reason) == (UNKNOWN, "resources-unresolved")
    assert "module.ecs is not installed" in result.message
    assert result.remedy == ("run terraform init to install it",)


@pytest.mark.parametrize(
    ("rule", "properties"),
    [
        ("ECS2", network(assume(DISABLED, DEFAULT))),
        ("ECS10", {"platformVersion": assume(LATEST, DEFAULT)}),
        ("ECS12", settings(insights(assume(ON_SWITCH, DEFAULT)))),
        ("ECS19", group(assume(ENABLED, DEFAULT))),
    ],
)
def test_strict_trusts_no_default(rule: str, properties: dict[str, Value]) -> None:
    assert judged(rule, properties).assumptions == ("var.on = true",)
    assert judged(rule, properties, strict=True).reason == "default"


@pytest.mark.parametrize(
    ("version", "launch_type", "family", "verdict", "reason"),
    [
        (LATEST, FARGATE, HOLE, PASS, "latest"),
        (ABSENT, FARGATE, HOLE, PASS, "omitted"),
        (NULL, FARGATE, HOLE, PASS, "null"),
        (Known("1.4.0"), FARGATE, LINUX, PASS, "latest"),
        (Known("1.4.0"), FARGATE, HOLE, PASS, "latest"),
        (Known("1.4.0"), FARGATE, WINDOWS, FAIL, "outdated"),
        (Known("1.0.0"), FARGATE, WINDOWS, PASS, "latest"),
        (Known("1.0.0"), FARGATE, LINUX, FAIL, "outdated"),
        (Known("1.0.0"), FARGATE, ABSENT, FAIL, "outdated"),
        (Known("1.0.0"), FARGATE, HOLE, UNKNOWN, "os-family-unresolved"),
        (Known("1.0.0"), FARGATE, either(ON, WINDOWS, LINUX), FAIL, "outdated"),
        (OLD, FARGATE, LINUX, FAIL, "outdated"),
        (HOLE, FARGATE, LINUX, UNKNOWN, "unresolved"),
        (HOLE._replace(domain=("1.3.0", "1.2.0")), FARGATE, LINUX, FAIL, "outdated"),
        (Text((Known("1.3."), HOLE)), FARGATE, LINUX, FAIL, "outdated"),
        (Text((Known("1."), HOLE)), FARGATE, LINUX, UNKNOWN, "unresolved"),
        (OLD, Known("EC2"), LINUX, NOT_APPLICABLE, "not-fargate"),
        (OLD, Known("MANAGED_INSTANCES"), LINUX, NOT_APPLICABLE, "not-fargate"),
        (ABSENT, Known("EXTERNAL"), LINUX, NOT_APPLICABLE, "not-fargate"),
        (OLD, HOLE, LINUX, UNKNOWN, "launch-type-unresolved"),
        (OLD, HOLE._replace(domain=("EC2", "EXTERNAL")), LINUX, NOT_APPLICABLE, "not-fargate"),
        (OLD, HOLE._replace(domain=("FARGATE",)), LINUX, FAIL, "outdated"),
        (OLD, Text((Known("FAR"), HOLE)), LINUX, UNKNOWN, "launch-type-unresolved"),
        (OLD, Text((Known("E"), HOLE)), LINUX, NOT_APPLICABLE, "not-fargate"),
        (LATEST, HOLE, LINUX, PASS, "latest"),
        (OLD, ABSENT, LINUX, UNKNOWN, "launch-type-unresolved"),
        (OLD, either(ON, FARGATE, Known("EC2")), LINUX, FAIL, "outdated"),
    ],
)
def test_platform_version(version: Value, launch_type: Value, family: Value, verdict: str, reason: str) -> None:
    properties = {"platformVersion": version, "launchType": launch_type, "platformFamily": family}
    result = judged("ECS10", properties)

    assert (result.verdict, result.reason) == (verdict, reason)
    assert bool(result.remedy) == (verdict not in (PASS, NOT_APPLICABLE))


@pytest.mark.parametrize(
    ("providers", "verdict", "reason"),
    [
        (strategy(FARGATE), UNKNOWN, "capacity-providers"),
        (strategy(Known("own"), Known("FARGATE_SPOT")), UNKNOWN, "capacity-providers"),
        (strategy(Known("own")), NOT_APPLICABLE, "not-fargate"),
        (strategy(HOLE), UNKNOWN, "launch-type-unresolved"),
        (strategy(), UNKNOWN, "launch-type-unresolved"),
        (HOLE, UNKNOWN, "launch-type-unresolved"),
        (either(ON, strategy(FARGATE), strategy(Known("own"))), UNKNOWN, "capacity-providers"),
        (strategy(either(ON, FARGATE, Known("own"))), UNKNOWN, "capacity-providers"),
    ],
)
def test_capacity_providers(providers: Value, verdict: str, reason: str) -> None:
    properties = {"platformVersion": OLD, "capacityProviderStrategy": providers, "platformFamily": LINUX}
    result = judged("ECS10", properties)

    assert (result.verdict, result.reason) == (verdict, reason)
    assert judged("ECS10", {**properties, "platformVersion": LATEST}).verdict in (PASS, NOT_APPLICABLE)


@pytest.mark.parametrize(
    ("properties", "verdict", "reason"),
    [
        (settings(insights(ON_SWITCH)), PASS, "enabled"),
        (settings(insights(Known("enhanced"))), PASS, "enhanced"),
        (settings(insights(OFF_SWITCH)), FAIL, "disabled"),
        (settings(insights(Known("on"))), UNKNOWN, "unresolved"),
        (settings(insights(ABSENT)), UNKNOWN, "unresolved"),
        (settings(insights(NULL)), UNKNOWN, "unresolved"),
        (settings(insights(HOLE)), UNKNOWN, "unresolved"),
        (settings(insights(HOLE._replace(domain=("enabled", "enhanced")))), PASS, "enabled"),
        (settings(), UNKNOWN, "account-setting"),
        ({}, UNKNOWN, "account-setting"),
        ({"settings": NULL}, UNKNOWN, "account-setting"),
        ({"settings": HOLE}, UNKNOWN, "unresolved"),
        ({"settings": Known("x")}, UNKNOWN, "unresolved"),
        (settings(insights(OFF_SWITCH, Known("other"))), UNKNOWN, "account-setting"),
        (settings(insights(ON_SWITCH, HOLE)), UNKNOWN, "unresolved"),
        (settings(insights(OFF_SWITCH, HOLE._replace(domain=("other",))), insights(ON_SWITCH)), PASS, "enabled"),
        (settings(insights(OFF_SWITCH), insights(ON_SWITCH)), UNKNOWN, "unresolved"),
        (settings(HOLE), UNKNOWN, "unresolved"),
        (settings(either(ON, insights(OFF_SWITCH), ABSENT)), FAIL, "disabled"),
        (settings(either(ON, insights(ON_SWITCH), ABSENT)), UNKNOWN, "account-setting"),
        (settings(Repeated(insights(ON_SWITCH), ALWAYS)), PASS, "enabled"),
        (settings(Repeated(insights(OFF_SWITCH), ON)), FAIL, "disabled"),
        (settings(Repeated(insights(ON_SWITCH), ON)), UNKNOWN, "account-setting"),
    ],
)
def test_container_insights(properties: dict[str, Value], verdict: str, reason: str) -> None:
    result = judged("ECS12", properties)

    assert (result.verdict, result.reason) == (verdict, reason)
    assert bool(result.remedy) == (verdict != PASS)


@pytest.mark.parametrize(("of_account", "verdict"), [(ON_SWITCH, PASS), (OFF_SWITCH, FAIL), (HOLE, UNKNOWN)])
def test_the_setting_of_the_account_decides_only_for_an_omitted_one(of_account: Value, verdict: str) -> None:
    account = {"accountSettings": ListValue((insights(of_account),))}

    assert judged("ECS12", account).verdict == verdict
    assert judged("ECS12", {**account, **settings(insights(ON_SWITCH))}).verdict == PASS
    assert judged("ECS12", {**account, **settings(insights(OFF_SWITCH))}).verdict == FAIL
    assert judged("ECS12", {**account, **settings(insights(ON_SWITCH, Known("other")))}).verdict == verdict


@pytest.mark.parametrize(
    ("properties", "verdict", "reason"),
    [
        (group(ENABLED), PASS, "enabled"),
        (group(DISABLED), FAIL, "disabled"),
        (group(ABSENT), FAIL, "omitted"),
        (group(NULL), FAIL, "null"),
        (group(Known("enabled")), FAIL, "invalid"),
        (group(Known(True)), FAIL, "invalid"),
        (group(HOLE), UNKNOWN, "unresolved"),
        (group(HOLE._replace(domain=("DISABLED", None))), FAIL, "disabled"),
        (group(Text((Known("DIS"), HOLE))), FAIL, "invalid"),
        (group(Text((Known("EN"), HOLE))), UNKNOWN, "unresolved"),
        ({}, NOT_APPLICABLE, "no-auto-scaling-group"),
        ({"autoScalingGroupProvider": NULL}, NOT_APPLICABLE, "no-auto-scaling-group"),
        ({"autoScalingGroupProvider": HOLE}, UNKNOWN, "unresolved"),
        ({"autoScalingGroupProvider": Known("x")}, UNKNOWN, "unresolved"),
        (
            {"autoScalingGroupProvider": either(ON, object_of(managedTerminationProtection=DISABLED), ABSENT)},
            FAIL,
            "disabled",
        ),
        ({"autoScalingGroupProvider": object_of(managedterminationprotection=ENABLED)}, UNKNOWN, "unresolved"),
    ],
)
def test_termination_protection(properties: dict[str, Value], verdict: str, reason: str) -> None:
    result = judged("ECS19", properties)

    assert (result.verdict, result.reason) == (verdict, reason)
    assert bool(result.remedy) == (verdict not in (PASS, NOT_APPLICABLE))


_RANKS = {FAIL: 0, UNKNOWN: 1, PASS: 2, NOT_APPLICABLE: 2}
_OF: dict[str, tuple[Callable[[Value], dict[str, Value]], list[Value]]] = {
    "ECS2": (network, [ABSENT, NULL, ENABLED, DISABLED, HOLE]),
    "ECS12": (lambda value: settings(insights(value)), [NULL, ON_SWITCH, OFF_SWITCH, Known("enhanced"), HOLE]),
    "ECS16": (network, [ABSENT, NULL, ENABLED, DISABLED, HOLE]),
    "ECS19": (group, [ABSENT, NULL, ENABLED, DISABLED, HOLE]),
}


@given(st.data(), st.sampled_from(list(_OF)))
def test_no_alternative_hides_another(data: st.DataObject, rule: str) -> None:
    """A failure of an alternative is a failure of all. The result is never better than the best alternative."""
    properties, values = _OF[rule]
    value = data.draw(choices(values))
    verdicts = {judged(rule, properties(arm)).verdict for arm in arms(value)}

    verdict = judged(rule, properties(value)).verdict

    assert (verdict == FAIL) == (FAIL in verdicts)
    assert _RANKS[verdict] <= max(_RANKS[item] for item in verdicts)


@given(
    st.lists(st.sampled_from([ON_SWITCH, OFF_SWITCH, HOLE]), max_size=2),
    st.lists(st.sampled_from([Known("containerInsights"), Known("other"), HOLE]), min_size=2, max_size=2),
)
def test_one_setting_less_never_makes_a_failure_a_pass(values: list[Value], names: list[Value]) -> None:
    """Without the setting that fails, the setting of the account decides. Another setting can't pass in its place."""
    items = [insights(value, name) for value, name in zip(values, names, strict=False)]
    if judged("ECS12", settings(*items)).verdict == FAIL:
        for index in range(len(items)):
            assert judged("ECS12", settings(*items[:index], *items[index + 1 :])).verdict != PASS


@given(
    st.sampled_from([ABSENT, NULL, LATEST, OLD, Known("1.4.0"), Known("1.0.0"), HOLE]),
    choices([ABSENT, FARGATE, Known("EC2"), HOLE]),
    choices([ABSENT, LINUX, WINDOWS, HOLE]),
)
def test_an_old_version_never_passes(version: Value, launch_type: Value, family: Value) -> None:
    result = judged("ECS10", {"platformVersion": version, "launchType": launch_type, "platformFamily": family})

    if version is OLD:
        assert result.verdict != PASS
    if FARGATE in arms(launch_type) and version is OLD:
        assert result.verdict == FAIL


def test_the_cause_of_an_unknown_says_why_a_written_value_is_not_enough() -> None:
    assert judged("ECS10", {"platformVersion": OLD}).cause == (
        'sets platformVersion to "1.3.0", and whether it runs on Fargate is unknown'
    )
    assert judged("ECS12", {}).cause == "the cluster does not set it, so the setting of the account decides"
