"""ECS20: containers of Linux task definitions set a user other than root.

AWS Security Hub control ECS.20 (AWS Config rule ecs-task-definition-linux-user-non-root) fails a task definition for
Linux, or without an operating system family, if one of its containers sets no user or root. Root is `root` or uid 0,
with or without a group, as in AWS Control Tower's rule CT.ECS.PR.3.
https://docs.aws.amazon.com/securityhub/latest/userguide/ecs-controls.html#ecs-20
"""

from __future__ import annotations

import re

from ecs5lint.model.result import Result
from ecs5lint.model.task_definition import ContainerDefinition, Setting, TaskDefinition
from ecs5lint.rules import checks, outcomes, remedies, user
from ecs5lint.rules.checks import Check
from ecs5lint.rules.outcomes import Outcome
from ecs5lint.settings.settings import Settings
from ecs5lint.values.kinds import Known, Value, known_text

REASONS = {"root": "the user is root", **user.REASONS}

AFTERWARDS = (
    "check that the user can read the image's files, and write to every path that the application writes to",
    "register the new revision and check that its tasks start",
)

#: The start of a text that number parsers read as 0.
_START_OF_ZERO = r"\s*[+-]?0*"


def judge(task_definition: TaskDefinition, settings: Settings) -> list[Result]:
    """Return a result for each container definition, and one for those that can't be listed, if any.

    If the settings are strict, a result that relies on a default is unknown.
    """
    return checks.judge_containers(task_definition, _CHECK, settings)


def _judge_value(value: Value, setting: Setting) -> tuple[str, str]:
    return user.judge(value, setting, "root", _is_root, _may_be_root)


def _is_root(name: str) -> bool:
    # A group without a user belongs to root.
    return name in ("", "root") or _is_zero(name)


def _is_zero(name: str) -> bool:
    """Tell whether a number parser reads a name as 0."""
    text = name.strip()
    digits = text[1:] if text.startswith(("+", "-")) else text
    return digits.strip("0") == "" != digits


def _may_be_root(start: str) -> bool:
    return "root".startswith(start) or re.fullmatch(_START_OF_ZERO, start) is not None


def _predicate(container: ContainerDefinition, outcome: Outcome) -> str | outcomes.Undetermined:
    if outcome.reason == "root":
        key, value = container.form.spelling(user.NAME), outcome.value
        return f'sets {key} to "{value.value}", which is root' if isinstance(value, Known) else f"sets {key} to root"
    return user.predicate(container, outcome)


def _steps(container: ContainerDefinition, task_definition: TaskDefinition, outcome: Outcome) -> tuple[str, ...]:
    set_it = user.rename(outcome) or remedies.set_string(container, task_definition, user.NAME, "1000")
    if _is_log_router(container):
        return (set_it, "the log router of FireLens has to run as root: suppress this finding with that reason")
    return (set_it,)


def _is_log_router(container: ContainerDefinition) -> bool:
    form, alternatives = container.form, container.alternatives
    types = (form.property(item.definition, "firelensConfiguration", "type") for item in alternatives)
    return any(known_text(type) is not None for type in types)


def _write_out(container: ContainerDefinition) -> str:
    return remedies.written(container, user.NAME, '"1000"')


_CHECK = Check(
    "ECS20", user.find, _judge_value, _predicate, _steps, _write_out, user.glance, AFTERWARDS, outcomes.WINDOWS
)
