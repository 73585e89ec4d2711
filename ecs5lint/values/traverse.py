"""The values inside a value."""

from __future__ import annotations

from ecs5lint.values.kinds import (
    Arm,
    Assumptions,
    Choice,
    Encoded,
    ListValue,
    ObjectValue,
    Repeated,
    Rest,
    Value,
    assume,
)


def assume_throughout(value: Value, assumptions: Assumptions) -> Value:
    """Return `value` with everything inside it resting on `assumptions` too: what a default is made of."""
    if isinstance(value, ListValue):
        items = tuple(
            item._replace(element=assume_throughout(item.element, assumptions))
            if isinstance(item, Repeated)
            else assume_throughout(item, assumptions)
            for item in value.items
        )
        value = value._replace(items=items)
    elif isinstance(value, ObjectValue):
        members = tuple(
            item._replace(each=item.each and assume_throughout(item.each, assumptions))
            if isinstance(item, Rest)
            else item._replace(value=assume_throughout(item.value, assumptions))
            for item in value.members
        )
        value = value._replace(members=members)
    elif isinstance(value, Choice):
        return value._replace(arms=tuple(Arm(when, assume_throughout(arm, assumptions)) for when, arm in value.arms))
    elif isinstance(value, Encoded):
        value = value._replace(value=assume_throughout(value.value, assumptions))
    return assume(value, assumptions)
