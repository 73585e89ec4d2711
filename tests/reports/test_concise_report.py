"""The concise report, from results made by hand."""

from __future__ import annotations

from results import hostile, report, result

from ecs5lint.location import Failure, Source, Span
from ecs5lint.model.result import PASS, UNKNOWN
from ecs5lint.notices import Notice
from ecs5lint.reports import Options
from ecs5lint.reports.concise import render

LONG = Source("a/b.json", "[]", "json")


def test_columns() -> None:
    said = report(
        result(location=Span(LONG, 0, 2), message="sets it to false"),
        result(UNKNOWN, message="sets it to var.ro"),
        result(PASS),
        failures=(Failure("cannot be read", "c.json"),),
        notices=(Notice("unused suppression", "d.json"),),
    )
    assert render(said, Options()) == (
        """\
a/b.json:1:1       error    ECS5  sets it to false
infra/main.tf:3:5  warning  ECS5  sets it to var.ro
c.json             error          cannot be read
d.json             warning        unused suppression

ecs5lint --diff shows what can be fixed, and how
Found 3 problems in 3 files
1 file, 1 task definition, 3 containers: 1 pass, 1 fail, 1 unknown, 1 error
"""
    )
    assert render(said, Options(quiet=True)).endswith("unused suppression\n")


def test_a_long_place_does_not_push_the_others_aside() -> None:
    long = Source(f"{'x' * 200}.json", "[]", "json")
    lines = render(report(result(location=Span(long, 0, 2)), result()), Options()).splitlines()
    assert lines[1].startswith("infra/main.tf:3:5  error")


def test_hostile_text_stays_in_its_line() -> None:
    text = render(hostile(), Options())
    assert all(character.isprintable() or character == "\n" for character in text)
    assert not any(line.startswith("::") for line in text.splitlines())
