"""Write reports to standard output and to files."""

from __future__ import annotations

import os
import sys

from ecs5lint.files.workspace import leads_out


class OutputError(Exception):
    """A report can't be written. The message says why."""


def show(text: str) -> None:
    """Write to standard output, in UTF-8 regardless of the locale. Raises OutputError, but not for a closed pipe."""
    if sys.stdout is None:
        raise OutputError("standard output is closed")
    try:
        sys.stdout.buffer.write(text.encode("utf-8", "replace"))
        sys.stdout.buffer.flush()
    except OSError as error:
        # Otherwise, the interpreter would write the rest of the buffer again at exit, and fail again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        # A reader that stops early (`| head`) is no error.
        if not isinstance(error, BrokenPipeError):
            raise OutputError(f"cannot write to standard output: {error.strerror}") from None


def save(text: str, path: str) -> None:
    """Write a file atomically.

    Raises OutputError, also if a link in the project leads outside, and for a path in a `.git` directory.
    """
    if leads_out(path):
        raise OutputError(f"cannot write {path}: a link leads out of the project")
    if ".git" in os.path.abspath(path).split(os.sep) + os.path.realpath(path).split(os.sep):
        raise OutputError(f"cannot write {path}: it is in a directory .git")
    content = text.encode("utf-8", "replace")
    try:
        if os.path.exists(path) and not os.path.isfile(path):
            # A device or a pipe is written to, not replaced by a file.
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
