"""Find the source of a registered task definition in the files of a project."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from ecs5lint.location import Span
from ecs5lint.model.result import FAIL, PASS, SUPPRESSED, Origin, Report, Result
from ecs5lint.model.task_definition import TaskDefinition
from ecs5lint.values.alternatives import leaves
from ecs5lint.values.conditions import TooManyAlternatives
from ecs5lint.values.kinds import Known, ListValue, ObjectValue, Pair, Text, Value, known_text
from ecs5lint.values.members import member

#: The properties of task definitions that identify them.
IDENTITY = ("family", "tags", "arn")

_YOR, _LOGICAL_ID = "yor_trace", "aws:cloudformation:logical-id"

#: A literal with interpolations, as Terraform and Fn::Sub write it.
_TEMPLATE = re.compile(r"""["']?([^"'\s]*\$\{[^"']*)""")
_INTERPOLATION = re.compile(r"\$\{[^}]*\}")

_ANY = ".+"

#: What to say of a registered verdict and that of the source.
_CONCLUSIONS = {
    (FAIL, FAIL): "the source fails too",
    (FAIL, PASS): "the source passes: it is not deployed yet",
    (PASS, FAIL): "the source fails: it is not deployed yet",
    (FAIL, SUPPRESSED): "the finding is suppressed in the source",
}


class _Source(NamedTuple):
    """A task definition in a file, with its results."""

    definition: TaskDefinition
    results: list[Result]

    @property
    def position(self) -> tuple[str, int]:
        """The position of the task definition. Callers may deploy it more than once."""
        return self.definition.location.path, self.definition.location.start


class Origins:
    """The task definitions in a project, from its report."""

    def __init__(self, report: Report) -> None:
        by_definition: dict[int, _Source] = {}
        for result in report.results:
            definition = result.task_definition
            if definition:
                by_definition.setdefault(id(definition), _Source(definition, [])).results.append(result)
        found = list(by_definition.values())
        #: The resources of plans and states, which have an ARN. Their verdicts are those of what is registered.
        self._applied = [source for source in found if source.definition.source == "terraform-plan"]
        self._sources = [source for source in found if source.definition.source != "terraform-plan"]

    def of(self, result: Result) -> Origin | None:
        """Return the source of the task definition of a result, or None if there is none."""
        definition = result.task_definition
        if definition is None or definition.registered is None:
            return None
        for way, matching in (
            ("the Terraform state", self._by_arn(definition)),
            ("tags", self._by_tags(definition)),
            ("family", self._by_family(definition.registered.name)),
            ("a pattern of the family", self._by_pattern(definition.registered.name)),
        ):
            found = list(matching)
            if found:
                return _origin(way, found, result)
        return None

    def _by_arn(self, definition: TaskDefinition) -> Iterator[_Source]:
        """Yield the sources of the resources with an ARN, whatever its revision."""
        arn = _without_revision(definition.location.path)
        for applied in self._applied:
            if _without_revision(known_text(applied.definition.read("arn")) or "") == arn:
                via = applied.definition.via
                address = applied.definition.address
                written = [source for source in self._sources if via and _is_at(source, via[-1].span)]
                yield from written or self._at_address(address) or [applied]

    def _at_address(self, address: str) -> list[_Source]:
        """Return the sources of a Terraform resource, if a state is not beside its module."""
        return [
            source
            for source in self._sources
            if source.definition.source == "terraform" and source.definition.address == address
        ]

    def _by_tags(self, definition: TaskDefinition) -> Iterator[_Source]:
        tags = _tags(definition.read("tags"))
        trace, logical_id = tags.get(_YOR), tags.get(_LOGICAL_ID)
        for source in self._sources:
            is_stack = source.definition.source == "cloudformation"
            if (trace and _tags(source.definition.read("tags")).get(_YOR) == trace) or (
                logical_id and is_stack and source.definition.address.rpartition(".")[2] == logical_id
            ):
                yield source

    def _by_family(self, family: str) -> Iterator[_Source]:
        return (source for source in self._sources if family in _families(source.definition))

    def _by_pattern(self, family: str) -> Iterator[_Source]:
        for source in self._sources:
            pattern = _pattern(source.definition.read("family"))
            if pattern and re.fullmatch(pattern, family):
                yield source


def _origin(way: str, found: list[_Source], result: Result) -> Origin:
    """Return the source of a result. If it may be one of several, it has all of them."""
    positions = {source.position: source.definition.location for source in found}
    address = found[0].definition.address
    if len(positions) > 1:
        return Origin(way, tuple(positions.values()), address, None, "it may be any of these")
    same = _same(found, result)
    verdicts = {item.verdict for item in same}
    if len(verdicts) != 1:
        said = "the verdict of the source depends on its caller" if verdicts else "the source has no such container"
        return Origin(way, tuple(positions.values()), address, None, said)
    position = same[0].value_location or same[0].location
    (verdict,) = verdicts
    said = _CONCLUSIONS.get((result.verdict, verdict), f"the verdict of the source is {verdict}")
    return Origin(way, (position,), address, verdict, said)


def _same(found: list[_Source], result: Result) -> list[Result]:
    """Return the results about the same container, or else those about all containers."""
    of_rule = [item for source in found for item in source.results if item.rule == result.rule]
    exact = [item for item in of_rule if item.container_index is not None and item.container == result.container]
    return exact or [item for item in of_rule if item.container_index is None or result.container_index is None]


def _is_at(source: _Source, span: Span) -> bool:
    location = source.definition.extent or source.definition.location
    return location.path == span.path and location.line == span.line


def _without_revision(arn: str) -> str:
    return re.sub(r":\d+$", "", arn)


def _families(definition: TaskDefinition) -> set[str | None]:
    """Return the families that a task definition certainly can have."""
    try:
        return {known_text(leaf) for _, leaf in leaves(definition.read("family"), ())} - {None}
    except TooManyAlternatives:
        return set()


def _pattern(family: Value) -> str:
    """Return a regular expression for a family with variables in it, or an empty text without any literal part."""
    parts = [_pattern_of_part(part) for part in family.parts] if isinstance(family, Text) else _written_parts(family)
    return "".join(parts) if any(part != _ANY for part in parts) else ""


def _pattern_of_part(part: Value) -> str:
    text = known_text(part)
    # A default is one of the possible values.
    return _ANY if text is None or part.assumptions else re.escape(text)


def _written_parts(family: Value) -> list[str]:
    """Return the parts of a text that is known by defaults alone, as it is written."""
    if isinstance(family, Known) and family.assumptions and family.span:
        template = _TEMPLATE.search(family.span.text)
        if template:
            literals = [re.escape(text) for text in _INTERPOLATION.split(template[1])]
            return [part for literal in literals for part in (_ANY, literal) if part][1:]
    return []


def _tags(value: Value) -> dict[str, str]:
    """Return the known tags in a map, or in a list of keys and values."""
    found: dict[str, str] = {}
    if isinstance(value, ObjectValue):
        pairs = ((known_text(item.key), known_text(item.value)) for item in value.members if isinstance(item, Pair))
        found.update((key, text) for key, text in pairs if key and text)
    for item in value.items if isinstance(value, ListValue) else ():
        if isinstance(item, ObjectValue):
            key, text = (_either(item, name) for name in ("key", "value"))
            found.update({key: text} if key and text else {})
    return found


def _either(item: ObjectValue, name: str) -> str | None:
    """Return a member by its name in the API or in CloudFormation."""
    return known_text(member(item, name)) or known_text(member(item, name.capitalize()))
