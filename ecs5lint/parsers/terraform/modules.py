"""Module calls: where a module's source is, and the scopes of its instances.

https://developer.hashicorp.com/terraform/language/modules/sources
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ecs5lint.jsontext import parse_document
from ecs5lint.location import Failure, Span
from ecs5lint.model import Call
from ecs5lint.parsers.terraform.blocks import Block
from ecs5lint.parsers.terraform.errors import EvaluationError
from ecs5lint.parsers.terraform.inputs import CallInputs
from ecs5lint.parsers.terraform.instances import Instance, expand
from ecs5lint.parsers.terraform.origin import Origin
from ecs5lint.parsers.terraform.registry import KnownModule, known_module
from ecs5lint.parsers.terraform.run import Run
from ecs5lint.parsers.terraform.scope import Scope
from ecs5lint.parsers.terraform.sources import local_directory, source_text
from ecs5lint.values import Known, ListValue, ObjectValue, Pair, Rest, Unknown, Value, known_text, member

if TYPE_CHECKING:
    from ecs5lint.parsers.terraform.module_scope import ModuleScope

#: How deep module calls are followed.
MAX_DEPTH = 20


class ModuleInstance(NamedTuple):
    """An instance of a module call: its scope, or, where its source is not at hand, why not and what is known of it."""

    name: str
    instance: Instance
    caller: ModuleScope
    scope: ModuleScope | None
    unknown: Unknown | None = None
    known: KnownModule | None = None
    is_one_too_many: bool = False

    def output(self, name: str, span: Span) -> Value:
        """Return the value of an output. Raises EvaluationError if there is none."""
        if self.scope is None:
            assert self.unknown is not None
            self.caller.run.consulted.add(self.caller.address(f"module.{self.name}"))
            value = self.known.output(name) if self.known else None
            return value or self.unknown._replace(span=span, symbol=f"{self.unknown.symbol}.{name}")
        declaration = self.scope.module.outputs.get(name)
        argument = declaration.argument("value") if declaration else None
        if argument is None:
            raise EvaluationError(f"module.{self.name} has no output {name}", span)
        scope = self.scope
        return scope.once(f"output.{name}", lambda: scope.value_of(argument))

    def outputs(self, span: Span) -> Value:
        """Return all the outputs as an object."""
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
        """Return the outputs of a module whose source is not at hand."""
        assert self.unknown is not None
        unknown = self.unknown._replace(span=span)
        names = self.known.entry.get("outputs", ()) if self.known else ()
        if not names:
            return unknown
        return ObjectValue((Rest(unknown), *(Pair(Known(name, span), self.output(name, span)) for name in names)), span)


def instance_scope(scope: ModuleScope, address: str, instance: Instance) -> Scope:
    """Return the scope of an instance's body, with `each` or `count` in it."""
    inner: Scope = scope.bind(instance.names, address + instance.suffix) if instance.names else scope
    return inner.without_defaults(instance.aside) if instance.aside else inner


def module_instances(scope: ModuleScope, call: Block) -> list[ModuleInstance]:
    """Return the instances of a module call."""
    name = call.labels[0]
    if name not in scope.called:
        directory = source_directory(scope, call)
        scope.called[name] = [
            _module_instance(scope, call, instance, directory) for instance in expand(call, scope, scope.origin.path)
        ]
    return scope.called[name]


def _module_instance(scope: ModuleScope, call: Block, instance: Instance, directory: str | Unknown) -> ModuleInstance:
    name = call.labels[0]
    address = scope.address(f"module.{name}{instance.suffix}")
    caller = scope.without_defaults(instance.aside)
    inner = instance_scope(scope, address, instance)
    if isinstance(directory, Unknown):
        known = known_module(call, caller, inner, address)
        return ModuleInstance(name, instance, caller, None, directory, known)
    if not scope.run.may_enter():
        unknown = Unknown("there are too many instances of modules to follow", call.span, symbol=address)
        return ModuleInstance(name, instance, caller, None, unknown, is_one_too_many=True)
    origin = Origin(
        address,
        (*scope.origin.directories, directory),
        (*scope.origin.calls, Call(f"module.{name}", call.span)),
        (*scope.origin.path, *instance.path),
    )
    inputs = CallInputs(call, caller, inner)
    module = caller.called_module(scope.run.module(directory), inputs, origin)
    return ModuleInstance(name, instance, caller, module)


def source_directory(scope: ModuleScope, call: Block) -> str | Unknown:
    """Return the directory of a called module, or why there is none."""
    name, run = call.labels[0], scope.run
    symbol = scope.address(f"module.{name}")
    directory = local_directory(scope.module.directory, call, run.workspace)
    if directory is None:
        directory = _installed(scope, name)
    if directory is None:
        reason = f"{symbol} comes from {source_text(call) or 'a source that is not known'}, which is not at hand"
        return Unknown(reason, call.span, hint="run terraform init, which puts it where it can be read", symbol=symbol)
    if directory in scope.origin.directories or len(scope.origin.directories) > MAX_DEPTH:
        return Unknown(f"{symbol} calls itself", call.span, symbol=symbol)
    module = run.module(directory)
    if not (module.resources or module.outputs or module.calls or module.variables or module.locals):
        return Unknown(f"{symbol}: there is no module in {directory}", call.span, symbol=symbol)
    return directory


def _installed(scope: ModuleScope, name: str) -> str | None:
    """Return the directory in which `terraform init` has put a module, None if it has not."""
    root = scope.origin.directories[0]
    installed = _manifest(root, scope.run)
    path = [call.name.removeprefix("module.") for call in scope.origin.calls]
    found = installed.get(".".join([*path, name]))
    return None if found is None else scope.run.workspace.normalize(f"{root}/{found}")


def _manifest(root: str, run: Run) -> dict[str, str]:
    """Return the directories of the installed modules by the paths of their calls."""
    if root not in run.manifests:
        run.manifests[root] = {}
        if "modules" in run.workspace.entries(f"{root}/.terraform"):
            try:
                source = run.workspace.read_referenced(f"{root}/.terraform/modules/modules.json", "json")
                document = parse_document(source)
            except Failure:
                return {}
            modules = member(document, "Modules") if isinstance(document, ObjectValue) else None
            for item in modules.items if isinstance(modules, ListValue) else ():
                if isinstance(item, ObjectValue):
                    key, place = known_text(member(item, "Key")), known_text(member(item, "Dir"))
                    if key and place:
                        run.manifests[root][key] = place
    return run.manifests[root]
