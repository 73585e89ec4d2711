"""What the evaluation of a root module shares: the modules that were read, and the bounds on the work."""

from __future__ import annotations

import os

from ecs5lint.budget import Budget
from ecs5lint.files.workspace import Workspace
from ecs5lint.location import Failure, Span
from ecs5lint.model.callers import Caller
from ecs5lint.notices import Notice
from ecs5lint.parsers.terraform.modules.configuration import Module, read_module
from ecs5lint.parsers.terraform.modules.sources import local_directory
from ecs5lint.parsers.terraform.syntax.blocks import Block
from ecs5lint.parsers.terraform.syntax.errors import NotKnown
from ecs5lint.parsers.terraform.syntax.grammar import parse_expression
from ecs5lint.parsers.terraform.syntax.nodes import TemplatePart
from ecs5lint.parsers.terraform.syntax.templates import parse_template
from ecs5lint.settings.settings import Settings
from ecs5lint.values.kinds import Unknown, Value
from ecs5lint.values.traverse import children

#: The resource types that are judged: that of the provider aws, and that of awscc, which CloudFormation's schema makes.
RESOURCE_TYPE = "aws_ecs_task_definition"
AWSCC_TYPE = "awscc_ecs_task_definition"
RESOURCE_TYPES = (RESOURCE_TYPE, AWSCC_TYPE)

STACK_SET = "aws_cloudformation_stack_set"
#: The resource types that deploy a template of CloudFormation.
STACK_TYPES = ("aws_cloudformation_stack", STACK_SET, "awscc_cloudformation_stack", "awscc_cloudformation_stack_set")

#: How many expressions are evaluated for one task definition.
MAX_STEPS = 300_000
#: How many are evaluated for a root module: so many, and one for every two characters that it is made of.
MAX_ROOT_STEPS = 600_000
#: How many instances of modules a root module may have: so many, and one for each 100 characters that it is made of.
MAX_INSTANCES = 5_000

#: How many parts, all told, a value may have that has a name: each use of the name doubles what uses it twice.
MAX_WEIGHT = 100_000


class Modules:
    """The modules of a tree, each read once: what could not be read, and what was found to call what."""

    def __init__(self, workspace: Workspace, settings: Settings) -> None:
        self.workspace = workspace
        self.settings = settings
        self.failures: list[Failure] = []
        self._modules: dict[str, Module] = {}
        #: The variables that the modules declare.
        self.declared: set[str] = set()
        #: For each root module, the directories of its installed modules by the paths of their calls.
        self.manifests: dict[str, dict[str, str]] = {}
        #: By the own names of directories, what calls them as modules.
        self.entered: dict[str, set[str]] = {}
        #: The calls that are not followed, by the own names of the directories that they name, and why not.
        self.left_out: dict[str, list[tuple[Block, str]]] = {}
        #: The calls of which the source was known each time, and those of which it was not.
        self.certain: set[Span] = set()
        self.uncertain: set[Span] = set()
        self.notices: list[Notice] = []
        self._templates: dict[Span, tuple[TemplatePart, ...]] = {}
        self._relevant: dict[str, bool] = {}

    def read(self, directory: str) -> Module:
        """Return the module in a directory."""
        directory = self.workspace.normalize(directory)
        if directory not in self._modules:
            self._modules[directory] = read_module(directory, self.workspace)
            self.declared.update(self._modules[directory].variables)
        return self._modules[directory]

    def forget(self, directory: str) -> None:
        """Let go of a root module that has been judged."""
        self._modules.pop(directory, None)

    def enter(self, directory: str, caller: str) -> None:
        """Note that the root module or the file `caller` calls the module in a directory, directly or not."""
        self.entered.setdefault(self.workspace.own_name(directory), set()).add(caller)

    def leave_out(self, directory: str, call: Block, reason: str) -> None:
        """Note that a call of the module in a directory is not followed."""
        calls = self.left_out.setdefault(self.workspace.own_name(directory), [])
        if all(call is not other for other, _ in calls):
            calls.append((call, reason))

    def is_relevant(self, directory: str) -> bool:
        """Tell whether a module may have task definitions, of its own or of the modules it calls."""
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
        """Tell whether a module has task definitions, or calls one of which that is not known without evaluation."""
        module = self.read(directory)
        if any(type in RESOURCE_TYPES or type in STACK_TYPES for type, _ in module.resources):
            return True
        return any(self._local_module(directory, call) is None for call in module.calls.values())

    def leads_to_task_definition(self, directory: str, call: Block) -> bool:
        """Tell whether a module call may lead to task definitions; of a module that is not local this is not known."""
        target = self._local_module(directory, call)
        return target is None or self.is_relevant(target)

    def _local_module(self, directory: str, call: Block) -> str | None:
        """Return the directory of a called module, None if its source is no literal path, or nothing is there."""
        target = local_directory(directory, call, self.workspace)
        return target if target is not None and self.read(target).files else None

    def fail(self, failure: Failure) -> None:
        """Note something that could not be read or parsed, once."""
        if failure not in self.failures:
            self.failures.append(failure)

    def template(self, span: Span) -> tuple[TemplatePart, ...]:
        """Return the parts of a template file. Raises NotKnown if it cannot be parsed."""
        if span not in self._templates:
            try:
                self._templates[span] = parse_template(span, parse_expression)
            except Failure as failure:
                self.fail(failure)
                reason = f"the template {failure.path}:{failure.place[0]} cannot be parsed"
                raise NotKnown(Unknown(reason, failure.span)) from None
        return self._templates[span]


class Run:
    """The evaluation of one root module and of the modules that it calls: what it may cost, and what it came upon."""

    def __init__(self, modules: Modules, root: str, caller: str | None = None) -> None:
        self.modules = modules
        self.workspace = modules.workspace
        self.settings = modules.settings
        #: The directory of the root module, and what calls modules in it: that directory, or a file there.
        self.root = root
        self.caller = modules.workspace.own_name(root) if caller is None else caller
        self.budget = Budget(MAX_ROOT_STEPS)
        self.instances = Budget(MAX_INSTANCES)
        #: The module calls whose source is not at hand and whose outputs were asked for.
        self.consulted: set[str] = set()
        #: The CloudFormation stacks that it deploys.
        self.callers: list[Caller] = []
        self._weights: dict[int, tuple[Value, int]] = {}
        self._started: set[Span] = set()
        #: The steps that the task definition at hand has taken, and how many of them are free.
        self._steps = 0
        self._free = 0

    def module(self, directory: str) -> Module:
        """Return a module that the root module is made of. Its size allows for more work."""
        module = self.modules.read(directory)
        self.budget.extend(module.directory, module.characters // 2)
        self.instances.extend(module.directory, module.characters // 100)
        return module

    def start(self, block: Block | None = None) -> None:
        """Begin to count the steps of a task definition.

        As many as its block has characters are free where it is met first: what is written plainly is judged whatever
        the rest of the root module takes.
        """
        self._steps = 0
        self._free = 0
        if block and block.span not in self._started:
            self._free = block.span.end - block.span.start
            self._started.add(block.span)

    def step(self, count: int = 1) -> None:
        """Count a step, or what takes as long as several. Raises NotKnown when there are too many."""
        self._steps += count
        if self._steps <= self._free:
            return
        if self._steps > MAX_STEPS:
            self.budget.is_used_up = True
        elif self.budget.spend(count):
            return
        raise NotKnown(Unknown("it exceeds the evaluation limit"))

    def may_enter(self) -> bool:
        """Count an instance of a module, and tell whether it is to be looked into: there may be too many."""
        return self.instances.spend(1)

    def bounded(self, value: Value) -> Value:
        """Return a value that has a name, as unknown if it is too large to be followed."""
        if self._weight(value) <= MAX_WEIGHT:
            return value
        return Unknown("it is too large to follow", value.span)

    def _weight(self, value: Value) -> int:
        """Return the number of parts of a value; each part is counted for every use of it."""
        known = self._weights.get(id(value))
        if known is not None:
            return known[1]
        parts = children(value)
        if not parts:
            return 1
        weight = 1 + sum(map(self._weight, parts))
        # The value is kept, so that no other one gets its id.
        self._weights[id(value)] = (value, weight)
        return weight

    def relative(self, directory: str, root: str) -> str:
        """Return a module's directory as `path.module` gives it: relative to the root module's."""
        return os.path.relpath(directory, root).replace(os.sep, "/")
