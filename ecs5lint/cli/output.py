"""Write reports to standard output and to files."""

from __future__ import annotations

import errno
import os
import sys

from ecs5lint.files.workspace import leads_out
from ecs5lint.light_typing import TextIO


class OutputError(Exception):
    """A report can't be written. The message says why."""


def show(text: str | bytes, stream: TextIO | None = None) -> None:
    """Write to standard output or another stream, with text in UTF-8 regardless of the locale.

    Raises OutputError, but not for a closed pipe.
    """
    stream = stream or sys.stdout
    if stream is None:
        raise OutputError("standard output is closed")
    try:
        stream.buffer.write(text.encode("utf-8", "replace") if isinstance(text, str) else text)
        stream.buffer.flush()
    except OSError as error:
        # Otherwise, the interpreter would write the rest of the buffer again at exit, and fail again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        # A reader that stops early (`| head`) is no error. Windows calls its pipe an invalid argument.
        if not isinstance(error, BrokenPipeError) and not (sys.platform == "win32" and error.errno == errno.EINVAL):
            raise OutputError(f"cannot write to standard output: {error.strerror}") from None


def understands_colors(stream: TextIO) -> bool:
    """Tell whether a terminal understands escape sequences. The console of Windows is told to."""
    if sys.platform != "win32":
        return True
    import ctypes
    import msvcrt

    # ENABLE_VIRTUAL_TERMINAL_PROCESSING: https://learn.microsoft.com/windows/console/setconsolemode
    kernel32, mode = ctypes.windll.kernel32, ctypes.c_ulong()
    handle = ctypes.c_void_p(msvcrt.get_osfhandle(stream.fileno()))
    return bool(kernel32.GetConsoleMode(handle, ctypes.byref(mode)) and kernel32.SetConsoleMode(handle, mode.value | 4))


def save(text: str, path: str) -> None:
    """Write a file atomically.

    Raises OutputError, also if a link in the project leads outside, and for a path in a `.git` directory.
    """
    if leads_out(path):
        raise OutputError(f"cannot write {path}: a link leads out of the project")
    if ".git" in os.path.abspath(path).split(os.sep) + os.path.realpath(path).split(os.sep):
        raise OutputError(f"cannot write {path}: it is in a directory .git")
    from ecs5lint.files.writing import replace

    content = text.encode("utf-8", "replace")
    try:
        if os.path.exists(path) and not os.path.isfile(path):
            # A device or a pipe is written to, not replaced by a file.
            with open(path, "wb") as file:
                file.write(content)
        else:
            replace(os.path.realpath(path), content)
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error.strerror}") from None
