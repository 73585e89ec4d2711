"""Combine the settings from the command line and the configuration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ecs5lint.files.globs import Globs
from ecs5lint.light_typing import NamedTuple
from ecs5lint.location import Span

#: The results that set exit code 1. Each value includes those before it. `default` is a pass that relies on a default.
FAIL_ON = ("fail", "unknown", "default")

#: The table with the configuration in pyproject.toml. Any other file has it at the top level.
TABLE = ("tool", "ecs5lint")

#: The rules of a run that selects none.
DEFAULT_RULES = ("ECS5",)


class ConfiguredSuppression(NamedTuple):
    """A suppression in the configuration, for files that can't have comments.

    It applies to the findings of `rule` on containers whose `path`, `address` and `container` name match the globs. An
    omitted glob matches everything. `expires` is the last day (YYYY-MM-DD) on which it applies. `at` is the path and
    line of the suppression. `path` is relative to `directory`, the directory of the configuration file.
    """

    reason: str
    path: str = "**"
    address: str = "*"
    container: str = "*"
    expires: str | None = None
    at: tuple[str, int] = ("", 1)
    directory: str = "."
    rule: str = DEFAULT_RULES[0]


class Extract(NamedTuple):
    """The location of task definitions or container definitions in files with a custom structure: globs and a JSONPath.

    `at` is the span of the JSONPath.
    """

    files: Globs
    path: str
    at: Span


class Typed(NamedTuple):
    """A value of a TOML file: a string, boolean or number, or a list or dictionary of such values."""

    value: object


#: Terraform variables, each as a name and a value or as the path of a file.
Variables = tuple[tuple[str, str | Typed] | str, ...]


class Configured(NamedTuple):
    """The path of a configuration file, and the inputs that it sets (`var.ro = true`, `values of x.tfvars`)."""

    path: str
    sets: tuple[str, ...] = ()

    def origins(self) -> dict[str, str]:
        """Return the path for the name of each input that the file sets (`var.ro`, `parameter Ro`)."""
        return {item.partition(" = ")[0]: self.path for item in self.sets}


class Reads(NamedTuple):
    """What rules read.

    `properties` are the names of a task definition's own properties, and `members` those of its containers, in small
    letters without separators; None stands for all. `resources` has the names of the properties of each other type of
    resource. A type without rules is missing, and such resources are not even looked for. `identity` has the properties
    of a task definition that its results keep, to find out where it is deployed. `within` has, for some properties, the
    members of their objects at any depth, in small letters without separators. Other members may be left unread.
    """

    properties: tuple[str, ...] = ()
    members: frozenset[str] | None = None
    resources: Mapping[str, tuple[str, ...]] = {}
    identity: tuple[str, ...] = ()
    within: Mapping[str, frozenset[str]] = {}


class Settings(NamedTuple):
    """The settings for parsers, rules and suppressions.

    For Terraform, `variables` come from --var (a name and a text) and --var-file (a path), in the order of the command
    line, or from the configuration (a name and a typed value), and `environment` comes from --env. For CloudFormation,
    `parameters` come from --parameter and `parameters_files` from --parameters-file. Later values win.
    `honor_other_linters` tells whether suppressions for checkov and cfn-lint count. `select` has the ids of the rules
    to check, or ALL, and `ignore` has the ids to leave out. `required_tags` are the keys of the tags that the rules
    about tags require. An empty list requires a tag with any key.
    `reads` is what these rules read. `explains_passes` tells whether results that need no action have a message and the
    position of the deciding value, which most reports leave out. `configuration` describes the configuration file.
    """

    strict: bool = False
    variables: Variables = ()
    environment: Mapping[str, str] = {}
    parameters: tuple[tuple[str, str], ...] = ()
    parameters_files: tuple[str, ...] = ()
    suppressions: tuple[ConfiguredSuppression, ...] = ()
    honor_other_linters: bool = True
    extracts: tuple[Extract, ...] = ()
    select: tuple[str, ...] = DEFAULT_RULES
    ignore: tuple[str, ...] = ()
    required_tags: tuple[str, ...] | None = None
    reads: Reads = Reads()
    explains_passes: bool = True
    configuration: Configured | None = None

    def overridden(
        self,
        *,
        strict: bool | None = None,
        honor_other_linters: bool | None = None,
        variables: Sequence[tuple[str, str] | str] = (),
        environment: Mapping[str, str] = {},
        parameters: Sequence[tuple[str, str]] = (),
        parameters_files: Sequence[str] = (),
        select: Sequence[str] = (),
        ignore: Sequence[str] = (),
    ) -> Settings:
        """Return these settings, overridden by the command line."""
        return self._replace(
            strict=self.strict if strict is None else strict,
            honor_other_linters=self.honor_other_linters if honor_other_linters is None else honor_other_linters,
            variables=(*self.variables, *variables),
            environment=environment,
            parameters=(*self.parameters, *parameters),
            parameters_files=(*self.parameters_files, *parameters_files),
            select=tuple(select) or self.select,
            ignore=(*self.ignore, *ignore),
        )


class Configuration(NamedTuple):
    """The content of a configuration file. It is empty without a file."""

    paths: tuple[str, ...] = ()
    exclude: tuple[Globs, ...] = ()
    format: str | None = None
    fail_on: str = "fail"
    settings: Settings = Settings()
