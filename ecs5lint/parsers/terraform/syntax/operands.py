"""Create the syntax nodes of operands: constants, numbers, references, strings and heredocs."""

from __future__ import annotations

import math

from ecs5lint.location import Span
from ecs5lint.parsers.terraform.syntax.errors import NotKnown
from ecs5lint.parsers.terraform.syntax.nodes import Expression, GetAttribute, Name, Template, TemplateText
from ecs5lint.parsers.terraform.syntax.numbers import MAX_DIGITS, Number, parse_number
from ecs5lint.parsers.terraform.syntax.scanner import TOKEN, failure, heredoc_end
from ecs5lint.parsers.terraform.syntax.templates import ParseExpression, parse_indented, parse_quoted, parse_template

CONSTANTS = {"true": True, "false": False, "null": None}


def as_number(span: Span) -> Number:
    """Return the number in a span, or infinity for a number beyond the limits. Raises Failure."""
    if span.end - span.start > MAX_DIGITS:
        raise failure(f"a number of more than {MAX_DIGITS} digits is not supported", *span)
    try:
        value = parse_number(span.text)
    except NotKnown:
        return math.inf
    assert value is not None  # the callers check the digits
    return value


def reference(span: Span) -> Expression:
    """Return the tree of `a.b.c`."""
    source, start, _ = span
    root, *attributes = span.text.split(".")
    position = start + len(root)
    expression: Expression = Name(root, Span(source, start, position))
    for name in attributes:
        position += 1 + len(name)
        expression = GetAttribute(expression, name, Span(source, start, position))
    return expression


def plain_string(span: Span) -> Template:
    """Return the tree of a quoted string that is literal text without escapes."""
    source, start, end = span
    text = source.text[start + 1 : end - 1]
    return Template((TemplateText(text, Span(source, start + 1, end - 1), start + 1),) if text else (), span)


def string(span: Span, parse_expression: ParseExpression) -> Template:
    """Return the tree of a quoted string or a heredoc. Raises Failure."""
    source, start, end = span
    opening = TOKEN.match(source.text, start)
    if opening is None or not opening["heredoc"]:
        return Template(parse_quoted(Span(source, start + 1, end - 1), parse_expression), span)
    body = Span(source, opening.end(), heredoc_end(source, opening)[0])
    parse = parse_indented if opening.group().startswith("<<-") else parse_template
    return Template(parse(body, parse_expression), span)
