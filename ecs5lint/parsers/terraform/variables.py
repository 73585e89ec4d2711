"""The values that a root module's variables are given from outside.

https://developer.hashicorp.com/terraform/language/values/variables#variable-definition-precedence
"""

from __future__ import annotations

from typing import NamedTuple

from ecs5lint.jsontext import parse_document
from ecs5lint.location import Failure, Source, Span
from ecs5lint.parsers.terraform.blocks import Argument, read_body
from ecs5lint.settings import Settings
from ecs5lint.values import ObjectValue, Pair, Value, known_text
from ecs5lint.workspace import Workspace


class Given(NamedTuple):
    """A value for a variable: an argument of a .tfvars file, a value of a JSON file, or the text of --var."""

    value: Argument | Value | str


def given_values(directory: str, workspace: Workspace, settings: Settings) -> tuple[dict[str, Given], list[Failure]]:
    """Return the values given to the variables of a root module, and the files of them that cannot be read."""
    names = workspace.entries(directory)
    automatic = [name for name in names if name.endswith((".auto.tfvars", ".auto.tfvars.json"))]
    files = [name for name in ("terraform.tfvars", "terraform.tfvars.json") if name in names] + automatic
    paths = [*(f"{directory}/{name}" for name in files), *settings.var_files]
    given: dict[str, Given] = {}
    failures = []
    for path in paths:
        try:
            given.update(_read(path, workspace))
        except Failure as failure:
            failures.append(failure)
    given.update((name, Given(text)) for name, text in settings.variables)
    return given, failures


def _read(path: str, workspace: Workspace) -> dict[str, Given]:
    if path.endswith(".json"):
        document = parse_document(workspace.read_referenced(path, "json"))
        if not isinstance(document, ObjectValue):
            raise Failure("is not a JSON object", path, document.span)
        pairs = [member for member in document.members if isinstance(member, Pair)]
        return {known_text(pair.key) or "": Given(pair.value) for pair in pairs}
    source = workspace.read_referenced(path, "hcl")
    items = read_body(Span(source, 0, len(source.text)))
    return {item.name: Given(item) for item in items if isinstance(item, Argument)}


def option_source(text: str) -> Source:
    """Return the text of a --var as a source, so that it can be parsed."""
    return Source("--var", text, "hcl")
