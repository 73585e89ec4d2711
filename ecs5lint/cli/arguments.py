"""The arguments of the command line."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from functools import partial
from typing import NoReturn

from ecs5lint import __version__
from ecs5lint.reports import FORMATS
from ecs5lint.settings.settings import FAIL_ON
from ecs5lint.settings.suggestion import suggestion

DESCRIPTION = """\
Tell, before anything is deployed, whether AWS Security Hub control ECS.5 will pass: whether every container of an ECS
task definition has a read-only root filesystem. Reads task definitions, CloudFormation templates and Terraform modules.
"""

EPILOG = """\
exit codes:
  0  no error; there may have been warnings
  1  at least one error: a fail, or what --fail-on adds
  2  it could not do its job: bad usage, or an input that cannot be read or parsed
"""


#: The path that stands for standard input.
STANDARD_INPUT = "-"

#: More processes than that are no help to anyone.
MAX_JOBS = 256


class UsageError(Exception):
    """What is wrong with how the linter was called, in a sentence."""


class _Parser(argparse.ArgumentParser):
    """An argument parser that says what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message} (try: {self.prog} --help)")


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Return the options and the paths. Raises UsageError; ends the process for --help and --version."""
    parser = _Parser(
        prog="ecs5lint",
        description=DESCRIPTION,
        epilog=EPILOG,
        allow_abbrev=False,
        # With the width given, argparse does not import what finds out that of the terminal.
        formatter_class=lambda prog: argparse.RawDescriptionHelpFormatter(prog, max_help_position=32, width=120),
    )
    add = parser.add_argument
    add("paths", nargs="*", metavar="PATH", help="a file or a directory, or - for standard input (default: .)")
    configuration = parser.add_mutually_exclusive_group().add_argument
    configuration("--config", metavar="FILE", help="the configuration (default: the nearest, upwards in the project)")
    configuration("--no-config", action="store_true", help="read no configuration file")
    add(
        "--isolated",
        action="store_true",
        help="for a stranger's tree: use no configuration or .gitignore file from it, and no suppressions for checkov "
        "or cfn-lint",
    )
    add("--format", choices=FORMATS, help="how to report (default: text)")
    add("--output", metavar="FILE", help="write the report to FILE instead of standard output")
    add(
        "--report",
        metavar="FORMAT=FILE",
        dest="reports",
        action="append",
        default=[],
        type=_report,
        help="write a report in FORMAT to FILE besides",
    )
    add(
        "--strict",
        action=argparse.BooleanOptionalAction,
        help="another name for --fail-on default (--no-strict: for --fail-on fail)",
    )
    add(
        "--fail-on",
        choices=FAIL_ON,
        help="what is an error: fail (default), also unknown, or also a pass that relies on a default value",
    )
    add("--exit-zero", action="store_true", help="exit with 0 even if there are errors, but with 2 as ever")
    add_variables = partial(add, dest="variables", action="append", default=[])
    add_variables("--var", metavar="NAME=VALUE", type=_assignment, help="a Terraform variable")
    add_variables("--var-file", metavar="FILE", help="a file of Terraform variables (.tfvars)")
    add("--env", action="store_true", help="take TF_VAR_name and TF_WORKSPACE from the environment, as Terraform does")
    add(
        "--parameter",
        metavar="NAME=VALUE",
        action="append",
        default=[],
        type=_assignment,
        help="a CloudFormation parameter; also a pseudo parameter, as in AWS::Region=eu-west-1",
    )
    add("--parameters-file", metavar="FILE", action="append", default=[], help="a file of CloudFormation parameters")
    add("--baseline", metavar="FILE", help="findings on record, which do not count; see --write-baseline")
    add("--write-baseline", action="store_true", help="put the findings of this run on record in the --baseline FILE")
    add(
        "--honor-other-linters",
        action=argparse.BooleanOptionalAction,
        help="take what was written to quiet checkov and cfn-lint for this linter too (default: yes)",
    )
    add(
        "--changed",
        action="store_true",
        help="each PATH is a file that changed: judge the modules and stacks that it belongs to",
    )
    add("--exclude", metavar="GLOB", action="append", default=[], help="leave out paths that match, as in .gitignore")
    add("--no-gitignore", action="store_true", help="judge files that Git ignores too")
    add("--jobs", metavar="N", type=_jobs, default=0, help="processes that share a large run (default: one a core)")
    add("--stdin-filename", metavar="NAME", help="what to call standard input (default: <stdin>)")
    add("--color", choices=("auto", "always", "never"), default="auto", help="colours in the text (default: auto)")
    add("--quiet", action="store_true", help="text report: a line for each finding, error and warning, and no more")
    add("--show-skipped", action="store_true", help="text report: list what was skipped, and why")
    add("--explain", metavar="RULE", help="say what a rule wants, why, and how to get there (ECS5)")
    add("--version", action="version", version=f"ecs5lint {__version__}")
    options = parser.parse_args(arguments)
    options.fail_on = _fail_on(options)
    _check(options)
    return options


def _check(options: argparse.Namespace) -> None:
    """Raise UsageError for what is wrong with the paths, and with options beside one another."""
    if "" in options.paths:
        raise UsageError("argument PATH: a path is empty (an unset variable?)")
    if options.exclude:
        _check_patterns(options.exclude)
    if options.write_baseline and options.baseline is None:
        raise UsageError("argument --write-baseline: needs --baseline FILE, which says where to")
    written = [options.output, *(path for _, path in options.reports), options.write_baseline and options.baseline]
    _check_outputs(list(filter(None, written)))
    if options.isolated and options.honor_other_linters:
        raise UsageError("--isolated ignores suppressions for other linters: omit --honor-other-linters")
    if options.changed and (not options.paths or STANDARD_INPUT in options.paths):
        raise UsageError("argument --changed: needs the paths of files")
    if options.stdin_filename is not None and STANDARD_INPUT not in options.paths:
        raise UsageError("argument --stdin-filename: needs - among the paths")


def _fail_on(options: argparse.Namespace) -> str | None:
    """Return what is an error, None if no option says so. Raises UsageError for options that disagree."""
    if options.strict is None or options.fail_on is None:
        return options.fail_on if options.strict is None else "default" if options.strict else "fail"
    if options.strict != (options.fail_on == "default"):
        name = "--strict" if options.strict else "--no-strict"
        raise UsageError(f"argument --fail-on: {options.fail_on} contradicts {name}")
    return str(options.fail_on)


def _check_patterns(patterns: Sequence[str]) -> None:
    from ecs5lint.files.gitignore import parse_strictly

    try:
        parse_strictly(patterns)
    except ValueError as error:
        raise UsageError(f"argument --exclude: {error}") from None


def _check_outputs(paths: Sequence[str]) -> None:
    if len({os.path.realpath(path) for path in paths}) < len(paths):
        raise UsageError("two outputs go to the same file")


def _assignment(text: str) -> tuple[str, str]:
    name, separator, value = text.partition("=")
    if not separator or not name.strip():
        raise argparse.ArgumentTypeError(f"expected NAME=VALUE, not {text!r}")
    return name.strip(), value


def _jobs(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) <= MAX_JOBS:
        raise argparse.ArgumentTypeError(f"expected a number from 1 to {MAX_JOBS}, not {text!r}")
    return int(text)


def _report(text: str) -> tuple[str, str]:
    name, separator, path = text.partition("=")
    if not separator or not path:
        raise argparse.ArgumentTypeError(f"expected FORMAT=FILE, not {text!r}")
    if name not in FORMATS:
        raise argparse.ArgumentTypeError(f"there is no format {name!r}: {suggestion(name, FORMATS)}")
    return name, path
