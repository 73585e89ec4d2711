"""Check the files of the extension for VS Code. Its own tests, which start the server, run in .ci/run."""

from __future__ import annotations

import json

from places import ROOT

from ecs5lint import __version__

EXTENSION = ROOT / "editors" / "vscode"


def test_the_versions_agree() -> None:
    assert json.loads((EXTENSION / "package.json").read_text(encoding="utf-8"))["version"] == __version__
    assert f"ecs5lint-{__version__}.vsix" in (ROOT / "docs/editors.md").read_text(encoding="utf-8")


def test_the_lock_file_names_no_registry() -> None:
    lock = json.loads((EXTENSION / "package-lock.json").read_text(encoding="utf-8"))
    assert [name for name, package in lock["packages"].items() if "resolved" in package] == []
    assert all(package.get("integrity") for name, package in lock["packages"].items() if name)


def test_each_command_and_setting_of_the_extension_is_used_and_documented() -> None:
    contributes = json.loads((EXTENSION / "package.json").read_text(encoding="utf-8"))["contributes"]
    source = (EXTENSION / "src/extension.ts").read_text(encoding="utf-8")
    page = (EXTENSION / "README.md").read_text(encoding="utf-8")
    for command in contributes["commands"]:
        assert f'registerCommand("{command["command"]}"' in source
        assert f"`{command['category']}: {command['title']}`" in page
    for name in contributes["configuration"]["properties"]:
        assert f"`{name}`" in page
        # The library reads the setting of the trace by itself.
        assert name == "ecs5lint.trace.server" or f'"{name.removeprefix("ecs5lint.")}"' in source
