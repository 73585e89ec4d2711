"""A static linter for AWS Security Hub control ECS.5: read-only root filesystems in ECS task definitions."""

from __future__ import annotations

from ecs5lint.light_typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ecs5lint.api import lint
    from ecs5lint.location import Failure
    from ecs5lint.model.result import Report, Result, Suppression
    from ecs5lint.notices import Notice

__all__ = ["Failure", "Notice", "Report", "Result", "Suppression", "lint"]

__version__ = "0.1.0"

#: The address of the documentation. `scripts/set-owner` sets it.
DOCUMENTATION = ""

_HOMES = {"lint": "ecs5lint.api", "Failure": "ecs5lint.location", "Notice": "ecs5lint.notices"}


if not TYPE_CHECKING:  # for a type checker, a module with this function has every attribute

    def __getattr__(name: str) -> object:
        """Import a public name on use, so that importing one module does not import all."""
        if name not in __all__:
            raise AttributeError(f"module 'ecs5lint' has no attribute {name!r}")
        from importlib import import_module

        return getattr(import_module(_HOMES.get(name, "ecs5lint.model.result")), name)
