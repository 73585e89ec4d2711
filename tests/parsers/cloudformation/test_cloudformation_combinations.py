"""Compare the verdicts of generated templates with those from every combination of parameter values.

The oracle knows nothing of formulas. It keeps the set of all parameter values that the template allows, splits it at
each condition, mapping and default, and examines the remaining values. ECS5LINT_EXAMPLES sets the number of templates:

    ECS5LINT_EXAMPLES=3000 pytest tests/parsers/cloudformation/test_cloudformation_combinations.py
"""

from __future__ import annotations

import itertools
import json
import os
import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ecs5lint.files.workspace import Workspace
from ecs5lint.parsers.cloudformation import parse
from ecs5lint.rules import ecs5
from ecs5lint.settings.settings import Settings

EXAMPLES = int(os.environ.get("ECS5LINT_EXAMPLES", "100"))

VALUES = ["true", "false", "x"]
NO_VALUE = {"Ref": "AWS::NoValue"}

Template = dict[str, Any]
#: One combination: the value of each parameter.
Combination = dict[str, str]


# The templates


class _Writer:
    """Writes a template. A drawn number makes each choice."""

    def __init__(self, draw: st.DrawFn) -> None:
        self._draw = draw
        self._containers = 0
        self.names = [f"P{number}" for number in range(1 + self.below(3))]
        self.conditions: dict[str, Any] = {}

    def below(self, end: int) -> int:
        return self._draw(st.integers(0, end - 1))

    def one_of(self, *items: Any) -> Any:
        return items[self.below(len(items))]

    def template(self) -> Template:
        parameters = {name: self.parameter() for name in self.names}
        for number in range(1 + self.below(4)):
            self.conditions[f"C{number}"] = self.condition()
        rules = {f"R{number}": self.rule() for number in range(self.below(3))}
        resource: Template = {"Type": "AWS::ECS::TaskDefinition", "Properties": self.perhaps_if(self.properties, 1)}
        if self.below(4) == 0:
            resource["Condition"] = self.one_of(*self.conditions)
        return {
            "Parameters": parameters,
            "Rules": rules,
            "Mappings": {"M": {row: {"v": self.one_of(True, False, "true")} for row in VALUES}},
            "Conditions": self.conditions,
            "Resources": {"Task": resource},
        }

    def parameter(self) -> Template:
        allowed = list(self.one_of(*itertools.permutations(VALUES)))[: 2 + self.below(2)]
        bounds = self.one_of({}, {}, {"MaxLength": 4}, {"MinLength": "2"}, {"MinLength": 0, "MaxLength": 9})
        default = {"Default": allowed[0]} if self.below(2) else {}
        pattern = "|".join(allowed)
        values = self.one_of(
            {"AllowedValues": allowed},
            {"AllowedValues": allowed, **bounds},
            {"AllowedPattern": self.one_of(pattern, f"^({pattern})$", f"(?:{pattern})"), **bounds},
        )
        return {"Type": "String", **values, **default}

    def rule(self) -> Template:
        assertions = [{"Assert": self.assertion(1)} for _ in range(1 + self.below(2))]
        condition = {"RuleCondition": self.assertion(1)} if self.below(2) else {}
        return {**condition, "Assertions": assertions}

    def assertion(self, depth: int) -> Any:
        form = self.one_of(
            "Fn::Equals", "Fn::Contains", "Fn::EachMemberIn", "Fn::EachMemberEquals", "Fn::Not", "Fn::Or"
        )
        some = [self.one_of(*VALUES) for _ in range(1 + self.below(2))]
        references = [self.reference() for _ in range(1 + self.below(2))]
        if form == "Fn::Contains":
            return {form: [some, self.reference()]}
        if form == "Fn::EachMemberIn":
            return {form: [references, some]}
        if form == "Fn::EachMemberEquals":
            return {form: [references, self.one_of(*VALUES)]}
        if form == "Fn::Equals" or depth == 0:
            return self.comparison()
        return {form: [self.assertion(depth - 1) for _ in range(1 if form == "Fn::Not" else 2)]}

    def condition(self) -> Any:
        form = self.one_of("plain", "plain", "Fn::Not", "Fn::And", "Fn::Or")
        if form == "plain":
            return self.comparison()
        return {form: [self.operand() for _ in range(1 if form == "Fn::Not" else 2)]}

    def operand(self) -> Any:
        return {"Condition": self.one_of(*self.conditions)} if self.conditions and self.below(2) else self.comparison()

    def comparison(self) -> Any:
        form = self.one_of("plain", "plain", "part", "text", "texts")
        if form == "part":
            delimiter, texts = self.one_of(("e", ["tru", "fals", "x"]), ("r", ["t", "false", "x"]))
            part = {"Fn::Select": [0, {"Fn::Split": [delimiter, self.reference()]}]}
            return {"Fn::Equals": [part, self.reference() if self.below(4) == 0 else self.one_of(*texts)]}
        if form == "text":
            text = self.one_of(
                {"Fn::Sub": f"a${{{self.one_of(*self.names)}}}"}, {"Fn::Join": ["", ["a", self.reference()]]}
            )
            return {"Fn::Equals": [text, self.one_of("atrue", "afalse", "ax", "true", "a")]}
        if form == "texts":
            text = {"Fn::Join": [self.one_of("-", "", "x"), [self.reference(), self.reference()]]}
            return {"Fn::Equals": [text, self.one_of("true-x", "x-x", "falsetrue", "xx", "truextrue", "xxx", "-")]}
        return {"Fn::Equals": [self.reference(), self.reference() if self.below(3) == 0 else self.one_of(*VALUES)]}

    def reference(self) -> Any:
        return {"Ref": self.one_of(*self.names)}

    def perhaps_if(self, write: Callable[[], Any], depth: int) -> Any:
        if depth == 0 or self.below(2):
            return write()
        arms = [self.perhaps_if(write, depth - 1) for _ in range(2)]
        return {"Fn::If": [self.one_of(*self.conditions), *arms]}

    def properties(self) -> Template:
        return {
            "ContainerDefinitions": self.perhaps_if(self.containers, 1),
            "RuntimePlatform": self.perhaps_if(self.platform, 1) if self.below(2) else NO_VALUE,
        }

    def containers(self) -> list[Any]:
        return [self.perhaps_if(self.container, 1) for _ in range(1 + self.below(2))]

    def container(self) -> Any:
        if self.below(6) == 0:
            return NO_VALUE
        self._containers += 1
        return {"Name": f"c{self._containers}", "ReadonlyRootFilesystem": self.perhaps_if(self.value, 2)}

    def value(self) -> Any:
        mapped = {"Fn::FindInMap": ["M", self.reference(), "v"]}
        part = {"Fn::Select": [0, {"Fn::Split": ["-", self.reference()]}]}
        plain = [True, True, "true", False, self.reference()]
        choice = {
            "Fn::If": [
                self.one_of(*self.conditions),
                *self.one_of((True, False), (NO_VALUE, "true"), (False, NO_VALUE)),
            ]
        }
        items = [self.one_of(*plain, NO_VALUE, choice, choice), self.one_of(choice, True), True, self.one_of(*plain)]
        selected = {"Fn::Select": [self.below(2), items]}
        return self.one_of(*plain, NO_VALUE, self.reference(), mapped, part, selected, selected)

    def platform(self) -> Any:
        system = self.one_of("LINUX", "WINDOWS_SERVER_2022_CORE", None)
        return {"OperatingSystemFamily": system} if system else NO_VALUE


@st.composite
def templates(draw: st.DrawFn) -> Template:
    return _Writer(draw).template()


# The oracle


class State(NamedTuple):
    """The remaining combinations at a part of the template.

    `left` has the numbers of the combinations, `freed` the parameters whose defaults don't apply, `compared` the
    parameters in the enclosing conditions, and `aside` tells for each step whether it is off the default path.
    """

    left: frozenset[int]
    freed: frozenset[str]
    compared: frozenset[str]
    aside: tuple[bool, ...]


class Oracle:
    def __init__(self, template: Template) -> None:
        self.template = template
        parameters = template["Parameters"]
        allowed = {name: self.allowed(item) for name, item in parameters.items()}
        self.combinations: list[Combination] = [
            dict(zip(parameters, values, strict=True)) for values in itertools.product(*allowed.values())
        ]
        obeying = [number for number, item in enumerate(self.combinations) if self.obeys(item)]
        self.rules = list(self.template["Rules"].values()) if obeying else []
        #: The combinations that the rules allow, if there are any.
        self.deployable = frozenset(obeying or range(len(self.combinations)))
        self.defaults = {
            name: item["Default"]
            for name, item in parameters.items()
            if item.get("Default") in {self.combinations[number][name] for number in self.deployable}
        }

    def allowed(self, parameter: Template) -> list[str]:
        pattern = parameter.get("AllowedPattern")
        values = parameter["AllowedValues"] if pattern is None else VALUES
        least, most = int(parameter.get("MinLength", 0)), int(parameter.get("MaxLength", 9))
        return [
            value
            for value in values
            if least <= len(value) <= most and (pattern is None or re.fullmatch(pattern, value))
        ]

    def obeys(self, combination: Combination) -> bool:
        return all(
            all(self.holds(item["Assert"], combination) for item in rule["Assertions"])
            for rule in self.template["Rules"].values()
            if "RuleCondition" not in rule or self.holds(rule["RuleCondition"], combination)
        )

    def verdicts(self) -> dict[str, str]:
        """Return the verdict on each possible container, by its name."""
        resource = self.template["Resources"]["Task"]
        written = [item["Assert"] for rule in self.rules for item in rule["Assertions"]]
        written += [rule["RuleCondition"] for rule in self.rules if "RuleCondition" in rule]
        compared = frozenset(name for item in written for name in self.compared(item))
        state = State(self.deployable, frozenset(), compared, ())
        outcomes: dict[str, list[tuple[bool, bool, str]]] = {}
        for there, present in self.split(state, self.condition_arms(resource.get("Condition"))):
            if not present:
                continue
            base = len(there.aside)
            for at_properties, properties in self.leaves(there, resource["Properties"]):
                for at_list, containers in self.leaves(at_properties, properties["ContainerDefinitions"]):
                    for written in containers:
                        for at_container, container in self.leaves(at_list, written):
                            if container == NO_VALUE:
                                continue
                            for outcome in self.outcomes(there, at_container, container, resource["Properties"]):
                                exists_aside = any(at_container.aside[base:])
                                outcomes.setdefault(container["Name"], []).append((exists_aside, *outcome))
        return {name: self.decide(found) for name, found in outcomes.items()}

    def outcomes(
        self, there: State, at_container: State, container: Template, properties: Any
    ) -> Iterator[tuple[bool, str]]:
        """Yield, for each alternative of a container, whether the defaults lead elsewhere, and the verdict."""
        for at_value, value in self.leaves(at_container, container["ReadonlyRootFilesystem"]):
            for at_properties, chosen in self.leaves(there, properties):
                for at_platform, platform in self.leaves(at_properties, chosen["RuntimePlatform"]):
                    if not at_value.left & at_platform.left:
                        continue
                    aside = any(at_value.aside[len(at_container.aside) :]) or any(at_platform.aside[len(there.aside) :])
                    windows = platform != NO_VALUE and platform["OperatingSystemFamily"] != "LINUX"
                    yield aside, "not_applicable" if windows else self.judge(at_value, value)

    def decide(self, outcomes: list[tuple[bool, bool, str]]) -> str:
        if all(exists_aside for exists_aside, _, _ in outcomes):
            outcomes = [(False, aside, verdict) for _, aside, verdict in outcomes]
        every = [verdict for _, _, verdict in outcomes]
        usual = [verdict for exists_aside, aside, verdict in outcomes if not exists_aside and not aside] or every
        if "fail" in every:
            return "fail"
        return next(verdict for verdict in ("unknown", "pass", "not_applicable") if verdict in usual)

    def judge(self, state: State, value: Any) -> str:
        if isinstance(value, dict) and value != NO_VALUE:
            values = self.values(state, next(self.names(value)))
        else:
            values = {value if isinstance(value, str) else json.dumps(value)}
        true = {item == "true" for item in values}
        return "unknown" if len(true) > 1 else "pass" if true.pop() else "fail"

    def values(self, state: State, name: str) -> set[str]:
        others = [
            other for other in state.compared if other != name and other in self.defaults and other not in state.freed
        ]
        values = {self.combinations[number][name] for number in state.left}
        by_default = {
            self.combinations[number][name]
            for number in state.left
            if all(self.combinations[number][other] == self.defaults[other] for other in others)
        }
        default = self.defaults.get(name) if name not in state.freed else None
        if default in (by_default or values):
            return {str(default)}
        return by_default if len(by_default) == 1 and name in state.compared else values

    def leaves(self, state: State, written: Any) -> Iterator[tuple[State, Any]]:
        """Yield the possible values of a part of the template, each with the remaining combinations."""
        if isinstance(written, dict) and "Fn::If" in written:
            condition, true, false = written["Fn::If"]
            for inner, holds in self.split(state, self.condition_arms(condition)):
                yield from self.leaves(inner, true if holds else false)
        elif isinstance(written, dict) and "Fn::FindInMap" in written:
            name = written["Fn::FindInMap"][1]["Ref"]
            for inner, row in self.split(state, (lambda combination: combination[name], frozenset([name]))):
                yield inner, self.template["Mappings"]["M"][row]["v"]
        elif isinstance(written, dict) and "Fn::Select" in written and isinstance(written["Fn::Select"][1], list):
            yield from self.selected(state, *written["Fn::Select"])
        else:
            yield state, written

    def selected(self, state: State, index: int, items: list[Any]) -> Iterator[tuple[State, Any]]:
        """Yield the possible values of an element of a list with optional elements."""
        first, rest = items[0], items[1:]
        if first == NO_VALUE:
            yield from self.selected(state, index, rest)
            return
        states = [(state, True)]
        if isinstance(first, dict) and "Fn::If" in first and NO_VALUE in first["Fn::If"]:
            name, true, _ = first["Fn::If"]
            states = [
                (inner, holds is (true != NO_VALUE)) for inner, holds in self.split(state, self.condition_arms(name))
            ]
        for inner, is_there in states:
            if is_there and index == 0:
                yield from self.leaves(inner, first)
            else:
                yield from self.selected(inner, index - is_there, rest)

    def split(self, state: State, arms: Any) -> list[tuple[State, Any]]:
        """Return the remaining combinations for each arm. A function of the combination identifies its arm."""
        arm_of, compared = arms
        groups: dict[Any, set[int]] = {}
        for number in sorted(state.left):
            groups.setdefault(arm_of(self.combinations[number]), set()).add(number)
        if len(groups) == 1:
            return [(state, next(iter(groups)))]
        picked, by = None, frozenset[str]()
        for considered in (compared, compared | state.compared):
            by = frozenset(name for name in considered if name in self.defaults and name not in state.freed)
            usual = {
                arm_of(self.combinations[number])
                for number in state.left
                if all(self.combinations[number][name] == self.defaults[name] for name in by)
            }
            if len(usual) == 1:
                picked = usual
                break
        states = []
        for arm, left in groups.items():
            aside = picked is not None and arm not in picked
            freed = state.freed | by if aside else state.freed
            steps = (*state.aside, aside)
            states.append((State(frozenset(left), freed, state.compared | compared, steps), arm))
        return states

    def condition_arms(self, name: str | None) -> Any:
        if name is None:
            return (lambda combination: True), frozenset()
        written = self.template["Conditions"][name]
        return (lambda combination: self.holds(written, combination)), frozenset(self.compared(written))

    def holds(self, written: Any, combination: Combination) -> bool:
        ((function, argument),) = written.items()
        if function == "Condition":
            return self.holds(self.template["Conditions"][argument], combination)
        if function == "Fn::Equals":
            left, right = (self.text(item, combination) for item in argument)
            return left == right
        if function in LISTS:
            return self.holds(LISTS[function](*argument), combination)
        held = [self.holds(item, combination) for item in argument]
        return not held[0] if function == "Fn::Not" else all(held) if function == "Fn::And" else any(held)

    def text(self, written: Any, combination: Combination) -> str:
        if isinstance(written, str):
            return written
        ((function, argument),) = written.items()
        if function == "Ref":
            return combination[str(argument)]
        if function == "Fn::Sub":
            return re.sub(r"\$\{(\w+)\}", lambda name: combination[name[1]], argument)
        if function == "Fn::Join":
            return str(argument[0]).join(self.text(item, combination) for item in argument[1])
        index, split = argument
        delimiter, whole = split["Fn::Split"]
        return self.text(whole, combination).split(delimiter)[int(index)]

    def names(self, written: Any) -> Iterator[str]:
        """Yield the parameters in a written value."""
        if isinstance(written, dict):
            for function, argument in written.items():
                if function == "Ref":
                    yield argument
                elif function == "Fn::Sub":
                    yield from re.findall(r"\$\{(\w+)\}", argument)
                else:
                    yield from self.names(argument)
        elif isinstance(written, list):
            for item in written:
                yield from self.names(item)

    def compared(self, written: Any) -> Iterator[str]:
        """Yield the parameters that a condition depends on, without those in comparisons with a constant result."""
        ((function, argument),) = written.items()
        if function == "Condition":
            yield from self.compared(self.template["Conditions"][argument])
        elif function == "Fn::Equals":
            if len({self.holds(written, combination) for combination in self.combinations}) == 2:
                yield from self.names(argument)
        elif function in LISTS:
            yield from self.compared(LISTS[function](*argument))
        else:
            for item in argument:
                yield from self.compared(item)


#: The functions of Rules over lists, expressed as comparisons.
LISTS: dict[str, Callable[[Any, Any], Any]] = {
    "Fn::Contains": lambda items, value: {"Fn::Or": [{"Fn::Equals": [item, value]} for item in items]},
    "Fn::EachMemberEquals": lambda items, value: {"Fn::And": [{"Fn::Equals": [item, value]} for item in items]},
    "Fn::EachMemberIn": lambda items, others: {
        "Fn::And": [{"Fn::Or": [{"Fn::Equals": [item, other]} for other in others]} for item in items]
    },
}


# The comparison


def found_verdicts(template: Template) -> dict[str, str]:
    workspace = Workspace()
    workspace.provide("template.json", json.dumps(template).encode())
    parsed = parse(["template.json"], workspace, Settings())
    assert parsed.failures == []
    results = [result for definition in parsed.task_definitions for result in ecs5.judge(definition, Settings())]
    assert len({result.container for result in results}) == len(results)
    return {str(result.container): result.verdict for result in results}


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(templates())
def test_the_verdict_is_that_of_all_combinations(template: Template) -> None:
    assert found_verdicts(template) == Oracle(template).verdicts()
