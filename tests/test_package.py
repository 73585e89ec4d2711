"""Check the package: what it consists of, and that it is the same in each build."""

from __future__ import annotations

import re
import runpy
import shutil
import subprocess
import sys
import tarfile
from email import message_from_string
from pathlib import Path
from zipfile import ZipFile

import pytest
from places import ROOT

import ecs5lint.rules
from ecs5lint import __version__
from ecs5lint.rules import RULES

SET_OWNER = runpy.run_path(str(ROOT / "scripts" / "set-owner"))
#: Files about the placeholder itself.
ABOUT_IT = {"scripts/set-owner", "tests/test_package.py"}


def tracked() -> list[str]:
    """Return the files of the repository."""
    if not (ROOT / ".git").exists():
        pytest.skip("this is not a clone of the repository")
    git = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(git, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return sorted(path for path in listed.split("\0") if (ROOT / path).is_file())


def test_the_placeholder_is_only_in_the_listed_places() -> None:
    texts = {path: (ROOT / path).read_bytes() for path in tracked() if path not in ABOUT_IT}
    found = {path: len(re.findall(rb"\bOWNER\b", text)) for path, text in texts.items()}
    counts = {path: count for path, count in found.items() if count}
    # After the owner has been set, there is none.
    assert counts in (SET_OWNER["PLACES"], {})


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Return a directory with the script and its files."""
    for path in (*SET_OWNER["PLACES"], "scripts/set-owner", "ecs5lint/__init__.py"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / path, tmp_path / path)
    if "OWNER" not in (tmp_path / "README.md").read_text(encoding="utf-8"):
        pytest.skip("the owner has been set")
    return tmp_path


def set_owner(directory: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(directory / "scripts" / "set-owner"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)


def test_the_owner_is_set_once(copy: Path) -> None:
    assert set_owner(copy, "Some-One1").returncode == 0
    assert "repo: https://github.com/Some-One1/ecs5lint\n" in (copy / "docs/pre-commit.md").read_text(encoding="utf-8")
    assert all("OWNER" not in (copy / path).read_text(encoding="utf-8") for path in SET_OWNER["PLACES"])
    names = runpy.run_path(str(copy / "ecs5lint" / "__init__.py"))
    assert names["DOCUMENTATION"] == "https://some-one1.github.io/ecs5lint/latest/"
    assert "has been set already" in set_owner(copy, "other").stderr


@pytest.mark.parametrize("arguments", [(), ("a b",), ("-a",), ("a/b",), ("a", "b")])
def test_an_invalid_name_changes_nothing(arguments: tuple[str, ...], copy: Path) -> None:
    assert "usage: " in set_owner(copy, *arguments).stderr
    assert "OWNER" in (copy / "README.md").read_text(encoding="utf-8")


def test_a_rule_has_a_page_once_the_documentation_has_an_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ecs5lint.rules, "DOCUMENTATION", "")
    assert RULES["ECS5"].page == RULES["ECS5"].url
    monkeypatch.setattr(ecs5lint.rules, "DOCUMENTATION", "https://a.github.io/ecs5lint/")
    assert RULES["ECS5"].page == "https://a.github.io/ecs5lint/rules/ECS5/"


def test_the_pages_name_this_version() -> None:
    pages = [
        ROOT / "README.md",
        *(ROOT / "docs").rglob("*.md"),
        *(ROOT / "docs" / "pipelines").iterdir(),
        *(ROOT / "examples").glob("*.json"),
    ]
    text = "\n".join(page.read_text(encoding="utf-8") for page in pages)
    named = re.findall(
        r"ecs5lint@v([\d.]*\d)|ecs5lint@COMMIT # v([\d.]*\d)|ecs5lint==([\d.]*\d)|/ecs5lint:([\d.]*\d)", text
    )
    of_hooks = re.findall(r"/ecs5lint\n +rev: v([\d.]*\d)", text)
    assert named
    assert of_hooks
    (cited,) = re.findall(r"^version: (.*)$", (ROOT / "CITATION.cff").read_text(encoding="utf-8"), re.MULTILINE)
    assert cited == __version__
    assert {next(filter(None, versions)) for versions in named} | set(of_hooks) == {__version__}


@pytest.fixture(scope="module")
def builds(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Return the directories of two builds, each with a source distribution and a wheel."""
    pytest.importorskip("hatchling", reason="hatchling is not installed")
    pytest.importorskip("hatch_fancy_pypi_readme", reason="hatch-fancy-pypi-readme is not installed")
    paths = [tmp_path_factory.mktemp("build") for _ in range(2)]
    for path in paths:
        command = [sys.executable, "-m", "hatchling", "build", "-d", str(path)]
        subprocess.run(command, cwd=ROOT, capture_output=True, check=True, timeout=300)
    return paths


def test_two_builds_have_the_same_bytes(builds: list[Path]) -> None:
    first, second = ({file.name: file.read_bytes() for file in path.iterdir()} for path in builds)
    assert sorted(first) == [f"ecs5lint-{__version__}-py3-none-any.whl", f"ecs5lint-{__version__}.tar.gz"]
    assert first == second


def test_the_source_distribution_has_every_file(builds: list[Path]) -> None:
    with tarfile.open(builds[0] / f"ecs5lint-{__version__}.tar.gz") as archive:
        names = [name.partition("/")[2] for name in archive.getnames()]
    assert sorted(names) == sorted([*tracked(), "PKG-INFO"])


def test_the_wheel_has_the_package_alone(builds: list[Path]) -> None:
    with ZipFile(builds[0] / f"ecs5lint-{__version__}-py3-none-any.whl") as wheel:
        names = wheel.namelist()
        metadata = message_from_string(wheel.read(f"ecs5lint-{__version__}.dist-info/METADATA").decode())
    assert {name.partition("/")[0] for name in names} == {"ecs5lint", f"ecs5lint-{__version__}.dist-info"}
    rules = [f"ecs5lint/explanations/{rule}.md" for rule in RULES]
    assert {"ecs5lint/py.typed", "ecs5lint/schemas/report.json", "ecs5lint/reports/html/page.js", *rules} <= set(names)
    links = re.findall(r"\]\(([^)]+)\)", str(metadata.get_payload()))
    assert len(links) > 10
    assert all(link.startswith("https://") for link in links)
    in_files = [link.partition(f"/ecs5lint/blob/v{__version__}/")[2] for link in links]
    assert all((ROOT / path.partition("#")[0]).exists() for path in in_files)
