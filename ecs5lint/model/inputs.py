"""The values that options and files give to modules and templates, and those that none of them declares."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from itertools import islice
from typing import NamedTuple

from ecs5lint.location import Span
from ecs5lint.notices import Notice
from ecs5lint.settings.suggestion import suggestion

#: How many names a notice lists.
_MAX_NAMES = 5


class Input(NamedTuple):
    """A value that is given for a variable or a parameter, by a file or (at `.`) by an option."""

    name: str
    path: str
    span: Span | None = None


class Inputs(NamedTuple):
    """What the settings give all modules or templates, and the names that these declare. `noun` is what one is."""

    given: Sequence[Input]
    declared: Set[str]
    noun: str = "variable"
    scope: str = "module"


NO_INPUTS = Inputs((), frozenset())


def undeclared(inputs: Sequence[Inputs]) -> Iterator[Notice]:
    """Yield a notice for each file or option that gives values which nothing declares.

    `inputs` have the same values, and are of different modules or templates.
    """
    declared = sorted(set().union(*(item.declared for item in inputs)))
    unknown: dict[str, list[Input]] = {}
    for value in inputs[0].given:
        if value.name not in declared:
            unknown.setdefault(value.path, []).append(value)
    for path, values in unknown.items():
        names = dict.fromkeys(value.name for value in values)
        shown = [_with_suggestion(name, declared) for name in islice(names, _MAX_NAMES)]
        shown += [f"and {len(names) - _MAX_NAMES} more"] * (len(names) > _MAX_NAMES)
        plural, them = ("s", "them") if len(names) > 1 else ("", "it")
        message = f"unknown {inputs[0].noun}{plural} {', '.join(shown)}: no {inputs[0].scope} declares {them}"
        yield Notice(message, path, values[0].span)


def _with_suggestion(name: str, declared: Sequence[str]) -> str:
    near = suggestion(name, declared)
    return f"{name} ({near})" if near.startswith("did you mean") else name
