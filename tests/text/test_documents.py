"""Test YAML documents as values with spans."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import yaml

from ecs5lint.location import Failure, Source
from ecs5lint.text import yaml as yaml_text
from ecs5lint.text.yaml import parse_yaml, resolve_1_1, resolve_1_2
from ecs5lint.values.kinds import Known, ListValue, ObjectValue, Pair, Value
from ecs5lint.values.members import member


@pytest.fixture(params=["libyaml", "pure"], autouse=True)
def composer(request: pytest.FixtureRequest) -> Iterator[None]:
    """Run each test with both of PyYAML's parsers, and restore the original one."""
    if request.param == "libyaml" and not yaml.__with_libyaml__:
        pytest.skip("PyYAML was built without libyaml")

    def forget() -> None:
        yaml_text._composer_class.cache_clear()
        yaml_text._redefining_composer_class.cache_clear()

    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(yaml, "__with_libyaml__", request.param == "libyaml")
        forget()
        yield
    forget()


def parse(text: str, resolve: yaml_text.Resolve = resolve_1_1) -> Value:
    (value,) = parse_yaml(Source("t.yaml", text, "yaml"), resolve, lambda tag, value, span: ListValue((value,), span))
    return value


def plain(value: Value) -> object:
    if isinstance(value, Known):
        return value.value
    if isinstance(value, ListValue):
        return [plain(item) for item in value.items]  # type: ignore[arg-type]
    assert isinstance(value, ObjectValue)
    return {plain(pair.key): plain(pair.value) for pair in value.members if isinstance(pair, Pair)}


def written(value: Value) -> str:
    assert value.span
    return value.span.text


def failure(text: str) -> tuple[str, tuple[int, int]]:
    with pytest.raises(Failure) as caught:
        parse_yaml(Source("t.yaml", text, "yaml"))
    return caught.value.message, caught.value.position


@pytest.mark.parametrize(
    ("text", "in_1_1", "in_1_2"),
    [
        ("true", True, True),
        ("TRUE", True, True),
        ("yes", True, "yes"),
        ("Off", False, "Off"),
        ("y", True, "y"),
        ("tRue", "tRue", "tRue"),
        ('"true"', "true", "true"),
        ("!!str true", "true", "true"),
        ('!!bool "true"', True, True),
        ("~", None, None),
        ("", None, None),
        ("12", 12, 12),
        ("-1.5", -1.5, -1.5),
        ("012", "012", "012"),
        ("2010-09-09", "2010-09-09", "2010-09-09"),
        ("1" * 10_000, "1" * 10_000, "1" * 10_000),
    ],
)
def test_a_scalar_means_what_the_version_says(text: str, in_1_1: object, in_1_2: object) -> None:
    assert plain(parse(f"a: {text}", resolve_1_1)) == {"a": in_1_1}
    assert plain(parse(f"a: {text}", resolve_1_2)) == {"a": in_1_2}


def test_a_key_is_text_whatever_it_looks_like() -> None:
    assert plain(parse("on: 1\n2: 2\n")) == {"on": 1, "2": 2}


def test_spans_count_characters_and_leave_out_what_follows() -> None:
    text = "a: \u00e9\r\nb: \U0001f600  # c\r\nc: |\r\n  x\r\n\r\n# end\r\n"
    value = parse(text)
    assert isinstance(value, ObjectValue)
    values = [written(pair.value) for pair in value.members if isinstance(pair, Pair)]
    assert values == ["\u00e9", "\U0001f600", "|\r\n  x"]
    span = member(value, "c").span
    assert span
    assert span.source.position(span.start) == (3, 4)


def test_a_mapping_starts_at_its_first_key_and_a_sequence_at_its_first_dash() -> None:
    value = parse("list: &l\n  - &a\n    Name: web\n\n  - {b: 1}\nflow: &f [1]\nend:\n")
    items = member(value, "list")  # type: ignore[arg-type]
    assert isinstance(items, ListValue)
    assert written(items) == "- &a\n    Name: web\n\n  - {b: 1}"
    assert written(items.items[0]) == "Name: web"  # type: ignore[arg-type]
    assert written(items.items[1]) == "{b: 1}"  # type: ignore[arg-type]
    assert written(member(value, "flow")) == "[1]"  # type: ignore[arg-type]


def test_the_spans_of_odd_collections_stay_inside_the_text() -> None:
    value = parse("a: &x 1\nb: &l\n  # c\n  - *x\n  - [k: v]\nc: {}\nd: &m !t\n  k: v\ne: [? k]\n")
    assert written(member(value, "b")) == "- *x\n  - [k: v]"  # type: ignore[arg-type]
    assert written(member(value, "c")) == "{}"  # type: ignore[arg-type]
    assert written(member(value, "d")) == "!t\n  k: v"  # type: ignore[arg-type]


def test_a_tag_is_applied_and_belongs_to_the_place() -> None:
    value = parse("a: !Ref X\nb: !If\n  - 1\n")
    assert plain(value) == {"a": ["X"], "b": [[1]]}
    assert written(member(value, "b")) == "!If\n  - 1"  # type: ignore[arg-type]


def test_a_tag_is_refused_where_it_means_nothing() -> None:
    assert failure("a: 1\nb: !Ref x\n") == ("is not usable YAML: unknown tag !Ref", (2, 4))


def test_an_alias_is_the_value_where_it_is_written() -> None:
    value = parse("a: &x {k: 1}\nb: *x\n")
    assert member(value, "a") is member(value, "b")  # type: ignore[arg-type]


def test_an_anchor_that_is_defined_again_is_the_later_value_from_there_on() -> None:
    assert plain(parse("a: &x 1\nb: *x\nc: {d: &x [2]}\ne: *x\n")) == {"a": 1, "b": 1, "c": {"d": [2]}, "e": [2]}
    assert plain(parse("- &x {k: &x 1, l: *x}\n- *x\n")) == [{"k": 1, "l": 1}, 1]


def test_an_anchor_that_is_defined_again_has_its_bounds_too() -> None:
    assert "refers to a node that contains it" in failure("a: &x 1\nb: &x [*x]\n")[0]
    assert "levels deep" in failure("a: &x 1\nb: &x 2\nc: " + "[" * 1_000)[0]
    assert "is not YAML: found undefined alias" in failure("a: &x 1\nb: &x 2\nc: *y\n")[0]


def test_a_merge_key_gives_way_to_the_own_members_and_to_the_first_of_several() -> None:
    text = "a: &a {k: 1, l: 1}\nb: &b {k: 2, m: 2}\nc: {l: 3, <<: [*a, *b]}\nd: {<<: *b, '<<': 4}\n"
    value = plain(parse(text))
    assert isinstance(value, dict)
    assert value["c"] == {"k": 1, "l": 3, "m": 2}
    assert value["d"] == {"k": 2, "m": 2, "<<": 4}


def test_of_equal_keys_the_last_one_counts() -> None:
    assert plain(member(parse("a: 1\na: 2\n"), "a")) == 2  # type: ignore[arg-type]


def test_several_documents() -> None:
    values = parse_yaml(Source("t.yaml", "--- {a: 1}\n--- {a: 2}\n...\n", "yaml"))
    assert [plain(value) for value in values] == [{"a": 1}, {"a": 2}]
    assert parse_yaml(Source("t.yaml", "# nothing\n", "yaml")) == []


@pytest.mark.parametrize(
    ("text", "message", "place"),
    [
        ("a: 1\n\tb: 2\n", "is not YAML", (2, 1)),
        ("a: [1\n", "is not YAML", (2, 1)),
        ("a: \x07\n", "a character that YAML does not allow", (1, 4)),
        ("a: 1\n{{ x }}: 1\n", "a key must be a scalar", (2, 1)),
        ("a: &x\n  b: *x\n", "refers to a node that contains it", (1, 4)),
        ("a: 1\nb: {<<: 1}\n", "a merge key requires a mapping", (2, 9)),
        ("[" * 100_000, "levels deep", (1, 100)),
        ("- " * 100_000, "levels deep", (1, 199)),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_place(text: str, message: str, place: tuple[int, int]) -> None:
    said, where = failure(text)
    assert message in said
    assert where == place


def test_aliases_do_not_blow_up() -> None:
    lines = ["a0: &a0 [x]"] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
    assert "aliases that expand to more than" in failure("\n".join(lines))[0]
