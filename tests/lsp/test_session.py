"""Test that a session survives its client, and bugs of our own."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("pytest_lsp", reason="the language server needs ecs5lint[lsp]")

from editor import COMMAND, PATIENCE, session
from lsprotocol import types
from pygls.exceptions import JsonRpcException
from samples import FALSE, TASK, written

#: The command with a bug that a text can meet.
DEFECT = """
import sys
from ecs5lint.__main__ import command
from ecs5lint.run import pipeline
run = pipeline.run
def broken(paths, workspace, *arguments, **options):
    if any(b"boom" in workspace.read_bytes(path) for path in paths):
        raise KeyError("boom")
    return run(paths, workspace, *arguments, **options)
pipeline.run = broken
sys.argv[1:] = ["--lsp"]
command()
"""


@pytest.mark.asyncio
async def test_a_client_that_floods_and_cancels(tmp_path: Path) -> None:
    written(tmp_path, {"task.json": TASK})
    async with session(tmp_path) as editor:
        client = editor.client
        await editor.open("task.json")
        for number in range(1_000):
            editor.type("task.json", TASK.replace("web", f"web{number}"))
        assert len(await editor.settled("task.json")) == 1
        document = types.TextDocumentIdentifier(editor.uri("task.json"))
        parameters = types.HoverParams(document, types.Position(3, 46))
        pending = []
        for number in range(50):
            request = client.protocol.send_request_async(types.TEXT_DOCUMENT_HOVER, parameters, msg_id=f"h{number}")
            pending.append(asyncio.ensure_future(request))
        await asyncio.sleep(0)
        for number in range(0, 50, 2):
            client.protocol.notify(types.CANCEL_REQUEST, types.CancelParams(f"h{number}"))
        client.protocol.notify(types.CANCEL_REQUEST, types.CancelParams("none"))
        answers = await asyncio.wait_for(asyncio.gather(*pending, return_exceptions=True), PATIENCE)
        assert all(isinstance(answer, types.Hover | JsonRpcException) for answer in answers)
        assert all(isinstance(answer, types.Hover) for answer in answers[1::2])
        # Changes of documents that are not open, unknown messages, and another opening of an open document.
        editor.versions["none.json"] = 1
        editor.type("none.json", TASK)
        client.protocol.notify("nothing/known", {"a": 1})
        with pytest.raises(JsonRpcException):
            await client.protocol.send_request_async("nothing/known", {})
        assert [item.message.splitlines()[0] for item in await editor.open("task.json")] == [FALSE]


@pytest.mark.asyncio
async def test_a_bug_is_a_message(tmp_path: Path) -> None:
    written(tmp_path, {"task.json": TASK})
    async with session(tmp_path, command=[sys.executable, "-c", DEFECT]) as editor:
        (found,) = await editor.open("task.json")
        # The editor keeps what it shows.
        for text in (TASK + "\nboom", TASK + "\nboom boom"):
            assert await editor.edit("task.json", text) == [found]
        (message,) = editor.messages
        assert "a bug in ecs5lint stopped a check (KeyError: 'boom')" in message
        assert "Traceback" in editor.log[0] and len(editor.log) == 2
        assert await editor.hover("task.json", 3, 46) is None
        assert await editor.actions("task.json", found.range) == []
        assert await editor.replace("task.json", "\nboom boom", "") == [found]


def framed(*messages: str) -> bytes:
    return b"".join(b"Content-Length: %d\r\n\r\n%s" % (len(text), text.encode()) for text in messages)


INITIALIZE = '{"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"capabilities": {}}}'


@pytest.mark.parametrize(
    ("messages", "code"),
    [
        ((INITIALIZE, '{"jsonrpc": "2.0", "id": 2, "method": "shutdown"}', '{"jsonrpc": "2.0", "method": "exit"}'), 0),
        ((INITIALIZE, '{"jsonrpc": "2.0", "method": "exit"}'), 1),
        ((INITIALIZE, "{broken"), 1),
        ((), 1),
    ],
)
def test_the_exit_code(messages: tuple[str, ...], code: int) -> None:
    done = subprocess.run(COMMAND, input=framed(*messages), capture_output=True, check=False, timeout=PATIENCE)
    assert done.returncode == code
    assert done.stdout.count(b"Content-Length") >= (len(messages) > 0)


def test_no_other_argument() -> None:
    for arguments in (["."], ["--strict"], ["-f", "json"]):
        done = subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, check=False, timeout=PATIENCE)
        assert done.returncode == 2
        assert "--lsp takes no path and no other option" in done.stderr


def test_without_its_packages() -> None:
    program = "import sys; sys.modules['pygls'] = None; sys.argv[1:] = ['--lsp']\n"
    program += "from ecs5lint.__main__ import command; command()"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("ecs5lint: --lsp: pygls") and "install ecs5lint[lsp]" in done.stderr


def test_no_other_command_imports_it() -> None:
    program = "import sys; from ecs5lint.cli.main import main; main(['--exit-zero', '-q', 'examples'])\n"
    program += "sys.exit(any(name.startswith(('pygls', 'lsprotocol', 'ecs5lint.lsp')) for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
