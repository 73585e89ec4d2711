"""Recognize placeholders: text in a template that another tool replaces with a value.

One table serves every format. Outside quotation marks, each form is a placeholder. Inside quotation marks a text stays
a text, and only some forms can be told from other text.
"""

from __future__ import annotations

import re
from functools import cache

from ecs5lint.location import Span
from ecs5lint.values.kinds import Known, Text, Unknown, Value

#: Forms that hardly anybody writes for anything else, each in the syntax of one kind of template.
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
    r"|<[A-Za-z_][\w. :-]*>"  # replaced by sed or by hand, as for CodePipeline
    r"|\#\{[^{}]*\}\#?"  # Octopus, Azure
    r"|\(\([A-Za-z_][^()\s]*\)\)"  # Concourse
    r"|\[\[[ ]?(?!(?:true|false|null)\b)[A-Za-z_][\w.-]*[ ]?\]\]"  # custom templates
    r"|\{[ ]?[A-Za-z_][\w.-]*[ ]?\}"
    r"|@@?[A-Za-z_][\w.-]*@@?"  # autoconf, sed
    r"|%%?[A-Za-z_][\w.-]*%%?(?!\w)"  # Windows, sed
    r"|__[A-Za-z]\w*__"  # sed
)

#: Every placeholder starts with one of these.
_MARKS = ("$", "<", "{", "#", "(", "@", "%", "[", "__")


# Compiling these takes longer than reading a task definition, and most task definitions have no placeholder.


@cache
def in_string() -> re.Pattern[str]:
    """Return the expression for a placeholder inside quotation marks."""
    return re.compile(_CERTAIN)


@cache
def anywhere() -> re.Pattern[str]:
    """Return the expression for a placeholder in any form."""
    return re.compile(_FORMS)


def is_placeholder(text: str) -> bool:
    """Tell whether a text consists of placeholders only."""
    if not text.startswith(_MARKS):
        return False
    at = 0
    while placeholder := anywhere().match(text, at):
        at = placeholder.end()
    return at == len(text)


def may_have_placeholder(text: str) -> bool:
    """Tell whether a placeholder may be in a text, without looking for one."""
    return not text.isalnum() and any(map(text.__contains__, _MARKS))


def put_in_later(placeholder: str, span: Span | None) -> Unknown:
    """Return the unknown value of a placeholder."""
    return Unknown(f"{placeholder} is a placeholder", span, hint="write the value into the template")


def filled_in(value: Value) -> Value:
    """Return a text with holes for its placeholders. A text that is only a placeholder becomes an unknown.

    Use it for a text that is not meant literally, because the text of a placeholder is not a valid value there.
    """
    if isinstance(value, Text):
        return value._replace(parts=tuple(filled_in(part) for part in value.parts))
    if not isinstance(value, Known) or not isinstance(value.value, str):
        return value
    text = value.value
    if not may_have_placeholder(text):
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
