"""Read the parameters of a template, and the values given for them.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from ecs5lint.files.workspace import Workspace
from ecs5lint.light_typing import NamedTuple
from ecs5lint.location import Failure, Source
from ecs5lint.model.inputs import Input
from ecs5lint.parsers.cloudformation.language.constraints import Constraints, Spend, constraints
from ecs5lint.parsers.cloudformation.language.template import (
    elements,
    is_unsettled_number,
    read_documents,
    scalar_text,
    syntax_of,
)
from ecs5lint.settings.settings import Settings
from ecs5lint.text.placeholders import in_string
from ecs5lint.values.kinds import Known, ListValue, ObjectValue, Pair, Value, known_text
from ecs5lint.values.members import member


class Parameter(NamedTuple):
    """A declared parameter. `allowed` lists the possible values of it or of its elements, with None for any value.

    If its own declaration excludes a default, the parameter has no default.
    """

    name: str
    type: str
    default: Known | None
    allowed: tuple[str, ...] | None
    constraints: Constraints

    @property
    def is_list(self) -> bool:
        """Tell whether the value is a list. Lists are given as text with commas."""
        return self.type == "CommaDelimitedList" or self.type.startswith("List<")

    @property
    def is_from_systems_manager(self) -> bool:
        """Tell whether the given value is a name under which Systems Manager stores the real value."""
        return self.type.startswith("AWS::SSM::Parameter::Value<")


def declared_parameters(section: ObjectValue, spend: Spend) -> dict[str, Parameter]:
    """Return the parameters that a Parameters section declares, by name. Their patterns cost `spend`."""
    parameters = {}
    for pair in section.members:
        name = known_text(pair.key) if isinstance(pair, Pair) else None
        if name is not None and isinstance(pair, Pair) and isinstance(pair.value, ObjectValue):
            parameters[name] = _parameter(name, pair.value, spend)
    return parameters


def _parameter(name: str, declaration: ObjectValue, spend: Spend) -> Parameter:
    type_ = known_text(member(declaration, "Type")) or "String"
    asked = constraints(type_, declaration, spend)
    listed = member(declaration, "AllowedValues")
    allowed = _texts(listed) if isinstance(listed, ListValue) else None
    if allowed is not None:
        # If all values are excluded, the constraints were misread, or the template can't be deployed.
        allowed = tuple(filter(asked.admits, allowed)) or allowed
    elif not isinstance(listed, ListValue):
        allowed = asked.values()
    parameter = Parameter(name, type_, None, allowed, asked)
    default = member(declaration, "Default")
    if isinstance(default, Known) and _is_settled(default) and _can_be(parameter, scalar_text(default)):
        return parameter._replace(default=default._replace(value=scalar_text(default)))
    return parameter


def _is_settled(default: Known) -> bool:
    """Tell whether a default means its literal text. A number in another notation and a placeholder don't."""
    text = scalar_text(default)
    return not is_unsettled_number(default) and not (any(mark in text for mark in "$<{") and in_string().search(text))


def _can_be(parameter: Parameter, text: str) -> bool:
    """Tell whether a parameter can have a value, according to its declaration."""
    if parameter.is_from_systems_manager:
        return True
    values = list_of(text) if parameter.is_list else [text]
    return all(
        parameter.constraints.admits(value) and (parameter.allowed is None or value in parameter.allowed)
        for value in values
    )


def list_of(text: str) -> list[str]:
    """Return the list that a text with commas represents."""
    return [part.strip() for part in text.split(",")] if text else []


def _texts(values: ListValue) -> tuple[str, ...] | None:
    items = elements(values)
    if not all(isinstance(item, Known) and not is_unsettled_number(item) for item in items):
        return None
    return tuple(scalar_text(item) for item in items if isinstance(item, Known))


def given_parameters(settings: Settings, workspace: Workspace) -> tuple[dict[str, str], list[Failure]]:
    """Return the parameter values from the command line and its parameters files, and the failures of these files."""
    given: dict[str, str] = {}
    failures = []
    for path in settings.parameters_files:
        try:
            source = workspace.read(path, "yaml")
            given.update(read_parameters(Source(source.path, source.text, syntax_of(source.text))))
        except Failure as failure:
            failures.append(failure)
    given.update(settings.parameters)
    return given, failures


def inputs_of_settings(settings: Settings, workspace: Workspace) -> Iterator[Input]:
    """Yield the inputs that all templates receive, except for pseudo parameters."""
    for path in settings.parameters_files:
        with suppress(Failure):
            source = workspace.read(path, "yaml")
            names = read_parameters(Source(source.path, source.text, syntax_of(source.text)))
            yield from (Input(name, source.path) for name in names)
    origins = settings.configuration.origins() if settings.configuration else {}
    for name, _ in settings.parameters:
        if not name.startswith("AWS::"):
            yield Input(name, origins.get(f"parameter {name}", "."))


def read_parameters(source: Source) -> dict[str, str]:
    """Return the values in a parameters file, in any format of the AWS CLI or CodePipeline. Raises Failure.

    The formats are a list of ParameterKey and ParameterValue
    (https://docs.aws.amazon.com/cli/latest/reference/cloudformation/create-stack.html), a list of `Key=Value` or an
    object with Parameters (https://docs.aws.amazon.com/cli/latest/reference/cloudformation/deploy/), and a plain
    mapping of names to values.
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
                    raise Failure("a list of parameters must have objects or Name=Value", source.path, item.span)
        else:
            raise Failure("is not a parameters file", source.path, document.span)
    return given


def _text(value: Value, source: Source) -> str:
    if isinstance(value, Known):
        return scalar_text(value)
    if isinstance(value, ListValue):
        return ",".join(_text(item, source) for item in elements(value))
    raise Failure("a parameter must have a name and a value, both strings", source.path, value.span)
