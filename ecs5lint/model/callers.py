"""Describe callers across formats, and the inputs that they set.

If a parser finds something that deploys a template or a module of another format, it returns a Caller. Later parsers
check the target through its callers instead of with its own defaults.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from ecs5lint.light_typing import NamedTuple
from ecs5lint.model.task_definition import Call
from ecs5lint.values.alternatives import Case
from ecs5lint.values.kinds import Choice, Known, Text, Unknown, Value


class Caller(NamedTuple):
    """A deployment of a template or a module, and the inputs that it sets.

    `kind` is the kind of the target's parser. `target` is the path of the called template, or the directory of the
    called module. It is None if only `body` or `address` identifies the target. `inputs` are values by name. `via`
    lists the calls that lead to the target, outermost first, with the caller itself last. `case` is the condition for
    the call. If `rest` is set, the caller may set other inputs, and `rest` is the reason why they are unknown. `body`
    is the text of the target if the caller contains or renders it. `address` is the published location of the target.
    Only its end may name a file of the tree.
    """

    kind: str
    target: str | None
    inputs: Mapping[str, Value]
    via: tuple[Call, ...]
    case: Case = ()
    rest: Unknown | None = None
    body: Value | None = None
    address: Value | None = None

    @property
    def is_complete(self) -> bool:
        """Tell whether `inputs` has all inputs that the caller sets."""
        return self.rest is None

    @property
    def is_text(self) -> bool:
        """Tell whether the caller itself contains the text of its target."""
        return self.body is not None and not isinstance(self.body, Unknown)

    @property
    def files(self) -> set[str]:
        """The files that contain the text of the target."""
        return _files(self.body) if self.body else set()


def _files(text: Value) -> set[str]:
    if isinstance(text, Text):
        return {path for part in text.parts for path in _files(part)}
    if isinstance(text, Choice):
        return {path for arm in text.arms for path in _files(arm.value)}
    return {text.span.path} if isinstance(text, Known) and text.verbatim is not None and text.span else set()


class Project(NamedTuple):
    """A parser's view of the tree beyond its inputs.

    `callers` are those that other parsers found, and `files` has all inputs of the parser's kind. `graph` is the call
    graph of the Terraform modules, if discovery built one.
    """

    callers: tuple[Caller, ...] = ()
    files: tuple[str, ...] = ()
    graph: object = None

    def calling(self, targets: Collection[str]) -> Project:
        """Return the project with the callers of some targets only."""
        return self._replace(callers=tuple(caller for caller in self.callers if caller.target in targets))

    def without_graph(self) -> Project:
        """Return the project without the call graph. A worker process builds one for its own modules."""
        return self._replace(graph=None)

    def not_calling(self, targets: Collection[str]) -> Project:
        """Return the project without the callers of some targets."""
        return self._replace(callers=tuple(caller for caller in self.callers if caller.target not in targets))


#: For a parser without a view beyond its inputs.
NO_PROJECT = Project()
