"""The only way to write a file: whole or not at all."""

from __future__ import annotations

import os
import stat


def replace(path: str, content: bytes) -> None:
    """Put a file in the place of another one, or where there is none, with the mode of the one before.

    Whoever reads it meanwhile, or if the process ends in the middle, finds the one or the other. Raises OSError.
    """
    part = f"{path}.{os.urandom(8).hex()}.tmp"
    try:
        with open(part, "xb") as file:
            file.write(content)
        if os.path.exists(path):
            os.chmod(part, stat.S_IMODE(os.stat(path).st_mode))
        os.replace(part, path)
    finally:
        if os.path.exists(part):
            os.remove(part)
