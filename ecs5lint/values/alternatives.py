"""Process the alternatives of a value: list them with their conditions, and apply functions to each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count

from ecs5lint.light_typing import NamedTuple
from ecs5lint.values.conditions import Condition, TooManyAlternatives, satisfiable
from ecs5lint.values.kinds import NO_ASSUMPTIONS, Arm, Assumptions, Choice, Known, Unknown, Value

#: The largest number of alternatives of a value. With more, the value is unknown.
MAX_ALTERNATIVES = 256


class Branch(NamedTuple):
    """A step into a choice: its condition, whether the defaults take it (None: undetermined), and these defaults."""

    when: Condition
    on_default_path: bool | None
    assumptions: Assumptions = NO_ASSUMPTIONS


Case = tuple[Branch, ...]


def branches(choice: Choice) -> Iterator[tuple[Branch, Value]]:
    """Yield the arms of a choice, each with the step that leads to it."""
    for index, (when, value) in enumerate(choice.arms):
        on_default_path = None if choice.default_arm is None else index == choice.default_arm
        yield Branch(when, on_default_path, choice.assumptions), value


def possible(case: Case) -> bool:
    """Tell whether all conditions of a case can hold together.

    Raises TooManyAlternatives if this takes too much work.
    """
    return satisfiable(branch.when for branch in case)


def leaves(value: Value, case: Case = ()) -> list[tuple[Case, Value]]:
    """Return the alternatives of `value` that are no choices themselves, each with its case.

    Cases that contradict themselves, or the `case` of the value itself, are left out. Raises TooManyAlternatives.
    """
    if not isinstance(value, Choice):
        return [(case, value)]
    found: list[tuple[Case, Value]] = []
    _add_leaves(found, value, case)
    return found


def _add_leaves(found: list[tuple[Case, Value]], value: Value, case: Case) -> None:
    if not isinstance(value, Choice):
        found.append((case, value))
        if len(found) > MAX_ALTERNATIVES:
            raise TooManyAlternatives
        return
    for branch, arm in branches(value):
        longer = (*case, branch)
        if possible(longer):
            _add_leaves(found, arm, longer)


def lift(function: Callable[..., Value], *arguments: Value) -> Value:
    """Apply `function` to the alternatives of its arguments. If an argument is a choice, the result is a choice.

    Combinations of alternatives that exclude each other are left out. With too many combinations, the result is
    unknown.
    """
    # Most values are not choices and need none of this.
    for argument in arguments:
        if isinstance(argument, Choice):
            break
    else:
        return function(*arguments)
    try:
        return _lift(function, arguments, (), count(1))
    except TooManyAlternatives:
        return Unknown("there are too many alternatives to evaluate", next((a.span for a in arguments if a.span), None))


def _lift(
    function: Callable[..., Value],
    arguments: tuple[Value, ...],
    conditions: tuple[Condition, ...],
    combinations: Iterator[int],
) -> Value:
    """Apply a function to the alternatives of its arguments that are possible under some conditions.

    This is no closure: one that calls itself is a reference cycle, and most lifts would leave one behind.
    """
    for choice in arguments:
        if isinstance(choice, Choice):
            break
    else:
        if next(combinations) > MAX_ALTERNATIVES:
            raise TooManyAlternatives
        return function(*arguments)
    index = next(index for index, item in enumerate(arguments) if item is choice)
    before, after = arguments[:index], arguments[index + 1 :]
    arms: list[Arm] = []
    default_arm = None
    for number, (when, value) in enumerate(choice.arms):
        longer = (*conditions, when)
        if not satisfiable(longer):
            continue
        if number == choice.default_arm:
            default_arm = len(arms)
        arms.append(Arm(when, _lift(function, (*before, value, *after), longer, combinations)))
    return arms[0].value if len(arms) == 1 else choice._replace(arms=tuple(arms), default_arm=default_arm)


def is_true(value: Value) -> bool:
    """Tell whether a value is true in at least one configuration. The text true counts."""
    try:
        alternatives = leaves(value)
    except TooManyAlternatives:
        return False
    return any(
        isinstance(leaf, Known) and (leaf.value is True or str(leaf.value).lower() == "true")
        for _, leaf in alternatives
    )
