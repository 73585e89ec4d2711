"""Read JSON files that are themselves templates for envsubst, sed, jq, Jinja, Go, ERB or similar tools.

About one in four task definitions with placeholders is not JSON until the placeholders are replaced: `"cpu": ${CPU}`.
In such a file, a placeholder becomes an unknown value, and the text between `{% if %}` and `{% endif %}` exists in one
case only.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from ecs5lint.light_typing import NamedTuple
from ecs5lint.location import Failure, Source, Span
from ecs5lint.text.json import Element, JsonError, Reader, Where
from ecs5lint.text.json_levels import MAX_DEPTH
from ecs5lint.text.placeholders import anywhere, in_string, put_in_later
from ecs5lint.values.conditions import NEVER, All, Condition, fact, negate, opposite_in_source
from ecs5lint.values.kinds import ABSENT, Arm, Choice, Known, Repeated, Rest, Text, Unknown, Value

#: Placeholders in place of a JSON value, which can be nothing else: a bare word, or a format directive.
_BARE = re.compile(r"%[sdv]\b|\b[A-Z][A-Z0-9_]+\b")

#: The start of a placeholder in a string, and its longest length past a quotation mark.
_OPENING_IN_STRING = re.compile(r"\$[{(]|\{\{|<%=")
_MAX_ACROSS = 500

#: A key that begins with a dollar sign in plain JSON: `$schema`, `$comment`.
_DOLLAR_NAME = re.compile(r'"\$[a-z]\w*"')

#: A template statement: Jinja, Terraform, ERB, or the control words in braces of Go, Handlebars and Mustache.
_STATEMENT = re.compile(
    r"\{%[-+]?(?P<jinja>.*?)[-+]?%\}"
    r"|%\{[~]?(?P<terraform>.*?)[~]?\}"
    r"|<%-?(?![=#])(?P<erb>.*?)-?%>"
    r"|\{\{[-~]?\s*(?P<braces>(?:if|else|end|range|with|template|define|block)\b.*?|[#/^].*?|\$\w+\s*:?=.*?)[-~]?\}\}"
    r"|(?P<comment>\{\#.*?\#\}|\{\{!.*?\}\}|\{\{-?/\*.*?\*/-?\}\}|<%\#.*?%>)",
    re.DOTALL,
)
_STATEMENT_OPENING = re.compile(
    r"\{%|%\{|<%(?!=)|\{\#|\{\{[-~]?\s{0,9}(?:(?:if|else|end|range|with|template|define|block)\b|[#/^!]|\$\w)"
)
#: The largest number of branches in a file. Comparing their conditions takes time.
_MAX_BRANCHES = 200
_LOOPS = {"for", "range", "each"}
_OPENING = {"if", "unless", "with", *_LOOPS}
_BRANCHING = {"else", "elif", "elsif", "elseif"}
_NEUTRAL = {"set", "import", "from", "comment", "define", "macro"}
#: Statements that assign variables. After them, and inside them, a condition is no longer the same fact.
_ASSIGNING = {"set", "import", "from", "macro", "define"}
_SCOPES = {"with", *_LOOPS}
#: An assignment of Go or Ruby.
_ASSIGNMENT = re.compile(r"\$?\w+\s*:?=(?![=~>])")


def parse_documents(source: Source, text: str | None = None) -> list[Value]:
    """Return the values of a file with consecutive JSON documents, which may be a template. Raises Failure.

    If `text` is given, it replaces the text of the file and has the same length.
    """
    text = source.text if text is None else text
    reader = _TemplateReader(text, lambda start, end: Span(source, start, end))
    documents: list[Value] = []
    try:
        at = reader.skip_preamble(0)
        while at < len(text):
            document, at = reader.value(at, 0)
            documents.append(document)
            at = reader.skip_preamble(at)
    except JsonError as error:
        raise Failure(f"is not valid JSON: {error.message}", source.path, error.span) from None
    return documents


def has_statement(text: str) -> bool:
    """Tell whether a text may have a statement that makes part of the template conditional."""
    return _STATEMENT_OPENING.search(text) is not None


class _Section(NamedTuple):
    """An open `if` or loop: the condition of its current branch, and the condition that no branch was taken so far.

    `before` and `within` are the numbers of the last assignments before and after it was opened.
    """

    condition: Condition
    none_yet: Condition
    is_loop: bool
    before: int
    within: int


class _TemplateReader(Reader):
    """Reads JSON with placeholders and statements.

    `sections` lists the open sections in the innermost brackets or braces.
    """

    def __init__(self, text: str, where: Where) -> None:
        super().__init__(text, where)
        self.sections: tuple[_Section, ...] = ()
        self._branches = 0
        #: The number of the last assignment, and the count of all. After each one, the same condition is a new fact.
        self._assignment = self._assignments = 0

    def skip_preamble(self, at: int) -> int:
        """Skip the text between documents: space, and statements that produce no output."""
        at = self.space(at)
        while statement := _STATEMENT.match(self.text, at):
            if _keyword(statement) not in _NEUTRAL:
                raise self.error(f"{statement.group()} around a whole document cannot be followed", at)
            at = self.space(statement.end())
        return at

    def special_value(self, at: int, depth: int) -> tuple[Value, int] | None:
        if statement := _STATEMENT.match(self.text, at):
            return self._conditional_value(statement, depth)
        placeholder = _placeholder(self.text, at)
        if not placeholder:
            return None
        end = placeholder.end()
        # Text next to a placeholder, as in $(CPU)00 or ${A}${B}, belongs to the same unknown value.
        while end < len(self.text) and self.text[end] not in ' \t\r\n,]}"[{':
            end += 1
        return self._unknown(placeholder), end

    def special_elements(self, at: int, closing: str) -> tuple[Sequence[Element], int] | None:
        special = _STATEMENT.match(self.text, at)
        unknown = self._enter_or_leave(special) if special else None
        if not special:
            special = _placeholder(self.text, at)
            if not special:
                return None
            unknown = self._unknown(special)
        return [unknown if closing == "]" else Rest(unknown)] if unknown else [], special.end()

    def element_value(self, value: Value, in_list: bool) -> Value | Repeated:
        """Return an element or a member's value, made conditional on the sections around it."""
        for section in reversed(self.sections):
            if section.is_loop and in_list:
                return Repeated(value, All(*(item.condition for item in self.sections)))
            value = Choice((Arm(section.condition, value), Arm(negate(section.condition), ABSENT)), value.span)
        return value

    def sequence(self, at: int, closing: str, element: Callable[[int], int], add: Callable[[Element], None]) -> int:
        outer, self.sections = self.sections, ()
        end = super().sequence(at, closing, element, add)
        if self.sections:
            raise self.error("a section of the template is not closed before this", end - 1)
        self.sections = outer
        return end

    def name(self, at: int) -> tuple[Value, int]:
        return super().string(at) if _DOLLAR_NAME.match(self.text, at) else self.string(at)

    def string(self, at: int) -> tuple[Value, int]:
        string, end = super().string(at)
        while placeholder := self._across(at + 1, end):
            # A placeholder may contain quotation marks of its own: "{{ lookup("image") }}".
            end = super().string(placeholder.end() - 1)[1]
        found = list(in_string().finditer(self.text, at + 1, end - 1))
        if not found:
            return string, end
        parts: list[Value] = []
        done = at + 1
        for placeholder in found:
            parts.append(Known(self.text[done : placeholder.start()], self.where(done, placeholder.start())))
            parts.append(self._unknown(placeholder))
            done = placeholder.end()
        parts.append(Known(self.text[done : end - 1], self.where(done, end - 1)))
        return Text(tuple(parts), self.where(at, end)), end

    def _across(self, start: int, end: int) -> re.Match[str] | None:
        """Return the placeholder that begins in a string and continues after its apparent end, or None."""
        for opening in _OPENING_IN_STRING.finditer(self.text, start, end - 1):
            limit = min(len(self.text), opening.start() + _MAX_ACROSS)
            line_end = self.text.find("\n", end, limit)
            placeholder = in_string().match(self.text, opening.start(), limit if line_end == -1 else line_end)
            if placeholder and placeholder.end() > end - 1:
                return placeholder
        return None

    def _unknown(self, placeholder: re.Match[str]) -> Unknown:
        if _ASSIGNMENT.match(placeholder.group().lstrip("{- ")):
            self._assign()
        return put_in_later(placeholder.group(), self.where(placeholder.start(), placeholder.end()))

    def _enter_or_leave(self, statement: re.Match[str]) -> Unknown | None:
        """Open, switch or close a section. Return an unknown if the statement produces output."""
        word, text = _keyword(statement), statement.group()
        if word in _ASSIGNING:
            self._assign()
        if word in _NEUTRAL:
            return None
        if word in _OPENING or word in _BRANCHING:
            self._branches += 1
            if self._branches > _MAX_BRANCHES:
                raise self.error(f"the template has more than {_MAX_BRANCHES} branches", statement.start())
        if word in _OPENING:
            if len(self.sections) >= MAX_DEPTH:
                raise self.error(f"sections of the template are nested more than {MAX_DEPTH} deep", statement.start())
            condition: Condition = self._fact(text)
            before = self._assignment
            if word in _SCOPES:
                self._assign()
            section = _Section(condition, negate(condition), word in _LOOPS, before, self._assignment)
            self.sections = (*self.sections, section)
        elif word in _BRANCHING:
            if not self.sections:
                raise self.error(f"{text} has no beginning here", statement.start())
            *outer, section = self.sections
            condition = section.none_yet
            none_yet: Condition = NEVER
            if word != "else":
                taken = self._fact(text)
                condition, none_yet = All(condition, taken), All(condition, negate(taken))
            self.sections = (*outer, section._replace(condition=condition, none_yet=none_yet))
        elif word.startswith("end"):
            if not self.sections:
                raise self.error(f"{text} has no beginning here", statement.start())
            *outer, section = self.sections
            self.sections = tuple(outer)
            if section.before != section.within:
                self._leave_scope(section)
        else:
            self._assign()
            return self._unknown(statement)
        return None

    def _assign(self) -> None:
        self._assignments += 1
        self._assignment = self._assignments

    def _leave_scope(self, scope: _Section) -> None:
        """Restore the variables as they were before a scope, unless a statement in it may have changed them."""
        if self._assignment == scope.within:
            self._assignment = scope.before
        else:
            self._assign()

    def _fact(self, text: str) -> Condition:
        return fact(f"template {self._assignment} {text}", text, opposite=opposite_in_source(text))

    def _conditional_value(self, statement: re.Match[str], depth: int) -> tuple[Value, int]:
        """Read a value that is written as alternatives: `{% if a %}1{% else %}2{% endif %}`."""
        if depth >= MAX_DEPTH:
            raise self.error(f"it is nested more than {MAX_DEPTH} deep", statement.start())
        outer, self.sections = self.sections, ()
        arms: list[Arm] = []
        following: re.Match[str] | None = statement
        while following:
            section = self.sections[-1] if self.sections else None
            filler = self._enter_or_leave(following)
            at = following.end()
            if not self.sections:
                self.sections = outer
                if section is None:
                    return filler or put_in_later(statement.group(), self.where(statement.start(), at)), at
                span = self.where(statement.start(), at)
                arms.append(Arm(section.none_yet, Unknown(f"{statement.group()} may leave no value here", span)))
                return Choice(tuple(arms), span), at
            opened = self.sections
            value, at = self.value(self.space(at), depth + 1)
            self.sections = opened
            arms.append(Arm(opened[-1].condition, value))
            at = self.space(at)
            following = _STATEMENT.match(self.text, at)
        raise self.error("expected the end of a section of the template", at)


def _placeholder(text: str, at: int) -> re.Match[str] | None:
    """Return the placeholder at an offset outside any string, or None."""
    return anywhere().match(text, at) or _BARE.match(text, at)


def _keyword(statement: re.Match[str]) -> str:
    """Return the keyword of a statement. It is `end` for a statement that closes a section."""
    if statement["comment"]:
        return "comment"
    body = (statement["jinja"] or statement["terraform"] or statement["erb"] or statement["braces"] or "").strip()
    words = body.lstrip("#^").split()
    if body.startswith(("/", "}")):
        return "end"
    if _ASSIGNMENT.match(body):
        return "set"
    if not words:
        return "comment"
    if statement["erb"] and ".each" in body:
        return "for"
    if body.startswith(("#", "^")) and words[0] not in _OPENING:
        return "if"  # a Mustache section: {{#name}}
    return "elif" if words[:2] == ["else", "if"] else words[0]
