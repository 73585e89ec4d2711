"""Which inputs are to be judged because of files that changed: the modules and stacks that these belong to.

A run on the files of a commit says what a run on the whole tree says of them. So the inputs of the whole tree are
found, as ever, and those are left out that no changed file has to do with:

- a template, a task definition or another input that changed is judged;
- so is a Terraform module of which a file changed, and each that calls it, through other modules perhaps;
- so is a module or a template which names a changed file: Terraform's `file` and `templatefile`, `AWS::Include`, a
  nested stack. Names are looked for in the text, because that takes a fraction of the time that evaluation would.
"""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Callable, Iterable, Sequence

from ecs5lint.content import (
    CLOUDFORMATION,
    TERRAFORM,
    is_module_file,
    is_variable_file,
    may_be_input,
    mentions_containers,
    module_file,
)
from ecs5lint.discovery import Discovered, matcher
from ecs5lint.location import Failure
from ecs5lint.settings import Settings
from ecs5lint.workspace import Workspace

#: A word that may be the name of a file, and the characters of a path before it.
_WORD = re.compile(rb"[\w.@+-]+")
_PATH_CHARACTERS = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.@+-/"
_MAX_PATH = 300

#: How a name ends that is put together: "tasks/${var.name}.json", and fileset(path.module, "tasks/*.json").
_ENDING = re.compile(rb'(?:[}*]|%s)([\w-]{0,100}\.[\w.-]{1,100})"')

_THIS_MODULE = b"${path.module}"


def discover_changed(
    changed: Sequence[str], workspace: Workspace, settings: Settings, find: Callable[[], Discovered]
) -> Discovered:
    """Return those of the inputs that `find` finds which the files `changed` belong to.

    If nothing that changed has to do with containers, it is not called.
    """
    files = _Files({workspace.normalize(path) for path in changed}, workspace)
    values = (*(item for item in settings.variables if isinstance(item, str)), *settings.parameters_files)
    if not files.paths.isdisjoint(map(workspace.normalize, values)):
        # What is given for all modules, or for all stacks, is no other one's than theirs.
        return find()
    extracted = matcher([extract.files for extract in settings.extracts])
    failures = []
    is_relevant = False
    for path in sorted(files.paths):
        try:
            is_relevant |= bool(extracted and extracted.match(path)) or files.are_relevant(path)
        except Failure as failure:
            failures.append(failure)
    if not is_relevant:
        return Discovered({}, failures)
    found = find()
    inputs = {kind: [path for path in paths if path in files.paths] for kind, paths in found.inputs.items()}
    inputs[CLOUDFORMATION] = _templates(found.inputs.get(CLOUDFORMATION, []), files, workspace)
    modules = _Modules(files, workspace)
    inputs[TERRAFORM] = list(filter(modules.lead_to_change, found.inputs.get(TERRAFORM, [])))
    failures += [failure for failure in found.failures if failure.path in files.paths]
    return Discovered({kind: paths for kind, paths in inputs.items() if paths}, failures)


class _Files:
    """The files that changed."""

    def __init__(self, paths: set[str], workspace: Workspace) -> None:
        self.paths = paths
        self._workspace = workspace
        self._by_name: dict[bytes, list[str]] = {}
        for path in paths:
            self._by_name.setdefault(os.fsencode(posixpath.basename(path)), []).append(path)

    def are_relevant(self, path: str) -> bool:
        """Tell whether one of the files may have to do with containers. Raises Failure if it cannot be read.

        Most that have nor a word of ECS in them are settings of other tools. They matter if a file in their directory,
        or in one above, names them.
        """
        content = self._workspace.read_start(path)
        if _is_of_module(path) or mentions_containers(content):
            return True
        return any(self._names_one_in(directory) for directory in _directories_above(path))

    def _names_one_in(self, directory: str) -> bool:
        names = self._workspace.entries(directory)
        return self.are_named_by(_join(directory, name) for name in names if _is_of_module(name) or may_be_input(name))

    def are_named_by(self, referring: Iterable[str]) -> bool:
        """Tell whether one of the files is named in those at `referring`, or may be the one that is meant there."""
        return any(self._are_named_in(path) for path in referring)

    def _are_named_in(self, path: str) -> bool:
        try:
            content = self._workspace.read_start(path)
        except Failure:
            return False
        directory = posixpath.dirname(path) or "."
        for name in self._by_name.keys() & set(_WORD.findall(content)):
            at = content.find(name)
            while at >= 0:
                if any(_is_meant(content, at, name, directory, changed) for changed in self._by_name[name]):
                    return True
                at = content.find(name, at + 1)
        if not is_module_file(path):
            return False
        endings = tuple(ending.decode("utf-8", "replace") for ending in _ENDING.findall(content))
        within = "" if directory == "." else directory + "/"
        return any(changed.startswith(within) and changed.endswith(endings) for changed in self.paths)


def _is_meant(content: bytes, at: int, name: bytes, directory: str, path: str) -> bool:
    """Tell whether a name in the text of a file in `directory` is that of the file at `path`, as far as one can see."""
    start = len(content[max(0, at - _MAX_PATH) : at].rstrip(_PATH_CHARACTERS)) + max(0, at - _MAX_PATH)
    written = (content[start:at] + name).decode("utf-8", "replace")
    if content.endswith(_THIS_MODULE, 0, start):
        written = written.lstrip("/")
    elif content.endswith((b"}", b"%s"), 0, start):
        return ("/" + path).endswith(written)
    return _join(directory, written) == path


def _is_of_module(name: str) -> bool:
    return is_module_file(name) or is_variable_file(name)


def _join(directory: str, name: str) -> str:
    return posixpath.normpath(posixpath.join(directory, name))


def _directories_above(path: str) -> list[str]:
    directories = [posixpath.dirname(path) or "."]
    while directories[-1] not in (".", "/", "..") and not directories[-1].endswith("/.."):
        directories.append(posixpath.dirname(directories[-1]) or ".")
    return directories


def _templates(paths: Sequence[str], files: _Files, workspace: Workspace) -> list[str]:
    """Return the templates that changed, and those that name what changed, or a template that does, and so on."""
    chosen = {path for path in paths if path in files.paths}
    named = files
    while named.paths:
        new = {path for path in paths if path not in chosen and named.are_named_by([path])}
        chosen |= new
        named = _Files(new, workspace)
    return sorted(chosen)


class _Modules:
    """The Terraform modules that are asked for, and those that they call."""

    def __init__(self, files: _Files, workspace: Workspace) -> None:
        self._files = files
        self._workspace = workspace
        self._changed = {self._module_of(path) for path in files.paths if _is_of_module(path)}
        self._known: dict[str, tuple[bool, list[str]]] = {}

    def lead_to_change(self, directory: str) -> bool:
        """Tell whether a module, or one that it calls, has a file that changed, or names one."""
        pending, seen = [directory], {directory}
        while pending:
            is_changed, called = self._look_at(pending.pop())
            if is_changed:
                return True
            pending += [target for target in called if target not in seen]
            seen.update(called)
        return False

    def _look_at(self, directory: str) -> tuple[bool, list[str]]:
        """Return whether a module itself has to do with what changed, and the directories that it calls."""
        if directory not in self._known:
            names = [name for name in self._workspace.entries(directory) if _is_of_module(name)]
            paths = [_join(directory, name) for name in names]
            is_changed = directory in self._changed or self._files.are_named_by(paths)
            self._known[directory] = is_changed, [] if is_changed else self._called(directory, paths)
        return self._known[directory]

    def _called(self, directory: str, paths: Iterable[str]) -> list[str]:
        called: list[str] = []
        for path in filter(is_module_file, paths):
            try:
                called += module_file(self._workspace.read_start(path)).calls
            except Failure:
                continue
        return [_join(directory, source) for source in called]

    def _module_of(self, path: str) -> str:
        """Return the directory of the module to which a file belongs: values are often kept in one below."""
        for directory in _directories_above(path) if is_variable_file(path) else ():
            if any(map(is_module_file, self._workspace.entries(directory))):
                return directory
        return posixpath.dirname(path) or "."
