"""Choose between alternatives in the source.

A default never makes such a choice alone. The arm that it picks gives the value, but the other arms are evaluated too,
with the variables of the condition as unknowns.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice

from ecs5lint.light_typing import NamedTuple
from ecs5lint.location import Span
from ecs5lint.parsers.terraform.language.access import index
from ecs5lint.parsers.terraform.language.alternatives import lift_refusals, refusal
from ecs5lint.parsers.terraform.language.functions.function import member_name, spread
from ecs5lint.parsers.terraform.language.operators import condition_of
from ecs5lint.parsers.terraform.language.scope import STRICT, Scope, Symbols, symbols_of
from ecs5lint.parsers.terraform.language.types import BOOL, convert
from ecs5lint.parsers.terraform.syntax.errors import EvaluationError
from ecs5lint.parsers.terraform.syntax.nodes import Expression, Index
from ecs5lint.parsers.terraform.syntax.numbers import scalar_text
from ecs5lint.values.conditions import All, Condition, Constant, Is, fact, negate, opposite_in_source
from ecs5lint.values.kinds import (
    NO_ASSUMPTIONS,
    Arm,
    Choice,
    Known,
    ListValue,
    ObjectValue,
    Pair,
    Text,
    Unknown,
    Value,
    assume,
    known_text,
)

#: Evaluates an alternative in a scope.
Alternative = Callable[[Scope], Value]

#: The largest number of members to try for an unknown key.
MAX_MEMBERS = 64


def choose(condition: Expression, scope: Scope, when_true: Alternative, when_false: Alternative, span: Span) -> Value:
    """Return the value of the alternative that `condition` chooses. Raises EvaluationError."""
    value = convert(scope.evaluate(condition), BOOL)
    if isinstance(value, Known) and value.value is None:
        raise EvaluationError("the condition is null", condition.span)
    symbols = _all_symbols(value)
    if isinstance(value, Known) and not symbols:
        return assume(when_true(scope) if value.value else when_false(scope), value.assumptions)
    off_default_path = scope.without_defaults(symbols) if symbols else scope
    chooser = _Chooser(condition, scope, off_default_path, when_true, when_false, span)
    return chooser.settled(chooser.follow(value, True))


def _all_symbols(value: Value) -> Symbols:
    symbols = symbols_of(value)
    if isinstance(value, Choice):
        symbols = symbols.union(*(_all_symbols(arm.value) for arm in value.arms))
    return symbols


class _Chooser:
    """Evaluates the alternatives for the value of a condition, each at most once in either scope."""

    def __init__(
        self,
        condition: Expression,
        scope: Scope,
        off_default_path: Scope,
        when_true: Alternative,
        when_false: Alternative,
        span: Span,
    ) -> None:
        self._condition = condition
        self._scope = scope
        self._off_default_path = off_default_path
        self._alternatives = {True: when_true, False: when_false}
        self._span = span
        self._values: dict[tuple[bool, bool], Value] = {}
        self._refusals: list[EvaluationError] = []

    def settled(self, value: Value) -> Value:
        """Return `value`. Raises EvaluationError if Terraform refuses every alternative in it."""
        if self._refusals and len(self._refusals) == len(self._values):
            raise self._refusals[0]
        return value

    def follow(self, value: Value, on_default_path: bool) -> Value:
        """Return the value for a value of the condition.

        `on_default_path` tells whether the condition has it on the default path.
        """
        if isinstance(value, Choice):
            arms = tuple(
                Arm(when, self.follow(arm, on_default_path and value.default_arm in (None, number)))
                for number, (when, arm) in enumerate(value.arms)
            )
            return value._replace(arms=arms, span=self._span)
        if isinstance(value, Unknown):
            when = self._meaning(value)
            both = (
                Arm(when, self._value(True, on_default_path)),
                Arm(negate(when), self._value(False, on_default_path)),
            )
            return Choice(both, self._span, value.assumptions)
        if not isinstance(value, Known):
            return Unknown("the condition is not a boolean", self._span)
        holds = value.value is True
        if not symbols_of(value):
            return assume(self._value(holds, on_default_path), value.assumptions)
        unsettled = self._without_defaults()
        if isinstance(unsettled, Known) and not symbols_of(unsettled):
            # If the source determines the value, the defaults don't matter.
            return assume(self._value(unsettled.value is True, on_default_path), unsettled.assumptions)
        when = self._meaning(unsettled)
        chosen, other = (when, negate(when)) if holds else (negate(when), when)
        arms = (Arm(chosen, self._value(holds, on_default_path)), Arm(other, self._value(not holds, False)))
        return Choice(arms, self._span, value.assumptions, default_arm=0)

    def _value(self, holds: bool, on_default_path: bool) -> Value:
        if (holds, on_default_path) not in self._values:
            try:
                self._values[holds, on_default_path] = self._alternatives[holds](
                    self._scope if on_default_path else self._off_default_path
                )
            except EvaluationError as error:
                self._refusals.append(error)
                self._values[holds, on_default_path] = refusal(error)
        return self._values[holds, on_default_path]

    def _without_defaults(self) -> Value:
        try:
            return convert(self._off_default_path.evaluate(self._condition), BOOL)
        except EvaluationError:
            return Unknown("")

    def _meaning(self, value: Value) -> Condition:
        text = self._scope.worded(self._condition.span.text)
        key = self._scope.key(" ".join(self._condition.span.text.split()))
        budget = self._scope.budget
        if isinstance(value, Unknown):
            return condition_of(value, key, text, budget)
        return fact(key, text, budget, opposite_in_source(text))


def choose_member(target: Value, step: Index, scope: Scope, otherwise: Alternative | None = None) -> Value:
    """Return the member of `target` that `step` selects, or `otherwise` if it is missing. Raises EvaluationError.

    If the key is unknown, or known only from a default, the result is a choice between all members. Inside `try` and
    `can`, the choice includes a key that Terraform refuses.
    """
    key = member_name(scope.evaluate(step.key))
    symbols = symbols_of(key)
    if otherwise is None and STRICT in scope.names and (symbols or not isinstance(key, Known)):
        otherwise = partial(_refused, step.span)
    if not isinstance(key, Known):
        return _any_member(target, key, step, scope, otherwise, None)
    value = _member(target, key, step.span, otherwise, scope)
    if not symbols:
        return value
    off_default_path = scope.without_defaults(symbols)
    unsettled = off_default_path.evaluate(step.key)
    if not isinstance(unsettled, (Unknown, Text)):
        return value
    return _any_member(
        off_default_path.evaluate(step.target), unsettled, step, off_default_path, otherwise, _Default(key, value)
    )


class _Default(NamedTuple):
    """The default value of a key, and the member for it."""

    key: Known
    value: Value


def _any_member(
    members: Value, key: Value, step: Index, scope: Scope, otherwise: Alternative | None, default: _Default | None
) -> Value:
    """Return a choice between the members of an object or a list. One of them may be on the default path."""
    if not isinstance(key, (Unknown, Text)) or not isinstance(members, (ObjectValue, ListValue)):
        return default.value if default else _member(members, key, step.span, otherwise, scope)
    symbol = key.symbol if isinstance(key, Unknown) and key.symbol else scope.key(step.key.span.text)
    domain = key.domain if isinstance(key, Unknown) else None
    possible = ((name, value) for name in _keys(members, scope) if (value := _value_of_key(name, key)) is not None)
    values = dict(islice(possible, MAX_MEMBERS))
    names = list(values)
    arms = []
    for name, value in values.items():
        text, opposite = (f"{step.key.span.text} {word} {_shown(value)}" for word in ("==", "!="))
        when = Is(symbol, value, domain, text, scope.budget, opposite)
        is_default = default is not None and str(default.key.value) == str(name)
        arms.append(Arm(when, default.value if default and is_default else index(members, Known(name), step.span)))
    default_arm = next((i for i, name in enumerate(names) if default and str(default.key.value) == str(name)), None)
    rest = _rest(members, names, otherwise, scope, step.span)
    if default and default_arm is None:
        rest, default_arm = default.value, len(arms)
    if rest is not None:
        arms.append(Arm(All(*(negate(arm.when) for arm in arms)), rest))
    if not arms:
        raise EvaluationError("there is no such element", step.span)
    return Choice(tuple(arms), step.span, default.key.assumptions if default else NO_ASSUMPTIONS, default_arm)


def _value_of_key(name: Constant, key: Unknown | Text) -> Constant:
    """Return the value of a key that selects the member `name`. In some domains it is a number or a boolean.

    Return None if the key can't have such a value.
    """
    if isinstance(key, Unknown) and key.domain is not None:
        return next((value for value in key.domain if value is not None and scalar_text(value) == str(name)), None)
    return name if isinstance(key, Text) or key.may_be(name) else None


def _shown(name: Constant) -> str:
    return f'"{name}"' if isinstance(name, str) else scalar_text(name)


def _member(target: Value, key: Value, span: Span, otherwise: Alternative | None, scope: Scope) -> Value:
    def get(target: Value, key: Value) -> Value:
        try:
            return index(target, key, span)
        except EvaluationError as error:
            if otherwise is None:
                raise
            return assume(otherwise(scope), error.assumptions)

    return lift_refusals(get, target, spread(key))


def _refused(span: Span, scope: Scope) -> Value:
    return refusal(EvaluationError("there is no such element", span))


def _keys(members: ObjectValue | ListValue, scope: Scope) -> Iterator[Constant]:
    """Yield the known keys of the members, within the budget."""
    if isinstance(members, ListValue):
        yield from range(len(members.items))
        return
    for member in members.members:
        name = known_text(member.key) if isinstance(member, Pair) else None
        if name is not None and scope.budget.spend(1):
            yield name


def _rest(
    members: ObjectValue | ListValue, keys: list[Constant], otherwise: Alternative | None, scope: Scope, span: Span
) -> Value | None:
    """Return the value for a key outside `keys`, or None if there is no other key."""
    if isinstance(members, ObjectValue) and len(members.members) > len(keys):
        return Unknown("the object has unknown keys", span)
    if isinstance(members, ListValue) and len(keys) == MAX_MEMBERS < len(members.items):
        return Unknown(f"the list has more than {MAX_MEMBERS} elements to choose from", span)
    return otherwise(scope) if otherwise else None
