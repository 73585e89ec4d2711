"""Test the conversion of HCL text to blocks and expressions."""

from __future__ import annotations

import pytest

from ecs5lint.location import Failure, Source, Span
from ecs5lint.parsers.terraform.syntax import nodes
from ecs5lint.parsers.terraform.syntax.blocks import Argument, Block, Item, read_body
from ecs5lint.parsers.terraform.syntax.expressions import parse_expression
from ecs5lint.parsers.terraform.syntax.scanner import bracket_end
from ecs5lint.parsers.terraform.syntax.templates import parse_indented, parse_template


def body(text: str) -> list[Item]:
    return read_body(Span(Source("main.tf", text, "hcl"), 0, len(text)))


def expression(text: str) -> nodes.Expression:
    return parse_expression(Span(Source("main.tf", text, "hcl"), 0, len(text)))


def shown(node: object) -> str:
    """Return a tree as a short text."""
    if isinstance(node, nodes.Literal):
        return str(node.value)
    if isinstance(node, nodes.TemplateText):
        return repr(node.text)
    if isinstance(node, nodes.Name):
        return node.name
    if isinstance(node, nodes.SplatItem):
        return "@"
    if isinstance(node, nodes.GetAttribute):
        return f"{shown(node.target)}.{node.name}"
    if isinstance(node, nodes.Index):
        return f"{shown(node.target)}[{shown(node.key)}]"
    if isinstance(node, nodes.Splat):
        return f"{shown(node.target)}*({shown(node.item)})"
    if isinstance(node, nodes.BinaryOperation):
        return f"({shown(node.left)} {node.operator} {shown(node.right)})"
    if isinstance(node, nodes.UnaryOperation):
        return f"{node.operator}{shown(node.operand)}"
    if isinstance(node, nodes.Conditional):
        return f"({shown(node.condition)} ? {shown(node.when_true)} : {shown(node.when_false)})"
    if isinstance(node, nodes.Parentheses):
        return shown(node.inner)
    if isinstance(node, nodes.TupleExpression):
        return f"[{', '.join(map(shown, node.items))}]"
    if isinstance(node, nodes.ObjectExpression):
        return "{" + ", ".join(f"{shown(item.key)}: {shown(item.value)}" for item in node.items) + "}"
    if isinstance(node, nodes.FunctionCall):
        return f"{node.name}({', '.join(map(shown, node.arguments))}{'...' if node.expand_last else ''})"
    if isinstance(node, nodes.Template):
        return f"<{' '.join(map(shown, node.parts))}>"
    return type(node).__name__


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("a.b[0].c", "a.b[0].c"),
        ("list.0.name", "list[0].name"),
        ("a.*.b[0]", "a*(@.b)[0]"),
        ("a[*].b[0]", "a*(@.b[0])"),
        ("a[ * ].b", "a*(@.b)"),
        ("a.for.in.null", "a.for.in.null"),
        ("ünï.cödé", "ünï.cödé"),
        ("1-1", "(1 - 1)"),
        ("a - -1", "(a - -1)"),
        ("1 + 2 * 3 == 7 && !x || y", "((((1 + (2 * 3)) == 7) && !x) || y)"),
        ("!!x", "!!x"),
        ("! ! !x && a", "(!x && a)"),
        ("a ? b : c ? d : e", "(a ? b : (c ? d : e))"),
        ("{ a = 1, b : 2\n c = 3 }", "{a: 1, b: 2, c: 3}"),
        ('{ "k" = 1, (v) = 2, if = 3 }', "{<'k'>: 1, v: 2, if: 3}"),
        ("f(a, b...)", "f(a, b...)"),
        ("f(\n  a, # one\n  /* two */ b,\n)", "f(a, b)"),
        ("provider::aws::arn(x)", "provider::aws::arn(x)"),
        ("f(<<EOF\nx\nEOF\n, 1)", "f(<'x\\n'>, 1)"),
        ('"a${"b${c}"}"', "<'a' <'b' c>>"),
        ('"$${a} %%{b}"', "<'${a} ' '%{b}'>"),
        ("[\r\n1,\r\n2\r\n]", "[1, 2]"),
        ("[]", "[]"),
        ("{}", "{}"),
    ],
)
def test_expression(text: str, tree: str) -> None:
    assert shown(expression(text)) == tree


def test_for_expression() -> None:
    node = expression("{ for k, v in x :\n  k => v... if v }")
    assert isinstance(node, nodes.ForExpression)
    assert (node.key_name, node.value_name, node.grouped) == ("k", "v", True)
    assert (shown(node.key), shown(node.result), shown(node.condition)) == ("k", "v", "v")


def test_spans_are_those_of_the_text() -> None:
    node = expression('f("a", { b = c.d })')
    assert isinstance(node, nodes.FunctionCall)
    assert [argument.span.text for argument in node.arguments] == ['"a"', "{ b = c.d }"]


@pytest.mark.parametrize("text", ["a +", "[1, 2", "a b", '"a', '"${a"', "f(]", "(" * 200, "", '"\\q"'])
def test_what_is_not_an_expression_is_a_failure(text: str) -> None:
    with pytest.raises(Failure):
        parsed(f"x = {text}\n")


def parsed(text: str) -> nodes.Expression:
    (argument,) = body(text)
    assert isinstance(argument, Argument)
    return argument.expression


def test_blocks_and_arguments() -> None:
    text = """# } a comment
resource "a" "b" { # {
  x = "}" // }
  y = <<EOF
}
EOF
  inner { z = [
    1 ] }
  /* } */
}
locals { c = 1 }"""
    resource, last = body(text)
    assert isinstance(resource, Block)
    assert isinstance(last, Block)
    assert (resource.type, resource.labels) == ("resource", ("a", "b"))
    assert [(item.name, item.value_span.text) for item in resource.arguments()] == [
        ("x", '"}"'),
        ("y", "<<EOF\n}\nEOF"),
    ]
    assert [item.value_span.text for item in resource.blocks("inner")[0].arguments()] == ["[\n    1 ]"]
    assert [item.value_span.text for item in last.arguments()] == ["1"]


@pytest.mark.parametrize("text", ["a {", "a = <<EOF\nx\n", "} a", '"x" = 1', "a b c\n", "a = /* x", "a = [}"])
def test_what_is_not_a_body_is_a_failure(text: str) -> None:
    with pytest.raises(Failure):
        body(text)


def parts(text: str, *, indented: bool = False) -> list[str]:
    span = Span(Source("t.tpl", text, "hcl"), 0, len(text))
    return [shown(part) for part in (parse_indented if indented else parse_template)(span, parse_expression)]


def test_strip_markers_take_the_white_space_of_one_line() -> None:
    assert parts("a \n ${~ b ~} \n  c") == ["'a \\n'", "''", "b", "'  c'"]


def test_the_smallest_indentation_is_taken_off() -> None:
    assert parts("    a\n\n      ${b}\n", indented=True) == ["'a\\n'", "'\\n'", "'  '", "b", "'\\n'"]


def test_text_knows_where_it_stands() -> None:
    text = 'x $${y} "z"'
    for part in parse_template(Span(Source("t.tpl", text, "hcl"), 0, len(text)), parse_expression):
        assert isinstance(part, nodes.TemplateText)
        assert part.verbatim is not None
        assert text.startswith(part.text, part.verbatim)


@pytest.mark.parametrize("text", ["%{ if a }", "%{ endif }", "%{ for a }x%{ endfor }", "%{ else }", "%{ what }", "${a"])
def test_what_is_not_a_template_is_a_failure(text: str) -> None:
    with pytest.raises(Failure):
        parts(text)


def test_a_bracket_that_is_not_closed_is_named() -> None:
    source = Source("main.tf", "locals {\n  ports = [80, (443]\n}\n", "hcl")
    with pytest.raises(Failure) as failure:
        bracket_end(source, source.text.index("{"))
    assert failure.value.message == "unexpected ]: the ( at 2:16 is not closed"
    assert failure.value.position == (2, 20)
