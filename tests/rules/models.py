"""Models made by hand, for the tests of the rules."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from ecs5lint.location import Source, Span
from ecs5lint.model.form import Form
from ecs5lint.model.result import Result
from ecs5lint.model.task_definition import Alternative, ContainerDefinition, TaskDefinition
from ecs5lint.rules import RULES
from ecs5lint.settings.settings import Settings
from ecs5lint.values.alternatives import Case
from ecs5lint.values.conditions import Condition, Is, Named, fact, negate
from ecs5lint.values.kinds import ABSENT, Arm, Assumption, Choice, Known, ObjectValue, Pair, Unknown, Value

HERE = Span(Source("task.json", "{}", "json"), 0, 2)
HOLE = Unknown("var.ro has no value", hint="set it with --var ro=...")
ON = Named("IsOn", fact("on", "var.on"))
PROD = Named("IsProd", Is("Env", "prod", None, "Env is prod"))
DEFAULT = frozenset({Assumption("var.on", "var.on = true")})


def object_of(**members: Value) -> ObjectValue:
    return ObjectValue(tuple(Pair(Known(key, HERE), value) for key, value in members.items()), HERE)


def judged(
    rule: str,
    *definitions: ObjectValue,
    system: Value = ABSENT,
    form: Form | None = None,
    case: Case = (),
    strict: bool = False,
) -> Result:
    """Return the result of a rule for a task definition with one container, which has the `definitions`."""
    alternatives = tuple(Alternative(case, definition) for definition in definitions)
    container = ContainerDefinition("web", 0, HERE, form or Form(), alternatives)
    task_definition = TaskDefinition("terraform", "app", HERE, (container,), (), system, case=case)
    logic = RULES[rule].logic()
    (result,) = logic.judge(task_definition, Settings(strict=strict))
    assert result.rule == rule
    assert result.reason in logic.REASONS
    return result


def either(condition: Condition, then: Value, otherwise: Value, default_arm: int | None = None) -> Choice:
    arms = (Arm(condition, then), Arm(negate(condition), otherwise))
    return Choice(arms, assumptions=DEFAULT if default_arm is not None else frozenset(), default_arm=default_arm)


def choices(values: Sequence[Value]) -> SearchStrategy[Value]:
    """Return a strategy for choices of some values, by two conditions."""
    default_arm = st.sampled_from([None, 0, 1])
    return st.recursive(
        st.sampled_from(values),
        lambda inner: st.builds(either, st.sampled_from([ON, PROD]), inner, inner, default_arm),
        max_leaves=6,
    )


def arms(value: Value) -> set[Value]:
    """Return the values that a choice by the two conditions can have."""

    def follow(value: Value, on: bool, prod: bool) -> Value:
        while isinstance(value, Choice):
            condition = value.arms[0].when
            value = value.arms[0 if (on if condition is ON else prod) else 1].value
        return value

    return {follow(value, on, prod) for on in (True, False) for prod in (True, False)}
