"""Test the built-in functions with partly known values.

For fully known values, test_terraform_functions_oracle.py compares them with Terraform.
"""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from ecs5lint.files.workspace import Workspace
from ecs5lint.location import Source, Span
from ecs5lint.parsers.terraform.language import functions
from ecs5lint.parsers.terraform.language.functions.context import Context
from ecs5lint.parsers.terraform.language.plain_values import plain_value
from ecs5lint.parsers.terraform.language.types import BOOL, STRING, list_of
from ecs5lint.parsers.terraform.syntax.errors import EvaluationError, NotKnown
from ecs5lint.values.alternatives import leaves
from ecs5lint.values.conditions import Is, describe, negate
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
from ecs5lint.values.members import find_member, member

SPAN = Span(Source("main.tf", "call", "hcl"), 0, 4)
UNKNOWN = Unknown("var.x has no value", SPAN, hint="give it", symbol="var.x")
DEFAULT = frozenset({Assumption("var.d", "var.d defaults to something")})
ON = Is("var.on", True, (True, False), "var.on")
OFF = negate(ON)


def render(template: Span, variables: ObjectValue) -> Value:
    return Text((Known(template.text, template, verbatim=template.start), member(variables, "x")), template)


def call(name: str, *arguments: Any, workspace: Workspace | None = None) -> Value:
    values = [made(argument) for argument in arguments]
    return functions.call(name, values, SPAN, Context(workspace or Workspace(), ".", render, lambda work: None))


def made(value: Any) -> Value:
    """Return a plain value as an abstract value. An abstract value stays unchanged."""
    if type(value) is list:
        return ListValue(tuple(item if isinstance(item, Repeated) else made(item) for item in value))
    if type(value) is dict:
        return ObjectValue(tuple(Pair(Known(key), made(item)) for key, item in value.items()))
    return Known(value) if value is None or isinstance(value, (str, bool, int, float)) else value


def choice(when_on: Any, when_off: Any, default_arm: int | None = None) -> Choice:
    return Choice((Arm(ON, made(when_on)), Arm(OFF, made(when_off))), default_arm=default_arm)


def alternatives(value: Value) -> list[tuple[str, Any]]:
    """Return each alternative with its conditions."""
    return [(" and ".join(describe(step.when) for step in path), plain_value(leaf)) for path, leaf in leaves(value)]


# All functions


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("upper", [UNKNOWN]),
        ("length", [UNKNOWN]),
        ("abs", [UNKNOWN]),
        ("jsondecode", [UNKNOWN]),
        ("split", [",", UNKNOWN]),
        ("cidrhost", [UNKNOWN, 1]),
        ("formatdate", ["YYYY", UNKNOWN]),
    ],
)
def test_of_something_unknown_comes_something_unknown(name: str, arguments: list[Any]) -> None:
    value = call(name, *arguments)
    assert isinstance(value, Unknown)
    assert (value.reason, value.hint, value.symbol) == ("var.x has no value", "give it", None)


def test_of_a_choice_comes_a_choice() -> None:
    value = call("upper", choice("a", "b", default_arm=1))
    assert isinstance(value, Choice)
    assert value.default_arm == 1
    assert alternatives(value) == [("var.on", "A"), ("not var.on", "B")]


def test_choices_that_exclude_each_other_do_not_meet() -> None:
    value = call("join", "", [choice("a", "b"), choice("1", "2")])
    assert alternatives(call("upper", value)) == [("var.on", "A1"), ("not var.on", "B2")]


def test_a_choice_inside_a_list_is_a_choice_outside() -> None:
    assert alternatives(call("length", choice([1], []))) == [("var.on", 1), ("not var.on", 0)]
    assert alternatives(call("sort", ["b", choice("a", "c")])) == [("var.on", ["a", "b"]), ("not var.on", ["b", "c"])]


def test_the_result_rests_on_what_the_arguments_rest_on() -> None:
    assert call("upper", Known("a", assumptions=DEFAULT)).assumptions == DEFAULT
    assert call("length", made(["a"])._replace(assumptions=DEFAULT)).assumptions == DEFAULT
    assert call("contains", [Known("a", assumptions=DEFAULT)], "b").assumptions == DEFAULT
    assert call("coalesce", Known(None, assumptions=DEFAULT), True).assumptions == DEFAULT


def test_an_error_in_one_alternative_is_unknown_there() -> None:
    value = call("tobool", choice("true", "perhaps"))
    assert isinstance(value, Choice)
    assert value.arms[0].value == Known(True)
    assert isinstance(value.arms[1].value, Unknown)


def test_an_error_in_all_alternatives_is_an_error() -> None:
    with pytest.raises(EvaluationError):
        call("tobool", choice("maybe", "perhaps"))


@pytest.mark.parametrize(
    ("name", "arguments"), [("upper", []), ("upper", ["a", "b"]), ("upper", [None]), ("sum", [[{}]])]
)
def test_what_terraform_refuses(name: str, arguments: list[Any]) -> None:
    with pytest.raises(EvaluationError):
        call(name, *arguments)


@pytest.mark.parametrize("name", ["timestamp", "uuid", "plantimestamp", "provider::aws::arn_parse"])
def test_functions_that_are_not_pure_are_unknown_by_name(name: str) -> None:
    value = call(name)
    assert isinstance(value, Unknown)
    assert name in value.reason


def test_an_unknown_function_is_not_refused() -> None:
    found = call("nothing")
    assert isinstance(found, Unknown)
    assert "nothing() is not supported" in found.reason


@pytest.mark.parametrize("name", ["sensitive", "nonsensitive", "ephemeralasnull"])
def test_marks_change_nothing(name: str) -> None:
    value = made([{"a": UNKNOWN}])
    assert call(name, value) == value


def test_whether_a_value_is_sensitive_is_unknown() -> None:
    assert isinstance(call("issensitive", 1), Unknown)


# Collections


def test_concat_keeps_what_is_known() -> None:
    value = call("concat", ["a"], UNKNOWN._replace(type=list_of(STRING)), ["b"])
    assert isinstance(value, ListValue)
    first, middle, last = value.items
    assert (first, last) == (Known("a"), Known("b"))
    assert isinstance(middle, Repeated)
    assert isinstance(middle.element, Unknown)
    assert (middle.element.type, middle.element.symbol) == (STRING, None)


def test_concat_of_few_alternatives_is_a_choice_of_lists() -> None:
    value = call("concat", ["a"], choice(["b"], [], default_arm=1))
    assert alternatives(value) == [("var.on", ["a", "b"]), ("not var.on", ["a"])]


def many_conditions() -> Value:
    conditions = [Is(f"var.on{index}", True, (True, False), f"var.on{index}") for index in range(12)]
    parts = [Choice((Arm(when, made(["x"])), Arm(negate(when), made([])))) for when in conditions]
    return call("concat", ["a"], *parts)


def test_concat_of_many_alternatives_has_elements_that_may_be_absent() -> None:
    value = many_conditions()
    assert isinstance(value, ListValue)
    assert len(value.items) == 13
    assert isinstance(value.items[1], Choice)
    assert [arm.value for arm in value.items[1].arms] == [Known("x"), ABSENT]


def test_the_length_of_a_list_with_too_many_alternatives_is_unknown() -> None:
    assert isinstance(call("length", many_conditions()), Unknown)
    assert call("length", [choice(1, ABSENT)]) == choice(Known(1, SPAN), Known(0, SPAN))


def test_concat_converts_lists_to_one_type_and_leaves_tuples() -> None:
    numbers, texts = call("tolist", [1]), call("tolist", ["a"])
    assert plain_value(call("concat", numbers, texts)) == ["1", "a"]
    assert plain_value(call("concat", [1], texts)) == [1, "a"]


def test_merge_with_something_unknown() -> None:
    last = call("merge", UNKNOWN, {"on": True})
    first = call("merge", {"on": True}, UNKNOWN)
    assert isinstance(last, ObjectValue)
    assert isinstance(first, ObjectValue)
    assert member(last, "on") == Known(True)
    assert isinstance(member(first, "on"), Unknown)


def test_merge_remembers_in_which_braces_a_member_is_written() -> None:
    braces = SPAN._replace(end=2)
    value = call("merge", made({"a": 1})._replace(span=SPAN), made({"b": 2})._replace(span=braces))
    assert isinstance(value, ObjectValue)
    _, pair = find_member(value, "b")
    assert pair is not None
    assert pair.within == braces


def test_flatten_of_something_unknown_among_lists() -> None:
    value = call("flatten", ["a", ["b", [UNKNOWN]], choice(["c"], [])])
    assert isinstance(value, ListValue)
    first, second, third, fourth = value.items
    assert (first, second) == (Known("a"), Known("b"))
    assert isinstance(third, Repeated)
    assert isinstance(fourth, Choice)


def test_flatten_takes_apart_what_is_there_any_number_of_times() -> None:
    value = call("flatten", [Repeated(made(["a", "b"]), ON, off_default_path=True)])
    assert isinstance(value, ListValue)
    assert value.items == (Repeated(Known("a"), ON, True), Repeated(Known("b"), ON, True))


def test_compact_of_what_may_be_empty() -> None:
    value = call("compact", ["a", "", UNKNOWN, choice("b", "")])
    assert isinstance(value, ListValue)
    first, second, third = value.items
    assert first == Known("a")
    assert isinstance(second, Repeated)
    assert third == choice("b", ABSENT)


def test_keys_and_values_of_an_object_that_is_known_in_part() -> None:
    value = call("merge", {"b": 2, "a": 1}, UNKNOWN)
    keys, values = call("keys", value), call("values", value)
    assert isinstance(keys, ListValue)
    assert isinstance(values, ListValue)
    assert isinstance(keys.items[0], Repeated), "what is not known may be before any other"
    assert keys.items[1:] == (Known("a"), Known("b"))
    assert isinstance(values.items[1], Unknown), "members that are not known may override it"


def test_values_of_an_object_whose_last_members_are_known() -> None:
    values = call("values", call("merge", UNKNOWN, {"b": 2, "a": 1}))
    assert isinstance(values, ListValue)
    assert values.items[1:] == (Known(1), Known(2))


def test_a_default_is_converted_to_the_type_of_the_map() -> None:
    assert call("lookup", call("tomap", {"a": "x"}), "b", True) == Known("true")
    assert call("lookup", {"a": "x"}, "b", True) == Known(True)


def test_coalesce_converts_to_the_common_type() -> None:
    assert call("coalesce", None, True) == Known(True)
    assert call("coalesce", Known(None, type=STRING), True) == Known("true")


def test_parts_of_a_list_before_something_unknown() -> None:
    value = ListValue((Known("a"), Known("b"), Repeated(UNKNOWN, ON)))
    assert plain_value(call("slice", value, 0, 1)) == ["a"]
    assert isinstance(call("element", value, 0), Unknown), "the index counts from the end too"
    assert isinstance(call("length", value), Unknown)
    assert isinstance(call("one", value), Unknown)


def test_sets_of_what_is_not_known_have_no_length() -> None:
    assert isinstance(call("length", call("toset", [UNKNOWN, "a"])), Unknown)
    assert call("length", call("toset", [UNKNOWN])) == Known(1, SPAN)


def test_range_and_other_results_are_bounded() -> None:
    with pytest.raises(EvaluationError):
        call("range", 1_000_000_000)
    assert isinstance(call("format", "%1000000000d", 1), Unknown)
    assert isinstance(call("indent", 1_000_000_000, "a\nb"), Unknown)
    assert isinstance(call("pow", 10, 1_000_000), Unknown)
    assert isinstance(call("tonumber", "1e1000000000"), Unknown)
    thousand = list(range(1000))
    assert isinstance(call("setproduct", thousand, thousand, thousand), Unknown)


def test_whole_numbers_keep_all_their_digits() -> None:
    assert call("sum", [10**40, 1]) == Known(10**40 + 1, SPAN)
    assert call("format", "%d", 10**40 + 1) == Known(str(10**40 + 1), SPAN)
    assert call("max", 10**40, 10**40 + 1) == Known(10**40 + 1, SPAN)
    assert call("sum", [0.1, 0.2]) == Known(0.3, SPAN)
    assert isinstance(call("timeadd", "2020-01-01T00:00:00Z", "9" * 50 + "h"), Unknown)


@pytest.mark.parametrize("name", ["jsonencode", "flatten", "length", "concat", "tolist"])
def test_values_that_double_at_each_step_are_bounded(name: str) -> None:
    value = made(["a"])
    for _ in range(60):
        value = ListValue((value, value))
    assert isinstance(call(name, value), Unknown)


def test_texts_that_grow_at_each_step_are_bounded() -> None:
    joined: Value = Known('"' * 10)
    replaced = encoded = joined
    for _ in range(12):
        joined = call("join", "", [joined] * 10)
        replaced = call("replace", replaced, '"', '"' * 10)
        encoded = call("jsonencode", call("format", "%s%s%s", encoded, encoded, encoded))
    assert isinstance(joined, Unknown)
    assert isinstance(replaced, Unknown)
    assert isinstance(call("length", encoded), Unknown)


# Text and its encodings


def test_jsonencode_sorts_the_members() -> None:
    value = call("jsonencode", {"b": 1, "a": {"d": 1, "c": 2}, "B": 3})
    assert isinstance(value, Encoded)
    assert isinstance(value.value, ObjectValue)
    assert [plain_value(pair.key) for pair in value.value.members if isinstance(pair, Pair)] == ["B", "a", "b"]


def test_jsondecode_is_the_inverse() -> None:
    decoded = call("jsondecode", call("jsonencode", {"b": UNKNOWN, "a": [True]}))
    assert isinstance(decoded, ObjectValue)
    assert plain_value(member(decoded, "a")) == [True]
    assert member(decoded, "b") == UNKNOWN


def test_join_keeps_json_as_structure() -> None:
    value = call("join", ",", [call("jsonencode", {"a": 1}), UNKNOWN])
    assert isinstance(value, Text)
    first, comma, last = value.parts
    assert isinstance(first, Encoded)
    assert comma == Known(",")
    assert isinstance(last, Unknown)


def test_join_of_what_is_there_any_number_of_times() -> None:
    element = made({"a": 1})
    value = call("format", "[%s]", call("join", ",", [Repeated(Encoded(element), ON)]))
    some, none = (leaf for _, leaf in leaves(call("jsondecode", value)))
    assert isinstance(some, ListValue)
    assert isinstance(none, ListValue)
    assert [some.items, none.items] == [(Repeated(element, ON),), ()]
    with pytest.raises(NotKnown):
        plain_value(call("length", value))


def test_format_keeps_json_as_structure() -> None:
    value = call("format", "[%s, %s%%]", call("jsonencode", {"a": 1}), UNKNOWN)
    assert isinstance(value, Text)
    assert [type(part).__name__ for part in value.parts] == ["Known", "Encoded", "Known", "Unknown", "Known", "Known"]


def test_trimming_leaves_the_rest_where_it_is_written() -> None:
    source = Source("a.json", " \n {} \n", "json")
    value = call("trimspace", Known(source.text, Span(source, 0, 7), verbatim=0))
    assert value == Known("{}", Span(source, 0, 7), verbatim=3)


def test_trimming_json_kept_as_structure() -> None:
    encoded = call("jsonencode", [{"a": UNKNOWN}])
    assert call("trimspace", encoded) == encoded
    trimmed = call("trim", encoded, "[]")
    assert isinstance(trimmed, Text)
    assert call("jsondecode", trimmed) == call("jsondecode", call("trimprefix", call("trimsuffix", encoded, "]"), "["))


def test_replacing_in_text_with_holes() -> None:
    text = Text((Known('{"on": "true", "image": "'), UNKNOWN, Known('"}')))
    decoded = call("jsondecode", call("replace", text, '"true"', "true"))
    assert isinstance(decoded, ObjectValue)
    assert member(decoded, "on") == Known(True, member(decoded, "on").span)
    assert isinstance(member(decoded, "image"), Unknown), "it may be true too, and then it is no string"


@pytest.mark.parametrize(("wanted", "known"), [("ab", False), ("xa", True), ("/a.c/", False), ("/a$/", True)])
def test_replacing_what_may_begin_in_a_hole(wanted: str, known: bool) -> None:
    text = Text((Known("xxa"), UNKNOWN, Known("c")))
    assert isinstance(call("replace", text, wanted, ""), Text) is known


def test_yamldecode_of_text_with_holes() -> None:
    source = Source("a.yaml", "name: \nimage: :1\non: yes\n", "yaml")
    whole = Span(source, 0, len(source.text))
    parts = (
        Known("name: ", whole, verbatim=0),
        UNKNOWN,
        Known("\nimage: ", whole, verbatim=6),
        UNKNOWN,
        Known(":1\non: yes\n", whole, verbatim=14),
    )
    decoded = call("yamldecode", Text(parts))
    assert isinstance(decoded, ObjectValue)
    assert isinstance(member(decoded, "name"), Unknown)
    assert isinstance(member(decoded, "image"), Text)
    value = member(decoded, "true")
    assert isinstance(value, Known)
    assert value.value is True
    assert value.span is not None
    assert value.span.text == "yes"


def test_yamldecode_of_lines_that_are_not_known() -> None:
    assert isinstance(call("yamldecode", Text((Known("a: 1\n"), UNKNOWN))), Unknown)


def test_yamldecode_of_an_anchor_that_is_defined_again() -> None:
    decoded = call("yamldecode", Known("a: &x 1\nb: &x 2\nc: *x\n"))
    assert plain_value(decoded) == {"a": 1, "b": 2, "c": 2}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null\n...\n"),
        ("a b", '"a b"\n'),
        ("two\nlines", "|-\n  two\n  lines\n"),
        ({"a": "two\nlines\n"}, '"a": |\n  two\n  lines\n'),
        ([{"a": " x\n\n", "b": 1}], '- "a": |2+\n     x\n\n  "b": 1\n'),
        ({"a": ["x\ny", []], "b": {}}, '"a":\n- |-\n  x\n  y\n- []\n"b": {}\n'),
        ({"a": "x \ny"}, '"a": "x \\ny"\n'),
        ({"a": "x\n\ty"}, '"a": "x\\n\\ty"\n'),
    ],
)
def test_yamlencode(value: Any, text: str) -> None:
    assert plain_value(call("yamlencode", value)) == text
    assert plain_value(call("yamldecode", text)) == value


@pytest.mark.parametrize("value", ["word " * 20, {"a\nb": 1}, {"a" * 200: 1}, "\U0001f600", "\u2028"])
def test_yamlencode_of_what_is_not_followed(value: Any) -> None:
    assert isinstance(call("yamlencode", value), Unknown)


def test_yamldecode_is_the_inverse_of_yamlencode() -> None:
    value = {"a": [1, {"b": None}], "c": "yes", "d": {}}
    assert plain_value(call("yamldecode", call("yamlencode", value))) == value


# Files


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    project = tmp_path / "project"
    project.mkdir()
    (tmp_path / "secret.json").write_text("{}")
    (project / "a.json.tpl").write_text('{"a": 1}')
    (project / "link").symlink_to(tmp_path / "secret.json")
    monkeypatch.chdir(project)
    return Workspace()


def test_file_is_text_that_stands_there(workspace: Workspace) -> None:
    value = call("file", "./a.json.tpl", workspace=workspace)
    assert isinstance(value, Known)
    assert value.span is not None
    assert (value.value, value.verbatim, value.span.path) == ('{"a": 1}', 0, "a.json.tpl")


@pytest.mark.parametrize("path", ["../secret.json", "/etc/passwd", "link", "~/x", "."])
def test_what_may_not_be_read_is_unknown(path: str, workspace: Workspace) -> None:
    for name in ("file", "filebase64", "filesha256"):
        assert isinstance(call(name, path, workspace=workspace), Unknown)
    assert isinstance(call("templatefile", path, {}, workspace=workspace), Unknown)


@pytest.mark.parametrize("path", ["none.json", "a\0b"])
def test_a_file_that_is_not_there_is_an_error(path: str, workspace: Workspace) -> None:
    with pytest.raises(EvaluationError):
        call("file", path, workspace=workspace)


def test_whether_a_file_outside_exists_is_unknown(workspace: Workspace) -> None:
    assert isinstance(call("fileexists", "../secret.json", workspace=workspace), Unknown)
    assert isinstance(call("fileset", "..", "*", workspace=workspace), Unknown)
    assert call("fileexists", "a.json.tpl", workspace=workspace) == Known(True, SPAN)


def test_templatefile_renders_the_file(workspace: Workspace) -> None:
    value = call("templatefile", "a.json.tpl", {"x": UNKNOWN}, workspace=workspace)
    assert isinstance(value, Text)
    assert value.parts[1] == UNKNOWN
    assert isinstance(call("templatefile", "a.json.tpl", UNKNOWN, workspace=workspace), Text)


def test_templatestring_knows_where_its_pieces_are_written() -> None:
    source = Source("main.tf", "  one\n  two\n", "hcl")
    pieces = tuple(Known(f"{word}\n", Span(source, at, at + 4), verbatim=at) for word, at in (("one", 2), ("two", 8)))
    assert call("templatestring", Text(pieces), {}) == Text(pieces)


# Regular expressions


@pytest.mark.parametrize(
    "pattern", ["(a*)*b", "(a|aa)+$", "(.*)(.*)(.*)(.*)x", "(?:a{0,50}){0,20}b", "^(([a-z])+.)+[A-Z]$", "a(.*b)?"]
)
def test_no_pattern_runs_away(pattern: str) -> None:
    started = time.monotonic()
    call("regexall", pattern, "a" * 20_000 + "!")
    assert time.monotonic() - started < 20


@pytest.mark.parametrize(
    "pattern", ["(?=a)", "(?<!a)", r"(a)\1", "(?P<a", "a**", "[b-a]", "(", "a{1001}", r"\y", "[[:no:]]"]
)
def test_what_re2_refuses(pattern: str) -> None:
    with pytest.raises(EvaluationError):
        call("regexall", pattern, "a")


def test_patterns_past_the_bounds_are_unknown() -> None:
    assert isinstance(call("regexall", "(" * 200 + ")" * 200, "a"), Unknown)
    assert isinstance(call("regexall", "((a{1000}){1000}){1000}", "a"), Unknown)
    assert isinstance(call("regexall", r"\p{Letter}", "a"), Unknown)


def test_named_groups_are_an_object() -> None:
    assert plain_value(call("regex", "(?P<major>[0-9]+)\\.(?P<minor>[0-9]+)", "v1.20")) == {"major": "1", "minor": "20"}


def test_the_type_of_an_unknown_result_is_known() -> None:
    value = call("startswith", UNKNOWN, "a")
    assert isinstance(value, Unknown)
    assert value.type is BOOL


# Anything


def odd_values() -> list[Value]:
    """Return values of every kind, nested in each other."""
    plain: list[Any] = [None, True, 0, -1, 1.5, "", "a,b", "%s%d", "/(a)/", "10.0.0.0/8", "[1]", [], {}]
    simple = [made(value) for value in plain]
    simple += [UNKNOWN, ABSENT, choice("a", 1), choice([], ABSENT), Text((Known("a"), UNKNOWN)), Encoded(UNKNOWN)]
    lists = [ListValue((value,)) for value in simple] + [ListValue((Repeated(value, ON),)) for value in simple]
    objects = [ObjectValue((Pair(Known("a"), value),)) for value in simple]
    objects += [ObjectValue((Rest(UNKNOWN),)), ObjectValue((Pair(UNKNOWN, Known(1)),))]
    return [*simple, *lists, *objects, call("toset", ["b", "a"]), call("tomap", {"a": 1}), Encoded(made([{"a": 1}]))]


@pytest.mark.parametrize("name", sorted(functions.FUNCTIONS))
def test_whatever_comes_in_a_value_or_an_error_comes_out(name: str, workspace: Workspace) -> None:
    values = odd_values()
    function = functions.FUNCTIONS[name]
    count = len(function.parameters) + (function.variadic is not None)
    for first in range(len(values)):
        arguments = [values[(first * (position + 1) + position * 7) % len(values)] for position in range(count)]
        with suppress(EvaluationError):
            call(name, *arguments, workspace=workspace)


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("日本", 2),
        ("naïve 👍", 7),
        ("nai\u0308ve", 5),
        ("👩\u200d🚀👍🏽🇩🇪", 3),
        ("a\r\nb", 3),
        ("한국", 2),
        ("กำ", 1),
    ],
)
def test_characters_are_counted_as_a_reader_counts_them(text: str, length: int) -> None:
    assert plain_value(call("length", text)) == length
    assert plain_value(call("strrev", call("strrev", text))) == plain_value(call("substr", text, 0, -1))
    assert plain_value(call("substr", text, length - 1, -1)) != ""
    assert plain_value(call("substr", text, length, -1)) == ""


@pytest.mark.parametrize("text", ["क्ष", "\U00016d6aa", "👍\u200d\u200d👍", "\U000e0041\u0308"])
def test_what_depends_on_the_release_is_not_known(text: str) -> None:
    assert isinstance(call("length", text), Unknown)


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        (r"\pL+", "1naïve2", "naïve"),
        (r"\p{Lu}", "aÄ", "Ä"),
        (r"\P{L}", "ab1", "1"),
        (r"\p{^L}", "ab1", "1"),
        (r"\P{^Greek}", "aβ", "β"),
        (r"[\p{Nd}_-]+", "a1_-٣b", "1_-٣"),
        (r"[^\p{Han}]", "日a", "a"),
        (r"(?i)\p{Lu}", "1a", "a"),
    ],
)
def test_classes_of_unicode(pattern: str, text: str, found: str) -> None:
    assert plain_value(call("regex", pattern, text)) == found


def test_classes_of_unicode_that_are_none() -> None:
    for pattern in (r"\p{Nothing}", r"\p{L", r"\pX", r"\p", r"\p{}"):
        with pytest.raises(EvaluationError, match="not a class"):
            call("regex", pattern, "a")
    for pattern, text in ((r"\p{Letter}", "a"), (r"(?i)\p{Lu}", "ä"), (r"\p{L}", "\u1c89")):
        assert isinstance(call("regex", pattern, text), Unknown)
