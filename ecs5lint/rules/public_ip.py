"""Check that no public IP address is assigned, for ECS2 and ECS16."""

from __future__ import annotations

from ecs5lint.model.resource import Subject
from ecs5lint.model.result import FAIL, PASS, UNKNOWN
from ecs5lint.model.task_definition import Setting
from ecs5lint.rules import outcomes, remedies
from ecs5lint.rules.checks import ResourceCheck
from ecs5lint.rules.outcomes import Outcome
from ecs5lint.values.kinds import Absent, Known, Text, Unknown, Value, known_text

REASONS = {
    "enabled": "a public IP address is assigned",
    "disabled": "no public IP address is assigned",
    "omitted": "the setting is omitted, and the default is DISABLED",
    "null": "the setting is null, which counts as omitted",
    **outcomes.RESOURCE_REASONS,
}

_PATH = ("networkConfiguration", "awsvpcConfiguration", "assignPublicIp")
_NAME = _PATH[-1]
_ENABLED, _DISABLED = "ENABLED", "DISABLED"

_AFTERWARDS = (
    "run the tasks in private subnets, from which they reach registries through a NAT gateway or VPC endpoints",
    "let clients connect through a load balancer",
)


def check(rule: str) -> ResourceCheck:
    """Return the check of a rule for services or task sets."""
    return ResourceCheck(rule, _find, _judge_value, _predicate, _steps, _write_out, _AFTERWARDS, _glance)


def _find(resource: Subject) -> list[Setting]:
    return [resource.string(*_PATH)]


def _glance(resource: Subject) -> Value | None:
    return resource.glance(*_PATH)


def _judge_value(value: Value, _setting: Setting) -> tuple[str, str]:
    if isinstance(value, Absent):
        return PASS, "omitted"
    if isinstance(value, Unknown):
        found = {_judge_constant(item) for item in value.domain or ()}
        verdicts = {verdict for verdict, _ in found}
        return min(found) if len(verdicts) == 1 else (UNKNOWN, "unresolved")
    if isinstance(value, Text) and known_text(value) is None:
        return UNKNOWN, "unresolved"
    return _judge_constant(value.value if isinstance(value, Known) else known_text(value) or [])


def _judge_constant(value: object) -> tuple[str, str]:
    if value is None:
        return PASS, "null"
    if value == _ENABLED:
        return FAIL, "enabled"
    # Amazon ECS refuses any other value, so the deployed value is unknown.
    return (PASS, "disabled") if value == _DISABLED else (UNKNOWN, "unresolved")


def _predicate(resource: Subject, outcome: Outcome) -> str | outcomes.Undetermined:
    key, reason, value = resource.form.spelling(_NAME), outcome.reason, outcome.value
    if reason == "omitted":
        return f"does not set {key}, so it assigns no public IP addresses"
    if reason == "null":
        return f"sets {key} to null, so it assigns no public IP addresses"
    if reason == "enabled":
        return f"sets {key} to {remedies.switch(resource, is_on=True)}, so its tasks get public IP addresses"
    if reason == "disabled":
        return f"sets {key} to {remedies.switch(resource, is_on=False)}"
    if isinstance(value, (Unknown, Text)):
        return outcomes.undetermined(key, value)
    return f"sets {key} to {outcomes.kind(value)}, which Amazon ECS does not accept"


def _steps(resource: Subject, _outcome: Outcome) -> tuple[str, ...]:
    if resource.construct:
        return (f"set assignPublicIp: false for {resource.construct}, then run cdk synth",)
    return (f"set {_write_out(resource)}, or remove {resource.form.spelling(_NAME)}",)


def _write_out(resource: Subject) -> str:
    return remedies.written_switch(resource, _NAME, is_on=False)
