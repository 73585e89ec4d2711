"""Implement the numeric functions.

https://developer.hashicorp.com/terraform/language/functions#numeric-functions
"""

from __future__ import annotations

import math
import string
from fractions import Fraction

from ecs5lint.parsers.terraform.language.functions.function import plain, require, whole
from ecs5lint.parsers.terraform.language.types import ANY, NUMBER
from ecs5lint.parsers.terraform.syntax.errors import NotKnown
from ecs5lint.parsers.terraform.syntax.numbers import Counted, Number, decimal, negated, number
from ecs5lint.values.kinds import Unknown

#: Terraform calculates powers and logarithms in double precision, which is exact for whole numbers up to this one.
_EXACT = 2**53
#: Above base 36, capital letters follow the small letters.
_DIGITS = string.digits + string.ascii_lowercase + string.ascii_uppercase
_LETTERS_OF_ONE_CASE = 36
_MAX_LENGTH = 100
_MAX_POWER = 1_000
#: The largest exponent of a power of two with evaluated digits.
_EXACT_POWER = 60


def _log(value: Number, base: Number) -> int:
    if value > 0 and base > 0 and base != 1:
        found = math.log(value) / math.log(base)
        if math.isfinite(found) and abs(found) <= _EXACT and found == int(found):
            return Counted(found)
        raise _rounding()
    raise NotKnown(Unknown("a logarithm at its limits is not evaluated"))


def _rounding() -> NotKnown:
    return NotKnown(Unknown("a number that depends on rounding is not evaluated"))


def _pow(base: Number, power: Number) -> Number:
    """Return a power that is exact in double precision. Raises NotKnown for any other power."""
    within_bounds = -_MAX_POWER <= power <= _MAX_POWER and -_EXACT <= base <= _EXACT
    if not within_bounds or power != int(power) or (not base and power < 0):
        raise _rounding()
    one, times = Fraction(decimal(base)), abs(int(power))
    exact = Fraction(one.numerator**times, one.denominator**times)
    if exact and not 2.0**-1000 < abs(exact) < 2.0**1000:
        raise _rounding()
    found = float(exact)
    mantissa, exponent = math.frexp(abs(found))
    # Go prints too few digits of a large power of two: https://github.com/golang/go/blob/master/src/math/big/ftoa.go
    if Fraction(found) != exact or (mantissa == 0.5 and abs(exponent) > _EXACT_POWER):
        raise _rounding()
    value = number(decimal(found if power >= 0 else 1 / found))
    return Counted(value) if isinstance(value, int) else value


def _parseint(text: object, base: Number) -> int:
    require(isinstance(text, str), "a string is required")
    require(base == int(base) and 2 <= base <= 62, "the base must be a whole number from 2 to 62")
    written = str(text)
    digits = written[1:] if written[:1] in ("+", "-") else written
    if len(digits) > _MAX_LENGTH:
        raise NotKnown(Unknown("a number of so many digits is not supported"))
    if base <= _LETTERS_OF_ONE_CASE:
        digits = digits.lower()
    allowed = _DIGITS[: int(base)]
    require(bool(digits) and all(digit in allowed for digit in digits), "it is not a number")
    value = 0
    for digit in digits:
        value = value * int(base) + allowed.index(digit)
    return Counted(-value if written.startswith("-") else value)


def _abs(value: Number) -> Number:
    return negated(value) if value < 0 else value


def _most(*numbers: Number) -> Number:
    require(bool(numbers), "at least one number is required")
    return max(numbers)


def _least(*numbers: Number) -> Number:
    require(bool(numbers), "at least one number is required")
    return min(numbers)


def _signum(value: Number) -> int:
    sign = whole(value)
    return Counted((sign > 0) - (sign < 0))


FUNCTIONS = {
    "abs": plain(_abs, (NUMBER,), NUMBER),
    "ceil": plain(math.ceil, (NUMBER,), NUMBER),
    "floor": plain(math.floor, (NUMBER,), NUMBER),
    "log": plain(_log, (NUMBER, NUMBER), NUMBER),
    "max": plain(_most, (), NUMBER, variadic=NUMBER),
    "min": plain(_least, (), NUMBER, variadic=NUMBER),
    "parseint": plain(_parseint, (ANY, NUMBER), NUMBER),
    "pow": plain(_pow, (NUMBER, NUMBER), NUMBER),
    "signum": plain(_signum, (NUMBER,), NUMBER),
}
