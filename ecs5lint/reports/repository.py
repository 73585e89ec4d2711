"""Convert paths to the form of code hosts: relative to the root of the repository."""

from __future__ import annotations

import os

from ecs5lint.files.workspace import project_root
from ecs5lint.location import is_arn


class Repository:
    """The repository of the working directory, or the directory itself without one."""

    def __init__(self) -> None:
        self._root = project_root(os.path.realpath("."))
        self._paths: dict[str, str] = {}

    def path(self, path: str) -> str:
        """Return a path relative to the root, with links resolved. A path outside the root becomes absolute.

        The ARN of a registered task definition stays unchanged.
        """
        if is_arn(path):
            return path
        if path not in self._paths:
            self._paths[path] = self._resolve(path)
        return self._paths[path]

    def _resolve(self, path: str) -> str:
        try:
            real = os.path.realpath(path)
        except ValueError:
            # No file has such a name, for example one with a NUL in it.
            return path.encode("utf-8", "replace").decode()
        try:
            relative = os.path.relpath(real, self._root)
        except ValueError:
            return real.replace(os.sep, "/")  # on another drive of Windows
        is_outside = relative.split(os.sep)[0] == os.pardir
        return (real if is_outside else relative).replace(os.sep, "/")
