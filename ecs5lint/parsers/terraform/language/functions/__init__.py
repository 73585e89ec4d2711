"""Call Terraform's built-in functions. Each category of Terraform's documentation has a module.

https://developer.hashicorp.com/terraform/language/functions
"""

from __future__ import annotations

from collections.abc import Sequence

from ecs5lint.location import Span
from ecs5lint.parsers.terraform.language.alternatives import lift_refusals
from ecs5lint.parsers.terraform.language.functions import (
    collection,
    comparison,
    date_time,
    encoding,
    filesystem,
    hash_crypto,
    hcl_text,
    ip_network,
    numeric,
    string,
    type_conversion,
)
from ecs5lint.parsers.terraform.language.functions.context import Call, Context
from ecs5lint.parsers.terraform.language.functions.function import (
    MAX_RESULT,
    Function,
    characters,
    known_type,
    optional_items,
)
from ecs5lint.parsers.terraform.language.types import convert
from ecs5lint.parsers.terraform.syntax.errors import EvaluationError, NotKnown
from ecs5lint.text.regex.syntax import InvalidPattern, PatternLimit
from ecs5lint.values.alternatives import lift
from ecs5lint.values.kinds import NO_ASSUMPTIONS, Known, Unknown, Value
from ecs5lint.values.traverse import all_within, size

FUNCTIONS: dict[str, Function] = {
    **numeric.FUNCTIONS,
    **string.FUNCTIONS,
    **collection.FUNCTIONS,
    **comparison.FUNCTIONS,
    **encoding.FUNCTIONS,
    **filesystem.FUNCTIONS,
    **date_time.FUNCTIONS,
    **hash_crypto.FUNCTIONS,
    **ip_network.FUNCTIONS,
    **type_conversion.FUNCTIONS,
}

#: The functions of Terraform's built-in provider.
OF_PROVIDER = hcl_text.FUNCTIONS

#: The size of arguments or of a result that costs as much as one more expression.
_SIZE_OF_STEP = 3
#: The number of characters in the arguments that costs as much. Many functions look at each character.
_CHARACTERS_OF_STEP = 25

#: Functions whose result changes with each run, or depends on the machine or on a secret.
NOT_PURE = {"bcrypt", "plantimestamp", "rsadecrypt", "timestamp", "uuid"}


#: Functions that some versions of Terraform or OpenTofu don't have.
OF_SOME_VERSIONS = {"base64gunzip", "cidrcontains", "convert", "urldecode"}


def call(name: str, arguments: Sequence[Value], span: Span, context: Context) -> Value:
    """Return the result of a function call. Raises EvaluationError if Terraform would report an error."""
    function = context.functions.get(name) or FUNCTIONS.get(name) or OF_PROVIDER.get(name)
    if function is None and name.startswith("provider::"):
        return Unknown(f"{name}() is a function of a provider", span)
    if name in NOT_PURE:
        return Unknown(f"{name}() is known only when Terraform runs", span)
    if function is None:
        return Unknown(f"{name}() is not supported", span)
    _check_count(name, function, arguments, span)
    this = Call(name, span, context)
    given = sum(map(size, arguments))
    if given > MAX_RESULT:
        return Unknown(f"the arguments of {name} are too large to evaluate", span)

    def once(*alternative: Value) -> Value:
        try:
            steps = given // _SIZE_OF_STEP + characters(alternative) // _CHARACTERS_OF_STEP
            context.spend(steps + (function.cost(alternative) if function.cost else 0))
            result = function.body(this, *_prepared(function, alternative))
            context.spend(size(result) // _SIZE_OF_STEP)
            return result
        except NotKnown as error:
            return error.unknown.derived(error.unknown.span or span, type=known_type(function.returns))
        except PatternLimit as limit:
            return Unknown(str(limit), span, type=known_type(function.returns))
        except InvalidPattern as invalid:
            assumptions = NO_ASSUMPTIONS.union(*map(all_within, alternative))
            raise EvaluationError(f"{name}: {invalid}", span, assumptions) from None
        except EvaluationError as error:
            assumptions = error.assumptions.union(*map(all_within, alternative))
            raise EvaluationError(f"{name}: {error.message}", error.span or span, assumptions) from None

    if function.keeps_choices:
        return once(*arguments)
    return lift_refusals(once, *(lift(optional_items, argument) for argument in arguments))


def _check_count(name: str, function: Function, arguments: Sequence[Value], span: Span) -> None:
    wanted = len(function.parameters)
    if len(arguments) < wanted or (len(arguments) > wanted and function.variadic is None):
        least = "at least " if function.variadic else ""
        raise EvaluationError(f"{name} takes {least}{wanted} arguments, not {len(arguments)}", span)


def _prepared(function: Function, arguments: Sequence[Value]) -> list[Value]:
    """Return the arguments converted to the types of the parameters. Raises EvaluationError."""
    prepared = []
    for index, argument in enumerate(arguments):
        fixed = index < len(function.parameters)
        wanted = function.parameters[index] if fixed else function.variadic
        may_be_null = function.nullable and not (fixed and function.variadic)
        if isinstance(argument, Known) and argument.value is None and not may_be_null:
            why = "".join(f", and {text}" for text in sorted(item.text for item in argument.assumptions))
            raise EvaluationError(f"argument {index + 1} must not be null{why}", argument.span)
        prepared.append(convert(argument, wanted) if wanted else argument)
    return prepared
