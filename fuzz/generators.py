"""Generate realistic inputs with small variations: task definitions, CloudFormation templates, Terraform modules.

They are built as trees and written as text, so that the parsers read most of them completely and the evaluators run.
"""

from __future__ import annotations

import json
from typing import NamedTuple

from hypothesis import strategies as st

from ecs5lint.files.kinds import CLOUDFORMATION, TASK_DEFINITION, TERRAFORM

Tree = object


class Input(NamedTuple):
    """The files of an input. The first one is checked, as a `kind` of input."""

    kind: str
    files: dict[str, bytes]


class WithFailing(NamedTuple):
    """An input with a failing container from `start` to `end` of its only file, in which nothing is true."""

    kind: str
    name: str
    text: str
    start: int
    end: int

    def without(self, cuts: list[tuple[int, int]]) -> bytes:
        """Return the text without some stretches of the container, each given as an offset and a length."""
        inner = self.text[self.start : self.end]
        for place, length in cuts:
            at = place % (len(inner) + 1)
            inner = inner[:at] + inner[at + length :]
        return (self.text[: self.start] + inner + self.text[self.end :]).encode("utf-8", "replace")


_names = st.sampled_from(["web", "db", "a-b", "", "é", "x" * 30, "\x1b[2J", "::error::", "${X}", "{{ x }}", "\u202e"])
_scalars: st.SearchStrategy[Tree] = st.one_of(
    st.none(), st.booleans(), st.integers(-5, 5), st.floats(allow_nan=False, allow_infinity=False), _names
)


def _object(members: dict[str, st.SearchStrategy[Tree]]) -> st.SearchStrategy[Tree]:
    return st.fixed_dictionaries({}, optional=members)


# Task definitions


class Raw(NamedTuple):
    """Text in place of a value: a placeholder."""

    text: str


_placeholders = st.sampled_from(
    [
        *map(Raw, ("${X}", "$X", "{{ x }}", "{{ x | default(true) }}", "<%= x %>", "${X:-true}")),
        *map(Raw, ("1e999", "-")),
    ]
)
_setting: st.SearchStrategy[Tree] = st.one_of(st.booleans(), st.none(), st.sampled_from(["true", 1]), _placeholders)
_container = _object(
    {
        "name": _names,
        "image": _scalars,
        "readonlyRootFilesystem": _setting,
        "readOnlyRootFilesystem": st.booleans(),
        "essential": _setting,
        "environment": st.lists(_object({"name": _names, "value": _scalars}), max_size=2),
    }
)


def _json(value: Tree, sections: list[str]) -> str:
    """Return a tree as JSON, with template sections around some elements of its lists."""
    if isinstance(value, Raw):
        return value.text
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)}: {_json(item, sections)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        texts = [_json(item, sections) for item in value]
        if texts and sections:
            texts[-1] = sections.pop().replace("X", texts[-1])
        return "[" + ",\n".join(texts) + "]"
    return json.dumps(value)


_sections = st.lists(
    st.sampled_from(
        [
            "{% if a %}X{% endif %}",
            "{% if a %}X{% else %}{}{% endif %}",
            "{{#a}}X{{/a}}",
            "{% for x in y %}X,{% endfor %}{}",
        ]
    ),
    max_size=2,
)
_task_definition = _object(
    {
        "family": _names,
        "containerDefinitions": st.one_of(st.lists(_container, max_size=4), _placeholders),
        "runtimePlatform": _object(
            {"operatingSystemFamily": st.sampled_from(["LINUX", "WINDOWS_SERVER_2022", Raw("${OS}")])}
        ),
    }
)
_documents: st.SearchStrategy[Tree] = st.one_of(
    _task_definition,
    st.lists(_task_definition, max_size=3),
    st.lists(_container, max_size=3),
    _object({"taskDefinition": _task_definition}),
)
task_definitions = st.builds(
    lambda tree, sections: Input(
        TASK_DEFINITION, {"task.json": _json(tree, list(sections)).encode("utf-8", "replace")}
    ),
    _documents,
    _sections,
)


# CloudFormation


class Call(NamedTuple):
    """A call of an intrinsic function."""

    name: str
    argument: Tree


_parameter = st.sampled_from(["P", "Q", "L", "S", "N", "AWS::Region", "AWS::NoValue", "T"])
_condition = st.sampled_from(["A", "B", "C", "D"])
_texts = st.sampled_from(
    ["a", "b", "true", "false", "", "${P}", "x${Q}y${!Z}", "${AWS::Region}", "a,b", "{{resolve:ssm:x}}"]
)


def _calls(inner: st.SearchStrategy[Tree]) -> st.SearchStrategy[Tree]:
    def call(name: str, *arguments: st.SearchStrategy[Tree]) -> st.SearchStrategy[Tree]:
        return st.tuples(*arguments).map(lambda items: Call(name, list(items)))

    return st.one_of(
        _parameter.map(lambda name: Call("Ref", name)),
        call("If", _condition, inner, inner),
        call("Select", st.one_of(st.integers(-1, 2), inner), st.one_of(st.lists(inner, max_size=3), inner)),
        call("Join", st.sampled_from(["", ","]), st.one_of(st.lists(inner, max_size=3), inner)),
        call("Split", st.just(","), inner),
        call("FindInMap", st.sampled_from(["M", "N"]), inner, inner),
        call("FindInMap", st.just("M"), inner, inner, _object({"DefaultValue": inner})),
        call("Sub", _texts, _object({"P": inner, "Z": inner})),
        _texts.map(lambda text: Call("Sub", text)),
        inner.map(lambda value: Call("ToJsonString", value)),
        inner.map(lambda value: Call("Length", value)),
        inner.map(lambda value: Call("Base64", value)),
        st.just(Call("GetAtt", ["T", "Arn"])),
        st.just(Call("Transform", {"Name": "AWS::Include", "Parameters": {"Location": "part.yaml"}})),
        st.lists(inner, max_size=3),
        _object({"Name": inner, "Key": inner}),
    )


_cfn_values = st.recursive(st.one_of(_scalars, _texts), _calls, max_leaves=6)
_tests = st.recursive(
    st.one_of(
        _condition.map(lambda name: Call("Condition", name)),
        st.tuples(_cfn_values, _cfn_values).map(lambda items: Call("Equals", list(items))),
    ),
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda items: Call("And", items)),
        st.lists(inner, min_size=1, max_size=3).map(lambda items: Call("Or", items)),
        inner.map(lambda item: Call("Not", [item])),
    ),
    max_leaves=4,
)
_cfn_container = st.one_of(
    _object(
        {"Name": _cfn_values, "ReadonlyRootFilesystem": st.one_of(st.booleans(), _cfn_values), "Image": _cfn_values}
    ),
    st.tuples(_condition, _object({"Name": _texts, "ReadonlyRootFilesystem": _cfn_values})).map(
        lambda items: Call("If", [items[0], items[1], Call("Ref", "AWS::NoValue")])
    ),
    _cfn_values,
)
_cfn_parameter = _object(
    {
        "Type": st.sampled_from(["String", "CommaDelimitedList", "Number", "AWS::SSM::Parameter::Value<String>"]),
        "Default": _scalars,
        "AllowedValues": st.lists(_scalars, max_size=3),
    }
)
_resource = st.fixed_dictionaries(
    {"Type": st.just("AWS::ECS::TaskDefinition")},
    optional={
        "Condition": _condition,
        "Properties": st.one_of(
            st.fixed_dictionaries(
                {"ContainerDefinitions": st.one_of(st.lists(_cfn_container, max_size=3), _cfn_values)},
                optional={"Family": _cfn_values, "RuntimePlatform": _cfn_values},
            ),
            _cfn_values,
        ),
    },
)
_template = st.fixed_dictionaries(
    {"Resources": st.dictionaries(st.sampled_from(["T", "U"]), _resource, min_size=1, max_size=2)},
    optional={
        "Parameters": st.dictionaries(st.sampled_from("PQLSN"), _cfn_parameter, max_size=4),
        "Conditions": st.dictionaries(_condition, _tests, max_size=4),
        "Mappings": st.dictionaries(
            st.sampled_from(["M", "N"]),
            st.dictionaries(_texts, st.dictionaries(_texts, _scalars, max_size=2), max_size=2),
            max_size=2,
        ),
        "Rules": st.dictionaries(
            st.just("R"),
            st.fixed_dictionaries({"Assertions": st.lists(_object({"Assert": _tests}), max_size=2)}),
            max_size=1,
        ),
        "Transform": st.sampled_from(["AWS::LanguageExtensions", "AWS::Serverless-2016-10-31", "Mine"]),
    },
)


def _long_form(value: Tree) -> Tree:
    if isinstance(value, Call):
        name = value.name if value.name in ("Ref", "Condition") else f"Fn::{value.name}"
        return {name: _long_form(value.argument)}
    if isinstance(value, dict):
        return {key: _long_form(item) for key, item in value.items()}
    return [_long_form(item) for item in value] if isinstance(value, list) else value


def _yaml(value: Tree) -> str:
    """Return a tree in YAML's flow style, with the short form of functions. A tag can't follow another tag."""
    if isinstance(value, Call):
        if isinstance(value.argument, Call):
            return json.dumps(_long_form(value))
        return f"!{value.name} {_yaml(value.argument)}"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)}: {_yaml(item)}" for key, item in value.items()) + "}"
    return "[" + ", ".join(map(_yaml, value)) + "]" if isinstance(value, list) else json.dumps(value)


def _template_files(tree: Tree, in_json: bool, part: Tree) -> Input:
    text = json.dumps(_long_form(tree)) if in_json else "\n".join(f"{key}: {_yaml(item)}" for key, item in tree.items())  # type: ignore[attr-defined]
    return Input(CLOUDFORMATION, {"template.yaml": text.encode(), "part.yaml": _yaml(part).encode()})


templates = st.builds(_template_files, _template, st.booleans(), _cfn_values)


# Terraform

_references = st.sampled_from(
    "var.on var.unset var.list var.object local.a local.b local.c each.value count.index module.m.out path.module "
    "terraform.workspace data.x.y.z local.missing".split()
)
_literals = st.sampled_from(
    'true false null 0 1 -1 1.5 1e3 "" "a" "true" "a,b" "${var.on}" "[]" "{\\"name\\":\\"a\\"}" [] {}'.split()
)
_functions = st.sampled_from(
    "abs alltrue can chunklist coalesce coalescelist compact concat contains csvdecode distinct element flatten "
    "format formatlist indent index join jsondecode jsonencode keys length lookup lower matchkeys max merge min "
    "one range regex regexall replace reverse setintersection setproduct setunion slice sort split startswith "
    "substr sum title tobool tolist tomap tonumber toset tostring transpose trim trimspace try upper values "
    "yamldecode yamlencode zipmap".split()
)


def _expressions(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    def form(template: str, *parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        return st.tuples(*parts).map(lambda texts: template % texts)

    arguments = st.lists(inner, max_size=3).map(", ".join)
    operator = st.sampled_from("+ - * / % == != < > <= >= && ||".split())
    key = st.sampled_from(["name", "readonlyRootFilesystem", '"a"', "(var.unset)", "image"])
    return st.one_of(
        form("(%s ? %s : %s)", inner, inner, inner),
        form("(%s %s %s)", inner, operator, inner),
        form("!%s", inner),
        form("[%s]", arguments),
        form("{ %s = %s }", key, inner),
        form("{ name = %s, readonlyRootFilesystem = %s }", inner, inner),
        form("[for x in %s : %s]", inner, st.one_of(inner, st.just("x"), st.just("{ name = x }"))),
        form("[for k, v in %s : v if %s]", inner, inner),
        form("{ for k, v in %s : k => %s }", inner, inner),
        form('{ for k, v in %s : "${k}" => v... }', inner),
        form("%s(%s)", _functions, arguments),
        form("concat(%s...)", inner),
        form("%s[%s]", inner, inner),
        form("%s[*].name", inner),
        form("%s.name", inner),
        form('"a-${%s}"', inner),
        form('"%%{ if %s }${%s}%%{ else }b%%{ endif }"', inner, inner),
        form('"[%%{ for x in %s }${x},%%{ endfor }1]"', inner),
        form("merge(%s, { readonlyRootFilesystem = %s })", inner, inner),
        form('templatefile("part.tftpl", { x = %s })', inner),
        form("jsonencode([%s])", inner),
    )


expressions = st.recursive(st.one_of(_references, _literals), _expressions, max_leaves=8)
_repetition = st.one_of(
    st.just(""),
    expressions.map(lambda text: f"  count = {text}\n"),
    expressions.map(lambda text: f"  for_each = {text}\n"),
)
_MODULE = """\
variable "on" {
  default = %s
}
variable "unset" {}
variable "list" {
  type    = list(string)
  default = %s
}
variable "object" {
  type    = object({ name = string, ro = optional(bool, true) })
  default = %s
}
locals {
  a = %s
  b = %s
  c = %s
}
resource "aws_ecs_task_definition" "app" {
%s  container_definitions = jsonencode(%s)
}
resource "aws_ecs_task_definition" "text" {
%s  container_definitions = %s
}
"""


def _module(*parts: str) -> Input:
    *texts, part = parts
    return Input(TERRAFORM, {"main.tf": (_MODULE % tuple(texts)).encode(), "part.tftpl": part.encode()})


_many = [expressions] * 6
modules = st.builds(
    _module,
    *_many,
    _repetition,
    st.lists(expressions, max_size=3).map(lambda items: f"[{', '.join(items)}]"),
    _repetition,
    expressions,
    st.one_of(
        st.sampled_from(["${x}", '[{"name": "${x}"}]', "${jsonencode(x)}", "%{ for y in x }${y}%{ endfor }"]),
        expressions,
    ),
)

INPUTS = {"task-definitions": task_definitions, "templates": templates, "modules": modules}


# Failing containers among passing ones

_false_json = st.sampled_from(['"readonlyRootFilesystem": false, ', '"readonlyRootFilesystem": null, ', ""])
_more_json = st.lists(
    st.sampled_from(
        [
            '"essential": false',
            '"environment": [{"name": "a", "value": "b"}]',
            '"command": ["sh", "-c", "exit"]',
            '"cpu": 1',
        ]
    ),
    max_size=3,
    unique=True,
)


def _surrounded(kind: str, name: str, before: str, failing: str, after: str) -> WithFailing:
    return WithFailing(kind, name, before + failing + after, len(before), len(before + failing))


def _json_failing(setting: str, more: list[str], space: str) -> WithFailing:
    good = '{"name": "good", "readonlyRootFilesystem": true}'
    failing = "{" + setting + f",{space}".join(['"name": "bad"', *more]) + "}"
    before = f'{{"family": "f", "containerDefinitions": [{good},{space}'
    return _surrounded(TASK_DEFINITION, "task.json", before, failing, f",{space}{good}]}}")


def _block_yaml_failing(setting: str, more: list[str], space: str) -> WithFailing:
    indent = "        "
    good = f"{indent}- Name: good\n{indent}  ReadonlyRootFilesystem: true\n"
    lines = [f"Name: bad{space.strip(' ')}", *([setting] if setting else []), *more]
    failing = f"{indent}- " + f"\n{indent}  ".join(lines)
    head = "Resources:\n  T:\n    Type: AWS::ECS::TaskDefinition\n    Properties:\n      ContainerDefinitions:\n"
    return _surrounded(CLOUDFORMATION, "template.yaml", head + good, failing, f"\n{good}")


def _hcl_failing(setting: str, more: list[str], space: str) -> WithFailing:
    good = '{ name = "good", readonlyRootFilesystem = true }'
    failing = "{\n" + "".join(f"{line}\n" for line in ['name = "bad"', *([setting] if setting else []), *more]) + "}"
    before = f'resource "aws_ecs_task_definition" "a" {{\n  container_definitions = jsonencode([{good},{space}'
    return _surrounded(TERRAFORM, "main.tf", before, failing, f",{space}{good}])\n}}\n")


_spaces = st.sampled_from(["", " ", "\n"])
failing_containers: st.SearchStrategy[WithFailing] = st.one_of(
    st.builds(_json_failing, _false_json, _more_json, _spaces),
    st.builds(
        _block_yaml_failing,
        st.sampled_from(["ReadonlyRootFilesystem: false", "ReadonlyRootFilesystem: !Ref P", ""]),
        st.lists(
            st.sampled_from(["Essential: false", "Cpu: 1", "Command: [sh, -c]", "Image: 'a:b'"]),
            max_size=3,
            unique=True,
        ),
        _spaces,
    ),
    st.builds(
        _hcl_failing,
        st.sampled_from(["readonlyRootFilesystem = false", "readonlyRootFilesystem = null", "readonly = 1", ""]),
        st.lists(
            st.sampled_from(["cpu = 1", 'image = "a:${var.b}"', "environment = [{ a = 1 }]", "# c"]),
            max_size=3,
            unique=True,
        ),
        _spaces,
    ),
)
cuts = st.lists(st.tuples(st.integers(0, 300), st.integers(1, 12)), min_size=1, max_size=4)
