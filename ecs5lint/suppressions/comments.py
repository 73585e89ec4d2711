"""`# ecs5lint: ignore[ECS5] the reason`: on the lines of a container, or on the line above it.

A comment covers one container definition, as it is written in one place, whatever number of task definitions it ends
up in. Where it could be about several, it covers none and says so.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from ecs5lint.location import Source, Span
from ecs5lint.result import Notice, Result, Suppression
from ecs5lint.suppressions import MARK, written_in
from ecs5lint.suppressions.claim import (
    Claim,
    described,
    is_finding,
    no_such_rule,
    reach,
    rule_named,
)

#: Where a comment, a line of one, or another comment in it begins with the mark.
_DIRECTIVE = re.compile(r"(?m)(?:^|#|//|/\*)[\s*]*ecs5lint:[ \t]*(?P<rest>.*)")
_IGNORE = re.compile(r"ignore[ \t]*\[(?P<rules>[^\]]*)\](?P<reason>.*)")
_BEFORE_REASON = " \t:-\u2013\u2014"
_FORM = '"ecs5lint: ignore[ECS5] the reason"'

#: A line of YAML on which an element, an anchor or a tag stands before the mapping that begins on the next one.
_YAML_PROPERTIES = re.compile(r"\s*(?:-|[&!]\S+)(?:\s+[&!]\S+)*\s*(?:\s#.*)?")

Position = tuple[int, int]


class _Comment(NamedTuple):
    """A comment that excepts something, and its place: `is_alone` if there is nothing else on its lines."""

    reason: str
    span: Span
    start: Position
    end: Position
    is_alone: bool


class _Place(NamedTuple):
    """A place at which a container definition is written, and the results on it (their indices too).

    `is_whole` tells that it is the place of a task definition, which stands for what is nowhere written by itself.
    """

    start: Position
    end: Position
    first_line: int
    is_whole: bool
    results: list[tuple[int, Result]]

    @property
    def has_container(self) -> bool:
        """Whether a container is located here, not just the list of them."""
        return any(result.position is not None for _, result in self.results)

    def findings(self) -> list[tuple[int, Result]]:
        """Return the findings among the results."""
        return [(index, result) for index, result in self.results if is_finding(result)]

    def is_shared(self) -> bool:
        """Tell whether there are findings on several containers of one task definition, none of which is written."""
        return self.is_whole and len({(result.position, result.container) for _, result in self.findings()}) > 1


def claims(
    results: Sequence[Result], sources: Sequence[Source], comments_in: Callable[[Source], list[Span]]
) -> Iterator[Claim | Notice]:
    """Yield what the comments in `sources` except, and what is wrong with them."""
    marked = [source for source in sources if MARK in source.text]
    by_path = _by_path(results) if marked else {}
    for source in marked:
        comments: list[_Comment] = []
        lines_of_comments: set[int] = set()
        for span in comments_in(source):
            is_alone = _is_alone(span)
            if is_alone:
                lines_of_comments.update(range(reach(span)[0][0], reach(span)[1][0] + 1))
            for item in _read(span):
                if isinstance(item, Notice):
                    yield item
                else:
                    comments.append(_Comment(item, span, *reach(span), is_alone))
        places = _places(by_path.get(source.path, []), source)
        for comment in comments:
            yield _claim(comment, _covered(comment, places, lines_of_comments))


def _read(comment: Span) -> Iterator[str | Notice]:
    """Yield the reason for each suppression in a comment, or what is wrong with it."""
    for directive in _DIRECTIVE.finditer(comment.text):
        ignore = _IGNORE.match(directive["rest"])
        names = [name for name in ignore["rules"].split(",") if name.strip()] if ignore else []
        if not ignore or not names:
            yield Notice(f"this suppression is not understood: write {_FORM}", comment.path, comment)
            continue
        for name in names:
            if rule_named(name) is None:
                yield Notice(no_such_rule(name), comment.path, comment)
        reason = ignore["reason"].strip().removesuffix("*/").strip(_BEFORE_REASON + "\r")
        if not any(map(rule_named, names)):
            continue
        if any(character.isalnum() for character in reason):
            yield reason
        else:
            yield Notice(f"this suppression covers nothing without a reason: write {_FORM}", comment.path, comment)


def _is_alone(comment: Span) -> bool:
    text = comment.source.text
    line_end = re.compile(r"[\r\n]|\Z").search(text, comment.end)
    assert line_end
    before = text[text.rfind("\n", 0, comment.start) + 1 : comment.start]
    return not before.strip("\ufeff \t\r") and not text[comment.end : line_end.start()].strip()


def _by_path(results: Sequence[Result]) -> dict[str, list[tuple[int, Result]]]:
    by_path: dict[str, list[tuple[int, Result]]] = {}
    for index, result in enumerate(results):
        by_path.setdefault(result.location.path, []).append((index, result))
    return by_path


def _places(results: list[tuple[int, Result]], source: Source) -> list[_Place]:
    places: dict[tuple[Position, Position, bool], _Place] = {}
    for index, result in results:
        if written_in(result.location.source).syntax == source.syntax:
            start, end = reach(result.location)
            is_whole = result.location == result.task_definition.location
            if is_whole and result.task_definition.extent:
                end = reach(result.task_definition.extent)[1]
            place = _Place(start, end, _first_line(source, start[0]), is_whole, [])
            places.setdefault((start, end, is_whole), place).results.append((index, result))
    return list(places.values())


def _first_line(source: Source, line: int) -> int:
    """Return the line on which a mapping of YAML begins: that of the dash, the anchor and the tag before it."""
    while source.syntax == "yaml" and _YAML_PROPERTIES.fullmatch(source.line_text(line - 1)):
        line -= 1
    return line


def _covered(comment: _Comment, places: list[_Place], lines_of_comments: set[int]) -> list[_Place]:
    """Return the places that a comment may be about: one, if it is right."""
    written = [place for place in places if not place.is_whole]
    line = comment.start[0]
    inside = [place for place in written if place.start <= comment.start < place.end]
    if inside:
        return [max(inside, key=lambda place: place.start)]
    if not comment.is_alone:
        following = [place for place in written if comment.end <= place.start and place.start[0] == comment.end[0]]
        if following:
            first = min(place.start for place in following)
            return [place for place in following if place.start == first]
        on_the_line = [place for place in written if place.first_line <= line <= place.end[0]]
        if on_the_line:
            return on_the_line
    below = comment.end[0] + 1
    while below in lines_of_comments:
        below += 1
    beginning = [place for place in written if place.first_line == below]
    if beginning:
        return beginning
    return _covered_as_a_whole(comment, below, [place for place in places if place.is_whole])


def _covered_as_a_whole(comment: _Comment, below: int, wholes: list[_Place]) -> list[_Place]:
    """Return the task definitions that a comment may be about, for what of them is not written by itself."""
    line = comment.start[0]
    for wanted in [below] if comment.is_alone else [line, below]:
        found = [place for place in wholes if wanted == place.first_line or wanted in _deciding_lines(place)]
        if found:
            return found
    return [place for place in wholes if place.has_container and place.first_line <= line <= place.end[0]]


def _deciding_lines(place: _Place) -> Iterator[int]:
    """Yield the lines, in the task definition itself, that decide why its containers cannot be listed."""
    for _, result in place.results:
        value, whole = result.value_location, result.task_definition.extent or result.task_definition.location
        if value and written_in(value.source) is written_in(whole.source):
            (line, _), _ = reach(value)
            (first, _), (last, _) = reach(whole)
            if first <= line <= last:
                yield line


def _claim(comment: _Comment, places: list[_Place]) -> Claim:
    findings = [finding for place in places for finding in place.findings()]
    # Several task definitions at one place differ in nothing that a comment could tell apart.
    is_shared = len({(place.start, place.end) for place in places}) > 1 or any(place.is_shared() for place in places)
    if is_shared:
        names = dict.fromkeys(described(result) for place in places for _, result in place.results)
        why = f", for it may be about any of several: {', '.join(names)}"
        why += "; write each on lines of its own, or name the one in the configuration"
    elif places:
        why = f": {described(places[0].results[0][1])} has no finding"
    else:
        why = ": there is no container on its line or on the one below"
    return Claim(
        Suppression("comment", comment.reason, comment.span),
        [] if is_shared else [index for index, _ in findings],
        Notice(f"this suppression covers nothing{why}", comment.span.path, comment.span),
    )
