"""Tests of the texts that rules compare with constants."""

from hypothesis import given
from hypothesis import strategies as st

from ecs5lint.rules.outcomes import may_be
from ecs5lint.values.conditions import ALWAYS
from ecs5lint.values.kinds import Known, Repetition, Text, Unknown, Value

_HOLE = Unknown("it is unknown")
_BEGIN, _END = (Unknown("it is unknown", repetition=Repetition(begins, ALWAYS)) for begins in (True, False))
_PIECES = st.lists(st.tuples(st.text("AB", max_size=2), st.sampled_from(("known", "hole", "repeated"))), min_size=1)


@given(_PIECES, st.text("AB", max_size=3), st.integers(0, 2))
def test_a_text_may_be_each_constant_that_its_holes_can_make_of_it(
    pieces: list[tuple[str, str]], filling: str, times: int
) -> None:
    parts: list[Value] = []
    constant = ""
    for text, kind in pieces:
        known = Known(text)
        written: dict[str, tuple[Value, ...]] = {"known": (known,), "hole": (_HOLE,), "repeated": (_BEGIN, known, _END)}
        parts += written[kind]
        constant += {"known": text, "hole": filling, "repeated": text * times}[kind]
    assert may_be(Text((*parts, _HOLE)), constant)


def test_a_known_part_must_be_in_the_constant() -> None:
    assert may_be(Text((_HOLE, Known("ARG"), _HOLE)), "FARGATE")
    assert not may_be(Text((_HOLE, Known("-"), _HOLE)), "FARGATE")
    assert not may_be(Text((Known("FAR"), _HOLE, Known("R"), _HOLE)), "FARGATE")
