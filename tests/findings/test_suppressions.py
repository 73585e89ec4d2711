"""Test suppressions beyond the fixtures: days, partial runs, globs, and messages about invalid ones."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from places import ROOT

from ecs5lint.cli.main import main
from ecs5lint.files.workspace import Workspace
from ecs5lint.findings.suppressions.suppress import suppress
from ecs5lint.location import Source
from ecs5lint.model.result import FAIL, SUPPRESSED
from ecs5lint.parsers.comments import comments
from ecs5lint.parsers.task_definition import parse
from ecs5lint.rules import ecs5
from ecs5lint.settings.settings import ConfiguredSuppression, Settings

PAGE = (ROOT / "docs" / "suppressions.md").read_text(encoding="utf-8")

WEB = '{"family": "web", "containerDefinitions": [{"name": "app"}, {"name": "log"}]}'


@pytest.fixture(autouse=True)
def _directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def report(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    main(["--format", "json", *arguments])
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def verdicts(found: dict[str, Any]) -> list[str]:
    return [result["verdict"] for result in found["results"]]


def configured(
    suppression: ConfiguredSuppression, today: str = "2026-01-01", paths: list[str] | None = None
) -> tuple[list[str], list[str]]:
    """Return the verdicts on `app` and `log` of deploy/web.json, and the notices, with a suppression configured."""
    Path("deploy").mkdir(exist_ok=True)
    Path("deploy/web.json").write_text(WEB)
    workspace, settings = Workspace(), Settings(suppressions=(suppression,))
    (task_definition,) = parse(["deploy/web.json"], workspace, settings).task_definitions
    results = ecs5.judge(task_definition, Settings())
    results, notices = suppress(results, settings, comments, today=today, paths=paths)
    return [result.verdict for result in results], [notice.message for notice in notices]


@pytest.mark.parametrize(
    ("suppression", "covers"),
    [
        (ConfiguredSuppression("r", container="app"), "app"),
        (ConfiguredSuppression("r", container="?o*"), "log"),
        (ConfiguredSuppression("r", container="[al]*"), ""),
        (ConfiguredSuppression("r", container="APP"), ""),
        (ConfiguredSuppression("r", container="ap"), ""),
        (ConfiguredSuppression("r", address="w*"), "app log"),
        (ConfiguredSuppression("r", address="we"), ""),
        (ConfiguredSuppression("r", path="web.json"), "app log"),
        (ConfiguredSuppression("r", path="deploy/"), "app log"),
        (ConfiguredSuppression("r", path="./deploy/*.json"), "app log"),
        (ConfiguredSuppression("r", path="/web.json"), ""),
        (ConfiguredSuppression("r", path="./web.json"), ""),
        (ConfiguredSuppression("r", path="/web.json", directory="deploy"), "app log"),
        (ConfiguredSuppression("r", path="deploy/*.json", directory="deploy"), ""),
        (ConfiguredSuppression("r", path="deploy/**", address="web", container="log"), "log"),
        (ConfiguredSuppression("r", path="deploy/**", address="api", container="log"), ""),
    ],
)
def test_globs(suppression: ConfiguredSuppression, covers: str) -> None:
    found, notices = configured(suppression)
    assert found == [SUPPRESSED if name in covers.split() else FAIL for name in ("app", "log")]
    assert bool(notices) is not bool(covers)


@pytest.mark.parametrize(("path", "address", "container"), [("**", "*", "*"), ("*", "*", "**"), ("**/*", "**", "*")])
def test_an_exception_that_matches_everything_is_a_warning(path: str, address: str, container: str) -> None:
    found, notices = configured(ConfiguredSuppression("r", path, address, container))
    assert found == [SUPPRESSED, SUPPRESSED]
    assert notices == ["this exception matches every finding: name a path, an address or a container"]


def test_a_glob_cannot_run_away() -> None:
    assert configured(ConfiguredSuppression("r", container="*a" * 60 + "b"))[0] == [FAIL, FAIL]


@pytest.mark.parametrize(("today", "covers"), [("2026-01-30", True), ("2026-01-31", True), ("2026-02-01", False)])
def test_the_last_day(today: str, covers: bool) -> None:
    found, notices = configured(ConfiguredSuppression("r", container="app", expires="2026-01-31"), today)
    assert found == [SUPPRESSED if covers else FAIL, FAIL]
    expired = 'suppression expired on 2026-01-31; it no longer applies to container "app"'
    assert notices == ([] if covers else [expired])


@pytest.mark.parametrize(
    ("suppression", "paths", "is_said"),
    [
        (ConfiguredSuppression("r", path="other.json"), None, True),
        (ConfiguredSuppression("r", path="other.json"), ["."], True),
        (ConfiguredSuppression("r", path="other.json"), ["deploy"], False),
        (ConfiguredSuppression("r", path="deploy/web.json", container="gone"), ["deploy/web.json"], True),
        (ConfiguredSuppression("r", address="other"), ["deploy/web.json"], False),
        (ConfiguredSuppression("r", address="web", container="gone"), ["deploy/web.json"], True),
        (ConfiguredSuppression("r", container="gone", directory="deploy"), ["deploy"], True),
    ],
)
def test_what_covers_nothing_is_said_by_a_run_that_can_tell(
    suppression: ConfiguredSuppression, paths: list[str] | None, is_said: bool
) -> None:
    assert configured(suppression, paths=paths) == (
        [FAIL, FAIL],
        ["unused suppression: no finding matches it"] if is_said else [],
    )


def test_a_run_in_a_directory_says_nothing_of_those_beside_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in (".git", "deploy"):
        Path(name).mkdir()
    Path("deploy/web.json").write_text(WEB)
    Path("ecs5lint.toml").write_text('exceptions = [{path = "other/", reason = "a reason"}]')
    assert len(report(capsys)["warnings"]) == 1
    monkeypatch.chdir("deploy")
    assert report(capsys)["warnings"] == []


def test_a_run_with_errors_does_not_say_what_covers_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    Path("web.yaml").write_text(
        "containerDefinitions:\n  # ecs5lint: ignore[ECS5] a reason\n  - {name: a, readonlyRootFilesystem: true}\n"
    )
    assert len(report(capsys)["warnings"]) == 1
    Path("broken.json").write_text('{"containerDefinitions": [}')
    assert report(capsys)["warnings"] == []


def test_only_files_that_were_judged_are_looked_at(capsys: pytest.CaptureFixture[str]) -> None:
    Path("web.json").write_text(WEB)
    Path("compose.yaml").write_text("services: {web: {image: a}} # ecs5lint: ignore[ECS5] a reason\n")
    Path("main.tf").write_text("# ecs5lint: ignore[ECS5] a reason\nlocals {}\n")
    assert report(capsys)["warnings"] == []


def test_the_first_in_this_order_counts(capsys: pytest.CaptureFixture[str]) -> None:
    kinds = []
    comment, metadata, skip = "# ecs5lint: ignore[ECS5] a", "{ecs5lint: {ignore: [{rule: ECS5, reason: b}]}}", "checkov"
    Path("ecs5lint.toml").write_text('[[exceptions]]\npath = "**"\nreason = "c"\n')
    for own, other in ((comment, metadata), ("", metadata), ("", "{}")):
        Path("template.yaml").write_text(
            f"Resources:\n  Task:\n    # {skip}:skip=CKV_AWS_336:d\n    Type: AWS::ECS::TaskDefinition\n"
            f"    Metadata: {other}\n    Properties:\n      ContainerDefinitions:\n        - {{Name: a}} {own}\n"
        )
        kinds += [result["suppression"]["kind"] for result in report(capsys)["results"]]
    Path("ecs5lint.toml").unlink()
    kinds += [result["suppression"]["kind"] for result in report(capsys)["results"]]
    assert kinds == ["comment", "metadata", "configuration", "checkov"]


def test_a_resource_that_is_judged_twice_is_idle_only_if_it_is_twice(capsys: pytest.CaptureFixture[str]) -> None:
    Path("module").mkdir()
    Path("module/main.tf").write_text(
        'variable "ro" {}\nresource "aws_ecs_task_definition" "a" {\n  container_definitions = jsonencode([\n'
        '    { name = "a", readonlyRootFilesystem = var.ro } # ecs5lint: ignore[ECS5] a reason\n  ])\n}\n'
    )
    call = 'module "{0}" {{\n  source = "./module"\n  ro = {0}\n}}\n'
    Path("main.tf").write_text(call.format("true") + call.format("false"))
    found = report(capsys)
    assert (sorted(verdicts(found)), found["warnings"]) == (["pass", "suppressed"], [])
    Path("main.tf").write_text(call.format("true"))
    found = report(capsys)
    assert verdicts(found) == ["pass"]
    assert [item["message"] for item in found["warnings"]] == ['unused suppression: container "a" has no finding']


def test_loops_have_metadata_of_their_own(capsys: pytest.CaptureFixture[str]) -> None:
    Path("template.yaml").write_text(
        "Transform: AWS::LanguageExtensions\nResources:\n  Fn::ForEach::Tasks:\n    - Name\n    - [Web, Api]\n"
        "    - Task${Name}:\n        Type: AWS::ECS::TaskDefinition\n"
        "        Metadata: {ecs5lint: {ignore: [{rule: ECS5, reason: a reason, container: 'Web'}]}}\n"
        "        Properties: {ContainerDefinitions: [{Name: '${Name}'}]}\n"
    )
    found = report(capsys)
    assert verdicts(found) == ["fail", "suppressed"]
    assert found["warnings"] == []


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_comments_are_found(line_end: str) -> None:
    yaml = (
        "# 1\na: \"# no\" # 2\nb: |\n  # no\n# 3\nc: d#no # 4\ne: [1, # 5\n 2]\nf: &x # 6\n  g: 'it''s # no'\n"
        "\U0001f600: *x # 7\n"
    ).replace("\n", line_end)
    hcl = '# 1\na = "# no ${b("// no")}" // 2\nc = <<EOF\n# no\nEOF\nd = 1 /* 3 */ + 2 # 4\n'.replace("\n", line_end)
    for text, syntax, count in ((yaml, "yaml", 7), (hcl, "hcl", 4), ('{"a": "# no"}', "json", 0)):
        found = [span.text.strip("#/* ") for span in comments(Source("file", text, syntax))]
        assert found == [str(number + 1) for number in range(count)]


def test_comments_of_a_broken_text_are_found_as_far_as_it_goes() -> None:
    for text, syntax in (('# 1\na: "\n# no', "yaml"), ('# 1\na = "\n# no', "hcl")):
        assert [span.text for span in comments(Source("file", text, syntax))] == ["# 1"]


def test_the_page_has_examples_that_work(capsys: pytest.CaptureFixture[str]) -> None:
    blocks = re.findall(r"```(hcl|yaml|toml)\n(.*?)```", PAGE, re.DOTALL)
    assert [language for language, _ in blocks] == ["hcl", "yaml", "yaml", "toml"]
    Path("deploy").mkdir()
    Path("deploy/task.json").write_text('{"family": "web-1", "containerDefinitions": [{"name": "datadog-agent"}]}')
    for number, (language, text) in enumerate(blocks):
        name = {"hcl": "main.tf", "yaml": f"{number}.yaml", "toml": "ecs5lint.toml"}[language]
        Path(name).write_text(text)
    found = report(capsys)
    assert verdicts(found) == ["suppressed"] * 5
    assert found["warnings"] == []


def test_a_run_without_suppressions_imports_nothing_of_them() -> None:
    Path("web.json").write_text(WEB)
    program = "import sys; from ecs5lint.cli.main import main; main(['web.json']); print(*sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True)
    assert {"ecs5lint.findings.suppressions.suppress", "ecs5lint.findings.baseline"}.isdisjoint(done.stderr.split())
