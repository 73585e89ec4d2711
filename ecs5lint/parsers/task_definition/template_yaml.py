"""Read task definitions in YAML, which may be templates for envsubst or similar tools."""

from __future__ import annotations

from ecs5lint.location import Source, Span
from ecs5lint.text.placeholders import filled_in, in_string, is_placeholder, put_in_later
from ecs5lint.text.yaml import resolve_1_2
from ecs5lint.text.yaml_template import parse_yaml_template
from ecs5lint.values.kinds import Known, ListValue, ObjectValue, Unknown, Value, known_text
from ecs5lint.values.traverse import map_children


def parse_yaml_documents(source: Source) -> list[Value]:
    """Return the documents of a file as the AWS CLI reads them for `--cli-input-yaml`. Raises Failure."""
    return [_with_placeholders(document) for document in parse_yaml_template(source, resolve_1_2, _tagged)]


def _tagged(tag: str, value: Value, span: Span) -> Value:
    """Return an unknown for a tagged value.

    The AWS CLI supports no tags, so another program processes the text first.
    """
    return Unknown(f"{tag} has no meaning in a task definition", span)


def _with_placeholders(value: Value) -> Value:
    """Return a YAML document in which plain scalars that are placeholders, as in `cpu: ${CPU}`, are unknown."""
    if isinstance(value, (ListValue, ObjectValue)):
        return map_children(_with_placeholders, value, _key)
    text = known_text(value)
    if text is not None and value.span and value.span.text == text and is_placeholder(text):
        return put_in_later(text, value.span)
    return value


def _key(key: Value) -> Value:
    """Return the key of a member as a text with holes for its placeholders."""
    return filled_in(key) if _has_placeholder(key) else key


def _has_placeholder(key: Value) -> bool:
    text = str(key.value) if isinstance(key, Known) else ""
    return any(mark in text for mark in "$<{") and in_string().search(text) is not None
