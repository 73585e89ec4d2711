"""Hold the shared state of a root module's evaluation: the modules read so far, and the limits on the work."""

from __future__ import annotations

import os
from collections.abc import Collection

from ecs5lint.budget import Budget
from ecs5lint.location import Failure, Span
from ecs5lint.model.callers import Caller
from ecs5lint.notices import Notice, Skipped
from ecs5lint.parsers.terraform.modules.configuration import Module, ModuleTree
from ecs5lint.parsers.terraform.modules.registry.stand_ins import StandIn, read_stand_ins
from ecs5lint.parsers.terraform.modules.sources import local_directory
from ecs5lint.parsers.terraform.syntax.blocks import Block
from ecs5lint.parsers.terraform.syntax.errors import NotKnown
from ecs5lint.parsers.terraform.syntax.expressions import parse_expression
from ecs5lint.parsers.terraform.syntax.nodes import TemplatePart
from ecs5lint.parsers.terraform.syntax.templates import parse_template
from ecs5lint.settings.settings import Settings
from ecs5lint.values.kinds import Unknown, Value
from ecs5lint.values.traverse import size

#: The resource types to check: that of the provider aws, and that of awscc, which follows the CloudFormation schema.
RESOURCE_TYPE = "aws_ecs_task_definition"
AWSCC_TYPE = "awscc_ecs_task_definition"
RESOURCE_TYPES = (RESOURCE_TYPE, AWSCC_TYPE)
#: The resource types that are only checked by some rules, and their types in the model.
OTHER_TYPES = {
    f"{provider}_{name}": type
    for provider in ("aws", "awscc")
    for name, type in {
        "ecs_service": "service",
        "ecs_task_set": "task_set",
        "ecs_cluster": "cluster",
        "ecs_capacity_provider": "capacity_provider",
    }.items()
}

STACK_SET = "aws_cloudformation_stack_set"
#: The resource types that deploy a CloudFormation template.
STACK_TYPES = ("aws_cloudformation_stack", STACK_SET, "awscc_cloudformation_stack", "awscc_cloudformation_stack_set")

#: The largest number of expressions to evaluate for one task definition.
MAX_STEPS = 300_000
#: The number of expressions to evaluate for a root module, in addition to one for every two of its characters.
MAX_ROOT_STEPS = 600_000
#: The number of instances of modules and of the resources in them, in a root module, in addition to one for each 100 of
#: its characters.
MAX_INSTANCES = 5_000

#: The largest number of parts in a named value. Each use of its name twice doubles the size.
MAX_SIZE = 200_000


def is_checked(type: str, types: Collection[str]) -> bool:
    """Tell whether a resource type is one to check. `types` are the types of the model besides task definitions."""
    return type in RESOURCE_TYPES or OTHER_TYPES.get(type) in types


class Modules:
    """The modules of a tree that are part of an evaluation, with the failures and the calls found so far."""

    def __init__(self, tree: ModuleTree, settings: Settings) -> None:
        self.workspace = tree.workspace
        self.settings = settings
        self.failures: list[Failure] = []
        self.configurations = tree.configurations
        self._tree = tree
        self._read: set[str] = set()
        #: The variables that the modules declare.
        self.declared: set[str] = set()
        #: For each root module, the directories of its installed modules, by the paths of their calls.
        self.manifests: dict[str, dict[str, str]] = {}
        #: The callers of each module, by the real path of its directory.
        self.entered: dict[str, set[str]] = {}
        #: The calls that are not followed, with the reasons, by the real path of the directory that they name.
        self.left_out: dict[str, list[tuple[Block, str]]] = {}
        #: The calls whose source was known each time, and those whose source was unknown.
        self.certain: set[Span] = set()
        self.uncertain: set[Span] = set()
        self.notices: list[Notice] = []
        #: The calls of modules that are not installed and may concern ECS.
        self.skipped: set[Skipped] = set()
        self._templates: dict[Span, tuple[TemplatePart, ...]] = {}
        self._stand_ins: dict[str, list[StandIn]] = {}
        self._relevant: dict[str, bool] = {}

    def read(self, directory: str) -> Module:
        """Return the module in a directory."""
        module = self._tree.read(directory)
        if module.directory not in self._read:
            self._read.add(module.directory)
            self.declared.update(module.variables)
        return module

    def stand_ins(self, name: str) -> list[StandIn]:
        """Return the stand-ins of a well-known module, from the file with this name."""
        if name not in self._stand_ins:
            self._stand_ins[name] = read_stand_ins(name)
        return self._stand_ins[name]

    def forget(self, directory: str) -> None:
        """Free a root module that has been checked."""
        self._tree.forget(directory)

    def enter(self, directory: str, caller: str) -> None:
        """Record that the root module or file `caller` calls the module in a directory, directly or indirectly."""
        self.entered.setdefault(self.workspace.own_name(directory), set()).add(caller)

    def leave_out(self, directory: str, call: Block, reason: str) -> None:
        """Record that a call of the module in a directory is not followed."""
        calls = self.left_out.setdefault(self.workspace.own_name(directory), [])
        if all(call is not other for other, _ in calls):
            calls.append((call, reason))

    def is_relevant(self, directory: str) -> bool:
        """Tell whether a module may have task definitions, itself or through the modules it calls."""
        start = self.workspace.normalize(directory)
        if start in self._relevant:
            return self._relevant[start]
        callers: dict[str, str | None] = {start: None}
        pending = [start]
        while pending:
            directory = pending.pop()
            if self._relevant.get(directory) or self._may_have_its_own(directory):
                caller: str | None = directory
                while caller is not None:
                    self._relevant[caller] = True
                    caller = callers[caller]
                return True
            for call in self.read(directory).calls.values():
                target = local_directory(directory, call, self.workspace)
                if target is not None and target not in callers:
                    callers[target] = directory
                    if self._relevant.get(target) is not False:
                        pending.append(target)
        self._relevant.update(dict.fromkeys(callers, False))
        return False

    def _may_have_its_own(self, directory: str) -> bool:
        """Tell whether a module itself has resources to check, or a call whose target is unknown without evaluation."""
        module, types = self.read(directory), self.settings.reads.resources
        if any(is_checked(type, types) or type in STACK_TYPES for type, _ in module.resources):
            return True
        return any(self._local_module(directory, call) is None for call in module.calls.values())

    def leads_to_task_definition(self, directory: str, call: Block) -> bool:
        """Tell whether a module call may lead to task definitions. A module that is not local may."""
        target = self._local_module(directory, call)
        return target is None or self.is_relevant(target)

    def _local_module(self, directory: str, call: Block) -> str | None:
        """Return the directory of a called module, or None if its source is no literal path or has no files."""
        target = local_directory(directory, call, self.workspace)
        return target if target is not None and self.read(target).files else None

    def fail(self, failure: Failure) -> None:
        """Record a failure, once."""
        if failure not in self.failures:
            self.failures.append(failure)

    def template(self, span: Span) -> tuple[TemplatePart, ...]:
        """Return the parts of a template file. Raises NotKnown if it can't be parsed."""
        if span not in self._templates:
            try:
                self._templates[span] = parse_template(span, parse_expression)
            except Failure as failure:
                self.fail(failure)
                reason = f"the template {failure.path}:{failure.position[0]} cannot be parsed"
                raise NotKnown(Unknown(reason, failure.span)) from None
        return self._templates[span]


class Run:
    """The evaluation of one root module and of the modules that it calls: its budgets and its findings."""

    def __init__(self, modules: Modules, root: str, caller: str | None = None) -> None:
        self.modules = modules
        self.workspace = modules.workspace
        self.settings = modules.settings
        #: The directory of the root module, and the caller of modules in it: that directory, or a file there.
        self.root = root
        self.caller = modules.workspace.own_name(root) if caller is None else caller
        self.budget = Budget(MAX_ROOT_STEPS)
        self.instances = Budget(MAX_INSTANCES)
        #: The module calls of which an instance exceeded the limit. Each is reported once.
        self.refused: set[Span] = set()
        #: The module calls that are nested too deeply and reported for every case. Other paths to them are not.
        self.too_deep: set[Span] = set()
        #: The reasons why container definitions are unknown, such as a module that is not installed.
        self.unlisted: set[str] = set()
        #: The block and the name of each unknown attribute, by its symbol.
        self.attributes: dict[str, tuple[Block, str]] = {}
        #: The CloudFormation stacks that it deploys.
        self.callers: list[Caller] = []
        self._started: set[Span] = set()
        #: The steps used for the current task definition, and the number of them that are free.
        self._steps = 0
        self._free = 0

    def module(self, directory: str) -> Module:
        """Return a module that is part of the root module. Its size extends the budgets."""
        module = self.modules.read(directory)
        self.extend(module)
        return module

    def extend(self, module: Module) -> None:
        """Extend the budgets by the size of a module that is part of the root module."""
        self.budget.extend(module.directory, module.characters // 2)
        self.instances.extend(module.directory, module.characters // 100)

    def start(self, block: Block | None = None) -> None:
        """Start to count the steps of a task definition.

        At its first evaluation, it gets one free step for each character of its block. So a simple task definition is
        checked even if the rest of the root module uses up the budget.
        """
        self._steps = 0
        self._free = 0
        if block and block.span not in self._started:
            self._free = block.span.end - block.span.start
            self._started.add(block.span)

    def step(self, count: int = 1) -> None:
        """Count one step or several. Raises NotKnown when the limit is exceeded."""
        self._steps += count
        if self._steps <= self._free:
            return
        if self._steps > MAX_STEPS:
            self.budget.is_used_up = True
        elif self.budget.spend(count):
            return
        raise NotKnown(Unknown("it exceeds the evaluation limit"))

    def may_enter(self) -> bool:
        """Count an instance of a module, or of a resource in one, and tell whether the limit allows it."""
        return self.instances.spend(1)

    def bounded(self, value: Value) -> Value:
        """Return a named value, or an unknown if it is too large."""
        if size(value) <= MAX_SIZE:
            return value
        return Unknown("it is too large to evaluate", value.span)

    def relative(self, directory: str, root: str) -> str:
        """Return a module's directory as `path.module` does: relative to the directory of the root module."""
        return os.path.relpath(directory, root).replace(os.sep, "/")
