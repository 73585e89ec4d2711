"""Decode the JSON of container definitions."""

from __future__ import annotations

from contextlib import suppress

from ecs5lint.location import Span
from ecs5lint.text import json
from ecs5lint.text.placeholders import filled_in
from ecs5lint.values.kinds import Absent, Known, ListValue, ObjectValue, Text, Unknown, Value


def decoded_json(span: Span, text: Value) -> Value:
    """Return the value of the JSON in a text that is not a choice. For invalid JSON, it is unknown."""
    if isinstance(text, Known) and text.value is None:
        return Unknown("container_definitions is null", text.span or span, text.assumptions)
    try:
        return text if isinstance(text, (Unknown, Absent)) else json.decode(text)
    except json.JsonError as error:
        template = filled_in(text)
        if isinstance(template, Text) and template != text:
            # Placeholders that sed or a deployment tool replaces before Terraform runs hide nothing next to them.
            with suppress(json.JsonError):
                return json.decode(template)
        reason = f"container_definitions is not valid JSON: {error.message}"
        return Unknown(reason, error.span or span, text.assumptions)


def decoded_list(span: Span, value: Value) -> Value:
    """Return the list in an input of a module that takes a list, or its JSON text."""
    return value if isinstance(value, (ListValue, ObjectValue)) else decoded_json(span, value)
