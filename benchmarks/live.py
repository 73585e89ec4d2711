"""Check many families on a server with the limits of Amazon ECS, and compare the time and the memory with the bars.

.venv/bin/python benchmarks/live.py          # 5,000 families: about 4 minutes
.venv/bin/python benchmarks/live.py 100
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent / "tests" / "live"))

from fake_aws import FakeAws

#: The limits of the API for task definitions: calls at once, and calls per second.
BURST, RATE = 50, 20

#: The bars: the time, as a multiple of the least time that the limits allow, and the memory in MB.
MAX_RATIO, MAX_MEMORY = 1.2, 150


def containers(number: int) -> list[dict[str, Any]]:
    """Return the container definitions of a family, as large as those of a typical service."""
    environment = [{"name": f"SETTING_{index}", "value": f"value-{number}-{index}" * 3} for index in range(30)]
    return [
        {
            "name": name,
            "image": "nginx",
            "memory": 128,
            "readonlyRootFilesystem": number % 2 == 0,
            "environment": environment,
            "logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-group": name}},
        }
        for name in ("app", "proxy", "logs")
    ]


def main() -> int:
    """Print the figures, and return 1 if one is above its bar or a call was refused."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 5000
    aws = FakeAws({f"family-{number:05}": containers(number) for number in range(count)})
    aws.burst, aws.rate = BURST, RATE
    credentials = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": "eu-west-1"}
    with aws.running():
        command = [sys.executable, "-m", "ecs5lint", "--live", "--endpoint-url", aws.url]
        start = time.monotonic()
        done = subprocess.run(command, stdout=subprocess.DEVNULL, env={**os.environ, **credentials}, check=False)
        seconds = time.monotonic() - start
    calls = aws.calls["ListTaskDefinitionFamilies"] + aws.calls["DescribeTaskDefinition"]
    least = max(1.0, (calls - BURST) / RATE)
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"families   {count:,} in {calls:,} calls, {aws.throttled} of them refused; exit code {done.returncode}")
    print(f"time       {seconds:.1f} s, {seconds / least:.2f} of the least time (bar: {MAX_RATIO})")
    print(f"memory     {memory:.0f} MB (bar: {MAX_MEMORY})")
    return int(bool(aws.throttled) or seconds > MAX_RATIO * least or memory > MAX_MEMORY or done.returncode != 1)


if __name__ == "__main__":
    sys.exit(main())
