"""Find other uses of a value that a container takes from a variable, a local, a parameter or a mapping.

If only one container uses a value, a fix may change it. The search compares names, so it may find more uses than there
are, but never fewer.
"""

from __future__ import annotations

import os
import re

from ecs5lint.files.workspace import Workspace
from ecs5lint.location import Failure, Span
from ecs5lint.model.result import Result

_HCL = (".tf", ".tofu", ".tf.json", ".tofu.json", ".hcl", ".tfvars", ".tfvars.json")
#: The name of a value on its line, in HCL and in JSON or YAML.
_ASSIGNED = re.compile(r'.*?([\w-]+)"?\s*=(?![=>~])')
_KEY = re.compile(r""".*?([\w-]+)["']?\s*:""")
#: The name of a default is in the header of its block. This is the length of the text to search for it.
_MAX_LINE = 500
_VARIABLE = re.compile(r'variable\s+"?([\w-]+)"?\s*\{')
_PARAMETER = re.compile(r"""(?:^|[{,\s])["']?(\w+)["']?\s*:\s*(?:\{|\r?\n)""")


def other_use(value: Span, result: Result, workspace: Workspace) -> str | None:
    """Return another possible use of a value outside a container, or None if only this container uses it."""
    is_of_container = result.container_index is not None
    location = (result.location if is_of_container else result.resource.extent or result.location).in_file
    if value.path == location.path and location.start <= value.start < location.end:
        return None
    name = _name(value)
    if name is None:
        return f"{value.path}:{value.line}"
    for paths in {_together(value.path, workspace), _together(location.path, workspace)}:
        found = [use for path in paths for use in _uses(name, path, workspace)]
        if len(found) > 1:
            return next((use for use in found if not use.startswith(f"{location.path}:")), found[0])
    return None


def _name(value: Span) -> str | None:
    """Return the name by which a value is used."""
    text = value.source.text
    line = text[max(text.rfind("\n", 0, value.start) + 1, value.start - _MAX_LINE) : value.start]
    names = (_KEY if value.source.syntax != "hcl" else _ASSIGNED).findall(line)
    if not names or names[-1].lower() != "default":
        return names[-1] if names else None
    pattern = _VARIABLE if value.source.syntax == "hcl" else _PARAMETER
    before = [match for match in pattern.finditer(text, 0, value.start) if match[1].lower() != "default"]
    return before[-1][1] if before else None


def _together(path: str, workspace: Workspace) -> tuple[str, ...]:
    """Return the files that share a namespace with a file: those of its module."""
    if not path.endswith(_HCL):
        return (path,)
    directory = os.path.dirname(path)
    return tuple(
        f"{directory}/{name}" if directory else name
        for name in workspace.entries(directory or ".")
        if name.endswith(_HCL)
    )


def _uses(name: str, path: str, workspace: Workspace) -> list[str]:
    """Return the uses of a name in a file: as an attribute in HCL, and in other formats as a word that is no key."""
    try:
        source = workspace.read(path, "hcl" if path.endswith(_HCL) else "yaml")
    except Failure:
        return []
    escaped = re.escape(name)
    use = rf"\.{escaped}(?![\w-])" if path.endswith(_HCL) else rf"(?<![\w.-]){escaped}(?![\w-])(?![\"']?\s*:)"
    return [f"{path}:{source.position(match.start())[0]}" for match in re.finditer(use, source.text)]
