"""Import findings on files to Security Hub."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ecs5lint.cli.main import main

boto3 = pytest.importorskip("boto3")

pytestmark = pytest.mark.usefixtures("aws_credentials")

Capture = pytest.CaptureFixture[str]

ACCOUNT = "123456789012"
PRODUCT = f"arn:aws:securityhub:eu-west-1:{ACCOUNT}:product/{ACCOUNT}/default"


def write(*values: str) -> None:
    """Write a task definition for each value of readonlyRootFilesystem."""
    for index, value in enumerate(values):
        container = f'{{"name": "app", "image": "nginx", "readonlyRootFilesystem": {value}}}'
        Path(f"web-{index}.json").write_text(
            f'{{"family": "web-{index}",\n "containerDefinitions": [\n  {container}]}}'
        )


def states(url: str) -> dict[str, tuple[str, str]]:
    """Return the record state and the compliance of the findings in Security Hub, by their descriptions."""
    hub = boto3.client("securityhub", region_name="eu-west-1", endpoint_url=url)
    found = {}
    for item in hub.get_findings()["Findings"]:
        status = item.get("Compliance", {}).get("Status", "")
        found[item["Resources"][0]["Id"]] = (item["RecordState"], status)
    return found


def run(url: str, *arguments: str) -> int:
    return main([".", "--endpoint-url", url, "--security-hub", "acme/shop", *arguments])


@pytest.fixture
def hub_url(moto_url: str) -> str:
    boto3.client("securityhub", region_name="eu-west-1", endpoint_url=moto_url).enable_security_hub()
    return moto_url


def test_a_dry_run_prints_the_findings(hub_url: str, capsys: Capture) -> None:
    write("false", "${RO}")
    assert run(hub_url, "--dry-run") == 1
    found = json.loads(capsys.readouterr().out)
    assert [item["Compliance"]["Status"] for item in found] == ["FAILED", "WARNING"]
    assert {item["ProductArn"] for item in found} == {PRODUCT}
    first: dict[str, Any] = found[0]
    assert first["Id"].startswith("ecs5lint/acme/shop/")
    assert first["GeneratorId"] == "ecs5lint/ECS5"
    assert first["FindingProviderFields"]["Severity"] == {"Label": "HIGH"}
    assert not {"Severity", "Types", "Confidence"} & first.keys()
    assert first["Resources"][0]["Details"]["Other"] == {
        "repository": "acme/shop",
        "path": "web-0.json",
        "line": "3",
        "address": "web-0",
        "container": "app",
    }
    assert states(hub_url) == {}


def test_what_is_gone_is_archived(hub_url: str) -> None:
    write("false", "false")
    assert run(hub_url) == 1
    active = ("ACTIVE", "FAILED")
    assert states(hub_url) == {"acme/shop/web-0.json": active, "acme/shop/web-1.json": active}
    write("false", "true")
    assert run(hub_url) == 1
    assert states(hub_url)["acme/shop/web-0.json"] == active
    assert states(hub_url)["acme/shop/web-1.json"][0] == "ARCHIVED"


def test_a_finding_keeps_its_id_on_another_line(hub_url: str) -> None:
    write("false")
    run(hub_url)
    text = Path("web-0.json").read_text()
    Path("web-0.json").write_text("\n\n" + text)
    run(hub_url)
    assert len(states(hub_url)) == 1


def test_an_incomplete_run_archives_nothing(hub_url: str) -> None:
    write("false", "false")
    run(hub_url)
    write("false", "true")
    Path("broken.json").write_text('{"family": "web", "containerDefinitions": [}')
    assert run(hub_url) == 2
    assert {state for state, _ in states(hub_url).values()} == {"ACTIVE"}


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--dry-run"], "--dry-run requires --security-hub"),
        (["--security-hub", "a", "--live"], "--security-hub is for files"),
        (["--security-hub", "a", "--regions", "all"], "--security-hub requires exactly one Region"),
        (["--security-hub", "a", "--fix"], "--security-hub cannot be combined with"),
    ],
)
def test_invalid_usage(arguments: list[str], complaint: str, capsys: Capture) -> None:
    assert main(arguments) == 2
    assert complaint in capsys.readouterr().err


def test_without_access_nothing_is_imported(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    write("false")
    assert run("http://127.0.0.1:9") == 2
    assert "GetCallerIdentity failed" in capsys.readouterr().err
