"""Suggest known names for an unknown name."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

#: The largest number of names to compare, and the longest part of each. Both may come from an input, and comparing long
#: texts takes quadratic time.
_MAX_COMPARED = 100

#: The largest number of names to list if none is similar.
_MAX_LISTED = 12


def suggestion(name: str, known: Iterable[str]) -> str:
    """Return the most similar known name as a question, or a list of the known names if none is similar."""
    from difflib import get_close_matches

    names = [item[:_MAX_COMPARED] for item in islice(known, _MAX_COMPARED)]
    near = get_close_matches(name[:_MAX_COMPARED], names, n=1, cutoff=0.5)
    if near:
        return f"did you mean {near[0]}?"
    return f"choose from {', '.join(names[:_MAX_LISTED])}" if names else "there is none"
