"""Parse regular expressions in RE2 syntax, as Terraform has them.

https://github.com/google/re2/wiki/Syntax
"""

from __future__ import annotations

import re
from collections.abc import Callable

from ecs5lint.light_typing import NamedTuple
from ecs5lint.text.regex import unicode_classes

#: The largest number in a repetition. RE2 has the same limit.
MAX_REPEAT = 1000
#: The deepest nesting of groups.
MAX_DEPTH = 100

_Test = Callable[[str], bool]


class InvalidPattern(Exception):
    """RE2 rejects the pattern."""


class PatternLimit(Exception):
    """The pattern is valid, but it is not supported here or takes too long to match."""


class Character(NamedTuple):
    """One character that passes the test."""

    test: _Test


class Assertion(NamedTuple):
    """An assertion about an offset in the text. `kind` is one of `^ $ A z b B`."""

    kind: str


class Sequence(NamedTuple):
    """All the nodes, one after another."""

    nodes: tuple[Node, ...]


class Alternatives(NamedTuple):
    """One of the nodes. An earlier one is preferred."""

    nodes: tuple[Node, ...]


class Repeat(NamedTuple):
    """Repeats `node` from `least` to `most` times (None: no limit), as often as possible if `greedy`."""

    node: Node
    least: int
    most: int | None
    greedy: bool


class Group(NamedTuple):
    """A group whose text is captured. Group 0 is the whole pattern."""

    node: Node
    number: int


Node = Character | Assertion | Sequence | Alternatives | Repeat | Group

_ASCII_CLASSES = {
    "alnum": "0-9A-Za-z",
    "alpha": "A-Za-z",
    "ascii": "\\x00-\\x7f",
    "blank": "\\t ",
    "cntrl": "\\x00-\\x1f\\x7f",
    "digit": "0-9",
    "graph": "!-~",
    "lower": "a-z",
    "print": " -~",
    "punct": "!-/:-@\\[-`{-~",
    "space": "\\t\\n\\v\\f\\r ",
    "upper": "A-Z",
    "word": "0-9A-Za-z_",
    "xdigit": "0-9A-Fa-f",
}
_PERL_CLASSES = {"d": "0-9", "s": "\\t\\n\\f\\r ", "w": "0-9A-Za-z_"}
_CONTROL_ESCAPES = {"a": "\a", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_REPETITION = re.compile(r"[*+?]|\{([0-9]+)(,([0-9]*))?\}")
_FLAGS = re.compile(r"\?([imsU]*)(?:-([imsU]+))?([:)])")
_GROUP_NAME = re.compile(r"\?P?<([^>]*)>")
_NAMED_CLASS = re.compile(r"\[:(\^?)([a-z]+):\]")
_UNICODE_CLASS = re.compile(r"\\([pP])(?:\{(\^?)([^}]*)\}|([^{]))")
_CODE = re.compile(r"\\(?:x([0-9A-Fa-f]{2})|x\{([0-9A-Fa-f]{1,6})\}|(0[0-7]{0,2}|[1-7][0-7]{1,2}))")


def parse(pattern: str) -> tuple[Node, list[str | None]]:
    """Return the syntax tree of a pattern, and the names of its groups, with None for an unnamed group.

    Raises InvalidPattern, and PatternLimit for an unsupported pattern.
    """
    parser = _Parser(pattern)
    return parser.parse(), parser.names


class _Parser:
    """A recursive-descent parser. `flags` holds the flags in effect at the current offset."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.at = 0
        self.flags: frozenset[str] = frozenset()
        self.names: list[str | None] = []
        self.depth = 0

    def error(self, problem: str) -> InvalidPattern:
        return InvalidPattern(f"the pattern {self.pattern} is not valid: {problem}")

    def parse(self) -> Node:
        node = self.alternatives()
        if self.at < len(self.pattern):
            raise self.error("unmatched )")
        return node

    def alternatives(self) -> Node:
        """Read up to the end of the group."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise PatternLimit("a pattern is nested too deep to evaluate")
        flags = self.flags
        nodes = [self.sequence()]
        while self.pattern.startswith("|", self.at):
            self.at += 1
            nodes.append(self.sequence())
        self.flags = flags
        self.depth -= 1
        return nodes[0] if len(nodes) == 1 else Alternatives(tuple(nodes))

    def sequence(self) -> Node:
        nodes: list[Node] = []
        while self.at < len(self.pattern) and self.pattern[self.at] not in "|)":
            node = self.atom()
            if node is not None:
                nodes.append(self.repeated(node))
        return Sequence(tuple(nodes))

    def repeated(self, node: Node) -> Node:
        """Read the repetition after an atom, if any."""
        match = _REPETITION.match(self.pattern, self.at)
        if not match:
            return node
        self.at = match.end()
        least, most = {"*": (0, None), "+": (1, None), "?": (0, 1)}.get(match.group(), (0, 0))
        if match[1]:
            least = int(match[1][:9])
            most = least if not match[2] else int(match[3][:9]) if match[3] else None
            if least > MAX_REPEAT or (most is not None and not least <= most <= MAX_REPEAT):
                raise self.error(f"{match.group()} is not a valid repetition")
        lazy = self.pattern.startswith("?", self.at)
        self.at += lazy
        if _REPETITION.match(self.pattern, self.at):
            raise self.error("there are two repetitions in a row")
        return Repeat(node, least, most, greedy=lazy is ("U" in self.flags))

    def atom(self) -> Node | None:
        """Read an atom, to which a repetition can apply. Return None for a change of flags."""
        char = self.pattern[self.at]
        if char == "(":
            self.at += 1
            return self.group()
        if char == "[":
            return Character(self.bracket())
        if char == "\\":
            return self.escape()
        if _REPETITION.match(self.pattern, self.at):
            raise self.error(f"there is nothing before the {char}")
        self.at += 1
        if char == ".":
            return Character((lambda _: True) if "s" in self.flags else lambda char: char != "\n")
        if char == "^":
            return Assertion("^" if "m" in self.flags else "A")
        if char == "$":
            return Assertion("$" if "m" in self.flags else "z")
        return Character(self.literal(char))

    def literal(self, char: str) -> _Test:
        if "i" in self.flags:
            folded = char.casefold()
            return lambda other: other.casefold() == folded
        return lambda other: other == char

    def group(self) -> Node | None:
        name = _GROUP_NAME.match(self.pattern, self.at)
        flags = _FLAGS.match(self.pattern, self.at)
        if flags and not (flags[1] == "" and flags[2] is None and flags[3] == ")"):
            self.at = flags.end()
            changed = (self.flags | set(flags[1])) - set(flags[2] or "")
            if flags[3] == ")":
                if _REPETITION.match(self.pattern, self.at):
                    raise PatternLimit("a repetition of flags in a pattern is not evaluated")
                self.flags = changed
                return None
            outer, self.flags = self.flags, changed
            node = self.alternatives()
            self.flags = outer
        else:
            if name:
                if not re.fullmatch(r"[A-Za-z0-9_]+", name[1]):
                    raise self.error(f"{name[1]} cannot be the name of a group")
                if name[1] in self.names:
                    raise PatternLimit("two groups of one name in a pattern are not evaluated")
                self.at = name.end()
            elif self.pattern.startswith("?", self.at):
                raise self.error("it uses syntax that RE2 does not support")
            self.names.append(name[1] if name else None)
            number = len(self.names)
            node = Group(self.alternatives(), number)
        if not self.pattern.startswith(")", self.at):
            raise self.error("a ) is missing")
        self.at += 1
        return node

    def escape(self) -> Node:
        char = self.pattern[self.at + 1 : self.at + 2]
        if char == "Q":
            end = self.pattern.find("\\E", self.at)
            end = len(self.pattern) if end == -1 else end
            quoted = self.pattern[self.at + 2 : end]
            self.at = min(len(self.pattern), end + 2)
            return Sequence(tuple(Character(self.literal(char)) for char in quoted))
        if char and char in "AzbB":
            self.at += 2
            return Assertion(char)
        test = self.class_escape()
        return Character(test if test else self.literal(self.character()))

    def class_escape(self) -> _Test | None:
        r"""Read `\d` and similar classes. Return None for anything else."""
        char = self.pattern[self.at + 1 : self.at + 2]
        if char and char in "pP":
            return self.unicode_class()
        if char.lower() not in _PERL_CLASSES or not char:
            return None
        self.at += 2
        return _tester(_PERL_CLASSES[char.lower()], negated=char.isupper(), folded=False)

    def unicode_class(self) -> _Test:
        r"""Read `\pL`, `\p{Greek}`, `\P{^L}` and similar classes."""
        match = _UNICODE_CLASS.match(self.pattern, self.at)
        name = match and (match[3] or match[4])
        if not match or not name:
            raise self.error(f"{self.pattern[self.at :]} is not a class")
        if name not in unicode_classes.NAMES:
            if unicode_classes.is_property(name):
                raise PatternLimit(f"the class {match.group()} in a pattern is not evaluated")
            raise self.error(f"{match.group()} is not a class")
        self.at = match.end()
        contains = unicode_classes.contains(name)
        is_folded = "i" in self.flags
        is_negative = (match[1] == "P") is not bool(match[2])

        def test(char: str) -> bool:
            if unicode_classes.has_newer(char) or (is_folded and not char.isascii()):
                raise PatternLimit("whether some characters are in a class of a pattern is not evaluated")
            return any(map(contains, unicode_classes.forms(char) if is_folded else char)) is not is_negative

        return test

    def character(self) -> str:
        """Read one character, which may be escaped."""
        code = _CODE.match(self.pattern, self.at)
        if code:
            self.at = code.end()
            number = int(code[1] or code[2], 16) if code[1] or code[2] else int(code[3], 8)
            if number > 0x10FFFF:
                raise self.error("there is no such character")
            return chr(number)
        char = self.pattern[self.at]
        self.at += 1
        if char != "\\":
            return char
        char = self.pattern[self.at : self.at + 1]
        self.at += 1
        if char in _CONTROL_ESCAPES:
            return _CONTROL_ESCAPES[char]
        if not char or char.isalnum() or not char.isascii():
            raise self.error(f"unknown escape \\{char}")
        return char

    def bracket(self) -> _Test:
        """Read a class in brackets."""
        start = self.at
        negated = self.pattern.startswith("^", self.at + 1)
        self.at += 1 + negated
        ranges = ""
        tests: list[_Test] = []
        first = True
        while first or not self.pattern.startswith("]", self.at):
            if self.at >= len(self.pattern):
                raise self.error(f"a ] is missing after {self.pattern[start:]}")
            first = False
            named = _NAMED_CLASS.match(self.pattern, self.at)
            if named:
                if named[2] not in _ASCII_CLASSES:
                    raise self.error(f"{named.group()} is not a class")
                self.at = named.end()
                tests.append(_tester(_ASCII_CLASSES[named[2]], negated=bool(named[1]), folded="i" in self.flags))
                continue
            test = self.class_escape() if self.pattern[self.at] == "\\" else None
            if test:
                tests.append(test)
                continue
            low = high = self.character()
            if self.pattern.startswith("-", self.at) and not self.pattern.startswith("-]", self.at):
                self.at += 1
                if self.at >= len(self.pattern):
                    raise self.error("a ] is missing")
                high = self.character()
                if high < low:
                    raise self.error(f"{low}-{high} is not a range")
            ranges += f"{re.escape(low)}-{re.escape(high)}"
        self.at += 1
        if ranges:
            tests.append(_tester(ranges, negated=False, folded="i" in self.flags))
        return lambda char: any(test(char) for test in tests) is not negated


def _tester(ranges: str, *, negated: bool, folded: bool) -> _Test:
    matches = re.compile(f"[{'^' if negated else ''}{ranges}]", re.IGNORECASE if folded else 0).match
    return lambda char: matches(char) is not None
