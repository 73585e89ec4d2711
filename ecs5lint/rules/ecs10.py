"""ECS10: Fargate services run on the latest platform version.

AWS Security Hub control ECS.10 (AWS Config rule ecs-fargate-latest-platform-version) fails a Fargate service that sets
a platform version other than LATEST, 1.4.0 on Linux, or 1.0.0 on Windows. The default is LATEST.
https://docs.aws.amazon.com/securityhub/latest/userguide/ecs-controls.html#ecs-10
"""

from __future__ import annotations

from collections.abc import Iterator

from ecs5lint.model.resource import PLATFORM_FAMILY, Resource, Subject
from ecs5lint.model.result import FAIL, NOT_APPLICABLE, PASS, UNKNOWN, Result
from ecs5lint.model.task_definition import Setting
from ecs5lint.rules import checks, outcomes, remedies
from ecs5lint.rules.checks import ResourceCheck
from ecs5lint.rules.outcomes import Outcome
from ecs5lint.settings.settings import Settings
from ecs5lint.values.alternatives import leaves
from ecs5lint.values.kinds import Absent, Known, ListValue, Repeated, Text, Unknown, Value, known_text

REASONS = {
    "latest": "the platform version is LATEST, or the latest one of the operating system",
    "outdated": "the platform version is another one",
    "omitted": "no platform version is set, and the default is LATEST",
    "null": "the platform version is null, which counts as omitted",
    "not-fargate": "the service does not run on Fargate",
    "capacity-providers": "the platform version is outdated, and a capacity provider strategy decides on Fargate",
    "launch-type-unresolved": "the platform version is outdated, and whether the service runs on Fargate is unknown",
    "os-family-unresolved": "whether the version is the latest one depends on an unknown operating system",
    **outcomes.RESOURCE_REASONS,
}

_VERSION, _LAUNCH_TYPE = "platformVersion", "launchType"
_STRATEGY, _PROVIDER = "capacityProviderStrategy", "capacityProvider"
_LATEST, _LINUX, _WINDOWS = "LATEST", "1.4.0", "1.0.0"
_FARGATE = "FARGATE"
_OTHER_LAUNCH_TYPES = frozenset(("EC2", "EXTERNAL", "MANAGED_INSTANCES"))
_FARGATE_PROVIDERS = frozenset((_FARGATE, "FARGATE_SPOT"))

#: Whether a service runs on Fargate: by its launch type, by its capacity providers, not at all, or unknown.
_BY_LAUNCH_TYPE, _BY_PROVIDERS, _NEVER, _OPEN = "launch-type", "capacity-providers", "never", "open"


def judge(service: Resource, settings: Settings) -> list[Result]:
    """Return the result for a service. If the settings are strict, a result that relies on a default is unknown."""
    return checks.judge_resource(service, _CHECK, settings)


def _find(service: Subject) -> list[Setting]:
    return list(_settings(service))


def _settings(service: Subject) -> Iterator[Setting]:
    """Yield the version for each combination of the other properties that decide. Raises TooManyAlternatives."""
    launch_type = service.string(_LAUNCH_TYPE).value
    strategy, family = service.property(_STRATEGY), service.string(PLATFORM_FAMILY).value
    version = service.string(_VERSION)
    for case, of_launch in leaves(launch_type, service.case):
        for longer, of_strategy in leaves(strategy, case):
            for longest, system in leaves(family, longer):
                kind = Known(_kind(of_launch, of_strategy, service))
                steps = len(longest) - len(service.case)
                yield version._replace(case=longest, others=(kind, system), steps_to_entry=steps)


def _kind(launch_type: Value, strategy: Value, service: Subject) -> str:
    """Tell whether a service runs on Fargate."""
    if isinstance(launch_type, Absent) or (isinstance(launch_type, Known) and launch_type.value is None):
        return _kind_by_providers(strategy, service)
    if isinstance(launch_type, Text) and known_text(launch_type) is None:
        return _OPEN if outcomes.may_be(launch_type, _FARGATE) else _NEVER
    names = {known_text(launch_type)}
    if isinstance(launch_type, Unknown):
        names = {None if item is None else str(item) for item in launch_type.domain or (None,)}
    if names == {_FARGATE}:
        return _BY_LAUNCH_TYPE
    # Amazon ECS refuses any other launch type, so the deployed one is unknown.
    return _NEVER if names <= _OTHER_LAUNCH_TYPES else _OPEN


def _kind_by_providers(strategy: Value, service: Subject) -> str:
    """Tell whether a service without a launch type runs on Fargate. The strategy of its cluster may decide."""
    if not isinstance(strategy, ListValue):
        return _OPEN
    providers: set[str | None] = set()
    for item in strategy.items:
        element = item.element if isinstance(item, Repeated) else item
        for _, provider in leaves(service.form.nested_property(element, _PROVIDER)):
            if not isinstance(provider, Absent):
                providers.add(known_text(provider))
    if None in providers or not providers:
        return _OPEN
    return _NEVER if providers.isdisjoint(_FARGATE_PROVIDERS) else _BY_PROVIDERS


def _judge_value(value: Value, setting: Setting) -> tuple[str, str]:
    kind, system = setting.others
    if known_text(kind) == _NEVER:
        return NOT_APPLICABLE, "not-fargate"
    verdict, reason = _judge_version(value, system)
    if verdict != FAIL or known_text(kind) == _BY_LAUNCH_TYPE:
        return verdict, reason
    return UNKNOWN, "capacity-providers" if known_text(kind) == _BY_PROVIDERS else "launch-type-unresolved"


def _judge_version(value: Value, system: Value) -> tuple[str, str]:
    if isinstance(value, Absent):
        return PASS, "omitted"
    if isinstance(value, Unknown):
        found = {_judge_constant(item, system) for item in value.domain or ()}
        verdicts = {verdict for verdict, _ in found}
        return min(found) if len(verdicts) == 1 else (UNKNOWN, "unresolved")
    if isinstance(value, Text) and known_text(value) is None:
        may_pass = any(outcomes.may_be(value, version) for version in (_LATEST, _LINUX, _WINDOWS))
        return (UNKNOWN, "unresolved") if may_pass else (FAIL, "outdated")
    return _judge_constant(value.value if isinstance(value, Known) else known_text(value) or [], system)


def _judge_constant(version: object, system: Value) -> tuple[str, str]:
    if version is None:
        return PASS, "null"
    if version == _LATEST:
        return PASS, "latest"
    is_windows = outcomes.is_windows(system)
    if version == _LINUX:
        # There is no such version for Windows.
        return (FAIL, "outdated") if is_windows else (PASS, "latest")
    if version == _WINDOWS:
        if is_windows is None:
            return UNKNOWN, "os-family-unresolved"
        return (PASS, "latest") if is_windows else (FAIL, "outdated")
    return FAIL, "outdated"


def _predicate(service: Subject, outcome: Outcome) -> str | outcomes.Undetermined:
    key, reason, value = service.form.spelling(_VERSION), outcome.reason, outcome.value
    if reason == "not-fargate":
        return "does not run on Fargate, so ECS.10 does not apply to it"
    if reason == "omitted":
        return f"does not set {key}, so it runs on the latest version"
    if reason == "null":
        return f"sets {key} to null, so it runs on the latest version"
    if reason == "unresolved":
        return outcomes.undetermined(key, value)
    shown = f"sets {key} to {_shown(value)}"
    if reason == "os-family-unresolved":
        return f"{shown}, which is the latest version on Windows only, and its operating system is unknown"
    if reason == "capacity-providers":
        return f"{shown}, and ECS.10 may not check services with a capacity provider strategy"
    if reason == "launch-type-unresolved":
        return f"{shown}, and whether it runs on Fargate is unknown"
    return shown if reason == "latest" else f"{shown}, which is not the latest version"


def _shown(value: Value) -> str:
    if isinstance(value, Known):
        return f'"{outcomes.cut(str(value.value))}"'
    return "another version" if isinstance(value, (Text, Unknown)) else outcomes.kind(value)


def _steps(service: Subject, _outcome: Outcome) -> tuple[str, ...]:
    if service.construct:
        return (f"set platformVersion of {service.construct} to LATEST, then run cdk synth",)
    return (f"remove {service.form.spelling(_VERSION)}, or set {_write_out(service)}",)


def _write_out(service: Subject) -> str:
    return remedies.written_in(service, _VERSION, f'"{_LATEST}"')


_CHECK = ResourceCheck(
    "ECS10",
    _find,
    _judge_value,
    _predicate,
    _steps,
    _write_out,
    ("start a new deployment, since running tasks keep their platform version",),
)
