"""Write HCL as encode_expr and encode_tfvars of Terraform's own provider do.

https://developer.hashicorp.com/terraform/language/functions/terraform-encode_expr
The layout is that of https://github.com/hashicorp/hcl/blob/main/hclwrite/format.go
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from ecs5lint.light_typing import Any
from ecs5lint.parsers.terraform.language.functions.function import Function, plain, require
from ecs5lint.parsers.terraform.language.functions.graphemes import graphemes
from ecs5lint.parsers.terraform.language.types import ANY, STRING
from ecs5lint.parsers.terraform.syntax.numbers import scalar_text

_IDENTIFIER = re.compile(r"[^\W\d][\w-]*")
_ESCAPES = {"\n": "\\n", "\r": "\\r", "\t": "\\t", '"': '\\"', "\\": "\\\\"}
_EQUALS = " = "


def _encode_expr(value: Any) -> str:
    require(value is not None, "a null is not encoded")
    return _laid_out(_tokens(value))


def _encode_tfvars(value: Any) -> str:
    require(isinstance(value, dict), "an object is required")
    require(all(map(_IDENTIFIER.fullmatch, value)), "the names must be identifiers")
    return _laid_out(_members(value))


def _tokens(value: Any) -> Iterator[str]:
    """Yield the tokens of a value, with line ends and with the spaces between them."""
    if isinstance(value, dict):
        yield from ("{", "\n", *_members(value), "}") if value else ("{", "}")
    elif isinstance(value, list):
        yield "["
        for index, item in enumerate(value):
            yield from (", ", *_tokens(item)) if index else _tokens(item)
        yield "]"
    elif isinstance(value, str):
        yield _quoted(value)
    else:
        yield "null" if value is None else scalar_text(value)


def _members(value: Mapping[str, Any]) -> Iterator[str]:
    for name in sorted(value):
        yield name if _IDENTIFIER.fullmatch(name) else _quoted(name)
        yield _EQUALS
        yield from _tokens(value[name])
        yield "\n"


def _quoted(text: str) -> str:
    escaped = "".join(map(_escaped, text))
    return '"' + re.sub(r"[$%](?=\{)", lambda match: match[0] * 2, escaped) + '"'


def _escaped(character: str) -> str:
    if character in _ESCAPES or character.isprintable():
        return _ESCAPES.get(character, character)
    return f"\\u{ord(character):04x}" if ord(character) < 0x10000 else f"\\U{ord(character):08x}"


def _laid_out(tokens: Iterator[str]) -> str:
    """Return the text of tokens, with indented lines and aligned equals signs."""
    lines: list[list[str]] = [[]]
    for token in tokens:
        if token == "\n":
            lines.append([])
        else:
            lines[-1].append(token)
    return "\n".join(indent + text for indent, text in zip(_indents(lines), _aligned(lines), strict=True))


def _opened(line: list[str]) -> int:
    """Return the number of brackets that a line opens and does not close."""
    return sum((token in ("{", "[")) - (token in ("}", "]")) for token in line)


def _indents(lines: list[list[str]]) -> Iterator[str]:
    levels: list[int] = []
    for line in lines:
        opened = _opened(line)
        while opened < 0 and levels:
            closed = min(-opened, levels[-1])
            opened += closed
            levels[-1] -= closed
            if not levels[-1]:
                levels.pop()
        yield "  " * len(levels) if line else ""
        if opened > 0:
            levels.append(opened)


def _aligned(lines: list[list[str]]) -> list[str]:
    texts = ["".join(line) for line in lines]
    names = [line[0] if len(line) > 1 and line[1] == _EQUALS and not _opened(line) else None for line in lines]
    start = 0
    while start < len(lines):
        end = start
        while end < len(lines) and names[end] is not None:
            end += 1
        widths = [len(graphemes(name or "")) for name in names[start:end]]
        for index, width in zip(range(start, end), widths, strict=True):
            name = names[index] or ""
            texts[index] = name + " " * (max(widths) - width) + texts[index][len(name) :]
        start = end + 1
    return texts


FUNCTIONS: dict[str, Function] = {
    "provider::terraform::encode_expr": plain(_encode_expr, (ANY,), STRING),
    "provider::terraform::encode_tfvars": plain(_encode_tfvars, (ANY,), STRING),
}
