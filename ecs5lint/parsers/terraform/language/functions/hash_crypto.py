"""Implement the hash and crypto functions.

https://developer.hashicorp.com/terraform/language/functions#hash-and-crypto-functions
"""

from __future__ import annotations

import base64
from collections.abc import Callable

from ecs5lint.parsers.terraform.language.functions.context import Call
from ecs5lint.parsers.terraform.language.functions.filesystem import read_bytes
from ecs5lint.parsers.terraform.language.functions.function import Function, plain
from ecs5lint.parsers.terraform.language.types import STRING
from ecs5lint.parsers.terraform.syntax.errors import EvaluationError
from ecs5lint.values.kinds import Known, Value, all_assumptions

Digest = Callable[[bytes], str]


def _digest(algorithm: str, content: bytes) -> bytes:
    import hashlib

    return hashlib.new(algorithm, content, usedforsecurity=False).digest()


def _hexadecimal(algorithm: str) -> Digest:
    return lambda content: _digest(algorithm, content).hex()


def _base64(algorithm: str) -> Digest:
    return lambda content: base64.b64encode(_digest(algorithm, content)).decode()


def _of_text(digest: Digest) -> Function:
    return plain(lambda text: digest(text.encode()), (STRING,), STRING)


def _of_file(digest: Digest) -> Function:
    def body(call: Call, path: Value) -> Value:
        return Known(digest(read_bytes(call, path)), call.span, all_assumptions([path]))

    return Function(body, (STRING,), STRING)


def _uuidv5(namespace: str, name: str) -> str:
    import uuid

    named = {
        "dns": uuid.NAMESPACE_DNS,
        "url": uuid.NAMESPACE_URL,
        "oid": uuid.NAMESPACE_OID,
        "x500": uuid.NAMESPACE_X500,
    }
    try:
        return str(uuid.uuid5(named.get(namespace) or uuid.UUID(namespace), name))
    except ValueError:
        raise EvaluationError("the namespace is not a UUID") from None


FUNCTIONS = {
    "base64sha256": _of_text(_base64("sha256")),
    "base64sha512": _of_text(_base64("sha512")),
    "filebase64sha256": _of_file(_base64("sha256")),
    "filebase64sha512": _of_file(_base64("sha512")),
    "filemd5": _of_file(_hexadecimal("md5")),
    "filesha1": _of_file(_hexadecimal("sha1")),
    "filesha256": _of_file(_hexadecimal("sha256")),
    "filesha512": _of_file(_hexadecimal("sha512")),
    "md5": _of_text(_hexadecimal("md5")),
    "sha1": _of_text(_hexadecimal("sha1")),
    "sha256": _of_text(_hexadecimal("sha256")),
    "sha512": _of_text(_hexadecimal("sha512")),
    "uuidv5": plain(_uuidv5, (STRING, STRING), STRING),
}
