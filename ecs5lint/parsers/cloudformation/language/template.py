"""Read the text of a CloudFormation template into its sections.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping

from ecs5lint.files.kinds import program_language
from ecs5lint.light_typing import TYPE_CHECKING, Any, NamedTuple
from ecs5lint.location import Failure, Source, Span
from ecs5lint.values.kinds import Known, ListValue, ObjectValue, Pair, Repeated, Value, known_text
from ecs5lint.values.members import member

if TYPE_CHECKING:
    from yaml.nodes import Node

TASK_DEFINITION = "AWS::ECS::TaskDefinition"
SERVICE = "AWS::ECS::Service"
#: The resource types that are only checked by some rules, and their types in the model.
OTHER_TYPES = {
    SERVICE: "service",
    "AWS::ECS::TaskSet": "task_set",
    "AWS::ECS::Cluster": "cluster",
    "AWS::ECS::CapacityProvider": "capacity_provider",
}

#: The types of the resources to check, by their names in lower case.
_BY_FOLDED_NAME = {type.lower(): type for type in (TASK_DEFINITION, *OTHER_TYPES)}

#: The resources that are stacks, and the property with the location of their template.
NESTED_STACKS = {"AWS::CloudFormation::Stack": "TemplateURL", "AWS::Serverless::Application": "Location"}

#: A set of stacks, one for each of several accounts and regions.
STACK_SET = "AWS::CloudFormation::StackSet"

#: The transform that includes a file.
INCLUDE = "AWS::Include"

_UNUSED_SECTIONS = ("Description", "Globals", "Hooks", "Metadata")

#: The start of text that may precede JSON: a comment, or a template statement.
_PREAMBLE = ("#", ";", "/", "<")

#: Marks of a text that Go, Jinja or ERB render into a template.
_PLACEHOLDERS = ("{{", "{%", "<%")


class Template(NamedTuple):
    """A template: its file and its root object."""

    source: Source
    root: ObjectValue

    def transforms(self) -> list[Value]:
        """Return the transforms of the whole template."""
        written = member(self.root, "Transform")
        return elements(written) if isinstance(written, ListValue) else [written]


def is_relevant(type_: str) -> bool:
    """Tell whether a resource may be checked, or may contain a resource that is, by its type."""
    if type_ in (TASK_DEFINITION, STACK_SET) or type_ in OTHER_TYPES:
        return True
    return type_ in NESTED_STACKS or type_.endswith("::MODULE") or meant_type(type_) != type_


def meant_type(type_: str) -> str:
    """Return the type of resource that a type in the wrong case, or with spaces around it, is meant to be."""
    return _BY_FOLDED_NAME.get(type_.strip().lower(), type_)


def as_template(document: Value) -> Template | None:
    """Return a document as a template, or None for any other document.

    A task definition, and a mapping of names to resources with a task definition among them, count as a template with
    nothing else in it. Other resources of Amazon ECS count too.
    """
    if not isinstance(document, ObjectValue) or not document.span:
        return None
    root = _root(document, document.span)
    return Template(document.span.source, root) if root else None


def _root(document: ObjectValue, span: Span) -> ObjectValue | None:
    if any(isinstance(member(document, section), ObjectValue) for section in ("Resources", "Modules")):
        return document
    if _is_of_ecs(document):
        document = _object({posixpath.basename(span.path): document}, span)
    if any(_is_of_ecs(pair.value) for pair in document.members if isinstance(pair, Pair)):
        return _object({"Resources": document}, span)
    return None


def _object(members: Mapping[str, Value], span: Span) -> ObjectValue:
    return ObjectValue(tuple(Pair(Known(name, span), value, span) for name, value in members.items()), span)


def _is_of_ecs(value: Value) -> bool:
    type_ = known_text(member(value, "Type")) if isinstance(value, ObjectValue) else None
    return type_ == TASK_DEFINITION or type_ in OTHER_TYPES


def read_documents(source: Source) -> list[Value]:
    """Return the documents of a file that is a template or part of one. Raises Failure."""
    if source.syntax == "json":
        from ecs5lint.text.json_document import parse_document

        try:
            return [parse_document(source, _json_text(source.text), keep=_is_kept)]
        except Failure as not_json:
            if program_language(source.path):
                raise
            # YAML's flow style has braces too.
            try:
                return _read_yaml(source)
            except Failure:
                raise _explained(not_json, source) from None
    if program_language(source.path):
        raise Failure("is not JSON", source.path)
    try:
        return _read_yaml(source)
    except Failure as not_yaml:
        raise _explained(not_yaml, source) from None


def syntax_of(text: str) -> str:
    """Return the syntax of a template, json or yaml, by its first characters."""
    beginning = text.lstrip()[:1]
    if beginning in _PREAMBLE:
        from ecs5lint.text.preamble import begins_like_json

        return "json" if begins_like_json(text) else "yaml"
    return "json" if beginning in ("{", "[") else "yaml"


def _json_text(text: str) -> str:
    """Return a text in which spaces replace the comments before its JSON."""
    if text.lstrip()[:1] not in _PREAMBLE:
        return text
    from ecs5lint.text.preamble import without_comments

    return without_comments(text)


def _read_yaml(source: Source) -> list[Value]:
    from ecs5lint.text.yaml import resolve_1_1
    from ecs5lint.text.yaml_template import parse_yaml_template

    return parse_yaml_template(source, resolve_1_1, _long_form, _prune)


def _prune(root: Node) -> None:
    """Remove the parts of a template that don't affect results. This is most of a typical template."""
    from yaml.nodes import MappingNode

    if not isinstance(root, MappingNode) or not any(key.value == "Resources" for key, _ in root.value):
        return
    kept = []
    for key, section in root.value:
        if key.value == "Resources" and isinstance(section, MappingNode):
            resources = [pair for pair in section.value if not _is_unused_resource(pair[1])]
            # An alias elsewhere may refer to the whole section.
            section = MappingNode(section.tag, resources, section.start_mark, section.end_mark, section.flow_style)
        if key.value not in _UNUSED_SECTIONS or (key.value == "Metadata" and _is_for_linters(section)):
            kept.append((key, section))
    root.value = kept


def _is_kept(section: str, entry: Any) -> bool:
    """Tell whether an entry of a section in a JSON template may affect task definitions."""
    type_ = entry.get("Type") if section == "Resources" and isinstance(entry, dict) else None
    return not isinstance(type_, str) or "::" not in type_ or is_relevant(type_)


def _is_for_linters(metadata: Node) -> bool:
    """Tell whether the Metadata of a template configures a linter."""
    pairs = metadata.value if isinstance(metadata.value, list) else []
    return any(isinstance(pair, tuple) and pair[0].value == "cfn-lint" for pair in pairs)


def _is_unused_resource(node: Node) -> bool:
    pairs = node.value if isinstance(node.value, list) else []
    types = [pair[1].value for pair in pairs if isinstance(pair, tuple) and pair[0].value == "Type"]
    return bool(types) and isinstance(types[-1], str) and "::" in types[-1] and not is_relevant(types[-1])


def _long_form(tag: str, value: Value, span: Span) -> Value:
    """Return the long form of an intrinsic function that is written as a tag."""
    name = tag[1:]
    if name == "GetAtt" and isinstance(value, Known):
        resource, _, attribute = str(value.value).partition(".")
        value = ListValue((value._replace(value=resource), value._replace(value=attribute)), value.span)
    key = name if name in ("Ref", "Condition") else f"Fn::{name}"
    return ObjectValue((Pair(Known(key, span), value, span),), span)


def _explained(failure: Failure, source: Source) -> Failure:
    """Return the failure, with the advice to render the file first if it looks like a template of another tool."""
    if not any(mark in source.text for mark in _PLACEHOLDERS):
        return failure
    message = f"{failure.message}; it looks like a template of another tool: render it first, and check the result"
    return Failure(message, failure.path, failure.span)


def intrinsic(value: Value) -> tuple[str, Value] | None:
    """Return the name and the argument of the intrinsic function that `value` calls, or None."""
    if isinstance(value, ObjectValue) and len(value.members) == 1:
        pair = value.members[0]
        if isinstance(pair, Pair):
            key = known_text(pair.key)
            if key is not None and (key == "Ref" or key.startswith("Fn::")) and not key.startswith("Fn::ForEach::"):
                return key, pair.value
    return None


def is_include(transform: Value) -> bool:
    """Tell whether a transform includes a file."""
    return isinstance(transform, ObjectValue) and known_text(member(transform, "Name")) == INCLUDE


def scalar_text(known: Known) -> str:
    """Return a scalar as text. CloudFormation compares and passes all scalars as text."""
    if isinstance(known.value, bool):
        return "true" if known.value else "false"
    if known.value is None:
        return ""
    if isinstance(known.value, float) and known.span:
        # 1.10 stays 1.10.
        return known.span.text
    return str(known.value)


#: A number that every YAML reader writes in the same way.
_PLAIN_NUMBER = r"-?(?:0|[1-9][0-9]*)"
#: Numbers and dates of YAML 1.1 or JSON: octal, hexadecimal, binary, base 60, with underscores or a decimal point.
_NUMBER = (
    r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt ][0-9:. +ZTt-]*)?"
    r"|[-+]?(?:0o?[0-7_]+|0x[0-9a-fA-F_]+|0b[01_]+|[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?"
    r"|[0-9][0-9_]*(?:\.[0-9_]*)?(?:[eE][-+]?[0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+]?[0-9]+)?|\.(?:inf|Inf|INF))"
)


def is_unsettled_number(known: Known) -> bool:
    """Tell whether a scalar is a number or date that CloudFormation may write differently: 010, 1_000, 1.0."""
    return known.span is not None and is_number(known.span.text) and not re.fullmatch(_PLAIN_NUMBER, known.span.text)


def is_number(text: str) -> bool:
    """Tell whether a text is a number or a date, in any notation."""
    return re.fullmatch(_NUMBER, text) is not None


def elements(value: ListValue) -> list[Value]:
    """Return the elements of a written list, in which none repeats."""
    return [item for item in value.items if not isinstance(item, Repeated)]


def show(value: Value) -> str:
    """Return a written value in one line, for a message or as a symbol."""
    if isinstance(value, Known):
        return scalar_text(value)
    if isinstance(value, ListValue):
        return f"[{', '.join(map(show, elements(value)))}]"
    if isinstance(value, ObjectValue):
        called = intrinsic(value)
        if called is None:
            return (
                "{" + ", ".join(f"{show(p.key)}: {show(p.value)}" for p in value.members if isinstance(p, Pair)) + "}"
            )
        name, argument = called
        if name == "Fn::GetAtt" and isinstance(argument, ListValue):
            return f"!GetAtt {'.'.join(map(show, elements(argument)))}"
        return f"!{name.removeprefix('Fn::')} {show(argument)}"
    return value.span.text if value.span else "..."
