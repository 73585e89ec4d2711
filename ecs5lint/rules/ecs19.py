"""ECS19: capacity providers protect instances from termination.

AWS Security Hub control ECS.19 (AWS Config rule ecs-capacity-provider-termination-check) fails a capacity provider with
an Auto Scaling group whose managedTerminationProtection is not ENABLED. The default is DISABLED.
https://docs.aws.amazon.com/securityhub/latest/userguide/ecs-controls.html#ecs-19
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_AutoScalingGroupProvider.html
"""

from __future__ import annotations

from collections.abc import Iterator

from ecs5lint.model.resource import Resource, Subject
from ecs5lint.model.result import NOT_APPLICABLE, UNKNOWN, Result
from ecs5lint.model.task_definition import Setting
from ecs5lint.rules import checks, outcomes, remedies, switch
from ecs5lint.rules.checks import ResourceCheck
from ecs5lint.rules.outcomes import Outcome
from ecs5lint.settings.settings import Settings
from ecs5lint.values.alternatives import leaves
from ecs5lint.values.kinds import Absent, Known, ObjectValue, Unknown, Value

REASONS = {
    "enabled": "managed termination protection is enabled",
    "disabled": "managed termination protection is disabled",
    "omitted": "managed termination protection is not set, and the default is DISABLED",
    "null": "managed termination protection is null, which counts as omitted",
    "invalid": "managed termination protection has a value that Amazon ECS does not accept",
    "no-auto-scaling-group": "the capacity provider has no Auto Scaling group, so the control does not check it",
    **outcomes.RESOURCE_REASONS,
}

_GROUP, _PROTECTION = "autoScalingGroupProvider", "managedTerminationProtection"


def judge(capacity_provider: Resource, settings: Settings) -> list[Result]:
    """Return the result for a capacity provider.

    If the settings are strict, a result that relies on a default is unknown.
    """
    return checks.judge_resource(capacity_provider, _CHECK, settings)


def _find(capacity_provider: Subject) -> list[Setting]:
    return list(_settings(capacity_provider))


def _settings(capacity_provider: Subject) -> Iterator[Setting]:
    """Yield the setting of each Auto Scaling group provider. Raises TooManyAlternatives."""
    form = capacity_provider.form
    for case, group in leaves(capacity_provider.property(_GROUP), capacity_provider.case):
        setting = Setting(case, group, steps_to_entry=len(case) - len(capacity_provider.case))
        if isinstance(group, ObjectValue):
            protection = form.string(form.nested_property(group, _PROTECTION))
            yield setting._replace(value=protection, within=group)
        elif isinstance(group, Absent) or (isinstance(group, Known) and group.value is None):
            yield setting._replace(value=Absent(None, group.assumptions))
        elif isinstance(group, Unknown):
            yield setting
        else:
            yield setting._replace(value=Unknown(f"{form.spelling(_GROUP)} is not an object", group.span))


def _judge_value(value: Value, setting: Setting) -> tuple[str, str]:
    if setting.within is None:
        return (NOT_APPLICABLE, "no-auto-scaling-group") if isinstance(value, Absent) else (UNKNOWN, "unresolved")
    return switch.judge(value, setting)


def _predicate(capacity_provider: Subject, outcome: Outcome) -> str | outcomes.Undetermined:
    key, reason, value = capacity_provider.form.spelling(_PROTECTION), outcome.reason, outcome.value
    if reason == "no-auto-scaling-group":
        return "has no Auto Scaling group, so ECS.19 does not apply to it"
    if reason == "enabled":
        return f"sets {key} to {switch.ENABLED}"
    effect = "so scaling in may terminate instances that run tasks"
    if reason == "omitted":
        return f"does not set {key}, {effect}"
    if reason in ("disabled", "null"):
        return f"sets {key} to {switch.DISABLED if reason == 'disabled' else 'null'}, {effect}"
    if reason == "invalid":
        return f"sets {key} to {outcomes.kind(value)}, which Amazon ECS does not accept"
    what = key if outcome.setting.within else capacity_provider.form.spelling(_GROUP)
    return outcomes.undetermined(what, value)


def _steps(capacity_provider: Subject, _outcome: Outcome) -> tuple[str, ...]:
    if capacity_provider.construct:
        construct = capacity_provider.construct
        return (f"set enableManagedTerminationProtection: true for {construct}, then run cdk synth",)
    return (f"set {_write_out(capacity_provider)}",)


def _write_out(capacity_provider: Subject) -> str:
    return remedies.written_in(capacity_provider, _PROTECTION, f'"{switch.ENABLED}"')


_CHECK = ResourceCheck(
    "ECS19",
    _find,
    _judge_value,
    _predicate,
    _steps,
    _write_out,
    (
        "enable managed scaling too, because the protection works only with it",
        (
            "protect the instances of the Auto Scaling group from scale-in "
            "(NewInstancesProtectedFromScaleIn, in Terraform protect_from_scale_in)"
        ),
    ),
)
