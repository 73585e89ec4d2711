"""Suppress findings that someone has accepted, with a reason.

This module tells at low cost whether a run can have suppressions. The other modules are imported only if it can.
"""

from __future__ import annotations

from collections.abc import Sequence

from ecs5lint.light_typing import TYPE_CHECKING
from ecs5lint.location import Source, written_in
from ecs5lint.model.result import Result, resources_of
from ecs5lint.settings.settings import Settings
from ecs5lint.values.kinds import ObjectValue

if TYPE_CHECKING:
    from ecs5lint.model.resource import Subject

#: The start of this linter's comments, and marks in those of checkov, trivy and KICS.
MARK = "ecs5lint:"
OTHER_MARKS = (":skip=", ":ignore:", "kics-scan disable=")


def may_be_suppressed(results: Sequence[Result], settings: Settings) -> bool:
    """Tell whether anything may suppress one of the results."""
    if settings.suppressions:
        return True
    resources = resources_of(results)
    if any(
        isinstance(metadata, ObjectValue)
        for resource in resources
        for metadata in (resource.metadata, resource.template_metadata)
    ):
        return True
    sources = commented_sources(results, resources)
    return any(mark in source.text for source in sources for mark in (MARK, *OTHER_MARKS))


def commented_sources(results: Sequence[Result], resources: Sequence[Subject]) -> list[Source]:
    """Return the sources of results and their resources that may have comments, without duplicates."""
    found = dict.fromkeys([result.location.source for result in results])
    for resource in resources:
        found.update(dict.fromkeys(span.source for span in (resource.location, *(call.span for call in resource.via))))
    sources: dict[tuple[str, str], Source] = {}
    for source in map(written_in, found):
        if source.syntax != "json":
            sources.setdefault((source.path, source.syntax), source)
    return [sources[key] for key in sorted(sources)]
