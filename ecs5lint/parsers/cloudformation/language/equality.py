"""Determine when two values of a template are equal, as a condition on its parameters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations, islice

from ecs5lint.parsers.cloudformation.language.stack import MAX_SHOWN, Context, Stack
from ecs5lint.parsers.cloudformation.language.template import is_number, is_unsettled_number, scalar_text, show
from ecs5lint.values.alternatives import leaves
from ecs5lint.values.conditions import (
    ALWAYS,
    NEVER,
    All,
    Any,
    Condition,
    Constant,
    Is,
    Named,
    Not,
    TooManyAlternatives,
    comparisons,
    fact,
)
from ecs5lint.values.kinds import Assumptions, Known, Text, Unknown, Value, all_assumptions

#: Limits for filling the holes of a text: the number of ways to follow, the number of fillings to try, the length of
#: the text, and the number of its parts.
_MAX_WAYS = 256
_MAX_TRIED = 2_000
_MAX_LENGTH = 256
_MAX_PARTS = 32

#: The largest number of parts of a text to derive from the whole.
_MAX_IMPLIED = 20
#: The largest number of implications of equal pairs to follow.
_MAX_IMPLICATIONS = 100

#: A comparison has the same result everywhere in a stack, so no local conditions apply to it.
ANYWHERE = Context(trusting=False)


def equality(stack: Stack, left: Value, right: Value) -> Condition:
    """Return the condition under which two values, as written, are equal, over all their alternatives."""
    text = f"{show(left)} = {show(right)}"
    sides = [stack.evaluate(value, ANYWHERE) for value in (left, right)]
    unsettled = _pair(stack, sides, text) or fact(f"{stack.prefix}{text}", text, stack.budget)
    alternatives: list[tuple[Condition, ...]]
    try:
        alternatives = [
            (*(branch.when for branch in path), _same(stack, first, second, unsettled))
            for first_path, first in leaves(sides[0])
            for path, second in leaves(sides[1], first_path)
        ]
    except TooManyAlternatives:
        alternatives = [(unsettled,)]
    by_default = [
        side if isinstance(side, Known) else stack.evaluate(value, Context())
        for side, value in zip(sides, (left, right), strict=True)
    ]
    for side, default in zip(sides, by_default, strict=True):
        if isinstance(side, Unknown) and isinstance(default, Known):
            _remember(stack, side.symbol, scalar_text(default), default.assumptions)
    if all(isinstance(default, Known) for default in by_default):
        texts = {scalar_text(default) for default in by_default if isinstance(default, Known)}
        _remember(stack, unsettled.symbol, len(texts) == 1, all_assumptions(by_default))
    return Any(*(All(*conditions) for conditions in alternatives))


def _pair(stack: Stack, sides: Sequence[Value], text: str) -> Is | None:
    """Return the condition under which two unconstrained unknown values are equal, or None for other values."""
    symbols = sorted(side.symbol for side in sides if isinstance(side, Unknown) and side.symbol and side.domain is None)
    if len(symbols) < 2 or symbols[0] == symbols[1]:
        return None
    first, second = symbols
    return stack.pairs.setdefault((first, second), fact(f"{first} = {second}", text, stack.budget))


def implications(stack: Stack, conditions: Sequence[Condition]) -> list[Condition]:
    """Return the relations between pairs of equal values and the comparisons in `conditions`."""
    compared: dict[str, set[str]] = {}
    for item in comparisons(All(*conditions)) if stack.pairs else ():
        if item.domain is None:
            compared.setdefault(item.symbol, set()).add(str(item.value))
    values = sorted(set().union(*(compared.get(symbol, ()) for pair in stack.pairs for symbol in pair)))
    found: list[Condition] = []
    for (first, second), are_equal in stack.pairs.items():
        for value in values:
            one, other = (Is(symbol, value, None, "", stack.budget) for symbol in (first, second))
            found.append(Any(Not(are_equal), All(one, other), All(Not(one), Not(other))))
            found.append(Any(are_equal, Not(one), Not(other)))
    for one_pair, other_pair in combinations(stack.pairs, 2):
        ends = tuple(sorted(set(one_pair) ^ set(other_pair)))
        third = stack.pairs.get(ends) if len(ends) == 2 else None
        if third:
            found.append(Any(Not(stack.pairs[one_pair]), Not(stack.pairs[other_pair]), third))
    return found if len(found) <= _MAX_IMPLICATIONS else []


def _remember(stack: Stack, symbol: str | None, value: Constant, assumptions: Assumptions) -> None:
    """Record the default value of a compared symbol."""
    if symbol is not None and assumptions:
        stack.defaults.setdefault(symbol, Known(value, assumptions=assumptions))


def _same(stack: Stack, left: Value, right: Value, unsettled: Condition) -> Condition:
    if isinstance(left, Known):
        left, right = right, left
    if isinstance(right, Known):
        return _is(stack, left, right, unsettled)
    if isinstance(left, Text) and isinstance(right, Text):
        return NEVER if _contradict(left, right) else unsettled
    for one, other in ((left, right), (right, left)):
        if isinstance(one, Unknown) and isinstance(other, Unknown) and one.symbol and one.symbol == other.symbol:
            return ALWAYS
        if isinstance(one, Unknown) and one.symbol and one.domain is not None:
            values = [str(value) for value in one.domain]
            both = [(equals(stack, one, value), _is(stack, other, Known(value), unsettled)) for value in values]
            return Any(*(All(*pair) for pair in both if NEVER not in pair))
    return unsettled


def _is(stack: Stack, value: Value, known: Known, unsettled: Condition) -> Condition:
    """Return the condition under which a value equals a known value."""
    text = scalar_text(known)
    if isinstance(value, Known) and _is_same_text(value, known):
        return ALWAYS
    if any(isinstance(item, Known) and stack.is_put_in_later(scalar_text(item)) for item in (value, known)):
        return unsettled
    if isinstance(value, Known):
        if is_unsettled_number(value) or is_unsettled_number(known):
            return unsettled if is_number(text) and is_number(scalar_text(value)) else NEVER
        return ALWAYS if scalar_text(value) == text else NEVER
    if isinstance(value, Unknown) and value.symbol:
        if not is_unsettled_number(known):
            return equals(stack, value, text)
        may_be_number = value.domain is None or any(is_number(str(item)) for item in value.domain)
        return unsettled if may_be_number else NEVER
    if isinstance(value, Text) and not is_unsettled_number(known):
        return _text_is(stack, value, text) or unsettled
    return unsettled


def _is_same_text(one: Known, other: Known) -> bool:
    """Tell whether two scalars have the same source text, and are therefore equal."""
    is_written_alike = one.span is not None and other.span is not None and one.span.text == other.span.text
    return is_written_alike and scalar_text(one) == scalar_text(other)


def equals(stack: Stack, unknown: Unknown, text: str) -> Condition:
    """Return the condition under which an unknown with a symbol equals a text."""
    symbol = unknown.symbol or ""
    asked = stack.constraints.get(symbol)
    if (unknown.domain is not None and text not in unknown.domain) or (asked and not asked.admits(text)):
        return NEVER
    shown = f"{symbol.removeprefix(stack.prefix)} = {shown_text(text)}"
    part = stack.parts.get(symbol)
    if part and part.whole.domain is not None:
        wholes = [str(whole) for whole in part.whole.domain if part.of(str(whole)) == text]
        return Named(shown, Any(*(equals(stack, part.whole, whole) for whole in wholes)))
    is_it = Is(symbol, text, unknown.domain, shown, stack.budget)
    # A known whole determines its parts.
    parts = [(other, part) for other, part in stack.parts.items() if part.whole.symbol == symbol]
    implied = [
        Is(other, of_text, None, f"{other} = {of_text}", stack.budget)
        for other, part in (parts if len(parts) <= _MAX_IMPLIED else ())
        if part.whole.domain is None and (of_text := part.of(text)) is not None
    ]
    return Named(shown, All(is_it, *implied)) if implied else is_it


def shown_text(text: str) -> str:
    """Return a parameter's value as a report shows it. It is quoted if it would otherwise be hard to see."""
    text = text if len(text) <= MAX_SHOWN else text[:MAX_SHOWN] + "..."
    return text if text and text.isprintable() and " " not in text else f'"{text}"'


def _contradict(left: Text, right: Text) -> bool:
    """Tell whether two texts with holes begin or end differently."""
    starts = [_known_end(text.parts) for text in (left, right)]
    ends = [_known_end(text.parts[::-1]) for text in (left, right)]
    return not (starts[0].startswith(starts[1]) or starts[1].startswith(starts[0])) or not (
        ends[0].endswith(ends[1]) or ends[1].endswith(ends[0])
    )


def _known_end(parts: Sequence[Value]) -> str:
    """Return the first of the parts, or an empty text if it is unknown."""
    return scalar_text(parts[0]) if parts and isinstance(parts[0], Known) else ""


def _text_is(stack: Stack, text: Text, wanted: str) -> Condition | None:
    """Return the condition under which a text with holes equals `wanted`, or None if it takes too much work."""
    if len(wanted) > _MAX_LENGTH or len(text.parts) > _MAX_PARTS:
        return None
    found = list(islice(_ways(stack, text.parts, wanted, _reachable(text.parts, wanted), 0), _MAX_TRIED + 1))
    ways = [way for way in found if way is not None]
    if len(found) > _MAX_TRIED or len(ways) > _MAX_WAYS:
        return None
    has_symbols = all(isinstance(part, Known) or (isinstance(part, Unknown) and part.symbol) for part in text.parts)
    if not ways:
        return NEVER
    return Any(*ways) if has_symbols else None


def _reachable(parts: Sequence[Value], wanted: str) -> list[set[int]]:
    """Return, for each part and the end, the offsets in `wanted` from which the parts can produce the rest."""
    reachable = [{len(wanted)}]
    for part in reversed(parts):
        after = reachable[0]
        fillings = _fillings(part)
        if fillings is None:
            found = set(range(max(after, default=-1) + 1))
        else:
            found = {
                end - len(filling)
                for end in after
                for filling in fillings
                if wanted.endswith(filling, 0, end) and len(filling) <= end
            }
        reachable.insert(0, found)
    return reachable


def _fillings(part: Value) -> list[str] | None:
    """Return the possible texts of a part, or None if it can be any text."""
    if isinstance(part, Known):
        return [scalar_text(part)]
    return [str(value) for value in part.domain] if isinstance(part, Unknown) and part.domain is not None else None


def _ways(
    stack: Stack, parts: Sequence[Value], wanted: str, reachable: list[set[int]], at: int
) -> Iterator[Condition | None]:
    """Yield each condition under which the parts produce `wanted` from an offset on, and None for each dead end."""
    if not parts:
        yield ALWAYS
        return
    part = parts[0]
    fillings = _fillings(part)
    if fillings is None:
        fillings = [wanted[at:end] for end in sorted(reachable[1]) if end >= at]
    for filling in fillings:
        if not wanted.startswith(filling, at) or at + len(filling) not in reachable[1]:
            continue
        here = equals(stack, part, filling) if isinstance(part, Unknown) and part.symbol else ALWAYS
        if here is NEVER:
            yield None
            continue
        for rest in _ways(stack, parts[1:], wanted, reachable[1:], at + len(filling)):
            yield rest and (All(here, rest) if rest is not ALWAYS else here)
