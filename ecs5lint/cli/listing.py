"""List the files that a run checks, and its settings."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

from ecs5lint.reports.excerpt import escape_path
from ecs5lint.settings.settings import Configuration, Settings
from ecs5lint.text.visible import escape


def files(inputs: Mapping[str, Sequence[str]]) -> str:
    """Return the inputs with their kinds, one on each line, sorted by path. A directory stands for a module."""
    rows = sorted((path, kind) for kind, paths in inputs.items() for path in paths)
    width = max((len(kind) for _, kind in rows), default=0)
    return "".join(f"{kind:{width}}  {escape_path(path)}\n" for path, kind in rows)


def settings(
    paths: Sequence[str], configuration: Configuration, used: Settings, rules: Sequence[str], fail_on: str
) -> str:
    """Return the settings of a run, one on each line."""
    rows = [("configuration", used.configuration.path if used.configuration else "none")]
    rows += [("path", path) for path in paths]
    rows += [("exclude", pattern) for globs in configuration.exclude for pattern in globs.patterns]
    rows += [("rules", ", ".join(rules)), ("fail-on", fail_on)]
    rows += [("honor-other-linters", str(used.honor_other_linters).lower())]
    rows += [("variable", text) for text in _variables(used)]
    rows += [("parameter", f"{name} = {value}") for name, value in used.parameters]
    rows += [("parameters-file", path) for path in used.parameters_files]
    rows += [("exception", item.reason) for item in used.suppressions]
    rows += [("extract", item.path) for item in used.extracts]
    width = max(len(name) for name, _ in rows)
    return "".join(f"{name:{width}}  {escape(value)}\n" for name, value in rows)


def _variables(used: Settings) -> Iterator[str]:
    for item in used.variables:
        if isinstance(item, str):
            yield f"values of {item}"
        else:
            name, value = item
            yield f"{name} = {value if isinstance(value, str) else json.dumps(value.value, default=str)}"
    yield from sorted(f"{name} (from the environment)" for name in used.environment if name.startswith("TF_"))
