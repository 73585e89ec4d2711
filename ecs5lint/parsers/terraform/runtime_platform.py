"""Determine the operating system of a task definition from runtime_platform: a block, a dynamic block, or an attribute.

https://developer.hashicorp.com/terraform/language/expressions/dynamic-blocks
"""

from __future__ import annotations

from ecs5lint.parsers.terraform.language.alternatives import lift_refusals
from ecs5lint.parsers.terraform.language.loops import iterate
from ecs5lint.parsers.terraform.language.scope import Scope
from ecs5lint.parsers.terraform.modules.module_scope import ModuleScope
from ecs5lint.parsers.terraform.syntax.blocks import Argument, Block
from ecs5lint.parsers.terraform.syntax.errors import EvaluationError
from ecs5lint.values.conditions import negate
from ecs5lint.values.kinds import ABSENT, Arm, Choice, Known, ObjectValue, Pair, Unknown, Value
from ecs5lint.values.members import nested_member

_BLOCK = "runtime_platform"
_FAMILY = "operating_system_family"


def operating_system_family(module: ModuleScope, block: Block, scope: Scope) -> Value:
    """Return the operating_system_family of a task definition, or ABSENT.

    The provider accepts at most one block, so a second one makes the family unknown.
    """
    platforms = block.blocks(_BLOCK)
    if len(platforms) > 1:
        return Unknown(f"the provider accepts one {_BLOCK} block, not {len(platforms)}", platforms[1].span)
    if platforms:
        return _family(module, platforms[0], scope)
    for dynamic in block.blocks("dynamic"):
        if dynamic.labels == (_BLOCK,):
            return _dynamic_family(module, dynamic, scope)
    argument = block.argument(_BLOCK)
    return nested_member(_value(module, argument, scope), _FAMILY) if argument else ABSENT


def _family(module: ModuleScope, platform: Block, scope: Scope) -> Value:
    argument = platform.argument(_FAMILY)
    return ABSENT if argument is None else _value(module, argument, scope)


def _dynamic_family(module: ModuleScope, dynamic: Block, scope: Scope) -> Value:
    for_each = dynamic.argument("for_each")
    content = dynamic.blocks("content")
    if for_each is None or not content:
        return ABSENT
    iterator = dynamic.argument("iterator")
    name = iterator.value_span.text if iterator else _BLOCK

    def over(collection: Value) -> Value:
        turns = iterate(collection, "key", "value", scope, for_each.value_span)
        if not turns or turns[0].off_default_path:
            return ABSENT
        turn = turns[0]
        element = ObjectValue(tuple(Pair(Known(part), turn.scope.names[part]) for part in ("key", "value")))
        family = _family(module, content[0], scope.bind({name: element}, name))
        if turn.when is None:
            return family
        return Choice((Arm(turn.when, family), Arm(negate(turn.when), ABSENT)), for_each.value_span)

    try:
        return lift_refusals(over, _value(module, for_each, scope))
    except EvaluationError as error:
        return Unknown(error.message, error.span or for_each.value_span)


def _value(module: ModuleScope, argument: Argument, scope: Scope) -> Value:
    try:
        return module.value_of(argument, scope)
    except EvaluationError as error:
        return Unknown(error.message, error.span or argument.value_span)
