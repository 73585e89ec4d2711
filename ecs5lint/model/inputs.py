"""Compare the inputs from options and files with the names that modules and templates declare."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from itertools import islice

from ecs5lint.light_typing import NamedTuple
from ecs5lint.location import Span
from ecs5lint.notices import Notice

#: The largest number of names in a notice.
_MAX_NAMES = 5


class Input(NamedTuple):
    """An input for a variable or a parameter, from a file or (at `.`) from an option."""

    name: str
    path: str
    span: Span | None = None


class Inputs(NamedTuple):
    """The inputs for all modules or templates, and the names that these declare. `noun` is the word for an input."""

    given: Sequence[Input]
    declared: Set[str]
    noun: str = "variable"
    scope: str = "module"


NO_INPUTS = Inputs((), frozenset())


def undeclared(inputs: Sequence[Inputs]) -> Iterator[Notice]:
    """Yield a notice for each file or option with inputs that no module or template declares.

    `inputs` have the same values, for different modules or templates.
    """
    declared = set().union(*(item.declared for item in inputs))
    unknown: dict[str, list[Input]] = {}
    for value in inputs[0].given:
        if value.name not in declared:
            unknown.setdefault(value.path, []).append(value)
    for path, values in unknown.items():
        names = dict.fromkeys(value.name for value in values)
        shown = [_with_suggestion(name, sorted(declared)) for name in islice(names, _MAX_NAMES)]
        shown += [f"and {len(names) - _MAX_NAMES} more"] * (len(names) > _MAX_NAMES)
        plural, them = ("s", "them") if len(names) > 1 else ("", "it")
        message = f"unknown {inputs[0].noun}{plural} {', '.join(shown)}: no {inputs[0].scope} declares {them}"
        yield Notice(message, path, values[0].span)


def _with_suggestion(name: str, declared: Sequence[str]) -> str:
    from ecs5lint.settings.suggestion import suggestion

    near = suggestion(name, declared)
    return f"{name} ({near})" if near.startswith("did you mean") else name
