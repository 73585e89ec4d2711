"""Read the files that a unit writes next to its module, from its `generate` blocks.

https://terragrunt.gruntwork.io/docs/reference/hcl/blocks/#generate
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress

from ecs5lint.files.kinds import HCL_SUFFIXES
from ecs5lint.light_typing import NamedTuple
from ecs5lint.location import Failure, Span
from ecs5lint.parsers.terraform.callers.terragrunt.config import Config
from ecs5lint.parsers.terraform.modules.variables import Given, is_automatic
from ecs5lint.parsers.terraform.syntax.blocks import Argument, Block, Item, read_body
from ecs5lint.parsers.terraform.syntax.nodes import Evaluated
from ecs5lint.text.json import JsonError, decode
from ecs5lint.values.alternatives import leaves
from ecs5lint.values.conditions import TooManyAlternatives
from ecs5lint.values.kinds import Known, ObjectValue, Pair, Text, Unknown, Value, known_text
from ecs5lint.values.members import nested_member
from ecs5lint.values.pieces import Assembled

#: Replaces an unknown part in a text.
_HOLE = "terragrunt_part_that_is_unknown"


class Written(NamedTuple):
    """A file that a unit writes: its path, its contents, and the span of the contents.

    If it `gives_way`, an existing file of that name stays unchanged.
    """

    path: Value
    contents: Value
    span: Span
    gives_way: bool = False

    @property
    def name(self) -> str | None:
        """The name of the file, or None if it is unknown."""
        path = known_text(self.path)
        return None if path is None else posixpath.basename(path)


def written_files(config: Config) -> Iterator[tuple[str, Written]]:
    """Yield the files that a configuration writes, by the names of its `generate` blocks or the keys of a map."""
    for block in config.blocks("generate"):
        path, contents = block.argument("path"), block.argument("contents")
        if path and contents and not _is(config, block.argument("disable"), True):
            gives_way = _is(config, block.argument("if_exists"), "skip")
            written = Written(config.value_of(path), config.value_of(contents), contents.value_span, gives_way)
            yield "".join(block.labels), written
    argument = config.argument("generate")
    value = config.value_of(argument) if argument else None
    for item in value.members if isinstance(value, ObjectValue) else ():
        name = known_text(item.key) if isinstance(item, Pair) else None
        if argument and name is not None and isinstance(item, Pair):
            text = nested_member(item.value, "contents")
            gives_way = known_text(nested_member(item.value, "if_exists")) == "skip"
            yield name, Written(nested_member(item.value, "path"), text, text.span or argument.value_span, gives_way)


def blocks_of(files: Iterable[Written]) -> Iterator[Item | Unknown]:
    """Yield the blocks of the Terraform files in `files`, and an Unknown for each unknown part. Raises Failure."""
    for file in _terraform_files(files):
        items = _items_if_known(file)
        if items is not None:
            for item in items:
                yield _with_unknown_parts(item, _unknown_part(file))
        elif "ecs_task_definition" in file.span.text:
            yield Unknown("the output of generate is unknown", file.span)


def _terraform_files(files: Iterable[Written]) -> Iterator[Written]:
    return (file for file in files if file.name is None or file.name.endswith(HCL_SUFFIXES))


def _items_if_known(file: Written) -> list[Item] | None:
    """Return the content of a file, or None if its unknown parts are more than values. Raises Failure."""
    if not isinstance(file.contents, (Known, Text)):
        return None
    try:
        return _items(file)
    except Failure:
        if known_text(file.contents) is not None:
            raise
        return None


def _unknown_part(file: Written) -> Unknown:
    return Unknown(f"the generated {file.name} has an unknown part", file.span)


def _with_unknown_parts(item: Item, unknown: Unknown) -> Item | Unknown:
    """Return an item in which the arguments with an unknown part are unknown."""
    if _HOLE not in item.span.text:
        return item
    if isinstance(item, Argument):
        return Argument(item.name, item.span, item.value_span, Evaluated(unknown, item.value_span))
    if any(_HOLE in label for label in (item.type, *item.labels)):
        return unknown
    if item.type == "variable":
        return item  # its value is unknown
    inner = [_with_unknown_parts(part, unknown) for part in item.items]
    return Block(item.type, item.labels, item.span, [part for part in inner if not isinstance(part, Unknown)])


def unknown_variables(files: Iterable[Written]) -> dict[str, Unknown]:
    """Return the variables in files whose declaration has an unknown part, with the reason."""
    unknown: dict[str, Unknown] = {}
    for file in _terraform_files(files):
        with suppress(Failure):
            for item in _items_if_known(file) or ():
                is_variable = isinstance(item, Block) and item.type == "variable" and item.labels
                if isinstance(item, Block) and is_variable and _HOLE in item.span.text:
                    unknown[item.labels[0]] = _unknown_part(file)
    return unknown


def values_of(files: Iterable[Written], there: Iterable[str]) -> dict[str, dict[str, Given] | Unknown]:
    """Return the values in the variable files that Terraform loads automatically, by file name.

    `there` has the names of existing files. Raises Failure for an invalid file.
    """
    return {
        file.name: _values(file)
        for file in files
        if file.name and is_automatic(file.name) and not (file.gives_way and file.name in there)
    }


def _values(file: Written) -> dict[str, Given] | Unknown:
    """Return the values in a variable file. A value that differs between alternatives is unknown."""
    unknown = _unknown_part(file)
    try:
        cases = [_case(leaf, file, unknown) for _, leaf in leaves(file.contents)]
    except TooManyAlternatives:
        return unknown
    known = [case for case in cases if not isinstance(case, Unknown)]
    if len(known) < len(cases):
        return unknown
    names = {name for case in known for name in case}
    return {name: _agreed([case.get(name) for case in known], unknown) for name in sorted(names)}


def _case(text: Value, file: Written, unknown: Unknown) -> dict[str, Given] | Unknown:
    if file.name and file.name.endswith(".json"):
        try:
            value = decode(text)
        except JsonError as error:
            raise Failure(f"is not valid JSON: {error.message}", file.span.path, file.span) from None
        if not isinstance(value, ObjectValue) or not all(isinstance(member, Pair) for member in value.members):
            return unknown
        pairs = [member for member in value.members if isinstance(member, Pair)]
        return {known_text(pair.key) or "": Given(pair.value) for pair in pairs}
    if not isinstance(text, (Known, Text)):
        return unknown
    try:
        items = _items(file._replace(contents=text))
    except Failure:
        if isinstance(text, Known):
            raise
        return unknown
    arguments = [item for item in items if isinstance(item, Argument)]
    return {item.name: Given(unknown if _HOLE in item.value_span.text else item) for item in arguments}


def _agreed(values: list[Given | None], unknown: Unknown) -> Given:
    """Return the value that all alternatives share. It is unknown if they differ."""
    texts = {
        value.value.value_span.text if value and isinstance(value.value, Argument) else repr(value) for value in values
    }
    return values[0] if len(texts) == 1 and values[0] else Given(unknown)


def _items(file: Written) -> list[Item]:
    """Return the content of a file, with a name in place of each unknown part. Raises Failure."""
    parts = file.contents.parts if isinstance(file.contents, Text) else (file.contents,)
    texts = [known_text(part) for part in parts]
    if None not in texts:
        return read_body(_text_span(file.contents, "".join(text or "" for text in texts), file.span))
    return read_body(_derived(parts, [_HOLE if text is None else text for text in texts], file.span))


def _is(config: Config, argument: Argument | None, wanted: object) -> bool:
    value = config.value_of(argument) if argument else None
    return isinstance(value, Known) and value.value == wanted


def _text_span(value: Value, text: str, written: Span) -> Span:
    """Return a text as a span of a source, whose positions lead to the original text."""
    if isinstance(value, Known) and value.span and value.verbatim is not None:
        return Span(value.span.source, value.verbatim, value.verbatim + len(text))
    parts = value.parts if isinstance(value, Text) else (value,)
    return _derived(parts, [known_text(part) or "" for part in parts], written)


def _derived(parts: Sequence[Value], chunks: Sequence[str], written: Span) -> Span:
    origin = next((part.span.source for part in parts if isinstance(part, Known) and part.span), written.source)
    source = Assembled(parts, chunks).source(origin, written.start)
    return Span(source, 0, len(source.text))
