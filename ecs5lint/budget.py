"""The work that may be spent on one root: a root module, or a template with the templates that it nests.

A budget is made for a root and handed to whoever spends it. Nothing else holds one, so a verdict never depends on what
was checked before. Work is counted in steps; one step is about the evaluation of one expression.
"""

from __future__ import annotations

from ecs5lint.location import Failure


class Budget:
    """The steps that are left for a root. `is_used_up` tells that something was given up for want of steps."""

    __slots__ = ("_left", "_texts", "is_used_up")

    def __init__(self, steps: int) -> None:
        self._left = steps
        self._texts: set[str] = set()
        self.is_used_up = False

    def extend(self, path: str, steps: int) -> None:
        """Add steps for a text that the root is made of, once for each path."""
        if path not in self._texts:
            self._texts.add(path)
            self._left += steps

    def spend(self, steps: int) -> bool:
        """Take steps, and tell whether there were enough of them."""
        self._left -= steps
        if self._left < 0:
            self.is_used_up = True
        return self._left >= 0


class UsedUp(Failure):
    """The budget of the root at `path` is used up. A baseline never records this."""

    def __init__(self, path: str) -> None:
        super().__init__("exceeds the evaluation limit, so parts of it are unknown: simplify or split it", path)

    def __reduce__(self) -> tuple[type[UsedUp], tuple[str]]:  # type: ignore[override]
        return UsedUp, (self.path,)
