"""From the value of `containerDefinitions`, in whichever source, to the container definitions of the model.

What else the sources say alike, and is read for the remedy alone, is read here too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from itertools import takewhile
from typing import NamedTuple

from ecs5lint.location import Span
from ecs5lint.model.task_definition import Alternative, ContainerDefinition, Misspelling, Unresolved
from ecs5lint.text.placeholders import is_placeholder, put_in_later
from ecs5lint.values.alternatives import Branch, Path, leaves, lift, possible
from ecs5lint.values.conditions import ALWAYS, Constant, TooManyAlternatives
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
from ecs5lint.values.members import find_member

#: How many containers a task definition may have, in all its alternatives, before they are called unknown.
MAX_CONTAINERS = 10_000


class Form(NamedTuple):
    """How a format writes a container definition.

    `key` is the spelling of readonlyRootFilesystem, `name_key` that of name; in a format that is not `case_sensitive`
    any letter case will do. `accepts_strings` tells that the strings true and false stand for the booleans.
    `typed`, for a source that has types, returns what is known of something unknown by its type.
    """

    key: str
    name_key: str
    case_sensitive: bool = True
    accepts_strings: bool = False
    typed: Callable[[Unknown], Value] | None = None

    def spelling(self, name: str) -> str:
        """Return how the format spells a name of the ECS API."""
        return name[0].upper() + name[1:] if self.name_key[0].isupper() else name


class Containers(NamedTuple):
    """The container definitions that a value holds, and what of it could not be listed."""

    definitions: tuple[ContainerDefinition, ...]
    unresolved: tuple[Unresolved, ...]
    assumptions: Assumptions


class _TooManyContainers(Exception):
    """There are more than MAX_CONTAINERS."""


class _Candidate(NamedTuple):
    """A container definition as one alternative of its list has it."""

    path: Path
    position: int
    definition: ObjectValue


def container_definitions(value: Value, form: Form, path: Path, fallback: Span) -> Containers:
    """Return the container definitions in `value`, the list of them.

    `path` says when the task definition exists. `fallback` is where a container stands that the source nowhere writes.
    A container written in one place is one definition, however many alternatives of the list it is in.
    """
    candidates: list[_Candidate] = []
    unresolved: list[Unresolved] = []
    assumptions = NO_ASSUMPTIONS

    def add(element: Value, index: int, path: Path) -> None:
        for longer, leaf in leaves(element, path):
            if isinstance(leaf, ObjectValue):
                candidates.append(_Candidate(longer, index, leaf))
                if len(candidates) > MAX_CONTAINERS:
                    raise _TooManyContainers
            elif not isinstance(leaf, Absent):
                unresolved.append(Unresolved(longer, _not_resolved(leaf, "a container definition must be an object")))

    try:
        for longer, leaf in leaves(value, path):
            assumptions |= leaf.assumptions
            if isinstance(leaf, ListValue):
                for index, item in enumerate(leaf.items):
                    if isinstance(item, Repeated) and item.when is ALWAYS:
                        add(item.element, index, longer)
                    elif isinstance(item, Repeated):
                        step = Branch(item.when, False if item.unlikely else None)
                        if possible((*longer, step)):
                            add(item.element, index, (*longer, step))
                    else:
                        add(item, index, longer)
            elif not isinstance(leaf, Absent) and not (isinstance(leaf, Known) and leaf.value is None):
                unresolved.append(Unresolved(longer, _not_resolved(leaf, "container definitions must be a list")))
    except (TooManyAlternatives, _TooManyContainers) as error:
        many = "alternatives to follow" if isinstance(error, TooManyAlternatives) else "containers to judge"
        unresolved = [Unresolved(path, Unknown(f"there are too many {many}", value.span))]
        candidates = []
    return Containers(_definitions(candidates, form, fallback), tuple(unresolved), assumptions)


def _not_resolved(value: Value, problem: str) -> Unknown:
    if isinstance(value, Known) and is_placeholder(str(value.value)):
        return put_in_later(str(value.value), value.span)
    return value if isinstance(value, Unknown) else Unknown(problem, value.span)


def _definitions(candidates: list[_Candidate], form: Form, fallback: Span) -> tuple[ContainerDefinition, ...]:
    """Group the candidates by the place they are written in."""
    definitions: dict[tuple[object, ...], ContainerDefinition] = {}
    for path, position, definition in candidates:
        name, named_by = _find(definition, form.name_key, form)
        written = (named_by.within if named_by else None) or definition.span
        location = written or fallback
        shown = shown_text(name)
        # Containers that the source does not write out are told apart by their place in the list.
        place = (id(location.source), location.start, shown, None if written else position)
        found = ContainerDefinition(
            shown,
            position,
            location,
            form.key,
            (_alternative(path, definition, form),),
            _image(_find(definition, form.spelling("image"), form)[0]),
            _user(_find(definition, form.spelling("user"), form)[0]),
            _mounted(definition, form),
            _sources(definition, location),
        )
        known = definitions.get(place)
        definitions[place] = known.joined(found) if known else found
    return tuple(definitions.values())


def _sources(definition: ObjectValue, location: Span) -> frozenset[str]:
    """Return the files that the members of a container definition come from."""
    keys = (item.key.span for item in definition.members if isinstance(item, Pair))
    return frozenset({location.path, *(span.path for span in keys if span)})


def _image(value: Value) -> str | None:
    """Return an image, as far as it is known: a tag may be left off, but no part of the name."""
    return _agreed(_image_name(leaf) for leaf in _alternatives(value))


def _image_name(value: Value) -> str | None:
    if not isinstance(value, Text):
        return known_text(value)
    parts = [known_text(part) for part in value.parts]
    start = "".join(part for part in takewhile(lambda part: part is not None, parts) if part is not None)
    return start if None not in parts or ":" in start.rpartition("/")[2] else None


def _user(value: Value) -> str | None:
    return _agreed(_scalar_text(leaf) for leaf in _alternatives(value))


def _scalar_text(value: Value) -> str | None:
    # Where a number is taken for a text, it is this one.
    return str(value.value) if isinstance(value, Known) and type(value.value) is int else known_text(value)


def _agreed(texts: Iterable[str | None]) -> str | None:
    """Return what all of the texts are."""
    found = set(texts)
    return found.pop() if len(found) == 1 else None


def _alternatives(value: Value) -> list[Value]:
    """Return the alternatives of a value, none if there are too many."""
    try:
        return [leaf for _, leaf in leaves(value)]
    except TooManyAlternatives:
        return []


def _mounted(definition: ObjectValue, form: Form) -> tuple[str, ...]:
    """Return the paths at which something is mounted that can be written to."""
    mounts = _elements(definition, "mountPoints", form)
    parameters, _ = _find(definition, form.spelling("linuxParameters"), form)
    if isinstance(parameters, ObjectValue):
        mounts += _elements(parameters, "tmpfs", form)
    paths = [
        known_text(_find(mount, form.spelling("containerPath"), form)[0])
        for mount in mounts
        if not is_true(_find(mount, form.spelling("readOnly"), form)[0])
    ]
    return tuple(path for path in paths if path)


def _elements(definition: ObjectValue, name: str, form: Form) -> list[ObjectValue]:
    value, _ = _find(definition, form.spelling(name), form)
    return [item for item in value.items if isinstance(item, ObjectValue)] if isinstance(value, ListValue) else []


def is_true(value: Value) -> bool:
    """Tell whether a value is true in at least one configuration; the text true counts as it."""
    return any(
        isinstance(leaf, Known) and (leaf.value is True or str(leaf.value).lower() == "true")
        for leaf in _alternatives(value)
    )


def launch_types(value: Value) -> tuple[str, ...]:
    """Return the launch types in `requiresCompatibilities`, as far as they are known."""
    texts = (
        [known_text(item) for item in value.items if not isinstance(item, Repeated)]
        if isinstance(value, ListValue)
        else []
    )
    return tuple(text for text in texts if text)


def _find(definition: ObjectValue, key: str, form: Form) -> tuple[Value, Pair | None]:
    if form.case_sensitive:
        return find_member(definition, key)
    return find_member(definition, key, _fold)


def _fold(key: str) -> str:
    """Fold the case as Go's encoding/json does for a field name: simple folding, of which these two leave ASCII."""
    return key.replace("\u017f", "s").replace("\u212a", "k").lower()


def _alternative(path: Path, definition: ObjectValue, form: Form) -> Alternative:
    value, pair = _find(definition, form.key, form)
    if form.accepts_strings:
        value = lift(_boolean, value)
    elif form.typed and pair:
        value = lift(partial(_typed, form.typed), value)
    return Alternative(path, value, _misspelling(definition, form))


def _boolean(value: Value) -> Value:
    """Read the strings true and false, in any case, as CloudFormation does. A placeholder may become one of them."""
    # What Fn::Sub makes of ${!Name} is no placeholder, and not what is written.
    is_written = isinstance(value, Known) and value.span is not None and str(value.value) in value.span.text
    if is_written and isinstance(value, Known) and is_placeholder(str(value.value)):
        return put_in_later(str(value.value), value.span)
    if isinstance(value, Unknown):
        return value._replace(domain=value.domain and tuple(_as_boolean(item) for item in value.domain))
    if isinstance(value, Text):
        hole = next((part for part in value.parts if isinstance(part, Unknown)), None)
        return hole._replace(domain=None) if hole else value
    return value._replace(value=_as_boolean(value.value)) if isinstance(value, Known) else value


def _typed(typed: Callable[[Unknown], Value], value: Value) -> Value:
    return typed(value) if isinstance(value, Unknown) and value.type else value


def _as_boolean(value: Constant) -> Constant:
    text = value.lower() if isinstance(value, str) else None
    return text == "true" if text in ("true", "false") else value


def _misspelling(definition: ObjectValue, form: Form) -> Misspelling | None:
    for member in definition.members:
        key = known_text(member.key) if isinstance(member, Pair) else None
        if isinstance(member, Pair) and key is not None and _means_readonly_root(key) and not _is_key(key, form):
            return Misspelling(key, member.key.span)
    return None


def _is_key(key: str, form: Form) -> bool:
    return key == form.key or (not form.case_sensitive and _fold(key) == _fold(form.key))


#: What people write for it: other cases, snake_case, kebab-case, and Docker's and the Engine API's names.
_SPELLINGS = {"readonlyrootfilesystem", "readonlyrootfs", "readonlyfilesystem", "readonlyrootfile", "readonlyroot"}


def _means_readonly_root(key: str) -> bool:
    return _fold(key).replace("_", "").replace("-", "") in _SPELLINGS


#: How the placeholders begin that are shown as they are written.
_MARKS = ("$", "{{", "<%", "%{")


def shown_text(value: Value) -> str | None:
    """Return a text as a report shows it: a part of it that is not known as it is written. None if no more is known."""
    if isinstance(value, Choice):
        names = {shown_text(arm.value) for arm in value.arms}
        return names.pop() if len(names) == 1 else None
    text = known_text(value)
    if text is None and isinstance(value, Text):
        return "".join(_shown_part(part) for part in value.parts)
    return text


def _shown_part(part: Value) -> str:
    """Return a part of a text, as an interpolation if that is what it is."""
    text = known_text(part)
    if text is not None:
        return text
    written = part.span.text if part.span else "..."
    return written if written.startswith(_MARKS) else f"${{{written}}}"
