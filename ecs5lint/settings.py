"""What a run is told: the command line and the configuration, put together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class ConfiguredSuppression(NamedTuple):
    """A suppression in the configuration, for where there are no comments.

    It covers the containers whose `path`, `address` and `container` name match the globs; one that is left out matches
    all. `expires` is the last day (YYYY-MM-DD) on which it covers. `at` is where it is written: a path, and a line.
    """

    reason: str
    path: str = "**"
    address: str = "*"
    container: str = "*"
    expires: str | None = None
    at: tuple[str, int] = ("", 1)


class Extract(NamedTuple):
    """Where task definitions, or container definitions, sit in files of one's own shape: globs, and a JSONPath."""

    files: tuple[str, ...]
    path: str


class Settings(NamedTuple):
    """The settings that parsers, rules and suppressions see.

    `variables` are given with --var (a name and a value) and --var-file (a path), in the order of the command line, and
    `environment` with --env (Terraform); `parameters` with --parameter, `parameters_files` with --parameters-file
    (CloudFormation). Later ones count. `honor_other_linters` tells whether what was written to quiet checkov and
    cfn-lint quiets this linter too.
    """

    strict: bool = False
    variables: tuple[tuple[str, str] | str, ...] = ()
    environment: Mapping[str, str] = {}
    parameters: tuple[tuple[str, str], ...] = ()
    parameters_files: tuple[str, ...] = ()
    suppressions: tuple[ConfiguredSuppression, ...] = ()
    honor_other_linters: bool = True
    extracts: tuple[Extract, ...] = ()
