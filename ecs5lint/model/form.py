"""Define how a source spells the names of the ECS API, and how it writes the values of the API."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from functools import cache, partial

from ecs5lint.light_typing import Any, NamedTuple
from ecs5lint.location import Span
from ecs5lint.text.placeholders import filled_in, is_placeholder, may_have_placeholder, put_in_later
from ecs5lint.values.alternatives import lift
from ecs5lint.values.conditions import Constant
from ecs5lint.values.kinds import Absent, Choice, Known, ObjectValue, Pair, Rest, Text, Unknown, Value, known_text
from ecs5lint.values.members import find_member


def camel_case(name: str) -> str:
    """Return the name in the ECS API."""
    return name


#: Names that CloudFormation does not spell like the others.
_IRREGULAR = {"efsVolumeConfiguration": "EFSVolumeConfiguration"}


def pascal_case(name: str) -> str:
    """Return the spelling in CloudFormation of a name of the ECS API."""
    return _IRREGULAR.get(name) or name[0].upper() + name[1:]


@cache
def snake_case(name: str) -> str:
    """Return the spelling in Terraform, outside JSON, of a name of the ECS API."""
    return re.sub(r"[A-Z]", lambda match: f"_{match[0].lower()}", name)


#: Names that CloudFormation spells in another way in one type of resource.
_IN_TYPES = {
    "cluster": {"settings": "ClusterSettings"},
    "task_set": {"awsvpcConfiguration": "AwsVpcConfiguration"},
}


def pascal_case_in(type: str, name: str) -> str:
    """Return the spelling in CloudFormation of a name of the ECS API, in a type of resource."""
    return _IN_TYPES.get(type, {}).get(name) or pascal_case(name)


def awscc_case_in(type: str, name: str) -> str:
    """Return the spelling in Terraform's provider awscc, which follows CloudFormation."""
    spelled = pascal_case_in(type, name)
    return snake_case(spelled[0].lower() + spelled[1:])


class Misspelling(NamedTuple):
    """A key that is meant as a property but has no effect. `meant` is the right key."""

    written: str
    span: Span | None
    meant: str


class Form(NamedTuple):
    """The form in which a source writes an object of the ECS API.

    Unless the form is `case_sensitive`, the letter case of a key doesn't matter. `accepts_strings` tells whether
    strings can replace booleans and numbers, and vice versa. In a source with types, `typed` returns the structure that
    the type of an unknown implies.
    """

    spelling: Callable[[str], str] = camel_case
    case_sensitive: bool = True
    accepts_strings: bool = False
    typed: Callable[[Unknown], Value] | None = None

    def find(self, definition: ObjectValue, name: str) -> tuple[Value, Pair | None]:
        """Return the value of a property and its member, or ABSENT and None."""
        if self.case_sensitive:
            return find_member(definition, self.spelling(name))
        return find_member(definition, self.spelling(name), _fold)

    def property(self, definition: Value, *names: str) -> Value:
        """Return the value of a property at the path `names`. It is ABSENT if one along the way is missing or null."""
        for name in names:
            if isinstance(definition, Choice):
                definition = lift(partial(self._member, name), definition)
            else:
                definition = self._member(name, definition)
        return definition

    def read_property(self, definition: Value, name: str) -> Value:
        """Return a property of an object. A misspelled key makes the property unknown."""
        if isinstance(definition, ObjectValue) and isinstance(missing := self.look(definition, (name,)), Absent):
            return missing
        value = self.property(definition, name)
        if not isinstance(value, Absent) or not isinstance(definition, ObjectValue):
            return value
        return self.misspelled(definition, name) or value

    def misspelled(self, definition: ObjectValue, name: str) -> Unknown | None:
        """Return an unknown for a property under a misspelled key, or None."""
        misspelling = self.misspelling(definition, name)
        if misspelling is None:
            return None
        reason = f"unknown key {misspelling.written}; did you mean {misspelling.meant}?"
        return Unknown(reason, misspelling.span, hint=f"rename it to {misspelling.meant}")

    def nested_property(self, value: Value, *names: str) -> Value:
        """Return the property at the path `names` in a value. A misspelled key along the way makes it unknown."""
        for name in names:
            value = lift(partial(self.read_property, name=name), value)
        return value

    def _member(self, name: str, value: Value) -> Value:
        if isinstance(value, ObjectValue):
            found, pair = self.find(value, name)
            # The type of unknown members is the type of all of them together.
            return found._replace(type=None) if pair is None and isinstance(found, Unknown) else found
        if isinstance(value, Known) and value.value is None:
            return Absent(value.span, value.assumptions)
        if isinstance(value, Unknown):
            return value.derived()  # the type and the possible values are those of the object
        return value if isinstance(value, Absent) else Unknown("it is not an object", value.span, value.assumptions)

    def boolean(self, value: Value) -> Value:
        """Return the value that the API gets for a boolean."""
        if self.accepts_strings:
            return lift(_boolean, value)
        return self._typed(value)

    def string(self, value: Value) -> Value:
        """Return the value that the API gets for a string."""
        return lift(filled_in, lift(_string, value) if self.accepts_strings else self._typed(value))

    def _typed(self, value: Value) -> Value:
        return lift(partial(_typed, self.typed), value) if self.typed else value

    def misspelling(self, definition: ObjectValue, name: str, aliases: Set[str] = frozenset()) -> Misspelling | None:
        """Return the key that is meant as a property but has no effect, or None.

        Such a key is the property's name in another case or with other separators, or an alias. `aliases` are in lower
        case.
        """
        meant = self._meant(name, aliases)
        try:
            similar = definition.similar
        except AttributeError:
            similar = _by_letters(definition)
        if meant.isdisjoint(similar):
            return None
        keys = [similar[letters][0] for letters in meant if letters in similar]
        if all(key and self._reads(key, name) for key in keys):
            return None
        for member in definition.members:
            key = known_text(member.key) if isinstance(member, Pair) else None
            if isinstance(member, Pair) and key is not None and _letters(key) in meant and not self._reads(key, name):
                return Misspelling(key, member.key.span, self.spelling(name))
        return None

    def look(self, definition: ObjectValue, names: Sequence[str], aliases: Set[str] = frozenset()) -> Any:
        """Return the property at the path `names` if one look is enough, or None.

        It is enough for a property that is the same in every configuration and relies on nothing, and for a missing one
        without a similar key. In an object whose members are not read yet, any property but a missing one is Python's
        own value, and null is a constant.
        """
        found: Any = definition
        for name in names:
            spelled = name if self.spelling is camel_case else self.spelling(name)
            if isinstance(found, ObjectValue):
                try:
                    named = found.similar
                except AttributeError:
                    named = _by_letters(found)
                if None in named:
                    return None
                key, value = named.get(name.lower(), _MISSING)
                if key is None:
                    is_similar = not aliases.isdisjoint(named) or (spelled is not name and _letters(spelled) in named)
                    return None if is_similar else Absent(found.span)
                if key != spelled and not self._reads(key, name):
                    return None
                found = value
            elif isinstance(found, dict) and self.case_sensitive and spelled in found:
                found = found[spelled]
            else:
                return None
        return _NULL if found is None else found

    def glance(self, definition: ObjectValue, names: Sequence[str], aliases: Set[str] = frozenset()) -> Value | None:
        """Return the scalar at the path `names`, or ABSENT, if one look is enough, or None.

        A scalar has its position only if the members are read. One with a placeholder takes more than a look.
        """
        found = self.look(definition, names, aliases)
        if isinstance(found, Absent):
            return None if found.assumptions else found
        if isinstance(found, (str, bool)):
            return None if isinstance(found, str) and may_have_placeholder(found) else Known(found)
        if isinstance(found, Known):
            return None if found.assumptions or _has_placeholder(found.value) else found
        return None

    def glance_in(self, value: Value, names: Sequence[str]) -> Value | None:
        """Return the property at the path `names` in a value, as `glance` does, or None if it has no position."""
        if names:
            found = self.glance(value, names) if isinstance(value, ObjectValue) else None
        else:
            found = value if isinstance(value, (Absent, Known)) and not value.assumptions else None
        if isinstance(found, Known) and (not found.span or _has_placeholder(found.value)):
            return None
        return found

    def _meant(self, name: str, aliases: Set[str]) -> Set[str]:
        """Return the keys that are meant as a property, in small letters without separators."""
        spelled = self.spelling(name)
        own = name.lower()
        return {own, *aliases} if spelled is name else {own, _letters(spelled), *aliases}

    def _reads(self, key: str, name: str) -> bool:
        spelled = self.spelling(name)
        return key == spelled or (not self.case_sensitive and _fold(key) == _fold(spelled))


def _has_placeholder(value: object) -> bool:
    return isinstance(value, str) and may_have_placeholder(value)


def kept(definition: ObjectValue, names: Set[str]) -> ObjectValue:
    """Return an object with the members that may be one of `names`, in small letters without separators."""
    if definition.plain is not None:
        return definition  # none of them is read yet
    return definition._replace(members=tuple(item for item in definition.members if _may_be_one(item, names)))


def _may_be_one(item: Pair | Rest, names: Set[str]) -> bool:
    key = known_text(item.key) if isinstance(item, Pair) else None
    return key is None or _letters(key) in names


#: A key of an object and its value. The value is Python's own in an object whose members are not read yet. For several
#: keys with the same letters, the first one is empty, and for none it is None.
_Named = tuple[str | None, Any]
_SEVERAL: _Named = "", None
_MISSING: _Named = None, None
_NULL = Known(None)


def _by_letters(definition: ObjectValue) -> Mapping[str | None, _Named]:
    """Return the members of an object by the small letters of their keys, without separators. Every rule needs it.

    The key None is there if it is not certain which members the object has. After the first time, they are at hand as
    `similar`.
    """
    plain = definition.plain
    members = definition.members if plain is None else ()
    found = _named(map(_key_and_value, members) if plain is None else plain.items())
    relies = definition.assumptions or any(isinstance(item, Pair) and item.assumptions for item in members)
    if relies or definition.dropped:
        found[None] = _SEVERAL
    definition.similar = found
    return found


def _named(members: Iterable[_Named]) -> dict[str | None, _Named]:
    found: dict[str | None, _Named] = {}
    for member in members:
        key, _ = member
        letters = key if key is None else key.lower() if key.isalpha() and key.isascii() else _letters(key)
        found[letters] = _SEVERAL if letters in found else member
    return found


def _key_and_value(member: Pair | Rest) -> _Named:
    if isinstance(member, Rest):
        return _MISSING
    return known_text(member.key), member.value


def _letters(key: str) -> str:
    if key.isascii() and key.isalnum():
        return key.lower()
    return _fold(key).replace("_", "").replace("-", "")


def _fold(key: str) -> str:
    """Return a key with its case folded as in Go's encoding/json: simple folding maps these two letters to ASCII."""
    return key.replace("\u017f", "s").replace("\u212a", "k").lower()


def _boolean(value: Value) -> Value:
    """Return a value with the strings true and false, in any case, as booleans.

    A placeholder may become one of them.
    """
    # The text that Fn::Sub creates from ${!Name} is no placeholder, and differs from the source text.
    is_written = isinstance(value, Known) and value.span is not None and str(value.value) in value.span.text
    if is_written and isinstance(value, Known) and is_placeholder(str(value.value)):
        return put_in_later(str(value.value), value.span)
    if isinstance(value, Unknown):
        return value._replace(domain=value.domain and tuple(_as_boolean(item) for item in value.domain))
    if isinstance(value, Text):
        hole = next((part for part in value.parts if isinstance(part, Unknown)), None)
        return hole._replace(domain=None) if hole else value
    return value._replace(value=_as_boolean(value.value)) if isinstance(value, Known) else value


def _as_boolean(value: Constant) -> Constant:
    text = value.lower() if isinstance(value, str) else None
    return text == "true" if text in ("true", "false") else value


def _string(value: Value) -> Value:
    """Return a number or a boolean as text, in the way that CloudFormation converts it."""
    if isinstance(value, Known) and value.value is not None:
        return value._replace(value=_as_string(value.value))
    if isinstance(value, Unknown) and value.domain:
        return value._replace(domain=tuple(_as_string(item) for item in value.domain))
    return value


def _as_string(value: Constant) -> Constant:
    return str(value).lower() if isinstance(value, bool) else None if value is None else str(value)


def _typed(typed: Callable[[Unknown], Value], value: Value) -> Value:
    if not isinstance(value, Unknown) or not value.type:
        return value
    structure = typed(value)
    # The possible values say more than that it is a text.
    return value if isinstance(structure, Text) and value.domain else structure
