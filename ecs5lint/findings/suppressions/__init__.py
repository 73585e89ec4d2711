"""Findings that someone has excepted, with a reason: from verdicts to verdicts.

Whether there can be a suppression in a run is told here, at little cost; the rest is imported only if so.
"""

from __future__ import annotations

from collections.abc import Sequence

from ecs5lint.location import DerivedSource, Source
from ecs5lint.model.result import Result
from ecs5lint.settings.settings import Settings
from ecs5lint.values.kinds import ObjectValue

#: What begins a comment of this linter, and what is in one of checkov.
MARK = "ecs5lint:"
CHECKOV_MARK = ":skip="


def may_be_suppressed(results: Sequence[Result], settings: Settings) -> bool:
    """Tell whether there is anything that may suppress one of the results."""
    if settings.suppressions:
        return True
    if any(
        isinstance(metadata, ObjectValue)
        for result in results
        for metadata in (result.task_definition.metadata, result.task_definition.template_metadata)
    ):
        return True
    return any(MARK in source.text or CHECKOV_MARK in source.text for source in commented_sources(results))


def commented_sources(results: Sequence[Result]) -> list[Source]:
    """Return the texts that the results come from and that can have comments, each once."""
    sources: dict[tuple[str, str], Source] = {}
    for result in results:
        task_definition = result.task_definition
        spans = [result.location, task_definition.location, *(call.span for call in task_definition.via)]
        for source in (written_in(span.source) for span in spans):
            if source.syntax != "json":
                sources.setdefault((source.path, source.syntax), source)
    return [sources[key] for key in sorted(sources)]


def written_in(source: Source) -> Source:
    """Return the source that a text stands in, be it derived from that or not."""
    while isinstance(source, DerivedSource):
        source = source.origin
    return source
