"""Read Terragrunt units: the module that each unit runs, and its inputs."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from itertools import takewhile

from ecs5lint.light_typing import NamedTuple
from ecs5lint.location import Span
from ecs5lint.parsers.terraform.callers.terragrunt.config import Config, Reader
from ecs5lint.parsers.terraform.callers.terragrunt.functions import Directories
from ecs5lint.parsers.terraform.callers.terragrunt.written import Written, written_files
from ecs5lint.parsers.terraform.modules.run import Run
from ecs5lint.parsers.terraform.syntax.blocks import Argument, Block
from ecs5lint.values.alternatives import lift
from ecs5lint.values.kinds import (
    ABSENT,
    Absent,
    Known,
    ListValue,
    ObjectValue,
    Pair,
    Rest,
    Text,
    Unknown,
    Value,
    known_text,
)
from ecs5lint.values.members import member

#: The start of a source outside the tree: https://developer.hashicorp.com/terraform/language/modules/sources
REMOTE = re.compile(r"[\w+.-]+::|[\w+.-]+://|git@|github\.com/|bitbucket\.org/")
_REGISTRY = re.compile(r"tfr://(?P<host>[^/?]*)/(?P<module>[^?]*?)(?:\?version=(?P<version>[^&]*))?")

#: The file in which Terragrunt stores the values of a generated unit.
VALUES_NAME = "terragrunt.values.hcl"

_VAR = "-var="
_VAR_FILE = "-var-file="
_ENVIRONMENT = "TF_VAR_"


class Arguments(NamedTuple):
    """The effect of `extra_arguments`: variable files and values in order, and environment variables by name."""

    options: list[tuple[str, str] | str]
    environment: dict[str, Value]
    unknown: list[Unknown]


class Unit:
    """A unit: a configuration with its includes.

    It runs in `directory`. If a stack creates it, `values` are the values from that stack.
    """

    def __init__(
        self,
        path: str,
        reader: Reader,
        directory: str | None = None,
        values: Value | None = None,
        made_at: Span | None = None,
    ) -> None:
        self.path = path
        self.directory = directory or posixpath.dirname(path) or "."
        #: The directory of the unit's files. It differs from the directory of the run if a stack creates the unit.
        self.files_directory = posixpath.dirname(path) or "."
        given = _values_beside(self.files_directory, reader) if values is None else values
        self.config = Config(path, Directories(self.directory, self.directory, {}), reader, given)
        self._run = reader.run
        self._made_at = made_at
        self.unknown: list[Unknown] = []
        self._chain = list(self._configs())

    def _configs(self) -> Iterator[tuple[Config, str]]:
        """Yield the configurations to merge, each with its merge strategy. Later ones take precedence."""
        for include in self.config.includes.values():
            if include.strategy == "no_merge":
                continue
            included = include.included()
            if isinstance(included, Unknown):
                self.unknown.append(included)
            else:
                yield included, include.strategy
        yield self.config, "shallow"

    @property
    def span(self) -> Span:
        """The span of the unit's block in a stack. Without a stack, the span in its own file that sets the module."""
        if self._made_at:
            return self._made_at
        terraform = self.config.block("terraform")
        items = [terraform, self.config.argument("inputs"), *self.config.contents.items]
        first = next(item for item in items if item is not None)
        return first.span

    @property
    def configs(self) -> list[Config]:
        """The configurations to merge. Later ones take precedence."""
        return [config for config, _ in self._chain]

    def source(self) -> Value:
        """Return the source of the module, or ABSENT if the unit runs the files in its own directory."""
        found: Value = ABSENT
        for config, _ in self._chain:
            terraform = config.block("terraform")
            argument = terraform.argument("source") if terraform else None
            if argument is not None:
                found = config.value_of(argument)
        if isinstance(found, Absent) and self.unknown:
            return self.unknown[0]
        return found

    def inputs(self) -> Value:
        """Return the inputs, as an object if they are known."""
        found: Value | None = None
        for config, strategy in reversed(self._chain):
            argument = config.argument("inputs")
            if argument is not None:
                value = config.value_of(argument)
                merge = _deeply_merged if strategy == "deep" else _merged
                found = value if found is None else lift(merge, value, found)
        below = ObjectValue(tuple(map(Rest, self.unknown)))
        return lift(_merged, below, found or ObjectValue(()))

    def arguments(self) -> Arguments:
        """Return the effect of `extra_arguments` on Terraform."""
        by_name: dict[str, tuple[Config, Block]] = {}
        for config, _ in self._chain:
            for terraform in config.blocks("terraform"):
                for block in terraform.blocks("extra_arguments"):
                    by_name["".join(block.labels)] = config, block
        found = Arguments([], {}, [])
        for config, block in by_name.values():
            if self._applies(config, block):
                self._add_arguments(config, block, found)
        return found

    def written(self) -> list[Written]:
        """Return the files that the unit generates next to the module."""
        by_name: dict[str, Written] = {}
        for config, _ in self._chain:
            by_name.update(written_files(config))
        return list(by_name.values())

    @staticmethod
    def _applies(config: Config, block: Block) -> bool:
        """Tell whether arguments apply to the commands that deploy. Unknown commands count."""
        argument = block.argument("commands")
        value = config.value_of(argument) if argument else None
        if not isinstance(value, ListValue):
            return True
        commands = [known_text(item) if not hasattr(item, "element") else None for item in value.items]
        return None in commands or not {"plan", "apply"}.isdisjoint(commands)

    def _add_arguments(self, config: Config, block: Block, found: Arguments) -> None:
        for name, is_required in (("required_var_files", True), ("optional_var_files", False)):
            for text in self._texts(config, block.argument(name), found):
                self._add_file(text, found, is_required)
        for text in self._texts(config, block.argument("arguments"), found):
            if text.startswith(_VAR_FILE):
                self._add_file(text.removeprefix(_VAR_FILE), found, True)
            elif text.startswith(_VAR):
                name, _, given = text.removeprefix(_VAR).partition("=")
                found.options.append((name.strip(), given))
        argument = block.argument("env_vars")
        if argument is None:
            return
        value = config.value_of(argument)
        if isinstance(value, Unknown):
            found.unknown.append(value)
        if not isinstance(value, ObjectValue):
            return
        for item in value.members:
            key = known_text(item.key) if isinstance(item, Pair) else None
            if key is None:
                found.unknown.append(item.unknown if isinstance(item, Rest) else Unknown("a key is unknown"))
            elif key.startswith(_ENVIRONMENT):
                found.environment[key.removeprefix(_ENVIRONMENT)] = member(value, key)

    def _texts(self, config: Config, argument: Argument | None, found: Arguments) -> Iterator[str]:
        """Yield the texts of a list. Adds unknown ones to `found`."""
        if argument is None:
            return
        value = config.value_of(argument)
        items = value.items if isinstance(value, ListValue) else (value,)
        joined = ""
        for item in items:
            text = None if hasattr(item, "element") else known_text(item)
            if text is None:
                found.unknown.append(Unknown(f"{argument.name} has an unknown part", argument.value_span))
            elif text in ("-var", "-var-file"):
                joined = f"{text}="
                continue
            else:
                yield joined + text
            joined = ""

    def _add_file(self, text: str, found: Arguments, is_required: bool) -> None:
        workspace = self._run.workspace
        path = posixpath.join(self.directory, text)
        if not workspace.is_inside(path):
            found.unknown.append(Unknown(f"{text} is outside the project root"))
        elif not workspace.is_missing(path):
            found.options.append(workspace.normalize(path))
        elif is_required:
            found.unknown.append(Unknown(f"{text} does not exist"))


def _values_beside(directory: str, reader: Reader) -> Value | None:
    """Return the values of a unit that a stack generated earlier, or None if there are none. Raises Failure."""
    if VALUES_NAME not in reader.run.workspace.entries(directory):
        return None
    path = posixpath.join(directory, VALUES_NAME)
    config = Config(path, Directories(directory, directory, {}), reader)
    arguments = config.contents.arguments.values()
    return ObjectValue(tuple(Pair(Known(item.name, item.span), config.value_of(item)) for item in arguments))


def known_source(source: Value) -> str | None:
    """Return the text of a source, or None if it is unknown. A query of which a part is unknown is left out."""
    text = known_text(source)
    if text is not None or not isinstance(source, Text):
        return text
    texts = takewhile(lambda text: text is not None, map(known_text, source.parts))
    path, query, _ = "".join(map(str, texts)).partition("?")
    return path if query else None


def local_source(unit: Unit, text: str, run: Run) -> str | None:
    """Return the directory that the source of a unit names, or None if it is outside the tree."""
    if REMOTE.match(text):
        return None
    path = run.workspace.normalize(posixpath.join(unit.directory, text.partition("?")[0]))
    if not run.workspace.is_directory(path) and unit.files_directory != unit.directory:
        path = run.workspace.normalize(posixpath.join(unit.files_directory, text.partition("?")[0]))
    return path


def terraform_source(text: str) -> tuple[str, str]:
    """Return a source in the syntax of a `module` block, and its version constraint.

    https://terragrunt.gruntwork.io/docs/reference/hcl/blocks/#terraform
    """
    match = _REGISTRY.fullmatch(text)
    if match is None:
        return text, ""
    host = f"{match['host']}/" if match["host"] else ""
    return f"{host}{match['module']}", match["version"] or ""


def _merged(below: Value, above: Value) -> Value:
    """Return two maps merged. The members of the second map win."""
    members: list[Pair | Rest] = []
    for value in (below, above):
        if isinstance(value, ObjectValue):
            members += [
                item._replace(assumptions=value.assumptions) if isinstance(item, Pair) else item
                for item in value.members
            ]
        elif not (isinstance(value, Known) and value.value is None):
            members.append(Rest(value if isinstance(value, Unknown) else Unknown("it is not a map", value.span)))
    return ObjectValue(tuple(members), above.span, below.assumptions | above.assumptions)


def _deeply_merged(below: Value, above: Value) -> Value:
    """Return two maps merged deeply: nested maps are merged, and lists are concatenated."""
    if not isinstance(below, ObjectValue) or not isinstance(above, ObjectValue):
        return _merged(below, above)
    names = {known_text(item.key) for item in below.members if isinstance(item, Pair)}
    members: list[Pair | Rest] = []
    for item in above.members:
        name = known_text(item.key) if isinstance(item, Pair) else None
        if isinstance(item, Pair) and name is not None and name in names:
            item = item._replace(value=lift(_combined, member(below, name), member(above, name)))
        members.append(item)
    return _merged(below, above._replace(members=tuple(members)))


def _combined(below: Value, above: Value) -> Value:
    if isinstance(below, ObjectValue) and isinstance(above, ObjectValue):
        return _deeply_merged(below, above)
    if isinstance(below, ListValue) and isinstance(above, ListValue):
        return above._replace(items=(*below.items, *above.items), assumptions=below.assumptions | above.assumptions)
    return above
