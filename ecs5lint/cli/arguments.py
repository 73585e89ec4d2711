"""Parse the arguments of the command line."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from functools import partial

from ecs5lint import __version__
from ecs5lint.cli.command_line import CommandLine, UsageError, checked
from ecs5lint.light_typing import NoReturn
from ecs5lint.reports import FORMATS
from ecs5lint.rules import parse_names
from ecs5lint.settings.settings import FAIL_ON
from ecs5lint.settings.suggestion import suggestion

DESCRIPTION = """\
Check ECS task definitions against AWS Security Hub control ECS.5 before you deploy them: every container must have a
read-only root filesystem. Reads task definitions, CloudFormation templates and Terraform modules.
"""

EPILOG = """\
exit codes:
  0  no error (there may be warnings)
  1  at least one error: a fail, or what --fail-on adds
  2  usage, configuration or input error
"""


#: The shells that shtab writes completion scripts for.
SHELLS = ("bash", "zsh", "fish", "powershell", "tcsh")

#: The largest number of processes. More don't help.
MAX_JOBS = 256


class _Parser(argparse.ArgumentParser):
    """An argument parser that reports errors in one line."""

    def error(self, message: str) -> NoReturn:
        shown = message.removeprefix("argument ").replace("with argument ", "with ")
        raise UsageError(f"{shown} (try: {self.prog} --help)")

    def nearest_option(self, unknown: str) -> str:
        """Return the most similar option in parentheses, or an empty text if none is similar."""
        names = [option.lstrip("-") for option in self._option_string_actions]
        near = suggestion(unknown.partition("=")[0].lstrip("-"), names)
        return f" ({near.replace('mean ', 'mean --')})" if near.startswith("did you mean") else ""


def parse(arguments: Sequence[str]) -> CommandLine:
    """Return the options and the paths. Raises UsageError. Ends the process for --help and --version."""
    found = parser()
    options, unknown = found.parse_known_args(arguments, CommandLine())
    if unknown:
        found.error(f"unknown option {unknown[0]}{found.nearest_option(unknown[0])}")
    return checked(options)


def parser() -> _Parser:
    """Return the parser of the command line. The defaults are those of `CommandLine`."""
    made = _Parser(
        prog="ecs5lint",
        description=DESCRIPTION,
        epilog=EPILOG,
        allow_abbrev=False,
        # With a fixed width, argparse does not import the module that determines the width of the terminal.
        formatter_class=lambda prog: argparse.RawDescriptionHelpFormatter(prog, max_help_position=32, width=120),
    )
    add = made.add_argument
    add("paths", nargs="*", metavar="PATH", help="a file or directory, or - for standard input (default: .)")
    configuration = made.add_mutually_exclusive_group().add_argument
    configuration(
        "--config",
        metavar="FILE",
        help="configuration file (default: the nearest one, from here up to the project root)",
    )
    configuration("--no-config", action="store_true", help="ignore configuration files")
    add(
        "--isolated",
        action="store_true",
        help="for a tree you don't trust: ignore its configuration and .gitignore files, and checkov and cfn-lint "
        "suppressions",
    )
    add("-f", "--format", type=_format, metavar="FORMAT", help=f"report format: {', '.join(FORMATS)} (default: text)")
    add("-o", "--output", metavar="FILE", help="write the report to FILE (default: -, standard output)")
    add(
        "--report",
        metavar="FORMAT=FILE",
        dest="reports",
        action="append",
        type=_report,
        help="also write a report in FORMAT to FILE (repeatable)",
    )
    add(
        "--strict",
        action=argparse.BooleanOptionalAction,
        help="same as --fail-on default (--no-strict: same as --fail-on fail)",
    )
    add(
        "--fail-on",
        choices=FAIL_ON,
        help="treat as an error: fail (default), also unknown, or also a pass that relies on a default value",
    )
    add_rules = partial(add, metavar="RULE,...", action="extend", type=_rules)
    add_rules("--select", help="check these rules, such as ECS4,ECS5, or ALL (default: ECS5; repeatable)")
    add_rules("--ignore", help="don't check these rules (repeatable)")
    fixes = made.add_mutually_exclusive_group().add_argument
    fixes("--diff", action="store_true", help="print the changes of --fix as a diff; exit with 1 if there are any")
    fixes("--fix", action="store_true", help="fix findings, if the fix is proven")
    add("--fix-mounts", action="store_true", help="also mount the paths that an image is known to write to")
    add(
        "--mount-with",
        choices=("volume", "tmpfs"),
        help="with --fix-mounts: the kind of mount (default: volume)",
    )
    fixes("--show-fixes", action="store_true", help="show the fix of each finding in the report")
    add("--exit-zero", action="store_true", help="exit with 0 even if there are errors (2 stays 2)")
    add_variables = partial(add, dest="variables", action="append")
    add_variables("--var", metavar="NAME=VALUE", type=_assignment, help="set a Terraform variable (repeatable)")
    add_variables("--var-file", metavar="FILE", help="read Terraform variables from FILE (.tfvars; repeatable)")
    add("--env", action="store_true", help="read TF_VAR_name and TF_WORKSPACE from the environment, as Terraform does")
    add(
        "--parameter",
        metavar="NAME=VALUE",
        action="append",
        type=_assignment,
        help="set a CloudFormation parameter, or a pseudo parameter such as AWS::Region (repeatable)",
    )
    add(
        "--parameters-file",
        metavar="FILE",
        action="append",
        help="read CloudFormation parameters from FILE (repeatable)",
    )
    add("--baseline", metavar="FILE", help="ignore the findings recorded in FILE")
    add("--write-baseline", action="store_true", help="write the findings of this run to the --baseline FILE")
    add(
        "--honor-other-linters",
        action=argparse.BooleanOptionalAction,
        help="honor checkov and cfn-lint suppressions (default: yes)",
    )
    add(
        "--changed",
        action="store_true",
        help="treat each PATH as a changed file: check the modules and stacks that use it",
    )
    add(
        "--exclude",
        metavar="GLOB",
        action="append",
        help="skip matching paths (.gitignore syntax; repeatable)",
    )
    add("--no-gitignore", action="store_true", help="also check files ignored by Git")
    add("--jobs", metavar="N", type=_jobs, help="number of worker processes (default: one per core)")
    add("--stdin-filename", metavar="NAME", help="file name to report for standard input (default: <stdin>)")
    add("--color", choices=("auto", "always", "never"), help="color the output (default: auto)")
    add("-q", "--quiet", action="store_true", help="text report: print one line per finding, error and warning")
    add("--show-skipped", action="store_true", help="text report: list skipped files, and why")
    add("--show-files", action="store_true", help="list the files to check, with their kinds, and exit")
    add("--show-settings", action="store_true", help="list the settings, and exit")
    add("--statistics", action="store_true", help="text report: count findings by rule, reason and cause")
    add("--lsp", action="store_true", help="serve an editor by the Language Server Protocol (needs ecs5lint[lsp])")
    _add_live(made)
    add("--explain", metavar="RULE", help="explain a rule: what it requires, why, and how to comply")
    add("--completion", choices=SHELLS, metavar="SHELL", help=f"print a completion script: {', '.join(SHELLS)}")
    add("--version", action="version", version=f"ecs5lint {__version__}")
    return made


def _add_live(made: argparse.ArgumentParser) -> None:
    add = made.add_argument_group("registered task definitions").add_argument
    add("--live", action="store_true", help="check what is registered in Amazon ECS (needs ecs5lint[live])")
    add("--profile", metavar="NAME", help="with --live: the profile of the AWS configuration")
    add(
        "--regions",
        metavar="REGION,...",
        type=_names,
        action="extend",
        help="with --live: the Regions, or all that are enabled (default: that of the profile or AWS_REGION)",
    )
    add(
        "--role-arn",
        metavar="ARN",
        action="append",
        help="with --live: assume this role, and check its account (repeatable)",
    )
    add("--roles-file", metavar="FILE", help="with --live: assume the roles in FILE, one ARN in each line")
    add(
        "--organization-role", metavar="NAME", help="with --live: also check all accounts of the organization by a role"
    )
    add("--external-id", metavar="ID", help="with --live: the external ID for these roles")
    add("--running", action="store_true", help="with --live: also check older revisions that are in use")
    add("--endpoint-url", metavar="URL", help="with --live: the URL to call instead of AWS, for tests")
    add(
        "--security-hub",
        metavar="REPOSITORY",
        help="import the findings on the files to AWS Security Hub, as those of this repository",
    )
    add("--dry-run", action="store_true", help="with --security-hub: print what it would import, and import nothing")


def _names(text: str) -> list[str]:
    names = [name.strip() for name in text.split(",")]
    if not all(names):
        raise argparse.ArgumentTypeError(f"a name is empty in {text!r}")
    return names


def _assignment(text: str) -> tuple[str, str]:
    name, separator, value = text.partition("=")
    if not separator or not name.strip():
        raise argparse.ArgumentTypeError(f"expected NAME=VALUE, not {text!r}")
    return name.strip(), value


def _rules(text: str) -> list[str]:
    try:
        return parse_names(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _jobs(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) <= MAX_JOBS:
        raise argparse.ArgumentTypeError(f"expected a number from 1 to {MAX_JOBS}, not {text!r}")
    return int(text)


def _report(text: str) -> tuple[str, str]:
    name, separator, path = text.partition("=")
    if not separator or not path:
        raise argparse.ArgumentTypeError(f"expected FORMAT=FILE, not {text!r}")
    return _format(name), path


def _format(name: str) -> str:
    if name not in FORMATS:
        raise argparse.ArgumentTypeError(f"unknown format {name!r}; {suggestion(name, FORMATS)}")
    return name
