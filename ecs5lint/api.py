"""Provide the linter as a function, for other programs."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping

from ecs5lint.files.globs import Globs
from ecs5lint.files.workspace import Workspace
from ecs5lint.model.result import Report
from ecs5lint.rules import parse_names
from ecs5lint.run import pipeline
from ecs5lint.run.config import load
from ecs5lint.settings.settings import Configuration

PathName = str | os.PathLike[str]


def lint(
    paths: PathName | Iterable[PathName],
    *,
    config: PathName | None = None,
    strict: bool | None = None,
    variables: Mapping[str, str] = {},
    variable_files: Iterable[PathName] = (),
    parameters: Mapping[str, str] = {},
    parameters_files: Iterable[PathName] = (),
    environment: Mapping[str, str] = {},
    honor_other_linters: bool | None = None,
    select: Iterable[str] = (),
    ignore: Iterable[str] = (),
    exclude: Iterable[str] = (),
    gitignore: bool = True,
    texts: Mapping[PathName, str] = {},
) -> Report:
    """Check the files and directories at `paths`, and return the report.

    The arguments are those of the command line, and override the configuration file `config`. Without `config`, no
    configuration is read, and the environment is never used. For Terraform, there are `variables` (which override
    `variable_files`) and `environment`. For CloudFormation, there are `parameters` (which override `parameters_files`).

    `texts` are the contents of files by path, used instead of those on the disk, as an editor has them before it saves.

    Unreadable or invalid files at `paths` are in the report's `failures`. Raises Failure for an unreadable
    configuration, variable file or parameters file, and ValueError for an invalid `exclude` pattern, for an unknown
    rule in `select` or `ignore`, and if no rule is left.
    """
    judged = [os.fspath(path) for path in ([paths] if isinstance(paths, (str, os.PathLike)) else paths)]
    variable_names = [os.fspath(path) for path in variable_files]
    parameters_names = [os.fspath(path) for path in parameters_files]
    files = [*variable_names, *parameters_names]
    named = [*judged, *files, *([] if config is None else [os.fspath(config)])]
    workspace = Workspace(tuple(named)).edited(
        {os.fspath(path): text.encode("utf-8", "surrogatepass") for path, text in texts.items()}
    )
    for file in files:
        workspace.read_bytes(file)
    configuration = Configuration() if config is None else load(os.fspath(config), workspace)
    settings = configuration.settings.overridden(
        strict=strict,
        honor_other_linters=honor_other_linters,
        variables=[*variable_names, *variables.items()],
        environment=environment,
        parameters=list(parameters.items()),
        parameters_files=parameters_names,
        select=_rules(select),
        ignore=_rules(ignore),
    )
    patterns = Globs(tuple(exclude))
    return pipeline.run(
        judged,
        workspace,
        settings,
        exclude=[*configuration.exclude, *([patterns] if patterns.patterns else [])],
        respect_gitignore=gitignore,
        is_partial=True,
    )


def _rules(names: Iterable[str]) -> list[str]:
    """Return the ids of rules by their names."""
    return [rule for name in ([names] if isinstance(names, str) else names) for rule in parse_names(name)]
