"""Evaluate module calls: locate the sources, and create the scopes of the instances.

https://developer.hashicorp.com/terraform/language/modules/sources
"""

from __future__ import annotations

from functools import partial

from ecs5lint.light_typing import NamedTuple
from ecs5lint.location import Failure, Span
from ecs5lint.model.task_definition import Call
from ecs5lint.parsers.terraform.language.alternatives import refusal
from ecs5lint.parsers.terraform.language.scope import Scope, Symbols
from ecs5lint.parsers.terraform.modules.inputs import CallInputs
from ecs5lint.parsers.terraform.modules.instances import Instance, expand
from ecs5lint.parsers.terraform.modules.module_scope import ModuleScope, Origin
from ecs5lint.parsers.terraform.modules.registry.known_module import KnownModule
from ecs5lint.parsers.terraform.modules.registry.table import known_module
from ecs5lint.parsers.terraform.modules.run import Run
from ecs5lint.parsers.terraform.modules.sources import literal_text, local_path, why_unknown
from ecs5lint.parsers.terraform.syntax.blocks import Block
from ecs5lint.parsers.terraform.syntax.errors import EvaluationError
from ecs5lint.text.json_document import parse_document
from ecs5lint.values.alternatives import Case, leaves
from ecs5lint.values.conditions import TooManyAlternatives
from ecs5lint.values.kinds import (
    NO_ASSUMPTIONS,
    Assumptions,
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

#: The deepest nesting of module calls.
MAX_DEPTH = 50


class Target(NamedTuple):
    """The target of a call's source under the conditions of `case`: a directory, or an unknown with the reason.

    `source` is None if it is unknown. `disregarded` has the variables whose defaults rule out this source.
    `is_reported` tells that a directory that isn't read may contain any module.
    """

    directory: str | Unknown
    source: str | None
    case: Case = ()
    disregarded: Symbols = frozenset()
    assumptions: Assumptions = NO_ASSUMPTIONS
    is_reported: bool = False


class ModuleInstance(NamedTuple):
    """An instance of a module call: its scope, or the reason why its source is not installed, and the known module.

    `is_reported` tells whether the unknown is reported regardless of the call's arguments.
    """

    name: str
    instance: Instance
    caller: ModuleScope
    target: Target
    scope: ModuleScope | None
    unknown: Unknown | None = None
    known: KnownModule | None = None
    is_reported: bool = False

    @property
    def case(self) -> Case:
        """The case under which this instance with this source exists, within the calling module."""
        return (*self.instance.case, *self.target.case)

    def output(self, name: str, span: Span) -> Value:
        """Return the value of an output. Raises EvaluationError for an unknown output."""
        if self.scope is None:
            assert self.unknown is not None
            value = self.known.output(name) if self.known else None
            return value or self.unknown._replace(span=span, symbol=f"{self.unknown.symbol}.{name}")
        declaration = self.scope.module.outputs.get(name)
        argument = declaration.argument("value") if declaration else None
        if argument is None:
            raise EvaluationError(f"module.{self.name} has no output {name}", span)
        scope = self.scope
        return scope.once(f"output.{name}", lambda: scope.value_of(argument))

    def outputs(self, span: Span) -> Value:
        """Return all outputs as an object."""
        if self.scope is None:
            return self._known_outputs(span)
        members = []
        for name, declaration in self.scope.module.outputs.items():
            try:
                value = self.output(name, span)
            except EvaluationError as error:
                value = Unknown(error.message, declaration.span)
            members.append(Pair(Known(name, declaration.span), value))
        return ObjectValue(tuple(members), span)

    def _known_outputs(self, span: Span) -> Value:
        """Return the outputs of a module that is not installed."""
        assert self.unknown is not None
        unknown = self.unknown._replace(span=span)
        names = self.known.outputs if self.known else ()
        if not names:
            return unknown
        return ObjectValue((Rest(unknown), *(Pair(Known(name, span), self.output(name, span)) for name in names)), span)


def instance_scope(scope: ModuleScope, address: str, instance: Instance) -> Scope:
    """Return the scope of an instance's body, with `each` or `count` in it."""
    inner: Scope = scope.bind(instance.names, address + instance.suffix) if instance.names else scope
    return inner.without_defaults(instance.disregarded) if instance.disregarded else inner


def module_instances(scope: ModuleScope, call: Block) -> list[ModuleInstance]:
    """Return the instances of a module call, for each possible source."""
    return scope.of_call(_module_instances, call)


def _module_instances(scope: ModuleScope, call: Block) -> list[ModuleInstance]:
    instances = expand(call, scope, scope.origin.case)
    targets = call_targets(scope, call) if instances else []
    if not instances:
        scope.run.modules.certain.add(call.span)
    return [_module_instance(scope, call, instance, target) for instance in instances for target in targets]


def _module_instance(scope: ModuleScope, call: Block, instance: Instance, target: Target) -> ModuleInstance:
    name, run = call.labels[0], scope.run
    address = scope.address(f"{call.type}.{name}{instance.suffix}")
    disregarded = instance.disregarded | target.disregarded
    caller = scope.without_defaults(disregarded)
    inner = instance_scope(scope, address, instance._replace(disregarded=disregarded))
    found = partial(ModuleInstance, name, instance, caller, target)
    if isinstance(target.directory, Unknown):
        known = known_module(call, target.source or "", caller, inner, address)
        return found(None, target.directory, known, target.is_reported)
    if not run.may_enter():
        unknown = Unknown("there are too many instances of modules to evaluate", call.span, symbol=address)
        run.modules.leave_out(target.directory, call, unknown.reason)
        is_reported = call.span not in run.refused
        run.refused.add(call.span)
        return found(None, unknown, is_reported=is_reported)
    run.modules.enter(target.directory, run.caller)
    origin = _origin(caller, call, address, target.directory, found(None))
    inputs = CallInputs(call, caller, inner)
    return found(caller.called_module(run.module(target.directory), inputs, origin))


def stand_in_scopes(module: ModuleInstance, call: Block) -> list[ModuleScope]:
    """Return the scopes of the stand-ins for a module that is not installed, one for each possible version.

    The list is empty if a version has none.
    """
    known, scopes = module.known, []
    for stand_in in known.stand_ins if known else ():
        assert known
        run = module.caller.run
        run.extend(stand_in.module)
        if not run.may_enter():
            return []
        origin = _origin(module.caller, call, known.address, stand_in.module.directory, module)
        inputs = CallInputs(call, module.caller, known.scope)
        scopes.append(module.caller.called_module(stand_in.module, inputs, origin))
    return scopes


def _origin(caller: ModuleScope, call: Block, address: str, directory: str, module: ModuleInstance) -> Origin:
    """Return the origin of an instance of a module that is read from a directory."""
    return Origin(
        address,
        (*caller.origin.directories, directory),
        (*caller.origin.calls, Call(f"{call.type}.{module.name}", call.span)),
        (*caller.origin.case, *module.case),
        caller.origin.assumptions | module.target.assumptions,
    )


def call_targets(scope: ModuleScope, call: Block) -> list[Target]:
    """Return the targets of a call, one for each possible source."""
    outer = scope.origin.case
    value = source_value(scope, call)
    try:
        alternatives = leaves(value, outer)
    except TooManyAlternatives:
        alternatives = [(outer, Unknown("it has too many alternatives to evaluate", value.span))]
    found = [_target(scope, call, case[len(outer) :], leaf) for case, leaf in alternatives]
    if len(found) > 1 and all(target.directory == found[0].directory for target in found):
        found = [found[0]._replace(case=(), disregarded=frozenset())]
    if any(target.source is None for target in found):
        scope.run.modules.uncertain.add(call.span)
    else:
        scope.run.modules.certain.add(call.span)
    return found


def source_value(scope: ModuleScope, call: Block) -> Value:
    """Return the source of a call, which is an expression: https://opentofu.org/docs/language/modules/sources/."""
    argument = call.argument("source")
    if argument is None:
        return Unknown("it has no source", call.span)
    text = literal_text(argument)
    if text is not None:
        return Known(text, argument.value_span)
    try:
        return scope.value_of(argument)
    except EvaluationError as error:
        return refusal(error)


def is_too_deep(scope: ModuleScope) -> bool:
    """Tell whether a module is nested so deeply that its own calls are not followed."""
    return len(scope.origin.directories) > MAX_DEPTH


def _target(scope: ModuleScope, call: Block, case: Case, source: Value) -> Target:
    """Return the target of one possible source."""
    symbol = scope.address(f"{call.type}.{call.labels[0]}")
    text = known_text(source)
    disregarded: Symbols = frozenset()
    if any(step.on_default_path is False for step in case):
        disregarded = frozenset(item.symbol for step in case for item in step.assumptions)
    target = partial(Target, source=text, case=case, disregarded=disregarded, assumptions=source.assumptions)
    if text is None:
        why = why_unknown(source)
        reason = f"the source of {symbol} is unknown: {why.reason}"
        return target(Unknown(reason, call.span, hint=why.hint, symbol=symbol), is_reported=True)
    run = scope.run
    directory = local_path(scope.module.directory, text, run.workspace) or _installed(scope, call.labels[0])
    if directory is None:
        return target(_not_installed(symbol, text, call))
    own_name = run.workspace.own_name(directory)
    if own_name in map(run.workspace.own_name, scope.origin.directories):
        return target(Unknown(f"{symbol} calls itself", call.span, symbol=symbol))
    if is_too_deep(scope):
        unknown = Unknown(f"{symbol} is called through more than {MAX_DEPTH} modules", call.span, symbol=symbol)
        run.modules.leave_out(directory, call, unknown.reason)
        return target(unknown, is_reported=run.modules.is_relevant(directory))
    if not run.workspace.is_inside(directory):
        reason = f"{symbol} comes from {directory}, which is outside the project root"
        return target(Unknown(reason, call.span, symbol=symbol))
    if not run.module(directory).files:
        reason = f"{symbol}: {directory} has no Terraform files"
        hint = "check it out if it is a submodule"
        return target(Unknown(reason, call.span, hint=hint, symbol=symbol))
    return target(directory)


def _not_installed(symbol: str, source: str, call: Block) -> Unknown:
    if source.startswith("/"):
        return Unknown(f"{symbol} comes from {source}, which is outside the project root", call.span, symbol=symbol)
    reason = f"{symbol} is not installed (source: {source})"
    return Unknown(reason, call.span, hint="run terraform init to install it", symbol=symbol)


def _installed(scope: ModuleScope, name: str) -> str | None:
    """Return the directory in which `terraform init` installed a module, or None."""
    root = scope.origin.directories[0]
    installed = _manifest(root, scope.run)
    path = [call.name.removeprefix("module.") for call in scope.origin.calls]
    found = installed.get(".".join([*path, name]))
    return None if found is None else scope.run.workspace.normalize(f"{root}/{found}")


def _manifest(root: str, run: Run) -> dict[str, str]:
    """Return the directories of the installed modules, by the paths of their calls."""
    if root not in run.modules.manifests:
        run.modules.manifests[root] = {}
        if "modules" in run.workspace.entries(f"{root}/.terraform"):
            try:
                source = run.workspace.read(f"{root}/.terraform/modules/modules.json", "json")
                document = parse_document(source)
            except Failure:
                return {}
            modules = member(document, "Modules") if isinstance(document, ObjectValue) else None
            for item in modules.items if isinstance(modules, ListValue) else ():
                if isinstance(item, ObjectValue):
                    key, installed = known_text(member(item, "Key")), known_text(member(item, "Dir"))
                    if key and installed:
                        run.modules.manifests[root][key] = installed
    return run.modules.manifests[root]
