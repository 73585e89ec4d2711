"""Check the layout: the picture in CONTRIBUTING.md shows which room imports which."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from places import FIXTURES, ROOT

PACKAGE = ROOT / "ecs5lint"

#: The largest number of modules in a folder, and the folders that may have more because all their modules are of one
#: kind.
MAX_MODULES = 15
OF_ONE_KIND = {"ecs5lint/rules", "ecs5lint/parsers/terraform/language/functions"}


def picture() -> dict[str, int]:
    """Return the rooms in the picture, which are modules and folders, each with its line."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"^## The layout\n.*?^```\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    lines = enumerate(block.splitlines())
    return {name: number for number, line in lines for name in re.split(r"\s{3,}", line)[0].split()}


def room(module: str, rooms: dict[str, int]) -> str:
    """Return the innermost room of a module, or "" if it is in no room."""
    path = "/".join(module.split(".")[1:])
    while path and path not in rooms:
        path = path.rpartition("/")[0]
    return path


def imports(tree: ast.AST) -> Iterator[str]:
    """Yield the imports of a module from this package, type-only imports included."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("ecs5lint"):
            for alias in node.names:
                name = f"{node.module}.{alias.name}".replace(".", "/")
                is_module = (ROOT / name).is_dir() or (ROOT / f"{name}.py").is_file()
                yield name.replace("/", ".") if is_module else node.module


def modules() -> dict[str, set[str]]:
    """Return each module with its imports. Imports of the package's public names don't count."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        found[name] = set(imports(ast.parse(path.read_text(encoding="utf-8")))) - {"ecs5lint"}
    return found


def test_imports_point_down() -> None:
    line = picture()
    assert [name for name in modules() if name != "ecs5lint" and not room(name, line)] == []
    assert line.keys() - {room(name, line) for name in modules()} == set()
    upward = [
        f"{name} imports {imported}"
        for name, all_imported in modules().items()
        for imported in all_imported
        if name != "ecs5lint"
        and room(imported, line) != room(name, line)
        and line[room(imported, line)] <= line[room(name, line)]
    ]
    assert upward == []


def test_there_are_no_circles() -> None:
    left = modules()
    while free := {name for name, imported in left.items() if not imported & left.keys() - {name}}:
        left = {name: imported for name, imported in left.items() if name not in free}
    assert left == {}


def test_folders_are_small() -> None:
    in_folder = Counter(path.parent.relative_to(ROOT).as_posix() for path in PACKAGE.rglob("[!_]*.py"))
    assert {name: count for name, count in in_folder.items() if count > MAX_MODULES and name not in OF_ONE_KIND} == {}


def table() -> list[list[list[str]]]:
    """Return the rows of the table of tests in CONTRIBUTING.md, with the names in their cells."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    (section,) = re.findall(r"^## Where the tests are\n(.*?)^## ", text, re.DOTALL | re.MULTILINE)
    rows = [line.strip("|").split("|") for line in section.splitlines() if line.startswith("| ")]
    return [[re.findall("`(.*?)`", cell) for cell in cells] for cells in rows[1:]]


def test_the_table_of_tests_has_every_room_test_and_fixture() -> None:
    rooms, tests, fixtures = ({name for row in table() for name in row[column]} for column in range(3))
    assert [name for name in rooms if not (PACKAGE / name).exists()] == []
    assert [name for name in tests if not (ROOT / name).exists()] == []
    assert fixtures == {path.name for path in FIXTURES.iterdir()}
    folders = {path.name for path in PACKAGE.iterdir() if (path / "__init__.py").exists()}
    assert folders <= {name.partition("/")[0] for name in rooms}
    files = [path.relative_to(ROOT) for path in (ROOT / "tests").rglob("test_*.py")]
    named = {*map(Path, tests)}
    assert [path.as_posix() for path in files if named.isdisjoint({path, *path.parents})] == []
