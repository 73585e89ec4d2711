"""Show a page of the documentation on a terminal."""

from __future__ import annotations

import re

from ecs5lint.reports.colors import BLUE, BOLD, colored

_HEADING = re.compile(r"#+ +(.*)")
_RULE_OF_TABLE = re.compile(r"\|[-| :]+\|")
_INLINE = re.compile(
    r"\*\*(?P<strong>[^*]+)\*\*|`(?P<code>[^`]+)`|\[(?P<text>[^]]+)\]\((?P<target>[^)]+)\)|<(?P<url>https:[^>]+)>"
)


def on_terminal(markdown: str) -> str:
    """Return a page in Markdown with colors for headings and code, and without the marks for them."""
    lines = []
    is_code = False
    for line in markdown.splitlines():
        heading = _HEADING.fullmatch(line)
        if line.lstrip().startswith("```"):
            is_code = not is_code
        elif is_code:
            lines.append(f"    {line}".rstrip())
        elif heading:
            lines.append(colored(heading[1], BOLD))
        elif not _RULE_OF_TABLE.fullmatch(line):
            lines.append(_INLINE.sub(_shown, line))
    return "".join(f"{line}\n" for line in lines)


def _shown(match: re.Match[str]) -> str:
    if match["strong"]:
        return colored(match["strong"], BOLD)
    if match["code"]:
        return colored(match["code"], BLUE)
    if match["url"]:
        return match["url"]
    is_web = match["target"].startswith("https:")
    return f"{match['text']} ({match['target']})" if is_web else match["text"]
