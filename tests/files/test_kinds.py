"""Check which files may be inputs, by their bytes."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ecs5lint.files.kinds import RESOURCE_KEYS, TASK_DEFINITION, kinds_of
from ecs5lint.location import Source
from ecs5lint.parsers.task_definition.resources import other_resources
from ecs5lint.parsers.task_definition.template_yaml import parse_yaml_documents

TYPES = ("service", "task_set", "cluster", "capacity_provider")


@pytest.mark.parametrize(
    "text",
    [
        "clusterName: c\n",
        "---\nclusterName: c\n",
        "# a comment\n\n---\n# another\nclusterName: c\n",
        "a: 1\nclusterName: c",
        "a: 1\r\nclusterName: c\r\n",
        "a: 1\rclusterName: c\r",
        "a: 1\u2028clusterName: c\n",
        "a: 1\n---\n  clusterName: c\n",
        "  clusterName: c\n",
        "  clusterName: c\na: 1\n",
        '"clusterName": c\n',
        "&c clusterName: c\na: 1\n",
        "? clusterName\n: c\n",
        "<<: {clusterName: c}\na: 1\n",
        "- clusterName: c\n",
        "clusters:\n- clusterName: c\n",
        "services: [{serviceName: s}]\n",
        "{\n clusterName: c\n}\n",
        "{{ set }}\nclusterName: c\n",
        "settings:\n- name: containerInsights\n",
    ],
)
def test_a_key_that_may_be_at_the_top_level_counts(text: str) -> None:
    assert TASK_DEFINITION in kinds_of(text.encode(), TYPES)


@pytest.mark.parametrize(
    "text",
    [
        "Resources:\n  Rule:\n    clusterArn: c\n",
        "---\n# a comment\nResources:\n  Rule:\n    clusterArn: c\n",
        "Resources:\r\n  Rule:\r\n    clusterArn: c\r\n",
        "spec:\n  rules:\n    - serviceName: s\n",
    ],
)
def test_a_key_at_another_level_of_a_yaml_mapping_does_not(text: str) -> None:
    assert kinds_of(text.encode(), TYPES) == ()


KEYS = st.sampled_from(["Resources", "spec", "data-1", *sorted(RESOURCE_KEYS)])
VALUES = st.recursive(
    st.sampled_from(["c", "containerInsights", "two\nlines", "# no comment", 1, None]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)


@given(VALUES, st.sampled_from([None, False]), st.integers(20, 80), st.booleans())
def test_nothing_that_the_parser_finds_is_ruled_out(
    value: object, style: bool | None, width: int, starts: bool
) -> None:
    text = yaml.safe_dump(value, default_flow_style=style, width=width, explicit_start=starts, sort_keys=False)
    documents = parse_yaml_documents(Source("input.yaml", text, "yaml"))
    found = [resource for document in documents for resource in other_resources(document, TYPES, "input.yaml")]
    if found:
        assert TASK_DEFINITION in kinds_of(text.encode(), TYPES)
