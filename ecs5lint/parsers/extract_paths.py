"""JSONPath over values: what a path leads to in a document, with the place it is written at.

jsonpath-ng finds its way through lists and dictionaries. Here they are made from values, and know which.

The configuration may come from a stranger, so a path may only lead downwards: then the work grows with the size of the
document, and not with its square. Those of its functions that match regular expressions or calculate are not there.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from ecs5lint.location import Span
from ecs5lint.values import (
    Absent,
    Choice,
    ListValue,
    ObjectValue,
    Pair,
    Repeated,
    TooManyAlternatives,
    Value,
    known_text,
)

if TYPE_CHECKING:
    from jsonpath_ng import JSONPath

#: How long a path may be, and how often it may look at all depths.
_MAX_LENGTH = 1000
_MAX_DESCENTS = 2

#: How many alternatives that a template writes in one place are looked at.
_MAX_ALTERNATIVES = 16


class Match(NamedTuple):
    """A value that a path leads to, the way to it, and the objects and lists that it is in, the nearest first."""

    value: Value
    address: str
    within: tuple[ObjectValue | ListValue, ...]


class _Object(dict[str, Any]):
    """An object value as a dictionary."""

    def __init__(self, value: ObjectValue, address: str, parent: _Object | _List | None) -> None:
        super().__init__()
        self.value, self.address, self.parent = value, address, parent


class _List(list[Any]):
    """A list value as a list."""

    def __init__(self, value: ListValue, address: str, parent: _Object | _List | None) -> None:
        super().__init__()
        self.value, self.address, self.parent = value, address, parent


def compile_path(text: str) -> JSONPath:
    """Return a JSONPath that only leads downwards. Raises ValueError, with a message for the user."""
    from jsonpath_ng import Child, Descendants, Fields, Index, Root, Slice, jsonpath
    from jsonpath_ng.exceptions import JSONPathError
    from jsonpath_ng.parser import parse

    steps = (Fields, Index, Slice, getattr(jsonpath, "Wildcard", Fields))

    def check(path: JSONPath, is_first: bool) -> int:
        """Return how often a path looks at all depths."""
        if isinstance(path, (Child, Descendants)):
            return check(path.left, is_first) + check(path.right, False) + isinstance(path, Descendants)
        if not isinstance(path, steps) and not (is_first and isinstance(path, Root)):
            raise ValueError(f"{path} is not supported: keys, positions, * and .. are")
        return 0

    if len(text) > _MAX_LENGTH:
        raise ValueError(f"it is longer than {_MAX_LENGTH} characters")
    try:
        path = parse(text)
        descents = check(path, is_first=True)
    except JSONPathError as error:
        raise ValueError(str(error)) from None
    except RecursionError:
        raise ValueError("it is too long") from None
    if descents > _MAX_DESCENTS:
        raise ValueError(f"it has more than {_MAX_DESCENTS} times ..")
    return path


def find(path: JSONPath, document: Value) -> Iterator[Match]:
    """Yield what a path leads to in a document, each value once, in every alternative that a template writes.

    Raises RecursionError for a document that is nested too deep for the path, and TooManyAlternatives.
    """
    found: set[tuple[str, Span | None]] = set()
    alternative = 0
    while True:
        reader = _Reader(alternative)
        for datum in path.find(reader.plain(document, "", None)):
            node = datum.value
            is_node = isinstance(node, (_Object, _List))
            value: Value = node.value if is_node else node
            parent = node.parent if is_node else datum.context.value if datum.context else None
            address = node.address if is_node or parent is None else f"{parent.address}.{datum.path}"
            if (address, value.span) not in found:
                found.add((address, value.span))
                yield Match(value, address, tuple(_enclosing(parent)))
        alternative += 1
        if alternative >= reader.alternatives:
            return
        if alternative >= _MAX_ALTERNATIVES:
            raise TooManyAlternatives


def _enclosing(node: _Object | _List | None) -> Iterator[ObjectValue | ListValue]:
    while node is not None:
        yield node.value
        node = node.parent


class _Reader:
    """Turns values into plain lists and dictionaries, with the one at the index `alternative` of several in a place.

    `alternatives` is the largest number of them that there was in a place.
    """

    def __init__(self, alternative: int) -> None:
        self.alternatives = 1
        self._alternative = alternative

    def plain(self, value: Value, address: str, parent: _Object | _List | None) -> _Object | _List | Value:
        return self._chosen(_alternatives(value), address, parent)

    def _chosen(self, values: list[Value], address: str, parent: _Object | _List | None) -> _Object | _List | Value:
        self.alternatives = max(self.alternatives, len(values))
        value = values[min(self._alternative, len(values) - 1)]
        if isinstance(value, ListValue):
            items = _List(value, address, parent)
            for index, item in enumerate(value.items):
                element = item.element if isinstance(item, Repeated) else item
                items.append(self.plain(element, f"{address}[{index}]", items))
            return items
        if isinstance(value, ObjectValue):
            members = _Object(value, address, parent)
            for key, alternatives in _members(value).items():
                members[key] = self._chosen(alternatives, f"{address}.{key}" if address else key, members)
            return members
        return value


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
    """Return what a value can be. There is nothing only if there is nothing in any case."""
    if not isinstance(value, Choice):
        return [value]
    found = [item for arm in value.arms for item in _alternatives(arm.value)]
    return [item for item in found if not isinstance(item, Absent)] or found[:1]
