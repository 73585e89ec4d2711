"""Determine the values that the `validation` blocks and `nullable` of a variable allow.

A refused value can't be deployed, so no verdict may depend on it.

https://developer.hashicorp.com/terraform/language/expressions/custom-conditions#input-variable-validation
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence

from ecs5lint.light_typing import NamedTuple
from ecs5lint.parsers.terraform.language.alternatives import is_refusal
from ecs5lint.parsers.terraform.language.operators import BOOLEAN_DOMAIN
from ecs5lint.parsers.terraform.language.scope import STRICT, Scope, symbols_of
from ecs5lint.parsers.terraform.language.types import BOOL, convert
from ecs5lint.parsers.terraform.syntax.blocks import Argument, Block
from ecs5lint.parsers.terraform.syntax.errors import EvaluationError, NotKnown
from ecs5lint.parsers.terraform.syntax.nodes import (
    BinaryOperation,
    Conditional,
    Expression,
    FunctionCall,
    GetAttribute,
    Literal,
    Name,
    Parentheses,
    TupleExpression,
)
from ecs5lint.text.regex import compile_pattern, finite_language
from ecs5lint.text.regex.syntax import InvalidPattern, PatternLimit
from ecs5lint.values.alternatives import leaves
from ecs5lint.values.conditions import Constant, TooManyAlternatives
from ecs5lint.values.kinds import Arm, Choice, Known, ListValue, Repeated, Type, Unknown, Value, known_text

#: The largest number of values to try for a variable.
MAX_VALUES = 64

#: Texts to add before and after a match, to test whether a pattern is anchored.
_BESIDE = ("x", " ", "\n")

#: The values for which a condition can be true, or None if they can't be listed.
_Values = list[Constant] | None


class VariableScope(Scope):
    """The scope of a module that declares variables."""

    #: Whether the `validation` blocks of variables are checked.
    validates: bool

    @abstractmethod
    def address(self, local: str) -> str:
        """Return the full address of an object in the module."""

    @abstractmethod
    def value_of(self, argument: Argument, scope: Scope | None = None) -> Value:
        """Return the value of an argument, in `scope` if given, which is nested in this scope.

        Raises EvaluationError.
        """

    @abstractmethod
    def with_value(self, name: str, value: Value) -> VariableScope:
        """Return this scope with a value for a variable. It does not validate other variables."""


class Validation:
    """The values that a variable accepts. Two validations are equal if they belong to the same variable."""

    def __init__(self, declaration: Block, wanted: Type | None, nullable: bool, scope: VariableScope) -> None:
        self._name = declaration.labels[0]
        self._wanted = wanted
        self._nullable = nullable
        self._scope = scope
        self._symbol = scope.address(f"var.{self._name}")
        found = [block.argument("condition") for block in declaration.blocks("validation")] if scope.validates else []
        self._conditions = [argument for argument in found if argument]
        self._accepted: dict[tuple[bool, Constant], bool] = {}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Validation) and other._symbol == self._symbol

    def __hash__(self) -> int:
        return hash(self._symbol)

    def __call__(self, value: Constant) -> bool:
        """Tell whether the variable can have a value. After MAX_VALUES values, every value counts as possible."""
        key = isinstance(value, bool), value
        if key not in self._accepted:
            if len(self._accepted) >= MAX_VALUES:
                return True
            self._accepted[key] = self.accepts(Known(value))
        return self._accepted[key]

    def accepts(self, value: Value) -> bool:
        """Tell whether the variable may accept a value of its type. Return False only if it is certainly refused."""
        if isinstance(value, Known) and value.value is None and not self._nullable:
            return False
        if not self._conditions:
            return True
        scope = self._scope.with_value(self._name, value)
        return not any(_is_refused(condition, scope) for condition in self._conditions)

    def applied(self, value: Value) -> Value:
        """Return a value of the variable without its refused alternatives.

        Raises EvaluationError if all are refused.
        """
        if self._nullable and not self._conditions:
            return value
        if isinstance(value, Choice):
            return self._applied_to_arms(value)
        if isinstance(value, Unknown):
            return self._restricted(value)
        if not self.accepts(value):
            raise EvaluationError(f"{self._symbol} does not accept the value", value.span, value.assumptions)
        return value

    def _applied_to_arms(self, choice: Choice) -> Value:
        kept: list[Arm] = []
        default_arm = None
        refused: EvaluationError | None = None
        for index, arm in enumerate(choice.arms):
            try:
                value = self.applied(arm.value)
            except EvaluationError as error:
                refused = error
                continue
            if index == choice.default_arm:
                default_arm = len(kept)
            kept.append(Arm(arm.when, value))
        if refused and not kept:
            raise refused
        if refused and len(kept) == 1:
            return kept[0].value
        return choice._replace(arms=tuple(kept), default_arm=default_arm)

    def _restricted(self, unknown: Unknown) -> Value:
        """Return an unknown restricted to the values that the variable accepts."""
        values = unknown.domain or (BOOLEAN_DOMAIN if self._wanted is BOOL else self._listed())
        if values is None:
            accepts = self if unknown.accepts is None else _Both(unknown.accepts, self)
            return unknown._replace(accepts=accepts)
        domain = tuple(value for value in values if unknown.may_be(value) and self(value))
        if not domain:
            raise EvaluationError(f"{self._symbol} does not accept any value", unknown.span, unknown.assumptions)
        if len(domain) == 1:
            return Known(domain[0], unknown.span, unknown.assumptions, type=self._wanted)
        return unknown._replace(domain=domain)

    def _listed(self) -> tuple[Constant, ...] | None:
        """Return all values for which every condition can be true, or None if they can't be listed."""
        if not self._conditions:
            return None
        scope = self._scope.with_value(self._name, Unknown("it is any value", type=self._wanted))
        values: _Values = None
        for condition in self._conditions:
            values = _both(values, _Reader(self._name, scope).values(condition.expression))
        if values is None or len(values) > MAX_VALUES:
            return None
        converted = [self._converted(value) for value in values]
        return tuple(dict.fromkeys(value.value for value in converted if value))

    def _converted(self, value: Constant) -> Known | None:
        try:
            converted = convert(Known(value), self._wanted) if self._wanted else Known(value)
        except EvaluationError:
            return None
        return converted if isinstance(converted, Known) else None


class _Both(NamedTuple):
    """Accepts the values that both functions accept."""

    one: Callable[[Constant], bool]
    other: Callable[[Constant], bool]

    def __call__(self, value: Constant) -> bool:
        return self.one(value) and self.other(value)


def _is_refused(condition: Argument, scope: VariableScope) -> bool:
    """Tell whether a condition is false or an error for every value of the other variables."""
    strict = scope.bind({STRICT: Known(True)}, "")
    try:
        found = leaves(convert(scope.value_of(condition, strict), BOOL))
    except EvaluationError as error:
        return not any(item.symbol.startswith("var.") for item in error.assumptions)
    except (NotKnown, TooManyAlternatives):
        return False
    return all(_is_not_true(leaf) and not symbols_of(leaf) for _, leaf in found)


def _is_not_true(value: Value) -> bool:
    return is_refusal(value) or (isinstance(value, Known) and value.value is not True)


def _both(one: _Values, other: _Values) -> _Values:
    if one is None or other is None:
        return other if one is None else one
    return [value for value in one if value in other]


def _either(one: _Values, other: _Values) -> _Values:
    return None if one is None or other is None else [*one, *other]


class _Reader:
    """Reads the values for which a condition on a variable can be true, from the syntax of the condition."""

    def __init__(self, name: str, scope: Scope) -> None:
        self._name = name
        self._scope = scope

    def values(self, expression: Expression) -> _Values:
        """Return all values for which an expression can be true, or None if they can't be listed."""
        if isinstance(expression, Parentheses):
            return self.values(expression.inner)
        if isinstance(expression, Literal):
            return [] if expression.value is False else None
        if isinstance(expression, Conditional):
            chosen = _both(self.values(expression.condition), self.values(expression.when_true))
            return _either(chosen, self.values(expression.when_false))
        if isinstance(expression, BinaryOperation):
            return self._of_operation(expression)
        if isinstance(expression, FunctionCall) and not expression.expand_last:
            return self._of_call(expression.name, expression.arguments)
        return None

    def _of_operation(self, operation: BinaryOperation) -> _Values:
        left, right = operation.left, operation.right
        if operation.operator == "||":
            return _either(self.values(left), self.values(right))
        if operation.operator == "&&":
            return _both(self.values(left), self.values(right))
        if operation.operator == "==":
            other = right if self._is_variable(left) else left if self._is_variable(right) else None
            return self._constants([other]) if other else None
        if isinstance(left, FunctionCall) and isinstance(right, Literal):
            # `index` fails for a value outside the list, so the comparison itself doesn't matter.
            if left.name == "index":
                return self._elements(left.arguments)
            is_some = (operation.operator, right.value) in ((">", 0), (">=", 1), ("!=", 0))
            if left.name == "length" and is_some and len(left.arguments) == 1:
                return self._matched("regexall", left.arguments[0])
        return None

    def _of_call(self, name: str, arguments: tuple[Expression, ...]) -> _Values:
        if name == "contains":
            return self._elements(arguments)
        if name == "can" and len(arguments) == 1:
            (argument,) = arguments
            if isinstance(argument, FunctionCall) and argument.name == "index":
                return self._elements(argument.arguments)
            return self._matched("regex", argument)
        if name == "try":
            values: _Values = []
            for argument in arguments:
                values = _either(values, self.values(argument))
            return values
        if name in ("anytrue", "alltrue") and len(arguments) == 1 and isinstance(arguments[0], TupleExpression):
            found = [self.values(item) for item in arguments[0].items]
            values = [] if name == "anytrue" else None
            for item in found:
                values = _either(values, item) if name == "anytrue" else _both(values, item)
            return values
        return None

    def _is_variable(self, expression: Expression) -> bool:
        while isinstance(expression, Parentheses):
            expression = expression.inner
        if not isinstance(expression, GetAttribute) or expression.name != self._name:
            return False
        return isinstance(expression.target, Name) and expression.target.name == "var"

    def _elements(self, arguments: tuple[Expression, ...]) -> _Values:
        """Return the elements of the list that is searched for the variable."""
        if len(arguments) != 2 or not self._is_variable(arguments[1]):
            return None
        if isinstance(arguments[0], TupleExpression):
            return self._constants(arguments[0].items)
        found = self._evaluated(arguments[0])
        return _scalars(found.items) if isinstance(found, ListValue) and not symbols_of(found) else None

    def _constants(self, expressions: Sequence[Expression]) -> _Values:
        return _scalars([self._evaluated(expression) for expression in expressions])

    def _matched(self, function: str, call: Expression) -> _Values:
        if not isinstance(call, FunctionCall) or call.name != function or len(call.arguments) != 2:
            return None
        pattern = known_text(self._evaluated(call.arguments[0]))
        if pattern is None or not self._is_variable(call.arguments[1]):
            return None
        return _texts_with_a_match(pattern)

    def _evaluated(self, expression: Expression) -> Value:
        try:
            return self._scope.evaluate(expression)
        except EvaluationError as error:
            return Unknown(error.message)
        except NotKnown as error:
            return error.unknown


def _texts_with_a_match(pattern: str) -> _Values:
    """Return the texts that contain a match of a pattern, or None if they can't be listed.

    They can be listed only if the pattern is anchored at both ends: no such text still matches with a letter, a space
    or a line end before or after it.
    """
    try:
        texts = finite_language(pattern, MAX_VALUES)
        anywhere = compile_pattern(pattern)
        longer = [wider for text in texts or () for more in _BESIDE for wider in (more + text, text + more)]
        return None if texts is None or any(map(anywhere.search, longer)) else [*texts]
    except (InvalidPattern, PatternLimit):
        return None


def _scalars(items: Sequence[Value | Repeated]) -> _Values:
    """Return the values of scalars, or None if one is unknown or relies on a default that can be changed."""
    values: list[Constant] = []
    for item in items:
        if isinstance(item, Repeated) or symbols_of(item):
            return None
        text = known_text(item)
        if text is None and not isinstance(item, Known):
            return None
        values.append(item.value if isinstance(item, Known) else text)
    return values
