"""Find the task definitions that are in use now, whatever their revision."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

#: The largest numbers of services and of tasks in a call, and on a page of a list.
_SERVICES, _TASKS, _PAGE = 10, 100, 100


class Use(NamedTuple):
    """A use of a task definition: its ARN, and the service or the tasks that use it."""

    task_definition: str
    user: str


def uses(client: Any) -> Iterator[Use]:
    """Yield the uses in all clusters of an account and Region. Raises the error of a call that failed."""
    for cluster in listed(client, "list_clusters", "clusterArns"):
        name = cluster.rpartition("/")[2]
        yield from _of_services(client, cluster, name)
        yield from _of_tasks(client, cluster, name)


def _of_services(client: Any, cluster: str, name: str) -> Iterator[Use]:
    for service in described_services(client, cluster):
        user = f"service {name}/{service['serviceName']}"
        for item in (service, *service.get("deployments", ()), *service.get("taskSets", ())):
            if item.get("taskDefinition"):
                yield Use(item["taskDefinition"], user)


def described_services(client: Any, cluster: str, include: Sequence[str] = ()) -> Iterator[dict[str, Any]]:
    """Yield the descriptions of the services in a cluster. Raises the error of a call that failed."""
    arns = list(listed(client, "list_services", "serviceArns", cluster=cluster))
    for start in range(0, len(arns), _SERVICES):
        services = arns[start : start + _SERVICES]
        answer = client.describe_services(cluster=cluster, services=services, include=list(include))
        yield from found(answer, "services", len(services))


def _of_tasks(client: Any, cluster: str, name: str) -> Iterator[Use]:
    arns = list(listed(client, "list_tasks", "taskArns", cluster=cluster))
    for start in range(0, len(arns), _TASKS):
        tasks = arns[start : start + _TASKS]
        answer = client.describe_tasks(cluster=cluster, tasks=tasks)
        for task in found(answer, "tasks", len(tasks)):
            kind, _, service = task.get("group", "").partition(":")
            user = f"service {name}/{service}" if kind == "service" else f"tasks in {name}"
            yield Use(task["taskDefinitionArn"], user)


def listed(client: Any, call: str, key: str, **parameters: str) -> Iterator[str]:
    """Yield the items on all pages of a list. Raises the error of a call that failed."""
    for page in client.get_paginator(call).paginate(**parameters, PaginationConfig={"PageSize": _PAGE}):
        # The library returns an empty page for a broken one.
        if not isinstance(page.get(key), list):
            raise ValueError(f"{call} returned an invalid page")
        yield from page[key]


def found(answer: Mapping[str, Any], key: str, asked: int = 0) -> Sequence[dict[str, Any]]:
    """Return the items in an answer about `asked` items.

    An item that has ended since it was listed is missing, and no error. Raises ValueError if any other is missing.
    """
    items: list[dict[str, Any]] = answer[key]
    failures = answer.get("failures", ())
    refused = [item for item in failures if item.get("reason") != "MISSING"]
    if refused:
        raise ValueError(f"{refused[0].get('arn')}: {refused[0].get('reason')}")
    if len(items) + len(failures) < asked:
        raise ValueError(f"the answer has {len(items)} of {asked} {key}")
    return items
