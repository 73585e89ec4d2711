"""Parameters of a template: what is declared, and what is given.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
"""

from __future__ import annotations

from typing import NamedTuple

from ecs5lint.location import Failure, Source
from ecs5lint.parsers.cloudformation.template import elements, read_documents, scalar_text, syntax_of
from ecs5lint.settings import Settings
from ecs5lint.values import Known, ListValue, ObjectValue, Pair, Value, known_text, member
from ecs5lint.workspace import Workspace


class Parameter(NamedTuple):
    """A declared parameter. `allowed` are its AllowedValues, None where any value is."""

    name: str
    type: str
    default: Known | None
    allowed: tuple[str, ...] | None

    @property
    def is_list(self) -> bool:
        """Tell whether its value is a list, given as text with commas."""
        return self.type == "CommaDelimitedList" or self.type.startswith("List<")

    @property
    def is_from_systems_manager(self) -> bool:
        """Tell whether a value given for it is the name under which Systems Manager keeps its value."""
        return self.type.startswith("AWS::SSM::Parameter::Value<")


def declared_parameters(section: ObjectValue) -> dict[str, Parameter]:
    """Return the parameters that a Parameters section declares, by name."""
    parameters = {}
    for pair in section.members:
        name = known_text(pair.key) if isinstance(pair, Pair) else None
        if name is not None and isinstance(pair, Pair) and isinstance(pair.value, ObjectValue):
            parameters[name] = _parameter(name, pair.value)
    return parameters


def _parameter(name: str, declaration: ObjectValue) -> Parameter:
    default = member(declaration, "Default")
    allowed = member(declaration, "AllowedValues")
    return Parameter(
        name,
        type=known_text(member(declaration, "Type")) or "String",
        default=default._replace(value=scalar_text(default)) if isinstance(default, Known) else None,
        allowed=_texts(allowed) if isinstance(allowed, ListValue) else None,
    )


def _texts(values: ListValue) -> tuple[str, ...] | None:
    texts = [scalar_text(item) for item in elements(values) if isinstance(item, Known)]
    return tuple(texts) if len(texts) == len(values.items) else None


def given_parameters(settings: Settings, workspace: Workspace) -> tuple[dict[str, str], list[Failure]]:
    """Return the parameter values that the command line and the files it names give, and which files gave none."""
    given: dict[str, str] = {}
    failures = []
    for path in settings.parameters_files:
        try:
            source = workspace.read(path, "yaml")
            given.update(_read_parameters(Source(source.path, source.text, syntax_of(source.text))))
        except Failure as failure:
            failures.append(failure)
    given.update(settings.parameters)
    return given, failures


def _read_parameters(source: Source) -> dict[str, str]:
    """Read a file of parameter values in any of the forms that the AWS CLI and CodePipeline take. Raises Failure.

    https://docs.aws.amazon.com/cli/latest/reference/cloudformation/create-stack.html (a list of ParameterKey and
    ParameterValue), https://docs.aws.amazon.com/cli/latest/reference/cloudformation/deploy/ (that, a list of
    `Key=Value`, or Parameters in an object) and a plain mapping of names to values.
    """
    given: dict[str, str] = {}
    for document in read_documents(source):
        if isinstance(document, ObjectValue):
            inner = member(document, "Parameters")
            entries = inner if isinstance(inner, ObjectValue) else document
            for pair in entries.members:
                if isinstance(pair, Pair):
                    given[_text(pair.key, source)] = _text(pair.value, source)
        elif isinstance(document, ListValue):
            for item in elements(document):
                if isinstance(item, ObjectValue):
                    value = member(item, "ParameterValue")
                    if isinstance(value, Known):
                        given[_text(member(item, "ParameterKey"), source)] = scalar_text(value)
                elif isinstance(item, Known):
                    name, _, text = scalar_text(item).partition("=")
                    given[name] = text
                else:
                    raise Failure("a list of parameters has objects or Name=Value in it", source.path, item.span)
        else:
            raise Failure("is not a file of parameter values", source.path, document.span)
    return given


def _text(value: Value, source: Source) -> str:
    if isinstance(value, Known):
        return scalar_text(value)
    if isinstance(value, ListValue):
        return ",".join(_text(item, source) for item in elements(value))
    raise Failure("a parameter has a name and a value, both text", source.path, value.span)
