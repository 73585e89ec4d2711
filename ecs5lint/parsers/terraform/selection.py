"""Taking a member out of an object by a key that need not be known."""

from __future__ import annotations

from ecs5lint.conditions import All, Condition, Is, negate
from ecs5lint.location import Span
from ecs5lint.values import (
    Arm,
    Choice,
    ObjectValue,
    Pair,
    Unknown,
    Value,
    known_text,
    member,
)


def select(value: ObjectValue, key: Unknown, otherwise: Value | None, span: Span) -> Value:
    """Return the member of an object that an unknown key picks: a choice over the members it has.

    `otherwise` is the value for a key that none of the members has; None if Terraform refuses that.
    """
    symbol = key.symbol or f"{span.source.path}:{span.start}"
    written = key.span.text if key.span else "the key"
    arms: list[Arm] = []
    others: list[Condition] = []
    names = {known_text(item.key) if isinstance(item, Pair) else None for item in value.members}
    for name in sorted(name for name in names if name is not None):
        if key.domain is None or name in key.domain:
            when = Is(symbol, name, key.domain, f'{written} == "{name}"')
            others.append(negate(when))
            arms.append(Arm(when, member(value, name)))
    if None in names:
        otherwise = Unknown("not all of the members are known", value.span, value.assumptions)
    if otherwise is not None:
        arms.append(Arm(All(*others), otherwise))
    if not arms:
        return key
    return arms[0].value if len(arms) == 1 else Choice(tuple(arms), span, key.assumptions)
