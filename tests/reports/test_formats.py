"""The type checker compares each format with the interface, and the test compares the formats with the table."""

from __future__ import annotations

from ecs5lint.reports import FORMATS, Format, concise, github, gitlab, html, json, junit, markdown, sarif, text

MODULES: dict[str, Format] = {
    "text": text,
    "concise": concise,
    "json": json,
    "sarif": sarif,
    "github": github,
    "gitlab": gitlab,
    "junit": junit,
    "markdown": markdown,
    "html": html,
}


def test_the_table_has_the_formats() -> None:
    assert {name: f"ecs5lint.reports.{name}" for name in MODULES} == FORMATS
