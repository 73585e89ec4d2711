"""Check that the AWS provider reads container definitions as the linter does.

It decodes their JSON without regard to the case of keys, drops unknown keys, and rejects values that are not booleans.
Its plans show this. Nothing is applied, and no credentials are real. The test needs a directory with the provider, in
the layout of `terraform init -plugin-dir`:

    ECS5LINT_PLUGIN_DIR=... pytest tests/parsers/terraform/test_terraform_provider.py
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from ecs5lint.cli.main import main

PLUGINS = os.environ.get("ECS5LINT_PLUGIN_DIR")

pytestmark = pytest.mark.skipif(
    shutil.which("terraform") is None or PLUGINS is None,
    reason="terraform is not on the PATH, or ECS5LINT_PLUGIN_DIR does not say where its AWS provider is",
)

PROVIDER = """
provider "aws" {
  region                      = "eu-west-1"
  access_key                  = "none"
  secret_key                  = "none"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_region_validation      = true
  skip_requesting_account_id  = true
}
"""

#: The members of a container definition next to its name, and whether its root filesystem is then read-only.
READ = {
    "as_it_should_be": ('"readonlyRootFilesystem": true', True),
    "false": ('"readonlyRootFilesystem": false', False),
    "null": ('"readonlyRootFilesystem": null', False),
    "left_out": ('"image": "nginx"', False),
    "of_cloudformation": ('"ReadonlyRootFilesystem": true', True),
    "of_kubernetes": ('"readOnlyRootFilesystem": true', True),
    "shouted": ('"READONLYROOTFILESYSTEM": true', True),
    "with_a_long_s": ('"readonlyRootFile\u017fystem": true', True),
    "with_underscores": ('"readonly_root_filesystem": true', False),
    "of_docker": ('"readOnlyRootFs": true', False),
    "last_is_true": ('"readonlyRootFilesystem": false, "readOnlyRootFilesystem": true', True),
    "last_is_false": ('"readonlyRootFilesystem": true, "readOnlyRootFilesystem": false', False),
    "last_is_null": ('"ReadonlyRootFilesystem": true, "readonlyRootFilesystem": null', False),
    "twice": ('"readonlyRootFilesystem": true, "readonlyRootFilesystem": false', False),
}

#: Members for which the provider rejects the plan.
REFUSED = {
    "text": '"readonlyRootFilesystem": "true"',
    "number": '"readonlyRootFilesystem": 1',
    "list": '"readonlyRootFilesystem": [true]',
}


def write_module(directory: Path, settings: dict[str, str]) -> None:
    resources = [
        f'resource "aws_ecs_task_definition" "{name}" {{\n'
        f'  family                = "{name}"\n'
        f"  container_definitions = <<EOT\n"
        f'[{{"name": "web", {setting}}}]\nEOT\n}}\n'
        for name, setting in settings.items()
    ]
    (directory / "main.tf").write_text(PROVIDER + "\n".join(resources), encoding="utf-8")


def terraform(directory: Path, *arguments: str) -> str:
    process = subprocess.run(["terraform", *arguments], cwd=directory, capture_output=True, text=True)
    return process.stdout


def verdicts(path: str, capsys: pytest.CaptureFixture[str]) -> dict[str, str]:
    main(["--format", "json", path])
    report = json.loads(capsys.readouterr().out)
    assert not report["errors"]
    return {result["task_definition"]["address"].rpartition(".")[2]: result["verdict"] for result in report["results"]}


@pytest.fixture
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_what_the_provider_reads(directory: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_module(directory, {name: setting for name, (setting, _) in READ.items()})
    terraform(directory, "init", f"-plugin-dir={PLUGINS}")
    terraform(directory, "plan", "-refresh=false", "-out=plan.bin")
    text = terraform(directory, "show", "-json", "plan.bin")
    (directory / "plan.json").write_text(text, encoding="utf-8")
    changes: list[Any] = json.loads(text)["resource_changes"]
    planned = {change["name"]: json.loads(change["change"]["after"]["container_definitions"]) for change in changes}
    assert {name: containers[0].get("readonlyRootFilesystem") is True for name, containers in planned.items()} == {
        name: read_only for name, (_, read_only) in READ.items()
    }

    expected = {name: "pass" if read_only else "fail" for name, (_, read_only) in READ.items()}
    assert verdicts("main.tf", capsys) == expected
    assert verdicts("plan.json", capsys) == expected


def test_what_the_provider_refuses(directory: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_module(directory, REFUSED)
    terraform(directory, "init", f"-plugin-dir={PLUGINS}")
    diagnostics = json.loads(terraform(directory, "validate", "-json"))["diagnostics"]
    refused = {diagnostic["address"].rpartition(".")[2] for diagnostic in diagnostics}
    assert refused == set(REFUSED)
    assert verdicts("main.tf", capsys) == dict.fromkeys(REFUSED, "fail")
