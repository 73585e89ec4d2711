"""Evaluate over alternatives, some of which Terraform refuses."""

from __future__ import annotations

from collections.abc import Callable

from ecs5lint.location import Span
from ecs5lint.parsers.terraform.syntax.errors import EvaluationError
from ecs5lint.values.alternatives import lift
from ecs5lint.values.kinds import Choice, Unknown, Value


def refusal(error: EvaluationError, span: Span | None = None) -> Unknown:
    """Return the value that represents a refused alternative, at `span` if the error has no position."""
    hint = "set the value explicitly" if error.assumptions else ""
    reason = f"Terraform refuses it: {error.message}"
    return Unknown(reason, error.span or span, error.assumptions, hint, is_refused=True)


def is_refusal(value: Value) -> bool:
    """Tell whether a value represents a refused alternative."""
    return isinstance(value, Unknown) and value.is_refused


def lift_refusals(function: Callable[..., Value], *arguments: Value) -> Value:
    """Apply `function` to the alternatives of its arguments, as `lift` does.

    A refused alternative becomes an unknown, with the error as its reason. Raises EvaluationError if Terraform refuses
    all alternatives.
    """
    if not any(isinstance(argument, Choice) for argument in arguments):
        return function(*arguments)
    refusals: list[EvaluationError] = []
    accepted = False

    def guarded(*alternative: Value) -> Value:
        nonlocal accepted
        try:
            value = function(*alternative)
        except EvaluationError as error:
            refusals.append(error)
            return refusal(error)
        accepted = True
        return value

    value = lift(guarded, *arguments)
    if refusals and not accepted:
        raise refusals[0]
    return value
