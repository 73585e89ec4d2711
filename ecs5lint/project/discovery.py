"""Discover the inputs at the given paths, by parser.

Most files of a tree have nothing to do with ECS. They are read once and excluded by their bytes, so that no parser is
run, or even imported, for them.
"""

import os
import posixpath
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

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
from ecs5lint.location import Failure
from ecs5lint.notices import Notice, Skipped
from ecs5lint.project.account import FORMAT, IGNORED, TOO_LARGE, Account
from ecs5lint.project.walk import Walk, is_searched
from ecs5lint.settings.settings import Extract, Settings

if TYPE_CHECKING:
    from ecs5lint.files.gitignore import Patterns
    from ecs5lint.parsers.terraform.callers.call_graph import CallGraph
    from ecs5lint.parsers.terraform.callers.calls import Calls, PossibleCall
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
    called.
    """

    inputs: dict[str, list[str]]
    failures: list[Failure]
    skipped: Sequence[Skipped] = ()
    notices: Sequence[Notice] = ()
    others: Mapping[str, Sequence[str]] = {}

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
    account = Account(workspace, is_searched)
    walk = Walk(workspace, excluded, respect_gitignore, account)
    for path in map(workspace.normalize, paths):
        if os.path.isdir(path) and not workspace.is_inside(path):
            search.failures.append(Failure("is a link that leads out of the project; skipped", path))
        elif os.path.isdir(path):
            for file, ignore in walk.files(path):
                found: Kinds | ModuleFile | Failure = ()
                if may_be_input(file):
                    found = search.look_at(file)
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
    return Discovered(search.inputs(), search.failures + walk.failures, account.skipped(), notices)


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


def matcher(lists: Sequence[Globs]) -> "Patterns | None":
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
        self._workspace = workspace
        self._settings = settings
        self._kinds: dict[str, Kinds] = {}
        self._extracted: list[str] = []
        self._modules: dict[str, list[ModuleFile]] = {}
        self._callers: list[str] = []

    def look_at(self, path: str) -> Kinds | ModuleFile | Failure:
        """Return the kinds of a file, its role in a module, or the failure to read it."""
        try:
            content = self._workspace.read_start(path)
            self._note_unread(path, content)
            found = _kinds(path, content)
            if len(content) > MAX_FILE_SIZE and (found or self._names_ecs_further_on(path, content)):
                self.too_large.append(path)
                return too_large(path)
        except Failure as failure:
            return failure
        return found

    def _names_ecs_further_on(self, path: str, start: bytes) -> bool:
        """Tell whether a file that is too large to read may be an input, from all of its content."""
        return not is_binary(start) and any(map(names_ecs, self._workspace.parts(path)))

    def look_at_script(self, path: str) -> None:
        """Read a script, which is no input, and record task definitions that it registers."""
        with suppress(Failure):
            self._note_unread(path, self._workspace.read_start(path))

    def _note_unread(self, path: str, content: bytes) -> None:
        if may_have_unread_form(path, content):
            from ecs5lint.project.unread import unread

            if found := list(unread(path, content, self._workspace)):
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
        relevant = self._ecs_modules()
        if not relevant:
            return inputs
        nodes = (*self._modules, *_by_own_names(self._callers))
        modules = sorted(path for path in nodes if self._workspace.own_name(path) in relevant)
        return {TERRAFORM: modules, **inputs} if modules else inputs

    def _ecs_modules(self) -> set[str]:
        """Return the real paths of the modules that name ECS, and of all their direct and indirect callers.

        Files that call modules are included, unless they are part of other files. The search covers called local
        modules wherever they are.
        """
        pending = list(self._modules.items())
        if not self._callers and not any(file.names_ecs or file.may_call for _, files in pending for file in files):
            return set()
        graph = self._call_graph()
        own_name = self._workspace.own_name
        modules = {own_name(directory): directory for directory in self._modules}
        callers: dict[str, list[str]] = {}
        relevant = []
        included: dict[str, list[str]] = {}
        unread: set[str] = set()
        possible: dict[str, tuple[PossibleCall, ...]] = {}
        for path in _by_own_names(self._callers):
            by_file = graph.calls(path)
            included[own_name(path)] = list(map(own_name, by_file.included))
            possible[own_name(path)] = by_file.possible
            if by_file.is_unread:
                unread.add(own_name(path))
            if by_file.concerns_ecs:
                relevant.append(own_name(path))
            for target in by_file.local:
                called = own_name(target)
                callers.setdefault(called, []).append(own_name(path))
                if called not in modules:
                    modules[called] = target
                    pending.append((target, self._module(target)))
        while pending:
            directory, files = pending.pop()
            name = own_name(directory)
            calls = graph.calls(directory) if any(file.may_call for file in files) else None
            if any(file.names_ecs for file in files) or (calls and self._may_have_from_elsewhere(directory, calls)):
                relevant.append(name)
            possible[name] = calls.possible if calls else ()
            for target in calls.local if calls else ():
                called = own_name(target)
                callers.setdefault(called, []).append(name)
                if called not in modules:
                    modules[called] = target
                    pending.append((target, self._module(target)))
        found: set[str] = set()
        while relevant:
            name = relevant.pop()
            if name not in found:
                found.add(name)
                relevant += callers.get(name, ())
        if found:
            # An unreadable caller may call any of them.
            found |= unread
        found.update([name for name, some in possible.items() if graph.may_mean_any(some, found)])
        return found - _parts_of_others(included)

    def _call_graph(self) -> "CallGraph":
        from ecs5lint.parsers.terraform.callers.call_graph import CallGraph

        return CallGraph(self._workspace, self._settings)

    def _may_have_from_elsewhere(self, directory: str, calls: "Calls") -> bool:
        """Tell whether a module may get a task definition from an installed or unknown module."""
        if calls.concerns_ecs or not calls.has_elsewhere:
            return calls.concerns_ecs
        installed = posixpath.join(directory, ".terraform/modules")
        walk = Walk(self._workspace, None, respect_gitignore=False)
        paths = (path for path, _ in walk.files(installed) if is_module_file(path)) if os.path.isdir(installed) else ()
        return any(file.names_ecs for file in self._module_files(paths))

    def _module(self, directory: str) -> list[ModuleFile]:
        prefix = "" if directory == "." else directory + "/"
        names = self._workspace.entries(directory)
        return list(self._module_files(prefix + name for name in names if is_module_file(name)))

    def _module_files(self, paths: Iterable[str]) -> Iterator[ModuleFile]:
        for path in paths:
            found = self.look_at(path)
            if isinstance(found, ModuleFile):
                yield found


def _kinds(path: str, content: bytes) -> Kinds | ModuleFile:
    if is_module_file(path):
        return module_file(content)
    return _CALLER if is_caller_file(path) and may_call_modules(content) else kinds_of(content)


def _parts_of_others(included: Mapping[str, Sequence[str]]) -> set[str]:
    """Return the files that others include. Of files that include each other, leave out one."""
    if not any(included.values()):
        return set()
    from ecs5lint.parsers.terraform.callers.roots import top

    return {name for names in included.values() for name in names}.difference(
        top(list(included), lambda name: included[name])
    )


def _by_own_names(paths: Iterable[str]) -> list[str]:
    """Return files, sorted. A file with several names occurs once, under its real name if possible."""
    own_names: dict[str, str] = {}
    for path in sorted(paths, key=lambda path: (os.path.islink(path), path)):
        own_names.setdefault(os.path.realpath(path), path)
    return sorted(own_names.values())
