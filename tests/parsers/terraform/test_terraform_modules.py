"""Test whole modules: hostile ones, and the lazy parsing of a large one."""

from __future__ import annotations

from pathlib import Path

import pytest

from ecs5lint.files.workspace import Workspace
from ecs5lint.model.task_definition import TaskDefinition
from ecs5lint.parsers.terraform import parse
from ecs5lint.parsers.terraform.syntax.blocks import Argument
from ecs5lint.settings.settings import Settings

TASK_DEFINITION = """
resource "aws_ecs_task_definition" "app" {
  family                = "app"
  container_definitions = CONTAINERS
}
"""


@pytest.fixture(autouse=True)
def _in_a_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)


def task_definitions(containers: str, other: str = "") -> list[TaskDefinition]:
    Path("main.tf").write_text(other + TASK_DEFINITION.replace("CONTAINERS", containers))
    return parse(["."], Workspace(), Settings()).task_definitions


def reason(containers: str, other: str = "") -> str:
    """Return the reason why the containers of a module can't be listed."""
    (found,) = task_definitions(containers, other)
    assert not found.containers
    return found.unresolved[0].unknown.reason


def chain(first: str, step: str, length: int) -> str:
    """Return locals, each of which uses the previous one."""
    lines = [f"l0 = {first}", *(f"l{n} = {step.replace('LAST', f'local.l{n - 1}')}" for n in range(1, length))]
    return "locals {\n" + "\n".join(lines) + "\n}\n"


def test_text_that_doubles_is_not_followed() -> None:
    assert reason("local.l49", chain('"[1,"', '"${LAST}${LAST}"', 50))


def test_a_list_that_doubles_is_not_followed() -> None:
    assert reason("jsonencode(flatten(local.l49))", chain('["x"]', "[LAST, LAST]", 50))


def test_a_long_chain_is_not_followed() -> None:
    assert "too deeply" in reason("jsonencode(local.l2999)", chain("[]", "LAST", 3000))


def test_loops_within_loops_are_not_followed() -> None:
    inner = "[for a in local.r : [for b in local.r : [for c in local.r : { name = a }]]]"
    assert "exceeds the evaluation limit" in reason(f"jsonencode({inner})", "locals {\n r = range(1000)\n}\n")


def test_a_circle_of_locals_is_named() -> None:
    assert "refers to itself" in reason("jsonencode(local.a)", "locals {\n a = local.b\n b = local.a\n}\n")


def test_a_module_that_calls_itself_is_judged_once() -> None:
    assert len(task_definitions("jsonencode([])", 'module "again" {\n  source = "./."\n}\n')) == 1


@pytest.mark.parametrize(("count", "reported"), [("1", 1), ("var.some ? 1 : 0", 2)])
def test_a_call_that_is_nested_too_deeply_is_reported_once_for_every_case(count: str, reported: int) -> None:
    for number in range(1, 52):
        Path(f"m{number}").mkdir()
        call = f'module "m" {{\n  source = "../m{number + 1}"\n}}\n' if number < 51 else ""
        Path(f"m{number}/main.tf").write_text(call or TASK_DEFINITION.replace("CONTAINERS", '"[]"'))
    calls = "".join(f'module "{name}" {{\n  source = "./m1"\n  count = {count}\n}}\n' for name in "ab")
    Path("main.tf").write_text('variable "some" {}\n' + calls)
    found = parse([".", *(f"m{number}" for number in range(1, 52))], Workspace(), Settings()).task_definitions
    deep = [item for item in found if any("more than 50 modules" in of.unknown.reason for of in item.unresolved)]
    assert len(deep) == reported
    # It may still be called in another way, so it is checked by itself.
    assert "aws_ecs_task_definition.app" in [item.address for item in found]


def test_modules_that_call_each_other_are_judged() -> None:
    for name, other in (("a", "b"), ("b", "a")):
        Path(name).mkdir()
        call = f'module "m" {{\n  source = "../{other}"\n}}\n'
        Path(name, "main.tf").write_text(call + TASK_DEFINITION.replace("CONTAINERS", '"[]"'))
    found = parse(["a", "b"], Workspace(), Settings()).task_definitions
    assert [item.address for item in found] == ["aws_ecs_task_definition.app", "module.m.aws_ecs_task_definition.app"]


def test_a_file_outside_the_project_is_not_read() -> None:
    assert "outside the project root" in reason('file("/etc/passwd")')


def test_only_what_is_referred_to_is_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    parsed = []
    original = Argument.expression.fget  # type: ignore[attr-defined]

    def expression(argument: Argument) -> object:
        parsed.append(argument.name)
        return original(argument)

    monkeypatch.setattr(Argument, "expression", property(expression))
    unused = (
        'resource "aws_iam_role" "r" {\n  name = local.unused\n}\nlocals {\n  unused = 1\n  web = { name = "w" }\n}\n'
    )
    task_definitions("jsonencode([local.web])", unused)
    assert set(parsed) == {"container_definitions", "web"}
