"""ECS5: every container definition sets readonlyRootFilesystem to true.

AWS Security Hub control ECS.5 (AWS Config rule ecs-containers-readonly-access) fails a task definition if the root
filesystem of any container is writable. `false` fails, and so does an omitted setting. Windows task definitions are
exempt, since ECS does not support the setting there.

https://docs.aws.amazon.com/securityhub/latest/userguide/ecs-controls.html#ecs-5

The setting does not prevent an application from writing files: mount the paths it writes to, and only those.
"""

from __future__ import annotations

from ecs5lint.model.form import Form
from ecs5lint.model.result import FAIL, PASS, UNKNOWN, Result
from ecs5lint.model.task_definition import ContainerDefinition, Service, Setting, TaskDefinition
from ecs5lint.rules import checks, outcomes
from ecs5lint.rules.checks import Check
from ecs5lint.rules.outcomes import Outcome
from ecs5lint.settings.settings import Settings
from ecs5lint.values.kinds import Absent, Known, ObjectValue, Unknown, Value

#: Every possible reason of a result. Programs that read the JSON report rely on this closed set.
REASONS = {
    "true": "the setting is true",
    "omitted": "the setting is omitted, and the default is a writable root filesystem",
    "null": "the setting is null, which counts as omitted",
    "false": "the setting is false",
    "not-boolean": "the setting is not a boolean, where the format wants one",
    "misspelled": "the setting is omitted, and an unknown key has a similar name",
    **outcomes.REASONS,
    **outcomes.OS_REASONS,
}

NAME = "readonlyRootFilesystem"
_PATH = (NAME,)

#: Names that people write for it, in addition to its own name in another case: those in Docker and in the Engine API.
_ALIASES = frozenset(("readonlyrootfs", "readonlyfilesystem", "readonlyrootfile", "readonlyroot"))

#: The steps for every failing container, after the setting is correct.
AFTERWARDS = (
    (
        "mount a volume or tmpfs at every path it writes to, including /tmp (`docker diff CONTAINER` after a test run "
        "lists them)"
    ),
    "register the new revision and check that its tasks start",
)


def judge(task_definition: TaskDefinition, settings: Settings) -> list[Result]:
    """Return a result for each container definition, and one for those that can't be listed, if any.

    If the settings are strict, a result that relies on a default is unknown.
    """
    results = checks.judge_containers(task_definition, _CHECK, settings)
    return _with_exec(results, task_definition.exec_service) if task_definition.exec_service else results


def _with_exec(results: list[Result], service: Service) -> list[Result]:
    """Add the explanation for ECS Exec to the results whose steps disable it. It is the same for all of them."""
    from ecs5lint.rules import ecs5_remedies

    step = ecs5_remedies.disable_exec(service)
    return [
        result._replace(afterwards=(ecs5_remedies.EXEC, *result.afterwards)) if step in result.remedy else result
        for result in results
    ]


def _find(container: ContainerDefinition) -> list[Setting]:
    return container.boolean(NAME, _ALIASES)


def _glance(definition: ObjectValue, form: Form) -> Value | None:
    return form.glance(definition, _PATH, _ALIASES)


def _judge_value(value: Value, setting: Setting) -> tuple[str, str]:
    if isinstance(value, Known):
        if value.value is True:
            return PASS, "true"
        return FAIL, "false" if value.value is False else "null" if value.value is None else "not-boolean"
    if isinstance(value, Unknown):
        domain = value.domain or (None,)
        if all(item is True for item in domain):
            return PASS, "true"
        if value.domain and not any(item is True for item in domain):
            return FAIL, "false" if all(item is False for item in domain) else "not-boolean"
        return UNKNOWN, "unresolved"
    if isinstance(value, Absent):
        return FAIL, "misspelled" if setting.misspelling else "omitted"
    return FAIL, "not-boolean"


def _predicate(container: ContainerDefinition, outcome: Outcome) -> str | outcomes.Undetermined:
    key, reason = container.form.spelling(NAME), outcome.reason
    if reason == "true":
        return f"sets {key} to true"
    if reason == "omitted":
        return f"does not set {key}, so its root filesystem is writable"
    if reason == "misspelled" and outcome.setting.misspelling:
        written = outcome.setting.misspelling.written
        return f"sets the unknown key {written} (did you mean {key}?), so its root filesystem is writable"
    if reason == "null":
        return f"sets {key} to null, which counts as omitted, so its root filesystem is writable"
    if reason == "false":
        return f"sets {key} to false, so its root filesystem is writable"
    if reason == "not-boolean":
        return f"sets {key} to {outcomes.kind(outcome.value)}; it must be the boolean true"
    if reason == "os-family-unresolved":
        unknown = outcomes.unknown_reason(outcome.value)
        return f"does not set {key} to true, and its OS family cannot be determined: {unknown}"
    return outcomes.undetermined(key, outcome.value)


def _steps(container: ContainerDefinition, task_definition: TaskDefinition, outcome: Outcome) -> tuple[str, ...]:
    from ecs5lint.rules import ecs5_remedies

    written = None if outcome.reason == "omitted" else outcome.value.span
    return ecs5_remedies.steps(container, task_definition, written, is_misspelled=outcome.reason == "misspelled")


def _write_out(container: ContainerDefinition) -> str:
    from ecs5lint.rules import remedies

    return remedies.written(container, NAME, "true")


_CHECK = Check("ECS5", _find, _judge_value, _predicate, _steps, _write_out, _glance, AFTERWARDS, outcomes.WINDOWS)
