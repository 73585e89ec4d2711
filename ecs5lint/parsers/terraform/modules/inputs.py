"""Determine the value of a variable: the input of its module, or its default.

https://developer.hashicorp.com/terraform/language/values/variables
"""

from __future__ import annotations

from collections.abc import Mapping

from ecs5lint.location import Source, Span
from ecs5lint.parsers.terraform.language.alternatives import lift_refusals
from ecs5lint.parsers.terraform.language.defaults import disregard
from ecs5lint.parsers.terraform.language.operators import BOOLEAN_DOMAIN
from ecs5lint.parsers.terraform.language.scope import Scope, Symbols
from ecs5lint.parsers.terraform.language.types import (
    ANY,
    BOOL,
    NUMBER,
    STRING,
    Collection,
    ObjectType,
    TupleType,
    convert,
)
from ecs5lint.parsers.terraform.language.types.expressions import parse_type
from ecs5lint.parsers.terraform.language.validation import Validation
from ecs5lint.parsers.terraform.modules.module_scope import Inputs, ModuleScope
from ecs5lint.parsers.terraform.modules.sources import why_unknown
from ecs5lint.parsers.terraform.modules.variables import Given
from ecs5lint.parsers.terraform.syntax.blocks import Argument, Block
from ecs5lint.parsers.terraform.syntax.errors import EvaluationError
from ecs5lint.parsers.terraform.syntax.expressions import parse_expression
from ecs5lint.parsers.terraform.syntax.nodes import Literal
from ecs5lint.values.alternatives import lift
from ecs5lint.values.kinds import (
    Assumption,
    Choice,
    Encoded,
    Known,
    ListValue,
    ObjectValue,
    Pair,
    Text,
    Type,
    Unknown,
    Value,
    known_text,
)
from ecs5lint.values.traverse import assume_throughout, children, size

#: The longest part of a default that a report shows.
_SHOWN = 60
_NO_OTHER_VALUE = "no value but its default"


class RootInputs(Inputs):
    """The inputs of a root module: .tfvars files, the command line and the environment.

    `unknown` has the variables that an unreadable caller may set.
    """

    def __init__(self, given: dict[str, Given], unknown: Mapping[str, Unknown] = {}) -> None:
        self._given = given
        self._unknown = unknown

    def value(self, name: str, wanted: Type | None, scope: ModuleScope) -> Value | None:
        if name in self._unknown:
            domain = BOOLEAN_DOMAIN if wanted is BOOL else None
            return self._unknown[name]._replace(symbol=scope.address(f"var.{name}"), domain=domain, type=wanted)
        given = self._given.get(name)
        if given is None:
            return None
        if given.is_from_environment and not isinstance(given.value, (Argument, Source)):
            return from_environment(given.value, wanted, scope)
        if isinstance(given.value, Argument):
            return scope.value_of(given.value)
        if not isinstance(given.value, Source):
            return given.value
        text = given.value.text
        if wanted in (None, STRING, NUMBER, BOOL) or (given.is_typed and wanted is ANY):
            return Known(text, hint=_text_hint(name, given.value, wanted))
        return scope.evaluate(parse_expression(Span(given.value, 0, len(text))))

    def without_defaults(self, symbols: Symbols) -> Inputs:
        given = {
            name: item._replace(value=disregard(item.value, symbols))
            if not isinstance(item.value, (Argument, Source))
            else item
            for name, item in self._given.items()
        }
        return RootInputs(given, self._unknown)

    def hint(self, name: str, wanted: Type | None) -> str:
        if wanted is None:
            # An option's value would be a string.
            return f"set it in terraform.tfvars, or declare its type and set it with --var {name}=..."
        return f"set it with --var {name}=... or in terraform.tfvars"


def _text_hint(name: str, source: Source, wanted: Type | None) -> str:
    """Return a hint on how to get a boolean from an option or an environment variable, which are strings."""
    if wanted in (NUMBER, BOOL):
        return ""
    other = "" if wanted is STRING else ", or set it in terraform.tfvars"
    return f'{source.path} sets var.{name} to the text "{source.text[:_SHOWN]}": declare type = bool{other}'


def from_environment(value: Value, wanted: Type | None, scope: ModuleScope) -> Value:
    """Return a value that is passed as the text of an environment variable. Raises EvaluationError.

    For a variable with a primitive type or none, it stays text. For any other variable, the text is an expression.
    """
    if wanted in (None, STRING, NUMBER, BOOL):
        return lift(_as_text, value)

    def read(value: Value) -> Value:
        if isinstance(value, Encoded):
            return value.value
        if isinstance(value, Text) or (isinstance(value, Unknown) and value.type is STRING):
            return why_unknown(value).derived(value.span)  # the text may be an expression of any type
        if not isinstance(value, Known) or not isinstance(value.value, str):
            return value
        source = Source("the environment", value.value, "hcl")
        read = scope.evaluate(parse_expression(Span(source, 0, len(value.value))))
        return assume_throughout(read, value.assumptions)

    return lift(read, value)


def _as_text(value: Value) -> Value:
    if isinstance(value, (ListValue, ObjectValue)):
        return Encoded(value, value.span, value.assumptions)
    # Terragrunt passes null in a variables file of its own, not in the environment.
    is_text = not isinstance(value, Known) or value.value is None or isinstance(value.value, str)
    return value if is_text else convert(value, STRING)


class CallInputs(Inputs):
    """The inputs of a called module: the arguments of the call, evaluated in the calling module."""

    def __init__(self, call: Block, caller: ModuleScope, scope: Scope) -> None:
        self._call = call
        self._caller = caller
        self._scope = scope

    def value(self, name: str, wanted: Type | None, scope: ModuleScope) -> Value | None:
        argument = self._call.argument(name)
        return None if argument is None else self._caller.value_of(argument, self._scope)

    def without_defaults(self, symbols: Symbols) -> Inputs:
        return CallInputs(self._call, self._caller.without_defaults(symbols), self._scope.without_defaults(symbols))

    def hint(self, name: str, wanted: Type | None) -> str:
        return f"pass {name} in the module call"


def variable_value(declaration: Block, scope: ModuleScope) -> Value:
    """Return the value of a variable. Raises EvaluationError if its input does not match its type."""
    name = declaration.labels[0]
    symbol = scope.address(f"var.{name}")
    type_argument = declaration.argument("type")
    wanted = parse_type(type_argument.expression, scope.evaluate, symbol) if type_argument else None
    nullable = not _is_literal(declaration.argument("nullable"), False)
    default = declaration.argument("default")
    validation = Validation(declaration, wanted, nullable, scope)
    given = scope.inputs.value(name, wanted, scope)
    if given is None:
        return _default_value(symbol, default, wanted, validation, scope)
    try:
        converted = _converted(given, wanted, scope)
    except EvaluationError as error:
        message = f"the value of {symbol} is invalid: {error.message}"
        raise EvaluationError(message, error.span, error.assumptions) from None

    def not_null(value: Value) -> Value:
        if isinstance(value, Known) and value.value is None:
            return _default_value(symbol, default, wanted, validation, scope)
        return value

    if not nullable and default is not None:
        converted = lift_refusals(not_null, converted)
    return validation.applied(converted)


def _default_value(
    symbol: str, default: Argument | None, wanted: Type | None, validation: Validation, scope: ModuleScope
) -> Value:
    """Return the value of a variable without input: its default, if the variable itself accepts it."""
    value = _converted(scope.value_of(default), wanted, scope) if default else None
    is_refused = value is not None and not validation.accepts(value)
    why = "no value" if default is None else "a default that it does not accept" if is_refused else _NO_OTHER_VALUE
    unknown = Unknown(
        f"{symbol} has {why}",
        default.value_span if default else None,
        hint=scope.inputs.hint(symbol.rpartition(".")[2], wanted),
        symbol=symbol,
        domain=BOOLEAN_DOMAIN if wanted is BOOL else None,
        type=wanted,
    )
    accepted = validation.applied(unknown)
    # If the variable accepts a single value, it doesn't rely on the default.
    if default is None or value is None or is_refused or symbol in scope.symbols or isinstance(accepted, Known):
        return accepted
    shown = " ".join(default.value_span.text.split())
    shown = shown if len(shown) <= _SHOWN else f"{shown[: _SHOWN - 3]}..."
    return assume_throughout(value, frozenset({Assumption(symbol, f"{symbol} defaults to {shown}")}))


def _converted(value: Value, wanted: Type | None, scope: ModuleScope) -> Value:
    """Return a value converted to the type of its variable. Raises EvaluationError, and NotKnown for too much work."""
    if wanted is not None:
        scope.run.step(_Additions().to(value, wanted))
    return convert(value, wanted or ANY)


class _Additions:
    """Counts the values that conversions add: omitted attributes, and their defaults.

    A short type and a short value can have a very large product.
    """

    def __init__(self) -> None:
        self._to_empty: dict[int, int] = {}

    def to(self, value: Value, wanted: Type) -> int:
        """Return a number that is at least the number of values that converting `value` adds."""
        if isinstance(value, Choice):
            return sum(self.to(arm.value, wanted) for arm in value.arms)
        if isinstance(wanted, ObjectType) and isinstance(value, ObjectValue):
            members = ((known_text(item.key), item.value) for item in value.members if isinstance(item, Pair))
            attributes = wanted.attributes
            given = sum(self.to(item, attributes[name].type) for name, item in members if name in attributes)
            return self._of_empty(wanted) + given
        if isinstance(wanted, TupleType) and isinstance(value, ListValue):
            return sum(self.to(item, element) for item, element in zip(children(value), wanted.elements, strict=False))
        if isinstance(wanted, Collection) and isinstance(value, (ListValue, ObjectValue)):
            return sum(self.to(item, wanted.element) for item in children(value))
        return 0

    def _of_empty(self, wanted: ObjectType) -> int:
        if id(wanted) not in self._to_empty:
            defaults = [(item.default, item.type) for item in wanted.attributes.values() if item.default is not None]
            added = sum(size(default) + self.to(default, type) for default, type in defaults)
            self._to_empty[id(wanted)] = len(wanted.attributes) + added
        return self._to_empty[id(wanted)]


def _is_literal(argument: Argument | None, value: object) -> bool:
    if argument is None:
        return False
    expression = argument.expression
    return isinstance(expression, Literal) and expression.value is value
