"""Read the files of a deployment: its templates, and the files that they nest or include."""

from __future__ import annotations

import posixpath
from collections.abc import Collection
from functools import partial

from ecs5lint.files.workspace import Workspace
from ecs5lint.location import Failure, Source, Span
from ecs5lint.parsers.cloudformation.language.nested.addresses import Tree
from ecs5lint.parsers.cloudformation.language.serverless import framework_template
from ecs5lint.parsers.cloudformation.language.template import Template, as_template, read_documents, syntax_of
from ecs5lint.values.kinds import Absent, ObjectValue, Unknown, Value
from ecs5lint.values.members import member


class Deployment:
    """The state that all stacks of a run share."""

    def __init__(
        self,
        workspace: Workspace,
        given: dict[str, str],
        files: Collection[str] = (),
        types: Collection[str] = (),
    ) -> None:
        self.workspace = workspace
        #: The types of the resources to check, besides task definitions.
        self.types = types
        self.tree = Tree(workspace, files)
        self.given = given
        #: The current depth of evaluation, through stacks that ask each other for parameters and outputs.
        self.depth = 0
        #: The failures of files that can't be read, by path.
        self.failures: dict[str, Failure] = {}
        #: The parameters that the templates declare.
        self.declared: set[str] = set()
        #: The spans of resources whose templates are missing and that are not reported elsewhere, by name.
        self.unread: dict[tuple[str, str], Span] = {}
        self._documents: dict[str, list[Value]] = {}
        #: The files that each template includes, and the templates that it nests, by path.
        self._included: dict[str, set[str]] = {}
        self._nested: dict[str, set[str]] = {}

    def documents(self, path: str) -> list[Value]:
        """Return the documents of a file. Raises Failure."""
        if path in self.failures:
            raise self.failures[path]
        if path not in self._documents:
            try:
                source = self.workspace.read(path, "yaml")
                self._documents[path] = read_documents(Source(source.path, source.text, syntax_of(source.text)))
            except Failure as failure:
                self.failures[path] = failure
                raise
        return self._documents[path]

    def forget(self, path: str) -> None:
        """Free the documents of a file. They take many times the memory of its text."""
        self._documents.pop(path, None)

    def templates(self, path: str) -> list[Template]:
        """Return the templates in a file. Raises Failure."""
        return [template for document in self.documents(path) if (template := self.template(document, path))]

    def template(self, document: Value, path: str) -> Template | None:
        """Return a document as a template: directly, or as the Serverless Framework builds it."""
        if (
            isinstance(document, ObjectValue)
            and document.span
            and not isinstance(member(document, "resources"), Absent)
        ):
            root = framework_template(document, document.span, partial(self._file, path))
            if root:
                return Template(document.span.source, root)
        return as_template(document)

    def _file(self, path: str, location: str) -> Value:
        """Return the document of a file that another file includes. It is unknown if the file can't be read."""
        included = posixpath.normpath(posixpath.join(posixpath.dirname(path), location))
        try:
            self.include(path, included)
            return self.documents(included)[0]
        except (Failure, IndexError):
            return Unknown(f"{included} cannot be read")

    def include(self, path: str, included: str) -> None:
        """Record that a template includes a file, which becomes a part of it. Raises Failure."""
        self.workspace.read(included, "yaml")
        self._included.setdefault(path, set()).add(included)

    def included(self) -> set[str]:
        """Return the paths of the files that templates include."""
        return set().union(*self._included.values())

    def nest(self, template: Template, path: str) -> None:
        """Record that a template nests another template. Raises Failure."""
        self.workspace.read(path, "yaml")
        self._nested.setdefault(template.source.path, set()).add(path)

    def judged_with(self, path: str) -> set[str]:
        """Return the paths of a template, its nested templates, and the files that these include directly."""
        stacks, untried = {path}, [path]
        while untried:
            new = self._nested.get(untried.pop(), set()) - stacks
            stacks |= new
            untried += new
        return stacks.union(*(self._included.get(stack, ()) for stack in stacks))
