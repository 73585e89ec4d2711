"""Discover the inputs at the given paths, by parser.

Most files of a tree have nothing to do with ECS. They are read once and excluded by their bytes, so that no parser is
run, or even imported, for them.
"""

from __future__ import annotations

import os
import posixpath
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from ecs5lint.files.globs import Globs
from ecs5lint.files.kinds import (
    EXTRACT,
    TASK_DEFINITION,
    TERRAFORM,
    ModuleFile,
    is_binary,
    is_caller_file,
    is_module_file,
    is_script,
    is_variable_file,
    kinds_of,
    may_be_input,
    may_call_modules,
    may_have_unread_form,
    module_file,
    names_ecs,
)
from ecs5lint.files.workspace import MAX_FILE_SIZE, Workspace, too_large
from ecs5lint.light_typing import TYPE_CHECKING, NamedTuple
from ecs5lint.location import Failure
from ecs5lint.notices import FORMAT, Notice, Skipped
from ecs5lint.project.account import IGNORED, TOO_LARGE, Account
from ecs5lint.project.walk import Walk, is_searched
from ecs5lint.settings.settings import Extract, Settings

if TYPE_CHECKING:
    from ecs5lint.files.gitignore import Patterns
    from ecs5lint.parsers.terraform.callers.call_graph import CallGraph
    from ecs5lint.project.unread import Unread


#: The kind of a file that calls Terraform modules but is part of none.
_CALLER = ("caller",)

#: The settings of a run that sets nothing.
NO_SETTINGS = Settings()


#: The kinds of input that a file may be. It is empty if the file is no input.
Kinds = tuple[str, ...]


class Discovered(NamedTuple):
    """The inputs for each parser by kind, in a stable order, with the failures and the skipped files.

    `notices` report unusable files of Git. `others` are other inputs of the tree, which are not checked but may be
    called. `graph` is the call graph of Terraform modules, if there are any that may concern ECS.
    """

    inputs: dict[str, list[str]]
    failures: list[Failure]
    skipped: Sequence[Skipped] = ()
    notices: Sequence[Notice] = ()
    others: Mapping[str, Sequence[str]] = {}
    graph: CallGraph | None = None

    def tree(self, kind: str) -> tuple[str, ...]:
        """Return all inputs of a kind in the tree."""
        return (*self.inputs.get(kind, ()), *self.others.get(kind, ()))


def discover(
    paths: Sequence[str],
    workspace: Workspace,
    *,
    exclude: Sequence[Globs] = (),
    settings: Settings = NO_SETTINGS,
    respect_gitignore: bool = True,
) -> Discovered:
    """Return the inputs at `paths`: files, and all files below directories.

    A named file is checked by its content, regardless of its name, and even if Git ignores it. A file of a Terraform
    module represents its directory. `exclude` also applies to named files. A file that matches an extract rule of the
    settings is an input for that rule, in addition to its own kinds. Raises ValueError for an invalid pattern.
    """
    excluded, extracted = matcher(exclude), matcher([extract.files for extract in settings.extracts])
    search = _Search(workspace, settings)
    account = Account(workspace, is_searched, settings.reads.resources)
    walk = Walk(workspace, excluded, respect_gitignore, account)
    for path in map(workspace.normalize, paths):
        if os.path.isdir(path) and not workspace.is_inside(path):
            search.failures.append(Failure("is a link that leads out of the project; skipped", path))
        elif os.path.isdir(path):
            for file, ignore in walk.files(path):
                found: Kinds | ModuleFile | Failure = ()
                if may_be_input(file):
                    found = search.look_at(file, is_inside=True)
                elif is_script(file):
                    search.look_at_script(file)
                is_extracted = extracted is not None and extracted.match(file)
                if not (found or is_extracted or file in search.unread):
                    continue
                if ignore and ignore.ignores(file):
                    search.unread.pop(file, None)
                    account.add(file, IGNORED)
                else:
                    search.add(file, found, is_extracted)
        elif excluded and (reason := excluded.reason(path)):
            account.add_named(path, reason)
        else:
            search.add_named(path, extracted is not None and extracted.match(path))
    unread_notices = search.notices()
    for notice in unread_notices:
        account.add(notice.path, FORMAT)
    for path in search.too_large:
        account.add(path, TOO_LARGE)
    idle = _idle(settings.extracts, search.extracted(), paths, workspace)
    notices = [*walk.notices, *account.notices, *unread_notices, *idle]
    inputs = search.inputs()
    return Discovered(inputs, search.failures + walk.failures, account.skipped(), notices, graph=search.graph)


def _idle(
    extracts: Sequence[Extract], extracted: Sequence[str], paths: Sequence[str], workspace: Workspace
) -> Iterator[Notice]:
    """Yield a notice for each unused extract rule whose whole directory was searched."""
    searched = [os.path.realpath(path) for path in map(workspace.normalize, paths) if os.path.isdir(path)]
    for extract in extracts:
        directory = os.path.realpath(extract.files.directory)
        is_searched = any(directory == path or directory.startswith(path.rstrip(os.sep) + os.sep) for path in searched)
        patterns = matcher([extract.files])
        if is_searched and patterns and not any(map(patterns.match, extracted)):
            globs = ", ".join(extract.files.patterns)
            yield Notice(f"unused extract: no file matches {globs}", extract.at.path, extract.at)


def matcher(lists: Sequence[Globs]) -> Patterns | None:
    """Return a matcher for some lists of patterns, or None if there are no lists."""
    if not lists:
        return None
    from ecs5lint.files.gitignore import Patterns

    return Patterns(lists)


class _Search:
    """The inputs found so far."""

    def __init__(self, workspace: Workspace, settings: Settings) -> None:
        self.failures: list[Failure] = []
        #: The definitions in unsupported forms, by path.
        self.unread: dict[str, list[Unread]] = {}
        #: The files that may define containers but are too large to read.
        self.too_large: list[str] = []
        #: The call graph of Terraform modules, if there are any that may concern ECS.
        self.graph: CallGraph | None = None
        self._workspace = workspace
        self._settings = settings
        self._kinds: dict[str, Kinds] = {}
        self._extracted: list[str] = []
        self._modules: dict[str, list[ModuleFile]] = {}
        self._callers: list[str] = []

    def look_at(self, path: str, *, is_inside: bool = False) -> Kinds | ModuleFile | Failure:
        """Return the kinds of a file, its role in a module, or the failure to read it.

        `is_inside` tells that it is known to be inside the project.
        """
        try:
            content = self._workspace.read_start(path, is_inside=is_inside)
            self._note_unread(path, content)
            found = _kinds(path, content, self._settings.reads.resources)
            if len(content) > MAX_FILE_SIZE and (found or self._names_ecs_further_on(path, content)):
                self.too_large.append(path)
                return too_large(path)
        except Failure as failure:
            return failure
        return found

    def _names_ecs_further_on(self, path: str, start: bytes) -> bool:
        """Tell whether a file that is too large to read may be an input, from all of its content."""
        return not is_binary(start) and any(
            names_ecs(part, self._settings.reads.resources) for part in self._workspace.parts(path)
        )

    def look_at_script(self, path: str) -> None:
        """Read a script, which is no input, and record task definitions that it registers."""
        try:
            self._note_unread(path, self._workspace.read_start(path))
        except Failure:
            return  # an unreadable script is no error

    def _note_unread(self, path: str, content: bytes) -> None:
        types = self._settings.reads.resources
        if may_have_unread_form(path, content, types):
            from ecs5lint.project.unread import unread

            if found := list(unread(path, content, self._workspace, types)):
                self.unread[path] = found

    def notices(self) -> list[Notice]:
        """Return the first notice of each kind for each file. Commands that read an input get no notice."""
        names = {posixpath.basename(path) for path in (*self._kinds, *self._extracted)}
        first = {
            (path, item.notice.message): item.notice
            for path, found in self.unread.items()
            for item in reversed(found)
            if item.reads not in names
        }
        return list(first.values())

    def add(self, path: str, found: Kinds | ModuleFile | Failure, is_extracted: bool) -> None:
        """Record the kind of a file."""
        if is_extracted:
            self._extracted.append(path)
            self.unread.pop(path, None)
        if isinstance(found, Failure):
            self.failures.append(found)
        elif isinstance(found, ModuleFile):
            self._modules.setdefault(posixpath.dirname(path) or ".", []).append(found)
        elif found == _CALLER:
            self._callers.append(path)
        elif found:
            self._kinds[path] = found

    def add_named(self, path: str, is_extracted: bool) -> None:
        """Read a named file, and record its kind."""
        found = self.look_at(path)
        if not found and self._workspace.is_provided(path):
            # Standard input is always meant as input. If it is invalid, the parser reports the error.
            found = (TASK_DEFINITION,)
        if isinstance(found, Failure) or not (is_module_file(path) or is_variable_file(path)):
            self.add(path, found, is_extracted)
            return
        directory = posixpath.dirname(path) or "."
        self._modules[directory] = self._module(directory)

    def extracted(self) -> list[str]:
        """Return the files that match an extract rule."""
        return self._extracted

    def inputs(self) -> dict[str, list[str]]:
        """Return the inputs by kind. A file with several names occurs once, under its real name if possible."""
        inputs: dict[str, list[str]] = {}
        for path in _by_own_names(self._kinds):
            for kind in self._kinds[path]:
                inputs.setdefault(kind, []).append(path)
        if self._extracted:
            inputs[EXTRACT] = _by_own_names(self._extracted)
        modules = self._ecs_modules()
        return {TERRAFORM: modules, **inputs} if modules else inputs

    def _ecs_modules(self) -> list[str]:
        """Return the directories and files for the Terraform parser: those that concern ECS."""
        files = [file for files in self._modules.values() for file in files]
        if not self._callers and not any(file.names_ecs or file.may_call for file in files):
            return []
        from ecs5lint.parsers.terraform.callers.call_graph import CallGraph
        from ecs5lint.project.ecs_modules import EcsModules

        self.graph = CallGraph(self._workspace, self._settings)
        callers = _by_own_names(self._callers)
        found = EcsModules(self.graph, self._workspace, self._module_files).find(self._modules, callers)
        return sorted(path for path in (*self._modules, *callers) if self._workspace.own_name(path) in found)

    def _module(self, directory: str) -> list[ModuleFile]:
        prefix = "" if directory == "." else directory + "/"
        names = self._workspace.entries(directory)
        return list(self._module_files(prefix + name for name in names if is_module_file(name)))

    def _module_files(self, paths: Iterable[str]) -> Iterator[ModuleFile]:
        for path in paths:
            found = self.look_at(path)
            if isinstance(found, ModuleFile):
                yield found


def _kinds(path: str, content: bytes, types: Collection[str]) -> Kinds | ModuleFile:
    if is_module_file(path):
        return module_file(content, types)
    return _CALLER if is_caller_file(path) and may_call_modules(content) else kinds_of(content, types)


def _by_own_names(paths: Iterable[str]) -> list[str]:
    """Return files, sorted. A file with several names occurs once, under its real name if possible."""
    own_names: dict[str, str] = {}
    directories: dict[str, str] = {}
    for is_link, path in sorted((os.path.islink(path), path) for path in paths):
        directory, name = os.path.split(path)
        if is_link or name in ("", ".", ".."):
            own_name = os.path.realpath(path)
        else:
            if directory not in directories:
                directories[directory] = os.path.realpath(directory)
            own_name = os.path.join(directories[directory], name)
        own_names.setdefault(own_name, path)
    return sorted(own_names.values())
