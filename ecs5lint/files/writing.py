"""Write files atomically. No other module writes files."""

from __future__ import annotations

import os
import stat


def replace(path: str, content: bytes) -> None:
    """Replace a file, or create it, atomically. The new file keeps the mode of the old one. Raises OSError.

    Other processes see either the old file or the new one, even if this process is killed.
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
