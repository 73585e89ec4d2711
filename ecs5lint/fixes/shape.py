"""Compare the parsed content of files before and after edits. It may differ only at the edits.

Nothing is evaluated. A file that can't be parsed by itself, such as a template with directives, has no shape.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ecs5lint.fixes.texts import Revision
from ecs5lint.light_typing import Any, NamedTuple
from ecs5lint.location import Failure, Source, Span

#: The deepest nesting to compare.
_MAX_DEPTH = 200


class Shape(NamedTuple):
    """A part of a file: its range, its label, and its own parts."""

    start: int
    end: int
    label: object
    parts: tuple[Shape, ...] = ()


def is_kept(before: Source, after: str, revision: Revision) -> bool:
    """Tell whether the parsed file changes only at the edits. Return True if the file has no shape."""
    try:
        old = _document(before)
    except (Failure, RecursionError):
        return True
    try:
        new = _document(Source(before.path, after, before.syntax))
    except (Failure, RecursionError):
        return False
    return _is_like(old, new, revision, set())


def _is_like(old: Shape, new: Shape, revision: Revision, known: set[tuple[int, int]], depth: int = 0) -> bool:
    """Compare two shapes. `known` has the compared pairs, so that the target of a YAML alias is compared once."""
    pair = (id(old), id(new))
    if depth > _MAX_DEPTH:
        return False
    if pair in known:
        return True
    known.add(pair)
    parts = [part for part in new.parts if not revision.inserts(part.start, part.end)]
    if len(parts) != len(old.parts):
        parts = list(new.parts)
    if old.label == new.label and len(parts) == len(old.parts):
        pairs = zip(old.parts, parts, strict=True)
        return all(_is_like(one, other, revision, known, depth + 1) for one, other in pairs)
    return not new.parts and revision.touches(new.start, new.end)


def _document(source: Source) -> Shape:
    """Return the shape of a file. Raises Failure if it can't be parsed by itself."""
    if source.path.endswith((".tf", ".tofu", ".hcl", ".tfvars")):
        return Shape(0, len(source.text), "file", tuple(_hcl(source)))
    from ecs5lint.text import yaml
    from ecs5lint.text.json_document import parse_document

    try:
        return _value(parse_document(source))
    except Failure:
        seen: dict[int, Shape] = {}
        documents = tuple(_node(root, seen) for root in yaml.compose(source, source.text))
        return Shape(0, len(source.text), "documents", documents)


def _hcl(source: Source) -> Iterator[Shape]:
    from ecs5lint.parsers.terraform.syntax.blocks import read_body

    for item in read_body(Span(source, 0, len(source.text))):
        yield _item(item)


def _item(item: Any) -> Shape:
    start, end = item.span.start, item.span.end
    if hasattr(item, "labels"):
        return Shape(start, end, (item.type, item.labels), tuple(map(_item, item.items)))
    return Shape(start, end, item.name, (_expression(item.expression),))


def _expression(node: Any) -> Shape:
    """Return the shape of an expression node, from all its fields."""
    span = getattr(node, "span", None)
    names: Sequence[str] = getattr(node, "_fields", None) or type(node).__slots__
    fields = [getattr(node, name) for name in names if name not in ("span", "verbatim")]
    label: list[object] = [type(node).__name__]
    parts: list[Shape] = []
    for field in fields:
        for value in field if isinstance(field, tuple) and not hasattr(field, "_fields") else (field,):
            # The text of a template is part of the file's text.
            if type(value).__name__ == "TemplateText":
                continue
            if hasattr(value, "span") or hasattr(value, "key"):
                parts.append(_expression(value))
            else:
                label.append(value)
    if span is None:
        return Shape(parts[0].start, parts[-1].end, tuple(label), tuple(parts))
    return Shape(span.start, span.end, tuple(label), tuple(parts))


def _value(value: Any) -> Shape:
    """Return the shape of JSON."""
    span = value.span
    if hasattr(value, "members"):
        members = [(_value(item.key), _value(item.value)) for item in value.members]
        parts = tuple(Shape(key.start, item.end, "member", (key, item)) for key, item in members)
        return Shape(span.start, span.end, "object", parts)
    if hasattr(value, "items"):
        return Shape(span.start, span.end, "list", tuple(map(_value, value.items)))
    return Shape(span.start, span.end, (type(value.value), value.value))


def _node(node: Any, seen: dict[int, Shape]) -> Shape:
    """Return the shape of YAML. An alias has the shape of its target. `seen` maps nodes to shapes."""
    if id(node) not in seen:
        seen[id(node)] = _new_node(node, seen)
    return seen[id(node)]


def _new_node(node: Any, seen: dict[int, Shape]) -> Shape:
    start, end, value = node.start_mark.index, node.end_mark.index, node.value
    if node.id == "scalar":
        return Shape(start, end, (node.tag, value))
    if node.id == "mapping":
        members = [(_node(key, seen), _node(item, seen)) for key, item in value]
        parts = tuple(Shape(key.start, max(key.end, item.end), "member", (key, item)) for key, item in members)
    else:
        parts = tuple(_node(item, seen) for item in value)
    # The end mark of a block is at the start of the next token.
    return Shape(start, end if node.flow_style or not parts else parts[-1].end, node.tag, parts)
