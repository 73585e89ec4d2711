"""Find files that seem to set the variables and parameters whose defaults passes rely on.

Nothing ties these files to the module or the template, so a run doesn't use them: variable files with other names than
Terraform loads, parameters files, and scripts and pipelines that deploy. A notice tells how to check with them.
"""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from contextlib import suppress
from itertools import islice

from ecs5lint.files.kinds import is_module_file, is_script, is_variable_file
from ecs5lint.files.workspace import Workspace, decode
from ecs5lint.light_typing import NamedTuple
from ecs5lint.location import Failure, Source, Span
from ecs5lint.model.result import PASS, Result
from ecs5lint.notices import Notice
from ecs5lint.project.walk import Walk

#: The largest number of files to read in a run.
_MAX_FILES = 2_000
#: The largest number of names in a notice.
_MAX_NAMES = 5

#: Pipelines that may run Terraform or the AWS CLI.
_PIPELINE = re.compile(
    r"(?:^|/)(?:\.github/workflows/[^/]+|\.circleci/config|[^/]*(?:gitlab-ci|buildspec|pipelines?)[^/]*)\.ya?ml$"
)
#: A Terraform variable that a command or the environment sets.
_SETS_VARIABLE = re.compile(r"\bTF_VAR_(\w+)|-var[ =]+[\"']?([\w-]+)[ \t]*=")
#: A parameter that a command of the AWS CLI sets.
_SETS_PARAMETER = re.compile(r"\bParameterKey=[\"']?(\w+)|(?<![\w-])([A-Za-z]\w*)=(?!=)")
#: Words of the commands that deploy templates, one of which a file with such a command has.
_DEPLOYS = (b"cloudformation", b"sam deploy", b"cdk deploy", b"arameter-overrides", b"parameter_overrides")
#: Configurations of the SAM CLI with other names than it looks for.
_SAM_CONFIG = re.compile(r"(?:^|/)(?:samconfig[^/]+|[^/]+samconfig)\.toml$")
#: Words of parameters files, in the formats of the AWS CLI and of CodePipeline.
_PARAMETERS_FILE = (b"ParameterKey", b"Parameters")
#: The names of other files of parameters, such as the overrides of taskcat.
_PARAMETERS_NAME = re.compile(r"param|overrides", re.IGNORECASE)


class _Kind(NamedTuple):
    """A kind of values: the source of the results, the start of its symbols, its noun, and the options that set it."""

    source: str
    symbol: str
    noun: str
    option: str
    file_option: str


_VARIABLES = _Kind("terraform", "var.", "var.", "--var", "--var-file")
_PARAMETERS = _Kind("cloudformation", "", "the parameter ", "--parameter", "--parameters-file")


class _Setting(NamedTuple):
    """A value in a file: its name, and its position if known."""

    name: str
    span: Span | None


def values_elsewhere(
    results: Sequence[Result], paths: Iterable[str], walk: Walk, workspace: Workspace, read_files: Set[str]
) -> list[Notice]:
    """Return a notice for each file that seems to set a variable or a parameter whose default a pass relies on.

    The files are those below the directories in `paths`, and those beside the files in `paths`. `read_files` are used
    already.
    """
    found: list[Notice] = []
    kinds = [(kind, relying) for kind in (_VARIABLES, _PARAMETERS) if (relying := _relying(results, kind))]
    candidates = (
        (path, kind, relying, read)
        for path in dict.fromkeys(_files(paths, walk, workspace))
        for kind, relying in kinds
        if path not in read_files and (read := _reader(path, kind))
    )
    for path, kind, relying, read in islice(candidates, _MAX_FILES):
        is_command = read is _set_by_command
        near = relying if is_command else _near(posixpath.dirname(path), relying, workspace)
        with suppress(Failure):
            found += _notices(path, list(read(path, workspace)), kind, near, is_command)
    return sorted(found, key=lambda notice: (notice.path, notice.position))


def _files(paths: Iterable[str], walk: Walk, workspace: Workspace) -> Iterator[str]:
    for path in paths:
        if os.path.isdir(path):
            for file, ignore in walk.files(path):
                if _may_set_values(file) and not (ignore and ignore.ignores(file)):
                    yield file
        else:
            directory = posixpath.dirname(path)
            yield from (posixpath.join(directory, name) for name in workspace.entries(directory or "."))


def _may_set_values(path: str) -> bool:
    """Tell whether a file may set values, by its name."""
    return any(_reader(path, kind) for kind in (_VARIABLES, _PARAMETERS))


def _relying(results: Iterable[Result], kind: _Kind) -> dict[str, list[str]]:
    """Return the variables or parameters of roots whose defaults passes rely on, with the directories of the roots."""
    found: dict[str, list[str]] = {}
    for result in results:
        if result.verdict != PASS or result.resource.source != kind.source:
            continue
        via = result.resource.via
        root = posixpath.dirname(via[0].span.path if via else result.resource.location.path)
        for symbol in result.defaults:
            name = symbol.removeprefix(kind.symbol)
            if symbol.startswith(kind.symbol) and "." not in name:
                found.setdefault(name, []).append(root)
    return found


Read = Callable[[str, Workspace], Iterator[_Setting]]


def _reader(path: str, kind: _Kind) -> Read | None:
    """Return the function that reads the values in a file, or None if a file with this name sets none of this kind."""
    if is_script(path) or _PIPELINE.search(path):
        return _set_by_command
    if kind is _VARIABLES:
        return _variable_file if is_variable_file(path) else None
    if _SAM_CONFIG.search(path):
        return _set_by_command
    return _parameters_file if path.endswith((".json", ".yaml", ".yml")) else None


def _variable_file(path: str, workspace: Workspace) -> Iterator[_Setting]:
    from ecs5lint.parsers.terraform.modules.variables import inputs_of_files

    for item in inputs_of_files([path], workspace):
        yield _Setting(item.name, item.span)


def _parameters_file(path: str, workspace: Workspace) -> Iterator[_Setting]:
    from ecs5lint.parsers.cloudformation.language.parameters import read_parameters

    content = workspace.read_bytes(path)
    if any(word in content for word in _PARAMETERS_FILE) or _PARAMETERS_NAME.search(posixpath.basename(path)):
        for name in read_parameters(workspace.read(path, "yaml")):
            yield _Setting(name, None)


def _set_by_command(path: str, workspace: Workspace) -> Iterator[_Setting]:
    content = workspace.read_bytes(path)
    source = Source(path, decode(content, path), "yaml")
    patterns = [_SETS_VARIABLE]
    if any(word in content for word in _DEPLOYS):
        patterns.append(_SETS_PARAMETER)
    for pattern in patterns:
        for match in pattern.finditer(source.text):
            yield _Setting(match[1] or match[2], Span(source, *match.span(match.lastindex or 0)))


def _near(directory: str, relying: Mapping[str, list[str]], workspace: Workspace) -> dict[str, list[str]]:
    """Return what a file in a directory may set: its own module, or else roots beside or above the directory."""
    is_module = any(map(is_module_file, workspace.entries(directory or ".")))
    return {
        name: near
        for name, roots in relying.items()
        if (near := [root for root in roots if root == directory or (not is_module and _is_near(directory, root))])
    }


def _is_near(directory: str, root: str) -> bool:
    """Tell whether a directory is beside a root, or below it or its siblings."""
    above = posixpath.dirname(root)
    return not above or directory == above or directory.startswith(f"{above}/")


def _notices(
    path: str, settings: Sequence[_Setting], kind: _Kind, relying: Mapping[str, list[str]], is_command: bool
) -> Iterator[Notice]:
    """Yield the notice for a file that sets some of the defaults that passes rely on."""
    names = dict.fromkeys(setting.name for setting in settings if setting.name in relying)
    if not names:
        return
    count = max(len(relying[name]) for name in names)
    shown = ", ".join(f"{kind.noun}{name}" for name in list(names)[:_MAX_NAMES])
    more = f" and {len(names) - _MAX_NAMES} more" if len(names) > _MAX_NAMES else ""
    rely = "1 passing result relies" if count == 1 else f"{count} passing results rely"
    option = f"{kind.option} {next(iter(names))}=..." if is_command else f"{kind.file_option} {path}"
    span = next(setting.span for setting in settings if setting.name in relying)
    yield Notice(f"not used: sets {shown}{more}, and {rely} on the default; check it with {option}", path, span)
