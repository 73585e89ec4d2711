"""Combine all kinds of suppressions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import chain

from ecs5lint.findings.suppressions import commented, comments, configured, metadata, others
from ecs5lint.findings.suppressions.claim import Claim
from ecs5lint.location import Source, Span
from ecs5lint.model.result import SUPPRESSED, Result, Suppression, resources_of, sources_of
from ecs5lint.notices import Notice
from ecs5lint.rules import selected
from ecs5lint.settings.settings import Settings


def suppress(
    results: Sequence[Result],
    settings: Settings,
    comments_in: Callable[[Source], list[Span]],
    *,
    today: str,
    paths: Sequence[str] | None = None,
    is_complete: bool = True,
) -> tuple[list[Result], list[Notice]]:
    """Return the results with verdict `suppressed` where a suppression applies, and the notices about suppressions.

    `results` must have all results of a run, since a suppression selects one container among others. `comments_in`
    returns the comments in a text, `today` is YYYY-MM-DD, and `paths` are the paths to check, with None for everything.
    If not `is_complete`, some input was unreadable, so unused suppressions are not reported.
    """
    sources = commented(sources_of(results, resources_of(results)))
    rules = selected(settings.select, settings.ignore)
    claims: Iterable[Claim | Notice] = chain(
        comments.claims(results, rules, sources, comments_in),
        metadata.claims(results, rules, today),
        configured.claims(results, rules, settings.suppressions, today, paths),
        others.claims(results, sources, comments_in, today) if settings.honor_other_linters else (),
    )
    covered: dict[int, Suppression] = {}
    notices: dict[Notice, None] = {}
    idle: list[Claim] = []
    busy: set[tuple[str, Span | None]] = set()
    for item in claims:
        if isinstance(item, Notice):
            notices[item] = None
        elif item.findings:
            busy.add((item.rule, item.suppression.span))
            for index in item.findings:
                covered.setdefault(index, item.suppression)
        else:
            idle.append(item)
    for claim in idle if is_complete else ():
        # A container may have several results, for example one for each caller. The same suppression may match a
        # finding in only some of them.
        if claim.idle and (claim.suppression.span is None or (claim.rule, claim.suppression.span) not in busy):
            notices[claim.idle._replace(is_unused=True)] = None
    suppressed = [_suppressed(result, covered.get(index)) for index, result in enumerate(results)]
    return suppressed, sorted(notices, key=lambda notice: (notice.path, notice.position))


def _suppressed(result: Result, suppression: Suppression | None) -> Result:
    return result._replace(verdict=SUPPRESSED, suppression=suppression) if suppression else result
