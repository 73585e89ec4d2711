"""Find services, task sets, clusters and capacity providers in JSON or YAML.

They are inputs of the AWS CLI (`aws ecs create-service --cli-input-json`), or its output (`aws ecs describe-services`).
An object is one of them by its keys, since nothing else identifies it. The input of an update has only what it changes:
the resource keeps the rest, which is unknown.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from functools import partial

from ecs5lint.files.kinds import (
    CLUSTER_KEYS,
    CONTAINER_INSIGHTS,
    RESOURCE_KEYS,
    SERVICE_KEYS,
    SERVICE_SETTINGS,
    SERVICE_UPDATES,
    UNNAMED_SERVICE_KEYS,
)
from ecs5lint.model.form import Form
from ecs5lint.model.resource import CAPACITY_PROVIDER, CLUSTER, PLATFORM_FAMILY, SERVICE, TASK_SET, Resource
from ecs5lint.values.alternatives import lift
from ecs5lint.values.kinds import Absent, Known, ListValue, ObjectValue, Pair, Text, Unknown, Value, known_text
from ecs5lint.values.members import member

#: The keys around resources in the output of the AWS CLI. A service has its task sets.
_AROUND = "services service taskSets taskSet clusters cluster capacityProviders capacityProvider".split()
#: The keys with the name or the ARN of each type of resource. The last ones are those of updates.
_NAMES = {
    SERVICE: ("serviceName", "serviceArn", "service"),
    TASK_SET: ("id", "taskSetArn", "externalId", "service"),
    CLUSTER: ("clusterName", "clusterArn", "cluster"),
    CAPACITY_PROVIDER: ("name", "capacityProviderArn"),
}
_OWN_NAMES = {type: frozenset(_NAMES[type][:2]) for type in (SERVICE, CLUSTER)}
#: Keys that only one of CreateTaskSet and UpdateService has.
_OF_UPDATES = frozenset("desiredCount deploymentConfiguration forceNewDeployment enableExecuteCommand".split())
#: All keys of CreateService without the name and the task definition, and keys of services in the output of the API.
_SERVICE_INPUT = frozenset(
    "availabilityZoneRebalancing capacityProviderStrategy clientToken cluster createdAt createdBy "
    "deploymentConfiguration deploymentController deployments desiredCount enableECSManagedTags "
    "enableExecuteCommand events gatewayConnectors healthCheckGracePeriodSeconds launchType loadBalancers "
    "monitoring networkConfiguration pendingCount placementConstraints placementStrategy platformFamily "
    "platformVersion propagateTags resourceManagementType role roleArn runningCount schedulingStrategy "
    "serviceConnectConfiguration serviceRegistries status tags volumeConfigurations vpcLatticeConfigurations".split()
)
_UPDATE_INPUT = _SERVICE_INPUT | {"service", "taskDefinition", "forceNewDeployment"}
_OF_TASK_SETS = frozenset("externalId launchType scale tags".split())
#: All keys of CreateTaskSet except the name of its service.
_TASK_SET_INPUT = frozenset(
    "capacityProviderStrategy clientToken cluster externalId launchType loadBalancers networkConfiguration "
    "platformVersion scale serviceRegistries tags taskDefinition".split()
)
_NEW_TASK_SET = frozenset(("service", "cluster", "taskDefinition"))
_PROTECTION = "managedTerminationProtection"
_PROVIDERS = frozenset(("autoScalingGroupProvider", "managedInstancesProvider"))
#: All keys of CreateCluster and UpdateCluster, except their names.
_CLUSTER_INPUT = frozenset(
    "settings tags configuration capacityProviders defaultCapacityProviderStrategy serviceConnectDefaults".split()
)
#: Keys of an Express service, which creates a service of its own.
_EXPRESS = frozenset("primaryContainer activeConfigurations infrastructureRoleArn".split())

#: The name of the tags, and keys that only the output of the AWS CLI has.
TAGS = "tags"
_OUTPUT = ("serviceArn", "clusterArn")
#: The properties that an output of the AWS CLI may not show, with the option that includes them.
_INCLUDED = {TAGS: "TAGS", "settings": "SETTINGS"}

_FORM = Form()


def other_resources(document: Value, types: Collection[str], path: str) -> Iterator[Resource]:
    """Yield the resources of some types in a document."""
    if isinstance(document, ListValue):
        for item in document.items:
            if isinstance(item, ObjectValue):
                yield from other_resources(item, types, path)
    elif isinstance(document, ObjectValue):
        keys = _keys(document)
        if keys.isdisjoint(RESOURCE_KEYS):
            return
        for type in _types(document, keys):
            if type in types:
                yield _resource(type, document, path)
        for key in filter(keys.__contains__, _AROUND):
            inner = member(document, key)
            if isinstance(inner, (ListValue, ObjectValue)):
                yield from other_resources(inner, types, path)


def _keys(value: ObjectValue) -> frozenset[str | None]:
    return frozenset([known_text(item.key) for item in value.members if isinstance(item, Pair)])


def _types(value: ObjectValue, keys: frozenset[str | None]) -> tuple[str, ...]:
    """Return the types of resource that an object may be: none for anything else, two for an ambiguous input."""
    if "taskSetArn" in keys:
        return (TASK_SET,)
    if not keys.isdisjoint(_EXPRESS):
        return ()
    if keys >= _NEW_TASK_SET and keys.isdisjoint(_OF_UPDATES):
        return (TASK_SET,) if not keys.isdisjoint(_OF_TASK_SETS) else (TASK_SET, SERVICE)
    if _is_unnamed_task_set(keys):
        return (TASK_SET,)
    if _is_service(keys) or _is_update(value):
        return (SERVICE,)
    if "capacityProviderArn" in keys or any(isinstance(member(value, key), ObjectValue) for key in _PROVIDERS):
        return (CAPACITY_PROVIDER,)
    return (CLUSTER,) if _is_cluster(value, keys) else ()


def named_type(value: ObjectValue) -> str | None:
    """Return the type of a resource that has its name or its ARN, or None for any other object.

    In a schema of resources, the names are objects.
    """
    types = _types(value, _keys(value))
    names = [member(value, name) for name in _NAMES[types[0]][:2]] if len(types) == 1 else []
    return types[0] if any(isinstance(name, (Known, Text)) for name in names) else None


def _is_service(keys: frozenset[str | None]) -> bool:
    if not keys.isdisjoint(_OWN_NAMES[SERVICE]):
        return not keys.isdisjoint(SERVICE_KEYS)
    # The name of a new service may be an option of the command, and ecspresso has its task definition elsewhere, too.
    if "service" in keys or keys.isdisjoint(UNNAMED_SERVICE_KEYS):
        return False
    return "taskDefinition" in keys or (keys - {None} <= _SERVICE_INPUT and not keys.isdisjoint(SERVICE_SETTINGS))


def _is_unnamed_task_set(keys: frozenset[str | None]) -> bool:
    """Tell whether an object is an input of `aws ecs create-task-set` with the service as an option of the command."""
    return (
        "taskDefinition" in keys and not keys.isdisjoint(("externalId", "scale")) and keys - {None} <= _TASK_SET_INPUT
    )


def _is_cluster(value: ObjectValue, keys: frozenset[str | None]) -> bool:
    settings = member(value, "settings")
    if "cluster" in keys:
        return keys <= {"cluster", *_CLUSTER_INPUT} and _sets_insights(settings)
    # Other tools have settings for clusters, too.
    if keys.isdisjoint(_OWN_NAMES[CLUSTER]) or not isinstance(settings, (Absent, ListValue)):
        return False
    return not keys.isdisjoint(CLUSTER_KEYS) or keys <= {"clusterName", *_CLUSTER_INPUT}


def _sets_insights(settings: Value) -> bool:
    items = settings.items if isinstance(settings, ListValue) else ()
    names = [known_text(member(item, "name")) for item in items if isinstance(item, ObjectValue)]
    return CONTAINER_INSIGHTS in names


def has_setting(document: Value) -> bool:
    """Tell whether a document without a cluster has its setting, such as the input of put-account-setting-default."""
    if isinstance(document, ObjectValue):
        inner = [value for key in ("setting", "settings") if not isinstance(value := member(document, key), Absent)]
        return _sets_insights(ListValue((document,))) or any(map(has_setting, inner))
    return _sets_insights(document)


def _is_update(value: ObjectValue) -> bool:
    """Tell whether an object is an input of `aws ecs update-service`."""
    # A key that is a placeholder may be any of them, so it alone doesn't identify an update.
    keys = _keys(value)
    if "forceNewDeployment" in keys and keys - {None} <= _UPDATE_INPUT:
        return True  # the name of the service may be an option of the command
    has_keys = "service" in keys and not keys.isdisjoint(SERVICE_UPDATES)
    return has_keys and not isinstance(member(value, "service"), (ListValue, ObjectValue))


def _resource(type: str, value: ObjectValue, path: str) -> Resource:
    assert value.span
    names = (known_text(member(value, key)) for key in _NAMES[type])
    name = next((name.rpartition("/")[2] if name.startswith("arn:") else name for name in names if name), "")
    return Resource(
        type=type,
        source="task-definition",
        address=name or os.path.basename(path),
        location=value.span,
        read=partial(_read, type, value),
    )


def _read(type: str, value: ObjectValue, name: str) -> Value:
    found = _FORM.read_property(value, name)
    if name == PLATFORM_FAMILY:
        return lift(platform_family, found)
    if name in _INCLUDED and any(not isinstance(member(value, key), Absent) for key in _OUTPUT):
        return _shown(found, value, _INCLUDED[name])
    if type == SERVICE and _is_update(value):
        return lift(partial(_kept, value), found)
    if type == CAPACITY_PROVIDER and name == "autoScalingGroupProvider":
        return lift(_with_kept_protection, found)
    return found


def _kept(update: ObjectValue, found: Value) -> Value:
    """Return a property in the input of update-service. The service keeps a property that the input does not set."""
    is_set = not isinstance(found, Absent) and not (isinstance(found, Known) and found.value is None)
    if is_set and not (isinstance(found, ObjectValue) and not found.members):
        return found
    return Unknown("update-service does not set it, so the service keeps its value", update.span)


def _with_kept_protection(group: Value) -> Value:
    """Return an Auto Scaling group provider. An update has no ARN, and the provider keeps what it does not set."""
    if not isinstance(group, ObjectValue) or not isinstance(member(group, "autoScalingGroupArn"), Absent):
        return group
    unset = Unknown("update-capacity-provider does not set it, so the capacity provider keeps its value", group.span)
    return group._replace(members=(Pair(Known(_PROTECTION, group.span), unset), *group.members))


def described_tags(tags: Value, output: ObjectValue) -> Value:
    """Return the tags in an output of the AWS CLI. It has none without `--include TAGS`."""
    return _shown(tags, output, "TAGS")


def _shown(found: Value, output: ObjectValue, option: str) -> Value:
    """Return a property in an output of the AWS CLI, which is empty without an option."""
    is_empty = isinstance(found, Absent) or (isinstance(found, ListValue) and not found.items)
    reason = f"the AWS CLI shows {option.lower()} only with --include {option}"
    return Unknown(reason, output.span, hint=f"run the command with --include {option}") if is_empty else found


def platform_family(family: Value) -> Value:
    """Return the operating system family of a service, which the output of the API has in words."""
    if isinstance(family, Absent):
        return Unknown("its operating system is in its task definition", family.span)
    text = known_text(family)
    if text is None:
        return family
    name = text.upper().replace(" ", "_")
    # Some outputs have "Windows" alone, without the release.
    return Known("WINDOWS_SERVER" if name == "WINDOWS" else name, family.span, family.assumptions)
