"""Test the Markdown report, with a Markdown parser."""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.token import Token
from results import HOSTILE, MAIN, hostile, report, result, span, task_definition

from ecs5lint.location import Failure
from ecs5lint.model.result import NOT_APPLICABLE, PASS, SUPPRESSED, UNKNOWN, Report, Suppression
from ecs5lint.notices import Notice
from ecs5lint.reports import Options
from ecs5lint.reports.findings import printable
from ecs5lint.reports.markdown import render
from ecs5lint.rules.explanation import explanation

#: GitHub's limit for a comment.
MAX_COMMENT = 65_536


def parsed(of: Report, *, strict: bool = False) -> list[Token]:
    return MarkdownIt("commonmark").enable("table").parse(render(of, Options(strict=strict)))


def rows(of: Report, *, strict: bool = False) -> list[list[list[Token]]]:
    """Return the tokens of the cells in the table's body, row by row."""
    tokens = parsed(of, strict=strict)
    kinds = [token.type for token in tokens]
    if "tbody_open" not in kinds:
        return []
    body = tokens[kinds.index("tbody_open") : kinds.index("tbody_close")]
    found: list[list[list[Token]]] = []
    for token in body:
        if token.type == "tr_open":
            found.append([])
        elif token.type == "inline":
            found[-1].append(token.children or [])
    return found


def texts(row: list[list[Token]]) -> list[str]:
    """Return the texts of the cells of a row, with a line end between lines."""
    return ["".join("\n" if token.content == "<br>" else token.content for token in cell) for cell in row]


def test_findings() -> None:
    of = report(
        result(UNKNOWN, container="sidecar", container_index=1, when="var.live", remedy=("give it",)),
        result(container="web", container_index=0, remedy=("set it",), afterwards=("mount a volume",)),
        result(
            container="api", container_index=0, message="another", remedy=("set it",), afterwards=("mount a volume",)
        ),
    )
    address = "aws_ecs_task_definition.web"
    message = 'container "web" does not set it'
    assert [texts(row) for row in rows(of)] == [
        ["error", "infra/main.tf:3:5", "web", address, f"{message}\nfix: set it"],
        ["error", "infra/main.tf:3:5", "api", address, "another\nfix: set it"],
        ["warning", "infra/main.tf:3:5", "sidecar", address, f"{message}\nwhen: var.live\nhelp: give it"],
    ]
    assert [texts(row)[0] for row in rows(of, strict=True)] == ["error"] * 3
    text = render(of, Options())
    assert text.startswith(
        "**ecs5lint**: Found 3 problems in 1 file (3 containers). 1 file, 1 task definition, 3 containers: "
        "**0 pass, 2 fail, 1 unknown**\n\n| |"
    )
    fold = text[text.index("<details>") :]
    assert "- `mount a volume`\n" in fold
    how = fold.partition("</summary>")[2].partition("\n**")[2].removesuffix("</details>\n")
    assert f"## How to fix it\n\n**{how}" in explanation("ECS5")
    assert "readonlyRootFilesystem" in how and "\n## " not in how
    assert fold.endswith("</details>\n")


def test_nothing_found() -> None:
    suppressed = result(SUPPRESSED, suppression=Suppression("comment", "a reason"))
    assert render(report(result(PASS), result(NOT_APPLICABLE), suppressed), Options()) == (
        "**ecs5lint**: 1 file, 1 task definition, 3 containers: "
        "**1 pass, 0 fail, 0 unknown, 1 not applicable, 1 suppressed**\n\n"
        "| | place | container | task definition | what |\n|---|---|---|---|---|\n"
        "| suppressed | `infra/main.tf:3:5` |  | `aws_ecs_task_definition.web` | "
        '`suppressed (comment): a reason`<br>`container "web" does not set it` |\n'
    )


def test_errors_and_notices() -> None:
    of = report(
        failures=(Failure("cannot be read", "a.json"),),
        notices=(Notice("covers nothing", "infra/main.tf", span(MAIN, "cpu")),),
    )
    assert [texts(row) for row in rows(of)] == [
        ["error", "a.json", "", "", "cannot be read"],
        ["warning", "infra/main.tf:6:7", "", "", "covers nothing"],
    ]
    assert "<details>" not in render(of, Options())


def test_one_place_is_one_row() -> None:
    many = [result(resource=task_definition(f"module.web[{index}].x")) for index in range(20)]
    (row,) = rows(report(*many))
    assert texts(row)[3] == "module.web[0].x and 19 more"


def test_it_is_bounded() -> None:
    of = report(*(result(UNKNOWN, message=f"{index} {HOSTILE}") for index in range(999)), result())
    text = render(of, Options())
    assert len(text) < MAX_COMMENT
    shown = rows(of)
    assert texts(shown[0])[0] == "error"
    more = re.search(r"\nAnd (\d+) more, which the log has.\n", text)
    assert more
    assert len(shown) + int(more[1]) == 1000


def test_hostile_text() -> None:
    found = rows(hostile())
    # The backslashes before a | are shown as escapes, which can't be taken for that of the |.
    said = re.sub(r"\\+(?=\|)", lambda match: r"\x5c" * len(match[0]), printable(HOSTILE))
    assert [texts(row)[0] for row in found] == ["error"] * 3 + ["warning"] * 3 + ["suppressed"]
    for row in found:
        assert len(row) == 5
        assert {token.type for cell in row[1:] for token in cell if token.content} <= {"code_inline", "html_inline"}
        assert {token.content for cell in row for token in cell if token.type == "html_inline"} <= {"<br>"}
        assert said in texts(row)[4]
    # Only the folded section is HTML, and there is no other table apart from those in the explanation.
    kinds = [token.type for token in parsed(hostile())]
    text = render(hostile(), Options())
    assert kinds.count("table_open") == text.count("\n|---|")
    blocks = [token.content for token in parsed(hostile()) if token.type == "html_block"]
    assert blocks == ["<details><summary>How to fix it</summary>\n", "</details>\n"]
