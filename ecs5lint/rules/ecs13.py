"""ECS13: every service has the required tags.

AWS Security Hub control ECS.13 (AWS Config rule tagged-ecs-service) fails a service without tags, or
without one of the tags in the control's parameter requiredTagKeys.
https://docs.aws.amazon.com/securityhub/latest/userguide/ecs-controls.html#ecs-13
"""

from __future__ import annotations

from ecs5lint.model.resource import Subject
from ecs5lint.model.result import Result
from ecs5lint.rules import tags
from ecs5lint.settings.settings import Settings

REASONS = tags.REASONS


def judge(resource: Subject, settings: Settings) -> list[Result]:
    """Return the result for a service.

    If the settings are strict, a result that relies on a default is unknown.
    """
    return tags.judge(resource, "ECS13", settings)
