"""What a finding is known by from one run to the next, though lines move."""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Iterable, Sequence
from hashlib import sha256

from ecs5lint.model.result import Result


def fingerprints(results: Sequence[Result], directory: str = ".") -> list[str]:
    """Return a fingerprint for each result, different ones for different results.

    It is made of what the finding is about (the file, relative to `directory`; the task definition; the container), and
    neither of the line nor of what is wrong. Results of which all this is the same are counted, so `results` must be
    all those of a run, those that pass included.
    """
    return fingerprints_of(
        (
            result.rule,
            result.location.path if directory == "." else posixpath.relpath(result.location.path, directory),
            result.task_definition.address,
            *(call.name for call in result.task_definition.via),
            "" if result.container is None else f"name {result.container}",
        )
        for result in results
    )


def fingerprints_of(identities: Iterable[tuple[str, ...]]) -> list[str]:
    """Return a fingerprint for each of what is known by these texts; those that are known by the same are counted."""
    counts: Counter[tuple[str, ...]] = Counter()
    found = []
    for identity in identities:
        counts[identity] += 1
        text = "\0".join((*identity, str(counts[identity])))
        found.append(sha256(text.encode("utf-8", "surrogatepass")).hexdigest())
    return found
