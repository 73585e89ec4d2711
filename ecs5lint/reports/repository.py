"""Paths as code hosts want them: from the root of the repository, in whatever directory of it the linter runs."""

from __future__ import annotations

import os

from ecs5lint.files.workspace import project_root


class Repository:
    """The repository of the working directory; the directory itself where there is none."""

    def __init__(self) -> None:
        self._root = project_root(os.path.realpath("."))
        self._paths: dict[str, str] = {}

    def path(self, path: str) -> str:
        """Return a path of a report from the root, links resolved; one that is outside is absolute."""
        if path not in self._paths:
            self._paths[path] = self._resolve(path)
        return self._paths[path]

    def _resolve(self, path: str) -> str:
        try:
            real = os.path.realpath(path)
        except ValueError:
            # No file has a name like that, with a NUL in it say.
            return path.encode("utf-8", "replace").decode()
        relative = os.path.relpath(real, self._root)
        is_outside = relative.split(os.sep)[0] == os.pardir
        return (real if is_outside else relative).replace(os.sep, "/")
