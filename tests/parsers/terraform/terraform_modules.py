"""Generate Terraform modules with hypothesis, for comparison with Terraform.

A module is generated top-down from types: a request for a text, a list of objects or a list of containers returns an
expression of that type, which uses the names declared so far. So nearly all modules are valid.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import Any

from hypothesis import strategies as st


@dataclass(frozen=True)
class Scalar:
    """`bool`, `number` or `string`."""

    name: str


@dataclass(frozen=True)
class ListOf:
    element: Kind


@dataclass(frozen=True)
class MapOf:
    element: Kind


@dataclass(frozen=True)
class Object:
    attributes: tuple[tuple[str, Kind], ...]


Kind = Scalar | ListOf | MapOf | Object

BOOL, NUMBER, STRING = Scalar("bool"), Scalar("number"), Scalar("string")
PAIR = Object((("name", STRING), ("value", STRING)))
LOGGING = Object((("logDriver", STRING), ("options", MapOf(STRING))))

#: The members that only some container definitions have.
MEMBERS: tuple[tuple[str, Kind], ...] = (
    ("essential", BOOL),
    ("cpu", NUMBER),
    ("image", STRING),
    ("command", ListOf(STRING)),
    ("environment", ListOf(PAIR)),
    ("logConfiguration", LOGGING),
    ("readonlyRootFilesystem", BOOL),
)

WORDS = ("web", "db", "side-car", "", "a b", 'say "hi"', "two\nlines", "x\\y", "é", "true", "1", "<&>", "${x}", "%{x}")
REFUSED = ("{}.none", "[][3]", 'tonumber("x")', "tolist([])[0]")
KEYS = ("a", "b", "c", "web", "Z", "1", "a b", "é")


@dataclass(frozen=True)
class Argument:
    """The value that a caller sets for a variable: a literal or, with a `kind`, any expression of that type.

    `by_default` tells that the root module passes the default of one of its own variables.
    """

    name: str
    type: str
    value: str
    kind: Kind | None = None
    by_default: bool = False


@dataclass
class Files:
    """A generated module: its files by their paths in its directory, and the arguments from its caller.

    In the files, `RESOURCE` and `ARGUMENT` stand for the resource type and the argument with the containers.
    """

    contents: dict[str, str] = field(default_factory=dict)
    arguments: list[Argument] = field(default_factory=list)
    outputs: list[tuple[str, Kind]] = field(default_factory=list)


@dataclass(frozen=True)
class Named:
    """A name that expressions can refer to. If it is `optional`, it may be null."""

    text: str
    kind: Kind
    optional: bool = False


def quoted(text: str) -> str:
    """Return a text as an HCL string literal."""
    return json.dumps(text, ensure_ascii=False).replace("${", "$${").replace("%{", "%%{")


def type_text(kind: Kind) -> str:
    """Return the declaration of a type in a variable block."""
    if isinstance(kind, Scalar):
        return kind.name
    if isinstance(kind, Object):
        return "object({" + ", ".join(f"{name} = {type_text(inner)}" for name, inner in kind.attributes) + "})"
    return f"{'list' if isinstance(kind, ListOf) else 'map'}({type_text(kind.element)})"


class Writer:
    """Writes one module. `names` has the names that the next expression can refer to."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self.names: list[Named] = []
        self.files = Files()
        self._loops = 0
        self._in_template = False

    def pick(self, *options: Any) -> Any:
        return self._random.choice(options)

    def chance(self, one_in: int) -> bool:
        return self._random.randint(1, one_in) == 1

    def several(self, least: int, most: int, make: Callable[[], str]) -> list[str]:
        return [make() for _ in range(self._random.randint(least, most))]

    @contextmanager
    def within(self, *names: Named) -> Iterator[None]:
        """Run a block in which expressions can refer to the names of a loop."""
        before = self.names
        self.names = [*before, *names]
        yield
        self.names = before

    # Constants

    def kind(self, depth: int = 2) -> Kind:
        options: list[Any] = [BOOL, STRING, NUMBER, STRING]
        if depth:
            options += [ListOf, ListOf, MapOf, MapOf, Object, Object]
        made = self.pick(*options)
        if isinstance(made, Scalar):
            return made
        if made is Object:
            names = [name for name in ("on", "name", "size", "tags") if not self.chance(4)]
            return Object(tuple((name, self.kind(depth - 1)) for name in names))
        result: Kind = made(self.kind(depth - 1))
        return result

    def container_kind(self) -> Object:
        return Object((("name", STRING), *(item for item in MEMBERS if self.chance(2))))

    def constant(self, kind: Kind, *, loose: bool = False) -> str:
        """Return a literal. If `loose`, it may have another type that converts to the wanted type."""
        if kind == BOOL:
            value = self.pick("true", "false")
            return f'"{value}"' if loose and self.chance(4) else str(value)
        if kind == NUMBER:
            value = self.pick("0", "1", "2", "256", "1.5", "-3", "1e3")
            return f'"{value}"' if loose and self.chance(4) else str(value)
        if kind == STRING:
            return str(self.pick("1.50", "true", "7")) if loose and self.chance(6) else quoted(self.pick(*WORDS))
        if isinstance(kind, ListOf):
            return f"[{', '.join(self.several(0, 3, lambda: self.constant(kind.element, loose=loose)))}]"
        if isinstance(kind, MapOf):
            keys = dict.fromkeys(self.several(0, 3, lambda: str(self.pick(*KEYS))))
            return self.object([(quoted(key), self.constant(kind.element, loose=loose)) for key in keys])
        assert isinstance(kind, Object)
        members = [(name, self.constant(inner, loose=loose)) for name, inner in kind.attributes]
        if loose and self.chance(3):
            members.append(("undeclared", "1"))
        return self.object(members)

    def object(self, members: list[tuple[str, str]]) -> str:
        """Return an object with the given keys and values, as text."""
        if not members:
            return "{}"
        sign = self.pick("=", "=", ":")
        if self.chance(2):
            return "{ " + ", ".join(f"{key} {sign} {value}" for key, value in members) + " }"
        return "{\n" + "\n".join(f"{key} {sign} {value} # {key}" for key, value in members) + "\n}"

    # Expressions

    def references(self, kind: Kind) -> list[str]:
        """Return the names in scope, and their attributes, that have the given type."""
        found = []
        for name in self.names:
            if name.kind == kind:
                if name.optional:
                    found += [f"coalesce({name.text}, {self.constant(kind)})"] if kind in (BOOL, NUMBER) else []
                else:
                    found.append(name.text)
            if isinstance(name.kind, Object) and not name.optional:
                for attribute, inner in name.kind.attributes:
                    if inner == kind and attribute == "readonlyRootFilesystem":
                        found.append(f"({name.text}.{attribute} == true)")  # it may be null
                    elif inner == kind:
                        found += [f"{name.text}.{attribute}", f'{name.text}["{attribute}"]']
        return found

    def collections(self, make: Callable[[Any], Kind]) -> list[tuple[str, Any]]:
        """Return the lists or the maps in scope, with the types of their elements."""
        found = [item for item in self.names if isinstance(item.kind, make) and not item.optional]  # type: ignore[arg-type]
        return [(item.text, item.kind.element) for item in found]  # type: ignore[union-attr]

    def expression(self, kind: Kind, depth: int = 3) -> str:
        """Return an expression of a type."""
        references = self.references(kind)
        if references and self.chance(2):
            return str(self.pick(*references))
        if depth <= 0 or self.chance(6):
            return self.constant(kind)
        general: list[Callable[[], str]] = [
            lambda: (
                f"({self.condition(depth)} ? {self.expression(kind, depth - 1)} : {self.expression(kind, depth - 1)})"
            ),
            lambda: f"try({self.pick(*REFUSED)}, {self.expression(kind, depth - 1)})",
            lambda: self._indexed(kind, depth),
            lambda: f"jsondecode(jsonencode({self.expression(kind, depth - 1)}))",
            lambda: f"element([{self.expression(kind, depth - 1)}], 3)",
            lambda: f"one([{self.expression(kind, depth - 1)}])",
            lambda: f"yamldecode({quoted(self._yaml(kind))})",
        ]
        for text, element in self.collections(MapOf):
            if element == kind:
                general.append(partial(self._looked_up, text, kind, depth))
        for text, element in self.collections(ListOf):
            if element == kind:
                general.append(partial(self._tried, text, kind, depth))
        if self.chance(3):
            return self.pick(*general)()  # type: ignore[no-any-return]
        if isinstance(kind, Scalar):
            return {BOOL: self._bool, NUMBER: self._number, STRING: self._string}[kind](depth)
        if isinstance(kind, ListOf):
            return self._list(kind, depth)
        if isinstance(kind, MapOf):
            return self._map(kind, depth)
        return self._object(kind, depth)

    def _yaml(self, kind: Kind) -> str:
        """Return a constant as YAML in flow style, with merge keys in its objects."""
        if kind == BOOL:
            return str(self.pick("true", "no", "On", "!!bool y"))
        if kind == NUMBER:
            return str(self.pick("0", "0x1f", "0o17", "1e3", "2.50", "-7", "!!int 5"))
        if kind == STRING:
            return str(self.pick("web", "'true'", '"a b"', "!!str 1", "-0x1f", "2026-01-31", '!!bool "no"', "1_000"))
        if isinstance(kind, ListOf):
            return f"[{', '.join(self.several(0, 3, lambda: self._yaml(kind.element)))}]"
        if isinstance(kind, MapOf):
            names: list[tuple[str, Kind]] = [
                (name, kind.element) for name in self.several(0, 3, lambda: self.pick("a", "b", "c"))
            ]
            return self._yaml_object(names)
        assert isinstance(kind, Object)
        return self._yaml_object(list(kind.attributes))

    def _yaml_object(self, attributes: list[tuple[str, Kind]]) -> str:
        members = [f"{name}: {self._yaml(kind)}" for name, kind in attributes]
        if attributes and self.chance(2):
            some = [item for item in attributes if self.chance(2)]
            merge = f"{self.pick('<<', chr(34) + '<<' + chr(34))}: {self._yaml_object(some)}"
            members.insert(self._random.randint(0, len(members)), merge)
        return "{" + ", ".join(members) + "}"

    def _looked_up(self, text: str, kind: Kind, depth: int) -> str:
        key, default = self.expression(STRING, depth - 1), self.expression(kind, depth - 2)
        return f"lookup({text}, {key}, {default})" if self.chance(2) else f"try({text}[{key}], {default})"

    def _tried(self, text: str, kind: Kind, depth: int) -> str:
        return f"try({text}[{self.pick(0, 1)}], {self.expression(kind, depth - 2)})"

    def _indexed(self, kind: Kind, depth: int) -> str:
        value = self.expression(kind, depth - 1)
        form = self.pick(0, 1, 2, 3)
        if form == 0:
            return f"[{value}][0]"
        if form == 1:
            return f"[{self.constant(kind)}, {value}][1]"
        if form == 2:
            return f"{{ k = {value} }}.k"
        return f'{{ yes = {value}, no = {self.constant(kind)} }}[{self.condition(depth)} ? "yes" : "no"]'

    def condition(self, depth: int) -> str:
        return self.expression(BOOL, depth - 1)

    def _filled(self, form: str, depth: int) -> str:
        """Return a form with expressions in place of its types: `BOOL`, `TEXTS` ..."""
        kinds: dict[str, Callable[[], Kind]] = {
            "BOOL": lambda: BOOL,
            "NUMBER": lambda: NUMBER,
            "STRING": lambda: STRING,
            "SCALAR": lambda: self.pick(BOOL, NUMBER, STRING),
            "TEXTS": lambda: ListOf(STRING),
            "NUMBERS": lambda: ListOf(NUMBER),
            "ANY": lambda: self.kind(1),
        }
        return re.sub("[A-Z]{3,}", lambda match: self.expression(kinds[match[0]](), depth - 1), form)

    def _bool(self, depth: int) -> str:
        form = self.pick(
            "!BOOL",
            "(BOOL && BOOL)",
            "(BOOL || BOOL)",
            "(BOOL == BOOL)",
            "(STRING == STRING)",
            "(NUMBER != NUMBER)",
            "(SCALAR == SCALAR)",
            "(NUMBER < NUMBER)",
            "(NUMBER >= NUMBER)",
            "contains(TEXTS, STRING)",
            "contains(NUMBERS, NUMBER)",
            "(length(TEXTS) > 0)",
            "(TEXTS == [])",
            "(TEXTS != TEXTS)",
            "(tolist(TEXTS) == tolist(TEXTS))",
            "(tolist(TEXTS)[*] == TEXTS)",
            "(toset(NUMBERS) == toset(NUMBERS))",
            '(formatlist("%s", TEXTS) == TEXTS)',
            "(jsonencode(toset([TEXTS, TEXTS])) == jsonencode(toset([TEXTS])))",
            "(length(setproduct(TEXTS, NUMBERS)) > 2)",
            "can(TEXTS[0])",
            "alltrue([BOOL, BOOL])",
            "anytrue([for x in TEXTS : x != STRING])",
            'tobool(BOOL ? "true" : "false")',
            "startswith(STRING, STRING)",
        )
        return self._filled(form, depth)

    def _number(self, depth: int) -> str:
        form = self.pick(
            "(NUMBER + NUMBER)",
            "(NUMBER * 2 - NUMBER)",
            "max(NUMBER, NUMBER)",
            "(0 - NUMBER)",
            "length(TEXTS)",
            "length(STRING)",
            "length(keys({ a = ANY }))",
            "tonumber(tostring(NUMBER))",
            "floor(NUMBER / 4)",
            "(NUMBER % 3)",
        )
        return self._filled(form, depth)

    def _string(self, depth: int) -> str:
        if self.chance(3):
            return self._template(depth)
        form = self.pick(
            "upper(STRING)",
            'replace(STRING, "e", STRING)',
            'replace(STRING, "/[aeiou]/", STRING)',
            "trimspace(STRING)",
            'join(",", TEXTS)',
            'join("", TEXTS)',
            'format("%s-%v", STRING, SCALAR)',
            "jsonencode(ANY)",
            "tostring(SCALAR)",
            "substr(STRING, 0, 2)",
            "sensitive(STRING)",
            "basename(path.module)",
            'coalesce(STRING, STRING, "last")',
            'trimsuffix(STRING, "b")',
        )
        return self._filled(form, depth)

    def _template(self, depth: int) -> str:
        """Return a quoted template, or a heredoc (which can't be nested in a template)."""
        if self._in_template or self.chance(2):
            with self._template_scope():
                return '"' + "".join(self.several(1, 3, lambda: self._template_part(depth, line=False))) + '"'
        with self._template_scope():
            lines = self.several(1, 4, lambda: "    " + self._template_part(depth, line=True))
        return f"({self.pick('<<', '<<-')}EOT\n" + "\n".join(lines) + "\n  EOT\n)"

    @contextmanager
    def _template_scope(self) -> Iterator[None]:
        before, self._in_template = self._in_template, True
        yield
        self._in_template = before

    def _template_part(self, depth: int, *, line: bool) -> str:
        left, right = self.pick("", "", "~"), self.pick("", "", "~")
        newline = self.pick("", "\n      ") if line else ""
        kind = self.pick("text", "value", "if", "if else", "for")
        if kind == "text":
            return str(self.pick("abc", " - ", "$${x}", "%%{x}", "é", "  padded  ", "100% ", "$ "))
        if kind == "value" or depth <= 1:
            return f"${{{left} {self.expression(self.pick(STRING, NUMBER, BOOL), depth - 1)} {right}}}"
        if kind == "for":
            name = self._loop_name()
            items = self.expression(ListOf(STRING), depth - 1)
            return f"%{{{left} for {name} in {items} {right}}}{newline} ${{{name}}},{newline}%{{{left} endfor {right}}}"
        other = f"{newline}%{{{left} else {right}}} b " if kind == "if else" else ""
        value = self.expression(STRING, depth - 2)
        opening = f"%{{{left} if {self.condition(depth)} {right}}}"
        return f"{opening}{newline} a ${{{value}}} {other}{newline}%{{ endif {right}}}"

    def _loop_name(self) -> str:
        self._loops += 1
        return f"x{self._loops}"

    def _list(self, kind: ListOf, depth: int) -> str:
        element = kind.element
        simple = isinstance(element, Scalar)
        options: list[Callable[[], str]] = [
            lambda: f"[{', '.join(self.several(0, 3, lambda: self.expression(element, depth - 1)))}]",
            lambda: self.for_list(element, depth),
            lambda: self.for_list(element, depth),
            lambda: f"concat({self.expression(kind, depth - 1)}, {self.expression(kind, depth - 1)})",
            lambda: f"({self.condition(depth)} ? {self.expression(kind, depth - 1)} : [])",
            lambda: f"reverse({self.expression(kind, depth - 1)})",
            lambda: f"values({self.expression(MapOf(element), depth - 1)})",
            lambda: f"tolist({self.expression(kind, depth - 1)})",
            lambda: f"[for x in [{self.expression(element, depth - 1)}, null] : x if x != null]",
            lambda: f"[for x in toset({self.expression(kind, depth - 1)}) : x]",
            lambda: f"tolist(setunion({self.expression(kind, depth - 1)}, {self.expression(kind, depth - 1)}))",
            lambda: f"tolist({self.expression(kind, depth - 1)})[*]",
            lambda: f"flatten([{self.expression(kind, depth - 1)}][*][*])" if simple else self.constant(kind),
        ]
        if simple:
            options.append(lambda: f"distinct({self.expression(kind, depth - 1)})")
            options.append(
                lambda: f"flatten([{self.expression(kind, depth - 1)}, {self.expression(element, depth - 1)}])"
            )
        if element == STRING:
            options += [
                lambda: f"sort({self.expression(kind, depth - 1)})",
                lambda: f"compact({self.expression(kind, depth - 1)})",
                lambda: f'split(",", {self.expression(STRING, depth - 1)})',
                lambda: f"keys({self.expression(MapOf(self.kind(1)), depth - 1)})",
                lambda: f"tolist(toset({self.expression(kind, depth - 1)}))",
            ]
        for text, inner in self.collections(ListOf):
            if isinstance(inner, Object):
                for attribute, attribute_kind in inner.attributes:
                    if attribute_kind == element:
                        options.append(lambda text=text, attribute=attribute: f"{text}[*].{attribute}")  # type: ignore[misc]
        return self.pick(*options)()  # type: ignore[no-any-return]

    def _loop(self, depth: int, *, keyed: bool = False) -> tuple[str, list[Named]]:
        """Return the head of a for expression, and the names it binds. If `keyed`, the name of the key comes first."""
        over = [*self.collections(ListOf), *self.collections(MapOf)]
        maps = {text for text, _ in self.collections(MapOf)}
        if over and not self.chance(3):
            text, element = self.pick(*over)
        else:
            element = self.kind(1)
            is_map = self.chance(2)
            text = self.expression((MapOf if is_map else ListOf)(element), depth - 1)
            maps = {text} if is_map else set()
        key, value = self._loop_name(), self._loop_name()
        if not keyed and self.chance(2):
            return f"for {value} in {text}", [Named(value, element)]
        return f"for {key}, {value} in {text}", [Named(key, STRING if text in maps else NUMBER), Named(value, element)]

    def _filter(self, depth: int) -> str:
        return f" if {self.condition(depth)}" if self.chance(2) else ""

    def for_list(self, element: Kind, depth: int) -> str:
        head, names = self._loop(depth)
        with self.within(*names):
            return f"[{head} : {self.expression(element, depth - 1)}{self._filter(depth)}]"

    def _map(self, kind: MapOf, depth: int) -> str:
        return self.pick(self._written_map, self._for_map, self._for_map, self._made_map)(kind, depth)  # type: ignore[no-any-return]

    def _written_map(self, kind: MapOf, depth: int) -> str:
        keys = dict.fromkeys(self.several(0, 3, lambda: str(self.pick(*KEYS))))
        members = []
        for key in keys:
            written = self.pick(quoted(key), f"({quoted(key)})", f'"${{{quoted(key)}}}"')
            members.append((written, self.expression(kind.element, depth - 1)))
        if self.chance(4):
            members.append((f"({self.expression(STRING, depth - 2)})", self.expression(kind.element, depth - 1)))
        return self.object(members)

    def _for_map(self, kind: MapOf, depth: int) -> str:
        head, names = self._loop(depth, keyed=True)
        with self.within(*names):
            if isinstance(kind.element, ListOf) and self.chance(2):
                key, value = (
                    self.expression(STRING, depth - 1),
                    f"{self.expression(kind.element.element, depth - 1)}...",
                )
            else:
                key, value = f'"k-${{{names[0].text}}}"', self.expression(kind.element, depth - 1)
            return f"{{{head} : {key} => {value}{self._filter(depth)}}}"

    def _made_map(self, kind: MapOf, depth: int) -> str:
        form = self.pick(
            "merge(MAP, MAP)",
            "merge(MAP, { added = ELEMENT })",
            "merge([MAP, MAP]...)",
            'zipmap(["b", "a"], [ELEMENT, ELEMENT])',
            "(CONDITION ? MAP : {})",
            "tomap(MAP)",
        )
        kinds = {"MAP": kind, "ELEMENT": kind.element, "CONDITION": BOOL}
        return re.sub("[A-Z]{3,}", lambda match: self.expression(kinds[match[0]], depth - 1), form)

    def _object(self, kind: Object, depth: int) -> str:
        members = []
        for name, inner in kind.attributes:
            key = self.pick(name, name, f'"{name}"', f'("{name}")', f'"${{"{name}"}}"')
            value = self.expression(inner, depth - 1)
            if name == "readonlyRootFilesystem":
                value = self.nullable_bool(value)
            members.append((key, value))
        if not members or not self.chance(3):
            return self.object(members)
        part = self._random.randint(0, len(members))
        first = self.object(members[:part] + [(name, self.constant(inner)) for name, inner in kind.attributes[part:]])
        return f"merge({first}, {self.object(members[part:])})"

    def nullable_bool(self, value: str) -> str:
        """Return a boolean, or an expression that may be null."""
        optional = [name.text for name in self.names if name.optional and name.kind == BOOL]
        if optional and self.chance(2):
            return str(self.pick(*optional))
        form = self.pick("value", "value", "value", "true", "null", "choice")
        if form == "choice":
            return f"({self.condition(2)} ? {value} : null)"
        return value if form == "value" else str(form)

    # Containers

    def container(self, depth: int) -> str:
        container = self.expression(self.container_kind(), depth)
        extra = self.pick("", "", "readonlyRootFilesystem", "conditional", "null")
        if extra == "readonlyRootFilesystem":
            flag = self.nullable_bool(self.expression(BOOL, depth - 1))
            return f"merge({container}, {{ readonlyRootFilesystem = {flag} }})"
        if extra == "conditional":
            flag = self.nullable_bool(self.expression(BOOL, depth - 1))
            return f"merge({container}, {self.condition(depth)} ? {{ readonlyRootFilesystem = {flag} }} : {{}})"
        if extra == "null":
            return f"{{ for k, v in {container} : k => v if v != null }}"
        return container

    def containers(self, depth: int = 3) -> str:
        """Return a list of container definitions in any form."""

        def written() -> str:
            return f"[{', '.join(self.several(0, 3, lambda: self.container(depth)))}]"

        if depth <= 1:
            return written()
        options: list[Callable[[], str]] = [
            written,
            lambda: f"concat({self.containers(depth - 1)}, {self.containers(depth - 1)})",
            lambda: f"flatten([{self.containers(depth - 1)}, [{self.containers(depth - 1)}]])",
            lambda: self.for_list(self.container_kind(), depth),
            lambda: self.expression(ListOf(self.container_kind()), depth),
            lambda: f"values({self.expression(MapOf(self.container_kind()), depth)})",
            lambda: self._with_read_only(
                depth, "c", f"merge(c, {{ readonlyRootFilesystem = {self.nullable_bool('true')} }})"
            ),
            lambda: f"[for c in {self.containers(depth - 1)} : c if try(c.essential, {self.constant(BOOL)})]",
            lambda: self._with_read_only(
                depth, "i, c", f"merge({{ readonlyRootFilesystem = {self.condition(depth)} }}, c)"
            ),
            lambda: f"({self.condition(depth)} ? [{self.container(depth)}] : [])",
            lambda: self._container_for_each_name(depth),
            lambda: f"yamldecode(yamlencode({self.containers(depth - 1)}))",
            lambda: f"jsondecode({self.json(depth - 1)})",
        ]
        lists = [name.text for name in self.names if name.text.endswith("containers")]
        if lists:
            options += [lambda: str(self.pick(*lists))] * 3
        return self.pick(*options)()  # type: ignore[no-any-return]

    def _with_read_only(self, depth: int, item: str, form: str) -> str:
        """Return a loop over containers that adds a member before or after the others."""
        return f"[for {item} in {self.containers(depth - 1)} : {form}]"

    def _container_for_each_name(self, depth: int) -> str:
        names, container = self.expression(ListOf(STRING), depth), self.container(depth - 1)
        return f"flatten([for n in {names} : [merge({{ name = n }}, {container})]])"

    def json(self, depth: int = 3) -> str:
        """Return the JSON text of a list of container definitions."""
        options: list[Callable[[], str]] = [
            lambda: f"jsonencode({self.containers(depth)})",
            lambda: f"jsonencode({self.containers(depth)})",
            lambda: f'format("[%s]", jsonencode({self.container(depth)}))',
            lambda: f"({self.condition(depth)} ? {self.json(depth - 1)} : {self.json(depth - 1)})",
            lambda: f'"[${{join(",", [for c in {self.containers(depth)} : jsonencode(c)])}}]"',
            lambda: f'replace(jsonencode({self.containers(depth)}), "web", {quoted(self.pick("app", "x y"))})',
            lambda: f"coalesce({self.pick('null', quoted(''))}, {self.json(depth - 1)})",
        ]
        if depth <= 1 or self._in_template:
            return options[0]()
        options += [
            lambda: self._written_json(depth),
            lambda: self._written_json(depth),
            lambda: self._template_file(depth),
        ]
        return self.pick(*options)()  # type: ignore[no-any-return]

    def _written_json(self, depth: int) -> str:
        with self._template_scope():
            items = self.several(0, 3, lambda: self._json_item(depth))
            loop = self._json_loop(depth) if self.chance(2) else ""
            last = f"${{jsonencode({self.container(depth)})}}"
        return "(<<-EOT\n  [\n" + loop + "".join(f"    {item},\n" for item in items) + f"    {last}\n  ]\n  EOT\n)"

    def _json_item(self, depth: int) -> str:
        if self.chance(2):
            return f"${{jsonencode({self.container(depth)})}}"
        name, flag = self.expression(STRING, depth - 1), self.expression(BOOL, depth - 1)
        middle = self.pick("", '"essential": true, ', '"image": "a\\"b\\\\", ', '"readonlyrootfilesystem": false, ')
        read_only = self.pick(
            f'"readonlyRootFilesystem": ${{{flag}}}',
            f'"readonlyRootFilesystem": %{{ if {flag} }}true%{{ else }}false%{{ endif }}',
            '"cpu": 1',
        )
        return f'{{"name": ${{jsonencode({name})}}, {middle}{read_only}}}'

    def _json_loop(self, depth: int) -> str:
        name = self._loop_name()
        items = self.expression(ListOf(STRING), depth - 1)
        with self.within(Named(name, STRING)):
            item = self._json_item(depth - 1)
        mark = self.pick("", "~")
        return f"    %{{ for {name} in {items} {mark}}}\n    {item},\n    %{{ endfor {mark}}}\n"

    def _template_file(self, depth: int) -> str:
        path = f"template{len(self.files.contents)}.tftpl"
        outside = self.names
        self.names = [Named("names", ListOf(STRING)), Named("on", BOOL), Named("item", PAIR)]
        text = self._written_json(2).removeprefix("(<<-EOT\n").removesuffix("  EOT\n)")
        self.names = outside
        self.files.contents[path] = text
        variables = ", ".join(
            f"{name} = {self.expression(kind, depth - 1)}"
            for name, kind in (("names", ListOf(STRING)), ("on", BOOL), ("item", PAIR))
        )
        return f'templatefile("${{path.module}}/{path}", {{ {variables} }})'

    # Modules

    def variable(self, name: str) -> str:
        """Return the block of a new variable. The caller may set it."""
        kind = self.pick(
            BOOL, BOOL, STRING, NUMBER, ListOf(STRING), self.kind(), self.kind(), MapOf(self.container_kind())
        )
        optional = isinstance(kind, Object) and self.chance(2)
        type = self._optional_type(kind) if isinstance(kind, Object) and optional else type_text(kind)
        lines = [f"type = {type}"]
        is_null = kind == BOOL and self.chance(4)
        given = self.chance(2)
        if not given or self.chance(2):
            lines.append(f"default = {'null' if is_null else self._given(kind, optional)}")
            if not is_null and self.chance(4):
                lines.append("nullable = false")
                if self.chance(2):
                    self.files.arguments.append(Argument(name, type, "null"))
                    given = False
        if given:
            value = "null" if is_null else self._given(kind, optional)
            self.files.arguments.append(
                Argument(name, type, value, None if is_null or optional else kind, self.chance(2))
            )
        self.names.append(Named(f"var.{name}", kind, optional=is_null))
        if optional and isinstance(kind, Object):
            self.names.append(Named(f"var.{name}.read_only", BOOL, optional=True))
        return f'variable "{name}" {{\n' + "".join(f"  {line}\n" for line in lines) + "}\n"

    def _optional_type(self, kind: Object) -> str:
        """Return an object type with defaults for its attributes, and one more attribute without a default."""
        attributes = [
            f"{name} = optional({type_text(inner)}, {self.constant(inner, loose=True)})"
            for name, inner in kind.attributes
        ]
        return "object({" + ", ".join([*attributes, "read_only = optional(bool)"]) + "})"

    def _given(self, kind: Kind, optional: bool) -> str:
        if not optional or not isinstance(kind, Object):
            return self.constant(kind, loose=True)
        kept = [(name, self.constant(inner, loose=True)) for name, inner in kind.attributes if self.chance(2)]
        if self.chance(2):
            kept.append(("read_only", self.pick("true", "false", "null")))
        return self.object(kept)

    def locals(self) -> str:
        lines = []
        for number in range(self._random.randint(1, 4)):
            name = f"l{number}"
            kind = self.pick(self.kind(), self.kind(), ListOf(STRING), self.container_kind(), MapOf(PAIR))
            lines.append(f"{name} = {self.expression(kind)}")
            self.names.append(Named(f"local.{name}", kind))
        if self.chance(2):
            lines.append(f"containers = {self.containers()}")
            self.names.append(Named("local.containers", Object(())))
        # Terraform accepts them in any order.
        return "locals {\n" + "".join(f"  {line}\n" for line in reversed(lines)) + "}\n"

    def call(self, name: str, inner: Files) -> str:
        """Return a call of a module. Later expressions may refer to its outputs."""
        many = self._filled(self.pick("", "", "", "count = BOOL ? 1 : 0", 'for_each = toset(["x", "y"])'), 2)
        lines = [f'source = "./{name}"', many]
        for item in inner.arguments:
            value = self.expression(item.kind) if item.kind and self.chance(2) else item.value
            lines.append(f"{item.name} = {value}")
        reference = f"module.{name}"
        if many.startswith("for_each"):
            reference += '["x"]'
        for output, kind in inner.outputs:
            if many.startswith("count"):
                self.names.append(Named(f"try({reference}[0].{output}, {self.constant(kind)})", kind))
            else:
                self.names.append(Named(f"{reference}.{output}", kind))
        return f'module "{name}" {{\n' + "".join(f"  {line}\n" for line in lines) + "}\n"

    def instances(self) -> tuple[str, list[Named]]:
        """Return the arguments that set the number of instances of a resource, and the names in its body."""
        kind = self.pick("", "", "", "", "count", "set", "map")
        if kind == "count":
            count = self._filled(self.pick("BOOL ? 1 : 0", "length(TEXTS)", "2"), 2)
            return f"  count = {count}\n", [Named("count.index", NUMBER)]
        if kind == "set":
            return f"  for_each = toset({self.expression(ListOf(STRING), 2)})\n", [Named("each.key", STRING)]
        if kind == "map":
            element = self.kind(1)
            names = [Named("each.key", STRING), Named("each.value", element)]
            return f"  for_each = {self.expression(MapOf(element), 2)}\n", names
        return "", []

    def module(self, depth: int) -> Files:
        """Return the module, which calls other modules up to a depth."""
        text = "".join(self.variable(f"v{number}") for number in range(self._random.randint(1, 4)))
        if depth and self.chance(2):
            inner = Writer(self._random).module(depth - 1)
            self.files.contents.update((f"inner/{path}", content) for path, content in inner.contents.items())
            text += self.call("inner", inner)
        text += self.locals()
        for number in range(2):
            kind = self.kind()
            text += f'output "o{number}" {{\n  value = {self.expression(kind)}\n}}\n'
            self.files.outputs.append((f"o{number}", kind))
        many, names = self.instances()
        with self.within(*names):
            text += f'resource "RESOURCE" "task" {{\n{many}  ARGUMENT = {self.json()}\n}}\n'
        with self.within():
            members = [(f"p{number}", self.expression(self.kind())) for number in range(2)]
            text += f'resource "terraform_data" "probe" {{\n  input = {self.object(members)}\n}}\n'
        self.files.contents["main.tf"] = text
        return self.files


def modules() -> st.SearchStrategy[Files]:
    """Generate a module, which may call another one.

    Many modules are planned together. So they are not shrunk, and hypothesis need not record every choice.
    """
    return st.randoms(use_true_random=True).map(lambda random: Writer(random).module(1))
