"""YAML that is a template itself, with placeholders in it.

To a reader of YAML some placeholders are text, and others something else: `{{ x }}` and `%X%` are errors, `{x}` is a
mapping, `[[x]]` a list, and `#{X}` a comment. So where YAML would misread one, all of them are masked before it reads
the text: each by as many characters, which make a plain scalar or a part of one.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from ecs5lint.location import Failure, Source, Span
from ecs5lint.text.placeholders import anywhere
from ecs5lint.text.yaml import ApplyTag, Resolve, parse_yaml
from ecs5lint.values.kinds import Known, ListValue, ObjectValue, Pair, Repeated, Value

if TYPE_CHECKING:
    from yaml.nodes import Node

#: A placeholder that YAML reads as something else, without an error.
_MISREAD = re.compile(r"(?<![$#%&{\w])\{[ ]?[A-Za-z_][\w.-]*[ ]?\}|\[\[[ ]?[A-Za-z_][\w.-]*[ ]?\]\]|#\{")
#: What stands before `#{X}` on its line where it is a value; after anything else it is a comment.
_BEFORE_VALUE = re.compile(r"[:,\[{-][ \t]*\Z")
#: How far before a placeholder that is looked for.
_MAX_INDENT = 200
#: Forms that may have quotation marks in them.
_QUOTING = ("{{", "${{", "<%=")

#: The first and the further characters that a placeholder is masked by. They are for private use.
_FIRST, _FURTHER = "\ue000", "\ue001"
_MASK = re.compile(f"{_FIRST}{_FURTHER}*")

#: A placeholder of Octopus Deploy on a line of its own, after lines that are empty or comments.
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
    """Return the documents in `source` as `parse_yaml` does, in which a placeholder is a text. Raises Failure."""

    def read(masks: Masks) -> list[Value]:
        documents = parse_yaml(source, resolve, apply_tag, prune, _masked(source.text, masks) if masks else None)
        if not masks and "#{" not in source.text:
            return documents
        restored = _Restored(source, masks)
        return [restored.value(document) for document in documents]

    masks = _masks(source.text) if _MISREAD.search(source.text) else []
    if masks:
        with suppress(Failure):  # what looks like a placeholder may be what YAML takes it for
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
    """Return where the placeholders are that can stand in YAML."""
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
    """Return a text with its placeholders masked; of JSON, also with spaces for tabs, which YAML does not allow."""
    pieces = []
    done = 0
    for start, end in masks:
        pieces += [text[done:start], _FIRST, _FURTHER * (end - start - 1)]
        done = end
    masked = "".join([*pieces, text[done:]])
    return masked.replace("\t", " ") if text.lstrip()[:1] in ("{", "[") else masked


class _Restored:
    """Puts the placeholders back into the values of a document."""

    def __init__(self, source: Source, masks: Masks) -> None:
        self._source = source
        self._masks = masks
        self._starts = [start for start, _ in masks]
        # An alias is the value that it stands for, and is restored once.
        self._done: dict[int, tuple[Value, Value]] = {}

    def value(self, value: Value) -> Value:
        if isinstance(value, Known):
            return self._scalar(value)
        known = self._done.get(id(value))
        if known:
            return known[1]
        restored = value
        if isinstance(value, ListValue):
            items = [item if isinstance(item, Repeated) else self.value(item) for item in value.items]
            restored = value._replace(items=(*items, *self._further_items(value)))
        elif isinstance(value, ObjectValue):
            restored = value._replace(
                members=tuple(
                    item._replace(key=self.value(item.key), value=self.value(item.value))
                    if isinstance(item, Pair)
                    else item
                    for item in value.members
                )
            )
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
        """Return the placeholders that stand on lines of their own between the elements of a block sequence."""
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
