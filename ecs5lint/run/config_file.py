"""Read and validate a configuration file.

The file is part of the scanned tree, so a stranger may have written it. Therefore, the files it names are read only
inside the project root, nothing is written because of it, and it has no access to the environment.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from functools import cached_property

from ecs5lint.files.globs import Globs
from ecs5lint.files.workspace import Workspace
from ecs5lint.findings.suppressions.claim import no_such_rule
from ecs5lint.light_typing import TYPE_CHECKING, Any, TypeVar
from ecs5lint.location import Failure, Source, Span
from ecs5lint.reports import FORMATS
from ecs5lint.rules import parse_names, rule_named
from ecs5lint.settings.settings import (
    DEFAULT_RULES,
    FAIL_ON,
    TABLE,
    Configuration,
    Configured,
    ConfiguredSuppression,
    Extract,
    Settings,
    Typed,
    Variables,
)
from ecs5lint.settings.suggestion import suggestion
from ecs5lint.text.toml import parse_toml
from ecs5lint.text.visible import is_blank

if TYPE_CHECKING:
    from collections.abc import Mapping

#: The largest file to read, in bytes.
_MAX_SIZE = 1_000_000
#: The maximum number of paths in `extract` tables. Parsing one takes a millisecond.
_MAX_EXTRACTS = 2_000

_KEYS = (
    "paths exclude strict fail-on format variables variable-files parameters parameters-files honor-other-linters "
    "select ignore required-tags exceptions extract"
).split()
#: The keys of the tags that a control can require, and their maximum number.
_TAGS = "required-tags"
_MAX_TAGS = 6

_EXCEPTION_KEYS = "rule path address container reason expires".split()
_EXTRACT_KEYS = "files path".split()

#: The header of a table, or the key before a value.
_HEADER_OR_KEY = r"(?m)^[ \t]*(?:(\[\[?)([^\]\n]+)\]|([^\s=#\[][^=\n]*)=)"

_T = TypeVar("_T")

#: The location of an item in a file: keys, and indexes in lists of tables.
_DottedName = tuple[str | int, ...]


def _shown(item: tuple[str, str | Typed] | str) -> str:
    """Return the text for a variable and its value, or for a variable file."""
    if isinstance(item, str):
        return f"values of {item}"
    name, value = item
    if isinstance(value, Typed):
        import json

        value = json.dumps(value.value, default=str)
    return f"var.{name} = {value}"


def read(path: str, names: Sequence[str], workspace: Workspace) -> Configuration | None:
    """Return the configuration in the table `names` of a file, or None without that table. Raises Failure."""
    if len(workspace.read_bytes(path)) > _MAX_SIZE:
        raise Failure(f"exceeds the limit of {_MAX_SIZE // 1_000_000} MB", path)
    source = workspace.read(path, "toml")
    table: Any = parse_toml(source)
    if not names and TABLE[0] in table:
        at = _Positions(source.text).offset(TABLE)
        raise Failure(
            f"unexpected table [{'.'.join(TABLE)}]: put its keys at the top level", path, Span(source, at, at)
        )
    for name in names:
        table = table.get(name) if isinstance(table, dict) else None
    return (
        None
        if table is None
        else _configuration(_Table(_Positions(source.text), source, tuple(names), table, _KEYS), workspace)
    )


def _configuration(table: _Table, workspace: Workspace) -> Configuration:
    directory = os.path.dirname(table.source.path) or "."

    def inside(key: str) -> tuple[str, ...]:
        """Return paths in the configuration, relative to the working directory."""
        paths = [workspace.normalize(os.path.abspath(os.path.join(directory, path))) for path in table.texts(key)]
        for path in paths:
            if not workspace.is_inside(path):
                raise table.error(key, f"{path} is outside the project root")
        return tuple(paths)

    def files(key: str) -> tuple[str, ...]:
        paths = inside(key)
        for path in paths:
            try:
                workspace.read_bytes(path)
            except Failure as failure:
                raise table.error(key, f"{failure.path} {failure.message}") from None
        return paths

    exclude = _globs(table, "exclude", directory)
    fail_on = _fail_on(table)
    variables: Variables = (*files("variable-files"), *table.variables("variables"))
    parameters, parameters_files = table.assignments("parameters"), files("parameters-files")
    sets = (
        *map(_shown, (*variables, *parameters_files)),
        *(f"parameter {name} = {value}" for name, value in parameters),
    )
    return Configuration(
        paths=inside("paths"),
        exclude=(exclude,) if exclude.patterns else (),
        format=table.one_of("format", list(FORMATS)),
        fail_on=fail_on,
        settings=Settings(
            strict=fail_on == "default",
            variables=variables,
            parameters=parameters,
            parameters_files=parameters_files,
            suppressions=tuple(_exception(item, directory) for item in table.tables("exceptions", _EXCEPTION_KEYS)),
            honor_other_linters=table.boolean("honor-other-linters", True),
            extracts=tuple(_extract(item, directory) for item in _extracts(table)),
            select=_rules(table, "select") or DEFAULT_RULES,
            ignore=_rules(table, "ignore"),
            required_tags=_required_tags(table),
            configuration=Configured(table.source.path, sets),
        ),
    )


def _fail_on(table: _Table) -> str:
    strict = table.flag("strict")
    fail_on = table.one_of("fail-on", FAIL_ON)
    if strict is None or fail_on is None:
        return fail_on or ("default" if strict else "fail")
    if strict != (fail_on == "default"):
        raise table.error("fail-on", f"{fail_on} contradicts strict = {str(strict).lower()}")
    return fail_on


def _required_tags(table: _Table) -> tuple[str, ...] | None:
    keys = table.texts(_TAGS)
    if len(keys) > _MAX_TAGS:
        raise table.error(_TAGS, f"has more than {_MAX_TAGS} keys, which the controls do not accept")
    if any(map(is_blank, keys)):
        raise table.error(_TAGS, "has a blank key")
    return keys if keys or table.has(_TAGS) else None


def _rules(table: _Table, key: str) -> tuple[str, ...]:
    try:
        return tuple(rule for names in table.texts(key) for rule in parse_names(names))
    except ValueError as error:
        raise table.error(key, str(error)) from None


def _globs(table: _Table, key: str, directory: str) -> Globs:
    patterns = table.texts(key)
    _check_patterns(table, key, patterns)
    return Globs(patterns, directory, table.source.path)


def _check_patterns(table: _Table, key: str, patterns: Sequence[str]) -> None:
    """Raise Failure for an invalid path pattern."""
    if patterns:
        from ecs5lint.files.gitignore import parse_strictly

        try:
            parse_strictly(patterns)
        except ValueError as error:
            raise table.error(key, str(error)) from None


def _exception(table: _Table, directory: str) -> ConfiguredSuppression:
    reason = table.text("reason")
    if reason is None or is_blank(reason):
        raise table.error("reason", "an exception needs a reason")
    globs = {key: glob for key in ("path", "address", "container") if (glob := table.text(key)) is not None}
    if not globs:
        raise table.error("", "an exception needs a path, an address or a container")
    _check_patterns(table, "path", [globs["path"]] if "path" in globs else [])
    rule = table.text("rule")
    if rule is not None and rule_named(rule) is None:
        raise table.error("rule", no_such_rule(rule))
    return ConfiguredSuppression(
        reason=reason.strip(),
        rule=(rule and rule_named(rule)) or DEFAULT_RULES[0],
        **globs,
        expires=table.day("expires"),
        at=(table.source.path, table.span().line),
        directory=directory,
    )


def _extracts(table: _Table) -> list[_Table]:
    tables = table.tables("extract", _EXTRACT_KEYS)
    if len(tables) > _MAX_EXTRACTS:
        raise table.error("extract", f"there are more than {_MAX_EXTRACTS:,} paths")
    return tables


def _extract(table: _Table, directory: str) -> Extract:
    path = table.text("path")
    files = _globs(table, "files", directory)
    if not path or not files.patterns:
        raise table.error("", "needs files, and the path in them")
    return Extract(files, path, table.span("path"))


class _Table:
    """A table of a configuration file. Raises Failure for unknown keys."""

    def __init__(
        self, positions: _Positions, source: Source, name: _DottedName, values: object, keys: Sequence[str]
    ) -> None:
        self._positions = positions
        self.source = source
        self._name = name
        if not isinstance(values, dict):
            raise self.error("", "must be a table")
        self._values: Mapping[str, object] = values
        for key in values:
            if key not in keys:
                raise self.error(key, f"unknown key {key!r}; {suggestion(key, keys)}", about_key=False)

    def span(self, key: str = "") -> Span:
        """Return the position of a key of the table, or of the table itself."""
        at = self._positions.offset((*self._name, key) if key else self._name)
        return Span(self.source, at, at)

    def error(self, key: str, message: str, *, about_key: bool = True) -> Failure:
        name = key or next((str(part) for part in reversed(self._name) if isinstance(part, str)), "")
        return Failure(f"{name}: {message}" if name and about_key else message, self.source.path, self.span(key))

    def boolean(self, key: str, default: bool) -> bool:
        given = self.flag(key)
        return default if given is None else given

    def flag(self, key: str) -> bool | None:
        return self._get(key, None, _as_boolean, "true or false")

    def text(self, key: str) -> str | None:
        return self._get(key, None, _as_text, "a string")

    def has(self, key: str) -> bool:
        return isinstance(self._values, dict) and key in self._values

    def texts(self, key: str) -> tuple[str, ...]:
        return self._get(key, (), _as_texts, "a list of strings")

    def day(self, key: str) -> str | None:
        return self._get(key, None, _as_day, "a date, as in 2030-12-31")

    def assignments(self, key: str) -> tuple[tuple[str, str], ...]:
        return self._get(key, (), _as_assignments, "a table of strings, numbers and booleans")

    def variables(self, key: str) -> tuple[tuple[str, Typed], ...]:
        return self._get(key, (), _as_variables, "a table of strings, numbers, booleans, lists and tables")

    def one_of(self, key: str, choices: Sequence[str]) -> str | None:
        chosen = self.text(key)
        if chosen is not None and chosen not in choices:
            raise self.error(key, f"unknown {key} {chosen!r}; {suggestion(chosen, choices)}", about_key=False)
        return chosen

    def tables(self, key: str, keys: Sequence[str]) -> list[_Table]:
        header = ".".join(str(part) for part in (*self._name, key))
        values: tuple[object, ...] = self._get(key, (), _as_list, f"a list of tables, each under [[{header}]]")
        return [
            _Table(self._positions, self.source, (*self._name, key, index), item, keys)
            for index, item in enumerate(values)
        ]

    def _get(self, key: str, default: _T, convert: Callable[[Any], _T | None], wanted: str) -> _T:
        if key not in self._values:
            return default
        value = convert(self._values[key])
        if value is None:
            raise self.error(key, f"must be {wanted}")
        return value


def _as_boolean(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _as_text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _as_texts(value: object) -> tuple[str, ...] | None:
    return tuple(value) if isinstance(value, list) and all(isinstance(item, str) for item in value) else None


def _as_list(value: object) -> tuple[object, ...] | None:
    return tuple(value) if isinstance(value, list) else None


def _as_day(value: object) -> str | None:
    """Return a day in the form YYYY-MM-DD. It may be a TOML date or a string."""
    from datetime import date

    from ecs5lint.findings.suppressions.claim import is_date

    text = value if isinstance(value, str) else str(value) if type(value) is date else ""
    return text if is_date(text) else None


def _as_assignments(value: object) -> tuple[tuple[str, str], ...] | None:
    if not isinstance(value, dict) or not all(isinstance(item, (str, int, float)) for item in value.values()):
        return None
    return tuple((name, str(item).lower() if isinstance(item, bool) else str(item)) for name, item in value.items())


def _as_variables(value: object) -> tuple[tuple[str, Typed], ...] | None:
    if not isinstance(value, dict) or not _is_value(value):
        return None
    return tuple((name, Typed(item)) for name, item in value.items())


def _is_value(value: object) -> bool:
    """Tell whether Terraform has such a value: a string, boolean or finite number, or a list or object of values."""
    if isinstance(value, (list, dict)):
        return all(map(_is_value, value.values() if isinstance(value, dict) else value))
    return isinstance(value, (str, int)) or (isinstance(value, float) and abs(value) < float("inf"))


class _Positions:
    """The positions of the items in a TOML document.

    TOML parsers don't report positions, so this class searches for headers and keys. It may mistake a line in a
    multi-line string for one.
    """

    def __init__(self, text: str) -> None:
        self._text = text

    def offset(self, name: _DottedName) -> int:
        """Return the offset of an item, or of the closest item around it."""
        known = (self._offsets[name[:length]] for length in range(len(name), 0, -1) if name[:length] in self._offsets)
        return next(known, 0)

    @cached_property
    def _offsets(self) -> dict[_DottedName, int]:
        """The offsets of the headers and keys, and of all their parents."""
        offsets: dict[_DottedName, int] = {}
        table: _DottedName = ()
        counts: dict[_DottedName, int] = {}
        for match in re.finditer(_HEADER_OR_KEY, self._text):
            if match[1]:
                found = table = _names(match[2])
                if match[1] == "[[":
                    counts[table] = counts.get(table, -1) + 1
                    found = table = (*table, counts[table])
            else:
                found = (*table, *_names(match[3]))
            for length in range(1, len(found) + 1):
                offsets.setdefault(found[:length], match.start(2 if match[1] else 3))
        return offsets


def _names(key: str) -> _DottedName:
    """Return the parts of a dotted key."""
    return tuple(part.strip().strip("\"'") for part in key.split("."))
