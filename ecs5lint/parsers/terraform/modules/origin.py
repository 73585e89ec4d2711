"""Describe the origin of a module instance within a run."""

from __future__ import annotations

from ecs5lint.light_typing import NamedTuple
from ecs5lint.model.task_definition import Call
from ecs5lint.values.alternatives import Case
from ecs5lint.values.kinds import NO_ASSUMPTIONS, Assumptions


class Origin(NamedTuple):
    """The origin of a module: its address prefix, the directories of its ancestors, the calls to it, and its case.

    `assumptions` are the defaults that determine the called module.
    """

    address: str = ""
    directories: tuple[str, ...] = ()
    calls: tuple[Call, ...] = ()
    case: Case = ()
    assumptions: Assumptions = NO_ASSUMPTIONS
