"""Test the positions of texts that are assembled from parts."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ecs5lint.location import Source, Span
from ecs5lint.values.kinds import Known, Unknown, Value
from ecs5lint.values.pieces import Assembled

FILE = Source("main.tf", "one\ntwo\nthree ${var.x} four\n", "hcl")
HOLE = FILE.text.index("${var.x}")


def verbatim(start: int, end: int) -> Known:
    return Known(FILE.text[start:end], Span(FILE, start, end), verbatim=start)


def parts() -> tuple[list[Value], list[str]]:
    hole = Unknown("var.x has no value", Span(FILE, HOLE, HOLE + 8))
    return [verbatim(0, 4), verbatim(4, HOLE), hole, verbatim(HOLE + 8, len(FILE.text))], [
        "one\n",
        "two\nthree ",
        "?",
        " four\n",
    ]


@given(st.integers(0, HOLE - 1), st.integers(1, HOLE))
def test_a_stretch_of_verbatim_text_has_its_own_span(start: int, length: int) -> None:
    end = min(HOLE, start + length)
    span = Assembled(*parts()).span(start, end)

    assert span is not None
    assert span.text == FILE.text[start:end]


def test_a_hole_has_the_span_of_its_part() -> None:
    span = Assembled(*parts()).span(HOLE, HOLE + 1)

    assert span is not None
    assert span.text == "${var.x}"


@given(st.integers(0, HOLE + 6), st.integers(0, HOLE + 6))
def test_a_cut_keeps_the_text_and_every_hole(start: int, end: int) -> None:
    assembled = Assembled(*parts())
    found = assembled.between(min(start, end), max(start, end))
    text = "".join(str(part.value) if isinstance(part, Known) else "?" for part in found)

    assert text == assembled.text[min(start, end) : max(start, end)]


def test_positions_of_the_derived_source_lead_to_the_file() -> None:
    source = Assembled(*parts()).source(FILE, 0)

    for word in ("one", "two", "three", "four"):
        assert source.position(source.text.index(word)) == FILE.position(FILE.text.index(word))
