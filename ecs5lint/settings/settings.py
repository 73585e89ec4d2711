"""What a run is told: the command line and the configuration, put together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from ecs5lint.files.globs import Globs
from ecs5lint.location import Span

#: What ends a run with exit code 1: each includes those before it. `default` is a pass that relies on a default.
FAIL_ON = ("fail", "unknown", "default")

#: The rules of a run that is told of none.
DEFAULT_RULES = ("ECS5",)


class ConfiguredSuppression(NamedTuple):
    """A suppression in the configuration, for where there are no comments.

    It covers the containers whose `path`, `address` and `container` name match the globs; one that is left out matches
    all. `expires` is the last day (YYYY-MM-DD) on which it covers. `at` is where it is written: a path, and a line.
    `path` is relative to `directory`, which is that of the configuration file.
    """

    reason: str
    path: str = "**"
    address: str = "*"
    container: str = "*"
    expires: str | None = None
    at: tuple[str, int] = ("", 1)
    directory: str = "."


class Extract(NamedTuple):
    """Where task definitions, or container definitions, sit in files of one's own shape: globs, and a JSONPath.

    `at` is where the JSONPath is written.
    """

    files: Globs
    path: str
    at: Span


class Typed(NamedTuple):
    """A value of a TOML file: a string, boolean or number, or a list or dictionary of such values."""

    value: object


#: Terraform variables: a name and a value, or the path of a file of them.
Variables = tuple[tuple[str, str | Typed] | str, ...]


class Configured(NamedTuple):
    """What a run took from a configuration file: its path, and what it sets (`var.ro = true`, `values of x.tfvars`)."""

    path: str
    sets: tuple[str, ...] = ()

    def origin(self, name: str) -> str | None:
        """Return the path, if `name` (`var.ro`, `parameter Ro`) is set there."""
        return self.path if any(item.startswith(f"{name} = ") for item in self.sets) else None


class Settings(NamedTuple):
    """The settings that parsers, rules and suppressions see.

    `variables` are given with --var (a name and a text) and --var-file (a path), in the order of the command line, or
    in the configuration (a name and a value with its type), and
    `environment` with --env (Terraform); `parameters` with --parameter, `parameters_files` with --parameters-file
    (CloudFormation). Later ones count. `honor_other_linters` tells whether what was written to quiet checkov and
    cfn-lint quiets this linter too. `select` are the ids of the rules to judge by, which may be ALL, and `ignore` those
    that are left out of them. `configuration` is what came from a file.
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
        """Return the settings of a configuration file with those that a run is given besides, which win."""
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
