"""Calculate with numbers as Terraform does: in binary floating point with 512 digits.

A number is stored as its shortest decimal: an int if it is whole, a float if the float prints the same, or else a
Decimal. Two numbers are equal if and only if these are equal.

https://github.com/zclconf/go-cty/blob/main/cty/value_init.go (ParseNumberVal)
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Context, Decimal, DecimalException
from fractions import Fraction
from operator import ge, gt, le, lt

from ecs5lint.light_typing import Any
from ecs5lint.parsers.terraform.syntax.errors import EvaluationError, NotKnown
from ecs5lint.values.kinds import Unknown

#: The largest number of digits. A longer number costs time, and Python refuses to print it.
MAX_DIGITS = 4_000
#: The reason for an unknown that Terraform would print as -0.
NEGATIVE_ZERO = "a negative zero is not supported"

#: The number of binary digits in Terraform's calculations, and of decimal digits that always survive them.
_PRECISION = 512
_EXACT_DIGITS = 154
_EXACT_INTEGER = 2**_PRECISION
#: The largest whole number that is exact in all of Terraform's calculations.
_EXACT_COUNT = 2**53
#: The number of decimal digits that distinguish all numbers of that precision.
_ALL_DIGITS = 157

Number = int | float | Decimal


class Counted(int):
    """A whole number that Terraform stores in at most 64 bits, such as the length of a list."""

    __slots__ = ()


_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")


def parse_number(text: str) -> Number | None:
    """Return the number in a text, or None if it is no number. Raises NotKnown for too many digits."""
    if not _NUMBER.fullmatch(text):
        return None
    if len(text) > MAX_DIGITS:
        raise _too_many_digits()
    try:
        return number(Decimal(text))
    except DecimalException:
        raise _too_many_digits() from None


def _too_many_digits() -> NotKnown:
    return NotKnown(Unknown("a number has too many digits"))


def number(exact: Decimal | Fraction) -> Number:
    """Return a number as Terraform rounds it. Raises NotKnown for too many digits, for -0 and for infinity."""
    if isinstance(exact, Decimal):
        if not exact and exact.is_signed():
            raise NotKnown(Unknown(NEGATIVE_ZERO))
        if not exact.is_finite() or abs(exact.adjusted()) > MAX_DIGITS:
            raise _too_many_digits()
        if len(exact.as_tuple().digits) <= _EXACT_DIGITS:
            return _canonical(exact)
        exact = Fraction(exact)
    if exact.denominator == 1 and abs(exact.numerator) <= _EXACT_INTEGER:
        return exact.numerator
    return _canonical(_shortest(_rounded(exact)))


def _canonical(exact: Decimal) -> Number:
    if exact == exact.to_integral_value():
        return int(exact)
    inexact = float(exact)
    return inexact if Decimal(repr(inexact)) == exact else Decimal(exact).normalize(Context(prec=_ALL_DIGITS))


def decimal(value: Number) -> Decimal:
    """Return the exact decimal value of a number."""
    return Decimal(repr(value)) if isinstance(value, float) else Decimal(value)


def fraction(value: Number) -> Fraction:
    """Return the exact value of a number, in the binary digits of Terraform's calculations."""
    if isinstance(value, int) and abs(value) <= _EXACT_INTEGER:
        return Fraction(value)
    return _rounded(Fraction(decimal(value)))


def negated(value: Number) -> Number:
    """Return the negated number. Raises NotKnown for zero."""
    if not value:
        raise NotKnown(Unknown(NEGATIVE_ZERO))
    return value.copy_negate() if isinstance(value, Decimal) else type(value)(-value)


def _rounded(exact: Fraction) -> Fraction:
    """Return the nearest number with 512 binary digits. Raises NotKnown for extremely large or small numbers."""
    top, bottom = abs(exact.numerator), exact.denominator
    size = top.bit_length() - bottom.bit_length()
    if abs(size) > 4 * MAX_DIGITS:
        raise _too_many_digits()
    shift = _PRECISION - size
    mantissa = Fraction(top << max(shift, 0), bottom << max(-shift, 0))
    while mantissa >= _EXACT_INTEGER:
        mantissa, shift = mantissa / 2, shift - 1
    found = Fraction(round(mantissa)) * Fraction(2) ** -shift
    return found if exact >= 0 else -found


def _shortest(exact: Fraction) -> Decimal:
    """Return the shortest decimal that rounds to this number of 512 binary digits."""
    least, most = 1, _ALL_DIGITS
    while least < most:
        middle = (least + most) // 2
        if _rounded(Fraction(_to_digits(exact, middle))) == exact:
            most = middle
        else:
            least = middle + 1
    return _to_digits(exact, least)


def _to_digits(exact: Fraction, digits: int) -> Decimal:
    return Context(prec=digits).divide(Decimal(exact.numerator), Decimal(exact.denominator))


def scalar_text(value: Any) -> str:
    """Return a known boolean, number or string as Terraform converts it to text, and null as `null`."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (float, Decimal)):
        return format(decimal(value), "f")
    return str(value)


#: Sums and products of integers below this are exact.
_EXACT = 2**64


def calculated(operator: str, left: Number, right: Number) -> bool | Number:
    """Return `left operator right` for an operator on two numbers. Raises EvaluationError and NotKnown."""
    result = _calculated(operator, left, right)
    if isinstance(left, Counted) and isinstance(right, Counted) and not isinstance(result, bool):
        # The result has no more digits than the two numbers.
        if not isinstance(result, int) or abs(result) > _EXACT_COUNT:
            raise NotKnown(Unknown("the digits of a number that is computed from lengths or indexes are not evaluated"))
        return Counted(result)
    return result


def _calculated(operator: str, left: Number, right: Number) -> bool | Number:
    if _is_small(left) and _is_small(right):
        found = _of_small(operator, int(left), int(right))
        if found is not None:
            return found
    a, b = fraction(left), fraction(right)
    if operator in _COMPARISONS:
        return _COMPARISONS[operator](a, b)
    if operator == "/":
        return _quotient(a, b)
    if operator == "%":
        return left if not b else _remainder(a, b)
    if operator == "*" and not (a and b) and (a < 0 or b < 0):
        raise NotKnown(Unknown(NEGATIVE_ZERO))
    return number({"+": a.__add__, "-": a.__sub__, "*": a.__mul__}[operator](b))


_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {"<": lt, ">": gt, "<=": le, ">=": ge}


def _is_small(value: Number) -> bool:
    return isinstance(value, int) and abs(value) < _EXACT


def _of_small(operator: str, left: int, right: int) -> bool | int | None:
    """Return the result for two small whole numbers if it is exact, or None."""
    if operator == "+":
        return left + right
    if operator == "-":
        return left - right
    if operator in _COMPARISONS:
        return _COMPARISONS[operator](left, right)
    if operator == "*" and left and right:
        return left * right
    return None


def _quotient(a: Fraction, b: Fraction) -> Number:
    if b:
        if not a and b < 0:
            raise NotKnown(Unknown(NEGATIVE_ZERO))
        return number(a / b)
    if not a:
        raise EvaluationError("zero cannot be divided by zero")
    raise NotKnown(Unknown("an infinite number is not supported"))


def _remainder(a: Fraction, b: Fraction) -> Number:
    """Return the remainder as Terraform computes it, from a rounded quotient."""
    times = int(_rounded(a / b)) if a else 0
    return number(_rounded(a - _rounded(times * b)) if times else a)
