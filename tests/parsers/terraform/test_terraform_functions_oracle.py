"""Compare the built-in functions with Terraform.

A seed generates calls, and expressions with operators, splats and sets. The linter and `terraform console` both
evaluate them. A known result must equal Terraform's, and for an error, Terraform must report one too. For a long run:

    ECS5LINT_ORACLE_CALLS=6000 pytest tests/parsers/terraform/test_terraform_functions_oracle.py -s

ECS5LINT_ORACLE_SEED selects other calls.
"""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from ecs5lint.budget import Budget
from ecs5lint.files.workspace import Workspace
from ecs5lint.location import Failure, Source, Span
from ecs5lint.parsers.terraform.language import expressions, functions
from ecs5lint.parsers.terraform.language.functions.context import Context
from ecs5lint.parsers.terraform.language.plain_values import plain_value
from ecs5lint.parsers.terraform.language.scope import STRICT, Scope, Step, Symbols
from ecs5lint.parsers.terraform.syntax.errors import EvaluationError, NotKnown
from ecs5lint.parsers.terraform.syntax.expressions import parse_expression
from ecs5lint.parsers.terraform.syntax.nodes import Expression
from ecs5lint.values.kinds import Known, ListValue, ObjectValue, Pair, Value

CALLS = int(os.environ.get("ECS5LINT_ORACLE_CALLS", "400"))
SEED = int(os.environ.get("ECS5LINT_ORACLE_SEED", "1"))
BATCH = 100

pytestmark = pytest.mark.skipif(shutil.which("terraform") is None, reason="terraform is not on the PATH")


class Call(NamedTuple):
    """A call of a function. An argument is a plain value or another call."""

    name: str
    arguments: tuple[Any, ...]


def hcl(value: Any) -> str:
    """Return a plain value or a call in Terraform's syntax."""
    if isinstance(value, Call):
        return f"{value.name}({', '.join(map(hcl, value.arguments))})"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{hcl(key)} = {hcl(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(hcl, value)) + "]"
    if isinstance(value, str):
        escaped = json.dumps(value).replace("${", "$${").replace("%{", "%%{")
        return re.sub(r"\\(.)", lambda match: {"b": "\\u0008", "f": "\\u000c"}.get(match[1], match.group()), escaped)
    return json.dumps(value)


SPAN = Span(Source("main.tf", "call", "hcl"), 0, 4)


def render(template: Span, variables: ObjectValue) -> Value:
    raise AssertionError("no template is generated")


def evaluate(value: Any, context: Context) -> Value:
    """Return the value of a plain value or a call here. Raises EvaluationError."""
    if isinstance(value, Call):
        return functions.call(value.name, [evaluate(argument, context) for argument in value.arguments], SPAN, context)
    if isinstance(value, dict):
        return ObjectValue(tuple(Pair(Known(key), evaluate(item, context)) for key, item in value.items()))
    if isinstance(value, list):
        return ListValue(tuple(evaluate(item, context) for item in value))
    return Known(value)


UNKNOWN, ERROR = "unknown", "error"


def ours(call: Call, context: Context) -> Any:
    try:
        return plain_value(evaluate(call, context))
    except EvaluationError:
        return ERROR
    except NotKnown:
        return UNKNOWN


def theirs(texts: list[str], directory: Path) -> list[Any]:
    """Return Terraform's values of expressions, with UNKNOWN for values known only after apply."""
    expressions = ", ".join(f'try(jsonencode([{text}]), "{ERROR}")' for text in texts)
    console = subprocess.run(
        ["terraform", "console"], input=f"jsonencode([{expressions}])", capture_output=True, text=True, cwd=directory
    )
    try:
        results = json.loads(json.loads(console.stdout))
    except ValueError:
        if len(texts) == 1:
            # An expression with invalid syntax, or one that crashes Terraform, is an error that try can't catch.
            return [UNKNOWN if "known after apply" in console.stdout else ERROR]
        half = len(texts) // 2
        return theirs(texts[:half], directory) + theirs(texts[half:], directory)
    return [result if result == ERROR else json.loads(result, parse_float=Decimal)[0] for result in results]


def exact(value: Any) -> Any:
    """Return a value for comparison. Numbers compare as written, and differ from booleans."""
    if isinstance(value, list):
        return [exact(item) for item in value]
    if isinstance(value, dict):
        return {key: exact(item) for key, item in value.items()}
    if isinstance(value, bool):
        return str(value)
    return Decimal(repr(value)) if isinstance(value, float) else value


class Generator:
    """Generates arguments: mostly valid ones for a function, sometimes others."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def pick(self, *values: Any) -> Any:
        return self.random.choice(values)

    def text(self) -> str:
        words = [
            "",
            "a",
            "b",
            "web",
            "A-b_c",
            "a,b,c",
            "  pad \n",
            "true",
            "1",
            "1.50",
            "x\r\ny\n",
            "héllo",
            '"q"',
            "a/b//c.txt",
            "<&>",
            "$${x}",
            "aXbXc",
            "Hello wOrld-foo_bar",
            "[1, 2]",
            '{"a": true}',
            "null",
            "日本",
            "\t",
            "2",
            "-3",
            "0x1F",
        ]
        return str(self.pick(*words))

    def number(self) -> Any:
        numbers = (
            0,
            1,
            2,
            3,
            5,
            -1,
            -7,
            10,
            255,
            1.5,
            -2.25,
            0.1,
            1e21,
            12345678901234567890,
            "3",
            "1.5",
            10**40,
            "1e99",
        )
        return self.pick(*numbers, "0.12345678901234567890123", "98765432109876543210.5")

    def small(self) -> Any:
        return self.pick(0, 1, 2, 3, 4, -1, "1")

    def flag(self) -> Any:
        return self.pick(True, False, "true", "false", "1")

    def scalar(self) -> Any:
        return self.pick(self.text(), self.number(), self.pick(True, False), None)

    def any(self, depth: int = 2) -> Any:
        kind = self.pick("scalar", "scalar", "list", "map", "call") if depth else "scalar"
        if kind == "call":
            return self.call(depth - 1)
        if kind == "list":
            return [self.any(depth - 1) for _ in range(self.pick(0, 1, 2, 3))]
        if kind == "map":
            return {self.key(): self.any(depth - 1) for _ in range(self.pick(0, 1, 2, 3))}
        return self.scalar()

    def call(self, depth: int) -> Call:
        """Return a call whose result has the type of its arguments, so that calls can be nested."""
        scalars = [self.scalar() for _ in range(self.pick(1, 2, 3))]
        items = [self.any(depth) for _ in range(self.pick(0, 1, 2))]
        value = {self.key(): self.any(depth) for _ in range(self.pick(0, 1, 2))}
        return Call(
            *self.pick(
                ("coalesce", tuple(scalars)),
                ("concat", (scalars, Call("tolist", (scalars,)))),
                ("concat", (items, items)),
                ("merge", (value, Call("tomap", (value,)))),
                ("merge", (value, {self.key(): self.scalar()})),
                ("jsondecode", (Call("jsonencode", (value,)),)),
                ("jsonencode", (items,)),
                ("reverse", (items,)),
                ("values", (value,)),
                ("zipmap", (["a", "b"], [self.scalar(), self.any(depth)])),
                ("tostring", (scalars[0],)),
                ("format", ("%s-%v", self.text(), items)),
                ("lookup", (value, self.key(), self.scalar())),
            )
        )

    def key(self) -> str:
        return str(self.pick("a", "b", "c", "B", "a b", "name", "1"))

    def texts(self) -> Any:
        return self.collection([self.text() for _ in range(self.pick(0, 1, 2, 3, 4))])

    def scalars(self) -> Any:
        item = self.pick(self.scalar, self.text, self.number, self.flag)
        return self.collection([item() for _ in range(self.pick(0, 1, 2, 3, 4))])

    def ordered(self) -> Any:
        # No nulls: with values of several types, Terraform's result for a null depends on whether another list is
        # empty.
        items = [self.pick(self.text(), self.number(), True) for _ in range(self.pick(0, 1, 2, 3))]
        return self.pick(items, Call("tolist", (items,)))

    def objects(self) -> Any:
        """Return a list of values of one type. A set sorts them in its own order."""
        make = self.pick(
            lambda: {"a": self.text(), "b": self.pick(True, False, None)},
            lambda: [self.number() for _ in range(self.pick(0, 1, 2))],
            lambda: {"n": self.number()},
            lambda: [[self.text()], []],
            lambda: Call("tomap", ({self.key(): self.text() for _ in range(self.pick(0, 1, 2))},)),
        )
        return self.collection([make() for _ in range(self.pick(0, 1, 2, 3, 4))])

    def elements(self) -> Any:
        return self.pick(self.scalars, self.objects)()

    def list(self) -> Any:
        return self.collection([self.any(1) for _ in range(self.pick(0, 1, 2, 3))])

    def collection(self, items: Any) -> Any:
        return self.pick(items, items, Call("tolist", (items,)), Call("toset", (items,)))

    def map(self) -> Any:
        value = {self.key(): self.any(1) for _ in range(self.pick(0, 1, 2, 3))}
        return self.pick(value, value, Call("tomap", (value,)))

    def pattern(self) -> str:
        pieces = [
            "a",
            "b",
            ".",
            "[a-c]",
            "[^a]",
            "\\d",
            "\\w",
            "\\s",
            "(a|b)",
            "(?:x)",
            "(?P<n>b)",
            "^",
            "$",
            "\\b",
            "é",
            ",",
            "[[:alpha:]]",
            "(?i)",
            "\\.",
            "\\x41",
            "(",
            ")",
            "[",
            "{",
            "{2}",
            "(?=a)",
            "\\1",
            "\\Q.\\E",
            "l+o",
        ]
        repeats = ["", "", "", "*", "+", "?", "*?", "+?", "{1,2}", "{0,1}?"]
        count = self.pick(1, 1, 2, 3, 4)
        return "".join(self.pick(*pieces) + self.pick(*repeats) for _ in range(count))

    def format(self) -> str:
        verbs = [
            "%s",
            "%v",
            "%d",
            "%q",
            "%%",
            "%t",
            "%5d",
            "%-5s|",
            "%05d",
            "%x",
            "%b",
            "%o",
            "%X",
            "%.2f",
            "%f",
            "%e",
            "%g",
            "%#v",
            "%+d",
            "%5.1f",
            "%3s",
            "%[1]s",
            "%[2]v",
            " plain ",
            "%G",
            "%E",
            "% d",
            "%z",
            "%",
        ]
        return "".join(self.pick(*verbs) for _ in range(self.pick(1, 1, 2, 3)))

    def json(self) -> str:
        text = json.dumps(self.any(2))
        return str(
            self.pick(
                text,
                text,
                text,
                text.replace("}", ",}"),
                f" {text}\n",
                text[:-1],
                '{"a":1,"a":2}',
                "1e3",
                "[0.10]",
                "[01]",
                "[1.0, 1e2, 12345678901234567890.5]",
                '["\\ud800", "e\u0301"]',
            )
        )

    def yaml(self) -> str:
        scalars = [
            "yes",
            "no",
            "on",
            "~",
            "",
            "1",
            "017",
            "0x1f",
            "1.5",
            "abc",
            "'q'",
            '"d"',
            "[1, a]",
            "{a: 1}",
            "1e3",
            "True",
            "n",
            "-5",
            "+1",
            "1_000",
            "a: b",
            "!!str 1",
            ".5",
            "|\n    x\n    y",
            ">-\n    x\n    y",
            "0o17",
            "12:30",
            "null",
            "-0x1f",
            "2026-01-31",
            "2026-1-2 3:04:05",
            "2026-02-30",
            '!!bool "yes"',
            "!!int 1_000",
            "!!null x",
            "! x",
            "|-\n    yes",
            ">\n",
            "{<<: {b: 1}, b: 2}",
            '{b: 1, "<<": {b: 2, c: 3}}',
            "{<<: 1}",
            "{1: x, on: y}",
            "&x [1]",
        ]
        lines = "".join(
            f"{self.pick('a', 'b', 'c', 'on', '1')}: {self.pick(*scalars)}\n" for _ in range(self.pick(1, 2, 3))
        )
        items = "".join(f"- {self.pick(*scalars)}\n" for _ in range(self.pick(1, 2)))
        merged = f"base: &base {{a: {self.pick(*scalars[:5])}, b: 1}}\nall:\n  a: 2\n  <<: *base\n  b: 3\n"
        return str(self.pick(lines, lines, items, self.pick(*scalars), json.dumps(self.any(2)), merged))

    def path(self) -> str:
        return str(self.pick("a/b.txt", "/", "", "a/", "./x", "../y/z", "/a//b/", ".", "a", "a/../b", "//x"))

    def glob(self) -> str:
        return str(
            self.pick(
                "*",
                "**",
                "*.txt",
                "*/*",
                "**/*.txt",
                "sub/*",
                "{a,b}.txt",
                "?.txt",
                "[ab].txt",
                "sub/**",
                "**/b*",
                "[!a].txt",
                "x",
            )
        )

    def cidr(self) -> str:
        return str(
            self.pick(
                "10.0.0.0/8",
                "10.1.2.3/16",
                "192.168.0.0/24",
                "10.0.0.0/32",
                "fd00:fd12:3456:7890::/56",
                "x",
                "10.0.0.0",
                "010.0.0.0/8",
                "0.0.0.0/0",
                "::/0",
            )
        )

    def time(self) -> str:
        return str(
            self.pick(
                "2018-01-02T23:12:01Z",
                "2020-02-29T00:00:00+02:00",
                "1999-12-31T11:59:59.5-07:30",
                "2018-01-02",
                "x",
                "2024-12-30T12:00:00Z",
            )
        )

    def duration(self) -> str:
        return str(self.pick("1h", "-10m", "1h30m", "1.5s", "24h", "x", "0", "100ms", "-1.5h", "1d"))

    def date_format(self) -> str:
        return str(
            self.pick(
                "YYYY-MM-DD",
                "DD MMM YYYY hh:mm ZZZ",
                "EEEE, DD-MMM-YY hh:mm:ss ZZZ",
                "h:mmaa",
                "HH:mm AA",
                "'x''y'",
                "M/D/YY",
                "MMMM",
                "EEE",
                "ZZZZ",
                "ZZZZZ",
                "Z",
                "sss",
                "YYY",
                "'open",
                "hh-H-m-s",
                "ss'Z'",
            )
        )


def signatures(g: Generator) -> dict[str, tuple[Callable[[], Any], ...]]:
    """Return the generators of the arguments of each function."""
    one_or_more = {
        name: (make, make, make)[: g.random.randint(1, 3)]
        for name, make in (("concat", g.list), ("setproduct", g.ordered))
    }
    return {
        **one_or_more,
        "abs": (g.number,),
        "ceil": (g.number,),
        "floor": (g.number,),
        "log": (g.number, g.number),
        "max": (g.number, g.number),
        "min": (g.number, g.number, g.number),
        "parseint": (g.pick(g.text, lambda: "zZ9"), g.pick(lambda: 10, lambda: 16, lambda: 62, g.small)),
        "pow": (g.small, g.pick(g.number, g.small)),
        "signum": (g.number,),
        "chomp": (g.text,),
        "endswith": (g.text, g.text),
        "format": (g.format, g.any, g.scalar)[: g.random.randint(1, 3)],
        "formatlist": (g.format, g.scalars, g.scalar)[: g.random.randint(2, 3)],
        "indent": (g.small, g.text),
        "join": (g.text, g.scalars),
        "lower": (g.text,),
        "regex": (g.pattern, g.text),
        "regexall": (g.pattern, g.text),
        "replace": (g.text, g.pick(g.text, lambda: f"/{g.pattern()}/"), g.pick(g.text, lambda: "<$1$n${1}x$$>")),
        "split": (g.text, g.text),
        "startswith": (g.text, g.text),
        "strcontains": (g.text, g.text),
        "strrev": (g.text,),
        "substr": (g.text, g.small, g.small),
        "title": (g.text,),
        "trim": (g.text, g.text),
        "trimprefix": (g.text, g.text),
        "trimspace": (g.text,),
        "trimsuffix": (g.text, g.text),
        "upper": (g.text,),
        "alltrue": (g.scalars,),
        "anytrue": (g.scalars,),
        "chunklist": (g.list, g.small),
        "coalesce": (g.scalar, g.any, g.scalar)[: g.random.randint(1, 3)],
        "coalescelist": (g.list, g.list),
        "compact": (g.scalars,),
        "contains": (g.list, lambda: g.any(1)),
        "distinct": (g.pick(g.list, g.objects),),
        "element": (g.list, g.small),
        "flatten": (g.list,),
        "index": (g.scalars, g.scalar),
        "keys": (g.map,),
        "length": (g.pick(g.list, g.map, g.any),),
        "lookup": (g.map, g.key, g.any)[: g.random.randint(2, 3)],
        "matchkeys": (g.scalars, g.scalars, g.scalars),
        "merge": (g.map, g.map, g.map)[: g.random.randint(1, 3)],
        "one": (g.list,),
        "range": (g.number, g.number, g.small)[: g.random.randint(1, 3)],
        "reverse": (g.list,),
        "setintersection": (make := g.pick(g.scalars, g.objects), make),
        "setsubtract": (g.elements, g.elements),
        "setunion": (g.elements, g.elements),
        "slice": (g.list, g.small, g.small),
        "sort": (g.scalars,),
        "sum": (g.scalars,),
        "transpose": (lambda: {g.key(): g.texts() for _ in range(2)},),
        "values": (g.map,),
        "zipmap": (g.texts, g.list),
        "base64decode": (g.pick(g.text, lambda: Call("base64encode", (g.text(),))),),
        "base64encode": (g.text,),
        "csvdecode": (
            lambda: g.pick(
                "a,b\n1,2\n", 'a,b\r\n1,2\r\n3,"x\ny"\n', "a,a\n1,2", "a,b\n1", "", "a\n\n1\n", 'a\n"x', "a, b\n1, 2\n"
            ),
        ),
        "jsondecode": (g.json,),
        "jsonencode": (g.any,),
        "textdecodebase64": (lambda: "YQBiAGMA", lambda: g.pick("UTF-16LE", "utf-8", "x")),
        "textencodebase64": (
            g.text,
            lambda: g.pick("UTF-16LE", "utf-16be", "UTF-8", "US-ASCII", "windows-1252", "x", "GBK", "cp437"),
        ),
        "urlencode": (g.text,),
        "yamldecode": (g.yaml,),
        "yamlencode": (g.any,),
        "basename": (g.path,),
        "dirname": (g.path,),
        "file": (lambda: g.pick("files/a.txt", "none.txt", "files/sub/b.txt"),),
        "filebase64": (lambda: g.pick("files/a.txt", "none.txt"),),
        "fileexists": (lambda: g.pick("files/a.txt", "none", "files/sub", "files/sub/b.txt"),),
        "fileset": (lambda: g.pick("files", "files/sub", "none"), g.glob),
        "base64sha256": (g.text,),
        "base64sha512": (g.text,),
        "md5": (g.text,),
        "sha1": (g.text,),
        "sha256": (g.text,),
        "sha512": (g.text,),
        "filemd5": (lambda: g.pick("files/a.txt", "none.txt"),),
        "filesha1": (lambda: "files/a.txt",),
        "filesha256": (lambda: "files/a.txt",),
        "filesha512": (lambda: "files/a.txt",),
        "filebase64sha256": (lambda: "files/a.txt",),
        "filebase64sha512": (lambda: "files/a.txt",),
        "uuidv5": (lambda: g.pick("dns", "url", "oid", "x500", "6ba7b810-9dad-11d1-80b4-00c04fd430c8", "x"), g.text),
        "cidrhost": (g.cidr, g.number),
        "cidrnetmask": (g.cidr,),
        "cidrsubnet": (g.cidr, g.small, g.small),
        "cidrsubnets": (g.cidr, g.small, g.small, lambda: 4),
        "formatdate": (g.date_format, g.time),
        "timeadd": (g.time, g.duration),
        "timecmp": (g.time, g.time),
        "tobool": (g.scalar,),
        "tolist": (g.pick(g.list, g.objects),),
        "tomap": (g.map,),
        "tonumber": (g.scalar,),
        "toset": (g.elements,),
        "tostring": (g.scalar,),
        "nonsensitive": (lambda: g.any(1),),
        "ephemeralasnull": (g.any,),
    }


def generated(count: int, seed: int) -> list[Call]:
    """Return calls, with about the same number for each function."""
    generator = Generator(seed)
    calls: list[Call] = []
    while len(calls) < count:
        for name, makers in signatures(generator).items():
            arguments = [generator.any() if generator.random.random() < 0.03 else make() for make in makers]
            calls.append(Call(name, tuple(arguments)))
    return calls[:count]


# Expressions: operators, splats, and equality


class Written(Scope):
    """The scope of an expression that only refers to its loop variables."""

    def __init__(self, context: Context, names: Mapping[str, Value] | None = None) -> None:
        self.names = names or {}
        self._context = context
        self._budget = Budget(1_000_000)

    @property
    def budget(self) -> Budget:
        return self._budget

    def evaluate(self, expression: Expression) -> Value:
        return expressions.evaluate(expression, self)

    def refer(self, root: str, steps: Sequence[Step]) -> None:
        return None

    def bind(self, names: Mapping[str, Value], place: str) -> Scope:
        return Written(self._context, {**self.names, **names})

    def without_defaults(self, symbols: Symbols) -> Scope:
        return self

    def key(self, text: str) -> str:
        return text

    def call_context(self, variables: Callable[[Scope], Value]) -> Context:
        return self._context


def our_value(text: str, context: Context) -> Any:
    """Return the value of an expression here."""
    source = Source("main.tf", text, "hcl")
    try:
        expression = parse_expression(Span(source, 0, len(text)))
        return plain_value(Written(context, {STRICT: Known(True)}).evaluate(expression))
    except (EvaluationError, Failure):
        return ERROR
    except NotKnown:
        return UNKNOWN


def written(g: Generator) -> str:
    """Return an expression with operators, splats, loops or sets."""
    values = [hcl(g.pick(g.elements, g.objects, g.map, g.scalar, g.list)()) for _ in range(3)]
    a, b, c = values
    number, other = (hcl(g.number()) for _ in range(2))
    forms = [
        f"{a} == {b}",
        f"{a} == {a}",
        f"tolist({a}) == {a}",
        f"tolist({a})[*] == tolist({b})",
        f"toset({a}) == toset({b})",
        f"{a}[*]",
        f"{a}[*][*]",
        f"[{a}, {b}][*][0]",
        f"[{a}, {b}].*[0]",
        f"[{{x = {a}}}, {{x = {b}}}][*].x",
        f"[{{x = {a}}}, {{x = {b}}}][*].x[*]",
        f"tolist([{{x = {a}}}, {{x = {a}}}])[*].x == [{a}, {a}]",
        f"[for item in toset({hcl(g.elements())}) : item]",
        f"[for key, item in toset({hcl(g.objects())}) : item]",
        f"[for item in setunion({hcl(g.objects())}, {hcl(g.objects())}) : [item]]",
        f"({g.pick('true', 'false')} ? {a} : {b}) == {c}",
        f"length(toset({hcl(g.objects())}))",
        f"setproduct({a}, {b}) == setproduct({a}, {b})",
        f"{number} {g.pick('+', '-', '*', '/', '%')} {other}",
        f"{number} / {other} * {other} {g.pick('==', '<', '>=')} {number}",
        f"contains([{a}, {b}], {c})",
        f"{{ x = {a} }} == {{ x = {b} }}",
        f"core::lower({hcl(g.text())}) == {hcl(g.text())}",
        f"jsondecode({hcl(g.json())}) == {a}",
    ]
    return str(g.pick(*forms))


def test_every_function_is_there() -> None:
    listed = subprocess.run(["terraform", "metadata", "functions", "-json"], capture_output=True, text=True, check=True)
    names = {name for name in json.loads(listed.stdout)["function_signatures"] if not name.startswith("core::")}
    evaluated_lazily = {"can", "try"}
    followed = functions.FUNCTIONS.keys() | functions.NOT_PURE | evaluated_lazily
    assert names == followed - functions.OF_SOME_VERSIONS


def agree(texts: list[str], found: Callable[[int], Any], names: list[str], directory: Path) -> None:
    """Fail if a known result here differs from Terraform's. Print the number of known results."""
    disagreements = []
    tally: Counter[str] = Counter()
    unknown: Counter[str] = Counter()
    for at in range(0, len(texts), BATCH):
        for index, expected in enumerate(theirs(texts[at : at + BATCH], directory), start=at):
            here = found(index)
            if UNKNOWN in (here, expected):
                tally["unknown to Terraform" if expected == UNKNOWN else "unknown here alone"] += 1
                if expected != UNKNOWN:
                    unknown[names[index]] += 1
            elif exact(here) == exact(expected):
                tally["error" if here == ERROR else "agreed"] += 1
            else:
                disagreements.append(f"{texts[index]}\n  here: {here}\n  Terraform: {expected}")
    print(f"\n{len(texts)} expressions: {dict(tally)}; unknown here alone: {dict(unknown)}")
    assert not disagreements, f"{len(disagreements)} disagreements\n" + "\n".join(disagreements[:40])


def test_terraform_agrees(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for path, text in {"a.txt": "one\n", "b.txt": "", "c.md": "x", "sub/b.txt": "two", "sub/deep/bb.txt": "3"}.items():
        (tmp_path / "files" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "files" / path).write_text(text)
    context = Context(Workspace(), ".", render, lambda work: None)
    calls = generated(CALLS, SEED)
    agree([hcl(call) for call in calls], lambda at: ours(calls[at], context), [call.name for call in calls], tmp_path)


def test_expressions_agree(tmp_path: Path) -> None:
    context = Context(Workspace(), ".", render, lambda work: None)
    generator = Generator(SEED)
    texts = [written(generator) for _ in range(CALLS)]
    agree(texts, lambda at: our_value(texts[at], context), ["expression"] * len(texts), tmp_path)
