"""Limit the work for one root: a root module, or a template with its nested templates.

A budget is created for a root and passed to the code that spends it. Nothing else keeps it, so a verdict never depends
on what was checked before. Work is counted in steps. One step is about the evaluation of one expression.
"""

from __future__ import annotations

from ecs5lint.location import PassingFailure


class Budget:
    """The remaining steps of a root. `is_used_up` tells that some work was not done for lack of steps."""

    __slots__ = ("_left", "_texts", "is_used_up")

    def __init__(self, steps: int) -> None:
        self._left = steps
        self._texts: set[str] = set()
        self.is_used_up = False

    def extend(self, path: str, steps: int) -> None:
        """Add steps for a text that belongs to the root, once for each path."""
        if path not in self._texts:
            self._texts.add(path)
            self._left += steps

    def spend(self, steps: int) -> bool:
        """Spend steps, and tell whether enough were left."""
        self._left -= steps
        if self._left < 0:
            self.is_used_up = True
        return self._left >= 0


class UsedUp(PassingFailure):
    """The budget of the root at `path` is used up."""

    def __init__(self, path: str) -> None:
        super().__init__("exceeds the evaluation limit, so parts of it are unknown: simplify or split it", path)

    def __reduce__(self) -> tuple[type[UsedUp], tuple[str]]:  # type: ignore[override]
        return UsedUp, (self.path,)
