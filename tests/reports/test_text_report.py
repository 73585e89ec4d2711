"""Test the text report."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from results import MAIN, report, result, span, task_definition

from ecs5lint import lint
from ecs5lint.location import Failure, Source, Span
from ecs5lint.model.result import NOT_APPLICABLE, PASS, SUPPRESSED, UNKNOWN, Suppression
from ecs5lint.model.task_definition import Call
from ecs5lint.notices import Notice
from ecs5lint.reports import Options
from ecs5lint.reports.text import render
from ecs5lint.rules import RULES


def test_nothing_found() -> None:
    passed = report(result(PASS), result(NOT_APPLICABLE))
    assert render(passed, Options()) == (
        "1 file, 1 task definition, 2 containers: 1 pass, 0 fail, 0 unknown, 1 not applicable\n"
    )
    assert render(passed, Options(quiet=True)) == ""


def test_a_container_that_does_not_set_it() -> None:
    failed = result(remedy=("set readonlyRootFilesystem = true",), afterwards=("mount a volume", "see that it starts"))
    assert render(report(failed), Options()) == (
        """\
infra/main.tf:3:5: error: container "web" does not set it [ECS5]
  |
3 |     {
  |     ^
4 |       name  = "web"
5 |       image = "nginx"
  |
  = task definition: aws_ecs_task_definition.web
  = fix: set readonlyRootFilesystem = true

Then, for each failing container (details: ecs5lint --explain ECS5):
  - mount a volume
  - see that it starts

ecs5lint --diff shows what can be fixed, and how
Found 1 problem in 1 file
1 file, 1 task definition, 1 container: 0 pass, 1 fail, 0 unknown
"""
    )


def test_notices_stand_together_before_the_end() -> None:
    notices = Notice("it covers nothing", MAIN.path, span(MAIN, "name")), Notice("it has expired", "ecs5lint.toml")
    said = report(result(afterwards=("mount a volume",)), notices=notices)
    assert render(said, Options()).split("\n\n")[1:3] == [
        "infra/main.tf:4:7: warning: it covers nothing\necs5lint.toml: warning: it has expired",
        "Then, for each failing container (details: ecs5lint --explain ECS5):\n  - mount a volume",
    ]
    assert "\n\n" not in render(said, Options(quiet=True))


def test_a_deciding_value() -> None:
    unknown = result(
        UNKNOWN,
        value_location=span(MAIN, "var.ro"),
        when="var.live",
        assumptions=("var.ro is null by default",),
        remedy=("set it with --var ro=...",),
    )
    text = render(report(unknown), Options())
    assert text == (
        """\
infra/main.tf:3:5: warning: container "web" does not set it [ECS5]
  |
3 |     {
4 |       name  = "web"
...
7 | \t\treadonlyRootFilesystem = var.ro
  | \t\t                         ^^^^^^
  |
  = task definition: aws_ecs_task_definition.web
  = when: var.live
  = assuming: var.ro is null by default
  = help: set it with --var ro=...

Found 1 problem in 1 file
1 file, 1 task definition, 1 container: 0 pass, 0 fail, 1 unknown
"""
    )
    assert render(report(unknown), Options(strict=True)) == text.replace("warning", "error")


def test_a_deciding_value_in_another_file() -> None:
    variables = Source("infra/variables.tf", 'variable "ro" {\n  default = false\n}\n', "hcl")
    lines = render(report(result(value_location=span(variables, "false"))), Options()).splitlines()
    assert lines[1:9] == [
        "  |",
        "3 |     {",
        '4 |       name  = "web"',
        " --> infra/variables.tf:2:13",
        "2 |   default = false",
        "  |             ^^^^^",
        "  |",
        "  = task definition: aws_ecs_task_definition.web",
    ]


def test_where_a_resource_of_a_plan_is_written() -> None:
    calls = (Call("module.a", span(MAIN, "name")), Call("aws_ecs_task_definition.web", span(MAIN, "resource")))
    of_plan = task_definition("module.a.aws_ecs_task_definition.web", *calls)._replace(source="terraform-plan")
    text = render(report(result(resource=of_plan)), Options())
    assert (
        "  = task definition: module.a.aws_ecs_task_definition.web, written in infra/main.tf:1:1, "
        "called by module.a (infra/main.tf:4:7)\n"
    ) in text


def test_one_place_is_printed_once() -> None:
    inner = Call("module.inner", span(MAIN, "name"))
    outer = [Call(f"module.{name}", span(MAIN, "resource")) for name in ("a", "b")]
    text = render(
        report(
            result(resource=task_definition("module.a.module.inner.x", outer[0], inner)),
            result(resource=task_definition("module.b.module.inner.x", outer[1], inner)),
        ),
        Options(),
    )
    assert text.count("error:") == 1
    assert (
        "  = task definition: module.a.module.inner.x, called by module.inner (infra/main.tf:4:7), "
        "called by module.a (infra/main.tf:1:1)\n"
        "  = task definition: module.b.module.inner.x, called by module.inner (infra/main.tf:4:7), "
        "called by module.b (infra/main.tf:1:1)\n"
    ) in text
    many = [result(resource=task_definition(f"module.web[{index}].x")) for index in range(20)]
    text = render(report(*many), Options())
    assert text.count("= task definition: module.web") == 8
    assert "= task definition: and 12 more\n" in text


def test_findings_at_one_position_share_the_lines_of_source() -> None:
    before, other = result(), result(UNKNOWN)
    elsewhere = result(location=span(MAIN, "name"))
    same = result(message="it does not log", rule="ECS9")
    text = render(report(before, same, elsewhere, other), Options())
    entries = text.split("\n\n")[:4]
    assert ["\n3 |     {" in entry for entry in entries] == [True, False, False, True]
    assert entries[1] == (
        "infra/main.tf:3:5: error: it does not log [ECS9]\n  = task definition: aws_ecs_task_definition.web"
    )
    assert "\n4 |       name" in entries[2]


def test_steps_of_one_container_stay_with_it() -> None:
    text = render(
        report(
            result(remedy=("set it", "mount /tmp"), afterwards=("see that it starts",)),
            result(message="another", remedy=("set it", "mount /data"), afterwards=("see that it starts",)),
        ),
        Options(),
    )
    assert text.count("= fix: set it") == 2
    assert "= fix: mount /tmp\n" in text
    assert "= fix: mount /data\n" in text
    assert text.count("see that it starts") == 1


def test_steps_of_one_caller_are_said_to_be_its_own() -> None:
    first, second = (task_definition(f"module.{name}.x") for name in "ab")
    text = render(
        report(
            result(resource=first, remedy=("set it",), afterwards=("start it",)),
            result(resource=second, remedy=("set it", "mount /data"), afterwards=("start it", "disable Exec")),
        ),
        Options(),
    )
    assert "  = fix: set it\n  = fix for module.b.x: mount /data\n" in text
    assert "  - start it\n  - disable Exec\n" in text


def test_unknowns_with_one_cause_are_one_entry() -> None:
    waiting = [
        result(
            UNKNOWN,
            message=f'container "c{number}" is unknown',
            container=f"c{number}",
            container_index=number,
            cause="var.ro has no value",
            remedy=("set var.ro",),
            location=Span(MAIN, 70 + number, 80),
        )
        for number in range(12)
    ]
    text = render(report(*waiting, result(UNKNOWN, cause="var.x has no value"), result()), Options())
    assert text.count(": warning: ") == 2
    assert text.count("= help: set var.ro") == 1
    assert text.count("= also: ") == 9
    assert '= also: infra/main.tf:2:29: container "c1"\n' in text
    assert "= also: 3 more, which --format concise lists\n" in text
    assert "Found 14 problems in 1 file (12 containers)\n" in text
    assert render(report(*waiting), Options(quiet=True)).count(": warning: ") == 12


def test_what_is_written_once_is_one_problem() -> None:
    called = [result(container_index=0, resource=task_definition(f"module.{name}.x")) for name in "abc"]
    assert "\nFound 1 problem in 1 file (3 containers)\n" in render(report(*called), Options())


def test_equal_texts_in_one_file_are_problems_of_their_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    definition = {"family": "f", "container_definitions": json.dumps([{"name": "c"}])}
    content = json.dumps({"resource": {"aws_ecs_task_definition": {"a": definition, "b": definition}}}, indent=1)
    (tmp_path / "main.tf.json").write_text(content)
    monkeypatch.chdir(tmp_path)
    lines = [line for line in render(lint("."), Options()).splitlines() if ": error: " in line]
    assert [line.split(":")[1] for line in lines] == ["6", "10"]


def test_statistics() -> None:
    unknown = [
        result(UNKNOWN, reason="unresolved", cause="var.ro has no value", message=f"{number}") for number in range(10)
    ]
    # Another caller of the same place is the same finding.
    text = render(report(result(), result(PASS), *unknown, unknown[0]), Options(quiet=True, statistics=True))
    assert text.endswith(
        """\
Findings by rule:
  11  ECS5

Findings by reason:
  10  unresolved
   1  omitted

Unknowns by cause:
  10  var.ro has no value

"""
    )


@pytest.mark.parametrize("width", [40, 80, 100])
def test_lines_fit_the_terminal(width: int) -> None:
    words = " ".join(f"word{number}" for number in range(40))
    web = task_definition()
    both = [
        result(rule=rule, message=words, remedy=("set it",), afterwards=(words,), when=words, resource=web)
        for rule in ("ECS20", "ECS21")
    ]
    said = report(*both, failures=(Failure(words, "a.json"),), notices=(Notice(words, "b.json"),))
    lines = render(said, Options(width=width)).splitlines()
    assert any(line.endswith("[ECS20, ECS21]") for line in lines)
    assert all(len(line) <= width for line in lines if "word" in line)
    assert " ".join(" ".join(lines).split()).count(words) == 6
    assert all(line.startswith(" ") for line in lines if line.lstrip().startswith("word"))


def test_a_position_wider_than_the_terminal() -> None:
    source = Source(f"{'deep/' * 10}main.tf", MAIN.text, "hcl")
    said = report(result(message="it is cut nowhere", location=span(source, "name")))
    lines = render(said, Options(width=30)).splitlines()
    assert lines[0].endswith("main.tf:4:7: error: it")
    assert lines[1] == "    is cut nowhere [ECS5]"


def test_links() -> None:
    shown = render(report(result()), Options(links=True)).splitlines()[0]
    assert shown.endswith(f"[\x1b]8;;{RULES['ECS5'].page}\x1b\\ECS5\x1b]8;;\x1b\\]")


def test_errors() -> None:
    failures = (
        Failure("is not valid HCL: a name is expected here", "infra/main.tf", span(MAIN, "cpu")),
        Failure("cannot be read: Permission denied", "infra/secret.json"),
    )
    assert render(report(failures=failures), Options()) == (
        """\
infra/main.tf:6:7: error: is not valid HCL: a name is expected here
  |
6 |       cpu   = 256
  |       ^^^
  |

infra/secret.json: error: cannot be read: Permission denied

Found 2 problems in 2 files
1 file, 1 task definition, 0 containers: 0 pass, 0 fail, 0 unknown, 2 errors
"""
    )


def test_quiet() -> None:
    failure = Failure("cannot be read", "a.json")
    assert render(report(result(remedy=("set it", "more")), failures=(failure,)), Options(quiet=True)) == (
        'infra/main.tf:3:5: error: container "web" does not set it [ECS5]\na.json: error: cannot be read\n'
    )


def test_what_is_suppressed_is_listed_with_its_reason() -> None:
    suppressed = report(
        result(SUPPRESSED, suppression=Suppression("comment", "a reason")),
        result(SUPPRESSED, suppression=Suppression("baseline", "on record")),
    )
    assert render(suppressed, Options()) == (
        "infra/main.tf:3:5: suppressed (comment): a reason [ECS5]\n\n"
        "suppressed by the baseline: 1 finding\n"
        "1 file, 1 task definition, 2 containers: 0 pass, 0 fail, 0 unknown, 2 suppressed\n"
    )
    assert render(suppressed, Options(quiet=True)) == ""


def test_a_long_name_is_cut() -> None:
    message = f'container "{"x" * 100_000}" does not set it'
    for part in (message, "y" * 100_000):
        lines = render(report(result(message=message, when=part)), Options()).splitlines()
        assert all(len(line) < 600 for line in lines)
        assert lines[0].endswith('x" does not set it [ECS5]')


def test_a_long_line_is_cropped_around_the_mark() -> None:
    text = '{"a": "' + "x" * 500 + '", "ro": false, "b": "' + "y" * 500 + '"}'
    source = Source("a.json", text, "json")
    shown = render(
        report(result(location=Span(source, 0, len(text)), value_location=span(source, "false"))), Options()
    ).splitlines()
    assert all(len(line) < 140 for line in shown)
    mark = shown[3]
    assert shown[2][mark.index("^") : mark.rindex("^") + 1] == "false"
    whole = render(report(result(location=Span(source, 0, len(text)))), Options()).splitlines()
    assert whole[2].startswith('1 | {"a": "xxx')
    assert whole[2].endswith("x...")


def test_marks_stand_under_wide_and_escaped_characters() -> None:
    source = Source("a.json", '{"日本\u0301\x1b": false}', "json")
    lines = render(report(result(location=span(source, "false"))), Options()).splitlines()
    assert lines[2] == '1 | {"日本\u0301\\x1b": false}'
    # Two wide characters take one more column each, and a combining character takes none.
    assert lines[3] == "  | " + " " * 13 + "^^^^^"


def test_nothing_from_the_input_drives_the_terminal_or_the_log() -> None:
    evil = "\x1b[2J\r\n\x07\x9b\u202e\u2066\ud800##[add-mask]x##vso[task]\t"
    source = Source(f"::error::{evil}", evil.replace("\n", "") + "false", "json")
    location = span(source, "false")
    call = Call(evil, location)
    text = render(
        report(
            result(
                message=evil,
                location=location,
                resource=task_definition(evil, call),
                when=evil,
                assumptions=(evil,),
                remedy=(evil, "and " + evil),
            ),
            failures=(Failure(evil, f"::error::{evil}"),),
        ),
        Options(),
    )
    assert all(character.isprintable() or character in "\t\n" for character in text)
    assert "##[" not in text
    assert "##vso[" not in text
    assert not any(line.lstrip().startswith("::") for line in text.splitlines())
    assert r"\x1b[2J\x0d\x0a\x07\x9b\u202e\u2066\ud800#\x23[add-mask]x#\x23vso[task]\x09" in text


def test_the_mark_of_a_place_at_the_end_of_the_text() -> None:
    source = Source("a.json", "{", "json")
    failure = Failure("it ends too early", "a.json", Span(source, 1, 1))
    assert "1 | {\n  |  ^\n" in render(report(failures=(failure,)), Options())


def test_a_container_is_counted_for_each_caller_and_once_for_all_rules() -> None:
    first, second = (task_definition("aws_ecs_task_definition.web") for _ in range(2))
    failed = [
        result(container_index=0, resource=definition, message=text) for definition in (first, second) for text in "ab"
    ]
    assert "\nFound 2 problems in 1 file (2 containers)\n" in render(report(*failed), Options())
