"""Find the stacks that a stack deploys: nested stacks, SAM applications, stack sets and modules; and their outputs.

`aws cloudformation package` and `sam package` accept the path of a template, relative to the parent template. Other
tools use an address in a bucket.

https://docs.aws.amazon.com/cli/latest/reference/cloudformation/package.html
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from ecs5lint.light_typing import NamedTuple
from ecs5lint.location import Failure, Span
from ecs5lint.parsers.cloudformation.language.nested.bodies import body_documents
from ecs5lint.parsers.cloudformation.language.parameters import Parameter
from ecs5lint.parsers.cloudformation.language.stack import Arguments, Context, Stack
from ecs5lint.parsers.cloudformation.language.template import (
    NESTED_STACKS,
    STACK_SET,
    Template,
    as_template,
    elements,
    scalar_text,
    show,
)
from ecs5lint.parsers.cloudformation.language.template_conditions import named_condition
from ecs5lint.parsers.cloudformation.language.written import is_plain, member_of
from ecs5lint.values.alternatives import Branch, Case, leaves, lift
from ecs5lint.values.conditions import All, Any, TooManyAlternatives
from ecs5lint.values.kinds import (
    ABSENT,
    Absent,
    Choice,
    Known,
    ListValue,
    ObjectValue,
    Pair,
    Rest,
    Unknown,
    Value,
    known_text,
)
from ecs5lint.values.members import member

#: The deepest nesting of stacks.
_MAX_NESTED = 10
#: The cost of a nested stack, in values evaluated.
_STACK = 1_000


class Target(NamedTuple):
    """The template that a resource deploys in one case. `case` is that case.

    It is the template at `path`, or the text `body`. Otherwise, `problem` is the reason why it is unknown,
    `candidates` are the possible templates, and `is_open` tells whether it may be any template. If there is no file at
    `path`, it may have candidates too.
    """

    case: Case
    path: str | None = None
    body: Value | None = None
    problem: str = ""
    candidates: tuple[str, ...] = ()
    is_open: bool = False


class Deployed(NamedTuple):
    """A stack that a resource deploys, and the case in which it does."""

    stack: Stack
    case: Case


def targets(stack: Stack, resource: Value, context: Context) -> list[Target]:
    """Return the targets of a resource, one for each case. The result is empty if the resource is no stack."""
    module = _module(resource)
    if module is not None:
        location = known_text(module)
        if location is None:
            return [_target(stack, _module_location(stack, module, context), "")]
        if "://" not in location and "$" not in location:
            return [Target((), stack.path_of(location))]
        return [_target(stack, Known(location, resource.span), "")._replace(is_open=False)]
    type_ = known_text(member_of(resource, "Type")) or ""
    if type_ not in NESTED_STACKS and type_ != STACK_SET:
        return []
    property_name = NESTED_STACKS.get(type_, "TemplateURL")
    asset = _asset(stack, resource, property_name) or _by_rain(stack, resource, property_name)
    if asset:
        return [Target((), asset)]
    if type_ == STACK_SET:
        body = stack.property(resource, "TemplateBody", context)
        if not isinstance(body, Absent):
            return [Target((), body=body)]
    try:
        alternatives = leaves(stack.property(resource, property_name, context))
    except TooManyAlternatives:
        return [Target((), problem="has too many alternatives to evaluate", is_open=True)]
    return _together([(case, _target(stack, leaf, property_name)) for case, leaf in alternatives])


def _module(resource: Value) -> Value | None:
    """Return the path, as written, of the module if the resource is a Rain module."""
    type_ = member_of(resource, "Type")
    for name in ("Fn::Rain::Module", "Rain::Module"):
        location = member(type_, name) if isinstance(type_, ObjectValue) else ABSENT
        if not isinstance(location, Absent):
            return location
    return None


def _module_location(stack: Stack, location: Value, context: Context) -> Value:
    """Return the path of a module that a function computes. Constants of Rain in it stay unknown."""
    try:
        values = [value for _, value in leaves(stack.evaluate(location, context))]
    except TooManyAlternatives:
        return Unknown("it has too many alternatives to evaluate", location.span)
    return values[0] if len(values) == 1 else Unknown("it has several values", location.span)


def _asset(stack: Stack, resource: Value, property_name: str) -> str | None:
    """Return the file that a property stands for, according to the metadata of the CDK.

    https://github.com/aws/aws-cdk/blob/main/design/asset-metadata.md
    """
    metadata = member_of(resource, "Metadata")
    asset = known_text(member_of(metadata, "aws:asset:path"))
    if asset is None or known_text(member_of(metadata, "aws:asset:property")) not in (property_name, None):
        return None
    path = stack.path_of(asset)
    return path if stack.deployment.workspace.is_file(path) else None


def _by_rain(stack: Stack, resource: Value, property_name: str) -> str | None:
    """Return the file that Rain inserts for a property, or whose address it inserts.

    https://github.com/aws-cloudformation/rain/blob/main/README.md
    """
    for name, directives in ((property_name, ("S3Http", "S3")), ("TemplateBody", ("Embed",))):
        written = member_of(member_of(resource, "Properties"), name)
        for directive in directives:
            argument = member_of(written, f"Fn::Rain::{directive}")
            location = known_text(argument) or known_text(member_of(argument, "Path"))
            if location is not None and stack.deployment.workspace.is_file(stack.path_of(location)):
                return stack.path_of(location)
    return None


def _target(stack: Stack, location: Value, property_name: str) -> Target:
    text = known_text(location)
    if text is not None and "://" not in text and "{{" not in text:
        path = stack.path_of(text)
        if stack.deployment.workspace.is_file(path) or not _ends_in_file(text):
            return Target((), path)
    around = set(stack.ancestors())
    named = stack.deployment.tree.named(location, stack.directory, around)
    if named and named.paths and text is not None and not _may_be_elsewhere(text, named.paths[0]):
        return Target((), stack.path_of(text), candidates=named.paths)
    if named and named.is_certain:
        return Target((), named.paths[0])
    if named and named.paths:
        shown = ", ".join(named.paths[:3]) + (", ..." if len(named.paths) > 3 else "")
        return Target((), problem=f"may be any of {shown}", candidates=named.paths)
    if text is not None and "://" not in text:
        return Target((), stack.path_of(text))
    is_external = isinstance(location, ObjectValue) and property_name == "Location"
    return Target((), problem="is not a local file", is_open=named is None and not is_external)


def _may_be_elsewhere(location: str, path: str) -> bool:
    """Tell whether a location may name the file at a path in another directory than that of the template.

    A location that begins with a dot names all directories up to that of the template.
    """
    steps = [step for step in location.split("/") if step not in ("", ".", "..")]
    return not location.startswith(("./", "../")) or f"/{path}".endswith(f"/{'/'.join(steps)}")


def _ends_in_file(location: str) -> bool:
    return bool(location.strip("./"))


def _together(found: list[tuple[Case, Target]]) -> list[Target]:
    """Return targets with their cases, without duplicates, because two addresses may lead to the same file."""
    ways: dict[Target, list[Case]] = {}
    for case, target in found:
        ways.setdefault(target, []).append(case)
    if len(ways) == 1:
        return list(ways)
    return [target._replace(case=_any_of(cases)) for target, cases in ways.items()]


def _any_of(cases: list[Case]) -> Case:
    if len(cases) == 1:
        return cases[0]
    steps = [step for case in cases for step in case]
    on_default_path = None
    if any(step.on_default_path is not None for step in steps):
        on_default_path = any(all(step.on_default_path is not False for step in case) for case in cases)
    when = Any(*(All(*(step.when for step in case)) for case in cases))
    return (Branch(when, on_default_path, frozenset(item for step in steps for item in step.assumptions)),)


def deployed_stacks(
    stack: Stack, logical_id: str, resource: Value, target: Target, context: Context
) -> list[Deployed] | Unknown:
    """Return the stacks that a resource deploys, one for each document of the template and each set of parameters.

    The result is empty if the file is the template of an enclosing stack. Raises Failure if the file is unreadable.
    """
    around = list(stack.ancestors())
    if target.path in around:
        return []
    documents: list[tuple[Case, Template]] = []
    if target.path is not None:
        stack.deployment.nest(stack.template, target.path)
        documents = [((), _overridden(template, resource)) for template in stack.deployment.templates(target.path)]
    elif target.body is not None:
        for case, document in body_documents(target.body, resource.span or Span(stack.template.source, 0, 0)):
            template = as_template(document)
            if template:
                documents.append((case, template))
            elif isinstance(document, Unknown):
                return document
    if documents and (len(around) > _MAX_NESTED or not stack.budget.spend(_STACK)):
        where = target.path or "its TemplateBody"
        return Unknown(f"stacks are nested too deep or too often to evaluate {logical_id} ({where})", resource.span)
    is_elsewhere = known_text(member_of(resource, "Type")) == STACK_SET
    found = []
    for number, arguments in enumerate(_arguments(stack, resource, context)):
        prefix = f"{stack.prefix}{logical_id}." + (f"{number}." if number else "")
        for case, template in documents:
            longer = (*target.case, *case)
            base = context._replace(case=(*context.case, *(branch.when for branch in longer)))
            found.append(
                Deployed(
                    Stack(template, stack.deployment, stack.language, stack, arguments, prefix, base, is_elsewhere),
                    longer,
                )
            )
    return found


def _arguments(stack: Stack, resource: Value, context: Context) -> list[Arguments]:
    """Return the arguments for the parameters, once for each set of them."""
    if _module(resource) is not None:
        return [partial(_module_argument, stack, resource)]
    if known_text(member_of(resource, "Type")) != STACK_SET:
        written = member_of(member_of(resource, "Properties"), "Parameters")
        if isinstance(written, ObjectValue) and is_plain(written):
            return [partial(_written_argument, stack, written)]
        return [partial(_argument, stack.property(resource, "Parameters", context))]
    base = _as_map(stack.property(resource, "Parameters", context))
    groups = stack.property(resource, "StackInstancesGroup", context)
    if not isinstance(groups, ListValue) or not groups.items:
        return [partial(_argument, base)]
    overrides = [lift(lambda item: _as_map(member_of(item, "ParameterOverrides")), group) for group in elements(groups)]
    return [partial(_argument, lift(_merged, base, override)) for override in overrides]


def _module_argument(stack: Stack, module: Value, parameter: Parameter, context: Context) -> Value:
    """Return a property of a module. In a repeated module, a value that depends on the iteration is unknown."""
    written = member_of(member_of(module, "Properties"), parameter.name)
    is_repeated = any(not isinstance(member_of(module, name), Absent) for name in ("ForEach", "Map"))
    if is_repeated and "$" in show(written):
        return Unknown(f"{show(written)} has a different value in each iteration", written.span)
    return stack.property(module, parameter.name, context)


def _overridden(template: Template, module: Value) -> Template:
    """Return the template of a module with the overrides of the call. They make the containers of a resource unknown.

    https://github.com/aws-cloudformation/rain/blob/main/docs/modules.md
    """
    overrides, resources = member_of(module, "Overrides"), member(template.root, "Resources")
    if not isinstance(overrides, ObjectValue) or not isinstance(resources, ObjectValue):
        return template
    members = []
    for item in resources.members:
        name = known_text(item.key) if isinstance(item, Pair) else None
        more = member(overrides, name) if name is not None else ABSENT
        if isinstance(item, Pair) and not isinstance(more, Absent) and isinstance(item.value, ObjectValue):
            item = item._replace(value=_with_unknown_parts(item.value, more))
        members.append(item)
    changed = Pair(Known("Resources", resources.span), resources._replace(members=tuple(members)), resources.span)
    return template._replace(root=template.root._replace(members=(*template.root.members, changed)))


def _with_unknown_parts(resource: ObjectValue, overrides: Value) -> ObjectValue:
    """Return a resource whose overridden parts are unknown."""
    properties, more = member(resource, "Properties"), member_of(overrides, "Properties")
    unknown = Unknown("the module's caller overrides it", overrides.span)
    added: list[Pair | Rest] = [Rest(unknown)]
    if isinstance(more, ObjectValue):
        added = [
            item._replace(value=unknown) if isinstance(item, Pair) and known_text(item.key) else Rest(unknown)
            for item in more.members
        ]
    elif isinstance(more, Absent):
        return resource
    if not isinstance(properties, ObjectValue):
        properties = ObjectValue((), resource.span)
    changed = properties._replace(members=(*properties.members, *added))
    return resource._replace(members=(*resource.members, Pair(Known("Properties", resource.span), changed)))


def _written_argument(stack: Stack, written: ObjectValue, parameter: Parameter, context: Context) -> Value:
    return stack.evaluate(member(written, parameter.name), context)


def _argument(passed: Value, parameter: Parameter, context: Context) -> Value:
    """Return the value for a parameter, from all passed values."""
    return lift(lambda value: _named(value, parameter), passed)


def _named(passed: Value, parameter: Parameter) -> Value:
    found = member_of(passed, parameter.name)
    if isinstance(found, Unknown) and not (isinstance(passed, ObjectValue) and _has(passed, parameter.name)):
        # Each parameter may get a different value from the unknown rest.
        return found.derived(domain=parameter.allowed)
    return found


def _has(passed: ObjectValue, name: str) -> bool:
    return any(isinstance(item, Pair) and known_text(item.key) == name for item in passed.members)


def _as_map(value: Value) -> Value:
    """Return a list of ParameterKey and ParameterValue as an object of values by name."""

    def as_map(value: Value) -> Value:
        if not isinstance(value, ListValue):
            return value
        return ObjectValue(tuple(_parameter(item) for item in elements(value)), value.span)

    return lift(as_map, value)


def _parameter(item: Value) -> Pair | Rest:
    name = known_text(member_of(item, "ParameterKey"))
    if isinstance(item, Choice):
        names = {
            known_text(member_of(leaf, "ParameterKey")) for _, leaf in leaves(item) if not isinstance(leaf, Absent)
        }
        name = names.pop() if len(names) == 1 else None
    if name is None:
        return Rest(Unknown("the name of a parameter is unknown", item.span))
    return Pair(Known(name, item.span), lift(_parameter_value, item), item.span)


def _parameter_value(item: Value) -> Value:
    if isinstance(item, Absent):
        return item
    value = member_of(item, "ParameterValue")
    if isinstance(value, Absent):
        return Unknown("the parameter keeps its previous value", item.span)
    return value


def _merged(base: Value, override: Value) -> Value:
    """Return parameters with overrides."""
    if isinstance(base, ObjectValue) and isinstance(override, ObjectValue):
        return base._replace(members=(*base.members, *override.members))
    if isinstance(override, (Absent, ObjectValue)):
        return override if isinstance(base, Absent) else base
    return override


def passed_names(stack: Stack, resource: Value, context: Context) -> Iterator[str]:
    """Yield the known names of the parameters that a resource passes."""
    passed = stack.property(resource, "Parameters", context)
    for _, leaf in leaves(_as_map(passed)):
        for item in leaf.members if isinstance(leaf, ObjectValue) else ():
            name = known_text(item.key) if isinstance(item, Pair) else None
            if name is not None:
                yield name


def nested_output(stack: Stack, logical_id: str, name: str, context: Context) -> Value | None:
    """Return an output of a nested stack, or None if local files don't determine it."""
    resource = stack.entry("Resources", logical_id)
    found = targets(stack, resource, context)
    if len(found) != 1 or found[0].path is None:
        return None
    try:
        nested = deployed_stacks(stack, logical_id, resource, found[0], context)
    except Failure:
        return None
    if isinstance(nested, Unknown) or len(nested) != 1:
        return None
    inner = nested[0].stack
    output = inner.entry("Outputs", name)
    if not isinstance(output, ObjectValue):
        return None
    condition = known_text(member(output, "Condition"))
    if condition is not None:
        # A stack that refers to a missing output can't be deployed.
        context = context._replace(case=(*context.case, named_condition(inner, condition)))
    value = inner.evaluate(member(output, "Value"), context)
    return lift(lambda item: item._replace(value=scalar_text(item)) if isinstance(item, Known) else item, value)
