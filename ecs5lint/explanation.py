"""What a rule wants, why, and how to get there: the texts that lie beside the rules."""

from __future__ import annotations

import os

_DIRECTORY = os.path.join(os.path.dirname(__file__), "rules")


def explained_rules() -> list[str]:
    """Return the names of the rules that there is a text on."""
    return sorted(file.removesuffix(".md") for file in os.listdir(_DIRECTORY) if file.endswith(".md"))


def explanation(rule: str) -> str:
    """Return the text on a rule, in Markdown: its title with the name in front, what it wants, and the rest."""
    with open(os.path.join(_DIRECTORY, f"{rule}.md"), encoding="utf-8") as file:
        return file.read()
