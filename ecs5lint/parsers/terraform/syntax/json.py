"""Read Terraform's JSON syntax into the same blocks and expressions as HCL.

https://developer.hashicorp.com/terraform/language/syntax/json
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from ecs5lint.location import DerivedSource, Failure, Source, Span
from ecs5lint.parsers.terraform.syntax.blocks import Argument, Block, Item
from ecs5lint.parsers.terraform.syntax.expressions import parse_expression
from ecs5lint.parsers.terraform.syntax.nodes import (
    Expression,
    Literal,
    Name,
    ObjectExpression,
    ObjectItem,
    Parentheses,
    Template,
    TemplateText,
    TupleExpression,
)
from ecs5lint.parsers.terraform.syntax.templates import parse_template
from ecs5lint.text.json_document import parse_document
from ecs5lint.values.kinds import Known, ListValue, ObjectValue, Pair, Repeated, Value, known_text

#: The number of labels for each relevant block type.
_LABELS = {
    "terraform": 0,
    "variable": 1,
    "output": 1,
    "module": 1,
    "locals": 0,
    "resource": 2,
    "data": 2,
    "provider": 1,
}

#: Nested blocks to read as blocks, with the number of their labels.
_NESTED = {
    "backend": 1,
    "cloud": 0,
    "extra_arguments": 1,
    "dynamic": 1,
    "content": 0,
    "lifecycle": 0,
    "validation": 0,
}

#: Nested blocks without labels. They are blocks only in resources, since a module may have an input of that name.
_OF_RESOURCES = frozenset({"runtime_platform", "volume", "efs_volume_configuration", "default_tags"})
_IN_RESOURCES = _OF_RESOURCES | {"resource", "content", "provider"}

#: Arguments that are not templates, by the type of their block.
_LITERAL = {("variable", "default")}
_REFERENCES = {("variable", "type")}


_ESCAPE_OR_TEXT = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[0-9a-fA-F]{4}|\\u[0-9a-fA-F]{4}|\\.|[^\\]+")


def read_json_items(source: Source, labels: Mapping[str, int] = _LABELS, *, arguments: bool = False) -> list[Item]:
    """Return the top-level blocks of a JSON file, of the types in `labels`, and the arguments on request.

    Raises Failure.
    """
    document = parse_document(source)
    items: list[Item] = []
    for member in _members(document, source):
        type = known_text(member.key) or ""
        if type in labels:
            # A Terragrunt file may omit the label of a block.
            more = 0 if arguments and not _are_labels(member.value) else labels[type]
            items += _blocks(type, (), more, member.value, source)
        elif arguments:
            items.append(_argument("", type, member, source))
    return items


def _are_labels(value: Value) -> bool:
    """Tell whether the keys of an object are labels: the value of each is an object or a list of objects."""
    pairs = [member for member in value.members if isinstance(member, Pair)] if isinstance(value, ObjectValue) else []
    return all(isinstance(pair.value, (ObjectValue, ListValue)) for pair in pairs)


def _members(value: Value, source: Source) -> list[Pair]:
    if not isinstance(value, ObjectValue):
        raise Failure("expected an object", source.path, value.span)
    return [member for member in value.members if isinstance(member, Pair)]


def _blocks(type: str, labels: tuple[str, ...], more: int, value: Value, source: Source) -> list[Item]:
    """Return the blocks that a value describes. `more` levels of the value are labels, and a list is several blocks."""
    if isinstance(value, ListValue):
        elements = [item for item in value.items if not isinstance(item, Repeated)]
        return [block for item in elements for block in _blocks(type, labels, more, item, source)]
    if more:
        return [
            block
            for member in _members(value, source)
            for block in _blocks(type, (*labels, known_text(member.key) or ""), more - 1, member.value, source)
        ]
    items: list[Item] = []
    for member in _members(value, source):
        name = known_text(member.key) or ""
        if name in _NESTED or (name in _OF_RESOURCES and type in _IN_RESOURCES and _are_objects(member.value)):
            items += _blocks(name, (), _NESTED.get(name, 0), member.value, source)
        else:
            items.append(_argument(type, name, member, source))
    return [Block(type, labels, _span(value, source), items)]


def _are_objects(value: Value) -> bool:
    items = value.items if isinstance(value, ListValue) else (value,)
    return all(isinstance(item, ObjectValue) for item in items)


def _argument(type: str, name: str, member: Pair, source: Source) -> Argument:
    span, value_span = _span(member.key, source), _span(member.value, source)
    expression = _expression(member.value, source, literal=(type, name) in _LITERAL)
    text = known_text(member.value)
    if (type, name) in _REFERENCES and text is not None:
        expression = parse_expression(Span(source, value_span.start + 1, value_span.end - 1))
    return Argument(name, span._replace(end=value_span.end), value_span, expression)


def _expression(value: Value, source: Source, literal: bool = False) -> Expression:
    """Return a JSON value as an expression. Its strings are templates, unless `literal` is set."""
    span = _span(value, source)
    if isinstance(value, ObjectValue):
        items = [
            ObjectItem(_key(member.key, source, literal), _expression(member.value, source, literal))
            for member in _members(value, source)
        ]
        return ObjectExpression(tuple(items), span)
    if isinstance(value, ListValue):
        elements = [item for item in value.items if not isinstance(item, Repeated)]
        return TupleExpression(tuple(_expression(item, source, literal) for item in elements), span)
    text = known_text(value)
    if text is None:
        return Literal(value.value if isinstance(value, Known) else None, span)
    if literal:
        return Template((TemplateText(text, span, value.verbatim if isinstance(value, Known) else None),), span)
    if isinstance(value, Known) and value.verbatim is not None:
        return Template(
            parse_template(Span(source, value.verbatim, value.verbatim + len(text)), parse_expression), span
        )
    return _unescaped(text, span)


def _key(key: Value, source: Source, literal: bool) -> Expression:
    text = known_text(key)
    if text is not None and text.isidentifier():
        return Name(text, _span(key, source))
    return Parentheses(_expression(key, source, literal), _span(key, source))


def _unescaped(text: str, span: Span) -> Expression:
    """Return the template in a string that contains escapes."""
    stretches: list[tuple[int, int]] = []
    length = 0
    for piece in _ESCAPE_OR_TEXT.finditer(span.source.text, span.start + 1, span.end - 1):
        stretches.append((length, piece.start()))
        # A pair of \\u escapes is one character.
        length += 1 if piece.group().startswith("\\") else len(piece.group())
    inner = DerivedSource(span.source, text, stretches)
    return Template(parse_template(Span(inner, 0, len(text)), parse_expression), span)


def _span(value: Value, source: Source) -> Span:
    return value.span or Span(source, 0, len(source.text))
