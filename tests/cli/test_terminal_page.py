"""Test pages of the documentation on a terminal."""

from __future__ import annotations

import re

import pytest

from ecs5lint.cli.main import main
from ecs5lint.cli.terminal_page import on_terminal


def test_marks_become_colors() -> None:
    page = "# A `rule`\n\nSet **it**, or `x`: [AWS](https://a.example), [here](b.md), <https://c.example>\n"
    assert on_terminal(page) == (
        "\x1b[1mA `rule`\x1b[0m\n\nSet \x1b[1mit\x1b[0m, or \x1b[1;34mx\x1b[0m: "
        "AWS (https://a.example), here, https://c.example\n"
    )


def test_code_and_tables_stay_as_they_are() -> None:
    page = '| a | b |\n|---|:-:|\n| c | d |\n\n```json\n"x": **1**\n\n# no heading\n```\nend\n'
    assert on_terminal(page) == '| a | b |\n| c | d |\n\n    "x": **1**\n\n    # no heading\nend\n'


def test_explain(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--explain", "ECS5", "--color", "always"]) == 0
    shown = capsys.readouterr().out
    assert "\x1b[1mHow to fix it\x1b[0m\n" in shown
    assert "```" not in shown
    main(["--explain", "ECS5"])
    plain = capsys.readouterr().out
    assert plain.startswith("# ECS5") and "\x1b" not in plain
    words = re.findall(r"\w{5,}", re.sub(r"```\w+|\]\([^)]*\)", " ", plain))
    assert set(words) <= set(re.findall(r"\w{5,}", re.sub(r"\x1b\[[\d;]*m", " ", shown)))
