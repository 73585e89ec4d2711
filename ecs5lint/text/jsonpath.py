"""Evaluate JSONPath over values: find the matches of a path in a document, and their parents.

jsonpath-ng parses the path. This module evaluates it, because values have alternatives and spans. Steps only lead
downward. The configuration may come from a stranger, so the size of the document limits the work for each step, and
regular expressions and calculations are not supported.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import cache

from ecs5lint.light_typing import TYPE_CHECKING, NamedTuple
from ecs5lint.values.kinds import Absent, Choice, ListValue, ObjectValue, Pair, Repeated, Value, known_text

if TYPE_CHECKING:
    from jsonpath_ng import JSONPath
    from jsonpath_ng.parser import JsonPathParser

_MAX_LENGTH = 1000
_MAX_STEPS = 20

_SUPPORTED = "use names, indexes, slices, * and .."


class Step(NamedTuple):
    """A step downward. `chosen` has the names, the indexes or the slice, or None for all.

    `at_every_depth` tells whether the step applies at every depth.
    """

    chosen: tuple[str | int, ...] | slice | None
    at_every_depth: bool = False


class Match:
    """A value in a document, and its parent object or list. `key` is its name or its index there."""

    __slots__ = ("_children", "key", "parent", "value")

    def __init__(self, value: Value, key: str | int | None = None, parent: Match | None = None) -> None:
        self.value = value
        self.key = key
        self.parent = parent
        self._children: list[Match] | None = None

    @property
    def address(self) -> str:
        """The path of the value, as in `apps[0].containers`."""
        if self.parent is None:
            return ""
        above = self.parent.address
        if isinstance(self.key, int):
            return f"{above}[{self.key}]"
        return f"{above}.{self.key}" if above else str(self.key)

    @property
    def children(self) -> list[Match]:
        """The elements or members, in every alternative of a template. Each call returns the same matches."""
        if self._children is None:
            self._children = [Match(value, key, self) for key, value in _elements(self.value)]
        return self._children


@cache
def _parser() -> JsonPathParser:
    """Return the parser. Building it takes many times as long as parsing a path."""
    from jsonpath_ng.parser import JsonPathParser

    return JsonPathParser()


def compile_path(text: str) -> list[Step]:
    """Return the steps of a JSONPath. Raises ValueError, with a message for the user."""
    from jsonpath_ng.exceptions import JSONPathError
    from jsonpath_ng.jsonpath import Root

    if len(text) > _MAX_LENGTH:
        raise ValueError(f"it is longer than {_MAX_LENGTH} characters")
    try:
        path = _parser().parse(text)
    except JSONPathError as error:
        raise ValueError(_problem(text, str(error))) from None
    steps = [] if isinstance(path, Root) else _steps(path)
    if len(steps) > _MAX_STEPS:
        raise ValueError(f"it has more than {_MAX_STEPS} steps")
    return steps


def _problem(text: str, error: str) -> str:
    """Return the problem with a path, from the error of the library, which counts from 0."""
    if "[?" in text:
        return f"filters are not supported; {_SUPPORTED}"
    match = re.search(r"(?:col |at 1:)(\d+)", error)
    return f"unexpected {text[int(match[1])]!r} at character {int(match[1]) + 1}" if match else "it is incomplete"


def _steps(path: JSONPath) -> list[Step]:
    from jsonpath_ng import jsonpath

    if isinstance(path, jsonpath.Index):
        return [Step(path.indices)]
    if isinstance(path, (jsonpath.Child, jsonpath.Descendants)):
        before = [] if isinstance(path.left, jsonpath.Root) else _steps(path.left)
        first, *rest = _steps(path.right)
        return [*before, first._replace(at_every_depth=isinstance(path, jsonpath.Descendants)), *rest]
    kind = type(path).__name__
    # Before version 1.9, `*` is a name, and `[*]` is a slice of everything.
    if kind == "Wildcard" or getattr(path, "fields", ()) == ("*",) or str(path) == "[*]":
        return [Step(None)]
    if isinstance(path, jsonpath.Fields):
        return [Step(path.fields)]
    if isinstance(path, jsonpath.Slice) and path.step != 0:
        return [Step(slice(path.start, path.end, path.step))]
    raise ValueError(f"{kind} is not supported; {_SUPPORTED}")


def find(steps: list[Step], document: Value) -> list[Match]:
    """Return the matches of a path in a document, in every alternative of a template."""
    matches = [Match(value) for value in _alternatives(document)]
    for step in steps:
        above = _with_descendants(matches) if step.at_every_depth else matches
        matches = list(dict.fromkeys(child for match in above for child in _chosen(match, step.chosen)))
    return matches


def _with_descendants(matches: list[Match]) -> Iterator[Match]:
    """Yield matches and all their descendants, each once."""
    seen: set[Match] = set()
    pending = matches[::-1]
    while pending:
        match = pending.pop()
        if match not in seen:
            seen.add(match)
            yield match
            pending += match.children


def _chosen(match: Match, chosen: tuple[str | int, ...] | slice | None) -> list[Match]:
    if chosen is None:
        return match.children
    if not isinstance(match.value, ListValue):
        return [child for child in match.children if isinstance(chosen, tuple) and child.key in chosen]
    indexes = range(len(match.value.items))
    if isinstance(chosen, slice):
        wanted: Collection[int] = indexes[chosen]
    else:
        wanted = [indexes[key] for key in chosen if isinstance(key, int) and -len(indexes) <= key < len(indexes)]
    return [child for child in match.children if child.key in wanted]


def _elements(value: Value) -> Iterator[tuple[str | int, Value]]:
    """Yield the elements of a list or the members of an object. A key with alternatives occurs several times."""
    if isinstance(value, ListValue):
        for index, item in enumerate(value.items):
            for element in _alternatives(item.element if isinstance(item, Repeated) else item):
                yield index, element
    elif isinstance(value, ObjectValue):
        for name, members in _members(value).items():
            for member in members:
                yield name, member


def _members(value: ObjectValue) -> dict[str, list[Value]]:
    """Return the possible values of each member. A certain value replaces the values before it."""
    members: dict[str, list[Value]] = {}
    for item in value.members:
        key = known_text(item.key) if isinstance(item, Pair) else None
        if isinstance(item, Pair) and key is not None:
            before = members.get(key, []) if isinstance(item.value, Choice) else []
            members[key] = [*before, *_alternatives(item.value)]
    return members


def _alternatives(value: Value) -> list[Value]:
    """Return the possible values, without an absent one."""
    if isinstance(value, Choice):
        return [item for arm in value.arms for item in _alternatives(arm.value)]
    return [] if isinstance(value, Absent) else [value]
