"""Who calls what with which inputs, across formats.

A parser that comes upon something that deploys a template or a module of another format returns it as a Caller, and
the parsers after it judge the target through its callers instead of by its own defaults.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

from ecs5lint.model.task_definition import Call
from ecs5lint.values.alternatives import Path
from ecs5lint.values.kinds import Choice, Known, Text, Unknown, Value


class Caller(NamedTuple):
    """One thing that deploys a template or a module, and the inputs that it sets.

    `kind` is that of the parser for the target. `target` is the path of the template, or the directory of the module,
    that it calls; None if only `body` or `address` says what is called. `inputs` are values by name. `via` leads to the
    target, outermost first, the caller itself last, and `path` says when it calls.

    `rest` is there if the caller may set further inputs, and says why these are unknown.

    `body` is the text of what is called, where the caller writes or renders it. `address` is where the target is
    published, of which only the end may name a file of the tree.
    """

    kind: str
    target: str | None
    inputs: Mapping[str, Value]
    via: tuple[Call, ...]
    path: Path = ()
    rest: Unknown | None = None
    body: Value | None = None
    address: Value | None = None

    @property
    def is_complete(self) -> bool:
        """Tell whether `inputs` are all that the caller sets."""
        return self.rest is None

    @property
    def is_text(self) -> bool:
        """Tell whether the caller writes what it calls itself."""
        return self.body is not None and not isinstance(self.body, Unknown)

    @property
    def files(self) -> set[str]:
        """The files that the text of what is called is written in."""
        return _files(self.body) if self.body else set()


def _files(text: Value) -> set[str]:
    if isinstance(text, Text):
        return {path for part in text.parts for path in _files(part)}
    if isinstance(text, Choice):
        return {path for arm in text.arms for path in _files(arm.value)}
    return {text.span.path} if isinstance(text, Known) and text.verbatim is not None and text.span else set()


class Project(NamedTuple):
    """What a parser is told of the tree beside its inputs.

    `callers` are those that other parsers found, and `files` all inputs of the parser's kind.
    """

    callers: tuple[Caller, ...] = ()
    files: tuple[str, ...] = ()

    def calling(self, targets: Collection[str]) -> Project:
        """Return the project with the callers of some targets only."""
        return self._replace(callers=tuple(caller for caller in self.callers if caller.target in targets))

    def not_calling(self, targets: Collection[str]) -> Project:
        """Return the project with the callers of other targets only."""
        return self._replace(callers=tuple(caller for caller in self.callers if caller.target not in targets))


#: For a parser that is told of nothing beside its inputs.
NO_PROJECT = Project()
