"""Test that our named tuples do what those of `typing` do."""

from __future__ import annotations

import copy
import pickle
from typing import NamedTuple

import pytest

from ecs5lint import light_typing


class Theirs(NamedTuple):
    """A tuple of the standard library."""

    name: str
    number: int = 1
    others: tuple[str, ...] = ()

    @property
    def shout(self) -> str:
        return self.name.upper()

    @classmethod
    def named(cls, name: str) -> object:
        return cls(name)


class Ours(light_typing.NamedTuple):
    """A tuple of this package."""

    name: str
    number: int = 1
    others: tuple[str, ...] = ()

    @property
    def shout(self) -> str:
        return self.name.upper()

    @classmethod
    def named(cls, name: str) -> object:
        return cls(name)


def test_a_tuple_is_like_one_of_typing() -> None:
    for arguments, keywords in ((("a",), {}), (("a", 2, ("b",)), {}), (("a",), {"others": ("c",)})):
        ours, theirs = Ours(*arguments, **keywords), Theirs(*arguments, **keywords)  # type: ignore[arg-type]
        assert (ours.name, ours.number, ours.others, ours.shout) == (
            theirs.name,
            theirs.number,
            theirs.others,
            theirs.shout,
        )
        assert tuple(ours) == tuple(theirs)
        assert ours == tuple(theirs)
        assert hash(ours) == hash(theirs)
        assert repr(ours) == repr(theirs).replace("Theirs", "Ours")
        assert ours._asdict() == theirs._asdict()
        assert ours._fields == theirs._fields
        assert Ours.__match_args__ == Theirs.__match_args__
    assert Ours.named("a") == Ours("a")
    assert Ours.__doc__ == "A tuple of this package."


def test_a_copy_has_the_changes() -> None:
    changed = Ours("a")._replace(number=5)
    assert changed == Ours("a", 5)
    assert type(changed) is Ours
    assert Ours._make(["a", 5, ()]) == changed


@pytest.mark.parametrize("arguments", [(), ("a", 1, (), "more")])
def test_wrong_arguments_are_refused(arguments: tuple[object, ...]) -> None:
    with pytest.raises(TypeError):
        Ours(*arguments)  # type: ignore[arg-type]
    with pytest.raises((TypeError, ValueError)):
        Ours._make(arguments)
    with pytest.raises((TypeError, ValueError)):
        Ours("a")._replace(unknown=1)  # type: ignore[call-arg]


def test_a_tuple_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        Ours("a").name = "b"  # type: ignore[misc]
    with pytest.raises(AttributeError):
        Ours("a").more = "b"  # type: ignore[attr-defined]


def test_a_tuple_goes_to_another_process() -> None:
    ours = Ours("a", 2, ("b",))
    for same in (pickle.loads(pickle.dumps(ours)), copy.copy(ours), copy.deepcopy(ours)):
        assert same == ours
        assert type(same) is Ours
