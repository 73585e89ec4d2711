"""Match regular expressions in RE2 syntax, as Terraform does, in time linear in the text.

https://github.com/google/re2/wiki/Syntax

The expressions come from the input, and an expression can keep Python's own matcher busy for years. So this module
compiles a pattern to a small program, whose threads walk through the text in parallel, as in
https://swtch.com/~rsc/regexp/regexp2.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache

from ecs5lint.light_typing import NamedTuple
from ecs5lint.text import unicode_classes

#: The largest number in a repetition. RE2 has the same limit.
MAX_REPEAT = 1000
#: The longest program, and the largest number of steps that its threads may take in one text.
MAX_PROGRAM = 20_000
MAX_STEPS = 1_000_000
#: The number of such steps that take as long as one expression.
_STEPS_OF_EXPRESSION = 8
#: The deepest nesting of groups.
MAX_DEPTH = 100

_Test = Callable[[str], bool]


class InvalidPattern(Exception):
    """RE2 rejects the pattern."""


class PatternLimit(Exception):
    """The pattern is valid, but it is not supported here or takes too long to match."""


class _Character(NamedTuple):
    """One character that passes the test."""

    test: _Test


class _Assertion(NamedTuple):
    """An assertion about a position in the text. `kind` is one of `^ $ A z b B`."""

    kind: str


class _Sequence(NamedTuple):
    nodes: tuple[_Node, ...]


class _Alternatives(NamedTuple):
    nodes: tuple[_Node, ...]


class _Repeat(NamedTuple):
    """Repeats `node` from `least` to `most` times (None: no limit), as often as possible if `greedy`."""

    node: _Node
    least: int
    most: int | None
    greedy: bool


class _Group(NamedTuple):
    node: _Node
    number: int


_Node = _Character | _Assertion | _Sequence | _Alternatives | _Repeat | _Group

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

    def parse(self) -> _Node:
        node = self.alternatives()
        if self.at < len(self.pattern):
            raise self.error("unmatched )")
        return node

    def alternatives(self) -> _Node:
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
        return nodes[0] if len(nodes) == 1 else _Alternatives(tuple(nodes))

    def sequence(self) -> _Node:
        nodes: list[_Node] = []
        while self.at < len(self.pattern) and self.pattern[self.at] not in "|)":
            node = self.atom()
            if node is not None:
                nodes.append(self.repeated(node))
        return _Sequence(tuple(nodes))

    def repeated(self, node: _Node) -> _Node:
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
        return _Repeat(node, least, most, greedy=lazy is ("U" in self.flags))

    def atom(self) -> _Node | None:
        """Read an atom, to which a repetition can apply. Return None for a change of flags."""
        char = self.pattern[self.at]
        if char == "(":
            self.at += 1
            return self.group()
        if char == "[":
            return _Character(self.bracket())
        if char == "\\":
            return self.escape()
        if _REPETITION.match(self.pattern, self.at):
            raise self.error(f"there is nothing before the {char}")
        self.at += 1
        if char == ".":
            return _Character((lambda _: True) if "s" in self.flags else lambda char: char != "\n")
        if char == "^":
            return _Assertion("^" if "m" in self.flags else "A")
        if char == "$":
            return _Assertion("$" if "m" in self.flags else "z")
        return _Character(self.literal(char))

    def literal(self, char: str) -> _Test:
        if "i" in self.flags:
            folded = char.casefold()
            return lambda other: other.casefold() == folded
        return lambda other: other == char

    def group(self) -> _Node | None:
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
            node = _Group(self.alternatives(), number)
        if not self.pattern.startswith(")", self.at):
            raise self.error("a ) is missing")
        self.at += 1
        return node

    def escape(self) -> _Node:
        char = self.pattern[self.at + 1 : self.at + 2]
        if char == "Q":
            end = self.pattern.find("\\E", self.at)
            end = len(self.pattern) if end == -1 else end
            quoted = self.pattern[self.at + 2 : end]
            self.at = min(len(self.pattern), end + 2)
            return _Sequence(tuple(_Character(self.literal(char)) for char in quoted))
        if char and char in "AzbB":
            self.at += 2
            return _Assertion(char)
        test = self.class_escape()
        return _Character(test if test else self.literal(self.character()))

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


class _Save(NamedTuple):
    """An instruction: save the position as boundary number `slot`."""

    slot: int


class _Split(NamedTuple):
    """An instruction: continue at both targets, and prefer the first."""

    first: int
    second: int


class _Jump(NamedTuple):
    target: int


class _Accept(NamedTuple):
    """An instruction: accept the text so far as a match."""


_Instruction = _Character | _Assertion | _Save | _Split | _Jump | _Accept


class Match(NamedTuple):
    """A match: the searched text, and the boundaries of the match and of each group (None for an unused one)."""

    pattern: Pattern
    text: str
    slots: tuple[int | None, ...]

    @property
    def start(self) -> int:
        """The start of the whole match."""
        return self.slots[0] or 0

    @property
    def end(self) -> int:
        """The end of the whole match."""
        return self.slots[1] or 0

    def group(self, number: int) -> str | None:
        """Return the text of a group, or None if the group matched nothing."""
        start, end = self.slots[2 * number : 2 * number + 2]
        return None if start is None or end is None else self.text[start:end]


class Pattern:
    """A compiled pattern. `names` lists the names of its groups, with None for an unnamed group."""

    def __init__(self, pattern: str) -> None:
        parser = _Parser(pattern)
        self._program: list[_Instruction] = []
        tree = parser.parse()
        self.names = parser.names
        self._compile(_Group(tree, 0))
        self._program.append(_Accept())

    def _compile(self, node: _Node) -> None:
        program = self._program
        if len(program) > MAX_PROGRAM:
            raise PatternLimit("a pattern is too large to evaluate")
        if isinstance(node, (_Character, _Assertion)):
            program.append(node)
        elif isinstance(node, _Sequence):
            for part in node.nodes:
                self._compile(part)
        elif isinstance(node, _Group):
            program.append(_Save(2 * node.number))
            self._compile(node.node)
            program.append(_Save(2 * node.number + 1))
        elif isinstance(node, _Alternatives):
            self._compile_alternatives(node)
        else:
            self._compile_repeat(node)

    def _compile_alternatives(self, node: _Alternatives) -> None:
        program, jumps = self._program, []
        for part in node.nodes[:-1]:
            split = len(program)
            program.append(_Accept())
            self._compile(part)
            jumps.append(len(program))
            program.append(_Accept())
            program[split] = _Split(split + 1, len(program))
        self._compile(node.nodes[-1])
        for jump in jumps:
            program[jump] = _Jump(len(program))

    def _compile_repeat(self, node: _Repeat) -> None:
        program = self._program
        for _ in range(node.least):
            self._compile(node.node)
        if node.most is None:
            split = len(program)
            program.append(_Accept())
            self._compile(node.node)
            program.append(_Jump(split))
            program[split] = _branch(split + 1, len(program), node.greedy)
            return
        splits = []
        for _ in range(node.most - node.least):
            splits.append(len(program))
            program.append(_Accept())
            self._compile(node.node)
        for split in splits:
            program[split] = _branch(split + 1, len(program), node.greedy)

    def work(self, length: int) -> int:
        """Return the cost of matching a text of a given length, in expressions. It is an upper limit."""
        return min(length * len(self._program), MAX_STEPS) // _STEPS_OF_EXPRESSION

    def search(self, text: str) -> Match | None:
        """Return the leftmost match, or None. Raises PatternLimit if the search takes too many steps."""
        return next(self.find_all(text), None)

    def find_all(self, text: str) -> Iterator[Match]:
        """Yield the matches that don't overlap. An empty match at the end of the previous match is left out.

        Raises PatternLimit if the search takes too many steps.
        """
        steps = position = 0
        previous_end = -1
        while position <= len(text):
            found, steps = self._search(text, position, steps)
            if found is None:
                return
            match = Match(self, text, found)
            if match.end > match.start or match.start != previous_end:
                yield match
            previous_end = match.end
            position = max(match.end, position + 1)

    def _search(self, text: str, position: int, steps: int) -> tuple[tuple[int | None, ...] | None, int]:
        """Return the boundaries of the leftmost match at or after a position, and the number of steps so far."""
        threads: list[tuple[int, tuple[int | None, ...]]] = []
        found: tuple[int | None, ...] | None = None
        no_slots: tuple[int | None, ...] = (None,) * (2 * len(self.names) + 2)
        for at in range(position, len(text) + 1):
            seen: set[int] = set()
            current: list[tuple[int, tuple[int | None, ...]]] = []
            for start, slots in threads:
                self._follow(start, slots, text, at, seen, current)
            if found is None:
                self._follow(0, no_slots, text, at, seen, current)
            elif not threads:
                break
            threads = []
            steps += len(seen)
            if steps > MAX_STEPS:
                raise PatternLimit("matching a pattern takes too long")
            for address, slots in current:
                instruction = self._program[address]
                if isinstance(instruction, _Accept):
                    found = slots
                    break
                if at < len(text) and isinstance(instruction, _Character) and instruction.test(text[at]):
                    threads.append((address + 1, slots))
        return found, steps

    def _follow(
        self,
        start: int,
        slots: tuple[int | None, ...],
        text: str,
        at: int,
        seen: set[int],
        current: list[tuple[int, tuple[int | None, ...]]],
    ) -> None:
        """Advance a thread to the instructions that read a character, in order of preference."""
        stack = [(start, slots)]
        while stack:
            address, slots = stack.pop()
            if address in seen:
                continue
            seen.add(address)
            instruction = self._program[address]
            if isinstance(instruction, _Split):
                stack += [(instruction.second, slots), (instruction.first, slots)]
            elif isinstance(instruction, _Jump):
                stack.append((instruction.target, slots))
            elif isinstance(instruction, _Save):
                stack.append((address + 1, (*slots[: instruction.slot], at, *slots[instruction.slot + 1 :])))
            elif isinstance(instruction, _Assertion):
                if _holds(instruction.kind, text, at):
                    stack.append((address + 1, slots))
            else:
                current.append((address, slots))


def _branch(inside: int, after: int, greedy: bool) -> _Split:
    return _Split(inside, after) if greedy else _Split(after, inside)


def _holds(kind: str, text: str, at: int) -> bool:
    if kind in "A^":
        return at == 0 or (kind == "^" and text[at - 1] == "\n")
    if kind in "z$":
        return at == len(text) or (kind == "$" and text[at] == "\n")
    before, after = text[at - 1 : at] if at else "", text[at : at + 1]
    return (_is_word(before) is not _is_word(after)) is (kind == "b")


def _is_word(char: str) -> bool:
    return char == "_" or (char.isascii() and char.isalnum())


@lru_cache(maxsize=64)
def compile_pattern(pattern: str) -> Pattern:
    """Return the compiled pattern. Raises InvalidPattern, and PatternLimit for an unsupported pattern."""
    return Pattern(pattern)


def finite_language(pattern: str, most: int) -> list[str] | None:
    """Return all texts that a pattern matches as a whole, or None if there may be more than `most` of them.

    Raises InvalidPattern and PatternLimit.
    """
    texts = _texts(_Parser(pattern).parse(), most)
    if texts is None:
        return None
    whole = compile_pattern(rf"\A(?:{pattern})\z")
    return [text for text in dict.fromkeys(texts) if whole.search(text)]


def _texts(node: _Node, most: int) -> list[str] | None:
    """Return the texts that a node matches, and possibly more, because assertions are ignored.

    Return None for too many.
    """
    if isinstance(node, _Assertion):
        return [""]
    if isinstance(node, _Character):
        found = [char for char in _SAMPLE if node.test(char)]
        return found if len(found) <= most and not any(map(node.test, _BEYOND_SAMPLE)) else None
    if isinstance(node, _Group):
        return _texts(node.node, most)
    if isinstance(node, _Alternatives):
        arms = [_texts(arm, most) for arm in node.nodes]
        texts = [text for arm in arms if arm is not None for text in arm]
        return texts if None not in arms and len(texts) <= most else None
    if isinstance(node, _Sequence):
        return _joined([_texts(part, most) for part in node.nodes], most)
    if node.most is None or node.most > most:
        return None
    once = _texts(node.node, most)
    counts = [_joined([once] * count, most) for count in range(node.least, node.most + 1)]
    texts = [text for count in counts if count is not None for text in count]
    return texts if None not in counts and len(texts) <= most else None


#: The characters to look for in a finite set, and samples that reveal a set with other characters.
_SAMPLE = [chr(code) for code in range(0x80)]
_BEYOND_SAMPLE = "\x85\xe9\u03a9\u4e00\U0001f600"


def _joined(parts: list[list[str] | None], most: int) -> list[str] | None:
    """Return every concatenation of one text from each part, in order, or None for too many."""
    texts = [""]
    for part in parts:
        if part is None or len(texts) * len(part) > most:
            return None
        texts = [text + more for text in texts for more in part]
    return texts


def captures(match: Match) -> object:
    """Return a match as the functions regex and regexall do: the text, or its groups as a list or by name."""
    names = match.pattern.names
    if not names:
        return match.group(0)
    if None in names:
        return [match.group(number) for number in range(1, len(names) + 1)]
    return {str(name): match.group(number) for number, name in enumerate(names, 1)}


_REFERENCE = re.compile(r"\$(?:(\$)|\{([A-Za-z0-9_]+)\}|([A-Za-z0-9_]+))")


def expand(match: Match, template: str) -> str:
    """Return the template with `$1`, `${1}` and `$name` replaced by the text of their groups, and `$$` by `$`."""

    def reference(found: re.Match[str]) -> str:
        name = found[2] or found[3]
        if name is None:
            return "$"
        if name.isdigit():
            number = int(name[:9])
        elif name in match.pattern.names:
            number = match.pattern.names.index(name) + 1
        else:
            return ""
        return (match.group(number) or "") if number <= len(match.pattern.names) else ""

    return _REFERENCE.sub(reference, template)
