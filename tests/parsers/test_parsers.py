from __future__ import annotations

from collections.abc import Iterator

from ecs5lint.location import Failure, Source, Span
from ecs5lint.model.task_definition import TaskDefinition
from ecs5lint.parsers import Parsed
from ecs5lint.values.kinds import ABSENT

HERE = Span(Source("task.json", "{}", "json"), 0, 2)
FOUND = TaskDefinition("task-definition", "web", HERE, (), (), ABSENT)


def fail_after_one(error: Exception) -> Iterator[TaskDefinition]:
    yield FOUND
    raise error


def test_what_stops_one_file_costs_nothing_found_elsewhere() -> None:
    parsed = Parsed([], [])

    parsed.add("broken.json", lambda: fail_after_one(Failure("is broken", "broken.json", HERE)))
    parsed.add("defect.json", lambda: fail_after_one(KeyError("x")))
    parsed.add("good.json", lambda: [FOUND])

    assert parsed.task_definitions == [FOUND, FOUND, FOUND]
    assert [(failure.path, failure.message) for failure in parsed.failures] == [
        ("broken.json", "is broken"),
        ("defect.json", "is not judged, because of a defect in ecs5lint (KeyError: 'x')"),
    ]
