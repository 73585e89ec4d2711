"""Make a site of pages that are written for the repository. MkDocs calls these functions."""

from __future__ import annotations

import posixpath
import re
from typing import Any

_SECTION = re.compile(r"(\w[\w ]*):")
_ENTRY = re.compile(r" *- \[([^]]+)\]\(([\w/-]+\.md)\)")
_LINK = re.compile(r"\]\((?!https?://|#)([^)\s]+)\)")


def on_config(config: Any) -> Any:
    """Use the list in docs/README.md as the navigation."""
    nav: list[dict[str, Any]] = [{"Documentation": "README.md"}]
    entries = nav
    with open(posixpath.join(config["docs_dir"], "README.md"), encoding="utf-8") as file:
        for line in file:
            section, entry = _SECTION.match(line), _ENTRY.match(line)
            if section:
                entries = []
                nav.append({section[1]: entries})
            elif entry:
                entries.append({entry[1]: entry[2]})
    config["nav"] = nav
    return config


def on_page_markdown(markdown: str, page: Any, config: Any, files: Any) -> str:
    """Let links to anything but a page lead to the repository."""

    def in_repository(match: re.Match[str]) -> str:
        path = posixpath.normpath(posixpath.join("docs", posixpath.dirname(page.file.src_uri), match[1]))
        name = path.partition("#")[0]
        if name.startswith("docs/") and files.get_file_from_path(name.removeprefix("docs/")):
            return match[0]
        return f"]({config['repo_url']}/blob/main/{path})"

    return _LINK.sub(in_repository, markdown)
