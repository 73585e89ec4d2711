"""Resolve references to resources, data sources and module calls.

https://developer.hashicorp.com/terraform/language/expressions/references
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ecs5lint.location import Span
from ecs5lint.model.resource import CAPACITY_PROVIDER, names_own_provider
from ecs5lint.parsers.terraform.language import functions
from ecs5lint.parsers.terraform.language.alternatives import refusal
from ecs5lint.parsers.terraform.language.functions.template_text import render_value, template_variables
from ecs5lint.parsers.terraform.language.scope import STRICT, Scope, Step
from ecs5lint.parsers.terraform.language.types import STRING, convert
from ecs5lint.parsers.terraform.modules.child_modules import ModuleInstance, instance_scope, module_instances
from ecs5lint.parsers.terraform.modules.container_definition_data import container_attribute
from ecs5lint.parsers.terraform.modules.inputs import variable_value
from ecs5lint.parsers.terraform.modules.instances import Instance, enabled_argument, expand, whichever
from ecs5lint.parsers.terraform.modules.module_scope import Language, ModuleScope
from ecs5lint.parsers.terraform.modules.run import OTHER_TYPES
from ecs5lint.parsers.terraform.syntax.blocks import Argument, Block
from ecs5lint.parsers.terraform.syntax.errors import EvaluationError, NotKnown
from ecs5lint.parsers.terraform.syntax.nodes import GetAttribute, Index
from ecs5lint.values.alternatives import lift
from ecs5lint.values.conditions import negate
from ecs5lint.values.kinds import (
    ABSENT,
    Arm,
    Choice,
    Known,
    ListValue,
    ObjectValue,
    Pair,
    Repeated,
    Rest,
    Unknown,
    Value,
    known_text,
)

#: Returns an attribute of one instance, or the whole instance for None.
Get = Callable[[Instance, "str | None", Span], Value]


def resource_reference(scope: ModuleScope, inner: Scope, type: str, steps: Sequence[Step]) -> tuple[Value, int] | None:
    """Return the value of `type.name`, `type.name.attribute` or `type.name[key].attribute` in `inner`, within a module.

    Raises EvaluationError.
    """
    if type == "resource" and steps and isinstance(steps[0], GetAttribute):
        found = resource_reference(scope, inner, steps[0].name, steps[1:])
        return None if found is None else (found[0], found[1] + 1)
    if not steps or not isinstance(steps[0], GetAttribute):
        return None
    name = steps[0].name
    block = scope.module.resources.get((type, name))
    if block is None:
        return scope.undeclared(f"{type}.{name}"), 1
    address = scope.address(f"{type}.{name}")
    return _instances_reference(scope, block, address, "is known after apply", inner, steps, 1)


def data_reference(scope: ModuleScope, inner: Scope, steps: Sequence[Step]) -> tuple[Value, int]:
    """Return the value of a reference to a data source.

    `data` itself is not one of the steps. Raises EvaluationError.
    """
    if len(steps) < 2 or not isinstance(steps[0], GetAttribute) or not isinstance(steps[1], GetAttribute):
        raise EvaluationError("the reference is not complete")
    type, name = steps[0].name, steps[1].name
    block = scope.module.data.get((type, name))
    if block is None:
        return scope.undeclared(f"data.{type}.{name}"), 2
    address = scope.address(f"data.{type}.{name}")
    return _instances_reference(scope, block, address, "is read when Terraform runs", inner, steps, 2)


def _instances_reference(
    scope: ModuleScope,
    block: Block,
    address: str,
    why_unknown: str,
    inner: Scope,
    steps: Sequence[Step],
    taken: int,
) -> tuple[Value, int]:
    def get(instance: Instance, attribute: str | None, span: Span) -> Value:
        body = instance_scope(scope, address, instance)
        if attribute is None:
            return _whole(scope, block, body, address + instance.suffix, why_unknown, span)
        return _attribute(scope, block, attribute, body, f"{address}{instance.suffix}", why_unknown, span)

    return _select(expand(block, scope, scope.origin.case), get, inner, steps, taken, block)


def _select(
    instances: list[Instance], get: Get, scope: Scope, steps: Sequence[Step], taken: int, block: Block
) -> tuple[Value, int]:
    """Resolve the steps that select an instance and its attribute."""
    span = steps[taken - 1].span
    step = steps[taken] if taken < len(steps) else None
    single = len(instances) == 1 and instances[0].key is None
    chosen = instances[0] if single else None
    if not instances and enabled_argument(block):
        return Known(None, span), taken
    if isinstance(step, Index) and not single:
        key = scope.evaluate(step.key)
        wanted = key.value if isinstance(key, Known) else known_text(key)
        chosen = next((instance for instance in instances if instance.key == wanted), None)
        if chosen is None:
            chosen = next((instance for instance in instances if instance.key == "*"), None)
        if chosen is not None:
            taken, span = taken + 1, step.span
            step = steps[taken] if taken < len(steps) else None
    if chosen is not None:
        name = step.name if isinstance(step, GetAttribute) else None
        value = get(chosen, name, step.span if step and name else span)
        if single and name is None:
            value = _where_it_is(value, chosen, Known(None, span))
        elif STRICT in scope.names:
            value = _where_it_is(value, chosen, refusal(EvaluationError("there is no such instance", span)))
        return value, taken if name is None else taken + 1
    return _all(instances, get, block, span), taken


def _all(instances: list[Instance], get: Get, block: Block, span: Span) -> Value:
    """Return all instances: a list for `count`, a map for `for_each`."""
    if block.argument("count"):
        items: list[Value | Repeated] = []
        for instance in instances:
            value = get(instance, None, span)
            if instance.key == "*" and instance.case:
                step = instance.case[-1]
                items.append(Repeated(value, step.when, step.on_default_path is False))
            else:
                items.append(_where_it_is(value, instance))
        return ListValue(tuple(items), span)
    members: list[Pair | Rest] = []
    for instance in instances:
        if instance.key == "*":
            each = get(instance, None, span)
            reason = each if isinstance(each, Unknown) else Unknown("some instances are unknown", span)
            members.append(Rest(reason, each))
        else:
            members.append(Pair(Known(instance.key, span), get(instance, None, span)))
    return ObjectValue(tuple(members), span)


def _where_it_is(value: Value, instance: Instance, otherwise: Value = ABSENT) -> Value:
    """Return the value of an instance in the cases in which it exists, and `otherwise` in all others."""
    for step in reversed(instance.case):
        arms = (Arm(step.when, value), Arm(negate(step.when), otherwise))
        default_arm = None if step.on_default_path is None else int(not step.on_default_path)
        value = Choice(arms, value.span, step.assumptions, default_arm)
    return value


def _attribute(
    module: ModuleScope, block: Block, name: str, scope: Scope, address: str, why_unknown: str, span: Span
) -> Value:
    argument = block.argument(_written_as(block, name))
    if argument is not None:
        if name == "rendered":
            return _rendered(module, block, argument, scope, span)
        return _argument(module, block, argument, scope)
    if block.type == "data" and block.labels[0] == "local_file" and name == "content":
        return _local_file(module, block, scope, span)
    if block.type == "data" and block.labels[0] == "aws_ecs_container_definition":
        written = container_attribute(module, block, name, scope)
        if written is not None:
            return written
    nested = block.blocks(name)
    if nested:
        return ListValue(tuple(_body(module, inner, scope) for inner in nested), span)
    symbol = f"{address}.{name}"
    module.run.attributes[symbol] = block, name
    accepts = names_own_provider if _is_capacity_provider(block) else None
    return Unknown(f"{symbol} {why_unknown}", span, symbol=symbol, accepts=accepts)


def _argument(module: ModuleScope, block: Block, argument: Argument, scope: Scope) -> Value:
    value = module.value_of(argument, scope)
    return lift(_of_own_provider, value) if _is_capacity_provider(block) else value


def _is_capacity_provider(block: Block) -> bool:
    return block.type == "resource" and bool(block.labels) and OTHER_TYPES.get(block.labels[0]) == CAPACITY_PROVIDER


def _of_own_provider(name: Value) -> Value:
    """Return an argument of a capacity provider, such as its name. If it is unknown, AWS has no such name."""
    return name._replace(accepts=names_own_provider) if isinstance(name, Unknown) else name


#: Computed attributes whose values are known nevertheless.
_WORKED_OUT = {"template_file": "rendered", "local_file": "content", "terraform_data": "output"}

#: Attributes with the value of an argument under another name.
_WRITTEN_AS = {("terraform_data", "output"): "input", ("template_file", "rendered"): "template"}


def _written_as(block: Block, name: str) -> str:
    return _WRITTEN_AS.get((block.labels[0], name), name)


def _rendered(module: ModuleScope, block: Block, template: Argument, scope: Scope, span: Span) -> Value:
    """Return data.template_file.x.rendered. It equals templatefile with `vars`."""
    text = module.value_of(template, scope)
    argument = block.argument("vars")
    # Before Terraform 0.12, a block was the usual form.
    nested = next(iter(block.blocks("vars")), None)

    def variables(scope: Scope) -> Value:
        if nested:
            return _body(module, nested, scope)
        return module.value_of(argument, scope) if argument else ObjectValue(())

    context = scope.call_context(variables)
    given = template_variables(variables(scope))
    return convert(render_value(text, given, context, span), STRING)


def _local_file(module: ModuleScope, block: Block, scope: Scope, span: Span) -> Value:
    """Return data.local_file.x.content. It equals file(filename)."""
    argument = block.argument("filename")
    if argument is None:
        raise EvaluationError("filename is missing", span)
    filename = module.value_of(argument, scope)
    return functions.call("file", [filename], span, scope.call_context(lambda scope: ObjectValue(())))


def _whole(module: ModuleScope, block: Block, scope: Scope, address: str, why_unknown: str, span: Span) -> Value:
    """Return a resource as an object: the written members, and unknown ones."""
    unknown = Unknown(f"it {why_unknown}", span, symbol=address)
    members = [Rest(unknown), *_body(module, block, scope).members]
    name = _WORKED_OUT.get(block.labels[0])
    if name:
        try:
            value = _attribute(module, block, name, scope, address, why_unknown, span)
        except EvaluationError as error:
            value = refusal(error)
        except NotKnown as error:
            value = error.unknown
        members.append(Pair(Known(name, span), value))
    return ObjectValue(tuple(members), span)


def _body(module: ModuleScope, block: Block, scope: Scope) -> ObjectValue:
    members = [Pair(Known(item.name, item.span), _lenient(module, block, item, scope)) for item in block.arguments()]
    types = dict.fromkeys(item.type for item in block.items if isinstance(item, Block))
    for type in types:
        nested = ListValue(tuple(_body(module, inner, scope) for inner in block.blocks(type)), block.span)
        members.append(Pair(Known(type, block.span), nested))
    return ObjectValue(tuple(members), block.span)


def _lenient(module: ModuleScope, block: Block, argument: Argument, scope: Scope) -> Value:
    try:
        return _argument(module, block, argument, scope)
    except EvaluationError as error:
        return Unknown(error.message, argument.value_span)


def module_reference(scope: ModuleScope, inner: Scope, steps: Sequence[Step]) -> tuple[Value, int]:
    """Return the value of a reference to a module call. `module` is not one of the steps. Raises EvaluationError."""
    if not steps or not isinstance(steps[0], GetAttribute):
        raise EvaluationError("the reference is not complete")
    name = steps[0].name
    call = scope.module.calls.get(name)
    if call is None:
        return scope.undeclared(f"module.{name}"), 1
    modules: dict[str | int | None, list[ModuleInstance]] = {}
    for module in module_instances(scope, call):
        modules.setdefault(module.instance.key, []).append(module)

    def get(instance: Instance, output: str | None, span: Span) -> Value:
        ways = [
            (module.target.case, module.output(output, span) if output is not None else module.outputs(span))
            for module in modules[instance.key]
        ]
        return ways[0][1] if len(ways) == 1 else whichever(ways)

    return _select([ways[0].instance for ways in modules.values()], get, inner, steps, 1, call)


#: The reference functions of a module scope.
LANGUAGE = Language(variable_value, resource_reference, data_reference, module_reference)
