"""What a rule wants, why, and how to get there: the texts in docs/rules, which the package has too."""

from __future__ import annotations

import os

_PACKAGE = os.path.dirname(os.path.dirname(__file__))
#: Where the texts are in a package that is installed, and where they are in a checkout.
_INSTALLED = os.path.join(_PACKAGE, "explanations")
_DIRECTORY = _INSTALLED if os.path.isdir(_INSTALLED) else os.path.join(_PACKAGE, os.pardir, "docs", "rules")


def explanation(rule: str) -> str:
    """Return the text on a rule, in Markdown: its title with the name in front, what it wants, and the rest."""
    with open(os.path.join(_DIRECTORY, f"{rule}.md"), encoding="utf-8") as file:
        return file.read()
