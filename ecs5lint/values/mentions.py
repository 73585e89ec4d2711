"""Find the conditions that have to do with a symbol, among many conditions."""

from __future__ import annotations

from ecs5lint.values.conditions import Condition, Is, comparisons


class Mentions:
    """Some conditions, by the symbols that they mention."""

    def __init__(self, conditions: tuple[Condition, ...] = ()) -> None:
        self.conditions = conditions
        self._comparisons: dict[str, list[Is]] = {}
        self._conditions: dict[str, dict[Condition, None]] = {}
        for condition in conditions:
            for comparison in comparisons(condition):
                self._comparisons.setdefault(comparison.symbol, []).append(comparison)
                self._conditions.setdefault(comparison.symbol, {})[condition] = None

    def of(self, symbol: str) -> list[Is]:
        """Return the comparisons of a symbol."""
        return self._comparisons.get(symbol, [])

    def related(self, symbol: str) -> tuple[Condition, ...]:
        """Return the conditions that mention a symbol, or a symbol that is mentioned with it, and so on."""
        found: dict[Condition, None] = {}
        seen, untried = {symbol}, [symbol]
        while untried:
            for condition in self._conditions.get(untried.pop(), ()):
                if condition not in found:
                    found[condition] = None
                    others = {item.symbol for item in comparisons(condition)} - seen
                    seen |= others
                    untried += others
        return tuple(found)
