"""Test the text about skipped files in each report."""

from __future__ import annotations

import json
from functools import partial

import pytest
from results import HOSTILE, report

from ecs5lint import reports
from ecs5lint.notices import Skipped
from ecs5lint.reports import FORMATS, Options
from ecs5lint.reports.text import render
from ecs5lint.settings.settings import Configured

GIT = "ignored by Git"
SKIPPED = tuple(Skipped(path, GIT) for path in ("build", "cdk.out"))


@pytest.mark.parametrize("name", sorted(FORMATS.keys() - {"json", "gitlab"}))
def test_the_counts(name: str) -> None:
    many = tuple(Skipped(f"{number}.json", f"excluded by {number}") for number in range(6))
    render = partial(reports.render, name)
    assert "skipped: 2 ignored by Git" in render(report(skipped=SKIPPED), Options())
    assert (
        "skipped: 2 ignored by Git, 1 excluded by 0, 1 excluded by 1, 1 excluded by 2, 3 for other reasons"
        in render(report(skipped=(*many, *SKIPPED)), Options())
    )
    assert "skipped:" not in render(report(), Options())


def test_json() -> None:
    said = json.loads(reports.render("json", report(skipped=SKIPPED), Options()))
    of_files = {"line": None, "column": None, "detail": None}
    assert said["skipped"] == [
        {"path": "build", "reason": GIT, **of_files},
        {"path": "cdk.out", "reason": GIT, **of_files},
    ]
    assert said["summary"]["skipped"] == 2


def test_text() -> None:
    ending = "1 file, 1 task definition, 0 containers: 0 pass, 0 fail, 0 unknown\n"
    listed = "build: skipped: ignored by Git\ncdk.out: skipped: ignored by Git\n"
    said = report(skipped=SKIPPED)
    assert render(said, Options()) == f"skipped: 2 ignored by Git (list: --show-skipped)\n{ending}"
    assert render(said, Options(show_skipped=True)) == f"{listed}\nskipped: 2 ignored by Git\n{ending}"
    assert render(said, Options(quiet=True)) == ""
    assert render(said, Options(quiet=True, show_skipped=True)) == listed
    assert render(report(), Options(show_skipped=True)) == ending
    assert "\x1b" not in render(report(skipped=(Skipped(HOSTILE, HOSTILE),)), Options(show_skipped=True))


@pytest.mark.parametrize("name", sorted(FORMATS.keys() - {"json", "gitlab"}))
def test_the_configuration(name: str) -> None:
    render = partial(reports.render, name)
    read = report()._replace(
        configuration=Configured("ci/ecs5lint.toml", tuple(f"var.v{number} = 1" for number in range(12)))
    )
    said = render(read, Options())
    assert "configuration: ci/ecs5lint.toml, which sets var.v0 = 1, " in said
    assert "var.v9 = 1, and 2 more" in said
    assert "configuration: ecs5lint.toml" in render(
        report()._replace(configuration=Configured("ecs5lint.toml")), Options()
    )
    assert "\x1b" not in render(report()._replace(configuration=Configured(HOSTILE, (HOSTILE,))), Options())
