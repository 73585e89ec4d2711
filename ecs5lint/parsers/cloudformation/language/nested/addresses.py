"""Locate the template of a nested stack: by a path, a CDK asset, or an address whose end names a file.

A template in a bucket keeps the end of its path. So the longest suffix of an address that names exactly one file of the
tree identifies the template.

https://docs.aws.amazon.com/cdk/v2/guide/assets.html
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterator

from ecs5lint.files.workspace import Workspace
from ecs5lint.light_typing import NamedTuple
from ecs5lint.location import Failure
from ecs5lint.parsers.cloudformation.language.template import scalar_text
from ecs5lint.text.json_document import parse_document
from ecs5lint.values.kinds import Known, ObjectValue, Pair, Text, Value, known_text
from ecs5lint.values.members import nested_member

#: The start of an address: a scheme, and a host or bucket.
_SCHEME = re.compile(r"[A-Za-z][\w+.-]*://[^/]*")
_MANIFEST = ".assets.json"


class Named(NamedTuple):
    """The files that a location may refer to. `is_certain` tells whether there is exactly one."""

    paths: tuple[str, ...] = ()
    is_certain: bool = False


class Tree:
    """The templates of a tree, indexed by the ends of their paths."""

    def __init__(self, workspace: Workspace, files: Collection[str]) -> None:
        self.files = tuple(files)
        self._workspace = workspace
        self._by_name: dict[str, list[str]] = {}
        for path in self.files:
            self._by_name.setdefault(posixpath.basename(path), []).append(path)
        self._assets: dict[str, dict[str, str]] = {}

    def named(self, address: Value, directory: str, around: Collection[str] = ()) -> Named | None:
        """Return the files that an address in a file of `directory` may refer to, or None for an unknown address.

        It certainly does not refer to the files in `around`.
        """
        end = _known_end(address)
        if not end:
            return None
        text, has_whole_name = end
        parts = [part for part in text.split("/") if part not in ("", ".", "..")]
        if not parts:
            return None
        asset = self._asset(directory, parts[-1])
        if asset:
            return Named((asset,), True)
        if not has_whole_name:
            found = {path for path in self.files if path.endswith(text)} - set(around)
            return Named(
                tuple(sorted(found)), {posixpath.basename(path) for path in found} == {text} and len(found) == 1
            )
        for count in range(len(parts), 0, -1):
            found = self._ending(parts[-count:], directory) - set(around)
            if found:
                return Named(tuple(sorted(found)), len(found) == 1)
        return Named()

    def _ending(self, parts: list[str], directory: str) -> set[str]:
        """Return the files whose paths end with the parts, in the tree and in a directory or above it."""
        suffix = "/".join(parts)
        found = {path for path in self._by_name.get(parts[-1], ()) if f"/{path}".endswith(f"/{suffix}")}
        for above in _directories(directory):
            path = posixpath.normpath(posixpath.join(above, suffix))
            if self._workspace.is_file(path):
                found.add(path)
        return found

    def _asset(self, directory: str, name: str) -> str | None:
        """Return the file that a CDK manifest in a directory publishes under a name."""
        if directory not in self._assets:
            assets: dict[str, str] = {}
            for entry in self._workspace.entries(directory):
                if entry.endswith(_MANIFEST):
                    assets.update(self._published(directory, entry))
            self._assets[directory] = assets
        return self._assets[directory].get(name)

    def _published(self, directory: str, manifest: str) -> Iterator[tuple[str, str]]:
        try:
            document = parse_document(self._workspace.read(posixpath.join(directory, manifest), "json"))
        except Failure:
            return
        files = nested_member(document, "files")
        for asset in files.members if isinstance(files, ObjectValue) else ():
            path = known_text(nested_member(asset.value, "source", "path")) if isinstance(asset, Pair) else None
            destinations = nested_member(asset.value, "destinations") if isinstance(asset, Pair) else None
            for item in destinations.members if isinstance(destinations, ObjectValue) else ():
                key = known_text(nested_member(item.value, "objectKey")) if isinstance(item, Pair) else None
                if key and path:
                    yield posixpath.basename(key), posixpath.normpath(posixpath.join(directory, path))


def _known_end(address: Value) -> tuple[str, bool] | None:
    """Return the known end of a location, and whether its last name is complete. Return None if nothing is known."""
    parts = address.parts if isinstance(address, Text) else (address,)
    known: list[str] = []
    for part in reversed(parts):
        if not isinstance(part, Known):
            text = _without_query("".join(reversed(known)))
            return (text, "/" in text) if text else None
        known.append(scalar_text(part))
    return _without_query(_SCHEME.sub("", "".join(reversed(known)))), True


def _without_query(text: str) -> str:
    return text.partition("?")[0].partition("#")[0]


def _directories(directory: str) -> Iterator[str]:
    """Yield a directory and all directories above it, up to the working directory."""
    yield directory or "."
    while directory not in ("", ".", "/") and not directory.endswith(".."):
        directory = posixpath.dirname(directory)
        yield directory or "."
