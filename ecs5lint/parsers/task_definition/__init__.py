"""Parse raw task definitions: the JSON or YAML of `aws ecs register-task-definition`, and its variants.

A file or stream may contain several documents. Each can be:

- a task definition, or the output of `aws ecs describe-task-definition` with one in its `taskDefinition`, or several
  such
outputs combined, with a list in `taskDefinitions`
- container definitions without their task definition: a list of them, or one
- an Elastic Beanstalk Dockerrun.aws.json of version 2, which also has `containerDefinitions`
- a list of any of these

Any other document has no task definition, and is no error. But if it contains container definitions elsewhere, a notice
tells the user, since only the user knows whether they are deployed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Iterator
from functools import partial
from itertools import islice

from ecs5lint.files.kinds import (
    CLOUDFORMATION,
    CONTAINER_INSIGHTS,
    CONTAINER_KEYS,
    HCL_SUFFIXES,
    RESOURCE_KEYS,
    kinds_of,
    program_language,
)
from ecs5lint.files.kinds import TASK_DEFINITION as TASK_DEFINITION_FILE
from ecs5lint.files.workspace import Workspace
from ecs5lint.location import Failure, Source
from ecs5lint.model.callers import NO_PROJECT, Project
from ecs5lint.model.form import Form
from ecs5lint.model.resource import CLUSTER, Subject
from ecs5lint.model.task_definition import TASK_DEFINITION, TaskDefinition
from ecs5lint.notices import FORMAT, Notice, Skipped
from ecs5lint.parsers import Listener, Parsed, each_by_itself, ignore
from ecs5lint.parsers.containers import container_definitions, launch_types, shown_text
from ecs5lint.settings.settings import Settings
from ecs5lint.text.json_document import parse_document
from ecs5lint.text.placeholders import filled_in, is_placeholder
from ecs5lint.values.alternatives import lift
from ecs5lint.values.kinds import Absent, Known, ListValue, ObjectValue, Pair, Repeated, Unknown, Value, known_text
from ecs5lint.values.members import member, nested_member

FORM = Form()

#: What surrounds container definitions without a task definition.
NO_TASK_DEFINITION = Unknown(
    "the container definitions are in no task definition", hint="check the task definition that they become part of"
)

#: A mark of a template. An expression finds it faster than a search for two characters.
_BRACES = re.compile(r"\{\{")

_YAML_SUFFIXES = (".yaml", ".yml")

#: The suffixes of templates that Terraform renders, and the largest number of directories between them and the module.
_TEMPLATE_SUFFIXES = (".tpl", ".tftpl", ".tmpl")
_MAX_ABOVE = 4
#: The reason for skipping a file with container definitions elsewhere.
_SKIPPED = "container definitions in no task definition"
#: The reason for skipping a file with another resource elsewhere.
_ELSEWHERE = "a resource of Amazon ECS below the top of a document"

#: Container definitions in a text.
_EMBEDDED = re.compile(r"""["']?containerDefinitions["']?\s*:\s*[\[{\n]""")

#: Keys that identify a task definition whose other members are placeholders.
_TASK_DEFINITION_KEYS = frozenset(("containerDefinitions", "family"))


groups = each_by_itself


def parse(
    paths: list[str],
    workspace: Workspace,
    settings: Settings,
    project: Project = NO_PROJECT,
    listener: Listener = ignore,
) -> Parsed:
    """Return the task definitions in the files at `paths`."""
    notices: list[Notice] = []
    found = Parsed([], [], notices, listener=listener, reads=settings.reads)
    for path in paths:
        module_file = _terraform_file_with(path, workspace) if path.endswith(_TEMPLATE_SUFFIXES) else None
        if module_file:
            message = f"not checked by itself: {module_file} renders this template"
            notices.append(Notice(message, path))
            continue
        found.add(path, partial(_file_resources, path, workspace, settings.reads.resources, notices))
    return found._replace(skipped=[Skipped(notice.path, notice.skips) for notice in notices if notice.skips])


def _terraform_file_with(path: str, workspace: Workspace) -> str | None:
    """Return the Terraform file that names a template, next to the template or in a directory above, or None."""
    directory, name = os.path.split(path)
    for _ in range(_MAX_ABOVE):
        for entry in workspace.entries(directory or "."):
            if not entry.endswith(HCL_SUFFIXES):
                continue
            module_file = os.path.join(directory, entry)
            try:
                if f'{name}"' in workspace.read(module_file, "hcl").text:
                    return module_file
            except Failure:
                continue
        if not directory:
            break
        directory = os.path.dirname(directory)
    return None


def _file_resources(
    path: str, workspace: Workspace, types: Collection[str], notices: list[Notice]
) -> Iterator[Subject]:
    try:
        found = documents(path, workspace)
    except Failure as failure:
        notices += _not_read(failure, path, workspace, types)
        return
    is_told = False
    for document in found:
        judged: set[str] = set()
        for resource in _resources(document, path, types):
            judged.add(resource.type)
            yield resource
        is_told |= bool(judged)
        if TASK_DEFINITION not in judged:
            not_judged = list(islice(_not_judged(document, path, () if judged else types), 1))
            is_told |= bool(not_judged)
            notices += not_judged
    if not is_told and any(isinstance(document, (Known, Unknown)) for document in found):
        notices += _not_understood(path, workspace)


def _not_read(failure: Failure, path: str, workspace: Workspace, types: Collection[str]) -> list[Notice]:
    """Return the notices for a file that can't be parsed. Raises the failure if it is an error.

    It is an error in a file that should be a task definition. A file that was only a candidate gets no notice.
    """
    from ecs5lint.files import appearance

    content = workspace.read_start(path)
    if workspace.is_provided(path):
        raise failure
    if appearance.has_task_definition(content) or appearance.has_keys(content, types):
        if program_language(path) or not appearance.looks_structured(content, path):
            return [_skipped(path)]
        raise failure
    if appearance.has_containers(content):
        if appearance.looks_structured(content, path) and not appearance.is_template(content):
            raise failure
        return [Notice(f"skipped: it may list containers, but {failure.message}", path, failure.span, skips=_SKIPPED)]
    return []


def _not_understood(path: str, workspace: Workspace) -> list[Notice]:
    """Return the notices for a file that is a single scalar, or whose root has a tag."""
    from ecs5lint.files import appearance

    return [_skipped(path)] if appearance.has_task_definition(workspace.read_start(path)) else []


def _skipped(path: str) -> Notice:
    language = program_language(path)
    problem = f"{language} is not evaluated" if language else "it is neither a JSON object nor a YAML mapping"
    return Notice(f"skipped: {problem}; if it defines tasks, render it and check the result", path, skips=FORMAT)


def documents(path: str, workspace: Workspace) -> list[Value]:
    """Return the documents in a JSON or YAML file, which may be a template. Raises Failure."""
    source = workspace.read(path, "json")
    text = source.text
    if program_language(path):
        return [parse_document(source)]
    if text.lstrip()[:1] not in ("{", "["):
        from ecs5lint.text.preamble import begins_like_json, without_comments

        if not begins_like_json(text):
            return _yaml_documents(source)
        text = without_comments(text)
    if not _may_be_template(text):
        try:
            return [parse_document(source, text)]
        except Failure:
            pass  # several documents, a template after all, or YAML in flow style
    from ecs5lint.text.json_template import has_statement, parse_documents

    # A file with a JSON name is sent as JSON, which allows no comma at the end of a list.
    if has_statement(text) or path.lower().endswith(".json"):
        return parse_documents(source, text)
    readers: list[Callable[[Source], list[Value]]] = [partial(parse_documents, text=text), _yaml_documents]
    first, second = reversed(readers) if path.lower().endswith(_YAML_SUFFIXES) else readers
    try:
        return first(source)
    except Failure as failure:
        try:
            return second(source)
        except Failure:
            raise failure from None


def _may_be_template(text: str) -> bool:
    """Tell whether a text may be a template. A template reader could misread any other text as one."""
    if "$" in text or ("%" in text and ("{%" in text or "<%" in text)):
        return True
    return _BRACES.search(text) is not None


def _yaml_documents(source: Source) -> list[Value]:
    from ecs5lint.parsers.task_definition.template_yaml import parse_yaml_documents

    return parse_yaml_documents(Source(source.path, source.text, "yaml"))


def _resources(document: Value, path: str, types: Collection[str]) -> Iterator[Subject]:
    yield from _task_definitions(document, path)
    # Most documents are task definitions.
    if types and not (isinstance(document, ObjectValue) and _keys(document).isdisjoint(RESOURCE_KEYS)):
        from ecs5lint.parsers.task_definition.resources import other_resources

        yield from other_resources(document, types, path)


def _task_definitions(document: Value, path: str) -> Iterator[TaskDefinition]:
    if isinstance(document, ListValue):
        if any(_is_container_definition(item) for item in document.items if isinstance(item, ObjectValue)):
            yield task_definition_of(document, None, path)
        else:
            for item in document.items:
                if isinstance(item, ObjectValue):
                    yield from _task_definitions(item, path)
    elif isinstance(document, ObjectValue):
        described, several = member(document, "taskDefinition"), member(document, "taskDefinitions")
        if isinstance(several, ListValue):
            yield from _task_definitions(several, path)
        elif isinstance(described, ObjectValue) and _is_task_definition(described):
            found = task_definition_of(member(described, "containerDefinitions"), described, path)
            yield found._replace(read=partial(_described, document, found.read))
        elif _is_task_definition(document):
            yield task_definition_of(member(document, "containerDefinitions"), document, path)
        elif _is_container_definition(document):
            yield task_definition_of(ListValue((document,), document.span), None, path)


def _described(output: ObjectValue, read: Callable[[str], Value], name: str) -> Value:
    """Return a property in the output of `aws ecs describe-task-definition`, which has the tags beside it."""
    value = read(name)
    if name != "tags" or not isinstance(value, Absent):
        return value
    from ecs5lint.parsers.task_definition.resources import described_tags

    return described_tags(member(output, name), output)


def _not_judged(document: Value, path: str, types: Collection[str]) -> Iterator[Notice]:
    """Yield a notice for each list of container definitions outside the supported locations of a document.

    Also yield one for a setting of clusters without a cluster, if clusters are checked, and one for each resource of
    the `types` below the top of the document.
    """
    if CLUSTER in types:
        from ecs5lint.parsers.task_definition.resources import has_setting

        if has_setting(document):
            yield Notice(f"skipped: this {CONTAINER_INSIGHTS} setting is in no cluster, so it is not checked", path)
    if isinstance(document, ObjectValue) and (known_text(member(document, "version")) or "").startswith("tree-"):
        return  # a file that the CDK writes next to its templates
    is_template = _is_template(document)
    types = () if types and _is_ruled_out(document, types) else types
    pending = [document]
    while pending:
        value = pending.pop()
        if isinstance(value, ListValue):
            pending += [item for item in reversed(value.items) if not isinstance(item, Repeated)]
        elif isinstance(value, ObjectValue):
            if types and value is not document and (type := _type_elsewhere(value, types)):
                message = (
                    f"skipped: this {type.replace('_', ' ')} is below the top of the document, so it is not checked"
                )
                yield Notice(message, path, value.span, skips=_ELSEWHERE)
            for pair in [item for item in reversed(value.members) if isinstance(item, Pair)]:
                name = known_text(pair.key) or ""
                is_theirs = is_template and name != "containerDefinitions"
                if name.lower() == "containerdefinitions" and not is_theirs and _lists_containers(pair.value):
                    message = (
                        f"skipped: these {name} are not inside a task definition; if they are deployed, "
                        f'add an [[extract]] table with path = "$..{name}"'
                    )
                    yield Notice(message, path, pair.key.span, skips=_SKIPPED)
                pending.append(pair.value)
        elif isinstance(value, Known) and isinstance(value.value, str) and _EMBEDDED.search(value.value):
            message = "skipped: this text has container definitions, and only the file itself is read"
            yield Notice(message, path, value.span, skips=_SKIPPED)


def _type_elsewhere(value: ObjectValue, types: Collection[str]) -> str | None:
    """Return the type of a resource that is not at the top of a document, or None for any other object."""
    if not types or _keys(value).isdisjoint(RESOURCE_KEYS):
        return None
    from ecs5lint.parsers.task_definition.resources import named_type

    type = named_type(value)
    return type if type in types else None


def _is_ruled_out(document: Value, types: Collection[str]) -> bool:
    """Tell whether the search of bytes excludes a document. It looks for no resource of the types at other levels."""
    text = document.span.source.text if document.span else ""
    return TASK_DEFINITION_FILE not in kinds_of(text.encode("utf-8", "replace"), types)


def _is_template(document: Value) -> bool:
    """Tell whether the parser of templates handles the container definitions in a document."""
    if not isinstance(document, ObjectValue) or isinstance(member(document, "Resources"), Absent):
        return False
    text = document.span.source.text if document.span else ""
    return CLOUDFORMATION in kinds_of(text.encode("utf-8", "replace"))


def _lists_containers(value: Value) -> bool:
    """Tell whether a value has containers: a list or a map of them, or one in place of a list."""
    if isinstance(value, ObjectValue):
        values = [value, *(pair.value for pair in value.members if isinstance(pair, Pair))]
    else:
        values = (
            [item for item in value.items if not isinstance(item, Repeated)] if isinstance(value, ListValue) else []
        )
    return any(
        {"name", "image"} <= {(key or "").lower() for key in keys} or ("image" in keys and keys & CONTAINER_KEYS)
        for keys in (_keys(item) for item in values if isinstance(item, ObjectValue))
    )


def _is_task_definition(value: ObjectValue) -> bool:
    """Tell whether an object has container definitions, as opposed to a description or a schema of them."""
    containers = member(value, "containerDefinitions")
    if isinstance(containers, ListValue):
        return not containers.items or any(not _is_plain(item) for item in containers.items)
    # A placeholder for the members may be anything, so it alone doesn't identify a task definition.
    return not isinstance(containers, (Absent, ObjectValue)) and not _keys(value).isdisjoint(_TASK_DEFINITION_KEYS)


def _is_plain(item: Value | Repeated) -> bool:
    """Tell whether an element of a list is a scalar, and no placeholder for a container definition."""
    return isinstance(item, Known) and not is_placeholder(str(item.value))


def _is_container_definition(value: ObjectValue) -> bool:
    keys = _keys(value)
    # An AWS Copilot manifest has a name, an image and more, but its image is an object.
    has_image = not isinstance(member(value, "image"), (Absent, ListValue, ObjectValue))
    return "name" in keys and has_image and not keys.isdisjoint(CONTAINER_KEYS)


def _keys(value: ObjectValue) -> set[str | None]:
    return {known_text(item.key) for item in value.members if isinstance(item, Pair)}


def task_definition_of(containers: Value, properties: ObjectValue | None, path: str) -> TaskDefinition:
    """Return the task definition with the given container definitions and, if they are known, properties."""
    location = (properties or containers).span
    assert location is not None
    family = member(properties, "family") if properties else Absent()
    listed = container_definitions(containers, FORM, (), location)
    return TaskDefinition(
        source="task-definition",
        address=shown_text(family) or os.path.basename(path),
        location=location,
        containers=listed.definitions,
        unresolved=listed.unresolved,
        operating_system_family=lift(
            filled_in, nested_member(properties or Absent(), "runtimePlatform", "operatingSystemFamily")
        ),
        launch_types=launch_types(nested_member(properties or Absent(), "requiresCompatibilities")),
        read=partial(FORM.read_property, properties or NO_TASK_DEFINITION),
    )
