"""Where reports go: standard output, and files."""

from __future__ import annotations

import os
import sys

from ecs5lint.files.workspace import leads_out


class OutputError(Exception):
    """What cannot be written, and why, in a sentence."""


def show(text: str) -> None:
    """Write to standard output, in UTF-8 whatever the locale says. Raises OutputError, but not for a closed pipe."""
    if sys.stdout is None:
        raise OutputError("standard output is closed")
    try:
        sys.stdout.buffer.write(text.encode("utf-8", "replace"))
        sys.stdout.buffer.flush()
    except OSError as error:
        # What is left in the buffer would be tried again, and fail again, when the interpreter ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        # A reader who has seen enough (`| head`) is no error.
        if not isinstance(error, BrokenPipeError):
            raise OutputError(f"cannot write to standard output: {error.strerror}") from None


def save(text: str, path: str) -> None:
    """Write a file, whole or not at all.

    Raises OutputError, also for what a link in the project leads out of it, and for what is in a directory `.git`.
    """
    if leads_out(path):
        raise OutputError(f"cannot write {path}: a link leads out of the project")
    if ".git" in os.path.abspath(path).split(os.sep) + os.path.realpath(path).split(os.sep):
        raise OutputError(f"cannot write {path}: it is in a directory .git")
    content = text.encode("utf-8", "replace")
    try:
        if os.path.exists(path) and not os.path.isfile(path):
            # A device or a pipe is written to, not put another file in place of.
            with open(path, "wb") as file:
                file.write(content)
        else:
            _replace(os.path.realpath(path), content)
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error.strerror}") from None


def _replace(path: str, content: bytes) -> None:
    part = f"{path}.{os.urandom(8).hex()}.tmp"
    try:
        with open(part, "xb") as file:
            file.write(content)
        os.replace(part, path)
    finally:
        if os.path.exists(part):
            os.remove(part)
