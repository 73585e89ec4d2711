"""Find services, task sets, clusters and capacity providers in JSON or YAML.

They are inputs of the AWS CLI (`aws ecs create-service --cli-input-json`), or its output (`aws ecs describe-services`).
An object is one of them by its keys, since nothing else identifies it.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from functools import partial

from ecs5lint.files.kinds import CLUSTER_KEYS, SERVICE_KEYS
from ecs5lint.model.form import Form
from ecs5lint.model.resource import CAPACITY_PROVIDER, CLUSTER, PLATFORM_FAMILY, SERVICE, TASK_SET, Resource
from ecs5lint.values.alternatives import lift
from ecs5lint.values.kinds import Absent, Known, ListValue, ObjectValue, Pair, Unknown, Value, known_text
from ecs5lint.values.members import member

#: The keys around resources in the output of the AWS CLI. A service has its task sets.
_AROUND = "services service taskSets taskSet clusters cluster capacityProviders capacityProvider".split()
#: The keys with the name or the ARN of each type of resource.
_NAMES = {
    SERVICE: ("serviceName", "serviceArn"),
    TASK_SET: ("id", "taskSetArn", "externalId", "service"),
    CLUSTER: ("clusterName", "clusterArn"),
    CAPACITY_PROVIDER: ("name", "capacityProviderArn"),
}
#: Keys of UpdateService that CreateTaskSet does not have.
_UPDATES = frozenset("desiredCount deploymentConfiguration forceNewDeployment enableExecuteCommand".split())
_NEW_TASK_SET = frozenset(("service", "cluster", "taskDefinition"))
_PROVIDERS = frozenset(("autoScalingGroupProvider", "managedInstancesProvider"))

#: The name of the tags, and keys that only the output of the AWS CLI has.
TAGS = "tags"
_OUTPUT = ("serviceArn", "clusterArn")

_FORM = Form()


def other_resources(document: Value, types: Collection[str], path: str) -> Iterator[Resource]:
    """Yield the resources of some types in a document."""
    if isinstance(document, ListValue):
        for item in document.items:
            if isinstance(item, ObjectValue):
                yield from other_resources(item, types, path)
    elif isinstance(document, ObjectValue):
        type = _type(document)
        if type in types:
            yield _resource(type, document, path)
        for key in _AROUND:
            inner = member(document, key)
            if isinstance(inner, (ListValue, ObjectValue)):
                yield from other_resources(inner, types, path)


def _type(value: ObjectValue) -> str:
    """Return the type of a resource, or an empty text for anything else."""
    keys = {known_text(item.key) for item in value.members if isinstance(item, Pair)}
    if "taskSetArn" in keys or (keys >= _NEW_TASK_SET and keys.isdisjoint(_UPDATES)):
        return TASK_SET
    if not keys.isdisjoint(_NAMES[SERVICE]) and not keys.isdisjoint(SERVICE_KEYS):
        return SERVICE
    if "capacityProviderArn" in keys or any(isinstance(member(value, key), ObjectValue) for key in _PROVIDERS):
        return CAPACITY_PROVIDER
    is_cluster = not keys.isdisjoint(_NAMES[CLUSTER]) and not keys.isdisjoint(CLUSTER_KEYS)
    # Other tools have settings for clusters, too.
    return CLUSTER if is_cluster and isinstance(member(value, "settings"), (Absent, ListValue)) else ""


def _resource(type: str, value: ObjectValue, path: str) -> Resource:
    assert value.span
    names = (known_text(member(value, key)) for key in _NAMES[type])
    name = next((name.rpartition("/")[2] if name.startswith("arn:") else name for name in names if name), "")
    return Resource(
        type=type,
        source="task-definition",
        address=name or os.path.basename(path),
        location=value.span,
        read=partial(_read, value),
    )


def _read(value: ObjectValue, name: str) -> Value:
    found = _FORM.read_property(value, name)
    is_output = any(not isinstance(member(value, key), Absent) for key in _OUTPUT)
    if name == TAGS and is_output:
        found = described_tags(found, value)
    return lift(_platform_family, found) if name == PLATFORM_FAMILY else found


def described_tags(tags: Value, output: ObjectValue) -> Value:
    """Return the tags in an output of the AWS CLI. It has none without `--include TAGS`."""
    is_empty = isinstance(tags, Absent) or (isinstance(tags, ListValue) and not tags.items)
    return Unknown("the AWS CLI shows tags only with --include TAGS", output.span) if is_empty else tags


def _platform_family(family: Value) -> Value:
    """Return the operating system family of a service, which the output of the AWS CLI has in words."""
    if isinstance(family, Absent):
        return Unknown("its task definition is not in this file", family.span)
    text = known_text(family)
    return family if text is None else Known(text.upper().replace(" ", "_"), family.span, family.assumptions)
