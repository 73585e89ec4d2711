"""Read what is registered, in several threads for each account and Region."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from threading import Thread
from typing import Any, NamedTuple

from ecs5lint.live.accounts import NO_TARGET, THREADS, Accounts, Target, problem

#: The number of accounts and Regions to read in parallel.
TARGETS = 4

#: The name of all task definitions in an account and Region.
ALL = "*"


class News(NamedTuple):
    """News about an account and Region.

    `listed` are families that will be described. `name` is a task definition with its `answer`, or with the `error` of
    the call, or ALL if they could not be listed. `is_complete` tells that nothing more follows about the target.
    """

    target: Target
    listed: tuple[str, ...] = ()
    name: str = ""
    answer: Mapping[str, Any] | None = None
    error: str = ""
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
                pool.submit(_survey_target, accounts, target, news)
    except Exception as error:
        news.put(News(NO_TARGET, name=ALL, error=problem(error, "listing the accounts"), is_complete=True))
    finally:
        news.put(None)


def _survey_target(accounts: Accounts, target: Target, news: SimpleQueue[News | None]) -> None:
    """Put the news about one account and Region in the queue. A failure is news, too."""
    try:
        if target.error:
            news.put(News(target, name=ALL, error=target.error))
        else:
            _read(accounts.ecs(target), target, news)
    except Exception as error:
        news.put(News(target, name=ALL, error=problem(error, "ListTaskDefinitionFamilies")))
    finally:
        news.put(News(target, is_complete=True))


def _read(client: Any, target: Target, news: SimpleQueue[News | None]) -> None:
    """List the families, and describe each. Raises the error of a list that could not be read."""
    with ThreadPoolExecutor(THREADS) as pool:
        known: set[str] = set()
        for families in _families(client):
            # The list may change while it is read, so that a family is on two pages.
            new = tuple(family for family in families if family not in known)
            known.update(new)
            news.put(News(target, listed=new))
            for family in new:
                pool.submit(_describe, client, target, family, news)


def _families(client: Any) -> Iterator[list[str]]:
    """Yield the families with an ACTIVE revision, by pages."""
    for page in client.get_paginator("list_task_definition_families").paginate(status="ACTIVE"):
        families = page.get("families")
        # The library returns an empty page for a broken one.
        if not isinstance(families, list) or not all(isinstance(family, str) for family in families):
            raise ValueError("it returned an invalid page")
        yield families


def _describe(client: Any, target: Target, name: str, news: SimpleQueue[News | None]) -> None:
    try:
        news.put(News(target, name=name, answer=client.describe_task_definition(taskDefinition=name)))
    except Exception as error:
        news.put(News(target, name=name, error=problem(error, "DescribeTaskDefinition")))
