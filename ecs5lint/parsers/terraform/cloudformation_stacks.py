"""Find the CloudFormation stacks that a module deploys. They are callers of templates.

https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/cloudformation_stack
https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/cloudformation_stack_set
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial

from ecs5lint.files.kinds import CLOUDFORMATION
from ecs5lint.location import Failure, Span
from ecs5lint.model.callers import Caller
from ecs5lint.model.task_definition import Call
from ecs5lint.parsers.terraform.language.alternatives import refusal
from ecs5lint.parsers.terraform.language.scope import Scope
from ecs5lint.parsers.terraform.language.types import STRING, convert
from ecs5lint.parsers.terraform.modules.child_modules import instance_scope
from ecs5lint.parsers.terraform.modules.instances import Instance, expand
from ecs5lint.parsers.terraform.modules.module_scope import ModuleScope
from ecs5lint.parsers.terraform.modules.run import STACK_SET
from ecs5lint.parsers.terraform.syntax.blocks import Argument, Block
from ecs5lint.parsers.terraform.syntax.errors import EvaluationError, NotKnown
from ecs5lint.parsers.terraform.syntax.nodes import FunctionCall
from ecs5lint.values.alternatives import Case, leaves, lift
from ecs5lint.values.conditions import TooManyAlternatives
from ecs5lint.values.kinds import (
    ABSENT,
    Absent,
    Encoded,
    Known,
    ListValue,
    ObjectValue,
    Pair,
    Rest,
    Text,
    Unknown,
    Value,
    known_text,
)
from ecs5lint.values.members import member

#: The resource types that upload a template.
_OBJECTS = ("aws_s3_object", "aws_s3_bucket_object")
#: The resource types that deploy a stack set, with their own parameters.
_INSTANCES = ("aws_cloudformation_stack_set_instance", "aws_cloudformation_stack_instances")


def stack_callers(scope: ModuleScope, block: Block) -> Iterator[Caller]:
    """Yield the callers for a resource that deploys a template, one for each of its instances."""
    type_, name = block.labels
    local = f"{type_}.{name}"
    for instance in _instances(scope, block):
        address = scope.address(local)
        inner = instance_scope(scope, address, instance)
        case = (*scope.origin.case, *instance.case)
        call = Call(address + instance.suffix, block.span)
        own = _parameters(scope, block, "parameters", inner)
        overriding = list(_stack_set_instances(scope, name)) if type_ == STACK_SET else []
        for parameters, more, calls in overriding or [(ABSENT, (), ())]:
            inputs, rest = _inputs(lift(_merged, own, parameters))
            via = (*scope.origin.calls, *calls, call)
            yield from _callers(scope, block, inner, inputs, rest, via, (*case, *more))


def _instances(scope: ModuleScope, block: Block) -> list[Instance]:
    try:
        return expand(block, scope, scope.origin.case)
    except Failure as failure:
        scope.run.modules.fail(failure)
        return [Instance(None, {})]


def _callers(
    scope: ModuleScope,
    block: Block,
    inner: Scope,
    inputs: dict[str, Value],
    rest: Unknown | None,
    via: tuple[Call, ...],
    case: Case,
) -> Iterator[Caller]:
    body = _body(scope, block, inner)
    if isinstance(body, Absent) or _is_null(body):
        url = _argument(scope, block, "template_url", inner)
        body = _uploaded(scope, block, url)
        if isinstance(body, Absent):
            if not isinstance(url, Absent):
                yield Caller(CLOUDFORMATION, None, inputs, via, case, rest, address=url)
            return
    try:
        alternatives = leaves(body, case)
    except TooManyAlternatives:
        alternatives = [(case, Unknown("the template has too many alternatives to evaluate", block.span))]
    for longer, leaf in alternatives:
        whole = _whole_file(leaf)
        yield Caller(CLOUDFORMATION, whole, inputs, via, longer, rest, body=None if whole else leaf)


def _is_null(value: Value) -> bool:
    return isinstance(value, Known) and value.value is None


def _whole_file(body: Value) -> str | None:
    """Return the path of the file whose whole content is the text, or None."""
    if not isinstance(body, Known) or body.verbatim != 0 or body.span is None or body.assumptions:
        return None
    return body.span.path if body.value == body.span.source.text else None


def _body(scope: ModuleScope, block: Block, inner: Scope) -> Value:
    """Return the text of the template. The argument of yamlencode stays structured, as that of jsonencode does."""
    argument = block.argument("template_body")
    if argument is None:
        return ABSENT
    try:
        expression = argument.expression
    except Failure as failure:
        scope.run.modules.fail(failure)
        return Unknown(f"template_body in {failure.path}:{failure.position[0]} cannot be parsed", argument.value_span)
    if isinstance(expression, FunctionCall) and expression.name == "yamlencode" and len(expression.arguments) == 1:
        return _guarded(lambda: Encoded(inner.evaluate(expression.arguments[0]), expression.span), argument.value_span)
    return _argument(scope, block, "template_body", inner)


def _uploaded(scope: ModuleScope, stack: Block, url: Value) -> Value:
    """Return the text of the template that the module itself uploads to the address of a stack, or ABSENT.

    The key of the object is the end of the address. Where that end is unknown, the reference names the object.
    """
    by_key: list[Value] = []
    referred: list[Value] = []
    argument = stack.argument("template_url")
    written = argument.value_span.text if argument else ""
    for (type_, name), block in scope.module.resources.items():
        if type_ in _OBJECTS:
            address = f"{type_}.{name}"
            is_referred = re.search(rf"(?<![\w.-]){re.escape(address)}(?![\w-])", written) is not None
            for instance in _instances(scope, block):
                inner = instance_scope(scope, scope.address(address), instance)
                key = known_text(_argument(scope, block, "key", inner))
                if key and _ends_with(url, key):
                    by_key.append(_content(scope, block, inner))
                elif is_referred:
                    referred.append(_content(scope, block, inner))
    found = by_key or referred
    if len(found) > 1:
        return Unknown("template_url may be the address of several objects", stack.span)
    return found[0] if found else ABSENT


def _ends_with(address: Value, key: str) -> bool:
    last = known_text(address.parts[-1] if isinstance(address, Text) else address)
    return last is not None and f"/{last}".endswith(f"/{key.lstrip('/')}")


def _content(scope: ModuleScope, block: Block, inner: Scope) -> Value:
    """Return the text of an object in a bucket."""
    source = block.argument("source")
    if source is None:
        content = _argument(scope, block, "content", inner)
        return Unknown("the content of the object is unknown", block.span) if isinstance(content, Absent) else content
    return _guarded(lambda: inner.evaluate(FunctionCall("file", (source.expression,), False, source.value_span)), None)


def _argument(scope: ModuleScope, block: Block, name: str, inner: Scope) -> Value:
    argument = block.argument(name)
    return _value(scope, argument, inner) if argument else ABSENT


def _value(scope: ModuleScope, argument: Argument, inner: Scope) -> Value:
    return _guarded(lambda: scope.value_of(argument, inner), argument.value_span)


def _guarded(evaluate: Callable[[], Value], span: Span | None) -> Value:
    try:
        return evaluate()
    except EvaluationError as error:
        unknown = refusal(error)
        return unknown._replace(span=unknown.span or span)
    except NotKnown as error:
        return error.unknown
    except RecursionError:
        return Unknown("the reference is nested too deeply to evaluate", span)


def _parameters(scope: ModuleScope, block: Block, name: str, inner: Scope) -> Value:
    """Return the parameters in an argument, as an object. awscc has those of a stack set as a list."""

    def as_map(value: Value) -> Value:
        if not isinstance(value, ListValue):
            return ABSENT if _is_null(value) else value
        members: list[Pair | Rest] = []
        for item in value.items:
            key = known_text(member(item, "parameter_key")) if isinstance(item, ObjectValue) else None
            if key is None or not isinstance(item, ObjectValue):
                members.append(Rest(Unknown("some parameters are unknown", value.span)))
            else:
                members.append(Pair(Known(key, item.span), member(item, "parameter_value"), item.span))
        return ObjectValue(tuple(members), value.span)

    return lift(as_map, _argument(scope, block, name, inner))


def _stack_set_instances(scope: ModuleScope, name: str) -> Iterator[tuple[Value, Case, tuple[Call, ...]]]:
    """Yield the parameters that the instances of a stack set override, each with its case and its calls."""
    reference = re.compile(rf"(?<![\w.-]){STACK_SET}\.{re.escape(name)}(?![\w-])")
    for (type_, local), block in scope.module.resources.items():
        if type_ not in _INSTANCES:
            continue
        try:
            target = block.argument("stack_set_name")
        except Failure as failure:
            scope.run.modules.fail(failure)
            continue
        if target and reference.search(target.value_span.text):
            address = scope.address(f"{type_}.{local}")
            for instance in _instances(scope, block):
                inner = instance_scope(scope, address, instance)
                parameters = _parameters(scope, block, "parameter_overrides", inner)
                yield parameters, instance.case, (Call(address + instance.suffix, block.span),)


def _merged(base: Value, override: Value) -> Value:
    """Return parameters with overrides."""
    if isinstance(base, ObjectValue) and isinstance(override, ObjectValue):
        return base._replace(members=(*base.members, *override.members))
    if isinstance(override, Absent):
        return base
    if isinstance(base, Absent) or not isinstance(override, ObjectValue):
        return override
    return ObjectValue((Rest(base), *override.members)) if isinstance(base, Unknown) else base


def _inputs(parameters: Value) -> tuple[dict[str, Value], Unknown | None]:
    """Return the parameters by name, as texts, and the reason why others may be set, or None."""
    names: dict[str, None] = {}
    rest = None
    try:
        alternatives = [leaf for _, leaf in leaves(parameters)]
    except TooManyAlternatives:
        return {}, Unknown("the parameters have too many alternatives to evaluate", parameters.span)
    for leaf in alternatives:
        if isinstance(leaf, Absent):
            continue
        if not isinstance(leaf, ObjectValue):
            rest = leaf if isinstance(leaf, Unknown) else Unknown("the parameters are not a map", leaf.span)
            continue
        for item in leaf.members:
            key = known_text(item.key) if isinstance(item, Pair) else None
            if key is not None:
                names[key] = None
            elif isinstance(item, Rest):
                rest = item.unknown
            else:
                rest = Unknown("the name of a parameter is unknown", leaf.span)
    return {name: lift(partial(_text, name), parameters) for name in names}, rest


def _text(name: str, parameters: Value) -> Value:
    """Return a parameter as text, or ABSENT if it is not set."""
    if isinstance(parameters, Absent):
        return parameters
    if not isinstance(parameters, ObjectValue):
        return Unknown(f"the parameter {name} is unknown", parameters.span)
    value = member(parameters, name)
    if _is_null(value):
        return Unknown(f"the parameter {name} is null", value.span, value.assumptions)
    if isinstance(value, Absent):
        return value
    return _guarded(lambda: lift(_as_text, value), value.span)


def _as_text(value: Value) -> Value:
    return value if isinstance(value, (Unknown, Absent)) else convert(value, STRING)
