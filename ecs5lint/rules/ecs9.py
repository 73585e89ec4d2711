"""ECS9: every container definition sets a log driver.

AWS Security Hub control ECS.9 (AWS Config rule ecs-task-definition-log-configuration) fails a task definition if one
of its containers has no logConfiguration, or no logDriver in it.
https://docs.aws.amazon.com/securityhub/latest/userguide/ecs-controls.html#ecs-9
"""

from __future__ import annotations

from ecs5lint.model.form import Form
from ecs5lint.model.result import FAIL, PASS, UNKNOWN, Result
from ecs5lint.model.task_definition import ContainerDefinition, Setting, TaskDefinition
from ecs5lint.rules import checks, outcomes, remedies
from ecs5lint.rules.checks import Check
from ecs5lint.rules.outcomes import Outcome
from ecs5lint.settings.settings import Settings
from ecs5lint.values.kinds import Absent, Known, ObjectValue, Text, Unknown, Value, known_text

REASONS = {
    "log-driver": "the log driver is set",
    "omitted": "there is no log configuration, or no log driver in it",
    "null": "the log driver is null, which counts as omitted",
    "empty": "the log driver is an empty string, or one of spaces only",
    "misspelled": "the log configuration or its driver is omitted, and an unknown key has a similar name",
    "not-string": "the log driver is not a string, where the format wants one",
    **outcomes.REASONS,
}

_PATH = _CONFIGURATION, _DRIVER = "logConfiguration", "logDriver"

AFTERWARDS = (
    "give the log driver its options: for awslogs, awslogs-group, awslogs-region and awslogs-stream-prefix",
    "let the execution role write the logs, register the new revision and see that they arrive",
)


def judge(task_definition: TaskDefinition, settings: Settings) -> list[Result]:
    """Return a result for each container definition, and one for those that can't be listed, if any.

    If the settings are strict, a result that relies on a default is unknown.
    """
    return checks.judge_containers(task_definition, _CHECK, settings)


def _find(container: ContainerDefinition) -> list[Setting]:
    return container.string(_CONFIGURATION, _DRIVER)


def _glance(definition: ObjectValue, form: Form) -> Value | None:
    return form.glance(definition, _PATH)


def _judge_value(value: Value, setting: Setting) -> tuple[str, str]:
    if isinstance(value, Known):
        return _judge_text(value.value)
    if isinstance(value, Absent):
        return FAIL, "misspelled" if setting.misspelling else "omitted"
    if isinstance(value, Unknown):
        found = {_judge_text(item) for item in value.domain or ()}
        return found.pop() if len(found) == 1 else (UNKNOWN, "unresolved")
    if isinstance(value, Text) and known_text(value) is None:
        # A text is not null. It is not empty if a part of it is not.
        is_set = any((known_text(part) or "").strip() for part in value.parts)
        return (PASS, "log-driver") if is_set else (UNKNOWN, "unresolved")
    return _judge_text(known_text(value) if isinstance(value, Text) else [])


def _judge_text(driver: object) -> tuple[str, str]:
    if driver is None:
        return FAIL, "null"
    if not isinstance(driver, str):
        return FAIL, "not-string"
    return (PASS, "log-driver") if driver.strip() else (FAIL, "empty")


def _predicate(container: ContainerDefinition, outcome: Outcome) -> str | outcomes.Undetermined:
    spelling, reason, value = container.form.spelling, outcome.reason, outcome.value
    if reason == "log-driver":
        shown = f' "{outcomes.cut(str(value.value))}"' if isinstance(value, Known) else ""
        return f"sets the {spelling(_DRIVER)}{shown}"
    if reason == "omitted":
        return f"has no {spelling(_CONFIGURATION)} with a {spelling(_DRIVER)}"
    if reason == "misspelled" and outcome.setting.misspelling:
        misspelling = outcome.setting.misspelling
        return f"sets the unknown key {misspelling.written} (did you mean {misspelling.meant}?)"
    if reason in ("null", "empty"):
        return f"sets {spelling(_DRIVER)} to {'null' if reason == 'null' else 'a blank string'}"
    if reason == "not-string":
        return f"sets {spelling(_DRIVER)} to {outcomes.kind(value)}, which is not a string"
    return outcomes.undetermined(spelling(_DRIVER), value)


def _steps(container: ContainerDefinition, task_definition: TaskDefinition, outcome: Outcome) -> tuple[str, ...]:
    if outcome.reason == "misspelled" and outcome.setting.misspelling:
        return (f"rename it to {outcome.setting.misspelling.meant}",)
    return (f"set {_write_out(container)}",)


def _write_out(container: ContainerDefinition) -> str:
    driver = remedies.written(container, _DRIVER, '"awslogs"')
    braces = "{{ {} }}" if remedies.syntax(container) == "hcl" else "{{{}}}"
    return remedies.written(container, _CONFIGURATION, braces.format(driver))


_CHECK = Check("ECS9", _find, _judge_value, _predicate, _steps, _write_out, _glance, AFTERWARDS)
