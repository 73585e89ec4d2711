"""Check the tags of a resource, for ECS13, ECS14 and ECS15.

The control has a parameter with the keys of required tags, in exact case. Without required keys, any tag is enough,
except the system tags of AWS.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from ecs5lint.light_typing import NamedTuple
from ecs5lint.model.form import Form
from ecs5lint.model.resource import Subject
from ecs5lint.model.result import FAIL, PASS, UNKNOWN, Result
from ecs5lint.model.task_definition import Setting
from ecs5lint.rules import checks, outcomes, remedies
from ecs5lint.rules.checks import ResourceCheck
from ecs5lint.rules.outcomes import Outcome, Undetermined
from ecs5lint.settings.settings import Settings
from ecs5lint.values.alternatives import MAX_ALTERNATIVES, Case, leaves
from ecs5lint.values.conditions import TooManyAlternatives
from ecs5lint.values.kinds import (
    Absent,
    Known,
    ListValue,
    ObjectValue,
    Pair,
    Repeated,
    Rest,
    Unknown,
    Value,
    known_text,
)

REASONS = {
    "tagged": "the required tags are there",
    "untagged": "there is no tag but those of AWS",
    "missing-tags": "some of the required tags are missing",
    **outcomes.REASONS,
}

_TAGS, _KEY = "tags", "key"
#: The start of the keys of system tags.
_SYSTEM = "aws:"


class _Tags(NamedTuple):
    """The keys of the tags in one case. `unknown` has the reason if there may be others."""

    case: Case
    keys: frozenset[str]
    unknown: Unknown | None


def judge(resource: Subject, rule: str, settings: Settings) -> list[Result]:
    """Return the result for the tags of a resource.

    If the settings are strict, a result that relies on a default is unknown.
    """
    required = settings.required_tags or ()
    check = ResourceCheck(
        rule,
        find=partial(_find, required),
        judge=partial(_judge_value, required),
        predicate=partial(_predicate, required),
        steps=lambda found, outcome: (_step(found, _missing(outcome) or required),),
        write_out=lambda found: remedies.written_in(found, _TAGS, "..."),
    )
    return checks.judge_resource(resource, check, settings)


def _find(required: Sequence[str], resource: Subject) -> list[Setting]:
    """Return the missing keys in each case, as a list, or an unknown. Raises TooManyAlternatives."""
    return [
        Setting(tags.case, _lacking(tags, required, value))
        for case, value in leaves(resource.read(_TAGS), resource.case)
        for tags in _alternatives(value, case, resource.form)
    ]


def _lacking(tags: _Tags, required: Sequence[str], value: Value) -> Value:
    missing = [key for key in required if key not in tags.keys]
    is_tagged = not missing if required else any(not key.startswith(_SYSTEM) for key in tags.keys)
    if not is_tagged and tags.unknown:
        return tags.unknown
    items = () if is_tagged else tuple(map(Known, missing)) or (Known(None),)
    is_missing = isinstance(value, Absent) or (isinstance(value, Known) and value.value is None)
    return ListValue(items, None if is_missing else value.span, value.assumptions)


def _alternatives(value: Value, case: Case, form: Form) -> Iterator[_Tags]:
    """Yield the tags in each case. They are a list of objects, or a map."""
    if isinstance(value, ListValue):
        yield from _of_list(value, case, form)
    elif isinstance(value, ObjectValue):
        keys = frozenset(key for item in value.members if isinstance(item, Pair) and (key := known_text(item.key)))
        yield _Tags(case, keys, _unknown_member(value))
    elif isinstance(value, Unknown):
        yield _Tags(case, frozenset(), value)
    else:
        is_none = isinstance(value, Absent) or (isinstance(value, Known) and value.value is None)
        yield _Tags(case, frozenset(), None if is_none else Unknown("they are neither a list nor a map", value.span))


def _unknown_member(tags: ObjectValue) -> Unknown | None:
    """Return the reason why a map may have other keys, or None."""
    for item in tags.members:
        if isinstance(item, Rest):
            return item.unknown
        if known_text(item.key) is None:
            return Unknown("a key is unknown", item.key.span)
    return None


def _of_list(tags: ListValue, case: Case, form: Form) -> Iterator[_Tags]:
    found = [_Tags(case, frozenset(), None)]
    for item in tags.items:
        if isinstance(item, Repeated):
            unknown = Unknown("the number of tags is unknown", item.element.span)
            found = [before._replace(unknown=before.unknown or unknown) for before in found]
            continue
        found = [
            _with_tag(before._replace(case=longer), leaf, form)
            for before in found
            for longer, leaf in leaves(item, before.case)
        ]
        if len(found) > MAX_ALTERNATIVES:
            raise TooManyAlternatives
    yield from found


def _with_tag(before: _Tags, tag: Value, form: Form) -> _Tags:
    """Return the tags with another one."""
    key = form.property(tag, _KEY) if isinstance(tag, ObjectValue) else tag
    text = known_text(key)
    if text is not None:
        return before._replace(keys=before.keys | {text})
    if isinstance(key, Absent):
        return before
    unknown = key if isinstance(key, Unknown) else Unknown("the key of a tag is unknown", key.span)
    return before._replace(unknown=before.unknown or unknown)


def _judge_value(required: Sequence[str], value: Value, _setting: Setting) -> tuple[str, str]:
    if not isinstance(value, ListValue):
        return UNKNOWN, "unresolved"
    if not value.items:
        return PASS, "tagged"
    return FAIL, "missing-tags" if required else "untagged"


def _missing(outcome: Outcome) -> list[str]:
    """Return the missing keys of a failure."""
    values = (item.value for item in (outcome, *outcome.also))
    items = [item for value in values if isinstance(value, ListValue) for item in value.items]
    return list(dict.fromkeys(text for item in items if isinstance(item, Known) and (text := known_text(item))))


def _predicate(required: Sequence[str], resource: Subject, outcome: Outcome) -> str | Undetermined:
    if outcome.reason == "tagged":
        return f"has the required {_named(required)}" if required else "has a tag"
    if outcome.reason == "untagged":
        return "has no tag"
    if outcome.reason == "missing-tags":
        return f"does not have the required {_named(_missing(outcome))}"
    return Undetermined(resource.form.spelling(_TAGS), outcomes.unknown_reason(outcome.value))


def _named(keys: Sequence[str]) -> str:
    return f"tag{'s' * (len(keys) > 1)} {', '.join(keys)}"


def _step(resource: Subject, keys: Sequence[str]) -> str:
    return f"add the {_named(keys)}" if keys else "add a tag"
