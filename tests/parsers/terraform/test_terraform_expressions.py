"""Check that our parser of expressions agrees with python-hcl2's grammar, and with Terraform where that differs."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hcl_grammar import parse_by_grammar
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from places import FIXTURES, ROOT

from ecs5lint.location import Failure, Source, Span
from ecs5lint.parsers.terraform.syntax import nodes
from ecs5lint.parsers.terraform.syntax.blocks import Block, Item, read_file
from ecs5lint.parsers.terraform.syntax.expressions import MAX_OPERANDS, parse_expression

# At the end of the path, so that the installed linter is used.
sys.path.append(str(ROOT))

from fuzz.generators import expressions

VALID = [
    "null",
    "1.50",
    "1e3",
    "var.tags",
    "  aws_subnet.web[0].id # the first\n",
    'data.a.b["${var.x}-y"].c[var.z]',
    '"a ${var.b} %{ if var.c }d%{ endif }"',
    "<<-EOT\n    a\n  ${b}\n  EOT\n",
    "[]",
    "[1, 2,\n # none\n 3 /* three */, ]",
    "[a # ] not the end\n, b /* ] */, c // ]\n]",
    "{}",
    "{ a = 1, b : [2], \n\n c = { d = null } // e\n f=true\n}",
    '{ "a b" = 1, (var.c) = 2, null = 3, d-e = 4, }',
    '{ 1 = 2, "a${b}" = 3, upper("c") : 4 }',
    '{ a = <<EOT\n[,\nEOT\n b = "}" }',
    "{ a = f(\n1 +\n2\n), b = (c\n? d\n: e), g = [\n-1\n] }",
    'jsonencode([\n {\n name = local.name\n command = ["a", "-b"]\n },\n])',
    "merge(local.a, { b = f() }).c",
    "merge(a, b\n...\n)",
    "provider::aws::f(1)",
    "core :: f (1)",
    "(var.a)",
    "{ é = ü.ö }",
    f"{{\n {'#' * 80}\n a = [ // {'/' * 80}\n ]\n}}",
    "{\r\n a = 1\r\n}",
    "a /* b */ .c",
    "a.\n b",
    "a.// b\n c",
    "a.0.1.b",
    "a.0-1",
    "a.* . b . 0 . c [0].d",
    "a[*]",
    "a[ * ].b[0].c.0",
    "a.*.b[*].c.d[0]",
    "a[*].b[*].c",
    "a[*].b.*.c[0]",
    "f(a)[*].b[c[*].d]",
    "var.for.in.if.true",
    "[for a in b : a]",
    "[ for\n a , b in c :\n d\n if e ]",
    "{ for a, b in c : a => b... if d }",
    "{ for a in b : a => {\n c = d\n e = f\n }\n}",
    "[for-each, { for-each = 1 }]",
    "a || b && c == d < e + f * -g",
    "a * b + c < d == e && f || g",
    "a - b - c",
    "a == b != c",
    "1-1",
    "a - -1",
    "-a.b[0]",
    "!a == b",
    "! ! !a",
    "!!a",
    "a ? b : c ? d : e",
    "a ? b ? c : d : e",
    "a == b ? c == d : e == f",
    "(a + b) * c",
]

#: Python-hcl2 accepts these expressions, and Terraform refuses them at the given offset.
REFUSED_BY_TERRAFORM = {
    "{ a = 1 b = 2 }": 8,
    "{ a = b ||\n c }": 10,
    "{ a = b\n ? c\n : d }": 9,
    "{ a = 1\n, b = 2 }": 8,
}
#: Terraform accepts these expressions, and python-hcl2 refuses them.
REFUSED_BY_GRAMMAR = ["a . * . b", "- -a", "!-a", "-!a", "[for a in - -b : a]"]

INVALID = [
    "",
    " ",
    "[,]",
    "[1,,2]",
    "[1 2]",
    "[1",
    "{ a = 1,, b = 2 }",
    "{ a }",
    "{ a = }",
    "{ a = 1",
    "{ , }",
    "f(1)2",
    "f(...)",
    "f(a..., )",
    "f(a... b)",
    "a[]",
    "a[1, 2]",
    "a[*",
    "(1, 2)",
    "()",
    "[1)",
    '["${a b}", 1]',
    "a +",
    "a ? b",
    "a ? b :",
    "a b",
    "1 b = 2",
    "? a : b",
    "* a",
    "[for a in b]",
    "[for a in b : a...]",
    "{ for a in b : a }",
    "{ for a in b : a => }",
    "a &&& b",
    "a & b",
    "'a'",
    "a; b",
    "\u0661",
]


def span(text: str) -> Span:
    return Span(Source("main.tf", text, "hcl"), 0, len(text))


def written(node: Any) -> object:
    """Return a tree and its positions in a form that can be compared."""
    if isinstance(node, Span):
        return node.start, node.end
    if isinstance(node, tuple):
        return tuple(map(written, node))
    if type(node).__module__ == nodes.__name__:
        return type(node).__name__, [written(getattr(node, name)) for name in node.__slots__]
    return node


def by_grammar(expression: Span) -> nodes.Expression:
    return parse_by_grammar(expression, parse_expression)


@pytest.mark.parametrize("text", VALID)
def test_it_agrees_with_the_grammar(text: str) -> None:
    assert written(parse_expression(span(text))) == written(by_grammar(span(text)))


@pytest.mark.parametrize("text", INVALID)
def test_it_refuses_what_the_grammar_refuses_at_the_same_place(text: str) -> None:
    with pytest.raises(Failure) as expected:
        by_grammar(span(text))
    with pytest.raises(Failure) as found:
        parse_expression(span(text))
    assert (found.value.message, found.value.position) == (expected.value.message, expected.value.position)


@pytest.mark.parametrize(("text", "offset"), REFUSED_BY_TERRAFORM.items())
def test_it_refuses_what_terraform_refuses(text: str, offset: int) -> None:
    by_grammar(span(text))
    with pytest.raises(Failure) as found:
        parse_expression(span(text))
    assert found.value.span is not None
    assert found.value.span.start == offset


@pytest.mark.parametrize("text", REFUSED_BY_GRAMMAR)
def test_it_accepts_what_terraform_accepts(text: str) -> None:
    parse_expression(span(text))
    with pytest.raises(Failure):
        by_grammar(span(text))


def test_the_number_of_operands_is_limited() -> None:
    text = f"[{'1,' * MAX_OPERANDS}]"
    with pytest.raises(Failure, match="exceeds the limit"):
        parse_expression(span(text))


def arguments(items: Iterable[Item]) -> Iterator[Span]:
    """Yield the expressions of the arguments of blocks, which are valid as blocks."""
    for item in items:
        if isinstance(item, Block):
            try:
                inner = item.items
            except Failure:
                continue
            yield from arguments(inner)
        else:
            yield item.value_span


def same(expression: Span) -> bool:
    """Tell whether both parsers give the same tree, or both refuse the expression."""
    try:
        ours = written(parse_expression(expression))
    except Failure:
        ours = None
    try:
        return ours == written(by_grammar(expression))
    except Failure:
        return ours is None


def test_they_agree_on_every_expression_of_the_fixtures() -> None:
    files = [
        path for path in FIXTURES.rglob("*") if path.suffix in (".tf", ".tofu", ".hcl", ".tfvars") and path.is_file()
    ]
    texts = {expression.text for path in files for expression in of_file(path)}
    assert len(texts) > 800
    assert [text for text in sorted(texts) if not same(span(text))] == []


def of_file(path: Path) -> Iterator[Span]:
    source = Source(path.name, path.read_bytes().decode(errors="replace"), "hcl")
    return arguments(read_file(source)[0])


@pytest.mark.parametrize("path", sorted((ROOT / "fuzz").glob("*/expression/*")), ids=lambda path: path.name)
def test_they_agree_on_the_corpus_of_the_fuzzers(path: Path) -> None:
    assert same(span(path.read_bytes().decode(errors="replace")))


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(expressions)
def test_they_agree_on_generated_expressions(text: str) -> None:
    assume("!-" not in text)  # the grammar refuses it, as REFUSED_BY_GRAMMAR shows
    assert same(span(text))


WORDS = """+ - * ! && || == < ? : ( ) [ ] { } , . ... => = for if in a 1 "x" "${a}" [*] .* .0 null 1.5 1e3 :: é"""
TOKENS = st.sampled_from([*WORDS.split(), " ", "\n", "#x\n", "//x\n", "/*x*/"])


@settings(max_examples=500, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    expressions | st.sampled_from(VALID),
    st.lists(st.tuples(st.integers(0, 200), st.integers(0, 3), TOKENS), max_size=3),
)
def test_it_accepts_a_damaged_expression_only_as_the_grammar_does(
    text: str, damages: list[tuple[int, int, str]]
) -> None:
    for at, removed, token in damages:
        text = text[:at] + token + text[at + removed :]
    try:
        ours = parse_expression(span(text))
        theirs = by_grammar(span(text))
    except (Failure, AssertionError):
        return  # The grammar takes the second 1 in `1-1-a` for a name.
    assert written(ours) == written(theirs)
