"""Convert a template that cfn-lint decoded to values with spans.

cfn-lint's nodes have the start of objects, lists and texts. It decodes booleans and numbers to plain Python values, so
their positions are searched in the text, after their key or the previous element.
"""

from __future__ import annotations

import re

from ecs5lint.light_typing import Any
from ecs5lint.location import Source, Span
from ecs5lint.text.yaml import resolve_1_1
from ecs5lint.values.kinds import Known, ListValue, ObjectValue, Pair, Value

#: The text between a key or an element and the next value: punctuation, comments, anchors.
_BETWEEN = re.compile(r"(?:[\s:,\[?]|-(?=\s)|(?<!\S)#[^\n]*|&\S+)*")
_TAG = re.compile(r"!\S*")
_ANCHOR = re.compile(r"&\S+\s*")
_ALIAS = re.compile(r"\*([^\s,\]}]+)")
_SCALAR = re.compile(r""""(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^\s,\]}]+""")
_NULLS = ("null", "Null", "NULL", "~")


def decoded_template(template: Any, source: Source) -> Value:
    """Return the value of a template that cfn-lint decoded from `source`."""
    return _Converter(source).convert(template, 0)


class _Converter:
    def __init__(self, source: Source) -> None:
        self._source = source
        self._text = source.text

    def convert(self, node: Any, at: int) -> Value:
        """Return the value of a node that starts after the offset `at`."""
        if isinstance(node, dict):
            return self._mapping(node, at)
        if isinstance(node, list):
            return self._sequence(node, at)
        if isinstance(node, str) and hasattr(node, "start_mark"):
            return self._string(node)
        span = self._scalar_span(at)
        if node is None:
            # The value may be empty, and the next text another key.
            colon = self._text.find(":", at) + 1
            return Known(None, span if span.text in _NULLS else Span(self._source, colon, colon))
        # CloudFormation has no dates, unlike YAML 1.1. A date is the text as written.
        return Known(node if isinstance(node, (str, bool, int, float)) else span.text, span)

    def _mapping(self, node: dict[Any, Any], at: int) -> Value:
        span = self._span(node, at)
        pairs = []
        for key, item in node.items():
            if hasattr(key, "start_mark"):
                key_span = self._key_span(key, span)
                value = self.convert(item, key_span.end)
            else:
                # The key of a short tag has no position of its own, and its argument follows the tag.
                key_span, value = span, self._argument(item, span)
            within = span if span.start <= key_span.start < span.end else None
            pairs.append(Pair(Known(str(key), key_span), value, within))
        return ObjectValue(tuple(pairs), span)

    def _key_span(self, key: Any, mapping: Span) -> Span:
        """Return the span of a key. If it overrides a merged key, cfn-lint has the position of the merged one."""
        span = self._span(key, mapping.start)
        if mapping.start <= span.start < mapping.end:
            return span
        own = re.compile(rf"""["']?{re.escape(key)}["']?(?=\s*:)""").search(self._text, mapping.start, mapping.end)
        return Span(self._source, own.start(), own.end()) if own else span

    def _argument(self, node: Any, call: Span) -> Value:
        tag = _TAG.match(self._text, call.start)
        start = tag.end() if tag else call.start
        if isinstance(node, str):
            return Known(str(node), Span(self._source, self._next(start), call.end))
        return self.convert(node, start)

    def _sequence(self, node: list[Any], at: int) -> Value:
        span = self._span(node, at)
        items = []
        cursor = span.start
        for item in node:
            value = self.convert(item, cursor)
            items.append(value)
            if value.span:
                cursor = max(cursor, value.span.end)
        return ListValue(tuple(items), span)

    def _string(self, node: Any) -> Value:
        span = self._span(node, 0)
        # cfn-lint keeps y and n as text, although CloudFormation reads them as booleans unless they are quoted.
        return Known(resolve_1_1(node) if span.text == node else str(node), span)

    def _span(self, node: Any, at: int) -> Span:
        """Return the span of a node, from its marks and without an anchor. A node without marks starts after `at`."""
        if not hasattr(node, "start_mark"):
            start = self._next(at)
            return Span(self._source, start, start)
        start = self._offset(node.start_mark)
        anchor = _ANCHOR.match(self._text, start)
        start = anchor.end() if anchor else start
        end = max(start, self._offset(node.end_mark))
        return Span(self._source, start, start + len(self._text[start:end].rstrip()))

    def _offset(self, mark: Any) -> int:
        return self._source.offset(mark.line + 1, mark.column + 1)

    def _next(self, at: int) -> int:
        match = _BETWEEN.match(self._text, at)
        return match.end() if match else at

    def _scalar_span(self, at: int) -> Span:
        start = self._next(at)
        # The list before a scalar may be the argument of a short tag.
        tag = _TAG.match(self._text, start)
        start = self._next(tag.end()) if tag else start
        alias = _ALIAS.match(self._text, start)
        anchor = re.search(rf"&{re.escape(alias[1])}\s+", self._text) if alias else None
        start = anchor.end() if anchor else start
        scalar = _SCALAR.match(self._text, start)
        return Span(self._source, start, scalar.end() if scalar else start)
