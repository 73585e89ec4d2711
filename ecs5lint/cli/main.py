"""Run the command line."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from functools import partial

from ecs5lint.cli.command_line import STANDARD_INPUT, STANDARD_OUTPUT, CommandLine, UsageError, checked
from ecs5lint.cli.output import OutputError, save, show, understands_colors
from ecs5lint.files.globs import Globs
from ecs5lint.files.workspace import MAX_FILE_SIZE, Workspace, project_root, too_large
from ecs5lint.light_typing import TYPE_CHECKING, NamedTuple
from ecs5lint.location import Failure
from ecs5lint.model.result import FAIL, UNKNOWN, Report
from ecs5lint.reports import EXPLAINS_PASSES, Options, render
from ecs5lint.rules import RULES, rule_named, selected
from ecs5lint.run import config, pipeline
from ecs5lint.settings.settings import Configuration, Reads, Settings

if TYPE_CHECKING:
    from ecs5lint.run.progress import Progress

_BAD = 2

#: The first version of VTE (GNOME Terminal and others) with working links, in the format of VTE_VERSION.
_FIRST_VTE_WITH_LINKS = 5002


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the linter with `arguments`, by default those of the process, and return the exit code."""
    try:
        return _run(_options(sys.argv[1:] if arguments is None else arguments))
    except (UsageError, OutputError) as error:
        return _complain(str(error))
    except Failure as failure:
        position = ":".join(map(str, failure.position)) + ":" if failure.span else ""
        return _complain(f"{failure.path}:{position} {failure.message}")
    except (RecursionError, MemoryError):
        return _complain("the input is nested too deeply or is too large")


def _options(arguments: Sequence[str]) -> CommandLine:
    """Return the options and the paths. Raises UsageError."""
    if not any(argument.startswith("-") for argument in arguments):
        # argparse takes a sixth of a short run.
        return checked(CommandLine(arguments))
    from ecs5lint.cli.arguments import parse

    return parse(arguments)


def _complain(message: str) -> int:
    _say(message)
    return _BAD


def _say(message: str) -> None:
    from ecs5lint.text.visible import escape

    print(f"ecs5lint: {escape(message)}", file=sys.stderr)


def _run(options: CommandLine) -> int:
    if options.completion is not None:
        from ecs5lint.cli.completion import script

        show(script(options.completion))
        return 0
    if options.explain is not None:
        show(_explanation(options.explain, is_colored=_has_color(options)))
        return 0
    if options.lsp:
        return _serve()
    files = (*(item for item in options.variables if isinstance(item, str)), *options.parameters_file)
    named = (*options.paths, *files, *filter(None, [options.config, options.baseline, options.roles_file]))
    if options.baseline and not options.write_baseline and not os.path.lexists(options.baseline):
        raise UsageError(f"--baseline: {options.baseline} does not exist; create it with --write-baseline")
    workspace = Workspace(tuple(path for path in named if path != STANDARD_INPUT))
    for path in files:
        workspace.read_bytes(path)
    if STANDARD_INPUT in options.paths:
        options.paths = _with_standard_input(options.paths, options.stdin_filename, workspace)
    configuration = _configuration(options, workspace)
    settings = configuration.settings.overridden(
        strict=None if options.fail_on is None else options.fail_on == "default",
        honor_other_linters=False if options.isolated else options.honor_other_linters,
        variables=options.variables,
        environment=dict(os.environ) if options.env else {},
        parameters=options.parameter,
        parameters_files=options.parameters_file,
        select=options.select,
        ignore=options.ignore,
    )
    format = options.format or configuration.format or "text"
    settings = settings._replace(explains_passes=_explains_passes(options, format))
    _check_selection(settings)
    fail_on = options.fail_on or configuration.fail_on
    if options.show_files or options.show_settings:
        show(_listing(options, configuration, settings, workspace, fail_on))
        return 0
    found = _found(options, configuration, settings, workspace)
    if options.security_hub:
        found = _imported(options, found, options.security_hub)
        if options.dry_run:
            return _exit_code(found, fail_on, options)
    has_other_output = options.diff or (options.fix and workspace.provided)
    plain = Options(
        strict=fail_on != "fail",
        quiet=options.quiet,
        show_skipped=options.show_skipped,
        statistics=options.statistics,
    )
    style = plain if has_other_output else _on_terminal(plain, options)
    is_written = _write_reports(options.reports, found.report, plain)
    text = render(format, found.report, style)
    if has_other_output and options.output == STANDARD_OUTPUT:
        show(text, sys.stderr)
    else:
        _write(text, options.output)
    return _exit_code(found, fail_on, options) if is_written else _BAD


def _explains_passes(options: CommandLine, format: str) -> bool:
    """Tell whether anything in a run reads the explanations of results that need no action."""
    formats = {format, *(name for name, _ in options.reports)}
    return bool(options.live or options.diff or options.fix or options.show_fixes or formats & EXPLAINS_PASSES)


def _serve() -> int:
    """Serve an editor. Raises UsageError without the packages for it."""
    try:
        from ecs5lint.lsp.server import serve
    except ModuleNotFoundError as error:
        if error.name and error.name.startswith("ecs5lint"):
            raise
        raise UsageError(f"--lsp: {error.name} is not installed: install ecs5lint[lsp]") from None
    return serve()


def _listing(
    options: CommandLine,
    configuration: Configuration,
    settings: Settings,
    workspace: Workspace,
    fail_on: str,
) -> str:
    """Return the settings of this run, and the files that it would check."""
    from ecs5lint.cli import listing
    from ecs5lint.project.discovery import discover

    paths = options.paths or list(configuration.paths) or ["."]
    exclude = _exclude(options, configuration)
    text = ""
    if options.show_settings:
        rules = selected(settings.select, settings.ignore)
        text += listing.settings(paths, configuration._replace(exclude=tuple(exclude)), settings, rules, fail_on)
    if options.show_files:
        respects_gitignore = not (options.no_gitignore or options.isolated)
        found = discover(paths, workspace, exclude=exclude, settings=settings, respect_gitignore=respects_gitignore)
        text += listing.files(found.inputs)
    return text


def _exclude(options: CommandLine, configuration: Configuration) -> list[Globs]:
    return [*configuration.exclude, *([Globs(tuple(options.exclude))] if options.exclude else [])]


class _Found(NamedTuple):
    """The report, whether fixes would change a file, and whether writing a changed file failed."""

    report: Report
    would_change: bool = False
    is_left_out: bool = False


def _found(options: CommandLine, configuration: Configuration, settings: Settings, workspace: Workspace) -> _Found:
    """Check the paths, and apply fixes if the options ask for it. Suppress the findings of the baseline."""
    if options.live:
        return _Found(_without_recorded(options, None, workspace, _live(options, configuration, settings, workspace)))
    judge = partial(_judge, options, configuration, settings)
    named = (options.paths or ["."]) if options.paths or not configuration.paths else None
    report = judge(workspace)
    if not (options.diff or options.fix or options.show_fixes):
        return _Found(_without_recorded(options, named, workspace, report))
    from ecs5lint.cli.fixing import fix

    return _Found(*fix(options, report, workspace, judge, partial(_without_recorded, options, named, workspace)))


def _check_selection(settings: Settings) -> None:
    try:
        selected(settings.select, settings.ignore, settings.required_tags)
    except ValueError as error:
        raise UsageError(str(error)) from None


def _judge(options: CommandLine, configuration: Configuration, settings: Settings, workspace: Workspace) -> Report:
    paths = options.paths or list(configuration.paths) or ["."]
    tree = configuration.paths or ["."]
    if options.changed and project_root(os.getcwd()) != os.getcwd():
        # Modules and templates refer to each other by paths relative to the root.
        raise UsageError("--changed: run it at the root of the project")
    progress = _progress()
    try:
        report = pipeline.run(
            paths,
            workspace,
            settings,
            exclude=_exclude(options, configuration),
            respect_gitignore=not (options.no_gitignore or options.isolated),
            # The paths in the configuration are complete. The working directory may be one of many in the project.
            is_partial=bool(options.paths) or not configuration.paths,
            tree=tree if options.changed else None,
            progress=progress,
            jobs=options.jobs or _cores(),
        )
    finally:
        if progress:
            progress.end()
    return report


def _live(options: CommandLine, configuration: Configuration, settings: Settings, workspace: Workspace) -> Report:
    """Check what is registered. If there are paths, find the task definitions in them that make it."""
    try:
        from ecs5lint.live.accounts import Access, AccessError, roles_in
    except ImportError as error:
        raise UsageError(f"--live needs {error.name}: pip install 'ecs5lint[live]'") from None
    from ecs5lint.live.origins import IDENTITY
    from ecs5lint.live.run import run

    in_file = list(roles_in(workspace.read(options.roles_file, "text").text)) if options.roles_file else []
    if options.roles_file and not in_file:
        raise UsageError(f"--roles-file: there is no role in {options.roles_file}")
    access = Access(
        profile=options.profile,
        regions=tuple(options.regions),
        roles=(*options.role_arn, *in_file),
        organization_role=options.organization_role,
        external_id=options.external_id,
        endpoint_url=options.endpoint_url,
        is_running=options.running,
    )
    source = None
    if options.paths:
        settings = settings._replace(reads=Reads(identity=IDENTITY))
        source = _judge(options, configuration, settings, workspace)
    progress = _progress("task definitions checked")
    try:
        return run(access, settings, progress, source)
    except AccessError as error:
        raise UsageError(str(error)) from None
    finally:
        if progress:
            progress.end()


def _imported(options: CommandLine, found: _Found, name: str) -> _Found:
    """Import the findings to Security Hub, or print them. Return the report with the errors."""
    try:
        from ecs5lint.live.accounts import Access, AccessError
    except ImportError as error:
        raise UsageError(f"--security-hub needs {error.name}: pip install 'ecs5lint[live]'") from None
    from ecs5lint.live.security_hub import Hub, findings

    access = Access(options.profile, tuple(options.regions), endpoint_url=options.endpoint_url)
    try:
        hub = Hub(access)
        made = findings(found.report, name, hub.target, hub.existing(name))
    except AccessError as error:
        raise UsageError(str(error)) from None
    if options.dry_run:
        import json

        show(json.dumps(made, indent=2) + "\n")
        return found
    failures = tuple(hub.send(made))
    _say(f"imported {len(made)} findings to Security Hub" if not failures else "some findings were not imported")
    return found._replace(report=found.report._replace(failures=(*found.report.failures, *failures)))


def _cores() -> int:
    """Return the number of processes that can run in parallel."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _progress(done: str = "inputs checked") -> Progress | None:
    """Return a progress display, or None if nobody watches it: the terminal of a CI system is a log."""
    if sys.stderr is None or not sys.stderr.isatty() or os.environ.get("CI") or os.environ.get("TERM") == "dumb":
        return None
    from ecs5lint.run.progress import Progress

    return Progress(sys.stderr, done)


def _write_reports(reports: Sequence[tuple[str, str]], report: Report, style: Options) -> bool:
    """Write a report to each file. If one fails, write the others, and return False."""
    is_written = True
    for name, path in reports:
        try:
            _write(render(name, report, style), path)
        except OutputError as error:
            _complain(str(error))
            is_written = False
    return is_written


def _write(text: str, path: str) -> None:
    """Write a report to a file or to standard output. Raises OutputError."""
    if path == STANDARD_OUTPUT:
        show(text)
    else:
        save(text, path)


def _without_recorded(
    options: CommandLine, paths: Sequence[str] | None, workspace: Workspace, report: Report
) -> Report:
    """Return the report compared with the baseline. If the user asks for it, write the baseline first.

    `paths` are the paths to check, with None for everything.
    """
    if options.baseline is None:
        return report
    from ecs5lint.findings import baseline

    if options.write_baseline and not os.path.exists(options.baseline):
        recorded = baseline.Baseline(workspace.normalize(options.baseline))
    else:
        recorded = baseline.read(options.baseline, workspace)
    if options.write_baseline:
        recorded = baseline.record(report, recorded, paths)
        save(baseline.render(recorded), options.baseline)
        _say(f"wrote {baseline.extent(recorded)} to {options.baseline}")
    return baseline.compare(report, recorded, paths)


def _configuration(options: CommandLine, workspace: Workspace) -> Configuration:
    if options.config is not None:
        return config.load(options.config, workspace)
    return Configuration() if options.no_config or options.isolated else config.find(workspace)


def _explanation(rule: str, *, is_colored: bool) -> str:
    """Return the page of a rule: Markdown, or in colors for a terminal."""
    from ecs5lint.rules.explanation import explanation

    name = rule_named(rule)
    if name is None:
        raise UsageError(f"--explain: unknown rule {rule!r} (choose from {', '.join(RULES)})")
    if not is_colored:
        return explanation(name)
    from ecs5lint.cli.terminal_page import on_terminal

    return on_terminal(explanation(name))


def _with_standard_input(paths: Sequence[str], name: str | None, workspace: Workspace) -> list[str]:
    """Read standard input, and return the paths with its name in place of `-`."""
    name = "<stdin>" if name is None else name
    content = sys.stdin.buffer.read(MAX_FILE_SIZE + 1) if sys.stdin else b""
    if len(content) > MAX_FILE_SIZE:
        raise too_large("standard input")
    if not content.strip():
        raise UsageError("standard input is empty")
    workspace.provide(name, content)
    return [name if path == STANDARD_INPUT else path for path in paths]


def _has_color(options: CommandLine) -> bool:
    """Tell whether to color the report.

    https://no-color.org, https://force-color.org, https://bixense.com/clicolors
    """
    get = os.environ.get
    if options.color != "auto":
        return bool(options.color == "always")
    if options.output != STANDARD_OUTPUT or get("NO_COLOR"):
        return False
    if get("FORCE_COLOR") or get("CLICOLOR_FORCE", "0") != "0":
        return True
    is_terminal = sys.stdout is not None and sys.stdout.isatty() and get("TERM") != "dumb"
    return is_terminal and understands_colors(sys.stdout)


def _on_terminal(style: Options, options: CommandLine) -> Options:
    """Return the report options for standard output: colors, terminal width and links."""
    has_color = _has_color(options)
    if options.output != STANDARD_OUTPUT or sys.stdout is None or not sys.stdout.isatty():
        return style._replace(color=has_color)
    width = os.environ.get("COLUMNS", "")
    try:
        columns = int(width) if width.isdecimal() else os.get_terminal_size(sys.stdout.fileno()).columns
    except (OSError, ValueError):
        columns = 0
    return style._replace(color=has_color, width=columns, links=has_color and _has_links())


def _has_links() -> bool:
    """Tell whether the terminal certainly supports links."""
    get = os.environ.get
    if get("FORCE_HYPERLINK"):
        return get("FORCE_HYPERLINK") != "0"
    if get("CI") or get("TERM_PROGRAM") == "Apple_Terminal":
        return False
    vte = get("VTE_VERSION", "")
    is_vte = vte.isdecimal() and int(vte) >= _FIRST_VTE_WITH_LINKS
    terminals = ("WT_SESSION", "KONSOLE_VERSION", "DOMTERM", "KITTY_WINDOW_ID", "ALACRITTY_WINDOW_ID")
    programs = ("iTerm.app", "WezTerm", "vscode", "ghostty", "Hyper")
    return is_vte or get("TERM_PROGRAM") in programs or any(map(get, terminals))


def _exit_code(found: _Found, fail_on: str, options: CommandLine) -> int:
    report = found.report
    if report.failures or found.is_left_out:
        return _BAD
    is_error = report.count(FAIL) or (fail_on != "fail" and report.count(UNKNOWN))
    return 1 if (is_error or (options.diff and found.would_change)) and not options.exit_zero else 0
