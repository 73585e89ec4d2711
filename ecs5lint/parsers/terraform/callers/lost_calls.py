"""Find calls of local modules in files that can't be parsed. What such a call sets is unknown."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable, Iterator

from ecs5lint.files.workspace import Workspace
from ecs5lint.location import Failure, Source, Span
from ecs5lint.parsers.terraform.callers.calls import PossibleCall

_SOURCE = re.compile(r'\bsource"?[ \t]*[=:][ \t]*"((?:[^"\\\n]|\\.)*)')
_LABEL = re.compile(r'\b(module|component|unit)"?[ \t]*[:{]?[ \t]*"?([\w-]+)"?\s*:?\s*\{')
#: The start of a local source.
_LOCAL = (".", "/")
#: The largest distance between the start of a call and its source.
_MAX_DISTANCE = 500


def lost_calls(
    failures: Iterable[Failure], directory: str, workspace: Workspace, known: Collection[Span] = ()
) -> Iterator[PossibleCall]:
    """Yield the calls of local modules in files that failed, except the known calls. They run in `directory`."""
    for path in dict.fromkeys(failure.path for failure in failures):
        try:
            content = workspace.read_bytes(path)
        except Failure:
            continue
        text = content.decode("utf-8", "replace").replace("\0", "")
        starts = [(span.start, span.end) for span in known if span.path == path]
        for match in _SOURCE.finditer(text):
            ending = _ending(match[1], directory)
            if ending and not any(start <= match.start() < end for start, end in starts):
                span = Span(Source(path, text, "hcl"), match.start(), match.end())
                doubt = f"{path} cannot be parsed"
                yield PossibleCall(
                    _name(text[max(0, match.start() - _MAX_DISTANCE) : match.start()]),
                    span,
                    frozenset(),
                    False,
                    ending,
                    sets_more=True,
                    doubt=doubt,
                )


def _ending(source: str, directory: str) -> str:
    """Return the known end of the path of a module, or an empty text if the source is not local."""
    path = source.partition("?")[0].replace("\\", "/").replace("//", "/")
    if "${" in path:
        return path.rpartition("}")[2].rstrip("/")
    return os.path.abspath(os.path.join(directory, path)) if path.startswith(_LOCAL) else ""


def _name(before: str) -> str:
    """Return the name of a call, from the text before its source."""
    labels = _LABEL.findall(before)
    return ".".join(labels[-1]) if labels else "a call"
