"""Check a mode of a task definition that must not be host, for ECS3 and ECS17."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from ecs5lint.light_typing import NamedTuple
from ecs5lint.model.resource import Subject
from ecs5lint.model.result import FAIL, PASS, UNKNOWN
from ecs5lint.model.task_definition import Setting
from ecs5lint.rules import outcomes, remedies
from ecs5lint.rules.checks import ResourceCheck
from ecs5lint.rules.outcomes import Outcome
from ecs5lint.values.kinds import Absent, Known, Text, Unknown, Value, known_text

REASONS = {
    "host": "the mode is host",
    "other-mode": "the mode is another one",
    "omitted": "the mode is omitted, and the default is another one",
    "null": "the mode is null, which counts as omitted",
    **outcomes.REASONS,
}

_HOST = "host"


class Mode(NamedTuple):
    """A mode: the rule, the name of the property, and the other modes of Amazon ECS.

    `effect` completes a sentence about the containers in mode host. `instead` is the mode to set, and `afterwards` has
    the steps after that.
    """

    rule: str
    name: str
    others: tuple[str, ...]
    effect: str
    instead: str
    afterwards: tuple[str, ...]


def check(mode: Mode) -> ResourceCheck:
    """Return the check of a mode."""
    return ResourceCheck(
        mode.rule,
        find=lambda found: [found.string(mode.name)],
        judge=partial(_judge_value, mode.others),
        predicate=partial(_predicate, mode),
        steps=lambda found, _: (remedies.set_mode(found, mode.name, mode.instead),),
        write_out=lambda found: remedies.written_in(found, mode.name, f'"{mode.instead}"'),
        afterwards=mode.afterwards,
        glance=lambda found: found.glance(mode.name),
    )


def _judge_value(others: Sequence[str], value: Value, _setting: Setting) -> tuple[str, str]:
    """Return the verdict and the reason for a value of the mode."""
    if isinstance(value, Absent):
        return PASS, "omitted"
    if isinstance(value, Unknown):
        found = {_judge_constant(item, others) for item in value.domain or filter(value.may_be, (*others, _HOST))}
        verdicts = {verdict for verdict, _ in found}
        return min(found) if len(verdicts) == 1 else (UNKNOWN, "unresolved")
    if isinstance(value, Text) and known_text(value) is None:
        may_pass = any(outcomes.may_be(value, other) for other in others)
        is_open = outcomes.may_be(value, _HOST) or not may_pass
        return (UNKNOWN, "unresolved") if is_open else (PASS, "other-mode")
    return _judge_constant(value.value if isinstance(value, Known) else known_text(value) or [], others)


def _judge_constant(mode: object, others: Sequence[str]) -> tuple[str, str]:
    if mode is None:
        return PASS, "null"
    if mode == _HOST:
        return FAIL, "host"
    # Amazon ECS refuses any other value, so the deployed value is unknown.
    return (PASS, "other-mode") if mode in others else (UNKNOWN, "unresolved")


def _predicate(mode: Mode, resource: Subject, outcome: Outcome) -> str | outcomes.Undetermined:
    key, reason, value = resource.form.spelling(mode.name), outcome.reason, outcome.value
    if reason == "omitted":
        return f"does not set {key}"
    if reason == "host":
        return f"sets {key} to host, so its containers {mode.effect}"
    if reason == "null":
        return f"sets {key} to null"
    if reason == "other-mode":
        return f"sets {key} to {value.value}" if isinstance(value, Known) else f"sets {key} to another mode than host"
    if isinstance(value, (Unknown, Text)):
        return outcomes.undetermined(key, value)
    return f"sets {key} to {outcomes.kind(value)}, which Amazon ECS does not accept"
