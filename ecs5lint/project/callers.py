"""Who calls what with which inputs, across formats.

A parser that comes upon something that deploys a template or a module of another format returns it as a Caller, and
the parsers after it judge the target through its callers instead of by its own defaults.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from ecs5lint.model import Call
from ecs5lint.values import Path, Unknown, Value


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


class Project(NamedTuple):
    """What a parser is told of the tree beside its inputs.

    `callers` are those that other parsers found, and `files` all inputs of the parser's kind.
    """

    callers: tuple[Caller, ...] = ()
    files: tuple[str, ...] = ()

    def divided(self) -> tuple[Project, Project]:
        """Return the project with the callers of its files only, and with the other callers only."""
        files = set(self.files)
        here = tuple(caller for caller in self.callers if caller.target in files)
        elsewhere = tuple(caller for caller in self.callers if caller.target not in files)
        return self._replace(callers=here), self._replace(callers=elsewhere)


#: For a parser that is told of nothing beside its inputs.
NO_PROJECT = Project()
