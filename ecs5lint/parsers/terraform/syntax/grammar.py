"""Parse the text of an HCL expression into its syntax tree, with python-hcl2's grammar.

The grammar never sees strings, heredocs and comments: a filler of the same length replaces each, so every offset stays
the same. `templates` reads strings and heredocs. HCL syntax that the grammar lacks is replaced in the same way. Names
are always read from the original text.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable

from ecs5lint.light_typing import TYPE_CHECKING, cast
from ecs5lint.location import Span
from ecs5lint.parsers.terraform.syntax.nodes import (
    BinaryOperation,
    Conditional,
    Expression,
    ForExpression,
    FunctionCall,
    GetAttribute,
    Index,
    Literal,
    ObjectExpression,
    ObjectItem,
    Parentheses,
    Splat,
    SplatItem,
    TupleExpression,
    UnaryOperation,
)
from ecs5lint.parsers.terraform.syntax.plain import CONSTANTS, as_number, parse_plain, parse_simple, reference, string
from ecs5lint.parsers.terraform.syntax.scanner import TOKEN, failure, is_loop, token_end

if TYPE_CHECKING:
    from lark import Lark, Token, Tree

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


def parse_expression(span: Span) -> Expression:
    """Return the syntax tree of the expression in `span`. Raises Failure for invalid HCL."""
    # Most expressions don't need the grammar, which is slow.
    try:
        return (
            parse_simple(span, parse_expression)
            or parse_plain(span, parse_expression, parse_by_grammar)
            or parse_by_grammar(span)
        )
    except RecursionError:
        raise failure("the expression is nested too deeply", span.source, span.start) from None


def parse_by_grammar(span: Span) -> Expression:
    """Return the syntax tree of any expression in `span`. Raises Failure for invalid HCL."""
    from lark.exceptions import UnexpectedInput

    text, newlines = _ARGUMENT + _replaced(span), "\n"
    try:
        tree = _grammar().parse(text + newlines)
    except UnexpectedInput as error:
        offset = error.pos_in_stream if isinstance(error.pos_in_stream, int) else len(text)
        at = min(max(span.start + offset - len(_ARGUMENT), span.start), max(span.end - 1, span.start))
        raise failure("this is not a valid HCL expression", span.source, at) from None
    converter = _Converter(span)
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


_parser: Lark | None = None


def _grammar() -> Lark:
    """Return the parser of python-hcl2's grammar.

    The package directory caches the grammar's tables. If it is read-only, the user's cache directory holds them. If
    that fails too, they are computed again.
    """
    global _parser
    if _parser is None:
        import hcl2.parser

        package = os.path.dirname(hcl2.parser.__file__)
        if os.path.exists(hcl2.parser.PARSER_FILE) or os.access(package, os.W_OK):
            _parser = hcl2.parser.parser()
        else:
            _parser = _grammar_cached_by_user()
    return _parser


def _grammar_cached_by_user() -> Lark:
    import hcl2.parser
    import hcl2.version
    from hcl2.postlexer import PostLexer
    from lark import Lark

    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    directory = os.path.join(base, "ecs5lint")
    cache: str | bool = False
    try:
        os.makedirs(directory, exist_ok=True)
        if os.access(directory, os.W_OK):
            cache = os.path.join(directory, f"hcl2-{hcl2.version.__version__}.lark")
    except OSError:
        pass
    return Lark.open(
        "hcl2.lark",
        parser="lalr",
        cache=cache,
        rel_to=hcl2.parser.__file__,
        propagate_positions=True,
        postlex=PostLexer(),
    )


def _is_old_splat(expression: Expression) -> bool:
    """Tell whether an expression ends in a splat of the form `.*`."""
    if isinstance(expression, Splat):
        return _is_old_splat(expression.item) if expression.full else True
    return False


class _Converter:
    """Turns the grammar's tree of one expression into syntax nodes."""

    def __init__(self, span: Span) -> None:
        self._source = span.source
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
        return string(self.span(node), parse_expression)

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
        target, key = self.subtrees(node)
        return self._step(self.expression(target), key, self.span(node))

    _get_attr_expr_term = _index_expr_term

    def _step(self, target: Expression, step: Tree[Token], span: Span) -> Expression:
        """Apply one `.name`, `.0` or `[key]`."""
        return self._applied(target, span, lambda target: self._single_step(target, step, span))

    def _single_step(self, target: Expression, step: Tree[Token], span: Span) -> Expression:
        if step.data == "braces_index":
            return Index(target, self.expression(self.subtrees(step)[0]), span)
        written = self.span(step)
        name = written.text.lstrip(". \t")
        if name.isdecimal():
            digits = written._replace(start=written.end - len(name))
            return Index(target, Literal(as_number(digits), written), span)
        return GetAttribute(target, name, span)

    def _applied(self, target: Expression, span: Span, apply: Callable[[Expression], Expression]) -> Expression:
        """Apply the next operation to `target`, or to each of its elements if `target` is a full splat."""
        if isinstance(target, Splat) and target.full:
            return Splat(target.target, self._applied(target.item, span, apply), True, span)
        return apply(target)

    def _attr_splat_expr_term(self, node: Tree[Token]) -> Expression:
        """Convert both kinds of splats.

        https://github.com/hashicorp/hcl/blob/main/hclsyntax/parser.go (parseExpressionTraversals)
        """
        target, splat = self.subtrees(node)
        span = self.span(node)
        full = splat.data == "full_splat"
        steps = self.subtrees(splat)
        # In the old form, only the attributes apply to each element: list.*.name[0] is the first of the names.
        own = next((index for index, step in enumerate(steps) if step.data == "braces_index"), len(steps))
        inner = self.expression(target)
        if not full and _is_old_splat(inner):
            raise failure("an .* after another .* is not allowed; use [*]", *self.span(splat))

        def splatted(target: Expression) -> Expression:
            item: Expression = SplatItem(self.span(splat))
            for step in steps[:own]:
                item = self._step(item, step, self.span(step))
            expression: Expression = Splat(target, item, full, span)
            for step in steps[own:]:
                expression = self._step(expression, step, span)
            return expression

        return self._applied(inner, span, splatted)

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
        condition, when_true, when_false = self.subtrees(node)
        return Conditional(
            self.expression(condition), self.expression(when_true), self.expression(when_false), self.span(node)
        )

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
