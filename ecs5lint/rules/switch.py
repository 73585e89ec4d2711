"""Judge a setting that is ENABLED or DISABLED, and must be ENABLED."""

from __future__ import annotations

from ecs5lint.model.result import FAIL, PASS, UNKNOWN
from ecs5lint.model.task_definition import Setting
from ecs5lint.rules.outcomes import may_be
from ecs5lint.values.kinds import Absent, Known, Text, Unknown, Value, known_text

ENABLED, DISABLED = "ENABLED", "DISABLED"


def judge(value: Value, setting: Setting) -> tuple[str, str]:
    """Return the verdict about a value, and its reason. The default is DISABLED."""
    if isinstance(value, Absent):
        return FAIL, "misspelled" if setting.misspelling else "omitted"
    if isinstance(value, Unknown):
        found = {_judge_constant(item) for item in value.domain or ()}
        verdicts = {verdict for verdict, _ in found}
        return min(found) if len(verdicts) == 1 else (UNKNOWN, "unresolved")
    if isinstance(value, Text) and known_text(value) is None:
        return (UNKNOWN, "unresolved") if may_be(value, ENABLED) else (FAIL, "invalid")
    return _judge_constant(value.value if isinstance(value, Known) else known_text(value) or [])


def _judge_constant(value: object) -> tuple[str, str]:
    if value == ENABLED:
        return PASS, "enabled"
    return FAIL, "disabled" if value == DISABLED else "null" if value is None else "invalid"
