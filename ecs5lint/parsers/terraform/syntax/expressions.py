"""Parse expressions, by recursive descent.

The grammar is that of the HCL native syntax, https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md#expressions,
with the precedence of its operators:

    expression  = operation [ "?" expression ":" expression ]
    operation   = operand { operator operand }
    operator    = "||"
                | "&&"                              (each line binds tighter than the line before)
                | "==" | "!="
                | "<" | ">" | "<=" | ">="
                | "+" | "-"
                | "*" | "/" | "%"
    operand     = ( "-" | "!" ) operand
                | term { step }
    step        = "." name | "." digits | "[" expression "]"
                | ".*" { "." name | "." digits }
                | "[*]" { step }
    term        = number | "true" | "false" | "null" | name | template
                | function "(" [ expression { "," expression } [ "," | "..." ] ] ")"
                | "(" expression ")"
                | "[" [ expression { "," expression } [ "," ] ] "]"
                | "[" intro expression [ "if" expression ] "]"
                | "{" [ item { ( "," | line end ) item } [ "," ] ] "}"
                | "{" intro expression "=>" expression [ "..." ] [ "if" expression ] "}"
    item        = key ( "=" | ":" ) expression
    key         = name | expression
    intro       = "for" name [ "," name ] "in" expression ":"
    function    = name { "::" name }
    number      = digits [ "." digits ] [ ( "e" | "E" ) [ "+" | "-" ] digits ]
    name        = a letter of any alphabet or "_", followed by letters, digits, "_" and "-"
    template    = a quoted string or a heredoc (see `templates`)

White space and comments are allowed between all tokens. A line end is white space too, except between braces, where it
ends an item. In brackets inside the braces, it is white space again.

The tests compare the trees with those of the grammar of python-hcl2. That grammar also accepts some objects that
Terraform refuses, such as items without a separator.
"""

from __future__ import annotations

import re

from ecs5lint.location import Span
from ecs5lint.parsers.terraform.syntax.nodes import (
    BinaryOperation,
    Conditional,
    Expression,
    ForExpression,
    FunctionCall,
    Literal,
    Name,
    ObjectExpression,
    ObjectItem,
    Parentheses,
    TupleExpression,
    UnaryOperation,
)
from ecs5lint.parsers.terraform.syntax.operands import CONSTANTS, as_number, plain_string, reference, string
from ecs5lint.parsers.terraform.syntax.scanner import TOKEN, failure, token_end
from ecs5lint.parsers.terraform.syntax.traversals import Attribute, Key, Step, access, splat

#: The largest number of operands in an expression.
MAX_OPERANDS = 50_000

#: A comment. The pattern matches it in only one way, so that no part of a comment can match as a token.
_COMMENTS = r"(?:(?:\#|//)[^\n]*(?=\n|\Z)|/\*[^*]*\*+(?:[^/*][^*]*\*+)*/)"
#: White space and comments, with and without line ends.
_SPACE = rf"[ \t\r\n]*(?:{_COMMENTS}[ \t\r\n]*)*"
_SAME_LINE_SPACE = rf"[ \t\r]*(?:{_COMMENTS}[ \t\r]*)*"

_NAME = r"[^\W\d][\w-]*"
_NUMBER = r"[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?"
_PLAIN_STRING = r'"[^"\\$%\n]*"'

#: The most common expressions: a literal or a reference.
_SIMPLE = re.compile(
    rf"[ \t\r\n]*(?:(?P<reference>{_NAME}(?:\.{_NAME})*)|(?P<string>{_PLAIN_STRING})|(?P<number>{_NUMBER}))[ \t\r\n]*"
)
#: A list of references and strings.
_SIMPLE_LIST = re.compile(
    rf"\[[ \t\r\n]*(?!for(?![\w-]))(?:(?:{_NAME}(?:\.{_NAME})*|{_PLAIN_STRING})[ \t\r\n]*(?:,[ \t\r\n]*|(?=\])))*\]"
)
#: The beginning of an operand.
_TERM = (
    rf"(?:(?P<function>{_NAME}(?:[ \t]*::[ \t]*{_NAME})*)[ \t]*\(|(?P<reference>{_NAME}(?:\.{_NAME})*)"
    rf'|(?P<string>{_PLAIN_STRING})|(?P<number>{_NUMBER})|(?P<bracket>[(\[{{])|(?P<unary>[-!])|(?P<template>"|<<))'
)
#: The text after an operand, if it continues the expression.
_CONTINUATION = (
    rf"(?:(?P<attribute>\.{_SPACE}(?P<name>{_NAME}))|(?P<legacy>\.{_SPACE}(?P<digits>[0-9]+))|(?P<splat>\.{_SPACE}\*)"
    rf"|(?P<full>\[{_SPACE}\*{_SPACE}\])|(?P<index>\[)"
    r"|(?P<operator>\|\||&&|==|!=|>=|<=|>|<(?!<)|\+|-|\*|/|%)|(?P<question>\?)|)"
)
_TERMS = re.compile(_SPACE + _TERM), re.compile(_SAME_LINE_SPACE + _TERM)
_CONTINUATIONS = re.compile(_SPACE + _CONTINUATION), re.compile(_SAME_LINE_SPACE + _CONTINUATION)

_PRECEDENCE = {
    operator: precedence
    for precedence, operators in enumerate(("||", "&&", "== !=", "< > <= >=", "+ -", "* / %"), start=1)
    for operator in operators.split()
}

_INTRO = re.compile(
    rf"{_SPACE}for(?![\w-]){_SPACE}(?P<first>{_NAME}){_SPACE}(?:,{_SPACE}(?P<second>{_NAME}){_SPACE})?in(?![\w-])"
)
_FOR = re.compile(rf"{_SPACE}for(?![\w-])")
_KEY = re.compile(
    rf"{_SPACE}(?:(?P<close>\}})|(?:(?P<name>{_NAME})|(?P<string>{_PLAIN_STRING})){_SAME_LINE_SPACE}(?P<equals>=(?![=>])|:(?!:)))"
)
_EQUALS = re.compile(rf"{_SAME_LINE_SPACE}(?:=(?![=>])|:(?!:))")
_ITEM_END = re.compile(rf"{_SAME_LINE_SPACE}(?:[\n,]|(?P<close>\}}))")
_END = re.compile(_SPACE)
_SAME_LINE = re.compile(_SAME_LINE_SPACE)
#: Tokens that are part of a longer one with some text after them.
_LONGER = {":": re.compile(":"), "if": re.compile(r"[\w-]")}
_ELEMENT_END = {bracket: re.compile(rf"{_SPACE}(?:(?P<comma>,)|(?P<close>{re.escape(bracket)}))") for bracket in ")]"}


class _Unexpected(Exception):
    """The text is not an expression of the grammar. `offset` is that of the first token that does not belong there."""

    def __init__(self, offset: int) -> None:
        super().__init__(offset)
        self.offset = offset


def parse_expression(span: Span) -> Expression:
    """Return the syntax tree of the expression in `span`. Raises Failure for invalid HCL."""
    try:
        return _simple(span) or _Reader(span).whole()
    except _Unexpected as error:
        at = min(max(error.offset, span.start), max(span.end - 1, span.start))
        raise failure("this is not a valid HCL expression", span.source, at) from None
    except RecursionError:
        raise failure("the expression is nested too deeply", span.source, span.start) from None


def is_plainly_valid(span: Span) -> bool:
    """Tell whether an expression is a reference, a string or a list of these, which is certainly valid."""
    position = span.source.text, span.start, span.end
    simple = _SIMPLE.fullmatch(*position)
    return simple.lastgroup != "number" if simple else _SIMPLE_LIST.fullmatch(*position) is not None


def _simple(span: Span) -> Expression | None:
    source, start, end = span
    match = _SIMPLE.fullmatch(source.text, start, end)
    if match is None:
        return None
    kind = match.lastgroup or ""
    return _literal_or_reference(kind, match[kind], Span(source, *match.span(kind)))


def _literal_or_reference(kind: str, text: str, span: Span) -> Expression:
    if kind == "reference":
        return Literal(CONSTANTS[text], span) if text in CONSTANTS else reference(span)
    return plain_string(span) if kind == "string" else Literal(as_number(span), span)


class _Reader:
    """Reads one expression."""

    __slots__ = ("_continuation", "_end", "_in_braces", "_left", "_position", "_source", "_start", "_text")

    def __init__(self, span: Span) -> None:
        self._source, self._position, self._end = span
        self._start = span.start
        self._text = span.source.text
        #: Whether a line end ends the expression.
        self._in_braces = False
        #: What continues the expression after the last operand.
        self._continuation: re.Match[str] | None = None
        self._left = MAX_OPERANDS

    def whole(self) -> Expression:
        """Return the expression. Raises _Unexpected and Failure."""
        expression = self._expression()
        if self._matched(_END).end() != self._end:
            raise self._unexpected()
        return expression

    def _unexpected(self) -> _Unexpected:
        space = (_SAME_LINE if self._in_braces else _END).match(self._text, self._position, self._end)
        return _Unexpected(space.end() if space else self._position)

    def _matched(self, pattern: re.Pattern[str]) -> re.Match[str]:
        match = pattern.match(self._text, self._position, self._end)
        if match is None:
            raise self._unexpected()
        return match

    def _take(self, token: str) -> bool:
        """Read a token, and tell whether it is there."""
        space = _END.match(self._text, self._position, self._end)
        start = space.end() if space else self._position
        if not self._text.startswith(token, start, self._end):
            return False
        end = start + len(token)
        if token in _LONGER and _LONGER[token].match(self._text, end, self._end):
            return False
        self._position = end
        return True

    def _expect(self, token: str) -> None:
        if not self._take(token):
            raise self._unexpected()

    def _span(self, start: int) -> Span:
        return Span(self._source, start, self._position)

    def _expression(self) -> Expression:
        expression = self._operand()
        if self._continuation is None:
            return expression
        expression = self._operation(expression, 1)
        if self._continuation is None:
            return expression
        self._position = self._continuation.end()
        when_true = self._expression()
        self._expect(":")
        when_false = self._expression()
        return Conditional(expression, when_true, when_false, self._span(expression.span.start))

    def _operation(self, left: Expression, lowest: int) -> Expression:
        """Return the operation that begins with the operand `left`, of operators of at least a precedence."""
        while (match := self._continuation) and (operator := match["operator"]):
            precedence = _PRECEDENCE[operator]
            if precedence < lowest:
                break
            self._position = match.end()
            right = self._operation(self._operand(), precedence + 1)
            left = BinaryOperation(operator, left, right, Span(self._source, left.span.start, right.span.end))
        return left

    def _operand(self) -> Expression:
        """Return the next operand, and find what continues the expression after it."""
        self._left -= 1
        if self._left < 0:
            message = f"the expression exceeds the limit of {MAX_OPERANDS} operands"
            raise failure(message, self._source, self._start)
        match = self._matched(_TERMS[self._in_braces])
        kind = match.lastgroup or ""
        start = match.start(kind)
        self._position = match.end()
        if kind == "unary":
            return self._unary(match[kind], start)
        if kind in ("reference", "string", "number"):
            expression = _literal_or_reference(kind, match[kind], Span(self._source, start, self._position))
        elif kind == "function":
            expression = self._call("".join(match[kind].split()), start)
        elif kind == "template":
            expression = self._template(start)
        else:
            expression = _BRACKETS[match[kind]](self, start)
        return self._steps(expression, start)

    def _unary(self, operator: str, start: int) -> Expression:
        count = 1
        while operator == "!" and (match := self._matched(_TERMS[self._in_braces]))["unary"] == "!":
            self._position = match.end()
            count += 1
        operand = self._operand()
        span = Span(self._source, start, operand.span.end)
        # For an even number of `!`, keep two, since each converts its operand to a boolean.
        return UnaryOperation(operator, operand if count % 2 else UnaryOperation(operator, operand, span), span)

    def _steps(self, expression: Expression, start: int) -> Expression:
        """Return an operand with the attributes, indexes and splats after it."""
        while True:
            match = self._matched(_CONTINUATIONS[self._in_braces])
            kind = match.lastgroup
            if kind in ("operator", "question", None):
                self._continuation = match if kind else None
                return expression
            if kind in ("splat", "full"):
                self._position = match.end()
                steps = self._steps_of_splat()
                expression = splat(expression, steps, kind == "full", self._span(match.start(kind)), self._span(start))
            else:
                expression = access(expression, self._step(match), self._span(start))

    def _steps_of_splat(self) -> list[Step]:
        steps: list[Step] = []
        while (match := self._matched(_CONTINUATIONS[self._in_braces])).lastgroup in ("attribute", "legacy", "index"):
            steps.append(self._step(match))
        return steps

    def _step(self, match: re.Match[str]) -> Step:
        """Return the attribute or the index that a match begins."""
        kind = match.lastgroup or ""
        start = match.start(kind)
        self._position = match.end()
        if kind == "attribute":
            return Attribute(match["name"], self._span(start))
        if kind == "index":
            key = self._inside("]")
            return Key(key, self._span(start), in_brackets=True)
        written = self._span(start)
        number = as_number(written._replace(start=match.start("digits")))
        return Key(Literal(number, written), written, in_brackets=False)

    def _inside(self, closing: str) -> Expression:
        """Return the only expression in brackets."""
        in_braces, self._in_braces = self._in_braces, False
        expression = self._expression()
        self._expect(closing)
        self._in_braces = in_braces
        return expression

    def _template(self, start: int) -> Expression:
        opening = TOKEN.match(self._text, start)
        if opening is None:
            raise self._unexpected()
        self._position = token_end(self._source, opening)
        return string(self._span(start), parse_expression)

    def _parentheses(self, start: int) -> Expression:
        return Parentheses(self._inside(")"), self._span(start))

    def _call(self, name: str, start: int) -> Expression:
        arguments, expand_last = self._elements(")")
        return FunctionCall(name, tuple(arguments), expand_last, self._span(start))

    def _tuple(self, start: int) -> Expression:
        if _FOR.match(self._text, self._position, self._end):
            return self._for(start, "]")
        elements, _ = self._elements("]")
        return TupleExpression(tuple(elements), self._span(start))

    def _elements(self, closing: str) -> tuple[list[Expression], bool]:
        """Return the expressions up to a bracket, and whether `...` follows the last."""
        in_braces, self._in_braces = self._in_braces, False
        elements: list[Expression] = []
        expand_last = False
        while not self._take(closing):
            elements.append(self._expression())
            match = _ELEMENT_END[closing].match(self._text, self._position, self._end)
            if match is None:
                if closing == "]":
                    raise self._unexpected()
                self._expect("...")
                self._expect(closing)
                expand_last = True
                break
            self._position = match.end()
            if match["close"]:
                break
        self._in_braces = in_braces
        return elements, expand_last

    def _object(self, start: int) -> Expression:
        if _FOR.match(self._text, self._position, self._end):
            return self._for(start, "}")
        in_braces, self._in_braces = self._in_braces, True
        items: list[ObjectItem] = []
        while key := self._key():
            items.append(ObjectItem(key, self._expression()))
            match = self._matched(_ITEM_END)
            self._position = match.end()
            if match["close"]:
                break
        self._in_braces = in_braces
        return ObjectExpression(tuple(items), self._span(start))

    def _key(self) -> Expression | None:
        """Return the key of the next item, or None after the last."""
        match = _KEY.match(self._text, self._position, self._end)
        if match is None:
            self._position = self._matched(_END).end()
            key = self._expression()
            self._position = self._matched(_EQUALS).end()
            return key
        self._position = match.end()
        if match["close"]:
            return None
        if match["string"]:
            return plain_string(Span(self._source, *match.span("string")))
        name, span = match["name"], Span(self._source, *match.span("name"))
        return Literal(CONSTANTS[name], span) if name in CONSTANTS else Name(name, span)

    def _for(self, start: int, closing: str) -> Expression:
        in_braces, self._in_braces = self._in_braces, False
        intro = self._matched(_INTRO)
        self._position = intro.end()
        collection = self._expression()
        self._expect(":")
        key, result = None, self._expression()
        if closing == "}":
            self._expect("=>")
            key, result = result, self._expression()
        grouped = key is not None and self._take("...")
        condition = self._expression() if self._take("if") else None
        self._expect(closing)
        self._in_braces = in_braces
        return ForExpression(
            key_name=intro["first"] if intro["second"] else None,
            value_name=intro["second"] or intro["first"],
            collection=collection,
            key=key,
            result=result,
            condition=condition,
            grouped=grouped,
            span=self._span(start),
        )


_BRACKETS = {"(": _Reader._parentheses, "[": _Reader._tuple, "{": _Reader._object}
