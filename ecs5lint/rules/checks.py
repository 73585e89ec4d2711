"""Check a setting of containers, or a property of another resource, and explain the result, for any rule.

A rule defines what it checks in a `Check` or a `ResourceCheck`.
"""

from __future__ import annotations

from collections.abc import Callable

from ecs5lint.light_typing import TYPE_CHECKING, NamedTuple
from ecs5lint.location import Span
from ecs5lint.model.form import Form
from ecs5lint.model.result import FAIL, NOT_APPLICABLE, PASS, UNKNOWN, Result
from ecs5lint.model.task_definition import ContainerDefinition, Setting, TaskDefinition
from ecs5lint.rules.outcomes import (
    Exemption,
    Judge,
    Outcome,
    Undetermined,
    cut,
    decide,
    is_exempt,
    is_off_default_path,
    outcomes_of,
    too_many,
    unknown_reason,
)
from ecs5lint.settings.settings import Settings
from ecs5lint.values.alternatives import Case
from ecs5lint.values.conditions import TooManyAlternatives, describe
from ecs5lint.values.kinds import (
    ABSENT,
    NO_ASSUMPTIONS,
    Absent,
    Assumptions,
    Choice,
    Known,
    ObjectValue,
    Text,
    Unknown,
    Value,
    known_text,
)

if TYPE_CHECKING:
    from ecs5lint.model.resource import Subject

#: The setting to judge a value that is not the setting's own.
_ANY = Setting((), ABSENT)


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
    judge: Judge
    predicate: Callable[[ContainerDefinition, Outcome], str | Undetermined]
    steps: Callable[[ContainerDefinition, TaskDefinition, Outcome], tuple[str, ...]]
    write_out: Callable[[ContainerDefinition], str]
    glance: Callable[[ObjectValue, Form], Value | None]
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
    judge: Judge
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
    is_exempted = None if isinstance(family, Choice) or not check.exempts else check.exempts.test(family)
    may_glance = not (listed_by or isinstance(family, Choice) or family.assumptions)
    results = []
    for container in task_definition.containers:
        value = None
        if may_glance and len(container.alternatives) == 1:
            case, definition = container.alternatives[0]
            value = None if case else ABSENT if is_exempted else check.glance(definition, container.form)
        result = value and _at_a_glance(task_definition, container, check, value, is_exempted, settings)
        results.append(result or _judge_container(task_definition, container, check, listed_by, settings))
    if task_definition.unresolved or settings.strict:
        unresolved = _judge_unresolved(task_definition, check, listed_by, settings.strict)
        return [*results, unresolved] if unresolved else results
    return results


def _listed_by(task_definition: TaskDefinition) -> Assumptions:
    """Return the defaults by which its containers are all.

    Unlisted containers off the default path don't change the verdict. But it then relies on the defaults.
    """
    base = len(task_definition.case)
    off = [item.case for item in task_definition.unresolved if is_off_default_path(item.case[base:])]
    return NO_ASSUMPTIONS.union(*(step.assumptions for case in off for step in case if step.on_default_path is False))


def _at_a_glance(
    task_definition: TaskDefinition,
    container: ContainerDefinition,
    check: Check,
    value: Value,
    is_exempted: bool | None,
    settings: Settings,
) -> Result | None:
    """Return the result for a setting that is certain, or None if that needs the position of its value."""
    if is_exempted and check.exempts:
        verdict, reason = NOT_APPLICABLE, check.exempts.reason
    else:
        verdict, reason = check.judge(value, _ANY)
    if verdict in (FAIL, UNKNOWN):
        is_known = isinstance(value, Absent) and (is_exempted is False or not check.exempts)
        outcome = Outcome((), False, verdict, reason, value, _ANY)
        return _explained(task_definition, container, check, outcome, None, NO_ASSUMPTIONS) if is_known else None
    # A comment may name the line of a value, if the container is not written in a place of its own.
    if settings.explains_passes or container.location == task_definition.location:
        return None
    told = task_definition.told or task_definition
    return Result(check.rule, verdict, reason, "", told, container.location, container.name, container.list_index)


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
        outcomes = outcomes_of(check.find(resource), len(resource.case), check.judge)
    except TooManyAlternatives:
        outcomes = [too_many()]
    outcome, when, assumptions = decide(outcomes)
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
            remedy=_remedy_of_resource(resource, check, outcome),
            afterwards=check.afterwards if outcome.verdict == FAIL else (),
            cause=_cause(outcome, assumptions, said),
            others=_other_locations(outcome) if outcome.verdict == FAIL else (),
        )
    ]


def _remedy_of_resource(resource: Subject, check: ResourceCheck, outcome: Outcome) -> tuple[str, ...]:
    reason = outcome.value.reason if isinstance(outcome.value, Unknown) else None
    if isinstance(resource, TaskDefinition) and any(item.unknown.reason == reason for item in resource.unresolved):
        # It stands for those that can't be listed, where nothing can be written.
        return tuple(filter(None, (_hint(outcome.value),)))
    return _remedy(outcome, lambda: check.steps(resource, outcome), lambda: check.write_out(resource))


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


def _judge_container(
    task_definition: TaskDefinition,
    container: ContainerDefinition,
    check: Check,
    listed_by: Assumptions,
    settings: Settings,
) -> Result:
    try:
        family = task_definition.operating_system_family if check.exempts else ABSENT
        outcomes = outcomes_of(check.find(container), len(task_definition.case), check.judge, check.exempts, family)
    except TooManyAlternatives:
        outcomes = [too_many()]
    outcome, when, assumptions = decide(outcomes)
    if outcome.verdict in (PASS, NOT_APPLICABLE):
        assumptions |= listed_by
        if settings.strict and assumptions:
            outcome = outcome._replace(verdict=UNKNOWN, reason="default")
    if outcome.verdict in (PASS, NOT_APPLICABLE) and not settings.explains_passes:
        unexplained = _unexplained(check.rule, outcome, when, assumptions, task_definition, container.location)
        return unexplained._replace(container=container.name, container_index=container.list_index)
    return _explained(task_definition, container, check, outcome, when, assumptions)


def _explained(
    task_definition: TaskDefinition,
    container: ContainerDefinition,
    check: Check,
    outcome: Outcome,
    when: str | None,
    assumptions: Assumptions,
) -> Result:
    said = _predicate(check, container, outcome, assumptions)
    return Result(
        rule=check.rule,
        verdict=outcome.verdict,
        reason=outcome.reason,
        message=_message(_subject(container, task_definition), said),
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
        cause=_cause(outcome, assumptions, said),
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


def _cause(outcome: Outcome, assumptions: Assumptions, said: str | Undetermined) -> str | None:
    """Return the reason for an unknown verdict, or None for any other verdict. `said` completes the message."""
    if outcome.verdict != UNKNOWN:
        return None
    if outcome.reason == "default":
        return "; ".join(_texts(assumptions))
    if isinstance(said, Undetermined):
        return said.reason
    # A value that is written is not the reason itself.
    return unknown_reason(outcome.value) if isinstance(outcome.value, (Text, Unknown)) else said


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
    found = [
        (item.case, item.unknown)
        for item in task_definition.unresolved
        if not is_off_default_path(item.case[len(task_definition.case) :])
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
    if check.exempts and is_exempt(task_definition, check.exempts):
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
