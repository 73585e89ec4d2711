"""Read a file of JSON."""

from __future__ import annotations

from ecs5lint.location import Failure, Source, Span
from ecs5lint.text.json_levels import Keep, Unreadable, read_levels
from ecs5lint.values.kinds import Value


def parse_document(source: Source, text: str | None = None, *, levels: int = 2, keep: Keep | None = None) -> Value:
    """Return the value of a file that is one JSON document. Raises Failure.

    If `text` is given, it replaces the text of the file and has the same length. The caller blanks parts that aren't
    JSON. More than `levels` levels deep, the document is read when it is needed. `keep` tells which of the objects and
    lists at that depth are needed at all.
    """
    text = source.text if text is None else text
    try:
        return read_levels(source, text, levels, keep)
    except Unreadable:
        pass
    from ecs5lint.text.json import JsonError, Reader

    try:
        return Reader(text, lambda start, end: Span(source, start, end)).only_value()
    except JsonError as error:
        raise Failure(f"is not valid JSON: {error.message}", source.path, error.span) from None
