"""Implement the string functions.

https://developer.hashicorp.com/terraform/language/functions#string-functions
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import partial

from ecs5lint.parsers.terraform.language.alternatives import lift_refusals
from ecs5lint.parsers.terraform.language.functions.context import Call
from ecs5lint.parsers.terraform.language.functions.format import format_text, formatlist
from ecs5lint.parsers.terraform.language.functions.function import (
    Function,
    optional_items,
    plain,
    require,
    spread,
    whole,
)
from ecs5lint.parsers.terraform.language.functions.graphemes import graphemes
from ecs5lint.parsers.terraform.language.functions.pieces import HOLE, Edit, as_text, pieces, substitute, written_out
from ecs5lint.parsers.terraform.language.functions.template_text import render_value, template_variables
from ecs5lint.parsers.terraform.language.plain_values import plain_value
from ecs5lint.parsers.terraform.language.types import ANY, BOOL, NUMBER, STRING, Primitive, list_of
from ecs5lint.parsers.terraform.syntax.errors import EvaluationError, NotKnown
from ecs5lint.text import regex
from ecs5lint.text.json import repeated
from ecs5lint.values.alternatives import lift
from ecs5lint.values.conditions import ALWAYS, Condition, negate
from ecs5lint.values.kinds import (
    ABSENT,
    Absent,
    Arm,
    Choice,
    Known,
    ListValue,
    Repeated,
    Text,
    Unknown,
    Value,
    all_assumptions,
    known_text,
)
from ecs5lint.values.traverse import all_within

#: The characters that Go's unicode.IsSpace counts as spaces.
_SPACES = "\t\n\v\f\r \u0085\u00a0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))

_MAX_INDENT = 1000

Edits = list[Edit]


def _join(call: Call, separator: Value, *lists: Value) -> Value:
    """Join texts. Structured JSON in them stays structured."""

    def once(*lists: Value) -> Value:
        parts: list[Value] = []
        for items in lists:
            for item in items.items if isinstance(items, ListValue) else (items,):
                # Any number of unknown texts, with their separators, is a single unknown text.
                part = item.element if isinstance(item, Repeated) else item
                if isinstance(part, Known) and part.value is None:
                    raise EvaluationError("null cannot be joined", part.span)
                parts.extend([separator, part.derived(type=STRING) if isinstance(part, Unknown) else part])
        return as_text(parts[1:], call.span, all_assumptions([separator, *lists]))

    return lift(once, *(optional_items(_at_most_once(items)) for items in lists))


def _at_most_once(value: Value) -> Value:
    """Return a list in which an element that may repeat becomes one optional text with any number of repetitions."""
    if not isinstance(value, ListValue):
        return value
    items: list[Value | Repeated] = []
    for item in value.items:
        if isinstance(item, Repeated) and item.when is ALWAYS:
            items.append(item.element)
        elif isinstance(item, Repeated) and not isinstance(item.element, Unknown):
            some = lift(partial(_repeated_text, item.when), item.element)
            arms = (Arm(item.when, some), Arm(negate(item.when), ABSENT))
            items.append(Choice(arms, item.element.span, default_arm=1 if item.off_default_path else None))
        else:
            items.append(item)
    return value._replace(items=tuple(items))


def _repeated_text(when: Condition, element: Value) -> Value:
    unknown = Unknown("the number of strings is unknown", element.span)
    return element if isinstance(element, Absent) else Text(tuple(repeated([element], when, unknown)))


def _edited(find: Callable[..., Edits], *, keep_json: bool = False) -> Callable[..., Value]:
    """Return a function body that edits stretches of a text. `find` gets the text and plain arguments."""

    def body(call: Call, text: Value, *arguments: Value) -> Value:
        if isinstance(text, Unknown):
            return text.derived(type=STRING)
        plain = [plain_value(argument) for argument in arguments]
        changed = substitute(text, lambda whole: find(whole, *plain), keep_json=keep_json)
        return changed._replace(assumptions=changed.assumptions | all_assumptions(arguments))

    return body


def _ends(text: str, characters: str) -> Edits:
    """Remove characters from both ends."""
    if not characters:
        return []
    start = len(text) - len(text.lstrip(characters))
    return [Edit(0, start, ""), Edit(max(start, len(text.rstrip(characters))), len(text), "")]


def _trimspace(text: str) -> Edits:
    return _ends(text, _SPACES)


def _chomp(text: str) -> Edits:
    return [Edit(len(text.rstrip("\r\n")), len(text), "")]


def _trimprefix(text: str, prefix: str) -> Edits:
    _without_hole(text[: len(prefix)], prefix.startswith)
    return [Edit(0, len(prefix), "")] if text.startswith(prefix) else []


def _trimsuffix(text: str, suffix: str) -> Edits:
    start = max(0, len(text) - len(suffix))
    _without_hole(text[start:][::-1], suffix[::-1].startswith)
    return [Edit(start, len(text), "")] if text.endswith(suffix) else []


def _without_hole(text: str, may_be: Callable[[str], bool]) -> None:
    """Raise NotKnown if the text before a hole may be the start of the wanted text."""
    if HOLE in text and may_be(text[: text.index(HOLE)]):
        raise NotKnown(Unknown("the end of a text is unknown"))


def _indent(call: Call, spaces: Value, text: Value) -> Value:
    width = whole(plain_value(spaces))
    require(width >= 0, "the indentation must not be negative")
    if width > _MAX_INDENT:
        raise NotKnown(Unknown("the indentation is too wide to evaluate", spaces.span))

    def find(text: str) -> Edits:
        return [Edit(match.end(), match.end(), " " * width) for match in re.finditer("\n", text)]

    return _edited(find)(call, text)


def _replace(call: Call, text: Value, wanted: Value, replacement: Value) -> Value:
    """Replace text. An unknown replacement leaves a hole, but a pattern needs a known one."""
    if isinstance(text, Unknown):
        return text.derived(type=STRING)
    looked_for = plain_value(wanted)
    new = plain_value(replacement) if isinstance(replacement, Known) else replacement
    if _is_pattern(looked_for):
        new = _expanded(replacement)
    changed = substitute(text, lambda whole: _replacements(whole, looked_for, new))
    return changed._replace(assumptions=changed.assumptions | all_assumptions([wanted, replacement]))


def _expanded(replacement: Value) -> str | Value:
    """Return the replacement for a pattern. An unknown replacement may refer to the groups of the match."""
    try:
        return str(plain_value(replacement))
    except NotKnown as error:
        return error.unknown.derived(type=STRING)


def _is_pattern(wanted: str) -> bool:
    return len(wanted) > 1 and wanted[0] == wanted[-1] == "/"


def _replacements(text: str, wanted: str, replacement: str | Value) -> Edits:
    if _is_pattern(wanted):
        found = regex.compile_pattern(wanted[1:-1]).find_all(text)
        edits = [Edit(match.start, match.end, _put_in(match, replacement)) for match in found]
        # The result of such a pattern for a string with a hole depends on the text of the hole.
        strings = _JSON_STRING.finditer(text) if '"' in wanted else ()
        return _without_overlap([Edit(*match.span(), None) for match in strings if HOLE in match.group()], edits)
    if text.count(wanted) > _MAX_REPLACED:
        raise NotKnown(Unknown("there are too many matches to replace"))
    holes = [match.start() for match in re.finditer(HOLE, text)]
    taken_in = [edit for edit in (_around_hole(text, hole, wanted) for hole in holes) if edit]
    edits = [Edit(match.start(), match.end(), replacement) for match in re.finditer(re.escape(wanted), text)]
    return _without_overlap(taken_in, edits)


def _put_in(match: regex.Match, replacement: str | Value) -> str | Value:
    return regex.expand(match, replacement) if isinstance(replacement, str) else replacement


_JSON_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
#: The largest number of replacements.
_MAX_REPLACED = 100_000
#: The longest text to search for in a text with holes.
_MAX_WANTED = 1000


def _without_overlap(first: Edits, second: Edits) -> Edits:
    """Return edits in order: all of `first`, and those of `second` that don't overlap them."""
    taken = {offset for edit in first for offset in range(edit.start, edit.end)}
    return sorted([*first, *(edit for edit in second if taken.isdisjoint(range(edit.start, edit.end)))])


def _around_hole(text: str, hole: int, wanted: str) -> Edit | None:
    """Return the edit that lets a hole absorb text that may form a match together with it, or None.

    The text of a hole has no quotation mark, since the whole would otherwise not be the intended JSON. Raises NotKnown
    if a match may begin or end inside the hole.
    """
    if len(wanted) > _MAX_WANTED:
        raise NotKnown(Unknown("the search string is too long for a partly unknown text"))
    sizes = range(len(wanted))
    before = [size for size in sizes if text.endswith(wanted[:size], 0, hole)]
    after = [size for size in sizes if text.startswith(wanted[len(wanted) - size :], hole + 1)]
    reaches = [
        (left, right)
        for left in before
        for right in after
        if 0 < left + right <= len(wanted) and '"' not in wanted[left : len(wanted) - right]
    ]
    if any(not left or not right for left, right in reaches):
        raise NotKnown(Unknown("a match may begin or end in an unknown part"))
    if not reaches:
        return None
    left, right = max(reaches)
    return Edit(hole - left, hole + 1 + right, None)


def _cost_of_replace(arguments: Sequence[Value]) -> int:
    text, wanted = arguments[0], known_text(arguments[1])
    return 0 if wanted is None or not _is_pattern(wanted) else _cost_of_match(wanted[1:-1], text)


def _cost_of_regex(arguments: Sequence[Value]) -> int:
    pattern = known_text(arguments[0])
    return 0 if pattern is None else _cost_of_match(pattern, arguments[1])


def _cost_of_match(pattern: str, text: Value) -> int:
    """Return the cost of matching a pattern, in steps of the evaluation. Raises InvalidPattern and PatternLimit."""
    parts = text.parts if isinstance(text, Text) else (text,)
    return regex.compile_pattern(pattern).work(sum(len(known_text(part) or "") for part in parts))


def _startswith(call: Call, text: Value, prefix: Value) -> Value:
    return _about_text(call, text, prefix, _starts)


def _starts(text: str, prefix: str) -> bool:
    known, hole, _ = text.partition(HOLE)
    if hole and len(known) < len(prefix) and prefix.startswith(known):
        raise _not_known_part()
    return text.startswith(prefix)


def _endswith(call: Call, text: Value, suffix: Value) -> Value:
    return _about_text(call, text, suffix, lambda text, suffix: _starts(text[::-1], suffix[::-1]))


def _strcontains(call: Call, text: Value, wanted: Value) -> Value:
    def find(text: str, wanted: str) -> bool:
        if HOLE in text and wanted not in text:
            raise _not_known_part()
        return wanted in text

    return _about_text(call, text, wanted, find)


def _about_text(call: Call, text: Value, wanted: Value, tell: Callable[[str, str], bool]) -> Value:
    """Return whether a predicate holds for a text, in which parts may be unknown."""

    def once(text: Value, wanted: Value) -> Value:
        parts = written_out(pieces(text))
        whole = "".join(str(part.value) if isinstance(part, Known) else HOLE for part in parts)
        try:
            return Known(tell(whole, plain_value(wanted)), call.span, all_within(text) | all_within(wanted))
        except NotKnown as error:
            holes = [part for part in (*parts, wanted) if isinstance(part, Unknown)]
            return (holes[0] if holes else error.unknown).derived(call.span, type=BOOL)

    return lift_refusals(once, spread(text), spread(wanted))


def _not_known_part() -> NotKnown:
    return NotKnown(Unknown("a part of a text is unknown"))


def _upper(text: str) -> str:
    return "".join(char.upper() if len(char.upper()) == 1 else char for char in text)


def _lower(text: str) -> str:
    return "".join(char.lower() if len(char.lower()) == 1 else "i" for char in text)


def _title(text: str) -> str:
    """Capitalize the first letter of each word, with words as in Go's strings.Title."""
    return re.sub(r"(^|[^\w\u0080-\U0010ffff]|\s)(\w)", lambda match: match[1] + _upper(match[2]), text)


def _substr(text: str, offset: float, length: float) -> str:
    characters = graphemes(text)
    first, count = whole(offset), whole(length)
    start = first if first >= 0 else max(0, len(characters) + first)
    to_the_end = count < 0 or (count == 0 and first < 0)
    return "".join(characters[start:] if to_the_end else characters[start : start + count])


def _split(separator: str, text: str) -> list[str]:
    return text.split(separator) if separator else list(text)


def _regex(pattern: str, text: str) -> object:
    match = _captured(pattern).search(text)
    if not match:
        raise EvaluationError("the pattern does not match")
    return regex.captures(match)


def _regexall(pattern: str, text: str) -> list[object]:
    return [regex.captures(match) for match in _captured(pattern).find_all(text)]


def _captured(pattern: str) -> regex.Pattern:
    """Return a compiled pattern whose groups form a list or an object.

    Raises EvaluationError if only some have names.
    """
    compiled = regex.compile_pattern(pattern)
    named = [name for name in compiled.names if name is not None]
    require(not named or len(named) == len(compiled.names), "either all groups must have names or none")
    return compiled


def _templatestring(call: Call, template: Value, variables: Value) -> Value:
    return render_value(template, template_variables(variables), call.context, call.span)


def _text(find: Callable[..., Edits], *others: Primitive, keep_json: bool = False) -> Function:
    return Function(_edited(find, keep_json=keep_json), (STRING, *others), STRING)


FUNCTIONS = {
    "chomp": _text(_chomp, keep_json=True),
    "endswith": Function(_endswith, (STRING, STRING), BOOL),
    "format": Function(format_text, (STRING,), STRING, variadic=ANY, nullable=True),
    "formatlist": Function(formatlist, (STRING,), list_of(STRING), variadic=ANY, nullable=True),
    "indent": Function(_indent, (NUMBER, STRING), STRING),
    "join": Function(_join, (STRING,), STRING, variadic=list_of(STRING)),
    "lower": plain(_lower, (STRING,), STRING),
    "regex": plain(_regex, (STRING, STRING), ANY)._replace(cost=_cost_of_regex),
    "regexall": plain(_regexall, (STRING, STRING), list_of(ANY))._replace(cost=_cost_of_regex),
    "replace": Function(_replace, (STRING, STRING, STRING), STRING, cost=_cost_of_replace),
    "split": plain(_split, (STRING, STRING), list_of(STRING)),
    "startswith": Function(_startswith, (STRING, STRING), BOOL),
    "strcontains": Function(_strcontains, (STRING, STRING), BOOL),
    "strrev": plain(lambda text: "".join(reversed(graphemes(text))), (STRING,), STRING),
    "substr": plain(_substr, (STRING, NUMBER, NUMBER), STRING),
    "templatestring": Function(_templatestring, (STRING, ANY), ANY),
    "title": plain(_title, (STRING,), STRING),
    "trim": _text(_ends, STRING),
    "trimprefix": _text(_trimprefix, STRING),
    "trimspace": _text(_trimspace, keep_json=True),
    "trimsuffix": _text(_trimsuffix, STRING),
    "upper": plain(_upper, (STRING,), STRING),
}
