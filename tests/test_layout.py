"""The picture in CONTRIBUTING.md of which module imports which."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "ecs5lint"


def picture() -> dict[str, int]:
    """Return the modules and packages that the picture names, each with its line."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"^## The layout\n.*?^```\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    lines = enumerate(block.splitlines())
    return {name: number for number, line in lines for name in re.split(r"\s{3,}", line)[0].split()}


def part(module: str) -> str:
    """Return what a module is in the picture: itself, or the package that it is in."""
    names = module.split(".")[1:]
    return "/".join(names[: 2 if names[:1] == ["parsers"] else 1])


def imports(tree: ast.AST) -> Iterator[str]:
    """Yield what a module imports of this package when it runs."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("ecs5lint"):
            for alias in node.names:
                name = f"{node.module}.{alias.name}".replace(".", "/")
                is_module = (ROOT / name).is_dir() or (ROOT / f"{name}.py").is_file()
                yield name.replace("/", ".") if is_module else node.module
        if not (isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)):
            yield from imports(node)


def modules() -> dict[str, set[str]]:
    """Return each module with those that it imports."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        found[name] = set(imports(ast.parse(path.read_text(encoding="utf-8")))) - {"ecs5lint"}
    return found


def test_imports_point_down() -> None:
    line = picture()
    assert line.keys() == {part(name) for name in modules()} - {""}
    upward = [
        f"{name} imports {imported}"
        for name, all_imported in modules().items()
        for imported in all_imported
        if name != "ecs5lint" and part(imported) != part(name) and line[part(imported)] <= line[part(name)]
    ]
    assert upward == []


def test_there_are_no_circles() -> None:
    left = modules()
    while free := {name for name, imported in left.items() if not imported & left.keys() - {name}}:
        left = {name: imported for name, imported in left.items() if name not in free}
    assert left == {}
