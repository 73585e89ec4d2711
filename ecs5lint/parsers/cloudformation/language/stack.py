"""Evaluate a stack: a template with the values of its parameters.

The evaluator walks the template and calls its intrinsic functions. Where the source has alternatives, `choose` drops
those that the enclosing conditions exclude. If the defaults select one of the remaining alternatives, the others are
evaluated without those defaults.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property, partial

from ecs5lint.budget import Budget
from ecs5lint.light_typing import NamedTuple
from ecs5lint.location import Failure, Span
from ecs5lint.parsers.cloudformation.language.constraints import Constraints
from ecs5lint.parsers.cloudformation.language.deployment import Deployment
from ecs5lint.parsers.cloudformation.language.parameters import Parameter, declared_parameters
from ecs5lint.parsers.cloudformation.language.template import (
    Template,
    elements,
    intrinsic,
    is_include,
    is_relevant,
    show,
)
from ecs5lint.parsers.cloudformation.language.written import Members, member_of
from ecs5lint.text.placeholders import is_placeholder
from ecs5lint.values.alternatives import Branch, lift
from ecs5lint.values.conditions import Condition, Constant, Is, Not, TooManyAlternatives, comparisons, satisfiable
from ecs5lint.values.kinds import (
    NO_ASSUMPTIONS,
    Absent,
    Arm,
    Assumption,
    Assumptions,
    Choice,
    Known,
    ListValue,
    ObjectValue,
    Pair,
    Repeated,
    Rest,
    Unknown,
    Value,
    all_assumptions,
    assume,
    known_text,
)
from ecs5lint.values.members import member
from ecs5lint.values.mentions import Mentions

#: The deepest evaluation, through nested values and references.
MAX_DEPTH = 60
#: Represents every value that no condition mentions. No template contains it.
_OTHER = "\0"
#: The longest expression in a message.
MAX_SHOWN = 60
#: The number of values that may be evaluated for a template and its nested templates, in addition to one for each
#: character.
_MAX_VALUES = 400_000
#: The number of resources to check in the stacks that a template or its callers deploy, in addition to one for each 100
#: of its characters.
MAX_INSTANCES = 5_000


class Context(NamedTuple):
    """The circumstances of an evaluation.

    `case` lists the conditions that hold. `disregarded` has the parameters whose defaults don't apply, because a
    condition holds here that is false by default. Without `trusting`, no default applies.
    """

    case: tuple[Condition, ...] = ()
    disregarded: frozenset[str] = frozenset()
    trusting: bool = True


#: The context of a stack that is deployed by itself.
BY_ITSELF = Context()


class Fork(NamedTuple):
    """An alternative that is possible: its number, its branch, and its context.

    `branch` is None if it is the only possible alternative. `assumptions` are the defaults that make it the only one.
    """

    number: int
    branch: Branch | None
    context: Context
    assumptions: Assumptions = NO_ASSUMPTIONS


def _is_same(one: Value, other: Value) -> bool:
    """Tell whether two values are the same known value with the same assumptions, regardless of position."""
    if not isinstance(one, Known) or not isinstance(other, Known) or one.assumptions != other.assumptions:
        return False
    return one.value == other.value and type(one.value) is type(other.value)


class Parts(NamedTuple):
    """A list that an unknown text is split into. `each` has the possible values of its elements, if known."""

    whole: Unknown
    split: Callable[[str], list[str]]
    each: tuple[Constant, ...] | None = None

    def element(self, index: int) -> Part:
        """Return an element as a part of the whole text."""

        def of(text: str) -> str | None:
            parts = self.split(text)
            return parts[index] if index < len(parts) else None

        return Part(self.whole, of)


class Part(NamedTuple):
    """A part of an unknown text. `of` returns the part of a given text, or None."""

    whole: Unknown
    of: Callable[[str], str | None]


#: An intrinsic function. It gets its argument and the whole call, both as written, and returns the value, or None for
#: an invalid call.
Function = Callable[["Stack", Value, Value, Context], Value | None]
#: Returns the members of an object with its loops and includes expanded, from the members as written.
ExpandMembers = Callable[["Stack", ObjectValue, Context], Sequence[Pair | Rest]]


#: Returns the value passed for a parameter in a context, or ABSENT.
Arguments = Callable[[Parameter, Context], Value]


class Language(NamedTuple):
    """The intrinsic functions, by name, and the function that expands the members of an object."""

    functions: dict[str, Function]
    expand_members: ExpandMembers


class Stack:
    """One deployment of a template.

    A stack that another resource deploys has `arguments`, which return the values passed for its parameters. A nested
    stack has a `parent`, and a `prefix` that distinguishes its symbols from those of other stacks. It is `elsewhere` if
    it is in another account or region than its parent. `base` is the context of the stack itself. All stacks nested in
    each other share a `budget`, and the number of `instances` of resources. The stacks for different callers of a
    template are `like` the first of them, and share its instances and its parameters.
    """

    def __init__(
        self,
        template: Template,
        deployment: Deployment,
        language: Language,
        parent: Stack | None = None,
        arguments: Arguments | None = None,
        prefix: str = "",
        base: Context = BY_ITSELF,
        elsewhere: bool = False,
        like: Stack | None = None,
    ) -> None:
        self.template = template
        self.deployment = deployment
        self.language = language
        self.parent = parent
        self.arguments = arguments
        self.prefix = prefix
        #: Prefix for symbols that depend on the account and the region.
        self.regional_prefix: str = prefix if elsewhere or not parent else parent.regional_prefix
        self.base = base
        self.budget: Budget = parent.budget if parent else Budget(_MAX_VALUES)
        self.budget.extend(template.source.path, len(template.source.text))
        around = parent or like
        self.instances: Budget = around.instances if around else Budget(MAX_INSTANCES)
        self.instances.extend(template.source.path, len(template.source.text) // 100)
        #: The default values of compared symbols, for this stack and the stacks around it.
        self.defaults: dict[str, Known] = parent.defaults if parent else {}
        #: Whether omitted parameters certainly have their defaults, and these defaults by symbol.
        self.is_called = arguments is not None
        self.settled: dict[str, Known] = parent.settled if parent else {}
        self._roots = [*self._included_roots(), template.root]
        self._sections: dict[str, ObjectValue] = {}
        self.parameters: dict[str, Parameter] = (
            like.parameters if like else declared_parameters(self.section("Parameters"), self.budget.spend)
        )
        self.deployment.declared.update(self.parameters)
        #: The constraints of parameters by symbol, the lists that unknown texts are split into, and the elements taken
        #: from those lists. These are shared with the stacks around this one.
        self.constraints: dict[str, Constraints] = parent.constraints if parent else {}
        self.lists: dict[str, Parts] = parent.lists if parent else {}
        self.parts: dict[str, Part] = parent.parts if parent else {}
        #: The condition that two compared unknown values are equal, by their symbols.
        self.pairs: dict[tuple[str, ...], Is] = parent.pairs if parent else {}
        #: The logical IDs of the resources that references name, by the symbol of the reference.
        self.referred: dict[str, str] = {}
        self.constraints.update((prefix + name, item.constraints) for name, item in self.parameters.items())
        #: The symbols of parameters whose defaults no stack can have.
        self.refused: set[str] = set()
        #: The named conditions evaluated so far.
        self.conditions: dict[str, Condition] = {}
        self._mentions = Mentions()
        #: The number of named conditions in the current chain of evaluation.
        self.conditions_under_way = 0

    @cached_property
    def macros(self) -> Assumptions:
        """The assumption, for each macro of the template, that the macro changes nothing."""
        transforms = self.template.transforms()
        names = [known_text(member_of(item, "Name") if isinstance(item, ObjectValue) else item) for item in transforms]
        return frozenset(
            Assumption(f"macro {name}", f"the macro {name} leaves this as it is written")
            for name in names
            if name is not None and not name.startswith("AWS::")
        )

    @cached_property
    def metadata(self) -> Value:
        """The Metadata of the template."""
        return member(self.template.root, "Metadata")

    @property
    def directory(self) -> str:
        """The directory of the template."""
        return posixpath.dirname(self.template.source.path)

    def path_of(self, location: str) -> str:
        """Return the path of a file that the template refers to, relative to its own directory."""
        return posixpath.normpath(posixpath.join(self.directory, location))

    def _included_roots(self) -> Iterator[Value]:
        """Yield the files that the template includes at its top level."""
        for transform in self.template.transforms():
            if isinstance(transform, ObjectValue) and is_include(transform):
                yield self.included(transform, transform.span, BY_ITSELF)

    def included(self, transform: ObjectValue, span: Span | None, context: Context) -> Value:
        """Return the content of the file that AWS::Include includes, if it is a local file.

        https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/transform-aws-include.html
        """
        parameters = member(transform, "Parameters")
        location = member(parameters, "Location") if isinstance(parameters, ObjectValue) else parameters
        value = self.evaluate(location, context)
        text = known_text(value)
        path = self.path_of(text) if text is not None and "://" not in text else None
        if path is None:
            named = self.deployment.tree.named(value, self.directory, set(self.ancestors()))
            if not named or not named.is_certain:
                return Unknown(f"AWS::Include reads {text or 'a file'} when the stack is deployed", span)
            path = named.paths[0]
        try:
            self.deployment.include(self.template.source.path, path)
            documents = self.deployment.documents(path)
            if documents and documents[0].span:
                self.budget.extend(path, len(documents[0].span.source.text))
        except Failure as failure:
            return Unknown(f"AWS::Include: {failure.path} {failure.message}", span)
        return documents[0] if documents else ObjectValue((), span)

    def section(self, name: str) -> ObjectValue:
        """Return a section of the template with the included members.

        It is empty if the template has no such section.
        """
        if name not in self._sections:
            parts = [member(root, name) if isinstance(root, ObjectValue) else root for root in self._roots]
            unknown = [Rest(part) for part in parts if isinstance(part, Unknown)]
            known = [item for part in parts if isinstance(part, ObjectValue) for item in part.members]
            self._sections[name] = ObjectValue((*unknown, *known))
        return self._sections[name]

    def entry(self, section: str, name: str) -> Value:
        """Return an entry of a section, which may be written there or come from a loop or an include."""
        written = self.section(section)
        found = member(written, name)
        if not isinstance(found, Absent):
            return found
        return member(ObjectValue(tuple(self.language.expand_members(self, written, BY_ITSELF))), name)

    def may_have(self, type_: str) -> bool:
        """Tell whether the limit allows another resource of a type. Only deployed stacks can multiply resources."""
        return self.arguments is None or not is_relevant(type_) or self.instances.spend(1)

    def ancestors(self) -> Iterator[str]:
        """Yield the paths of the templates of this stack and of all stacks around it."""
        stack: Stack | None = self
        while stack:
            yield stack.template.source.path
            stack = stack.parent

    def evaluate(self, value: Value, context: Context) -> Value:
        """Return the value of a written value."""
        if isinstance(value, Known):
            return self._scalar(value)
        if isinstance(value, Choice) and value.default_arm is not None:
            return self._of_caller(value, context)
        if isinstance(value, Choice):
            return self.choose(
                context, value.span, [(arm.when, partial(self.evaluate, arm.value)) for arm in value.arms]
            )
        if not isinstance(value, (ListValue, ObjectValue)):
            return value
        if self.deployment.depth > MAX_DEPTH or not self.budget.spend(1):
            return Unknown("the template is too deep or too large to evaluate", value.span)
        self.deployment.depth += 1
        try:
            called = intrinsic(value)
            if called:
                return self._call(called[0], called[1], value, context)
            return self._list(value, context) if isinstance(value, ListValue) else self._object(value, context)
        finally:
            self.deployment.depth -= 1

    def _of_caller(self, choice: Choice, context: Context) -> Value:
        """Return a choice of the caller that wrote the template. Its arm on the default path is known already."""

        def inner(when: Condition) -> Context:
            return context._replace(case=(*context.case, when))

        arms = tuple(arm._replace(value=self.evaluate(arm.value, inner(arm.when))) for arm in choice.arms)
        return choice._replace(arms=arms)

    def property(self, resource: Value, name: str, context: Context) -> Value:
        """Return the value of a property of a resource, as written in this stack."""
        return self.properties(Members(member_of(resource, "Properties")), context)(name)

    def properties(self, written: Members, context: Context) -> Callable[[str], Value]:
        """Return a function that returns the value of a property, from the properties of a resource as written."""
        if written.is_plain:
            return lambda name: self.evaluate(written.get(name), context)
        evaluated = self.evaluate(written.value, context)
        if isinstance(evaluated, Absent):
            return lambda name: evaluated
        return lambda name: lift(lambda value: member_of(value, name, "Properties"), evaluated)

    def _scalar(self, value: Known) -> Value:
        text = value.value
        if not isinstance(text, str) or "{" not in text:
            return value
        if "{{resolve:" in text:
            return self.unresolved(value, "is a dynamic reference, which is resolved when the stack is deployed")
        # Outside Fn::Sub, ${...} has no meaning in CloudFormation. It belongs to envsubst or the Serverless Framework.
        if "{{" in text or (text.startswith("${") and text.endswith("}")):
            why = "contains a placeholder that another tool replaces before deployment"
            return self.unresolved(value, why, "write the value into the template, or check the rendered template")
        return value

    def _call(self, name: str, argument: Value, value: Value, context: Context) -> Value:
        function = self.language.functions.get(name)
        if function is None:
            return self.unresolved(value, "is not evaluated")
        result = function(self, argument, value, context)
        return result if result is not None else self.unresolved(value, "has invalid arguments")

    def _list(self, value: ListValue, context: Context) -> ListValue:
        """Return a list with its elements evaluated. Most are literal, and stay as they are."""
        items: list[Value | Repeated] = []
        is_literal = True
        for item in elements(value):
            evaluated = self.evaluate(item, context)
            is_literal = is_literal and evaluated is item
            if not isinstance(evaluated, Absent):
                items.append(evaluated)
        if is_literal and len(items) == len(value.items):
            return value
        return ListValue(tuple(items), value.span, value.assumptions, value.is_set, value.type)

    def _object(self, value: ObjectValue, context: Context) -> ObjectValue:
        """Return an object with its members evaluated. Most are literal, and stay as they are."""
        expanded = self.language.expand_members(self, value, context)
        members: list[Pair | Rest] = []
        is_literal = expanded is value.members
        for item in expanded:
            if isinstance(item, Pair):
                evaluated = self.evaluate(item.value, context)
                if evaluated is not item.value or isinstance(evaluated, Absent):
                    is_literal = False
                    item = Pair(item.key, evaluated, item.within, item.assumptions)
            members.append(item)
        if is_literal:
            return value
        return ObjectValue(_present(members), value.span, value.assumptions, value.type, value.dropped)

    def unresolved(self, value: Value, why: str, hint: str = "") -> Unknown:
        """Return an unknown for a written value that can't be determined. Equal text gives the same unknown."""
        text = show(value)
        shown = text if len(text) <= MAX_SHOWN else text[:MAX_SHOWN] + "..."
        return Unknown(f"{shown} {why}", value.span, hint=hint, symbol=self.prefix + text)

    def choose(
        self, context: Context, span: Span | None, alternatives: Sequence[tuple[Condition, Callable[[Context], Value]]]
    ) -> Value:
        """Return the alternative whose condition holds. The conditions exclude each other."""
        try:
            forks = self.forks(context, [when for when, _ in alternatives])
        except TooManyAlternatives:
            return Unknown("there are too many alternatives to evaluate", span)
        arms: list[Arm] = []
        default_arm = None
        assumptions = NO_ASSUMPTIONS
        for number, branch, inner, settled in forks:
            value = alternatives[number][1](inner)
            if branch is None:
                return assume(value, settled)
            if branch.on_default_path:
                default_arm = len(arms)
            assumptions = branch.assumptions
            arms.append(Arm(branch.when, value))
        if not arms:
            return Unknown("the conditions here exclude each other", span)
        if all(_is_same(arm.value, arms[0].value) for arm in arms):
            return arms[default_arm or 0].value
        return Choice(tuple(arms), span, assumptions, default_arm)

    def forks(self, context: Context, conditions: Sequence[Condition]) -> list[Fork]:
        """Return the conditions that can hold, out of conditions that exclude each other.

        Raises TooManyAlternatives.
        """
        possible = [index for index, condition in enumerate(conditions) if satisfiable((*context.case, condition))]
        if len(possible) > 1 and self.settled:
            facts, assumptions = self._settled(conditions)
            left = [index for index in possible if satisfiable((*context.case, conditions[index], *facts))]
            if len(left) == 1:
                return [Fork(left[0], None, context, assumptions)]
            possible = left or possible
        if len(possible) == 1:
            return [Fork(possible[0], None, context)]
        default_arm, assumptions = self._by_default(context, conditions, possible)
        forks = []
        for index in possible:
            inner = context._replace(case=(*context.case, conditions[index]))
            on_default_path = None if default_arm is None else index == default_arm
            if on_default_path is False:
                inner = inner._replace(disregarded=inner.disregarded | {item.symbol for item in assumptions})
            forks.append(Fork(index, Branch(conditions[index], on_default_path, assumptions), inner))
        return forks

    def _settled(self, conditions: Sequence[Condition]) -> tuple[list[Condition], Assumptions]:
        """Return the facts about compared parameters that nobody passes, and their defaults."""
        facts = {}
        found = []
        for comparison in (item for condition in conditions for item in comparisons(condition)):
            default = self.settled.get(comparison.symbol)
            if default is not None:
                facts[comparison.symbol] = Is(
                    comparison.symbol, default.value, comparison.domain, comparison.text, self.budget
                )
                found.append(default)
        return list(facts.values()), all_assumptions(found)

    def _by_default(
        self, context: Context, conditions: Sequence[Condition], possible: list[int]
    ) -> tuple[int | None, Assumptions]:
        """Return the possible condition that holds by default, if there is exactly one, and the defaults behind it."""
        compared = [comparison for index in possible for comparison in comparisons(conditions[index])]
        for considered in (compared, [*compared, *(item for when in context.case for item in comparisons(when))]):
            facts, assumptions = self._defaults(considered, context)
            on_default_path = [index for index in possible if satisfiable((*context.case, conditions[index], *facts))]
            if len(on_default_path) == 1:
                return on_default_path[0], assumptions
        return None, NO_ASSUMPTIONS

    def _defaults(self, compared: list[Is], context: Context) -> tuple[list[Condition], Assumptions]:
        """Return the facts that hold by default for the compared symbols, and their assumptions."""
        facts: dict[str, Condition] = {}
        found = []
        for comparison in compared if context.trusting else ():
            default = self.defaults.get(comparison.symbol)
            if default is None or any(assumption.symbol in context.disregarded for assumption in default.assumptions):
                continue
            facts[comparison.symbol] = Is(
                comparison.symbol, default.value, comparison.domain, comparison.text, self.budget
            )
            found.append(default)
        return list(facts.values()), all_assumptions(found)

    def is_put_in_later(self, text: str) -> bool:
        """Tell whether a text is a placeholder, and not a possible value of a parameter."""
        if not is_placeholder(text):
            return False
        declared = self.parameters.values()
        return not any(
            text in (parameter.allowed or ()) or (parameter.default and parameter.default.value == text)
            for parameter in declared
        )

    def refuse_defaults(self, symbols: set[str]) -> None:
        """Stop using the defaults of some parameters, and every default that relies on them."""
        self.refused |= symbols
        for symbol, default in list(self.defaults.items()):
            if any(assumption.symbol in symbols for assumption in default.assumptions):
                del self.defaults[symbol]

    def allows_default(self, symbol: str, default: Constant, context: Context) -> bool:
        """Tell whether the enclosing conditions allow a parameter to have its default, given the other defaults."""
        compared = [comparison for when in context.case for comparison in comparisons(when)]
        own = next((item for item in compared if item.symbol == symbol), None)
        if own is None:
            return True
        is_default = Is(symbol, default, own.domain, own.text, self.budget)
        facts, _ = self._defaults([item for item in compared if item.symbol != symbol], context)
        by_default = (*context.case, *facts)
        try:
            return satisfiable((*(by_default if satisfiable(by_default) else context.case), is_default))
        except TooManyAlternatives:
            return False

    def narrow(self, unknown: Unknown, context: Context) -> Value:
        """Return an unknown restricted by the enclosing conditions and, if needed, by the defaults in them."""
        if self._mentions.conditions is not context.case:
            self._mentions = Mentions(context.case)
        mentioned = list(dict.fromkeys(item.value for item in self._mentions.of(unknown.symbol or "")))
        if not mentioned:
            return unknown
        # The other conditions have nothing to do with it.
        case = self._mentions.related(unknown.symbol or "")
        try:
            left = self._left(unknown, mentioned, case)
            if len(left) == 1 and left != [_OTHER]:
                return Known(left[0], unknown.span)
            others = [item for when in case for item in comparisons(when) if item.symbol != unknown.symbol]
            facts, assumptions = self._defaults(others, context)
            by_default = self._left(unknown, mentioned, (*case, *facts)) if facts and left else left
        except TooManyAlternatives:
            return unknown
        if len(by_default) == 1 and by_default != [_OTHER]:
            return Known(by_default[0], unknown.span, assumptions)
        return unknown if _OTHER in left or not left else unknown._replace(domain=tuple(left))

    def _left(self, unknown: Unknown, mentioned: list[Constant], case: tuple[Condition, ...]) -> list[Constant]:
        """Return the possible values of an unknown.

        If a value that is not mentioned is possible, the result is _OTHER alone, whatever else is possible.
        """
        symbol, domain = unknown.symbol or "", unknown.domain
        values = mentioned if domain is None else domain
        candidates = [(value, Is(symbol, value, domain, "", self.budget)) for value in values]
        if domain is None and satisfiable((*case, *(Not(is_it) for _, is_it in candidates))):
            return [_OTHER]
        return [value for value, is_it in candidates if satisfiable((*case, is_it))]


def _present(members: list[Pair | Rest]) -> tuple[Pair | Rest, ...]:
    """Return the members of an object without those that are AWS::NoValue.

    The last of several equal keys counts, even where it is AWS::NoValue.
    """
    optional = [isinstance(item, Pair) and isinstance(item.value, (Absent, Choice)) for item in members]
    if not any(optional):
        return tuple(members)
    keys = [known_text(item.key) if isinstance(item, Pair) else None for item in members]
    last: dict[str | None, int] = {key: index for index, key in enumerate(keys) if optional[index] and key is not None}
    return tuple(
        item
        for index, item in enumerate(members)
        if index >= last.get(keys[index], -1) and not (isinstance(item, Pair) and isinstance(item.value, Absent))
    )
