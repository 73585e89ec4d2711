"""What a module, or a file that calls modules, calls."""

from __future__ import annotations

from typing import NamedTuple

from ecs5lint.location import Span
from ecs5lint.parsers.terraform.modules.sources import directory_in_repository

SOURCE_UNKNOWN = "its source is unknown"
FROM_GIT = "its source may be this module in Git"


class PossibleCall(NamedTuple):
    """A call whose source is not known: what reports call it, where it is, and the names of its inputs.

    `is_strict` tells that it fits no module that does not declare all of these. `ending` is how the source ends, and
    `sets_more` tells that it may set further variables. `doubt` says what is not known.
    """

    name: str
    span: Span
    inputs: frozenset[str]
    is_strict: bool = True
    ending: str = ""
    sets_more: bool = False
    doubt: str = SOURCE_UNKNOWN


class Calls(NamedTuple):
    """What a module calls: directories with a module in them, and calls whose source may be another one.

    `concerns_ecs` tells that it calls a module that is not in the tree, or not known, and that may have to do with ECS;
    `has_elsewhere`, that it calls any that is not in the tree. For what calls modules and is none itself, `included`
    are the files that are a part of it, and `is_unread` tells that it cannot be read.
    """

    local: tuple[str, ...] = ()
    possible: tuple[PossibleCall, ...] = ()
    concerns_ecs: bool = False
    has_elsewhere: bool = False
    included: tuple[str, ...] = ()
    is_unread: bool = False


def from_git(name: str, span: Span, names: frozenset[str], source: str, is_strict: bool = True) -> list[PossibleCall]:
    """Return the call of a module in a Git repository, which may be one of this tree in another version."""
    path = directory_in_repository(source)
    if not path or not names:
        return []
    return [PossibleCall(name, span, names, is_strict, f"/{path}", doubt=FROM_GIT)]
