"""Define the fuzzing targets. Each is a function of bytes that raises an error for a problem of the linter."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from functools import partial

from ecs5lint.files.kinds import CLOUDFORMATION, TASK_DEFINITION, TERRAFORM, TERRAFORM_PLAN
from ecs5lint.files.wildmatch import PatternList, lines_of
from ecs5lint.files.workspace import Workspace
from ecs5lint.findings import baseline
from ecs5lint.location import Failure
from ecs5lint.run import config
from ecs5lint.text.regex import compile_pattern
from ecs5lint.text.regex.syntax import InvalidPattern, PatternLimit
from fuzz.harness import bounded_time, check, written

#: The mark before each file of an input with several, as in https://pkg.go.dev/golang.org/x/tools/txtar.
_FILE = re.compile(rb"^-- ([a-z]+\.[a-z.]+) --\n", re.MULTILINE)

#: The text around an expression, which is a list of containers, the deciding value, and a text.
_MODULE = b"""
variable "unset" {}
variable "flag" {
  default = true
}
locals {
  numbers = [1, 2, 3]
  object  = { a = 1, b = { c = true } }
  text    = "a-b"
}
locals {
  fuzzed = %s
}
resource "aws_ecs_task_definition" "list" {
  container_definitions = local.fuzzed
}
resource "aws_ecs_task_definition" "value" {
  container_definitions = jsonencode([{ name = "web ${local.fuzzed}", readonlyRootFilesystem = local.fuzzed }])
}
"""


def check_file(kind: str, name: str, data: bytes) -> None:
    """Check one file."""
    check(kind, {name: data})


def check_files(kind: str, name: str, data: bytes) -> None:
    """Check one or several files. The first is called `name`, and marks name the others."""
    first, *rest = _FILE.split(data)
    files = {name: first}
    for other, content in zip(rest[::2], rest[1::2], strict=True):
        files.setdefault(other.decode("ascii"), content)
    check(kind, files)


def check_expression(data: bytes) -> None:
    """Check an expression in a Terraform module."""
    check(TERRAFORM, {"main.tf": _MODULE.replace(b"%s", data)})


def check_regular_expression(data: bytes) -> None:
    """Check a regular expression, in the first line, on the text after it."""
    pattern, _, text = data.decode("utf-8", "replace").partition("\n")
    with bounded_time():
        try:
            found = [match.start for match in compile_pattern(pattern).find_all(text)]
        except (InvalidPattern, PatternLimit):
            return
    assert found == sorted(found)


def check_configuration(data: bytes) -> None:
    """Check a configuration file."""
    with written("ecs5lint.toml", data), bounded_time(), suppress(Failure):
        config.find(Workspace())


def check_baseline(data: bytes) -> None:
    """Check a baseline."""
    with written("baseline.json", data), bounded_time(), suppress(Failure):
        baseline.read("baseline.json", Workspace())


def check_gitignore(data: bytes) -> None:
    """Check the patterns of a .gitignore file, on a path that takes long to match."""
    with bounded_time():
        PatternList(lines_of(data)).last_match(b"a/" * 20 + b"a" * 200, is_directory=False)


TARGETS: dict[str, Callable[[bytes], None]] = {
    "task-definition": partial(check_file, TASK_DEFINITION, "task.json"),
    "cloudformation": partial(check_files, CLOUDFORMATION, "template.yaml"),
    "terraform": partial(check_files, TERRAFORM, "main.tf"),
    "terraform-json": partial(check_file, TERRAFORM, "main.tf.json"),
    "terraform-plan": partial(check_file, TERRAFORM_PLAN, "plan.json"),
    "expression": check_expression,
    "regular-expression": check_regular_expression,
    "configuration": check_configuration,
    "baseline": check_baseline,
    "gitignore": check_gitignore,
}
