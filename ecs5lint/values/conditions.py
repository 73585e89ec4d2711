"""Define conditions under which a value holds, and tell whether several of them can hold together.

A condition is a fact about a deployment. A parameter has one value for the whole stack, and a variable has one value
for the whole module. So `If A then (If A then x else y) else z` can be `x` or `z`, but never `y`. `satisfiable`
determines that.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations

from ecs5lint.light_typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from decimal import Decimal

from ecs5lint.budget import Budget

#: The largest number of comparisons that `satisfiable` makes for one question.
MAX_COMPARISONS = 50_000
#: The largest number of cases to merge for a text. Merging compares each pair of them.
_MAX_MERGED = 64
#: The number of comparisons that cost one step of a budget.
_COMPARISONS_OF_STEP = 4

Constant: TypeAlias = "str | bool | int | float | Decimal | None"


class TooManyAlternatives(Exception):
    """There are too many alternatives to follow."""


class Condition:
    """A statement that holds in some of the deployments that a source describes. Compared by identity.

    `size` is the number of comparisons in it. Questions about it cost steps of `budget`, the budget of its root.
    `is_possible` tells whether it can hold, once `satisfiable` has determined that.
    """

    __slots__ = ("budget", "is_possible", "size")

    size: int
    budget: Budget | None
    is_possible: bool


class Is(Condition):
    """The value of `symbol` equals `value`.

    `symbol` identifies a value: equal symbols mean the same value. `domain` lists its possible values, if known.
    `text` is the comparison in the words of the source, and `opposite` its negation, unless that is `not ...`.
    """

    __slots__ = ("domain", "opposite", "symbol", "text", "value")

    def __init__(
        self,
        symbol: str,
        value: Constant,
        domain: tuple[Constant, ...] | None,
        text: str,
        budget: Budget | None = None,
        opposite: str | None = None,
    ) -> None:
        self.size = 1
        self.budget = budget
        self.symbol = symbol
        self.value = value
        self.domain = domain
        self.text = text
        self.opposite = opposite


class Not(Condition):
    """`operand` does not hold."""

    __slots__ = ("operand",)

    def __init__(self, operand: Condition) -> None:
        self.size = operand.size
        self.budget = operand.budget
        self.operand = operand


class All(Condition):
    """All `operands` hold. Without operands, it always holds."""

    __slots__ = ("operands",)

    def __init__(self, *operands: Condition) -> None:
        self.size, self.budget = _cost(operands)
        self.operands = operands


class Any(Condition):
    """At least one of `operands` holds. Without operands, it never holds."""

    __slots__ = ("operands",)

    def __init__(self, *operands: Condition) -> None:
        self.size, self.budget = _cost(operands)
        self.operands = operands


class Named(Condition):
    """A condition with a name in the source. Reports use that name.

    They use `opposite` for its negation, unless that is `not ...`.
    """

    __slots__ = ("name", "operand", "opposite")

    def __init__(self, name: str, operand: Condition, opposite: str | None = None) -> None:
        self.size = operand.size
        self.budget = operand.budget
        self.name = name
        self.operand = operand
        self.opposite = opposite


def _cost(conditions: Iterable[Condition]) -> tuple[int, Budget | None]:
    """Return the number of comparisons in some conditions, and the first budget."""
    size = 0
    budget = None
    for condition in conditions:
        size += condition.size
        budget = budget or condition.budget
    return size, budget


ALWAYS = All()
NEVER = Any()

#: A comparison of two simple operands in a source.
_COMPARISON = r'([^\s"]+) (==|!=) ("[^"]*"|[^\s"]+)'

#: Represents every value of a symbol that no condition mentions.
_OTHER = object()


def fact(symbol: str, text: str, budget: Budget | None = None, opposite: str | None = None) -> Is:
    """Return the condition that a boolean, about which nothing else is known, is true."""
    return Is(symbol, True, (True, False), text, budget, opposite)


def opposite_in_source(text: str) -> str | None:
    """Return the negation of a comparison that a source contains, or None for any other text."""
    match = re.fullmatch(_COMPARISON, text)
    return f"{match[1]} {'!=' if match[2] == '==' else '=='} {match[3]}" if match else None


def negate(condition: Condition) -> Condition:
    """Return the condition that holds exactly where `condition` does not."""
    return condition.operand if isinstance(condition, Not) else Not(condition)


def describe(condition: Condition) -> str:
    """Return a condition in the words of the source: `IsProd`, `not IsProd`, `var.on and (var.env == "prod")`."""
    if isinstance(condition, Named):
        return condition.name
    if isinstance(condition, Is):
        return condition.text
    if isinstance(condition, Not):
        return _opposite(condition.operand) or f"not {_grouped(condition.operand)}"
    operands = _operands(condition)
    if len(operands) == 1:
        return describe(operands[0])
    word = " and " if isinstance(condition, All) else " or "
    return word.join(dict.fromkeys(_grouped(operand) for operand in operands if operand is not ALWAYS))


def _opposite(condition: Condition) -> str | None:
    """Return the negation of a condition in words of its own, or None if there are no such words."""
    if isinstance(condition, (Is, Named)):
        return condition.opposite
    if isinstance(condition, Not):
        return describe(condition.operand)
    operands = _operands(condition)
    return _opposite(operands[0]) if len(operands) == 1 else None


def describe_cases(cases: Iterable[Sequence[Condition]], most: int) -> str:
    """Return text for a list of cases.

    In each case, all conditions hold. It is empty if one of the cases always applies.

    Two cases that differ only in one condition and its negation are merged. The text omits a case that another case
    includes, and a comparison that follows from the other conditions of its case. At most `most` cases are named.
    """
    cases = [list(_parts(case)) for case in cases]
    if not _may_hold([Not(All(*case)) for case in cases]):
        return ""
    are_more = len(cases) > _MAX_MERGED
    shown = cases[:_MAX_MERGED]
    terms = [{_literal(condition): condition for condition in _without_implied(case)} for case in shown]
    merged = True
    while merged:
        merged = False
        for left, right in combinations(terms, 2):
            differing = left.keys() ^ right.keys()
            if len({text for text, _ in differing}) * 2 == len(differing) == 2:
                terms.remove(left)
                terms.remove(right)
                terms.append({literal: left[literal] for literal in left if literal not in differing})
                merged = True
                break
    terms = [term for term in terms if not any(other.keys() < term.keys() for other in terms)]
    texts = list(dict.fromkeys(" and ".join(describe(condition) for condition in term.values()) for term in terms))
    return " or ".join(texts[:most] + ["in other cases"] * (are_more or len(texts) > most))


def _parts(conditions: Iterable[Condition]) -> Iterator[Condition]:
    """Yield the conditions, with each unnamed `All` split into its operands."""
    for condition in conditions:
        if isinstance(condition, All):
            yield from _parts(condition.operands)
        else:
            yield condition


def _without_implied(conditions: Sequence[Condition]) -> list[Condition]:
    """Return the conditions without comparisons that follow from the others. Named conditions are kept."""
    kept = list({_literal(condition): condition for condition in conditions}.values())
    for condition in [*kept]:
        others = [other for other in kept if other is not condition]
        is_comparison = isinstance(condition.operand if isinstance(condition, Not) else condition, Is)
        if others and is_comparison and not _may_hold([*others, negate(condition)]):
            kept = others
    return kept


def _may_hold(conditions: Sequence[Condition]) -> bool:
    """Tell whether conditions can hold together. Return True if this takes too much work."""
    try:
        return satisfiable(conditions)
    except TooManyAlternatives:
        return True


def _literal(condition: Condition) -> tuple[str, bool]:
    """Return the text of a condition without its negation, and False if there is a negation."""
    if isinstance(condition, Not):
        return describe(condition.operand), False
    return describe(condition), True


def _grouped(condition: Condition) -> str:
    text = describe(condition)
    return f"({text})" if " " in text and not isinstance(condition, Not) else text


def _operands(condition: Condition) -> tuple[Condition, ...]:
    return condition.operands if isinstance(condition, (All, Any)) else ()


def satisfiable(conditions: Iterable[Condition]) -> bool:
    """Tell whether all `conditions` can hold together.

    Every symbol has one value: a value from its domain, or without a domain, a value that a condition mentions or any
    other. Raises TooManyAlternatives for a question that takes more than MAX_COMPARISONS comparisons, or more than the
    remaining budget of the conditions' root.
    """
    conditions = tuple(conditions)
    if len(conditions) != 1:
        return _satisfiable(conditions)
    # Functions ask this of each alternative of their arguments.
    (condition,) = conditions
    try:
        return condition.is_possible
    except AttributeError:
        condition.is_possible = _satisfiable(conditions)
        return condition.is_possible


def _satisfiable(conditions: Sequence[Condition]) -> bool:
    size, budget = _cost(conditions)
    if size > MAX_COMPARISONS or (budget and not budget.spend(1 + size // _COMPARISONS_OF_STEP)):
        raise TooManyAlternatives
    is_possible = _hold_together(conditions)
    if is_possible is not None:
        return is_possible
    search = _Facts(_conjuncts(conditions)).search()
    if search is None:
        return False
    found = search.run()
    is_affordable = budget is None or budget.spend(search.comparisons // _COMPARISONS_OF_STEP)
    if found is None or not is_affordable:
        raise TooManyAlternatives
    return found


def _hold_together(conditions: Sequence[Condition]) -> bool | None:
    """Tell whether conditions can hold together, or return None if that needs more than comparing values.

    Most conditions are comparisons of a symbol with one of its values.
    """
    values: dict[str, object] = {}
    is_simple = True
    pending = list(conditions)
    while pending:
        condition = pending.pop()
        if isinstance(condition, Is):
            value, domain = condition.value, condition.domain
            if domain is not None and not _is_one_of(value, domain):
                is_simple = False
            elif not _same(values.setdefault(condition.symbol, value), value):
                return False
        elif isinstance(condition, All):
            pending += condition.operands
        else:
            is_simple = False
    return True if is_simple else None


class _Facts:
    """What some conditions say of one symbol alone, and the other conditions.

    Most conditions are about one symbol. They are settled without a search: `assigned` has the values that symbols must
    have, and `excluded` the comparisons that must not hold.
    """

    def __init__(self, conjuncts: Iterable[Condition]) -> None:
        self._is_possible = True
        self._assigned: dict[str, object] = {}
        self._excluded: dict[str, dict[object, Is]] = {}
        self._others: list[Condition] = []
        #: The symbols and the domains whose values are among the choices.
        self._known: set[tuple[str, int]] = set()
        for condition in conjuncts:
            self._add(condition)

    def _add(self, condition: Condition) -> None:
        comparison = condition.operand if isinstance(condition, Not) else condition
        if not isinstance(comparison, Is):
            self._others.append(condition)
        elif isinstance(condition, Not):
            self._excluded.setdefault(comparison.symbol, {})[_key(comparison.value)] = comparison
        elif comparison.domain is not None and not _is_one_of(comparison.value, comparison.domain):
            self._others.append(condition)
        elif not _same(self._assigned.setdefault(comparison.symbol, comparison.value), comparison.value):
            self._is_possible = False

    def search(self) -> _Search | None:
        """Return the search for the values of the other symbols, or None if the conditions contradict each other."""
        if not self._is_possible:
            return None
        held = [(condition, holds(condition, self._assigned)) for condition in self._others]
        if any(result is False for _, result in held):
            return None
        choices: dict[str, dict[object, object]] = {}
        mentioned_in: dict[str, list[Condition]] = {}
        for condition in (condition for condition, result in held if result is None):
            found = {item.symbol: item for item in comparisons(condition) if self._allow(item, choices)}
            for symbol in found:
                mentioned_in.setdefault(symbol, []).append(condition)
        for symbol, excluded in self._excluded.items():
            if symbol in self._assigned:
                if _key(self._assigned[symbol]) in excluded:
                    return None
                continue
            if symbol not in choices:
                if not _leaves_a_value(excluded):
                    return None
                continue
            for comparison in excluded.values():
                self._allow(comparison, choices)
            for key in excluded:
                choices[symbol].pop(key, None)
            if not choices[symbol]:
                return None
        symbols = {symbol: list(choices[symbol].values()) for symbol in mentioned_in}
        return _Search(symbols, mentioned_in, self._assigned)

    def _allow(self, comparison: Is, choices: dict[str, dict[object, object]]) -> bool:
        """Add the values that a comparison allows its symbol. Tell whether the symbol has no value yet."""
        symbol, domain = comparison.symbol, comparison.domain
        if symbol in self._assigned:
            return False
        values = choices.setdefault(symbol, {} if domain is not None else {_OTHER: _OTHER})
        if domain is None:
            values.setdefault(_key(comparison.value), comparison.value)
        elif (symbol, id(domain)) not in self._known:
            self._known.add((symbol, id(domain)))
            for value in domain:
                values.setdefault(_key(value), value)
        return True


def _leaves_a_value(excluded: dict[object, Is]) -> bool:
    """Tell whether comparisons of one symbol, none of which may hold, leave it a value."""
    if next(iter(excluded.values())).domain is None:
        return True
    domains = {id(item.domain): item.domain or () for item in excluded.values()}
    return any(_key(value) not in excluded for domain in domains.values() for value in domain)


class _Search:
    """Assigns values to the symbols one by one, and backtracks as soon as a condition is violated."""

    def __init__(
        self, choices: dict[str, list[object]], mentioned_in: dict[str, list[Condition]], assigned: dict[str, object]
    ) -> None:
        self.comparisons = 0
        self._choices = choices
        self._mentioned_in = mentioned_in
        self._assigned = dict(assigned)

    def run(self) -> bool | None:
        """Tell whether an assignment exists, or return None if finding it takes too many comparisons."""
        symbols = list(self._choices)
        cost = {symbol: sum(item.size for item in conditions) for symbol, conditions in self._mentioned_in.items()}
        assigned = self._assigned
        untried = [iter(self._choices[symbol]) for symbol in symbols[:1]]
        while untried:
            symbol = symbols[len(untried) - 1]
            for value in untried[-1]:
                self.comparisons += cost[symbol]
                if self.comparisons > MAX_COMPARISONS:
                    return None
                assigned[symbol] = value
                if all(holds(condition, assigned) is not False for condition in self._mentioned_in[symbol]):
                    if len(untried) == len(symbols):
                        return True
                    untried.append(iter(self._choices[symbols[len(untried)]]))
                    break
            else:
                assigned.pop(symbol, None)
                untried.pop()
        return not symbols


def _conjuncts(conditions: Iterable[Condition]) -> Iterator[Condition]:
    """Yield the conditions that must all hold, with each conjunction split into its operands."""
    for condition in conditions:
        condition = _bare(condition)
        operand = _bare(condition.operand) if isinstance(condition, Not) else None
        if isinstance(condition, All):
            yield from _conjuncts(condition.operands)
        elif isinstance(operand, Any):
            yield from _conjuncts(map(Not, operand.operands))
        elif isinstance(operand, Not):
            yield from _conjuncts((operand.operand,))
        else:
            yield condition if operand is None else Not(operand)


def constants_of(symbol: str | None, conditions: Iterable[Condition]) -> Iterator[Constant]:
    """Yield the values that a symbol must have where all of the conditions hold."""
    for condition in _conjuncts(conditions):
        if isinstance(condition, Is) and condition.symbol == symbol:
            yield condition.value


def _bare(condition: Condition) -> Condition:
    """Return a condition without its name, and without a group around it alone."""
    while True:
        if isinstance(condition, Named):
            condition = condition.operand
        elif isinstance(condition, (All, Any)) and len(condition.operands) == 1:
            condition = condition.operands[0]
        else:
            return condition


def _key(value: object) -> object:
    """Return a key for a dictionary, which treats True and 1 as equal."""
    return isinstance(value, bool), value


def _is_one_of(value: object, domain: Sequence[object]) -> bool:
    return value in domain and (isinstance(value, str) or any(_same(value, item) for item in domain))


def holds(condition: Condition, assigned: dict[str, object]) -> bool | None:
    """Tell whether `condition` holds for the values `assigned`, or return None if they don't determine it."""
    if isinstance(condition, Is):
        if condition.symbol not in assigned:
            return None
        return _same(assigned[condition.symbol], condition.value)
    if isinstance(condition, Named):
        return holds(condition.operand, assigned)
    if isinstance(condition, Not):
        inner = holds(condition.operand, assigned)
        return None if inner is None else not inner
    decisive = isinstance(condition, Any)
    undecided = False
    for operand in _operands(condition):
        held = holds(operand, assigned)
        if held is decisive:
            return decisive
        undecided = undecided or held is None
    return None if undecided else not decisive


def _same(left: object, right: object) -> bool:
    """Tell whether two constants are equal. Unlike in Python, True is not equal to 1."""
    return left == right and isinstance(left, bool) == isinstance(right, bool)


def comparisons(condition: Condition) -> Iterator[Is]:
    """Yield every comparison in a condition."""
    if isinstance(condition, Is):
        yield condition
    elif isinstance(condition, (Not, Named)):
        yield from comparisons(condition.operand)
    else:
        for operand in _operands(condition):
            yield from comparisons(operand)
