"""What a run is told: the command line and the configuration, put together."""

from __future__ import annotations

from typing import NamedTuple


class Settings(NamedTuple):
    """The settings that parsers and rules see.

    `variables` are given with --var, `var_files` with --var-file (Terraform); `parameters` with --parameter,
    `parameters_files` with --parameters-file (CloudFormation). Later ones count.
    """

    strict: bool = False
    variables: tuple[tuple[str, str], ...] = ()
    var_files: tuple[str, ...] = ()
    parameters: tuple[tuple[str, str], ...] = ()
    parameters_files: tuple[str, ...] = ()
