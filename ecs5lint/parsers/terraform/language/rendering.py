"""Render templates: build text from literal parts, interpolations and directives.

https://developer.hashicorp.com/terraform/language/expressions/strings
"""

from __future__ import annotations

from ecs5lint.location import Span
from ecs5lint.parsers.terraform.language.alternatives import lift_refusals, refusal
from ecs5lint.parsers.terraform.language.choices import choose
from ecs5lint.parsers.terraform.language.functions.function import optional_items
from ecs5lint.parsers.terraform.language.loops import Iteration, iterate
from ecs5lint.parsers.terraform.language.plain_values import normal_form
from ecs5lint.parsers.terraform.language.scope import Scope
from ecs5lint.parsers.terraform.language.types import STRING, convert
from ecs5lint.parsers.terraform.syntax.errors import EvaluationError
from ecs5lint.parsers.terraform.syntax.nodes import TemplateFor, TemplateIf, TemplatePart, TemplateText
from ecs5lint.text.json import repeated
from ecs5lint.values.alternatives import lift
from ecs5lint.values.conditions import negate
from ecs5lint.values.kinds import Arm, Choice, Known, Text, Unknown, Value, all_assumptions

#: The longest text. A longer text is unknown.
MAX_LENGTH = 1_000_000


def render(parts: tuple[TemplatePart, ...], scope: Scope, span: Span) -> Value:
    """Return the value of a template. Raises EvaluationError.

    A template that is a single interpolation has the value of that interpolation, of any type.
    """
    part = parts[0] if len(parts) == 1 else None
    if isinstance(part, TemplateText):
        return _literal(part, span) or joined(_rendered(part, scope, span), span)
    if part is not None and not isinstance(part, (TemplateIf, TemplateFor)):
        return scope.evaluate(part)
    return render_text(parts, scope, span)


def _literal(part: TemplateText, span: Span) -> Known | None:
    """Return the text of a template without interpolations, or None if it may exceed a limit or need a normal form."""
    if not part.text.isascii() or not 0 < len(part.text) <= MAX_LENGTH or part.span.source is not span.source:
        return None
    return Known(part.text, span, verbatim=part.verbatim)


def render_text(parts: tuple[TemplatePart, ...], scope: Scope, span: Span) -> Value:
    """Return the text of a template. Raises EvaluationError."""
    return joined([value for part in parts for value in _rendered(part, scope, span)], span)


def _rendered(part: TemplatePart, scope: Scope, span: Span) -> list[Value]:
    if isinstance(part, TemplateText):
        return [Known(part.text, part.span, verbatim=part.verbatim)]
    if isinstance(part, TemplateIf):
        arms = part.when_true, part.when_false
        chosen = choose(
            part.condition,
            scope,
            lambda scope: render_text(arms[0], scope, part.span),
            lambda scope: render_text(arms[1], scope, part.span),
            part.span,
        )
        return _parts(chosen)
    if isinstance(part, TemplateFor):
        return _repeated(part, scope)
    value = convert(scope.evaluate_part(part), STRING)
    if isinstance(value, Known) and value.value is None:
        raise EvaluationError("null cannot be put into text", part.span)
    return _parts(value)


def _repeated(part: TemplateFor, scope: Scope) -> list[Value]:
    def over(collection: Value) -> Value:
        values: list[Value] = [Known("", part.span, collection.assumptions)]
        for step in iterate(collection, part.key_name, part.value_name, scope, part.collection.span):
            if step.unknown is None:
                values += _parts(render_text(part.body, step.scope, part.span))
            else:
                values.append(_any_number(part, step, step.unknown))
        return joined(values, part.span)

    return _parts(lift_refusals(over, lift(optional_items, scope.evaluate(part.collection))))


def _any_number(part: TemplateFor, turn: Iteration, unknown: Unknown) -> Value:
    """Return the text for any number of turns: a body that repeats, or an empty text."""
    assert turn.when
    try:
        body = render_text(part.body, turn.scope, part.span)
    except EvaluationError as error:
        body = refusal(error)
    some = joined(repeated(_parts(body), turn.when, unknown._replace(span=part.span)), part.span)
    arms = (Arm(turn.when, some), Arm(negate(turn.when), Known("", part.span)))
    return Choice(arms, part.span, unknown.assumptions, default_arm=1 if turn.off_default_path else None)


def _parts(value: Value) -> list[Value]:
    return list(value.parts) if isinstance(value, Text) and not value.assumptions else [value]


def joined(parts: list[Value], span: Span) -> Value:
    """Return the parts of a text as one value: a known text if all parts are known, or else a text with holes.

    A text that looks like JSON, or like a part of a list of it, stays in parts, because each part has its own position.
    """
    pieces: list[Value] = []
    for part in parts:
        last = pieces[-1] if pieces else None
        follows = _following(last, part) if isinstance(last, Known) and isinstance(part, Known) else None
        if follows is not None:
            pieces[-1] = follows
        elif not (isinstance(part, Known) and part.value == "" and not part.assumptions):
            pieces.append(part)
    if not all(isinstance(piece, Known) for piece in pieces):
        return Text(tuple(pieces), span)
    written = "".join(str(piece.value) for piece in pieces if isinstance(piece, Known))
    text = normal_form(written)
    if len(text) > MAX_LENGTH:
        return Unknown("the text is too long to evaluate", span)
    if text != written:
        return Known(text, span, all_assumptions(pieces))
    if len(pieces) == 1 and isinstance(pieces[0], Known):
        piece = pieces[0]
        return piece._replace(span=span) if piece.span and piece.span.source is span.source else piece
    if text.lstrip(", \t\r\n")[:1] in ("[", "{"):
        return Text(tuple(pieces), span)
    return Known(text, span, all_assumptions(pieces))


def _following(left: Known, right: Known) -> Known | None:
    """Return two texts as one if the right text directly follows the left one in the source."""
    if left.verbatim is None or right.verbatim is None or left.assumptions != right.assumptions:
        return None
    if left.span is None or right.span is None or left.span.source is not right.span.source:
        return None
    text = str(left.value)
    if left.verbatim + len(text) != right.verbatim:
        return None
    return Known(text + str(right.value), left.span._replace(end=right.span.end), left.assumptions, left.verbatim)
