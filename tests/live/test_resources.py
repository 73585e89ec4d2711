"""Check services, task sets, clusters and capacity providers where they are registered."""

from __future__ import annotations

import json
from typing import Any

import pytest
from fake_aws import FakeAws

from ecs5lint.cli.main import main
from ecs5lint.rules import RULES
from ecs5lint.settings.settings import Settings

pytest.importorskip("boto3")

pytestmark = pytest.mark.usefixtures("aws_credentials")

Capture = pytest.CaptureFixture[str]

CONTAINERS: list[dict[str, Any]] = [{"name": "app", "image": "nginx", "readonlyRootFilesystem": True}]


def report_of(aws: FakeAws, capsys: Capture, rules: str) -> tuple[int, dict[str, Any]]:
    aws.add_cluster([])
    code = main(["--live", "--endpoint-url", aws.url, "--select", rules, "--format", "json"])
    return code, json.loads(capsys.readouterr().out)


def test_each_type(capsys: Capture) -> None:
    with FakeAws({"web": CONTAINERS}).running() as aws:
        code, report = report_of(aws, capsys, "ECS2,ECS5,ECS10,ECS12,ECS16,ECS19")
    found = {
        (item["rule"], item["resource"]["type"], item["live"]["name"]): item["verdict"] for item in report["results"]
    }
    assert code == 1
    assert found == {
        ("ECS2", "service", "prod/api"): "pass",
        ("ECS5", "task_definition", "web"): "pass",
        ("ECS10", "service", "prod/api"): "fail",
        ("ECS12", "cluster", "prod"): "fail",
        ("ECS16", "task_set", "prod/api/ts1"): "fail",
        ("ECS19", "capacity_provider", "FARGATE"): "not_applicable",
        ("ECS19", "capacity_provider", "ec2"): "fail",
    }
    assert {item["location"]["line"] for item in report["results"]} == {None}


def test_only_what_the_rules_need_is_read(capsys: Capture) -> None:
    with FakeAws({"web": CONTAINERS}).running() as aws:
        report_of(aws, capsys, "ECS12")
    assert aws.calls == {"GetCallerIdentity": 1, "ListClusters": 1, "DescribeClusters": 1}


def test_a_failure_hides_no_other_type(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    denied = "DescribeCapacityProviders"
    with FakeAws({"web": CONTAINERS}, lambda name, *_: "deny" if name == denied else None).running() as aws:
        _, report = report_of(aws, capsys, "ECS5,ECS12,ECS16,ECS19")
    verdicts = {item["rule"]: item["verdict"] for item in report["results"]}
    assert verdicts == {"ECS5": "pass", "ECS12": "fail", "ECS16": "fail", "ECS19": "unknown"}


@pytest.mark.parametrize(
    ("call", "rule"),
    [
        ("ListClusters", "ECS12"),
        ("DescribeClusters", "ECS12"),
        ("ListServices", "ECS2"),
        ("DescribeServices", "ECS16"),
        ("DescribeCapacityProviders", "ECS19"),
    ],
)
@pytest.mark.parametrize("fault", ["deny", "cut"])
def test_what_cannot_be_read_is_unknown(
    call: str, rule: str, fault: str, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    with FakeAws({}, lambda name, *_: fault if name == call else None).running() as aws:
        code, report = report_of(aws, capsys, rule)
    assert code == 2
    assert {item["verdict"] for item in report["results"] if item["live"]["name"] == "*"} == {"unknown"}
    assert len(report["errors"]) == 1


def test_without_an_account_every_type_is_unknown(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    arguments = ["--live", "--endpoint-url", "http://127.0.0.1:9", "--select", "ECS2,ECS12", "--format", "json"]
    assert main(arguments) == 2
    results = json.loads(capsys.readouterr().out)["results"]
    assert [(item["rule"], item["verdict"]) for item in results] == [("ECS12", "unknown"), ("ECS2", "unknown")]


def test_an_answer_with_fewer_items_than_asked_for_is_no_pass(capsys: Capture) -> None:
    with FakeAws({}).running() as aws:
        aws.add_cluster([])
        aws.answers["DescribeClusters"] = lambda _: {"clusters": []}
        assert main(["--live", "--endpoint-url", aws.url, "--select", "ECS12", "--format", "json"]) == 2
    report = json.loads(capsys.readouterr().out)
    assert [item["verdict"] for item in report["results"]] == ["unknown"]
    assert "the answer has 0 of 1 clusters" in report["errors"][0]["message"]


@pytest.mark.parametrize(
    ("family", "verdict"), [("Windows Server 2022 Core", "pass"), ("Linux", "fail"), (None, "unknown")]
)
def test_the_operating_system_of_a_service_is_in_words(family: str | None, verdict: str) -> None:
    from ecs5lint.live.accounts import Target
    from ecs5lint.live.resources import Found, resource

    description = {"launchType": "FARGATE", "platformVersion": "1.0.0", "platformFamily": family}
    shown = {name: value for name, value in description.items() if value}
    found = Found("service", "arn:aws:ecs:eu-central-1:111122223333:service/prod/api", "api", shown)
    service = resource(found, RULES["ECS10"].reads, Target("111122223333", "eu-central-1"))
    assert [result.verdict for result in RULES["ECS10"].logic().judge(service, Settings())] == [verdict]
