"""Check the documentation: its examples, commands, options, links and pipelines work as shown."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml
from places import ROOT

from ecs5lint import __version__
from ecs5lint.cli.arguments import parse
from ecs5lint.cli.main import main
from ecs5lint.model.result import SUPPRESSION_KINDS, VERDICTS
from ecs5lint.rules import RULES

DOCS = ROOT / "docs"
PIPELINES = DOCS / "pipelines"
PAGES = {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in sorted(DOCS.rglob("*.md"))}
PAGES["README.md"] = (ROOT / "README.md").read_text(encoding="utf-8")

#: Options of other programs in the pages: of cfn-lint, checkov, git, docker and aws.
OTHER_OPTIONS = set(
    (
        "--append-rules --configure-rule --create-baseline --ignore-checks --parameters --diff-filter --include --name "
        "--install-extension --name-only --read-only --rm --task-definition --value --volume"
    ).split()
)

FAILING = '{"family": "web", "containerDefinitions": [{"name": "web", "image": "web"}]}\n'
CLEAN = FAILING.replace('"image"', '"readonlyRootFilesystem": true, "image"')

PACKAGE = f"ecs5lint=={__version__}"

needs_bash = pytest.mark.skipif(
    os.name != "posix" or shutil.which("bash") is None, reason="needs a POSIX system with bash"
)


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGES[page], re.DOTALL)


def anchors(page: str) -> set[str]:
    """Return the anchors that GitHub creates for the headings of a page."""
    headings = re.findall(r"^#+ (.*)$", page, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES)
def test_links(page: str) -> None:
    text = re.sub(r"```.*?```", "", PAGES[page], flags=re.DOTALL)
    for place in re.findall(r"\]\(([^)\s]+)\)", text):
        if not place.startswith("https://"):
            name, _, anchor = place.partition("#")
            target = (ROOT / page).parent / name if name else ROOT / page
            assert target.exists(), place
            assert not anchor or anchor in anchors(target.read_text(encoding="utf-8")), place


def test_the_index_has_every_page() -> None:
    index = {f"docs/{place}" for place in re.findall(r"\]\(([\w/-]+\.md)\)", PAGES["docs/README.md"])}
    assert index | {"docs/README.md", "README.md"} == PAGES.keys()


def test_options(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    option = r"(?<![\w-])--[a-z][a-z-]*"
    options = set(re.findall(option, capsys.readouterr().out))
    assert options == set(re.findall(option, PAGES["docs/command-line.md"])) - {"--task-definition"}
    assert set(re.findall(option, " ".join(PAGES.values()))) <= options | OTHER_OPTIONS


def commands(page: str) -> Iterator[list[str]]:
    """Yield the arguments of each call of the linter in a page."""
    shown = blocks(page, "sh") + [text.replace("\n$ ", "\n") for text in blocks(page, "console")]
    for line in "".join(shown).splitlines():
        for command in re.split(r"\||&&", line):
            match = re.match(r"\s*(?:\$ |(xargs -r) )?(?:\.venv/bin/)?ecs5lint(?!:)\b(.*)", command)
            if match:
                yield shlex.split(match[2], comments=True) + ["FILE"] * bool(match[1])


def test_commands() -> None:
    found = [(page, arguments) for page in PAGES for arguments in commands(page)]
    assert len(found) > 20
    for page, arguments in found:
        assert parse(arguments), page


def test_the_rooms_of_the_architecture() -> None:
    steps = re.findall(r"^\| \d+ \|[^|]*\|([^|]*)\|", PAGES["docs/architecture.md"], re.MULTILINE)
    rooms = [room for step in steps for room in re.findall("`(.*?)`", step)]
    assert len(rooms) > 10
    assert [room for room in rooms if not (ROOT / "ecs5lint" / room).exists()] == []


def test_verdicts() -> None:
    listed = re.findall(r"^\| `(\w+)` \|", PAGES["docs/exit-codes.md"], re.MULTILINE)
    assert tuple(listed) == VERDICTS


def test_the_keys_of_the_json_report(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    main(["examples/task-definition.json", "--format", "json"])
    (result,) = json.loads(capsys.readouterr().out)["results"]
    reasons = [reason for rule in RULES.values() for reason in rule.logic().REASONS]
    rows = dict(re.findall(r"^\| `(\w+)` \| (.*) \|$", PAGES["docs/json.md"], re.MULTILINE))
    assert list(rows) == list(result)
    assert set(re.findall(r"`([a-z-]+)`", rows["reason"])) == set(reasons)
    assert re.findall(r"`([a-z-]+)`", rows["suppression"].partition("the kinds are")[2]) == list(SUPPRESSION_KINDS)
    assert set(re.findall(r"`(\w+)`", rows["verdict"])) == set(VERDICTS)


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a directory at the start of PATH: with the linter under test, and a pip that installs nothing."""
    path = tmp_path / "programs"
    path.mkdir()
    linter = f'#!/bin/sh\nexec "{sys.executable}" -I -m ecs5lint "$@"\n'
    venv = 'mkdir -p .venv/bin && cp "$(dirname "$0")/pip" "$(dirname "$0")/ecs5lint" .venv/bin'
    for name, script in {
        "ecs5lint": linter,
        "pip": f'#!/bin/sh\n[ "$*" = "install --quiet {PACKAGE}" ]\n',
        "python3": f'#!/bin/sh\n[ "$*" = "-m venv .venv" ] && {venv}\n',
    }.items():
        (path / name).write_text(script)
        (path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(path), prepend=os.pathsep)
    return path


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "tree"
    (path / ".git").mkdir(parents=True)
    monkeypatch.chdir(path)
    return path


def bash(script: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False, timeout=60)


@needs_bash
@pytest.mark.usefixtures("programs", "tree")
@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page, "console")])
def test_examples(page: str) -> None:
    for name, content in re.findall(r"`([^`\n]+)`:\n\n```\w*\n(.*?)```", PAGES[page], re.DOTALL):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(content)
    for block in blocks(page, "console"):
        lines = block.splitlines(keepends=True)
        script = "".join(line.removeprefix("$ ") for line in lines if line.startswith("$ "))
        assert bash(script).stdout == "".join(line for line in lines if not line.startswith("$ "))


@pytest.mark.parametrize(
    ("page", "language", "name"),
    [
        ("docs/pre-commit.md", "yaml", "pre-commit-config.yaml"),
        ("docs/ci.md", "yaml", "github.yml"),
        ("docs/ci.md", "yaml", "gitlab-ci.yml"),
        ("docs/ci.md", "yaml", "buildspec.yml"),
        ("docs/ci.md", "groovy", "Jenkinsfile"),
    ],
)
def test_pipelines_are_shown_as_they_are(page: str, language: str, name: str) -> None:
    assert (PIPELINES / name).read_text(encoding="utf-8") in blocks(page, language)


def load(name: str) -> Any:
    return yaml.safe_load((PIPELINES / name).read_text(encoding="utf-8"))


def is_code_quality(path: str) -> bool:
    return [finding["check_name"] for finding in json.loads(Path(path).read_text())] == ["ECS5"]


def is_junit(path: str) -> bool:
    return ElementTree.parse(path).getroot().get("tests") == "1"


@needs_bash
@pytest.mark.usefixtures("programs")
@pytest.mark.parametrize(("content", "code"), [(FAILING, 1), (CLEAN, 0)])
def test_gitlab(content: str, code: int, tree: Path) -> None:
    (tree / "task.json").write_text(content)
    job = load("gitlab-ci.yml")["ecs5lint"]
    done = bash("set -e\n" + "\n".join(job["script"]))
    assert done.returncode == code
    assert done.stdout.startswith("task.json:1:44: error: ") == bool(code)
    reports = job["artifacts"]["reports"]
    assert is_code_quality(reports["codequality"]) == bool(code)
    assert is_junit(reports["junit"])
    assert job["artifacts"]["when"] == "always"


@needs_bash
@pytest.mark.usefixtures("programs")
@pytest.mark.parametrize(("content", "code"), [(FAILING, 1), (CLEAN, 0)])
def test_codebuild(content: str, code: int, tree: Path) -> None:
    (tree / "task.json").write_text(content)
    build = load("buildspec.yml")
    script = [command for phase in ("install", "build") for command in build["phases"][phase]["commands"]]
    assert bash("set -e\n" + "\n".join(script)).returncode == code
    (report,) = build["reports"].values()
    assert report["file-format"] == "JUNITXML"
    assert all(map(is_junit, report["files"]))


@needs_bash
@pytest.mark.usefixtures("programs")
@pytest.mark.parametrize(("content", "code"), [(FAILING, 1), (CLEAN, 0)])
def test_jenkins(content: str, code: int, tree: Path) -> None:
    (tree / "task.json").write_text(content)
    pipeline = (PIPELINES / "Jenkinsfile").read_text(encoding="utf-8")
    (script,) = re.findall(r"sh '''(.*?)'''", pipeline, re.DOTALL)
    assert bash("set -e\n" + script).returncode == code
    assert is_junit(re.findall(r"testResults: '([^']+)'", pipeline)[0])
    assert pipeline.count("{") == pipeline.count("}")


def test_github(tmp_path: Path) -> None:
    action = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    _, lint, upload = load("github.yml")["jobs"]["ecs5lint"]["steps"]
    assert lint["with"].keys() <= action["inputs"].keys()
    used = re.findall(rf"steps\.{lint['id']}\.outputs\.([\w-]+)", json.dumps(upload))
    assert set(used) == {"sarif"} <= action["outputs"].keys()
    rows = set(re.findall(r"^\| `([\w-]+)` \|", PAGES["docs/ci.md"], re.MULTILINE))
    assert rows == action["inputs"].keys() | action["outputs"].keys()
    zizmor = shutil.which("zizmor", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    if zizmor is None:
        pytest.skip("zizmor is not installed")
    workflow = tmp_path / ".github" / "workflows" / "ecs5lint.yml"
    workflow.parent.mkdir(parents=True)
    workflow.write_text((PIPELINES / "github.yml").read_text(encoding="utf-8").replace("COMMIT", "0" * 39 + "1"))
    command = [zizmor, "--offline", "--no-progress", "--persona", "pedantic", "--format", "plain", str(workflow)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout
