"""What a function needs to know besides its arguments."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from ecs5lint.files.workspace import Workspace
from ecs5lint.location import Span
from ecs5lint.values.kinds import ObjectValue, Value


class Context(NamedTuple):
    """The surroundings of a function call.

    `directory` is what relative paths start from: the directory of the root module. `render` evaluates a template
    (templatefile, templatestring) with the given variables; the span is where its text is written. `spend` takes note
    of work that is as much as so many expressions, and raises NotKnown when it is too much. `functions` are those that
    there are besides Terraform's, by their names.
    """

    workspace: Workspace
    directory: str
    render: Callable[[Span, ObjectValue], Value]
    spend: Callable[[int], None]
    functions: Mapping[str, Any] = {}


class Call(NamedTuple):
    """A function call: the name of the function, where the call is written, and its surroundings."""

    name: str
    span: Span
    context: Context
