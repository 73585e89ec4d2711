"""Read the configuration in a Terraform plan: expressions as references and constants, without their values.

https://developer.hashicorp.com/terraform/internals/json-format#configuration-representation
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ecs5lint.values.kinds import ABSENT, Absent, ListValue, ObjectValue, Repeated, Value, known_text
from ecs5lint.values.members import member, nested_member

#: A step of a module address: `module.web` or `module.web["a"]`.
MODULE_STEP = re.compile(r'module\.([\w-]+)(?:\["(?:[^"\\]|\\.)*"\]|\[[0-9]+\])?\.?')
#: What a plan always knows.
_ALWAYS_KNOWN = frozenset(("each.key", "each", "count.index", "count", "terraform.workspace", "terraform"))


class PlannedConfiguration:
    """The configuration in a plan. Each of its modules is indexed once."""

    def __init__(self, document: Value) -> None:
        configuration = member(document, "configuration") if isinstance(document, ObjectValue) else ABSENT
        self._root = nested_member(configuration, "root_module")
        self._providers = nested_member(configuration, "provider_config")
        self._resources: dict[tuple[str, ...], dict[str, ObjectValue]] = {}

    def resource(self, address: str) -> Value:
        """Return a resource, or ABSENT."""
        steps = _steps(address)
        if steps not in self._resources:
            module = nested_member(self._calls(steps)[-1], "module") if steps else self._root
            found = objects(nested_member(module, "resources"))
            self._resources[steps] = {known_text(member(item, "address")) or "": item for item in found}
        local = address[_length_of_module(address) :].partition("[")[0]
        return self._resources[steps].get(local, ABSENT)

    def may_have_default_tags(self, address: str) -> bool:
        """Tell whether the provider of a resource may have default tags."""
        key = known_text(nested_member(self.resource(address), "provider_config_key"))
        return key is None or not isinstance(nested_member(self._providers, key, "expressions", "default_tags"), Absent)

    def is_left_out(self, address: str, expression: Value) -> bool:
        """Tell whether an argument that a plan doesn't know is left to the provider: it is not written, or null.

        An expression of nothing but variables that the plan knows can't depend on the apply.
        """
        if isinstance(expression, Absent):
            return True
        if not isinstance(expression, ObjectValue):
            return False
        inputs = _inputs_of([expression])
        for call in reversed(self._calls(_steps(address)) if inputs else []):
            inputs = _inputs_of([nested_member(call, "expressions", name) for name in inputs or ()])
            if not inputs:
                break
        # The variables of the root module are known in each plan.
        return inputs is not None

    def _calls(self, steps: tuple[str, ...]) -> list[Value]:
        """Return the module calls that lead to a module, outermost first."""
        calls: list[Value] = []
        module = self._root
        for step in steps:
            calls.append(nested_member(module, "module_calls", step))
            module = nested_member(calls[-1], "module")
        return calls


def module_of(address: str) -> str:
    """Return the part of an address for its module."""
    return address[: _length_of_module(address)]


def objects(value: Value) -> Iterator[ObjectValue]:
    """Yield the objects in a list, or a single object that stands for a list."""
    if isinstance(value, ObjectValue):
        yield value
    for item in value.items if isinstance(value, ListValue) else ():
        if isinstance(item, ObjectValue):
            yield item


def references(expression: Value) -> Iterator[str]:
    """Yield what an expression refers to."""
    listed = nested_member(expression, "references")
    for item in listed.items if isinstance(listed, ListValue) else ():
        yield "" if isinstance(item, Repeated) else known_text(item) or ""


def _inputs_of(expressions: list[Value]) -> set[str] | None:
    """Return the variables in some expressions, or None if they refer to anything else that a plan may not know."""
    names: set[str] = set()
    for reference in (name for expression in expressions for name in references(expression)):
        kind, _, rest = reference.partition(".")
        if kind == "var":
            names.add(re.split(r"[.\[]", rest, maxsplit=1)[0])
        elif kind != "path" and reference not in _ALWAYS_KNOWN:
            return None
    return names


def _steps(address: str) -> tuple[str, ...]:
    """Return the names of the module calls in an address."""
    return tuple(step[1] for step in MODULE_STEP.finditer(module_of(address)))


def _length_of_module(address: str) -> int:
    offset = 0
    while step := MODULE_STEP.match(address, offset):
        offset = step.end()
    return offset
