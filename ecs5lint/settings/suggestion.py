"""What may have been meant by a name that there is not."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

#: How many names a name is compared with, and how much of each: both may be from an input, and to compare long texts
#: takes time that grows with the square of the length.
_MAX_COMPARED = 100

#: How many names are listed if none is near.
_MAX_LISTED = 12


def suggestion(name: str, known: Iterable[str]) -> str:
    """Return which of the `known` names is meant by `name`, as a question, or which there are if none is near."""
    from difflib import get_close_matches

    names = [item[:_MAX_COMPARED] for item in islice(known, _MAX_COMPARED)]
    near = get_close_matches(name[:_MAX_COMPARED], names, n=1, cutoff=0.5)
    if near:
        return f"did you mean {near[0]}?"
    return f"choose from {', '.join(names[:_MAX_LISTED])}" if names else "there is none"
