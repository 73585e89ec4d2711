"""What an expression can see: the scope that it is evaluated in."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence

from ecs5lint.budget import Budget
from ecs5lint.parsers.terraform.language.alternatives import refusal
from ecs5lint.parsers.terraform.language.functions.context import Context
from ecs5lint.parsers.terraform.syntax.errors import EvaluationError
from ecs5lint.parsers.terraform.syntax.nodes import Expression, GetAttribute, Index
from ecs5lint.values.kinds import Value

#: The symbols of the variables whose defaults are to be disregarded.
Symbols = frozenset[str]

#: How the symbols begin of what can be given from outside.
_FREE = ("var.", "feature.", "get_env(")

#: The name that is bound inside `try` and `can`: one that no source can write.
STRICT = "try()"

#: One step of a reference: `.name` or `[key]`.
Step = GetAttribute | Index


class Scope(ABC):
    """Where an expression is evaluated. `names` are the variables that stand by themselves: `each`, those of loops."""

    names: Mapping[str, Value]

    @property
    @abstractmethod
    def budget(self) -> Budget:
        """The budget of the root module."""

    @abstractmethod
    def evaluate(self, expression: Expression) -> Value:
        """Return the value of an expression. Raises EvaluationError where Terraform would report an error."""

    def evaluate_part(self, expression: Expression) -> Value:
        """Return the value of an expression that is a part of another one.

        What Terraform refuses is unknown, so that it does not hide the parts beside it. Inside `try` and `can`, which
        ask for just that, it raises EvaluationError.
        """
        try:
            return self.evaluate(expression)
        except EvaluationError as error:
            if STRICT in self.names:
                raise
            return refusal(error)

    @abstractmethod
    def refer(self, root: str, steps: Sequence[Step]) -> tuple[Value, int] | None:
        """Return what a reference means, and how many of its steps that takes; None if there is nothing of that name.

        Raises EvaluationError.
        """

    @abstractmethod
    def bind(self, names: Mapping[str, Value], place: str) -> Scope:
        """Return this scope with further names in it; `place` tells it from others with the same names."""

    @abstractmethod
    def without_defaults(self, symbols: Symbols) -> Scope:
        """Return this scope as it is where the variables called `symbols` have no default."""

    @abstractmethod
    def key(self, text: str) -> str:
        """Return what identifies an expression of this scope throughout the run."""

    @abstractmethod
    def call_context(self, variables: Callable[[Scope], Value]) -> Context:
        """Return the surroundings of a function call.

        `variables` evaluates, in a scope such as this one, what the call gives to a template.
        """


def symbols_of(value: Value) -> Symbols:
    """Return the symbols of the variables whose defaults `value` rests on, and which could be given another value.

    Those are the variables of the root module, and what Terragrunt takes from outside. What a module call leaves out is
    settled by that: the default holds.
    """
    return frozenset(item.symbol for item in value.assumptions if item.symbol.startswith(_FREE))
