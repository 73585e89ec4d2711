"""A server that answers calls of ECS and STS like AWS, and fails as a test asks it to."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

ACCOUNT = "111111111111"

#: Returns how a call fails, by its name, its parameters and how often it was made with them before, or None.
Faults = Callable[[str, dict[str, Any], int], "str | None"]

_IDENTITY = f"""\
<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>
<Arn>arn:aws:iam::{ACCOUNT}:user/audit</Arn><UserId>U</UserId><Account>{ACCOUNT}</Account>
</GetCallerIdentityResult></GetCallerIdentityResponse>
"""

_ERRORS = {
    "throttle": (400, "ThrottlingException", "Rate exceeded"),
    "deny": (400, "AccessDeniedException", "User is not authorized to perform this action"),
    "gone": (400, "ClientException", "Unable to describe task definition."),
    "down": (500, "ServerException", "Service Unavailable"),
}


class FakeAws:
    """The state of the server: task definitions by family, the faults, and what was called.

    With `rate`, more calls than `burst` at once and `rate` per second fail, as with AWS.
    """

    def __init__(self, families: dict[str, list[dict[str, Any]]], faults: Faults = lambda *_: None) -> None:
        self.families = families
        self.faults = faults
        #: The answers to further calls, by their names.
        self.answers: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
            "ListClusters": lambda _: {"clusterArns": []},
            "DescribeCapacityProviders": lambda _: {"capacityProviders": []},
        }
        self.calls: Counter[str] = Counter()
        self.times: list[float] = []
        self.throttled = 0
        #: The latest revision of every family.
        self.revision = 1
        self.burst, self.rate = 0, 0.0
        self.url = ""
        self._counts: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._left, self._last = 0.0, 0.0

    @contextmanager
    def running(self) -> Iterator[FakeAws]:
        """Run the server."""
        server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"aws": self}))
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        self.url = f"http://127.0.0.1:{server.server_address[1]}"
        try:
            yield self
        finally:
            server.shutdown()
            server.server_close()

    def add_cluster(self, tasks: list[dict[str, Any]]) -> None:
        """Add a cluster with tasks, and a service in the middle of a deployment of the family `web`."""
        arn = f"arn:aws:ecs:eu-west-1:{ACCOUNT}:task-definition/web"

        def public(status: str) -> dict[str, Any]:
            return {"networkConfiguration": {"awsvpcConfiguration": {"subnets": ["s"], "assignPublicIp": status}}}

        cluster = f"arn:aws:ecs:eu-west-1:{ACCOUNT}:cluster/prod"
        provider = {"name": "ec2", "capacityProviderArn": f"arn:aws:ecs:eu-west-1:{ACCOUNT}:capacity-provider/ec2"}
        group = {"autoScalingGroupProvider": {"autoScalingGroupArn": "a", "managedTerminationProtection": "DISABLED"}}
        task_set = {"id": "ts1", "taskSetArn": f"arn:aws:ecs:eu-west-1:{ACCOUNT}:task-set/prod/api/ts1"}
        service = {
            "serviceName": "api",
            "serviceArn": f"arn:aws:ecs:eu-west-1:{ACCOUNT}:service/prod/api",
            "launchType": "FARGATE",
            "platformVersion": "1.3.0",
            "platformFamily": "Linux",
            "taskSets": [{**task_set, **public("ENABLED")}],
            **public("DISABLED"),
            "taskDefinition": f"{arn}:9",
            "deployments": [{"taskDefinition": f"{arn}:9"}, {"taskDefinition": f"{arn}:8"}],
        }
        self.revision = 9
        self.answers = {
            "ListClusters": lambda _: {"clusterArns": [cluster]},
            "DescribeClusters": lambda _: {
                "clusters": [
                    {
                        "clusterArn": cluster,
                        "clusterName": "prod",
                        "settings": [{"name": "containerInsights", "value": "disabled"}],
                    }
                ]
            },
            "DescribeCapacityProviders": lambda given: (
                {"capacityProviders": [{**provider, **group}]}
                if given.get("nextToken")
                else {"capacityProviders": [{**provider, "name": "FARGATE"}], "nextToken": "2"}
            ),
            "ListServices": lambda _: {"serviceArns": ["api"]},
            "DescribeServices": lambda _: {"services": [service], "failures": []},
            "ListTasks": lambda _: {"taskArns": [str(number) for number in range(len(tasks))]},
            "DescribeTasks": lambda _: {"tasks": tasks, "failures": [{"arn": "gone", "reason": "MISSING"}]},
        }

    def answer(self, call: str, parameters: dict[str, Any]) -> tuple[int, bytes]:
        """Return the status and the body of an answer."""
        with self._lock:
            self.calls[call] += 1
            key = f"{call} {json.dumps(parameters, sort_keys=True)}"
            self._counts[key] += 1
            count = self._counts[key] - 1
            fault = self.faults(call, parameters, count) or ("throttle" if self._is_too_fast() else None)
        if fault in _ERRORS:
            status, code, message = _ERRORS[fault]
            return status, json.dumps({"__type": code, "message": message}).encode()
        if fault == "slow":
            time.sleep(2)
        answers = {"ListTaskDefinitionFamilies": self._families, "DescribeTaskDefinition": self._describe}
        body = json.dumps({**answers, **self.answers}[call](parameters)).encode()
        return 200, body[: len(body) // 2] if fault == "cut" else body

    def _is_too_fast(self) -> bool:
        if not self.rate:
            return False
        now = time.monotonic()
        self.times.append(now)
        self._left = min(self.burst, self._left + (now - self._last) * self.rate) if self._last else self.burst
        self._last = now
        if self._left < 1:
            self.throttled += 1
            return True
        self._left -= 1
        return False

    def _families(self, parameters: dict[str, Any]) -> dict[str, Any]:
        assert parameters["status"] == "ACTIVE"
        names, size = sorted(self.families), parameters.get("maxResults", 100)
        start = int(parameters.get("nextToken", "0"))
        page: dict[str, Any] = {"families": names[start : start + size]}
        return {**page, "nextToken": str(start + size)} if start + size < len(names) else page

    def _describe(self, parameters: dict[str, Any]) -> dict[str, Any]:
        family, _, revision = parameters["taskDefinition"].partition(":")
        return {"taskDefinition": registered(family, self.families[family], int(revision or self.revision))}


def registered(family: str, containers: list[dict[str, Any]], revision: int = 1) -> dict[str, Any]:
    """Return a task definition as DescribeTaskDefinition returns it."""
    arn = f"arn:aws:ecs:eu-west-1:{ACCOUNT}:task-definition/{family}:{revision}"
    return {
        "taskDefinitionArn": arn,
        "family": family,
        "revision": revision,
        "status": "ACTIVE",
        "containerDefinitions": containers,
        "volumes": [],
        "registeredAt": 1700000000.5,
    }


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    aws: FakeAws

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        target = self.headers.get("X-Amz-Target")
        if target:
            status, answer = self.aws.answer(target.partition(".")[2], json.loads(body))
        else:
            assert b"Action=GetCallerIdentity" in body
            self.aws.calls["GetCallerIdentity"] += 1
            status, answer = 200, _IDENTITY.encode()
        try:
            self.send_response(status)
            self.send_header("Content-Type", "application/x-amz-json-1.1" if target else "text/xml")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)
        except OSError:
            pass  # the client gave up

    def log_message(self, *_: object) -> None:
        pass
