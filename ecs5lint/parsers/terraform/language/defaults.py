"""Disregard defaults in values."""

from __future__ import annotations

from functools import partial

from ecs5lint.parsers.terraform.language.scope import Symbols
from ecs5lint.values.kinds import Absent, Choice, Unknown, Value
from ecs5lint.values.traverse import map_children


def disregard(value: Value, symbols: Symbols) -> Value:
    """Return `value` with an unknown for each part that relies on the defaults of the variables `symbols`."""
    rests = _rests(value, symbols)
    if rests and not isinstance(value, (Absent, Choice, Unknown)):
        names = ", ".join(sorted(item.symbol for item in value.assumptions if item.symbol in symbols))
        return Unknown(f"it relies on the default of {names}", value.span, value.assumptions)
    inner = map_children(partial(disregard, symbols=symbols), value)
    return inner._replace(default_arm=None) if rests and isinstance(inner, Choice) else inner


def _rests(value: Value, symbols: Symbols) -> bool:
    return any(item.symbol in symbols for item in value.assumptions)
