"""Identify a finding across runs, even if its line changes."""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Iterable, Sequence
from hashlib import sha256

from ecs5lint.model.result import Result


def fingerprints(results: Sequence[Result], directory: str = ".") -> list[str]:
    """Return a fingerprint for each result. Different results have different fingerprints.

    A fingerprint depends on the subject of the finding: the file (relative to `directory`), the task definition, and
    the container. It depends neither on the line nor on the problem. Results with the same subject are numbered, so
    `results` must include all results of a run, with those that pass.
    """
    return fingerprints_of(
        (
            result.rule,
            _path(result, directory),
            result.resource.address,
            *(call.name for call in result.resource.via),
            "" if result.container is None else f"name {result.container}",
        )
        for result in results
    )


def _path(result: Result, directory: str) -> str:
    """Return the path of a result. That of a registered task definition is the same for all its revisions."""
    registered, path = result.resource.registered, result.location.path
    if registered:
        return path.removesuffix(f":{registered.revision}")
    return path if directory == "." else posixpath.relpath(path, directory)


def fingerprints_of(identities: Iterable[tuple[str, ...]]) -> list[str]:
    """Return a fingerprint for each tuple of texts. Equal tuples are numbered."""
    counts: Counter[tuple[str, ...]] = Counter()
    found = []
    for identity in identities:
        counts[identity] += 1
        text = "\0".join((*identity, str(counts[identity])))
        found.append(sha256(text.encode("utf-8", "surrogatepass")).hexdigest())
    return found
