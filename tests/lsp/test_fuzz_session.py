"""Check that a session shows what a fresh run reports, after any edits.

A session edits copies of fixtures at random. At each hundredth edit, its diagnostics are compared with the report of a
run on the same texts, on the disk. A normal run makes a hundred edits. The full count is

    ECS5LINT_EDITS=10000 pytest tests/lsp/test_fuzz_session.py
"""

from __future__ import annotations

import json
import os
import random
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("pytest_lsp", reason="the language server needs ecs5lint[lsp]")

from editor import Editor, session
from places import FIXTURES

from ecs5lint.cli.main import main

EDITS = int(os.environ.get("ECS5LINT_EDITS", "100"))
SEED = int(os.environ.get("ECS5LINT_SEED", "1"))

#: The memory that a session may gain after its first part, in bytes.
MORE_MEMORY = 40_000_000

#: A diagnostic: the path, the line from 1, the severity, and the first line of the message.
Shown = tuple[str, int, int, str]

SNIPPETS = (
    '"readonlyRootFilesystem": false,',
    "readonlyRootFilesystem = true\n",
    "ReadonlyRootFilesystem: false\n",
    "# ecs5lint: ignore[ECS5] accepted\n",
    "\U0001f600é\u2028",
    "${var.unknown}",
    "\r\n",
    '"',
    "{",
    "]",
)


def tree(root: Path, rng: random.Random, count: int) -> list[str]:
    """Copy some fixtures to a directory, and return their files."""
    (root / ".git").mkdir()
    folders = sorted(path.parent for path in FIXTURES.rglob("expected.yaml"))
    for number, folder in enumerate(rng.sample(folders, count)):
        shutil.copytree(folder, root / f"f{number}", ignore=shutil.ignore_patterns("expected.yaml", ".*"))
    names = (path.relative_to(root).as_posix() for path in sorted(root.rglob("*")) if path.is_file())
    return [name for name in names if not name.startswith(".git/") and is_text(root / name)]


def is_text(path: Path) -> bool:
    content = path.read_bytes()
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return len(content) < 100_000


def changed(text: str, others: list[str], rng: random.Random) -> str:
    """Return a text after a random edit."""
    lines = text.splitlines(keepends=True)
    at = rng.randrange(len(lines) + 1)
    kind = rng.choice("insert insert delete double swap token".split())
    if kind == "insert" or not lines:
        place = rng.randrange(len(text) + 1)
        return text[:place] + rng.choice(SNIPPETS) + text[place:]
    if kind == "delete":
        return "".join(lines[:at] + lines[at + 1 :])
    if kind == "double":
        return "".join(lines[:at] + lines[max(0, at - 1) :])
    if kind == "swap":
        return rng.choice(others)
    words = list(re.finditer(r"\w+", text))
    if not words:
        return text
    word, other = rng.choice(words), rng.choice(words)
    return text[: word.start()] + other[0] + text[word.end() :]


def shown(editor: Editor) -> set[Shown]:
    return {
        (editor.name(uri), item.range.start.line + 1, int(item.severity or 0), item.message.splitlines()[0])
        for uri, found in editor.all_diagnostics().items()
        for item in found
    }


def reported(directory: Path, opened: list[str], capsys: pytest.CaptureFixture[str]) -> set[Shown]:
    """Return what a run reports on the files that are open."""
    capsys.readouterr()
    before = os.getcwd()
    os.chdir(directory)
    try:
        main(["--changed", "--format", "json", *opened])
    finally:
        os.chdir(before)
    report = json.loads(capsys.readouterr().out)
    found = {told(result) for result in report["results"] if result["verdict"] in ("fail", "unknown")}
    for severity, items in ((1, report["errors"]), (3, report["warnings"])):
        found |= {(item["path"], int(item["line"]), severity, item["message"]) for item in items}
    return found


def told(result: dict[str, Any]) -> Shown:
    place, value = result["location"], result["value_location"]
    if value and value["path"] == place["path"]:
        place = value
    return place["path"], place["line"], 1 if result["verdict"] == "fail" else 2, result["message"]


@pytest.mark.asyncio
async def test_a_session_shows_what_a_run_reports(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rng = random.Random(SEED)
    (tmp_path / "edited").mkdir()
    root = tmp_path / "edited"
    names = tree(root, rng, 40 if EDITS > 1_000 else 8)
    texts = {name: (root / name).read_bytes().decode() for name in names}
    memory: list[int] = []
    async with session(root) as editor:
        for number in range(1, EDITS + 1):
            name = rng.choice(names if len(editor.texts) < 3 else sorted(editor.texts))
            if name not in editor.texts:
                await editor.open(name, texts[name])
            elif rng.random() < 0.05:
                await editor.save(name)
            elif rng.random() < 0.1 and len(editor.texts) > 1:
                await editor.close(name)
            else:
                edited = texts[name] if rng.random() < 0.2 else changed(editor.texts[name], list(texts.values()), rng)
                editor.type(name, edited)
                if number % 10 == 0:
                    await editor.settled(name)
            if number % 100 == 0 and editor.texts:
                for opened in editor.texts:
                    editor.published.pop(editor.uri(opened), None)
                    editor.type(opened, editor.texts[opened])
                for opened in editor.texts:
                    await editor.settled(opened)
                copy = tmp_path / f"copy{number}"
                shutil.copytree(root, copy)
                for opened, text in editor.texts.items():
                    (copy / opened).write_bytes(text.encode())
                assert shown(editor) == reported(copy, sorted(editor.texts), capsys), f"edit {number} of seed {SEED}"
                shutil.rmtree(copy)
                memory.append(resident(editor))
        assert editor.messages == []
    first = memory[len(memory) // 10]
    assert memory[-1] - first < MORE_MEMORY, memory


def resident(editor: Editor) -> int:
    """Return the memory of the server, or 0 where it can't be told."""
    try:
        text = Path(f"/proc/{editor.client._server.pid}/status").read_text()
    except OSError:
        return 0
    return int(text.split("VmRSS:")[1].split()[0]) * 1024
