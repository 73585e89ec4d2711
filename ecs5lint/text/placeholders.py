"""Placeholders: what a template writes for a value that another tool puts in later.

The table is one for every format. Where a value stands without quotation marks, each of the forms is a placeholder; a
text inside quotation marks stays a text, in which only some forms are told from other text.
"""

from __future__ import annotations

import re
from functools import cache

from ecs5lint.location import Span
from ecs5lint.values.kinds import Known, Text, Unknown, Value

#: What hardly anybody writes for anything else, each in the syntax of one kind of template.
_CERTAIN = (
    r"\$\{\{[^{}]*\}\}"  # GitHub Actions, Backstage
    r"|\$\{[^{}]*\}"  # envsubst, shell, Terraform
    r"|\$\([^()]*\)"  # shell, make, Azure Pipelines
    r"|\$[A-Za-z_]\w*"  # envsubst, jq
    r"|\{\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\}\}"  # Jinja, Go, Mustache
    r"|<%=[^%]*%>"  # ERB
)
_FORMS = (
    _CERTAIN + r"|<<[ ]?[A-Za-z_][\w. :-]*>>"  # sed
    r"|<\+[A-Za-z_][^<>]*>"  # Harness
    r"|<[A-Za-z_][\w. :-]*>"  # to be replaced by sed or by hand, as CodePipeline does
    r"|\#\{[^{}]*\}\#?"  # Octopus, Azure
    r"|\(\([A-Za-z_][^()\s]*\)\)"  # Concourse
    r"|\[\[[ ]?(?!(?:true|false|null)\b)[A-Za-z_][\w.-]*[ ]?\]\]"  # templates of one's own
    r"|\{[ ]?[A-Za-z_][\w.-]*[ ]?\}"
    r"|@@?[A-Za-z_][\w.-]*@@?"  # autoconf, sed
    r"|%%?[A-Za-z_][\w.-]*%%?(?!\w)"  # Windows, sed
    r"|__[A-Za-z]\w*__"  # sed
)

#: One of these is in every placeholder.
_MARKS = ("$", "<", "{", "#", "(", "@", "%", "[", "__")


# The expressions take longer to compile than a task definition to read, and most have no placeholder.


@cache
def in_string() -> re.Pattern[str]:
    """Return the expression for a placeholder in a text inside quotation marks."""
    return re.compile(_CERTAIN)


@cache
def anywhere() -> re.Pattern[str]:
    """Return the expression for a placeholder in any of the forms."""
    return re.compile(_FORMS)


def is_placeholder(text: str) -> bool:
    """Tell whether a text is a placeholder, or several, and nothing else."""
    if not text.startswith(_MARKS):
        return False
    at = 0
    while placeholder := anywhere().match(text, at):
        at = placeholder.end()
    return at == len(text)


def put_in_later(placeholder: str, span: Span | None) -> Unknown:
    """Return what is known about a value for which a placeholder stands."""
    return Unknown(f"{placeholder} is put in later", span, hint="write the value into the template")


def filled_in(value: Value) -> Value:
    """Return a text as one with holes for the placeholders in it, unknown if it is only one.

    It is for text that does not mean what it says, since something else than the text of a placeholder is wanted there.
    """
    if isinstance(value, Text):
        return value._replace(parts=tuple(filled_in(part) for part in value.parts))
    if not isinstance(value, Known) or not isinstance(value.value, str):
        return value
    text = value.value
    if not any(mark in text for mark in _MARKS):
        return value
    if is_placeholder(text):
        return put_in_later(text, value.span)._replace(assumptions=value.assumptions)
    parts: list[Value] = []
    done = 0
    for placeholder in anywhere().finditer(text):
        start, end = placeholder.span()
        parts += [
            _part(value, text, done, start),
            put_in_later(placeholder.group(), _part(value, text, start, end).span),
        ]
        done = end
    return Text((*parts, _part(value, text, done, len(text))), value.span, value.assumptions) if parts else value


def _part(value: Known, text: str, start: int, end: int) -> Known:
    """Return a stretch of a text."""
    span, verbatim = value.span, value.verbatim
    if span is None or verbatim is None:
        return value._replace(value=text[start:end])
    span = Span(span.source, verbatim + start, verbatim + end)
    return value._replace(value=text[start:end], span=span, verbatim=verbatim + start)
