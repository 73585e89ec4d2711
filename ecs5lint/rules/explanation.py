"""Read the page of a rule: what it requires, why, and how to comply. The package includes the pages of docs/rules."""

from __future__ import annotations

import os

_PACKAGE = os.path.dirname(os.path.dirname(__file__))
#: The directory of the pages in an installed package, or else in a checkout.
_INSTALLED = os.path.join(_PACKAGE, "explanations")
_DIRECTORY = _INSTALLED if os.path.isdir(_INSTALLED) else os.path.join(_PACKAGE, os.pardir, "docs", "rules")


def explanation(rule: str) -> str:
    """Return the page of a rule, in Markdown."""
    with open(os.path.join(_DIRECTORY, f"{rule}.md"), encoding="utf-8") as file:
        return file.read()
