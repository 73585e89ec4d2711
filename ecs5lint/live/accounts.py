"""Find the accounts and Regions to check, and create the clients for them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from threading import Event, Lock
from typing import Any, NamedTuple

import boto3
import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError

from ecs5lint import __version__
from ecs5lint.live.pace import LIMITS, Limit, keep_pace

#: The value of --regions for all Regions that are enabled in an account.
ALL_REGIONS = "all"

#: The number of parallel calls for one account and Region.
THREADS = 10

#: The maximum number of attempts for a call, unless the configuration of AWS sets it (AWS_MAX_ATTEMPTS).
_ATTEMPTS = 10

CONNECT_TIMEOUT, READ_TIMEOUT = 10, 30

#: Stands for the account and the Region in a report if a call failed before they were known.
UNKNOWN_ACCOUNT, UNKNOWN_REGION = "unknown-account", "unknown-region"


class Access(NamedTuple):
    """How to reach AWS: the options of the command line.

    Without `regions`, the Region is that of the `profile` or the environment. `limits` are those of the API.
    """

    profile: str | None = None
    regions: tuple[str, ...] = ()
    endpoint_url: str | None = None
    limits: Mapping[str, Limit] = LIMITS


class Target(NamedTuple):
    """An account and a Region to check. `error` is set if a call failed before it could be checked."""

    account: str
    region: str
    partition: str = "aws"
    error: str = ""

    def arn(self, name: str) -> str:
        """Return the ARN of the task definition with a family, or a family and a revision."""
        return f"arn:{self.partition}:ecs:{self.region}:{self.account}:task-definition/{name}"


NO_TARGET = Target(UNKNOWN_ACCOUNT, UNKNOWN_REGION)


class AccessError(Exception):
    """The options of the command line can't be used. The message says why."""


class Accounts:
    """The accounts that the credentials give access to. `stop` ends all delays. Raises AccessError."""

    def __init__(self, access: Access, stop: Event) -> None:
        self._access = access
        self._stop = stop
        # A session must not create two clients at the same time.
        self._lock = Lock()
        core = botocore.session.Session(profile=access.profile)
        try:
            self._session = boto3.Session(botocore_session=core)
        except BotoCoreError as error:
            raise AccessError(str(error)) from None
        # Unlike other tools of AWS, the library doesn't read AWS_REGION.
        region = os.environ.get("AWS_REGION") or self._session.region_name
        if not access.regions and not region:
            raise AccessError("no Region is set: use --regions or AWS_REGION")
        self._regions = access.regions or (str(region),)
        self._attempts = core.get_config_variable("max_attempts") or _ATTEMPTS

    def targets(self) -> Iterator[Target]:
        """Yield the accounts and Regions. Those that a failed call hides are one target, with its error."""
        try:
            caller = self._client("sts", self._regions[0]).get_caller_identity()
            partition, account = caller["Arn"].split(":")[1], caller["Account"]
        except Exception as error:  # the report must have it, whatever the library raises
            yield from (
                Target(UNKNOWN_ACCOUNT, region, error=problem(error, "GetCallerIdentity")) for region in self._regions
            )
            return
        yield from (Target(account, region, partition) for region in self._regions)

    def ecs(self, target: Target) -> Any:
        """Return a client for ECS in an account and Region, which keeps within the limits of the API."""
        client = self._client("ecs", target.region)
        keep_pace(client, self._access.limits, self._stop)
        return client

    def _client(self, service: str, region: str | None) -> Any:
        config = Config(
            retries={"mode": "adaptive", "total_max_attempts": self._attempts},
            max_pool_connections=THREADS,
            connect_timeout=CONNECT_TIMEOUT,
            read_timeout=READ_TIMEOUT,
            user_agent_extra=f"ecs5lint/{__version__}",
        )
        with self._lock:
            return self._session.client(
                service, region_name=region, endpoint_url=self._access.endpoint_url, config=config
            )


def problem(error: Exception, call: str) -> str:
    """Return the error of a call in words."""
    response = getattr(error, "response", None)
    if not isinstance(response, dict) or "Error" not in response:
        return f"{call} failed: {str(error) or type(error).__name__}"
    code, message = response["Error"].get("Code", ""), response["Error"].get("Message", "")
    return f"{call} failed: {code}: {message}".rstrip(": ")
