"""Define how the evaluation of an expression ends without a value."""

from __future__ import annotations

from ecs5lint.location import Span
from ecs5lint.values.kinds import NO_ASSUMPTIONS, Assumptions, Unknown


class EvaluationError(Exception):
    """Terraform refuses to evaluate the expression. `try` and `can` catch this error.

    `assumptions` lists the defaults that lead to the error.
    """

    def __init__(self, message: str, span: Span | None = None, assumptions: Assumptions = NO_ASSUMPTIONS) -> None:
        super().__init__(message)
        self.message = message
        self.span = span
        self.assumptions = assumptions


class NotKnown(Exception):
    """The expression is valid, but its value is unknown. `unknown` has the reason."""

    def __init__(self, unknown: Unknown) -> None:
        super().__init__(unknown.reason)
        self.unknown = unknown
