"""The texts that a simple regular expression matches, where they can be listed: `^(dev|prod)-[12]$`.

The syntax is that of RE2, of which only a part is read here: characters, classes, groups, `|`, `?` and `{n}`.
https://github.com/google/re2/wiki/Syntax
"""

from __future__ import annotations

import re

#: How many texts are listed.
MAX_TEXTS = 64

_CLASS = re.compile(r"\[((?:[A-Za-z0-9_]-[A-Za-z0-9_]|[A-Za-z0-9_. /:]|-(?=\]))+)\]")
_MEMBERS = re.compile(r"(.)-(.)|(.)")
_REPEAT = re.compile(r"\{([0-9])\}")
_SPECIAL = set("\\^$.|?*+()[]{}")


class _NotFinite(Exception):
    """The pattern matches too many texts to list them, or has something in it that is not read here."""


def matched_texts(pattern: str) -> list[str] | None:
    """Return all texts that contain a match of `pattern`, None if they cannot be listed.

    They can only if the pattern matches whole texts, so every alternative of it must be anchored at both ends.
    """
    try:
        return _Reader(pattern).anchored()
    except _NotFinite:
        return None


class _Reader:
    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._at = 0

    def anchored(self) -> list[str]:
        texts: list[str] = []
        while True:
            self._expect("^")
            texts += self._sequence()
            self._expect("$")
            if self._at == len(self._pattern):
                return texts
            self._expect("|")

    def _next(self) -> str:
        return self._pattern[self._at : self._at + 1]

    def _expect(self, text: str) -> None:
        if not self._pattern.startswith(text, self._at):
            raise _NotFinite
        self._at += len(text)

    def _alternatives(self) -> list[str]:
        texts = self._sequence()
        while self._next() == "|":
            self._at += 1
            texts = _bounded([*texts, *self._sequence()])
        return texts

    def _sequence(self) -> list[str]:
        texts = [""]
        while self._next() and self._next() not in "|)$":
            part = self._repeated(self._atom())
            texts = _bounded([text + more for text in texts for more in part])
        return texts

    def _atom(self) -> list[str]:
        character = self._next()
        if character == "(":
            self._at += 1
            if self._next() == "?":
                self._expect("?:")
            texts = self._alternatives()
            self._expect(")")
            return texts
        if character == "[":
            return self._class()
        if character == "\\":
            self._at += 1
            character = self._next()
            if not character or character.isalnum() or not character.isascii():
                raise _NotFinite
        elif character in _SPECIAL:
            raise _NotFinite
        self._at += 1
        return [character]

    def _class(self) -> list[str]:
        match = _CLASS.match(self._pattern, self._at)
        if match is None:
            raise _NotFinite
        self._at = match.end()
        texts: list[str] = []
        for first, last, single in _MEMBERS.findall(match[1]):
            texts += [single] if single else [chr(code) for code in range(ord(first), ord(last) + 1)]
        return _bounded(texts)

    def _repeated(self, texts: list[str]) -> list[str]:
        if self._next() == "?":
            self._at += 1
            texts = ["", *texts]
        elif match := _REPEAT.match(self._pattern, self._at):
            self._at = match.end()
            repeated = [""]
            for _ in range(int(match[1])):
                repeated = _bounded([text + more for text in repeated for more in texts])
            texts = repeated
        if self._next() in ("?", "*", "+", "{"):
            raise _NotFinite
        return texts


def _bounded(texts: list[str]) -> list[str]:
    if len(texts) > MAX_TEXTS:
        raise _NotFinite
    return texts
