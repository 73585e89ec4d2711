"""Implement the intrinsic functions of CloudFormation.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Collection
from functools import partial

from ecs5lint.location import Span
from ecs5lint.parsers.cloudformation.language.equality import equals, shown_text
from ecs5lint.parsers.cloudformation.language.expansion import expand_members, transform
from ecs5lint.parsers.cloudformation.language.references import get_attribute, ref, reference
from ecs5lint.parsers.cloudformation.language.stack import Context, Function, Language, Part, Parts, Stack
from ecs5lint.parsers.cloudformation.language.template import elements, scalar_text
from ecs5lint.parsers.cloudformation.language.template_conditions import named_condition
from ecs5lint.values.alternatives import MAX_ALTERNATIVES, leaves, lift
from ecs5lint.values.conditions import All, Any, Condition, Constant, Not, TooManyAlternatives
from ecs5lint.values.kinds import (
    Absent,
    Choice,
    Encoded,
    Known,
    ListValue,
    ObjectValue,
    Pair,
    Text,
    Unknown,
    Value,
    all_assumptions,
    assume,
    known_text,
)
from ecs5lint.values.members import member

#: The cost of a combination of alternatives, in values evaluated.
_COMBINATION = 10
#: The largest number of keys of a mapping, or elements of a list, to compare with an unknown key.
_MAX_KEYS = 256

#: The largest number of optional elements in a list.
_MAX_OPTIONAL = 8
#: The largest number of digits in an index of a list.
_MAX_DIGITS = 6

_PLACEHOLDER = re.compile(r"\$\{([^${}]*)\}")
#: The longest text that functions may build. A template itself has at most a million bytes.
_MAX_TEXT = 1_000_000
#: The number of characters of a text that cost as much as a value. Many results may keep such texts.
_CHARACTERS_OF_STEP = 50
#: The maximum number of known and unknown parts of a text.
_MAX_PIECES = 10_000


def _arguments(argument: Value, *counts: int) -> list[Value] | None:
    """Return the elements of an argument that must be a list of a given length, or None."""
    items = elements(argument) if isinstance(argument, ListValue) else []
    return items if len(items) in counts else None


def _if(stack: Stack, argument: Value, call: Value, context: Context) -> Value | None:
    """Fn::If: one of two values."""
    parts = _arguments(argument, 3)
    name = known_text(parts[0]) if parts else None
    if parts is None or name is None:
        return None
    _, true, false = parts
    condition = named_condition(stack, name)
    return stack.choose(
        context,
        call.span,
        [
            (condition, lambda inner: stack.evaluate(true, inner)),
            (Not(condition), lambda inner: stack.evaluate(false, inner)),
        ],
    )


def _find_in_map(stack: Stack, argument: Value, call: Value, context: Context) -> Value | None:
    """Fn::FindInMap: a value of a mapping, by two keys, or DefaultValue if the mapping has none."""
    parts = _arguments(argument, 3, 4)
    if parts is None:
        return None
    name = known_text(stack.evaluate(parts[0], context)) or ""
    default = member(parts[3], "DefaultValue") if len(parts) == 4 and isinstance(parts[3], ObjectValue) else None

    def row(rows: Value, keys: list[Value], context: Context) -> Value:
        if not keys:
            return rows
        found: dict[str, Value] = {}
        if isinstance(rows, ObjectValue):
            found = {known_text(pair.key) or "": pair.value for pair in rows.members if isinstance(pair, Pair)}
        return _by_key(
            stack,
            keys[0],
            found,
            lambda key, inner: row(found[key], keys[1:], inner),
            (lambda inner: stack.evaluate(default, inner)) if default is not None else None,
            call,
            context,
        )

    return row(stack.entry("Mappings", name), parts[1:3], context)


def _by_key(
    stack: Stack,
    key: Value,
    names: Collection[str],
    value_of: Callable[[str, Context], Value],
    default: Callable[[Context], Value] | None,
    call: Value,
    context: Context,
) -> Value:
    """Return the value for a key. If the key is unknown, the result is a choice between all values."""
    missing = default or (lambda inner: stack.unresolved(call, "has no such key"))
    alternatives: list[tuple[Condition, Callable[[Context], Value]]] = []
    try:
        keys = leaves(stack.evaluate(key, context._replace(trusting=False)))
    except TooManyAlternatives:
        return stack.unresolved(call, "has too many alternatives")
    for path, leaf in keys:
        whens = [branch.when for branch in path]
        if isinstance(leaf, Known):
            name = scalar_text(leaf)
            alternatives.append((All(*whens), partial(value_of, name) if name in names else missing))
        elif isinstance(leaf, Unknown) and leaf.symbol is not None:
            domain = None if leaf.domain is None else set(leaf.domain)
            possible = [name for name in names if domain is None or name in domain]
            if len(possible) > _MAX_KEYS:
                return stack.unresolved(call, "has too many alternatives")
            cases = [(name, equals(stack, leaf, name)) for name in possible]
            alternatives += [(All(*whens, case), partial(value_of, name)) for name, case in cases]
            if default is not None:
                alternatives.append((All(*whens, *(Not(case) for _, case in cases)), default))
        else:
            alternatives.append((All(*whens), lambda inner: stack.unresolved(call, "has an unknown key")))
    return stack.choose(context, call.span, alternatives)


def _select(stack: Stack, argument: Value, call: Value, context: Context) -> Value | None:
    """Fn::Select: an element of a list, by its index from 0."""
    parts = _arguments(argument, 2)
    if parts is None:
        return None
    index, written = parts
    number = known_text(_as_text(stack.evaluate(index, context)))
    if isinstance(written, ListValue) and number is not None and number.isdecimal() and len(number) <= _MAX_DIGITS:
        return _select_written(stack, elements(written), int(number), call, context)

    def select(value: Value) -> Value:
        if isinstance(value, Unknown) and value.symbol in stack.lists:
            return _select_part(stack, value, stack.evaluate(index, context), call, context)
        if not isinstance(value, ListValue):
            return stack.unresolved(call, "selects from an unknown list")
        items = elements(value)
        if not stack.budget.spend(len(items)):
            return stack.unresolved(call, "exceeds the evaluation limit")
        names = dict.fromkeys(map(str, range(len(items))))
        return _by_key(stack, index, names, lambda name, inner: items[int(name)], None, call, context)

    return lift(lambda value: _in_each_case(stack, value, select, call), stack.evaluate(written, context))


def _as_text(value: Value) -> Value:
    return Known(scalar_text(value)) if isinstance(value, Known) else value


def _select_written(
    stack: Stack, items: list[Value], index: int, call: Value, context: Context, optional: int = 0
) -> Value:
    """Return an element of a written list. Some elements may be absent: AWS::NoValue is no element."""
    for at, item in enumerate(items):
        value = stack.evaluate(item, context)
        try:
            found = leaves(value)
        except TooManyAlternatives:
            return stack.unresolved(call, "has too many alternatives")
        present = [All(*(branch.when for branch in path)) for path, leaf in found if not isinstance(leaf, Absent)]
        if len(present) == len(found):
            if index == 0:
                return value
            index -= 1
        elif present:
            if optional == _MAX_OPTIONAL:
                return stack.unresolved(call, "has too many alternatives")
            return _select_optional(stack, items[at:], index, Any(*present), call, context, optional + 1)
    return stack.unresolved(call, "has no such key")


def _select_optional(
    stack: Stack, items: list[Value], index: int, is_there: Condition, call: Value, context: Context, optional: int
) -> Value:
    """Return an element of a written list whose first element may be absent.

    `optional` is the number of optional elements so far, this one included.
    """
    first, *rest = items

    def with_first(inner: Context) -> Value:
        if index == 0:
            return stack.evaluate(first, inner)
        return _select_written(stack, rest, index - 1, call, inner, optional)

    def without_first(inner: Context) -> Value:
        return _select_written(stack, rest, index, call, inner, optional)

    return stack.choose(context, call.span, [(is_there, with_first), (Not(is_there), without_first)])


def _select_part(stack: Stack, listed: Unknown, index: Value, call: Value, context: Context) -> Value:
    """Return an element of the list that an unknown text is split into. It is a part of that text."""
    number = scalar_text(index) if isinstance(index, Known) else ""
    symbol = listed.symbol or ""
    parts = stack.lists[symbol]
    if not number.isdecimal() or len(number) > _MAX_DIGITS:
        return stack.unresolved(call, "selects from an unknown list")
    element = parts.element(int(number))
    return _part(stack, listed, f"{symbol}, part {number}", element, call, context, parts.each)


def _part(
    stack: Stack,
    listed: Unknown,
    symbol: str,
    part: Part,
    call: Value,
    context: Context,
    each: tuple[Constant, ...] | None = None,
) -> Value:
    """Return an unknown derived from the list that an unknown text is split into. `each` has its possible values."""
    stack.parts[symbol] = part
    asked = stack.constraints.get(listed.symbol or "")
    if asked:
        stack.constraints[symbol] = asked
    domain = each
    if part.whole.domain is not None:
        found = dict.fromkeys(part.of(str(whole)) for whole in part.whole.domain)
        domain = tuple(text for text in found if text is not None)
        if not domain:
            return stack.unresolved(call, "has no such key")
        if len(domain) == 1:
            return Known(domain[0], call.span)
    return stack.narrow(part.whole.derived(call.span, symbol, domain), context)


def _in_each_case(stack: Stack, value: Value, function: Callable[[Value], Value], call: Value) -> Value:
    """Apply a function to a list, for each combination of its optional elements. AWS::NoValue is no element."""
    if not isinstance(value, ListValue):
        return function(value)
    items = elements(value)
    optional = [index for index, item in enumerate(items) if isinstance(item, Choice) and _may_be_absent(item)]
    if not optional:
        return function(value)
    if not stack.budget.spend(_COMBINATION * min(2 ** len(optional), MAX_ALTERNATIVES)):
        return stack.unresolved(call, "exceeds the evaluation limit")

    def with_items(*found: Value) -> Value:
        chosen = dict(zip(optional, found, strict=True))
        present = (chosen.get(index, item) for index, item in enumerate(items))
        return function(value._replace(items=tuple(item for item in present if not isinstance(item, Absent))))

    return lift(with_items, *(items[index] for index in optional))


def _may_be_absent(value: Value) -> bool:
    if isinstance(value, Choice):
        return any(_may_be_absent(arm.value) for arm in value.arms)
    return isinstance(value, Absent)


def _join(stack: Stack, argument: Value, call: Value, context: Context) -> Value | None:
    """Fn::Join: the elements of a list as one text, with a delimiter between them."""
    arguments = _arguments(argument, 2)
    delimiter = known_text(arguments[0]) if arguments else None
    if arguments is None or delimiter is None:
        return None
    between = Known(delimiter, arguments[0].span)

    def join(value: Value) -> Value:
        if isinstance(value, Unknown) and value.symbol in stack.lists:
            parts = stack.lists[value.symbol]
            joined = Part(parts.whole, lambda text: delimiter.join(parts.split(text)))
            symbol = f"{value.symbol} joined by {shown_text(delimiter)}"
            return _part(stack, value, symbol, joined, call, context)
        if not isinstance(value, ListValue):
            return stack.unresolved(call, "joins an unknown list")
        pieces = [piece for item in elements(value) for piece in (between, item)]
        return assume(_concatenate(stack, pieces[1:], call), value.assumptions)

    return lift(lambda value: _in_each_case(stack, value, join, call), stack.evaluate(arguments[1], context))


def _concatenate(stack: Stack, parts: list[Value], call: Value) -> Value:
    """Return the concatenation of the parts. It is unknown if it is too long."""
    span = call.span
    choices = sum(isinstance(part, Choice) for part in parts)
    if choices and not stack.budget.spend(_COMBINATION * min(2**choices, MAX_ALTERNATIVES)):
        return stack.unresolved(call, "exceeds the evaluation limit")

    def concatenate(*parts: Value) -> Value:
        merged: list[Value] = []
        texts: list[str] = []
        length = 0
        for part in parts:
            for piece in part.parts if isinstance(part, Text) else [part]:
                if isinstance(piece, Known):
                    texts.append(scalar_text(piece))
                    length += len(texts[-1]) + 1
                    if length > _MAX_TEXT:
                        return Unknown(f"this creates a text of more than {_MAX_TEXT} characters", span)
                elif not isinstance(piece, Absent):
                    merged += [Known("".join(texts), span), piece]
                    texts = []
                    if len(merged) > _MAX_PIECES:
                        return Unknown(f"this creates a text of more than {_MAX_PIECES} parts", span)
        if not stack.budget.spend(length // _CHARACTERS_OF_STEP):
            return stack.unresolved(call, "exceeds the evaluation limit")
        merged.append(Known("".join(texts), span))
        merged = [piece for piece in merged if not _is_empty(piece)] or [Known("", span)]
        assumptions = all_assumptions(parts)
        if len(merged) == 1:
            return merged[0]._replace(assumptions=assumptions)
        return Text(tuple(merged), span, assumptions)

    return lift(concatenate, *parts) if parts else Known("", span)


def _is_empty(piece: Value) -> bool:
    return isinstance(piece, Known) and piece.value == ""


def _sub(stack: Stack, argument: Value, call: Value, context: Context) -> Value | None:
    """Fn::Sub: a text in which values replace the names in `${}`. The values are given, or come from references."""
    parts = _arguments(argument, 2) or [argument]
    variables = parts[1] if len(parts) == 2 else ObjectValue(())
    if not isinstance(variables, ObjectValue) or not isinstance(parts[0], (Known, Text)):
        return None
    # Each name is evaluated once. Otherwise, nested texts with many names would take exponential time.
    values: dict[str, Value] = {}

    def value_of(name: str, span: Span | None) -> Value:
        if name not in values:
            values[name] = _named(stack, name, variables, span, context)
        return values[name]

    pieces: list[Value] = []
    for part in parts[0].parts if isinstance(parts[0], Text) else [parts[0]]:
        pieces += _substituted(stack, part, value_of, context) if isinstance(part, Known) else [part]
    return _concatenate(stack, pieces, call)


def _substituted(
    stack: Stack, text: Known, value_of: Callable[[str, Span | None], Value], context: Context
) -> list[Value]:
    pieces: list[Value] = []
    span = text.span
    for at, piece in enumerate(_PLACEHOLDER.split(scalar_text(text))):
        if at % 2 == 0:
            pieces.append(stack.evaluate(Known(piece, text.span), context))
        elif piece.startswith("!"):
            pieces.append(Known(f"${{{piece[1:]}}}", text.span))
        else:
            found = _span_of(piece, span)
            # The search for the next name starts after this one. After a name with another spelling, there is no
            # search.
            span = span._replace(start=found.end) if span and found else None
            pieces.append(value_of(piece.strip(), found or text.span))
    return pieces


def _named(stack: Stack, name: str, variables: ObjectValue, span: Span | None, context: Context) -> Value:
    value = member(variables, name)
    if not isinstance(value, Absent):
        return stack.evaluate(value, context)
    if "." in name:
        return get_attribute(stack, Known(name, span), Known(name, span), context)
    return reference(stack, name, span, context)


def _span_of(name: str, span: Span | None) -> Span | None:
    """Return the span of the first occurrence of a name in the rest of its text, or None."""
    at = span.source.text.find(f"${{{name}}}", span.start, span.end) if span else -1
    return Span(span.source, at + 2, at + 2 + len(name)) if span and at != -1 else None


def _split(stack: Stack, argument: Value, call: Value, context: Context) -> Value | None:
    """Fn::Split: the parts of a text between delimiters, as a list."""
    parts = _arguments(argument, 2)
    delimiter = known_text(parts[0]) if parts else None
    if parts is None or not delimiter:
        return None

    def split(value: Value) -> Value:
        hole = _only_hole(value)
        if hole and hole.symbol:
            before, after = _around(value, hole)
            symbol = f"{before}{hole.symbol}{after} split at {shown_text(delimiter)}"
            stack.lists[symbol] = Parts(hole, lambda text: f"{before}{text}{after}".split(delimiter))
            return hole.derived(symbol=symbol)
        if not isinstance(value, Known):
            return stack.unresolved(call, "splits an unknown string")
        texts = scalar_text(value).split(delimiter)
        if not stack.budget.spend(len(texts)):
            return stack.unresolved(call, "exceeds the evaluation limit")
        items = [value._replace(value=text, verbatim=None) for text in texts]
        return ListValue(tuple(items), call.span, value.assumptions)

    return lift(split, stack.evaluate(parts[1], context))


def _only_hole(value: Value) -> Unknown | None:
    """Return the only unknown part of a text, or None if there are none or several."""
    parts = value.parts if isinstance(value, Text) else (value,)
    holes = [part for part in parts if not isinstance(part, Known)]
    return holes[0] if len(holes) == 1 and isinstance(holes[0], Unknown) else None


def _around(value: Value, hole: Unknown) -> tuple[str, str]:
    """Return the text before and after the hole in a text."""
    parts = value.parts if isinstance(value, Text) else (value,)
    at = next(index for index, part in enumerate(parts) if part is hole)
    before, after = (
        "".join(scalar_text(part) for part in some if isinstance(part, Known)) for some in (parts[:at], parts[at + 1 :])
    )
    return before, after


def _length(stack: Stack, argument: Value, call: Value, context: Context) -> Value | None:
    """Fn::Length: the number of elements of a list."""

    def length(value: Value) -> Value:
        if not isinstance(value, ListValue):
            return stack.unresolved(call, "counts the elements of an unknown list")
        return Known(len(value.items), call.span, value.assumptions)

    return lift(lambda value: _in_each_case(stack, value, length, call), stack.evaluate(argument, context))


def _base64(stack: Stack, argument: Value, call: Value, context: Context) -> Value | None:
    """Fn::Base64: a text in Base64."""

    def encode(value: Value) -> Value:
        if not isinstance(value, Known):
            return stack.unresolved(call, "encodes an unknown string")
        if len(scalar_text(value)) > _MAX_TEXT:
            return stack.unresolved(call, f"encodes a string of more than {_MAX_TEXT} characters")
        return value._replace(value=base64.b64encode(scalar_text(value).encode()).decode(), verbatim=None)

    return lift(encode, stack.evaluate(argument, context))


def _to_json_string(stack: Stack, argument: Value, call: Value, context: Context) -> Value | None:
    """Fn::ToJsonString: a value as JSON."""
    return Encoded(stack.evaluate(argument, context), call.span)


def _deployed(stack: Stack, argument: Value, call: Value, context: Context) -> Value | None:
    """Return an unknown, because the value depends on the state of the account at deployment."""
    return stack.unresolved(call, "is known only after deployment")


FUNCTIONS: dict[str, Function] = {
    "Ref": ref,
    "Fn::Base64": _base64,
    "Fn::Cidr": _deployed,
    "Fn::FindInMap": _find_in_map,
    "Fn::GetAtt": get_attribute,
    "Fn::GetAZs": _deployed,
    "Fn::If": _if,
    "Fn::ImportValue": _deployed,
    "Fn::Join": _join,
    "Fn::Length": _length,
    "Fn::Select": _select,
    "Fn::Split": _split,
    "Fn::Sub": _sub,
    "Fn::ToJsonString": _to_json_string,
    "Fn::Transform": transform,
}

LANGUAGE = Language(FUNCTIONS, expand_members)
