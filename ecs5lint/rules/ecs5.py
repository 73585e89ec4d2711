"""ECS5: every container definition sets readonlyRootFilesystem to true.

AWS Security Hub control ECS.5 (AWS Config rule ecs-containers-readonly-access) fails a task definition of which one
container has a root filesystem that can be written to. `false` fails, and so does leaving the setting out. Task
definitions for Windows are exempt, since ECS does not support the setting there.
https://docs.aws.amazon.com/securityhub/latest/userguide/ecs-controls.html#ecs-5

The setting is not in the way of an application that writes files: what it writes to is mounted, and only that.
"""

from __future__ import annotations

from typing import NamedTuple

from ecs5lint.location import Span
from ecs5lint.model.result import FAIL, NOT_APPLICABLE, PASS, UNKNOWN, Result
from ecs5lint.model.task_definition import Alternative, ContainerDefinition, TaskDefinition
from ecs5lint.values.alternatives import Path, leaves
from ecs5lint.values.conditions import Not, TooManyAlternatives, describe, describe_cases, satisfiable
from ecs5lint.values.kinds import (
    NO_ASSUMPTIONS,
    Absent,
    Assumptions,
    Known,
    Text,
    Unknown,
    Value,
    all_assumptions,
    known_text,
)

ID = "ECS5"
TITLE = "ECS containers have a read-only root filesystem"
URL = "https://docs.aws.amazon.com/securityhub/latest/userguide/ecs-controls.html#ecs-5"

#: Every reason a result can have: a closed set, on which programs that read the JSON report rely.
REASONS = {
    "true": "the setting is true",
    "omitted": "the setting is left out, and the default is a writable root filesystem",
    "null": "the setting is null, which is the same as leaving it out",
    "false": "the setting is false",
    "not-boolean": "the setting is not a boolean, where the format wants one",
    "misspelled": "a key is there that means the setting, in a spelling that is not read as it",
    "windows": "the task definition is for Windows, which the control exempts",
    "unresolved": "the value of the setting cannot be settled",
    "containers-unresolved": "the container definitions, or some of them, cannot be listed",
    "os-family-unresolved": "the setting is not true, and whether the task definition is for Windows is not settled",
    "default": "it rests on a default, and --strict trusts none",
}

#: How many alternatives a `when` names before it leaves off.
_MAX_NAMED = 3
#: How much of a name or a value a message shows: all of a name that Amazon ECS would take.
_MAX_SHOWN = 255

#: How the operating system families begin that are exempt. Amazon ECS knows them in capital letters alone.
_WINDOWS = "WINDOWS_SERVER"

#: What there is to do for any container that fails, once the setting is right.
AFTERWARDS = (
    (
        "mount a volume or a tmpfs at each path the application writes to, which docker diff lists after a run "
        "(/tmp too: that it writes there is no reason against it)"
    ),
    "register the new revision and see that it starts",
)


class _Outcome(NamedTuple):
    """What one alternative comes to. `aside` tells that the defaults lead elsewhere."""

    path: Path
    aside: bool
    verdict: str
    reason: str
    value: Value
    alternative: Alternative


def judge(task_definition: TaskDefinition, *, strict: bool = False) -> list[Result]:
    """Return a result for each container definition, and one for those that could not be listed, if any.

    With `strict`, what rests on a default is unknown.
    """
    # Container definitions that cannot be listed where the defaults do not lead change nothing, but for this: that
    # those which can be listed are all there are rests on the defaults.
    aside = [item.path for item in task_definition.unresolved if _is_aside(item.path[len(task_definition.path) :])]
    assumptions = NO_ASSUMPTIONS.union(*(step.assumptions for path in aside for step in path if step.taken is False))
    results = [_judge_container(task_definition, item, assumptions, strict) for item in task_definition.containers]
    unresolved = _judge_unresolved(task_definition, assumptions, strict)
    return [*results, unresolved] if unresolved else results


def _judge_container(
    task_definition: TaskDefinition, container: ContainerDefinition, listed_by: Assumptions, strict: bool
) -> Result:
    subject = (
        f'container "{_cut(container.name)}"' if container.name is not None else "a container without a known name"
    )
    if task_definition.construct:
        subject += f" of the construct {task_definition.construct}"
    try:
        outcomes = _outcomes(container, task_definition)
    except TooManyAlternatives:
        unknown = Unknown("there are too many alternatives to follow")
        outcomes = [_Outcome((), False, UNKNOWN, "unresolved", unknown, container.alternatives[0])]
    outcome, when, assumptions = _decide(outcomes)
    verdict, reason = outcome.verdict, outcome.reason
    if verdict in (PASS, NOT_APPLICABLE):
        assumptions |= listed_by
        if strict and assumptions:
            verdict, reason = UNKNOWN, "default"
    return Result(
        rule=ID,
        verdict=verdict,
        reason=reason,
        message=f"{subject} {_predicate(reason, container, outcome, assumptions)}",
        task_definition=task_definition,
        location=container.location,
        container=container.name,
        position=container.position,
        value_location=_value_location(reason, outcome),
        when=when,
        assumptions=_texts(assumptions),
        remedy=_remedy(verdict, reason, container, outcome, task_definition),
        afterwards=AFTERWARDS if verdict == FAIL else (),
    )


def _outcomes(container: ContainerDefinition, task_definition: TaskDefinition) -> list[_Outcome]:
    """Judge every alternative of a container, under every operating system the task definition may have."""
    base = len(task_definition.path)
    usual = any(not _is_aside(item.path[base:]) for item in container.alternatives)
    outcomes = []
    for alternative in container.alternatives:
        for path, value in leaves(alternative.readonly_root_filesystem, alternative.path):
            for whole_path, system in leaves(task_definition.operating_system_family, path):
                deciding = _settled_by(whole_path, value)
                verdict, reason = _judge_value(deciding, alternative)
                windows = _is_windows(system)
                if windows:
                    verdict, reason, deciding = NOT_APPLICABLE, "windows", system
                elif windows is None and verdict == FAIL:
                    verdict, reason, deciding = UNKNOWN, "os-family-unresolved", system
                # A container that is there in an unusual configuration only is judged as if that were the usual one.
                aside = _is_aside(whole_path[base if usual else len(alternative.path) :])
                outcomes.append(_Outcome(whole_path, aside, verdict, reason, deciding, alternative))
    if all(item.aside for item in outcomes):
        return [item._replace(aside=False) for item in outcomes]
    return outcomes


def _settled_by(path: Path, value: Value) -> Value:
    """Return the value of something unknown that the conditions on the way to it settle: `on ? on : true` is true."""
    if not isinstance(value, Unknown) or value.condition is None:
        return value
    conditions = [step.when for step in path]
    for answer, excluded in ((True, Not(value.condition)), (False, value.condition)):
        if not satisfiable([*conditions, excluded]):
            return Known(answer, value.span, value.assumptions)
    return value


def _is_aside(path: Path) -> bool:
    """Tell whether the defaults lead elsewhere than along this path."""
    return any(step.taken is False for step in path)


def _judge_value(value: Value, alternative: Alternative) -> tuple[str, str]:
    if isinstance(value, Unknown):
        domain = value.domain or (None,)
        if all(item is True for item in domain):
            return PASS, "true"
        if value.domain and not any(item is True for item in domain):
            return FAIL, "false" if all(item is False for item in domain) else "not-boolean"
        return UNKNOWN, "unresolved"
    if isinstance(value, Absent):
        return FAIL, "misspelled" if alternative.misspelling else "omitted"
    if not isinstance(value, Known):
        return FAIL, "not-boolean"
    if value.value is True:
        return PASS, "true"
    return FAIL, "false" if value.value is False else "null" if value.value is None else "not-boolean"


def _is_windows(family: Value) -> bool | None:
    """Tell whether an operating system family begins with WINDOWS_SERVER; None if that is not settled."""
    if isinstance(family, Unknown):
        domain = {_names_windows(item) for item in family.domain or ()}
        return domain.pop() if len(domain) == 1 else None
    if isinstance(family, Text):
        # The known beginning of a text may be enough: "WINDOWS_SERVER_${var.release}".
        start = known_text(family.parts[0]) if family.parts else ""
        return None if start is None or _WINDOWS.startswith(start) else _names_windows(start)
    return isinstance(family, Known) and _names_windows(family.value)


def _is_for_windows(task_definition: TaskDefinition) -> bool:
    """Tell whether a task definition is for Windows in every configuration."""
    try:
        families = leaves(task_definition.operating_system_family, task_definition.path)
    except TooManyAlternatives:
        return False
    return all(_is_windows(family) for _, family in families)


def _names_windows(value: object) -> bool:
    return isinstance(value, str) and value.startswith(_WINDOWS)


def _decide(outcomes: list[_Outcome]) -> tuple[_Outcome, str | None, Assumptions]:
    """Return the outcome that gives the verdict, when it holds, and the defaults that it rests on.

    A failure anywhere decides, then something unknown, unless it is where the defaults do not lead.
    """
    for verdict in (FAIL, UNKNOWN):
        deciding = [item for item in outcomes if item.verdict == verdict and (verdict == FAIL or not item.aside)]
        if deciding:
            chosen = min(deciding, key=lambda item: item.aside)
            everywhere = all(item.verdict == verdict for item in outcomes)
            return chosen, _when(deciding, outcomes, everywhere), chosen.value.assumptions
    usual = [item for item in outcomes if not item.aside]
    chosen = next((item for item in usual if item.verdict == PASS), usual[0])
    assumptions = all_assumptions(item.value for item in usual)
    for item in outcomes:
        if item.aside and item.verdict == UNKNOWN:
            assumptions |= NO_ASSUMPTIONS.union(*(step.assumptions for step in item.path if step.taken is False))
    everywhere = all(item.verdict == chosen.verdict for item in outcomes)
    return chosen, _when(outcomes, outcomes, True) if everywhere else None, assumptions


def _when(deciding: list[_Outcome], outcomes: list[_Outcome], everywhere: bool) -> str | None:
    """Say under which conditions the deciding outcomes come about; None if that needs no saying.

    Where every outcome is the same (`everywhere`), only what decides that the container is there at all is of interest,
    and not even that where it is there by default.
    """
    shared = {id(step.when) for step in outcomes[0].path if step.taken}
    shared.intersection_update(*({id(step.when) for step in item.path} for item in outcomes))
    cases = []
    for item in deciding:
        steps: Path = item.alternative.path if everywhere else item.path
        cases.append([step.when for step in steps if not (step.taken if everywhere else id(step.when) in shared)])
    return describe_cases(cases, _MAX_NAMED) or None


def _predicate(reason: str, container: ContainerDefinition, outcome: _Outcome, assumptions: Assumptions) -> str:
    key, value = container.key, outcome.value
    if reason == "true":
        return f"sets {key} to true"
    if reason == "omitted":
        return f"does not set {key}, so its root filesystem is writable"
    if reason == "misspelled" and outcome.alternative.misspelling:
        written = outcome.alternative.misspelling.written
        return f"has {written}, which is not read as {key}; its root filesystem is writable"
    if reason == "null":
        return f"sets {key} to null, which is the same as leaving it out: its root filesystem is writable"
    if reason == "false":
        return f"sets {key} to false, so its root filesystem is writable"
    if reason == "not-boolean":
        return f"sets {key} to {_kind(value)}, which is not a boolean and is not accepted as true"
    if reason == "windows":
        return "is in a task definition for Windows, which the control exempts"
    if reason == "default":
        return f"is settled by a default alone ({'; '.join(_texts(assumptions))}), which --strict does not trust"
    unknown = _reason(value)
    if reason == "os-family-unresolved":
        return f"does not have {key} set to true, and whether it is a Windows container is not settled: {unknown}"
    return f"has a {key} that cannot be settled: {unknown}"


def _reason(value: Value) -> str:
    """Say why a value is not settled; for a text, why its first unknown part is not."""
    if isinstance(value, Text):
        return next((_reason(part) for part in value.parts if known_text(part) is None), "")
    return value.reason if isinstance(value, Unknown) else "it has several values"


def _kind(value: Value) -> str:
    if isinstance(value, Known):
        return f'the string "{_cut(value.value)}"' if isinstance(value.value, str) else f"the number {value.value}"
    if isinstance(value, Unknown) and value.domain and not any(isinstance(item, str) for item in value.domain):
        return "a number"
    return "a string" if type(value).__name__ in ("Text", "Encoded", "Unknown") else "a list or an object"


def _cut(text: str) -> str:
    """Return a text as a message shows it: not more of it than a name can have."""
    return text if len(text) <= _MAX_SHOWN else text[:_MAX_SHOWN] + "..."


def _value_location(reason: str, outcome: _Outcome) -> Span | None:
    if reason == "misspelled" and outcome.alternative.misspelling:
        return outcome.alternative.misspelling.span
    return None if reason == "omitted" else outcome.value.span


def _remedy(
    verdict: str, reason: str, container: ContainerDefinition, outcome: _Outcome, task_definition: TaskDefinition
) -> tuple[str, ...]:
    if verdict in (FAIL, UNKNOWN):
        from ecs5lint.rules import ecs5_remedies
    if verdict == FAIL:
        written = None if reason == "omitted" else outcome.value.span
        return ecs5_remedies.steps(container, task_definition, written, is_misspelled=reason == "misspelled")
    if verdict == UNKNOWN:
        hint = outcome.value.hint if isinstance(outcome.value, Unknown) else ""
        if reason == "default":
            hint = "give the value instead of leaving it to the default"
        return (hint or f"write the value out: {ecs5_remedies.setting(container)}",)
    return ()


def _judge_unresolved(task_definition: TaskDefinition, assumptions: Assumptions, strict: bool) -> Result | None:
    """Return one result for the container definitions that could not be listed; None if they all could."""
    found = [
        (item.path, item.unknown)
        for item in task_definition.unresolved
        if not _is_aside(item.path[len(task_definition.path) :])
    ]
    reason = "containers-unresolved"
    texts = _texts(assumptions | task_definition.assumptions)
    if not found and strict and texts:
        found = [
            ((), Unknown(f"a default decides which there are ({'; '.join(texts)}), which --strict does not trust"))
        ]
        reason = "default"
    if not found:
        return None
    path, unknown = found[0]
    some = "some of the container definitions" if task_definition.containers else "the container definitions"
    verdict, message, remedy = UNKNOWN, f"{some} cannot be listed: {unknown.reason}", (unknown.hint,)
    if _is_for_windows(task_definition):
        verdict, reason, remedy = NOT_APPLICABLE, "windows", ("",)
        message = "the task definition is for Windows, which the control exempts"
    return Result(
        rule=ID,
        verdict=verdict,
        reason=reason,
        message=message,
        task_definition=task_definition,
        location=task_definition.location,
        value_location=unknown.span,
        when=" and ".join(dict.fromkeys(describe(step.when) for step in path if not step.taken)) or None,
        assumptions=_texts(unknown.assumptions),
        remedy=tuple(step for step in remedy if step),
    )


def _texts(assumptions: Assumptions) -> tuple[str, ...]:
    return tuple(sorted({item.text for item in assumptions}))
