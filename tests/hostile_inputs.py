"""Define hostile inputs: files that cost much time or memory, or that mislead a reader, if they are not expected."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

GOOD = '{"family": "f", "containerDefinitions": [{"name": "good"}]}'


class Hostile(NamedTuple):
    """Files, and a part of the message about them, or nothing if they are checked as usual."""

    files: dict[str, str | bytes]
    said: str = ""


class Sparse(bytes):
    """The start of a file of 200 MB."""


def json_containers(text: str) -> dict[str, str | bytes]:
    return {"task.json": f'{{"family": "f", "containerDefinitions": [{text}]}}'}


def yaml_containers(text: str) -> dict[str, str | bytes]:
    return {"task.yaml": f"family: f\n{text}\n"}


def template(containers: str, head: str = "", name: str = "template.yaml") -> dict[str, str | bytes]:
    return {
        name: f"{head}Resources:\n  T:\n    Type: AWS::ECS::TaskDefinition\n    Properties:\n"
        f"      ContainerDefinitions:\n{containers}\n"
    }


def module(containers: str, rest: str = "", **files: str) -> dict[str, str | bytes]:
    resource = f'resource "aws_ecs_task_definition" "a" {{\n  container_definitions = {containers}\n}}\n'
    return {"main.tf": resource + rest, **files}


def chain(first: str, step: str, length: int = 60) -> str:
    """Return locals, each of which uses the previous one, called LAST."""
    lines = [f"l0 = {first}", *(f"l{n} = {step.replace('LAST', f'local.l{n - 1}')}" for n in range(1, length))]
    return "locals {\n" + "\n".join(lines) + "\n}\n"


def variables(count: int) -> str:
    return "".join(f'variable "v{n}" {{}}\n' for n in range(count))


def bomb(member: str) -> str:
    """Return YAML in which each line expands to ten times the previous one."""
    lines = ["a0: &a0 {name: a}"]
    for n in range(1, 12):
        aliases = ", ".join([f"*a{n - 1}"] * 10)
        lines.append(f"a{n}: &a{n} " + member.replace("ALIASES", aliases))
    return "\n".join(lines)


DEEP = 100_000
MANY = 60_000

JSON = {
    "deep lists": Hostile(json_containers("[" * DEEP), "nested more than"),
    "deep objects": Hostile(json_containers('{"a":' * DEEP), "nested more than"),
    "deep text": Hostile(json_containers('{"name": "' + '{{ "' * DEEP), "error: "),
    "open sections": Hostile(json_containers("{% if a %}" * DEEP), "error: "),
    "many sections": Hostile(json_containers("{% if a %}{},{% endif %}" * 500 + "{}"), "branches"),
    "many containers": Hostile(json_containers(",".join(["{}"] * MANY)), "too many containers"),
    "many placeholders": Hostile(json_containers(",".join(["$X"] * MANY)), "$X is a placeholder"),
    "a million digits": Hostile(
        json_containers('{"readonlyRootFilesystem": ' + "9" * 1_000_000 + "}"), "the number inf"
    ),
    "a large exponent": Hostile(json_containers('{"readonlyRootFilesystem": 1e999999999}'), "the number inf"),
    "a name of a million characters": Hostile(json_containers('{"name": "' + "x" * 1_000_000 + '"}'), 'xxx..." does'),
    "200 MB": Hostile({"task.json": Sparse(b'{"containerDefinitions": [')}, "exceeds the limit of 20 MB"),
    "NUL": Hostile({"task.json": GOOD.replace("good", "\0").encode()}, "invalid control character"),
    "lone surrogate": Hostile(json_containers(r'{"name": "\ud800"}'), r'container "\ud800"'),
    "surrogate in UTF-8": Hostile({"task.json": GOOD.encode().replace(b"good", b"\xed\xa0\x80")}, "is not valid UTF-8"),
    "UTF-16": Hostile({"task.json": ("\ufeff" + GOOD).encode("utf-16-le")}, 'container "good"'),
    "half of UTF-16": Hostile({"task.json": ("\ufeff" + GOOD).encode("utf-16-le")[:-1]}, "is not valid UTF-16"),
    "latin-1": Hostile({"task.json": GOOD.replace("good", "\xe9").encode("latin-1")}, "is not valid UTF-8"),
}

YAML = {
    "deep lists": Hostile(yaml_containers("containerDefinitions: " + "[" * DEEP), "nested more than"),
    "deep dashes": Hostile(yaml_containers("containerDefinitions:\n" + "- " * DEEP), "nested more than"),
    "deep keys": Hostile(yaml_containers("containerDefinitions:\n" + "? " * DEEP), "nested more than"),
    "aliases": Hostile(yaml_containers(bomb("[ALIASES]") + "\ncontainerDefinitions: *a11"), "alias"),
    "merges": Hostile(yaml_containers(bomb("{<<: [ALIASES]}") + "\ncontainerDefinitions: [*a11]"), "alias"),
    "an alias of itself": Hostile(yaml_containers("containerDefinitions: &a [*a]"), "alias"),
    "many aliases": Hostile(
        yaml_containers("a: &a {name: a}\ncontainerDefinitions:\n" + "- *a\n" * MANY * 2), "error: "
    ),
    "many anchors": Hostile(
        yaml_containers("".join(f"k{n}: &a 1\n" for n in range(20_000)) + "containerDefinitions: []"), "no container"
    ),
    "many documents": Hostile(yaml_containers("containerDefinitions: []\n" + "---\n" * 20_000), "no container"),
    "a million digits": Hostile(
        yaml_containers("containerDefinitions: [{readonlyRootFilesystem: " + "1" * 1_000_000 + "}]"), '111..."'
    ),
    "200 MB": Hostile({"task.yaml": Sparse(b"containerDefinitions:\n- name: a\n")}, "exceeds the limit of 20 MB"),
    "NUL": Hostile({"task.yaml": "containerDefinitions:\n- name: a\0\n"}),
    "control characters": Hostile(yaml_containers("containerDefinitions:\n- name: a\x01"), "does not allow"),
}

PARAMETER = "Parameters: {P: {Type: TYPE, Default: DEFAULT}}\n"
LOOPS = "Transform: AWS::LanguageExtensions\n"
COMMAS = PARAMETER.replace("DEFAULT", '"' + "x," * 20_000 + '"')
TEXT = PARAMETER.replace("TYPE", "String").replace("DEFAULT", "x" * 10_000)
CHOICES = "Parameters:\n" + "".join(
    f"  P{n}: {{Type: String, AllowedValues: [a, b, c, d, e, f, g, h, i]}}\n" for n in range(10)
)
UNEQUAL = ", ".join(f"!Not [!Equals [!Ref P{left}, !Ref P{right}]]" for left in range(10) for right in range(left))
STACK = "Resources:\n" + "".join(
    f"  S{n}: {{Type: AWS::CloudFormation::Stack, Properties: {{TemplateURL: NEXT.yaml}}}}\n" for n in range(2)
)
INCLUDE = "Fn::Transform: {Name: AWS::Include, Parameters: {Location: NEXT.yaml}}"


def stacks(length: int) -> dict[str, str | bytes]:
    """Return templates, each of which nests the next one twice."""
    return {f"t{n}.yaml": STACK.replace("NEXT", f"t{n + 1}") for n in range(length)}


CLOUDFORMATION = {
    "references": Hostile(
        template("        - Name: !Join ['', [" + "!Ref P, " * MANY + "]]", TEXT), "without a known name"
    ),
    "references in a text": Hostile(template(f"        - Name: !Sub '{'${P}' * MANY}'", TEXT), "without a known name"),
    "names in a text": Hostile(
        template("        - Name: !Sub '" + "".join(f"${{P{n}}}" for n in range(MANY)) + "'"), "does not set"
    ),
    "a list split again and again": Hostile(
        template("        - Name: !Select [1, !Split [',', !Ref P]]\n" * 5_000, COMMAS.replace("TYPE", "String")),
        "too large to evaluate",
    ),
    "a list taken again and again": Hostile(
        template("        - Name: !Select [1, !Ref P]\n" * 5_000, COMMAS.replace("TYPE", "CommaDelimitedList")),
        "too large to evaluate",
    ),
    "Base64": Hostile(
        template("        - Name: " + "{'Fn::Base64': " * 50 + "'" + "a" * 100_000 + "'" + "}" * 50), "does not set"
    ),
    "a loop over a long text": Hostile(
        {
            "template.yaml": f"{LOOPS}Resources:\n  Fn::ForEach::A:\n  - X\n  - [{'a' * 100_000}]\n"
            "  - T:\n      Type: AWS::ECS::TaskDefinition\n      Properties:\n"
            f"        ContainerDefinitions: [{{Name: '{'${X}' * 100_000}'}}]\n"
        },
        "does not set",
    ),
    "a loop over a long list": Hostile(
        {
            "template.yaml": f"{LOOPS}Resources:\n  Fn::ForEach::A:\n  - X\n  - [{','.join(map(str, range(30_000)))}]\n"
            "  - T${X}: {Type: AWS::ECS::TaskDefinition, Properties: {ContainerDefinitions: []}}\n"
        },
        "generates too many keys",
    ),
    "a mapping": Hostile(
        template(
            "        - {Name: a, ReadonlyRootFilesystem: !FindInMap [M, !Ref AWS::Region, a]}",
            "Mappings:\n  M:\n" + "".join(f"    k{n}: {{a: true}}\n" for n in range(10_000)),
        ),
        "has too many alternatives",
    ),
    "conditions that are hard to satisfy": Hostile(
        template(
            "".join(f"        - !If [C, {{Name: a{n}}}, {{Name: b{n}}}]\n" for n in range(500)),
            f"{CHOICES}Conditions: {{C: !And [{UNEQUAL}]}}\n",
        ),
        "too many alternatives to evaluate",
    ),
    "conditions that double": Hostile(
        template(
            "        - !If [C59, {Name: a}, {Name: b}]",
            "Conditions:\n  C0: !Equals [!Ref AWS::Region, a]\n"
            + "".join(f"  C{n}: !Or [!Condition C{n - 1}, !Condition C{n - 1}]\n" for n in range(1, 60)),
        ),
        "does not set",
    ),
    "deep functions": Hostile(
        template("        - Name: " + "{'Fn::Join': ['', [" * 30 + "a" + "]]}" * 30), "without a known name"
    ),
    "an include of itself": Hostile(
        {**template(f"        {INCLUDE.replace('NEXT', 'b')}"), "b.yaml": f"- {INCLUDE.replace('NEXT', 'b')}\n"},
        "warning: ",
    ),
    "includes that double": Hostile(
        {
            **template(f"        {INCLUDE.replace('NEXT', 'b0')}"),
            **{f"b{n}.yaml": f"- {INCLUDE.replace('NEXT', f'b{n + 1}')}\n" * 2 for n in range(30)},
            "b30.yaml": "Name: a\n",
        },
        "warning: ",
    ),
    "many rules on one parameter": Hostile(
        template(
            "        - {Name: a, ReadonlyRootFilesystem: !Ref P}",
            "Parameters: {P: {Type: String}}\nRules:\n"
            + "".join(f"  R{n}: {{Assertions: [{{Assert: !Not [!Equals [!Ref P, x{n}]]}}]}}\n" for n in range(3_000)),
        ),
        "can't determine ReadonlyRootFilesystem",
    ),
    "a loop with a large body": Hostile(
        {
            "template.yaml": f"{LOOPS}Resources:\n  Fn::ForEach::A:\n  - X\n  - [{','.join(map(str, range(300)))}]\n"
            "  - T${X}:\n      Type: AWS::ECS::TaskDefinition\n      Properties:\n        ContainerDefinitions:\n"
            + "        - Name: '${X}'\n"
            * 9_000
        },
        "exceeds the evaluation limit",
    ),
    "a long text in each container": Hostile(
        template("        - Name: !Sub 'a${P}'\n" * 9_000, TEXT.replace("x" * 10_000, "x" * 100_000)),
        "exceeds the evaluation limit",
    ),
    "many deployments of many resources": Hostile(
        {
            "samconfig.yaml": "version: 0.1\n"
            + "".join(f"e{n}: {{deploy: {{parameters: {{parameter_overrides: P=v{n}}}}}}}\n" for n in range(500)),
            "template.yaml": "Parameters: {P: {Type: String}}\nResources:\n"
            + "".join(
                f"  T{n}: {{Type: AWS::ECS::TaskDefinition, Properties: {{ContainerDefinitions: [{{Name: a}}]}}}}\n"
                for n in range(200)
            ),
        },
        "exceeds the evaluation limit",
    ),
    "many checks ignored for many resources": Hostile(
        {
            "template.yaml": "Metadata:\n  cfn-lint:\n    config:\n      ignore_checks:\n"
            + "".join(f"      - W{n}\n" for n in range(8_000))
            + "Resources:\n"
            + "".join(
                f"  T{n}: {{Type: AWS::ECS::TaskDefinition, Properties: {{ContainerDefinitions: [{{Name: a}}]}}}}\n"
                for n in range(1_000)
            )
        },
        "does not set",
    ),
    "stacks that nest each other": Hostile(
        {
            "a.yaml": STACK.replace("NEXT", "b") + template("        - Name: a")["template.yaml"].partition("\n")[2],  # type: ignore[operator, arg-type]
            "b.yaml": STACK.replace("NEXT", "a"),
        },
        "a.yaml:",
    ),
    "stacks that double": Hostile({**stacks(30), **template("        - Name: a", name="t30.yaml")}, "warning: "),
    "many containers": Hostile(template("        - Name: a\n" * 20_000), "too many containers"),
    "200 MB": Hostile(
        {"t.yaml": Sparse(b"Resources:\n  T:\n    Type: AWS::ECS::TaskDefinition\n")}, "exceeds the limit of 20 MB"
    ),
}

LIST = 'locals {\n  list = split(",", "' + ",".join(map(str, range(9_000))) + '")\n}\n'
NUMBERS = "locals {\n  r = range(1000)\n}\n"

TERRAFORM = {
    "deep brackets": Hostile(module("jsonencode(" + "[" * DEEP + ")"), "nested too deeply"),
    "deep parentheses": Hostile(module("(" * 90 + "1" + ")" * 90), "main.tf"),
    "strings within strings": Hostile(module("jsonencode(" + '"${' * DEEP + ")"), "nested too deeply"),
    "an operation of many parts": Hostile(module("1" + "+1" * DEEP), "exceeds the limit"),
    "many negations": Hostile(module("-" * DEEP + "1"), "main.tf"),
    "many steps": Hostile(module("var.x" + "[0]" * 20_000, 'variable "x" {}\n'), "main.tf"),
    "many containers": Hostile(module('"[' + "{}," * MANY + '{}]"'.replace('"{', "{")), "too many containers"),
    "an open comment": Hostile(module('"[{}]"', "/*\n" * DEEP), "expected an argument or a block"),
    "open heredocs": Hostile(module('"[{}]"', "a = <<A\n" * 10_000), "is not closed by A"),
    "range": Hostile(module("jsonencode([for x in range(1e9) : { name = x }])"), "range"),
    "format": Hostile(module('jsonencode([{ name = format("%1000000000d", 1) }])'), "does not set"),
    "a million digits": Hostile(module("jsonencode([{ name = " + "9" * 1_000_000 + " }])"), "digits is not supported"),
    "a large exponent": Hostile(
        module("jsonencode([{ name = 1e999999999, x = pow(10, 1e9), y = -1e-999999999 }])"), "does not set"
    ),
    "an index of many digits": Hostile(
        module("jsonencode(var.x." + "9" * 10_000 + ")", 'variable "x" {}\n'), "main.tf"
    ),
    "a version of many digits": Hostile(
        module(
            '"[{}]"',
            'module "m" {\n  source = "terraform-aws-modules/ecs/aws"\n  version = "' + "9" * 10_000 + '"\n}\n',
        ),
        "does not set",
    ),
    "text that doubles": Hostile(module("local.l59", chain('"[1,"', '"${LAST}${LAST}"')), "warning: "),
    "a list that doubles": Hostile(
        module("jsonencode(local.l59)", chain('["a"]', "concat(LAST, LAST)")), "exceeds the evaluation limit"
    ),
    "JSON that doubles": Hostile(module("local.l59", chain('"a"', "jsonencode([LAST, LAST])")), "warning: "),
    "alternatives that double": Hostile(
        module(
            "jsonencode(local.l59)", chain("[{}]", "var.v0 ? concat(LAST, [{}]) : concat(LAST, LAST)") + variables(1)
        ),
        "main.tf",
    ),
    "many alternatives": Hostile(
        module(
            "jsonencode([merge(" + ", ".join(f"var.v{n} ? {{ a{n} = 1 }} : {{}}" for n in range(90)) + ")])",
            variables(90),
        ),
        "too many alternatives",
    ),
    "a product of lists": Hostile(
        module("jsonencode([for a in local.r : [for b in local.r : [for c in local.r : { name = a }]]])", NUMBERS),
        "exceeds the evaluation limit",
    ),
    "a product of sets": Hostile(module("jsonencode(setproduct(local.r, local.r, local.r))", NUMBERS), "warning: "),
    "a long chain of conditionals": Hostile(
        module(
            "jsonencode([{ name = "
            + "".join(f'var.v{n} ? "a" : ' for n in range(90))
            + '"b", readonlyRootFilesystem = false }])',
            variables(90),
        ),
        "sets readonlyRootFilesystem to false",
    ),
    "an unknown in each of many containers": Hostile(
        module("<<A\n[" + '{"name": "a", "readonlyRootFilesystem": ${var.v0}},' * 8_000 + "{}]\nA", variables(1)),
        "can't determine readonlyRootFilesystem",
    ),
    "a long text in a loop": Hostile(
        module(
            "jsonencode([for a in range(1000) : { name = title(local.text) }])",
            f'locals {{\n  text = "{"a " * 50_000}"\n}}\n',
        ),
        "exceeds the evaluation limit",
    ),
    "a product in a template": Hostile(
        module('templatefile("t.tftpl", {})', **{"t.tftpl": "%{ for x in range(1000) }" * 5 + "x" + "%{ endfor }" * 5}),
        "exceeds the evaluation limit",
    ),
    "a function of a long list in a loop": Hostile(
        module("jsonencode([for a in range(1000) : { name = length(distinct(local.list)) }])", LIST), "main.tf"
    ),
    "many loops": Hostile(
        {
            "main.tf": "".join(
                f'resource "aws_ecs_task_definition" "a{n}" {{\n'
                "  container_definitions = jsonencode([for a in range(500) : [for b in range(500) : a]])\n}\n"
                for n in range(200)
            )
        },
        "exceeds the evaluation limit",
    ),
    "a pattern": Hostile(
        module('jsonencode([{ name = regexall("((a*)*)*b", "' + "a" * 5_000 + '") }])'), "does not set"
    ),
    "a large pattern": Hostile(
        module('jsonencode([{ name = regexall("((a{0,1000}){0,1000}){0,1000}", "a") }])'), "does not set"
    ),
    "many patterns": Hostile(
        module('jsonencode([for n in range(1000) : { name = regexall("(a*)*b${n}", "' + "a" * 5_000 + '") }])'),
        "main.tf",
    ),
    "a pattern of files": Hostile(
        module('jsonencode([for f in fileset(".", "' + "*a" * 10 + 'b") : { name = f }])', **{"a" * 250: ""}),
        "no container",
    ),
    "a template of itself": Hostile(
        module('templatefile("t.tftpl", {})', **{"t.tftpl": '${templatefile("t.tftpl", {})}'}), "too deeply"
    ),
    "deep directives": Hostile(module('templatefile("t.tftpl", {})', **{"t.tftpl": "%{ if true }" * DEEP}), "main.tf"),
    "a count": Hostile({"main.tf": module('"[{}]"')["main.tf"][:-2] + "  count = 1000000000\n}\n"}, "does not set"),  # type: ignore[operator]
    "modules that call each other": Hostile(
        {
            "a/main.tf": 'module "b" {\n  source = "../b"\n}\n' + str(module('"[{}]"')["main.tf"]),
            "b/main.tf": 'module "a" {\n  source = "../a"\n}\n',
        },
        "a/main.tf:5:29: error",
    ),
    "modules that double": Hostile(
        {
            **{
                f"m{n}/main.tf": "".join(f'module "{name}" {{\n  source = "../m{n + 1}"\n}}\n' for name in "ab")
                for n in range(19)
            },
            "m19/main.tf": module('"[{}]"')["main.tf"],
        },
        "too many instances",
    ),
    "many paths to modules that are nested too deeply": Hostile(
        {
            **{
                f"m{n}/main.tf": "".join(
                    f'module "m{step}" {{\n  source = "../m{n + step}"\n}}\n' for step in (1, 2, 3) if n + step < 120
                )
                for n in range(119)
            },
            "m119/main.tf": module('"[{}]"')["main.tf"],
        },
        "is called through more than 50 modules",
    ),
    "modules that all call each other": Hostile(
        {
            f"m{n}/main.tf": str(module('"[{}]"')["main.tf"])
            + "".join(f'module "m{m}" {{\n  source = "../m{m}"\n}}\n' for m in range(12) if m != n)
            for n in range(12)
        },
        "exceeds the evaluation limit",
    ),
    "many resources in many modules": Hostile(
        {
            "main.tf": "".join(f'module "m{n}" {{\n  source = "./m"\n}}\n' for n in range(500)),
            "m/main.tf": "".join(str(module('"[{}]"')["main.tf"]).replace('"a"', f'"a{n}"') for n in range(100)),
        },
        "exceeds the evaluation limit",
    ),
    "a long configuration that many units include": Hostile(
        {
            "root.hcl": 'terraform {\n  source = "${get_parent_terragrunt_dir()}/m"\n}\nlocals {\n'
            + "".join(f"  l{n} = {n}\n" for n in range(20_000))
            + "}\n",
            "m/main.tf": module('"[{}]"')["main.tf"],
            **{
                f"u{n}/terragrunt.hcl": 'include "root" {\n  path = find_in_parent_folders("root.hcl")\n}\n'
                for n in range(200)
            },
        },
        "does not set",
    ),
    "a module of many resources that many units run": Hostile(
        {
            "m/main.tf": "".join(str(module('"[{}]"')["main.tf"]).replace('"a"', f'"a{n}"') for n in range(100)),
            **{f"u{n}/terragrunt.hcl": 'terraform {\n  source = "../m"\n}\n' for n in range(60)},
        },
        "does not set",
    ),
    "modules by the hundred": Hostile(
        {
            **{f"m{n}/main.tf": f'module "a" {{\n  count  = 100\n  source = "../m{n + 1}"\n}}\n' for n in range(4)},
            "m4/main.tf": module('"[{}]"')["main.tf"],
        },
        "too many instances",
    ),
    "aliases in yamldecode": Hostile(
        module('jsonencode(yamldecode(file("x.txt")))', **{"x.txt": bomb("[ALIASES]")}), "warning: "
    ),
    "deep lists in jsondecode": Hostile(
        module('jsonencode(jsondecode(file("x.txt")))', **{"x.txt": "[" * DEEP}), "warning: "
    ),
    "a table": Hostile(
        module(
            'jsonencode(csvdecode(file("x.txt")))',
            **{"x.txt": ",".join(f"c{n}" for n in range(500)) + ("\n" + "," * 499) * 500},
        ),
        "exceeds the evaluation limit",
    ),
    "NUL in a path": Hostile(module('file("a\\u0000b")', 'module "m" {\n  source = "./\0"\n}\n'), "main.tf"),
    "a lone surrogate in a path": Hostile(module('file("a\\ud800b")'), "main.tf"),
    "200 MB": Hostile({"main.tf": Sparse(b'resource "aws_ecs_task_definition" "a" {\n')}, "exceeds the limit of 20 MB"),
    "latin-1": Hostile(
        {"main.tf": str(module('"[{}]"', "# \xe9\n")["main.tf"]).encode("latin-1")}, "is not valid UTF-8"
    ),
}

OTHERS = {
    "many parameters in the configuration": Hostile(
        {
            "ecs5lint.toml": "[parameters]\n" + "".join(f'P{n} = "true"\n' for n in range(30_000)),
            **template("        - {Name: a, ReadonlyRootFilesystem: true}"),
        },
        "unknown parameters P0, P1",
    ),
    "many environments of the SAM CLI": Hostile(
        {
            "samconfig.toml": "".join(f'[e{n}.deploy.parameters]\nstack_name = "a"\n' for n in range(5_000)),
            **template("        - {Name: a, ReadonlyRootFilesystem: true}"),
        }
    ),
    "names of files": Hostile(
        {"a\nb.json": GOOD, "\x1b[2J.json": GOOD, "::error::.json": GOOD}, r"a\x0ab.json:1:42: error: "
    ),
    "patterns of .gitignore": Hostile(
        {".gitignore": ("**/" * 30 + "*a" * 30 + "b\n") * 1_000, f"{'a' * 100}/{'a' * 100}.json": GOOD}, "aaa.json:1:42"
    ),
    "a long .gitignore": Hostile({".gitignore": "*.x\n" * MANY}),
    "deep directories": Hostile({"/".join(["d"] * 300) + "/task.json": GOOD}, "d/task.json:1:42"),
}

CASES = {
    f"{source}: {name}": case
    for source, cases in {
        "JSON": JSON,
        "YAML": YAML,
        "CloudFormation": CLOUDFORMATION,
        "Terraform": TERRAFORM,
        "others": OTHERS,
    }.items()
    for name, case in cases.items()
}


def write(case: Hostile) -> None:
    """Write the files of an input into the working directory, and a failing task definition next to them."""
    Path(".git").mkdir()
    for name, content in case.files.items():
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass"))
        if isinstance(content, Sparse):
            with path.open("ab") as file:
                file.write(b" " * 20_000_000)
                file.truncate(200_000_000)
    Path("good.json").write_text(GOOD)
