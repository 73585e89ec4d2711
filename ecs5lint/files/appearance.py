"""What a file looks like that was not understood: whether the user has to be told of it.

Only a parser knows what a file is, so it is given all in which there may be something (`content`), programs and prose
that mention a word of ECS among them. Where it can't read one of them, the keys and the beginning tell whether it was
meant for it. Nothing is ruled out here: this decides between an error, a notice, and neither.
"""

from __future__ import annotations

import re

from ecs5lint.files.kinds import CONTAINER_KEYS, unescaped

#: Endings of files that hold JSON or YAML, or a template of either, if only they can be read.
_STRUCTURED = re.compile(r"\.(?:json\w*|ya?ml|template|cfn|j2|jinja2?|tmpl|tpl|erb)(?:\.|\Z)", re.IGNORECASE)
#: How JSON, YAML and a template of either begin, after comments.
_OPENING = re.compile(
    rb"""(?:\xef\xbb\xbf|[#%;](?!!)[^\n]*\n|//[^\n]*\n|/\*[^*]*\*+(?:[^/*][^*]*\*+)*/|\s)*"""
    rb"""(?:[{\[?&]|!\w|---|-\s|<<?\w|<%|\$\{|["']?[^\s"'#][^\n]{0,200}?["']?[ \t]*:(?:\s|\Z))"""
)

#: Keys of JSON or YAML, at the start of a line or of an object: not a command that mentions the word.
_KEY = rb"""(?m)(?:^[ \t]*(?:-[ \t]+)*|[{,]\s*)["']?(?:%s)["']?\s*:"""
_RESOURCES = _KEY % rb"resources"
_IS_TASK_DEFINITION = _KEY % rb"type" + rb"""\s*["']?aws::ecs::taskdefinition\b"""
_CONTAINER_DEFINITIONS = _KEY % rb"containerdefinitions"
_NAME = _KEY % rb"name|family"
_CONTAINER = _KEY % "|".join(sorted(CONTAINER_KEYS)).lower().encode()

#: What is beside the containers of Kubernetes, of a Helm chart or of Marathon, and never in those of ECS.
_OTHER_CONTAINERS = _KEY % rb"apiversion|docker|securitycontext"


def looks_structured(content: bytes, path: str) -> bool:
    """Tell from its name or its beginning whether a file is meant to be JSON, YAML or a template of either."""
    return bool(_STRUCTURED.search(path) or _OPENING.match(unescaped(content)))


def is_template(content: bytes) -> bool:
    """Tell whether another tool renders a file first."""
    return any(mark in content for mark in (b"${", b"{{", b"{%", b"<%"))


def has_task_definition(content: bytes) -> bool:
    """Tell whether `containerDefinitions` is written as a key."""
    return bool(re.search(_CONTAINER_DEFINITIONS, unescaped(content).lower()))


def has_containers(content: bytes) -> bool:
    """Tell whether the keys of container definitions are there, and none of those of other containers."""
    folded = unescaped(content).lower()
    if b"image" not in folded or not re.search(_CONTAINER, folded) or not re.search(_NAME, folded):
        return False
    return not re.search(_OTHER_CONTAINERS, folded) and b'"securitycontext"' not in folded


def has_resource(content: bytes) -> bool:
    """Tell whether a task definition is written as a resource of CloudFormation."""
    folded = unescaped(content).lower()
    if b"aws::ecs::taskdefinition" not in folded:
        return False
    return bool(re.search(_RESOURCES, folded) or re.search(_IS_TASK_DEFINITION, folded))
