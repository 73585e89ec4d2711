"""Evaluate splats: an expression for each element of a list, a set or a tuple.

https://developer.hashicorp.com/terraform/language/expressions/splat
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ecs5lint.location import Span
from ecs5lint.parsers.terraform.language.alternatives import lift_refusals
from ecs5lint.parsers.terraform.language.functions.collection import value_type
from ecs5lint.parsers.terraform.language.functions.function import optional_items
from ecs5lint.parsers.terraform.language.loops import iterate
from ecs5lint.parsers.terraform.language.scope import Scope
from ecs5lint.parsers.terraform.language.types import (
    ANY,
    NULL,
    UNSETTLED,
    Collection,
    TupleType,
    has_any,
    list_of,
    type_of,
)
from ecs5lint.parsers.terraform.syntax.errors import EvaluationError
from ecs5lint.parsers.terraform.syntax.nodes import Splat
from ecs5lint.values.kinds import Known, ListValue, Repeated, Type, Unknown, Value

#: The name that a splat binds to the current element. No source can use it.
SPLAT_ITEM = "[*]"


def splat(expression: Splat, scope: Scope) -> Value:
    """Return the value of a splat. Raises EvaluationError."""

    def over(target: Value) -> Value:
        if isinstance(target, Known) and target.value is None:
            return _of_null(target, expression.target.span)
        if not isinstance(target, (ListValue, Unknown)):
            target = ListValue((target,), expression.span)
        items: list[Value | Repeated] = []
        for turn in iterate(target, None, SPLAT_ITEM, scope, expression.target.span):
            value = turn.scope.evaluate(expression.item)
            items.append(Repeated(value, turn.when, turn.off_default_path) if turn.when else value)
        kind = _result_type(target, items, example, expression.span)
        return ListValue(tuple(items), expression.span, target.assumptions, type=kind)

    def example(element: Type) -> Type:
        """Return the type of the result for an element. For an empty list, Terraform checks nothing else."""
        unknown = Unknown("the list is empty", type=element)
        return type_of(scope.bind({SPLAT_ITEM: unknown}, "").evaluate(expression.item))

    return lift_refusals(over, optional_items(scope.evaluate(expression.target)))


def _of_null(target: Known, span: Span) -> ListValue:
    is_list = isinstance(target.type, TupleType) or (isinstance(target.type, Collection) and target.type.kind != "map")
    if is_list:
        raise EvaluationError("null is not a list", span, target.assumptions)
    return ListValue((), span, target.assumptions)


def _result_type(
    target: ListValue | Unknown, items: Sequence[Value | Repeated], example: Callable[[Type], Type], span: Span
) -> Type | None:
    """Return the type of the result: a list for a list or a set, None for a tuple. Raises EvaluationError."""
    element = value_type(target)
    if element is None:
        return None
    types = {type_of(item.element if isinstance(item, Repeated) else item) for item in items} or {example(element)}
    unclear = {NULL, UNSETTLED, ANY}
    if len(types - unclear) > 1 and not any(map(has_any, types)):
        raise EvaluationError("the elements of a splat of a list must have the same type", span)
    return list_of(types.pop() if len(types) == 1 and not types & unclear else ANY)
