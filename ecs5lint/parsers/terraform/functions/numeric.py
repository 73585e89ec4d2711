"""Numeric functions.

https://developer.hashicorp.com/terraform/language/functions#numeric-functions
"""

from __future__ import annotations

import math
import re

from ecs5lint.parsers.terraform.errors import NotKnown
from ecs5lint.parsers.terraform.functions.function import plain, require, whole
from ecs5lint.parsers.terraform.types import ANY, NUMBER
from ecs5lint.values import Unknown

#: Terraform calculates powers and logarithms in double precision, which is exact for whole numbers up to this.
_EXACT = 2**53

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def _double(result: float) -> int:
    """Return what double precision gives for certain: a whole number."""
    if not math.isfinite(result) or abs(result) > _EXACT or result != int(result):
        raise NotKnown(Unknown("a number that rests on rounding is not followed"))
    return int(result)


def _log(value: float, base: float) -> float:
    if value > 0 and base > 0 and base != 1:
        return _double(math.log(value) / math.log(base))
    raise NotKnown(Unknown("a logarithm at its limits is not followed"))


def _pow(base: float, power: float) -> float:
    try:
        return _double(math.pow(base, power))
    except (OverflowError, ValueError):
        raise NotKnown(Unknown("a number is too large to follow")) from None


def _parseint(text: object, base: float) -> int:
    require(isinstance(text, str), "a string is required")
    require(base == int(base) and 2 <= base <= 62, "the base must be a whole number from 2 to 62")
    digits = str(text).lstrip("+-") if re.match(r"[+-]?[^+-]", str(text)) else ""
    if base > 36 or len(digits) > 100:
        raise NotKnown(Unknown("a number in this base, or of this length, is not followed"))
    require(bool(digits) and all(digit in _DIGITS[: int(base)] for digit in digits.lower()), "it is not a number")
    return int(str(text), int(base))


def _most(*numbers: float) -> float:
    require(bool(numbers), "at least one number is required")
    return max(numbers)


def _least(*numbers: float) -> float:
    require(bool(numbers), "at least one number is required")
    return min(numbers)


def _signum(value: float) -> int:
    number = whole(value)
    return (number > 0) - (number < 0)


FUNCTIONS = {
    "abs": plain(abs, (NUMBER,), NUMBER),
    "ceil": plain(math.ceil, (NUMBER,), NUMBER),
    "floor": plain(math.floor, (NUMBER,), NUMBER),
    "log": plain(_log, (NUMBER, NUMBER), NUMBER),
    "max": plain(_most, (), NUMBER, variadic=NUMBER),
    "min": plain(_least, (), NUMBER, variadic=NUMBER),
    "parseint": plain(_parseint, (ANY, NUMBER), NUMBER),
    "pow": plain(_pow, (NUMBER, NUMBER), NUMBER),
    "signum": plain(_signum, (NUMBER,), NUMBER),
}
