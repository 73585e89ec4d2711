"""Parse the text of an HCL expression into its syntax tree with python-hcl2's grammar.

The tests compare it with the tree of our own parser.

The grammar never sees strings, heredocs and comments: a filler of the same length replaces each, so every offset stays
the same. `templates` reads strings and heredocs. HCL syntax that the grammar lacks is replaced in the same way. Names
are always read from the original text.
"""

from __future__ import annotations

import re
from typing import cast

from hcl2.parser import parser
from lark import Token, Tree
from lark.exceptions import UnexpectedInput

from ecs5lint.location import Span
from ecs5lint.parsers.terraform.syntax.nodes import (
    BinaryOperation,
    Conditional,
    Expression,
    ForExpression,
    FunctionCall,
    Literal,
    ObjectExpression,
    ObjectItem,
    Parentheses,
    TupleExpression,
    UnaryOperation,
)
from ecs5lint.parsers.terraform.syntax.operands import CONSTANTS, as_number, reference, string
from ecs5lint.parsers.terraform.syntax.scanner import TOKEN, failure, is_loop, token_end
from ecs5lint.parsers.terraform.syntax.templates import ParseExpression
from ecs5lint.parsers.terraform.syntax.traversals import Attribute, Key, Step, access, splat

#: The text before an expression. The grammar parses arguments, not expressions.
_ARGUMENT = "x="

#: The largest number of names, numbers, strings and brackets in an expression. The grammar is slow for each of them.
MAX_TOKENS = 50_000

_SEVERAL_NOTS = re.compile(r"!(?:\s*!)+")

_NAME = r"[^\W\d][\w-]*"

#: The parts to replace: names, numbers, indexes after a dot, and the tokens of the scanner.
_REPLACED = re.compile(
    rf"(?P<function>{_NAME}(?:[ \t]*::[ \t]*{_NAME})+)"
    r"|(?P<member>(?<!\.)\.[ \t]*(?:\d+(?P<minus>-)?|[^\W\d][\w-]*))|(?P<word>[^\W\d][\w-]*)"
    rf"|(?P<not>{_SEVERAL_NOTS.pattern})"
    rf"|(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(?P<splat>\[\s*\*\s*\])|(?P<return>\r)|{TOKEN.pattern}"
)


def parse_by_grammar(span: Span, parse_expression: ParseExpression) -> Expression:
    """Return the syntax tree of an expression. Raises Failure for invalid HCL.

    `parse_expression` parses interpolations.
    """
    text, newlines = _ARGUMENT + _replaced(span), "\n"
    try:
        tree = parser().parse(text + newlines)
    except UnexpectedInput as error:
        offset = error.pos_in_stream if isinstance(error.pos_in_stream, int) else len(text)
        at = min(max(span.start + offset - len(_ARGUMENT), span.start), max(span.end - 1, span.start))
        raise failure("this is not a valid HCL expression", span.source, at) from None
    converter = _Converter(span, parse_expression)
    argument, *more = converter.subtrees(cast("Tree[Token]", tree.children[0]))
    if more:
        # The grammar reads `1 b = 2` as the end of one argument, followed by another argument.
        raise failure("this is not a valid HCL expression", *converter.span(more[0]))
    return converter.expression(argument.children[2])


def _replaced(span: Span) -> str:
    """Return the text of an expression in a form that the grammar accepts, with each character at its offset."""
    source, position, end = span
    pieces: list[str] = []
    # HCL ignores line ends inside brackets, but not between the items of an object.
    ignoring = [True]
    reference_end = -1
    while match := _REPLACED.search(source.text, position, end):
        if len(pieces) > 2 * MAX_TOKENS:
            raise failure(f"the expression exceeds the limit of {MAX_TOKENS} tokens", source, span.start)
        pieces.append(source.text[position : match.start()])
        written = match.group()
        position = match.end()
        if match["function"]:
            # The grammar has no names in parts. It gets a single name, and _function_call reads the parts.
            pieces.append("_" * len(written))
        elif match["member"]:
            # `a.b.c` becomes a single name, which _identifier splits again.
            goes_on = match.start() == reference_end and written[1] not in " \t0123456789"
            reference_end = position if goes_on else -1
            given = "_" * len(written) if goes_on else "." + "_" * (len(written) - 1)
            # The grammar would read the minus of `a.0-1` as part of the name. It gets a plus, and _binary_op reads the
            # minus.
            pieces.append(given[:-1] + "+" if match["minus"] else given)
        elif match["word"]:
            reference_end = position
            pieces.append(written if written.isascii() else "_" * len(written))
        elif match["number"] and source.text[max(match.start() - 1, 0)] == "-":
            # The grammar would read the minus as part of the number. It gets a name, and _identifier reads the number.
            pieces.append("_" * len(written))
        elif match["splat"]:
            pieces.append("[*]" + " " * (len(written) - 3))
        elif match["comment"] or match["return"]:
            pieces.append(" " * len(written))
        elif match["not"]:
            # The grammar does not accept `!!x`. It gets `! x`, and _unary_op reads the rest.
            pieces.append("!" + " " * (len(written) - 1))
        elif match["string"] or match["heredoc"] or written == '"':
            position = token_end(source, match)
            pieces.append('"' + "_" * (position - match.start() - 2) + '"')
        elif written == "\n":
            pieces.append(" " if ignoring[-1] else "\n")
        else:
            if written in ("(", "[", "{"):
                ignoring.append(written != "{" or is_loop(source.text, match.start(), end))
            elif written in (")", "]", "}") and len(ignoring) > 1:
                ignoring.pop()
            pieces.append(written)
    pieces.append(source.text[position:end])
    return "".join(pieces)


class _Converter:
    """Turns the grammar's tree of one expression into syntax nodes."""

    def __init__(self, span: Span, parse_expression: ParseExpression) -> None:
        self._source = span.source
        self._parse_expression = parse_expression
        self._shift = span.start - len(_ARGUMENT)

    def span(self, node: Tree[Token] | Token) -> Span:
        if isinstance(node, str):
            start, end = node.start_pos, node.end_pos
        else:
            start, end = node.meta.start_pos, node.meta.end_pos
        assert start is not None and end is not None  # the grammar propagates positions
        return Span(self._source, start + self._shift, end + self._shift)

    def expression(self, node: Tree[Token] | Token) -> Expression:
        """Return the expression for a node of the tree."""
        assert not isinstance(node, str)
        convert = getattr(self, f"_{node.data}")
        return cast(Expression, convert(node))

    def subtrees(self, node: Tree[Token]) -> list[Tree[Token]]:
        return [child for child in node.children if not isinstance(child, str) and child.data != "new_line_or_comment"]

    def _expr_term(self, node: Tree[Token]) -> Expression:
        (inner,) = self.subtrees(node)
        if len(node.children) == 1:
            return self.expression(inner)
        return Parentheses(self.expression(inner), self.span(node))

    def _identifier(self, node: Tree[Token]) -> Expression:
        span = self.span(node)
        return Literal(as_number(span), span) if span.text[0].isdecimal() else reference(span)

    _keyword = _identifier

    def _literal_value(self, node: Tree[Token]) -> Expression:
        span = self.span(node)
        return Literal(CONSTANTS[span.text], span)

    def _int_lit(self, node: Tree[Token]) -> Expression:
        span = self.span(node)
        return Literal(as_number(span), span)

    def _float_lit(self, node: Tree[Token]) -> Expression:
        span = self.span(node)
        return Literal(as_number(span), span)

    def _string(self, node: Tree[Token]) -> Expression:
        """Convert a string or a heredoc. The grammar sees a string in both cases."""
        return string(self.span(node), self._parse_expression)

    def _tuple(self, node: Tree[Token]) -> Expression:
        return TupleExpression(tuple(self.expression(child) for child in self.subtrees(node)), self.span(node))

    def _object(self, node: Tree[Token]) -> Expression:
        items = []
        for element in self.subtrees(node):
            key, value = self.subtrees(element)
            items.append(ObjectItem(self.expression(self.subtrees(key)[0]), self.expression(value)))
        return ObjectExpression(tuple(items), self.span(node))

    def _function_call(self, node: Tree[Token]) -> Expression:
        arguments: list[Expression] = []
        names: list[str] = []
        expand = False
        for child in self.subtrees(node):
            if child.data == "identifier":
                names.append("".join(self.span(child).text.split()))
            else:
                arguments = [self.expression(argument) for argument in self.subtrees(child)]
                expand = any(isinstance(token, str) and token.type == "ELLIPSIS" for token in child.children)
        return FunctionCall("::".join(names), tuple(arguments), expand, self.span(node))

    def _index_expr_term(self, node: Tree[Token]) -> Expression:
        target, step = self.subtrees(node)
        return access(self.expression(target), self._step(step), self.span(node))

    _get_attr_expr_term = _index_expr_term

    def _step(self, step: Tree[Token]) -> Step:
        """Return one `.name`, `.0` or `[key]`."""
        written = self.span(step)
        if step.data == "braces_index":
            return Key(self.expression(self.subtrees(step)[0]), written, in_brackets=True)
        name = re.search(rf"{_NAME}\Z|[0-9]+\Z", written.text)
        assert name is not None
        if name[0].isdecimal():
            digits = written._replace(start=written.end - len(name[0]))
            return Key(Literal(as_number(digits), written), written, in_brackets=False)
        return Attribute(name[0], written)

    def _attr_splat_expr_term(self, node: Tree[Token]) -> Expression:
        """Convert both kinds of splats."""
        target, written = self.subtrees(node)
        steps = [self._step(step) for step in self.subtrees(written)]
        full = written.data == "full_splat"
        return splat(self.expression(target), steps, full, self.span(written), self.span(node))

    _full_splat_expr_term = _attr_splat_expr_term

    def _for_tuple_expr(self, node: Tree[Token]) -> Expression:
        """Convert both kinds of `for`. Only the object form has an arrow."""
        intro, *results = self.subtrees(node)
        condition = None
        if results[-1].data == "for_cond":
            condition = self.expression(self.subtrees(results.pop())[0])
        *names, collection = self.subtrees(intro)
        variables = [self.span(name).text for name in names]
        tokens = {child.type for child in node.children if isinstance(child, str)}
        return ForExpression(
            key_name=variables[0] if len(variables) == 2 else None,
            value_name=variables[-1],
            collection=self.expression(collection),
            key=self.expression(results[0]) if "FOR_OBJECT_ARROW" in tokens else None,
            result=self.expression(results[-1]),
            condition=condition,
            grouped="ELLIPSIS" in tokens,
            span=self.span(node),
        )

    _for_object_expr = _for_tuple_expr

    def _conditional(self, node: Tree[Token]) -> Expression:
        condition, when_true, when_false = map(self.expression, self.subtrees(node))
        # The node may reach to the end of the line.
        span = self.span(node)._replace(end=when_false.span.end)
        return Conditional(condition, when_true, when_false, span)

    def _unary_op(self, node: Tree[Token]) -> Expression:
        (operand,) = self.subtrees(node)
        span = self.span(node)
        written = span.text
        several = _SEVERAL_NOTS.match(written)
        inner = self.expression(operand)
        # For an even number, keep two, since each converts its operand to a boolean.
        if several and several.group().count("!") % 2 == 0:
            inner = UnaryOperation("!", inner, span)
        return UnaryOperation(written[0], inner, span)

    def _binary_op(self, node: Tree[Token]) -> Expression:
        first, term = self.subtrees(node)
        operator, second = self.subtrees(term)
        left, right = self.expression(first), self.expression(second)
        # The node may reach to the end of the line.
        span = left.span._replace(end=right.span.end)
        return BinaryOperation(self.span(operator).text.strip(), left, right, span)
