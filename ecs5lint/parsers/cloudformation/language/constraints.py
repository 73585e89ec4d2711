"""Check values against the constraints of a parameter. No stack has a value that they exclude.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
"""

from __future__ import annotations

import re
from collections.abc import Callable

from ecs5lint.light_typing import TYPE_CHECKING, NamedTuple
from ecs5lint.parsers.cloudformation.language.template import scalar_text
from ecs5lint.values.kinds import Known, ObjectValue, Pair, Value
from ecs5lint.values.members import member_finder

if TYPE_CHECKING:
    from ecs5lint.text.regex import Pattern

#: The largest number of values of a pattern that counts as a list of values.
_MAX_VALUES = 64

#: The cost of compiling a pattern, in values evaluated, and the longest pattern.
_COMPILING = 100
_MAX_LENGTH = 1_000

Spend = Callable[[int], bool]
#: Returns the member of a declaration by its name.
Find = Callable[[str], tuple[Value, Pair | None]]

_NUMBER = re.compile(r"[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]{1,3})?")
#: Syntax that Java, whose regular expressions CloudFormation uses, reads differently from RE2: set operations and
#: brackets within a class, and POSIX classes, which Java does not support.
_OTHER_THAN_RE2 = re.compile(r"&&|\[[^\]]*\[")


class Constraints(NamedTuple):
    """The constraints on the value of a parameter, or on each value of a list. None means no limit."""

    pattern: Pattern | None = None
    #: All values that the pattern allows, if there are few.
    listed: tuple[str, ...] | None = None
    min_length: float | None = None
    max_length: float | None = None
    min_value: float | None = None
    max_value: float | None = None
    is_number: bool = False
    may_be_empty: bool = True
    #: Counts the work of matching the pattern, and returns False when the budget is used up.
    spend: Spend | None = None

    def admits(self, text: str) -> bool:
        """Tell whether the constraints allow this text as a value."""
        if not text and not self.may_be_empty:
            return False
        if not _is_within(len(text), self.min_length, self.max_length) or not self._matches(text):
            return False
        if not self.is_number:
            return True
        return bool(_NUMBER.fullmatch(text)) and _is_within(float(text), self.min_value, self.max_value)

    def values(self) -> tuple[str, ...] | None:
        """Return all possible values, or None if there are many."""
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
        from ecs5lint.text.regex.syntax import PatternLimit

        try:
            return self.pattern.search(text) is not None
        except PatternLimit:
            return True


def constraints(type_: str, declaration: ObjectValue, spend: Spend) -> Constraints:
    """Return the constraints on the value of a parameter, or on each value of a list. Patterns cost `spend`."""
    if type_.startswith("AWS::SSM::Parameter::Value<"):
        # The declaration constrains the name. Systems Manager requires that the value is not empty.
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
        # A type of AWS names an existing resource: a key pair, a subnet.
        may_be_empty=not element.startswith("AWS::"),
        spend=spend,
    )


def _pattern(written: str) -> tuple[Pattern | None, tuple[str, ...] | None]:
    """Return a pattern that matches a whole value, and its list of matches if it is short."""
    if len(written) > _MAX_LENGTH or _OTHER_THAN_RE2.search(written):
        return None, None
    from ecs5lint.text.regex import compile_pattern, finite_language
    from ecs5lint.text.regex.syntax import InvalidPattern, PatternLimit

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
