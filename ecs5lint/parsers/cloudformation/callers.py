"""Find the callers of templates other than stacks, and the parameters that they set."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from functools import partial

from ecs5lint.budget import Budget
from ecs5lint.files.kinds import CLOUDFORMATION, mentions_ecs
from ecs5lint.location import Failure, Source, Span
from ecs5lint.model.callers import Caller, Project
from ecs5lint.model.resource import Subject, with_unlisted
from ecs5lint.model.task_definition import Call, TaskDefinition, Unresolved
from ecs5lint.parsers.cloudformation.deployers import Deployers
from ecs5lint.parsers.cloudformation.language.deployment import Deployment
from ecs5lint.parsers.cloudformation.language.intrinsics import LANGUAGE
from ecs5lint.parsers.cloudformation.language.nested.bodies import body_documents
from ecs5lint.parsers.cloudformation.language.parameters import Parameter
from ecs5lint.parsers.cloudformation.language.stack import Arguments, Context, Stack
from ecs5lint.parsers.cloudformation.language.template import Template, as_template, show
from ecs5lint.parsers.cloudformation.merging import together
from ecs5lint.parsers.cloudformation.resources import Nested, ecs_resources
from ecs5lint.values.alternatives import Case
from ecs5lint.values.kinds import ABSENT, Known, Unknown, Value


class Callers:
    """The callers of the templates of a run, and the parameters that other, uncertain callers may set."""

    def __init__(self, project: Project, deployment: Deployment) -> None:
        self._deployment = deployment
        self._deployers = Deployers(deployment.workspace, deployment.given)
        self._by_target: dict[str, list[Caller]] = {}
        self._without_file: list[Caller] = []
        self._suspected: dict[str, dict[str, Unknown]] = {}
        self._open: list[tuple[frozenset[str], dict[str, Unknown]]] = []
        for caller in project.callers:
            self._add(caller)

    def _add(self, caller: Caller) -> None:
        target = caller.target
        if target is None and caller.address is not None:
            named = self._deployment.tree.named(caller.address, posixpath.dirname(caller.via[-1].span.path))
            if named and named.is_certain:
                target = named.paths[0]
            else:
                self._suspect(caller.inputs, named.paths if named else None, caller.via[-1])
        elif target is None and isinstance(caller.body, Unknown):
            self._suspect(caller.inputs, None, caller.via[-1])
        if target is None:
            self._without_file.append(caller)
        else:
            self._by_target.setdefault(target, []).append(caller)

    def add_deployers_of(self, path: str) -> None:
        """Add the files that set the parameters of the template at `path` for its deployment."""
        for caller in self._deployers.of(path):
            self._add(caller)

    def failures_of_deployers(self) -> list[Failure]:
        """Return the failures of those files."""
        return self._deployers.failures

    def add_suspicion(self, nested: Nested, parent: str) -> None:
        """Record that a stack in the template `parent` may pass parameters to templates that it does not name."""
        call = Call(nested.logical_id, nested.location)
        self._suspect(dict.fromkeys(nested.names, ABSENT), nested.targets or None, call)

    def add_unreadable(self, failure: Failure, targets: list[str]) -> None:
        """Record that a template that can't be read may deploy some templates, with any parameters."""
        span = failure.span or Span(Source(failure.path, "", "yaml"), 0, 0)
        rest = Unknown(f"{failure.path} may deploy this template, and cannot be parsed", span)
        for target in targets:
            self._add(Caller(CLOUDFORMATION, target, {}, (Call(failure.path, span),), rest=rest))

    def _suspect(self, inputs: Mapping[str, Value], targets: tuple[str, ...] | None, call: Call) -> None:
        """Record the parameters that a call may set in some templates, or in any template that declares all of them."""
        where = f"{call.span.path}:{call.span.line}"
        unknown = {name: Unknown(f"{call.name} ({where}) may set the parameter {name}", call.span) for name in inputs}
        if targets is None:
            self._open.append((frozenset(inputs), unknown))
        for target in targets or ():
            self._suspected.setdefault(target, {}).update(unknown)

    def targets(self) -> list[str]:
        """Return the templates that have callers."""
        return list(self._by_target)

    def without_file(self) -> list[Caller]:
        """Return the callers whose template is not a file of the tree."""
        return self._without_file

    def stacks(self, template: Template) -> list[tuple[Stack, Case, tuple[Call, ...]]]:
        """Return a stack for each caller of a template, with its case and the calls that lead to it."""
        first: Stack | None = None
        found = []
        for caller in self._by_target.get(template.source.path, ()):
            stack = called_stack(template, self._deployment, caller, caller.case, first)
            first = first or stack
            found.append((stack, caller.case, caller.via))
        return found or [(self._by_itself(template), (), ())]

    def _by_itself(self, template: Template) -> Stack:
        """Return a template as a stack without a known caller."""
        stack = Stack(template, self._deployment, LANGUAGE)
        unknown = dict(self._suspected.get(template.source.path, {}))
        for names, more in self._open:
            if names <= stack.parameters.keys():
                unknown.update(more)
        if not unknown:
            return stack
        given = {name: Known(text) for name, text in self._deployment.given.items()}
        stack = Stack(template, self._deployment, LANGUAGE, arguments=partial(_argument, {**unknown, **given}, None))
        stack.is_called = False
        return stack


def called_stack(
    template: Template, deployment: Deployment, caller: Caller, case: Case, like: Stack | None = None
) -> Stack:
    """Return the stack for a template and its caller. `like` is that of another caller."""
    arguments: Arguments = partial(_argument, caller.inputs, caller.rest)
    base = Context(tuple(branch.when for branch in case))
    return Stack(template, deployment, LANGUAGE, arguments=arguments, base=base, like=like)


def _argument(inputs: Mapping[str, Value], rest: Unknown | None, parameter: Parameter, context: Context) -> Value:
    """Return the value that is passed for a parameter."""
    found = inputs.get(parameter.name)
    if found is None:
        # Each parameter may get a different value.
        return rest.derived(domain=parameter.allowed) if rest else ABSENT
    if isinstance(found, Unknown) and found.domain is None and not parameter.is_list:
        return found._replace(domain=parameter.allowed)
    return found


def body_resources(caller: Caller, deployment: Deployment, budgets: list[tuple[str, Budget]]) -> Iterator[Subject]:
    """Yield the resources that a caller deploys from a template outside the tree.

    Adds their budgets to `budgets`.
    """
    call = caller.via[-1]
    if caller.body is None:
        if mentions_ecs(f"{call.name} {call.span.text}"):
            unknown = Unknown(f"the template of {call.name} is not a local file", call.span)
            yield from _unlisted(caller, caller.case, unknown, deployment)
        else:
            deployment.unread[call.span.path, call.name] = call.span
        return
    found: list[tuple[Case, Subject]] = []
    for case, document in body_documents(caller.body, call.span, caller.case):
        template = as_template(document)
        if template:
            stack = called_stack(template, deployment, caller, case)
            budgets += [(call.span.path, stack.budget), (call.span.path, stack.instances)]
            found += [(case, item) for item in ecs_resources(stack, case, caller.via)]
        elif isinstance(document, Unknown):
            if mentions_ecs(f"{call.name} {call.span.text} {show(caller.body)}"):
                found += [(case, item) for item in _unlisted(caller, case, document, deployment)]
            else:
                deployment.unread[call.span.path, call.name] = call.span
    yield from together(found, caller.case)


def _unlisted(caller: Caller, case: Case, unknown: Unknown, deployment: Deployment) -> Iterator[Subject]:
    """Yield a resource of each type that represents those of an unknown template."""
    call = caller.via[-1]
    definition = TaskDefinition(
        source="cloudformation",
        address=call.name,
        location=call.span,
        containers=(),
        unresolved=(Unresolved(case, unknown),),
        operating_system_family=ABSENT,
        case=case,
        via=caller.via[:-1],
        read=lambda _: unknown,
    )
    return with_unlisted(definition, deployment.types)
