"""Extract task definitions from JSON and YAML with a custom structure, at the paths in the configuration.

A path may lead to a task definition, to a list of container definitions or of task definitions, or to one container
definition. These use the names of the ECS API, or of a tool that registers them:

- the API itself, and tools that pass it through, such as ecspresso: `containerDefinitions`
- Ansible's module, with the key `containers`:
https://docs.ansible.com/projects/ansible/latest/collections/community/aws/ecs_taskdefinition_module.html
- Step Functions, where each name starts with a capital letter, and a name that ends with `.$` takes its value from the
input: https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from ecs5lint.budget import Budget
from ecs5lint.files.gitignore import Patterns
from ecs5lint.files.workspace import Workspace
from ecs5lint.light_typing import NamedTuple
from ecs5lint.location import Failure, Span
from ecs5lint.model.callers import NO_PROJECT, Project
from ecs5lint.model.form import Form, pascal_case, snake_case
from ecs5lint.model.task_definition import TaskDefinition, Unresolved
from ecs5lint.notices import Notice
from ecs5lint.parsers import Listener, Parsed, ignore
from ecs5lint.parsers.containers import Containers, container_definitions, launch_types, shown_text
from ecs5lint.parsers.task_definition import FORM, NO_TASK_DEFINITION, documents
from ecs5lint.settings.settings import Extract, Settings
from ecs5lint.text.jsonpath import Match, Step, compile_path, find
from ecs5lint.text.placeholders import filled_in, is_placeholder, put_in_later
from ecs5lint.text.yaml import resolve_1_1
from ecs5lint.values.alternatives import lift
from ecs5lint.values.kinds import (
    NO_ASSUMPTIONS,
    Absent,
    Choice,
    Known,
    ListValue,
    ObjectValue,
    Pair,
    Repeated,
    Text,
    Unknown,
    Value,
    known_text,
)
from ecs5lint.values.members import member, nested_member
from ecs5lint.values.traverse import map_children


class _Spelling(NamedTuple):
    """The names of a task definition's members in a format, and the form of its containers."""

    containers: str
    family: str
    operating_system_family: tuple[str, str]
    launch_types: str
    form: Form = FORM
    task_form: Form = FORM


_API = _Spelling(
    "containerDefinitions", "family", ("runtimePlatform", "operatingSystemFamily"), "requiresCompatibilities"
)
_ANSIBLE = _Spelling(
    "containers", "family", ("runtime_platform", "operatingSystemFamily"), "launch_type", task_form=Form(snake_case)
)
_STEP_FUNCTIONS = _Spelling(
    "ContainerDefinitions",
    "Family",
    ("RuntimePlatform", "OperatingSystemFamily"),
    "RequiresCompatibilities",
    Form(pascal_case),
    Form(pascal_case),
)
_SPELLINGS = (_API, _ANSIBLE, _STEP_FUNCTIONS)

#: Each container definition has one of these keys. Nothing else is required, since the path leads to it.
_NAME_AND_IMAGE = frozenset(("name", "image", "Name", "Image"))

#: The steps for the paths into a file, plus one for each of its characters.
_MAX_STEPS = 400_000
#: The steps of a match.
_MATCH = 50
#: The number of characters of a file that a path handles in one step.
_CHARACTERS_OF_STEP = 10

#: The end of a name whose value Step Functions takes from the input of the state.
_FROM_INPUT = ".$"

#: The end of the name of Ansible's module. Ansible reads YAML 1.1.
_ANSIBLE_MODULE = "ecs_taskdefinition"


def parse(
    paths: list[str],
    workspace: Workspace,
    settings: Settings,
    project: Project = NO_PROJECT,
    listener: Listener = ignore,
) -> Parsed:
    """Return the task definitions at the paths of the configuration, in the files that these apply to.

    A file with a match is checked through it only, and not by its content.
    """
    found = Parsed([], [], listener=listener, reads=settings.reads)
    notices = []
    files_of_run = _Files(workspace)
    # Equal paths for the same files lead to the same task definitions.
    extracts = {(extract.files, extract.path): extract for extract in reversed(settings.extracts)}
    for extract in reversed(extracts.values()):
        try:
            steps = compile_path(extract.path)
        except ValueError as error:
            message = f"path: unsupported JSONPath {extract.path}: {error}"
            found.failures.append(Failure(message, extract.at.path, extract.at))
            continue
        patterns = Patterns([extract.files])
        files = [path for path in paths if patterns.match(path)]
        known = len(found.task_definitions), len(found.failures)
        for path in files:
            found.add(path, partial(files_of_run.task_definitions, path, steps, extract))
        if files and known == (len(found.task_definitions), len(found.failures)):
            where = files[0] if len(files) == 1 else f"any of {len(files)} files"
            notices.append(Notice(f"the path {extract.path} matches nothing in {where}", extract.at.path, extract.at))
    return found._replace(notices=notices, parts=files_of_run.matched, budgets=list(files_of_run.budgets.items()))


def groups(
    paths: list[str], workspace: Workspace, settings: Settings, project: Project = NO_PROJECT
) -> list[list[str]]:
    """Return a single group with all files, since the notice for a path without a match concerns all of them."""
    return [paths]


class _Files:
    """The files of a run for the configured paths. `matched` has the files with a match.

    Each file has a budget, because a configuration can have many paths, and a file can have many matches for each.
    """

    def __init__(self, workspace: Workspace) -> None:
        self.matched: set[str] = set()
        self.budgets: dict[str, Budget] = {}
        self._workspace = workspace
        self._last: tuple[str, list[Value]] = "", []
        self._found_by: dict[int, Extract] = {}

    def task_definitions(self, path: str, steps: list[Step], extract: Extract) -> Iterator[TaskDefinition]:
        """Yield the task definitions in a file for a path. Raises Failure for an unreadable file."""
        read = self._documents(path)
        budget = self.budgets.setdefault(path, Budget(_MAX_STEPS))
        size = len(self._workspace.read(path, "json").text)
        budget.extend(path, size)
        for document in read:
            if not budget.spend(size // _CHARACTERS_OF_STEP):
                return
            for match in find(steps, document):
                self.matched.add(path)
                if not budget.spend(_MATCH):
                    return
                # A match of another path is already checked.
                if self._found_by.setdefault(id(match.value), extract) is extract and not _deregisters(match.value):
                    yield from _task_definitions(match, extract)

    def _documents(self, path: str) -> list[Value]:
        """Return the documents of a file. The last file stays in memory, because most paths are for the same file."""
        if self._last[0] != path:
            self._last = path, list(map(_evaluated, documents(path, self._workspace)))
            self._found_by = {}
        return self._last[1]


def _deregisters(value: Value) -> bool:
    """Tell whether Ansible's module is asked to remove a task definition."""
    if not isinstance(value, ObjectValue) or _ANSIBLE.containers in _keys(value):
        return False
    return known_text(member(value, "state")) == "absent"


def _task_definitions(match: Match, extract: Extract) -> Iterator[TaskDefinition]:
    value = match.value
    if isinstance(value, ObjectValue):
        yield _of_object(value, match, extract)
    elif isinstance(value, ListValue):
        items = [item.element if isinstance(item, Repeated) else item for item in value.items]
        if any(isinstance(item, ObjectValue) and _spelling(item) for item in items):
            for index, item in enumerate(items):
                yield from _task_definitions(Match(item, index, match), extract)
        else:
            yield _of_containers(value, match)
    elif not (isinstance(value, Known) and value.value is None):
        yield _of_containers(value, match)


def _of_object(value: ObjectValue, match: Match, extract: Extract) -> TaskDefinition:
    spelling = _spelling(value)
    if spelling:
        return _task_definition(member(value, spelling.containers), value, spelling, match)
    if not _NAME_AND_IMAGE.isdisjoint(_keys(value)):
        return _of_containers(ListValue((value,), value.span), match)
    problem = "the path matches an object that is neither a task definition nor a container definition"
    unknown = Unknown(problem, value.span, hint=f"change the path in {extract.at.path}:{extract.at.line}")
    return _task_definition(unknown, None, _API, match)


def _of_containers(containers: Value, match: Match) -> TaskDefinition:
    """Return a task definition whose containers alone are at the path."""
    around = _object_around(match)
    spelling = _spelling(around) if around else None
    if around and spelling:
        return _task_definition(containers, around, spelling, match)
    items = containers.items if isinstance(containers, ListValue) else ()
    has_capitals = any(isinstance(item, ObjectValue) and {"Name", "Image"} & _keys(item) for item in items)
    return _task_definition(containers, None, _STEP_FUNCTIONS if has_capitals else _API, match)


def _object_around(match: Match) -> ObjectValue | None:
    around = match.parent
    while around and not isinstance(around.value, ObjectValue):
        around = around.parent
    return around.value if around and isinstance(around.value, ObjectValue) else None


def _task_definition(
    containers: Value, properties: ObjectValue | None, spelling: _Spelling, match: Match
) -> TaskDefinition:
    around = properties or Absent()
    location = (properties or match.value).span
    assert location is not None
    types = nested_member(around, spelling.launch_types)
    listed = (
        Containers((), (Unresolved((), containers),), NO_ASSUMPTIONS)
        if isinstance(containers, Unknown)
        else container_definitions(containers, spelling.form, (), location)
    )
    return TaskDefinition(
        source="task-definition",
        address=shown_text(nested_member(around, spelling.family)) or match.address or location.path,
        location=location,
        containers=listed.definitions,
        unresolved=listed.unresolved,
        operating_system_family=lift(filled_in, nested_member(around, *spelling.operating_system_family)),
        form=spelling.task_form,
        read=partial(spelling.task_form.read_property, properties or NO_TASK_DEFINITION),
        launch_types=launch_types(types if isinstance(types, ListValue) else ListValue((types,))),
    )


def _spelling(value: ObjectValue) -> _Spelling | None:
    """Return the spelling of an object that is a task definition, or None for any other object."""
    keys = _keys(value)
    return next((spelling for spelling in _SPELLINGS if spelling.containers in keys), None)


def _keys(value: ObjectValue) -> set[str | None]:
    return {known_text(item.key) for item in value.members if isinstance(item, Pair)}


def _evaluated(value: Value, is_ansible: bool = False) -> Value:
    """Return a value as the tool that uses the file may read it.

    Only Ansible's module is identifiable. For any other tool, a string that is a placeholder may be anything, and so
    may `yes`, which is a boolean in YAML 1.1 and a string in YAML 1.2. Names and families stay unchanged.
    """
    if isinstance(value, ObjectValue):
        members = (_evaluated_member(item, is_ansible) if isinstance(item, Pair) else item for item in value.members)
        return value._replace(members=tuple(members))
    if isinstance(value, (Choice, ListValue)):
        return map_children(partial(_evaluated, is_ansible=is_ansible), value)
    if isinstance(value, Text):
        holes = [part for part in value.parts if known_text(part) != ""]
        return holes[0] if len(holes) == 1 else value
    if isinstance(value, Known) and isinstance(value.value, str) and value.span:
        return _evaluated_text(value, value.value, value.span, is_ansible)
    return value


def _evaluated_member(pair: Pair, is_ansible: bool) -> Pair:
    key = known_text(pair.key) or ""
    is_ansible |= key.endswith(_ANSIBLE_MODULE)
    if key.endswith(_FROM_INPUT):
        source = known_text(pair.value) or "the input"
        taken = Unknown(f"it is taken from {source} when the state machine runs", pair.value.span)
        return pair._replace(key=Known(key.removesuffix(_FROM_INPUT), pair.key.span), value=taken)
    return pair if key.lower() in ("name", "family") else pair._replace(value=_evaluated(pair.value, is_ansible))


def _evaluated_text(value: Known, text: str, span: Span, is_ansible: bool) -> Value:
    # {% %} is a JSONata expression in Step Functions. No tool turns it into a string.
    if is_placeholder(text) or (text.startswith("{%") and text.endswith("%}")):
        return put_in_later(text, span)
    is_plain = span.text == text
    if is_ansible and is_plain:
        return value._replace(value=resolve_1_1(text))
    if is_plain and resolve_1_1(text) is True:
        return Unknown(f"{text} is a boolean in YAML 1.1 and a string in YAML 1.2", span, hint="write true or false")
    return value
