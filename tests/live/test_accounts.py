"""Check several accounts, with the permissions that the documentation lists."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from fake_aws import ACCOUNT, FakeAws
from places import ROOT

from ecs5lint.cli.main import main

boto3 = pytest.importorskip("boto3")
accounts = pytest.importorskip("ecs5lint.live.accounts")

pytestmark = pytest.mark.usefixtures("aws_credentials")

Capture = pytest.CaptureFixture[str]

OWN, OTHER, THIRD = "123456789012", "222222222222", "333333333333"
CONTAINERS: list[dict[str, Any]] = [{"name": "app", "image": "nginx", "memory": 128}]


def role(account: str) -> str:
    return f"arn:aws:iam::{account}:role/audit"


def client(url: str, service: str, account: str = OWN, region: str = "eu-west-1") -> Any:
    if account == OWN:
        return boto3.client(service, region_name=region, endpoint_url=url)
    sts = boto3.client("sts", region_name=region, endpoint_url=url)
    found = sts.assume_role(RoleArn=role(account), RoleSessionName="test")["Credentials"]
    return boto3.client(
        service,
        region_name=region,
        endpoint_url=url,
        aws_access_key_id=found["AccessKeyId"],
        aws_secret_access_key=found["SecretAccessKey"],
        aws_session_token=found["SessionToken"],
    )


def register(url: str, family: str, account: str = OWN, region: str = "eu-west-1") -> None:
    ecs = client(url, "ecs", account, region)
    ecs.register_task_definition(family=family, containerDefinitions=CONTAINERS)


def found(url: str, capsys: Capture, *arguments: str) -> list[tuple[str, str, str]]:
    """Return the account, the Region and the family of each result."""
    assert main(["--live", "--endpoint-url", url, "--format", "json", *arguments]) == 1
    report = json.loads(capsys.readouterr().out)
    assert report["errors"] == []
    live = [item["live"] for item in report["results"]]
    return [(item["account"], item["region"], item["name"]) for item in live]


def test_roles(moto_url: str, capsys: Capture) -> None:
    register(moto_url, "own")
    register(moto_url, "other", OTHER)
    register(moto_url, "third", THIRD, "us-east-1")
    Path("roles").write_text(f"# the audit roles\n\n{role(THIRD)}  # third\n")
    regions = ["--regions", "eu-west-1,us-east-1"]
    assert found(moto_url, capsys) == [(OWN, "eu-west-1", "own")]
    assert found(moto_url, capsys, "--role-arn", role(OTHER)) == [(OTHER, "eu-west-1", "other")]
    assert found(
        moto_url, capsys, *regions, "--role-arn", role(OTHER), "--roles-file", "roles", "--external-id", "id"
    ) == [(OTHER, "eu-west-1", "other"), (THIRD, "us-east-1", "third")]


def organization(url: str) -> str:
    """Create an organization with one more account, and return the number of that account."""
    client(url, "organizations").create_organization(FeatureSet="ALL")
    created = client(url, "organizations").create_account(AccountName="more", Email="a@example.com")
    return str(created["CreateAccountStatus"]["AccountId"])


def test_an_organization_in_all_regions(moto_url: str, capsys: Capture) -> None:
    member = organization(moto_url)
    register(moto_url, "own", region="eu-north-1")
    register(moto_url, "member", member)
    expected = [(OWN, "eu-north-1", "own"), (member, "eu-west-1", "member")]
    assert sorted(found(moto_url, capsys, "--organization-role", "audit", "--regions", "all")) == sorted(expected)


def test_an_account_that_cannot_be_read_hides_no_other(
    moto_url: str, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    register(moto_url, "other", OTHER)
    made = accounts.AssumeRoleCredentialFetcher.fetch_credentials

    def fetch(self: Any) -> Any:
        if THIRD in self._role_arn:
            raise ValueError("not allowed")
        return made(self)

    monkeypatch.setattr(accounts.AssumeRoleCredentialFetcher, "fetch_credentials", fetch)
    arguments = ["--role-arn", role(THIRD), "--role-arn", role(OTHER), "--format", "json"]
    assert main(["--live", "--endpoint-url", moto_url, *arguments]) == 2
    report = json.loads(capsys.readouterr().out)
    verdicts = {item["live"]["account"]: item["verdict"] for item in report["results"]}
    assert verdicts == {OTHER: "fail", THIRD: "unknown"}
    assert "not allowed" in report["errors"][0]["message"]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--role-arn", "audit"], "'audit' is not the ARN of a role"),
        (["--role-arn", role(OTHER), "--role-arn", f"{role(OTHER)}2"], "two roles are in the same account"),
        (["--roles-file", "empty"], "--roles-file: there is no role in empty"),
        (["--organization-role", "a", "--role-arn", role(OTHER)], "--organization-role cannot be combined with"),
    ],
)
def test_invalid_usage(arguments: list[str], complaint: str, capsys: Capture) -> None:
    Path("empty").write_text("# nothing\n")
    assert main(["--live", *arguments]) == 2
    assert complaint in capsys.readouterr().err


def test_the_calls_are_those_of_the_policy(moto_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    register(moto_url, "web", organization(moto_url))
    calls = set()
    made = accounts.Accounts._client

    def recording(self: Any, service: str, *arguments: Any, **more: Any) -> Any:
        client = made(self, service, *arguments, **more)
        client.meta.events.register("before-call", lambda model, **_: calls.add(f"{service}:{model.name}"))
        return client

    monkeypatch.setattr(accounts.Accounts, "_client", recording)
    main(["--live", "--endpoint-url", moto_url, "--organization-role", "audit", "--regions", "all"])
    with FakeAws({"web": CONTAINERS}).running() as aws:
        aws.add_cluster([{"taskDefinitionArn": f"arn:aws:ecs:eu-west-1:{ACCOUNT}:task-definition/web:7"}])
        main(["--live", "--endpoint-url", aws.url, "--running", "--select", "ALL"])
    Path("web.json").write_text(json.dumps({"family": "web", "containerDefinitions": CONTAINERS}))
    client(moto_url, "securityhub").enable_security_hub()
    main(["web.json", "--endpoint-url", moto_url, "--security-hub", "shop"])
    page = (ROOT / "docs" / "live.md").read_text(encoding="utf-8")
    (policy,) = re.findall(r"```json\n(\{\n  \"Version\".*?)```", page, re.DOTALL)
    actions = {action for statement in json.loads(policy)["Statement"] for action in statement["Action"]}
    assert calls - {"sts:GetCallerIdentity"} == actions
