"""ECS4: no container definition sets privileged to true.

AWS Security Hub control ECS.4 (AWS Config rule ecs-containers-nonprivileged) fails a task definition with a privileged
container. An omitted setting passes. No operating system or launch type is exempt.
https://docs.aws.amazon.com/securityhub/latest/userguide/ecs-controls.html#ecs-4
"""

from __future__ import annotations

from ecs5lint.model.form import Form
from ecs5lint.model.result import FAIL, PASS, UNKNOWN, Result
from ecs5lint.model.task_definition import ContainerDefinition, Setting, TaskDefinition
from ecs5lint.rules import checks, outcomes, remedies
from ecs5lint.rules.checks import Check
from ecs5lint.rules.outcomes import Outcome
from ecs5lint.settings.settings import Settings
from ecs5lint.values.kinds import Absent, Known, ObjectValue, Text, Unknown, Value

REASONS = {
    "true": "the setting is true",
    "omitted": "the setting is omitted, and the default is false",
    "null": "the setting is null, which counts as omitted",
    "false": "the setting is false",
    "not-boolean": "the setting is the string true, where the format wants a boolean",
    **outcomes.REASONS,
}

NAME = "privileged"
_PATH = (NAME,)

AFTERWARDS = (
    "grant only what the container needs: capabilities and devices in linuxParameters",
    "register the new revision and check that its tasks start",
)


def judge(task_definition: TaskDefinition, settings: Settings) -> list[Result]:
    """Return a result for each container definition, and one for those that can't be listed, if any.

    If the settings are strict, a result that relies on a default is unknown.
    """
    return checks.judge_containers(task_definition, _CHECK, settings)


def _find(container: ContainerDefinition) -> list[Setting]:
    return container.boolean(NAME)


def _glance(definition: ObjectValue, form: Form) -> Value | None:
    return form.glance(definition, _PATH)


def _judge_value(value: Value, setting: Setting) -> tuple[str, str]:
    if isinstance(value, Absent):
        # A misspelled key has no effect, but it is meant as the setting.
        return (UNKNOWN, "unresolved") if setting.misspelling else (PASS, "omitted")
    if isinstance(value, Unknown):
        return _judge_domain(value.domain or (None, True))
    if isinstance(value, Known) and value.value is True:
        return FAIL, "true"
    if isinstance(value, Known) and (value.value is False or value.value is None):
        return PASS, "null" if value.value is None else "false"
    is_true = isinstance(value, Known) and str(value.value).strip().lower() == "true"
    return (FAIL, "not-boolean") if is_true else (UNKNOWN, "unresolved")


def _judge_domain(domain: tuple[object, ...]) -> tuple[str, str]:
    """Return the verdict and reason for an unknown with these possible values."""
    if all(item is True for item in domain):
        return FAIL, "true"
    return (PASS, "false") if all(item is False or item is None for item in domain) else (UNKNOWN, "unresolved")


def _predicate(container: ContainerDefinition, outcome: Outcome) -> str | outcomes.Undetermined:
    key, reason, value = container.form.spelling(NAME), outcome.reason, outcome.value
    if reason == "true":
        return f"sets {key} to true, which gives it root access to the host"
    if reason == "omitted":
        return f"does not set {key}, so it is not privileged"
    if reason in ("null", "false"):
        return f"sets {key} to {reason}"
    if reason == "not-boolean":
        return f"sets {key} to {outcomes.kind(value)}, which is not a boolean but means true"
    if isinstance(value, Absent) and outcome.setting.misspelling:
        return f"sets the unknown key {outcome.setting.misspelling.written} (did you mean {key}?)"
    if isinstance(value, (Unknown, Text)):
        return outcomes.undetermined(key, value)
    return f"sets {key} to {outcomes.kind(value)}, which is not a boolean"


def _steps(container: ContainerDefinition, task_definition: TaskDefinition, outcome: Outcome) -> tuple[str, ...]:
    return (remedies.set_boolean(container, task_definition, NAME, "false", outcome.value.span),)


def _write_out(container: ContainerDefinition) -> str:
    return remedies.written(container, NAME, "false")


_CHECK = Check("ECS4", _find, _judge_value, _predicate, _steps, _write_out, _glance, AFTERWARDS)
