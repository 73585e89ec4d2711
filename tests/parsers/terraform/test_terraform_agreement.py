"""Compare the values of whole modules with those in Terraform.

Terraform plans generated modules with `terraform_data` in place of the task definition, a hundred of them as child
modules of one root. The linter evaluates the same modules. A known value must equal Terraform's, and the verdicts must
match the resolved containers. For a long run:

    ECS5LINT_AGREEMENT_MODULES=2000 pytest tests/parsers/terraform/test_terraform_agreement.py -s

ECS5LINT_AGREEMENT_SEED selects other modules.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from terraform_modules import Files, modules

from ecs5lint.files.workspace import Workspace
from ecs5lint.model.result import FAIL, PASS, UNKNOWN, Result
from ecs5lint.parsers.terraform.language.plain_values import plain_value
from ecs5lint.parsers.terraform.modules.child_modules import instance_scope, module_instances
from ecs5lint.parsers.terraform.modules.configuration import ModuleTree
from ecs5lint.parsers.terraform.modules.inputs import RootInputs
from ecs5lint.parsers.terraform.modules.instances import expand
from ecs5lint.parsers.terraform.modules.module_scope import ModuleScope, Origin
from ecs5lint.parsers.terraform.modules.references import LANGUAGE
from ecs5lint.parsers.terraform.modules.run import RESOURCE_TYPE, Modules, Run
from ecs5lint.parsers.terraform.modules.variables import given_values
from ecs5lint.parsers.terraform.syntax.blocks import Argument, Block
from ecs5lint.parsers.terraform.syntax.errors import EvaluationError, NotKnown
from ecs5lint.run import pipeline
from ecs5lint.settings.settings import Settings
from ecs5lint.text import json as json_text
from ecs5lint.values.alternatives import leaves
from ecs5lint.values.kinds import (
    Absent,
    Choice,
    Encoded,
    ListValue,
    ObjectValue,
    Pair,
    Repeated,
    Text,
    Unknown,
    Value,
    known_text,
)
from ecs5lint.values.members import find_member

MODULES = int(os.environ.get("ECS5LINT_AGREEMENT_MODULES", "25"))
SEED = int(os.environ.get("ECS5LINT_AGREEMENT_SEED", "1"))
BATCH = 100

pytestmark = pytest.mark.skipif(shutil.which("terraform") is None, reason="terraform is not on the PATH")


def generated(count: int) -> list[Files]:
    """Return modules that hypothesis generates."""
    made: list[Files] = []

    @seed(SEED)
    @settings(
        max_examples=count,
        database=None,
        phases=[Phase.generate],
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(modules())
    def collect(module: Files) -> None:
        made.append(module)

    collect()
    return made


def write(batch: dict[str, Files], root: Path, resource: str, argument: str) -> None:
    """Write the modules, and a root module that calls them and gets their variables from a file."""
    calls, given_in_file = [], []
    for name, module in batch.items():
        for path, text in module.contents.items():
            (root / name / path).parent.mkdir(parents=True, exist_ok=True)
            (root / name / path).write_text(text.replace("RESOURCE", resource).replace("ARGUMENT", argument))
        lines = [f'source = "./{name}"']
        for item in module.arguments:
            default = f"  default = {item.value}\n" if item.by_default else ""
            calls.append(f'variable "{name}_{item.name}" {{\n  type = {item.type}\n{default}}}')
            if not default:
                given_in_file.append(f"{name}_{item.name} = {item.value}")
            lines.append(f"{item.name} = var.{name}_{item.name}")
        calls.append(f'module "{name}" {{\n  ' + "\n  ".join(lines) + "\n}")
    (root / "main.tf").write_text("\n".join(calls) + "\n")
    (root / "terraform.tfvars").write_text("\n".join(given_in_file) + "\n")


# Terraform's results


def terraform(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "TF_CLI_CONFIG_FILE": os.devnull, "CHECKPOINT_DISABLE": "1"}
    return subprocess.run(["terraform", *arguments], cwd=root, capture_output=True, text=True, env=environment)


def planned(batch: dict[str, Files], root: Path, refused: dict[str, str]) -> dict[str, Any]:
    """Return the inputs of the resources of all modules by address. Modules that Terraform rejects go to `refused`."""
    while batch:
        shutil.rmtree(root, ignore_errors=True)
        write(batch, root, "terraform_data", "input")
        terraform(root, "init", "-backend=false", "-input=false")
        plan = terraform(root, "plan", "-json", "-input=false", "-refresh=false", "-out=plan")
        if plan.returncode == 0:
            shown = json.loads(terraform(root, "show", "-json", "plan").stdout, parse_float=Decimal)
            return dict(resources(shown["planned_values"]["root_module"]))
        failed = {}
        for line in plan.stdout.splitlines():
            event = json.loads(line)
            if event.get("@level") == "error":
                text = f"{event['diagnostic']['summary']}: {event['diagnostic'].get('detail', '')}"
                failed[module_at(event["diagnostic"]["range"], root)] = text
        assert failed, plan.stdout + plan.stderr
        for name, text in failed.items():
            refused[name] = text
            batch.pop(name, None)
    return {}


def module_at(place: dict[str, Any], root: Path) -> str:
    """Return the name of the module of an error: its directory, or the last one named before it."""
    above = "".join((root / place["filename"]).read_text().splitlines(keepends=True)[: place["start"]["line"]])
    names: list[str] = re.findall(r"\bm[0-9]+(?=/)", place["filename"]) or re.findall(r"\bm[0-9]+(?=_|\b)", above)
    return names[-1]


def resources(module: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for resource in module.get("resources", ()):
        yield resource["address"], resource["values"].get("input")
    for child in module.get("child_modules", ()):
        yield from resources(child)


# The results of the linter


def evaluated(scope: ModuleScope) -> Iterator[tuple[str, Value]]:
    """Yield the addresses of the resources on the default path, and the values of their containers."""
    for (type, name), block in scope.module.resources.items():
        argument = block.argument("container_definitions") or block.argument("input")
        assert argument
        yield from resource_values(scope, f"{type}.{name}".replace(RESOURCE_TYPE, "terraform_data"), block, argument)
    for call in scope.module.calls.values():
        for instance in module_instances(scope, call):
            assert instance.scope
            if all(step.on_default_path is not False for step in instance.instance.case):
                yield from evaluated(instance.scope)


def resource_values(scope: ModuleScope, name: str, block: Block, argument: Argument) -> Iterator[tuple[str, Value]]:
    address = scope.address(name)
    for instance in expand(block, scope):
        if all(step.on_default_path is not False for step in instance.case):
            scope.run.start(block)
            try:
                value = scope.value_of(argument, instance_scope(scope, address, instance))
            except EvaluationError as error:
                value = Unknown(f"refused: {error.message}")
            if any(step.on_default_path is None for step in instance.case):
                value = Unknown("whether there is such an instance is not known")
            yield address + instance.suffix, value


class Comparison:
    """Counts the scalars in Terraform's values, and how many of them are known here."""

    def __init__(self) -> None:
        self.agreed = 0
        self.unknown: Counter[str] = Counter()
        self.differences: list[str] = []

    def compare(self, ours: Value, theirs: Any) -> None:
        if isinstance(ours, Choice):
            if ours.default_arm is None:
                self._unknown("no arm is on the default path", theirs)
            else:
                self.compare(ours.arms[ours.default_arm].value, theirs)
        elif isinstance(ours, Unknown):
            self._unknown(ours.reason, theirs)
        elif isinstance(ours, ListValue) and isinstance(theirs, list):
            self._compare_lists(ours, theirs)
        elif isinstance(ours, ObjectValue) and isinstance(theirs, dict):
            self._compare_objects(ours, theirs)
        else:
            self._compare_scalars(ours, theirs)

    def _compare_lists(self, ours: ListValue, theirs: list[Any]) -> None:
        items = [item if isinstance(item, Repeated) else by_default(item) for item in ours.items]
        items = [item for item in items if not isinstance(item, Absent)]
        if any(isinstance(item, (Repeated, Choice)) for item in items):
            self._unknown("the number of elements is unknown", theirs)
        elif len(items) != len(theirs):
            self.differences.append(f"{len(items)} elements, Terraform: {theirs}")
        else:
            for item, expected in zip(items, theirs, strict=True):
                assert not isinstance(item, Repeated)
                self.compare(item, expected)

    def _compare_objects(self, ours: ObjectValue, theirs: dict[str, Any]) -> None:
        for key, expected in theirs.items():
            value, _ = find_member(ours, key)
            if isinstance(by_default(value), Absent):
                self.differences.append(f"no member {key}, Terraform: {theirs}")
            else:
                self.compare(value, expected)
        for member in ours.members:
            name = known_text(member.key) if isinstance(member, Pair) else None
            if name is None or name in theirs:
                continue
            value = by_default(find_member(ours, name)[0])
            if isinstance(value, Choice) and any(isinstance(leaf, Absent) for _, leaf in leaves(value)):
                self._unknown("no arm is on the default path", None)
            elif not isinstance(value, Absent):
                self.differences.append(f"the member {name} is not in Terraform's {theirs}")

    def _compare_scalars(self, ours: Value, theirs: Any) -> None:
        try:
            found = plain_value(defaults_throughout(ours))
        except NotKnown as error:
            if isinstance(ours, (Encoded, Text)) and isinstance(theirs, str):
                self._compare_json(ours, theirs, error.unknown.reason)
            else:
                self._unknown(error.unknown.reason, theirs)
            return
        if exact(found) == exact(theirs):
            self.agreed += 1
        else:
            self.differences.append(f"{found!r}, Terraform: {theirs!r}")

    def _compare_json(self, ours: Value, theirs: str, reason: str) -> None:
        """Compare the content of two JSON texts. The text from the linter is not fully known."""
        try:
            decoded, expected = json_text.decode(ours), json.loads(theirs, parse_float=Decimal)
        except ValueError:
            self.unknown[reason] += 1
        except json_text.JsonError:
            self.unknown[reason] += 1
        else:
            self.compare(decoded, expected)

    def _unknown(self, reason: str, theirs: Any) -> None:
        self.unknown[re.sub(r"\b(module\.)?m[0-9]+[\w.]*", "...", reason)] += max(1, scalars(theirs))


def by_default(value: Value) -> Value:
    """Return the alternative on the default path."""
    while isinstance(value, Choice) and value.default_arm is not None:
        value = value.arms[value.default_arm].value
    return value


def defaults_throughout(value: Value) -> Value:
    """Return a value with the alternatives on the default path in place of the choices in it."""
    value = by_default(value)
    if isinstance(value, Text):
        return value._replace(parts=tuple(map(defaults_throughout, value.parts)))
    if isinstance(value, Encoded):
        return value._replace(value=defaults_throughout(value.value))
    if isinstance(value, ListValue):
        items = (item if isinstance(item, Repeated) else defaults_throughout(item) for item in value.items)
        return value._replace(items=tuple(items))
    if isinstance(value, ObjectValue):
        members = (
            item._replace(value=defaults_throughout(item.value)) if isinstance(item, Pair) else item
            for item in value.members
        )
        return value._replace(members=tuple(members))
    return value


def scalars(value: Any) -> int:
    """Return the number of scalars in a plain value."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return sum(map(scalars, inner)) if isinstance(value, (dict, list)) else 1


def exact(value: Any) -> Any:
    """Return a scalar for comparison. Numbers compare as written, and differ from booleans."""
    if isinstance(value, bool):
        return str(value), bool
    return Decimal(repr(value)) if isinstance(value, float) else value


# The verdicts


def wrong_verdicts(results: list[Result], containers: list[dict[str, Any]]) -> list[str]:
    """Return the errors in the results for a task definition with these containers."""
    wrong = []
    listed = {str(container.get("name")): container for container in containers}
    unnamed = any(result.verdict == UNKNOWN or result.container is None for result in results)
    for name in listed:
        values = [
            value for container in containers if str(container.get("name")) == name for value in [read_only(container)]
        ]
        about = [result for result in results if result.container == name]
        usual = [result for result in about if result.when is None]
        if not about and not any(result.container is None or "$" in result.container for result in results):
            wrong.append(f"{name} has no result")
        if not all(values) and not unnamed and about and all(result.verdict == PASS for result in about):
            wrong.append(f"{name} passes, and is not read-only")
        if all(values) and usual and any(result.verdict == FAIL for result in usual):
            wrong.append(f"{name} fails, and is read-only")
    wrong += [
        f"{result.container} passes, and there is no such container"
        for result in results
        if result.verdict == PASS
        and result.when is None
        and is_settled(result.container)
        and result.container not in listed
    ]
    return wrong


def is_settled(name: str | None) -> bool:
    """Tell whether a report has the final name, instead of the template in the source."""
    return name is not None and not any(mark in name for mark in ("${", "%{"))


def read_only(container: dict[str, Any]) -> bool:
    """Tell whether the provider reads a container as read-only. Of several spellings, the last one wins."""
    spelled = [value for key, value in container.items() if key.lower() == "readonlyrootfilesystem"]
    return bool(spelled) and spelled[-1] is True


def containers_of(text: Any) -> list[dict[str, Any]] | None:
    try:
        containers = json.loads(text)
    except (TypeError, ValueError):
        return None
    if isinstance(containers, list) and all(isinstance(item, dict) for item in containers):
        return containers
    return None


def test_terraform_agrees(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = dict(zip((f"m{number}" for number in range(MODULES)), generated(MODULES), strict=False))
    comparison, refused, tally = Comparison(), dict[str, str](), Counter[str]()
    report: list[str] = []
    names = list(files)
    for at in range(0, len(names), BATCH):
        batch = {name: files[name] for name in names[at : at + BATCH]}
        expected = planned(batch, tmp_path / "planned", refused)
        here = tmp_path / f"here{at}"
        write(batch, here, RESOURCE_TYPE, "container_definitions")
        monkeypatch.chdir(here)
        run = Run(Modules(ModuleTree(Workspace()), Settings()), ".")
        values, _ = given_values(".", run.workspace, run.settings)
        found = dict(
            evaluated(ModuleScope(run.module("."), run, RootInputs(values), Origin(directories=(".",)), LANGUAGE))
        )
        tally["modules"] += len(batch)
        for address in sorted(found.keys() | expected.keys()):
            before = len(comparison.differences)
            name = address.split(".")[1].partition("[")[0]
            if name not in batch:
                continue
            if address in found and address in expected:
                comparison.compare(found[address], expected[address])
            elif isinstance(found.get(address), Unknown):
                comparison.unknown["instances"] += 1
            elif re.sub(r"\[[^\]]*\](?=$|\.)", "[*]", address) not in found and "[*]" not in address:
                comparison.differences.append("there here" if address in found else "there for Terraform")
            else:
                comparison.unknown["instances"] += 1
            tally["resources"] += 1
            report += [f"{address}: {text}" for text in comparison.differences[before:]]
        results: dict[str, list[Result]] = {}
        for result in pipeline.run(["."], Workspace(), Settings()).results:
            results.setdefault(result.resource.address.replace(RESOURCE_TYPE, "terraform_data"), []).append(result)
        for address, text in expected.items():
            containers = containers_of(text)
            if "terraform_data.task" in address and containers is not None and address in found:
                tally["task definitions"] += 1
                report += [f"{address}: {text}" for text in wrong_verdicts(results.get(address, []), containers)]
    unknown = sum(comparison.unknown.values())
    print(f"\n{dict(tally)}, {len(refused)} modules refused by Terraform; scalars: {comparison.agreed} agree,")
    print(f"{len(comparison.differences)} differ, {unknown} unknown here alone: {comparison.unknown.most_common(20)}")
    assert not report, f"{len(report)} disagreements\n" + "\n".join(report[:40])
