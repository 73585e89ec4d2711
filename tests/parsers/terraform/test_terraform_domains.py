"""Check the domains of variables: refused values have no effect, and accepted values are all considered.

Generated modules are evaluated without values for their variables, so that every accepted value is possible. Terraform
plans them for many values. Its result for an accepted value must be among the alternatives here. For a long run:

    ECS5LINT_DOMAIN_MODULES=2000 pytest tests/parsers/terraform/test_terraform_domains.py -s

ECS5LINT_DOMAIN_SEED selects other modules.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest
from terraform_domains import Constrained, constrained
from test_terraform_agreement import exact, resources, terraform

from ecs5lint.files.workspace import Workspace
from ecs5lint.parsers.terraform.language.plain_values import plain_value
from ecs5lint.parsers.terraform.modules.configuration import ModuleTree
from ecs5lint.parsers.terraform.modules.inputs import RootInputs
from ecs5lint.parsers.terraform.modules.module_scope import ModuleScope, Origin
from ecs5lint.parsers.terraform.modules.references import LANGUAGE
from ecs5lint.parsers.terraform.modules.run import Modules, Run
from ecs5lint.parsers.terraform.syntax.errors import EvaluationError, NotKnown
from ecs5lint.settings.settings import Settings
from ecs5lint.values.alternatives import leaves
from ecs5lint.values.kinds import ObjectValue, Unknown, Value
from ecs5lint.values.members import member
from ecs5lint.values.traverse import all_within

MODULES = int(os.environ.get("ECS5LINT_DOMAIN_MODULES", "20"))
SEED = int(os.environ.get("ECS5LINT_DOMAIN_SEED", "1"))
BATCH = 100

pytestmark = pytest.mark.skipif(shutil.which("terraform") is None, reason="terraform is not on the PATH")


def planned(batch: dict[str, Constrained], root: Path) -> dict[str, list[dict[str, Any]]]:
    """Return the results of the probes of each module, for every assignment that Terraform accepts."""
    calls = {}
    for name, module in batch.items():
        (root / name).mkdir(parents=True)
        (root / name / "main.tf").write_text(module.text)
        for number, assignment in enumerate(module.assignments):
            arguments = [f"  {key} = {value}\n" for key, value in assignment.items() if value is not None]
            key = f"{name}_{number}"
            calls[key] = f'module "{key}" {{\n  source = "./{name}"\n{"".join(arguments)}}}\n'
    while calls:
        (root / "main.tf").write_text("".join(calls.values()))
        terraform(root, "init", "-backend=false", "-input=false")
        plan = terraform(root, "plan", "-json", "-input=false", "-refresh=false", "-out=plan")
        if plan.returncode == 0:
            break
        refused = refused_calls(plan.stdout, calls, batch)
        assert refused, plan.stdout + plan.stderr
        calls = {key: call for key, call in calls.items() if key not in refused}
    else:
        return {name: [] for name in batch}
    shown = json.loads(terraform(root, "show", "-json", "plan").stdout, parse_float=Decimal)
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in batch}
    for address, value in resources(shown["planned_values"]["root_module"]):
        found[address.removeprefix("module.").partition("_")[0]].append(value)
    return found


def refused_calls(output: str, calls: dict[str, str], batch: dict[str, Constrained]) -> set[str]:
    """Return the calls with errors.

    If an error does not name its call, return all calls that leave a variable unset.
    """
    lines = "".join(calls.values()).splitlines()
    refused = set()
    for line in output.splitlines():
        event = json.loads(line)
        if event.get("@level") != "error":
            continue
        diagnostic = event["diagnostic"]
        place = diagnostic.get("range") or {"filename": ""}
        if place["filename"] == "main.tf":
            above = "\n".join(lines[: place["start"]["line"]])
            refused.add(re.findall(r'module "(m\d+_\d+)"', above)[-1])
            continue
        name = re.findall(r"\bm\d+(?=/)", place["filename"] or diagnostic["detail"])[0]
        keys = [f"{name}_{number}" for number in range(len(batch[name].assignments))]
        unset = [key for key, values in zip(keys, batch[name].assignments, strict=True) if None in values.values()]
        refused.update(keys if place["filename"] else unset)
    return refused & set(calls)


def alternatives(root: Path, name: str) -> Value:
    """Return the results of the probes here, without values for the variables."""
    run = Run(Modules(ModuleTree(Workspace()), Settings()), name)
    scope = ModuleScope(run.module(name), run, RootInputs({}), Origin(directories=(name,)), LANGUAGE)
    argument = scope.module.resources["terraform_data", "probe"].argument("input")
    assert argument
    return scope.value_of(argument)


def has(value: Value, expected: Any) -> bool:
    """Tell whether a value may be Terraform's result. A default stands for its value if there is no choice."""
    for _, leaf in leaves(value):
        if all_within(leaf):
            return True
        try:
            if exact(plain_value(leaf)) == exact(expected):
                return True
        except NotKnown:
            if not isinstance(leaf, Unknown) or leaf.may_be(expected):
                return True
    return False


def test_what_terraform_accepts_is_among_the_alternatives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    random = Random(SEED)
    modules = {f"m{number}": constrained(random) for number in range(MODULES)}
    differences: list[str] = []
    compared, settled, refused = 0, 0, 0
    names = list(modules)
    for start in range(0, len(names), BATCH):
        batch = {name: modules[name] for name in names[start : start + BATCH]}
        for name, accepted in planned(batch, tmp_path).items():
            refused += len(batch[name].assignments) - len(accepted)
            try:
                ours = alternatives(tmp_path, name)
            except EvaluationError as error:
                differences += [f"{name} is refused ({error.message})\n{batch[name].text}"] * bool(accepted)
                continue
            assert isinstance(ours, ObjectValue)
            for key in (f"p{number}" for number in range(batch[name].probes)):
                value = member(ours, key)
                settled += len(leaves(value)) == 1 and not isinstance(value, Unknown)
                for expected in accepted:
                    compared += 1
                    if not has(value, expected[key]):
                        differences.append(f"{key} of {name} is {expected[key]!r}, not {value}\n{batch[name].text}")
    print(f"\n{compared} probes compared, {settled} settled, {refused} assignments refused")
    assert not differences, f"{len(differences)} differ:\n" + "\n".join(dict.fromkeys(differences[:5]))
    assert compared > MODULES
