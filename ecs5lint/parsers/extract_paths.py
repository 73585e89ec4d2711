"""JSONPath over values: what a path leads to in a document, and what that is in.

jsonpath-ng reads the path, and this follows it, since what is followed has alternatives and places. Steps lead
downwards only: the configuration may come from a stranger, and so the work for each step is bounded by the size of the
document, and there are neither regular expressions nor calculations.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from ecs5lint.values import Absent, Choice, ListValue, ObjectValue, Pair, Repeated, Value, known_text

if TYPE_CHECKING:
    from jsonpath_ng import JSONPath

_MAX_LENGTH = 1000
_MAX_STEPS = 20


class Step(NamedTuple):
    """A step downwards: the names, positions or slice of what is taken, None for all, and whether at every depth."""

    chosen: tuple[str | int, ...] | slice | None
    at_every_depth: bool = False


class Match(NamedTuple):
    """A value in a document, the way to it, and the object or list that it is in."""

    value: Value
    address: str = ""
    parent: Match | None = None


def compile_path(text: str) -> list[Step]:
    """Return the steps of a JSONPath. Raises ValueError, with a message for the user."""
    from jsonpath_ng.exceptions import JSONPathError
    from jsonpath_ng.jsonpath import Root
    from jsonpath_ng.parser import parse

    if len(text) > _MAX_LENGTH:
        raise ValueError(f"it is longer than {_MAX_LENGTH} characters")
    try:
        path = parse(text)
    except JSONPathError as error:
        raise ValueError(str(error)) from None
    steps = [] if isinstance(path, Root) else _steps(path)
    if len(steps) > _MAX_STEPS:
        raise ValueError(f"it has more than {_MAX_STEPS} steps")
    return steps


def _steps(path: JSONPath) -> list[Step]:
    from jsonpath_ng import jsonpath

    if isinstance(path, (jsonpath.Child, jsonpath.Descendants)):
        before = [] if isinstance(path.left, jsonpath.Root) else _steps(path.left)
        first, *rest = _steps(path.right)
        return [*before, first._replace(at_every_depth=isinstance(path, jsonpath.Descendants)), *rest]
    if isinstance(path, jsonpath.Index):
        return [Step(path.indices)]
    if isinstance(path, jsonpath.Slice):
        return [Step(slice(path.start, path.end, path.step))]
    if str(path) == "*":
        return [Step(None)]
    if isinstance(path, jsonpath.Fields):
        return [Step(path.fields)]
    raise ValueError(f"{path} is not supported: names, positions, slices, * and .. are")


def find(steps: list[Step], document: Value) -> list[Match]:
    """Return what a path leads to in a document, in every alternative that a template writes."""
    matches = [Match(value) for value in _alternatives(document)]
    for step in steps:
        above = _with_descendants(matches) if step.at_every_depth else matches
        matches = list(_unique(child for match in above for child in _children(match, step.chosen)))
    return matches


def _with_descendants(matches: Iterable[Match]) -> Iterator[Match]:
    """Yield matches and everything in them, each once."""
    seen: set[tuple[str, int]] = set()
    pending = list(matches)
    while pending:
        match = pending.pop()
        if (match.address, id(match.value)) not in seen:
            seen.add((match.address, id(match.value)))
            yield match
            pending += _children(match, None)


def _unique(matches: Iterable[Match]) -> Iterator[Match]:
    return iter({(match.address, id(match.value)): match for match in matches}.values())


def _children(match: Match, chosen: tuple[str | int, ...] | slice | None) -> Iterator[Match]:
    """Yield those of the elements or members of a value that are chosen."""
    value, address, _ = match
    if isinstance(value, ListValue):
        for index in _positions(len(value.items), chosen):
            item = value.items[index]
            for child in _alternatives(item.element if isinstance(item, Repeated) else item):
                yield Match(child, f"{address}[{index}]", match)
    elif isinstance(value, ObjectValue):
        for key, children in _members(value).items():
            if chosen is None or (isinstance(chosen, tuple) and key in chosen):
                for child in children:
                    yield Match(child, f"{address}.{key}" if address else key, match)


def _positions(count: int, chosen: tuple[str | int, ...] | slice | None) -> Iterable[int]:
    positions = range(count)
    if chosen is None or isinstance(chosen, slice):
        return positions if chosen is None else positions[chosen]
    return [positions[index] for index in chosen if isinstance(index, int) and -count <= index < count]


def _members(value: ObjectValue) -> dict[str, list[Value]]:
    """Return what the members of an object can be; one that is written for certain comes in place of those before."""
    members: dict[str, list[Value]] = {}
    for item in value.members:
        key = known_text(item.key) if isinstance(item, Pair) else None
        if isinstance(item, Pair) and key is not None:
            before = members.get(key, []) if isinstance(item.value, Choice) else []
            members[key] = [*before, *_alternatives(item.value)]
    return members


def _alternatives(value: Value) -> list[Value]:
    """Return what a value can be, if it is there."""
    if isinstance(value, Choice):
        return [item for arm in value.arms for item in _alternatives(arm.value)]
    return [] if isinstance(value, Absent) else [value]
