"""ECS8: no container definition has credentials in its environment variables.

AWS Security Hub control ECS.8 (AWS Config rule ecs-no-environment-secrets) fails a task definition if one of its
containers has an environment variable with one of three names, in exact case. It ignores values, secrets and
environment files.
https://docs.aws.amazon.com/securityhub/latest/userguide/ecs-controls.html#ecs-8
"""

from __future__ import annotations

from collections.abc import Iterator
from operator import itemgetter

from ecs5lint.light_typing import Any
from ecs5lint.model.form import Form
from ecs5lint.model.result import FAIL, PASS, UNKNOWN, Result
from ecs5lint.model.task_definition import Alternative, ContainerDefinition, Setting, TaskDefinition
from ecs5lint.rules import checks, outcomes, remedies
from ecs5lint.rules.checks import Check
from ecs5lint.rules.outcomes import Outcome
from ecs5lint.settings.settings import Settings
from ecs5lint.text.placeholders import may_have_placeholder
from ecs5lint.values.alternatives import Branch, Case, leaves
from ecs5lint.values.conditions import ALWAYS
from ecs5lint.values.kinds import (
    ABSENT,
    Absent,
    Known,
    ListValue,
    ObjectValue,
    Repeated,
    Text,
    Unknown,
    Value,
    known_text,
)

REASONS = {
    "no-credentials": "no environment variable has one of the names",
    "credentials": "an environment variable has one of the names",
    **outcomes.REASONS,
}

NAMES = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "ECS_ENGINE_AUTH_DATA")
_NAMES = frozenset(NAMES)

_ENVIRONMENT, _NAME = "environment", "name"
_ARN = '"ARN of the secret or parameter"'

AFTERWARDS = (
    "revoke the credentials: everyone who can read the task definition or its source has them",
    "let the execution role read the secret; for calls of AWS, use a task role in place of keys",
)


def judge(task_definition: TaskDefinition, settings: Settings) -> list[Result]:
    """Return a result for each container definition, and one for those that can't be listed, if any.

    If the settings are strict, a result that relies on a default is unknown.
    """
    return checks.judge_containers(task_definition, _CHECK, settings)


def _find(container: ContainerDefinition) -> list[Setting]:
    """Return the names of the environment variables. Raises TooManyAlternatives."""
    return [
        setting._replace(steps_to_entry=len(setting.case) - len(item.case))
        for item in container.alternatives
        for setting in _names(item, container.form)
    ] or [Setting((), Absent())]


def _names(alternative: Alternative, form: Form) -> Iterator[Setting]:
    case, definition = alternative
    misspelling = form.misspelling(definition, _ENVIRONMENT)
    yield Setting(case, Absent(), misspelling)
    variables = form.look(definition, (_ENVIRONMENT,))
    if isinstance(variables, list) and _has_other_names(variables, form):
        return
    for longer, variables in leaves(form.property(definition, _ENVIRONMENT), case):
        if isinstance(variables, ListValue):
            # The set of variables may depend on defaults.
            yield Setting(longer, Absent(None, variables.assumptions))
            for item in variables.items:
                yield from _of_item(item, longer, form)
        elif not isinstance(variables, Absent) and not (isinstance(variables, Known) and variables.value is None):
            is_open = isinstance(variables, Unknown)
            yield Setting(longer, variables if is_open else Unknown("it is not a list", variables.span))


def _glance(definition: ObjectValue, form: Form) -> Value | None:
    """Return ABSENT if a container certainly has no variable with one of the names, or None."""
    found = form.look(definition, (_ENVIRONMENT,))
    if isinstance(found, list):
        return ABSENT if _has_other_names(found, form) else None
    return found if isinstance(found, Absent) and not found.assumptions else None


def _has_other_names(variables: list[Any], form: Form) -> bool:
    """Tell whether variables that are not read yet have other names only, none of them with a placeholder."""
    key = form.spelling(_NAME)
    try:
        names = list(map(itemgetter(key), variables))
        text = " ".join(names)
    except (KeyError, TypeError):  # one of them is no object, or has no name or one that is no text
        return False
    return "" not in names and _NAMES.isdisjoint(names) and not may_have_placeholder(text)


def _of_item(item: Value | Repeated, case: Case, form: Form) -> Iterator[Setting]:
    if isinstance(item, Repeated):
        step = () if item.when is ALWAYS else (Branch(item.when, False if item.off_default_path else None),)
        case, item = (*case, *step), item.element
    for longer, variable in leaves(item, case):
        if isinstance(variable, ObjectValue):
            name = form.string(form.property(variable, _NAME))
            if isinstance(name, Known) and name.value and name.value not in NAMES and not name.assumptions:
                # Most names are no alternatives to consider.
                continue
            is_absent = isinstance(name, Absent)
            yield Setting(longer, name, form.misspelling(variable, _NAME) if is_absent else None)
        elif not isinstance(variable, Absent):
            is_open = isinstance(variable, Unknown)
            yield Setting(longer, variable if is_open else Unknown("it is not an object", variable.span))


def _judge_value(value: Value, setting: Setting) -> tuple[str, str]:
    if isinstance(value, Absent):
        return (UNKNOWN, "unresolved") if setting.misspelling else (PASS, "no-credentials")
    if isinstance(value, Unknown):
        domain = {item in NAMES for item in value.domain or (None, NAMES[0])}
        return (UNKNOWN, "unresolved") if len(domain) > 1 else _judge_name(domain.pop())
    if isinstance(value, Text) and known_text(value) is None:
        return (UNKNOWN, "unresolved") if any(outcomes.may_be(value, name) for name in NAMES) else _judge_name(False)
    return _judge_name(known_text(value) in NAMES)


def _judge_name(is_refused: bool) -> tuple[str, str]:
    return (FAIL, "credentials") if is_refused else (PASS, "no-credentials")


def _predicate(container: ContainerDefinition, outcome: Outcome) -> str | outcomes.Undetermined:
    key, value = container.form.spelling(_ENVIRONMENT), outcome.value
    if outcome.reason == "credentials":
        names = dict.fromkeys(known_text(item.value) or "credentials" for item in (outcome, *outcome.also))
        return f"has {' and '.join(names)} in its {key}, in plain text"
    if outcome.reason == "no-credentials":
        return f"has no credentials in its {key}, by the names of the variables"
    if isinstance(value, Absent) and outcome.setting.misspelling:
        written = outcome.setting.misspelling.written
        return f"sets the unknown key {written}, so the names in its {key} cannot be determined"
    return outcomes.undetermined(f"the names in {key}", value)


def _steps(container: ContainerDefinition, task_definition: TaskDefinition, outcome: Outcome) -> tuple[str, ...]:
    name = remedies.written(container, "name", f'"{known_text(outcome.value) or NAMES[0]}"')
    entry = f"{name}, {remedies.written(container, 'valueFrom', _ARN)}"
    braces = "[{{ {} }}]" if remedies.syntax(container) == "hcl" else "[{{{}}}]"
    return (f"take it from a secret instead: {remedies.written(container, 'secrets', braces.format(entry))}",)


def _write_out(container: ContainerDefinition) -> str:
    return f"the names of the variables in {container.form.spelling(_ENVIRONMENT)}"


_CHECK = Check("ECS8", _find, _judge_value, _predicate, _steps, _write_out, _glance, AFTERWARDS)
