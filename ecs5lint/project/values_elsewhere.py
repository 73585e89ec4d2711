"""Find files that seem to set the variables and parameters whose defaults passes rely on.

A run doesn't use these files: variable files with other names than Terraform loads, parameters files, and whatever
deploys with a tool that this linter doesn't read, such as scripts, pipelines and programs. A notice tells how to check
with them.
"""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from contextlib import suppress
from itertools import islice

from ecs5lint.files.kinds import is_module_file, is_script
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

#: The endings of variable files that Terraform doesn't load. An example sets nothing.
_VARIABLE_FILE = re.compile(r"\.tfvars(?:\.json|\.(?!example|sample|template|dist|md)\w+)?$")
#: The suffixes of programs that may deploy. Other tools have configurations in the formats of templates and modules.
_PROGRAMS = (".py", ".js", ".mjs", ".ts", ".rb", ".go", ".java", ".kt", ".cs", ".toml", ".tf", ".hcl", ".env", ".envrc")
_CONFIGURATIONS = (".json", ".yaml", ".yml")
#: Words of the commands that deploy templates, one of which a file with such a command has.
_DEPLOYS = (b"cloudformation", b"sam deploy", b"cdk deploy", b"arameter-overrides", b"arameter_overrides")
#: Words of parameters files, in the formats of the AWS CLI and of CodePipeline.
_PARAMETERS_FILE = (b"ParameterKey", b"Parameters")
#: Words in the names of parameters files, or of their directories.
_PARAMETERS_NAME = ("param", "override")

#: A Terraform variable that a command, the environment, another variable file or a workspace of HCP Terraform sets.
_VARIABLE = r"\bTF_VAR_(?P<environment>%s)\b|-var\W{1,5}(?P<option>%s)[ \t]*=(?!=)"
_VARIABLE_OF_FILE = r"(?m)^(?P<name>%s)[ \t]*=(?!=)"
_VARIABLE_OF_WORKSPACE = r"\bkey\s*=\s*\"(?P<key>%s)\""
#: A parameter: in a list of keys and values, in a command, in a mapping, and in the syntax of a program.
_PARAMETER = r"(?<!\w)(?i:(?:parameter_?)?key)[\"']*\s*[:=]\s*[\"']?(?P<key>%s)\b"
_PARAMETER_ASSIGNED = r"(?<![\w-])(?P<assigned>%s)=(?!=)"
_PARAMETER_MAPPED = r"(?<![\w.$-])[\"']?(?P<mapped>%s)[\"']?\s*(?:=>|:(?!:))"
_PARAMETER_IN_PROGRAM = r"(?<![\w.$-])(?P<program>%s)\s*=(?!=)"


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
    """A value in a file: its name, and its position if known. `is_command` tells that the file may be anywhere."""

    name: str
    span: Span | None
    is_command: bool = False


class _Relying(NamedTuple):
    """The passes that rely on defaults: the directories of their roots, by the name of the variable or parameter.

    `files` has the names of the templates of these roots.
    """

    roots: Mapping[str, list[str]]
    files: frozenset[str]


def values_elsewhere(
    results: Sequence[Result], paths: Iterable[str], walk: Walk, workspace: Workspace, read_files: Set[str]
) -> list[Notice]:
    """Return a notice for each file that seems to set a variable or a parameter whose default a pass relies on.

    The files are those below the directories in `paths`, and those beside the files in `paths`. `read_files` are used
    already.
    """
    found: list[Notice] = []
    kinds = [(kind, relying) for kind in (_VARIABLES, _PARAMETERS) if (relying := _relying(results, kind)).roots]
    files = sorted(dict.fromkeys(_files(paths, walk, workspace)), key=_is_program)
    used = read_files | {call.span.path for result in results for call in result.resource.via}
    for path in islice((path for path in files if path not in used), _MAX_FILES):
        for kind, relying in kinds:
            with suppress(Failure):
                found += _notices(path, list(_settings(path, kind, relying, workspace)), kind, relying)
    return sorted(found, key=lambda notice: (notice.path, notice.position))


def _files(paths: Iterable[str], walk: Walk, workspace: Workspace) -> Iterator[str]:
    for path in paths:
        if os.path.isdir(path):
            for file, ignore in walk.files(path):
                if _may_set_values(file) and not (ignore and ignore.ignores(file)):
                    yield file
        else:
            directory = posixpath.dirname(path)
            beside = (posixpath.join(directory, name) for name in workspace.entries(directory or "."))
            yield from filter(_may_set_values, beside)


def _may_set_values(path: str) -> bool:
    """Tell whether a file may set values, by its name. One without a suffix may be a script."""
    name = posixpath.basename(path)
    return (
        is_script(name)
        or name.endswith((*_PROGRAMS, *_CONFIGURATIONS))
        or "." not in name
        or _VARIABLE_FILE.search(name) is not None
    )


def _is_program(path: str) -> bool:
    return path.endswith(_PROGRAMS)


def _relying(results: Iterable[Result], kind: _Kind) -> _Relying:
    """Return the variables or parameters of roots whose defaults passes rely on."""
    found: dict[str, list[str]] = {}
    files = set()
    for result in results:
        if result.verdict != PASS or result.resource.source != kind.source:
            continue
        via = result.resource.via
        root = via[0].span.path if via else result.resource.location.path
        for symbol in result.defaults:
            name = symbol.removeprefix(kind.symbol)
            if symbol.startswith(kind.symbol) and "." not in name:
                found.setdefault(name, []).append(posixpath.dirname(root))
                files.add(posixpath.basename(root))
    return _Relying(found, frozenset(files))


def _settings(path: str, kind: _Kind, relying: _Relying, workspace: Workspace) -> Iterator[_Setting]:
    """Yield the values that a file sets. Raises Failure if it can't be read or parsed."""
    content = workspace.read_bytes(path)
    names = [name for name in relying.roots if name.encode() in content]
    if not names:
        return
    found: list[_Setting] = []
    if kind is _VARIABLES and _VARIABLE_FILE.search(path):
        found += _of_variable_file(path, workspace)
    elif kind is _PARAMETERS and path.endswith(_CONFIGURATIONS) and _is_parameters_file(path, content):
        with suppress(Failure):
            found += _of_parameters_file(path, workspace)
    near = _near(posixpath.dirname(path), relying.roots, workspace)
    found = [item for item in found if item.name in near]
    if not found:
        source = Source(path, decode(content, path), "yaml")
        alternatives = "|".join(map(re.escape, names))
        found += _of_text(
            source, [item.replace("%s", alternatives) for item in _patterns(path, kind, content, relying)]
        )
    yield from found


def _of_variable_file(path: str, workspace: Workspace) -> Iterator[_Setting]:
    from ecs5lint.parsers.terraform.modules.variables import inputs_of_files

    return (_Setting(item.name, item.span) for item in inputs_of_files([path], workspace))


def _is_parameters_file(path: str, content: bytes) -> bool:
    near = "/".join(path.lower().split("/")[-2:])
    return any(word in content for word in _PARAMETERS_FILE) or any(word in near for word in _PARAMETERS_NAME)


def _of_parameters_file(path: str, workspace: Workspace) -> Iterator[_Setting]:
    from ecs5lint.parsers.cloudformation.language.parameters import read_parameters

    return (_Setting(name, None) for name in read_parameters(workspace.read(path, "yaml")))


def _patterns(path: str, kind: _Kind, content: bytes, relying: _Relying) -> list[str]:
    """Return the patterns of the settings that a file may have, by its words."""
    if kind is _VARIABLES:
        return [
            _VARIABLE,
            *([_VARIABLE_OF_FILE] if path.endswith(".hcl") else []),
            *([_VARIABLE_OF_WORKSPACE] if b"tfe_variable" in content else []),
        ]
    patterns = [_PARAMETER]
    if any(word in content for word in _DEPLOYS):
        patterns.append(_PARAMETER_ASSIGNED)
    if any(name.encode() in content for name in relying.files):
        patterns.append(_PARAMETER_MAPPED)
        patterns += [_PARAMETER_IN_PROGRAM] if path.endswith(_PROGRAMS) else []
    return patterns


def _of_text(source: Source, patterns: Iterable[str]) -> Iterator[_Setting]:
    for pattern in patterns:
        for match in re.finditer(pattern, source.text):
            group = match.lastgroup or 0
            yield _Setting(match[group], Span(source, *match.span(group)), is_command=True)


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


def _notices(path: str, settings: Sequence[_Setting], kind: _Kind, relying: _Relying) -> Iterator[Notice]:
    """Yield the notice for a file that sets some of the defaults that passes rely on."""
    if not settings:
        return
    names = dict.fromkeys(setting.name for setting in settings)
    count = max(len(relying.roots[name]) for name in names)
    shown = ", ".join(f"{kind.noun}{name}" for name in list(names)[:_MAX_NAMES])
    more = f" and {len(names) - _MAX_NAMES} more" if len(names) > _MAX_NAMES else ""
    rely = "1 passing result relies" if count == 1 else f"{count} passing results rely"
    first = settings[0]
    option = f"{kind.option} {first.name}=..." if first.is_command else f"{kind.file_option} {path}"
    yield Notice(f"not used: sets {shown}{more}, and {rely} on the default; check it with {option}", path, first.span)
