"""Register the report formats.

A format is a module with the function of `Format`.
"""

from __future__ import annotations

from ecs5lint.light_typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from ecs5lint.model.result import Report

#: The module of each format.
FORMATS = {
    "text": "ecs5lint.reports.text",
    "concise": "ecs5lint.reports.concise",
    "json": "ecs5lint.reports.json",
    "sarif": "ecs5lint.reports.sarif",
    "github": "ecs5lint.reports.github",
    "gitlab": "ecs5lint.reports.gitlab",
    "junit": "ecs5lint.reports.junit",
    "markdown": "ecs5lint.reports.markdown",
    "html": "ecs5lint.reports.html",
}


#: The formats with the messages of results that need no action.
EXPLAINS_PASSES = frozenset(("json", "junit"))


class Options(NamedTuple):
    """The options of a report.

    `strict`: an unknown is an error, as with --fail-on unknown. The others are for the text and concise reports.
    `quiet`: only findings, errors and warnings. `show_skipped`: list skipped files. `statistics`: count the findings by
    rule, reason and cause. `width`: the width of the terminal, 0 if unknown. `links`: link rules to their pages.
    """

    strict: bool = False
    color: bool = False
    quiet: bool = False
    show_skipped: bool = False
    statistics: bool = False
    width: int = 0
    links: bool = False


class Format(Protocol):
    """The interface of a format's module."""

    def render(self, report: Report, options: Options, /) -> str:
        """Return the text of a report."""


def render(name: str, report: Report, options: Options) -> str:
    """Return the text of a report in a format, whose module is imported on use."""
    # Unlike this, importlib would import more modules.
    module: Format = __import__(FORMATS[name], fromlist=["render"])
    return module.render(report, options)
