"""Check the user of a container, for ECS20 and ECS21."""

from __future__ import annotations

from collections.abc import Callable

from ecs5lint.model.form import Form
from ecs5lint.model.result import FAIL, PASS, UNKNOWN
from ecs5lint.model.task_definition import ContainerDefinition, Setting
from ecs5lint.rules import outcomes
from ecs5lint.rules.outcomes import Outcome
from ecs5lint.values.kinds import Absent, Encoded, Known, ObjectValue, Text, Unknown, Value, known_text

REASONS = {
    "other-user": "the user is another one",
    "omitted": "no user is set, and the USER of the image does not count",
    "null": "the user is null, which counts as omitted",
    "empty": "the user is an empty string, which counts as omitted",
    "misspelled": "the user is omitted, and an unknown key has a similar name",
    "not-string": "the user is not a string, where the format wants one",
    **outcomes.REASONS,
    **outcomes.OS_REASONS,
}

NAME = "user"
_PATH = (NAME,)

#: The end of a message about a container without a user.
_UNSET = "so the control takes it to run as root or as an administrator (the USER of the image does not count)"


def find(container: ContainerDefinition) -> list[Setting]:
    """Return the alternatives of a container's user."""
    return container.string(NAME)


def glance(definition: ObjectValue, form: Form) -> Value | None:
    """Return the user of a container if one look is enough, or None."""
    return form.glance(definition, _PATH)


def judge(
    value: Value, setting: Setting, reason: str, refuses: Callable[[str], bool], may_refuse: Callable[[str], bool]
) -> tuple[str, str]:
    """Return the verdict and the reason for a user.

    `refuses` tells whether a rule refuses a user. `may_refuse` tells whether it may refuse a user with a given prefix.
    `reason` is the reason for a refused user.
    """
    if isinstance(value, Known):
        return _judge_text(value.value, reason, refuses)
    if isinstance(value, Absent):
        return FAIL, "misspelled" if setting.misspelling else "omitted"
    if isinstance(value, Unknown):
        found = {_judge_text(item, reason, refuses) for item in value.domain or ()}
        verdicts = {verdict for verdict, _ in found}
        return min(found) if len(verdicts) == 1 else (UNKNOWN, "unresolved")
    if isinstance(value, Text) and known_text(value) is None:
        start = known_text(value.parts[0]) or ""
        # The part after the colon is the group.
        if ":" in start:
            return _judge_text(start, reason, refuses)
        return (UNKNOWN, "unresolved") if may_refuse(start) else (PASS, "other-user")
    if isinstance(value, Encoded):
        return UNKNOWN, "unresolved"
    # Anything but a text is no user.
    text = known_text(value)
    return _judge_text([] if text is None else text, reason, refuses)


def _judge_text(user: object, reason: str, refuses: Callable[[str], bool]) -> tuple[str, str]:
    if user is None or user == "":
        return FAIL, "null" if user is None else "empty"
    if type(user) is int:
        return (FAIL, reason) if refuses(str(user)) else (FAIL, "not-string")
    if not isinstance(user, str):
        return FAIL, "not-string"
    return (FAIL, reason) if refuses(user.partition(":")[0]) else (PASS, "other-user")


def predicate(container: ContainerDefinition, outcome: Outcome) -> str | outcomes.Undetermined:
    """Complete the message for a reason of both rules."""
    key, reason, value = container.form.spelling(NAME), outcome.reason, outcome.value
    if reason == "omitted":
        return f"does not set {key}, {_UNSET}"
    if reason == "misspelled" and outcome.setting.misspelling:
        return f"sets the unknown key {outcome.setting.misspelling.written} (did you mean {key}?), {_UNSET}"
    if reason == "null":
        return f"sets {key} to null, {_UNSET}"
    if reason == "empty":
        return f"sets {key} to an empty string, {_UNSET}"
    if reason == "not-string":
        return f"sets {key} to {_shown(value)}, which is not a string"
    if reason == "other-user":
        return f"sets {key} to {_shown(value)}"
    if reason == "os-family-unresolved":
        unknown = outcomes.unknown_reason(value)
        return f"has no {key} that complies, and its OS family cannot be determined: {unknown}"
    return outcomes.undetermined(key, value)


def rename(outcome: Outcome) -> str:
    """Return the step that corrects a misspelled key, or an empty string if there is none."""
    misspelling = outcome.setting.misspelling if outcome.reason == "misspelled" else None
    return f"rename {misspelling.written} to {misspelling.meant}" if misspelling else ""


def _shown(value: Value) -> str:
    if isinstance(value, Known):
        return f'"{outcomes.cut(value.value)}"' if isinstance(value.value, str) else str(value.value).lower()
    return "another user" if isinstance(value, (Text, Unknown)) else outcomes.kind(value)
