"""The pace stays within the limits of the API, and uses them."""

from __future__ import annotations

from threading import Event

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecs5lint.live.pace import Interrupted, Limit, Pace


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@given(st.lists(st.floats(0, 2), min_size=1, max_size=200), st.integers(1, 50), st.integers(1, 20))
def test_no_more_calls_than_the_limit_allows(pauses: list[float], burst: int, rate: int) -> None:
    clock = Clock()
    pace = Pace(Limit(burst, rate), Event(), clock)
    left, last = float(burst), 0.0
    sent = 0.0
    for pause in pauses:
        clock.now += pause
        sent = max(sent, clock.now + pace.delay())
        left, last = min(burst, left + (sent - last) * rate), sent
        assert left >= 1 - 1e-6
        left -= 1


def test_a_long_run_takes_no_longer_than_the_limit_asks_for() -> None:
    clock = Clock()
    pace = Pace(Limit(50, 20), Event(), clock)
    for _ in range(5050):
        clock.now += pace.delay()
    assert clock.now == pytest.approx((5050 - 50) / 20)


def test_a_stopped_run_makes_no_call() -> None:
    stop = Event()
    stop.set()
    with pytest.raises(Interrupted):
        Pace(Limit(1, 1), stop).wait()
