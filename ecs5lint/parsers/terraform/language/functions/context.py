"""Provide a function with its context beyond the arguments."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ecs5lint.files.workspace import Workspace
from ecs5lint.light_typing import Any, NamedTuple
from ecs5lint.location import Span
from ecs5lint.values.kinds import ObjectValue, Value


class Context(NamedTuple):
    """The context of a function call.

    `directory` is the base of relative paths, the directory of the root module. `render` evaluates a template
    (templatefile, templatestring) with the given variables; the span is that of the template text. `spend` counts work,
    in expressions, and raises NotKnown when the limit is exceeded. `functions` holds functions in addition to
    Terraform's, by name.
    """

    workspace: Workspace
    directory: str
    render: Callable[[Span, ObjectValue], Value]
    spend: Callable[[int], None]
    functions: Mapping[str, Any] = {}


class Call(NamedTuple):
    """A function call: the name of the function, the span of the call, and its context."""

    name: str
    span: Span
    context: Context
