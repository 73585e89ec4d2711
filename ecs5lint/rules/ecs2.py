"""ECS2: services assign no public IP addresses.

AWS Security Hub control ECS.2 (AWS Config rule ecs-service-assign-public-ip-disabled, which is Security Hub's own)
fails a service whose assignPublicIp is ENABLED. The default is DISABLED.
https://docs.aws.amazon.com/securityhub/latest/userguide/ecs-controls.html#ecs-2
"""

from __future__ import annotations

from ecs5lint.model.resource import Resource
from ecs5lint.model.result import Result
from ecs5lint.rules import checks, public_ip
from ecs5lint.settings.settings import Settings

REASONS = public_ip.REASONS

_CHECK = public_ip.check("ECS2")


def judge(service: Resource, settings: Settings) -> list[Result]:
    """Return the result for a service. If the settings are strict, a result that relies on a default is unknown."""
    return checks.judge_resource(service, _CHECK, settings)
