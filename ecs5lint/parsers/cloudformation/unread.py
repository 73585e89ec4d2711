"""Report files that the parser received, but that are not templates it can read."""

from __future__ import annotations

from collections.abc import Collection

from ecs5lint.files import appearance
from ecs5lint.files.kinds import program_language
from ecs5lint.files.workspace import Workspace
from ecs5lint.location import Failure
from ecs5lint.notices import Notice
from ecs5lint.parsers.cloudformation.language.template import intrinsic
from ecs5lint.parsers.cloudformation.links import named_templates
from ecs5lint.values.kinds import Known, Value


def not_read(
    failure: Failure, path: str, paths: list[str], workspace: Workspace, types: Collection[str]
) -> list[Notice]:
    """Return the notices for a file that cannot be parsed. Raises the failure if it is an error.

    It is an error if the file should be a template with a task definition or a resource of one of the types, or with a
    stack whose template is in `paths`.
    """
    content = workspace.read_start(path)
    if workspace.is_provided(path) or named_templates(path, paths, workspace):
        raise failure
    if not appearance.has_resource(content, types):
        return []
    if program_language(path) or not appearance.looks_structured(content, path):
        return [_skipped(path)]
    raise failure


def not_understood(documents: list[Value], path: str, workspace: Workspace, types: Collection[str]) -> list[Notice]:
    """Return the notices for a file without a template, if a document is a scalar or a tagged value."""
    if not any(isinstance(document, Known) or intrinsic(document) for document in documents):
        return []
    return [_skipped(path)] if appearance.has_resource(workspace.read_start(path), types) else []


def _skipped(path: str) -> Notice:
    language = program_language(path)
    problem = f"{language} is not evaluated" if language else "it is neither a JSON object nor a YAML mapping"
    return Notice(f"skipped: {problem}; if it is a template, render it and check the result", path)
