"""Find the configuration file.

`config_file` reads it, and is imported only if there is one.
"""

from __future__ import annotations

import os

from ecs5lint.files.workspace import Workspace, project_root
from ecs5lint.location import Failure
from ecs5lint.settings.settings import TABLE, Configuration

#: A directory may have a configuration in at most one of these files.
_NAMES = ("ecs5lint.toml", ".ecs5lint.toml", "pyproject.toml")


def find(workspace: Workspace) -> Configuration:
    """Return the nearest configuration: that of the working directory, or of a directory above it in the project.

    Raises Failure for an unreadable or invalid file.
    """
    here = os.getcwd()
    root = project_root(here)
    levels_above = 0 if here == root else len(os.path.relpath(here, root).split(os.sep))
    for level in range(levels_above + 1):
        paths = [workspace.normalize("../" * level + name) for name in _NAMES]
        found = {path: _read(path, workspace) for path in paths if os.path.lexists(path) or workspace.is_file(path)}
        configurations = {path: item for path, item in found.items() if item}
        if len(configurations) > 1:
            first, second, *_ = configurations
            raise Failure(f"is a second configuration next to {first}: keep one of them", second)
        if configurations:
            return next(iter(configurations.values()))
    return Configuration()


def load(path: str, workspace: Workspace) -> Configuration:
    """Return the configuration at `path`. Raises Failure, as `find` does, and if the file has no configuration."""
    path = workspace.normalize(path)
    configuration = _read(path, workspace)
    if configuration is None:
        raise Failure("has no table [tool.ecs5lint]", path)
    return configuration


def _read(path: str, workspace: Workspace) -> Configuration | None:
    """Return the configuration in a file, or None if it has no table for this linter."""
    names = TABLE if os.path.basename(path) == "pyproject.toml" else ()
    # Most pyproject.toml files have no such table, so importing a parser for them is not worth it.
    if names and b"ecs5lint" not in workspace.read_bytes(path):
        return None
    from ecs5lint.run.config_file import read

    return read(path, names, workspace)
