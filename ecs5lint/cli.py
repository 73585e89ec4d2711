"""The command line."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from functools import partial
from importlib import import_module
from typing import NoReturn

from ecs5lint import __version__, config, pipeline
from ecs5lint.location import Failure
from ecs5lint.reports import FORMATS, Options
from ecs5lint.result import FAIL, UNKNOWN, Report
from ecs5lint.settings import Globs
from ecs5lint.workspace import MAX_FILE_SIZE, Workspace, project_root, too_large

DESCRIPTION = """\
Tell, before anything is deployed, whether AWS Security Hub control ECS.5 will pass: whether every container of an ECS
task definition has a read-only root filesystem. Reads task definitions, CloudFormation templates and Terraform modules.
"""

EPILOG = """\
exit codes:
  0  no error; there may have been warnings
  1  at least one error: a fail, or with --strict an unknown
  2  it could not do its job: bad usage, or an input that cannot be read or parsed
"""

#: The argument that stands for standard input.
_DASH = "-"

_BAD = 2
_INTERRUPTED = 130


class UsageError(Exception):
    """What is wrong with how the linter was called, in a sentence."""


class _Parser(argparse.ArgumentParser):
    """An argument parser that says what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message} (try: {self.prog} --help)")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the linter with `arguments`, by default those of the process, and return the exit code."""
    try:
        return _run(_arguments(sys.argv[1:] if arguments is None else arguments))
    except UsageError as error:
        return _complain(str(error))
    except Failure as failure:
        place = ":".join(map(str, failure.place)) + ":" if failure.span else ""
        return _complain(f"{failure.path}:{place} {failure.message}")
    except (RecursionError, MemoryError):
        return _complain("the input is too deep or too large to be judged")
    except KeyboardInterrupt:
        return _INTERRUPTED


def _complain(message: str) -> int:
    from ecs5lint.reports.excerpt import escape

    print(f"ecs5lint: {escape(message)}", file=sys.stderr)
    return _BAD


def _arguments(arguments: Sequence[str]) -> argparse.Namespace:
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
        help="trust no default value, and take an unknown for an error",
    )
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
    add("--stdin-filename", metavar="NAME", help="what to call standard input (default: <stdin>)")
    add("--color", choices=("auto", "always", "never"), default="auto", help="colours in the text (default: auto)")
    add("--quiet", action="store_true", help="text report: a line for each finding and each error, and no more")
    add("--explain", metavar="RULE", help="say what a rule wants, why, and how to get there (ECS5)")
    add("--version", action="version", version=f"ecs5lint {__version__}")
    return parser.parse_args(arguments)


def _assignment(text: str) -> tuple[str, str]:
    name, separator, value = text.partition("=")
    if not separator or not name.strip():
        raise argparse.ArgumentTypeError(f"expected NAME=VALUE, not {text!r}")
    return name.strip(), value


def _report(text: str) -> tuple[str, str]:
    name, separator, path = text.partition("=")
    if not separator or not path:
        raise argparse.ArgumentTypeError(f"expected FORMAT=FILE, not {text!r}")
    if name not in FORMATS:
        from difflib import get_close_matches

        nearest = get_close_matches(name, FORMATS, n=1)
        hint = f"did you mean {nearest[0]}?" if nearest else f"choose from {', '.join(FORMATS)}"
        raise argparse.ArgumentTypeError(f"there is no format {name!r}: {hint}")
    return name, path


def _run(options: argparse.Namespace) -> int:
    if options.explain is not None:
        return _print(_explanation(options.explain), 0)
    if options.exclude:
        _check_patterns(options.exclude)
    if options.write_baseline and options.baseline is None:
        raise UsageError("argument --write-baseline: needs --baseline FILE, which says where to")
    _check_outputs([*(path for _, path in options.reports), *filter(None, [options.output])])
    if options.changed and (not options.paths or _DASH in options.paths):
        raise UsageError("argument --changed: needs the paths of files")
    files = (*(item for item in options.variables if isinstance(item, str)), *options.parameters_file)
    paths = options.paths
    named = (*paths, *files, *filter(None, [options.config, options.baseline]))
    workspace = Workspace(tuple(path for path in named if path != _DASH))
    for path in files:
        workspace.read_bytes(path)
    if _DASH in paths or options.stdin_filename is not None:
        paths = _with_standard_input(paths, options.stdin_filename, workspace)
    configuration = _configuration(options, workspace)
    settings = configuration.settings.overridden(
        strict=options.strict,
        honor_other_linters=options.honor_other_linters,
        variables=options.variables,
        environment=os.environ if options.env else {},
        parameters=options.parameter,
        parameters_files=options.parameters_file,
    )
    exclude = [*configuration.exclude, *([Globs(tuple(options.exclude))] if options.exclude else [])]
    tree = configuration.paths or [os.path.relpath(project_root(os.getcwd()))]
    report = pipeline.run(
        paths if options.changed else paths or configuration.paths or ["."],
        workspace,
        settings,
        exclude=exclude,
        respect_gitignore=not options.no_gitignore,
        is_partial=bool(paths),
        tree=tree if options.changed else None,
    )
    if options.baseline is not None:
        report = _with_baseline(report, options, paths, workspace)
    style = Options(strict=settings.strict, color=_has_color(options), quiet=options.quiet)
    code = _exit_code(report, settings.strict)
    for name, path in options.reports:
        try:
            _save(_render(name, report, style._replace(color=False)), path)
        except UsageError as error:
            # A report that cannot be written takes none of the others with it.
            code = _complain(str(error))
    text = _render(options.format or configuration.format or "text", report, style)
    return _print(text, code) if options.output is None else _save(text, options.output, code)


def _with_baseline(report: Report, options: argparse.Namespace, paths: Sequence[str], workspace: Workspace) -> Report:
    """Return the report without what is on record, after that has been written if the user asks for it."""
    from ecs5lint import baseline

    if options.write_baseline and not os.path.exists(options.baseline):
        recorded = baseline.Baseline(workspace.normalize(options.baseline))
    else:
        recorded = baseline.read(options.baseline, workspace)
    if options.write_baseline:
        recorded = baseline.record(report, recorded, paths or None)
        _save(baseline.render(recorded), options.baseline)
    return baseline.compare(report, recorded, paths or None)


def _render(name: str, report: Report, style: Options) -> str:
    return str(import_module(FORMATS[name]).render(report, style))


def _configuration(options: argparse.Namespace, workspace: Workspace) -> config.Configuration:
    if options.config is not None:
        return config.load(options.config, workspace)
    return config.Configuration() if options.no_config else config.find(workspace)


def _explanation(rule: str) -> str:
    from ecs5lint.explanation import explained_rules, explanation

    name = rule.upper().replace(".", "")
    if name not in explained_rules():
        raise UsageError(f"argument --explain: there is no rule {rule!r}, but there is {', '.join(explained_rules())}")
    return explanation(name)


def _check_patterns(patterns: Sequence[str]) -> None:
    from ecs5lint.gitignore import parse_strictly

    try:
        parse_strictly(patterns)
    except ValueError as error:
        raise UsageError(f"argument --exclude: {error}") from None


def _check_outputs(paths: Sequence[str]) -> None:
    if len({os.path.realpath(path) for path in paths}) < len(paths):
        raise UsageError("two reports go to the same file")


def _with_standard_input(paths: Sequence[str], name: str | None, workspace: Workspace) -> list[str]:
    """Read standard input, and return the paths with what it is called in place of `-`."""
    if _DASH not in paths:
        raise UsageError("argument --stdin-filename: needs - among the paths")
    name = "<stdin>" if name is None else name
    content = sys.stdin.buffer.read(MAX_FILE_SIZE + 1) if sys.stdin else b""
    if len(content) > MAX_FILE_SIZE:
        raise too_large("standard input")
    if not content.strip():
        raise UsageError("standard input is empty")
    workspace.provide(name, content)
    return [name if path == _DASH else path for path in paths]


def _has_color(options: argparse.Namespace) -> bool:
    """Tell whether to use colours: https://no-color.org has the last word unless the user has."""
    if options.color != "auto":
        return bool(options.color == "always")
    on_terminal = options.output is None and sys.stdout is not None and sys.stdout.isatty()
    return on_terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _exit_code(report: Report, strict: bool) -> int:
    if report.failures:
        return _BAD
    return 1 if report.count(FAIL) or (strict and report.count(UNKNOWN)) else 0


def _print(text: str, code: int) -> int:
    """Write to standard output, in UTF-8 whatever the locale says, and return the exit code."""
    if sys.stdout is None:
        raise UsageError("standard output is closed")
    try:
        sys.stdout.buffer.write(text.encode("utf-8", "replace"))
        sys.stdout.buffer.flush()
    except OSError as error:
        # What is left in the buffer would be tried again, and fail again, when the interpreter ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        # A reader who has seen enough (`| head`) is no error.
        if not isinstance(error, BrokenPipeError):
            raise UsageError(f"cannot write to standard output: {error.strerror}") from None
    return code


def _save(text: str, path: str, code: int = 0) -> int:
    """Write a file, whole or not at all, and return the exit code."""
    root = Workspace()
    if root.is_inside(os.path.dirname(path) or ".") and not root.is_inside(path):
        raise UsageError(f"cannot write {path}: it is a link that leaves the project")
    # A device or a pipe is written to, not put another file in place of.
    is_special = os.path.exists(path) and not os.path.isfile(path)
    target = path if is_special else os.path.realpath(path)
    part = target if is_special else f"{target}.{os.urandom(8).hex()}.tmp"
    try:
        with open(part, "wb" if is_special else "xb") as file:
            file.write(text.encode("utf-8", "replace"))
        if not is_special:
            os.replace(part, target)
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}") from None
    finally:
        if not is_special and os.path.exists(part):
            os.remove(part)
    return code
