"""Limit the rate of calls, as Amazon ECS does for each account and Region.

https://docs.aws.amazon.com/AmazonECS/latest/APIReference/request-throttling.html
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from threading import Event, Lock
from typing import Any, NamedTuple


class Limit(NamedTuple):
    """A limit of the API: the calls that are possible at once, and the calls per second after that."""

    burst: int
    rate: float


#: The limits of the API by its calls. Calls with the same first word share a limit. Each burst is smaller than that of
#: the API by a tenth, because calls don't arrive exactly when they are sent.
LIMITS = {
    "DescribeTaskDefinition ListTaskDefinitionFamilies": Limit(45, 20),
    "ListServices DescribeServices": Limit(90, 20),
    "ListClusters DescribeClusters": Limit(45, 20),
    "DescribeCapacityProviders": Limit(45, 20),
    "ListTasks DescribeTasks": Limit(90, 20),
}


#: The limit of BatchImportFindings in Security Hub.
IMPORTS = Limit(27, 10)


class Interrupted(Exception):
    """The run ends before this call."""

    def __init__(self) -> None:
        super().__init__("the run was interrupted")


class Pace:
    """Delays calls so that they stay within a limit. `stop` ends the delays."""

    def __init__(self, limit: Limit, stop: Event, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit = limit
        self._stop = stop
        self._clock = clock
        self._lock = Lock()
        self._left = float(limit.burst)
        self._last = clock()

    def delay(self) -> float:
        """Count a call, and return the seconds to wait before it."""
        with self._lock:
            now = self._clock()
            self._left = min(self._limit.burst, self._left + (now - self._last) * self._limit.rate) - 1
            self._last = now
            return max(0.0, -self._left / self._limit.rate)

    def wait(self, **_request: Any) -> None:
        """Wait until the next call may be sent. Raises Interrupted."""
        if self._stop.wait(self.delay()):
            raise Interrupted


def keep_pace(client: Any, limits: Mapping[str, Limit], stop: Event) -> None:
    """Delay every request of a client for ECS, retries and further pages included."""
    for calls, limit in limits.items():
        pace = Pace(limit, stop)
        for call in calls.split():
            client.meta.events.register(f"before-send.ecs.{call}", pace.wait)
