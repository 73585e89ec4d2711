"""Fuzz with generated inputs for some time: `python -m fuzz.structured SECONDS [SEED]`.

Ends with 1 at the first finding. A seed gives the same inputs in the same order, as many as the time allows. Without a
seed, the inputs differ each time.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable

from hypothesis import HealthCheck, Phase, given, seed, settings

from ecs5lint.model.result import FAIL, PASS
from fuzz.generators import INPUTS, Input, WithFailing, cuts, failing_containers
from fuzz.harness import Broken, bounded_time, check, judge, limit_memory, project
from fuzz.spellings import SPELLINGS, Spelled

_settings = settings(
    max_examples=200,
    deadline=None,
    database=None,
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=list(HealthCheck),
)
_executions: dict[str, int] = {}


def _of_input(name: str) -> Callable[[], None]:
    @_settings
    @given(INPUTS[name])
    def run(input: Input) -> None:
        _executions[name] += 1
        check(input.kind, input.files)

    return run


def _of_spelling(name: str) -> Callable[[], None]:
    """Check that no failing container is missed or passes because of its spelling."""

    @_settings
    @given(SPELLINGS[name])
    def run(spelled: Spelled) -> None:
        _executions[f"{name} spellings"] += 1
        with bounded_time():
            report = judge(spelled.files, ".", select=(spelled.rule,))
        if report.count(PASS) or not report.count(FAIL):
            raise Broken(f"what fails is lost: {report.results} {report.failures} {report.notices}")

    return run


@_settings
@given(failing_containers, cuts)
def _deletion(input: WithFailing, stretches: list[tuple[int, int]]) -> None:
    """Check that nothing passes after a part of a failing container was removed."""
    _executions["deletions"] += 1
    before = judge({input.name: input.text.encode()})
    assert before.containers == 3
    assert before.count(PASS) == 2
    after = check(input.kind, {input.name: input.without(stretches)})
    if after.count(PASS) > before.count(PASS):
        raise Broken("a container passes because bytes of it are gone")


def main(seconds: str, first_seed: str = "") -> None:
    """Run the generators in turn until the time is up."""
    seeds = random.Random(first_seed or None)
    runs = {
        **{name: _of_input(name) for name in INPUTS},
        **{f"{name} spellings": _of_spelling(name) for name in SPELLINGS},
        "deletions": _deletion,
    }
    _executions.update(dict.fromkeys(runs, 0))
    limit_memory()
    until = time.time() + float(seconds)
    with project():
        while time.time() < until:
            for run in runs.values():
                seed(seeds.getrandbits(32))(run)()
    print("executions:", ", ".join(f"{name} {count}" for name, count in _executions.items()))


if __name__ == "__main__":
    main(*sys.argv[1:])
