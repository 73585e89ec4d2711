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

#: How the name of an environment variable begins that gives a value.
_PREFIX = "TF_VAR_"


class Given(NamedTuple):
    """A value for a variable: an argument of a .tfvars file, a value of a JSON file, or the text of an option."""

    value: Argument | Value | Source


def automatic_files(directory: str, workspace: Workspace) -> list[str]:
    """Return the paths of the variable files that Terraform loads by itself, later ones count."""
    names = workspace.entries(directory)
    automatic = [name for name in names if name.endswith((".auto.tfvars", ".auto.tfvars.json"))]
    files = [name for name in ("terraform.tfvars", "terraform.tfvars.json") if name in names] + automatic
    return [workspace.normalize(f"{directory}/{name}") for name in files]


def given_values(directory: str, workspace: Workspace, settings: Settings) -> tuple[dict[str, Given], list[Failure]]:
    """Return the values given to the variables of a root module, and the files of them that cannot be read."""
    given = {
        name.removeprefix(_PREFIX): Given(Source(name, text, "hcl"))
        for name, text in settings.environment.items()
        if name.startswith(_PREFIX)
    }
    failures = []
    for item in (*automatic_files(directory, workspace), *settings.variables):
        if not isinstance(item, str):
            name, text = item
            given[name] = Given(Source("--var", text, "hcl"))
            continue
        try:
            given.update(_read(item, workspace))
        except Failure as failure:
            failures.append(failure)
    return given, failures


def _read(path: str, workspace: Workspace) -> dict[str, Given]:
    if path.endswith(".json"):
        document = parse_document(workspace.read(path, "json"))
        if not isinstance(document, ObjectValue):
            raise Failure("is not a JSON object", path, document.span)
        pairs = [member for member in document.members if isinstance(member, Pair)]
        return {known_text(pair.key) or "": Given(pair.value) for pair in pairs}
    source = workspace.read(path, "hcl")
    items = read_body(Span(source, 0, len(source.text)))
    return {item.name: Given(item) for item in items if isinstance(item, Argument)}
