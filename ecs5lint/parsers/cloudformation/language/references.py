"""Resolve references to parameters, pseudo parameters, resources and other stacks.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-ref.html
"""

from __future__ import annotations

from ecs5lint.location import Span
from ecs5lint.model.resource import CAPACITY_PROVIDER, names_own_provider
from ecs5lint.parsers.cloudformation.language.equality import shown_text
from ecs5lint.parsers.cloudformation.language.nested.stacks import nested_output
from ecs5lint.parsers.cloudformation.language.parameters import Parameter, list_of
from ecs5lint.parsers.cloudformation.language.stack import Context, Parts, Stack
from ecs5lint.parsers.cloudformation.language.template import OTHER_TYPES, elements, scalar_text
from ecs5lint.parsers.cloudformation.language.written import member_of
from ecs5lint.values.alternatives import lift
from ecs5lint.values.kinds import Absent, Assumption, Known, ListValue, Unknown, Value, known_text
from ecs5lint.values.members import member

#: Pseudo parameters with the same value in all stacks of a deployment.
_SHARED = ("AWS::AccountId", "AWS::Partition", "AWS::Region", "AWS::URLSuffix")


def ref(stack: Stack, argument: Value, call: Value, context: Context) -> Value:
    """Ref: a parameter's value, or the identifier of a resource."""
    name = known_text(argument)
    if name is None:
        name = known_text(stack.evaluate(argument, context))
    return reference(stack, name, call.span, context) if name else stack.unresolved(call, "refers to an unknown name")


def reference(stack: Stack, name: str, span: Span | None, context: Context) -> Value:
    """Return the value that a name refers to."""
    if name == "AWS::NoValue":
        return Absent(span)
    if name in stack.parameters:
        return _parameter_value(stack, stack.parameters[name], span, context)
    if name.startswith("AWS::"):
        given = stack.deployment.given.get(name)
        if given is not None and not stack.regional_prefix:
            return Known(given, span)
        symbol = (stack.regional_prefix if name in _SHARED else stack.prefix) + name
        hint = f"set it with --parameter {name}=..."
        return stack.narrow(Unknown(f"{name} is unknown before deployment", span, hint=hint, symbol=symbol), context)
    symbol = f"{stack.prefix}!Ref {name}"
    stack.referred[symbol] = name
    accepts = names_own_provider if _is_capacity_provider(stack, name) else None
    return Unknown(f"!Ref {name} is known only after deployment", span, symbol=symbol, accepts=accepts)


def _is_capacity_provider(stack: Stack, logical_id: str) -> bool:
    """Tell whether a resource is a capacity provider, whose name Ref returns."""
    type_ = known_text(member_of(member(stack.section("Resources"), logical_id), "Type"))
    return OTHER_TYPES.get(type_ or "") == CAPACITY_PROVIDER


def _parameter_value(stack: Stack, parameter: Parameter, span: Span | None, context: Context) -> Value:
    """Return the passed value of a parameter, its given value, or its default."""
    if parameter.is_from_systems_manager:
        reason = f"parameter {parameter.name} is read from Systems Manager when the stack is deployed"
        return Unknown(reason, span, symbol=stack.prefix + parameter.name)
    if stack.arguments is not None:
        passed = stack.arguments(parameter, context)
        return lift(
            lambda value: (
                _default(stack, parameter, span, context)
                if isinstance(value, Absent)
                else _as_type(stack, parameter, value)
            ),
            passed,
        )
    if parameter.name in stack.deployment.given:
        return _as_type(stack, parameter, Known(stack.deployment.given[parameter.name], span))
    return _default(stack, parameter, span, context)


def _default(stack: Stack, parameter: Parameter, span: Span | None, context: Context) -> Value:
    """Return a parameter's default if it applies, or else an unknown within its declaration."""
    symbol = stack.prefix + parameter.name
    if parameter.default is not None and symbol not in stack.refused:
        text = scalar_text(parameter.default)
        assumption = Assumption(symbol, f"{parameter.name} = {shown_text(text)}")
        known = Known(text, parameter.default.span, frozenset((assumption,)))
        (stack.settled if stack.is_called else stack.defaults)[symbol] = known
        trusted = context.trusting and (stack.is_called or symbol not in context.disregarded)
        if trusted and stack.allows_default(symbol, text, context):
            return _as_type(stack, parameter, known)
    if stack.arguments is not None:
        where = stack.template.source.path
        hint = f"pass {parameter.name} to the stack, or give it a default in {where}"
    else:
        hint = f"set it with --parameter {parameter.name}=..."
    unknown = Unknown(
        f"parameter {parameter.name} has no value",
        span,
        hint=hint,
        symbol=symbol,
        domain=None if parameter.is_list else parameter.allowed,
    )
    if parameter.is_list:
        stack.lists[symbol] = Parts(unknown, list_of, parameter.allowed)
    return stack.narrow(unknown, context)


def _as_type(stack: Stack, parameter: Parameter, value: Value) -> Value:
    """Return a value converted to the type of a parameter: text, or a list of texts."""
    if not isinstance(value, Known):
        return value
    text = value._replace(value=scalar_text(value))
    if not parameter.is_list:
        return text
    parts = list_of(scalar_text(value))
    if not stack.budget.spend(len(parts)):
        return Unknown(f"parameter {parameter.name} exceeds the evaluation limit", text.span)
    return ListValue(tuple(text._replace(value=part) for part in parts), text.span, text.assumptions)


def get_attribute(stack: Stack, argument: Value, call: Value, context: Context) -> Value:
    """Fn::GetAtt: an attribute of a resource, known only after deployment, or an output of a nested stack."""
    name = stack.evaluate(argument, context)
    parts = elements(name) if isinstance(name, ListValue) else [name]
    text = ".".join(known_text(part) or "..." for part in parts)
    logical_id, _, attribute = text.partition(".")
    kind, _, output = attribute.partition(".")
    value = nested_output(stack, logical_id, output, context) if kind == "Outputs" else None
    return value or Unknown(
        f"!GetAtt {text} is known only after deployment", call.span, symbol=f"{stack.prefix}!GetAtt {text}"
    )
