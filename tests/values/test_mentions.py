"""Test which conditions have to do with a symbol."""

from __future__ import annotations

from ecs5lint.values.conditions import Any, Is, Not
from ecs5lint.values.mentions import Mentions


def is_it(symbol: str, value: str) -> Is:
    return Is(symbol, value, None, f"{symbol} == {value}")


def test_the_comparisons_of_a_symbol() -> None:
    live, test = is_it("Stage", "live"), is_it("Stage", "test")
    mentions = Mentions((Any(live, is_it("Region", "x")), Not(test)))
    assert mentions.of("Stage") == [live, test]
    assert mentions.of("Zone") == []


def test_a_condition_is_related_through_others() -> None:
    direct = Not(is_it("a", "1"))
    link = Any(is_it("a", "1"), is_it("b", "1"))
    beyond = Any(is_it("b", "2"), is_it("c", "1"))
    apart = Not(is_it("d", "1"))
    mentions = Mentions((apart, beyond, direct, link))
    assert set(mentions.related("a")) == {direct, link, beyond}
    assert mentions.related("d") == (apart,)
    assert mentions.related("e") == ()
