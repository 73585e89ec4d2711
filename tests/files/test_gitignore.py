"""Compare ignored and tracked files with `git check-ignore` on random trees.

For a long run:

    ECS5LINT_GITIGNORE_TREES=2000 pytest tests/files/test_gitignore.py

ECS5LINT_GITIGNORE_SEED selects other trees.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from ecs5lint.files import git_index
from ecs5lint.files.wildmatch import PatternList, lines_of
from ecs5lint.files.workspace import Workspace
from ecs5lint.project.discovery import discover

TREES = int(os.environ.get("ECS5LINT_GITIGNORE_TREES", "30"))
SEED = int(os.environ.get("ECS5LINT_GITIGNORE_SEED", "0"))

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="there is no git")

TASK_DEFINITION = '{"family": "f", "containerDefinitions": [{"name": "web", "image": "a"}]}'
ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "XDG_CONFIG_HOME": os.devnull,
}

#: The parts of random patterns and names.
PIECES = (
    b"a b c ab x * ** ? / / /** **/ [ab] [!a] [^b] [a-c] [c-a] []a] [!]a] [a- [ ] \\ \\* \\a [\\]a] [a\\-c] [[:foo:]] "
    b"[[:]a] [a-[:alpha:]] . - ! # *** **\\/ \\/ \xc3\xa4 [\xc3-\xc4] [/] [!/] [[:alpha:]] [[:upper:]x] [[:punct:]] "
    b"[[:space:]] [[:cntrl:]] [[:print:]] [[:graph:]] [[:blank:]] [[:xdigit:]] [[:lower:]] [[:digit:]] [[:alnum:]] "
    b"_ \t \\_ \r"
).split(b" ")
NAMES = b"a b c ab abc aa x xa A - [ ] * \\ \xc3\xa4 ! #a a.b \x7f ~ abab aab a_b a_ a\t a\r".split(b" ")
PIECES, NAMES = ([text.replace(b"_", b" ") for text in texts] for texts in (PIECES, NAMES))


def git(directory: Path, *arguments: str, given: bytes = b"") -> bytes:
    run = subprocess.run(["git", *arguments], cwd=directory, env=ENVIRONMENT, input=given, capture_output=True)
    assert run.returncode in (0, 1), run.stderr
    return run.stdout


def random_patterns(chance: random.Random) -> bytes:
    lines = []
    for _ in range(chance.randint(1, 5)):
        line = b"".join(chance.choices(PIECES, k=chance.randint(1, 5)))
        lines.append(b"!" * (chance.random() < 0.3) + line + b"/" * (chance.random() < 0.2))
    return b"\n".join(lines) + b"\n" * (chance.random() < 0.8)


def make_random_tree(root: Path, chance: random.Random) -> None:
    """Write files, patterns in some directories and in .git/info/exclude, and add some files to the index."""
    directories = [os.fsencode(root)]
    for _ in range(chance.randint(2, 8)):
        directory = os.path.join(chance.choice(directories), chance.choice(NAMES))
        os.makedirs(directory, exist_ok=True)
        directories.append(directory)
    files = []
    for directory in directories:
        for name in chance.sample(NAMES, 4):
            path = os.path.join(directory, name)
            if not os.path.lexists(path):
                Path(os.fsdecode(path)).write_text(TASK_DEFINITION)
                files.append(os.path.relpath(path, os.fsencode(root)))
    for directory in chance.sample(directories, min(len(directories), 3)):
        Path(os.fsdecode(os.path.join(directory, b".gitignore"))).write_bytes(random_patterns(chance))
    if chance.random() < 0.3:
        (root / ".git" / "info" / "exclude").write_bytes(random_patterns(chance))
    tracked = [path for path in files if chance.random() < 0.1]
    if tracked:
        git(root, "update-index", "--add", "-z", "--stdin", given=b"\0".join(tracked))


def kept_by_git(root: Path) -> set[str]:
    """Return the files that Git tracks or would add."""
    listed = git(root, "ls-files", "-z", "--cached", "--others", "--exclude-standard").split(b"\0")
    return {os.fsdecode(path) for path in listed if path}


def kept_here(root: Path) -> set[str]:
    """Return the files that the walk finds, regardless of their names and content."""
    from ecs5lint.project.walk import Walk

    before = os.getcwd()
    os.chdir(root)
    try:
        walk = Walk(Workspace(), None, respect_gitignore=True)
        kept = {path for path, ignore in walk.files(".") if not (ignore and ignore.ignores(path))}
        assert walk.notices == []
    finally:
        os.chdir(before)
    return kept


def compare(directory: Path, seed: int) -> None:
    root = directory / str(seed)
    root.mkdir()
    git(root, "init", "-q")
    make_random_tree(root, random.Random(seed))
    assert kept_here(root) == kept_by_git(root), seed
    shutil.rmtree(root)


@needs_git
def test_random_trees(tmp_path: Path) -> None:
    for seed in range(SEED * 1_000_000, SEED * 1_000_000 + TREES):
        compare(tmp_path, seed)


@needs_git
def test_random_patterns(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    chance = random.Random(7)
    for _ in range(100):
        content = random_patterns(chance)
        (tmp_path / ".gitignore").write_bytes(content)
        patterns = PatternList(lines_of(content))
        paths = list({b"/".join(chance.choices(NAMES, k=chance.randint(1, 4))) for _ in range(25)})
        given = b"".join(path + b"\0" for path in paths)
        said = git(tmp_path, "check-ignore", "-v", "-n", "-z", "--stdin", "--no-index", given=given).split(b"\0")
        assert [deciding(patterns, path) for path in paths] == said[2::4], content


def deciding(patterns: PatternList, path: bytes) -> bytes:
    """Return the pattern that decides about a file, as Git names it, or nothing."""
    names = path.split(b"/")
    for count in range(1, len(names)):
        match = patterns.last_match(b"/".join(names[:count]), is_directory=True)
        if match and not match.is_negative:
            return match.line
    match = patterns.last_match(path, is_directory=False)
    return match.line if match else b""


@pytest.mark.parametrize(
    "line", [b"*a*b*c*d*e", b"**/a*a*a*b", b"[!b]*" * 20 + b"b", b"a?*" * 50 + b"b", b"**/*/" * 50 + b"b"]
)
def test_a_pattern_takes_time_linear_in_the_path(line: bytes) -> None:
    patterns = PatternList([line])
    begun = time.process_time()
    for path in (b"a" * 4000, b"a/" * 2000 + b"a"):
        assert patterns.last_match(path, is_directory=False) is None
    assert time.process_time() - begun < 1


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "tree"
    root.mkdir()
    monkeypatch.chdir(root)
    return root


def write(path: str, text: str = TASK_DEFINITION) -> None:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(text)


def found(*paths: str) -> tuple[list[str], list[str]]:
    """Return the discovered task definitions, and the notices."""
    discovered = discover(paths or (".",), Workspace(paths))
    notices = [f"{notice.path}: {notice.message}" for notice in discovered.notices]
    return discovered.inputs.get("task-definition", []), notices


@needs_git
@pytest.mark.parametrize("version", ["2", "3", "4"])
def test_a_tracked_file_is_never_ignored(tree: Path, version: str) -> None:
    git(tree, "init", "-q")
    write("task.json")
    write("build/deep/task.json")
    write("build/other.json")
    write("build/deep/.gitignore", "!*.json\n")
    write("none/task.json")
    write(".gitignore", "*.json\nbuild/\nnone\n")
    git(tree, "add", "-f", "task.json", "build/deep/task.json")
    if version == "3":
        git(tree, "add", "-f", "--intent-to-add", "none/task.json")
    git(tree, "update-index", "--index-version", version)
    kept = ["build/deep/task.json", "task.json"] + ["none/task.json"] * (version == "3")
    assert found() == (sorted(kept), [])


@needs_git
def test_a_split_index(tree: Path) -> None:
    git(tree, "init", "-q")
    write(".gitignore", "*.json\n")
    for name in ("a.json", "b.json", "c.json"):
        write(name)
    git(tree, "add", "-f", "a.json")
    git(tree, "update-index", "--split-index")
    git(tree, "add", "-f", "b.json")
    assert found() == (["a.json", "b.json"], [])


@needs_git
@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
def test_a_worktree_and_a_submodule(tree: Path, algorithm: str) -> None:
    for name in ("whole", "part"):
        write(f"{name}/.gitignore", "*.json\n")
        write(f"{name}/task.json")
        git(tree / name, "init", "-q", f"--object-format={algorithm}")
        git(tree / name, "add", "-f", ".")
        git(tree / name, "-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "-q", "-m", "a")
    allowed = ("-c", "protocol.file.allow=always")
    git(tree / "whole", *allowed, "submodule", "add", "-q", "../part", "sub")
    git(tree / "whole", "worktree", "add", "-q", "../other")
    (tree / "whole" / ".git" / "info" / "exclude").write_text("local\n")
    write("whole/sub/new.json")
    write("other/new.json")
    write("other/local/task.yaml", "family: f\ncontainerDefinitions: []\n")
    assert found("whole") == (["whole/sub/task.json", "whole/task.json"], [])
    assert found("whole/sub") == (["whole/sub/task.json"], [])
    assert found("other") == (["other/task.json"], [])


@needs_git
def test_the_working_directory_below_the_root(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    git(tree, "init", "-q")
    write(".gitignore", "/sub/a/*.json\n")
    write("sub/.gitignore", "!/a/kept.json\n")
    for name in ("kept", "tracked", "ignored"):
        write(f"sub/a/{name}.json")
    git(tree, "add", "-f", "sub/a/tracked.json")
    monkeypatch.chdir(tree / "sub")
    assert found() == (["a/kept.json", "a/tracked.json"], [])
    assert found("a") == (["a/kept.json", "a/tracked.json"], [])
    assert found("..") == (["../sub/a/kept.json", "../sub/a/tracked.json"], [])


@pytest.mark.parametrize("content", [b"", b"DIRC", b"DIRC\0\0\0\x09" + bytes(40), os.urandom(300)])
def test_a_broken_index_ignores_nothing(tree: Path, content: bytes) -> None:
    write(".gitignore", "*.json\n")
    write("task.json")
    (tree / ".git").mkdir()
    (tree / ".git" / "index").write_bytes(content)
    kept, (notice,) = found()
    assert kept == ["task.json"]
    assert notice.startswith(".git/index: can't read Git's index, so nothing is ignored by Git: ")


def test_the_index_is_not_read_without_need(tree: Path) -> None:
    write(".gitignore", "*.txt\n")
    write("task.json")
    write(".git/index", "broken")
    assert found() == (["task.json"], [])


@needs_git
def test_an_index_that_is_cut_is_refused(tree: Path) -> None:
    git(tree, "init", "-q")
    for number in range(20):
        write(f"{number}/file.json")
    git(tree, "add", ".")
    for version in ("2", "4"):
        git(tree, "update-index", "--index-version", version)
        content = (tree / ".git" / "index").read_bytes()
        assert len(git_index.parse(content).paths) == 20
        for end in range(0, len(content) - 20, 7):
            with pytest.raises(ValueError, match=r"^it "):
                git_index.parse(content[:end] + bytes(20))


def test_a_pattern_that_is_too_long(tree: Path) -> None:
    write(".gitignore", "*.json\n!*" + "[a]" * 1000 + "\n")
    write("task.json")
    assert found() == (["task.json"], [".gitignore: skipped the pattern in line 2: it is too long"])


def test_too_many_wildcards(tree: Path) -> None:
    write("a/.gitignore", "".join(f"*a{number}*b\n" for number in range(5000)) + "task.json\n")
    write("a/task.json")
    write("b/task.json")
    write(".gitignore", "task.json\n")
    kept, notices = found()
    assert kept == ["a/task.json"]
    assert notices == ["a/.gitignore: skipped: it has more than 10000 wildcards, so nothing below is ignored by Git"]


def test_a_link_is_no_directory_and_no_file_of_patterns(tree: Path) -> None:
    write(".git/HEAD", "")
    write(".gitignore", "node_modules\nlink/\n")
    write("patterns", "*\n")
    write("a/task.json")
    write("node_modules/b/task.json")
    os.symlink("../patterns", "a/.gitignore")
    os.symlink("node_modules/b", "link")
    assert found() == (["a/task.json", "link/task.json"], [])


@pytest.mark.parametrize(
    ("content", "ignored"),
    [
        (b"\xef\xbb\xbftask.json", True),
        (b"task.json\r\n", True),
        (b"task.json \n", True),
        (b"task.json\\ \n", False),
        (b"task.json\t\n", False),
        (b" task.json\n", False),
        (b"task.json\0x\n", True),
        (b"\\task.json\n", True),
        (b"task.json\\\n", False),
        (b"*.json\n!/\n!\n", True),
        (b"[t-a]*.json\n", True),
        (b"[u-a]*.json\n", False),
        (b"\xff*\n*.json\n", True),
    ],
)
def test_lines(tree: Path, content: bytes, ignored: bool) -> None:
    write("task.json")
    (tree / ".gitignore").write_bytes(content)
    assert found()[0] == ([] if ignored else ["task.json"])
