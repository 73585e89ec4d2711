"""Check that the plugin, in a real cfn-lint process, agrees with the command line on every CloudFormation fixture."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from places import ROOT

from ecs5lint.cli.main import main

pytest.importorskip("cfnlint")

FIXTURES = ROOT / "fixtures" / "cloudformation"
TEMPLATES = sorted(
    path
    for path in FIXTURES.rglob("*")
    # cfn-lint reads only UTF-8.
    if path.is_file() and path.name != "expected.yaml" and "Resources" in path.read_text(errors="ignore")
)

#: A finding: the code, the line, the column and the message.
Finding = tuple[str, int, int, str]


def run_process(
    *arguments: str | Path, cwd: Path | None = None, stdin: str | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(Path(sys.executable).parent / "cfn-lint"), *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": str(FIXTURES.parent.parent)},
        cwd=cwd,
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
    )


def run_cfn_lint(*arguments: str | Path) -> list[dict[str, Any]]:
    """Run cfn-lint with the plugin, and return its matches."""
    run = run_process("-a", "ecs5lint.cfnlint_rules", "--format", "json", *arguments)
    assert run.stdout, run.stderr
    matches: list[dict[str, Any]] = json.loads(run.stdout)
    return matches


def cfn_lint(*arguments: str | Path) -> list[dict[str, Any]]:
    """Run cfn-lint with only the plugin, and return its matches."""
    others = ["E1", "E2", "E3", "E4", "E5", "E6", "E7", "E8", "W", "I"]
    return run_cfn_lint(*arguments, "--ignore-checks", *others, "--mandatory-checks", "E9005", "W9005")


def by_plugin(templates: list[Path], *arguments: str) -> dict[str, list[Finding] | None]:
    """Return the plugin's findings for each template, or None for a template that cfn-lint itself rejects."""
    found: dict[str, list[Finding] | None] = {str(path): [] for path in templates}
    for match in cfn_lint("-t", *templates, *arguments):
        code, name = match["Rule"]["Id"], match["Filename"]
        start = match["Location"]["Start"]
        findings = found[name]
        if not code.endswith("9005"):
            found[name] = None
        elif findings is not None:
            findings.append((code, start["LineNumber"], start["ColumnNumber"], match["Message"]))
    return found


def by_command_line(path: Path, capsys: pytest.CaptureFixture[str]) -> list[Finding]:
    """Return the findings of the command line in the template itself, without those in nested templates."""
    # For an included file, the plugin reports the start of the template's resources.
    elsewhere = (path.read_text().split("Resources:")[0].count("\n") + 1, 1)
    main(["--format", "json", str(path)])
    report = json.loads(capsys.readouterr().out)
    findings = []
    for result in report["results"]:
        if result["verdict"] in ("fail", "unknown") and not result["via"]:
            code = "E9005" if result["verdict"] == "fail" else "W9005"
            places = [place for place in (result["value_location"], result["location"]) if place]
            own = [(place["line"], place["column"]) for place in places if Path(place["path"]).resolve() == path]
            findings.append((code, *(own or [elsewhere])[0], result["message"]))
    return findings


def test_the_plugin_and_the_command_line_agree(capsys: pytest.CaptureFixture[str]) -> None:
    found = by_plugin(TEMPLATES)
    compared = 0
    for path in TEMPLATES:
        findings = found[str(path)]
        if findings is not None:
            assert sorted(findings) == sorted(by_command_line(path, capsys)), path
            compared += 1
    # cfn-lint rejects duplicate keys, several documents, and files that are no template.
    assert compared > 0.8 * len(TEMPLATES)


def template(directory: Path, metadata: str = "{}", read_only: str = "false") -> Path:
    path = directory / "template.yaml"
    path.write_text(
        "Parameters: {P: {Type: String}, D: {Type: String, Default: 'true'}}\n"
        "Resources:\n"
        "  Task:\n"
        "    Type: AWS::ECS::TaskDefinition\n"
        f"    Metadata: {metadata}\n"
        "    Properties:\n"
        "      ContainerDefinitions:\n"
        f"        - {{Name: web, ReadonlyRootFilesystem: {read_only}}}\n"
        "        - {Name: open, ReadonlyRootFilesystem: !Ref P}\n"
    )
    return path


def codes(matches: list[dict[str, Any]]) -> list[str]:
    return [match["Rule"]["Id"] for match in matches if match["Rule"]["Id"].endswith("9005")]


def test_a_match_carries_the_rule(tmp_path: Path) -> None:
    failing = next(match for match in cfn_lint("-t", template(tmp_path)) if match["Rule"]["Id"] == "E9005")
    assert failing["Level"] == "Error"
    assert failing["Rule"]["Source"].startswith("https://docs.aws.amazon.com/securityhub/")
    assert failing["Location"]["Start"] == {"ColumnNumber": 47, "LineNumber": 8}
    assert failing["Location"]["End"] == {"ColumnNumber": 52, "LineNumber": 8}
    assert failing["Location"]["Path"] == ["Resources", "Task"]


def test_cfn_lint_ignores_by_metadata(tmp_path: Path) -> None:
    ignored = template(tmp_path, metadata="{cfn-lint: {config: {ignore_checks: [E9005]}}}")
    assert codes(run_cfn_lint("-t", ignored)) == ["W9005"]


def test_cfn_lint_ignores_by_option(tmp_path: Path) -> None:
    assert codes(run_cfn_lint("-t", template(tmp_path), "--ignore-checks", "W9005")) == ["E9005"]


def test_strict_trusts_no_default(tmp_path: Path) -> None:
    path = template(tmp_path, read_only="!Ref D")
    assert codes(run_cfn_lint("-t", path)) == ["W9005"]
    assert codes(run_cfn_lint("-t", path, "--configure-rule", "E9005:strict=true")) == ["E9005", "E9005"]


def test_another_rule_has_to_be_enabled(tmp_path: Path) -> None:
    path = template(tmp_path)
    path.write_text(path.read_text().replace("Name: web,", "Name: web, Privileged: true,"))
    found = run_cfn_lint("-t", path, "--configure-rule", "E9004:enabled=true")
    assert [match["Rule"]["Id"] for match in found if "900" in match["Rule"]["Id"]] == ["E9004", "E9005", "W9005"]
    assert codes(run_cfn_lint("-t", path, "--configure-rule", "E9005:enabled=false")) == []
    assert "E9004" not in [match["Rule"]["Id"] for match in run_cfn_lint("-t", path)]


def test_a_rule_about_services(tmp_path: Path) -> None:
    path = tmp_path / "template.yaml"
    path.write_text(
        "Resources:\n"
        "  Web:\n"
        "    Type: AWS::ECS::Service\n"
        "    Properties: {NetworkConfiguration: {AwsvpcConfiguration: {AssignPublicIp: ENABLED, Subnets: [a]}}}\n"
    )
    enabled = ["--configure-rule", "E9002:enabled=true", "--configure-rule", "E9016:enabled=true"]
    (found,) = [match for match in run_cfn_lint("-t", path, *enabled) if match["Rule"]["Id"].startswith("E90")]
    assert (found["Rule"]["Id"], found["Location"]["Path"]) == ("E9002", ["Resources", "Web"])
    assert found["Location"]["Start"] == {"LineNumber": 4, "ColumnNumber": 79}


def test_required_tags(tmp_path: Path) -> None:
    path = tmp_path / "template.yaml"
    path.write_text(
        "Resources:\n"
        "  Web: {Type: AWS::ECS::Service, Properties: {Tags: [{Key: team, Value: a}]}}\n"
        "  Api: {Type: AWS::ECS::Service, Properties: {Tags: [{Key: team, Value: a}, {Key: cost-center, Value: b}]}}\n"
        "  Job: {Type: AWS::ECS::Service, Properties: {Tags: []}}\n"
    )

    def tagged(*arguments: str) -> list[str]:
        found = json.loads(run_process("--format", "json", *arguments, path.name, cwd=tmp_path).stdout)
        return [match["Location"]["Path"][1] for match in found if match["Rule"]["Id"] == "E9013"]

    assert tagged("-a", "ecs5lint.cfnlint_rules", "--configure-rule", "E9013:enabled=true", "-t") == ["Job"]
    (tmp_path / ".cfnlintrc").write_text("append_rules: [ecs5lint.cfnlint_rules]\n" + page_block("required_tags"))
    assert tagged() == ["Web", "Job"]


def page_block(containing: str) -> str:
    blocks = (FIXTURES.parent.parent / "docs" / "cfn-lint.md").read_text(encoding="utf-8").split("```")[1::2]
    return next(text.partition("\n")[2] for text in blocks if containing in text)


def test_the_page_has_settings_that_work(tmp_path: Path) -> None:
    (tmp_path / ".cfnlintrc").write_text(page_block("append_rules"))
    by_settings = run_process(template(tmp_path, read_only="!Ref D").name, "--format", "json", cwd=tmp_path)
    assert codes(json.loads(by_settings.stdout)) == ["E9005", "E9005"]


def test_the_page_has_commands_that_work(tmp_path: Path) -> None:
    path = template(tmp_path, metadata=json.dumps(yaml.safe_load(page_block("Metadata:"))["Metadata"]))
    (hook,) = yaml.safe_load(page_block("repos:"))["repos"][0]["hooks"]
    for arguments in (page_block("cfn-lint template.yaml").split()[1:], [*hook["args"], path.name]):
        run = run_process("--format", "json", *arguments, cwd=tmp_path)
        assert codes(json.loads(run.stdout)) == ["W9005"]


def test_standard_input_is_judged(tmp_path: Path) -> None:
    run = run_process("-a", "ecs5lint.cfnlint_rules", "--format", "json", stdin=template(tmp_path).read_text())
    found = [match for match in json.loads(run.stdout) if match["Rule"]["Id"].endswith("9005")]
    assert codes(found) == ["E9005", "W9005"]
    assert {match["Location"]["Start"]["LineNumber"] for match in found} == {3}


def test_an_internal_error_is_logged_and_no_more(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from ecs5lint import cfnlint_rules

    def fail(*_: object) -> None:
        raise RuntimeError("broken")

    class Decoded:
        filename = "template.yaml"

    monkeypatch.setattr(cfnlint_rules, "_templates", fail)
    with caplog.at_level("DEBUG"):
        assert cfnlint_rules.CLASSES["E9005"]().match(Decoded()) == []
    assert "ecs5lint could not check template.yaml" in caplog.text


def test_the_suppressions_of_the_command_line_count(tmp_path: Path) -> None:
    path = template(tmp_path, metadata="{ecs5lint: {ignore: [{rule: ECS5, container: web, reason: a reason}]}}")
    path.write_text(path.read_text() + "        - {Name: log} # ecs5lint: ignore[ECS5] a reason\n")
    assert codes(run_cfn_lint("-t", path)) == ["W9005"]


@pytest.mark.parametrize("name", ["cfn-lint/template.yaml", "cfn-lint/whole.yaml", "metadata/template.yaml"])
def test_the_command_line_suppresses_what_cfn_lint_does(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    path = FIXTURES.parent / "suppressions" / name
    by_cfn_lint = [
        (match["Rule"]["Id"], match["Message"]) for match in run_cfn_lint("-t", path) if "9005" in match["Rule"]["Id"]
    ]
    assert sorted(by_cfn_lint) == sorted((code, message) for code, _, _, message in by_command_line(path, capsys))


@pytest.mark.parametrize("is_reversed", [False, True], ids=["the installed PyYAML", "the other order"])
def test_the_order_in_which_pyyaml_merges_does_not_count(is_reversed: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    from cfnlint.decode import decode
    from cfnlint.template import Template
    from yaml.constructor import SafeConstructor

    from ecs5lint.cfnlint_rules import CLASSES

    flatten = SafeConstructor.flatten_mapping

    def flatten_reversed(self: SafeConstructor, node: yaml.MappingNode) -> None:
        for key, value in node.value:
            if key.tag.endswith(":merge") and isinstance(value, yaml.SequenceNode):
                value.value.reverse()
        flatten(self, node)

    if is_reversed:
        monkeypatch.setattr(SafeConstructor, "flatten_mapping", flatten_reversed)
    path = str(FIXTURES / "files" / "merge-keys" / "template.yaml")
    matches = CLASSES["E9005"]().match(Template(path, decode(path)[0]))
    assert [match.message.split(",")[0] for match in matches] == [
        'container "api" sets ReadonlyRootFilesystem to false'
    ]
