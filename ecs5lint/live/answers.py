"""Convert an answer of DescribeTaskDefinition to a task definition, without anything that may be secret."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from ecs5lint.live.accounts import Target
from ecs5lint.location import Source, Span
from ecs5lint.model.registered import Registered
from ecs5lint.model.task_definition import TaskDefinition, Unresolved
from ecs5lint.parsers import task_definition as parser
from ecs5lint.text.json_document import parse_document
from ecs5lint.values.kinds import ObjectValue, Unknown
from ecs5lint.values.members import member

SOURCE = "live"

#: Replaces a text that may be secret.
HIDDEN = "(hidden)"


class InvalidAnswer(Exception):
    """An answer is not what the API documents. The message says why."""


def task_definition(answer: Mapping[str, Any], name: str, target: Target) -> TaskDefinition:
    """Return the task definition in the answer for `name`, a family or a family and a revision.

    Raises InvalidAnswer.
    """
    found = answer.get("taskDefinition")
    found = found if isinstance(found, dict) else {}
    containers = found.get("containerDefinitions")
    if not containers or not isinstance(containers, list) or not all(isinstance(item, dict) for item in containers):
        raise InvalidAnswer("DescribeTaskDefinition returned no container definitions")
    family, revision, arn = found.get("family"), found.get("revision"), found.get("taskDefinitionArn")
    if not isinstance(family, str) or not isinstance(revision, int) or not isinstance(arn, str):
        raise InvalidAnswer("DescribeTaskDefinition returned no family, revision or ARN")
    if name not in (family, f"{family}:{revision}"):
        raise InvalidAnswer(f"DescribeTaskDefinition returned {family}:{revision} instead")
    if name == family and found.get("status", "ACTIVE") != "ACTIVE":
        raise InvalidAnswer(f"DescribeTaskDefinition returned revision {revision}, which is not ACTIVE")
    shown = {**_without_secrets(found), "tags": answer.get("tags", [])}
    document = parse_document(Source(arn, json.dumps(shown, default=str), "json"))
    assert isinstance(document, ObjectValue)
    registered = Registered(target.account, target.region, family, revision, is_latest=name == family)
    parsed = parser.task_definition_of(member(document, "containerDefinitions"), document, arn)
    return parsed._replace(source=SOURCE, registered=registered)


def unread(target: Target, name: str, reason: str) -> TaskDefinition:
    """Return a task definition that could not be read, so that every rule's result for it is unknown.

    `name` is its family, its family and revision, or `*` for all in the account and Region.
    """
    arn = target.arn(name)
    here = Span(Source(arn, "", "json"), 0, 0)
    unknown = Unknown(reason, here)
    family, _, revision = name.partition(":")
    return TaskDefinition(
        source=SOURCE,
        address=family,
        location=here,
        containers=(),
        unresolved=(Unresolved((), unknown),),
        operating_system_family=unknown,
        registered=Registered(
            target.account, target.region, family, int(revision) if revision else None, is_unread=True
        ),
        read=lambda _name: unknown,
    )


def _without_secrets(found: dict[str, Any]) -> dict[str, Any]:
    shown = {**found, "containerDefinitions": [_changed(item, _CONTAINER) for item in found["containerDefinitions"]]}
    if isinstance(found.get("volumes"), list):
        shown["volumes"] = [_changed(item, _VOLUME) for item in found["volumes"]]
    return shown


def _hidden(value: Any) -> Any:
    """Return a value with all its texts hidden."""
    if isinstance(value, dict):
        return {key: _hidden(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_hidden(item) for item in value]
    return HIDDEN if isinstance(value, str) else value


def _changed(value: Any, changes: Mapping[str, Callable[[Any], Any]]) -> Any:
    """Return an object with some of its members changed."""
    if not isinstance(value, dict):
        return value
    return {key: changes[key](item) if key in changes else item for key, item in value.items()}


def _each(**changes: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Return a function that changes some members of each object in a list, or of a single object."""

    def change(value: Any) -> Any:
        return [_changed(item, changes) for item in value] if isinstance(value, list) else _changed(value, changes)

    return change


#: The members of a container definition and of a volume that may have secrets in them, in plain text.
_CONTAINER: Mapping[str, Callable[[Any], Any]] = {
    "command": _hidden,
    "entryPoint": _hidden,
    "healthCheck": _hidden,
    "dockerLabels": _hidden,
    "environment": _each(value=_hidden),
    "secrets": _each(valueFrom=_hidden),
    "logConfiguration": _each(options=_hidden, secretOptions=_hidden),
    "firelensConfiguration": _each(options=_hidden),
}
_VOLUME: Mapping[str, Callable[[Any], Any]] = {
    "dockerVolumeConfiguration": _each(driverOpts=_hidden, labels=_hidden),
}
