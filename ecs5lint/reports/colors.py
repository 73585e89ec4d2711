"""Color text, and make links, on a terminal."""

from __future__ import annotations

from collections.abc import Callable

BOLD = "1"
RED = "1;31"
GREEN = "1;32"
YELLOW = "1;33"
BLUE = "1;34"

#: Returns a text in a color.
Paint = Callable[[str, str], str]


def colored(text: str, color: str) -> str:
    """Return `text` in a color, with an ECMA-48 sequence (Select Graphic Rendition)."""
    return f"\x1b[{color}m{text}\x1b[0m"


def link(text: str, url: str) -> str:
    """Return `text` as a link: https://gist.github.com/egmontkob/eb114294efbcd5adb1944c9f3cb5feda."""
    return f"\x1b]8;;{url}\x1b\\{text}\x1b]8;;\x1b\\"


def plain(text: str, color: str) -> str:
    """Return `text` without color."""
    return text
