from __future__ import annotations

from itertools import pairwise, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecs5lint.values.conditions import (
    ALWAYS,
    NEVER,
    All,
    Any,
    Condition,
    Is,
    Named,
    Not,
    describe,
    describe_cases,
    fact,
    holds,
    satisfiable,
)

ENVIRONMENTS = ("dev", "test", "prod")

comparisons = st.one_of(
    st.builds(lambda value: Is("Env", value, ENVIRONMENTS, f"Env is {value}"), st.sampled_from(ENVIRONMENTS)),
    st.builds(lambda name: fact(name, name), st.sampled_from(["A", "B"])),
    st.builds(lambda value: Is("Name", value, None, f"Name is {value}"), st.sampled_from(["x", "y"])),
)
conditions = st.recursive(
    comparisons,
    lambda inner: st.one_of(
        st.builds(Not, inner),
        st.lists(inner, max_size=3).map(lambda items: All(*items)),
        st.lists(inner, max_size=3).map(lambda items: Any(*items)),
        st.builds(Named, st.just("Named"), inner),
    ),
    max_leaves=8,
)


@given(st.lists(conditions, max_size=3))
def test_satisfiable_agrees_with_trying_everything(goals: list[Condition]) -> None:
    assignments = product(ENVIRONMENTS, (True, False), (True, False), ("x", "y", "another"))
    expected = any(
        all(holds(goal, {"Env": env, "A": a, "B": b, "Name": name}) for goal in goals)
        for env, a, b, name in assignments
    )

    assert satisfiable(goals) is expected


def test_true_and_one_are_different_values() -> None:
    one = Is("x", 1, None, "x is 1")
    true = Is("x", True, None, "x is true")

    assert not satisfiable([one, true])


def test_many_conditions_do_not_take_exponential_time() -> None:
    facts = [fact(f"f{number}", f"f{number}") for number in range(200)]

    assert satisfiable([Any(left, right) for left, right in pairwise(facts)])


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (Named("IsProd", fact("x", "whatever")), "IsProd"),
        (Not(Named("IsProd", ALWAYS)), "not IsProd"),
        (All(fact("a", "var.a"), Not(fact("b", "var.b"))), "var.a and not var.b"),
        (Any(fact("a", "var.a"), Is("env", "x", None, 'var.env == "x"')), 'var.a or (var.env == "x")'),
        (All(ALWAYS, fact("a", "var.a")), "var.a"),
        (Not(Is("env", "x", None, 'var.env == "x"', opposite='var.env != "x"')), 'var.env != "x"'),
        (Not(Any(Not(Is("env", "x", None, 'var.env == "x"')))), 'var.env == "x"'),
        (Not(Is("env", "x", None, 'var.env == "x"')), 'not (var.env == "x")'),
        (Not(Named("var.all is not empty", ALWAYS, "var.all is empty")), "var.all is empty"),
    ],
)
def test_describe(condition: Condition, expected: str) -> None:
    assert describe(condition) == expected


def test_nothing_satisfies_never() -> None:
    assert satisfiable([ALWAYS])
    assert not satisfiable([ALWAYS, NEVER])


A, B, C = (fact(name, name) for name in "ABC")
ENV_X, ENV_Y = (Is("env", name, None, f'env == "{name}"') for name in "xy")


@pytest.mark.parametrize(
    ("cases", "expected"),
    [
        ([[A]], "A"),
        ([[A, B], [Not(A), B]], "B"),
        ([[A], [Not(A)]], ""),
        ([[A, B], [A]], "A"),
        ([[A, B], [Not(A), C]], "A and B or not A and C"),
        ([[A], [B], [C]], "A or B or in other cases"),
        ([[A], []], ""),
        ([[All(A, B), A]], "A and B"),
        ([[ENV_X, Not(ENV_Y)]], 'env == "x"'),
        ([[ENV_X], [ENV_Y], [Not(ENV_X), Not(ENV_Y)]], ""),
        ([[Named("IsX", ENV_X), Not(ENV_Y)]], "IsX"),
        ([[Not(Named("IsX", ENV_X)), ENV_Y]], 'not IsX and env == "y"'),
        ([], ""),
    ],
)
def test_describe_cases(cases: list[list[Condition]], expected: str) -> None:
    assert describe_cases(cases, most=2) == expected
