"""ECS21: containers of Windows task definitions set a user other than ContainerAdministrator.

AWS Security Hub control ECS.21 (AWS Config rule ecs-task-definition-windows-user-non-admin) fails a task definition for
Windows, or without an operating system family, if one of its containers sets no user or this one.
https://docs.aws.amazon.com/securityhub/latest/userguide/ecs-controls.html#ecs-21
"""

from __future__ import annotations

from ecs5lint.model.result import Result
from ecs5lint.model.task_definition import ContainerDefinition, Setting, TaskDefinition
from ecs5lint.rules import checks, outcomes, remedies, user
from ecs5lint.rules.checks import Check
from ecs5lint.rules.outcomes import Outcome
from ecs5lint.settings.settings import Settings
from ecs5lint.values.kinds import Value

REASONS = {"administrator": "the user is ContainerAdministrator", **user.REASONS}

#: Windows ignores the case of a user name.
_ADMINISTRATOR = "containeradministrator"

AFTERWARDS = (
    "set operatingSystemFamily in runtimePlatform: without it, the control checks task definitions for Linux, too",
    "register the new revision and check that its tasks start",
)


def judge(task_definition: TaskDefinition, settings: Settings) -> list[Result]:
    """Return a result for each container definition, and one for those that can't be listed, if any.

    If the settings are strict, a result that relies on a default is unknown.
    """
    return checks.judge_containers(task_definition, _CHECK, settings)


def _judge_value(value: Value, setting: Setting) -> tuple[str, str]:
    return user.judge(value, setting, "administrator", _is_administrator, _may_be_administrator)


def _is_administrator(name: str) -> bool:
    return name.lower() in ("", _ADMINISTRATOR)


def _may_be_administrator(start: str) -> bool:
    return _ADMINISTRATOR.startswith(start.lower())


def _predicate(container: ContainerDefinition, outcome: Outcome) -> str | outcomes.Undetermined:
    if outcome.reason == "administrator":
        return f"sets {container.form.spelling(user.NAME)} to ContainerAdministrator"
    return user.predicate(container, outcome)


def _steps(container: ContainerDefinition, task_definition: TaskDefinition, outcome: Outcome) -> tuple[str, ...]:
    if outcome.reason == "administrator":
        return (remedies.set_string(container, task_definition, user.NAME, "ContainerUser"),)
    set_it = remedies.set_string(container, task_definition, user.NAME, "ContainerUser")
    return (user.rename(outcome) or f"for Windows: {set_it}",)


def _write_out(container: ContainerDefinition) -> str:
    return remedies.written(container, user.NAME, '"ContainerUser"')


_CHECK = Check(
    "ECS21", user.find, _judge_value, _predicate, _steps, _write_out, user.glance, AFTERWARDS, outcomes.LINUX
)
