"""Apply the suppressions in the configuration, for files that can't have comments."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence, Set
from fnmatch import fnmatchcase
from functools import cache

from ecs5lint.files.globs import Globs
from ecs5lint.findings.suppressions.claim import Claim, expired, is_finding
from ecs5lint.location import Source, Span
from ecs5lint.model.result import Result, Suppression
from ecs5lint.notices import Notice
from ecs5lint.settings.settings import ConfiguredSuppression

_ANY_PATH = "**"


def claims(
    results: Sequence[Result],
    rules: Sequence[str],
    suppressions: Sequence[ConfiguredSuppression],
    today: str,
    paths: Sequence[str] | None,
) -> Iterator[Claim | Notice]:
    """Yield the claims of the configuration, and notices, for the rules of the run.

    `today` is YYYY-MM-DD. `paths` are the paths to check, with None for everything.
    """
    judged = None if paths is None else set(map(os.path.abspath, paths))
    for item in suppressions:
        if item.rule not in rules:
            continue
        span = _line(*item.at)
        if _matches_everything(item):
            message = "this exception matches every finding: name a path, an address or a container"
            yield Notice(message, span.path, span)
        matches_path = _path_matcher(item)
        about = [
            (index, result)
            for index, result in enumerate(results)
            if result.rule == item.rule
            and _matches(item.address, result.task_definition.address)
            and matches_path(result.location.path)
        ]
        findings = [
            (index, result)
            for index, result in about
            if is_finding(result) and _matches(item.container, result.container or "")
        ]
        if findings and item.expires is not None and item.expires < today:
            yield Notice(expired(item.expires, [result for _, result in findings]), span.path, span)
            continue
        idle = Notice("this suppression covers nothing: no finding matches it", span.path, span)
        # A run over a few files can't tell whether suppressions for other files are unused.
        is_judged = bool(about) or judged is None or is_within(item.directory, judged)
        suppression = Suppression("configuration", item.reason, None, item.expires)
        yield Claim(item.rule, suppression, [index for index, _ in findings], idle if is_judged else None)


def is_within(path: str, judged: Set[str]) -> bool:
    """Tell whether a path is one of the absolute paths to check, or is below one."""
    path = os.path.abspath(path)
    while path not in judged:
        path, below = os.path.dirname(path), path
        if path == below:
            return False
    return True


def _matches_everything(item: ConfiguredSuppression) -> bool:
    """Tell whether a suppression has only globs that match everything."""
    is_any_path = set(item.path) <= {"*", "/"}
    return is_any_path and set(item.address) == {"*"} and set(item.container) == {"*"}


def _path_matcher(item: ConfiguredSuppression) -> Callable[[str], bool]:
    """Return a function that tells whether a path matches.

    It caches its answers, since many results have the same path.
    """
    if item.path == _ANY_PATH:
        return lambda _path: True
    from ecs5lint.files.gitignore import Patterns

    return cache(Patterns([Globs((item.path,), item.directory)]).match)


def _matches(glob: str, text: str) -> bool:
    """Tell whether a text matches a glob.

    Only `*` and `?` are special, because Terraform addresses contain brackets.
    """
    return fnmatchcase(text, glob.replace("[", "[[]"))


def _line(path: str, line: int) -> Span:
    """Return the start of a line in a file, if only the line number is known."""
    return Span(Source(path, "\n" * (line - 1), "toml"), line - 1, line - 1)
