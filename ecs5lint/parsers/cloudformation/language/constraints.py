"""What the declaration of a parameter excludes: no stack has such a value.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from ecs5lint.parsers.cloudformation.language.template import scalar_text
from ecs5lint.values.kinds import Known, ObjectValue, Pair, Value
from ecs5lint.values.members import member_finder

if TYPE_CHECKING:
    from ecs5lint.text.regex import Pattern

#: How many values a pattern may have to be taken for a list of them.
_MAX_VALUES = 64

#: What it takes to compile a pattern, in values evaluated, and how long one may be.
_COMPILING = 100
_MAX_LENGTH = 1_000

Spend = Callable[[int], bool]
#: Returns the member of a declaration by its name.
Find = Callable[[str], tuple[Value, Pair | None]]

_NUMBER = re.compile(r"[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]{1,3})?")
#: Where the regular expressions of Java, which CloudFormation takes, mean something else than those of RE2: set
#: operations and brackets within a class, and classes of POSIX, which Java has not.
_OTHER_THAN_RE2 = re.compile(r"&&|\[[^\]]*\[")


class Constraints(NamedTuple):
    """What a value of a parameter, or each one of a list, must be like. Without a bound, anything will do."""

    pattern: Pattern | None = None
    #: All values that the pattern allows, where they are few.
    listed: tuple[str, ...] | None = None
    min_length: float | None = None
    max_length: float | None = None
    min_value: float | None = None
    max_value: float | None = None
    is_number: bool = False
    may_be_empty: bool = True
    #: Takes note of the work to match the pattern, and tells whether there is time for it.
    spend: Spend | None = None

    def admits(self, text: str) -> bool:
        """Tell whether a value can be this text."""
        if not text and not self.may_be_empty:
            return False
        if not _is_within(len(text), self.min_length, self.max_length) or not self._matches(text):
            return False
        if not self.is_number:
            return True
        return bool(_NUMBER.fullmatch(text)) and _is_within(float(text), self.min_value, self.max_value)

    def values(self) -> tuple[str, ...] | None:
        """Return all values there can be, None if they are not few."""
        if self.listed is not None:
            return tuple(filter(self.admits, self.listed))
        if self.max_length == 0 and self.admits(""):
            return ("",)
        if self.is_number and self.min_value is not None and self.min_value == self.max_value:
            return (f"{self.min_value:g}",)
        return None

    def _matches(self, text: str) -> bool:
        if self.pattern is None or not (self.spend and self.spend(1 + self.pattern.work(len(text)))):
            return True
        from ecs5lint.text.regex import PatternLimit

        try:
            return self.pattern.search(text) is not None
        except PatternLimit:
            return True


def constraints(type_: str, declaration: ObjectValue, spend: Spend) -> Constraints:
    """Return what a parameter's declaration asks of its value, or of each value of a list. Patterns cost `spend`."""
    if type_.startswith("AWS::SSM::Parameter::Value<"):
        # The declaration is about the name, not about the value, which Systems Manager does not let be empty.
        return Constraints(may_be_empty=False)
    element = type_.removeprefix("List<").removesuffix(">")
    find = member_finder(declaration)
    written = _text(find, "AllowedPattern")
    pattern, listed = _pattern(written) if written and spend(_COMPILING) else (None, None)
    return Constraints(
        pattern,
        listed,
        min_length=_number(find, "MinLength"),
        max_length=_number(find, "MaxLength"),
        min_value=_number(find, "MinValue"),
        max_value=_number(find, "MaxValue"),
        is_number=element == "Number",
        # A type of AWS names something that is there: a key pair, a subnet.
        may_be_empty=not element.startswith("AWS::"),
        spend=spend,
    )


def _pattern(written: str) -> tuple[Pattern | None, tuple[str, ...] | None]:
    """Return a pattern, which must match a value as a whole, and all that it matches if that is little."""
    if len(written) > _MAX_LENGTH or _OTHER_THAN_RE2.search(written):
        return None, None
    from ecs5lint.text.regex import InvalidPattern, PatternLimit, compile_pattern, finite_language

    try:
        listed = finite_language(written, _MAX_VALUES)
        return compile_pattern(rf"\A(?:{written})\z"), None if listed is None else tuple(listed)
    except (InvalidPattern, PatternLimit):
        return None, None


def _text(find: Find, name: str) -> str | None:
    value, _ = find(name)
    return scalar_text(value) if isinstance(value, Known) else None


def _number(find: Find, name: str) -> float | None:
    text = _text(find, name)
    return float(text) if text and _NUMBER.fullmatch(text) else None


def _is_within(number: float, least: float | None, most: float | None) -> bool:
    return (least is None or number >= least) and (most is None or number <= most)
