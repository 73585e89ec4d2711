"""Test the code actions, the commands and the hover, through the real command."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("pytest_lsp", reason="the language server needs ecs5lint[lsp]")

from editor import CODE, NEOVIM, Editor, session
from lsprotocol import types
from samples import CALL, FALSE, MODULE, TASK, written

pytestmark = pytest.mark.asyncio

FIX_ALL = "source.fixAll.ecs5lint"
TERRAFORM = """\
resource "aws_ecs_task_definition" "web" {
  family = "web"
  container_definitions = jsonencode([
    {
      name  = "é\U0001f600"
      image = "nginx"
    },
    { name = "log", image = "example/log" },
  ])
}
"""
#: The equal signs are in line again.
FIXED = """\
resource "aws_ecs_task_definition" "web" {
  family = "web"
  container_definitions = jsonencode([
    {
      name                   = "é😀"
      image                  = "nginx"
      readonlyRootFilesystem = true
    },
    { name = "log", image = "example/log", readonlyRootFilesystem = true },
  ])
}
"""


def at(line: int) -> types.Range:
    return types.Range(types.Position(line, 0), types.Position(line, 0))


def edits(actions: list[types.CodeAction]) -> dict[str, types.WorkspaceEdit]:
    return {action.title: action.edit for action in actions if action.edit}


async def suppress(editor: Editor, name: str, line: int) -> None:
    """Run the command that suppresses a finding."""
    found = await editor.actions(name, at(line))
    command = next(action.command for action in found if action.title.startswith("Suppress"))
    assert command
    await editor.execute(command)


@pytest.mark.parametrize("client", [CODE, NEOVIM])
async def test_fix_and_undo(tmp_path: Path, client: str) -> None:
    written(tmp_path, {"main.tf": TERRAFORM.replace("\n", "\r\n")})
    async with session(tmp_path, client=client) as editor:
        before = await editor.open("main.tf")
        assert len(before) == 2
        text = editor.texts["main.tf"]
        actions = await editor.actions("main.tf", at(3), only=["quickfix"])
        assert [(action.is_preferred, action.kind) for action in actions][:2] == [
            (True, "quickfix"),
            (False, "quickfix"),
        ]
        assert all(action.diagnostics == (before[0],) for action in actions)
        fix, _ = edits(actions).values()
        await editor.apply(fix)
        assert len(await editor.settled("main.tf")) == 1
        assert editor.texts["main.tf"].count("\r\n") == editor.texts["main.tf"].count("\n")
        assert await editor.edit("main.tf", text) == before
        _, mounts = edits(await editor.actions("main.tf", at(3), only=["quickfix"])).values()
        await editor.apply(mounts)
        assert "/var/cache/nginx" in editor.texts["main.tf"]
        assert len(editor.first_lines("main.tf")) == 1
        assert await editor.edit("main.tf", text) == before
        (fix_all,) = await editor.actions("main.tf", at(0), only=["source.fixAll"])
        assert fix_all.kind == FIX_ALL and fix_all.edit
        await editor.apply(fix_all.edit)
        assert editor.texts["main.tf"].replace("\r\n", "\n") == FIXED
        assert editor.first_lines("main.tf") == []
        assert await editor.actions("main.tf", at(3)) == []
        assert await editor.actions("main.tf", at(3), only=["refactor"]) == []


async def test_a_comment_suppresses(tmp_path: Path) -> None:
    written(tmp_path, {"main.tf": TERRAFORM})
    async with session(tmp_path) as editor:
        await editor.open("main.tf")
        await suppress(editor, "main.tf", 3)
        lines = editor.texts["main.tf"].splitlines()
        assert lines[3] == "    # ecs5lint: ignore[ECS5] "
        (shown,) = editor.shown
        assert (shown.uri, shown.take_focus) == (editor.uri("main.tf"), True)
        assert shown.selection and shown.selection.start == shown.selection.end == types.Position(3, len(lines[3]))
        # It counts as soon as it has a reason.
        assert len(editor.first_lines("main.tf")) == 3
        await editor.replace("main.tf", "ignore[ECS5] ", "ignore[ECS5] writes to /srv")
        assert len(editor.first_lines("main.tf")) == 1


async def test_the_configuration_suppresses_in_json(tmp_path: Path) -> None:
    task = TASK.replace("web", 'w\\"😀[*]')
    pyproject = {"b/task.json": TASK, "b/pyproject.toml": "[tool.ecs5lint]"}
    written(tmp_path, {"a/task*.json": task, "a/other.json": task, **pyproject})
    async with session(tmp_path, folders=["a", "b"]) as editor:
        await editor.open("a/task*.json")
        await editor.open("a/other.json")
        await suppress(editor, "a/task*.json", 3)
        (change,) = editor.applied
        assert isinstance((change.edit.document_changes or [])[0], types.CreateFile)
        text = editor.texts["a/ecs5lint.toml"]
        (shown,) = editor.shown
        assert text.endswith('reason = ""\n') and shown.selection
        (problem,) = await editor.settled("a/ecs5lint.toml")
        assert problem.message == "reason: an exception needs a reason"
        line = shown.selection.start.line
        assert text.splitlines()[line][: shown.selection.start.character] == 'reason = "'
        await editor.replace("a/ecs5lint.toml", 'reason = ""', 'reason = "r"')
        assert editor.first_lines("a/task*.json") == []
        assert len(editor.first_lines("a/other.json")) == 1
        # The second entry follows the first one, in any kind of configuration.
        await suppress(editor, "a/other.json", 3)
        await editor.replace("a/ecs5lint.toml", 'reason = ""', 'reason = "r"')
        assert editor.first_lines("a/other.json") == []
        await editor.open("b/task.json")
        await suppress(editor, "b/task.json", 3)
        await editor.replace("b/pyproject.toml", 'reason = ""', 'reason = "r"')
        assert "[[tool.ecs5lint.exceptions]]" in editor.texts["b/pyproject.toml"]
        assert editor.first_lines("b/task.json") == []


async def test_no_suppression_for_several_at_once(tmp_path: Path) -> None:
    """The two containers can't be told apart."""
    two = TASK.replace("false}", 'false}, {"name": "web", "readonlyRootFilesystem": false}')
    written(tmp_path, {"task.json": two})
    async with session(tmp_path) as editor:
        assert len(await editor.open("task.json")) == 2
        await suppress(editor, "task.json", 3)
        (message,) = editor.messages
        assert message.startswith("ecs5lint: ECS5 is not suppressed: ")
        assert editor.applied == []


async def test_the_page_of_a_rule(tmp_path: Path) -> None:
    written(tmp_path, {"task.json": TASK})
    async with session(tmp_path) as editor:
        await editor.open("task.json")
        (action,) = [item for item in await editor.actions("task.json", at(3)) if item.title == "Open the page of ECS5"]
        assert action.command
        await editor.execute(action.command)
        (shown,) = editor.shown
        assert shown.external and shown.uri.endswith("ecs-controls.html#ecs-5")


async def test_hover(tmp_path: Path) -> None:
    module = MODULE.replace("bool", "bool\n  default = true")
    second = CALL.replace("  ro     = %s\n", "") % "two"
    written(tmp_path, {"modules/web/main.tf": module, "live/main.tf": CALL % ("one", "false") + second})
    async with session(tmp_path) as editor:
        await editor.open("modules/web/main.tf")
        text = await editor.hover("modules/web/main.tf", 8, 40)
        assert text == "\n".join(
            (
                "ECS5: fail",
                FALSE,
                "in module.one.aws_ecs_task_definition.web, called by module.one (live/main.tf:1:1)",
                "",
                "ECS5: pass",
                'container "web" sets readonlyRootFilesystem to true',
                "assuming: module.two.var.ro defaults to true",
                "in module.two.aws_ecs_task_definition.web, called by module.two (live/main.tf:5:1)",
            )
        )
        assert await editor.hover("modules/web/main.tf", 0, 0) is None
