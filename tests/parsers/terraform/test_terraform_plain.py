"""Check that plain expressions have the same tree with and without the grammar."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from ecs5lint.location import Failure, Source, Span
from ecs5lint.parsers.terraform.syntax import nodes, plain
from ecs5lint.parsers.terraform.syntax.grammar import parse_by_grammar, parse_expression

PLAIN = [
    "null",
    "1.50",
    "var.tags",
    "  aws_subnet.web[0].id # the first\n",
    'data.a.b["${var.x}-y"].c[var.z]',
    '"a ${var.b} %{ if var.c }d%{ endif }"',
    "<<-EOT\n    a\n  ${b}\n  EOT\n",
    "[]",
    "[1, 2,\n # none\n 3 /* three */, ]",
    "{}",
    "{ a = 1, b : [2], \n\n c = { d = null } // e\n f=true\n}",
    '{ "a b" = 1, (var.c) = 2, null = 3, d-e = 4, }',
    '{ a = <<EOT\n[,\nEOT\n b = "}" }',
    'jsonencode([\n {\n name = local.name\n command = ["a", "-b"]\n },\n])',
    "merge(local.a, { b = f() }).c",
    "provider::aws::f(1)",
    "(var.a)",
    "{ é = ü.ö }",
    f"{{\n {'#' * 80}\n a = [ // {'/' * 80}\n ]\n}}",
    "{\r\n a = 1\r\n}",
]
PARTLY_PLAIN = [
    "[var.a ? 1 : 2, -1, !var.b, var.c[*].d, var.e.*.f, var.g.0]",
    "{ a = [for b in c : b], d = { for e in f : e => e } }",
    "f(concat(a, b)...)",
    "[{ a = 1 == 2 }[0], (1 + 2)]",
    "{ a = f(\n1 +\n2\n) }",
    "{ a = 1e3, b = 1.0 }",
]
NOT_PLAIN = [
    "var.a ? [1] : [2]",
    "[1] == [2]",
    "{ a = b ||\n c }",
    "{ a = b\n ? c\n : d }",
    "[for a in b : a]",
    "{ 1 = 2 }",
    "{ a = 1 b = 2 }",
    "{ [a] = 1 }",
    "{ a.b = 1 }",
    "a /* b */ .c",
]
WRONG = [
    "",
    "[,]",
    "[1,,2]",
    "[1 2]",
    "[1",
    "{ a = 1,, b = 2 }",
    "{ a }",
    "{ a = }",
    "f(1)2",
    "f(...)",
    "f(a..., )",
    "a[]",
    "a[1, 2]",
    "(1, 2)",
    "()",
    "[1)",
    '["${a b}", 1]',
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


@pytest.mark.parametrize("text", PLAIN + PARTLY_PLAIN + NOT_PLAIN)
def test_it_comes_to_what_the_grammar_says(text: str) -> None:
    assert written(parse_expression(span(text))) == written(parse_by_grammar(span(text)))


@pytest.mark.parametrize("text", WRONG)
def test_what_is_wrong_is_what_the_grammar_says_is_wrong(text: str) -> None:
    with pytest.raises(Failure) as by_grammar:
        parse_by_grammar(span(text))
    with pytest.raises(Failure) as found:
        parse_expression(span(text))
    assert (found.value.message, found.value.place) == (by_grammar.value.message, by_grammar.value.place)


def grammar_is_called_with(text: str) -> list[str]:
    called: list[str] = []

    def by_grammar(part: Span) -> nodes.Expression:
        called.append(part.text)
        return parse_by_grammar(part)

    whole = span(text)
    if not plain.parse_simple(whole, parse_expression) and not plain.parse_plain(whole, parse_expression, by_grammar):
        called.append(text)
    return called


@pytest.mark.parametrize("text", PLAIN)
def test_what_is_plain_does_without_the_grammar(text: str) -> None:
    assert grammar_is_called_with(text) == []


def test_only_the_parts_that_are_not_plain_are_left_to_the_grammar() -> None:
    assert grammar_is_called_with("[a, f(b ? 1 : 2, c), { d = -1 }]") == ["b ? 1 : 2", "-1"]


@pytest.mark.parametrize("text", NOT_PLAIN)
def test_what_is_not_plain_is_left_to_the_grammar(text: str) -> None:
    assert grammar_is_called_with(text)[-1] == text


def test_the_grammar_is_not_loaded_for_what_is_plain() -> None:
    program = (
        "import sys; from ecs5lint.location import *; "
        "from ecs5lint.parsers.terraform.syntax.grammar import parse_expression; "
        "text = 'f([{ a = b[0] }])'; parse_expression(Span(Source('', text, 'hcl'), 0, len(text))); "
        "sys.exit('lark' in sys.modules or 'hcl2' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
