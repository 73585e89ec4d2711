"""Test the CloudFormation parser with unusual input. fixtures/cloudformation covers the language itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ecs5lint.files.workspace import Workspace
from ecs5lint.location import Failure
from ecs5lint.model.result import Result
from ecs5lint.parsers.cloudformation import parse
from ecs5lint.rules import ecs5
from ecs5lint.settings.settings import Settings


def judge(template: Any) -> tuple[list[Result], list[Failure]]:
    """Return the results and failures for one template, given as text or as its decoded JSON."""
    workspace = Workspace()
    text = template if isinstance(template, str) else json.dumps(template)
    workspace.provide("template.json", text.encode())
    parsed = parse(["template.json"], workspace, Settings())
    return [result for item in parsed.task_definitions for result in ecs5.judge(item, Settings())], parsed.failures


def with_value(value: Any, **sections: Any) -> Any:
    """Return a template with one container that sets ReadonlyRootFilesystem to a value."""
    containers = [{"Name": "web", "ReadonlyRootFilesystem": value}]
    task = {"Type": "AWS::ECS::TaskDefinition", "Properties": {"ContainerDefinitions": containers}}
    return {**sections, "Resources": {"Task": task}}


def verdict(template: Any) -> str:
    results, failures = judge(template)
    assert failures == []
    (result,) = results
    return result.verdict


@pytest.mark.parametrize(
    "call",
    [
        {"Fn::If": ["A"]},
        {"Fn::If": [["A"], True, False]},
        {"Fn::FindInMap": [1, 2]},
        {"Fn::FindInMap": ["M", {"a": 1}, []]},
        {"Fn::Select": [{"a": 1}, {"b": 2}]},
        {"Fn::Select": [-1, [True]]},
        {"Fn::Join": None},
        {"Fn::Join": [",", "text"]},
        {"Fn::Split": ["", "text"]},
        {"Fn::Sub": [1, 2]},
        {"Fn::Length": "text"},
        {"Fn::Base64": []},
        {"Fn::Transform": []},
        {"Fn::Whatever": 1},
        {"Ref": [1]},
    ],
    ids=str,
)
def test_a_call_that_is_not_as_it_should_be_is_unknown(call: Any) -> None:
    assert verdict(with_value(call)) == "unknown"


def test_sections_of_the_wrong_form_are_passed_over() -> None:
    odd = {"Parameters": [1], "Conditions": 3, "Mappings": None, "Rules": {"a": 1, "b": {"Assertions": [1]}}}
    template = with_value(True, Transform={"Name": {"a": 1}}, **odd)
    template["Resources"] |= {"A": None, "B": [1], "C": {"Type": ["AWS::ECS::TaskDefinition"]}}
    assert verdict(template) == "pass"


@pytest.mark.parametrize("properties", [[1], "x", {"ContainerDefinitions": {"a": 1}}, {"ContainerDefinitions": [None]}])
def test_properties_of_the_wrong_form_are_unknown(properties: Any) -> None:
    template = {"Resources": {"Task": {"Type": "AWS::ECS::TaskDefinition", "Properties": properties}}}
    assert verdict(template) == "unknown"


def test_conditions_that_refer_to_each_other_end() -> None:
    conditions = {"A": {"Fn::Not": [{"Condition": "B"}]}, "B": {"Fn::Not": [{"Condition": "A"}]}}
    assert verdict(with_value({"Fn::If": ["A", True, False]}, Conditions=conditions)) == "fail"


def test_a_long_chain_of_conditions_ends() -> None:
    conditions = {f"C{number}": {"Fn::Not": [{"Condition": f"C{number + 1}"}]} for number in range(5_000)}
    assert verdict(with_value({"Fn::If": ["C0", True, True]}, Conditions=conditions)) == "pass"


@pytest.mark.parametrize("first", [{"Ref": "P"}, "x"])
def test_conditions_that_double_at_each_step_do_not_blow_up(first: Any) -> None:
    conditions: dict[str, Any] = {"C0": {"Fn::Equals": [first, "x"]}}
    conditions |= {f"C{n}": {"Fn::And": [{"Condition": f"C{n - 1}"}] * 2} for n in range(1, 60)}
    parameters = {"P": {"Type": "String"}}
    assert verdict(with_value({"Fn::If": ["C59", True, True]}, Conditions=conditions, Parameters=parameters)) == "pass"


def test_many_conditions_on_the_way_to_a_value_take_no_exponential_time() -> None:
    names = [f"P{number}" for number in range(50)]
    value: Any = True
    for name in names:
        value = {"Fn::If": [name, value, "true"]}
    value = {"Fn::If": ["P0", value, {"Fn::If": ["P0", False, value]}]}
    parameters = {name: {"Type": "String"} for name in names}
    conditions = {name: {"Fn::Equals": [{"Ref": name}, "x"]} for name in names}
    assert verdict(with_value(value, Parameters=parameters, Conditions=conditions)) == "pass"


def test_loops_in_loops_do_not_blow_up() -> None:
    loop: dict[str, Any] = {"Task${L0}": {"Type": "AWS::ECS::TaskDefinition"}}
    for number in range(40):
        loop = {f"Fn::ForEach::L{number}": [f"L{number}", ["a", "b"], loop]}
    results, failures = judge({"Resources": loop})
    assert failures == []
    assert {result.verdict for result in results} == {"unknown"}


def test_deep_nesting_is_a_failure_or_unknown() -> None:
    start = '{"Resources": {"Task": {"Type": "AWS::ECS::TaskDefinition", "Properties": {"ContainerDefinitions": '
    _, failures = judge(start + "[" * 100_000 + "}}}}")
    assert len(failures) == 1
    results, failures = judge(start + "[" * 90 + "]" * 90 + "}}}}")
    assert failures == []
    assert [result.verdict for result in results] == ["unknown"]


def joined(call: str) -> str:
    """Return a call nested in many others."""
    return "!Join ['', [" * 25 + call + "]]" * 25


@pytest.mark.parametrize("copies", [1, 8])
def test_stacks_in_stacks_do_not_blow_up(copies: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(13):
        passed = f"Properties: {{TemplateURL: t{number + 1}.yaml, Parameters: {{P: {joined('!Ref P')}}}}}"
        stacks = "".join(f"  N{copy}: {{Type: AWS::CloudFormation::Stack, {passed}}}\n" for copy in range(copies))
        (tmp_path / f"t{number}.yaml").write_text(
            f"Parameters: {{P: {{Type: String, Default: x}}}}\nResources:\n{stacks}"
            f"Outputs: {{O: {{Value: {joined('!GetAtt N0.Outputs.O')}}}}}\n"
        )
    (tmp_path / "t13.yaml").write_text(json.dumps(with_value({"Ref": "P"}, Parameters={"P": {"Type": "String"}})))
    (tmp_path / "parent.yaml").write_text(
        "Resources:\n"
        "  N: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: t0.yaml}}\n"
        "  Task:\n"
        "    Type: AWS::ECS::TaskDefinition\n"
        "    Properties: {ContainerDefinitions: [{Name: web, ReadonlyRootFilesystem: !GetAtt N.Outputs.O}]}\n"
    )
    monkeypatch.chdir(tmp_path)
    parsed = parse(["parent.yaml"], Workspace(), Settings())
    results = [result for definition in parsed.task_definitions for result in ecs5.judge(definition, Settings())]
    assert {result.verdict for result in results} == {"unknown"}
    assert "too deep" in results[0].message


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("[1", "is not valid JSON"),
        ("just text", "is not a parameters file"),
        ("{a: {b: 1}}", "a parameter must have a name and a value"),
        ("[[1, 2]]", "a list of parameters must have"),
        (None, "cannot be read"),
    ],
)
def test_a_bad_file_of_parameters_is_a_failure(
    content: str | None, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    if content is not None:
        (tmp_path / "parameters.json").write_text(content)
    parsed = parse([], Workspace(), Settings(parameters_files=("parameters.json",)))
    (failure,) = parsed.failures
    assert message in failure.message


def test_a_value_on_the_command_line_comes_before_one_in_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "parameters.yaml").write_text("ReadOnly: false\n")
    workspace = Workspace()
    template = with_value({"Ref": "ReadOnly"}, Parameters={"ReadOnly": {"Type": "String"}})
    workspace.provide("template.json", json.dumps(template).encode())
    given = Settings(parameters=(("ReadOnly", "true"),), parameters_files=("parameters.yaml",))
    (definition,) = parse(["template.json"], workspace, given).task_definitions
    assert [result.verdict for result in ecs5.judge(definition, Settings())] == ["pass"]


def test_texts_that_functions_put_together_are_bounded() -> None:
    value: Any = "x" * 1000
    for _ in range(4):
        value = {"Fn::Sub": ["${a}" * 10, {"a": value}]}

    assert verdict(with_value(value)) == "unknown"
