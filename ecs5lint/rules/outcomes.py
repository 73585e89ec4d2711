"""Find every possible outcome of a setting over all alternatives, defaults and operating systems, and decide.

A rule says what it checks (checks.py). This module decides which outcomes give the verdict, for any rule.
"""

from __future__ import annotations

from collections.abc import Callable

from ecs5lint.light_typing import NamedTuple
from ecs5lint.model.result import FAIL, NOT_APPLICABLE, PASS, UNKNOWN
from ecs5lint.model.task_definition import Setting, TaskDefinition
from ecs5lint.values.alternatives import Case, leaves
from ecs5lint.values.conditions import Not, TooManyAlternatives, constants_of, describe_cases, satisfiable
from ecs5lint.values.kinds import (
    ABSENT,
    NO_ASSUMPTIONS,
    Assumptions,
    Choice,
    Known,
    Text,
    Unknown,
    Value,
    all_assumptions,
    known_text,
)

#: The reasons that results of every rule can have.
REASONS = {
    "unresolved": "the value of the setting cannot be determined",
    "containers-unresolved": "the container definitions, or some of them, cannot be listed",
    "default": "it relies on a default, and --strict ignores defaults",
}
#: The reasons that results about resources other than task definitions can have.
RESOURCE_REASONS = {
    "unresolved": REASONS["unresolved"],
    "resources-unresolved": "the resources of the type cannot be listed, such as those of a missing module",
    "default": REASONS["default"],
}
#: The possible reasons of a rule that exempts an operating system.
OS_REASONS = {
    "windows": "the task definition is for Windows, which the control exempts",
    "linux": "the task definition is for Linux, which the control exempts",
    "os-family-unresolved": "the setting is wrong, and the OS family, which may be exempt, cannot be determined",
}

#: The largest number of alternatives in a `when`.
_MAX_NAMED = 3
#: The longest name or value in a message. Amazon ECS accepts no longer name.
_MAX_SHOWN = 255

#: The prefix of Windows operating system families. Amazon ECS only knows capital letters.
_WINDOWS = "WINDOWS_SERVER"
_LINUX = "LINUX"

#: Returns the verdict and the reason for a value that is not a choice.
Judge = Callable[[Value, Setting], tuple[str, str]]


class Outcome(NamedTuple):
    """The verdict and its reason for one alternative.

    `value` is the deciding value. `off_default_path` tells that the alternative is off the default path. `also` has the
    outcomes of the other alternatives with this verdict.
    """

    case: Case
    off_default_path: bool
    verdict: str
    reason: str
    value: Value
    setting: Setting
    also: tuple[Outcome, ...] = ()


class Undetermined(NamedTuple):
    """A part of a container or a task definition that cannot be determined, such as a setting, and the reason."""

    what: str
    reason: str


class Exemption(NamedTuple):
    """An operating system that a control exempts: the reason, its name, and a test for a family.

    The test returns None for an unknown family.
    """

    reason: str
    system: str
    test: Callable[[Value], bool | None]


def too_many() -> Outcome:
    """Return the outcome for a setting with too many alternatives."""
    unknown = Unknown("there are too many alternatives to evaluate")
    return Outcome((), False, UNKNOWN, "unresolved", unknown, Setting((), unknown))


def outcomes_of(
    settings: list[Setting],
    base: int,
    judge: Judge,
    exempts: Exemption | None = None,
    family: Value = ABSENT,
) -> list[Outcome]:
    """Return the outcome of every alternative of a setting, for each possible operating system.

    `base` is the length of the resource's own case.
    """
    if len(settings) == 1 and not isinstance(settings[0].value, Choice) and not isinstance(family, Choice):
        # This holds for most settings.
        (only,) = settings
        return [Outcome(only.case, False, *_judged(only.case, only.value, family, only, judge, exempts), only)]
    on_default_path = any(not is_off_default_path(item.case[base:]) for item in settings)
    outcomes = []
    for setting in settings:
        for case, value in leaves(setting.value, setting.case):
            for whole_case, system in leaves(family, case):
                # A container that only exists off the default path is checked as if it were on it.
                off = is_off_default_path(whole_case[base if on_default_path else len(setting.own_case) :])
                judged = _judged(whole_case, value, system, setting, judge, exempts)
                outcomes.append(Outcome(whole_case, off, *judged, setting))
    if all(item.off_default_path for item in outcomes):
        return [item._replace(off_default_path=False) for item in outcomes]
    return outcomes


def _judged(
    case: Case, value: Value, system: Value, setting: Setting, judge: Judge, exempts: Exemption | None
) -> tuple[str, str, Value]:
    """Return the verdict about a value in a case, its reason, and the deciding value."""
    deciding = _settled_by(case, value) if isinstance(value, (Text, Unknown)) else value
    verdict, reason = judge(deciding, setting)
    if exempts:
        is_exempt = exempts.test(system)
        if is_exempt:
            return NOT_APPLICABLE, exempts.reason, system
        if is_exempt is None and verdict == FAIL:
            return UNKNOWN, "os-family-unresolved", system
    return verdict, reason, deciding


def _settled_by(case: Case, value: Value) -> Value:
    """Return the value that the conditions of a case determine for an unknown: `on ? on : true` is true."""
    unknown = value.parts[0] if isinstance(value, Text) and len(value.parts) == 1 else value
    if not isinstance(unknown, Unknown):
        return value
    conditions = [step.when for step in case]
    for constant in constants_of(unknown.symbol, conditions):
        # A source may convert any other constant, such as the text true, to the type of the setting.
        if constant is None or (isinstance(constant, str) and constant.lower() not in ("true", "false")):
            return Known(constant, unknown.span, unknown.assumptions)
    if unknown.condition is not None:
        for answer, excluded in ((True, Not(unknown.condition)), (False, unknown.condition)):
            if not satisfiable([*conditions, excluded]):
                return Known(answer, unknown.span, unknown.assumptions)
    return value


def is_off_default_path(case: Case) -> bool:
    """Tell whether this case is off the default path."""
    return bool(case) and any(step.on_default_path is False for step in case)


def is_windows(family: Value) -> bool | None:
    """Tell whether an operating system family begins with WINDOWS_SERVER. Return None if this is unknown."""
    if isinstance(family, Unknown):
        domain = {_names_windows(item) for item in family.domain or ()}
        return domain.pop() if len(domain) == 1 else None
    text = known_text(family)
    if isinstance(family, Text) and text is None:
        # The known start of a text may be enough: "WINDOWS_SERVER_${var.release}".
        start = _known_start(family)
        return _names_windows(start) or (None if _WINDOWS.startswith(start) else False)
    return _names_windows(text)


def is_linux(family: Value) -> bool | None:
    """Tell whether an operating system family is LINUX. Return None if this is unknown."""
    if isinstance(family, Unknown):
        domain = {item == _LINUX for item in family.domain or ()}
        return domain.pop() if len(domain) == 1 else None
    text = known_text(family)
    if isinstance(family, Text) and text is None:
        return None if _LINUX.startswith(_known_start(family)) else False
    return text == _LINUX


def _known_start(text: Text) -> str:
    """Return what a text begins with, up to its first unknown part."""
    start = ""
    for part in text.parts:
        known = known_text(part)
        if known is None:
            break
        start += known
    return start


def _names_windows(value: object) -> bool:
    return isinstance(value, str) and value.startswith(_WINDOWS)


def is_exempt(task_definition: TaskDefinition, exemption: Exemption) -> bool:
    """Tell whether a control exempts a task definition in every configuration."""
    try:
        families = leaves(task_definition.operating_system_family, task_definition.case)
    except TooManyAlternatives:
        return False
    return all(exemption.test(family) for _, family in families)


WINDOWS = Exemption("windows", "Windows", is_windows)
LINUX = Exemption("linux", "Linux", is_linux)


def decide(outcomes: list[Outcome]) -> tuple[Outcome, str | None, Assumptions]:
    """Return the outcome that gives the verdict, its conditions, and the defaults that it relies on.

    A failure in any alternative decides, and then an unknown on the default path.
    """
    if len(outcomes) == 1:
        (only,) = outcomes
        return only, _when(outcomes, outcomes, True) if only.case else None, only.value.assumptions
    for verdict in (FAIL, UNKNOWN):
        deciding = [item for item in outcomes if item.verdict == verdict]
        if verdict == UNKNOWN:
            deciding = [item for item in deciding if not item.off_default_path]
        if deciding:
            chosen = min(deciding, key=lambda item: item.off_default_path)
            everywhere = all(item.verdict == verdict for item in outcomes)
            chosen = chosen._replace(also=tuple(item for item in deciding if item is not chosen))
            return chosen, _when(deciding, outcomes, everywhere), chosen.value.assumptions
    on_default_path = [item for item in outcomes if not item.off_default_path]
    chosen = next((item for item in on_default_path if item.verdict == PASS), on_default_path[0])
    assumptions = all_assumptions(item.value for item in on_default_path)
    for item in outcomes:
        if item.off_default_path and item.verdict == UNKNOWN:
            assumptions |= NO_ASSUMPTIONS.union(
                *(step.assumptions for step in item.case if step.on_default_path is False)
            )
    everywhere = all(item.verdict == chosen.verdict for item in outcomes)
    return chosen, _when(outcomes, outcomes, True) if everywhere else None, assumptions


def _when(deciding: list[Outcome], outcomes: list[Outcome], everywhere: bool) -> str | None:
    """Return the conditions of the deciding outcomes, as text, or None if there are none to state.

    If every outcome is the same (`everywhere`), only the conditions for the container to exist matter, and not even
    those if it exists by default.
    """
    if not any(item.case for item in outcomes):
        return None
    shared = {id(step.when) for step in outcomes[0].case if step.on_default_path}
    shared.intersection_update(*({id(step.when) for step in item.case} for item in outcomes))
    cases = []
    for item in deciding:
        steps: Case = item.setting.own_case if everywhere else item.case
        cases.append(
            [step.when for step in steps if not (step.on_default_path if everywhere else id(step.when) in shared)]
        )
    return describe_cases(cases, _MAX_NAMED) or None


def may_be(text: Text, constant: str | None) -> bool:
    """Tell whether a text with unknown parts may be a constant. One that is unknown as a whole may also be null."""
    if len(text.parts) == 1 and isinstance(text.parts[0], Unknown):
        return text.parts[0].may_be(constant)
    if constant is None:
        return False
    pieces = _pieces(text)
    start, end = pieces[0], pieces[-1]
    at, last = len(start), len(constant) - len(end)
    if at > last or not constant.startswith(start) or not constant.endswith(end):
        return False
    for piece in pieces[1:-1]:
        found = constant.find(piece, at, last)
        if found < 0:
            return False
        at = found + len(piece)
    return True


def _pieces(text: Text) -> list[str]:
    """Return the known parts of a text, and an empty one for each part that is unknown or may be missing."""
    pieces: list[str] = []
    repetitions = 0
    for part in text.parts:
        mark = part.repetition if isinstance(part, Unknown) else None
        if mark:
            repetitions += 1 if mark.begins else -1
        pieces.append("" if repetitions else known_text(part) or "")
    return pieces


def undetermined(what: str, value: Value) -> Undetermined:
    """Return the part of a message that something cannot be determined, with the reason of its value."""
    return Undetermined(what, unknown_reason(value))


def unknown_reason(value: Value) -> str:
    """Return the reason why a value is unknown. For a text, it is that of its first unknown part."""
    if isinstance(value, Text):
        return next((unknown_reason(part) for part in value.parts if known_text(part) is None), "")
    return value.reason if isinstance(value, Unknown) else "it has several values"


def kind(value: Value) -> str:
    """Return the kind of an invalid value, in words."""
    if isinstance(value, Known):
        if isinstance(value.value, bool):
            return f"the boolean {str(value.value).lower()}"
        return f'the string "{cut(value.value)}"' if isinstance(value.value, str) else f"the number {value.value}"
    if isinstance(value, Unknown) and value.domain and not any(isinstance(item, str) for item in value.domain):
        return "a number"
    return "a string" if type(value).__name__ in ("Text", "Encoded", "Unknown") else "a list or an object"


def cut(text: str) -> str:
    """Return a text for a message, cut to the length of the longest name."""
    return text if len(text) <= _MAX_SHOWN else text[:_MAX_SHOWN] + "..."
