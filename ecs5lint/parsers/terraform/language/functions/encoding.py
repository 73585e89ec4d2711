"""Implement the encoding functions.

https://developer.hashicorp.com/terraform/language/functions#encoding-functions
"""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Callable, Sequence
from decimal import Decimal

from ecs5lint.parsers.terraform.language.alternatives import lift_refusals
from ecs5lint.parsers.terraform.language.functions import yaml_decoding, yaml_text
from ecs5lint.parsers.terraform.language.functions.context import Call
from ecs5lint.parsers.terraform.language.functions.function import (
    Function,
    characters,
    plain,
    require,
    spread,
)
from ecs5lint.parsers.terraform.language.functions.pieces import pieces, written_out
from ecs5lint.parsers.terraform.language.plain_values import MAX_TEXT, normal_form, plain_value
from ecs5lint.parsers.terraform.language.types import ANY, STRING, as_list, list_of
from ecs5lint.parsers.terraform.syntax.errors import EvaluationError, NotKnown
from ecs5lint.parsers.terraform.syntax.numbers import decimal, number
from ecs5lint.text import json
from ecs5lint.values.alternatives import lift
from ecs5lint.values.kinds import (
    Choice,
    Encoded,
    Known,
    ListValue,
    ObjectValue,
    Pair,
    Rest,
    Unknown,
    Value,
    known_text,
)
from ecs5lint.values.traverse import all_within, map_children


def _jsonencode(call: Call, value: Value) -> Value:
    return Encoded(in_order(value), call.span)


def in_order(value: Value) -> Value:
    """Return a value whose objects have their members in Terraform's output order, sorted by name.

    The later of two members with the same name wins. Unknown members stay in place, and known members stay before or
    after them.
    """
    if isinstance(value, (Choice, ListValue)):
        return map_children(in_order, as_list(value) if isinstance(value, ListValue) else value)
    if not isinstance(value, ObjectValue):
        return value
    members: list[Pair | Rest] = []
    run: dict[str, Pair] = {}
    for member in value.members:
        key = known_text(member.key) if isinstance(member, Pair) else None
        if isinstance(member, Pair) and key is not None:
            run[key] = member
        else:
            members += [*(run[name] for name in sorted(run)), member]
            run = {}
    return map_children(in_order, value._replace(members=(*members, *(run[name] for name in sorted(run)))))


def _jsondecode(call: Call, text: Value) -> Value:
    try:
        return without_types(json.decode(text))
    except json.JsonTooDeep as error:
        raise NotKnown(Unknown(f"the JSON text is not evaluated: {error.message}", error.span)) from None
    except json.JsonError as error:
        raise EvaluationError(f"it is not valid JSON: {error.message}", error.span) from None


def without_types(value: Value) -> Value:
    """Return a value with the types of decoded data: tuples for lists and sets, and objects for maps."""
    if isinstance(value, (Choice, ListValue, ObjectValue)):
        value = map_children(without_types, value)
    if isinstance(value, ListValue):
        return value._replace(is_set=False, type=None)
    if isinstance(value, Known):
        return _decoded_scalar(value)
    return value._replace(type=None) if isinstance(value, (ObjectValue, Unknown)) else value


def _decoded_scalar(value: Known) -> Value:
    """Return a scalar of a decoded text, with numbers as Terraform rounds them."""
    if isinstance(value.value, str):
        text = normal_form(value.value)
        return value if text == value.value else value._replace(value=text, verbatim=None)
    if isinstance(value.value, (float, Decimal)):
        try:
            return Known(number(decimal(value.value)), value.span, value.assumptions)
        except NotKnown as error:
            return error.unknown._replace(span=value.span, assumptions=value.assumptions)
    return value._replace(type=None)


def _yamlencode(call: Call, value: Value) -> Value:
    def once(alternative: Value) -> Value:
        return Known(yaml_text.encode(plain_value(alternative)), call.span, all_within(alternative))

    return lift(once, spread(value))


def _yamldecode(call: Call, text: Value) -> Value:
    if isinstance(text, Unknown):
        return text.derived()

    def once(text: Value) -> Value:
        try:
            return yaml_decoding.decode(written_out(pieces(text)), text.assumptions)
        except NotKnown as error:
            return error.unknown._replace(span=error.unknown.span or call.span)

    # An alternative inside JSON text is no complete text, so it can't be read as YAML.
    return lift_refusals(once, spread(text))


def _base64decode(text: str) -> str:
    try:
        return _base64bytes(text).decode("utf-8")
    except ValueError:
        raise EvaluationError("it is not Base64 of UTF-8 text") from None


def _base64bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text.replace("\n", "").replace("\r", ""), validate=True)
    except ValueError:
        raise EvaluationError("it is not Base64") from None


def _urlencode(text: str) -> str:
    from urllib.parse import quote

    return quote(text, safe="").replace("%20", "+")


#: Quotation marks may only enclose a whole field. https://www.rfc-editor.org/rfc/rfc4180#section-2
_CSV = re.compile(r'(?:(?:"(?:[^"]|"")*"|[^",\r\n]*)(?:,|\r?\n|\Z))*')


def _csvdecode(text: str) -> list[dict[str, str]]:
    import csv

    require(_CSV.fullmatch(text) is not None, "it is not CSV")
    try:
        rows = [row for row in csv.reader(text.splitlines(keepends=True), strict=True) if row]
    except csv.Error:
        raise EvaluationError("it is not CSV") from None
    require(bool(rows), "it has no header line")
    names, *records = rows
    require(len(set(names)) == len(names), "a column name occurs twice")
    require(all(len(record) == len(names) for record in records), "a row and the header line differ in length")
    return [dict(zip(names, record, strict=True)) for record in records]


#: Encodings by their IANA names, for which Python and Terraform are known to agree.
_ENCODINGS = re.compile(r"UTF-?8|UTF-16[LB]E|US-ASCII|ISO-8859-1|windows-125[0-8]", re.IGNORECASE)
#: Other encodings of Terraform that extend ASCII. ASCII text is the same in each of them.
_LIKE_ASCII = re.compile(
    r"GBK|CP936|MS936|windows-936|csGBK|GB18030|Big5|csBig5|EUC-(?:JP|KR)|csEUC(?:KR|PkdFmtJapanese)|Shift_JIS|MS_Kanji"
    r"|csShiftJIS|(?:cs)?ISO-?2022-?JP|ISO-8859-(?:[2-9]|1[03-6]|[68]-[EI])|(?:l|latin)(?:[1-68]|10)|csISOLatin[1-6]"
    r"|(?:IBM|CP)(?:437|85[025]|86[0235]|866|819|367)|IBM00858|KOI8-[RU]|csKOI8R|macintosh|mac|csMacintosh|windows-874"
    r"|us|ISO646-US|csASCII|csUTF8|cswindows1252",
    re.IGNORECASE,
)


def _codec(encoding: str, content: bytes) -> str:
    """Return Python's name for an encoding that encodes or decodes this content as Terraform does. Raises NotKnown."""
    if _ENCODINGS.fullmatch(encoding):
        return encoding
    if _LIKE_ASCII.fullmatch(encoding) and content.isascii() and b"\x1b" not in content:
        return "ascii"
    raise NotKnown(Unknown(f"the encoding {encoding} is not supported"))


def _textencodebase64(text: str, encoding: str) -> str:
    try:
        return base64.b64encode(text.encode(_codec(encoding, text.encode()))).decode("ascii")
    except UnicodeEncodeError:
        raise EvaluationError(f"it cannot be encoded in {encoding}") from None


def _textdecodebase64(text: str, encoding: str) -> str:
    try:
        content = base64.b64decode(text, validate=True)
        return content.decode(_codec(encoding, content))
    except ValueError:
        raise EvaluationError(f"it is not Base64 of text in {encoding}") from None


def _base64gzip(call: Call, text: Value) -> Value:
    return Unknown("compressed text is not evaluated", call.span, text.assumptions, type=STRING)


def _base64gunzip(text: str) -> str:
    """Return the original of compressed text. This is a function of OpenTofu.

    https://opentofu.org/docs/language/functions/base64gunzip/
    """
    import gzip
    import zlib

    reader = gzip.GzipFile(fileobj=io.BytesIO(_base64bytes(text)))
    try:
        content = reader.read(MAX_TEXT + 1)
    except (OSError, EOFError, zlib.error):
        raise EvaluationError("it is not compressed by gzip") from None
    if len(content) > MAX_TEXT:
        raise NotKnown(Unknown("a text is too long to evaluate"))
    try:
        return content.decode("utf-8")
    except ValueError:
        raise EvaluationError("it is not UTF-8 text") from None


def _urldecode(text: str) -> str:
    """Return the original of URL-encoded text. This is a function of OpenTofu.

    https://opentofu.org/docs/language/functions/urldecode/
    """
    from urllib.parse import unquote_to_bytes

    require(re.search(r"%(?![0-9A-Fa-f]{2})", text) is None, "it has a % that two hexadecimal digits do not follow")
    try:
        return unquote_to_bytes(text.replace("+", " ")).decode("utf-8")
    except ValueError:
        raise EvaluationError("it is not UTF-8 text") from None


def _reading(each: int) -> Callable[[Sequence[Value]], int]:
    """Return the steps for reading a text, of which `each` characters cost one."""
    return lambda arguments: characters(arguments) // each


FUNCTIONS = {
    "base64decode": plain(_base64decode, (STRING,), STRING),
    "base64encode": plain(lambda text: base64.b64encode(text.encode()).decode("ascii"), (STRING,), STRING),
    "base64gunzip": plain(_base64gunzip, (STRING,), STRING),
    "base64gzip": Function(_base64gzip, (STRING,), STRING),
    "csvdecode": plain(_csvdecode, (STRING,), list_of(ANY))._replace(cost=_reading(8)),
    "jsondecode": Function(_jsondecode, (STRING,), ANY, cost=_reading(8)),
    "jsonencode": Function(_jsonencode, (ANY,), STRING, nullable=True, keeps_choices=True),
    "textdecodebase64": plain(_textdecodebase64, (STRING, STRING), STRING),
    "textencodebase64": plain(_textencodebase64, (STRING, STRING), STRING),
    "urldecode": plain(_urldecode, (STRING,), STRING),
    "urlencode": plain(_urlencode, (STRING,), STRING),
    "yamldecode": Function(_yamldecode, (STRING,), ANY, cost=_reading(2)),
    "yamlencode": Function(_yamlencode, (ANY,), STRING, nullable=True),
}
