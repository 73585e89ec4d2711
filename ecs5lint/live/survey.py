"""Read what is registered, in several threads for each account and Region."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from threading import Thread
from typing import Any, NamedTuple

from ecs5lint.live.accounts import NO_TARGET, THREADS, Accounts, Target, problem
from ecs5lint.live.resources import TOGETHER, Found, resources
from ecs5lint.live.running import Use, uses
from ecs5lint.model.task_definition import TASK_DEFINITION

#: The number of accounts and Regions to read in parallel.
TARGETS = 4

#: The name of all task definitions in an account and Region.
ALL = "*"


class News(NamedTuple):
    """News about an account and Region.

    `listed` are families, or families and revisions, that will be described. `name` is one of them with its `answer`,
    or with the `error` of the call, or ALL if they could not be listed. `uses` are the task definitions in use.
    `resource` is one of another type, and `unread_types` are the types that could not be read, for the reason `error`.
    `is_complete` tells that nothing more follows about the target.
    """

    target: Target
    listed: tuple[str, ...] = ()
    name: str = ""
    answer: Mapping[str, Any] | None = None
    error: str = ""
    uses: tuple[Use, ...] = ()
    resource: Found | None = None
    unread_types: frozenset[str] = frozenset()
    is_complete: bool = False


def survey(accounts: Accounts) -> Iterator[News]:
    """Yield the news about all accounts and Regions as it arrives. The first item about a target has no content."""
    news: SimpleQueue[News | None] = SimpleQueue()
    Thread(target=_survey_all, args=(accounts, news), daemon=True).start()
    yield from iter(news.get, None)


def _survey_all(accounts: Accounts, news: SimpleQueue[News | None]) -> None:
    try:
        with ThreadPoolExecutor(TARGETS) as pool:
            for target in accounts.targets():
                news.put(News(target))
                pool.submit(_Survey(accounts, target, news).run)
    except Exception as error:
        news.put(News(NO_TARGET, name=ALL, error=problem(error, "listing the accounts"), is_complete=True))
    finally:
        news.put(None)


class _Survey:
    """Puts the news about one account and Region in the queue. A failure is news, too."""

    def __init__(self, accounts: Accounts, target: Target, news: SimpleQueue[News | None]) -> None:
        self._accounts = accounts
        self._target = target
        self._put = news.put
        #: The ARNs of the latest revisions, if older ones are checked too.
        self._described: list[str] = []

    def run(self) -> None:
        """Put all news."""
        try:
            if self._target.error:
                self._fail_all(self._target.error)
            else:
                self._read(self._accounts.ecs(self._target))
        except Exception as error:
            self._fail_all(problem(error, "creating a client"))
        finally:
            self._put(News(self._target, is_complete=True))

    def _fail_all(self, error: str) -> None:
        types = self._accounts.access.types
        if TASK_DEFINITION in types:
            self._fail(ALL, error)
        self._put(News(self._target, error=error, unread_types=types - {TASK_DEFINITION}))

    def _read(self, client: Any) -> None:
        types = self._accounts.access.types
        if TASK_DEFINITION in types:
            with ThreadPoolExecutor(THREADS) as pool:
                self._read_families(client, pool)
            if self._accounts.access.is_running:
                with ThreadPoolExecutor(THREADS) as pool:
                    self._read_running(client, pool)
        if others := types - {TASK_DEFINITION}:
            self._read_resources(client, others)

    def _read_resources(self, client: Any, types: frozenset[str]) -> None:
        """Read the resources of other types. A failure hides no type of another call."""
        for group in filter(None, (types & together for together in TOGETHER)):
            try:
                for item in resources(client, group, has_tags=self._accounts.access.has_tags):
                    self._put(News(self._target, resource=item))
            except Exception as error:
                self._put(News(self._target, error=problem(error, "listing resources"), unread_types=group))

    def _read_families(self, client: Any, pool: ThreadPoolExecutor) -> None:
        """List the families, and describe each."""
        known: set[str] = set()
        try:
            for families in _families(client):
                # The list may change while it is read, so that a family is on two pages.
                new = tuple(family for family in families if family not in known)
                known.update(new)
                self._put(News(self._target, listed=new))
                for family in new:
                    pool.submit(self._describe, client, family)
        except Exception as error:
            self._fail(ALL, problem(error, "ListTaskDefinitionFamilies"))

    def _read_running(self, client: Any, pool: ThreadPoolExecutor) -> None:
        """List the task definitions in use, and describe those that are not the latest of their families."""
        described = {*self._described}
        try:
            for use in uses(client):
                self._put(News(self._target, uses=(use,)))
                if use.task_definition not in described:
                    described.add(use.task_definition)
                    name = use.task_definition.rpartition("/")[2]
                    self._put(News(self._target, listed=(name,)))
                    pool.submit(self._describe, client, name)
        except Exception as error:
            self._fail(ALL, problem(error, "listing what is in use"))

    def _describe(self, client: Any, name: str) -> None:
        try:
            include = ["TAGS"] if self._accounts.access.has_tags else []
            answer = client.describe_task_definition(taskDefinition=name, include=include)
        except Exception as error:
            self._fail(name, problem(error, "DescribeTaskDefinition"))
            return
        if self._accounts.access.is_running:
            self._described.append(str((answer.get("taskDefinition") or {}).get("taskDefinitionArn")))
        self._put(News(self._target, name=name, answer=answer))

    def _fail(self, name: str, error: str) -> None:
        self._put(News(self._target, name=name, error=error))


def _families(client: Any) -> Iterator[list[str]]:
    """Yield the families with an ACTIVE revision, by pages."""
    for page in client.get_paginator("list_task_definition_families").paginate(status="ACTIVE"):
        families = page.get("families")
        # For a broken page, the library returns an empty one.
        if not isinstance(families, list) or not all(isinstance(family, str) for family in families):
            raise ValueError("it returned an invalid page")
        yield families
