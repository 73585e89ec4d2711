"""Test the laws of fixes on all fixtures: fix, check again, undo."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from places import FIXTURES

from ecs5lint.files.workspace import Workspace, decode
from ecs5lint.fixes.proof import Proven, prove
from ecs5lint.fixes.setting import proposals
from ecs5lint.fixes.texts import edited, unified_diff
from ecs5lint.location import Edit, Source, Span, apply, distinct, overlap
from ecs5lint.model.result import FAIL, PASS, Report
from ecs5lint.run import pipeline
from ecs5lint.settings.settings import Settings

FOLDERS = sorted(path.parent for path in FIXTURES.rglob("expected.yaml"))


def judged(workspace: Workspace) -> Report:
    return pipeline.run(["."], workspace, Settings())


def fixed(report: Report, workspace: Workspace) -> Proven:
    wanted = [index for index, result in enumerate(report.results) if result.verdict == FAIL]
    return prove(report, [proposals(report, wanted, workspace)], judged, workspace)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: str(folder.relative_to(FIXTURES)))
def test_fix_check_undo(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    workspace = Workspace()
    before = judged(workspace)
    proven = fixed(before, workspace)

    failing = {index for index, result in enumerate(before.results) if result.verdict == FAIL}
    assert proven.fixes.keys() | proven.refusals.keys() == failing
    assert not proven.fixes.keys() & proven.refusals.keys()
    after = judged(workspace.edited(proven.contents))
    assert len(after.results) == len(before.results)
    assert after.count(FAIL) == before.count(FAIL) - len(proven.fixes)
    assert after.count(PASS) + after.count("not_applicable") >= before.count(PASS) + len(proven.fixes)

    edits = distinct(edit for fix in proven.fixes.values() for edit in fix.edits)
    for path, content in proven.contents.items():
        assert proven.originals[path] == Path(path).read_bytes()
        assert undone(content, path, [edit for edit in edits if edit.path == path]) == proven.originals[path]

    for path, content in proven.contents.items():
        shown = unified_diff(path, proven.originals[path], content, proven.revisions[path])
        assert patched(decode(proven.originals[path], path), shown) == decode(content, path)

    again = fixed(after, workspace.edited(proven.contents))
    assert again.contents == {}


def patched(text: str, diff: str) -> str:
    """Return a text with a unified diff applied to it, as `patch` does."""
    old = re.findall(r"[^\n]*\n|[^\n]+", text)
    new: list[str] = []
    at = 0
    for header, body in re.findall(r"^(@@ .*?)\n(.*?)(?=^@@ |\Z)", diff, re.DOTALL | re.MULTILINE):
        start, _, count = re.fullmatch(r"@@ -(\d+)(,?)(\d*) \+.*", header).groups()  # type: ignore[union-attr]
        first = int(start) - (count != "0")
        new += old[at:first]
        at = first
        for line in re.findall(r"(?:[^\n]*\n\\[^\n]*\n)|[^\n]*\n", body):
            content = line[1:].removesuffix("\n\\ No newline at end of file\n")
            if line[0] in " -":
                assert old[at] == content
                at += 1
            new += [content] * (line[0] in " +")
    return "".join([*new, *old[at:]])


def undone(content: bytes, path: str, edits: list[Edit]) -> bytes:
    """Return a fixed file with its edits undone."""
    backward, moved = [], 0
    for edit in edits:
        start = edit.span.start + moved
        backward.append(Edit(Span(edit.span.source, start, start + len(edit.text)), edit.span.text))
        moved += len(edit.text) - (edit.span.end - edit.span.start)
    return edited(content, path, backward)


NAMES = st.text(st.characters(exclude_categories=["C", "Z"], exclude_characters='"\\{}$%'), min_size=1, max_size=8)
GAPS = st.sampled_from(["", " ", "\n", "\n  ", "\r\n\t"])


@st.composite
def task_definitions(draw: st.DrawFn) -> str:
    """Return a random task definition in JSON, with a random layout."""

    def laid_out(opening: str, items: list[str], closing: str) -> str:
        gap = draw(GAPS)
        return f"{opening}{gap}" + f",{gap}".join(items) + f"{draw(GAPS)}{closing}"

    containers = []
    for name in draw(st.lists(NAMES, max_size=4, unique=True)):
        members = [f'"name":{draw(GAPS)}"{name}"', f'"image"{draw(GAPS)}: "nginx"', '"command": ["a", "}"]']
        value = draw(st.sampled_from(["", "true", "false", "null", '"false"', "1"]))
        members += [f'"readonlyRootFilesystem": {value}'] * bool(value)
        containers.append(laid_out("{", draw(st.permutations(members)), "}"))
    return laid_out("{", ['"family": "x"', f'"containerDefinitions": {laid_out("[", containers, "]")}'], "}")


#: The values of the setting in each format. All of them have to be changed, except the last one.
VALUES = {
    "cloudformation": ["", "false", '"false"', "no", "!Ref AWS::NoValue", "true"],
    "terraform": ["", "false", '"false"', "null", "true"],
}
WORDS = st.text("abcdefgh", min_size=1, max_size=6)


@st.composite
def templates(draw: st.DrawFn) -> str:
    """Return a random CloudFormation template in YAML, in block and flow style."""
    lines = ["Resources:", "  Task:", "    Type: AWS::ECS::TaskDefinition", "    Properties:"]
    step = draw(st.sampled_from(["", "  ", "    "]))
    lines += [f"{draw(st.sampled_from(['      # first', '      Family: x']))}", "      ContainerDefinitions:"]
    for name in draw(st.lists(WORDS, min_size=1, max_size=3, unique=True)):
        value = draw(st.sampled_from(VALUES["cloudformation"]))
        members = [f"Name: {name}", "Image: nginx", *[f"ReadonlyRootFilesystem: {value}"] * bool(value)]
        members = draw(st.permutations(members))
        if draw(st.booleans()):
            gap = draw(st.sampled_from(["", " "]))
            lines.append(f"      {step}- {{{gap}{', '.join(members)}{gap}}}")
        else:
            comment = draw(st.sampled_from(["", "  # kept"]))
            lines.append(f"      {step}- {members[0]}{comment}")
            lines += [f"      {step}  {item}" for item in members[1:]]
    lines += draw(st.sampled_from([[], ["      Cpu: 256"]]))
    return draw(st.sampled_from(["\n", "\r\n"])).join([*lines, *draw(st.sampled_from([[], [""]]))])


@st.composite
def modules(draw: st.DrawFn) -> str:
    """Return a random Terraform module, with objects on one line and on several."""
    written = []
    for name in draw(st.lists(WORDS, min_size=1, max_size=3, unique=True)):
        value = draw(st.sampled_from(VALUES["terraform"]))
        equals = draw(st.sampled_from([" = ", "   = "]))
        members = [f'name{equals}"{name}"', f'image{equals}"nginx"']
        members += [f"readonlyRootFilesystem{equals}{value}"] * bool(value)
        members = draw(st.permutations(members))
        if draw(st.booleans()):
            written.append(f"    {{ {', '.join(members)} }}")
        else:
            comma, comment = draw(st.sampled_from(["", ","])), draw(st.sampled_from(["", " # kept", " // kept"]))
            body = [f"      {item}{comma}{comment}" for item in members]
            written.append("\n".join(["    {", *body, "    }"]))
    containers = ",\n".join(written) + draw(st.sampled_from(["", ","]))
    lines = ['resource "aws_ecs_task_definition" "x" {', '  family = "x"', "  container_definitions = jsonencode(["]
    text = "\n".join([*lines, containers, "  ])", "}", *draw(st.sampled_from([[], [""]]))])
    return text.replace("\n", draw(st.sampled_from(["\n", "\r\n"])))


def report_of_fixed(path: str, content: bytes) -> Report:
    """Fix a file, and return the report after that. Check that undoing the fixes gives the file again."""
    workspace = Workspace().edited({path: content})
    judge = partial(pipeline.run, [path], settings=Settings())
    report = judge(workspace=workspace)
    wanted = [index for index, result in enumerate(report.results) if result.verdict == FAIL]
    proven = prove(
        report, [proposals(report, wanted, workspace)], lambda workspace: judge(workspace=workspace), workspace
    )
    assert proven.refusals == {}
    for edited_path, new in proven.contents.items():
        edits = distinct(edit for fix in proven.fixes.values() for edit in fix.edits)
        assert undone(new, edited_path, edits) == content
    return proven.report


MARKS = st.sampled_from([b"", b"\xef\xbb\xbf"])


@given(text=task_definitions(), mark=MARKS)
@settings(max_examples=60, deadline=None)
def test_every_container_in_json_is_fixed_and_nothing_else_changes(text: str, mark: bytes) -> None:
    report = report_of_fixed("task.json", mark + text.encode())

    assert report.count(PASS) == len(report.results)


@given(text=templates(), mark=MARKS)
@settings(max_examples=60, deadline=None)
def test_every_container_in_yaml_is_fixed_and_nothing_else_changes(text: str, mark: bytes) -> None:
    report = report_of_fixed("template.yaml", mark + text.encode())

    assert report.count(PASS) == len(report.results) > 0


@given(text=modules(), mark=MARKS)
@settings(max_examples=60, deadline=None)
def test_every_container_in_hcl_is_fixed_and_nothing_else_changes(text: str, mark: bytes) -> None:
    report = report_of_fixed("main.tf", mark + text.encode())

    assert report.count(PASS) == len(report.results) > 0


@given(
    st.text(min_size=1, max_size=20), st.lists(st.tuples(st.integers(0, 20), st.integers(0, 3), st.text(max_size=3)))
)
def test_edits_that_do_not_overlap_can_be_taken_back(text: str, drawn: list[tuple[int, int, str]]) -> None:
    source = Source("a", text, "json")
    places = [(min(start, len(text)), min(start + length, len(text)), new) for start, length, new in drawn]
    edits = distinct(Edit(Span(source, start, end), new) for start, end, new in places)
    if overlap(edits):
        return
    after = apply(text, edits)
    backward, moved = [], 0
    for edit in edits:
        start = edit.span.start + moved
        backward.append(Edit(Span(Source("a", after, "json"), start, start + len(edit.text)), edit.span.text))
        moved += len(edit.text) - (edit.span.end - edit.span.start)
    assert overlap(backward) or apply(after, backward) == text
