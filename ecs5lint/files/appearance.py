"""Tell how an unreadable file looks, to decide whether the user must hear about it.

Only a parser knows what a file contains, so it gets every candidate, including source code and docs that mention ECS
(`content`). If the parser can't read a file, the keys and the first bytes tell whether the file was meant for it. This
module skips no file: it decides between an error, a notice, and neither.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from ecs5lint.files.kinds import (
    CLUSTER_KEYS,
    CONTAINER_KEYS,
    SERVICE_KEYS,
    SERVICE_SETTINGS,
    SERVICE_UPDATES,
    UNNAMED_SERVICE_KEYS,
    unescaped,
)

#: Suffixes of files that should contain JSON, YAML or a template of either.
_STRUCTURED = re.compile(r"\.(?:json\w*|ya?ml|template|cfn|j2|jinja2?|tmpl|tpl|erb)(?:\.|\Z)", re.IGNORECASE)
#: The start of JSON, of YAML, or of a template of either, after comments.
_OPENING = re.compile(
    rb"""(?:\xef\xbb\xbf|[#%;](?!!)[^\n]*\n|//[^\n]*\n|/\*[^*]*\*+(?:[^/*][^*]*\*+)*/|\s)*"""
    rb"""(?:[{\[?&]|!\w|---|-\s|<<?\w|<%|\$\{|["']?[^\s"'#][^\n]{0,200}?["']?[ \t]*:(?:\s|\Z))"""
)

#: A key of JSON or YAML, at the start of a line or of an object. A command that mentions the word does not match.
_KEY = rb"""(?m)(?:^[ \t]*(?:-[ \t]+)*|[{,]\s*)["']?(?:%s)["']?\s*:"""
_RESOURCES = _KEY % rb"resources"
_CONTAINER_DEFINITIONS = _KEY % rb"containerdefinitions"
_NAME = _KEY % rb"name|family"
_CONTAINER = _KEY % "|".join(sorted(CONTAINER_KEYS)).lower().encode()


def _any_of(keys: Collection[str]) -> bytes:
    return "|".join(sorted(keys)).encode()


#: For each type of resource other than task definitions, keys that an input or output of the AWS CLI has together.
_KEYS_OF: dict[str, tuple[tuple[bytes, ...], ...]] = {
    "service": (
        (rb"serviceName|serviceArn", _any_of(SERVICE_KEYS)),
        (rb"taskDefinition", _any_of(UNNAMED_SERVICE_KEYS)),
        (_any_of(SERVICE_SETTINGS), _any_of(UNNAMED_SERVICE_KEYS)),
        (rb"service", _any_of(SERVICE_UPDATES)),
    ),
    "task_set": ((rb"taskSetArn|service", rb"taskDefinition", rb"taskSetArn|cluster"),),
    "cluster": (
        (rb"clusterName|clusterArn", _any_of(CLUSTER_KEYS)),
        (rb"cluster", rb"settings", rb"name"),
    ),
    "capacity_provider": ((rb"capacityProviderArn|autoScalingGroupProvider|managedInstancesProvider",),),
}

#: Keys next to the containers of Kubernetes, Helm charts or Marathon, which ECS never has.
_OTHER_CONTAINERS = _KEY % rb"apiversion|docker|securitycontext"


def looks_structured(content: bytes, path: str) -> bool:
    """Tell whether a file is meant to be JSON, YAML or a template of either, by its name or its first bytes."""
    return bool(_STRUCTURED.search(path) or _OPENING.match(unescaped(content)))


def is_template(content: bytes) -> bool:
    """Tell whether another tool renders the file first."""
    return any(mark in content for mark in (b"${", b"{{", b"{%", b"<%"))


def has_task_definition(content: bytes) -> bool:
    """Tell whether the file has a key `containerDefinitions`."""
    return bool(re.search(_CONTAINER_DEFINITIONS, unescaped(content).lower()))


def has_containers(content: bytes) -> bool:
    """Tell whether the file has keys of ECS container definitions, and no keys of other kinds of containers."""
    folded = unescaped(content).lower()
    if b"image" not in folded or not re.search(_CONTAINER, folded) or not re.search(_NAME, folded):
        return False
    return not re.search(_OTHER_CONTAINERS, folded) and b'"securitycontext"' not in folded


def has_keys(content: bytes, types: Collection[str]) -> bool:
    """Tell whether the file has keys of a resource of one of the types, as inputs or outputs of the AWS CLI have them.

    A task definition is none of these types.
    """
    text = unescaped(content)
    together = [keys for type in types for keys in _KEYS_OF[type]]
    return any(all(re.search(_KEY % key, text) for key in keys) for keys in together)


def has_resource(content: bytes, types: Collection[str] = ()) -> bool:
    """Tell whether the file has a CloudFormation resource that is a task definition, or of one of the types."""
    folded = unescaped(content).lower()
    if not any(name in folded for name in _type_names(types)):
        return False
    return bool(re.search(_RESOURCES, folded)) or has_type(content, types)


def has_type(content: bytes, types: Collection[str] = ()) -> bool:
    """Tell whether the file has a key `Type` with the type of such a resource."""
    is_resource = _KEY % rb"type" + rb"""\s*["']?(?:%s)\b""" % b"|".join(_type_names(types))
    return bool(re.search(is_resource, unescaped(content).lower()))


def _type_names(types: Collection[str]) -> list[bytes]:
    return [b"aws::ecs::taskdefinition", *(b"aws::ecs::" + type.replace("_", "").encode() for type in types)]
