"""Check registered task definitions on servers that behave like AWS."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time
from functools import partial
from typing import Any

import pytest
from fake_aws import ACCOUNT, FakeAws, registered
from jsonschema import Draft202012Validator
from places import ROOT

from ecs5lint.cli.main import main
from ecs5lint.location import Failure
from ecs5lint.model.result import UNKNOWN, Report
from ecs5lint.reports import FORMATS
from ecs5lint.settings.settings import Settings

boto3 = pytest.importorskip("boto3")
accounts = pytest.importorskip("ecs5lint.live.accounts")
live = pytest.importorskip("ecs5lint.live.run")

pytestmark = pytest.mark.usefixtures("aws_credentials")

Capture = pytest.CaptureFixture[str]
Containers = list[dict[str, Any]]

READONLY: Containers = [{"name": "app", "image": "nginx", "memory": 128, "readonlyRootFilesystem": True}]
WRITABLE: Containers = [{"name": "app", "image": "nginx", "memory": 128, "readonlyRootFilesystem": False}]


def some_families(count: int) -> dict[str, Containers]:
    return {f"web-{number:04}": [READONLY, WRITABLE][number % 3 == 0] for number in range(count)}


def run(url: str, *, limits: dict[str, Any] | None = None, **access: Any) -> Report:
    """Return the report on a server, by default without limits of the rate."""
    report: Report = live.run(accounts.Access(endpoint_url=url, limits=limits or {}, **access), Settings())
    return report


def verdicts(report: Report) -> dict[tuple[str, str | None], str]:
    return {(item.resource.address, item.container): item.verdict for item in report.results}


def messages(failures: tuple[Failure, ...]) -> list[str]:
    return [failure.message for failure in failures]


def report_of(capsys: Capture, url: str, *arguments: str) -> tuple[int, dict[str, Any]]:
    code = main(["--live", "--endpoint-url", url, "--format", "json", *arguments])
    return code, json.loads(capsys.readouterr().out)


def test_the_latest_active_revision_of_each_family_is_checked(moto_url: str, capsys: Capture) -> None:
    ecs = boto3.client("ecs", region_name="eu-west-1", endpoint_url=moto_url)
    for containers in (WRITABLE, READONLY):
        ecs.register_task_definition(family="fixed", containerDefinitions=containers)
        ecs.register_task_definition(family="old-is-inactive", containerDefinitions=containers)
    ecs.register_task_definition(family="writable", containerDefinitions=WRITABLE)
    ecs.register_task_definition(
        family="windows",
        containerDefinitions=WRITABLE,
        runtimePlatform={"operatingSystemFamily": "WINDOWS_SERVER_2022_CORE"},
    )
    ecs.deregister_task_definition(taskDefinition="old-is-inactive:1")
    code, report = report_of(capsys, moto_url)
    assert code == 1
    found = [(item["live"]["name"], item["live"]["revision"], item["verdict"]) for item in report["results"]]
    assert found == [
        ("fixed", 2, "pass"),
        ("old-is-inactive", 2, "pass"),
        ("windows", 1, "not_applicable"),
        ("writable", 1, "fail"),
    ]
    arn = "arn:aws:ecs:eu-west-1:123456789012:task-definition/writable:1"
    assert report["results"][-1]["location"] == {
        "path": arn,
        "line": None,
        "column": None,
        "end_line": None,
        "end_column": None,
    }
    assert report["results"][-1]["source"] == "live"
    schema = json.loads((ROOT / "ecs5lint" / "schemas" / "report.json").read_text())
    assert list(Draft202012Validator(schema).iter_errors(report)) == []


def test_several_regions(moto_url: str, capsys: Capture) -> None:
    for region, containers in {"eu-west-1": READONLY, "us-east-1": WRITABLE}.items():
        ecs = boto3.client("ecs", region_name=region, endpoint_url=moto_url)
        ecs.register_task_definition(family="web", containerDefinitions=containers)
    code, report = report_of(capsys, moto_url, "--regions", "eu-west-1,us-east-1,eu-north-1")
    assert code == 1
    found = [(item["live"]["region"], item["verdict"]) for item in report["results"]]
    assert found == [("eu-west-1", "pass"), ("us-east-1", "fail")]


def test_a_registered_definition_and_its_file_have_the_same_results(moto_url: str, capsys: Capture) -> None:
    containers: Containers = [
        {"name": "set", "image": "nginx", "memory": 128, "readonlyRootFilesystem": True, "user": "1000"},
        {"name": "omitted", "image": "nginx", "memory": 128, "privileged": True},
        {"name": "false", "image": "nginx", "memory": 128, "readonlyRootFilesystem": False, "user": "0:0"},
    ]
    ecs = boto3.client("ecs", region_name="eu-west-1", endpoint_url=moto_url)
    ecs.register_task_definition(family="web", networkMode="host", containerDefinitions=containers)
    # moto fails for DescribeCapacityProviders.
    rules = "ECS3,ECS4,ECS5,ECS8,ECS9,ECS17,ECS18,ECS20,ECS21"
    _, report = report_of(capsys, moto_url, "--select", rules)
    with open("web.json", "w") as file:
        json.dump(ecs.describe_task_definition(taskDefinition="web"), file, default=str)
    main(["web.json", "--format", "json", "--select", rules])
    of_file = json.loads(capsys.readouterr().out)
    keys = ("rule", "verdict", "reason", "message", "container")
    shown = [[{key: item[key] for key in keys} for item in one["results"]] for one in (report, of_file)]
    order = [sorted(items, key=json.dumps) for items in shown]
    assert order[0] == order[1] != []


def test_many_families_over_pages() -> None:
    with FakeAws(some_families(1200)).running() as aws:
        report = run(aws.url)
    assert (report.task_definitions, report.count("fail"), report.count("pass")) == (1200, 400, 800)
    assert aws.calls == {"ListTaskDefinitionFamilies": 12, "DescribeTaskDefinition": 1200, "GetCallerIdentity": 1}
    assert report.failures == ()


SECRET = "hunter2hunter2"


@pytest.mark.parametrize("name", FORMATS)
def test_no_report_has_a_secret(name: str, capsys: Capture) -> None:
    containers: Containers = [
        {
            "name": "app",
            "image": "nginx",
            "environment": [{"name": "AWS_SECRET_ACCESS_KEY", "value": SECRET}],
            "secrets": [{"name": "TOKEN", "valueFrom": SECRET}],
            "command": ["sh", "-c", f"login {SECRET}"],
            "entryPoint": [SECRET],
            "healthCheck": {"command": [SECRET]},
            "dockerLabels": {"token": SECRET},
            "logConfiguration": {"logDriver": "splunk", "options": {"splunk-token": SECRET}},
            "firelensConfiguration": {"type": "fluentbit", "options": {"token": SECRET}},
        }
    ]
    with FakeAws({"web": containers}).running() as aws:
        assert main(["--live", "--endpoint-url", aws.url, "--select", "ALL", "-f", name]) == 1
    report = capsys.readouterr().out
    assert "AWS_SECRET_ACCESS_KEY" in report
    assert SECRET not in report


def fails(call: str, fault: str, where: str = "") -> Any:
    """Return faults for all calls of a name that have a text in their parameters."""
    return lambda name, parameters, _: fault if name == call and where in json.dumps(parameters) else None


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("throttle", "ThrottlingException: Rate exceeded"),
        ("deny", "AccessDeniedException: User is not authorized to perform this action"),
        ("gone", "ClientException: Unable to describe task definition."),
        ("down", "ServerException: Service Unavailable"),
        ("cut", "returned no container definitions"),
        ("slow", "Read timeout on endpoint URL"),
    ],
)
def test_what_cannot_be_read_is_unknown(fault: str, reason: str, capsys: Capture, monkeypatch: Any) -> None:
    monkeypatch.setattr(accounts, "READ_TIMEOUT", 0.2)
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    with FakeAws(some_families(4), fails("DescribeTaskDefinition", fault, "web-0002")).running() as aws:
        code, report = report_of(capsys, aws.url)
    assert code == 2
    assert [item["verdict"] for item in report["results"]] == ["fail", "pass", "unknown", "fail"]
    assert reason in report["results"][2]["message"]
    (error,) = report["errors"]
    assert reason in error["message"]
    assert error["path"] == f"arn:aws:ecs:eu-west-1:{ACCOUNT}:task-definition/web-0002"
    assert main(["--live", "--endpoint-url", "http://127.0.0.1:9", "--exit-zero"]) == 2


@pytest.mark.parametrize("fault", ["throttle", "deny", "down", "cut"])
def test_a_broken_page_hides_no_family(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    with FakeAws(some_families(250), fails("ListTaskDefinitionFamilies", fault, "100")).running() as aws:
        report = run(aws.url)
    assert report.task_definitions == 100
    (unknown,) = [result for result in report.results if result.verdict == UNKNOWN]
    assert unknown.location.path == f"arn:aws:ecs:eu-west-1:{ACCOUNT}:task-definition/*"
    assert len(report.failures) == 1


def test_calls_are_repeated() -> None:
    def first_time(_: str, parameters: dict[str, Any], count: int) -> str | None:
        return "down" if count == 0 and "taskDefinition" in parameters else None

    with FakeAws(some_families(6), first_time).running() as aws:
        report = run(aws.url)
    assert (report.count("pass"), report.count("fail"), report.failures) == (4, 2, ())


@pytest.mark.parametrize("seed", range(2))
def test_no_verdict_differs_between_runs_but_those_that_became_unknown(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accounts, "READ_TIMEOUT", 5)
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    families = some_families(60)
    chance = random.Random(seed)

    def sometimes(call: str, *_: object) -> str | None:
        if call == "DescribeTaskDefinition" and chance.random() < 0.3:
            return chance.choice(["deny", "gone", "down", "cut"])
        if call == "DescribeTaskDefinition" and chance.random() < 0.03:
            return "throttle"  # the client slows down then
        return None

    with FakeAws(families).running() as aws:
        expected = verdicts(run(aws.url))
    with FakeAws(families, sometimes).running() as aws:
        report = run(aws.url)
    found = {address: verdict for (address, _), verdict in verdicts(report).items()}
    assert found.keys() == families.keys()
    known = {address: verdict for address, verdict in found.items() if verdict != UNKNOWN}
    assert len(families) > len(known) > 0
    assert known == {address: verdict for (address, _), verdict in expected.items() if address in known}
    assert report.failures


def test_the_list_changes_while_it_is_read() -> None:
    families = some_families(300)

    def changes(call: str, parameters: dict[str, Any], _: int) -> None:
        if call == "ListTaskDefinitionFamilies" and parameters.get("nextToken") == "100":
            families["a-new-one"] = WRITABLE  # moves every other family by one

    with FakeAws(families, changes).running() as aws:
        report = run(aws.url)
    assert report.task_definitions == 300
    assert len(verdicts(report)) == len(report.results)


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"taskDefinition": None},
        {"taskDefinition": {"family": "web-0000", "revision": 1}},
        {"taskDefinition": {**registered("web-0000", READONLY), "containerDefinitions": []}},
        {"taskDefinition": {**registered("web-0000", READONLY), "status": "INACTIVE"}},
        {"taskDefinition": registered("other", READONLY)},
    ],
)
def test_an_invalid_answer_is_no_pass(answer: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FakeAws, "_describe", lambda *_: answer)
    with FakeAws(some_families(1)).running() as aws:
        report = run(aws.url)
    assert [result.verdict for result in report.results] == [UNKNOWN]
    assert len(report.failures) == 1


def test_an_interrupted_run_reports_the_rest_as_unknown() -> None:
    class Impatient:
        def begin(self, total: int) -> None:
            pass

        def step(self) -> None:
            raise KeyboardInterrupt

    with FakeAws(some_families(250)).running() as aws:
        report = live.run(accounts.Access(endpoint_url=aws.url), Settings(), Impatient())
    assert report.count(UNKNOWN) == len(report.results) == 101
    assert messages(report.failures)[0] == "the run was interrupted, so this report is partial"


def test_an_interrupt_ends_the_process_with_a_partial_report() -> None:
    with FakeAws(some_families(100), fails("DescribeTaskDefinition", "slow")).running() as aws:
        command = [sys.executable, "-m", "ecs5lint", "--live", "--endpoint-url", aws.url, "--format", "json"]
        with subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            text=True,
            # A background process of a script inherits an ignored signal.
            preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
        ) as process:
            while not aws.calls["DescribeTaskDefinition"]:
                assert process.poll() is None
                time.sleep(0.05)
            process.send_signal(signal.SIGINT)
            report = json.loads(process.communicate()[0])
    assert process.returncode == 2
    assert report["errors"][0]["message"] == "the run was interrupted, so this report is partial"
    assert len(report["results"]) == 101


def test_a_run_without_the_option_imports_nothing_of_it() -> None:
    with open("web.json", "w") as file:
        json.dump({"family": "web", "containerDefinitions": READONLY}, file)
    program = (
        "import sys; from ecs5lint.cli.main import main; code = main(['web.json']); "
        "sys.exit(code or any(name.startswith(('boto', 'ecs5lint.live')) for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", program], stdout=subprocess.DEVNULL, check=False).returncode == 0


def test_without_credentials_nothing_passes(monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    code, report = report_of(capsys, "http://127.0.0.1:9")
    assert code == 2
    assert [item["verdict"] for item in report["results"]] == ["unknown"]
    assert "Unable to locate credentials" in report["errors"][0]["message"]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--live", "--profile", "nobody"], "The config profile (nobody) could not be found"),
        (["--live", "--fix"], "--fix cannot be combined with --live"),
        (["--profile", "prod"], "--profile requires --live"),
        (["--live", "--regions", "eu-west-1,"], "--regions: a name is empty in 'eu-west-1,'"),
    ],
)
def test_invalid_usage(arguments: list[str], complaint: str, capsys: Capture) -> None:
    assert main(arguments) == 2
    assert complaint in capsys.readouterr().err


def test_a_region_is_needed(monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    monkeypatch.delenv("AWS_REGION")
    assert main(["--live"]) == 2
    assert "no Region is set: use --regions or AWS_REGION" in capsys.readouterr().err


def test_a_baseline_holds_for_new_revisions(moto_url: str, capsys: Capture) -> None:
    ecs = boto3.client("ecs", region_name="eu-west-1", endpoint_url=moto_url)
    ecs.register_task_definition(family="web", containerDefinitions=WRITABLE)
    arguments = ["--live", "--endpoint-url", moto_url, "--baseline", "baseline.json"]
    assert main([*arguments, "--write-baseline"]) == 0
    ecs.register_task_definition(family="web", containerDefinitions=WRITABLE)
    assert main(arguments) == 0
    ecs.register_task_definition(family="api", containerDefinitions=WRITABLE)
    capsys.readouterr()
    assert main([*arguments, "--quiet"]) == 1
    (line,) = capsys.readouterr().out.splitlines()
    assert "task-definition/api:1: error: " in line


def test_a_baseline_never_records_what_could_not_be_read(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    with FakeAws(some_families(3), fails("DescribeTaskDefinition", "deny", "web-0001")).running() as aws:
        arguments = ["--live", "--endpoint-url", aws.url, "--baseline", "baseline.json"]
        assert main([*arguments, "--write-baseline"]) == 2
        assert main(arguments) == 2
    with open("baseline.json") as file:
        assert "web-0001" not in file.read()
