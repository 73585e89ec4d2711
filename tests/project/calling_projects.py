"""Generate projects that deploy a template with a random spelling, with the expected value for each caller.

Each project has one template with a parameter whose default is a boolean, and one or two callers. Each caller sets the
parameter or omits it.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import NamedTuple

import deployed_stacks

PARAMETER = "Locked"
#: Texts by path.
Files = dict[str, str]


class Project(NamedTuple):
    """A project, and the container's value for each caller. `spelling` is the name of the spelling."""

    files: Files
    values: list[bool]
    spelling: str
    #: Values that may also occur: those of templates that are checked by themselves.
    target: str


class _Value(NamedTuple):
    """The value that a caller sets. None keeps the default."""

    value: bool | None

    def or_default(self, default: bool) -> bool:
        return default if self.value is None else self.value


def project(number: int) -> Project:
    """Return the project with a given number."""
    draw = random.Random(number)
    default = draw.random() < 0.6
    callers = [_Value(draw.choice([not default, not default, default, None])) for _ in range(draw.choice([1, 1, 2]))]
    make = draw.choice([*_KINDS, *deployed_stacks.KINDS])
    if make in _KINDS:
        files, values, target = _KINDS[make](draw, default, callers)
    else:
        given = [caller.value for caller in callers]
        files, target = deployed_stacks.KINDS[make](draw, template, default, given)
        values = [default if value is None else value for value in given]
    # An unrelated file.
    if draw.random() < 0.5:
        files["other/readme.yaml"] = "a: 1\n"
    return Project(files, values, make, target)


def text(value: bool) -> str:
    return "true" if value else "false"


def template(draw: random.Random, default: bool, json_only: bool = False) -> str:
    """Return the called template, in YAML or JSON."""
    written = draw.choice([text(default), default])
    container = {"Name": "app", "Image": "app", "ReadonlyRootFilesystem": {"Ref": PARAMETER}}
    if draw.random() < 0.2:
        container["ReadonlyRootFilesystem"] = {"Fn::If": ["IsLocked", True, False]}
    document = {
        "Parameters": {PARAMETER: {"Type": "String", "Default": written}},
        "Conditions": {"IsLocked": {"Fn::Equals": [{"Ref": PARAMETER}, "true"]}},
        "Resources": {
            "Task": {"Type": "AWS::ECS::TaskDefinition", "Properties": {"ContainerDefinitions": [container]}},
        },
    }
    if json_only or draw.random() < 0.3:
        return json.dumps(document, indent=2)
    return _yaml(document)


def _yaml(value: object, indent: int = 0) -> str:
    """Return a value in YAML's block style, with the long form of intrinsic functions."""
    space = " " * indent
    if isinstance(value, dict) and value:
        lines = []
        for key, item in value.items():
            if isinstance(item, (dict, list)) and item:
                lines.append(f"{space}{key}:\n{_yaml(item, indent + 2)}")
            else:
                lines.append(f"{space}{key}: {json.dumps(item)}\n")
        return "".join(lines)
    if isinstance(value, list) and value:
        lines = []
        for item in value:
            inner = _yaml(item, indent + 2) if isinstance(item, (dict, list)) and item else f"{json.dumps(item)}\n"
            lines.append(f"{space}- {inner.lstrip()}")
        return "".join(lines)
    return f"{space}{json.dumps(value)}\n"


# CloudFormation


def _passed(draw: random.Random, value: bool, document: dict[str, object]) -> object:
    """Return an expression in a parent template for a value. Adds the objects it refers to to the document."""
    kind = draw.randrange(5)
    if kind == 0:
        return draw.choice([text(value), value])
    if kind == 1:
        parameters: dict[str, object] = document.setdefault("Parameters", {})  # type: ignore[assignment]
        name = f"Wanted{len(parameters)}"
        parameters[name] = {"Type": "String", "Default": text(value)}
        return {"Ref": name}
    if kind == 2:
        mappings: dict[str, object] = document.setdefault("Mappings", {})  # type: ignore[assignment]
        name = f"Settings{len(mappings)}"
        mappings[name] = {"all": {"Locked": text(value)}}
        return {"Fn::FindInMap": [name, "all", "Locked"]}
    if kind == 3:
        return {"Fn::Sub": text(value)}
    return {"Fn::Join": ["", [text(value)[:2], text(value)[2:]]]}


def _address(draw: random.Random, path: str, document: dict[str, object]) -> object:
    """Return an expression for the path of a template, or for its address in a bucket."""
    parameters: dict[str, object] = document.setdefault("Parameters", {})  # type: ignore[assignment]
    directory, _, name = path.rpartition("/")
    key = f"{directory}/{name}" if directory else name
    choices: list[Callable[[], object]] = [
        lambda: f"https://bucket.s3.amazonaws.com/{key}",
        lambda: f"https://s3.eu-west-1.amazonaws.com/bucket/releases/{key}?versionId=1",
        lambda: f"s3://bucket/{key}",
        lambda: {"Fn::Sub": f"https://${{Bucket}}.s3.${{AWS::Region}}.${{AWS::URLSuffix}}/{key}"},
        lambda: {"Fn::Sub": f"https://s3.amazonaws.com/${{Bucket}}/${{Prefix}}{key}"},
        lambda: {
            "Fn::Sub": [
                f"https://${{Host}}/{key}",
                {"Host": {"Fn::FindInMap": ["Hosts", {"Ref": "AWS::Region"}, "Name"]}},
            ]
        },
        lambda: {"Fn::Join": ["/", ["https://s3.amazonaws.com", {"Ref": "Bucket"}, key]]},
        lambda: {"Fn::Join": ["", [{"Ref": "Base"}, key]]},
        lambda: {"Fn::If": ["IsOne", f"https://one.s3.amazonaws.com/{key}", f"https://two.s3.amazonaws.com/{key}"]},
        lambda: {"Fn::Sub": f"${{Base}}/{key}"},
    ]
    parameters["Bucket"] = {"Type": "String"}
    parameters["Base"] = {"Type": "String", "Default": "https://bucket.s3.amazonaws.com/x/"}
    parameters["Prefix"] = {"Type": "String", "Default": draw.choice(["", "v1/", "a/b/"])}
    document.setdefault("Mappings", {})["Hosts"] = {  # type: ignore[index]
        "eu-west-1": {"Name": "bucket.s3.eu-west-1.amazonaws.com"},
        "us-east-1": {"Name": "bucket.s3.amazonaws.com"},
    }
    document.setdefault("Conditions", {})["IsOne"] = {"Fn::Equals": [{"Ref": "Bucket"}, "one"]}  # type: ignore[index]
    return draw.choice(choices)()


def _relative(draw: random.Random, parent: str, path: str) -> str:
    depth = parent.count("/")
    plain = "../" * depth + path
    return draw.choice([plain, "./" + plain])


def _written(draw: random.Random, document: dict[str, object], parent: str) -> tuple[str, str]:
    """Return a parent template as text, and its path."""
    if draw.random() < 0.3:
        return parent.removesuffix(".yaml") + ".json", json.dumps(document, indent=draw.choice([None, 2]))
    return parent, _yaml(document)


def _nested(
    draw: random.Random, default: bool, callers: list[_Value], *, by_address: bool
) -> tuple[Files, list[bool], str]:
    path = draw.choice(["child.yaml", "stacks/child.yaml", "a/b/child.template"])
    files = {path: template(draw, default)}
    values = []
    for number, caller in enumerate(callers):
        parent = draw.choice([f"parent{number}.yaml", f"main/parent{number}.yaml"])
        document: dict[str, object] = {}
        type_, name = draw.choice(
            [("AWS::CloudFormation::Stack", "TemplateURL"), ("AWS::Serverless::Application", "Location")]
        )
        place = _address(draw, path, document) if by_address else _relative(draw, parent, path)
        properties: dict[str, object] = {name: place}
        if caller.value is not None:
            properties["Parameters"] = {PARAMETER: _passed(draw, caller.value, document)}
        document["Resources"] = {"Inner": {"Type": type_, "Properties": properties}}
        parent, written = _written(draw, document, parent)
        files[parent] = written
        values.append(caller.or_default(default))
    return files, values, path


def _by_path(draw: random.Random, default: bool, callers: list[_Value]) -> tuple[Files, list[bool], str]:
    return _nested(draw, default, callers, by_address=False)


def _by_address(draw: random.Random, default: bool, callers: list[_Value]) -> tuple[Files, list[bool], str]:
    return _nested(draw, default, callers, by_address=True)


def _ambiguous(draw: random.Random, default: bool, callers: list[_Value]) -> tuple[Files, list[bool], str]:
    files, values, path = _nested(draw, default, callers, by_address=True)
    name = path.rpartition("/")[2]
    files[f"elsewhere/z/{name}"] = template(draw, default).replace("app", "copy")
    return files, values, path


def _cdk(draw: random.Random, default: bool, callers: list[_Value]) -> tuple[Files, list[bool], str]:
    out = draw.choice(["cdk.out", "cdk.out/assembly-Stage", "infra/cdk.out"])
    child = f"{out}/AppInner.nested.template.json"
    files = {child: template(draw, default, json_only=True)}
    is_marked = draw.random() < 0.6
    key = "0f" * 32 + ".json"
    values = []
    for number, caller in enumerate(callers):
        document: dict[str, object] = {}
        url = draw.choice(
            [
                {"Fn::Sub": f"https://s3.${{AWS::Region}}.${{AWS::URLSuffix}}/assets-${{AWS::AccountId}}/{key}"},
                {"Fn::Join": ["", ["https://s3.", {"Ref": "AWS::Region"}, ".amazonaws.com/assets/", key]]},
                {"Fn::Join": ["", ["https://s3.amazonaws.com/assets/" + key]]},
            ]
        )
        resource: dict[str, object] = {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": url}}
        if caller.value is not None:
            resource["Properties"]["Parameters"] = {PARAMETER: _passed(draw, caller.value, document)}  # type: ignore[index]
        if is_marked:
            resource["Metadata"] = {
                "aws:cdk:path": f"App{number}/Inner",
                "aws:asset:path": "AppInner.nested.template.json",
                "aws:asset:property": "TemplateURL",
            }
        document["Resources"] = {"Inner": resource}
        files[f"{out}/App{number}.template.json"] = json.dumps(document, indent=1)
        values.append(caller.or_default(default))
    if not is_marked or draw.random() < 0.5:
        source = {"path": "AppInner.nested.template.json", "packaging": "file"}
        files[f"{out}/App0.assets.json"] = json.dumps(
            {"files": {key: {"source": source, "destinations": {"here": {"objectKey": key}}}}}
        )
    return files, values, child


def _stack_set(draw: random.Random, default: bool, callers: list[_Value]) -> tuple[Files, list[bool], str]:
    path = draw.choice(["child.yaml", "stacks/child.yaml"])
    document: dict[str, object] = {}
    properties: dict[str, object] = {"StackSetName": "fleet", "PermissionModel": "SELF_MANAGED"}
    is_inline = draw.random() < 0.4
    files: Files = {}
    if is_inline:
        properties["TemplateBody"] = template(draw, default)
        path = "fleet.yaml"
    else:
        files[path] = template(draw, default)
        properties["TemplateURL"] = _address(draw, path, document) if draw.random() < 0.5 else f"./{path}"
    first = callers[0]
    if first.value is not None:
        passed = _passed(draw, first.value, document)
        properties["Parameters"] = [{"ParameterKey": PARAMETER, "ParameterValue": passed}]
    values = [first.or_default(default)]
    if len(callers) > 1:
        groups: list[dict[str, object]] = [{"Regions": ["eu-west-1"]}, {"Regions": ["us-east-1"]}]
        if callers[1].value is not None:
            passed = _passed(draw, callers[1].value, document)
            groups[1]["ParameterOverrides"] = [{"ParameterKey": PARAMETER, "ParameterValue": passed}]
        properties["StackInstancesGroup"] = groups
        values.append(values[0] if callers[1].value is None else callers[1].value)
    document["Resources"] = {"Fleet": {"Type": "AWS::CloudFormation::StackSet", "Properties": properties}}
    files["fleet.yaml"] = _yaml(document) if draw.random() < 0.7 else json.dumps(document)
    return files, values, path


def _modules(draw: random.Random, default: bool, callers: list[_Value]) -> tuple[Files, list[bool], str]:
    files = {"parts/module.yaml": template(draw, default)}
    values = []
    for number, caller in enumerate(callers):
        place = draw.choice(["./parts/module.yaml", "parts/module.yaml"])
        properties = "" if caller.value is None else f"    Properties:\n      {PARAMETER}: {text(caller.value)}\n"
        if draw.random() < 0.5:
            quoted = draw.choice([place, f'"{place}"'])
            files[f"app{number}.yaml"] = f"Resources:\n  App:\n    Type: !Rain::Module {quoted}\n{properties}"
        else:
            files[f"app{number}.yaml"] = f"Modules:\n  App:\n    Source: {place}\n{properties}"
        values.append(caller.or_default(default))
    return files, values, "parts/module.yaml"


# Deployment files


def _samconfig(draw: random.Random, default: bool, callers: list[_Value]) -> tuple[Files, list[bool], str]:
    directory = draw.choice(["", "service/"])
    path = directory + draw.choice(["template.yaml", "template.yml"])
    files = {
        path: "Transform: AWS::Serverless-2016-10-31\n" + _yaml(json.loads(template(draw, default, json_only=True)))
    }
    is_toml = draw.random() < 0.7
    sections = []
    for number, caller in enumerate(callers):
        environment = ["default", "prod"][number]
        value = None if caller.value is None else text(caller.value)
        if is_toml:
            written = draw.choice(
                [
                    f'"{PARAMETER}={value}"',
                    f'"Other=a {PARAMETER}={value}"',
                    f'\'{PARAMETER}="{value}" Other="b c"\'',
                    f'"{PARAMETER}=\\"{value}\\""',
                    f'["Other=a", "{PARAMETER}={value}"]',
                    f'"ParameterKey={PARAMETER},ParameterValue={value}"',
                    f'"ParameterKey=Other,ParameterValue=a ParameterKey={PARAMETER},ParameterValue=\\"{value}\\""',
                    f'"""{PARAMETER}={value}\n  Other=x"""',
                ]
            )
            overrides = "" if value is None else f"parameter_overrides = {written}\n"
            section = draw.choice(["deploy", "global"])
            sections.append(f'[{environment}.{section}.parameters]\nstack_name = "x"\n{overrides}')
        else:
            written = draw.choice(
                [
                    f" {PARAMETER}={value}\n",
                    f' "Other=a {PARAMETER}={value}"\n',
                    f"\n        - {PARAMETER}={value}\n        - Other=x\n",
                    f"\n        {PARAMETER}: {value}\n",
                ]
            )
            overrides = "" if value is None else f"      parameter_overrides:{written}"
            sections.append(f"{environment}:\n  deploy:\n    parameters:\n      stack_name: x\n{overrides}")
    if is_toml:
        files[directory + "samconfig.toml"] = "version = 0.1\n" + "\n".join(sections)
    else:
        files[directory + "samconfig.yaml"] = "version: 0.1\n" + "".join(sections)
    return files, [caller.or_default(default) for caller in callers], path


def _sceptre(draw: random.Random, default: bool, callers: list[_Value]) -> tuple[Files, list[bool], str]:
    base = draw.choice(["", "infra/"])
    path = draw.choice(["app.yaml", "web/app.yaml"])
    files = {f"{base}templates/{path}": template(draw, default)}
    for number, caller in enumerate(callers):
        place = draw.choice([f"template_path: {path}\n", f"template:\n  path: {path}\n  type: file\n"])
        place = draw.choice(["", "stack_tags: {{ stack_group_config.tags }}\n"]) + place
        shown = "" if caller.value is None else draw.choice([text(caller.value), f'"{text(caller.value)}"'])
        parameters = f"parameters:\n  {PARAMETER}: {shown}\n" if shown else ""
        folder = draw.choice(["", "env/"])
        files[f"{base}config/{folder}app{number}.yaml"] = place + parameters
    return files, [caller.or_default(default) for caller in callers], f"{base}templates/{path}"


def _taskcat(draw: random.Random, default: bool, callers: list[_Value]) -> tuple[Files, list[bool], str]:
    files = {"templates/app.yaml": template(draw, default)}
    tests = ""
    for number, caller in enumerate(callers):
        parameters = "" if caller.value is None else f"    parameters:\n      {PARAMETER}: {text(caller.value)}\n"
        tests += f"  test{number}:\n    template: templates/app.yaml\n    regions: [us-east-1]\n{parameters}"
    files[draw.choice([".taskcat.yml", ".taskcat.yaml"])] = f"project: {{name: x}}\ntests:\n{tests}"
    return files, [caller.or_default(default) for caller in callers], "templates/app.yaml"


def _serverless(draw: random.Random, default: bool, callers: list[_Value]) -> tuple[Files, list[bool], str]:
    """Return a service whose second block or extension overrides the first, which has the default."""
    caller = callers[0]
    block = (
        "Resources:\n  Task:\n    Type: AWS::ECS::TaskDefinition\n    Properties:\n      ContainerDefinitions:\n"
        f"        - Name: app\n          ReadonlyRootFilesystem: {text(default)}\n"
    )
    files: Files = {}
    if caller.value is None:
        over = "Conditions: {}\n"
    else:
        over = (
            "Resources:\n  Task:\n    Properties:\n      ContainerDefinitions:\n"
            f"        - ReadonlyRootFilesystem: {text(caller.value)}\n"
        )
    kind = draw.randrange(3)
    if kind == 0 and caller.value is not None:
        over = (
            "extensions:\n  Task:\n    Properties:\n      ContainerDefinitions:\n"
            f"        - Name: app\n          ReadonlyRootFilesystem: {text(caller.value)}\n"
        )
    blocks = []
    for name, content in (("first.yml", block), ("second.yml", over)):
        if draw.random() < 0.5:
            files[f"parts/{name}"] = content
            blocks.append(draw.choice([f"  - ${{file(parts/{name})}}\n", f"  - ${{file(./parts/{name})}}\n"]))
        else:
            lines = content.splitlines(keepends=True)
            blocks.append("  - " + "    ".join(lines))
    files["serverless.yml"] = "service: x\nprovider:\n  name: aws\nresources:\n" + "".join(blocks)
    return files, [caller.or_default(default)], "serverless.yml"


# Terraform


def _terraform_value(draw: random.Random, value: bool, files: Files) -> str:
    """Return an expression for a value. Writes the objects it refers to into the module in main.tf."""
    kind = draw.randrange(6)
    if kind == 0:
        return draw.choice([text(value), f'"{text(value)}"'])
    if kind == 1:
        files["variables.tf"] = f'variable "locked" {{\n  default = {text(value)}\n}}\n'
        return "var.locked"
    if kind == 2:
        files["variables.tf"] = 'variable "locked" {\n  type = bool\n  default = ' + text(not value) + "\n}\n"
        files["terraform.tfvars"] = f"locked = {text(value)}\n"
        return "var.locked"
    if kind == 3:
        files["locals.tf"] = f"locals {{\n  locked = {text(value)}\n}}\n"
        return draw.choice(["local.locked", "tostring(local.locked)"])
    if kind == 4:
        return f'"${{{text(value)}}}"'
    return f"{text(value)} ? true : false"


def _terraform(draw: random.Random, default: bool, callers: list[_Value]) -> tuple[Files, list[bool], str]:
    files: Files = {}
    blocks = []
    values = []
    path = "stacks/child.yaml"
    is_file = draw.random() < 0.6
    for number, caller in enumerate(callers):
        type_ = draw.choice(["aws_cloudformation_stack", "aws_cloudformation_stack_set", "awscc_cloudformation_stack"])
        parameters = ""
        if caller.value is not None:
            shown = _terraform_value(draw, caller.value, files) if number == 0 else text(caller.value)
            parameters = draw.choice(
                [
                    f"parameters = {{ {PARAMETER} = {shown} }}",
                    f"parameters = merge({{ {PARAMETER} = {text(not caller.value)} }}, {{ {PARAMETER} = {shown} }})",
                    f'parameters = {{ for name in ["{PARAMETER}"] : name => {shown} }}',
                    f"parameters = {{\n    {PARAMETER} = {shown}\n    Other  = 1\n  }}",
                ]
            )
        written = template(draw, default)
        if is_file:
            files.setdefault(path, written)
            body = draw.choice(
                [
                    f'template_body = file("{path}")',
                    f'template_body = file("${{path.module}}/{path}")',
                    f'template_body = templatefile("{path}", {{}})',
                    f'template_url = "https://bucket.s3.amazonaws.com/{path}"',
                    f'template_body = join("", [file("{path}")])',
                    f'template_body = jsonencode(yamldecode(file("{path}")))',
                ]
            )
        else:
            document = json.loads(template(draw, default, json_only=True))
            body = draw.choice(
                [
                    f"template_body = <<EOT\n{written}EOT\n",
                    f"template_body = jsonencode({json.dumps(document)})",
                    f"template_body = yamlencode({json.dumps(document)})",
                    f"template_body = {json.dumps(json.dumps(document))}",
                ]
            )
        if body.endswith("\n") and not written.endswith("\n"):
            body = body.replace("EOT\n", "\nEOT\n") if body.count("EOT") == 1 else body[:-4] + "\nEOT\n"
        blocks.append(f'resource "{type_}" "s{number}" {{\n  name = "s{number}"\n  {body}\n  {parameters}\n}}\n')
        values.append(caller.or_default(default))
    files["main.tf"] = "\n".join(blocks)
    return files, values, path if is_file else "main.tf"


def _terraform_rendered(draw: random.Random, default: bool, callers: list[_Value]) -> tuple[Files, list[bool], str]:
    """Return a module that renders a template of a template, with the value as its variable."""
    files: Files = {
        "stacks/child.yaml.tftpl": (
            "Resources:\n%{ if with_task ~}\n  Task:\n    Type: AWS::ECS::TaskDefinition\n    Properties:\n"
            "      ContainerDefinitions:\n        - Name: app\n          ReadonlyRootFilesystem: ${locked}\n"
            "%{ endif ~}\n"
            '  Other:\n    Type: AWS::SNS::Topic\n    Properties:\n      DisplayName: !Sub "$${AWS::StackName}"\n'
        )
    }
    blocks = []
    values = []
    for number, caller in enumerate(callers):
        value = caller.or_default(default)
        shown = _terraform_value(draw, value, files) if number == 0 else text(value)
        variables = f"{{ locked = {shown}, with_task = true }}"
        blocks.append(
            f'resource "aws_cloudformation_stack" "s{number}" {{\n  name = "s{number}"\n'
            f'  template_body = templatefile("stacks/child.yaml.tftpl", {variables})\n}}\n'
        )
        values.append(value)
    files["main.tf"] = "\n".join(blocks)
    return files, values, "stacks/child.yaml.tftpl"


def _terraform_module(draw: random.Random, default: bool, callers: list[_Value]) -> tuple[Files, list[bool], str]:
    """Return a module that deploys a template and is called with the value."""
    files: Files = {
        "modules/stack/main.tf": (
            'variable "locked" {\n  default = ' + text(not default) + "\n}\n"
            'resource "aws_cloudformation_stack" "app" {\n  name = "app"\n'
            '  template_body = file("${path.module}/child.yaml")\n'
            f"  parameters = {{ {PARAMETER} = var.locked }}\n}}\n"
        ),
        "modules/stack/child.yaml": template(draw, default),
    }
    blocks = []
    values = []
    for number, caller in enumerate(callers):
        argument = "" if caller.value is None else f"  locked = {text(caller.value)}\n"
        blocks.append(f'module "m{number}" {{\n  source = "./modules/stack"\n{argument}}}\n')
        values.append((not default) if caller.value is None else caller.value)
    files["main.tf"] = "\n".join(blocks)
    return files, values, "modules/stack/child.yaml"


_KINDS: dict[str, Callable[[random.Random, bool, list[_Value]], tuple[Files, list[bool], str]]] = {
    "nested stack by path": _by_path,
    "nested stack by address": _by_address,
    "nested stack by an address of several": _ambiguous,
    "nested stack of the CDK": _cdk,
    "stack set": _stack_set,
    "modules of Rain and the AWS CLI": _modules,
    "samconfig": _samconfig,
    "Sceptre": _sceptre,
    "taskcat": _taskcat,
    "Serverless Framework": _serverless,
    "aws_cloudformation_stack": _terraform,
    "aws_cloudformation_stack with a rendered template": _terraform_rendered,
    "aws_cloudformation_stack in a module": _terraform_module,
}
