"""Define the options of the command line, with their defaults, and check how they combine."""

from __future__ import annotations

import os
from collections.abc import Sequence

#: The path for standard input, and the file for standard output.
STANDARD_INPUT = "-"
STANDARD_OUTPUT = "-"


class UsageError(Exception):
    """Invalid usage of the linter. The message says what is wrong."""


class CommandLine:
    """The paths and the options of a run. Their meaning is in `arguments.py`."""

    def __init__(self, paths: Sequence[str] = ()) -> None:
        self.paths: Sequence[str] = list(paths)
        self.config: str | None = None
        self.no_config = False
        self.isolated = False
        self.format: str | None = None
        self.output = STANDARD_OUTPUT
        self.reports: Sequence[tuple[str, str]] = []
        self.strict: bool | None = None
        self.fail_on: str | None = None
        self.select: Sequence[str] = []
        self.ignore: Sequence[str] = []
        self.diff = False
        self.fix = False
        self.fix_mounts = False
        self.mount_with = "volume"
        self.show_fixes = False
        self.exit_zero = False
        self.variables: Sequence[str | tuple[str, str]] = []
        self.env = False
        self.parameter: Sequence[tuple[str, str]] = []
        self.parameters_file: Sequence[str] = []
        self.baseline: str | None = None
        self.write_baseline = False
        self.honor_other_linters: bool | None = None
        self.changed = False
        self.exclude: Sequence[str] = []
        self.no_gitignore = False
        self.jobs = 0
        self.stdin_filename: str | None = None
        self.color = "auto"
        self.quiet = False
        self.show_skipped = False
        self.show_files = False
        self.show_settings = False
        self.statistics = False
        self.lsp = False
        self.live = False
        self.profile: str | None = None
        self.regions: Sequence[str] = []
        self.role_arn: Sequence[str] = []
        self.roles_file: str | None = None
        self.organization_role: str | None = None
        self.external_id: str | None = None
        self.running = False
        self.endpoint_url: str | None = None
        self.security_hub: str | None = None
        self.dry_run = False
        self.explain: str | None = None
        self.completion: str | None = None


def checked(options: CommandLine) -> CommandLine:
    """Return the options, with --fail-on set by --strict. Raises UsageError for invalid paths and combinations."""
    if options.lsp and vars(options) != {**vars(CommandLine()), "lsp": True}:
        raise UsageError("--lsp takes no path and no other option: set them in the configuration")
    options.fail_on = _fail_on(options)
    for path in options.paths:
        _check_path(path)
    if options.exclude:
        _check_patterns(options.exclude)
    if options.write_baseline and options.baseline is None:
        raise UsageError("--write-baseline requires --baseline FILE")
    recorded = [options.baseline] if options.write_baseline and options.baseline else []
    _check_outputs([options.output, *(path for _, path in options.reports), *recorded])
    if options.fix_mounts and not (options.diff or options.fix or options.show_fixes):
        raise UsageError("--fix-mounts requires --fix, --diff or --show-fixes")
    if options.write_baseline and (options.diff or options.fix):
        raise UsageError("--write-baseline: fix first, then record the remaining findings")
    if options.isolated and options.honor_other_linters:
        raise UsageError("--isolated ignores suppressions for other linters: omit --honor-other-linters")
    if options.changed and (not options.paths or STANDARD_INPUT in options.paths):
        raise UsageError("--changed requires the paths of files")
    _check_live(options)
    if options.stdin_filename is not None and STANDARD_INPUT not in options.paths:
        raise UsageError("--stdin-filename requires the path -")
    return options


#: The options that need --live, and those that it excludes.
_ONLY_LIVE = (
    "profile",
    "regions",
    "role_arn",
    "roles_file",
    "organization_role",
    "external_id",
    "running",
    "endpoint_url",
)
_NOT_LIVE = ("diff", "fix", "fix_mounts", "show_fixes", "changed", "show_files")


def _check_live(options: CommandLine) -> None:
    if options.dry_run and not options.security_hub:
        raise UsageError("--dry-run requires --security-hub")
    if options.security_hub:
        _check_security_hub(options)
        return
    for name in _NOT_LIVE if options.live else _ONLY_LIVE:
        if getattr(options, name):
            problem = "cannot be combined with" if options.live else "requires"
            raise UsageError(f"--{name.replace('_', '-')} {problem} --live")
    if options.organization_role and (options.role_arn or options.roles_file):
        raise UsageError("--organization-role cannot be combined with --role-arn and --roles-file")


def _check_security_hub(options: CommandLine) -> None:
    if options.live:
        raise UsageError("--security-hub is for files: Security Hub finds what is registered by itself")
    if options.diff or options.fix or options.changed:
        raise UsageError("--security-hub cannot be combined with --diff, --fix and --changed")
    if len(options.regions) > 1 or options.regions == ["all"]:
        raise UsageError("--security-hub requires exactly one Region")


def _check_path(path: str) -> None:
    if not path:
        raise UsageError("PATH: a path is empty (an unset variable?)")
    option, space, value = path.partition(" ")
    if path.startswith("-") and space and not os.path.lexists(path):
        raise UsageError(f"{path!r} looks like an option: pass {option} and {value} as two arguments")


def _fail_on(options: CommandLine) -> str | None:
    """Return the value of --fail-on, or None if no option sets it. Raises UsageError for contradicting options."""
    if options.strict is None or options.fail_on is None:
        return options.fail_on if options.strict is None else "default" if options.strict else "fail"
    if options.strict != (options.fail_on == "default"):
        name = "--strict" if options.strict else "--no-strict"
        raise UsageError(f"--fail-on: {options.fail_on} contradicts {name}")
    return options.fail_on


def _check_patterns(patterns: Sequence[str]) -> None:
    from ecs5lint.files.gitignore import parse_strictly

    try:
        parse_strictly(patterns)
    except ValueError as error:
        raise UsageError(f"--exclude: {error}") from None


def _check_outputs(paths: Sequence[str]) -> None:
    if paths.count(STANDARD_OUTPUT) > 1:
        raise UsageError("two reports go to standard output: write one to a file")
    files = [path for path in paths if path != STANDARD_OUTPUT]
    if len({os.path.realpath(path) for path in files}) < len(files):
        raise UsageError("two reports have the same output file")
