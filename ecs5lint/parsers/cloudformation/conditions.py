"""The conditions of a template as facts about its parameters.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-conditions.html
"""

from __future__ import annotations

from itertools import islice

from ecs5lint.conditions import (
    ALWAYS,
    NEVER,
    All,
    Any,
    Condition,
    Is,
    Named,
    Not,
    comparisons,
    fact,
    holds,
    satisfiable,
)
from ecs5lint.parsers.cloudformation.stack import Context, Stack
from ecs5lint.parsers.cloudformation.template import elements, intrinsic, scalar_text, show
from ecs5lint.values import (
    Absent,
    Known,
    ListValue,
    ObjectValue,
    Pair,
    Text,
    TooManyAlternatives,
    Unknown,
    Value,
    all_assumptions,
    known_text,
    leaves,
    member,
)

#: How long a chain of conditions that refer to each other may be, and how many comparisons one may come to.
_MAX_CHAIN = 50
_MAX_COMPARISONS = 1_000

#: Conditions are the same everywhere in a stack, so nothing that holds in one place enters into them.
_ANYWHERE = Context(trusting=False)


def named_condition(stack: Stack, name: str) -> Condition:
    """Return the condition that a template calls `name`."""
    if name not in stack.conditions:
        # Stands in while the condition is evaluated, for one that refers to itself, and for one too large to evaluate.
        stack.conditions[name] = fact(f"{stack.prefix}condition {name}", name)
        written = member(stack.template.section("Conditions"), name)
        if isinstance(written, ObjectValue) and stack.conditions_under_way < _MAX_CHAIN:
            stack.conditions_under_way += 1
            condition = formula(stack, written)
            stack.conditions_under_way -= 1
            size = sum(1 for _ in islice(comparisons(condition), _MAX_COMPARISONS + 1))
            if size == 0:
                stack.conditions[name] = ALWAYS if holds(condition, {}) else NEVER
            elif size <= _MAX_COMPARISONS:
                stack.conditions[name] = Named(name, condition)
    return stack.conditions[name]


def formula(stack: Stack, value: Value) -> Condition:
    """Return a condition as the template writes it: a function of conditions, a comparison, the name of a condition."""
    name, argument = _condition_call(value)
    operands = elements(argument) if isinstance(argument, ListValue) else []
    if name == "Condition":
        return named_condition(stack, known_text(argument) or "")
    if name == "Fn::And":
        return All(*(formula(stack, operand) for operand in operands))
    if name == "Fn::Or":
        return Any(*(formula(stack, operand) for operand in operands))
    if name == "Fn::Not" and len(operands) == 1:
        return Not(formula(stack, operands[0]))
    if name == "Fn::Equals" and len(operands) == 2:
        return _equality(stack, operands[0], operands[1])
    if name == "Fn::Contains" and len(operands) == 2 and isinstance(operands[0], ListValue):
        return Any(*(_equality(stack, operands[1], item) for item in elements(operands[0])))
    return fact(stack.prefix + show(value), show(value))


def rules(stack: Stack) -> list[Condition]:
    """Return what the Rules section demands of the parameters. A stack whose parameters break a rule is not deployed.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/rules-section-structure.html
    """
    demands = []
    for pair in stack.template.section("Rules").members:
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
    return demands if satisfiable(demands) else []


def _condition_call(value: Value) -> tuple[str, Value]:
    called = intrinsic(value)
    if called is None and isinstance(value, ObjectValue):
        return "Condition", member(value, "Condition")
    return called or ("", value)


def _equality(stack: Stack, left: Value, right: Value) -> Condition:
    """Return the condition that two values are equal, over all that they can be."""
    text = f"{show(left)} = {show(right)}"
    unsettled = fact(f"{stack.prefix}{text}", text)
    alternatives: list[tuple[Condition, ...]]
    try:
        alternatives = [
            (*(branch.when for branch in path), _same(stack, first, second, unsettled))
            for first_path, first in leaves(stack.evaluate(left, _ANYWHERE))
            for path, second in leaves(stack.evaluate(right, _ANYWHERE), first_path)
        ]
    except TooManyAlternatives:
        alternatives = [(unsettled,)]
    if any(unsettled in conditions for conditions in alternatives):
        _remember_default(stack, left, right, unsettled)
    return Any(*(All(*conditions) for conditions in alternatives))


def _same(stack: Stack, left: Value, right: Value, unsettled: Condition) -> Condition:
    if isinstance(left, Known) and isinstance(right, Known):
        return ALWAYS if scalar_text(left) == scalar_text(right) else NEVER
    if isinstance(left, Known):
        left, right = right, left
    if isinstance(left, Unknown) and left.symbol is not None:
        if isinstance(right, Known):
            return _is(left, scalar_text(right))
        if isinstance(right, Unknown) and right.symbol == left.symbol:
            return ALWAYS
        if isinstance(right, Unknown) and left.domain is not None and right.domain is not None:
            shared = [str(value) for value in left.domain if value in right.domain]
            return Any(*(All(_is(left, text), _is(right, text)) for text in shared))
    if isinstance(left, Text) and isinstance(right, Known):
        return _text_is(left, scalar_text(right), unsettled)
    return unsettled


def _is(unknown: Unknown, text: str) -> Condition:
    symbol = unknown.symbol or ""
    if unknown.domain is not None and text not in unknown.domain:
        return NEVER
    return Is(symbol, text, unknown.domain, f"{symbol} = {shown_text(text)}")


def shown_text(text: str) -> str:
    """Return a parameter's value as a report shows it: quoted where it would not be seen for what it is."""
    return text if text and text.isprintable() and " " not in text else f'"{text}"'


def _text_is(text: Text, wanted: str, unsettled: Condition) -> Condition:
    """Return the condition that text with one hole is the text `wanted`: the hole fills it up."""
    holes = [part for part in text.parts if not isinstance(part, Known)]
    if len(holes) != 1 or not isinstance(holes[0], Unknown) or holes[0].symbol is None:
        return unsettled
    at = text.parts.index(holes[0])
    before = "".join(scalar_text(part) for part in text.parts[:at] if isinstance(part, Known))
    after = "".join(scalar_text(part) for part in text.parts[at + 1 :] if isinstance(part, Known))
    if len(wanted) < len(before) + len(after) or not (wanted.startswith(before) and wanted.endswith(after)):
        return NEVER
    return _is(holes[0], wanted[len(before) : len(wanted) - len(after)])


def _remember_default(stack: Stack, left: Value, right: Value, unsettled: Is) -> None:
    """Take note of whether two values are equal by default, where that is all that can be known of it."""
    values = [stack.evaluate(value, Context()) for value in (left, right)]
    if all(isinstance(value, Known) for value in values):
        texts = [scalar_text(value) for value in values if isinstance(value, Known)]
        known = Known(texts[0] == texts[1], assumptions=all_assumptions(values))
        stack.deployment.defaults[unsettled.symbol] = known
