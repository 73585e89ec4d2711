"""Write fixed files to the disk."""

from __future__ import annotations

import os
from collections.abc import Iterator

from ecs5lint.files.workspace import Workspace
from ecs5lint.files.writing import replace
from ecs5lint.fixes.proof import Proven
from ecs5lint.location import Failure


def write(proven: Proven, workspace: Workspace) -> Iterator[Failure]:
    """Write the files that fixes change. Yield a failure for each file that was not written.

    A file that changed since the check is not written. Content from `provide` has no file.
    """
    for path in sorted(proven.contents):
        if workspace.is_provided(path):
            continue
        try:
            if workspace.read_bytes(path) != proven.originals[path]:
                yield Failure("not fixed: the file changed while it was checked", path)
            else:
                replace(os.path.realpath(path), proven.contents[path])
        except Failure as failure:
            yield failure
        except OSError as error:
            yield Failure(f"not fixed: cannot write the file: {error.strerror}", path)
