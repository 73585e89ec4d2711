"""Read YAML that is itself a template with placeholders.

YAML reads some placeholders as text, and misreads others: `{{ x }}` and `%X%` are errors, `{x}` is a mapping, `[[x]]` a
list, and `#{X}` a comment. If YAML would misread a placeholder, this module masks all of them first. Each becomes a
plain scalar, or part of one, of the same length.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable
from contextlib import suppress

from ecs5lint.light_typing import TYPE_CHECKING
from ecs5lint.location import Failure, Source, Span
from ecs5lint.text.placeholders import anywhere
from ecs5lint.text.yaml import ApplyTag, Resolve, parse_yaml
from ecs5lint.values.kinds import Known, ListValue, Repeated, Value
from ecs5lint.values.traverse import map_children

if TYPE_CHECKING:
    from yaml.nodes import Node

#: A placeholder that YAML misreads without an error. The first character is looked for first, which is faster.
_MISREAD = re.compile(
    r"[{\[#](?:(?<=\{)(?<![$#%&{\w]\{)[ ]?[A-Za-z_][\w.-]*[ ]?\}"
    r"|(?<=\[)\[[ ]?[A-Za-z_][\w.-]*[ ]?\]\]|(?<=#)\{)"
)
#: The text before `#{X}` on its line if it is a value. After any other text it is a comment.
_BEFORE_VALUE = re.compile(r"[:,\[{-][ \t]*\Z")
#: The largest distance before a placeholder to search for that text.
_MAX_INDENT = 200
#: Forms that may contain quotation marks.
_QUOTING = ("{{", "${{", "<%=")

#: The first character of a mask, and each further one. Both are private-use characters.
_FIRST, _FURTHER = "\ue000", "\ue001"
_MASK = re.compile(f"{_FIRST}{_FURTHER}*")

#: A placeholder of Octopus Deploy on its own line, after empty lines or comments.
_ON_OWN_LINE = re.compile(
    r"[ \t]*(?:#[^\n]*)?\n(?:[ \t]*(?:#(?!\{)[^\n]*)?\n)*(?P<indent>[ \t]*)(?P<placeholder>#\{[^{}\n]*\}#?)[ \t\r]*$",
    re.MULTILINE,
)

Masks = list[tuple[int, int]]


def parse_yaml_template(
    source: Source,
    resolve: Resolve,
    apply_tag: ApplyTag | None = None,
    prune: Callable[[Node], None] | None = None,
) -> list[Value]:
    """Return the documents in `source` as `parse_yaml` does, with placeholders as texts. Raises Failure."""

    def read(masks: Masks) -> list[Value]:
        documents = parse_yaml(source, resolve, apply_tag, prune, _masked(source.text, masks) if masks else None)
        if not masks and "#{" not in source.text:
            return documents
        restored = _Restored(source, masks)
        return [restored.value(document) for document in documents]

    masks = _masks(source.text) if _MISREAD.search(source.text) else []
    if masks:
        with suppress(Failure):  # text that looks like a placeholder may really be YAML
            return read(masks)
    try:
        return read([])
    except Failure:
        masks = [] if masks else _masks(source.text)
        if masks:
            with suppress(Failure):
                return read(masks)
        raise


def _masks(text: str) -> Masks:
    """Return the ranges of the placeholders that can occur in YAML."""
    if _FIRST in text:
        return []
    is_flow = text.lstrip()[:1] in ("{", "[")
    found = (match.span() for match in anywhere().finditer(text))
    return [(start, end) for start, end in found if _is_value(text, start, end, is_flow)]


def _is_value(text: str, start: int, end: int, is_flow: bool) -> bool:
    placeholder = text[start:end]
    if "\n" in placeholder or ('"' in placeholder and not placeholder.startswith(_QUOTING)):
        return False
    if not placeholder.startswith("#{"):
        return True
    before = text[max(0, start - _MAX_INDENT) : start].rpartition("\n")[2]
    return _BEFORE_VALUE.search(before) is not None or (is_flow and not before.strip())


def _masked(text: str, masks: Masks) -> str:
    """Return a text with masked placeholders. In JSON, spaces also replace tabs, which YAML does not allow."""
    pieces = []
    done = 0
    for start, end in masks:
        pieces += [text[done:start], _FIRST, _FURTHER * (end - start - 1)]
        done = end
    masked = "".join([*pieces, text[done:]])
    return masked.replace("\t", " ") if text.lstrip()[:1] in ("{", "[") else masked


class _Restored:
    """Restores the placeholders in the values of a document."""

    def __init__(self, source: Source, masks: Masks) -> None:
        self._source = source
        self._masks = masks
        self._starts = [start for start, _ in masks]
        # An alias is the same value object as its target, so it is restored once.
        self._done: dict[int, tuple[Value, Value]] = {}

    def value(self, value: Value) -> Value:
        if isinstance(value, Known):
            return self._scalar(value)
        known = self._done.get(id(value))
        if known:
            return known[1]
        restored = map_children(self.value, value, self.value)
        if isinstance(value, ListValue) and isinstance(restored, ListValue):
            restored = restored._replace(items=(*restored.items, *self._further_items(value)))
        self._done[id(value)] = value, restored
        return restored

    def _scalar(self, value: Known) -> Value:
        span = value.span
        if isinstance(value.value, str) and _FIRST in value.value and span:
            return value._replace(value=self._text(value.value, span))
        if value.value is None and span and span.start == span.end:
            match = _ON_OWN_LINE.match(self._source.text, span.start)
            return self._placeholder(match) if match else value
        return value

    def _text(self, text: str, span: Span) -> str:
        first, last = bisect_left(self._starts, span.start), bisect_left(self._starts, span.end)
        written = [self._source.text[start:end] for start, end in self._masks[first:last]]

        def original(mask: re.Match[str]) -> str:
            found = next((item for item in written if len(item) == len(mask.group())), mask.group())
            if found in written:
                del written[: written.index(found) + 1]
            return found

        return _MASK.sub(original, text)

    def _further_items(self, value: ListValue) -> list[Value]:
        """Return the placeholders on lines of their own between the elements of a block sequence."""
        text, span = self._source.text, value.span
        if "#{" not in text or not span or text[span.start : span.start + 1] != "-":
            return []
        column = span.start - text.rfind("\n", 0, span.start) - 1
        found = []
        for at in [*(item.span.end for item in value.items if not isinstance(item, Repeated) and item.span), span.end]:
            match = _ON_OWN_LINE.match(text, at)
            if match and len(match["indent"]) == column and at >= span.start:
                found.append(self._placeholder(match))
        return list({item.span: item for item in found}.values())

    def _placeholder(self, match: re.Match[str]) -> Known:
        return Known(match["placeholder"], Span(self._source, *match.span("placeholder")))
