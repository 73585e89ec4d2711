"""What a module, or a file that calls modules, calls."""

from __future__ import annotations

from typing import NamedTuple

from ecs5lint.location import Span


class PossibleCall(NamedTuple):
    """A call whose source is not known: what reports call it, where it is, and the names of its inputs.

    `is_strict` tells that it fits no module that does not declare all of these. `ending` is how the source ends, and
    `sets_more` tells that it may set further variables.
    """

    name: str
    span: Span
    inputs: frozenset[str]
    is_strict: bool = True
    ending: str = ""
    sets_more: bool = False


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
