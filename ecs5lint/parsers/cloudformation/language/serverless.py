"""Build the template of a Serverless Framework service: merge blocks, insert files and apply extensions.

https://www.serverless.com/framework/docs/providers/aws/guide/resources
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

from ecs5lint.files.kinds import mentions_ecs
from ecs5lint.location import Span
from ecs5lint.parsers.cloudformation.language.template import elements
from ecs5lint.values.kinds import Absent, Known, ListValue, ObjectValue, Pair, Rest, Unknown, Value, known_text
from ecs5lint.values.members import member
from ecs5lint.values.traverse import map_children

#: Returns the document of a file, by its path as written. It is unknown if the file can't be read.
ReadFile = Callable[[str], Value]

#: A file, or a part of it, in place of a value.
_FILE = re.compile(r"\s*\$\{file\(([^(){}$]+)\)(?::([\w.-]+))?\s*(?:,[^}]*)?\}\s*")
FILE_MARK = "${file("
#: The deepest nesting of inserted files.
_MAX_DEPTH = 10


def framework_template(document: ObjectValue, span: Span, read: ReadFile) -> ObjectValue | None:
    """Return the template that results from the `resources` of a service, or None if it has none."""
    written = member(document, "resources")
    if FILE_MARK in span.source.text:
        written = _with_files(written, read, _MAX_DEPTH)
    if isinstance(written, Absent) or (isinstance(written, Known) and not written.value):
        return None
    blocks = elements(written) if isinstance(written, ListValue) else [written]
    merged: Value = ObjectValue((), span)
    for block in blocks:
        unknown = Rest(block) if isinstance(block, Unknown) else None
        if unknown and mentions_ecs(span.source.text):
            # The resources in it are unknown, so they become a section of their own.
            block = ObjectValue((Pair(Known("Resources", span), ObjectValue((unknown,), span), span),), span)
        merged = _merged(merged, block)
    if not isinstance(merged, ObjectValue):
        return None
    resources, extensions = member(merged, "Resources"), member(merged, "extensions")
    if isinstance(resources, ObjectValue) and isinstance(extensions, ObjectValue):
        extended = _extended(resources, extensions)
        merged = merged._replace(members=(*merged.members, Pair(Known("Resources", span), extended, span)))
    return merged if isinstance(member(merged, "Resources"), ObjectValue) else None


def _with_files(value: Value, read: ReadFile, depth: int) -> Value:
    """Return a value with the files that it names inserted."""
    if isinstance(value, (ListValue, ObjectValue)):
        return map_children(partial(_with_files, read=read, depth=depth), value)
    text = known_text(value)
    if text is None or not text.lstrip().startswith(FILE_MARK):
        return value
    match = _FILE.fullmatch(text)
    if match is None or depth == 0:
        return Unknown(f"{text.strip()} is not evaluated", value.span)
    found = read(match[1].strip())
    if isinstance(found, Unknown):
        return found._replace(span=value.span)
    for key in match[2].split(".") if match[2] else ():
        found = member(found, key) if isinstance(found, ObjectValue) else Unknown(f"{text} does not exist", value.span)
    return _with_files(found, read, depth - 1)


def _merged(one: Value, other: Value) -> Value:
    """Return two merged values: objects by key, lists by index. For any other value, the later one wins."""
    if isinstance(one, ListValue) and isinstance(other, ListValue):
        items, others = elements(one), elements(other)
        both = [_merged(item, more) for item, more in zip(items, others, strict=False)]
        return one._replace(items=(*both, *items[len(both) :], *others[len(both) :]))
    if not isinstance(one, ObjectValue) or not isinstance(other, ObjectValue):
        return other
    members = list(one.members)
    indexes = {known_text(item.key): at for at, item in enumerate(members) if isinstance(item, Pair)}
    for item in other.members:
        at = indexes.get(known_text(item.key)) if isinstance(item, Pair) else None
        known = members[at] if at is not None else None
        if at is not None and isinstance(known, Pair) and isinstance(item, Pair):
            members[at] = known._replace(value=_merged(known.value, item.value))
        elif isinstance(item, Rest):
            members.insert(0, item)
            indexes = {key: at + 1 for key, at in indexes.items()}
        else:
            members.append(item)
    return one._replace(members=tuple(members), span=one.span or other.span)


def _extended(resources: ObjectValue, extensions: ObjectValue) -> ObjectValue:
    """Return resources with the attributes that extensions override. Properties are overridden one by one."""
    members: list[Pair | Rest] = []
    for item in resources.members:
        name = known_text(item.key) if isinstance(item, Pair) else None
        more = member(extensions, name) if name is not None else None
        if isinstance(item, Pair) and isinstance(item.value, ObjectValue) and isinstance(more, ObjectValue):
            item = item._replace(value=_assigned(item.value, more))
        members.append(item)
    return resources._replace(members=tuple(members))


def _assigned(resource: ObjectValue, extension: ObjectValue) -> ObjectValue:
    members: list[Pair | Rest] = list(resource.members)
    for item in extension.members:
        if isinstance(item, Pair) and known_text(item.key) == "Properties":
            own = member(resource, "Properties")
            if isinstance(own, ObjectValue) and isinstance(item.value, ObjectValue):
                item = item._replace(value=own._replace(members=(*own.members, *item.value.members)))
        members.append(item)
    return resource._replace(members=tuple(members))
