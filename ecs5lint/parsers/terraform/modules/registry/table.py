"""Look up well-known modules that are not installed.

The data comes from the sources of these modules: modules.json.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator

from ecs5lint.parsers.terraform.language.scope import Scope
from ecs5lint.parsers.terraform.modules.module_scope import ModuleScope
from ecs5lint.parsers.terraform.modules.registry.known_module import Entry, KnownModule
from ecs5lint.parsers.terraform.modules.registry.versions import (
    Range,
    allowed_versions,
    intersection,
    module_source,
    parsed,
)
from ecs5lint.parsers.terraform.syntax.blocks import Block
from ecs5lint.parsers.terraform.syntax.errors import EvaluationError
from ecs5lint.values.alternatives import leaves
from ecs5lint.values.conditions import TooManyAlternatives
from ecs5lint.values.kinds import NO_ASSUMPTIONS, Assumptions, known_text

#: Keys of a version that name one or several inputs.
_INPUT_KEYS = ("input defaults name override instead further switches context unless only_for inputs family").split()

_table: list[Entry] | None = None


def _modules() -> list[Entry]:
    global _table
    if _table is None:
        path = os.path.join(os.path.dirname(__file__), "modules.json")
        with open(path, encoding="utf-8") as file:
            _table = json.load(file)["modules"]
    return _table


def known_module(call: Block, source: str, module: ModuleScope, scope: Scope, address: str) -> KnownModule | None:
    """Return the known module for a call with this `source`, or None if the table doesn't have it.

    It is also None if the call can't use any version in the table.
    """
    found = module_source(source)
    entry = next((entry for entry in _modules() if entry["source"] == found.name), None)
    if entry is None:
        return None
    constraints, assumptions = _constraints(found.constraint, call, module, scope)
    allowed = [item for constraint in constraints for item in allowed_versions(constraint)]
    possible = _possible(entry["versions"], allowed)
    versions = tuple(version for version in possible if _takes(version, entry, call))
    if not versions:
        return None
    ranges = _taken(entry, allowed, [version["from"] for version in versions])
    settings = _settings(entry, ranges)
    return KnownModule(entry, versions, settings, ranges, assumptions, call, module, scope, address)


def setting_inputs(source: str) -> list[str]:
    """Return the inputs that set readonlyRootFilesystem in the versions of a well-known module, newest first."""
    name = module_source(source).name
    entry = next((entry for entry in _modules() if entry["source"] == name), None)
    versions = entry["versions"] if entry else []
    return list(dict.fromkeys(version["input"] for version in reversed(versions) if "input" in version))


def _constraints(own: str | None, call: Block, module: ModuleScope, scope: Scope) -> tuple[list[str], Assumptions]:
    """Return the possible version constraints of a call, and the defaults that they rely on.

    An empty constraint stands for an unknown version.
    """
    argument = call.argument("version")
    if own is not None or argument is None:
        return [own or ""], NO_ASSUMPTIONS
    try:
        value = module.value_of(argument, scope)
        found = leaves(value)
    except (EvaluationError, TooManyAlternatives):
        return [""], NO_ASSUMPTIONS
    assumptions = NO_ASSUMPTIONS.union(*(leaf.assumptions for _, leaf in found))
    return [known_text(leaf) or "" for _, leaf in found], assumptions


def _taken(entry: Entry, allowed: list[Range], starts: list[str]) -> tuple[Range, ...]:
    """Return the ranges of the possible versions: those of the entry that begin at `starts`, as far as allowed."""
    own = zip(entry["versions"], _ranges(entry["versions"]), strict=True)
    taken = [item for version, item in own if version["from"] in starts]
    return tuple(both for item in taken for other in allowed if (both := intersection(item, other)))


def _settings(entry: Entry, possible: tuple[Range, ...]) -> tuple[Entry, ...]:
    """Return the settings of the possible versions.

    In the table, settings have the changes since the settings before them.
    """
    rows: list[Entry] = []
    for row in entry.get("settings", ()):
        before = rows[-1] if rows else {}
        parts = {part: {**before.get(part, {}), **row.get(part, {})} for part in ("container", "task")}
        rows.append({"from": row["from"], "unless_given": row.get("unless_given", ()), **parts})
    if not rows:
        return ()
    # Versions before the first settings have none.
    rows = [{"from": "0.0.0", "unless_given": ()}, *rows] if parsed(rows[0]["from"]) > (0, 0, 0) else rows
    return tuple(
        row for row, its in zip(rows, _ranges(rows), strict=True) if any(its.shares(item) for item in possible)
    )


def _ranges(versions: list[Entry]) -> list[Range]:
    starts = [parsed(version["from"]) for version in versions]
    return [Range(start, end) for start, end in zip(starts, [*starts[1:], None], strict=True)]


def _possible(versions: list[Entry], allowed: list[Range]) -> list[Entry]:
    ranges = _ranges(versions)
    return [
        version for version, its in zip(versions, ranges, strict=True) if any(its.shares(other) for other in allowed)
    ]


def _takes(version: Entry, entry: Entry, call: Block) -> bool:
    """Tell whether a version has the inputs of a call. Terraform refuses a call with any other input."""
    others = {name for other in entry["versions"] for name in _inputs(other)} - set(_inputs(version))
    return not any(argument.name in others for argument in call.arguments())


def _inputs(version: Entry) -> Iterator[str]:
    """Yield the inputs of the module itself that a version names."""
    for key in _INPUT_KEYS:
        found = version.get(key, ())
        if key == "family":
            found = found[:1]
        yield from (found,) if isinstance(found, str) else found
