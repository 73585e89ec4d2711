"""Write GitHub annotations, as workflow commands in the log.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ecs5lint.location import Span, is_arn
from ecs5lint.model.result import Report
from ecs5lint.reports import Options
from ecs5lint.reports.excerpt import position_text
from ecs5lint.reports.findings import (
    ERROR,
    Group,
    accepted,
    account,
    deciding,
    extent,
    findings,
    first_line,
    grouped,
    lines,
    outcome,
    printable,
    problems,
    remarks,
    severity,
    shared_steps,
    suppressions,
)
from ecs5lint.reports.repository import Repository
from ecs5lint.text.visible import escape


def render(report: Report, options: Options) -> str:
    """Return a command for each annotation.

    Errors come first, because GitHub shows only ten of a kind for each step.
    """
    groups = grouped(findings(report))
    commands = sorted(_commands(report, groups, options), key=lambda command: not command.startswith(f"::{ERROR} "))
    ending = (*account(report), *filter(None, [problems(report, groups)]), f"{extent(report)}: {outcome(report)}")
    return "".join(f"{line}\n" for line in (*commands, *ending))


def _commands(report: Report, groups: Sequence[Group], options: Options) -> Iterator[str]:
    repository = Repository()
    common = shared_steps(groups)
    for group in groups:
        result, span = group[0], deciding(group[0])
        # The log shows only the message, so the message includes the position of the container.
        first, *others = lines(group, without=common)
        text = "\n".join([f"{position_text(result.location)}: {first}", *others])
        name = severity(result, strict=options.strict)
        yield _command(name, repository.path(span.path), span, result.rule, text)
    for name, remark in remarks(report):
        text = f"{escape(remark.path)}: {printable(remark.message)}"
        yield _command(name, repository.path(remark.path), remark.span, "ecs5lint", text)
    for result in suppressions(report):
        text = f"{position_text(result.location)}: {accepted(result)}: {printable(result.message)}"
        span = deciding(result)
        yield _command("notice", repository.path(span.path), span, result.rule, text)


def _command(name: str, path: str, span: Span | None, title: str, message: str) -> str:
    at = first_line(span)
    where = {
        "file": escape(path),
        "line": at.line,
        "endLine": at.end_line,
        "col": at.column,
        "endColumn": at.end_column,
    }
    properties = {**({} if is_arn(path) else where), "title": title}
    return (
        f"::{name} {','.join(f'{key}={_property(str(value))}' for key, value in properties.items())}::{_data(message)}"
    )


def _data(text: str) -> str:
    """Return an encoded message.

    https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts
    """
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    """Return the encoded value of a property, as that file encodes it."""
    return _data(text).replace(":", "%3A").replace(",", "%2C")
