"""Select the inputs to check for changed files: the modules and stacks that use these files.

A run on the files of a commit reports the same for them as a run on the whole tree. So the inputs of the whole tree are
discovered as usual, and those that don't depend on a changed file are dropped:

- A changed template, task definition or other input is checked.
- A Terraform module with a changed file is checked, and each module that calls it, directly or through other modules.
- A module or a template that names a changed file is checked: by Terraform's `file` and `templatefile`, by
  `AWS::Include`,
or as a nested stack. Names are searched in the text, which takes a fraction of the time of an evaluation.
"""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from ecs5lint.files.kinds import (
    CLOUDFORMATION,
    TERRAFORM,
    is_caller_file,
    is_deployer,
    is_module_file,
    is_of_module,
    is_variable_file,
    may_be_input,
    may_have_unread_form,
    mentions_containers,
)
from ecs5lint.files.workspace import Workspace
from ecs5lint.location import Failure
from ecs5lint.project.discovery import Discovered, matcher
from ecs5lint.project.unread import unread
from ecs5lint.settings.settings import Settings

if TYPE_CHECKING:
    from ecs5lint.parsers.terraform.callers.call_graph import CallGraph

#: Text that may be the name of a file, and text that may be a path, with the text before it.
_NAME = re.compile(rb"[\w.@+-]+")
_PATH = re.compile(rb"(\$\{path\.module\}|\}|%s|\$)?([\w.@+/-]+)")

#: The end of a name that is put together: "tasks/${var.name}.json", and fileset(path.module, "tasks/*.json").
_ENDING = re.compile(rb'(?:[}*]|%s)([\w-]{0,100}\.[\w.-]{1,100})"')
_ESCAPE = rb"""\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(["\\/]))"""
#: The ends of unknown text.
_HOLES = (b"}", b"%s")


def discover_changed(
    changed: Sequence[str], workspace: Workspace, settings: Settings, find: Callable[[], Discovered]
) -> Discovered:
    """Return the inputs from `find` that use the files `changed`.

    `find` is called only if a changed file may concern containers.
    """
    files = _Files({workspace.normalize(path) for path in changed}, workspace)
    values = (*(item for item in settings.variables if isinstance(item, str)), *settings.parameters_files)
    if not files.paths.isdisjoint(map(workspace.normalize, values)):
        # These values apply to every module or stack, so everything must be checked.
        return find()
    extracted = matcher([extract.files for extract in settings.extracts])
    failures = []
    is_relevant = False
    for path in sorted(files.paths):
        try:
            content = workspace.read_start(path)
        except Failure as failure:
            failures.append(failure)
            continue
        is_relevant |= is_of_module(path) or is_caller_file(path) or is_deployer(path)
        is_relevant |= mentions_containers(content, settings.reads.resources)
        is_relevant |= bool(extracted and extracted.match(path))
        if may_have_unread_form(path, content, settings.reads.resources):
            is_relevant |= any(unread(path, content, workspace, settings.reads.resources))
    if not is_relevant and not files.are_named_above():
        return Discovered({}, failures)
    found = find()
    inputs = {kind: [path for path in paths if path in files.paths] for kind, paths in found.inputs.items()}
    inputs[CLOUDFORMATION] = _templates(found.inputs.get(CLOUDFORMATION, []), files, workspace)
    if found.graph:
        directories = found.inputs.get(TERRAFORM, [])
        modules = _Modules(files, directories, found.graph, workspace, settings)
        inputs[TERRAFORM] = list(filter(modules.lead_to_change, directories))
    failures += [failure for failure in found.failures if failure.path in files.paths]
    skipped = [item for item in found.skipped if item.path in files.paths]
    notices = [notice for notice in found.notices if notice.path in files.paths or _is_gitignore(notice.path)]
    chosen = {kind: paths for kind, paths in inputs.items() if paths}
    return Discovered(chosen, failures, skipped, notices, found.inputs, found.graph)


def _is_gitignore(path: str) -> bool:
    """Tell whether a file lists ignored files. A problem in it may affect any file."""
    return posixpath.basename(path) == ".gitignore"


class _Files:
    """The files that changed."""

    def __init__(self, paths: set[str], workspace: Workspace) -> None:
        self.paths = paths
        self._workspace = workspace
        #: The paths that can be recognized within a text, by file name, and all other paths.
        self._by_name: dict[bytes, list[str]] = {}
        self._odd: list[str] = []
        for path in paths:
            encoded = os.fsencode(path)
            if _PATH.fullmatch(encoded):
                self._by_name.setdefault(posixpath.basename(encoded), []).append(path)
            else:
                self._odd.append(path)

    def names(self) -> Iterable[bytes] | None:
        """Return the names of the files, or None if one can't be recognized within a text."""
        return None if self._odd else self._by_name.keys()

    def are_named_above(self) -> bool:
        """Tell whether a file in the same directory as one of the files, or in a directory above, names it.

        Most files that don't mention ECS are settings of other tools. They matter only if an input reads them, and the
        search for their names does not cover the whole tree.
        """
        directories = {directory for path in self.paths for directory in _directories_above(path)}
        return any(self._are_named_in_directory(directory) for directory in sorted(directories))

    def _are_named_in_directory(self, directory: str) -> bool:
        names = self._workspace.entries(directory)
        return self.are_named_by(_join(directory, name) for name in names if is_of_module(name) or may_be_input(name))

    def may_be_read_by(self, read: Iterable[str]) -> bool:
        """Tell whether `read` includes one of the files, or a file that contains the name of one.

        The name alone is enough, since Terragrunt searches parent folders for files. All configuration files are in
        `read`.
        """
        names = {os.fsencode(posixpath.basename(path)) for path in self.paths if not is_caller_file(path)}
        for path in read:
            if path in self.paths:
                return True
            try:
                content = self._workspace.read_start(path)
            except Failure:
                continue
            if any(name in content for name in names):
                return True
        return False

    def are_named_by(self, referring: Iterable[str]) -> bool:
        """Tell whether the files at `referring` name one of the files, or may refer to it."""
        return any(self._are_named_in(path) for path in referring)

    def _are_named_in(self, path: str) -> bool:
        try:
            content = self._workspace.read_start(path)
        except Failure:
            return False
        return self._are_named_by_text(path, content) or (
            b"\\" in content and self._are_named_by_text(path, _unescaped(content))
        )

    def _are_named_by_text(self, path: str, content: bytes) -> bool:
        directory = posixpath.dirname(path) or "."
        if not self._by_name.keys().isdisjoint(_NAME.findall(content)):
            written = {(match[1], match[2]) for match in _PATH.finditer(content)}
            if any(self._is_one(path_text, before, directory) for before, path_text in written):
                return True
            if not is_module_file(path) and any(self._ends_as_one(*item, directory) for item in written):
                return True
        if any(os.fsencode(posixpath.relpath(changed, directory)) in content for changed in self._odd):
            return True
        if not is_module_file(path):
            return False
        if b"template_url" in content and not all(map(is_of_module, self.paths)):
            return True  # an address may lead to any template
        endings = tuple(ending.decode("utf-8", "replace") for ending in _ENDING.findall(content))
        within = "" if directory == "." else directory + "/"
        return bool(endings) and any(changed.startswith(within) and changed.endswith(endings) for changed in self.paths)

    def _is_one(self, path_text: bytes, before: bytes | None, directory: str) -> bool:
        """Tell whether a path in a file in `directory`, with the text `before` it, is the path of one of the files."""
        paths = self._by_name.get(posixpath.basename(path_text), ())
        written = path_text.decode()
        if before in _HOLES:
            return any(f"/{path}".endswith(posixpath.normpath(written)) for path in paths)
        return bool(paths) and _join(directory, written.lstrip("/") if before else written) in paths

    def _ends_as_one(self, before: bytes | None, path_text: bytes, directory: str) -> bool:
        """Tell whether the text is an address that ends with the name of one of the files.

        A path in a file in `directory` that leads to no file is taken for an address too.
        """
        if posixpath.basename(path_text) not in self._by_name:
            return False
        # $package/file is a module in a package of the AWS CLI.
        is_address = before in (*_HOLES, b"$") or path_text.startswith(b"/")
        return is_address or not self._workspace.is_file(_join(directory, path_text.decode()))


def _unescaped(content: bytes) -> bytes:
    """Return a text with decoded escapes, those of HCL as well as JSON."""

    def character(match: re.Match[bytes]) -> bytes:
        digits = match[1] or match[2]
        return chr(int(digits, 16) % 0x110000).encode("utf-8", "surrogatepass") if digits else match[3]

    return re.sub(_ESCAPE, character, content)


def _join(directory: str, name: str) -> str:
    return posixpath.normpath(posixpath.join(directory, name))


def _directories_above(path: str) -> list[str]:
    directories = [posixpath.dirname(path) or "."]
    while directories[-1] not in (".", "/", "..") and not directories[-1].endswith("/.."):
        directories.append(posixpath.dirname(directories[-1]) or ".")
    return directories


def _templates(paths: Sequence[str], files: _Files, workspace: Workspace) -> list[str]:
    """Return the changed templates, the templates that name a changed file or such a template, and so on.

    The result includes templates that may nest or include a file they don't name, and templates whose parameters a
    changed file sets.
    """
    if not paths or all(map(is_of_module, files.paths)):
        return []
    from ecs5lint.parsers.cloudformation.deployers import may_deploy
    from ecs5lint.parsers.cloudformation.links import may_refer_to_any

    chosen = {path for path in paths if path in files.paths or may_refer_to_any(path, workspace)}
    chosen |= {path for path in paths if any(may_deploy(item, path) for item in files.paths)}
    left = _ByName([path for path in paths if path not in chosen], workspace)
    named = files
    while named.paths:
        new = {path for path in left.that_may_name(named) if path not in chosen and named.are_named_by([path])}
        chosen |= new
        named = _Files(new, workspace)
    return sorted(chosen)


class _ByName:
    """Templates by the names in their texts. A chain of nested stacks asks for each of them in turn."""

    def __init__(self, paths: Sequence[str], workspace: Workspace) -> None:
        self._paths = paths
        self._naming: dict[bytes, list[str]] = {}
        for path in paths:
            with suppress(Failure):
                content = workspace.read_start(path)
                unescaped = _unescaped(content) if b"\\" in content else b""
                for name in {*_NAME.findall(content), *_NAME.findall(unescaped)}:
                    self._naming.setdefault(name, []).append(path)

    def that_may_name(self, files: _Files) -> Iterable[str]:
        """Return the templates that may name one of the files."""
        names = files.names()
        return self._paths if names is None else {path for name in names for path in self._naming.get(name, ())}


class _Modules:
    """The Terraform modules of a run, and the modules that they call."""

    def __init__(
        self, files: _Files, directories: Sequence[str], graph: CallGraph, workspace: Workspace, settings: Settings
    ) -> None:
        self._files = files
        self._graph = graph
        self._workspace = workspace
        self._names = [workspace.own_name(directory) for directory in directories]
        self._changed = {workspace.own_name(self._module_of(path)) for path in files.paths if is_of_module(path)}
        self._settings = settings
        self._known: dict[str, tuple[bool, set[str]]] = {}

    def lead_to_change(self, directory: str) -> bool:
        """Tell whether a module, or one that it calls, contains or names a changed file."""
        name = self._workspace.own_name(directory)
        pending, seen = [name], {name}
        while pending:
            is_changed, called = self._look_at(pending.pop())
            if is_changed:
                return True
            pending += called - seen
            seen |= called
        return False

    def _look_at(self, directory: str) -> tuple[bool, set[str]]:
        """Return whether a module itself contains or names a changed file, and the directories that it may call."""
        if directory not in self._known:
            is_changed = directory in self._changed or self._names_change(directory)
            called = set() if is_changed else self._graph.targets(directory, self._names)
            self._known[directory] = is_changed, called
        return self._known[directory]

    def _names_change(self, node: str) -> bool:
        """Tell whether a module, or a file that calls modules, names or reads a changed file."""
        if is_caller_file(node):
            from ecs5lint.parsers.terraform.callers.calling_files import files_read

            return self._files.may_be_read_by(files_read(node, self._graph.tree, self._settings))
        names = filter(is_of_module, self._workspace.entries(node))
        return self._files.are_named_by(_join(node, name) for name in names)

    def _module_of(self, path: str) -> str:
        """Return the directory of a file's module. Variable files are often in a subdirectory of the module."""
        for directory in _directories_above(path) if is_variable_file(path) else ():
            if any(map(is_module_file, self._workspace.entries(directory))):
                return directory
        return posixpath.dirname(path) or "."
