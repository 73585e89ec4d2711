"""Find the accounts and Regions to check, and create the clients for them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from threading import Event, Lock
from typing import Any, NamedTuple

import boto3
import botocore.session
from botocore.config import Config
from botocore.credentials import AssumeRoleCredentialFetcher, DeferredRefreshableCredentials
from botocore.exceptions import BotoCoreError, NoCredentialsError

from ecs5lint import __version__
from ecs5lint.live.pace import IMPORTS, LIMITS, Limit, Pace, keep_pace
from ecs5lint.model.task_definition import TASK_DEFINITION

#: The value of --regions for all Regions that are enabled in an account.
ALL_REGIONS = "all"

#: The number of parallel calls for one account and Region.
THREADS = 10

#: The maximum number of attempts for a call, unless the configuration of AWS sets it (AWS_MAX_ATTEMPTS).
_ATTEMPTS = 10

CONNECT_TIMEOUT, READ_TIMEOUT = 10, 30

#: Stands for the account and the Region in a report if a call failed before they were known.
UNKNOWN_ACCOUNT, UNKNOWN_REGION = "unknown-account", "unknown-region"

_ROLE = re.compile(r"arn:(aws[\w-]*):iam::(\d{12}):role/\S+")

#: The Region for calls that are about no Region, if none is set.
_HOMES = {"aws": "us-east-1", "aws-us-gov": "us-gov-west-1", "aws-cn": "cn-north-1"}


class Access(NamedTuple):
    """How to reach AWS: the options of the command line.

    Without `regions`, the Region is that of the `profile` or the environment. `roles` are the ARNs of the roles to
    assume, one for each account. With an `organization_role`, a role of this name is assumed in each account of the
    organization. With `is_running`, what is in use is read too, and with `has_tags` the tags of task definitions.
    `types` are the types of resources to read. `limits` are those of the API.
    """

    profile: str | None = None
    regions: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    organization_role: str | None = None
    external_id: str | None = None
    endpoint_url: str | None = None
    is_running: bool = False
    has_tags: bool = False
    types: frozenset[str] = frozenset({TASK_DEFINITION})
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


class _Account(NamedTuple):
    """An account to check, with a session for it. `error` is set if a call failed before."""

    number: str
    partition: str
    session: Any = None
    error: str = ""


class Accounts:
    """The accounts that the options give access to. `stop` ends all delays. Raises AccessError."""

    def __init__(self, access: Access, stop: Event) -> None:
        self.access = access
        self._stop = stop
        # A session must not create two clients at the same time.
        self._lock = Lock()
        self._core = botocore.session.Session(profile=access.profile)
        try:
            self._session = boto3.Session(botocore_session=self._core)
        except BotoCoreError as error:
            raise AccessError(str(error)) from None
        # Unlike other tools of AWS, the library doesn't read AWS_REGION.
        self._region = os.environ.get("AWS_REGION") or self._session.region_name
        if not access.regions and not self._region:
            raise AccessError("no Region is set: use --regions or AWS_REGION")
        numbers = [_parsed(role)[1] for role in access.roles]
        if len(set(numbers)) < len(numbers):
            raise AccessError("two roles are in the same account")
        self._sessions: dict[str, Any] = {}
        self._attempts = self._core.get_config_variable("max_attempts") or _ATTEMPTS

    def targets(self) -> Iterator[Target]:
        """Yield the accounts and Regions. Those that a failed call hides are one target, with its error."""
        for account in self._accounts():
            self._sessions[account.number] = account.session
            regions, error = self._regions(account)
            for region in regions:
                yield Target(account.number, region, account.partition, error)

    def ecs(self, target: Target) -> Any:
        """Return a client for ECS in an account and Region, which keeps within the limits of the API."""
        client = self._client("ecs", target.region, self._sessions[target.account])
        keep_pace(client, self.access.limits, self._stop)
        return client

    def security_hub(self, target: Target) -> Any:
        """Return a client for Security Hub in an account and Region, which keeps within the limits of the API."""
        client = self._client("securityhub", target.region, self._sessions[target.account])
        pace = Pace(IMPORTS, self._stop)
        client.meta.events.register("before-send.securityhub.BatchImportFindings", pace.wait)
        return client

    def _accounts(self) -> Iterator[_Account]:
        for role in self.access.roles:
            yield self._of_role(role)
        if self.access.roles:
            return
        try:
            caller = self._client("sts", self._home("aws"), self._session).get_caller_identity()
            own = _Account(caller["Account"], caller["Arn"].split(":")[1], self._session)
        except Exception as error:  # the report must have it, whatever the library raises
            yield _Account(UNKNOWN_ACCOUNT, "aws", error=problem(error, "GetCallerIdentity"))
            return
        yield own
        if self.access.organization_role:
            yield from self._of_organization(own, self.access.organization_role)

    def _of_organization(self, own: _Account, role: str) -> Iterator[_Account]:
        """Yield the other accounts of the organization."""
        try:
            client = self._client("organizations", _HOMES.get(own.partition), self._session)
            for page in client.get_paginator("list_accounts").paginate():
                for account in page["Accounts"]:
                    is_active = account.get("State", account.get("Status")) in ("ACTIVE", None)
                    if is_active and account["Id"] != own.number:
                        yield self._of_role(f"arn:{own.partition}:iam::{account['Id']}:role/{role}")
        except Exception as error:
            yield _Account(UNKNOWN_ACCOUNT, own.partition, error=problem(error, "ListAccounts"))

    def _of_role(self, role: str) -> _Account:
        """Return an account with a session that assumes a role with its first call, and again when that expires."""
        partition, number = _parsed(role)
        extra = {"RoleSessionName": "ecs5lint"}
        if self.access.external_id:
            extra["ExternalId"] = self.access.external_id
        fetcher = AssumeRoleCredentialFetcher(
            lambda service, **credentials: self._client(service, self._home(partition), self._session, **credentials),
            _Credentials(self._core),
            role,
            extra,
        )
        core = botocore.session.Session(profile=self.access.profile)
        # The descriptions of the services take more memory than everything else.
        core.register_component("data_loader", self._core.get_component("data_loader"))
        core._credentials = DeferredRefreshableCredentials(fetcher.fetch_credentials, "assume-role")
        return _Account(number, partition, boto3.Session(botocore_session=core))

    def _regions(self, account: _Account) -> tuple[tuple[str, ...], str]:
        """Return the Regions to check in an account, and the error that hides them."""
        regions = self.access.regions or (str(self._region),)
        if account.error or ALL_REGIONS not in regions:
            return (tuple(UNKNOWN_REGION if region == ALL_REGIONS else region for region in regions), account.error)
        try:
            ec2 = self._client("ec2", self._home(account.partition), account.session)
            found = ec2.describe_regions(AllRegions=False)["Regions"]
            names = tuple(region["RegionName"] for region in found)
            return (names, "") if names else ((UNKNOWN_REGION,), "DescribeRegions returned no Region")
        except Exception as error:
            return (UNKNOWN_REGION,), problem(error, "DescribeRegions")

    def _home(self, partition: str) -> str:
        named = (region for region in self.access.regions if region != ALL_REGIONS)
        return self._region or next(named, _HOMES.get(partition, _HOMES["aws"]))

    def _client(self, service: str, region: str | None, session: Any, **credentials: str | None) -> Any:
        config = Config(
            retries={"mode": "adaptive", "total_max_attempts": self._attempts},
            max_pool_connections=THREADS,
            connect_timeout=CONNECT_TIMEOUT,
            read_timeout=READ_TIMEOUT,
            user_agent_extra=f"ecs5lint/{__version__}",
        )
        with self._lock:
            return session.client(
                service, region_name=region, endpoint_url=self.access.endpoint_url, config=config, **credentials
            )


class _Credentials:
    """The credentials of a session, which are looked up when they are needed."""

    def __init__(self, core: Any) -> None:
        self._core = core

    def get_frozen_credentials(self) -> Any:
        credentials = self._core.get_credentials()
        if credentials is None:
            raise NoCredentialsError
        return credentials.get_frozen_credentials()


def _parsed(role: str) -> tuple[str, str]:
    """Return the partition and the account of a role. Raises AccessError."""
    match = _ROLE.fullmatch(role)
    if not match:
        raise AccessError(f"{role!r} is not the ARN of a role (arn:aws:iam::111122223333:role/NAME)")
    return match[1], match[2]


def roles_in(text: str) -> Iterator[str]:
    """Yield the roles in a file: one in each line, with comments after `#`."""
    for line in text.splitlines():
        role = line.partition("#")[0].strip()
        if role:
            yield role


def problem(error: Exception, call: str) -> str:
    """Return the error of a call in words."""
    response = getattr(error, "response", None)
    if not isinstance(response, dict) or "Error" not in response:
        return f"{call} failed: {str(error) or type(error).__name__}"
    code, message = response["Error"].get("Code", ""), response["Error"].get("Message", "")
    return f"{getattr(error, 'operation_name', call)} failed: {code}: {message}".rstrip(": ")
