"""Read `# ecs5lint: ignore[ECS5] the reason` on the lines of a container, or on the line above it.

A comment applies to the rules that it names, and to one container definition in the source, regardless of the number of
task definitions that use it. If it could apply to several containers, it applies to none, and a notice reports it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from ecs5lint.findings.suppressions import MARK
from ecs5lint.findings.suppressions.claim import Claim, described, names, no_such_rule
from ecs5lint.findings.suppressions.targets import Comment, Target, Targets
from ecs5lint.light_typing import NamedTuple
from ecs5lint.location import Source, Span
from ecs5lint.model.result import Result, Suppression
from ecs5lint.notices import Notice
from ecs5lint.rules import rule_named
from ecs5lint.text.visible import is_blank

#: The mark at the start of a comment, of a line in it, or of another comment in it.
_DIRECTIVE = re.compile(r"(?m)(?:^|#|//|/\*)[ \t*]*ecs5lint:[ \t]*(?P<rest>.*)")
_IGNORE = re.compile(r"ignore[ \t]*\[(?P<rules>[^\]]*)\](?P<reason>.*)")
_BEFORE_REASON = " \t:-\u2013\u2014"
_FORM = '"ecs5lint: ignore[ECS5] the reason"'


class _Ignore(NamedTuple):
    """A suppression in a comment: the rule that it names, and the reason."""

    rule: str
    reason: str


def claims(
    results: Sequence[Result],
    rules: Sequence[str],
    sources: Sequence[Source],
    comments_in: Callable[[Source], list[Span]],
) -> Iterator[Claim | Notice]:
    """Yield the claims of the comments in `sources`, and a notice for each invalid comment.

    `rules` are the rules of the run. A suppression of another rule is not reported as unused.
    """
    marked = [source for source in sources if MARK in source.text]
    by_path = _by_path(results) if marked else {}
    for source in marked:
        comments = [Comment(span) for span in comments_in(source)]
        targets = {rule: Targets(by_path.get((source.path, rule), []), source) for rule in rules}
        line_after = _line_after(comments)
        for comment in comments:
            below = comment.end[0] + 1
            for item in _read(comment.span):
                if isinstance(item, Notice):
                    yield item
                elif item.rule in targets:
                    yield _claim(item, comment, targets[item.rule].covered(comment, line_after.get(below, below)))


def _line_after(comments: Sequence[Comment]) -> dict[int, int]:
    """Return, for each line that has only a comment, the first later line with other content."""
    line_after: dict[int, int] = {}
    for comment in reversed(comments):
        if comment.is_alone:
            after = line_after.get(comment.end[0] + 1, comment.end[0] + 1)
            line_after.update(dict.fromkeys(range(comment.start[0], comment.end[0] + 1), after))
    return line_after


def _read(comment: Span) -> Iterator[_Ignore | Notice]:
    """Yield each suppression in a comment, one for each rule, or a notice for an invalid suppression."""
    for directive in _DIRECTIVE.finditer(comment.text):
        ignore = _IGNORE.match(directive["rest"])
        names = [name for name in ignore["rules"].split(",") if name.strip()] if ignore else []
        if not ignore or not names:
            yield Notice(f"invalid suppression; write {_FORM}", comment.path, comment)
            continue
        for name in names:
            if rule_named(name) is None:
                yield Notice(no_such_rule(name), comment.path, comment)
        rules = [rule for rule in map(rule_named, names) if rule]
        reason = ignore["reason"].strip().removesuffix("*/").strip(_BEFORE_REASON + "\r")
        if not rules:
            continue
        if any(character.isalnum() and not is_blank(character) for character in reason):
            yield from (_Ignore(rule, reason) for rule in dict.fromkeys(rules))
        else:
            yield Notice(f"suppression ignored: it has no reason; write {_FORM}", comment.path, comment)


def _by_path(results: Sequence[Result]) -> dict[tuple[str, str], list[tuple[int, Result]]]:
    """Return the results with their indexes, by path and rule."""
    by_path: dict[tuple[str, str], list[tuple[int, Result]]] = {}
    for index, result in enumerate(results):
        by_path.setdefault((result.location.path, result.rule), []).append((index, result))
    return by_path


def _claim(ignore: _Ignore, comment: Comment, targets: list[Target]) -> Claim:
    # A comment can't distinguish several task definitions at one position, so they count as one.
    is_shared = len(targets) > 1 or any(target.is_shared() for target in targets)
    if is_shared:
        results = [result for target in targets for result in target.results]
        message = f"ambiguous suppression, ignored: it could apply to {names(results)}; "
        message += "put each on its own lines, or use [[exceptions]]"
    elif targets:
        message = f"unused suppression: {described(targets[0].results[0])} has no finding"
    else:
        message = "unused suppression: no container on this line or the next"
    return Claim(
        ignore.rule,
        Suppression("comment", ignore.reason, comment.span),
        [] if is_shared else [index for target in targets for index in target.findings],
        Notice(message, comment.span.path, comment.span),
    )
