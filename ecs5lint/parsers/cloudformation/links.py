"""Find the templates that nest or include others, without evaluating them. Linked templates are checked together."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from ecs5lint.files.kinds import unescaped
from ecs5lint.files.workspace import Workspace
from ecs5lint.location import Failure, Source
from ecs5lint.model.callers import NO_PROJECT, Project
from ecs5lint.parsers.cloudformation.language.serverless import FILE_MARK
from ecs5lint.parsers.cloudformation.language.template import (
    INCLUDE,
    NESTED_STACKS,
    STACK_SET,
    elements,
    intrinsic,
    read_documents,
    syntax_of,
)
from ecs5lint.settings.settings import Settings
from ecs5lint.values.kinds import Known, ListValue, ObjectValue, Pair, Value, known_text

#: Each template that refers to other files has one of these words.
_REFERRING = (INCLUDE, *NESTED_STACKS, STACK_SET, "Rain::Module", "Modules", FILE_MARK)

#: The keys for the location of a nested template or an included file.
_LOCATIONS = frozenset(NESTED_STACKS.values())


def refers_to_others(path: str, workspace: Workspace) -> bool:
    """Tell whether a template may nest or include another one."""
    text = _text(path, workspace)
    if "\\" in text:
        text = unescaped(text.encode("utf-8", "replace")).decode("utf-8", "replace")
    return any(word in text for word in _REFERRING)


def _text(path: str, workspace: Workspace) -> str:
    """Return the text of a template, as far as it can be decoded."""
    try:
        return workspace.read(path, "yaml").text
    except Failure:
        return workspace.read_start(path).decode("utf-8", "replace")


def named_templates(path: str, paths: list[str], workspace: Workspace) -> list[str]:
    """Return the templates in `paths` whose file names occur in a template that may nest or include others."""
    if not refers_to_others(path, workspace):
        return []
    text = _text(path, workspace)
    return [other for other in paths if other != path and posixpath.basename(other) in text]


def groups(
    paths: list[str], workspace: Workspace, settings: Settings, project: Project = NO_PROJECT
) -> list[list[str]]:
    """Return the templates in independent groups.

    All templates that nest or include others, and all templates whose names occur in them, form one group. If only
    evaluation tells which templates are nested, there is a single group.
    """
    linking = {path for path in paths if refers_to_others(path, workspace)}
    texts: list[str] = []
    for path in linking:
        written = _Written(path, workspace)
        if not written.has_every_location:
            return [paths]
        texts.append(written.text)
    together: list[str] = []
    apart: list[str] = []
    for path in paths:
        is_linked = path in linking or any(posixpath.basename(path) in text for text in texts)
        (together if is_linked else apart).append(path)
    return [*([together] if together else []), *([path] for path in apart)]


def may_refer_to_any(path: str, workspace: Workspace) -> bool:
    """Tell whether a template may nest or include a file that it does not name."""
    return refers_to_others(path, workspace) and not _Written(path, workspace).has_every_location


class _Written:
    """All texts in a template. `has_every_location` tells whether they name every file that the template refers to."""

    def __init__(self, path: str, workspace: Workspace) -> None:
        source = Source(path, _text(path, workspace), "yaml")
        texts = [source.text]
        self.has_every_location = True
        try:
            documents = read_documents(Source(source.path, source.text, syntax_of(source.text)))
        except Failure:
            documents = []
        for name, value in _members(documents):
            if isinstance(value, Known) and isinstance(value.value, str) and "\\" in source.text:
                texts.append(value.value)  # the text with decoded escapes
            if name in _LOCATIONS and not _is_written_out(value):
                self.has_every_location = False
        self.text = "\n".join(texts)


def _members(documents: list[Value]) -> Iterator[tuple[str | None, Value]]:
    """Yield every value in documents once, with its key."""
    pending: list[tuple[str | None, Value]] = [(None, document) for document in documents]
    seen: set[int] = set()
    while pending:
        name, value = pending.pop()
        yield name, value
        if id(value) in seen:
            continue  # an alias of a value that was already visited
        if isinstance(value, ListValue):
            seen.add(id(value))
            pending += [(None, item) for item in elements(value)]
        elif isinstance(value, ObjectValue):
            seen.add(id(value))
            pending += [(known_text(item.key), item.value) for item in value.members if isinstance(item, Pair)]


def _is_written_out(location: Value) -> bool:
    """Tell whether a template literally contains the name of the file at a location, however the location evaluates."""
    text = known_text(location)
    if text is not None:
        return "{" not in text.rpartition("/")[2]
    called = intrinsic(location)
    if called is None:
        # The location of an application in the AWS Serverless Application Repository.
        return isinstance(location, ObjectValue) and not any(
            isinstance(pair, Pair) and _is_function(pair) for pair in location.members
        )
    name, argument = called
    parts = elements(argument) if isinstance(argument, ListValue) else []
    if name == "Fn::Sub":
        return _is_written_out(parts[0] if parts else argument)
    if name == "Fn::If":
        return len(parts) == 3 and all(map(_is_written_out, parts[1:]))
    return False


def _is_function(pair: Pair) -> bool:
    return (known_text(pair.key) or "Fn::").startswith("Fn::")
