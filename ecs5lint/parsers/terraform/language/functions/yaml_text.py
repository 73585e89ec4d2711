"""Write YAML as Terraform's yamlencode does.

https://developer.hashicorp.com/terraform/language/functions/yamlencode
"""

from __future__ import annotations

import json
import re

from ecs5lint.light_typing import Any
from ecs5lint.parsers.terraform.syntax.errors import NotKnown
from ecs5lint.parsers.terraform.syntax.numbers import scalar_text
from ecs5lint.values.kinds import Unknown

#: The column at which yamlencode breaks a line at the next space, and the longest key of a member.
_WIDTH = 81
_MAX_KEY = 128


def encode(value: Any) -> str:
    """Return a plain value as yamlencode writes it. Raises NotKnown for text that it writes in an unsupported style."""
    first, *others = _lines(value)
    if isinstance(value, str):
        others = _indented(others)
    if any(" " in line[_WIDTH:] for line in (first, *others)):
        raise NotKnown(Unknown("how yamlencode breaks long lines is not evaluated"))
    text = "".join(line + "\n" for line in (first, *others))
    return text if isinstance(value, (dict, list, str)) else text + "...\n"


def _lines(value: Any) -> list[str]:
    if isinstance(value, dict) and value:
        lines = []
        for key in sorted(value):
            first, *others = _lines(value[key])
            if isinstance(value[key], (dict, list)) and value[key]:
                block = [first, *others]
                lines += [f"{_key(key)}:", *(block if isinstance(value[key], list) else _indented(block))]
            else:
                lines += [f"{_key(key)}: {first}", *_indented(others)]
        return lines
    if isinstance(value, list) and value:
        lines = []
        for item in value:
            first, *others = _lines(item)
            lines += [f"- {first}", *_indented(others)]
        return lines
    if isinstance(value, (dict, list)):
        return ["{}" if isinstance(value, dict) else "[]"]
    if isinstance(value, str):
        return _literal(value) if "\n" in value and not _NOT_LITERAL.search(value) else [_quoted(value)]
    return ["null" if value is None else scalar_text(value)]


def _indented(lines: list[str]) -> list[str]:
    return ["  " + line if line else "" for line in lines]


#: Text that a literal block can't represent: a tab, and spaces that would be invisible.
_NOT_LITERAL = re.compile(r"\t| \n| \Z")


def _literal(text: str) -> list[str]:
    """Return text of several lines as a literal block."""
    _require_writable(text)
    header = "|2" if text[0] in " \n" else "|"
    if not text.endswith("\n"):
        header += "-"
    elif text == "\n" or text.endswith("\n\n"):
        header += "+"
    return [header, *text.removesuffix("\n").split("\n")]


def _key(text: str) -> str:
    key = _quoted(text)
    if "\n" in text or len(key) > _MAX_KEY:
        raise NotKnown(Unknown("how yamlencode writes long keys is not evaluated"))
    return key


def _quoted(text: str) -> str:
    _require_writable(text)
    return json.dumps(text, ensure_ascii=False)


def _require_writable(text: str) -> None:
    """Raise NotKnown if yamlencode writes some characters of a text differently from JSON."""
    if not all(character in "\n\t" or (character.isprintable() and character <= "\uffff") for character in text):
        raise NotKnown(Unknown("how yamlencode writes special characters is not evaluated"))
