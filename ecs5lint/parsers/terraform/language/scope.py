"""Define the scope of an expression: the names it can use."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence

from ecs5lint.budget import Budget
from ecs5lint.parsers.terraform.language.alternatives import refusal
from ecs5lint.parsers.terraform.language.functions.context import Context
from ecs5lint.parsers.terraform.syntax.errors import EvaluationError
from ecs5lint.parsers.terraform.syntax.nodes import Expression, GetAttribute, Index
from ecs5lint.values.kinds import Value

#: The symbols of the variables whose defaults are disregarded.
Symbols = frozenset[str]

#: The prefixes of symbols whose values can be set from outside.
_FREE = ("var.", "feature.", "get_env(")

#: The name that `try` and `can` bind. No source can use it.
STRICT = "try()"

#: One step of a reference: `.name` or `[key]`.
Step = GetAttribute | Index


class Scope(ABC):
    """The scope of an expression. `names` holds the variables with a name of their own: `each`, and loop variables."""

    names: Mapping[str, Value]

    #: The names that reports use for loop variables, which have no meaning outside: `var.teams["a"]` for `team`.
    words: Mapping[str, str] = {}

    @property
    @abstractmethod
    def budget(self) -> Budget:
        """The budget of the root module."""

    @abstractmethod
    def evaluate(self, expression: Expression) -> Value:
        """Return the value of an expression. Raises EvaluationError if Terraform would report an error."""

    def evaluate_part(self, expression: Expression) -> Value:
        """Return the value of an expression that is part of another expression.

        A refused part becomes an unknown, so that it does not hide the other parts. Inside `try` and `can`, which test
        for refusals, it raises EvaluationError.
        """
        try:
            return self.evaluate(expression)
        except EvaluationError as error:
            if STRICT in self.names:
                raise
            return refusal(error)

    @abstractmethod
    def refer(self, root: str, steps: Sequence[Step]) -> tuple[Value, int] | None:
        """Return the value of a reference and the number of resolved steps, or None for an unknown name.

        Raises EvaluationError.
        """

    @abstractmethod
    def bind(self, names: Mapping[str, Value], turn: str) -> Scope:
        """Return this scope with additional names. `turn` distinguishes it from other scopes with the same names."""

    def in_loop(self, names: Mapping[str, Value], turn: str, words: Mapping[str, str]) -> Scope:
        """Return this scope with the variables of a loop. Reports use the names in `words` for them."""
        inner = self.bind(names, turn)
        inner.words = {**self.words, **words}
        return inner

    def worded(self, text: str) -> str:
        """Return the text of an expression as a report shows it."""
        text = " ".join(text.split())
        if not self.words:
            return text
        pattern = rf'"(?:[^"\\]|\\.)*"|(?<![\w.])(?:{"|".join(map(re.escape, self.words))})\b'
        return re.sub(pattern, lambda match: self.words.get(match[0], match[0]), text)

    @abstractmethod
    def without_defaults(self, symbols: Symbols) -> Scope:
        """Return this scope with no defaults for the variables `symbols`."""

    @abstractmethod
    def key(self, text: str) -> str:
        """Return a key that identifies an expression of this scope throughout the run."""

    @abstractmethod
    def call_context(self, variables: Callable[[Scope], Value]) -> Context:
        """Return the context of a function call.

        `variables` evaluates the variables that the call passes to a template, in a scope such as this one.
        """


def symbols_of(value: Value) -> Symbols:
    """Return the symbols of the variables whose defaults `value` relies on, and which can be set.

    These are the variables of the root module, and values that Terragrunt takes from outside. If a module call omits an
    argument, the default of the module applies and can't be changed.
    """
    return frozenset(item.symbol for item in value.assumptions if item.symbol.startswith(_FREE))
