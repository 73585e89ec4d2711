"""Define the scope of a module: its variables, locals, resources, data sources and module calls.

https://developer.hashicorp.com/terraform/language/expressions/references
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence

from ecs5lint.budget import Budget
from ecs5lint.light_typing import Any, NamedTuple, TypeVar
from ecs5lint.location import Failure
from ecs5lint.model.task_definition import Call
from ecs5lint.parsers.terraform.language.defaults import disregard
from ecs5lint.parsers.terraform.language.expressions import evaluate
from ecs5lint.parsers.terraform.language.functions.context import Context
from ecs5lint.parsers.terraform.language.scope import Scope, Step, Symbols
from ecs5lint.parsers.terraform.language.types import STRING
from ecs5lint.parsers.terraform.language.validation import VariableScope
from ecs5lint.parsers.terraform.modules.configuration import Module
from ecs5lint.parsers.terraform.modules.run import Run
from ecs5lint.parsers.terraform.modules.template_scope import template_context
from ecs5lint.parsers.terraform.syntax.blocks import Argument, Block
from ecs5lint.parsers.terraform.syntax.errors import EvaluationError, NotKnown
from ecs5lint.parsers.terraform.syntax.nodes import Expression, GetAttribute
from ecs5lint.values.alternatives import Case
from ecs5lint.values.kinds import NO_ASSUMPTIONS, Assumptions, Known, Type, Unknown, Value

_T = TypeVar("_T")


class Origin(NamedTuple):
    """The origin of a module: its address prefix, the directories of its ancestors, the calls to it, and its case.

    `assumptions` are the defaults that determine the called module.
    """

    address: str = ""
    directories: tuple[str, ...] = ()
    calls: tuple[Call, ...] = ()
    case: Case = ()
    assumptions: Assumptions = NO_ASSUMPTIONS


class Inputs(ABC):
    """The inputs that a module receives for its variables."""

    @abstractmethod
    def value(self, name: str, wanted: Type | None, scope: ModuleScope) -> Value | None:
        """Return the input for a variable of the type `wanted`, or None. Raises EvaluationError."""

    @abstractmethod
    def without_defaults(self, symbols: Symbols) -> Inputs:
        """Return these inputs with no defaults for some variables."""

    @abstractmethod
    def hint(self, name: str, wanted: Type | None) -> str:
        """Return a hint on how to set a variable."""


class Language(NamedTuple):
    """The functions that resolve names in a module: variables, resources, data sources and module calls.

    Each reference function gets the module scope, the inner scope in which keys are evaluated, and the steps of the
    reference.
    """

    variable: Callable[[Block, ModuleScope], Value]
    resource_reference: Callable[[ModuleScope, Scope, str, Sequence[Step]], tuple[Value, int] | None]
    data_reference: Callable[[ModuleScope, Scope, Sequence[Step]], tuple[Value, int]]
    module_reference: Callable[[ModuleScope, Scope, Sequence[Step]], tuple[Value, int]]


class ModuleScope(VariableScope):
    """One instance of a module, possibly without the defaults of some variables (`symbols`)."""

    def __init__(
        self,
        module: Module,
        run: Run,
        inputs: Inputs,
        origin: Origin,
        language: Language,
        symbols: Symbols = frozenset(),
    ) -> None:
        self.names: Mapping[str, Value] = {}
        self.module = module
        self.run = run
        self.inputs = inputs
        self.origin = origin
        self.language = language
        self.symbols = symbols
        self.validates = True
        #: The scope of the root module.
        self.root = self
        self._values: dict[str, Value | EvaluationError | None] = {}
        self._siblings: dict[Symbols, ModuleScope] = {symbols: self}
        #: The scopes of the called modules that have the same values for each call, by directory.
        self._same_for_each_call: dict[str, ModuleScope] = {}
        #: The cached results of functions for module calls, by the function and the name of the call.
        self._of_calls: dict[tuple[Callable[[ModuleScope, Block], Any], str], Any] = {}

    @property
    def budget(self) -> Budget:
        return self.run.budget

    def evaluate(self, expression: Expression) -> Value:
        self.run.step()
        return evaluate(expression, self)

    def bind(self, names: Mapping[str, Value], turn: str) -> Scope:
        self.run.step()
        return BoundScope(self, names, turn)

    def key(self, text: str) -> str:
        return f"{self.origin.address}|{self.module.directory}|{text}"

    def without_defaults(self, symbols: Symbols) -> ModuleScope:
        disregarded = self.symbols | symbols
        if disregarded not in self._siblings:
            inputs = self.inputs.without_defaults(symbols)
            sibling = ModuleScope(self.module, self.run, inputs, self.origin, self.language, disregarded)
            sibling._siblings = self._siblings
            sibling._same_for_each_call = self._same_for_each_call
            sibling.root = sibling if self.root is self else self.root
            self._siblings[disregarded] = sibling
        return self._siblings[disregarded]

    def with_value(self, name: str, value: Value) -> ModuleScope:
        """Return this scope with a value for a variable, in order to validate that value.

        Other variables are not validated.
        """
        scope = ModuleScope(self.module, self.run, self.inputs, self.origin, self.language, self.symbols)
        scope.validates = False
        scope._values[f"var.{name}"] = value
        return scope

    def called_module(self, module: Module, inputs: Inputs, origin: Origin) -> ModuleScope:
        """Return the scope of an instance of a module that this module calls."""
        if module.directory in self._same_for_each_call:
            return self._same_for_each_call[module.directory]
        scope = ModuleScope(module, self.run, inputs, origin, self.language, self.symbols)
        scope.root = self.root
        scope._same_for_each_call = self._same_for_each_call
        if module.has_only_values():
            self._same_for_each_call[module.directory] = scope
        return scope

    def call_context(self, variables: Callable[[Scope], Value]) -> Context:
        return template_context(self, self.run, variables)

    def refer(self, root: str, steps: Sequence[Step]) -> tuple[Value, int] | None:
        return self.refer_within(self, root, steps)

    def refer_within(self, inner: Scope, root: str, steps: Sequence[Step]) -> tuple[Value, int] | None:
        """Return the value of a reference in `inner`, a scope within this one, and the number of resolved steps.

        Keys are evaluated in `inner`.
        """
        if root in ("each", "count", "self"):
            return None
        name = _name(steps, 0)
        if root == "var":
            return self.variable(name), 1
        if root == "local":
            return self.local(name), 1
        if root == "path":
            return self._path(name), 1
        if root in ("terraform", "tofu"):
            return self._terraform(root, name), 1
        if root in ("module", "component"):
            return self.language.module_reference(self, inner, steps)
        if root == "data":
            return self.language.data_reference(self, inner, steps)
        return self.language.resource_reference(self, inner, root, steps)

    def variable(self, name: str) -> Value:
        """Return the value of `var.name`. Raises EvaluationError."""
        declaration = self.module.variables.get(name)
        if declaration is None:
            return self.undeclared(f"var.{name}")
        return self.once(f"var.{name}", lambda: self.language.variable(declaration, self))

    def local(self, name: str) -> Value:
        """Return the value of `local.name`. Raises EvaluationError."""
        argument = self.module.locals.get(name)
        if argument is None:
            return self.undeclared(f"local.{name}")
        return self.once(f"local.{name}", lambda: self.value_of(argument))

    def value_of(self, argument: Argument, scope: Scope | None = None) -> Value:
        """Return the value of an argument. It is unknown if it can't be parsed. Raises EvaluationError."""
        try:
            return (scope or self).evaluate(argument.expression)
        except Failure as failure:
            self.run.modules.fail(failure)
            line = failure.position[0]
            return Unknown(f"{argument.name} in {failure.path}:{line} cannot be parsed", argument.value_span)
        except NotKnown as error:
            return error.unknown

    def once(self, name: str, work: Callable[[], Value]) -> Value:
        """Return the result of `work`, and cache it. Raises EvaluationError, also if the value refers to itself."""
        if name in self._values:
            value = self._values[name]
            if value is None:
                raise EvaluationError(f"{name} refers to itself")
        else:
            self._values[name] = None
            try:
                value = self.run.bounded(work())
            except EvaluationError as error:
                value = error
            except BaseException:
                del self._values[name]
                raise
            self._values[name] = value
        if isinstance(value, EvaluationError):
            raise value
        return value

    def of_call(self, work: Callable[[ModuleScope, Block], _T], call: Block) -> _T:
        """Return the result of `work` for a module call, and cache it."""
        key = work, call.labels[0]
        if key not in self._of_calls:
            self._of_calls[key] = work(self, call)
        found: _T = self._of_calls[key]
        return found

    def undeclared(self, name: str) -> Unknown:
        """Return an unknown for an undeclared name, which may be declared in a file that can't be parsed.

        Terraform refuses it. But tools that wrap Terraform may write more files into a directory before they run it.
        """
        symbol = self.address(name)
        for failure in self.module.failures:
            self.run.modules.fail(failure)
            return Unknown(
                f"{symbol} is not declared, unless it is in {failure.path}, which cannot be parsed", symbol=symbol
            )
        return Unknown(f"{symbol} is not declared in {self.module.directory}", symbol=symbol)

    def address(self, local: str) -> str:
        """Return the full address of an object in this module."""
        return f"{self.origin.address}.{local}" if self.origin.address else local

    def _terraform(self, root: str, name: str) -> Value:
        """Return the value of `terraform.name`. The only name is `workspace`."""
        workspace = self.run.settings.environment.get("TF_WORKSPACE")
        if name == "workspace" and workspace:
            return Known(workspace)
        hint = "set TF_WORKSPACE to the name of the workspace, and add --env" if name == "workspace" else ""
        reason = f"{root}.{name} is known only when Terraform runs"
        return Unknown(reason, hint=hint, symbol=f"terraform.{name}", type=STRING)

    def _path(self, name: str) -> Value:
        root = self.origin.directories[0]
        if name == "module":
            return Known(self.run.relative(self.module.directory, root))
        if name in ("root", "cwd"):
            return Known(".")
        raise EvaluationError(f"unknown path.{name}")


def _name(steps: Sequence[Step], index: int) -> str:
    step = steps[index] if index < len(steps) else None
    if not isinstance(step, GetAttribute):
        raise EvaluationError("the reference is not complete")
    return step.name


class BoundScope(Scope):
    """A module's scope with additional names: those of an instance or of a loop."""

    def __init__(self, module: ModuleScope, names: Mapping[str, Value], turn: str) -> None:
        self.module = module
        self.names = names
        self._turn = turn

    @property
    def budget(self) -> Budget:
        return self.module.budget

    def evaluate(self, expression: Expression) -> Value:
        self.module.run.step()
        return evaluate(expression, self)

    def refer(self, root: str, steps: Sequence[Step]) -> tuple[Value, int] | None:
        return self.module.refer_within(self, root, steps)

    def bind(self, names: Mapping[str, Value], turn: str) -> Scope:
        self.module.run.step()
        return BoundScope(self.module, {**self.names, **names}, f"{self._turn}/{turn}" if turn else self._turn)

    def key(self, text: str) -> str:
        return self.module.key(f"{self._turn}|{text}" if self._turn else text)

    def without_defaults(self, symbols: Symbols) -> Scope:
        names = {name: disregard(value, symbols) for name, value in self.names.items()}
        return BoundScope(self.module.without_defaults(symbols), names, self._turn)

    def call_context(self, variables: Callable[[Scope], Value]) -> Context:
        return template_context(self, self.module.run, variables)
