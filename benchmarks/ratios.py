"""Measure the time of the linter, as a ratio to a tool that does similar work on the same machine.

    python benchmarks/ratios.py [--rounds N] [--tools DIRECTORY] [ROW ...]

It installs the linter and its peers, creates inputs in a temporary directory, and prints a Markdown table. Each row has
the medians of some rounds, in which the two sides take turns: CPU time, and in brackets the time that passed. The ratio
of CPU times is compared with the bar, and followed by the smallest and largest ratio of a round. Select rows by a part
of their name. If a peer can't be installed, its row says so.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import editing
import inputs
import tools
from measuring import Command, Run, in_turns, run, together

SIZES = (10, 100, 1_000, 10_000)
PEER_INPUTS = 200

NOTHING = [sys.executable, "-c", "pass"]
GREP = ["grep", "-rlE", "aws_ecs_task_definition|AWS::ECS::TaskDefinition|containerDefinitions", "."]
#: checkov with the check for this control only, and cfn-guard with the rule for it; cfn-lint as its users run it.
CHECKOV = ["--directory", ".", "--framework", "terraform", "--check", "CKV_AWS_336", "--compact", "--quiet"]
CFN_LINT = ["*.yaml"]
TFPARSE = ["-c", "import os; from tfparse import load_from_path\nfor path in os.listdir('.'): load_from_path(path)"]
JSON_LOADS = """import json, os
for path in os.listdir('.'):
    with open(path, encoding='utf-8') as file:
        json.loads(file.read())"""
#: A program that keeps one processor busy.
BUSY = "sum(number * number for number in range(10_000_000))"
CFN_GUARD = ["validate", "--data", ".", "--rules"]

#: The exit codes of a completed run, regardless of its findings. Those of cfn-lint are sums of 2, 4 and 8.
DONE = (0, 1)
CFN_LINT_DONE = tuple(range(0, 16, 2))
CFN_GUARD_DONE = (0, 19)


#: The kinds of JSON inputs, how to write one that passes and one that fails, and how many to write.
JSON_INPUTS: tuple[tuple[str, inputs.Write, inputs.Write, int], ...] = (
    ("task definitions", inputs.write_passing_task_definition, inputs.write_task_definition, 1_000),
    ("CDK templates", inputs.write_passing_cdk_template, inputs.write_cdk_template, 40),
)


#: The inputs for all rules, how to write one, and how many to write. Of the last ones, no rule has a finding.
ALL_INPUTS: tuple[tuple[str, inputs.Write, int], ...] = (
    ("task definition", inputs.write_task_definition, 1),
    ("task definitions", inputs.write_task_definition, PEER_INPUTS),
    ("templates", inputs.write_template, PEER_INPUTS),
    ("modules", inputs.write_module, PEER_INPUTS),
    ("hardened task definitions", inputs.write_hardened_task_definition, PEER_INPUTS),
)


class Bar(NamedTuple):
    """The limit of a ratio."""

    limit: float
    at_least: bool = False

    def __str__(self) -> str:
        return f"{'at least' if self.at_least else 'at most'} {self.limit:g}"

    def is_met(self, ratio: float) -> bool:
        return ratio >= self.limit if self.at_least else ratio <= self.limit


class Bench:
    """The resources of the rows: the tools, a directory for inputs, and the number of rounds."""

    def __init__(self, tools_directory: Path, inputs_directory: Path, rounds: int) -> None:
        self.tools_directory = tools_directory
        self.inputs_directory = inputs_directory
        self.rounds = rounds
        self.linter = tools.linter(tools_directory)

    def lint(self, directory: Path, path: str = ".", *options: str) -> Command:
        """Return the command that lints a path in a directory."""
        return Command([self.linter.command, *options, path], directory, DONE)

    def filled(self, write: inputs.Write, count: int) -> Path:
        """Return a directory with `count` inputs. They are created once."""
        directory = self.inputs_directory / f"{write.__name__}-{count}"
        if not directory.exists():
            inputs.fill(directory, write, count)
        return directory


#: Yields the lines of a row, without its name.
Row = Callable[[Bench], Iterator[str]]


def main() -> None:
    """Install the tools, measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--tools", type=Path, default=Path("build/benchmarks"), help="where the tools are installed")
    parser.add_argument("rows", nargs="*", metavar="ROW")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        bench = Bench(options.tools.absolute(), Path(directory), options.rounds)
        print(f"ecs5lint {bench.linter.version}, Python {platform.python_version()}, {_machine()}.")
        print(f"Medians of {bench.rounds} rounds: CPU time, and in brackets the time that passed.\n")
        print("| work | ecs5lint | compared with | ratio | ratio of time | bar |\n|---|---|---|---|---|---|")
        for name, row in _rows().items():
            if not options.rows or any(part in name for part in options.rows):
                for line in row(bench):
                    print(f"| {name} | {line} |", flush=True)


def _machine() -> str:
    model = platform.processor() or platform.machine()
    if os.path.exists("/proc/cpuinfo"):
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), model)
    return f"{platform.system()}, {model}, {os.cpu_count()} cores"


def _rows() -> dict[str, Row]:
    """Return the rows of the table by name."""
    templates, modules = f"{PEER_INPUTS} CloudFormation templates", f"{PEER_INPUTS} Terraform modules"
    rows: dict[str, Row] = {
        "one task definition": one_task_definition,
        f"{SIZES[-1]:,} files with nothing for it": irrelevant_files,
        f"{templates}, cfn-lint": against_cfn_lint,
        f"{templates}, cfn-guard": against_cfn_guard,
        f"{modules}, checkov": against_checkov,
        f"{modules}, tfparse": against_tfparse,
        "the first run in a fresh environment": first_run,
        "1,000 modules with two processes": two_processes,
        "a service in 40 environments instead of 4": growth(inputs.write_environment, 4, 40),
        "an edit in a module of 20 files, in an editor": edit,
    }
    for kind, passing, failing, count in JSON_INPUTS:
        rows[f"{count:,} {kind} that pass"] = against_json(passing, count, Bar(4))
        rows[f"{count:,} {kind} that fail"] = against_json(failing, count, Bar(8))
    for kind, write, count in ALL_INPUTS:
        rows[f"{count:,} {kind} with all rules"] = all_rules(write, count)
    for fewer, more in pairwise(SIZES):
        rows[f"{more:,} files of a mixed tree instead of {fewer:,}"] = growth(inputs.write_mixed, fewer, more)
    for kind, write in inputs.KINDS.items():
        if write is inputs.write_cdk_template:
            continue  # a thousand of them are 200 MB
        rows[f"1,000 {kind} instead of 100"] = growth(write, 100, 1_000)
    # The last row, since a process is said to use at least the memory of the one that starts it.
    rows["the costliest hostile input smaller than 1 MB"] = hostile_inputs
    return rows


def one_task_definition(bench: Bench) -> Iterator[str]:
    """Compare one task definition in JSON with the start of the interpreter."""
    directory = bench.filled(inputs.write_task_definition, 1)
    # Both are so fast that more rounds cost little, and are needed.
    pairs = in_turns(bench.lint(directory, "0.json"), Command(NOTHING, directory), bench.rounds * 5)
    yield _times(pairs, "`python -c pass`", Bar(3))


def irrelevant_files(bench: Bench) -> Iterator[str]:
    """Compare a tree without inputs for the linter with grep."""
    directory = bench.filled(inputs.write_other, SIZES[-1])
    pairs = in_turns(bench.lint(directory), Command(GREP, directory, DONE), bench.rounds)
    yield _times(pairs, "`grep -rlE`", Bar(4))


def against_cfn_lint(bench: Bench) -> Iterator[str]:
    """Compare templates with cfn-lint, which checks all its rules."""
    tool = tools.at_hand(tools.cfn_lint, bench.tools_directory)
    yield _against(bench, tool, CFN_LINT, CFN_LINT_DONE, inputs.write_template, Bar(40, at_least=True))


def against_cfn_guard(bench: Bench) -> Iterator[str]:
    """Compare templates with cfn-guard and the rule for the control."""
    tool = tools.at_hand(tools.cfn_guard, bench.tools_directory)
    yield _against(bench, tool, CFN_GUARD, CFN_GUARD_DONE, inputs.write_template, Bar(1))


def against_checkov(bench: Bench) -> Iterator[str]:
    """Compare modules with checkov and the check for the control."""
    tool = tools.at_hand(tools.checkov, bench.tools_directory)
    yield _against(bench, tool, CHECKOV, DONE, inputs.write_module, Bar(10, at_least=True))


def against_tfparse(bench: Bench) -> Iterator[str]:
    """Compare modules with tfparse, which evaluates each module, and checks nothing."""
    tool = tools.at_hand(tools.tfparse, bench.tools_directory)
    yield _against(bench, tool, TFPARSE, (0,), inputs.write_module, Bar(1))


def against_json(write: inputs.Write, count: int, bar: Bar) -> Row:
    """Return the row that compares files of JSON with the decoder of the standard library."""

    def row(bench: Bench) -> Iterator[str]:
        directory = bench.filled(write, count)
        decode = Command([sys.executable, "-c", JSON_LOADS], directory)
        yield _times(in_turns(bench.lint(directory), decode, bench.rounds), "`json.loads`", bar)

    return row


def all_rules(write: inputs.Write, count: int) -> Row:
    """Return the row that compares all rules with the default, which is one of them."""

    def row(bench: Bench) -> Iterator[str]:
        directory = bench.filled(write, count)
        pairs = in_turns(bench.lint(directory, ".", "--select", "ALL"), bench.lint(directory), bench.rounds)
        yield _times(pairs, "the default", Bar(1.3))

    return row


def first_run(bench: Bench) -> Iterator[str]:
    """Compare the first run of a new installation with the second. pip has compiled the modules of both."""
    directory = bench.filled(inputs.write_module, PEER_INPUTS)
    pairs = []
    for _ in range(bench.rounds):
        command = Command([*tools.copied_linter(bench.tools_directory), "."], directory, DONE)
        pairs.append((run(command), run(command)))
    yield _times(pairs, "the second", Bar(1.2))


def two_processes(bench: Bench) -> Iterator[str]:
    """Compare the time that a second process saves with what it saves for programs that share nothing."""
    directory = bench.filled(inputs.write_module, 1_000)
    alone = Command([sys.executable, "-c", BUSY], directory)
    one, two = (Command([bench.linter.command, "--jobs", jobs, "."], directory, DONE) for jobs in ("1", "2"))
    run(one)
    pairs = []
    for _ in range(bench.rounds):
        independent = 2 * run(alone).wall / together(alone, alone)
        pairs.append((independent, run(one).wall / run(two).wall))
    gain = _Ratio(pairs, Bar(0.85, at_least=True))
    independent, own = gain.medians
    yield f"{own:.2f} times as fast | two programs: {independent:.2f} | {gain.text} | | {gain.verdict}"


def edit(bench: Bench) -> Iterator[str]:
    """Compare the answer of the language server to an edit with a tenth of a second, which feels immediate."""
    tool = tools.at_hand(tools.language_server, bench.tools_directory)
    if isinstance(tool, str):
        yield f"| cannot be had: {tool} | | | {Bar(1)}"
        return
    directory = bench.filled(inputs.write_large_module, 1)
    seconds = editing.answers(tool.command, directory / "module-0" / "main.tf", bench.rounds * 5)
    yield _times([(Run(answer, answer, 0), Run(0.1, 0.1, 0)) for answer in seconds], "a tenth of a second", Bar(1))


def hostile_inputs(bench: Bench) -> Iterator[str]:
    """Compare the costliest of the hostile inputs with the limits. `hostile.py` prints a row for each."""
    import hostile

    taken = hostile.measured(bench.linter.command)[0].taken
    limit = Run(hostile.SECONDS, hostile.SECONDS, hostile.MEMORY)
    yield _times([(taken, limit)], "the limit", Bar(1))
    yield _sizes([(taken, limit)], "the limit", Bar(1))


def _against(
    bench: Bench, tool: tools.Tool | str, arguments: Sequence[str], done: tuple[int, ...], write: inputs.Write, bar: Bar
) -> str:
    if isinstance(tool, str):
        return f"| cannot be had: {tool} | | | {bar}"
    directory = bench.filled(write, PEER_INPUTS)
    peer = Command([tool.command, *arguments, *tool.files], directory, done)
    pairs = in_turns(bench.lint(directory), peer, bench.rounds)
    return _times(pairs, f"{tool.name} {tool.version}", bar)


def growth(write: inputs.Write, fewer: int, more: int) -> Row:
    """Return the row that compares more inputs with fewer, in time and in memory."""

    def row(bench: Bench) -> Iterator[str]:
        pairs = in_turns(bench.lint(bench.filled(write, more)), bench.lint(bench.filled(write, fewer)), bench.rounds)
        yield _times(pairs, "itself", Bar(11))
        yield _sizes(pairs, "itself", Bar(2))

    return row


def _times(pairs: Sequence[tuple[Run, Run]], against: str, bar: Bar) -> str:
    """Return the columns for pairs of measurements in time."""
    cpu = _Ratio([(one.cpu, other.cpu) for one, other in pairs], bar)
    wall = _Ratio([(one.wall, other.wall) for one, other in pairs], bar)
    one, other = (
        f"{_seconds(left)} ({_seconds(right)})" for left, right in zip(cpu.medians, wall.medians, strict=True)
    )
    return f"{one} | {against}: {other} | {cpu.text} | {wall.ratio:.2f} | {cpu.verdict}"


def _sizes(pairs: Sequence[tuple[Run, Run]], against: str, bar: Bar) -> str:
    """Return the columns for pairs of measurements in memory."""
    memory = _Ratio([(one.memory, other.memory) for one, other in pairs], bar)
    one, other = (f"{size / 1e6:.0f} MB" for size in memory.medians)
    return f"{one} | {against}: {other} | {memory.text} | | {memory.verdict}"


def _seconds(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.2f} s"


class _Ratio:
    """The medians of pairs of measurements, and their ratio. For a lower limit, the ratio is inverted."""

    def __init__(self, pairs: Sequence[tuple[float, float]], bar: Bar) -> None:
        ratios = sorted(other / one if bar.at_least else one / other for one, other in pairs)
        self.medians = [statistics.median(side) for side in zip(*pairs, strict=True)]
        one, other = self.medians
        self.ratio = other / one if bar.at_least else one / other
        self.text = f"{self.ratio:.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})"
        self.verdict = f"{bar}{'' if bar.is_met(self.ratio) else ', **missed**'}"


if __name__ == "__main__":
    main()
