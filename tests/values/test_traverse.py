"""Test the laws of traversing the parts of a value."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ecs5lint.values.conditions import ALWAYS, fact, negate
from ecs5lint.values.kinds import (
    ABSENT,
    Arm,
    Assumption,
    Choice,
    Encoded,
    Known,
    ListValue,
    ObjectValue,
    Pair,
    Repeated,
    Rest,
    Text,
    Unknown,
    Value,
)
from ecs5lint.values.traverse import all_within, assume_throughout, children, map_children

ON = fact("on", "var.on")
DEFAULT = frozenset({Assumption("var.on", "var.on defaults to true")})

LEAVES = st.sampled_from([Known("a"), Known(1), Unknown("var.x has no value"), ABSENT])


def _containing(inner: st.SearchStrategy[Value]) -> st.SearchStrategy[Value]:
    pairs = st.builds(Pair, inner, inner)
    rests = st.builds(lambda each: Rest(Unknown("not known"), each), st.none() | inner)
    return st.one_of(
        st.builds(
            ListValue,
            st.lists(inner | st.builds(lambda item: Repeated(item, ALWAYS), inner), max_size=3).map(tuple),
        ),
        st.builds(ObjectValue, st.lists(pairs | rests, max_size=3).map(tuple)),
        st.builds(Text, st.lists(inner, max_size=3).map(tuple)),
        st.builds(Encoded, inner),
        st.builds(lambda one, other: Choice((Arm(ON, one), Arm(negate(ON), other))), inner, inner),
    )


VALUES = st.recursive(LEAVES, _containing, max_leaves=12)


@given(VALUES)
def test_a_change_reaches_every_child(value: Value) -> None:
    changed = map_children(lambda child: Encoded(child), value)

    assert children(changed) == [Encoded(child) for child in children(value)]


@given(VALUES)
def test_names_change_only_if_asked_for(value: Value) -> None:
    names = [key for key in children(value, with_keys=True) if key not in children(value)]

    assert map_children(lambda child: child, value) == value
    assert all(name in children(map_children(lambda _: ABSENT, value), with_keys=True) for name in names)
    assert map_children(lambda child: child, value, lambda _: ABSENT) == value or isinstance(value, ObjectValue)


@given(VALUES)
def test_assumptions_reach_every_leaf(value: Value) -> None:
    def rests(value: Value) -> bool:
        inner = children(value)
        return all(map(rests, inner)) if inner else value.assumptions == DEFAULT

    assumed = assume_throughout(value, DEFAULT)

    assert rests(assumed)
    assert all_within(assumed) == DEFAULT
