"""Match regular expressions in RE2 syntax, as Terraform does, in time linear in the text.

The expressions come from the input, and an expression can keep Python's own matcher busy for years. So this module
compiles a pattern to a small program, whose threads walk through the text in parallel, as in
https://swtch.com/~rsc/regexp/regexp2.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from ecs5lint.light_typing import NamedTuple
from ecs5lint.text.regex.syntax import (
    Alternatives,
    Assertion,
    Character,
    Group,
    Node,
    PatternLimit,
    Repeat,
    Sequence,
    parse,
)

#: The longest program, and the largest number of steps that its threads may take in one text.
MAX_PROGRAM = 20_000
MAX_STEPS = 1_000_000
#: The number of such steps that take as long as one expression.
_STEPS_OF_EXPRESSION = 8


class _Save(NamedTuple):
    """An instruction: save the offset as boundary number `slot`."""

    slot: int


class _Split(NamedTuple):
    """An instruction: continue at both targets, and prefer the first."""

    first: int
    second: int


class _Jump(NamedTuple):
    target: int


class _Accept(NamedTuple):
    """An instruction: accept the text so far as a match."""


_Instruction = Character | Assertion | _Save | _Split | _Jump | _Accept


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
        self._program: list[_Instruction] = []
        tree, self.names = parse(pattern)
        self._compile(Group(tree, 0))
        self._program.append(_Accept())

    def _compile(self, node: Node) -> None:
        program = self._program
        if len(program) > MAX_PROGRAM:
            raise PatternLimit("a pattern is too large to evaluate")
        if isinstance(node, (Character, Assertion)):
            program.append(node)
        elif isinstance(node, Sequence):
            for part in node.nodes:
                self._compile(part)
        elif isinstance(node, Group):
            program.append(_Save(2 * node.number))
            self._compile(node.node)
            program.append(_Save(2 * node.number + 1))
        elif isinstance(node, Alternatives):
            self._compile_alternatives(node)
        else:
            self._compile_repeat(node)

    def _compile_alternatives(self, node: Alternatives) -> None:
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

    def _compile_repeat(self, node: Repeat) -> None:
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
        steps = offset = 0
        previous_end = -1
        while offset <= len(text):
            found, steps = self._search(text, offset, steps)
            if found is None:
                return
            match = Match(self, text, found)
            if match.end > match.start or match.start != previous_end:
                yield match
            previous_end = match.end
            offset = max(match.end, offset + 1)

    def _search(self, text: str, offset: int, steps: int) -> tuple[tuple[int | None, ...] | None, int]:
        """Return the boundaries of the leftmost match at or after an offset, and the number of steps so far."""
        threads: list[tuple[int, tuple[int | None, ...]]] = []
        found: tuple[int | None, ...] | None = None
        no_slots: tuple[int | None, ...] = (None,) * (2 * len(self.names) + 2)
        for at in range(offset, len(text) + 1):
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
                if at < len(text) and isinstance(instruction, Character) and instruction.test(text[at]):
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
            elif isinstance(instruction, Assertion):
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
    texts = _texts(parse(pattern)[0], most)
    if texts is None:
        return None
    whole = compile_pattern(rf"\A(?:{pattern})\z")
    return [text for text in dict.fromkeys(texts) if whole.search(text)]


def _texts(node: Node, most: int) -> list[str] | None:
    """Return the texts that a node matches, and possibly more, because assertions are ignored.

    Return None for too many.
    """
    if isinstance(node, Assertion):
        return [""]
    if isinstance(node, Character):
        found = [char for char in _SAMPLE if node.test(char)]
        return found if len(found) <= most and not any(map(node.test, _BEYOND_SAMPLE)) else None
    if isinstance(node, Group):
        return _texts(node.node, most)
    if isinstance(node, Alternatives):
        arms = [_texts(arm, most) for arm in node.nodes]
        texts = [text for arm in arms if arm is not None for text in arm]
        return texts if None not in arms and len(texts) <= most else None
    if isinstance(node, Sequence):
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
