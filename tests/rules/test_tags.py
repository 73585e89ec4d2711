"""ECS15, and the tags that rules require, on models made by hand."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from models import DEFAULT, HERE, HOLE, ON, arms, choices, either, object_of

from ecs5lint.cli.main import main
from ecs5lint.model.result import FAIL, PASS, UNKNOWN, Result
from ecs5lint.model.task_definition import TaskDefinition
from ecs5lint.rules import RULES, selected
from ecs5lint.settings.settings import Settings
from ecs5lint.values.kinds import ABSENT, Known, ListValue, ObjectValue, Pair, Repeated, Rest, Value, assume

NULL = Known(None)


def judged(value: Value, required: Sequence[str] = ("Owner",), *, strict: bool = False) -> Result:
    task_definition = TaskDefinition("terraform", "app", HERE, (), (), ABSENT, read={"tags": value}.__getitem__)
    settings = Settings(strict=strict, required_tags=tuple(required))
    (result,) = RULES["ECS15"].logic().judge(task_definition, settings)
    assert result.reason in RULES["ECS15"].logic().REASONS
    assert bool(result.remedy) == (result.verdict != PASS)
    return result


def listed(*keys: Value) -> ListValue:
    return ListValue(tuple(object_of(key=key, value=Known("x")) for key in keys))


def mapped(*keys: Value) -> ObjectValue:
    return ObjectValue(tuple(Pair(key, Known("x")) for key in keys), HERE)


@pytest.mark.parametrize("tags", [listed, mapped])
def test_keys(tags: type) -> None:
    owner, team = Known("Owner"), Known("Team")

    assert judged(tags(owner)).verdict == PASS
    assert judged(tags(team, owner)).verdict == PASS
    assert judged(tags(Known("owner"))).reason == "missing-tags"
    assert judged(tags(owner), ["Owner", "Team"]).verdict == FAIL
    assert judged(tags(HOLE)).verdict == UNKNOWN
    assert judged(tags(HOLE, owner)).verdict == PASS
    assert judged(tags(Known("x")), []).verdict == PASS
    assert judged(tags(Known("aws:x")), []).reason == "untagged"


@pytest.mark.parametrize(
    ("value", "verdict"),
    [
        (ABSENT, FAIL),
        (NULL, FAIL),
        (listed(), FAIL),
        (mapped(), FAIL),
        (HOLE, UNKNOWN),
        (Known("Owner"), UNKNOWN),
        (ObjectValue((Rest(HOLE),)), UNKNOWN),
        (ObjectValue((Rest(HOLE), *mapped(Known("Owner")).members)), PASS),
        (ListValue((Repeated(object_of(key=Known("Owner")), ON),)), UNKNOWN),
        (ListValue((either(ON, object_of(key=Known("Owner")), ABSENT),)), FAIL),
        (either(ON, listed(Known("Owner")), ABSENT, 0), FAIL),
        (either(ON, listed(Known("Owner")), HOLE, 0), PASS),
    ],
)
def test_values(value: Value, verdict: str) -> None:
    assert judged(value).verdict == verdict


def test_every_missing_key_is_named() -> None:
    message = judged(listed(Known("B")), ["A", "B", "C"]).message
    assert "A, C" in message


def test_strict_trusts_no_default() -> None:
    assert judged(assume(listed(Known("Owner")), DEFAULT), strict=True).reason == "default"


@given(choices([ABSENT, HOLE, Known("Owner"), Known("Team")]), st.sampled_from([listed, mapped]))
def test_no_pass_where_an_alternative_certainly_fails(key: Value, tags: type) -> None:
    value = either(ON, tags(Known("Owner")), ABSENT) if key == ABSENT else tags(Known("Name"))
    verdicts = {judged(arm).verdict for arm in arms(value)}

    assert (judged(value).verdict == FAIL) == (FAIL in verdicts)


@given(st.lists(st.sampled_from(["Owner", "Team", "Name"])), st.lists(st.sampled_from(["Owner", "Team"])), st.data())
def test_a_tag_more_never_makes_it_worse(keys: list[str], required: list[str], data: st.DataObject) -> None:
    worse = [PASS, UNKNOWN, FAIL]
    more = [*keys, data.draw(st.sampled_from(["Owner", "Team", "Other"]))]

    before, after = (judged(listed(*map(Known, items)), required).verdict for items in (keys, more))
    assert worse.index(after) <= worse.index(before)


def test_it_is_not_part_of_all_and_needs_the_configuration() -> None:
    assert "ECS15" not in selected(["ALL"])
    assert selected(["ECS15"], required_tags=()) == ("ECS15",)
    with pytest.raises(ValueError, match="ECS15: set required-tags in the configuration"):
        selected(["ECS15"], required_tags=None)


def test_without_the_configuration_it_is_bad_usage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)

    assert main(["--select", "ECS15"]) == 2
    assert "required-tags" in capsys.readouterr().err


@pytest.mark.parametrize(("value", "message"), [('["a","b","c","d","e","f","g"]', "more than 6"), ('[" "]', "blank")])
def test_keys_that_the_control_refuses(
    value: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "ecs5lint.toml").write_text(f"required-tags = {value}\n")
    monkeypatch.chdir(tmp_path)

    assert main([]) == 2
    assert message in capsys.readouterr().err
