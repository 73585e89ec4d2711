"""Implement the type conversion functions.

https://developer.hashicorp.com/terraform/language/functions#type-conversion-functions

Values don't carry marks such as sensitive. The evaluator implements try and can, since it does not evaluate their
arguments as it does those of other functions.
"""

from __future__ import annotations

from ecs5lint.parsers.terraform.language.functions.context import Call
from ecs5lint.parsers.terraform.language.functions.function import Function
from ecs5lint.parsers.terraform.language.types import ANY, BOOL, NUMBER, STRING, list_of, map_of, set_of
from ecs5lint.values.kinds import Type, Unknown, Value


def _same(call: Call, value: Value) -> Value:
    """Return the argument, which `call` in the package has already converted."""
    return value


def _issensitive(call: Call, value: Value) -> Value:
    return Unknown("whether a value is sensitive is not evaluated", call.span, type=BOOL)


def _conversion(wanted: Type) -> Function:
    return Function(_same, (wanted,), wanted, nullable=True)


FUNCTIONS = {
    "ephemeralasnull": _conversion(ANY),
    "issensitive": Function(_issensitive, (ANY,), BOOL, nullable=True),
    "nonsensitive": _conversion(ANY),
    "sensitive": _conversion(ANY),
    "tobool": _conversion(BOOL),
    "tolist": _conversion(list_of(ANY)),
    "tomap": _conversion(map_of(ANY)),
    "tonumber": _conversion(NUMBER),
    "toset": _conversion(set_of(ANY)),
    "tostring": _conversion(STRING),
}
