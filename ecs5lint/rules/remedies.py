"""Suggest remedies in the syntax of the source, for any rule."""

from __future__ import annotations

import re

from ecs5lint.light_typing import TYPE_CHECKING
from ecs5lint.location import Span
from ecs5lint.model.task_definition import ContainerDefinition, TaskDefinition
from ecs5lint.text.placeholders import is_placeholder

if TYPE_CHECKING:
    from ecs5lint.model.resource import Subject

# These are compiled on use, since most runs don't need them.
#: A call of a module that is not installed, which creates the container by some input.
_MODULE_CALL = r"module\s+\"?[\w-]+\"?\s*\{"
#: A literal constant that a step quotes. Longer constants are not quoted.
_CONSTANT = r"""(?i)true|false|null|yes|no|on|off|y|n|~|-?\d{1,9}|"[^"\\$%\n]{0,20}"|'[^'\n]{0,20}'"""


def syntax(container: ContainerDefinition) -> str:
    """Return the syntax of a container's source: json, yaml or hcl."""
    # In a heredoc, or a flow mapping with quoted keys, the syntax is JSON.
    location = container.location
    is_json = location.source.syntax != "json" and re.match(r'\{\s*"[^"\n]*"\s*:', location.text) is not None
    return "json" if is_json else location.source.syntax


_TEMPLATES = {"json": '"{}": {}', "yaml": "{}: {}", "hcl": "{} = {}"}


def written(container: ContainerDefinition, name: str, value: str) -> str:
    """Return a property, by its name in the ECS API, and its value in the syntax of the container's source."""
    return _TEMPLATES[syntax(container)].format(container.form.spelling(name), value)


def written_in(resource: Subject, name: str, value: str) -> str:
    """Return a property and its value as `written`, for a property outside the containers."""
    template = _TEMPLATES[resource.location.source.syntax]
    return template.format(resource.form.spelling(name), value)


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

    `current` is the span of the current value, if there is one. `is_misspelled` tells that its key is a misspelling of
    the name.
    """
    construct = task_definition.construct
    if construct:
        return f"set {name}: {value} where {construct} adds the container, then run cdk synth"
    if is_misspelled:
        return f"rename it: {written(container, name, value)}"
    quoted = current.text if current else ""
    is_interpolation = syntax(container) == "hcl" and "${" in quoted
    if quoted[:1] in ("'", '"') and is_placeholder(quoted[1:-1]) and not is_interpolation:
        return f"remove the quotation marks around {quoted[1:-1]}: inside them, its value is a string"
    # Nobody edits a plan by hand.
    if current and re.fullmatch(_CONSTANT, current.text) and task_definition.source != "terraform-plan":
        return f"change {current.text} to {value}"
    if syntax(container) == "hcl" and re.match(_MODULE_CALL, container.location.text):
        return f"set the module's input for {container.form.spelling(name)} to {value}"
    return f"set {written(container, name, value)}"


def set_string(container: ContainerDefinition, task_definition: TaskDefinition, name: str, value: str) -> str:
    """Return the step that sets a string property of a container to a value such as `value`."""
    construct = task_definition.construct
    if construct:
        return f'set {name}, such as "{value}", where {construct} adds the container, then run cdk synth'
    if syntax(container) == "hcl" and re.match(_MODULE_CALL, container.location.text):
        return f'set the module\'s input for {container.form.spelling(name)}, such as to "{value}"'
    example = written(container, name, f'"{value}"')
    return f"set another {name}, such as {example}"


def set_mode(resource: Subject, name: str, value: str) -> str:
    """Return the step that removes a mode of a resource or sets it to another `value`."""
    construct = resource.construct
    if construct:
        return f'remove {name} from {construct}, or set it to "{value}", then run cdk synth'
    quoted = '"' + value + '"'
    return f"remove {resource.form.spelling(name)}, or set {written_in(resource, name, quoted)}"


def switch(resource: Subject, *, is_on: bool) -> str:
    """Return ENABLED or DISABLED as the source of a resource writes it. The provider aws of Terraform has booleans."""
    if resource.source.startswith("terraform") and "awscc_" not in resource.address:
        return str(is_on).lower()
    return "ENABLED" if is_on else "DISABLED"


def written_switch(resource: Subject, name: str, *, is_on: bool) -> str:
    """Return a property that is ENABLED or DISABLED, in the syntax of the resource's source."""
    value = switch(resource, is_on=is_on)
    is_bare = value in ("true", "false") or resource.location.source.syntax == "yaml"
    return written_in(resource, name, value if is_bare else f'"{value}"')
