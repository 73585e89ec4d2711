from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ecs5lint.values.alternatives import MAX_ALTERNATIVES, leaves, lift
from ecs5lint.values.conditions import fact, negate
from ecs5lint.values.kinds import (
    ABSENT,
    Arm,
    Assumption,
    Choice,
    Known,
    ObjectValue,
    Pair,
    Rest,
    Text,
    Unknown,
    Value,
    assume,
    known_text,
)
from ecs5lint.values.members import member, nested_member

ON = fact("on", "var.on")
TRUE, FALSE = Known(True), Known(False)
DEFAULT = frozenset({Assumption("var.on", "var.on = true")})


def either(when_on: Value, when_off: Value, default_arm: int | None = None) -> Choice:
    return Choice((Arm(ON, when_on), Arm(negate(ON), when_off)), default_arm=default_arm, assumptions=DEFAULT)


def test_leaves_leave_out_what_contradicts_the_path() -> None:
    value = either(either(TRUE, FALSE), FALSE)

    assert [leaf for _, leaf in leaves(value)] == [TRUE, FALSE]


def test_lift_pairs_the_alternatives_of_one_condition() -> None:
    both = lift(lambda left, right: Known(f"{left.value}{right.value}"), either(TRUE, FALSE), either(TRUE, FALSE))

    assert [leaf for _, leaf in leaves(both)] == [Known("TrueTrue"), Known("FalseFalse")]


def test_lift_gives_up_where_there_are_too_many() -> None:
    choices = [Choice((Arm(fact(f"{n}", ""), TRUE), Arm(fact(f"not {n}", ""), FALSE))) for n in range(20)]

    assert MAX_ALTERNATIVES < 2**20
    assert isinstance(lift(lambda *values: TRUE, *choices), Unknown)


def test_a_later_member_counts() -> None:
    value = ObjectValue((Pair(Known("a"), TRUE), Pair(Known("a"), FALSE)))

    assert member(value, "a") == FALSE


def test_members_that_are_not_known_hide_those_before_and_not_those_after() -> None:
    rest = Rest(Unknown("var.extra has no value"))
    before, after = Pair(Known("a"), TRUE), Pair(Known("b"), TRUE)

    assert isinstance(member(ObjectValue((before, rest, after)), "a"), Unknown)
    assert member(ObjectValue((before, rest, after)), "b") == TRUE
    assert isinstance(member(ObjectValue((before, rest, after)), "c"), Unknown)


def test_where_a_member_is_absent_the_one_before_counts() -> None:
    value = ObjectValue((Pair(Known("a"), TRUE), Pair(Known("a"), either(FALSE, ABSENT))))

    assert [leaf for _, leaf in leaves(member(value, "a"))] == [FALSE, TRUE]


def test_a_member_rests_on_what_decides_which_members_there_are() -> None:
    value = ObjectValue((Pair(Known("a"), TRUE),), assumptions=DEFAULT)

    assert member(value, "a").assumptions == DEFAULT
    assert member(value, "b").assumptions == DEFAULT


def test_nested_member_of_null_is_absent() -> None:
    value = ObjectValue((Pair(Known("a"), Known(None)),))

    assert nested_member(value, "a", "b") == ABSENT


def test_assumptions_of_a_choice_itself_are_those_of_its_pick() -> None:
    other = frozenset({Assumption("var.other", "var.other = 1")})
    value = assume(either(TRUE, FALSE, default_arm=0), other)

    assert value.assumptions == DEFAULT
    assert {leaf.assumptions for _, leaf in leaves(value)} == {other}


@given(st.lists(st.text()))
def test_text_of_known_parts_is_known(parts: list[str]) -> None:
    assert known_text(Text(tuple(Known(part) for part in parts))) == "".join(parts)


def test_a_member_rests_on_its_own_share_of_what_the_object_rests_on() -> None:
    first, second = Assumption("var.a", "a"), Assumption("var.b", "b")
    members = (Pair(Known("some"), Known(1), assumptions=frozenset()), Pair(Known("all"), Known(2)))
    value = ObjectValue(members, assumptions=frozenset({first}))
    assert member(value, "some").assumptions == frozenset()
    assert member(value, "all").assumptions == {first}
    assert nested_member(assume(value, frozenset({second})), "some").assumptions == {second}
    assert nested_member(assume(value, frozenset({first})), "some").assumptions == {first}
