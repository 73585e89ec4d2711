"""Apply the suppressions in the configuration, for files that can't have comments."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from fnmatch import translate
from functools import cache

from ecs5lint.files.globs import Globs
from ecs5lint.findings.suppressions.claim import Claim, expired, is_finding
from ecs5lint.location import Source, Span
from ecs5lint.model.result import Result, Suppression
from ecs5lint.notices import Notice
from ecs5lint.settings.settings import ConfiguredSuppression
from ecs5lint.settings.suggestion import suggestion

_ANY_PATH = "**"

#: The maximum number of suppressions whose names are compared with the known ones.
_MAX_COMPARED = 50


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
    of_rules = {rule: [item for item in enumerate(results) if item[1].rule == rule] for rule in rules}
    addresses = frozenset(result.resource.address for result in results)
    containers = frozenset(result.container or "" for result in results)
    files = {result.location.path for result in results}
    matching = cache(_matching)
    span_of_line = _lines(suppressions)
    compared = 0
    for item in suppressions:
        if item.rule not in rules:
            continue
        span = span_of_line(*item.at)
        if _matches_everything(item):
            message = "this exception matches every finding: name a path, an address or a container"
            yield Notice(message, span.path, span)
        matches_path = _path_matcher(item)
        in_files = {path for path in files if matches_path(path)}
        at_addresses = matching(item.address, addresses) if in_files else frozenset()
        about = [
            (index, result)
            for index, result in (of_rules[item.rule] if at_addresses else ())
            if result.location.path in in_files and result.resource.address in at_addresses
        ]
        named = matching(item.container, containers) if about else frozenset()
        findings = [
            (index, result) for index, result in about if (result.container or "") in named and is_finding(result)
        ]
        if findings and item.expires is not None and item.expires < today:
            yield Notice(expired(item.expires, [result for _, result in findings]), span.path, span)
            continue
        why = "no finding matches it"
        if not findings and compared < _MAX_COMPARED:
            compared += 1
            why = _unknown_name(item, of_rules[item.rule], in_files, about) or why
        idle = Notice(f"unused suppression: {why}", span.path, span)
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


def _unknown_name(
    item: ConfiguredSuppression,
    results: Sequence[tuple[int, Result]],
    in_files: Set[str],
    about: Sequence[tuple[int, Result]],
) -> str:
    """Return an unknown name in a suppression and the most similar known one, or an empty text if there is none.

    `about` are those of the `results` with a matching path and address.
    """
    if about:
        return _nearest("container", item.container, [result.container or "" for _, result in about])
    here = [result for _, result in results if result.location.path in in_files]
    return _nearest("address", item.address, [result.resource.address for result in here])


def _nearest(key: str, name: str, known: Iterable[str]) -> str:
    """Return an unknown name and the most similar known one, or an empty text if there are no such names."""
    names = dict.fromkeys(filter(None, known))
    if name in names or "*" in name or "?" in name:
        return ""
    near = suggestion(name, names)
    return f'unknown {key} "{name}"; {near}' if near.startswith("did you mean") else ""


def _matches_everything(item: ConfiguredSuppression) -> bool:
    """Tell whether a suppression has only globs that match everything."""
    is_any_path = set(item.path) <= {"*", "/"}
    return is_any_path and set(item.address) == {"*"} and set(item.container) == {"*"}


def _path_matcher(item: ConfiguredSuppression) -> Callable[[str], bool]:
    """Return a function that tells whether a path matches."""
    if item.path == _ANY_PATH:
        return lambda _path: True
    from ecs5lint.files.gitignore import Patterns

    return Patterns([Globs((item.path,), item.directory)]).match


def _matching(glob: str, texts: frozenset[str]) -> frozenset[str]:
    """Return the texts that match a glob.

    Only `*` and `?` are special, because Terraform addresses contain brackets.
    """
    if glob == "*":
        return texts
    matches = re.compile(translate(glob.replace("[", "[[]"))).match
    return frozenset(filter(matches, texts))


def _lines(suppressions: Sequence[ConfiguredSuppression]) -> Callable[[str, int], Span]:
    """Return a function from a configuration file and a line to the start of the line.

    Only the line numbers of these suppressions are known.
    """
    last: dict[str, int] = {}
    for item in suppressions:
        path, line = item.at
        last[path] = max(line, last.get(path, 1))
    sources = {path: Source(path, "\n" * (line - 1), "toml") for path, line in last.items()}
    return lambda path, line: Span(sources[path], line - 1, line - 1)
