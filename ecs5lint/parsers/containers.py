"""Convert the value of `containerDefinitions`, from any source, to the container definitions of the model."""

from __future__ import annotations

import re

from ecs5lint.light_typing import NamedTuple
from ecs5lint.location import Span
from ecs5lint.model.form import Form
from ecs5lint.model.task_definition import Alternative, ContainerDefinition, Unresolved
from ecs5lint.text.placeholders import is_placeholder, put_in_later
from ecs5lint.values.alternatives import Branch, Case, leaves, possible
from ecs5lint.values.conditions import ALWAYS, TooManyAlternatives
from ecs5lint.values.kinds import (
    NO_ASSUMPTIONS,
    Absent,
    Assumptions,
    Choice,
    Known,
    ListValue,
    ObjectValue,
    Pair,
    Repeated,
    Text,
    Unknown,
    Value,
    known_text,
)

#: The largest number of containers of a task definition, over all its alternatives. With more, they are unknown.
MAX_CONTAINERS = 10_000

#: The maximum number of optional items before a container with an exact index.
_MAX_OPTIONAL = 16


class Containers(NamedTuple):
    """The container definitions in a value, and the parts of it that can't be listed."""

    definitions: tuple[ContainerDefinition, ...]
    unresolved: tuple[Unresolved, ...]
    assumptions: Assumptions


class _TooManyContainers(Exception):
    """There are more than MAX_CONTAINERS containers."""


class _Candidate(NamedTuple):
    """A container definition in one alternative of its list."""

    case: Case
    list_index: int
    definition: ObjectValue
    ordinal: int


def container_definitions(value: Value, form: Form, case: Case, fallback: Span) -> Containers:
    """Return the container definitions in `value`, which is their list.

    `case` is the condition for the task definition to exist. `fallback` is the span of a container without a span of
    its own. Containers at the same position are one definition, regardless of the number of alternatives that include
    it.
    """
    candidates: list[_Candidate] = []
    #: For each index, the items before it that may be absent.
    optional: list[list[Value]] = []
    unresolved: list[Unresolved] = []
    assumptions = NO_ASSUMPTIONS

    def add(element: Value, index: int, case: Case) -> None:
        for longer, leaf in leaves(element, case):
            if isinstance(leaf, ObjectValue):
                candidates.append(_Candidate(longer, index, leaf, index - _absent(optional[index], longer)))
                if len(candidates) > MAX_CONTAINERS:
                    raise _TooManyContainers
            elif not isinstance(leaf, Absent):
                unresolved.append(Unresolved(longer, _not_resolved(leaf, "a container definition must be an object")))

    try:
        for longer, leaf in leaves(value, case):
            assumptions |= leaf.assumptions
            if isinstance(leaf, ListValue):
                optional = _optional_before(leaf)
                for index, item in enumerate(leaf.items):
                    if isinstance(item, Repeated) and item.when is ALWAYS:
                        add(item.element, index, longer)
                    elif isinstance(item, Repeated):
                        step = Branch(item.when, False if item.off_default_path else None)
                        if possible((*longer, step)):
                            add(item.element, index, (*longer, step))
                    else:
                        add(item, index, longer)
            elif not isinstance(leaf, Absent) and not (isinstance(leaf, Known) and leaf.value is None):
                unresolved.append(Unresolved(longer, _not_resolved(leaf, "container definitions must be a list")))
    except (TooManyAlternatives, _TooManyContainers) as error:
        many = "alternatives to evaluate" if isinstance(error, TooManyAlternatives) else "containers to check"
        unresolved = [Unresolved(case, Unknown(f"there are too many {many}", value.span))]
        candidates = []
    return Containers(_definitions(candidates, form, fallback), tuple(unresolved), assumptions)


def _optional_before(items: ListValue) -> list[list[Value]]:
    """Return for each index of a list the items before it that may be absent, or none if there are too many."""
    optional: list[Value] = []
    found = []
    for item in items.items:
        found.append(optional if len(optional) <= _MAX_OPTIONAL else [])
        if isinstance(item, Choice) and any(isinstance(arm.value, Absent) for arm in item.arms):
            optional = [*optional, item] if len(optional) <= _MAX_OPTIONAL else optional
    return found


def _absent(items: list[Value], case: Case) -> int:
    """Return the number of items that are certainly absent in a case."""
    return sum(all(isinstance(leaf, Absent) for _, leaf in leaves(item, case)) for item in items)


def _not_resolved(value: Value, problem: str) -> Unknown:
    if isinstance(value, Known) and is_placeholder(str(value.value)):
        return put_in_later(str(value.value), value.span)
    return value if isinstance(value, Unknown) else Unknown(problem, value.span)


def _definitions(candidates: list[_Candidate], form: Form, fallback: Span) -> tuple[ContainerDefinition, ...]:
    """Group the candidates by their position in the source."""
    definitions: dict[tuple[object, ...], ContainerDefinition] = {}
    for case, list_index, definition, ordinal in candidates:
        shown, written = _name(definition, form)
        location = written or fallback
        # Containers without a position in the source are distinguished by their index in the list.
        key = (id(location.source), location.start, shown, None if written else list_index)
        found = ContainerDefinition(
            shown,
            ordinal,
            location,
            form,
            (Alternative(case, definition),),
            _sources(definition, location),
        )
        known = definitions.get(key)
        definitions[key] = known.joined(found) if known else found
    return tuple(definitions.values())


def _name(definition: ObjectValue, form: Form) -> tuple[str | None, Span | None]:
    """Return the name of a container definition, as far as it is known, and the span of the braces around it."""
    if definition.plain is not None and form.case_sensitive:
        name = definition.plain.get(form.spelling("name"))
        return name if isinstance(name, str) else None, definition.span
    found, pair = form.find(definition, "name")
    return shown_text(found), (pair.within if pair else None) or definition.span


def _sources(definition: ObjectValue, location: Span) -> frozenset[str]:
    """Return the files that the members of a container definition come from."""
    if definition.plain is not None:
        return frozenset((location.path,))
    keys = (item.key.span for item in definition.members if isinstance(item, Pair))
    return frozenset({location.path, *(span.path for span in keys if span)})


def launch_types(value: Value) -> tuple[str, ...]:
    """Return the known launch types in `requiresCompatibilities`."""
    texts = (
        [known_text(item) for item in value.items if not isinstance(item, Repeated)]
        if isinstance(value, ListValue)
        else []
    )
    return tuple(text for text in texts if text)


#: The start of placeholders that are shown as they are written.
_MARKS = ("$", "{{", "<%", "%{")
#: A reference in CloudFormation, in its short form and its long one.
_REFERENCE = r"""(?:!Ref\s+|\{\s*"Ref"\s*:\s*)["']?(?P<name>[\w:]+)["']?\s*\}?"""


def shown_text(value: Value) -> str | None:
    """Return a text as a report shows it, with unknown parts as they are written. Return None if nothing is known."""
    if isinstance(value, Choice):
        names = {shown_text(arm.value) for arm in value.arms}
        return names.pop() if len(names) == 1 else None
    text = known_text(value)
    if text is None and isinstance(value, Text):
        return "".join(_shown_part(part) for part in value.parts)
    return text


def _shown_part(part: Value) -> str:
    """Return a part of a text, as an interpolation if it is one."""
    text = known_text(part)
    if text is not None:
        return text
    written = part.span.text if part.span else "..."
    reference = re.fullmatch(_REFERENCE, written)
    if reference:
        return f"${{{reference['name']}}}"  # as in Fn::Sub
    return written if written.startswith(_MARKS) else f"${{{written}}}"
