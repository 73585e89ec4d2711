"""Implement the filesystem functions.

https://developer.hashicorp.com/terraform/language/functions#filesystem-functions

They read only files inside the project root.
"""

from __future__ import annotations

import base64
import os
import posixpath
import re
from collections.abc import Callable, Iterator

from ecs5lint.light_typing import TypeVar
from ecs5lint.location import Failure, Source, Span
from ecs5lint.parsers.terraform.language.functions.context import Call
from ecs5lint.parsers.terraform.language.functions.function import Function, plain
from ecs5lint.parsers.terraform.language.functions.template_text import template_variables
from ecs5lint.parsers.terraform.language.plain_values import plain_value
from ecs5lint.parsers.terraform.language.types import ANY, BOOL, STRING, set_of
from ecs5lint.parsers.terraform.syntax.errors import EvaluationError, NotKnown
from ecs5lint.text.regex import Pattern, compile_pattern
from ecs5lint.text.regex.syntax import InvalidPattern, PatternLimit
from ecs5lint.values.kinds import Known, ListValue, Unknown, Value, all_assumptions, assume

#: The largest number of directory entries that fileset reads.
MAX_ENTRIES = 20_000
#: The number of expressions whose evaluation takes as long as looking at an entry.
_STEPS_OF_ENTRY = 4

_YAML = (".yaml", ".yml")

Content = TypeVar("Content")


def located(call: Call, path: Value) -> str:
    """Return the path in an argument, relative to the working directory. Raises EvaluationError and NotKnown."""
    text: str = plain_value(path)
    if "\0" in text:
        raise EvaluationError("the path is not valid", path.span)
    if text.startswith("~"):
        raise NotKnown(Unknown(f"{text} is in a home directory, outside the project root", path.span))
    return os.path.join(call.context.directory, text)


def read(call: Call, path: Value) -> Source:
    """Return the text file that an argument names.

    Raises EvaluationError for a missing file, and NotKnown if reading it fails or is not allowed.
    """
    file = located(call, path)
    name = os.path.splitext(file)[0] if file.endswith((".tpl", ".tftpl", ".tmpl")) else file
    syntax = "yaml" if name.endswith(_YAML) else "json"
    return _guarded(call, file, lambda: call.context.workspace.read(file, syntax))


def read_bytes(call: Call, path: Value) -> bytes:
    """Return the content of the file that an argument names. Raises the same errors as `read`."""
    file = located(call, path)
    return _guarded(call, file, lambda: call.context.workspace.read_bytes(file))


def _guarded(call: Call, file: str, read: Callable[[], Content]) -> Content:
    try:
        return read()
    except Failure as failure:
        if call.context.workspace.is_missing(file):
            raise EvaluationError(f"file not found: {failure.path}", call.span) from None
        raise NotKnown(Unknown(f"{failure.path} {failure.message}", call.span)) from None


def _file(call: Call, path: Value) -> Value:
    source = read(call, path)
    return Known(source.text, Span(source, 0, len(source.text)), all_assumptions([path]), verbatim=0)


def _templatefile(call: Call, path: Value, variables: Value) -> Value:
    source = read(call, path)
    rendered = call.context.render(Span(source, 0, len(source.text)), template_variables(variables))
    return assume(rendered, all_assumptions([path]))


def _fileexists(call: Call, path: Value) -> Value:
    file = located(call, path)
    workspace = call.context.workspace
    if not workspace.is_inside(file):
        raise NotKnown(Unknown(f"{file} is outside the project root", call.span))
    if workspace.is_directory(file):
        raise EvaluationError(f"{file} is a directory", call.span)
    return Known(not workspace.is_missing(file), call.span, all_assumptions([path]))


def _fileset(call: Call, path: Value, pattern: Value) -> Value:
    written = plain_value(pattern)
    if not {".", ".."}.isdisjoint(written.split("/")):
        raise NotKnown(Unknown("a pattern with . or .. in it is not evaluated", call.span))
    glob = glob_pattern(written)
    found = []
    for name in _files_below(call, located(call, path), is_deep="/" in written or "**" in written):
        call.context.spend(glob.work(len(name)))
        if glob.search(name):
            found.append(name)
    assumptions = all_assumptions([path, pattern])
    items = tuple(Known(name, call.span, assumptions) for name in sorted(found))
    return ListValue(items, call.span, assumptions, is_set=True, type=set_of(STRING))


def _files_below(call: Call, top: str, is_deep: bool) -> Iterator[str]:
    """Yield the paths of the files in a directory, relative to it. If `is_deep`, include all directories below it.

    Raises NotKnown for too many entries, and for a link that leads out of the project.
    """
    workspace = call.context.workspace
    if not workspace.is_inside(top):
        raise NotKnown(Unknown(f"{top} is outside the project root", call.span))
    pending = [""]
    count = 0
    while pending:
        directory = pending.pop()
        for name in workspace.entries(os.path.join(top, directory)):
            count += 1
            call.context.spend(_STEPS_OF_ENTRY)
            if count > MAX_ENTRIES:
                raise NotKnown(Unknown(f"{top} has too many files to look through", call.span))
            relative = posixpath.join(directory, name)
            file = os.path.join(top, relative)
            if not workspace.is_inside(file):
                raise NotKnown(Unknown(f"{file} is outside the project root", call.span))
            if workspace.is_directory(file):
                if is_deep:
                    pending.append(relative)
            else:
                yield relative


_GLOB = re.compile(r"\*\*/|\*\*|\*|\?|\[\^?[^]]+\]|\{[^{}]*\}|\\?.", re.DOTALL)


def glob_pattern(pattern: str) -> Pattern:
    """Return the pattern of fileset, for a whole path: `*`, `**`, `?`, `[...]` and `{...,...}`. Raises NotKnown.

    https://pkg.go.dev/github.com/bmatcuk/doublestar#hdr-Patterns
    """
    try:
        return compile_pattern(rf"\A(?s:{_glob_pieces(pattern)})\z")
    except (InvalidPattern, PatternLimit):
        raise NotKnown(Unknown(f"the pattern {pattern} is not evaluated")) from None


def _glob_pieces(pattern: str) -> str:
    return "".join(_glob_piece(match.group()) for match in _GLOB.finditer(pattern))


def _glob_piece(piece: str) -> str:
    simple = {"**/": "(?:[^/]+/)*", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    if piece in simple:
        return simple[piece]
    if piece[0] == "[" and len(piece) > 1:
        return f"[^/{_literal(piece[2:-1])}]" if piece[1] == "^" else f"[{piece[1:-1]}]"
    if piece[0] == "{" and len(piece) > 1:
        return "(?:" + "|".join(_glob_pieces(part) for part in piece[1:-1].split(",")) + ")"
    return _literal(piece[-1])


def _literal(text: str) -> str:
    return re.sub(r"([\0-/:-@\[-`{-\x7f])", r"\\\1", text)


def _basename(path: str) -> str:
    return posixpath.basename(path.rstrip("/")) or ("/" if path else ".")


def _dirname(path: str) -> str:
    return _clean(path[: path.rfind("/") + 1])


def _clean(path: str) -> str:
    cleaned = posixpath.normpath(path)
    return cleaned[1:] if cleaned.startswith("//") else cleaned


def _pathexpand(path: str) -> str:
    if path.startswith("~"):
        raise NotKnown(Unknown("the home directory is known only when Terraform runs"))
    return path


def _abspath(call: Call, path: Value) -> Value:
    file = os.path.abspath(located(call, path))
    return Known(file.replace(os.sep, "/"), call.span, all_assumptions([path]))


def _filebase64(call: Call, path: Value) -> Value:
    text = base64.b64encode(read_bytes(call, path)).decode("ascii")
    return Known(text, call.span, all_assumptions([path]))


FUNCTIONS = {
    "abspath": Function(_abspath, (STRING,), STRING),
    "basename": plain(_basename, (STRING,), STRING),
    "dirname": plain(_dirname, (STRING,), STRING),
    "file": Function(_file, (STRING,), STRING),
    "filebase64": Function(_filebase64, (STRING,), STRING),
    "fileexists": Function(_fileexists, (STRING,), BOOL),
    "fileset": Function(_fileset, (STRING, STRING), set_of(STRING)),
    "pathexpand": plain(_pathexpand, (STRING,), STRING),
    # A template that is a single interpolation has the value of that interpolation, of any type.
    "templatefile": Function(_templatefile, (STRING, ANY), ANY),
}
