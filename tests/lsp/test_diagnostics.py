"""Test the diagnostics, through the real command."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("pytest_lsp", reason="the language server needs ecs5lint[lsp]")

from editor import CODE, NEOVIM, Editor, session
from lsprotocol import types
from samples import CALL, FALSE, MODULE, TASK, UNKNOWN, written

pytestmark = pytest.mark.asyncio


def around(line: int, start: int, end: int) -> types.Range:
    return types.Range(types.Position(line, start), types.Position(line, end))


def related(editor: Editor, diagnostic: types.Diagnostic) -> list[tuple[str, str, int]]:
    return [
        (item.message, editor.name(item.location.uri), item.location.range.start.line)
        for item in diagnostic.related_information or []
    ]


@pytest.mark.parametrize("client", [CODE, NEOVIM])
async def test_open_edit_save_and_close(tmp_path: Path, client: str) -> None:
    written(tmp_path, {"task.json": TASK, "README.md": "Nothing"})
    async with session(tmp_path, client=client) as editor:
        assert await editor.open("README.md") == []
        (found,) = await editor.open("task.json")
        assert found.message.splitlines() == [FALSE, "fix: change false to true"]
        assert found.range == around(3, 46, 51)
        assert (found.severity, found.code, found.source) == (types.DiagnosticSeverity.Error, "ECS5", "ecs5lint")
        assert found.code_description and found.code_description.href.endswith("#ecs-5")
        assert await editor.replace("task.json", "false", "true") == []
        (again,) = await editor.replace("task.json", "true", "false")
        assert again == found
        assert await editor.save("task.json") == [found]
        (broken,) = await editor.replace("task.json", "false}", "false")
        assert (broken.severity, broken.range) == (types.DiagnosticSeverity.Error, around(4, 2, 3))
        assert await editor.close("task.json") == []


async def test_a_module_with_its_callers(tmp_path: Path) -> None:
    files = {"modules/web/main.tf": MODULE, "live/main.tf": CALL % ("one", "false"), "other/main.tf": "locals {}\n"}
    written(tmp_path, files)
    async with session(tmp_path) as editor:
        # The module is not open: what its caller leads to is found in its file.
        assert await editor.open("live/main.tf") == []
        (found,) = editor.published[editor.uri("modules/web/main.tf")].diagnostics
        assert found.message.splitlines()[0] == FALSE
        assert found.range.start == types.Position(7, 4)
        assert related(editor, found) == [
            ("the value", "live/main.tf", 2),
            ("the task definition", "modules/web/main.tf", 4),
            ("the module call", "live/main.tf", 0),
        ]
        # A caller that nobody has saved counts, and what it gave is gone when it is.
        await editor.replace("live/main.tf", "false", "true")
        assert editor.first_lines("modules/web/main.tf") == []
        await editor.edit("live/main.tf", CALL % ("one", "true") + CALL % ("two", "false"))
        assert editor.first_lines("modules/web/main.tf") == [FALSE]
        assert await editor.open("modules/web/main.tf") != []
        # Nothing calls it now, so it is judged by itself.
        await editor.edit("live/main.tf", "")
        await editor.until("modules/web/main.tf", [UNKNOWN])
        (unknown,) = editor.published[editor.uri("modules/web/main.tf")].diagnostics
        assert unknown.severity == types.DiagnosticSeverity.Warning
        # A file that is on no disk is part of its module.
        await editor.open("modules/web/terraform.tfvars", "ro = true\n")
        assert editor.first_lines("modules/web/main.tf") == []
        await editor.close("modules/web/terraform.tfvars")
        assert editor.first_lines("modules/web/main.tf") == [UNKNOWN]
        await editor.close("modules/web/main.tf")
        assert editor.all_diagnostics() == {}


async def test_positions_are_in_utf_16(tmp_path: Path) -> None:
    task = (
        '{"family": "\U0001f6a2é", "containerDefinitions": [{"name": "\U0001f600", "readonlyRootFilesystem": false}]}'
    )
    start = task.index("false") + 2
    template = "Resources:\r\n  Web:\r\n    Type: AWS::ECS::TaskDefinition\r\n    Properties:\r\n"
    template += "      ContainerDefinitions:\r\n        - {Name: \U0001f600, ReadonlyRootFilesystem: no}\r\n"
    # These end a line in Python, and are text for an editor.
    odd = '{"family": "a\u2028\x85", "containerDefinitions":\r\n[{"name": "web", "readonlyRootFilesystem": false}]}\r\n'
    files = {
        "a.json": task,
        "b.yaml": template,
        "c.json": odd,
        "d.json": "\ufeff" + task,
        "e.json": TASK.replace("\n", "\r"),
    }
    written(tmp_path, files)
    async with session(tmp_path) as editor:
        assert [item.range for item in await editor.open("a.json")] == [around(0, start, start + 5)]
        (found,) = await editor.open("b.yaml")
        assert found.range == around(5, 45, 47)
        assert [item.range for item in await editor.open("c.json")] == [around(1, 43, 48)]
        assert [item.range for item in await editor.open("d.json")] == [around(0, start + 1, start + 6)]
        assert [item.range for item in await editor.open("e.json")] == [around(3, 46, 51)]


async def test_several_folders_and_their_configurations(tmp_path: Path) -> None:
    template = (
        "Parameters: {Ro: {Type: String, Default: 'true'}}\nResources:\n  Web:\n    Type: AWS::ECS::TaskDefinition\n"
    )
    template += "    Properties: {ContainerDefinitions: [{Name: web, ReadonlyRootFilesystem: !Ref Ro}]}\n"
    files = {"a/t.yaml": template, "b/t.yaml": template, "b/ecs5lint.toml": "strict = true\n", "c/t.yaml": template}
    written(tmp_path, files)
    async with session(tmp_path, folders=["a", "b"]) as editor:
        assert await editor.open("a/t.yaml") == []
        (found,) = await editor.open("b/t.yaml")
        assert found.severity == types.DiagnosticSeverity.Error
        # A file in no folder has the configuration of its directory.
        assert await editor.open("c/t.yaml") == []
        # The editor tells what changes on the disk.
        assert [item.method for item in editor.registered] == ["workspace/didChangeWatchedFiles"]
        written(tmp_path, {"a/ecs5lint.toml": "parameters = {Ro = 'false'}\n", "b/ecs5lint.toml": ""})
        changes = [types.FileEvent(editor.uri(f"{name}/ecs5lint.toml"), types.FileChangeType.Changed) for name in "ab"]
        editor.client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams(changes))
        await editor.until("a/t.yaml", [FALSE.replace("readonly", "Readonly", 1)])
        await editor.until("b/t.yaml", [])
        # A configuration counts while it is written. An invalid one is told of, and the last valid one stays.
        assert await editor.open("a/ecs5lint.toml") == []
        (wrong,) = await editor.edit("a/ecs5lint.toml", "parameters = {Ro = 'false'}\nstrict = 1\n")
        assert (wrong.message, wrong.range) == ("strict: must be true or false", around(1, 0, 0))
        assert len(editor.first_lines("a/t.yaml")) == 1
        assert await editor.edit("a/ecs5lint.toml", "ignore = ['ECS5']\n") != []
        assert await editor.edit("a/ecs5lint.toml", "") == []
        assert editor.first_lines("a/t.yaml") == []
        # Folders come and go.
        event = types.WorkspaceFoldersChangeEvent([types.WorkspaceFolder(editor.uri("c"), "c")], [])
        written(tmp_path, {"c/ecs5lint.toml": "strict = true\n", "b/ecs5lint.toml": "strict = true\n"})
        editor.client.workspace_did_change_workspace_folders(types.DidChangeWorkspaceFoldersParams(event))
        await editor.until("c/t.yaml", editor.first_lines("b/t.yaml"))


async def test_without_folders(tmp_path: Path) -> None:
    """The open files of a repository are checked together, and no others are searched for."""
    files = {
        "modules/web/main.tf": MODULE,
        "live/main.tf": CALL % ("one", "false"),
        "live/new.json": TASK,
        ".git/x": "",
    }
    written(tmp_path, files)
    async with session(tmp_path, client=NEOVIM, folders=None) as editor:
        assert [item.message.splitlines()[0] for item in await editor.open("modules/web/main.tf")] == [UNKNOWN]
        await editor.open("live/main.tf")
        await editor.until("modules/web/main.tf", [FALSE])
        item = types.TextDocumentItem("untitled:Untitled-1", "json", 1, TASK)
        editor.client.text_document_did_open(types.DidOpenTextDocumentParams(item))
        await editor.close("live/main.tf")
        await editor.until("modules/web/main.tf", [UNKNOWN])
        assert editor.all_diagnostics().keys() == {editor.uri("modules/web/main.tf")}


async def test_a_file_beside_the_folder(tmp_path: Path) -> None:
    files = {"modules/web/main.tf": MODULE, "live/main.tf": CALL % ("one", "false"), ".git/x": ""}
    written(tmp_path, {**files, "other/main.tf": MODULE.replace("var.ro", "false")})
    async with session(tmp_path, folders=["live"]) as editor:
        await editor.open("live/main.tf")
        assert editor.first_lines("modules/web/main.tf") == [FALSE]
        assert len(await editor.open("modules/web/main.tf")) == 1
        assert editor.first_lines("modules/web/main.tf") == [FALSE]
        assert len(await editor.open("other/main.tf")) == 1


async def test_notices(tmp_path: Path) -> None:
    text = MODULE.replace("var.ro }", "true } # ecs5lint: ignore[ECS5] no more\n    # ecs5lint: ignore[ECS5]")
    written(tmp_path, {"main.tf": text})
    async with session(tmp_path) as editor:
        unused, invalid = await editor.open("main.tf")
        assert unused.message == 'unused suppression: container "web" has no finding'
        assert list(unused.tags or []) == [types.DiagnosticTag.Unnecessary]
        assert unused.severity == invalid.severity == types.DiagnosticSeverity.Information
        assert invalid.tags is None
