"""What a function needs to know besides its arguments."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from ecs5lint.location import Span
from ecs5lint.values import ObjectValue, Value
from ecs5lint.workspace import Workspace


class Context(NamedTuple):
    """The surroundings of a function call.

    `directory` is what relative paths start from: the directory of the root module. `render` evaluates a template
    (templatefile, templatestring) with the given variables; the span is where its text is written. `spend` takes note
    of work that is as much as so many expressions, and raises NotKnown when it is too much.
    """

    workspace: Workspace
    directory: str
    render: Callable[[Span, ObjectValue], Value]
    spend: Callable[[int], None]


class Call(NamedTuple):
    """A function call: the name of the function, where the call is written, and its surroundings."""

    name: str
    span: Span
    context: Context
