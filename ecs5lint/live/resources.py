"""Read services, task sets, clusters and capacity providers, for the rules about them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence, Set
from typing import Any, NamedTuple

from ecs5lint.live.accounts import Target
from ecs5lint.live.running import described_services, found, listed
from ecs5lint.location import Source, Span
from ecs5lint.model.registered import Registered
from ecs5lint.model.resource import (
    ACCOUNT_SETTINGS,
    CAPACITY_PROVIDER,
    CLUSTER,
    PLATFORM_FAMILY,
    SERVICE,
    TASK_SET,
    Resource,
)
from ecs5lint.parsers.task_definition.resources import platform_family
from ecs5lint.text.json_document import parse_document
from ecs5lint.values.alternatives import lift
from ecs5lint.values.kinds import ObjectValue, Unknown, Value
from ecs5lint.values.members import member

#: The largest number of clusters in a call.
_CLUSTERS = 100

#: The types that one call returns together.
TOGETHER = (frozenset({CLUSTER}), frozenset({SERVICE, TASK_SET}), frozenset({CAPACITY_PROVIDER}))

_NO_SETTINGS = Unknown("the settings of the account are not read")


class Found(NamedTuple):
    """A resource in an answer: its type, its ARN, its name, and its description."""

    type: str
    arn: str
    name: str
    description: Mapping[str, Any]


def resources(client: Any, types: Set[str], *, has_tags: bool = False) -> Iterator[Found]:
    """Yield the resources of some types. Raises the error of a call that failed."""
    tags = ["TAGS"] if has_tags else []
    clusters = list(listed(client, "list_clusters", "clusterArns")) if types - {CAPACITY_PROVIDER} else []
    if CLUSTER in types:
        yield from _clusters(client, clusters, tags)
    if types & {SERVICE, TASK_SET}:
        for cluster in clusters:
            yield from (item for item in _services(client, cluster, tags) if item.type in types)
    if CAPACITY_PROVIDER in types:
        yield from _capacity_providers(client, tags)


def _clusters(client: Any, arns: Sequence[str], tags: list[str]) -> Iterator[Found]:
    for start in range(0, len(arns), _CLUSTERS):
        clusters = arns[start : start + _CLUSTERS]
        answer = client.describe_clusters(clusters=clusters, include=["SETTINGS", *tags])
        for item in found(answer, "clusters", len(clusters)):
            yield Found(CLUSTER, item["clusterArn"], item["clusterName"], item)


def _services(client: Any, cluster: str, tags: list[str]) -> Iterator[Found]:
    name = cluster.rpartition("/")[2]
    for service in described_services(client, cluster, tags):
        address = f"{name}/{service['serviceName']}"
        yield Found(SERVICE, service["serviceArn"], address, service)
        for item in service.get("taskSets", ()):
            yield Found(TASK_SET, item["taskSetArn"], f"{address}/{item['id']}", item)


def _capacity_providers(client: Any, tags: list[str]) -> Iterator[Found]:
    more: dict[str, Any] = {}
    while True:
        answer = client.describe_capacity_providers(include=tags, **more)
        for item in found(answer, "capacityProviders"):
            yield Found(CAPACITY_PROVIDER, item["capacityProviderArn"], item["name"], item)
        if not answer.get("nextToken"):
            return
        more = {"nextToken": answer["nextToken"]}


def resource(item: Found, names: Sequence[str], target: Target) -> Resource:
    """Return a resource with the properties in `names`."""
    description = {name: item.description[name] for name in names if name in item.description}
    source = Source(item.arn, json.dumps(description, default=str), "json")
    document = parse_document(source)
    assert isinstance(document, ObjectValue)

    def read(name: str) -> Value:
        if name == ACCOUNT_SETTINGS:
            return _NO_SETTINGS
        value = member(document, name)
        return lift(platform_family, value) if name == PLATFORM_FAMILY else value

    registered = Registered(target.account, target.region, item.name)
    return Resource(item.type, "live", item.name, document.span or Span(source, 0, 0), registered=registered, read=read)


def unread_resource(target: Target, type: str, reason: str) -> Resource:
    """Return a resource that stands for all of a type that could not be read."""
    arn = f"arn:{target.partition}:ecs:{target.region}:{target.account}:{type.replace('_', '-')}/*"
    here = Span(Source(arn, "", "json"), 0, 0)
    unknown = Unknown(reason, here)
    registered = Registered(target.account, target.region, "*", is_unread=True)
    return Resource(type, "live", "*", here, registered=registered, read=lambda _name: unknown)
