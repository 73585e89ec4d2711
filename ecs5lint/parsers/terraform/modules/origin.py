"""Where an instance of a module stands among the others of a run."""

from __future__ import annotations

from typing import NamedTuple

from ecs5lint.model.task_definition import Call
from ecs5lint.values.alternatives import Path
from ecs5lint.values.kinds import NO_ASSUMPTIONS, Assumptions


class Origin(NamedTuple):
    """Where a module stands: the prefix of its addresses, its ancestors' directories, the calls to it, and when.

    `assumptions` are the defaults that say which module is called.
    """

    address: str = ""
    directories: tuple[str, ...] = ()
    calls: tuple[Call, ...] = ()
    path: Path = ()
    assumptions: Assumptions = NO_ASSUMPTIONS
