"""ECS3: no task definition shares the process namespace of its host.

AWS Security Hub control ECS.3 (AWS Config rule ecs-task-definition-pid-mode-check) fails a task definition whose
pidMode is host. Without a pidMode, each container has a namespace of its own.
https://docs.aws.amazon.com/securityhub/latest/userguide/ecs-controls.html#ecs-3
"""

from __future__ import annotations

from ecs5lint.model.result import Result
from ecs5lint.model.task_definition import Setting, TaskDefinition
from ecs5lint.rules import mode, outcomes, remedies
from ecs5lint.rules.outcomes import Outcome, TaskCheck
from ecs5lint.values.kinds import Value

REASONS = mode.REASONS

NAME = "pidMode"

#: The other modes of Amazon ECS.
_OTHERS = ("task",)

AFTERWARDS = ("register the new revision and see that it works",)


def judge(task_definition: TaskDefinition, *, strict: bool = False) -> list[Result]:
    """Return the result for a task definition.

    With `strict`, a result that relies on a default is unknown.
    """
    return outcomes.judge_task_definition(task_definition, _CHECK, strict=strict)


def _find(task_definition: TaskDefinition) -> Setting:
    return task_definition.string(NAME)


def _judge_value(value: Value, setting: Setting) -> tuple[str, str]:
    return mode.judge(value, _OTHERS)


def _predicate(task_definition: TaskDefinition, outcome: Outcome) -> str:
    said = mode.predicate(task_definition, NAME, outcome)
    if outcome.reason == "host":
        said += ", so its containers see and can signal the processes of the host"
    return said


def _steps(task_definition: TaskDefinition, outcome: Outcome) -> tuple[str, ...]:
    return (remedies.set_mode(task_definition, NAME, "task"),)


def _write_out(task_definition: TaskDefinition) -> str:
    return remedies.written_in(task_definition, NAME, '"task"')


_CHECK = TaskCheck("ECS3", _find, _judge_value, _predicate, _steps, _write_out, AFTERWARDS)
