"""ECS17: no task definition uses the network of its host.

AWS Security Hub control ECS.17 (AWS Config rule ecs-task-definition-network-mode-not-host) fails a task definition
whose networkMode is host. Without a networkMode, the default is bridge.
https://docs.aws.amazon.com/securityhub/latest/userguide/ecs-controls.html#ecs-17
"""

from __future__ import annotations

from ecs5lint.model.result import Result
from ecs5lint.model.task_definition import Setting, TaskDefinition
from ecs5lint.rules import mode, outcomes, remedies
from ecs5lint.rules.outcomes import Outcome, TaskCheck
from ecs5lint.values.kinds import Value

REASONS = mode.REASONS

NAME = "networkMode"

#: The other modes of Amazon ECS.
_OTHERS = ("bridge", "awsvpc", "none", "default")

AFTERWARDS = (
    "in awsvpc mode, give the service its subnets and security groups; in bridge mode, map the ports of the containers",
    "register the new revision and see that it can be reached",
)


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
        said += ", so its containers share the network interfaces and ports of the host"
    return said


def _steps(task_definition: TaskDefinition, outcome: Outcome) -> tuple[str, ...]:
    return (remedies.set_mode(task_definition, NAME, "awsvpc"),)


def _write_out(task_definition: TaskDefinition) -> str:
    return remedies.written_in(task_definition, NAME, '"awsvpc"')


_CHECK = TaskCheck("ECS17", _find, _judge_value, _predicate, _steps, _write_out, AFTERWARDS)
