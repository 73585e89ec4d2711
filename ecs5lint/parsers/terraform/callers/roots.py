"""Choose the root modules of a run: the modules to check by themselves, and their inputs.

A module that others call is checked through its callers. It is also checked by itself if it is a root module, or if no
caller reaches it. A call with `count = 0` creates nothing, and an unsupported call gives no information about the
module.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from ecs5lint.notices import Notice
from ecs5lint.parsers.terraform.callers.call_graph import CallGraph
from ecs5lint.parsers.terraform.callers.calls import SOURCE_UNKNOWN, PossibleCall
from ecs5lint.parsers.terraform.modules.run import Modules
from ecs5lint.parsers.terraform.modules.sources import inputs
from ecs5lint.values.kinds import Unknown

#: Files in the directory of a root module. Terraform doesn't read those of a called module.
_OF_A_ROOT = (".terraform.lock.hcl", "terraform.tfvars", "terraform.tfvars.json")
_OF_A_ROOT_SUFFIXES = (".auto.tfvars", ".auto.tfvars.json")

#: Checks a module by itself. Some of its variables are unknown.
Judge = Callable[[str, Mapping[str, Unknown]], None]


def is_root_module(directory: str, modules: Modules) -> bool:
    """Tell whether Terraform runs in a directory, regardless of calls to it as a module."""
    names = modules.workspace.entries(directory)
    return modules.read(directory).has_backend or any(
        name in _OF_A_ROOT or name.endswith(_OF_A_ROOT_SUFFIXES) for name in names
    )


def top(nodes: Sequence[str], targets: Callable[[str], Iterable[str]]) -> list[str]:
    """Return the nodes without incoming edges, and one node of each cycle that has none."""
    edges = {node: [target for target in targets(node) if target != node] for node in nodes}
    called = {target for reached in edges.values() for target in reached}
    found = [node for node in nodes if node not in called]
    reached: set[str] = set()
    for node in [*found, *nodes]:
        if node not in reached and node in called:
            found.append(node)
        pending = [node]
        while pending:
            current = pending.pop()
            if current not in reached:
                reached.add(current)
                pending += edges.get(current, ())
    return found


def judge_roots(
    directories: Sequence[str], callers: Sequence[str], modules: Modules, graph: CallGraph, judge: Judge
) -> set[str]:
    """Check the root modules among some directories. Return those that turn out to be checked through their callers.

    `callers` are files that also call modules, and that are already checked.
    """
    names = {modules.workspace.own_name(directory): directory for directory in directories}
    doubts = _Doubts([*callers, *names], modules, graph)
    order = top(list(names), lambda name: graph.targets(name, ()))
    always = {name for name, directory in names.items() if is_root_module(directory, modules)}
    judged: set[str] = set()
    certain = [name for name in order if name not in modules.entered and not doubts.calls_of(name)]
    for name in dict.fromkeys([*certain, *sorted(always)]):
        judged.add(name)
        judge(names[name], {})
    for name in dict.fromkeys([*order, *names]):
        if name not in judged and name not in modules.entered:
            judged.add(name)
            judge(names[name], doubts.unknown_inputs(name))
    edges: dict[str, list[str]] = {}
    for name in sorted(judged):
        for caller in modules.entered.get(name, ()):
            edges.setdefault(caller, []).append(name)
    kept = always.union(top(sorted(judged), lambda name: edges.get(name, ())))
    return {names[name] for name in judged - kept}


class _Doubts:
    """The calls that may or may not lead to a module."""

    def __init__(self, names: Sequence[str], modules: Modules, graph: CallGraph) -> None:
        self._modules = modules
        self._graph = graph
        self._possible = [(name, call) for name in names for call in graph.calls(name).possible]

    def calls_of(self, name: str) -> list[PossibleCall]:
        """Return the calls in other modules whose source may be the module called `name`."""
        return [
            call
            for caller, call in self._possible
            if caller != name and not self._is_certain(call) and self._graph.may_mean(call, name)
        ]

    def unknown_inputs(self, name: str) -> dict[str, Unknown]:
        """Return the variables of a module that may be set by an uncertain call, or by a call that is not followed."""
        found: dict[str, Unknown] = {}
        every = frozenset(self._modules.read(name).variables)
        calls = [
            (call.name, call.span, every if call.sets_more else call.inputs, call.doubt) for call in self.calls_of(name)
        ]
        for block, reason in self._modules.left_out.get(name, ()):
            calls.append((f"module.{block.labels[0]}", block.span, inputs(block), reason))
            message = f"checked by itself, because a call to it cannot be resolved: {reason}"
            self._modules.notices.append(Notice(message, block.span.path, block.span))
        for called, span, names, reason in calls:
            caller = f"{called} ({span.path}:{span.line})"
            for variable in sorted(names):
                found.setdefault(variable, Unknown(f"{caller} may set var.{variable}, and {reason}", span))
        return found

    def _is_certain(self, call: PossibleCall) -> bool:
        """Tell whether the target of a call was known each time, and was in no package."""
        span = call.span
        return call.doubt == SOURCE_UNKNOWN and span in self._modules.certain and span not in self._modules.uncertain
