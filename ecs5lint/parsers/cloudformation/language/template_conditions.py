"""Convert the conditions of a template to conditions on its parameters.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-conditions.html
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from ecs5lint.parsers.cloudformation.language.equality import ANYWHERE, equality, implications
from ecs5lint.parsers.cloudformation.language.stack import Stack
from ecs5lint.parsers.cloudformation.language.template import elements, intrinsic, show
from ecs5lint.values.conditions import ALWAYS, NEVER, All, Any, Condition, Named, Not, comparisons, fact, holds
from ecs5lint.values.kinds import Known, ListValue, ObjectValue, Pair, Value, known_text
from ecs5lint.values.members import member

#: The longest chain of conditions that refer to each other, and the largest number of comparisons in a condition.
_MAX_CHAIN = 50
_MAX_COMPARISONS = 1_000


def named_condition(stack: Stack, name: str) -> Condition:
    """Return the condition that a template calls `name`."""
    if name not in stack.conditions:
        # This represents the condition during its evaluation, in case it refers to itself or is too large to evaluate.
        stack.conditions[name] = fact(f"{stack.prefix}condition {name}", name, stack.budget)
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


def note_parts(stack: Stack) -> None:
    """Record the parts of unknown texts, so that later comparisons of the whole texts determine the parts."""
    if "Split" in stack.template.source.text:
        for call in _calls(stack, "Fn::Select", ("Rules", "Conditions", "Resources")):
            stack.evaluate(call, ANYWHERE)


def linked(stack: Stack, demands: list[Condition]) -> list[Condition]:
    """Return the implications of equal unknown values for the conditions and `demands` that compare one of them."""
    compared = [intrinsic(call) for call in _calls(stack, "Fn::Equals", ("Conditions", "Rules"))]
    if not any(pair and isinstance(pair[1], ListValue) and all(map(intrinsic, elements(pair[1]))) for pair in compared):
        return []
    names = [known_text(item.key) for item in stack.section("Conditions").members if isinstance(item, Pair)]
    return implications(stack, [*demands, *(named_condition(stack, name) for name in names if name)])


def _calls(stack: Stack, name: str, sections: tuple[str, ...]) -> Iterator[ObjectValue]:
    """Yield the calls of an intrinsic function in some sections."""
    pending: list[Value] = [stack.section(section) for section in sections]
    while pending:
        value = pending.pop()
        if isinstance(value, ObjectValue):
            if (intrinsic(value) or ("",))[0] == name:
                yield value
            pending += [item.value for item in value.members if isinstance(item, Pair)]
        elif isinstance(value, ListValue):
            pending += elements(value)


def formula(stack: Stack, value: Value) -> Condition:
    """Return a condition as the template writes it: a condition function, a comparison, or the name of a condition."""
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
        return equality(stack, operands[0], operands[1])
    return _membership(stack, name, operands) or fact(stack.prefix + show(value), show(value), stack.budget)


def _membership(stack: Stack, name: str, operands: list[Value]) -> Condition | None:
    """Return the condition for a function of Rules on lists, or None for another function or an unknown list.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-rules.html
    """
    if len(operands) != 2:
        return None
    left, right = (_listed(stack, operand) for operand in operands)
    if name == "Fn::Contains" and left is not None:
        return Any(*(equality(stack, operands[1], item) for item in left))
    if name == "Fn::EachMemberEquals" and left is not None:
        return All(*(equality(stack, item, operands[1]) for item in left))
    if name == "Fn::EachMemberIn" and left is not None and right is not None:
        return All(*(Any(*(equality(stack, item, other) for other in right)) for item in left))
    return None


def _listed(stack: Stack, written: Value) -> list[Value] | None:
    """Return the elements of a literal list. For Fn::RefAll, these are references to each parameter of a type."""
    if isinstance(written, ListValue):
        return elements(written)
    name, argument = intrinsic(written) or ("", written)
    if name == "Fn::RefAll":
        type_ = known_text(argument)
        if any(parameter.type == f"List<{type_}>" for parameter in stack.parameters.values()):
            return None
        names = [parameter.name for parameter in stack.parameters.values() if parameter.type == type_]
        return [ObjectValue((Pair(Known("Ref"), Known(name)),)) for name in names]
    value = stack.evaluate(written, ANYWHERE) if name == "Ref" else written
    return elements(value) if isinstance(value, ListValue) else None


def _condition_call(value: Value) -> tuple[str, Value]:
    called = intrinsic(value)
    if called is None and isinstance(value, ObjectValue):
        return "Condition", member(value, "Condition")
    return called or ("", value)
