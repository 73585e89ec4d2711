from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecs5lint.location import Failure, Source, Span
from ecs5lint.text.json import JsonError, decode
from ecs5lint.text.json_document import parse_document
from ecs5lint.text.json_template import parse_documents
from ecs5lint.values.alternatives import leaves
from ecs5lint.values.conditions import fact, negate
from ecs5lint.values.kinds import (
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
    known_text,
)
from ecs5lint.values.members import member

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=20,
)


def source(text: str) -> Source:
    return Source("file.json", text, "json")


def plain(value: Value | Repeated) -> object:
    """Return a value as a Python value, with `...` for unknown parts."""
    if isinstance(value, Known):
        return value.value
    if isinstance(value, ListValue):
        return [plain(item) for item in value.items]
    if isinstance(value, ObjectValue):
        return {
            plain(item.key) if isinstance(item, Pair) else "...": plain(item.value) if isinstance(item, Pair) else ...
            for item in value.members
        }
    text = known_text(value) if isinstance(value, Text) else None
    return ... if text is None else text


@given(JSON, st.sampled_from([None, 0, 2, "\t"]), st.booleans())
def test_reads_what_the_standard_library_writes(document: object, indent: int | str | None, ascii_only: bool) -> None:
    text = json.dumps(document, indent=indent, ensure_ascii=ascii_only)

    assert plain(parse_document(source(text))) == document


@given(JSON)
def test_spans_are_where_the_values_are_written(document: object) -> None:
    def check(value: Value | Repeated) -> None:
        assert not isinstance(value, Repeated) and value.span
        assert json.loads(value.span.text) == plain(value)
        if isinstance(value, ListValue):
            for item in value.items:
                check(item)
        if isinstance(value, ObjectValue):
            for member in value.members:
                assert isinstance(member, Pair) and member.within == value.span
                check(member.key)
                check(member.value)

    check(parse_document(source(json.dumps(document, indent=1))))


@given(st.text(alphabet='{}[]",:truefalsn01.-e \\/u\n'))
def test_accepts_and_refuses_what_the_standard_library_does(text: str) -> None:
    try:
        expected = json.loads(text)
    except json.JSONDecodeError:
        with pytest.raises(Failure) as failure:
            parse_document(source(text))
        assert failure.value.position >= (1, 1)
    else:
        assert plain(parse_document(source(text))) == expected


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("", (1, 1), "is not valid JSON: unexpected end of the text"),
        ('{\n  "a": 1,\n}', (2, 9), "is not valid JSON: unexpected comma before }"),
        ("[1, 2 , ]", (1, 7), "is not valid JSON: unexpected comma before ]"),
        ("{a: 1}", (1, 2), "is not valid JSON: expected a key in double quotes"),
        ("[1\n 2]", (2, 2), "is not valid JSON: expected a comma or ]"),
        ('{"a" 1}', (1, 6), "is not valid JSON: expected a colon"),
        ('["a', (1, 2), "is not valid JSON: unterminated string starting at"),
        ("[1] x", (1, 5), "is not valid JSON: unexpected text after the end of the document"),
        ("[" * 300, (1, 151), "is not valid JSON: it is nested more than 150 deep"),
    ],
)
def test_errors_say_what_is_wrong_and_where(text: str, place: tuple[int, int], message: str) -> None:
    with pytest.raises(Failure) as failure:
        parse_document(source(text))

    assert (failure.value.position, failure.value.message) == (place, message)


def test_a_number_of_a_million_digits_is_read() -> None:
    assert plain(parse_document(source("1" * 1_000_000))) == float("inf")


ON = fact("on", "var.on")
WEB = Encoded(ObjectValue((Pair(Known("name"), Known("web")),)))
HOLE = Unknown("var.x has no value")
ON_OFF = Choice((Arm(ON, Known(True)), Arm(negate(ON), Known(False))))


def text(*parts: Value | str) -> Text:
    return Text(tuple(Known(part) if isinstance(part, str) else part for part in parts))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (text("[", WEB, ", ", WEB, "]"), [{"name": "web"}, {"name": "web"}]),
        (text("[", HOLE, "]"), [...]),
        (text("[", WEB, HOLE, "]"), [{"name": "web"}, ...]),
        (text('{"image": "', HOLE, ':1", "ro": true}'), {"image": ..., "ro": True}),
        (text('{"cpu": ', HOLE, ', "ro": true}'), {"cpu": ..., "ro": True}),
        (text('{"cpu": ', HOLE, '00, "ro": true}'), {"cpu": ..., "ro": True}),
        (text('{"ro": true, ', HOLE, "}"), {"ro": True, "...": ...}),
        (
            text('{"ro": ', Known(True), ', "n": ', Known(1), ', "s": "', Known("x"), '"}'),
            {"ro": True, "n": 1, "s": "x"},
        ),
        (text('{"a": ', text("1, ", '"b": 2'), "}"), {"a": 1, "b": 2}),
    ],
)
def test_decode_with_holes(value: Value, expected: object) -> None:
    assert plain(decode(value)) == expected


def test_a_choice_in_the_place_of_a_value_is_a_choice() -> None:
    decoded = decode(text('{"ro": ', ON_OFF, "}"))

    assert isinstance(decoded, ObjectValue)
    assert isinstance(decoded.members[0], Pair) and isinstance(decoded.members[0].value, Choice)


def test_a_choice_of_elements_is_an_element_that_may_be_absent() -> None:
    more = Choice((Arm(ON, text(", ", WEB)), Arm(negate(ON), Known(""))))

    decoded = decode(text("[", WEB, more, "]"))

    assert isinstance(decoded, ListValue)
    assert plain(decoded.items[0]) == {"name": "web"}
    assert isinstance(decoded.items[1], Choice)
    assert [plain(leaf) for _, leaf in leaves(decoded.items[1])] == [{"name": "web"}, ...]


def test_choices_of_members_stay_where_they_are() -> None:
    flags = [fact(f"flag{number}", f"var.flag{number}") for number in range(30)]
    parts: list[Value | str] = ["{"]
    for number, flag in enumerate(flags):
        parts.append(Choice((Arm(flag, Known(f'"m{number}": {number},')), Arm(negate(flag), Known("")))))
    decoded = decode(text(*parts, '"ro": ', ON_OFF, "}"))

    assert isinstance(decoded, ObjectValue) and len(decoded.members) == 31
    assert [plain(leaf) for _, leaf in leaves(member(decoded, "m7"))] == [7, ...]
    assert [plain(leaf) for _, leaf in leaves(member(decoded, "ro"))] == [True, False]


def test_an_alternative_that_is_not_json_is_unknown() -> None:
    hole = Choice((Arm(ON, Known('{"a": 1')), Arm(negate(ON), Known('{"a": '))))

    decoded = decode(text(hole, "}"))

    assert [plain(leaf) for _, leaf in leaves(decoded)] == [{"a": 1}, ...]


def test_a_default_in_the_text_of_a_scalar_decides_no_structure() -> None:
    default = frozenset({Assumption("var.x", "var.x = 1")})

    decoded = decode(text('[{"image": "x:', Known("1", None, default), '", "cpu": ', Known(1, None, default), "}]"))

    assert isinstance(decoded, ListValue) and not decoded.assumptions
    assert isinstance(decoded.items[0], ObjectValue)
    assert member(decoded.items[0], "cpu").assumptions == default
    assert decode(text("[", Known("1, 2", None, default), "]")).assumptions == default


def test_positions_in_a_heredoc_are_those_of_the_file() -> None:
    file = Source("main.tf", 'x = <<EOT\n[{"name": "web",\n  "ro": true}]\nEOT\n', "hcl")
    literal = Known(file.text[10:-4], Span(file, 4, 46), verbatim=10)

    decoded = decode(literal)

    assert isinstance(decoded, ListValue) and isinstance(decoded.items[0], ObjectValue)
    ro = decoded.items[0].members[1]
    assert isinstance(ro, Pair) and ro.value.span
    assert ro.value.span.text == "true"
    assert file.position(ro.value.span.start) == (3, 9)


def test_what_is_not_json_is_an_error() -> None:
    with pytest.raises(JsonError):
        decode(text("[", WEB, WEB, "]"))


TEMPLATES = [
    ('{"cpu": ${CPU}}', [{"cpu": ...}]),
    ('{"cpu": $CPU} {"a": 1}', [{"cpu": ...}, {"a": 1}]),
    ('{"memory": {{ memory | default({"a": 1}) }}}', [{"memory": ...}]),
    ('{"image": "{{ lookup("env", "X") }}", "a": 1}', [{"image": ..., "a": 1}]),
    ('{"cpu": <CPU>, "a": @CPU@, "b": CPU_SIZE, "c": <%= cpu %>, "d": #{cpu}}', [dict.fromkeys(["cpu", *"abcd"], ...)]),
    ("[{% if a %}1,{% endif %}2]", [[..., 2]]),
    ("[{% for x in y %}1,{% endfor %}2]", [[..., 2]]),
    ('{"a": 1 %{ if x ~}, "b": 2 %{~ endif }}', [{"a": 1, "b": ...}]),
    ('{"a": {{ if .X }}1{{ else }}2{{ end }}}', [{"a": ...}]),
    ("{% set x = 1 %}{# a comment #}[1]", [[1]]),
    ('{{{#names}}"a": 1,{{/names}} "b": 2}', [{"a": ..., "b": 2}]),
]


@pytest.mark.parametrize(("template", "expected"), TEMPLATES)
def test_templates(template: str, expected: object) -> None:
    assert [plain(document) for document in parse_documents(source(template))] == expected


def test_a_long_line_with_unclosed_placeholders_is_read_in_one_pass() -> None:
    document = '["$A"' + ',"{{","${","$(","<%=","value"' * 5_000 + "]"
    (items,) = parse_documents(Source("f", document, "json"))
    assert isinstance(items, ListValue)
    assert len(items.items) == 25_001


def test_a_filler_stands_for_members_that_are_not_known() -> None:
    (document,) = parse_documents(source('{"ro": true ${EXTRA}}'))

    assert isinstance(document, ObjectValue) and isinstance(document.members[1], Rest)


@given(JSON)
def test_a_document_without_placeholders_is_no_template(document: object) -> None:
    text = json.dumps(document)
    if "$" not in text and "{{" not in text and "<%" not in text:
        assert [plain(value) for value in parse_documents(source(text))] == [document]


@pytest.mark.parametrize(
    "template",
    [
        "[" + "{% if a %}" * 3000 + "1" + "{% endif %}" * 3000 + "]",
        '{"a": ' + "{% if a %}" * 3000 + "1" + "{% endif %}" * 3000 + "}",
        "[{% if a %}1" + "{% elif b %}1" * 3000 + "{% endif %}]",
        "{" + '{% if a %}"a": 1,{% endif %}' * 3000 + "}",
    ],
    ids=["elements", "values", "branches", "members"],
)
def test_templates_are_bounded(template: str) -> None:
    with pytest.raises(Failure, match="more than"):
        parse_documents(source(template))


@pytest.mark.parametrize(
    "template", ['{"a": {% if x %}1', "[{% endif %}1]", "[{% if x %}1]", "{% if x %}[1]{% endif %}"]
)
def test_statements_that_do_not_fit_are_errors(template: str) -> None:
    with pytest.raises(Failure):
        parse_documents(source(template))
