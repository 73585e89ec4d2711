"""Each rule depends only on its own settings: to change those of one rule changes the verdict of no other rule."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ecs5lint.files.workspace import Workspace
from ecs5lint.model.result import FAIL, PASS
from ecs5lint.run import pipeline
from ecs5lint.settings.settings import Settings

EFS = "efsVolumeConfiguration"
#: The settings of containers and of task definitions, with values (None: omitted), and the rules that read them.
OF_CONTAINERS: dict[str, tuple[list[Any], set[str]]] = {
    "privileged": ([None, True, False], {"ECS4"}),
    "readonlyRootFilesystem": ([None, True, False, "true"], {"ECS5"}),
    "environment": ([None, [], [{"name": "A"}], [{"name": "AWS_ACCESS_KEY_ID"}]], {"ECS8"}),
    "logConfiguration": ([None, {"logDriver": "awslogs"}, {"logDriver": ""}], {"ECS9"}),
    "user": ([None, "root", "0:5", "app", "ContainerAdministrator"], {"ECS20", "ECS21"}),
}
OF_TASK_DEFINITIONS: dict[str, tuple[list[Any], set[str]]] = {
    "pidMode": ([None, "host", "task"], {"ECS3"}),
    "networkMode": ([None, "host", "awsvpc"], {"ECS17"}),
    "volumes": ([None, [{"name": "a"}], [{"name": "a", EFS: {}}, {"name": "b"}]], {"ECS18"}),
    "tags": ([None, [{"key": "Owner"}], [{"key": "Team"}]], {"ECS15"}),
}


#: The settings of other resources: the document that a value is in, the values, and the rules that read them.
OF_OTHERS: dict[str, tuple[list[Any], set[str]]] = {
    "service.assignPublicIp": ([None, "ENABLED", "DISABLED"], {"ECS2"}),
    "service.platformVersion": ([None, "1.3.0", "LATEST"], {"ECS10"}),
    "service.tags": ([None, [{"key": "Owner"}]], {"ECS13"}),
    "taskSet.assignPublicIp": ([None, "ENABLED", "DISABLED"], {"ECS16"}),
    "cluster.settings": (
        [[{"name": "containerInsights", "value": value}] for value in ("enabled", "disabled")],
        {"ECS12"},
    ),
    "cluster.tags": ([None, [{"key": "Owner"}]], {"ECS14"}),
    "provider.managedTerminationProtection": ([None, "ENABLED", "DISABLED"], {"ECS19"}),
}


def some(values: dict[str, tuple[list[Any], set[str]]]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({name: st.sampled_from(items) for name, (items, _) in values.items()})


def verdicts(container: dict[str, Any], task_definition: dict[str, Any]) -> dict[str, str]:
    written = {name: value for name, value in container.items() if value is not None}
    around = {name: value for name, value in task_definition.items() if value is not None}
    content = {"family": "a", "containerDefinitions": [{"name": "c", "image": "i", **written}], **around}
    return verdicts_of(content)


def verdicts_of_others(values: dict[str, Any]) -> dict[str, str]:
    written = {name: value for name, value in values.items() if value is not None}

    def of(resource: str, *names: str) -> dict[str, Any]:
        return {name: value for name in names if (value := written.get(f"{resource}.{name}")) is not None}

    def network(resource: str) -> dict[str, Any]:
        return {"networkConfiguration": {"awsvpcConfiguration": {"subnets": ["a"], **of(resource, "assignPublicIp")}}}

    task_set = {"service": "s", "cluster": "c", "taskDefinition": "t", "externalId": "e", **network("taskSet")}
    group = {"autoScalingGroupArn": "a", **of("provider", "managedTerminationProtection")}
    service = of("service", "platformVersion", "tags")
    return verdicts_of(
        [
            {"serviceName": "s", "launchType": "FARGATE", **network("service"), **service},
            task_set,
            {"clusterName": "c", **of("cluster", "settings", "tags")},
            {"name": "p", "autoScalingGroupProvider": group},
        ]
    )


def verdicts_of(content: Any) -> dict[str, str]:
    workspace = Workspace()
    workspace.provide("task.json", json.dumps(content).encode())
    judge = partial(pipeline.run, ["task.json"], workspace)
    report = judge(Settings(select=("ALL", "ECS13", "ECS14", "ECS15"), required_tags=("Owner",)))
    assert (report.failures, report.notices) == ((), ())
    return {result.rule: result.verdict for result in report.results}


@given(some(OF_CONTAINERS), some(OF_TASK_DEFINITIONS), st.data())
@settings(max_examples=150, deadline=None)
def test_a_setting_changes_only_the_rules_that_read_it(
    container: dict[str, Any], task_definition: dict[str, Any], data: st.DataObject
) -> None:
    everything = {**OF_CONTAINERS, **OF_TASK_DEFINITIONS}
    name = data.draw(st.sampled_from(sorted(everything)))
    values, rules = everything[name]
    changed = {name: data.draw(st.sampled_from(values))}
    before = verdicts(container, task_definition)

    after = verdicts(
        {**container, **changed} if name in OF_CONTAINERS else container,
        {**task_definition, **changed} if name in OF_TASK_DEFINITIONS else task_definition,
    )
    assert {rule for rule in before if before[rule] != after[rule]} <= rules
    assert set(before.values()) <= {PASS, FAIL}


@given(some(OF_OTHERS), st.data())
@settings(max_examples=100, deadline=None)
def test_a_setting_of_another_resource_changes_only_the_rule_that_reads_it(
    values: dict[str, Any], data: st.DataObject
) -> None:
    name = data.draw(st.sampled_from(sorted(OF_OTHERS)))
    choices, rules = OF_OTHERS[name]
    before = verdicts_of_others(values)

    after = verdicts_of_others({**values, name: data.draw(st.sampled_from(choices))})

    assert before.keys() == after.keys() == set().union(*(rules for _, rules in OF_OTHERS.values()))
    assert {rule for rule in before if before[rule] != after[rule]} <= rules
    assert set(before.values()) <= {PASS, FAIL}


def test_all_of_these_rules_can_fail() -> None:
    worst = verdicts(
        {name: values[1 if name in ("privileged", "user") else -1] for name, (values, _) in OF_CONTAINERS.items()},
        {"pidMode": "host", "networkMode": "host", "volumes": OF_TASK_DEFINITIONS["volumes"][0][-1], "tags": None},
    )
    assert {rule for rule, verdict in worst.items() if verdict == FAIL} == worst.keys() - {"ECS21"}
    others = verdicts_of_others(
        {name: values[1] for name, (values, _) in OF_OTHERS.items() if not name.endswith(("tags", "Protection"))}
    )
    assert set(others.values()) == {FAIL}
