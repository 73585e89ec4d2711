"""ECS18: the EFS volumes of every task definition are encrypted in transit.

AWS Security Hub control ECS.18 (AWS Config rule ecs-task-definition-efs-encryption-enabled) fails a task definition if
one of its EFS volumes does not set transitEncryption to ENABLED. The default is DISABLED.
https://docs.aws.amazon.com/securityhub/latest/userguide/ecs-controls.html#ecs-18
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_EFSVolumeConfiguration.html
"""

from __future__ import annotations

from collections.abc import Iterator

from ecs5lint.model.resource import Subject
from ecs5lint.model.result import FAIL, PASS, UNKNOWN, Result
from ecs5lint.model.task_definition import Setting, TaskDefinition
from ecs5lint.rules import checks, outcomes, remedies, switch
from ecs5lint.rules.checks import ResourceCheck
from ecs5lint.rules.outcomes import Outcome, Undetermined
from ecs5lint.settings.settings import Settings
from ecs5lint.values.alternatives import Branch, Case, leaves
from ecs5lint.values.conditions import ALWAYS
from ecs5lint.values.kinds import (
    Absent,
    Known,
    ListValue,
    ObjectValue,
    Repeated,
    Unknown,
    Value,
    known_text,
)

REASONS = {
    "no-efs-volumes": "the task definition has no EFS volumes",
    "enabled": "every EFS volume enables encryption in transit",
    "disabled": "an EFS volume disables encryption in transit",
    "omitted": "an EFS volume does not set encryption in transit, and the default is DISABLED",
    "null": "encryption in transit is null, which counts as omitted",
    "misspelled": "the setting is omitted, and an unknown key has a similar name",
    "invalid": "encryption in transit has a value that Amazon ECS does not accept",
    **outcomes.REASONS,
}

_VOLUMES, _NAME = "volumes", "name"
_EFS, _ENCRYPTION = "efsVolumeConfiguration", "transitEncryption"

AFTERWARDS = (
    "an authorization configuration (an access point or IAM) needs encryption in transit in any case",
    "register the new revision and check that its tasks mount the volumes",
)


def judge(task_definition: TaskDefinition, settings: Settings) -> list[Result]:
    """Return the result for a task definition.

    If the settings are strict, a result that relies on a default is unknown.
    """
    return checks.judge_resource(task_definition, _CHECK, settings)


def _find(task_definition: Subject) -> list[Setting]:
    """Return the setting of each EFS volume, and then those for no EFS volume. Raises TooManyAlternatives."""
    return sorted(_settings(task_definition), key=lambda setting: setting.within is None)


def _settings(task_definition: Subject) -> Iterator[Setting]:
    for case, volumes in leaves(task_definition.read(_VOLUMES), task_definition.case):
        if isinstance(volumes, ListValue):
            for item in volumes.items:
                yield from _of_item(item, case, task_definition)
            # The set of volumes may depend on defaults.
            yield Setting(case, Absent(None, volumes.assumptions))
        else:
            yield Setting(case, _open(volumes, "a list"))


def _of_item(item: Value | Repeated, case: Case, task_definition: Subject) -> Iterator[Setting]:
    if isinstance(item, Repeated):
        step = () if item.when is ALWAYS else (Branch(item.when, False if item.off_default_path else None),)
        case, item = (*case, *step), item.element
    form = task_definition.form
    for longer, volume in leaves(item, case):
        if not isinstance(volume, ObjectValue):
            yield Setting(longer, _open(volume, "an object"))
            continue
        for longest, efs in leaves(form.read_property(volume, _EFS), longer):
            if isinstance(efs, ObjectValue):
                value = form.string(form.property(efs, _ENCRYPTION))
                yield Setting(longest, value, form.misspelling(efs, _ENCRYPTION), efs, volume)
            else:
                yield Setting(longest, _open(efs, "an object"))


def _open(value: Value, kind: str) -> Value:
    """Return the value for no EFS volume, ABSENT or unknown."""
    if isinstance(value, Unknown):
        return value
    if isinstance(value, Absent) or (isinstance(value, Known) and value.value is None):
        return Absent(None, value.assumptions)
    return Unknown(f"it is not {kind}", value.span)


def _glance(task_definition: Subject) -> Value | None:
    """Return ABSENT if a task definition certainly has no volumes, or None."""
    value = task_definition.read(_VOLUMES)
    return value if isinstance(value, Absent) and not value.assumptions else None


def _judge_value(value: Value, setting: Setting) -> tuple[str, str]:
    if setting.within is None:
        return (PASS, "no-efs-volumes") if isinstance(value, Absent) else (UNKNOWN, "unresolved")
    return switch.judge(value, setting)


def _predicate(task_definition: Subject, outcome: Outcome) -> str | Undetermined:
    key, reason = task_definition.form.spelling(_ENCRYPTION), outcome.reason
    if reason == "no-efs-volumes":
        return "has no EFS volumes"
    if reason == "enabled":
        return "encrypts its EFS volumes in transit"
    if outcome.verdict == FAIL:
        failed = dict.fromkeys(_failure(task_definition, item) for item in (outcome, *outcome.also))
        return f"has EFS volumes that are not encrypted in transit: {', '.join(failed)}"
    volume = _name(task_definition, outcome)
    what = f"{key} of EFS volume {volume}" if volume else "the volumes"
    return Undetermined(what, outcomes.unknown_reason(outcome.value))


def _failure(task_definition: Subject, outcome: Outcome) -> str:
    """Return the name of a volume that is not encrypted, and why it is not."""
    key, value, misspelling = task_definition.form.spelling(_ENCRYPTION), outcome.value, outcome.setting.misspelling
    if outcome.reason == "omitted":
        said = f"does not set {key}"
    elif outcome.reason == "misspelled" and misspelling:
        said = f"sets the unknown key {misspelling.written}"
    elif outcome.reason == "invalid":
        said = f"sets {key} to {outcomes.kind(value)}"
    else:
        said = f"sets {key} to {'null' if outcome.reason == 'null' else switch.DISABLED}"
    return f"{_name(task_definition, outcome) or 'one without a known name'} {said}"


def _name(task_definition: Subject, outcome: Outcome) -> str | None:
    """Return the quoted name of a volume, or None if it is unknown."""
    volume = outcome.setting.entry
    name = known_text(task_definition.form.property(volume, _NAME)) if volume else None
    return None if name is None else f'"{outcomes.cut(name)}"'


def _steps(task_definition: Subject, outcome: Outcome) -> tuple[str, ...]:
    if task_definition.construct:
        return (f"enable transitEncryption in the EFS volumes of {task_definition.construct}, and synthesize again",)
    names = dict.fromkeys(_name(task_definition, item) for item in (outcome, *outcome.also))
    volumes = ", ".join(name for name in names if name)
    return (f"set {_write_out(task_definition)} in {task_definition.form.spelling(_EFS)} of {volumes or 'the volume'}",)


def _write_out(task_definition: Subject) -> str:
    return remedies.written_in(task_definition, _ENCRYPTION, f'"{switch.ENABLED}"')


_CHECK = ResourceCheck("ECS18", _find, _judge_value, _predicate, _steps, _write_out, AFTERWARDS, _glance)
