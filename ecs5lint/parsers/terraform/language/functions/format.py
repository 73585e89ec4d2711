"""Implement the functions format and formatlist.

https://developer.hashicorp.com/terraform/language/functions/format
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import partial

from ecs5lint.light_typing import NamedTuple
from ecs5lint.parsers.terraform.language.alternatives import lift_refusals
from ecs5lint.parsers.terraform.language.functions.context import Call
from ecs5lint.parsers.terraform.language.functions.graphemes import graphemes
from ecs5lint.parsers.terraform.language.functions.pieces import as_text, pieces, written_out
from ecs5lint.parsers.terraform.language.plain_values import fixed_items, json_text, plain_value
from ecs5lint.parsers.terraform.language.types import BOOL, NULL, NUMBER, STRING, convert, list_of
from ecs5lint.parsers.terraform.syntax.errors import EvaluationError, NotKnown
from ecs5lint.parsers.terraform.syntax.numbers import decimal, number, scalar_text
from ecs5lint.values.kinds import Encoded, Known, ListValue, ObjectValue, Text, Unknown, Value, all_assumptions
from ecs5lint.values.pieces import Assembled

#: The largest width, and the largest number of digits, of a formatted value.
MAX_WIDTH = 10_000

_VERB = re.compile(
    r"%(?P<flags>[-+ 0#]*)(?P<width>[0-9]+)?(?:\.(?P<precision>[0-9]*))?(?:\[(?P<index>[0-9]+)\])?(?P<letter>.)?",
    re.DOTALL,
)


class _Verb(NamedTuple):
    """One verb of a format string: `%-5d` has the flag `-`, the width 5 and the letter `d`."""

    flags: str
    width: int
    precision: int | None
    letter: str


def format_text(call: Call, template: Value, *arguments: Value) -> Value:
    """Return a format string in which the arguments replace the verbs. Raises EvaluationError and NotKnown."""
    plain_value(template)
    pieces_of_template = written_out(pieces(template))
    written = Assembled(pieces_of_template, [str(plain_value(piece)) for piece in pieces_of_template])
    parts: list[Value] = []
    offset = next_argument = highest = 0
    while (at := written.text.find("%", offset)) != -1:
        parts += written.between(offset, at)
        match = _VERB.match(written.text, at)
        assert match
        offset = match.end()
        if match["letter"] == "%":
            parts += written.between(offset - 1, offset)
            continue
        verb = _verb(match)
        index = int(match["index"]) - 1 if match["index"] else next_argument
        if not 0 <= index < len(arguments):
            raise EvaluationError(f'not enough arguments for "{match.group()}"')
        next_argument, highest = index + 1, max(highest, index + 1)
        parts.append(_formatted(verb, arguments[index], call))
    if highest < len(arguments):
        raise EvaluationError("too many arguments")
    parts += written.between(offset, len(written.text))
    return as_text(parts, call.span, template.assumptions)


def _verb(match: re.Match[str]) -> _Verb:
    if not match["letter"] or match["letter"] not in "vtbdoxXeEfgGsq":
        raise EvaluationError(f'"{match.group()}" is not a verb')
    digits = (match["width"] or "", match["precision"] or "", match["index"] or "")
    if any(len(number) > 8 or int(number or 0) > MAX_WIDTH for number in digits):
        raise NotKnown(Unknown(f"a width, precision or index of more than {MAX_WIDTH}"))
    precision = None if match["precision"] is None else int(match["precision"] or 0)
    return _Verb(match["flags"], int(match["width"] or 0), precision, match["letter"])


def _formatted(verb: _Verb, value: Value, call: Call) -> Value:
    """Return a formatted argument. `%s` and `%v` keep JSON, and text with holes, unchanged."""
    as_it_is = not verb.flags and not verb.width and verb.precision is None
    if isinstance(value, Known) and value.value is None:
        return _formatted_null(verb, value, call)
    if as_it_is and verb.letter in "sv":
        if isinstance(value, Unknown):
            return value
        if isinstance(value, (Text, Encoded)) or (isinstance(value, Known) and isinstance(value.value, str)):
            return value
        if verb.letter == "v" and isinstance(value, (ListValue, ObjectValue)):
            return Encoded(value, value.span, value.assumptions)
    if verb.letter == "v":
        plain = plain_value(value)
        if "#" in verb.flags or isinstance(plain, (list, dict)):
            text = json_text(plain)
        elif isinstance(plain, (bool, str)):
            text = scalar_text(plain)
        else:
            text = _number(verb._replace(letter="g", flags=verb.flags), decimal(plain))
    elif verb.letter in "sq":
        plain = plain_value(convert(value, STRING))
        text = json_text(plain) if verb.letter == "q" else plain
        if verb.letter == "s" and verb.precision is not None:
            text = "".join(graphemes(text)[: verb.precision])
    elif verb.letter == "t":
        text = scalar_text(plain_value(convert(value, BOOL)))
    else:
        text = _number(verb, decimal(plain_value(convert(value, NUMBER))))
    return Known(_padded(verb, text), call.span, all_assumptions([value]))


def _formatted_null(verb: _Verb, value: Known, call: Call) -> Value:
    if value.type is None or value.type is NULL:
        # Terraform's result is then not even of a known type.
        raise NotKnown(Unknown("a null of no type is formatted", value.span))
    if verb.letter != "v":
        raise EvaluationError(f"%{verb.letter} cannot format null", value.span)
    return Known(_padded(verb, "null"), call.span, value.assumptions)


def _number(verb: _Verb, value: Decimal) -> str:
    sign = "-" if value < 0 else "+" if "+" in verb.flags else " " if " " in verb.flags else ""
    value = value.copy_abs()  # abs() would round
    if verb.letter in "bdoxX":
        if value != value.to_integral_value():
            raise EvaluationError("a whole number is required")
        digits = format(int(value), verb.letter)
        if "#" in verb.flags or verb.precision is not None:
            raise NotKnown(Unknown(f"the flags of %{verb.letter} are not evaluated"))
    elif verb.letter in "gG":
        digits = _shortest(value, verb)
    else:
        digits = format(value or 0.0, f".{6 if verb.precision is None else verb.precision}{verb.letter}")
        digits = re.sub(r"([eE][-+])(\d)$", r"\g<1>0\2", digits)
    if "0" in verb.flags and "-" not in verb.flags:
        digits = digits.rjust(verb.width - len(sign), "0")
    return sign + digits


def _shortest(value: Decimal, verb: _Verb) -> str:
    """Return a number in the fewest digits that identify it. A large or a small number has an exponent."""
    if verb.precision is not None:
        raise NotKnown(Unknown("the precision of %g is not evaluated"))
    exponent = value.adjusted() if value else 0
    if -4 <= exponent < 6:
        return scalar_text(number(value))
    digits = "".join(map(str, value.as_tuple().digits)).rstrip("0")
    mantissa = f"{digits[0]}.{digits[1:]}" if len(digits) > 1 else digits
    return f"{mantissa}{'E' if verb.letter == 'G' else 'e'}{'-' if exponent < 0 else '+'}{abs(exponent):02}"


def _padded(verb: _Verb, text: str) -> str:
    if not verb.width:
        return text
    missing = " " * (verb.width - len(graphemes(text)))
    return text + missing if "-" in verb.flags else missing + text


def formatlist(call: Call, template: Value, *arguments: Value) -> Value:
    """Return the format string for each element of the list arguments. All other arguments stay the same."""
    columns = [fixed_items(item) if isinstance(item, ListValue) else None for item in arguments]
    lengths = {len(column) for column in columns if column is not None}
    if len(lengths) > 1:
        raise EvaluationError("the lists must have the same length")
    if any(isinstance(item, Unknown) for item in arguments):
        raise NotKnown(next(item for item in arguments if isinstance(item, Unknown)))
    rows = [
        [argument if column is None else column[row] for argument, column in zip(arguments, columns, strict=True)]
        for row in range(lengths.pop() if lengths else 1)
    ]
    items = tuple(lift_refusals(partial(format_text, call, template), *row) for row in rows)
    return ListValue(items, call.span, all_assumptions(arguments), type=list_of(STRING))
