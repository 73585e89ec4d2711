"""ECS17: no task definition uses the network of its host.

AWS Security Hub control ECS.17 (AWS Config rule ecs-task-definition-network-mode-not-host) fails a task definition
whose networkMode is host. Without a networkMode, the default is bridge.
https://docs.aws.amazon.com/securityhub/latest/userguide/ecs-controls.html#ecs-17
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
        "ECS17",
        "networkMode",
        ("bridge", "awsvpc", "none", "default"),
        effect="share the network interfaces and ports of the host",
        instead="awsvpc",
        afterwards=(
            (
                "in awsvpc mode, give the service its subnets and security groups; "
                "in bridge mode, map the ports of the containers"
            ),
            "register the new revision and see that it can be reached",
        ),
    )
)


def judge(task_definition: TaskDefinition, settings: Settings) -> list[Result]:
    """Return the result for a task definition.

    If the settings are strict, a result that relies on a default is unknown.
    """
    return checks.judge_resource(task_definition, _CHECK, settings)
