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
from ecs5lint.parsers.terraform.callers.call_graph import CallGraph
from ecs5lint.parsers.terraform.callers.calling_files import files_read
from ecs5lint.project.discovery import Discovered, matcher
from ecs5lint.project.unread import unread
from ecs5lint.settings.settings import Settings

#: What may be the name of a file, and what may be a path, with what it is appended to.
_NAME = re.compile(rb"[\w.@+-]+")
_PATH = re.compile(rb"(\$\{path\.module\}|\}|%s|\$)?([\w.@+/-]+)")

#: How a name ends that is put together: "tasks/${var.name}.json", and fileset(path.module, "tasks/*.json").
_ENDING = re.compile(rb'(?:[}*]|%s)([\w-]{0,100}\.[\w.-]{1,100})"')
_ESCAPE = rb"""\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(["\\/]))"""
#: These stand for what is not known.
_HOLES = (b"}", b"%s")


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
            content = workspace.read_start(path)
        except Failure as failure:
            failures.append(failure)
            continue
        is_relevant |= is_of_module(path) or is_caller_file(path) or is_deployer(path) or mentions_containers(content)
        is_relevant |= bool(extracted and extracted.match(path))
        is_relevant |= may_have_unread_form(path, content) and any(unread(path, content, workspace))
    if not is_relevant and not files.are_named_above():
        return Discovered({}, failures)
    found = find()
    inputs = {kind: [path for path in paths if path in files.paths] for kind, paths in found.inputs.items()}
    inputs[CLOUDFORMATION] = _templates(found.inputs.get(CLOUDFORMATION, []), files, workspace)
    modules = _Modules(files, found.inputs.get(TERRAFORM, []), workspace, settings)
    inputs[TERRAFORM] = list(filter(modules.lead_to_change, found.inputs.get(TERRAFORM, [])))
    failures += [failure for failure in found.failures if failure.path in files.paths]
    skipped = [item for item in found.skipped if item.path in files.paths]
    notices = [notice for notice in found.notices if notice.path in files.paths or _is_gitignore(notice.path)]
    chosen = {kind: paths for kind, paths in inputs.items() if paths}
    return Discovered(chosen, failures, skipped, notices, found.inputs)


def _is_gitignore(path: str) -> bool:
    """Tell whether a file says what is ignored: what is wrong with it may be about any file."""
    return posixpath.basename(path) == ".gitignore"


class _Files:
    """The files that changed."""

    def __init__(self, paths: set[str], workspace: Workspace) -> None:
        self.paths = paths
        self._workspace = workspace
        #: By name, those whose path is told from the text around it by its characters; and the others.
        self._by_name: dict[bytes, list[str]] = {}
        self._odd: list[str] = []
        for path in paths:
            encoded = os.fsencode(path)
            if _PATH.fullmatch(encoded):
                self._by_name.setdefault(posixpath.basename(encoded), []).append(path)
            else:
                self._odd.append(path)

    def are_named_above(self) -> bool:
        """Tell whether one of the files is named in its own directory, or in one above.

        Most files that have no word of ECS in them are settings of other tools. They matter if something reads them,
        and for these it is not looked for in the whole tree.
        """
        directories = {directory for path in self.paths for directory in _directories_above(path)}
        return any(self._are_named_in_directory(directory) for directory in sorted(directories))

    def _are_named_in_directory(self, directory: str) -> bool:
        names = self._workspace.entries(directory)
        return self.are_named_by(_join(directory, name) for name in names if is_of_module(name) or may_be_input(name))

    def may_be_read_by(self, read: Iterable[str]) -> bool:
        """Tell whether one of the files is among some, or has a name that is written in one of them.

        The name alone will do, since Terragrunt looks for files in the folders above. Its own are all among the files.
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
        """Tell whether one of the files is named in those at `referring`, or may be the one that is meant there."""
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
            if any(self._is_one(place, before, directory) for before, place in written):
                return True
            if not is_module_file(path) and any(self._ends_as_one(place, before) for before, place in written):
                return True
        if any(os.fsencode(posixpath.relpath(changed, directory)) in content for changed in self._odd):
            return True
        if not is_module_file(path):
            return False
        if b"template_url" in content and not all(map(is_of_module, self.paths)):
            return True  # an address may mean any template
        endings = tuple(ending.decode("utf-8", "replace") for ending in _ENDING.findall(content))
        within = "" if directory == "." else directory + "/"
        return bool(endings) and any(changed.startswith(within) and changed.endswith(endings) for changed in self.paths)

    def _is_one(self, place: bytes, before: bytes | None, directory: str) -> bool:
        """Tell whether what is written in a file in `directory`, after `before`, is the path of one."""
        paths = self._by_name.get(posixpath.basename(place), ())
        written = place.decode()
        if before in _HOLES:
            return any(f"/{path}".endswith(posixpath.normpath(written)) for path in paths)
        return bool(paths) and _join(directory, written.lstrip("/") if before else written) in paths

    def _ends_as_one(self, place: bytes, before: bytes | None) -> bool:
        """Tell whether what is written is an address that ends in the name of one."""
        # $package/file is a module in a package of the AWS CLI.
        is_address = before in (*_HOLES, b"$") or place.startswith(b"/")
        return is_address and posixpath.basename(place) in self._by_name


def _unescaped(content: bytes) -> bytes:
    """Return a text with the escapes of its strings resolved, those of HCL and of JSON alike."""

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
    """Return the templates that changed, and those that name what changed, or a template that does, and so on.

    Templates that may nest or include what they do not name are among them, and those whose parameters a changed file
    gives.
    """
    if not paths or all(map(is_of_module, files.paths)):
        return []
    from ecs5lint.parsers.cloudformation.deployers import may_deploy
    from ecs5lint.parsers.cloudformation.links import may_refer_to_any

    chosen = {path for path in paths if path in files.paths or may_refer_to_any(path, workspace)}
    chosen |= {path for path in paths if any(may_deploy(item, path) for item in files.paths)}
    named = files
    while named.paths:
        new = {path for path in paths if path not in chosen and named.are_named_by([path])}
        chosen |= new
        named = _Files(new, workspace)
    return sorted(chosen)


class _Modules:
    """The Terraform modules that are asked for, and those that they call."""

    def __init__(self, files: _Files, directories: Sequence[str], workspace: Workspace, settings: Settings) -> None:
        self._files = files
        self._workspace = workspace
        self._names = [workspace.own_name(directory) for directory in directories]
        self._changed = {workspace.own_name(self._module_of(path)) for path in files.paths if is_of_module(path)}
        self._settings = settings
        self._graph = CallGraph(workspace, settings)
        self._known: dict[str, tuple[bool, set[str]]] = {}

    def lead_to_change(self, directory: str) -> bool:
        """Tell whether a module, or one that it calls, has a file that changed, or names one."""
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
        """Return whether a module itself has to do with what changed, and the directories that it may call."""
        if directory not in self._known:
            is_changed = directory in self._changed or self._names_change(directory)
            called = set() if is_changed else self._graph.targets(directory, self._names)
            self._known[directory] = is_changed, called
        return self._known[directory]

    def _names_change(self, node: str) -> bool:
        """Tell whether a module, or a file that calls modules, names a file that changed, or reads it."""
        if is_caller_file(node):
            return self._files.may_be_read_by(files_read(node, self._workspace, self._settings))
        names = filter(is_of_module, self._workspace.entries(node))
        return self._files.are_named_by(_join(node, name) for name in names)

    def _module_of(self, path: str) -> str:
        """Return the directory of the module to which a file belongs: values are often kept in one below."""
        for directory in _directories_above(path) if is_variable_file(path) else ():
            if any(map(is_module_file, self._workspace.entries(directory))):
                return directory
        return posixpath.dirname(path) or "."
