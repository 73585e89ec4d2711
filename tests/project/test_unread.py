"""Test the quick check that every file gets before the search for unsupported forms."""

from __future__ import annotations

import pytest

from ecs5lint.files.kinds import may_have_unread_form
from ecs5lint.project import unread

#: The word of a form that is identified by its file name.
_COPILOT = b"type:"
#: The word of a form that also contains `TaskDefinition`, as many others do.
_KUBERNETES = b"apiVersion"


@pytest.mark.parametrize("word", sorted({form.word for form in unread._FORMS} - {_COPILOT, _KUBERNETES}))
def test_a_file_with_the_word_of_a_form_is_searched(word: bytes) -> None:
    assert may_have_unread_form("any.json", b"some " + word + b" and more")


@pytest.mark.parametrize("word", [unread._COMMAND_WORD, unread._ARGUMENT_WORD])
def test_a_file_with_a_command_is_searched(word: bytes) -> None:
    assert may_have_unread_form("any.sh", b"aws ecs " + word)


def test_a_manifest_of_kubernetes_is_searched() -> None:
    assert may_have_unread_form("any.yaml", _KUBERNETES + b": ecs.aws.upbound.io/v1beta1\nkind: TaskDefinition\n")


def test_a_file_that_is_known_by_its_name_is_searched() -> None:
    assert may_have_unread_form("copilot/web/manifest.yml", _COPILOT)
    assert may_have_unread_form("Pulumi.yaml", b"runtime: nodejs")


def test_a_task_definition_is_not_searched() -> None:
    assert not may_have_unread_form("task.json", b'{"containerDefinitions": []}')
