"""ECS12: clusters use Container Insights.

AWS Security Hub control ECS.12 (AWS Config rule ecs-container-insights-enabled) fails a cluster that does not enable
Container Insights. Without the setting containerInsights of the cluster, that of the account decides.
https://docs.aws.amazon.com/securityhub/latest/userguide/ecs-controls.html#ecs-12
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ClusterSetting.html
"""

from __future__ import annotations

from functools import partial

from ecs5lint.model.resource import ACCOUNT_SETTINGS, Resource, Subject
from ecs5lint.model.result import FAIL, PASS, UNKNOWN, Result
from ecs5lint.model.task_definition import Setting
from ecs5lint.rules import checks, outcomes, remedies
from ecs5lint.rules.checks import ResourceCheck
from ecs5lint.rules.outcomes import Outcome
from ecs5lint.settings.settings import Settings
from ecs5lint.values.alternatives import lift
from ecs5lint.values.conditions import ALWAYS, negate
from ecs5lint.values.kinds import (
    ABSENT,
    Absent,
    Arm,
    Choice,
    Known,
    ListValue,
    Repeated,
    Text,
    Unknown,
    Value,
    known_text,
)

REASONS = {
    "enabled": "Container Insights is enabled",
    "enhanced": "Container Insights with enhanced observability is enabled",
    "disabled": "Container Insights is disabled",
    "account-setting": "the cluster does not set it, and the setting of the account decides",
    **outcomes.RESOURCE_REASONS,
}

_SETTINGS = "settings"
_INSIGHTS = "containerInsights"
_VALUES = {"enabled": (PASS, "enabled"), "enhanced": (PASS, "enhanced"), "disabled": (FAIL, "disabled")}


def judge(cluster: Resource, settings: Settings) -> list[Result]:
    """Return the result for a cluster. If the settings are strict, a result that relies on a default is unknown."""
    return checks.judge_resource(cluster, _CHECK, settings)


def _find(cluster: Subject) -> list[Setting]:
    of_account = lift(partial(_or_open, cluster), _insights(cluster, cluster.read(ACCOUNT_SETTINGS)))
    own = _insights(cluster, cluster.read(_SETTINGS))
    value = lift(lambda value: of_account if isinstance(value, Absent) else value, own)
    return [Setting(cluster.case, cluster.form.string(value))]


def _or_open(cluster: Subject, of_account: Value) -> Value:
    """Return the setting of the account. If it is absent, add a hint."""
    if not isinstance(of_account, Absent):
        return of_account
    return Absent(None, of_account.assumptions, f"set it in the cluster: {_write_out(cluster)}")


def _insights(cluster: Subject, settings: Value) -> Value:
    """Return the value of containerInsights in a list of settings, or ABSENT."""
    return lift(partial(_in_list, cluster), settings)


def _in_list(cluster: Subject, settings: Value) -> Value:
    if isinstance(settings, Known) and settings.value is None:
        return ABSENT
    if not isinstance(settings, ListValue):
        is_open = isinstance(settings, (Absent, Unknown))
        return settings if is_open else Unknown("the settings are not a list", settings.span)
    found: Value = Absent(None, settings.assumptions)
    for item in settings.items:
        if isinstance(item, Repeated):
            added = lift(partial(_with, cluster), found, item.element)
            if item.when is ALWAYS:
                found = added
            else:
                default_arm = 1 if item.off_default_path else None
                found = Choice(
                    (Arm(item.when, added), Arm(negate(item.when), found)), item.element.span, default_arm=default_arm
                )
        else:
            found = lift(partial(_with, cluster), found, item)
    return found


def _with(cluster: Subject, found: Value, entry: Value) -> Value:
    """Return the value of containerInsights after one more setting of the list. `found` is the value before it."""
    if isinstance(entry, Absent):
        return found
    name = lift(partial(_is_insights, cluster, entry), cluster.form.string(cluster.form.nested_property(entry, "name")))
    return lift(partial(_taken, cluster, found, entry), name)


def _is_insights(cluster: Subject, entry: Value, name: Value) -> Value:
    """Return whether a name is that of the setting. It is unknown for an unknown name."""
    if isinstance(entry, Unknown):
        return entry
    if isinstance(name, Unknown):
        return name if name.may_be(_INSIGHTS) else Known(False)
    if isinstance(name, Text) and known_text(name) is None:
        return Unknown(outcomes.unknown_reason(name), name.span) if outcomes.may_be(name, _INSIGHTS) else Known(False)
    return Known(known_text(name) == _INSIGHTS)


def _taken(cluster: Subject, found: Value, entry: Value, is_insights: Value) -> Value:
    if isinstance(is_insights, Unknown):
        return is_insights
    if not isinstance(is_insights, Known) or not is_insights.value:
        return found
    if not isinstance(found, Absent):
        return Unknown(f"{_INSIGHTS} is set twice", entry.span)
    value = cluster.form.nested_property(entry, "value")
    return lift(partial(_given, entry), value)


def _given(entry: Value, value: Value) -> Value:
    is_missing = isinstance(value, Absent) or (isinstance(value, Known) and value.value is None)
    return Unknown(f"{_INSIGHTS} has no value", entry.span) if is_missing else value


def _judge_value(value: Value, _setting: Setting) -> tuple[str, str]:
    if isinstance(value, Absent):
        return UNKNOWN, "account-setting"
    if isinstance(value, Unknown):
        found = {_VALUES.get(str(item), (UNKNOWN, "unresolved")) for item in value.domain or ()}
        verdicts = {verdict for verdict, _ in found}
        return min(found) if len(verdicts) == 1 else (UNKNOWN, "unresolved")
    # Amazon ECS refuses any other value, so the deployed value is unknown.
    return _VALUES.get(known_text(value) or "", (UNKNOWN, "unresolved"))


def _predicate(cluster: Subject, outcome: Outcome) -> str | outcomes.Undetermined:
    value, reason = outcome.value, outcome.reason
    if reason == "account-setting":
        return outcomes.Undetermined(_INSIGHTS, "the cluster does not set it, so the setting of the account decides")
    if reason in ("enabled", "enhanced"):
        return f"sets {_INSIGHTS} to {reason}"
    if reason == "disabled":
        return f"sets {_INSIGHTS} to disabled, so it collects no metrics of its tasks"
    if isinstance(value, Unknown) or (isinstance(value, Text) and known_text(value) is None):
        return outcomes.undetermined(_INSIGHTS, value)
    return f"sets {_INSIGHTS} to {outcomes.kind(value)}, which Amazon ECS does not accept"


def _steps(cluster: Subject, _outcome: Outcome) -> tuple[str, ...]:
    if cluster.construct:
        return (f"set containerInsightsV2 of {cluster.construct} to ENABLED or ENHANCED, then run cdk synth",)
    return (f"set it to enabled or enhanced: {_write_out(cluster)}",)


def _write_out(cluster: Subject) -> str:
    """Return the setting in the syntax of the cluster's source."""
    name, value = cluster.form.spelling("name"), cluster.form.spelling("value")
    if cluster.source.startswith("terraform") and "awscc_" not in cluster.address:
        return f'a block setting with name = "{_INSIGHTS}" and value = "enabled"'
    entry = {
        "json": f'{{"{name}": "{_INSIGHTS}", "{value}": "enabled"}}',
        "yaml": f"{{{name}: {_INSIGHTS}, {value}: enabled}}",
        "hcl": f'{{ {name} = "{_INSIGHTS}", {value} = "enabled" }}',
    }[cluster.location.source.syntax]
    return remedies.written_in(cluster, _SETTINGS, f"[{entry}]")


_CHECK = ResourceCheck(
    "ECS12",
    _find,
    _judge_value,
    _predicate,
    _steps,
    _write_out,
    ("CloudWatch bills the metrics that Container Insights collects",),
)
