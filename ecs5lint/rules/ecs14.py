"""ECS14: every cluster has the required tags.

AWS Security Hub control ECS.14 (AWS Config rule tagged-ecs-cluster) fails a cluster without tags, or
without one of the tags in the control's parameter requiredTagKeys.
https://docs.aws.amazon.com/securityhub/latest/userguide/ecs-controls.html#ecs-14
"""

from __future__ import annotations

from ecs5lint.model.resource import Subject
from ecs5lint.model.result import Result
from ecs5lint.rules import tags
from ecs5lint.settings.settings import Settings

REASONS = tags.REASONS


def judge(resource: Subject, settings: Settings) -> list[Result]:
    """Return the result for a cluster.

    If the settings are strict, a result that relies on a default is unknown.
    """
    return tags.judge(resource, "ECS14", settings)
