"""What a run is told: the command line and the configuration, put together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Settings(NamedTuple):
    """The settings that parsers and rules see.

    `variables` are given with --var (a name and a value) and --var-file (a path), in the order of the command line, and
    `environment` with --env (Terraform); `parameters` with --parameter, `parameters_files` with --parameters-file
    (CloudFormation). Later ones count.
    """

    strict: bool = False
    variables: tuple[tuple[str, str] | str, ...] = ()
    environment: Mapping[str, str] = {}
    parameters: tuple[tuple[str, str], ...] = ()
    parameters_files: tuple[str, ...] = ()
