"""Nested stacks whose templates are local files, and their outputs.

`aws cloudformation package` and `sam package` take such a path, relative to the template.
https://docs.aws.amazon.com/cli/latest/reference/cloudformation/package.html
"""

from __future__ import annotations

from ecs5lint.location import Failure
from ecs5lint.parsers.cloudformation.conditions import named_condition
from ecs5lint.parsers.cloudformation.stack import Context, Stack
from ecs5lint.parsers.cloudformation.template import NESTED_STACKS, scalar_text
from ecs5lint.values import Absent, Known, ObjectValue, Pair, Unknown, Value, known_text, lift, member

#: How deep stacks may be nested.
_MAX_NESTED = 10
#: What a nested stack counts as, in values evaluated.
_STACK = 1_000


def is_local(place: str) -> bool:
    """Tell whether the place of a template is a local file."""
    return "://" not in place


def nested_stacks(
    stack: Stack, logical_id: str, resource: Value, place: str, context: Context
) -> list[Stack] | Unknown:
    """Return the stacks that a resource nests, whose template is the local file at `place`: one for each document.

    There is none if the file is the template of a stack around it. Raises Failure if it cannot be read.
    """
    path = stack.path_of(place)
    around = list(stack.ancestors())
    if path in around:
        return []
    stack.deployment.nest(stack.template, path)
    templates = stack.deployment.templates(path)
    if templates and (len(around) > _MAX_NESTED or not stack.budget.spend(_STACK)):
        return Unknown(f"stacks are nested too deep or too often to follow {logical_id} ({path})", resource.span)
    passed = _member(_member(resource, "Properties"), "Parameters")
    arguments: dict[str, Value] = {}
    if isinstance(passed, ObjectValue):
        arguments = {known_text(pair.key) or "": pair.value for pair in passed.members if isinstance(pair, Pair)}
    prefix = f"{stack.prefix}{logical_id}."
    return [
        Stack(template, stack.deployment, stack.language, stack, arguments, prefix, context) for template in templates
    ]


def nested_output(stack: Stack, logical_id: str, name: str, context: Context) -> Value | None:
    """Return an output of a nested stack, None if it cannot be told from local files."""
    resource = stack.entry("Resources", logical_id)
    property_name = NESTED_STACKS.get(known_text(_member(resource, "Type")) or "", "")
    place = known_text(stack.evaluate(_member(_member(resource, "Properties"), property_name), context))
    if place is None or not is_local(place):
        return None
    try:
        nested = nested_stacks(stack, logical_id, resource, place, context)
    except Failure:
        return None
    if isinstance(nested, Unknown) or len(nested) != 1:
        return None
    output = nested[0].entry("Outputs", name)
    if not isinstance(output, ObjectValue):
        return None
    condition = known_text(member(output, "Condition"))
    if condition is not None:
        # A stack that asks for an output which is not there is not deployed.
        context = context._replace(path=(*context.path, named_condition(nested[0], condition)))
    value = nested[0].evaluate(member(output, "Value"), context)
    return lift(lambda item: item._replace(value=scalar_text(item)) if isinstance(item, Known) else item, value)


def _member(value: Value, name: str) -> Value:
    return member(value, name) if isinstance(value, ObjectValue) else Absent()
