"""Check that the results for a root depend on its own source only: not on other inputs, their order, or the process.

The test generates trees of roots, some of which use up their budgets. A normal run takes a few trees. The full count is

    ECS5LINT_TREES=300 pytest tests/run/test_roots.py
"""

from __future__ import annotations

import ast
import json
import os
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cfnlint.decode import decode
from cfnlint.template import Template

from ecs5lint.cfnlint_rules import CLASSES
from ecs5lint.files.workspace import Workspace
from ecs5lint.model.result import FAIL, UNKNOWN, Report
from ecs5lint.parsers.cloudformation.language import stack
from ecs5lint.parsers.terraform.modules import run as terraform_run
from ecs5lint.run import pipeline
from ecs5lint.settings.settings import Settings
from ecs5lint.values import conditions

TREES = int(os.environ.get("ECS5LINT_TREES", "4"))
PACKAGE = Path(pipeline.__file__).parent.parent

Files = dict[str, str]
#: A result in words, without the path of the root.
Told = tuple[object, ...]


def setting(rng: random.Random) -> object:
    return rng.choice([True, False, None, "true", ...])


def task_definition(rng: random.Random) -> Files:
    containers = []
    for number in range(rng.randint(1, 4)):
        value = setting(rng)
        container = {"name": f"c{number}", "image": "example/web"}
        containers.append(container if value is ... else {**container, "readonlyRootFilesystem": value})
    return {"task.json": json.dumps({"family": "web", "containerDefinitions": containers}, indent=1)}


def template(rng: random.Random) -> Files:
    """Return a template. The more values its parameters have, the more comparisons its verdict takes."""
    values = [f"v{number}" for number in range(rng.choice([2, 4, 12, 40]))]
    many = rng.randint(3, 5)

    def same(first: int, second: int) -> str:
        pairs = (f"!And [!Equals [!Ref P{first}, {v}], !Equals [!Ref P{second}, {v}]]" for v in values[:10])
        return f"!Or [{', '.join(pairs)}]"

    names = [f"S{number}" for number in range(many)]
    chosen = " ".join(f"!If [{name}," for name in names) + " false" + ", true]" * many
    parameters = "".join(
        f"  P{number}: {{Type: String, AllowedValues: [{', '.join(values)}]}}\n" for number in range(many + 1)
    )
    equalities = "".join(f"  {name}: {same(number, number + 1)}\n" for number, name in enumerate(names))
    return {
        "template.yaml": (
            f"Parameters:\n{parameters}Conditions:\n{equalities}  Ends: {same(0, many)}\n"
            "Resources:\n  Task:\n    Type: AWS::ECS::TaskDefinition\n    Properties:\n      ContainerDefinitions:\n"
            + f"        - {{Name: web, Image: example/web, ReadonlyRootFilesystem: !If [Ends, true, {chosen}]}}\n"
            * rng.choice([1, 20])
            + f"        - {{Name: plain, Image: web, ReadonlyRootFilesystem: {rng.choice(['true', 'false'])}}}\n"
        )
    }


def module(rng: random.Random) -> Files:
    """Return a module that takes few steps, or more than its budget."""
    size = rng.choice([1, 10, 40, 90])
    flag = rng.choice(["true", "false"])
    return {
        "main.tf": (
            f'variable "on" {{\n  type    = bool\n  default = {flag}\n}}\n'
            f"locals {{\n  numbers = [for a in range({size}) : [for b in range({size}) : a * b]]\n}}\n"
            'resource "aws_ecs_task_definition" "web" {\n  family = "web"\n'
            '  container_definitions = jsonencode([{ name = "web", image = "example/web", '
            f"readonlyRootFilesystem = var.on && length(local.numbers) == {size} }}])\n}}\n"
            f'module "part" {{\n  source = "./part"\n  count  = {rng.choice([1, 3, 60])}\n  on     = {flag}\n}}\n'
        ),
        "part/main.tf": (
            'variable "on" {\n  default = true\n}\n'
            'resource "aws_ecs_task_definition" "part" {\n  family = "part"\n'
            '  container_definitions = jsonencode([{ name = "part", image = "example/web", '
            "readonlyRootFilesystem = var.on }])\n}\n"
        ),
    }


KINDS: list[Callable[[random.Random], Files]] = [task_definition, template, module]


def written(directory: Path, seed: int) -> list[str]:
    """Write a tree of roots, and return their directories."""
    rng = random.Random(seed)
    roots = []
    for number in range(12):
        root = f"r{number:02}"
        for name, text in rng.choice(KINDS)(rng).items():
            path = directory / root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        roots.append(root)
    return roots


def judged(paths: list[str], jobs: int = 1) -> Report:
    return pipeline.run(paths, Workspace(tuple(paths)), Settings(), jobs=jobs)


def told(report: Report) -> dict[str, list[Told]]:
    """Return the results and failures of each root in a report."""
    found: dict[str, list[Told]] = {}
    for result in report.results:
        root = result.location.path.split("/")[0]
        found.setdefault(root, []).append(
            (result.resource.address, result.container, result.verdict, result.message, result.when)
        )
    for failure in report.failures:
        found.setdefault(failure.path.split("/")[0], []).append((failure.path, failure.message))
    return found


@pytest.fixture
def small_budgets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terraform_run, "MAX_STEPS", 4_000)
    monkeypatch.setattr(terraform_run, "MAX_ROOT_STEPS", 6_000)
    monkeypatch.setattr(terraform_run, "MAX_INSTANCES", 40)
    monkeypatch.setattr(stack, "_MAX_VALUES", 500)
    monkeypatch.setattr(conditions, "MAX_COMPARISONS", 20_000)
    monkeypatch.setattr(pipeline, "ENOUGH_TO_SHARE", 2)
    monkeypatch.setattr(pipeline, "is_worth_sharing", lambda kind, path: True)


@pytest.mark.usefixtures("small_budgets")
@pytest.mark.parametrize("seed", range(TREES))
def test_a_verdict_depends_on_its_root_alone(seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    roots = written(tmp_path, seed)
    alone = {root: told(judged([root])).get(root, []) for root in roots}

    assert told(judged(["."])) == alone
    assert told(judged(["."], jobs=4)) == alone
    shuffled = random.Random(seed).sample(roots, len(roots))
    assert told(judged(shuffled)) == alone
    assert told(judged([*shuffled, *roots])) == alone


@pytest.mark.usefixtures("small_budgets")
def test_some_budgets_are_used_up_and_some_are_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    used_up, verdicts = set(), set()
    for seed in range(4):
        (tmp_path / str(seed)).mkdir()
        monkeypatch.chdir(tmp_path / str(seed))
        written(tmp_path / str(seed), seed)
        report = judged(["."])
        used_up |= {Path(failure.path).suffix for failure in report.failures}
        verdicts |= {result.verdict for result in report.results}
    assert used_up == {"", ".yaml"}  # module directories, and templates
    assert verdicts == {"pass", "fail", "unknown"}


HEAVY = """
resource "aws_ecs_task_definition" "heavy{number}" {{
  family                = "heavy"
  container_definitions = jsonencode([for a in range(90) : [for b in range(90) : a * b]])
}}
"""
PLAIN = """
resource "aws_ecs_task_definition" "plain" {
  family                = "plain"
  container_definitions = jsonencode([{ name = "web", image = "example/web" }])
}
"""


@pytest.mark.usefixtures("small_budgets")
def test_what_is_written_plainly_is_judged_beside_anything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "main.tf").write_text("".join(HEAVY.format(number=number) for number in range(3)) + PLAIN)
    report = judged(["."])
    verdicts = {result.resource.address.split(".")[1]: result.verdict for result in report.results}
    assert verdicts == {"heavy0": UNKNOWN, "heavy1": UNKNOWN, "heavy2": UNKNOWN, "plain": FAIL}
    assert [failure.path for failure in report.failures] == ["."]


@pytest.mark.usefixtures("small_budgets")
def test_the_plugin_gives_the_same_in_one_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for number in range(10):
        (tmp_path / f"{number}.yaml").write_text(template(random.Random(number))["template.yaml"])
    report = judged(["."])
    here = {(item.location.path, item.message) for item in report.results if item.verdict in (FAIL, UNKNOWN)}

    assert {(path, match.message) for path in sorted(os.listdir()) for match in plugin_matches(path)} == here
    assert {(path, match.message) for path in sorted(os.listdir())[::-1] for match in plugin_matches(path)} == here


RULE: Any = CLASSES["E9005"]()
RULE.child_rules["W9005"] = CLASSES["W9005"]()


def plugin_matches(path: str) -> Iterator[Any]:
    decoded, problems = decode(path)
    assert not problems
    yield from RULE.match(Template(path, decoded, ["us-east-1"]))


#: The allowed global state: data, compiled expressions and the spellings of API names, which never change.
KEPT = {
    ("model/form.py", "snake_case"),
    ("text/yaml.py", "_closing_composer_class"),
    ("text/yaml.py", "_composer_class"),
    ("text/yaml.py", "_redefining_composer_class"),
    ("text/yaml.py", "_closing_composer_class"),
    ("text/jsonpath.py", "_parser"),
    ("text/placeholders.py", "anywhere"),
    ("text/placeholders.py", "in_string"),
    ("text/regex/__init__.py", "compile_pattern"),
    ("text/regex/unicode_classes.py", "_newer"),
    ("parsers/terraform/modules/registry/table.py", "_table"),
    ("rules/ecs5_remedies.py", "known_images"),
}


def kept(tree: ast.Module) -> Iterator[str]:
    """Yield the global state of a module: reassigned globals, caches, and containers that start empty."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Global):
            yield from node.names
        elif isinstance(node, ast.FunctionDef):
            # A cached property is kept by its object alone.
            decorators = map(ast.unparse, node.decorator_list)
            if any("cache" in name and name != "cached_property" for name in decorators):
                yield node.name
    for statement in tree.body:
        if isinstance(statement, (ast.Assign, ast.AnnAssign)) and statement.value is not None:
            targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
            if ast.unparse(statement.value) in ("[]", "{}", "set()", "dict()", "list()", "Counter()"):
                yield from map(ast.unparse, targets)


def test_no_module_keeps_anything_of_a_run() -> None:
    found = set()
    for path in PACKAGE.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        found |= {(path.relative_to(PACKAGE).as_posix(), name) for name in kept(tree)}
    assert found == KEPT
