"""Expand object members that represent several members: loops and included files.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-foreach.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/create-reusable-transform-function-snippets-and-add-to-your-template-with-aws-include-transform.html
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from ecs5lint.parsers.cloudformation.language.stack import Context, Stack
from ecs5lint.parsers.cloudformation.language.template import elements, intrinsic, is_include, scalar_text, show
from ecs5lint.values.conditions import Not, fact
from ecs5lint.values.kinds import (
    ABSENT,
    Arm,
    Choice,
    Known,
    ListValue,
    ObjectValue,
    Pair,
    Rest,
    Text,
    Unknown,
    Value,
    assume,
    known_text,
)
from ecs5lint.values.members import member
from ecs5lint.values.traverse import map_children, size

_LOOP = "Fn::ForEach::"
#: The largest number of members that loops may create in an object.
MAX_EXPANDED = 10_000
#: The longest text that a loop may create.
_MAX_TEXT = 1_000_000
#: The cost of one iteration of a loop, in values evaluated, in addition to one for each value in its body.
_ITERATION = 100


def expand_members(stack: Stack, value: ObjectValue, context: Context) -> Sequence[Pair | Rest]:
    """Return the members of an object as written, with its loops and includes expanded."""
    made: list[Pair | Rest] = []
    written: list[Pair | Rest] = []
    unknown: list[Pair | Rest] = []
    for item in value.members:
        key = known_text(item.key) if isinstance(item, Pair) else None
        if not isinstance(item, Pair) or key is None or not key.startswith("Fn::"):
            written.append(item)
        elif key.startswith(_LOOP):
            made += _loop(stack, item, context)
        elif key == "Fn::Transform" and is_include(item.value):
            made += _included_members(stack, item, context)
        else:
            # A macro receives its sibling members, and may change them.
            unknown.append(Rest(stack.unresolved(item.key, "may change the keys next to it")))
    if len(written) == len(value.members):
        return value.members
    # Written siblings override the members from loops and includes.
    return [*made, *written, *unknown]


def _loop(stack: Stack, item: Pair, context: Context) -> list[Pair | Rest]:
    """Return the members that a loop creates. If its collection is unknown, their keys are unknown too."""
    parts = elements(item.value) if isinstance(item.value, ListValue) else []
    identifier = known_text(parts[0]) if len(parts) == 3 else None
    body = parts[2] if len(parts) == 3 else None
    if identifier is None or not isinstance(body, ObjectValue):
        return [Rest(stack.unresolved(item.key, "is not a valid Fn::ForEach"))]
    collection = stack.evaluate(parts[1], context)
    made: list[Pair | Rest] = []
    cost = _ITERATION + size(body)
    for replacement in _iterations(stack, collection, item.key):
        if len(made) > MAX_EXPANDED or not stack.budget.spend(cost):
            return [Rest(stack.unresolved(item.key, "generates too many keys"))]
        part = substitute(body, identifier, replacement)
        if isinstance(part, ObjectValue):
            made += expand_members(stack, part, context)
    made = [
        item._replace(key=assume(item.key, collection.assumptions)) if isinstance(item, Pair) else item for item in made
    ]
    return _if_any(stack, parts[1], collection, made) if _is_empty_by_default(collection) else made


def _is_empty_by_default(collection: Value) -> bool:
    return isinstance(collection, ListValue) and not collection.items and bool(collection.assumptions)


def _if_any(stack: Stack, written: Value, collection: Value, made: list[Pair | Rest]) -> list[Pair | Rest]:
    """Return the members of a loop, on the condition that its collection, empty by default, is not empty."""
    shown = show(written)
    text = f"{shown} is not empty"
    when = fact(stack.prefix + text, text, stack.budget, f"{shown} is empty")
    stack.defaults.setdefault(when.symbol, Known(False, assumptions=collection.assumptions))
    return [
        item._replace(value=Choice((Arm(when, item.value), Arm(Not(when), ABSENT)))) if isinstance(item, Pair) else item
        for item in made
    ]


def _iterations(stack: Stack, collection: Value, key: Value) -> list[Value]:
    """Return the successive values of a loop's identifier.

    A collection that is empty by default hides nothing: the loop then runs once, with an unknown value.
    """
    if isinstance(collection, ListValue) and not _is_empty_by_default(collection):
        items = elements(collection)
        if all(isinstance(item, Known) for item in items):
            return items
    return [stack.unresolved(key, "loops over an unknown collection")]


def substitute(value: Value, identifier: str, replacement: Value) -> Value:
    """Return the body of a loop with its identifier replaced, in references and in any text.

    `&{Identifier}` is the form for names that may only contain letters and digits.
    """
    if isinstance(value, Known):
        text = value.value
        if not isinstance(text, str) or f"{{{identifier}}}" not in text:
            return value
        if isinstance(replacement, Known):
            word = scalar_text(replacement)
            if len(text) + text.count(f"{{{identifier}}}") * len(word) > _MAX_TEXT:
                return Unknown(f"this creates a text of more than {_MAX_TEXT} characters", value.span)
            plain = "".join(character for character in word if character.isalnum())
            replaced = text.replace(f"${{{identifier}}}", word).replace(f"&{{{identifier}}}", plain)
            return value._replace(value=replaced, verbatim=None)
        before, *after = text.replace("&", "$").split(f"${{{identifier}}}")
        parts: list[Value] = [Known(before)] if before else []
        for piece in after:
            parts.append(replacement)
            if piece:
                parts.append(Known(piece))
        return Text(tuple(parts), value.span)
    called = intrinsic(value)
    if called and called[0] == "Ref" and known_text(called[1]) == identifier:
        return replacement._replace(span=value.span) if isinstance(replacement, Known) else replacement
    inner = partial(substitute, identifier=identifier, replacement=replacement)
    return map_children(inner, value, inner) if isinstance(value, (ListValue, ObjectValue)) else value


def transform(stack: Stack, argument: Value, call: Value, context: Context) -> Value:
    """Fn::Transform: the result of a macro for its parameters, or the file for AWS::Include."""
    if isinstance(argument, ObjectValue) and is_include(argument):
        return stack.evaluate(stack.included(argument, call.span, context), context)
    name = known_text(member(argument, "Name")) if isinstance(argument, ObjectValue) else None
    return Unknown(f"the result of macro {name} is unknown", call.span)


def _included_members(stack: Stack, item: Pair, context: Context) -> list[Pair | Rest]:
    included = transform(stack, item.value, item.key, context)
    if isinstance(included, ObjectValue):
        return list(included.members)
    unknown = included if isinstance(included, Unknown) else stack.unresolved(item.key, "does not return an object")
    return [Rest(unknown)]
