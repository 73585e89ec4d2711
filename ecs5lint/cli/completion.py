"""Write scripts for the completion of the command line in shells."""

from __future__ import annotations

from ecs5lint.cli.arguments import parser
from ecs5lint.cli.command_line import UsageError
from ecs5lint.reports import FORMATS
from ecs5lint.rules import ALL, RULES

#: The words to complete for the arguments with these names.
_WORDS = {"FORMAT": list(FORMATS), "RULE": list(RULES), "RULE,...": [*RULES, ALL]}


def script(shell: str) -> str:
    """Return the script that completes the options of this command, their values and paths. Raises UsageError."""
    try:
        import shtab
    except ImportError:
        raise UsageError("--completion requires the package shtab: pip install 'ecs5lint[completion]'") from None
    completed = parser()
    for action in completed._actions:
        if action.metavar in ("FILE", "PATH"):
            action.complete = shtab.FILE  # type: ignore[attr-defined]
        elif isinstance(action.metavar, str) and action.metavar in _WORDS:
            action.choices = _WORDS[action.metavar]
    return f"{shtab.complete(completed, shell=shell)}\n"
