"""How long the linter takes, as a ratio to something that does a like amount of work on the same machine.

    python benchmarks/ratios.py [ROUNDS]

Run it with the Python of the environment that ecs5lint is installed in. It makes its inputs in a temporary directory
and prints a table in Markdown: the median of some rounds, in which the two sides take turns, and the spread.
"""

from __future__ import annotations

import json
import os
import platform
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

LINTER = [str(Path(sys.executable).with_name("ecs5lint"))]
NOTHING = [sys.executable, "-c", "pass"]
GREP = ["grep", "-rlE", "aws_ecs_task_definition|AWS::ECS::TaskDefinition|containerDefinitions", "."]

IRRELEVANT_FILES = 10_000
FEW, MANY = 100, 1000


class Run(NamedTuple):
    """What one run of a command took: seconds, and bytes of memory at the most."""

    seconds: float
    memory: int


class Row(NamedTuple):
    """A line of the table: the medians of two sides, and the ratio with its bar."""

    work: str
    measured: str
    base: str
    ratio: float
    spread: str
    bar: float


def main() -> None:
    """Make the inputs, measure, and print the table."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    print(f"{platform.platform()}, Python {platform.python_version()}, {os.cpu_count()} cores, {rounds} rounds\n")
    print("| work | takes | against | ratio | spread | bar |\n|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as directory:
        for rows in (one_task_definition, irrelevant_tree, growth):
            for row in rows(Path(directory, rows.__name__), rounds):
                bar = f"{row.bar:g}" if row.ratio <= row.bar else f"{row.bar:g} (missed)"
                print(
                    f"| {row.work} | {row.measured} | {row.base} | {row.ratio:.2f} | {row.spread} | {bar} |", flush=True
                )


def one_task_definition(directory: Path, rounds: int) -> list[Row]:
    """Compare one task definition in JSON with the start of the interpreter."""
    write_task_definition(directory, 0)
    # Both are over so soon that more rounds cost little, and are needed.
    return [compare("one task definition", [*LINTER, "0.json"], NOTHING, directory, rounds * 5, bar=4)]


def irrelevant_tree(directory: Path, rounds: int) -> list[Row]:
    """Compare a tree with nothing for the linter with grep."""
    write_irrelevant_tree(directory, IRRELEVANT_FILES)
    work = f"{IRRELEVANT_FILES:,} files with nothing for it"
    return [compare(work, LINTER, GREP, directory, rounds, bar=8)]


def growth(directory: Path, rounds: int) -> list[Row]:
    """Compare ten times the input with the input, in time and in memory."""
    rows = []
    writers = {"task definitions": write_task_definition, "templates": write_template, "modules": write_module}
    for name, write in writers.items():
        few, many = directory / f"few {name}", directory / f"many {name}"
        fill(few, write, FEW)
        fill(many, write, MANY)
        pairs = [(run(LINTER, many), run(LINTER, few)) for _ in range(rounds)]
        work = f"{MANY:,} {name} instead of {FEW}"
        times = [(of_many.seconds, of_few.seconds) for of_many, of_few in pairs]
        rows.append(row(f"{work}: time", times, lambda seconds: f"{seconds * 1000:.0f} ms", 11))
        sizes = [(float(of_many.memory), float(of_few.memory)) for of_many, of_few in pairs]
        rows.append(row(f"{work}: memory", sizes, lambda size: f"{size / 1e6:.0f} MB", 2))
    return rows


def compare(work: str, command: list[str], base: list[str], directory: Path, rounds: int, bar: float) -> Row:
    """Time two commands in turns, after a round that warms the caches."""
    run(command, directory), run(base, directory)
    pairs = [(run(command, directory).seconds, run(base, directory).seconds) for _ in range(rounds)]
    return row(work, pairs, lambda seconds: f"{seconds * 1000:.0f} ms", bar)


def row(work: str, pairs: list[tuple[float, float]], shown: Callable[[float], str], bar: float) -> Row:
    """Return the line for pairs of measurements."""
    measured, base = (statistics.median(side) for side in zip(*pairs, strict=True))
    ratios = sorted(one / other for one, other in pairs)
    return Row(work, shown(measured), shown(base), measured / base, f"{ratios[0]:.2f} to {ratios[-1]:.2f}", bar)


def run(command: list[str], directory: Path) -> Run:
    """Run a command in a directory; compiled modules are kept, as they are after an installation."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    start = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=directory, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    unit = 1 if sys.platform == "darwin" else 1024
    return Run(seconds, usage.ru_maxrss * unit)


def fill(directory: Path, write: Callable[[Path, int], None], count: int) -> None:
    """Write `count` inputs."""
    for number in range(count):
        write(directory, number)


def write_task_definition(directory: Path, number: int) -> None:
    """Write a task definition with three containers, one without the setting."""
    directory.mkdir(parents=True, exist_ok=True)
    containers = [
        {
            "name": name,
            "image": f"registry.example/{name}:{number}",
            "essential": True,
            "portMappings": [{"containerPort": 8080 + number % 100}],
            "environment": [{"name": f"SETTING_{key}", "value": f"value {key}"} for key in range(20)],
            "readonlyRootFilesystem": True,
        }
        for name in ("web", "proxy", "log")
    ]
    del containers[number % 3]["readonlyRootFilesystem"]
    document = {"family": f"web-{number}", "cpu": "256", "memory": "512", "containerDefinitions": containers}
    (directory / f"{number}.json").write_text(json.dumps(document, indent=2))


def write_template(directory: Path, number: int) -> None:
    """Write a CloudFormation template with a parameter, a condition and two containers."""
    directory.mkdir(parents=True, exist_ok=True)
    (directory / f"{number}.yaml").write_text(f"""\
AWSTemplateFormatVersion: "2010-09-09"
Parameters:
  Stage: {{Type: String, AllowedValues: [test, live], Default: test}}
Conditions:
  IsLive: !Equals [!Ref Stage, live]
Resources:
  Cluster:
    Type: AWS::ECS::Cluster
  Web{number}:
    Type: AWS::ECS::TaskDefinition
    Properties:
      Family: !Sub "web-{number}-${{Stage}}"
      ContainerDefinitions:
        - Name: web
          Image: nginx
          ReadonlyRootFilesystem: !If [IsLive, true, false]
          PortMappings:
            - ContainerPort: 80
        - Name: log
          Image: fluent-bit
          ReadonlyRootFilesystem: true
""")


def write_module(directory: Path, number: int) -> None:
    """Write a Terraform module with a variable, a local and two containers."""
    module = directory / f"module-{number}"
    module.mkdir(parents=True, exist_ok=True)
    (module / "variables.tf").write_text('variable "read_only" {\n  type    = bool\n  default = true\n}\n')
    (module / "main.tf").write_text(f"""\
locals {{
  log = {{
    name                   = "log"
    image                  = "fluent-bit"
    readonlyRootFilesystem = var.read_only
  }}
}}

resource "aws_ecs_task_definition" "web" {{
  family = "web-{number}"

  container_definitions = jsonencode([
    {{
      name      = "web"
      image     = "nginx"
      essential = true
    }},
    local.log,
  ])
}}
""")


def write_irrelevant_tree(directory: Path, count: int) -> None:
    """Write files as a repository has them, none of which names ECS."""
    chance = random.Random(0)
    words = "service image name port memory build version deploy value region bucket queue policy resource".split()
    endings = ["json", "yaml", "yml", "tf", "py", "ts", "go", "md", "txt", "template"]
    for number in range(count):
        folder = directory / f"part-{number % 40}" / f"piece-{number % 7}"
        folder.mkdir(parents=True, exist_ok=True)
        ending = endings[number % len(endings)]
        entries = [(chance.choice(words), chance.choice(words)) for _ in range(chance.randrange(20, 300))]
        if ending == "json":
            text = json.dumps([{key: value} for key, value in entries], indent=2)
        elif ending == "tf":
            text = "".join(f'resource "aws_{key}" "{value}" {{\n  name = "{value}"\n}}\n' for key, value in entries)
        else:
            text = "".join(f"- {key}: {value}\n" for key, value in entries)
        (folder / f"file-{number}.{ending}").write_text(text)


if __name__ == "__main__":
    main()
