"""Remedies in the syntax of the source, whichever rule they are for."""

from __future__ import annotations

import re

from ecs5lint.location import Span
from ecs5lint.model.task_definition import ContainerDefinition, TaskDefinition
from ecs5lint.text.placeholders import is_placeholder

# These are compiled when they are used, which in most runs they are not.
#: Where a module that is not at hand makes the container, by whatever input.
_MODULE_CALL = r"module\s+\"?[\w-]+\"?\s*\{"
#: A value as it is written where it is a constant; a longer one is not quoted.
_CONSTANT = r"""(?i)true|false|null|yes|no|on|off|y|n|~|-?\d{1,9}|"[^"\\$%\n]{0,20}"|'[^'\n]{0,20}'"""


def syntax(container: ContainerDefinition) -> str:
    """Return the syntax that a container is written in: json, yaml or hcl."""
    # In a heredoc, or a flow mapping with its keys in quotes, one goes on in JSON.
    location = container.location
    is_json = location.source.syntax != "json" and re.match(r'\{\s*"[^"\n]*"\s*:', location.text) is not None
    return "json" if is_json else location.source.syntax


def written(container: ContainerDefinition, name: str, value: str) -> str:
    """Return a property, by its name in the ECS API, and its value as one writes them where the container is."""
    template = {"json": '"{}": {}', "yaml": "{}: {}", "hcl": "{} = {}"}[syntax(container)]
    return template.format(container.form.spelling(name), value)


def set_boolean(
    container: ContainerDefinition,
    task_definition: TaskDefinition,
    name: str,
    value: str,
    current: Span | None,
    *,
    is_misspelled: bool = False,
) -> str:
    """Return the step that sets a boolean property of a container to `value`, true or false.

    `current` is where the value is written, if it is, and `is_misspelled` tells that its key is not read as the name.
    """
    construct = task_definition.construct
    if construct:
        return f"set {name}: {value} where {construct} adds the container, and synthesise again"
    if is_misspelled:
        return f"rename it: {written(container, name, value)}"
    quoted = current.text if current else ""
    is_interpolation = syntax(container) == "hcl" and "${" in quoted
    if quoted[:1] in ("'", '"') and is_placeholder(quoted[1:-1]) and not is_interpolation:
        return f"remove the quotation marks around {quoted[1:-1]}: inside them, what it is replaced with is a string"
    # A plan is not written by hand.
    if current and re.fullmatch(_CONSTANT, current.text) and task_definition.source != "terraform-plan":
        return f"change {current.text} to {value}"
    if syntax(container) == "hcl" and re.match(_MODULE_CALL, container.location.text):
        return f"set {container.form.spelling(name)} to {value} by the input that the module has for it"
    return f"set {written(container, name, value)}"
