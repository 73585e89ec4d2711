"""Define the calls of a module, or of a file that calls modules."""

from __future__ import annotations

from ecs5lint.light_typing import NamedTuple
from ecs5lint.location import Span
from ecs5lint.parsers.terraform.modules.sources import directory_in_package

SOURCE_UNKNOWN = "its source is unknown"
FROM_PACKAGE = "its source may be a version of this module"


class PossibleCall(NamedTuple):
    """A call with an unknown source: its name in reports, its span, and the names of its inputs.

    If `is_strict`, it fits only modules that declare all of these inputs. `ending` is the known end of the source,
    `sets_more` tells whether the call may set other variables, and `doubt` is the reason why the source is unknown.
    """

    name: str
    span: Span
    inputs: frozenset[str]
    is_strict: bool = True
    ending: str = ""
    sets_more: bool = False
    doubt: str = SOURCE_UNKNOWN


class Calls(NamedTuple):
    """The calls of a module: directories with a module in them, and calls with an uncertain source.

    `concerns_ecs` tells whether it calls a module that is unknown or outside the tree, and that may concern ECS.
    `has_elsewhere` tells whether it calls any module outside the tree. For a caller that is no module, `included` lists
    its other files. `is_unread` tells whether one of its files is unreadable, so that it may have other calls.
    """

    local: tuple[str, ...] = ()
    possible: tuple[PossibleCall, ...] = ()
    concerns_ecs: bool = False
    has_elsewhere: bool = False
    included: tuple[str, ...] = ()
    is_unread: bool = False


def from_package(
    name: str, span: Span, names: frozenset[str], source: str, is_strict: bool = True
) -> list[PossibleCall]:
    """Return the call of a module in a repository or an archive, which may be a version of a module in this tree."""
    path = directory_in_package(source)
    if not path:
        return []
    return [PossibleCall(name, span, names, is_strict, f"/{path}", doubt=FROM_PACKAGE)]
