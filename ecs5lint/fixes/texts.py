"""Edit the content of files, and show the differences."""

from __future__ import annotations

import codecs
from collections.abc import Sequence

from ecs5lint.files.workspace import decode
from ecs5lint.location import Edit, apply

_UTF_16 = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


def edited(content: bytes, path: str, edits: Sequence[Edit]) -> bytes:
    """Return the content of a file after edits of its text. It keeps its encoding and its byte order mark."""
    text = decode(content, path)
    if "\n" not in text and "\r" in text:
        # The offsets belong to a text of the same length with other line ends.
        edits = [edit._replace(text=edit.text.replace("\n", "\r")) for edit in edits]
    changed = apply(text, edits)
    encoding = _UTF_16.get(content[:2])
    if encoding:
        return content[:2] + changed.encode(encoding)
    mark = codecs.BOM_UTF8 if content.startswith(codecs.BOM_UTF8) else b""
    return mark + changed.encode("utf-8")


def has_text(content: bytes, path: str, text: str) -> bool:
    """Tell whether the content of a file is still `text`, as it was read."""
    now = decode(content, path)
    return text == (now if "\n" in now else now.replace("\r", "\n"))


def unified_diff(path: str, before: bytes, after: bytes) -> str:
    """Return the changes of a file in the format of `git apply` and `patch`. Line ends are part of the lines."""
    from difflib import unified_diff as difference

    lines = difference(_lines(before, path), _lines(after, path), f"a/{path}", f"b/{path}")
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def _lines(content: bytes, path: str) -> list[str]:
    return [line + "\n" for line in decode(content, path).split("\n")[:-1]] + _last_line(decode(content, path))


def _last_line(text: str) -> list[str]:
    last = text.rpartition("\n")[2]
    return [last] if last else []
