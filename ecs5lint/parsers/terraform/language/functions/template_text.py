"""Render templates that are values themselves: those of templatestring and of data.template_file."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial

from ecs5lint.location import Source, Span
from ecs5lint.parsers.terraform.language.alternatives import lift_refusals
from ecs5lint.parsers.terraform.language.functions.context import Context
from ecs5lint.parsers.terraform.language.functions.function import spread
from ecs5lint.parsers.terraform.language.functions.pieces import as_text, pieces, relocated, written_out
from ecs5lint.parsers.terraform.syntax.errors import EvaluationError, NotKnown
from ecs5lint.values.kinds import Choice, Known, ObjectValue, Rest, Text, Unknown, Value
from ecs5lint.values.pieces import Assembled
from ecs5lint.values.traverse import map_children

#: Represents an unknown part: its number, between characters that no template contains.
_HOLE = re.compile("\ue000([0-9]+)\ue001")
_OPENING = re.compile(r"\$\$\{|%%\{|\$\{|%\{")


def template_variables(value: Value) -> ObjectValue:
    """Return the variables of a template. If they are unknown, the object has only unknown members.

    Raises EvaluationError.
    """
    if isinstance(value, ObjectValue):
        return value
    if isinstance(value, Unknown):
        return ObjectValue((Rest(value.derived()),), value.span, value.assumptions)
    raise EvaluationError("the variables of a template must be an object or a map", value.span)


def render_value(template: Value, variables: ObjectValue, context: Context, span: Span) -> Value:
    """Return the rendered text of a template. Unknown parts of the template stay in place.

    The spans of the result are those of the template. Raises EvaluationError and NotKnown.
    """

    def once(template: Value) -> Value:
        if isinstance(template, Unknown):
            raise NotKnown(template)
        parts = written_out(pieces(template))
        chunks = [
            str(part.value) if isinstance(part, Known) else f"\ue000{index}\ue001" for index, part in enumerate(parts)
        ]
        written = Assembled(parts, chunks)
        if not _OPENING.search(written.text):
            return template
        _require_whole_holes(written.text, template)
        if isinstance(template, Known) and template.span and template.verbatim is not None:
            source, start = template.span.source, template.verbatim
            return context.render(Span(source, start, start + len(written.text)), variables)
        source = Source(span.path, written.text, "hcl")
        rendered = relocated(context.render(Span(source, 0, len(source.text)), variables), source, written)
        return _with_holes(rendered, parts)

    return lift_refusals(once, spread(template))


def _require_whole_holes(text: str, template: Value) -> None:
    """Raise NotKnown if an unknown part is inside an interpolation."""
    for hole in _HOLE.finditer(text):
        before = list(_OPENING.finditer(text, 0, hole.start()))
        if before and len(before[-1].group()) == 2 and "}" not in text[before[-1].end() : hole.start()]:
            raise NotKnown(Unknown("a part of the template is unknown", template.span, template.assumptions))


def _with_holes(rendered: Value, parts: Sequence[Value]) -> Value:
    """Return a rendered text with the unknown parts restored."""
    if isinstance(rendered, (Choice, Text)):
        return map_children(partial(_with_holes, parts=parts), rendered)
    if not isinstance(rendered, Known) or not isinstance(rendered.value, str) or not _HOLE.search(rendered.value):
        return rendered
    literals, numbers = _HOLE.split(rendered.value)[::2], _HOLE.findall(rendered.value)
    found: list[Value] = [Known(literals[0], rendered.span, rendered.assumptions)]
    for number, literal in zip(numbers, literals[1:], strict=True):
        found += [parts[int(number)], Known(literal, rendered.span)]
    return as_text(found, rendered.span, rendered.assumptions)
