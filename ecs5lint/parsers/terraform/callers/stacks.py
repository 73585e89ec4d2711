"""Read Terraform Stacks: configurations of components, and their deployments.

https://developer.hashicorp.com/terraform/language/stacks
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from ecs5lint.model.resource import Subject
from ecs5lint.model.task_definition import Call
from ecs5lint.notices import Notice
from ecs5lint.parsers.terraform.callers.calls import Calls, PossibleCall, from_package
from ecs5lint.parsers.terraform.callers.lost_calls import lost_calls
from ecs5lint.parsers.terraform.language.alternatives import refusal
from ecs5lint.parsers.terraform.modules.child_modules import instance_scope, source_value
from ecs5lint.parsers.terraform.modules.configuration import Module
from ecs5lint.parsers.terraform.modules.inputs import CallInputs, RootInputs
from ecs5lint.parsers.terraform.modules.instances import expand
from ecs5lint.parsers.terraform.modules.module_scope import ModuleScope, Origin
from ecs5lint.parsers.terraform.modules.not_installed import may_concern_ecs, skipped
from ecs5lint.parsers.terraform.modules.references import LANGUAGE
from ecs5lint.parsers.terraform.modules.run import Run
from ecs5lint.parsers.terraform.modules.sources import inputs, local_path
from ecs5lint.parsers.terraform.modules.variables import Given
from ecs5lint.parsers.terraform.syntax.blocks import Argument, Block, Item, read_file
from ecs5lint.parsers.terraform.syntax.errors import EvaluationError
from ecs5lint.parsers.terraform.syntax.json import read_json_items
from ecs5lint.parsers.terraform.syntax.nodes import GetAttribute, Name, ObjectExpression
from ecs5lint.parsers.terraform.task_definitions import ecs_resources
from ecs5lint.values.alternatives import leaves
from ecs5lint.values.conditions import TooManyAlternatives
from ecs5lint.values.kinds import Absent, Value, known_text
from ecs5lint.values.members import nested_member

_COMPONENTS = (".tfcomponent.hcl", ".tfstack.hcl", ".tfcomponent.json", ".tfstack.json")
_DEPLOYMENTS = (".tfdeploy.hcl", ".tfdeploy.json")
#: The number of labels for each relevant block type in JSON.
_LABELS = {"component": 1, "stack": 1, "deployment": 1, "variable": 1, "locals": 0}

#: The deepest nesting of stacks.
MAX_DEPTH = 10


def is_stack_file(path: str) -> bool:
    """Tell whether a file is part of a Terraform Stacks configuration, by its name."""
    return path.endswith((*_COMPONENTS, *_DEPLOYMENTS))


class StackConfiguration:
    """The files of a directory: the components as calls of a module, the nested stacks, and the deployments."""

    def __init__(self, directory: str, run: Run) -> None:
        self.module = Module(directory)
        self.stacks: list[Block] = []
        self.deployments: list[Block] = []
        self.deployment_module = Module(directory)
        names = run.workspace.entries(directory)
        self.files = [run.workspace.normalize(f"{directory}/{name}") for name in names if is_stack_file(name)]
        for path in self.files:
            for item in self._items(path, run):
                self._declare(item, path.endswith(_DEPLOYMENTS))

    def _items(self, path: str, run: Run) -> list[Item]:
        if path.endswith(".json"):
            return read_json_items(run.workspace.read(path, "json"), _LABELS)
        items, failures = read_file(run.workspace.read(path, "hcl"))
        self.module.failures += failures
        return items

    def _declare(self, item: Item, is_deployment: bool) -> None:
        if isinstance(item, Block) and item.type == "component" and len(item.labels) == 1:
            self.module.calls[item.labels[0]] = ComponentCall(item)
        elif isinstance(item, Block) and item.type == "stack" and len(item.labels) == 1:
            self.stacks.append(ComponentCall(item))
        elif isinstance(item, Block) and item.type == "deployment":
            self.deployments.append(item)
        elif isinstance(item, Block) and item.type in ("variable", "locals"):
            (self.deployment_module if is_deployment else self.module).declare(item)


class ComponentCall(Block):
    """A component, represented as the `module` block that calls the same module with the same inputs."""

    def __init__(self, block: Block) -> None:
        super().__init__(block.type, block.labels, block.span, [])
        self._block = block
        self._inputs = block.argument("inputs")

    def argument(self, name: str) -> Argument | None:
        """Return the value that the component sets for a variable, or one of its own arguments."""
        if name in ("source", "version", "for_each"):
            return self._block.argument(name)
        if name in ("count", "providers", "lifecycle", "depends_on") or self._inputs is None:
            return None
        written = self._written(self._inputs)
        if written is not None:
            return next((argument for argument in reversed(written) if argument.name == name), None)
        span = self._inputs.value_span
        return Argument(name, span, span, GetAttribute(self._inputs.expression, name, span))

    def arguments(self) -> list[Argument]:
        """Return all inputs with literal names."""
        return (self._written(self._inputs) if self._inputs else None) or []

    @staticmethod
    def _written(argument: Argument) -> list[Argument] | None:
        """Return the members of a literal object, or None for any other expression."""
        expression = argument.expression
        if not isinstance(expression, ObjectExpression):
            return None
        found = []
        for item in expression.items:
            if not isinstance(item.key, Name):
                return None
            span = item.value.span
            found.append(Argument(item.key.name, span, span, item.value))
        return found


def stack_definitions(run: Run) -> list[Subject]:
    """Return the task definitions of the deployments of a stack. Raises Failure."""
    directory = run.root
    stack = StackConfiguration(directory, run)
    for failure in stack.module.failures:
        run.modules.fail(failure)
    found = []
    for calls, given in _deployments(stack, run):
        origin = Origin(directories=(directory,), calls=calls)
        scope = ModuleScope(stack.module, run, RootInputs(given), origin, LANGUAGE)
        found += _of_stack(stack, scope, run)
    return found


def _deployments(stack: StackConfiguration, run: Run) -> Iterator[tuple[tuple[Call, ...], dict[str, Given]]]:
    """Yield the deployments of a stack: its calls in reports, and the values that it sets."""
    scope = ModuleScope(
        stack.deployment_module, run, RootInputs({}), Origin(directories=(stack.module.directory,)), LANGUAGE
    )
    if not stack.deployments:
        yield (), {}
    for block in stack.deployments:
        argument = block.argument("inputs")
        value = _value(scope, argument) if argument else None
        given = {} if value is None else {name: nested_member(value, name) for name in stack.module.variables}
        call = Call(f"deployment.{''.join(block.labels)}", block.span)
        yield (call,), {name: Given(value) for name, value in given.items() if not isinstance(value, Absent)}


def _value(scope: ModuleScope, argument: Argument) -> Value:
    try:
        return scope.value_of(argument)
    except EvaluationError as error:
        return refusal(error)


def _of_stack(stack: StackConfiguration, scope: ModuleScope, run: Run) -> list[Subject]:
    """Return the resources of the components of a stack and of its nested stacks."""
    found = ecs_resources(scope)
    for call in stack.stacks:
        directory = _stack_directory(scope, call, run)
        if directory is None or len(scope.origin.directories) > MAX_DEPTH:
            text = "skipped: the source of this stack is not in the tree; it may define containers"
            run.modules.notices.append(Notice(text, call.span.path, call.span))
            reason = f"the source of {call.type}.{call.labels[0]} is not in the tree"
            run.modules.skipped.add(skipped(reason, call.span, run.settings.reads))
            continue
        inner = StackConfiguration(directory, run)
        name = f"stack.{call.labels[0]}"
        for instance in expand(call, scope, scope.origin.case):
            address = scope.address(f"{name}{instance.suffix}")
            origin = Origin(
                address,
                (*scope.origin.directories, directory),
                (*scope.origin.calls, Call(name, call.span)),
                (*scope.origin.case, *instance.case),
                scope.origin.assumptions,
            )
            given = CallInputs(call, scope, instance_scope(scope, address, instance))
            found += _of_stack(inner, scope.called_module(inner.module, given, origin), run)
    return found


def _stack_directory(scope: ModuleScope, call: Block, run: Run) -> str | None:
    text = known_text(source_value(scope, call))
    directory = text and local_path(scope.module.directory, text, run.workspace)
    return directory if directory and any(map(is_stack_file, run.workspace.entries(directory))) else None


def stack_calls(path: str, run: Run) -> Calls:
    """Return the calls of the components of a stack, if the file is its first file. Raises Failure."""
    directory = posixpath.dirname(path) or "."
    stack = StackConfiguration(directory, run)
    if path != next((name for name in stack.files if not name.endswith(_DEPLOYMENTS)), None):
        return Calls()
    scope = ModuleScope(stack.module, run, RootInputs({}), Origin(directories=(directory,)), LANGUAGE)
    calls = [_component_calls(scope, call, run) for call in stack.module.calls.values()]
    known = [call.span for call in stack.module.calls.values()]
    calls.append(Calls(possible=tuple(lost_calls(stack.module.failures, directory, run.workspace, known))))
    included = [name for name in stack.files if name != path]
    for call in stack.stacks:
        inner = _stack_directory(scope, call, run)
        if inner is None:
            calls.append(Calls(concerns_ecs=True))
        elif inner != directory:
            nested = next(name for name in StackConfiguration(inner, run).files if not name.endswith(_DEPLOYMENTS))
            calls.append(stack_calls(nested, run))
            included.append(nested)
    return Calls(
        tuple(target for item in calls for target in item.local),
        tuple(possible for item in calls for possible in item.possible),
        any(item.concerns_ecs for item in calls),
        included=tuple(included),
    )


def _component_calls(scope: ModuleScope, call: Block, run: Run) -> Calls:
    local: list[str] = []
    possible: list[PossibleCall] = []
    concerns_ecs = False
    try:
        found = leaves(source_value(scope, call))
    except TooManyAlternatives:
        found = []
    for _, leaf in found:
        text = known_text(leaf)
        directory = text and local_path(scope.module.directory, text, run.workspace)
        if directory and run.module(directory).files:
            local.append(directory)
        elif text is not None:
            concerns_ecs = concerns_ecs or may_concern_ecs(call, text)
            possible += from_package(f"component.{call.labels[0]}", call.span, inputs(call), text)
        else:
            concerns_ecs = True
            possible.append(PossibleCall(f"component.{call.labels[0]}", call.span, inputs(call)))
    return Calls(tuple(local), tuple(possible), concerns_ecs)
