"""Describe a named file that gives no result, by its content."""

from __future__ import annotations

import re

from ecs5lint.files.kinds import is_module_file, is_variable_file, may_be_input

#: The number of bytes to examine.
_LOOKED_AT = 100_000

_KEY = r"""(?m)(?:^[ \t-]*|[{,]\s*)["']?(?:%s)["']?\s*:"""

#: Descriptions of texts, each with the patterns that identify it. The first match wins.
_TEXTS = (
    ("text output of the AWS CLI: use --output json", r"\ATASKDEFINITION\t"),
    ("table output of the AWS CLI: use --output json", r"\A-{10,}\r?\n\|"),
    ("an error message of the AWS CLI", r"\A\s*(?:aws: error|An error occurred \()"),
    ("a script", r"\A#!"),
    ("a raw Terraform state: check the output of terraform show -json", _KEY % "lineage", _KEY % "serial"),
    ("a Terraform plan or state without ECS task definitions", _KEY % "format_version", _KEY % "terraform_version"),
    ("a file of CloudFormation parameters", _KEY % "ParameterKey"),
    ("a CloudFormation template without ECS task definitions", _KEY % "Type" + r"\s*[\"']?AWS::"),
    ("a Kubernetes manifest", _KEY % "apiVersion", _KEY % "kind"),
    ("a Compose file", r"(?m)^[\"']?services[\"']?:", _KEY % "image|build"),
    ("Terraform configuration, which is read from .tf files", r"(?m)^(?:resource|module|variable|data) +\""),
)
_KEYS = re.compile(r"""["']?\b([A-Za-z][\w-]{9,29})["']?\s*[:=]""")
#: The largest number of keys to compare with the right one.
_MAX_KEYS = 200
_CONTAINERS = "containerDefinitions"


def describe(path: str, content: bytes) -> str:
    """Return the reason why a file gives no result, as a clause."""
    if is_module_file(path) or is_variable_file(path):
        return "its module has no ECS task definition"
    if not content.strip():
        return "it is empty"
    if content.startswith(b"PK\x03\x04"):
        is_plan = b"tfplan" in content[:_LOOKED_AT]
        name = "a binary Terraform plan: check the output of terraform show -json" if is_plan else "an archive"
        return f"it looks like {name}"
    text = content[:_LOOKED_AT].decode("utf-8", "replace").removeprefix("\ufeff")
    if "\0" in text:
        return "it looks like a binary file"
    for name, *patterns in _TEXTS:
        if all(re.search(pattern, text) for pattern in patterns):
            return f"it looks like {name}"
    if not may_be_input(path.rpartition("/")[2]):
        return "its format is not read"
    if near := _near_key(text):
        return f"it has the key {near} (did you mean {_CONTAINERS}?)"
    if _CONTAINERS in text:
        return f"it names {_CONTAINERS}, but is no task definition in JSON or YAML"
    return "it names no ECS task definition"


def _near_key(text: str) -> str | None:
    """Return a key that is similar to that of the container definitions, or None."""
    from difflib import get_close_matches

    keys = {match[1]: None for match, _ in zip(_KEYS.finditer(text), range(_MAX_KEYS), strict=False)}
    if _CONTAINERS in keys:
        return None
    spelled_alike = [key for key in keys if key.lower() == _CONTAINERS.lower()]
    return next(iter(spelled_alike or get_close_matches(_CONTAINERS, keys, n=1, cutoff=0.8)), None)
