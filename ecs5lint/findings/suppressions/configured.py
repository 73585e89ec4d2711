"""Apply the suppressions in the configuration, for files that can't have comments."""

from __future__ import annotations

import os
import re
from bisect import bisect_left
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
#: The literal parts of a pattern, and the characters with which a pattern may mean something else.
_LITERAL = r"[^*?/\s]+"
_SPECIAL = r"[]\\[!#]|(?:^|/)\.\.?(?:/|$)"

#: Results by their container, each with its index among all results.
_ByContainer = dict[str, list[tuple[int, Result]]]

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
    of_rules = {rule: _Index(item for item in enumerate(results) if item[1].rule == rule) for rule in rules}
    addresses = Names(result.resource.address for result in results)
    containers = Names(result.container or "" for result in results)
    files = Files({result.location.path for result in results})
    span_of_line = _lines(suppressions)
    compared = 0
    for item in suppressions:
        if item.rule not in rules:
            continue
        span = span_of_line(*item.at)
        if _matches_everything(item):
            message = "this exception matches every finding: name a path, an address or a container"
            yield Notice(message, span.path, span)
        in_files = files.matching(item.path, item.directory)
        at_addresses = addresses.matching(item.address) if in_files else frozenset()
        about = of_rules[item.rule].about(in_files, at_addresses)
        named = containers.matching(item.container) if about else frozenset()
        findings = sorted(
            (index, result)
            for by_container in about
            for name in by_container.keys() & named
            for index, result in by_container[name]
            if is_finding(result)
        )
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
    item: ConfiguredSuppression, results: _Index, in_files: Set[str], about: Sequence[_ByContainer]
) -> str:
    """Return an unknown name in a suppression and the most similar known one, or an empty text if there is none.

    `about` are those of the `results` with a matching path and address.
    """
    if about:
        return _nearest("container", item.container, sorted(name for by_container in about for name in by_container))
    return _nearest("address", item.address, results.addresses(in_files))


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


class _Index:
    """The results of a rule by path, address and container, each with its index among all results."""

    def __init__(self, results: Iterable[tuple[int, Result]]) -> None:
        self._by_path: dict[str, dict[str, _ByContainer]] = {}
        for index, result in results:
            by_address = self._by_path.setdefault(result.location.path, {})
            by_container = by_address.setdefault(result.resource.address, {})
            by_container.setdefault(result.container or "", []).append((index, result))

    def about(self, paths: Set[str], addresses: Set[str]) -> list[_ByContainer]:
        """Return the results with one of some paths and one of some addresses."""
        found = (self._by_path.get(path, {}) for path in paths)
        return [by_address[address] for by_address in found for address in by_address.keys() & addresses]

    def addresses(self, paths: Set[str]) -> list[str]:
        """Return the addresses in some files, in the order of the results."""
        return [address for path, by_address in self._by_path.items() if path in paths for address in by_address]


class Files:
    """The files of the results, and the patterns that match some of them."""

    def __init__(self, paths: Set[str]) -> None:
        self._paths = paths
        self._absolute = {path: os.path.abspath(path) for path in paths}
        self._text = "\n".join(self._absolute.values())
        self.matching = cache(self._matching)

    def _matching(self, pattern: str, directory: str) -> Set[str]:
        """Return the paths that match a pattern relative to a directory."""
        if pattern == _ANY_PATH:
            return self._paths
        # Most patterns are ruled out by a literal part that no path has, and most paths by one that they don't have.
        literal = [] if re.search(_SPECIAL, pattern) else re.findall(_LITERAL, pattern)
        if not all(text in self._text for text in literal):
            return frozenset()
        paths = [path for path, absolute in self._absolute.items() if all(text in absolute for text in literal)]
        from ecs5lint.files.gitignore import Patterns

        return set(filter(Patterns([Globs((pattern,), directory)]).match, paths))


class Names:
    """Addresses or names of containers, sorted."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = sorted(set(names))
        self.matching = cache(self._matching)

    def _matching(self, glob: str) -> frozenset[str]:
        """Return the names that match a glob.

        Only `*` and `?` are special, because Terraform addresses contain brackets.
        """
        (prefix, *rest) = re.split("[*?]", glob, maxsplit=1)
        first = bisect_left(self._names, prefix)
        last = bisect_left(self._names, True, first, key=lambda name: not name.startswith(prefix))
        candidates = self._names[first:last]
        if not rest:
            return frozenset(candidates) & {glob}
        if rest == [""] and glob.endswith("*"):
            return frozenset(candidates)
        return frozenset(filter(re.compile(translate(glob.replace("[", "[[]"))).match, candidates))


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
