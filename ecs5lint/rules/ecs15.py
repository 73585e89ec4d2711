"""ECS15: every task definition has the required tags.

AWS Security Hub control ECS.15 (AWS Config rule tagged-ecs-taskdefinition) fails a task definition without tags, or
without one of the tags in the control's parameter requiredTagKeys.
https://docs.aws.amazon.com/securityhub/latest/userguide/ecs-controls.html#ecs-15
"""

from __future__ import annotations

from ecs5lint.model.resource import Subject
from ecs5lint.model.result import Result
from ecs5lint.rules import tags
from ecs5lint.settings.settings import Settings

REASONS = tags.REASONS


def judge(resource: Subject, settings: Settings) -> list[Result]:
    """Return the result for a task definition.

    If the settings are strict, a result that relies on a default is unknown.
    """
    return tags.judge(resource, "ECS15", settings)
