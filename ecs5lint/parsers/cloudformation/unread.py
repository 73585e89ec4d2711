"""Report files that the parser received, but that are not templates it can read."""

from __future__ import annotations

from collections.abc import Collection

from ecs5lint.files import appearance
from ecs5lint.files.kinds import program_language
from ecs5lint.files.workspace import Workspace
from ecs5lint.location import Failure
from ecs5lint.model.resource import TASK_SET
from ecs5lint.notices import FORMAT, Notice, Skipped
from ecs5lint.parsers.cloudformation.language.template import SERVICE, intrinsic
from ecs5lint.parsers.cloudformation.links import named_templates
from ecs5lint.values.kinds import ABSENT, Absent, Known, ListValue, ObjectValue, Pair, Value, known_text
from ecs5lint.values.members import nested_member


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
    """Return the notices for a file without a template, if a document is a scalar, a tagged value or an AppSpec."""
    if TASK_SET in types and any(map(_is_app_spec, documents)):
        message = "skipped: CodeDeploy makes task sets of this AppSpec, and they are not checked"
        return [Notice(message, path, skips=FORMAT)]
    if not any(isinstance(document, Known) or intrinsic(document) for document in documents):
        return []
    return [_skipped(path)] if appearance.has_resource(workspace.read_start(path), types) else []


def _is_app_spec(document: Value) -> bool:
    """Tell whether a document is an AppSpec with the network configuration of task sets.

    https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-resources.html
    """
    resources = nested_member(document, "Resources")
    for item in resources.items if isinstance(resources, ListValue) else ():
        for pair in item.members if isinstance(item, ObjectValue) else ():
            service = pair.value if isinstance(pair, Pair) else ABSENT
            is_service = known_text(nested_member(service, "Type")) == SERVICE
            network = nested_member(service, "Properties", "NetworkConfiguration")
            if is_service and not isinstance(network, Absent):
                return True
    return False


def outside_template(documents: list[Value], path: str, workspace: Workspace, types: Collection[str]) -> list[Skipped]:
    """Return the entry of the account for a file without a template that has a resource to check.

    A file of CodeDeploy names services in the same form, and deploys none.
    """
    is_of_codedeploy = any(isinstance(nested_member(document, "Resources"), ListValue) for document in documents)
    has_type = appearance.has_type(workspace.read_start(path), () if is_of_codedeploy else types)
    return [Skipped(path, "a resource of Amazon ECS outside a template")] if has_type else []


def _skipped(path: str) -> Notice:
    language = program_language(path)
    problem = f"{language} is not evaluated" if language else "it is neither a JSON object nor a YAML mapping"
    return Notice(f"skipped: {problem}; if it is a template, render it and check the result", path, skips=FORMAT)
