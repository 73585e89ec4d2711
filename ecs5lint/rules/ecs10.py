"""ECS10: Fargate services run on the latest platform version.

AWS Security Hub control ECS.10 (AWS Config rule ecs-fargate-latest-platform-version) fails a Fargate service that sets
a platform version other than LATEST, 1.4.0 on Linux, or 1.0.0 on Windows. The default is LATEST.
https://docs.aws.amazon.com/securityhub/latest/userguide/ecs-controls.html#ecs-10
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from ecs5lint.model.form import Form
from ecs5lint.model.resource import FARGATE_PROVIDERS, PLATFORM_FAMILY, Resource, Subject
from ecs5lint.model.result import FAIL, NOT_APPLICABLE, PASS, UNKNOWN, Result
from ecs5lint.model.task_definition import Setting
from ecs5lint.rules import checks, outcomes, remedies
from ecs5lint.rules.checks import ResourceCheck
from ecs5lint.rules.outcomes import Outcome
from ecs5lint.settings.settings import Settings
from ecs5lint.values.alternatives import leaves, lift
from ecs5lint.values.conditions import negate
from ecs5lint.values.kinds import (
    ABSENT,
    NO_ASSUMPTIONS,
    Absent,
    Arm,
    Choice,
    Known,
    ListValue,
    Repeated,
    Text,
    Unknown,
    Value,
    all_assumptions,
    assume,
    known_text,
)

REASONS = {
    "latest": "the platform version is LATEST, or the latest one of the operating system",
    "outdated": "the platform version is another one",
    "omitted": "no platform version is set, and the default is LATEST",
    "null": "the platform version is null, which counts as omitted",
    "empty": "the platform version is an empty string, and whether Amazon ECS takes it as omitted is not documented",
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

#: Whether a service runs on Fargate: by its launch type, by its capacity providers, not at all, or unknown.
_BY_LAUNCH_TYPE, _BY_PROVIDERS, _NEVER, _OPEN = "launch-type", "capacity-providers", "never", "open"


def judge(service: Resource, settings: Settings) -> list[Result]:
    """Return the result for a service. If the settings are strict, a result that relies on a default is unknown."""
    return checks.judge_resource(service, _CHECK, settings)


def _find(service: Subject) -> list[Setting]:
    return list(_settings(service))


def _settings(service: Subject) -> Iterator[Setting]:
    """Yield the version for each combination of the other properties that decide. Raises TooManyAlternatives."""
    launch_type, strategy = service.string(_LAUNCH_TYPE).value, service.property(_STRATEGY)
    kinds = lift(partial(_kind, service.form), launch_type, strategy)
    family, version = service.string(PLATFORM_FAMILY).value, service.string(_VERSION)
    for case, kind in leaves(kinds, service.case):
        for longer, system in leaves(family, case):
            value = lift(partial(_decided, kind, system), version.value)
            steps = len(longer) - len(service.case)
            yield version._replace(case=longer, value=value, others=(kind, system), steps_to_entry=steps)


def _decided(kind: Value, system: Value, version: Value) -> Value:
    """Return a version with the assumptions of the other properties, as far as they decide about it."""
    assumptions = NO_ASSUMPTIONS
    if known_text(kind) == _NEVER or _judge_version(version, system)[0] == FAIL:
        assumptions |= kind.assumptions
    if known_text(version) in (_LINUX, _WINDOWS):
        assumptions |= system.assumptions
    return assume(version, assumptions)


def _kind(form: Form, launch_type: Value, strategy: Value) -> Value:
    """Return the constant for whether a service runs on Fargate."""
    if isinstance(launch_type, Absent) or (isinstance(launch_type, Known) and launch_type.value is None):
        return assume(_kind_by_providers(form, strategy), launch_type.assumptions)
    return Known(_kind_by_launch_type(launch_type), assumptions=launch_type.assumptions)


def _kind_by_launch_type(launch_type: Value) -> str:
    if isinstance(launch_type, Text) and known_text(launch_type) is None:
        return _OPEN if any(outcomes.may_be(launch_type, item) for item in (_FARGATE, None)) else _NEVER
    names = {known_text(launch_type)}
    if isinstance(launch_type, Unknown):
        names = {None if item is None else str(item) for item in launch_type.domain or (None,)}
    if names == {_FARGATE}:
        return _BY_LAUNCH_TYPE
    # Amazon ECS refuses any other launch type, so the deployed one is unknown.
    return _NEVER if names <= _OTHER_LAUNCH_TYPES else _OPEN


def _kind_by_providers(form: Form, strategy: Value) -> Value:
    """Return the constant for a service without a launch type. The strategy of its cluster may decide."""
    if not isinstance(strategy, ListValue):
        return Known(_OPEN)
    providers = [_provider(form, item) for item in strategy.items]
    return assume(lift(_kind_by_names, *providers), strategy.assumptions)


def _provider(form: Form, item: Value | Repeated) -> Value:
    """Return the capacity provider of an element. It is absent where an element that may repeat is missing."""
    if not isinstance(item, Repeated):
        return form.nested_property(item, _PROVIDER)
    provider = form.nested_property(item.element, _PROVIDER)
    arms = Arm(item.when, provider), Arm(negate(item.when), ABSENT)
    return Choice(arms, provider.span, default_arm=1 if item.off_default_path else None)


def _kind_by_names(*providers: Value) -> Value:
    found = {_is_fargate(provider) for provider in providers if not isinstance(provider, Absent)}
    if None in found or not found:
        return Known(_OPEN)
    return Known(_BY_PROVIDERS if True in found else _NEVER, assumptions=all_assumptions(providers))


def _is_fargate(provider: Value) -> bool | None:
    """Tell whether a capacity provider is one of Fargate. Return None if this is unknown."""
    name = known_text(provider)
    if name is not None:
        return name in FARGATE_PROVIDERS
    if isinstance(provider, Unknown):
        if provider.domain and FARGATE_PROVIDERS.issuperset(provider.domain):
            return True
        return None if any(map(provider.may_be, FARGATE_PROVIDERS)) else False
    if isinstance(provider, Text):
        return None if any(outcomes.may_be(provider, constant) for constant in FARGATE_PROVIDERS) else False
    return None


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
        may_pass = any(outcomes.may_be(value, version) for version in (_LATEST, _LINUX, _WINDOWS, None))
        return (UNKNOWN, "unresolved") if may_pass else (FAIL, "outdated")
    return _judge_constant(value.value if isinstance(value, Known) else known_text(value) or [], system)


def _judge_constant(version: object, system: Value) -> tuple[str, str]:
    if version is None:
        return PASS, "null"
    if version == _LATEST:
        return PASS, "latest"
    if version == "":
        return UNKNOWN, "empty"
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
    if reason == "empty":
        return f"sets {key} to an empty string, and whether Amazon ECS takes that as omitted is not documented"
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
