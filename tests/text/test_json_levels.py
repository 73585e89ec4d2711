"""Test that a document read by levels is the one that the full reader reads."""

from __future__ import annotations

import json
import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecs5lint.location import Failure, Source, Span
from ecs5lint.text.json import JsonError, Reader
from ecs5lint.text.json_document import parse_document
from ecs5lint.text.json_levels import MAX_DEPTH, Unreadable, read_levels
from ecs5lint.values.kinds import Known, ListValue, ObjectValue, Pair, Repeated, Value
from ecs5lint.values.members import find_member

SPACES = st.sampled_from(["", " ", "\n", "\t\r\n  "])
STRINGS = st.sampled_from(
    ['"a"', '"A"', '""', '"\\u0041"', '"\\ud800"', '"é\\n"', '"\\\\"', '"a\\"b"', '"{"', '"]"', '"\ufffc"']
)
SCALARS = STRINGS | st.sampled_from(
    ["0", "-0", "1", "12345678901234567890123", "0.1", "1e400", "1e5", "1.10", "true", "false", "null", "9" * 4001]
)
#: Texts that are no JSON.
WRONG = st.sampled_from(
    ["NaN", "Infinity", "-Infinity", "01", "1.", "-", "tru", "'a'", '"\n"', "\ufeff1", "", "9" * 4400, '"a', "[1,]"]
)


@st.composite
def texts(draw: st.DrawFn, depth: int = 4) -> str:
    """Return a text that is mostly JSON, with keys that occur twice."""
    kind = draw(st.integers(0, 9)) if depth else 0
    space = draw(SPACES)
    if kind < 3:
        return space + draw(WRONG if draw(st.integers(0, 30)) == 0 else SCALARS) + space
    parts = draw(st.lists(texts(depth - 1), max_size=4))
    if kind < 6:
        return f"{space}[{','.join(parts) or draw(SPACES)}]{space}"
    members = (f"{draw(SPACES)}{draw(STRINGS)}{draw(SPACES)}:{part}" for part in parts)
    return f"{space}{{{','.join(members) or draw(SPACES)}}}{space}"


def innermost(value: object) -> object:
    while isinstance(value, (ListValue, ObjectValue)):
        first = value.items[0] if isinstance(value, ListValue) else value.members[0]
        value = first.value if isinstance(first, Pair) else first
    return value


def in_full(source: Source) -> Value | None:
    try:
        return Reader(source.text, lambda start, end: Span(source, start, end)).only_value()
    except JsonError:
        return None


def by_levels(source: Source, levels: int) -> Value | None:
    try:
        return read_levels(source, source.text, levels)
    except Unreadable:
        return None


@given(texts(), st.integers(0, 3), st.integers(0, 200), st.sampled_from(["", ",", "]", "}", '"', ":", " ", "1", "\\"]))
@settings(max_examples=400, deadline=None)
def test_both_readers_agree(text: str, levels: int, at: int, inserted: str) -> None:
    for variant in (text, text[:at] + inserted + text[at:], text[:at] + text[at + 1 :]):
        source = Source("a.json", variant, "json")
        found, full = by_levels(source, levels), in_full(source)
        # The C decoder refuses a number of more than 4,300 digits.
        assert found == full or (found is None and "9" * 4_001 in variant)


@pytest.mark.parametrize("opening", ["[", '{"a":'])
@pytest.mark.parametrize("levels", [0, 2, 200])
def test_the_depth_is_bounded(opening: str, levels: int) -> None:
    for depth, is_read in ((MAX_DEPTH, True), (MAX_DEPTH + 1, False), (100_000, False)):
        closing = "]" if opening == "[" else "}"
        source = Source("a.json", f"[{opening * (depth - 1)}1{closing * (depth - 1)}]", "json")
        assert (by_levels(source, levels) is not None) is is_read


def test_a_hidden_member_that_is_too_deep_is_a_failure() -> None:
    source = Source("a.json", f'{{"a": {{"b": {"[" * 200}{"]" * 200}, "b": 1}}}}', "json")
    value = parse_document(source, levels=1)
    with pytest.raises(Failure, match="nested more than 150 deep"):
        innermost(value)


def test_what_is_not_kept_is_left_out() -> None:
    text = json.dumps({"a": {"x": {"n": 1}, "y": {"n": 2}, "z": 3}, "b": {"x": {"n": 1}}})
    found = parse_document(Source("a.json", text, "json"), keep=lambda key, value: (key, value) != ("a", {"n": 1}))
    assert isinstance(found, ObjectValue)
    keys = [
        [pair.key.value for pair in member.value.members if isinstance(pair, Pair) and isinstance(pair.key, Known)]
        for member in found.members
        if isinstance(member, Pair) and isinstance(member.value, ObjectValue)
    ]
    assert keys == [["y", "z"], ["x"]]


def test_a_value_goes_to_another_process_with_its_parts() -> None:
    source = Source("a.json", '{"a": {"b": [1, {"c": 2}]}}', "json")
    value = parse_document(source, levels=0)
    copy = pickle.loads(pickle.dumps(value._replace(span=None)))
    assert repr(copy).replace(repr(copy.members[0].within.source), "") == repr(value._replace(span=None)).replace(
        repr(source), ""
    )


def unread_objects(value: Value) -> list[ObjectValue]:
    """Return the objects in a value whose members are not read yet."""
    if isinstance(value, ObjectValue):
        if value.plain is not None:
            return [value]
        return [found for pair in value.members if isinstance(pair, Pair) for found in unread_objects(pair.value)]
    items = value.items if isinstance(value, ListValue) else ()
    return [found for item in items if not isinstance(item, Repeated) for found in unread_objects(item)]


@given(texts(), st.integers(0, 3))
@settings(max_examples=400, deadline=None)
def test_a_member_is_found_as_it_is_read(text: str, levels: int) -> None:
    value = by_levels(Source("a.json", text, "json"), levels)
    for item in unread_objects(value) if value else ():
        assert item.plain is not None
        names = [*item.plain, "absent"]
        found = [find_member(item, name) for name in names]
        assert item.members is not None
        assert item.plain is None
        assert found == [find_member(item, name) for name in names]


def test_a_member_is_found_without_reading_the_others() -> None:
    source = Source("a.json", '{"a": [{"b": {"b": 1}, "c": [2], "d": 3}]}', "json")
    (item,) = unread_objects(parse_document(source))
    for name, text, is_read in (("c", "[2]", False), ("b", '{"b": 1}', True)):
        span = find_member(item, name)[0].span
        assert span is not None
        assert (span.text, item.plain is None) == (text, is_read)
