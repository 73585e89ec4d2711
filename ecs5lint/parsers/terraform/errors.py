"""The error that Terraform itself would report for an expression."""

from __future__ import annotations

from ecs5lint.location import Span


class EvaluationError(Exception):
    """An expression that Terraform refuses to evaluate; `try` and `can` catch it."""

    def __init__(self, message: str, span: Span | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.span = span
