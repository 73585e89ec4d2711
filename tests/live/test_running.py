"""Check what is in use, whatever its revision."""

from __future__ import annotations

import json
from typing import Any

import pytest
from fake_aws import ACCOUNT, FakeAws

from ecs5lint.cli.main import main

boto3 = pytest.importorskip("boto3")

pytestmark = pytest.mark.usefixtures("aws_credentials")

Capture = pytest.CaptureFixture[str]

CONTAINERS: list[dict[str, Any]] = [{"name": "app", "image": "nginx", "memory": 128}]


def uses_of(url: str, capsys: Capture) -> tuple[int, dict[str, tuple[bool, list[str]]]]:
    """Return the exit code, and for each revision whether it is the latest, and its uses."""
    code = main(["--live", "--running", "--endpoint-url", url, "--format", "json"])
    results = json.loads(capsys.readouterr().out)["results"]
    live = [item["live"] for item in results]
    return code, {f"{item['name']}:{item['revision']}": (item["is_latest"], item["uses"]) for item in live}


def test_services_and_task_sets(moto_url: str, capsys: Capture) -> None:
    ecs = boto3.client("ecs", region_name="eu-west-1", endpoint_url=moto_url)
    ecs.create_cluster(clusterName="prod")
    for family in ("web", "job"):
        for _ in range(3):
            ecs.register_task_definition(family=family, containerDefinitions=CONTAINERS)
    for number in range(12):
        ecs.create_service(cluster="prod", serviceName=f"web-{number}", taskDefinition="web:1", desiredCount=1)
    ecs.create_service(cluster="prod", serviceName="new", taskDefinition="web:3", desiredCount=1)
    ecs.create_service(cluster="prod", serviceName="sets", desiredCount=1, deploymentController={"type": "EXTERNAL"})
    ecs.create_task_set(cluster="prod", service="sets", taskDefinition="job:2")
    code, found = uses_of(moto_url, capsys)
    assert code == 1
    old = [f"service prod/web-{number}" for number in range(12)]
    assert sorted(found.pop("web:1")[1]) == sorted(old)
    assert found == {
        "web:3": (True, ["service prod/new"]),
        "job:2": (False, ["service prod/sets"]),
        "job:3": (True, []),
    }


def test_deployments_and_tasks(capsys: Capture) -> None:
    arn = f"arn:aws:ecs:eu-west-1:{ACCOUNT}:task-definition/web"
    with FakeAws({"web": CONTAINERS}).running() as aws:
        aws.add_cluster(
            [
                {"taskDefinitionArn": f"{arn}:7", "group": "service:api"},
                {"taskDefinitionArn": f"{arn}:6", "group": "family:web"},
            ],
        )
        code, found = uses_of(aws.url, capsys)
        assert main(["--live", "--running", "--endpoint-url", aws.url]) == 1
    assert code == 1
    assert found == {
        "web:9": (True, ["service prod/api"]),
        "web:8": (False, ["service prod/api"]),
        "web:7": (False, ["service prod/api"]),
        "web:6": (False, ["tasks in prod"]),
    }
    text = capsys.readouterr().out
    assert "web:6: error: " in text
    assert "= old revision, in use by: tasks in prod" in text
    assert "= in use by: service prod/api" in text


@pytest.mark.parametrize("call", ["ListClusters", "ListServices", "DescribeServices", "ListTasks", "DescribeTasks"])
def test_what_cannot_be_listed_is_unknown(call: str, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")

    def denied(name: str, *_: object) -> str | None:
        return "deny" if name == call else None

    with FakeAws({"web": CONTAINERS}, denied).running() as aws:
        aws.add_cluster([{"taskDefinitionArn": f"arn:aws:ecs:eu-west-1:{ACCOUNT}:task-definition/web:9"}])
        code = main(["--live", "--running", "--endpoint-url", aws.url, "--format", "json"])
    report = json.loads(capsys.readouterr().out)
    assert code == 2
    assert "unknown" in [item["verdict"] for item in report["results"]]
    assert f"{call} failed: AccessDeniedException" in report["errors"][0]["message"]
