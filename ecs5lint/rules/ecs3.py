"""ECS3: no task definition shares the process namespace of its host.

AWS Security Hub control ECS.3 (AWS Config rule ecs-task-definition-pid-mode-check) fails a task definition whose
pidMode is host. Without a pidMode, each container has a namespace of its own.
https://docs.aws.amazon.com/securityhub/latest/userguide/ecs-controls.html#ecs-3
"""

from __future__ import annotations

from ecs5lint.model.result import Result
from ecs5lint.model.task_definition import TaskDefinition
from ecs5lint.rules import checks, mode
from ecs5lint.rules.mode import Mode
from ecs5lint.settings.settings import Settings

REASONS = mode.REASONS

_CHECK = mode.check(
    Mode(
        "ECS3",
        "pidMode",
        ("task",),
        effect="see and can signal the processes of the host",
        instead="task",
        afterwards=("register the new revision and see that it works",),
    )
)


def judge(task_definition: TaskDefinition, settings: Settings) -> list[Result]:
    """Return the result for a task definition.

    If the settings are strict, a result that relies on a default is unknown.
    """
    return checks.judge_resource(task_definition, _CHECK, settings)
