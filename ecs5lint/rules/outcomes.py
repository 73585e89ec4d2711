"""Check a setting of containers over all alternatives, defaults and operating systems, for any rule.

A rule defines its setting in a `Check`. This module finds every possible outcome of the setting, and decides which
outcomes give the verdict.
"""

from __future__ import annotations

from collections.abc import Callable

from ecs5lint.light_typing import TYPE_CHECKING, NamedTuple
from ecs5lint.location import Span
from ecs5lint.model.result import FAIL, NOT_APPLICABLE, PASS, UNKNOWN, Result
from ecs5lint.model.task_definition import ContainerDefinition, Setting, TaskDefinition
from ecs5lint.settings.settings import Settings
from ecs5lint.values.alternatives import Case, leaves
from ecs5lint.values.conditions import Not, TooManyAlternatives, constants_of, describe, describe_cases, satisfiable
from ecs5lint.values.kinds import (
    ABSENT,
    NO_ASSUMPTIONS,
    Absent,
    Assumptions,
    Choice,
    Known,
    Text,
    Unknown,
    Value,
    all_assumptions,
    known_text,
)

if TYPE_CHECKING:
    from ecs5lint.model.resource import Subject

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


#: The setting to judge a value that is not the setting's own.
_ANY = Setting((), ABSENT)

#: Returns the verdict and the reason for a value that is not a choice.
_Judge = Callable[[Value, Setting], tuple[str, str]]


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


class Check(NamedTuple):
    """The setting that a rule checks in each container.

    `find` returns the alternatives of the setting, and `judge` the verdict and the reason for a value that is not a
    choice. `predicate` completes the message for one of the rule's own reasons, or says what cannot be determined.
    `steps` returns the steps to fix a failure, and `write_out` the text to write if the value is unknown. `afterwards`
    has the steps that are the same for every failure. `exempts` is the operating system that the control exempts, if
    there is one. `glance` returns a setting that is the same in every configuration and relies on nothing, if one look
    finds it, or None. Only if it is missing, it has the position.
    """

    rule: str
    find: Callable[[ContainerDefinition], list[Setting]]
    judge: _Judge
    predicate: Callable[[ContainerDefinition, Outcome], str | Undetermined]
    steps: Callable[[ContainerDefinition, TaskDefinition, Outcome], tuple[str, ...]]
    write_out: Callable[[ContainerDefinition], str]
    glance: Callable[[ContainerDefinition], Value | None]
    afterwards: tuple[str, ...] = ()
    exempts: Exemption | None = None

    @property
    def control(self) -> str:
        """Return the name of the rule's control, as Security Hub writes it."""
        return self.rule.replace("ECS", "ECS.")


def no_glance(_: object) -> None:
    """Find no setting at one look."""


class ResourceCheck(NamedTuple):
    """The property that a rule checks in each task definition or other resource. The fields are those of `Check`."""

    rule: str
    find: Callable[[Subject], list[Setting]]
    judge: _Judge
    predicate: Callable[[Subject, Outcome], str | Undetermined]
    steps: Callable[[Subject, Outcome], tuple[str, ...]]
    write_out: Callable[[Subject], str]
    afterwards: tuple[str, ...] = ()
    glance: Callable[[Subject], Value | None] = no_glance


def judge_containers(task_definition: TaskDefinition, check: Check, settings: Settings) -> list[Result]:
    """Return a result for each container definition, and one for those that can't be listed, if any.

    If the settings are strict, a result that relies on a default is unknown.
    """
    listed_by = _listed_by(task_definition) if task_definition.unresolved else NO_ASSUMPTIONS
    family = task_definition.operating_system_family if check.exempts else ABSENT
    is_brief = not (settings.explains_passes or listed_by or isinstance(family, Choice) or family.assumptions)
    is_exempt = check.exempts.test(family) if check.exempts and is_brief else None
    results = []
    for container in task_definition.containers:
        value = check.glance(container)
        passed = None
        # A comment may name the line of a value, if the container is not written in a place of its own.
        if is_brief and value and container.location != task_definition.location:
            passed = _passed(task_definition, container, check, value, is_exempt)
        results.append(passed or _judge_container(task_definition, container, check, value, listed_by, settings))
    unresolved = _judge_unresolved(task_definition, check, listed_by, settings.strict)
    return [*results, unresolved] if unresolved else results


def _listed_by(task_definition: TaskDefinition) -> Assumptions:
    """Return the defaults by which its containers are all.

    Unlisted containers off the default path don't change the verdict. But it then relies on the defaults.
    """
    base = len(task_definition.case)
    off = [item.case for item in task_definition.unresolved if _is_off_default_path(item.case[base:])]
    return NO_ASSUMPTIONS.union(*(step.assumptions for case in off for step in case if step.on_default_path is False))


def _passed(
    task_definition: TaskDefinition, container: ContainerDefinition, check: Check, value: Value, is_exempt: bool | None
) -> Result | None:
    """Return the result for a setting with a certain value, without an explanation, or None if it does not pass."""
    verdict, reason = check.judge(value, _ANY)
    if is_exempt and check.exempts:
        verdict, reason = NOT_APPLICABLE, check.exempts.reason
    elif verdict != PASS:
        return None
    resource = task_definition.told or task_definition
    place = container.location, container.name, container.list_index
    return Result(check.rule, verdict, reason, "", resource, *place)


def judge_resource(resource: Subject, check: ResourceCheck, settings: Settings) -> list[Result]:
    """Return the result for a property of a task definition or another resource.

    If the settings are strict, a result that relies on a default is unknown.
    """
    if not isinstance(resource, TaskDefinition) and resource.unlisted:
        return [_unlisted(resource, check.rule, resource.unlisted)]
    value = None if settings.explains_passes or resource.case else check.glance(resource)
    if value:
        verdict, reason = check.judge(value, _ANY)
        if verdict == PASS:
            at = None if isinstance(value, Absent) else value.span
            told = resource.told or resource
            return [Result(check.rule, verdict, reason, "", told, resource.location, value_location=at)]
    try:
        outcomes = _outcomes(check.find(resource), len(resource.case), check.judge)
    except TooManyAlternatives:
        outcomes = [_too_many()]
    outcome, when, assumptions = _decide(outcomes)
    if settings.strict and assumptions and outcome.verdict in (PASS, NOT_APPLICABLE):
        outcome = outcome._replace(verdict=UNKNOWN, reason="default")
    if outcome.verdict in (PASS, NOT_APPLICABLE) and not settings.explains_passes:
        return [_unexplained(check.rule, outcome, when, assumptions, resource, resource.location)]
    subject = f'{resource.type.replace("_", " ")} "{cut(resource.address)}"'
    said = _by_default(assumptions) if outcome.reason == "default" else check.predicate(resource, outcome)
    return [
        Result(
            rule=check.rule,
            verdict=outcome.verdict,
            reason=outcome.reason,
            message=_message(subject, said),
            resource=resource.told or resource,
            location=resource.location,
            value_location=_value_location(outcome),
            when=when,
            assumptions=_texts(assumptions),
            defaults=_symbols(assumptions),
            remedy=_remedy(outcome, lambda: check.steps(resource, outcome), lambda: check.write_out(resource)),
            afterwards=check.afterwards if outcome.verdict == FAIL else (),
            cause=_cause(outcome, assumptions),
            others=_other_locations(outcome) if outcome.verdict == FAIL else (),
        )
    ]


def _other_locations(outcome: Outcome) -> tuple[Span, ...]:
    """Return the positions of the other deciding values."""
    spans = dict.fromkeys(span for item in outcome.also if (span := _value_location(item)))
    return tuple(span for span in spans if span != _value_location(outcome))


def _message(subject: str, said: str | Undetermined) -> str:
    if isinstance(said, Undetermined):
        return f"can't determine {said.what} of {subject}: {said.reason}"
    return f"{subject} {said}"


def _unlisted(resource: Subject, rule: str, unknown: Unknown) -> Result:
    """Return the result for resources that can't be listed."""
    return Result(
        rule=rule,
        verdict=UNKNOWN,
        reason="resources-unresolved",
        message=f"can't list the {resource.type.replace('_', ' ')}s: {unknown.reason}",
        resource=resource.told or resource,
        location=resource.location,
        value_location=unknown.span,
        when=_conditions(resource.case),
        assumptions=_texts(unknown.assumptions),
        remedy=(unknown.hint,) if unknown.hint else (),
        cause=unknown.reason,
    )


def _conditions(case: Case) -> str | None:
    """Return the conditions of a case that do not hold by default, as text."""
    return " and ".join(dict.fromkeys(describe(step.when) for step in case if not step.on_default_path)) or None


def _too_many() -> Outcome:
    unknown = Unknown("there are too many alternatives to evaluate")
    return Outcome((), False, UNKNOWN, "unresolved", unknown, Setting((), unknown))


def _judge_container(
    task_definition: TaskDefinition,
    container: ContainerDefinition,
    check: Check,
    value: Value | None,
    listed_by: Assumptions,
    settings: Settings,
) -> Result:
    try:
        # Any value but a missing one needs its position.
        found = [Setting((), value)] if isinstance(value, Absent) else check.find(container)
        family = task_definition.operating_system_family if check.exempts else ABSENT
        outcomes = _outcomes(found, len(task_definition.case), check.judge, check.exempts, family)
    except TooManyAlternatives:
        outcomes = [_too_many()]
    outcome, when, assumptions = _decide(outcomes)
    if outcome.verdict in (PASS, NOT_APPLICABLE):
        assumptions |= listed_by
        if settings.strict and assumptions:
            outcome = outcome._replace(verdict=UNKNOWN, reason="default")
    if outcome.verdict in (PASS, NOT_APPLICABLE) and not settings.explains_passes:
        unexplained = _unexplained(check.rule, outcome, when, assumptions, task_definition, container.location)
        return unexplained._replace(container=container.name, container_index=container.list_index)
    return Result(
        rule=check.rule,
        verdict=outcome.verdict,
        reason=outcome.reason,
        message=_message(_subject(container, task_definition), _predicate(check, container, outcome, assumptions)),
        resource=task_definition.told or task_definition,
        location=container.location,
        container=container.name,
        container_index=container.list_index,
        value_location=_value_location(outcome),
        when=when,
        assumptions=_texts(assumptions),
        defaults=_symbols(assumptions),
        remedy=_remedy(
            outcome, lambda: check.steps(container, task_definition, outcome), lambda: check.write_out(container)
        ),
        afterwards=check.afterwards if outcome.verdict == FAIL else (),
        cause=_cause(outcome, assumptions),
    )


def _unexplained(
    rule: str, outcome: Outcome, when: str | None, assumptions: Assumptions, resource: Subject, location: Span
) -> Result:
    """Return the result for an outcome that needs no action, without an explanation."""
    return Result(
        rule=rule,
        verdict=outcome.verdict,
        reason=outcome.reason,
        message="",
        resource=resource.told or resource,
        location=location,
        value_location=_value_location(outcome),
        when=when,
        assumptions=_texts(assumptions),
        defaults=_symbols(assumptions),
    )


def _subject(container: ContainerDefinition, task_definition: TaskDefinition) -> str:
    subject = f'container "{cut(container.name)}"' if container.name is not None else "a container without a known name"
    return f"{subject} of the construct {task_definition.construct}" if task_definition.construct else subject


def _outcomes(
    settings: list[Setting],
    base: int,
    judge: _Judge,
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
    on_default_path = any(not _is_off_default_path(item.case[base:]) for item in settings)
    outcomes = []
    for setting in settings:
        for case, value in leaves(setting.value, setting.case):
            for whole_case, system in leaves(family, case):
                # A container that only exists off the default path is checked as if it were on it.
                off = _is_off_default_path(whole_case[base if on_default_path else len(setting.own_case) :])
                judged = _judged(whole_case, value, system, setting, judge, exempts)
                outcomes.append(Outcome(whole_case, off, *judged, setting))
    if all(item.off_default_path for item in outcomes):
        return [item._replace(off_default_path=False) for item in outcomes]
    return outcomes


def _judged(
    case: Case, value: Value, system: Value, setting: Setting, judge: _Judge, exempts: Exemption | None
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


def _is_off_default_path(case: Case) -> bool:
    """Tell whether this case is off the default path."""
    return bool(case) and any(step.on_default_path is False for step in case)


def is_windows(family: Value) -> bool | None:
    """Tell whether an operating system family begins with WINDOWS_SERVER. Return None if this is unknown."""
    if isinstance(family, Unknown):
        domain = {_names_windows(item) for item in family.domain or ()}
        return domain.pop() if len(domain) == 1 else None
    if isinstance(family, Text):
        # The known start of a text may be enough: "WINDOWS_SERVER_${var.release}".
        start = known_text(family.parts[0]) if family.parts else ""
        return None if start is None or _WINDOWS.startswith(start) else _names_windows(start)
    return isinstance(family, Known) and _names_windows(family.value)


def is_linux(family: Value) -> bool | None:
    """Tell whether an operating system family is LINUX. Return None if this is unknown."""
    if isinstance(family, Unknown):
        domain = {item == _LINUX for item in family.domain or ()}
        return domain.pop() if len(domain) == 1 else None
    if isinstance(family, Text):
        start = known_text(family.parts[0]) if family.parts else ""
        return None if start is None or _LINUX.startswith(start) else False
    return isinstance(family, Known) and family.value == _LINUX


def _names_windows(value: object) -> bool:
    return isinstance(value, str) and value.startswith(_WINDOWS)


def _is_exempt(task_definition: TaskDefinition, exemption: Exemption) -> bool:
    """Tell whether a control exempts a task definition in every configuration."""
    try:
        families = leaves(task_definition.operating_system_family, task_definition.case)
    except TooManyAlternatives:
        return False
    return all(exemption.test(family) for _, family in families)


WINDOWS = Exemption("windows", "Windows", is_windows)
LINUX = Exemption("linux", "Linux", is_linux)


def _decide(outcomes: list[Outcome]) -> tuple[Outcome, str | None, Assumptions]:
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


def _predicate(
    check: Check, container: ContainerDefinition, outcome: Outcome, assumptions: Assumptions
) -> str | Undetermined:
    if check.exempts and outcome.reason == check.exempts.reason:
        return f"belongs to a {check.exempts.system} task definition, which {check.control} exempts"
    if outcome.reason == "default":
        return _by_default(assumptions)
    return check.predicate(container, outcome)


def _by_default(assumptions: Assumptions) -> str:
    return f"relies on a default ({'; '.join(_texts(assumptions))}), which --strict ignores"


def _cause(outcome: Outcome, assumptions: Assumptions) -> str | None:
    """Return the reason for an unknown verdict, or None for any other verdict."""
    if outcome.verdict != UNKNOWN:
        return None
    return "; ".join(_texts(assumptions)) if outcome.reason == "default" else unknown_reason(outcome.value)


def may_be(text: Text, constant: str) -> bool:
    """Tell whether a text with unknown parts may be a constant."""
    start, end = known_text(text.parts[0]) or "", known_text(text.parts[-1]) or ""
    return constant.startswith(start) and constant.endswith(end) and len(start) + len(end) <= len(constant)


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


def _value_location(outcome: Outcome) -> Span | None:
    if isinstance(outcome.value, Absent) and outcome.setting.misspelling:
        return outcome.setting.misspelling.span
    if outcome.reason == "omitted" and outcome.setting.within:
        return outcome.setting.within.span
    return None if outcome.reason == "omitted" or isinstance(outcome.value, Absent) else outcome.value.span


def _remedy(outcome: Outcome, steps: Callable[[], tuple[str, ...]], write_out: Callable[[], str]) -> tuple[str, ...]:
    if outcome.verdict not in (FAIL, UNKNOWN):
        return ()
    hint = _hint(outcome.value)
    if outcome.verdict == FAIL:
        setting, *others = steps()
        # The hint of a text is about its unknown part, which does not fix the failure.
        return (setting if isinstance(outcome.value, Text) else hint or setting, *others)
    if outcome.reason == "default":
        hint = "set the value explicitly"
    if not hint and isinstance(outcome.value, Absent) and outcome.setting.misspelling:
        hint = f"rename it to {outcome.setting.misspelling.meant}"
    if not hint and isinstance(outcome.value, Known):
        return steps()[:1]  # the value is literal, but whether it complies is unknown
    return (hint or f"use a literal value: {write_out()}",)


def _hint(value: Value) -> str:
    """Return the hint of a value. A text has the hint of its first unknown part."""
    if isinstance(value, Text):
        return next((_hint(part) for part in value.parts if known_text(part) is None), "")
    return value.hint if isinstance(value, (Absent, Known, Unknown)) else ""


def _judge_unresolved(
    task_definition: TaskDefinition, check: Check, assumptions: Assumptions, strict: bool
) -> Result | None:
    """Return a result for the container definitions that can't be listed, or None if all can."""
    if not task_definition.unresolved and not strict:
        return None
    found = [
        (item.case, item.unknown)
        for item in task_definition.unresolved
        if not _is_off_default_path(item.case[len(task_definition.case) :])
    ]
    reason = "containers-unresolved"
    texts = _texts(assumptions | task_definition.assumptions)
    if not found and strict and texts:
        found = [((), Unknown(f"the list depends on a default ({'; '.join(texts)}), which --strict ignores"))]
        reason = "default"
    if not found:
        return None
    case, unknown = found[0]
    listed = "all container definitions" if task_definition.containers else "the container definitions"
    verdict, message, remedy = UNKNOWN, f"can't list {listed}: {unknown.reason}", (unknown.hint,)
    if check.exempts and _is_exempt(task_definition, check.exempts):
        verdict, reason, remedy = NOT_APPLICABLE, check.exempts.reason, ("",)
        message = f"the task definition is for {check.exempts.system}, which {check.control} exempts"
    return Result(
        rule=check.rule,
        verdict=verdict,
        reason=reason,
        message=message,
        resource=task_definition.told or task_definition,
        location=task_definition.location,
        value_location=unknown.span,
        when=_conditions(case),
        assumptions=_texts(unknown.assumptions),
        remedy=tuple(step for step in remedy if step),
        cause=unknown.reason if verdict == UNKNOWN else None,
    )


def _texts(assumptions: Assumptions) -> tuple[str, ...]:
    return tuple(sorted({item.text for item in assumptions})) if assumptions else ()


def _symbols(assumptions: Assumptions) -> tuple[str, ...]:
    return tuple(sorted({item.symbol for item in assumptions})) if assumptions else ()
