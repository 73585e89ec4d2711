"""How the evaluation of an expression can end without a value."""

from __future__ import annotations

from ecs5lint.location import Span
from ecs5lint.values.kinds import NO_ASSUMPTIONS, Assumptions, Unknown


class EvaluationError(Exception):
    """An expression that Terraform refuses to evaluate; `try` and `can` catch it.

    `assumptions` are the defaults with which it does.
    """

    def __init__(self, message: str, span: Span | None = None, assumptions: Assumptions = NO_ASSUMPTIONS) -> None:
        super().__init__(message)
        self.message = message
        self.span = span
        self.assumptions = assumptions


class NotKnown(Exception):
    """What is evaluated is valid, but its value is not known: `unknown` says why."""

    def __init__(self, unknown: Unknown) -> None:
        super().__init__(unknown.reason)
        self.unknown = unknown
