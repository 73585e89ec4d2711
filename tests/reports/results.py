"""Provide results for the tests of reports."""

from __future__ import annotations

from ecs5lint.location import Failure, Source, Span
from ecs5lint.model.result import FAIL, SUPPRESSED, UNKNOWN, Report, Result, Suppression
from ecs5lint.model.task_definition import Call, TaskDefinition
from ecs5lint.notices import Notice, Skipped
from ecs5lint.values.kinds import ABSENT

TEXT = """\
resource "aws_ecs_task_definition" "web" {
  container_definitions = jsonencode([
    {
      name  = "web"
      image = "nginx"
      cpu   = 256
\t\treadonlyRootFilesystem = var.ro
    }
  ])
}
"""
MAIN = Source("infra/main.tf", TEXT, "hcl")

#: Text that could break a format: markup, log commands, characters that XML forbids, line ends.
HOSTILE = (
    "web|`x` ``y`` <img src=x onerror=alert(1)> @octocat #1 [a](https://evil.example) www.evil.example "
    "a@evil.example *b* _c_ \\| \\\\| ]]> & \" ' {0} %0A%25,a=b \r\n::error file=x::forged\n##[error]forged\n"
    "\u2028::set-output name=a::b\x85</details></failure>\x00\x1b[31m\u202e\ufffe\uffff\ud800"
)


def span(source: Source, text: str) -> Span:
    """Return the span of `text` in `source`."""
    start = source.text.index(text)
    return Span(source, start, start + len(text))


CONTAINER = span(MAIN, TEXT[TEXT.index("    {\n") + 4 : TEXT.index("    }\n") + 5])


def task_definition(address: str = "aws_ecs_task_definition.web", *via: Call) -> TaskDefinition:
    return TaskDefinition("terraform", address, span(MAIN, "resource"), (), (), ABSENT, via=via)


def result(verdict: str = FAIL, **given: object) -> Result:
    fields: dict[str, object] = {
        "rule": "ECS5",
        "verdict": verdict,
        "reason": "omitted",
        "message": 'container "web" does not set it',
        "resource": task_definition(),
        "location": CONTAINER,
        **given,
    }
    return Result(**fields)  # type: ignore[arg-type]


def report(
    *results: Result,
    failures: tuple[Failure, ...] = (),
    notices: tuple[Notice, ...] = (),
    skipped: tuple[Skipped, ...] = (),
) -> Report:
    return Report(
        results, failures, files=1, task_definitions=1, containers=len(results), notices=notices, skipped=skipped
    )


def hostile() -> Report:
    """Return a report with hostile text in every field that may come from an input."""
    source = Source(f"a b/ü/{HOSTILE}", TEXT, "hcl")
    place = span(source, "var.ro")
    definition = TaskDefinition(
        "terraform", HOSTILE, span(source, "resource"), (), (), ABSENT, via=(Call(f"module.{HOSTILE}", place),)
    )
    fields: dict[str, object] = {
        "message": HOSTILE,
        "resource": definition,
        "location": span(source, "nginx"),
        "value_location": place,
        "container": HOSTILE,
        "container_index": 0,
        "when": HOSTILE,
        "assumptions": (HOSTILE,),
        "remedy": (HOSTILE, HOSTILE),
    }
    return report(
        result(FAIL, **fields),
        result(UNKNOWN, **fields),
        result(SUPPRESSED, **fields, suppression=Suppression("comment", HOSTILE, place)),
        failures=(Failure(HOSTILE, source.path, place), Failure(HOSTILE, HOSTILE)),
        notices=(Notice(HOSTILE, source.path, place), Notice(HOSTILE, HOSTILE)),
        skipped=(Skipped(HOSTILE, HOSTILE),),
    )
