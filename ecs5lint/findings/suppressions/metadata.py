"""Read the Metadata of a CloudFormation resource: `ecs5lint: ignore: [{rule, reason, expires, container}]`.

An entry applies to one container: the container that it names or, without a name, the only finding on the resource.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from ecs5lint.findings.suppressions.claim import Claim, expired, is_date, is_finding, names, no_such_rule
from ecs5lint.location import Span
from ecs5lint.model.result import Result, Suppression
from ecs5lint.notices import Notice
from ecs5lint.rules import rule_named
from ecs5lint.settings.suggestion import suggestion
from ecs5lint.text.visible import is_blank
from ecs5lint.values.kinds import Absent, ListValue, ObjectValue, Pair, Repeated, Value, known_text
from ecs5lint.values.members import member

_KEYS = ("rule", "reason", "expires", "container")
_FORM = "ignore: [{rule: ECS5, reason: the reason}]"


class _OfResource:
    """The results on one resource. There may be thousands, and as many entries."""

    def __init__(self) -> None:
        self.results: list[Result] = []
        #: The findings by rule, and by rule and container, with their indexes among all results.
        self._findings: dict[tuple[str, str | None], list[tuple[int, Result]]] = {}
        #: The names of the containers, by rule.
        self._containers: dict[str, dict[str, None]] = {}
        self._names: dict[str, str] = {}

    def add(self, index: int, result: Result) -> None:
        """Add a result."""
        self.results.append(result)
        if result.container is not None:
            self._containers.setdefault(result.rule, {})[result.container] = None
        if is_finding(result):
            for container in {None, result.container}:
                self._findings.setdefault((result.rule, container), []).append((index, result))

    def findings(self, rule: str, container: str | None) -> list[tuple[int, Result]]:
        """Return the findings of a rule on a container, or on all containers."""
        return self._findings.get((rule, container), [])

    def containers(self, rule: str) -> Collection[str]:
        """Return the names of the containers that a rule checked."""
        return self._containers.get(rule, {}).keys()

    def named(self, rule: str) -> str:
        """Return the names of the subjects of all findings of a rule, for a message."""
        if rule not in self._names:
            self._names[rule] = names(result for _, result in self.findings(rule, None))
        return self._names[rule]


def claims(results: Sequence[Result], rules: Sequence[str], today: str) -> Iterator[Claim | Notice]:
    """Yield the claims in the Metadata of each resource, and a notice for each invalid entry.

    `rules` are the rules of the run. A suppression of another rule is not reported as unused. `today` is YYYY-MM-DD.
    """
    by_resource: dict[int, _OfResource] = {}
    for index, result in enumerate(results):
        if isinstance(result.resource.metadata, ObjectValue):
            by_resource.setdefault(id(result.resource), _OfResource()).add(index, result)
    for of_resource in by_resource.values():
        resource = of_resource.results[0].resource
        metadata = resource.metadata
        section = member(metadata, "ecs5lint") if isinstance(metadata, ObjectValue) else metadata
        if not isinstance(section, Absent):
            for item in _section(section, section.span or resource.location, of_resource, today):
                if isinstance(item, Notice) or item.rule in rules:
                    yield item


def _section(section: Value, span: Span, of_resource: _OfResource, today: str) -> Iterator[Claim | Notice]:
    entries = member(section, "ignore") if isinstance(section, ObjectValue) else section
    yield from _unknown_keys(section, ("ignore",), span)
    if not isinstance(entries, ListValue):
        if not isinstance(entries, Absent):
            yield _notice(f"suppressions in Metadata must be a list; write {_FORM}", entries.span or span)
        return
    for entry in entries.items:
        written = entry.element if isinstance(entry, Repeated) else entry
        yield from _entry(written, written.span or span, of_resource, today)


def _entry(entry: Value, span: Span, of_resource: _OfResource, today: str) -> Iterator[Claim | Notice]:
    """Yield the claim of one entry, or notices for an invalid entry."""
    if not isinstance(entry, ObjectValue):
        yield _notice(f"invalid suppression; write {_FORM}", span)
        return
    unknown = list(_unknown_keys(entry, _KEYS, span))
    if unknown:
        # An entry with a misspelled "expires" must not apply forever.
        yield from unknown
        return
    texts = {key: known_text(member(entry, key)) for key in _KEYS}
    problem = _problem(entry, texts)
    if problem:
        yield _notice(f"suppression ignored: {problem}", span)
        return
    rule, expires, container = rule_named(texts["rule"] or "") or "", texts["expires"], texts["container"]
    findings = of_resource.findings(rule, container)
    idle = ""
    if container is None and len(findings) > 1:
        several = of_resource.named(rule)
        idle = (
            f'ambiguous suppression, ignored: the resource has several findings ({several}); name one with "container"'
        )
        findings = []
    elif not findings:
        idle = _idle(container, of_resource.containers(rule))
    if findings and expires is not None and expires < today:
        yield _notice(expired(expires, [result for _, result in findings]), span)
        return
    suppression = Suppression("metadata", texts["reason"] or "", span, expires)
    yield Claim(rule, suppression, [index for index, _ in findings], _notice(idle, span) if idle else None)


def _problem(entry: ObjectValue, texts: dict[str, str | None]) -> str | None:
    """Return the problem with an entry, or None."""
    for key, text in texts.items():
        if text is None and not isinstance(member(entry, key), Absent):
            return f'"{key}" must be a literal string'
    rule, reason, expires = texts["rule"], texts["reason"], texts["expires"]
    if rule is None:
        return f'it has no "rule"; write {_FORM}'
    if rule_named(rule) is None:
        return no_such_rule(rule)
    if reason is None or is_blank(reason):
        return f'it has no "reason"; write {_FORM}'
    if expires is not None and not is_date(expires):
        return f'"expires" must be a date as in 2030-01-31, not "{expires}"'
    return None


def _idle(container: str | None, there_are: Collection[str]) -> str:
    if container is None:
        return "unused suppression: the resource has no finding"
    if container in there_are:
        return f'unused suppression: container "{container}" has no finding'
    return f'unused suppression: unknown container "{container}"; {suggestion(container, there_are)}'


def _unknown_keys(value: Value, known: Iterable[str], span: Span) -> Iterator[Notice]:
    for pair in value.members if isinstance(value, ObjectValue) else ():
        key = known_text(pair.key) if isinstance(pair, Pair) else None
        if isinstance(pair, Pair) and key is not None and key not in known:
            yield _notice(f'unknown key "{key}" in Metadata; {suggestion(key, known)}', pair.key.span or span)


def _notice(message: str, span: Span) -> Notice:
    return Notice(message, span.path, span)
