"""Check the conversion of positions against its definition."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("pygls", reason="the language server needs ecs5lint[lsp]")

from lsprotocol import types

from ecs5lint.lsp.positions import Lines

CODECS = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2), "utf-32": ("utf-32-le", 4)}
TEXTS = st.text(st.sampled_from("aé\u2028\x85\x0b\U0001f600\r\n\t"), max_size=12)


@given(TEXTS, st.sampled_from(sorted(CODECS)), st.booleans())
def test_there_and_back(text: str, encoding: str, has_mark: bool) -> None:
    lines = Lines(text, encoding, has_mark=has_mark)
    codec, width = CODECS[encoding]
    for offset in range(len(text) + 1):
        position = lines.position(offset)
        before = ("\ufeff" if has_mark else "") + text[:offset]
        # A carriage return before a line feed ends no line, even if the offset is between them.
        ends = before.count("\r\n") + before.replace("\r\n", "").count("\n") + before.replace("\r\n", "").count("\r")
        is_within = before.endswith("\r") and text[offset : offset + 1] == "\n"
        assert position.line == ends - is_within
        last = before[: -1 if is_within else None].replace("\r\n", "\n").replace("\r", "\n").rpartition("\n")[2]
        assert position.character == len((last + "\r" * is_within).encode(codec)) // width
        if not is_within:
            assert lines.offset(position) == offset
    end = lines.position(len(text))
    assert lines.offset(types.Position(end.line, end.character + 9)) == len(text)
    assert lines.offset(types.Position(end.line + 1, 0)) == len(text)


@given(TEXTS)
def test_the_end_of_a_line(text: str) -> None:
    lines = Lines(text, "utf-16")
    for offset in range(len(text) + 1):
        end = lines.end_of_line(offset)
        assert not set("\r\n") & set(text[offset:end])
        assert text[end : end + 1] in ("", "\r", "\n")
