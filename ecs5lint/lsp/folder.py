"""Check the open documents of a folder, with the folder's own configuration."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import partial
from typing import NamedTuple

from ecs5lint.files.workspace import Workspace, is_below, project_root
from ecs5lint.fixes.proof import Judge
from ecs5lint.location import Failure
from ecs5lint.model.result import Report
from ecs5lint.rules import selected
from ecs5lint.run import config, pipeline
from ecs5lint.settings.settings import Configuration


class Document(NamedTuple):
    """An open document: its address, its path, and the text and the version that the editor has."""

    uri: str
    path: str
    text: str
    version: int | None

    @property
    def real_path(self) -> str:
        """The path without links in its directories."""
        directory, name = os.path.split(self.path)
        return os.path.join(os.path.realpath(directory), name)


class Check(NamedTuple):
    """A check of a folder.

    `documents` are the open documents by their paths in the report. `again` repeats the check in another workspace.
    """

    report: Report
    configuration: Configuration
    documents: Mapping[str, Document]
    workspace: Workspace
    again: Judge

    @property
    def is_strict(self) -> bool:
        """Tell whether an unknown verdict is an error."""
        return self.configuration.fail_on != "fail"


class Folder:
    """A folder of the editor's workspace.

    A run depends on the working directory, so only one thread may check folders. If the folder is not `is_whole`, it is
    the project of documents that belong to no folder of the workspace. Its other files are not searched for callers.
    """

    def __init__(self, path: str, *, is_whole: bool = True) -> None:
        self.path = path
        self.is_whole = is_whole
        self._real_path = os.path.realpath(path)
        self._project = project_root(self._real_path)
        self._configuration = Configuration()

    def has(self, document: Document) -> bool:
        """Tell whether a document is in the folder."""
        return is_below(document.path, self.path) or is_below(document.real_path, self._real_path)

    def may_read(self, path: str) -> bool:
        """Tell whether a check of the folder may read a file, given by its real path."""
        return is_below(path, self._project)

    def check(self, own: list[Document], documents: list[Document]) -> Check:
        """Check what depends on the folder's `own` documents, with the texts of all open `documents`."""
        self.enter()
        by_name = {self._name(document): document for document in documents if self.may_read(document.real_path)}
        texts = {name: document.text.encode("utf-8", "surrogatepass") for name, document in by_name.items()}
        workspace = Workspace().edited(texts)
        problem = self._configure(workspace)
        changed = [self._name(document) for document in own]
        again = partial(self._run, changed)
        report = again(workspace)
        if problem:
            report = report._replace(failures=(problem, *report.failures))
        return Check(report, self._configuration, by_name, workspace, again)

    def enter(self) -> None:
        """Make the folder the working directory."""
        os.chdir(self._real_path)

    def full_path(self, name: str) -> str:
        """Return the path of a file in a report, as the editor knows it."""
        return os.path.normpath(os.path.join(self.path, name))

    def _name(self, document: Document) -> str:
        return os.path.relpath(document.real_path, self._real_path).replace(os.sep, "/")

    def _configure(self, workspace: Workspace) -> Failure | None:
        """Read the configuration. If it is invalid, return the reason, and keep the last valid one."""
        try:
            self._configuration = _configuration(workspace)
        except Failure as failure:
            return failure
        return None

    def _run(self, changed: list[str], workspace: Workspace) -> Report:
        try:
            configuration = _configuration(workspace)
        except Failure:
            configuration = self._configuration
        outside = [path for path in changed if path.startswith("../")]
        return pipeline.run(
            changed,
            workspace,
            configuration.settings,
            exclude=configuration.exclude,
            is_partial=True,
            tree=[*(configuration.paths or ["."]), *outside] if self.is_whole else changed,
        )


def _configuration(workspace: Workspace) -> Configuration:
    """Return the configuration of the working directory. Raises Failure."""
    found = config.find(workspace)
    try:
        selected(found.settings.select, found.settings.ignore)
    except ValueError as error:
        configured = found.settings.configuration
        raise Failure(str(error), configured.path if configured else ".") from None
    return found
