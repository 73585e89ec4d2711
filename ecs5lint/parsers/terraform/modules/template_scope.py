"""Evaluate template files: templatefile, templatestring and data.template_file.

https://developer.hashicorp.com/terraform/language/functions/templatefile
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from ecs5lint.budget import Budget
from ecs5lint.light_typing import NamedTuple
from ecs5lint.location import Span
from ecs5lint.parsers.terraform.language.defaults import disregard
from ecs5lint.parsers.terraform.language.expressions import evaluate
from ecs5lint.parsers.terraform.language.functions.context import Context
from ecs5lint.parsers.terraform.language.functions.template_text import template_variables
from ecs5lint.parsers.terraform.language.rendering import render as render_parts
from ecs5lint.parsers.terraform.language.scope import Scope, Step, Symbols
from ecs5lint.parsers.terraform.modules.run import Run
from ecs5lint.parsers.terraform.syntax.errors import NotKnown
from ecs5lint.parsers.terraform.syntax.nodes import Expression
from ecs5lint.values.kinds import ObjectValue, Pair, Rest, Unknown, Value, known_text

#: The deepest nesting of templates that render templates.
MAX_DEPTH = 10


class TemplateScope(Scope):
    """The scope of a template: the given variables, and those of its loops."""

    def __init__(self, given: ObjectValue, bound: Mapping[str, Value], template: Template, turn: str) -> None:
        pairs = [member for member in given.members if isinstance(member, Pair)]
        self.names = {**{known_text(pair.key) or "": pair.value for pair in pairs}, **bound}
        self.depth = template.depth
        self._given = given
        self._bound = bound
        self._template = template
        self._turn = turn

    @property
    def budget(self) -> Budget:
        return self._template.run.budget

    def evaluate(self, expression: Expression) -> Value:
        self._template.run.step()
        return evaluate(expression, self)

    def refer(self, root: str, steps: Sequence[Step]) -> tuple[Value, int] | None:
        rest = next((member.unknown for member in self._given.members if isinstance(member, Rest)), None)
        return None if rest is None else (rest, 0)

    def bind(self, names: Mapping[str, Value], turn: str) -> Scope:
        self._template.run.step()
        return TemplateScope(
            self._given, {**self._bound, **names}, self._template, f"{self._turn}/{turn}" if turn else self._turn
        )

    def key(self, text: str) -> str:
        return self._template.caller.key(f"{self._turn}|{text}")

    def without_defaults(self, symbols: Symbols) -> Scope:
        template = self._template._replace(caller=self._template.caller.without_defaults(symbols))
        given = template_variables(template.variables(template.caller))
        bound = {name: disregard(value, symbols) for name, value in self._bound.items()}
        return TemplateScope(given, bound, template, self._turn)

    def call_context(self, variables: Callable[[Scope], Value]) -> Context:
        return template_context(self, self._template.run, variables, self.depth)


class Template(NamedTuple):
    """A template that is being rendered: its caller, and the function that evaluates its variables."""

    caller: Scope
    run: Run
    variables: Callable[[Scope], Value]
    depth: int


def template_context(scope: Scope, run: Run, variables: Callable[[Scope], Value], depth: int = 0) -> Context:
    """Return the context of a function call in `scope`."""

    def render(span: Span, given: ObjectValue) -> Value:
        if depth >= MAX_DEPTH:
            raise NotKnown(Unknown("templates render templates too deeply", span))
        template = Template(scope, run, variables, depth + 1)
        inner = TemplateScope(given, {}, template, f"{span.path}:{span.start}")
        return render_parts(run.modules.template(span), inner, span)

    return Context(run.workspace, run.root, render, run.step)
