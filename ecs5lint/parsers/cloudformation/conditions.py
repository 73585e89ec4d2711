"""The conditions of a template as facts about its parameters.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-conditions.html
"""

from __future__ import annotations

from itertools import islice, product
from math import prod

from ecs5lint.conditions import (
    ALWAYS,
    NEVER,
    All,
    Any,
    Condition,
    Constant,
    Is,
    Named,
    Not,
    comparisons,
    fact,
    holds,
    satisfiable,
)
from ecs5lint.parsers.cloudformation.stack import MAX_SHOWN, Context, Stack
from ecs5lint.parsers.cloudformation.template import elements, intrinsic, scalar_text, show
from ecs5lint.values import (
    Absent,
    Assumptions,
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

#: How many ways to fill the holes of a text are tried.
_MAX_FILLED = 256

#: Conditions are the same everywhere in a stack, so nothing that holds in one place enters into them.
_ANYWHERE = Context(trusting=False)


def named_condition(stack: Stack, name: str) -> Condition:
    """Return the condition that a template calls `name`."""
    if name not in stack.conditions:
        # Stands in while the condition is evaluated, for one that refers to itself, and for one too large to evaluate.
        stack.conditions[name] = fact(f"{stack.prefix}condition {name}", name)
        written = stack.entry("Conditions", name)
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
    sides = [stack.evaluate(value, _ANYWHERE) for value in (left, right)]
    alternatives: list[tuple[Condition, ...]]
    try:
        alternatives = [
            (*(branch.when for branch in path), _same(stack, first, second, unsettled))
            for first_path, first in leaves(sides[0])
            for path, second in leaves(sides[1], first_path)
        ]
    except TooManyAlternatives:
        alternatives = [(unsettled,)]
    by_default = [stack.evaluate(value, Context()) for value in (left, right)]
    for side, default in zip(sides, by_default, strict=True):
        if isinstance(side, Unknown) and isinstance(default, Known):
            _remember(stack, side.symbol, scalar_text(default), default.assumptions)
    if all(isinstance(default, Known) for default in by_default):
        texts = {scalar_text(default) for default in by_default if isinstance(default, Known)}
        _remember(stack, unsettled.symbol, len(texts) == 1, all_assumptions(by_default))
    return Any(*(All(*conditions) for conditions in alternatives))


def _remember(stack: Stack, symbol: str | None, value: Constant, assumptions: Assumptions) -> None:
    """Take note of what is known by default of a thing that is compared."""
    if symbol is not None and assumptions:
        stack.defaults.setdefault(symbol, Known(value, assumptions=assumptions))


def _same(stack: Stack, left: Value, right: Value, unsettled: Condition) -> Condition:
    if isinstance(left, Known) and isinstance(right, Known):
        return ALWAYS if scalar_text(left) == scalar_text(right) else NEVER
    if isinstance(left, Known):
        left, right = right, left
    if isinstance(left, Unknown) and left.symbol is not None:
        if isinstance(right, Known):
            return equals(stack, left, scalar_text(right))
        if isinstance(right, Unknown) and right.symbol == left.symbol:
            return ALWAYS
        if isinstance(right, Unknown) and left.domain is not None and right.domain is not None:
            shared = [str(value) for value in left.domain if value in right.domain]
            return Any(*(All(equals(stack, left, text), equals(stack, right, text)) for text in shared))
    if isinstance(left, Text) and isinstance(right, Known):
        return _text_is(stack, left, scalar_text(right)) or unsettled
    return unsettled


def equals(stack: Stack, unknown: Unknown, text: str) -> Condition:
    """Return the condition that something unknown, which has a symbol, is a text."""
    symbol = unknown.symbol or ""
    if unknown.domain is not None and text not in unknown.domain:
        return NEVER
    return Is(symbol, text, unknown.domain, f"{symbol.removeprefix(stack.prefix)} = {shown_text(text)}")


def shown_text(text: str) -> str:
    """Return a parameter's value as a report shows it: quoted where it would not be seen for what it is."""
    text = text if len(text) <= MAX_SHOWN else text[:MAX_SHOWN] + "..."
    return text if text and text.isprintable() and " " not in text else f'"{text}"'


def _text_is(stack: Stack, text: Text, wanted: str) -> Condition | None:
    """Return the condition that text with holes is the text `wanted`; None if there are several ways to fill them."""
    holes = [part for part in text.parts if isinstance(part, Unknown) and part.symbol is not None]
    if len(holes) + sum(isinstance(part, Known) for part in text.parts) < len(text.parts):
        return None
    if wanted == "":
        return All(*(equals(stack, hole, "") for hole in holes)) if len(holes) == len(text.parts) else NEVER
    if len(holes) == 1:
        return _hole_is(stack, text, holes[0], wanted)
    domains = [hole.domain or () for hole in holes]
    if not all(domains) or prod(map(len, domains)) > _MAX_FILLED:
        return None
    ways = []
    for values in product(*domains):
        filled = iter(values)
        if (
            "".join(scalar_text(part) if isinstance(part, Known) else str(next(filled)) for part in text.parts)
            == wanted
        ):
            ways.append(All(*(equals(stack, hole, str(value)) for hole, value in zip(holes, values, strict=True))))
    return Any(*ways)


def _hole_is(stack: Stack, text: Text, hole: Unknown, wanted: str) -> Condition:
    """Return the condition that the one hole of a text fills it up to the text `wanted`."""
    at = text.parts.index(hole)
    before = "".join(scalar_text(part) for part in text.parts[:at] if isinstance(part, Known))
    after = "".join(scalar_text(part) for part in text.parts[at + 1 :] if isinstance(part, Known))
    if len(wanted) < len(before) + len(after) or not (wanted.startswith(before) and wanted.endswith(after)):
        return NEVER
    return equals(stack, hole, wanted[len(before) : len(wanted) - len(after)])
