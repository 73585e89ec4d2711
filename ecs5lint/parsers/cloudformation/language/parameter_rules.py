"""Evaluate the Rules section of a template. A stack that breaks a rule is not deployed.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/rules-section-structure.html
"""

from __future__ import annotations

from ecs5lint.parsers.cloudformation.language.equality import ANYWHERE, equals
from ecs5lint.parsers.cloudformation.language.stack import Stack
from ecs5lint.parsers.cloudformation.language.template import elements
from ecs5lint.parsers.cloudformation.language.template_conditions import formula
from ecs5lint.values.conditions import All, Any, Condition, Is, Not, TooManyAlternatives, comparisons, satisfiable
from ecs5lint.values.kinds import Absent, Known, ListValue, ObjectValue, Pair, Unknown
from ecs5lint.values.members import member


def rules(stack: Stack) -> list[Condition]:
    """Return the conditions that the Rules section requires. The result is empty if no parameters can satisfy them all.

    A default that breaks a rule in every stack is no longer used.
    """
    demands = _passed_on(stack)
    for pair in stack.section("Rules").members:
        rule = pair.value if isinstance(pair, Pair) else None
        assertions = member(rule, "Assertions") if isinstance(rule, ObjectValue) else None
        if not isinstance(rule, ObjectValue) or not isinstance(assertions, ListValue):
            continue
        asserted = [
            formula(stack, member(item, "Assert")) for item in elements(assertions) if isinstance(item, ObjectValue)
        ]
        condition = member(rule, "RuleCondition")
        demand: Condition = All(*asserted)
        demands.append(demand if isinstance(condition, Absent) else Any(Not(formula(stack, condition)), demand))
    try:
        if not satisfiable(demands):
            return []
        stack.refuse_defaults(_refused(stack, demands))
    except TooManyAlternatives:
        pass  # the stack's own conditions exceed the limit too
    return demands


def _passed_on(stack: Stack) -> list[Condition]:
    """Return the conditions on the values that are passed to a nested stack: each must be one of its AllowedValues."""
    demands: list[Condition] = []
    for name, parameter in stack.parameters.items() if stack.arguments else ():
        if parameter.allowed is None or parameter.is_list or parameter.is_from_systems_manager:
            continue
        if stack.arguments is None or isinstance(stack.arguments(parameter, ANYWHERE), Absent):
            continue
        value = stack.evaluate(ObjectValue((Pair(Known("Ref"), Known(name)),)), ANYWHERE)
        if isinstance(value, Unknown) and value.symbol:
            demands.append(Any(*(equals(stack, value, text) for text in parameter.allowed)))
    return demands


def _refused(stack: Stack, demands: list[Condition]) -> set[str]:
    """Return the symbols of the parameters whose defaults break the rules. Raises TooManyAlternatives."""
    compared = {item.symbol: item for demand in demands for item in comparisons(demand)}
    defaults = {symbol: stack.defaults[symbol] for symbol in compared if symbol in stack.defaults}
    return {
        symbol
        for symbol, default in defaults.items()
        if not satisfiable([*demands, Is(symbol, default.value, compared[symbol].domain, "", stack.budget)])
    }
