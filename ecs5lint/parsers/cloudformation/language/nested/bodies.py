"""Read a template from a text value in another template or in Terraform.

Parts of such a text may be unknown. They are read as placeholders, which become values again after the text has been
parsed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import partial

from ecs5lint.location import DerivedSource, Failure, Source, Span
from ecs5lint.parsers.cloudformation.language.template import read_documents, syntax_of
from ecs5lint.text.yaml import resolve_1_1
from ecs5lint.values.alternatives import Case, branches, leaves, possible
from ecs5lint.values.conditions import TooManyAlternatives, negate
from ecs5lint.values.kinds import (
    ABSENT,
    Arm,
    Assumptions,
    Choice,
    Encoded,
    Known,
    ListValue,
    ObjectValue,
    Pair,
    Repeated,
    Rest,
    Text,
    Unknown,
    Value,
)
from ecs5lint.values.pieces import Assembled, template_text
from ecs5lint.values.traverse import assume_throughout, map_children

#: Represents a part to restore after parsing: its number between private-use characters.
_HOLE = re.compile("\ue000([0-9]+)\ue001")
#: An unknown part on its own line may add any number of lines.
_HOLE_AS_LINE = re.compile("^[ \t]*\ue000([0-9]+)\ue001[ \t]*$", re.MULTILINE)
#: The largest number of alternatives of a text to read.
_MAX_TEXTS = 64


def body_documents(body: Value, span: Span, case: Case = ()) -> list[tuple[Case, Value]]:
    """Return the documents in a text, each with its case. An unknown document is Unknown.

    `span` is used for values without a span of their own.
    """
    try:
        alternatives = list(_alternatives(body, case, _MAX_TEXTS))
    except TooManyAlternatives:
        return [(case, Unknown("the template has too many alternatives to evaluate", span))]
    return [(longer, document) for longer, text in alternatives for document in _documents(text, span)]


def _alternatives(text: Value, case: Case, budget: int) -> Iterator[tuple[Case, Value]]:
    """Yield the alternatives of a text in which every choice is a scalar. Raises TooManyAlternatives."""
    for longer, leaf in leaves(text, case):
        parts = _flatten(leaf) if isinstance(leaf, Text) else []
        index = next((at for at, part in enumerate(parts) if isinstance(part, Choice) and not _is_scalar(part)), None)
        if index is None or not isinstance(leaf, Text):
            yield longer, leaf
            continue
        choice = parts[index]
        assert isinstance(choice, Choice)
        if len(choice.arms) > budget:
            raise TooManyAlternatives
        for branch, value in branches(choice):
            if possible((*longer, branch)):
                inner = leaf._replace(parts=(*parts[:index], value, *parts[index + 1 :]))
                yield from _alternatives(inner, (*longer, branch), budget // len(choice.arms))


def _flatten(text: Value) -> list[Value]:
    """Return the parts of a text. A repeated part occurs once."""
    if isinstance(text, Text):
        return [part for item in text.parts for part in _flatten(item)]
    return [] if isinstance(text, Unknown) and text.repetition else [text]


def _is_scalar(choice: Choice) -> bool:
    """Tell whether each alternative of a part is a word or a number within a line."""
    return all(
        _is_scalar(arm.value)
        if isinstance(arm.value, Choice)
        else isinstance(arm.value, (Known, Unknown)) and _is_word(arm.value)
        for arm in choice.arms
    )


def _is_word(part: Value) -> bool:
    return isinstance(part, Unknown) or (
        isinstance(part, Known) and re.fullmatch(r"[\w./-]+", template_text(part)) is not None
    )


def _documents(text: Value, span: Span) -> list[Value]:
    if isinstance(text, Encoded):
        return [_without_repetitions(assume_throughout(text.value, text.assumptions), text.span or span)]
    if isinstance(text, Unknown):
        return [text]
    if isinstance(text, ObjectValue):
        return [text]  # JSON that was written as an object instead of as text
    if not isinstance(text, (Known, Text)) or (isinstance(text, Known) and not isinstance(text.value, str)):
        return [Unknown("the template is not a text", text.span or span)]
    parts = _flatten(text)
    assembled = Assembled(parts, [_chunk(part, number) for number, part in enumerate(parts)])
    for match in _HOLE_AS_LINE.finditer(assembled.text):
        if not isinstance(parts[int(match[1])], (Known, Choice, Encoded)):
            return [Unknown("a line of the template is unknown", span)]
    source = _source(assembled, text.span or span)
    try:
        found = read_documents(source)
    except Failure as failure:
        return [Unknown(f"the template {failure.message}", failure.span or span)]
    # A part inside a scalar affects that scalar only. Every other part also affects the rest of the text.
    shaping: Assumptions = frozenset(
        item for part in parts if isinstance(part, Known) and not _is_put_in(part) for item in part.assumptions
    )
    return [assume_throughout(_filled(document, parts), shaping | text.assumptions) for document in found]


def _is_put_in(part: Known) -> bool:
    """Tell whether a known part is restored after parsing, so that its assumptions apply to it alone."""
    return bool(part.assumptions) and _is_word(part)


def _chunk(part: Value, number: int) -> str:
    return template_text(part) if isinstance(part, Known) and not _is_put_in(part) else f"\ue000{number}\ue001"


def _source(assembled: Assembled, span: Span) -> Source:
    """Return the text as a source with positions in the original file."""
    origin = next((part.span.source for part in assembled.parts if _is_verbatim(part) and part.span), None)
    if origin is None:
        return _line_by_line(assembled.text, span)
    source = assembled.source(origin, span.start)
    source.syntax = syntax_of(source.text)
    return source


def _is_verbatim(part: Value) -> bool:
    return isinstance(part, Known) and part.verbatim is not None


def _line_by_line(text: str, span: Span) -> Source:
    """Return a text whose lines are consecutive lines of a span, possibly indented, as in a YAML block."""
    written = span.source.text
    stretches: list[tuple[int, int]] = []
    offset, at = 0, span.start
    for line in text.splitlines(keepends=True):
        word = line.strip()
        found = written.find(word, at, span.end) if word and not _HOLE.search(word) else -1
        if found != -1:
            stretches.append((offset + line.index(word), found))
            at = found + len(word)
        offset += len(line)
    source = DerivedSource(span.source, text, stretches or [(0, span.start)])
    source.syntax = syntax_of(text)
    return source


def _filled(value: Value, parts: Sequence[Value]) -> Value:
    """Return a parsed value with its parts restored."""
    if isinstance(value, (ListValue, ObjectValue)):
        inner = partial(_filled, parts=parts)
        return map_children(inner, value, inner)
    if not isinstance(value, Known) or not isinstance(value.value, str) or not _HOLE.search(value.value):
        return value
    numbers, literals = _HOLE.findall(value.value), _HOLE.split(value.value)[::2]
    is_plain = value.span is not None and value.span.text[:1] not in ("'", '"', "|", ">")
    if is_plain and len(numbers) == 1 and not any(literals):
        return _scalar(parts[int(numbers[0])], value.span)
    pieces: list[Value] = []
    for literal, number in zip(literals, [*numbers, None], strict=True):
        if literal:
            pieces.append(Known(literal, value.span))
        if number is not None:
            pieces.append(_as_piece(parts[int(number)]))
    return Text(tuple(pieces), value.span)


def _as_piece(part: Value) -> Value:
    return part._replace(value=template_text(part)) if isinstance(part, Known) else part


def _scalar(part: Value, span: Span | None) -> Value:
    """Return a part as a whole plain scalar: text, a number or a boolean."""
    if isinstance(part, Known):
        return part._replace(value=resolve_1_1(template_text(part)), verbatim=None)
    if isinstance(part, Choice):
        return map_children(partial(_scalar, span=span), part)
    if isinstance(part, Encoded):
        return _without_repetitions(part.value, part.span or span)
    if isinstance(part, Unknown):
        # It may be a number or a boolean, which differs from the text.
        return part.derived(symbol=part.symbol and f"{part.symbol} in YAML")
    return part


def _without_repetitions(value: Value, span: Span | None) -> Value:
    """Return a value in which each repeated element occurs once or not at all. Every value gets a span."""
    where = value.span or span
    inner = partial(_without_repetitions, span=where)
    if isinstance(value, ListValue):
        items = tuple(
            Choice((Arm(item.when, inner(item.element)), Arm(negate(item.when), ABSENT)), where)
            if isinstance(item, Repeated)
            else inner(item)
            for item in value.items
        )
        return value._replace(items=items, span=where)
    if isinstance(value, ObjectValue):
        members: list[Pair | Rest] = []
        for item in value.members:
            if isinstance(item, Rest):
                members.append(item)
                if item.each is not None:
                    members.append(Pair(Known("*", where), inner(item.each), where))
            else:
                key = item.key if item.key.span else item.key._replace(span=where)
                members.append(item._replace(key=key, value=inner(item.value)))
        return value._replace(members=tuple(members), span=where)
    return map_children(inner, value) if isinstance(value, Choice) else value
