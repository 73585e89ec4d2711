"""Compare the linter with the shell loop that people use to take stock, on the same registered task definitions."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from typing import Any

import pytest

from ecs5lint.cli.main import main

boto3 = pytest.importorskip("boto3")

pytestmark = [
    pytest.mark.usefixtures("aws_credentials"),
    pytest.mark.skipif(not (shutil.which("aws") and shutil.which("bash")), reason="there is no AWS CLI or no bash"),
]

LOOP = """
for fam in $(aws ecs list-task-definition-families --status ACTIVE --query 'families[]' --output text); do
  aws ecs describe-task-definition --task-definition "$fam" \\
    --query "taskDefinition.containerDefinitions[?user==null || user=='root' || user=='0' || \\
readonlyRootFilesystem!=\\`true\\`].{Family:'$fam',Name:name,User:user,ReadOnly:readonlyRootFilesystem}" \\
    --output text
done
"""

#: The families with their containers. `windows` and `group` are where the loop and the controls differ.
FAMILIES: dict[str, list[dict[str, Any]]] = {
    "good": [{"readonlyRootFilesystem": True, "user": "1000"}],
    "mixed": [
        {"user": "1000"},
        {"readonlyRootFilesystem": True},
        {"readonlyRootFilesystem": True, "user": "root"},
        {"readonlyRootFilesystem": True, "user": "0"},
        {"readonlyRootFilesystem": False, "user": "app"},
        {"readonlyRootFilesystem": True, "user": "app:app"},
    ],
    "group": [{"readonlyRootFilesystem": True, "user": "0:0"}, {"readonlyRootFilesystem": True, "user": "root:root"}],
    "windows": [{}],
}


def test_the_loop_flags_the_linux_containers_that_fail(moto_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    ecs = boto3.client("ecs", region_name="eu-west-1", endpoint_url=moto_url)
    for family, containers in FAMILIES.items():
        system = {"operatingSystemFamily": "WINDOWS_SERVER_2022_CORE"} if family == "windows" else {}
        ecs.register_task_definition(
            family=family,
            runtimePlatform=system,
            containerDefinitions=[
                {"name": f"c{index}", "image": "nginx", "memory": 128, **item} for index, item in enumerate(containers)
            ],
        )
    done = subprocess.run(
        ["bash", "-c", LOOP],
        env={**os.environ, "AWS_ENDPOINT_URL": moto_url, "AWS_DEFAULT_REGION": "eu-west-1"},
        capture_output=True,
        text=True,
        check=True,
    )
    flagged = {tuple(line.split("\t")[:2]) for line in done.stdout.splitlines()}
    arguments = ["--live", "--endpoint-url", moto_url, "--select", "ECS5,ECS20", "--format", "json"]
    assert main(arguments) == 1
    results = json.loads(capsys.readouterr().out)["results"]
    failing = {(item["live"]["name"], item["container"]["name"]) for item in results if item["verdict"] == "fail"}
    # The control exempts Windows, which the loop flags. The loop does not know users with a group.
    assert flagged - failing == {("windows", "c0")}
    assert failing - flagged == {("group", "c0"), ("group", "c1")}
    assert {container for family, container in flagged if family == "mixed"} == {"c0", "c1", "c2", "c3", "c4"}
