"""Convert the nested blocks of a resource to values: static blocks, dynamic blocks, and attributes in their place.

https://developer.hashicorp.com/terraform/language/expressions/dynamic-blocks
"""

from __future__ import annotations

from collections.abc import Set
from functools import partial

from ecs5lint.location import Failure, Span
from ecs5lint.model.task_definition import not_read
from ecs5lint.parsers.terraform.language.alternatives import lift_refusals, refusal
from ecs5lint.parsers.terraform.language.loops import iterate
from ecs5lint.parsers.terraform.language.scope import Scope
from ecs5lint.parsers.terraform.modules.module_scope import ModuleScope
from ecs5lint.parsers.terraform.syntax.blocks import Argument, Block
from ecs5lint.parsers.terraform.syntax.errors import EvaluationError, NotKnown
from ecs5lint.values.alternatives import lift
from ecs5lint.values.conditions import negate
from ecs5lint.values.kinds import (
    ABSENT,
    NO_ASSUMPTIONS,
    Absent,
    Arm,
    Assumptions,
    Choice,
    Known,
    ListValue,
    ObjectValue,
    Pair,
    Repeated,
    Unknown,
    Value,
    assume,
    known_text,
)

_DYNAMIC = "dynamic"

#: Names of arguments, in small letters without separators. None stands for all.
Names = Set[str] | None


def nested_blocks(module: ModuleScope, block: Block, type: str, scope: Scope, names: Names = None) -> Value:
    """Return the nested blocks of a type as a list of objects, or ABSENT. Only the arguments `names` are evaluated."""
    parts: list[Value] = []
    for item in block.items:
        if isinstance(item, Argument):
            if item.name == type:
                parts.append(as_blocks(lift(_as_list, argument_value(module, item, scope))))
        elif item.type == type:
            parts.append(ListValue((_object(module, item, scope, names),), item.span))
        elif item.type == _DYNAMIC and item.labels == (type,):
            parts.append(_dynamic(module, item, type, scope, names))
    if not parts:
        return ABSENT
    return parts[0] if len(parts) == 1 else lift(partial(_joined, block.span), *parts)


def nested_block(module: ModuleScope, block: Block, type: str, scope: Scope, names: Names = None) -> Value:
    """Return the nested block of a type that the provider accepts once, as an object, or ABSENT."""
    return single(nested_blocks(module, block, type, scope, names), type)


def argument_value(module: ModuleScope, argument: Argument, scope: Scope) -> Value:
    """Return the value of an argument. It is unknown if Terraform refuses it."""
    try:
        return module.value_of(argument, scope)
    except EvaluationError as error:
        return refusal(error, argument.value_span)


def check_syntax(argument: Argument, module: ModuleScope) -> None:
    """Record a syntax error in an argument, even an irrelevant one."""
    try:
        argument.check()
    except Failure as failure:
        module.run.modules.fail(failure)


def as_blocks(value: Value) -> Value:
    """Return a list of objects as nested blocks, whose own nested blocks are lists of at most one object."""
    return lift(_as_blocks, value)


def _as_blocks(value: Value) -> Value:
    return value._replace(items=tuple(map(_as_block, value.items))) if isinstance(value, ListValue) else value


def _as_block(item: Value | Repeated) -> Value | Repeated:
    if isinstance(item, Repeated):
        return item._replace(element=lift(_with_single_blocks, item.element))
    return lift(_with_single_blocks, item)


def _with_single_blocks(block: Value) -> Value:
    if not isinstance(block, ObjectValue):
        return block
    members = (
        item._replace(value=single(item.value, known_text(item.key) or "")) if isinstance(item, Pair) else item
        for item in block.members
    )
    return block._replace(members=tuple(members))


def single(blocks: Value, type: str) -> Value:
    """Return the only element of a list of blocks, or ABSENT. If there are several, it is unknown."""
    return lift(partial(_single, type), blocks)


def _single(type: str, blocks: Value) -> Value:
    if not isinstance(blocks, ListValue):
        return blocks
    items = [item for item in blocks.items if not isinstance(item, Absent)]
    if not items:
        return Absent(blocks.span, blocks.assumptions)
    first, *others = items
    if others:
        return Unknown(f"the provider accepts one {type} block, not {len(items)}", _span(others[0]))
    if not isinstance(first, Repeated):
        return assume(first, blocks.assumptions)
    arms = (Arm(first.when, first.element), Arm(negate(first.when), ABSENT))
    # By default, there is none.
    return Choice(arms, blocks.span, blocks.assumptions, default_arm=1 if first.off_default_path else None)


def _span(item: Value | Repeated) -> Span | None:
    return item.element.span if isinstance(item, Repeated) else item.span


def _object(module: ModuleScope, block: Block, scope: Scope, names: Names) -> ObjectValue:
    """Return a block as an object. The provider accepts each of its own nested blocks once."""
    members = [Pair(Known(item.name, item.span), _member(module, item, scope, names)) for item in block.arguments()]
    nested = [item for item in block.items if isinstance(item, Block)]
    types = dict.fromkeys(item.labels[0] if item.type == _DYNAMIC and item.labels else item.type for item in nested)
    members += [Pair(Known(type, block.span), nested_block(module, block, type, scope, names)) for type in types]
    return ObjectValue(tuple(members), block.span)


def _member(module: ModuleScope, argument: Argument, scope: Scope, names: Names) -> Value:
    """Return the value of an argument, or an unknown if nothing reads it: it may depend on many other resources."""
    if names is None or argument.name.replace("_", "").lower() in names:
        return argument_value(module, argument, scope)
    check_syntax(argument, module)
    return not_read(argument.name)


def _dynamic(module: ModuleScope, dynamic: Block, type: str, scope: Scope, names: Names) -> Value:
    """Return the blocks that a dynamic block creates."""
    for_each, content = dynamic.argument("for_each"), dynamic.blocks("content")
    if for_each is None or not content:
        return Unknown(f'the dynamic "{type}" block is incomplete', dynamic.span)
    iterator = dynamic.argument("iterator")
    name = iterator.value_span.text.strip('"') if iterator else type

    def over(collection: Value) -> Value:
        items: list[Value | Repeated] = []
        for turn in iterate(collection, "key", "value", scope, for_each.value_span):
            element = ObjectValue(tuple(Pair(Known(part), turn.scope.names[part]) for part in ("key", "value")))
            made = _object(module, content[0], scope.bind({name: element}, name), names)
            items.append(Repeated(made, turn.when, turn.off_default_path) if turn.when else made)
        return ListValue(tuple(items), dynamic.span, collection.assumptions)

    try:
        return lift_refusals(over, argument_value(module, for_each, scope))
    except EvaluationError as error:
        return refusal(error, for_each.value_span)
    except NotKnown as error:
        return error.unknown


def _as_list(value: Value) -> Value:
    """Return the value of an attribute in place of blocks as a list. An object is a single block."""
    return ListValue((value,), value.span) if isinstance(value, ObjectValue) else value


def _joined(span: Span, *parts: Value) -> Value:
    """Return lists of blocks as one list. A part that is no list stands for any number of blocks."""
    items: list[Value | Repeated] = []
    assumptions: Assumptions = NO_ASSUMPTIONS
    for part in parts:
        if isinstance(part, ListValue):
            items += part.items
            assumptions |= part.assumptions
        elif not isinstance(part, Absent):
            items.append(part)
    return ListValue(tuple(items), span, assumptions)
