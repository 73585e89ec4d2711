"""Suppress findings that someone has accepted, with a reason.

This module tells at low cost whether a run can have suppressions. The other modules are imported only if it can.
"""

from __future__ import annotations

from collections.abc import Iterable

from ecs5lint.light_typing import TYPE_CHECKING
from ecs5lint.location import Source, written_in
from ecs5lint.settings.settings import Settings
from ecs5lint.values.kinds import ObjectValue

if TYPE_CHECKING:
    from ecs5lint.model.resource import Subject

#: The start of this linter's comments, and marks in those of checkov, trivy and KICS.
MARK = "ecs5lint:"
OTHER_MARKS = (":skip=", ":ignore:", "kics-scan disable=")


def may_be_suppressed(resources: Iterable[Subject], sources: Iterable[Source], settings: Settings) -> bool:
    """Tell whether anything may suppress a result about one of the resources, whose results are in these sources."""
    if settings.suppressions:
        return True
    if any(
        isinstance(metadata, ObjectValue)
        for resource in resources
        for metadata in (resource.metadata, resource.template_metadata)
    ):
        return True
    return any(mark in source.text for source in commented(sources) for mark in (MARK, *OTHER_MARKS))


def commented(sources: Iterable[Source]) -> list[Source]:
    """Return the sources that may have comments, without duplicates."""
    found: dict[tuple[str, str], Source] = {}
    for source in map(written_in, sources):
        if source.syntax != "json":
            found.setdefault((source.path, source.syntax), source)
    return [found[key] for key in sorted(found)]
