"""Honor suppressions for other linters.

A suppression names a check of the other linter. It applies to the rule for the same control, and to no other rule.

checkov (CKV_AWS_336 for ECS5): a comment `checkov:skip=CKV_AWS_336:reason` in the block of the resource or of a call
that leads to it, and `checkov: skip: [{id, comment}]` in the Metadata of a CloudFormation resource.
https://www.checkov.io/2.Basics/Suppressing%20and%20Skipping%20Policies.html

cfn-lint (E9005 and W9005 for ECS5): `cfn-lint: config: ignore_checks` in the Metadata of a resource, with names of
rules, and in the Metadata of the template, with prefixes of names too.
https://github.com/aws-cloudformation/cfn-lint#metadata

cfn-guard: `guard: SuppressedRules` in the Metadata of a CloudFormation resource, with names of rules.
https://github.com/aws-cloudformation/aws-guard-rules-registry#suppressing-rules

trivy (AWS-0035 for ECS18): a comment `trivy:ignore:AWS-0035` in the block of the resource or of a call, or on the
line above it.
https://trivy.dev/latest/docs/configuration/filtering/#by-inline-comments

KICS: a comment `kics-scan disable=ID,ID`, which applies to the whole file.
https://docs.kics.io/latest/running-kics/#using-commands-on-scanned-files-as-comments
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from ecs5lint.findings.suppressions import OTHER_MARKS
from ecs5lint.findings.suppressions.claim import Claim, Position, is_finding, reach
from ecs5lint.light_typing import NamedTuple
from ecs5lint.location import Source, Span, written_in
from ecs5lint.model.resource import Subject
from ecs5lint.model.result import FAIL, Result, Suppression
from ecs5lint.rules import RULES, Rule
from ecs5lint.values.kinds import ListValue, ObjectValue, Value, known_text
from ecs5lint.values.members import member, nested_member

_SKIP = re.compile(
    r"(?:checkov|bridgecrew|cortex):skip= *(?P<checks>[A-Za-z_\d-]+(?:,[A-Za-z_\d-]+)*)(?::(?P<reason>.*))?"
)
_IGNORE = re.compile(r"(?:trivy|tfsec):ignore:(?P<check>[\w-]+)(?::exp:(?P<expires>\d{4}-\d\d-\d\d))?(?=\s|$)")
_DISABLE = re.compile(r"kics-scan disable=(?P<checks>[\w,-]+)")
_NO_REASON = "no reason was given"


class _Scope(NamedTuple):
    """The lines of a task definition, or of a call that leads to it, and the indexes of the findings there, by rule."""

    start: Position
    end: Position
    findings: dict[str, list[int]]


def claims(
    results: Sequence[Result], sources: Sequence[Source], comments_in: Callable[[Source], list[Span]], today: str
) -> Iterator[Claim]:
    """Yield the claims of suppressions for other linters. `today` is YYYY-MM-DD."""
    marked = [source for source in sources if any(mark in source.text for mark in OTHER_MARKS)]
    scopes = _scopes(results) if marked else {}
    by_path = _by_path(results) if marked else {}
    for source in marked:
        around = scopes.get((source.path, source.syntax), {})
        for comment in comments_in(source):
            yield from _skip_comment(comment, around)
            yield from _ignore_comment(comment, around, today)
            yield from _disable_comment(comment, by_path)
    yield from _metadata_claims(results, lambda resource: resource.metadata, _of_resource)
    yield from _metadata_claims(results, lambda resource: resource.template_metadata, _of_template)


def _metadata_claims(
    results: Sequence[Result],
    metadata_of: Callable[[Subject], Value],
    suppressions: Callable[[ObjectValue, Rule, str], Iterator[Suppression]],
) -> Iterator[Claim]:
    """Yield the first suppression that a Metadata has for a finding. Findings need no other.

    The findings are taken in groups for which the same Metadata means the same. A template has thousands of resources.
    """
    groups: dict[tuple[int, str, str], tuple[ObjectValue, list[int]]] = {}
    for index, result in enumerate(results):
        metadata = metadata_of(result.resource)
        if isinstance(metadata, ObjectValue) and is_finding(result):
            groups.setdefault((id(metadata), result.rule, result.verdict), (metadata, []))[1].append(index)
    for (_, rule, verdict), (metadata, indexes) in groups.items():
        suppression = next(suppressions(metadata, RULES[rule], verdict), None)
        if suppression:
            yield Claim(rule, suppression, indexes)


def _scopes(results: Sequence[Result]) -> dict[tuple[str, str], dict[int, list[_Scope]]]:
    """Return the scopes of the findings, by path and syntax, and by line."""
    scopes: dict[Span, _Scope] = {}
    for index, result in enumerate(results):
        if is_finding(result):
            resource = result.resource
            written = resource.extent or resource.location
            for span in (written, *(call.span for call in resource.via)):
                if span not in scopes:
                    scopes[span] = _Scope(*reach(span), {})
                scopes[span].findings.setdefault(result.rule, []).append(index)
    by_line: dict[tuple[str, str], dict[int, list[_Scope]]] = {}
    for span, scope in scopes.items():
        of_text = by_line.setdefault((span.path, written_in(span.source).syntax), {})
        for line in range(scope.start[0], scope.end[0] + 1):
            of_text.setdefault(line, []).append(scope)
    return by_line


def _by_path(results: Sequence[Result]) -> dict[tuple[str, str], list[int]]:
    """Return the indexes of the findings by the path of their resource, and by rule."""
    by_path: dict[tuple[str, str], list[int]] = {}
    for index, result in enumerate(results):
        if is_finding(result):
            by_path.setdefault((result.resource.location.path, result.rule), []).append(index)
    return by_path


def _skip_comment(comment: Span, scopes: dict[int, list[_Scope]]) -> Iterator[Claim]:
    skip = _SKIP.search(comment.text)
    checks = skip["checks"].split(",") if skip else []
    for rule in RULES.values():
        if skip and not set(rule.checkov).isdisjoint(checks):
            at, _ = reach(comment)
            around = [scope for scope in scopes.get(at[0], []) if scope.start <= at < scope.end]
            reason = (skip["reason"] or "").strip().removesuffix("*/").strip()
            yield Claim(rule.id, Suppression("checkov", reason or _NO_REASON, comment), _taken(around, rule))


def _ignore_comment(comment: Span, scopes: dict[int, list[_Scope]], today: str) -> Iterator[Claim]:
    (line, column), _ = reach(comment)
    for ignore in _IGNORE.finditer(comment.text):
        if ignore["expires"] and ignore["expires"] < today:
            continue
        check = ignore["check"].upper().removeprefix("AVD-")
        inside = [scope for scope in scopes.get(line, []) if scope.start <= (line, column) < scope.end]
        below = [scope for scope in scopes.get(line + 1, []) if scope.start[0] == line + 1]
        for rule in RULES.values():
            if check in rule.trivy:
                yield Claim(rule.id, Suppression("trivy", _NO_REASON, comment), _taken((*inside, *below), rule))


def _taken(scopes: Iterable[_Scope], rule: Rule) -> list[int]:
    """Return the findings of a rule in some scopes, and remove them there. Each needs only its first suppression."""
    return sorted({index for scope in scopes for index in scope.findings.pop(rule.id, [])})


def _disable_comment(comment: Span, by_path: dict[tuple[str, str], list[int]]) -> Iterator[Claim]:
    disable = _DISABLE.search(comment.text)
    checks = disable["checks"].split(",") if disable else []
    for rule in RULES.values():
        if not set(rule.kics).isdisjoint(checks):
            covered = by_path.pop((comment.path, rule.id), [])
            yield Claim(rule.id, Suppression("kics", _NO_REASON, comment), covered)


def _of_resource(metadata: ObjectValue, rule: Rule, verdict: str) -> Iterator[Suppression]:
    """Yield the suppressions of a rule in the Metadata of a resource."""
    for tool in ("checkov", "bridgecrew"):
        for entry in _items(metadata, tool, "skip"):
            if isinstance(entry, ObjectValue) and known_text(member(entry, "id")) in rule.checkov:
                reason = known_text(member(entry, "comment"))
                yield Suppression("checkov", reason or _NO_REASON, entry.span)
    for item in _items(metadata, "guard", "SuppressedRules"):
        if (known_text(item) or "").lower() in rule.cfn_guard:
            yield Suppression("cfn-guard", _NO_REASON, item.span)
    for item in _ignored_checks(metadata):
        if known_text(item) == _cfn_lint(rule, verdict):
            yield Suppression("cfn-lint", _NO_REASON, item.span)


def _of_template(metadata: ObjectValue, rule: Rule, verdict: str) -> Iterator[Suppression]:
    """Yield the suppressions of a rule in the Metadata of a template."""
    for item in _ignored_checks(metadata):
        beginning = known_text(item)
        if beginning and _cfn_lint(rule, verdict).startswith(beginning):
            yield Suppression("cfn-lint", _NO_REASON, item.span)


def _cfn_lint(rule: Rule, verdict: str) -> str:
    """Return the id of a rule in the cfn-lint plugin."""
    error, warning = rule.cfn_lint
    return error if verdict == FAIL else warning


def _ignored_checks(metadata: ObjectValue) -> Iterator[Value]:
    return _items(metadata, "cfn-lint", "config", "ignore_checks")


def _items(metadata: ObjectValue, *keys: str) -> Iterator[Value]:
    """Yield the elements of a list in Metadata, if they are literal."""
    found = nested_member(metadata, *keys)
    for item in found.items if isinstance(found, ListValue) else ():
        if isinstance(item, Value):
            yield item
