"""Generate modules that deploy templates in further ways, and templates that are nested several levels deep.

The kinds complete those of `calling_projects`, which picks from both.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping

Files = dict[str, str]
#: Makes a template from the default of its parameter. `json_only` asks for JSON.
Template = Callable[..., str]

PARAMETER = "Locked"


def word(value: bool) -> str:
    return "true" if value else "false"


def shown(draw: random.Random, value: bool) -> str:
    """Return a value as CloudFormation takes it: a string in any case, or a boolean."""
    spellings = [word(value), f'"{word(value)}"', *([] if value else ['"FALSE"', '"False"'])]
    return draw.choice(spellings)


# CloudFormation


def levels(draw: random.Random, template: Template, default: bool, values: list[bool | None]) -> tuple[Files, str]:
    """Return stacks nested two levels deep. The one in the middle passes its own parameter on."""
    files = {"stacks/child.yaml": template(draw, default)}
    middle_default = draw.random() < 0.5
    passed = {"Ref": "Given"}
    middle = {
        "Parameters": {"Given": {"Type": "String", "Default": word(middle_default)}},
        "Resources": {"Inner": _stack(draw, "child.yaml", {PARAMETER: passed})},
    }
    files["stacks/middle.yaml"] = json.dumps(middle, indent=1)
    for number, value in enumerate(values):
        # Without a value, the parent says what the child has by default.
        parameters = {"Given": word(default if value is None else value)}
        parent = {"Resources": {"Middle": _stack(draw, "stacks/middle.yaml", parameters)}}
        files[f"parent{number}.json"] = json.dumps(parent)
    return files, "stacks/child.yaml"


def _stack(draw: random.Random, path: str, parameters: Mapping[str, object]) -> dict[str, object]:
    """Return a nested stack by a path or an address."""
    place: object = draw.choice(
        [
            path,
            f"./{path}",
            f"https://s3.amazonaws.com/bucket/{path}",
            {"Fn::Sub": f"https://${{AWS::AccountId}}-templates.s3.amazonaws.com/{path}"},
            {"Fn::Join": ["/", ["https://s3.amazonaws.com", {"Ref": "AWS::StackName"}, path]]},
        ]
    )
    return {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": place, "Parameters": parameters}}


def conditional(draw: random.Random, template: Template, default: bool, values: list[bool | None]) -> tuple[Files, str]:
    """Return parents with a nested stack that is never created, beside the one with the value."""
    files = {"child.yaml": template(draw, default)}
    for number, value in enumerate(values):
        given = {} if value is None else {PARAMETER: word(value)}
        never = _stack(draw, "child.yaml", {PARAMETER: draw.choice(["true", "false"])})
        never["Condition"] = "Never"
        always = _stack(draw, "child.yaml", given)
        always["Condition"] = "Always"
        parent = {
            "Conditions": {
                "Never": {"Fn::Equals": ["a", "b"]},
                "Always": {"Fn::Not": [{"Condition": "Never"}]},
            },
            "Resources": {"No": never, "Yes": always},
        }
        files[f"parent{number}.json"] = json.dumps(parent, indent=1)
    return files, "child.yaml"


def cdk_reference(
    draw: random.Random, template: Template, default: bool, values: list[bool | None]
) -> tuple[Files, str]:
    """Return the output of a CDK app in which a nested stack refers to a value of its parent, in one stage or two."""
    files: Files = {}
    for number, value in enumerate(values):
        stage = draw.choice(["cdk.out", f"cdk.out/assembly-Stage{number}"])
        name = f"AppStage{number}Inner"
        reference = f"referencetoAppStage{number}{PARAMETER}9A1B2C3DRef"
        child = json.loads(template(draw, default, json_only=True).replace(PARAMETER + '"', reference + '"'))
        if value is not None and draw.random() < 0.5:
            del child["Parameters"][reference]["Default"]
        files[f"{stage}/{name}.nested.template.json"] = json.dumps(child, indent=1)
        inner: dict[str, object] = {
            "Type": "AWS::CloudFormation::Stack",
            "Properties": {
                "TemplateURL": {
                    "Fn::Sub": f"https://s3.${{AWS::Region}}.${{AWS::URLSuffix}}/cdk-assets/{number:064x}.json"
                },
                "Parameters": {} if value is None else {reference: {"Ref": "Wanted"}},
            },
            "Metadata": {
                "aws:cdk:path": f"App/Stage{number}/Inner",
                "aws:asset:path": f"{name}.nested.template.json",
                "aws:asset:property": "TemplateURL",
            },
        }
        parent = {
            "Parameters": {"Wanted": {"Type": "String", "Default": word(bool(value))}},
            "Resources": {"Inner": inner},
        }
        files[f"{stage}/AppStage{number}.template.json"] = json.dumps(parent, indent=1)
    return files, "none"


def application(draw: random.Random, template: Template, default: bool, values: list[bool | None]) -> tuple[Files, str]:
    """Return a SAM application in an application. samconfig sets the outer one's parameter."""
    del values[1:]  # samconfig has one value
    value = values[0]
    files = {"app/child.yaml": template(draw, default)}
    outer_default = word(draw.random() < 0.5)
    files["template.yaml"] = (
        "Transform: AWS::Serverless-2016-10-31\n"
        f"Parameters:\n  Outer:\n    Type: String\n    Default: {outer_default}\n"
        "Resources:\n  Child:\n    Type: AWS::Serverless::Application\n    Properties:\n"
        f"      Location: {draw.choice(['app/child.yaml', './app/child.yaml'])}\n"
        f"      Parameters:\n        {PARAMETER}: !Ref Outer\n"
    )
    wanted = word(default if value is None else value)
    overrides = draw.choice([f'"Outer={wanted}"', f'["Outer={wanted}"]', f'"Outer=\\"{wanted}\\""'])
    files["samconfig.toml"] = f"version = 0.1\n[default.deploy.parameters]\nparameter_overrides = {overrides}\n"
    return files, "app/child.yaml"


# Terraform


def _deployed(number: int, arguments: str) -> str:
    return f'resource "aws_cloudformation_stack" "s{number}" {{\n  name = "s{number}"\n  {arguments}}}\n'


def in_bucket(draw: random.Random, template: Template, default: bool, values: list[bool | None]) -> tuple[Files, str]:
    """Return a module that uploads the template, and deploys it from the bucket."""
    path = "stacks/child.yaml"
    files = {path: template(draw, default)}
    key = draw.choice(['"releases/app.yaml"', f'"{path}"', f'basename("{path}")', '"${var.prefix}/app.yaml"'])
    body = draw.choice([f'source = "${{path.module}}/{path}"', f'content = file("{path}")'])
    type_ = draw.choice(["aws_s3_object", "aws_s3_bucket_object"])
    text = (
        'variable "prefix" {\n  default = "v1"\n}\nresource "aws_s3_bucket" "templates" {\n  bucket = "templates"\n}\n'
        f'resource "{type_}" "child" {{\n  bucket = aws_s3_bucket.templates.id\n  key    = {key}\n  {body}\n}}\n'
    )
    for number, value in enumerate(values):
        url = draw.choice(
            [
                f'"https://${{aws_s3_bucket.templates.bucket_regional_domain_name}}/${{{type_}.child.key}}"',
                f'"https://${{aws_s3_bucket.templates.id}}.s3.amazonaws.com/${{{type_}.child.id}}"',
                f'format("https://s3.amazonaws.com/%s/%s", {type_}.child.bucket, {type_}.child.key)',
            ]
        )
        given = "" if value is None else f"  parameters   = {{ {PARAMETER} = {shown(draw, value)} }}\n"
        text += _deployed(number, f"template_url = {url}\n{given}")
    files["main.tf"] = text
    return files, path


def read_by_data(
    draw: random.Random, template: Template, default: bool, values: list[bool | None]
) -> tuple[Files, str]:
    """Return a module that reads the template through a data source, a local value or a variable of a module."""
    path = "stacks/child.yaml"
    files = {path: template(draw, default)}
    text = (
        f'data "template_file" "child" {{\n  template = file("${{path.module}}/{path}")\n  vars = {{}}\n}}\n'
        f'data "local_file" "child" {{\n  filename = "${{path.module}}/{path}"\n}}\n'
        f'locals {{\n  body  = file("{path}")\n'
        '  files = { for name in fileset(path.module, "stacks/*.yaml") : basename(name) => file(name) }\n}\n'
    )
    body = draw.choice(
        [
            "data.template_file.child.rendered",
            "data.local_file.child.content",
            "local.body",
            'local.files["child.yaml"]',
            f'replace(file("{path}"), "__NOT_THERE__", "x")',
            "trimspace(local.body)",
        ]
    )
    for number, value in enumerate(values):
        given = _parameters(draw, value, number, files)
        text += _deployed(number, f"template_body = {body}\n{given}")
    files["main.tf"] = text
    return files, path


def _parameters(draw: random.Random, value: bool | None, number: int, files: Files) -> str:
    """Return the argument that sets the parameter, from a file or an expression."""
    if value is None:
        return draw.choice(["", "  parameters = {}\n"])
    path = f"params{number}.json"
    kind = draw.randrange(5)
    if kind == 0:
        files[path] = json.dumps({PARAMETER: word(value)})
        return f'  parameters = jsondecode(file("{path}"))\n'
    if kind == 1:
        files[path] = json.dumps([{"ParameterKey": PARAMETER, "ParameterValue": word(value)}])
        return (
            f'  parameters = {{ for item in jsondecode(file("{path}")) : item.ParameterKey => item.ParameterValue }}\n'
        )
    if kind == 2:
        files[f"params{number}.auto.tfvars"] = f"parameters{number} = {{ {PARAMETER} = {word(value)} }}\n"
        files[f"variables{number}.tf"] = (
            f'variable "parameters{number}" {{\n  type    = map(string)\n  default = {{}}\n}}\n'
        )
        return f"  parameters = var.parameters{number}\n"
    if kind == 3:
        return f'  parameters = {{ ("{PARAMETER}") = {shown(draw, value)} }}\n'
    return f"  parameters = {{ {PARAMETER} = 1 > 2 ? {word(not value)} : {word(value)} }}\n"


def for_each(draw: random.Random, template: Template, default: bool, values: list[bool | None]) -> tuple[Files, str]:
    """Return a module with one stack for each member of a map, and one that is never created."""
    path = "stacks/child.yaml"
    files = {path: template(draw, default)}
    members = ", ".join(
        f"e{number} = {word(default if value is None else value)}" for number, value in enumerate(values)
    )
    no = word(draw.random() < 0.5)
    files["main.tf"] = (
        f'resource "aws_cloudformation_stack" "all" {{\n  for_each = {{ {members} }}\n  name = each.key\n'
        f'  template_body = file("{path}")\n  parameters = {{ {PARAMETER} = each.value }}\n}}\n'
        f'resource "aws_cloudformation_stack" "none" {{\n  count = 0\n  name = "none"\n'
        f'  template_body = file("{path}")\n  parameters = {{ {PARAMETER} = {no} }}\n}}\n'
    )
    return files, path


def unit(draw: random.Random, template: Template, default: bool, values: list[bool | None]) -> tuple[Files, str]:
    """Return Terragrunt units that run a module that deploys the template."""
    files = {
        "modules/stack/main.tf": (
            f'variable "locked" {{\n  type    = bool\n  default = {word(default)}\n}}\n'
            'resource "aws_cloudformation_stack" "app" {\n  name = "app"\n'
            '  template_body = file("${path.module}/child.yaml")\n'
            f"  parameters = {{ {PARAMETER} = var.locked }}\n}}\n"
        ),
        "modules/stack/child.yaml": template(draw, draw.random() < 0.5),
    }
    for number, value in enumerate(values):
        inputs = "" if value is None else f"inputs = {{\n  locked = {word(value)}\n}}\n"
        files[f"live/e{number}/terragrunt.hcl"] = f'terraform {{\n  source = "../../modules//stack"\n}}\n{inputs}'
    return files, "modules/stack/child.yaml"


KINDS: dict[str, Callable[[random.Random, Template, bool, list[bool | None]], tuple[Files, str]]] = {
    "nested stacks of two levels": levels,
    "nested stack under a condition": conditional,
    "reference of the CDK": cdk_reference,
    "application of SAM in another": application,
    "aws_cloudformation_stack from a bucket": in_bucket,
    "aws_cloudformation_stack through a data source": read_by_data,
    "aws_cloudformation_stack for each": for_each,
    "aws_cloudformation_stack in a unit": unit,
}
