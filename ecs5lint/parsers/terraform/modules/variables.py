"""Read the values that are set for the variables of a root module.

https://developer.hashicorp.com/terraform/language/values/variables#variable-definition-precedence
"""

from __future__ import annotations

import os
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress

from ecs5lint.files.workspace import Workspace
from ecs5lint.light_typing import NamedTuple, TypeAlias
from ecs5lint.location import Failure, Source, Span
from ecs5lint.model.inputs import Input
from ecs5lint.parsers.terraform.syntax.blocks import Argument, read_body
from ecs5lint.parsers.terraform.syntax.errors import NotKnown
from ecs5lint.parsers.terraform.syntax.numbers import decimal, number
from ecs5lint.settings.settings import Settings, Typed
from ecs5lint.text.json_document import parse_document
from ecs5lint.values.alternatives import leaves
from ecs5lint.values.kinds import Known, ListValue, ObjectValue, Pair, Unknown, Value, known_text

#: The prefix of environment variables that set a value.
_PREFIX = "TF_VAR_"

#: The suffixes of the files that Terraform loads automatically.
_AUTOMATIC = (".auto.tfvars", ".auto.tfvars.json")
_FIXED = ("terraform.tfvars", "terraform.tfvars.json")


class Given(NamedTuple):
    """A value for a variable: an argument of a .tfvars file, a value of a JSON file, or the text of an option.

    If the variable has no primitive type, text is HCL. If it `is_typed`, a variable of type `any` takes it as a string
    too. A value that `is_from_environment` is converted to text first.
    """

    value: Argument | Value | Source
    is_typed: bool = False
    is_from_environment: bool = False


#: A file, the content of a file that is yet to be written, or a single value.
_Source: TypeAlias = "str | Mapping[str, Given] | tuple[str, str | Typed]"


def automatic_files(directories: Sequence[str], workspace: Workspace) -> list[str]:
    """Return the paths of the variable files that Terraform loads automatically. Later files win.

    If Terraform runs on several directories merged into one, a file in a later directory replaces an earlier one.
    """
    by_name = {name: directory for directory in directories for name in workspace.entries(directory)}
    return [workspace.normalize(f"{by_name[name]}/{name}") for name in _in_order(by_name)]


def is_automatic(name: str) -> bool:
    """Tell whether Terraform loads a variable file of this name automatically."""
    return name in _FIXED or name.endswith(_AUTOMATIC)


def _in_order(names: Iterable[str]) -> list[str]:
    """Return the names of the files that Terraform loads automatically. Later files win."""
    automatic = filter(is_automatic, names)
    return sorted(automatic, key=lambda name: (_FIXED.index(name) if name in _FIXED else len(_FIXED), name))


def given_values(
    directories: Sequence[str],
    workspace: Workspace,
    settings: Settings,
    environment: Mapping[str, Given] = {},
    options: Sequence[tuple[str, str] | str] = (),
    written: Mapping[str, Mapping[str, Given]] = {},
    declared: Container[str] | None = None,
) -> tuple[dict[str, Given], list[Failure]]:
    """Return the values for the variables of a root module, and the failures of their files.

    The settings may have thousands of values for other modules. If the `declared` variables are known, these are left
    out.

    `environment` and `options` come from a tool that runs Terraform. `written` has the values in the files that this
    tool writes into the directory, by file name.
    """
    given = {
        **environment,
        **{
            name.removeprefix(_PREFIX): Given(Source(name, text, "hcl"))
            for name, text in settings.environment.items()
            if name.startswith(_PREFIX)
        },
    }
    there = {os.path.basename(path): path for path in automatic_files(directories, workspace)}
    files: dict[str, _Source] = {**there, **written}
    names = _in_order(files)
    failures = _add((files[name] for name in names if name in _FIXED), given, workspace)
    given.update(_nulls(environment, given))
    others: Iterator[_Source] = (files[name] for name in names if name not in _FIXED)
    own = (item for item in settings.variables if declared is None or isinstance(item, str) or item[0] in declared)
    failures += _add((*others, *options, *own), given, workspace)
    return given, failures


def _add(items: Iterable[_Source], given: dict[str, Given], workspace: Workspace) -> list[Failure]:
    """Add the values of files and single values to `given`. Return the failures of the files."""
    failures = []
    for item in items:
        if isinstance(item, Mapping):
            given.update(item)
            continue
        if not isinstance(item, str):
            name, value = item
            given[name] = _typed(value.value) if isinstance(value, Typed) else Given(Source("--var", value, "hcl"))
            continue
        try:
            given.update(_read(item, workspace))
        except Failure as failure:
            failures.append(failure)
            # The file may set any of them to another value.
            given.update(dict.fromkeys(given, Given(_unread(failure))))
    return failures


def _unread(failure: Failure) -> Unknown:
    return Unknown(f"{failure.path} cannot be read, so its values are unknown", failure.span)


def unread_variables(
    names: Iterable[str], given: Mapping[str, Given], failures: Sequence[Failure]
) -> dict[str, Unknown]:
    """Return the variables without a value, which the variable files that failed may set."""
    return {name: _unread(failures[0]) for name in names if name not in given} if failures else {}


def _nulls(environment: Mapping[str, Given], given: Mapping[str, Given]) -> Iterator[tuple[str, Given]]:
    """Yield the null values. Terragrunt writes them to a file that Terraform loads before any *.auto.tfvars.

    https://github.com/gruntwork-io/terragrunt/pull/2663
    """
    for name, item in environment.items():
        if not isinstance(item.value, (Argument, Source)):
            are_null = [isinstance(leaf, Known) and leaf.value is None for _, leaf in leaves(item.value)]
            if all(are_null):
                yield name, item
            elif any(are_null) and given[name] is not item:
                yield name, Given(Unknown("a unit sets it to null in some cases, and a file sets it in the others"))


def inputs_of_files(paths: Sequence[str], workspace: Workspace) -> Iterator[Input]:
    """Yield the values in variable files, with their positions."""
    for path in paths:
        with suppress(Failure):
            for name, given in _read(path, workspace).items():
                yield Input(name, path, None if isinstance(given.value, Source) else given.value.span)


def inputs_of_settings(workspace: Workspace, settings: Settings) -> Iterator[Input]:
    """Yield the values that apply to all root modules."""
    origins = settings.configuration.origins() if settings.configuration else {}
    for item in settings.variables:
        if isinstance(item, str):
            yield from inputs_of_files([workspace.normalize(item)], workspace)
        else:
            yield Input(item[0], origins.get(f"var.{item[0]}", "."))


def _typed(value: object) -> Given:
    """Return a value of the configuration. There, a list or an object may also be a string in HCL."""
    return Given(Source("the configuration", value, "hcl"), True) if isinstance(value, str) else Given(_value(value))


def _value(value: object) -> Value:
    """Return a TOML value as a Terraform value."""
    if isinstance(value, list):
        return ListValue(tuple(map(_value, value)))
    if isinstance(value, dict):
        return ObjectValue(tuple(Pair(Known(name), _value(item)) for name, item in value.items()))
    if isinstance(value, (bool, str)):
        return Known(value)
    assert isinstance(value, (int, float))
    try:
        return Known(number(decimal(value)))
    except NotKnown as error:
        return error.unknown


def _read(path: str, workspace: Workspace) -> dict[str, Given]:
    if path.endswith(".json"):
        document = parse_document(workspace.read(path, "json"))
        if not isinstance(document, ObjectValue):
            raise Failure("is not a JSON object", path, document.span)
        pairs = [member for member in document.members if isinstance(member, Pair)]
        return {known_text(pair.key) or "": Given(pair.value) for pair in pairs}
    source = workspace.read(path, "hcl")
    items = read_body(Span(source, 0, len(source.text)))
    return {item.name: Given(item) for item in items if isinstance(item, Argument)}
