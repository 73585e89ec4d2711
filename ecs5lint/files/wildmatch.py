"""Match .gitignore patterns as Git does, in time linear in the length of the path.

https://git-scm.com/docs/gitignore defines the patterns. For everything it leaves open, Git's own matcher decides:
patterns and paths are bytes, an asterisk or a bracket never matches a slash, and an unclosed or unknown class matches
nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from itertools import count

from ecs5lint.light_typing import NamedTuple

#: The longest pattern with wildcards. A longer pattern is dropped and ignores nothing; if negated, it includes every
#: path.
MAX_LENGTH = 1000

_SPECIAL = re.compile(rb"[*?\[\\]")
_SLASH = 0x2F
_BACKSLASH = 0x5C
_ANY_BYTE = frozenset(range(1, 256)) - {_SLASH}


def _bytes(pattern: bytes) -> frozenset[int]:
    return frozenset(code for code in range(128) if re.match(pattern, bytes([code])))


_CLASSES = {
    b"alnum": _bytes(rb"[0-9A-Za-z]"),
    b"alpha": _bytes(rb"[A-Za-z]"),
    b"blank": _bytes(rb"[ \t]"),
    b"cntrl": _bytes(rb"[\x00-\x1f\x7f]"),
    b"digit": _bytes(rb"[0-9]"),
    b"graph": _bytes(rb"[!-~]"),
    b"lower": _bytes(rb"[a-z]"),
    b"print": _bytes(rb"[ -~]"),
    b"punct": _bytes(rb"[!-/:-@\[-`{-~]"),
    b"space": _bytes(rb"[ \t\n\r]"),
    b"upper": _bytes(rb"[A-Z]"),
    b"xdigit": _bytes(rb"[0-9A-Fa-f]"),
}


class Pattern(NamedTuple):
    """One pattern. `body` matches a whole path, or only the last name of a path (`is_name`)."""

    line: bytes
    body: bytes
    is_negative: bool
    is_for_directories: bool
    is_name: bool


class PatternList:
    """The patterns of one file. The last matching pattern decides.

    `dropped` lists the line numbers of patterns that take too long to match. `cost` is the number of wildcards that
    each path may be compared with.
    """

    def __init__(self, lines: Iterable[bytes]) -> None:
        self.dropped: list[int] = []
        self.cost = 0
        self._patterns: list[Pattern] = []
        self._literals = _Literals(), _Literals()
        wild: dict[Pattern, int] = {}
        for number, line in enumerate(lines, 1):
            pattern = parse(line)
            if pattern is None:
                continue
            index = len(self._patterns)
            special = _SPECIAL.search(pattern.body)
            if special and len(pattern.body) > MAX_LENGTH:
                self.dropped.append(number)
                if not pattern.is_negative:
                    continue
                pattern = pattern._replace(body=b"*", is_name=True)
            self._patterns.append(pattern)
            if not self._literals[pattern.is_for_directories].add(pattern, index):
                # Of equal patterns, only the last can decide.
                wild[pattern._replace(line=b"", is_negative=False)] = index
        self.cost = sum(pattern.body.count(b"*") + 1 for pattern in wild)
        self._wild = sorted(((index, pattern) for pattern, index in wild.items()), reverse=True)
        self._matchers: list[tuple[int, Pattern, Callable[[bytes], object]]] | None = None

    def __len__(self) -> int:
        return len(self._patterns)

    def last_match(self, path: bytes, is_directory: bool) -> Pattern | None:
        """Return the last pattern that matches a path without a trailing slash, or None."""
        name = path[path.rfind(b"/") + 1 :]
        latest = self._literals[False].latest(path, name)
        if is_directory:
            latest = max(latest, self._literals[True].latest(path, name))
        for index, pattern, matches in self._compiled():
            if index < latest:
                break
            if (is_directory or not pattern.is_for_directories) and matches(name if pattern.is_name else path):
                latest = index
                break
        return self._patterns[latest] if latest >= 0 else None

    def _compiled(self) -> list[tuple[int, Pattern, Callable[[bytes], object]]]:
        """Return the patterns with wildcards, last first.

        Compiles them on the first call, since most files never need them.
        """
        if self._matchers is None:
            self._matchers = []
            for index, pattern in self._wild:
                regex = _regex(pattern.body)
                if regex is not None:
                    self._matchers.append((index, pattern, re.compile(regex).match))
        return self._matchers


class _Literals:
    """Patterns for lookup, as names, paths and ends of names. Each maps to the last index where it occurs."""

    def __init__(self) -> None:
        self._names: dict[bytes, int] = {}
        self._paths: dict[bytes, int] = {}
        self._ends: dict[int, dict[bytes, int]] = {}

    def add(self, pattern: Pattern, index: int) -> bool:
        """Add a pattern that has no wildcard, or only one asterisk before a name. Tell whether it was added."""
        body = pattern.body
        if not _SPECIAL.search(body):
            (self._names if pattern.is_name else self._paths)[body] = index
            return True
        if pattern.is_name and body.startswith(b"*") and not _SPECIAL.search(body, 1):
            self._ends.setdefault(len(body) - 1, {})[body[1:]] = index
            return True
        return False

    def latest(self, path: bytes, name: bytes) -> int:
        """Return the index of the last pattern that matches, or -1."""
        latest = max(self._names.get(name, -1), self._paths.get(path, -1))
        for length, ends in self._ends.items():
            latest = max(latest, ends.get(name[max(0, len(name) - length) :], -1))
        return latest


def lines_of(content: bytes) -> list[bytes]:
    """Return the lines of a .gitignore file, without the byte order mark and the line ends."""
    return [line.removesuffix(b"\r") for line in content.removeprefix(b"\xef\xbb\xbf").split(b"\n")]


def parse(line: bytes) -> Pattern | None:
    """Return the pattern in a line, or None for a blank line, a comment, or a pattern that matches no path."""
    if line.startswith(b"#"):
        return None
    line = _without_spaces_at_end(line.partition(b"\0")[0])
    is_negative = line.startswith(b"!")
    body = line.removeprefix(b"!")
    is_for_directories = body.endswith(b"/")
    body = body[:-1] if is_for_directories else body
    is_name = b"/" not in body
    body = body.removeprefix(b"/")
    return Pattern(line, body, is_negative, is_for_directories, is_name) if body else None


def can_match(pattern: Pattern) -> bool:
    """Tell whether a pattern can match any path, by its syntax."""
    return _regex(pattern.body) is not None


def _without_spaces_at_end(line: bytes) -> bytes:
    """Return a line without trailing spaces. A space after a backslash stays."""
    end = len(line.rstrip(b" "))
    backslashes = end - len(line[:end].rstrip(b"\\"))
    return line[: end + backslashes % 2]


#: The regular expressions for `*`, for `**/`, and for `**` at the end or before an escaped slash.
_STAR = b"[^/]*"
_DIRECTORIES = b"(?:[^/]*/)*?"
_ANYTHING = b"[^/]*(?:/[^/]*)*?"


def _regex(body: bytes) -> bytes | None:
    """Return the regular expression for a pattern, or None if it can match no path."""
    special = _SPECIAL.search(body)
    start = special.start() if special else len(body)
    parts = [re.escape(body[:start])]
    at = start
    while at < len(body):
        char = body[at : at + 1]
        if char == b"*":
            wildcard, at = _asterisks(body, start, at)
            parts += [wildcard, b""]
        elif char == b"[":
            members, at = _bracket(body, at + 1)
            if not members:
                return None
            parts[-1] += b"[" + b"".join(b"\\x%02x" % code for code in sorted(members)) + b"]"
        elif char == b"?":
            parts[-1] += b"[^/]"
            at += 1
        else:
            at += char == b"\\"
            if at == len(body):
                return None
            parts[-1] += re.escape(body[at : at + 1])
            at += 1
    return _joined(parts)


def _asterisks(body: bytes, start: int, at: int) -> tuple[bytes, int]:
    """Return the regular expression for the asterisks at an offset, and the offset after them.

    Two asterisks match slashes at the start of a name. Git up to 2.51 also treats the first wildcard as such a start,
    because it has already compared the text before it (up to `start`).
    """
    end = at + len(body[at:]) - len(body[at:].lstrip(b"*"))
    after = body[end : end + 2]
    if end - at > 1 and (at == start or body[at - 1] == _SLASH):
        if after.startswith(b"/"):
            return _DIRECTORIES, end + 1
        if after in (b"", b"\\/"):
            return _ANYTHING, end
    return _STAR, end


def _bracket(body: bytes, at: int) -> tuple[frozenset[int], int]:
    """Return the bytes that a bracket matches, and the offset after it.

    The result has no bytes for an invalid bracket.
    """
    is_negative = body[at : at + 1] in (b"!", b"^")
    at += is_negative
    members: set[int] = set()
    previous = 0
    is_first = True
    while is_first or body[at : at + 1] != b"]":
        is_first = False
        escapes = body[at : at + 1] == b"\\"
        if at + escapes >= len(body):
            return frozenset(), at
        code = body[at + escapes]
        if escapes:
            members.add(code)
            at += 2
        elif code == 0x2D and previous and body[at + 1 : at + 2] not in (b"", b"]"):
            at += 1 + (body[at + 1] == _BACKSLASH)
            if at >= len(body):
                return frozenset(), at
            members.update(range(previous, body[at] + 1))
            code = 0
            at += 1
        elif body.startswith(b"[:", at):
            end = body.find(b"]", at + 2)
            if end == -1:
                return frozenset(), at
            if end == at + 2 or body[end - 1 : end] != b":":
                members.add(code)
                at += 1
            else:
                named = _CLASSES.get(body[at + 2 : end - 1])
                if named is None:
                    return frozenset(), at
                members |= named
                code = 0
                at = end + 1
        else:
            members.add(code)
            at += 1
        previous = code
    matched = _ANY_BYTE - members if is_negative else _ANY_BYTE & members
    return frozenset(matched), at + 1


def _joined(parts: list[bytes]) -> bytes:
    """Join literals and the wildcards between them into one regular expression that matches a whole path.

    The text after a wildcard matches at its first occurrence, with no backtracking. This is safe: an asterisk ends at
    the next slash, and any text that can follow a later occurrence can follow an earlier one.
    """
    numbers = count()

    def for_good(regex: bytes) -> bytes:
        # Python 3.11 has (?>...) for this.
        name = b"g%d" % next(numbers)
        return b"(?=(?P<%s>%s))(?P=%s)" % (name, regex, name)

    last = len(parts) - 1
    floats = [index for index in range(1, len(parts), 2) if parts[index] is not _STAR]
    joined = b""
    for begin, end in zip([0, *floats], [*floats, len(parts)], strict=True):
        block = parts[begin] if begin == 0 else parts[begin + 1]
        for index in range(begin + 1 if begin == 0 else begin + 2, end, 2):
            if index + 1 == last:
                block += _STAR + parts[last]
            else:
                block += for_good(_STAR + b"?" + parts[index + 1])
        if begin:
            block = parts[begin] + block if end == len(parts) else for_good(parts[begin] + block)
        joined += block
    return joined + rb"\Z"
