"""Generate projects with callers that use a random spelling, from a seed.

    python tests/project/caller_projects.py COUNT [SEED]

Each project has a module with a variable `ro` that has a default, and one or two callers that set it: Terraform
modules, Terragrunt and Terraform Stacks. The generator knows the resulting value for each caller, so the linter can be
checked: no pass if a caller makes the container fail, and no fail if no caller does.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import NamedTuple

import registry_projects

from ecs5lint.cli.main import main

Files = dict[str, str]


class Project(NamedTuple):
    """The files of a project, the values of `ro` from its callers, and whether all results may be unknown."""

    files: Files
    values: list[bool]
    spellings: list[str]


#: How a caller sets a value.
BOOLEAN, TEXT, ENVIRONMENT = "boolean", "text", "environment"

#: Expressions that keep the type of the variable.
CONTAINERS = (
    'jsonencode([{ name = "web", image = "x", readonlyRootFilesystem = var.ro }])',
    "jsonencode([local.web])",
    'jsonencode([merge({ name = "web", image = "x" }, { readonlyRootFilesystem = var.ro })])',
    'jsonencode([for name in ["web"] : { name = name, image = "x", readonlyRootFilesystem = var.ro }])',
)
#: Expressions in which a text is as good as a boolean.
RENDERED_CONTAINERS = (
    '<<EOF\n[{"name": "web", "image": "x", "readonlyRootFilesystem": ${var.ro}}]\nEOF\n',
    'templatefile("${path.module}/td.json.tpl", { ro = var.ro })',
    "data.template_file.web.rendered",
    'jsonencode([{ name = "web", image = "x", readonlyRootFilesystem = tobool(var.ro) }])',
    'replace(file("${path.module}/td.json"), "__RO__", var.ro)',
    'jsonencode([{ name = "web", image = "x", readonlyRootFilesystem = tostring(var.ro) == "true" }])',
)


class Module(NamedTuple):
    """The module that is called: its files, and the value of its container for a boolean and for a text."""

    files: Files
    keeps_type: bool
    type: str

    def value(self, given: bool, form: str) -> bool:
        """Return whether a container passes. ECS refuses a text.

        Terraform parses a text in the environment as an expression for a variable with the type any, but not for one
        without a type.
        """
        is_text = {"string": True, "any": form == TEXT, "": form != BOOLEAN}.get(self.type, False)
        return given and not (is_text and self.keeps_type)


def module(default: bool, random: Random, directory: str) -> Module:
    """Return a module with a task definition."""
    keeps_type = random.random() < 0.5
    type_ = random.choice(("bool", "bool", "any", "string", ""))
    container = random.choice(CONTAINERS if keeps_type else RENDERED_CONTAINERS)
    declared = f"  type    = {type_}\n" if type_ else ""
    extra = random.choice(("", "  nullable = false\n"))
    text = f"""\
variable "ro" {{
{declared}  default = {str(default).lower()}
{extra}}}
locals {{
  web = {{ name = "web", image = "x", readonlyRootFilesystem = var.ro }}
}}
data "template_file" "web" {{
  template = file("${{path.module}}/td.json.tpl")
  vars     = {{ ro = var.ro }}
}}
resource "aws_ecs_task_definition" "web" {{
  family                = "web"
  container_definitions = {container}
}}
"""
    files = {
        f"{directory}/main.tf": text,
        f"{directory}/td.json.tpl": '[{"name": "web", "image": "x", "readonlyRootFilesystem": ${ro}}]\n',
    }
    if "__RO__" in container:
        files[f"{directory}/td.json"] = '[{"name": "web", "image": "x", "readonlyRootFilesystem": __RO__}]\n'
    return Module(files, keeps_type, type_)


def text(value: object) -> str:
    """Return a value as HCL and JSON."""
    return json.dumps(value)


def escaped(path: str, random: Random) -> str:
    """Return a path in which one letter is escaped."""
    places = [place for place, letter in enumerate(path) if letter.isalpha()]
    place = random.choice(places)
    return f'"{path[:place]}\\u{ord(path[place]):04x}{path[place + 1 :]}"'


def sources(path: str, random: Random) -> dict[str, tuple[str, str]]:
    """Return spellings of a source: the expression, and the declarations it needs."""
    head, _, tail = path.rpartition("/")
    return {
        "plain": (text(path), ""),
        "parentheses": (f"(({text(path)}))", ""),
        "escape": (escaped(path, random), ""),
        "backslashes": (text(path.replace("/", "\\")), ""),
        "interpolation": (f'"${{{text(path)}}}"', ""),
        "conditional": (f'1 < 2 ? {text(path)} : "./none"', ""),
        "local": ("local.place", f"locals {{\n  place = {text(path)}\n}}\n"),
        "prefix": (f'"${{local.base}}/{tail}"', f"locals {{\n  base = {text(head)}\n}}\n"),
        "format": (f'format("%s/%s", {text(head)}, {text(tail)})', ""),
        "join": (f'join("/", [{text(head)}, lower({text(tail.upper())})])', ""),
        "directory": (f'"${{path.module}}/{path.removeprefix("./")}"', ""),
        "default": ("var.place", f'variable "place" {{\n  default = {text(path)}\n}}\n'),
        "no value": ("var.place", 'variable "place" {\n  type = string\n}\n'),
        "choice": (
            f"var.old ? {text(path)} : {text(path + '/.')}",
            'variable "old" {\n  type = bool\n}\n',
        ),
        "lookup": ("local.all[local.which]", f'locals {{\n  which = "a"\n  all = {{ a = {text(path)} }}\n}}\n'),
        "detour": (
            text(f"{head}/../{head.rpartition('/')[2]}/{tail}" if head.rpartition("/")[2] not in (".", "..") else path),
            "",
        ),
    }


#: The spellings of a value that give a text.
TEXTS = ("string", "number in a string", "lookup of text", "trimmed")


def values(value: bool) -> dict[str, tuple[str, str]]:
    """Return spellings of a value: the expression, and the declarations it needs."""
    word, other = str(value).lower(), str(not value).lower()
    return {
        "lookup of text": (f'lookup({{ web = "{word}" }}, "web", "{other}")', ""),
        "trimmed": (f'trimspace(" {word}\\n")', ""),
        "try": (f"try(local.settings.web.none, {word})", "locals {\n  settings = { web = {} }\n}\n"),
        "merge": (f"merge({{ ro = {other} }}, {{ ro = {word} }}).ro", ""),
        "coalesce": (f"coalesce(null, {word}, {other})", ""),
        "one": (f"one([for item in [{word}] : item])", ""),
        "all of": (f"alltrue([true, {word}])", ""),
        "yaml": (f'yamldecode("ro: {word}").ro', ""),
        "optional": (
            "var.settings.ro",
            f'variable "settings" {{\n  type    = object({{ ro = optional(bool, {word}) }})\n  default = {{}}\n}}\n',
        ),
        "workspace": (f'terraform.workspace == "prod" ? {word} : {word}', ""),
        "contains": (f'contains([{text("web") if value else text("db")}], "web")', ""),
        "literal": (word, ""),
        "string": (f'"{word}"', ""),
        "not": (f"!{other}", ""),
        "local": ("local.ro", f"locals {{\n  ro = {word}\n}}\n"),
        "default": ("var.locked", f'variable "locked" {{\n  type    = bool\n  default = {word}\n}}\n'),
        "conditional": (f'"a" == "a" ? {word} : {other}', ""),
        "function": (f'tobool("{word}")', ""),
        "decoded": (f'jsondecode("{{\\"ro\\": {word}}}").ro', ""),
        "attribute": ("local.settings.web.ro", f"locals {{\n  settings = {{ web = {{ ro = {word} }} }}\n}}\n"),
    }


class Made(NamedTuple):
    """The files of a caller, its spelling, and how it sets the value."""

    files: Files
    spelling: str
    form: str = BOOLEAN


def by_module(target: str, value: bool, name: str, random: Random) -> Made:
    """Return a Terraform module that calls the module in `target`."""
    directory = random.choice(("", f"{name}/", f"live/{name}/"))
    path = os.path.relpath(target, directory or ".")
    path = path if path.startswith("..") else f"./{path}"
    spelling, (source, beside) = random.choice(list(sources(path, random).items()))
    given, (expression, more) = random.choice(list(values(value).items()))
    repeated = random.choice(("", "", "for_each", "dynamic", "count", "override", "tfvars"))
    if repeated and spelling != "choice":
        return repeated_call(repeated, Made({}, spelling), (directory, name), source, beside, value)
    if random.random() < 0.3 and spelling in ("plain", "local", "prefix", "default", "interpolation"):
        written = path if spelling == "plain" else source.strip('"') if source.startswith('"') else f"${{{source}}}"
        key, slash = random.choice((("source", "/"), ("sourc\\u0065", "/"), ("source", "\\/")))
        written = written.replace('"', '\\"').replace("/", slash)
        expression = expression.replace("\\", "\\\\").replace('"', '\\"')
        call = f'{{"module": {{"{name}": {{"{key}": "{written}", "ro": "${{{expression}}}"}}}}}}'
        files = {f"{directory}{name}.tf.json": call, f"{directory}{name}_more.tf": beside + more}
        return Made(files, f"json {spelling} {given}", TEXT if given in TEXTS else BOOLEAN)
    comment = random.choice(("", "/* c */ ", "# c\n  "))
    gap = "" if comment.startswith("#") else comment
    ending = " // ro = true" if comment.startswith("#") else ""
    call = f'{beside}{more}module "{name}" {{\n  source {gap}= {source}{ending}\n  ro = {expression}\n}}\n'
    if random.random() < 0.3:
        inner = f"parts/{name}"
        back = os.path.relpath(target, inner)
        middle = (
            f'variable "ro" {{\n  type    = bool\n  default = {str(random.random() < 0.5).lower()}\n}}\n'
            f'module "inner" {{\n  source = {text(back)}\n  ro = var.ro\n}}\n'
        )
        there = os.path.relpath(inner, directory or ".")
        there = there if there.startswith("..") else f"./{there}"
        call = f'{more}module "{name}" {{\n  source = {text(there)}\n  ro = {expression}\n}}\n'
        return Made({f"{directory}{name}.tf": call, f"{inner}/main.tf": middle}, f"chain {given}")
    suffix = random.choice(("tf", "tofu"))
    return Made(
        {f"{directory}{name}.{suffix}": call}, f"module {spelling} {given}", TEXT if given in TEXTS else BOOLEAN
    )


def repeated_call(form: str, made: Made, place: tuple[str, str], source: str, beside: str, value: bool) -> Made:
    """Return a call that exists once for the value, beside calls that don't exist, or that other files change."""
    word, other = text(value), text(not value)
    directory, name = place
    path = f"{directory}{name}"

    def call(arguments: str) -> str:
        return f'{beside}module "{name}" {{\n  source = {source}\n{arguments}}}\n'

    envs = f"{{ web = {{ ro = {word}, on = true }}, db = {{ ro = {other}, on = false }} }}"
    existing = "{ for key, item in local.envs : key => item if item.on }"
    files = {
        "for_each": {f"{path}.tf": call(f"  for_each = {{ web = {word} }}\n  ro       = each.value\n")},
        "dynamic": {
            f"{path}.tf": f"locals {{\n  envs = {envs}\n}}\n"
            + call(f"  for_each = {existing}\n  ro       = each.value.ro\n")
        },
        "count": {
            f"{path}.tf": call(f"  count = 1\n  ro    = [{word}, {other}][count.index]\n")
            + f'module "{name}_not" {{\n  count  = 0\n  source = {source}\n  ro     = {other}\n}}\n'
        },
        "override": {
            f"{path}.tf": call(f"  ro = {other}\n"),
            f"{path}_override.tf": f'module "{name}" {{\n  ro = {word}\n}}\n',
        },
        "tfvars": {
            f"{path}.tf": f'variable "locked_{name}" {{\n  type    = bool\n  default = {other}\n}}\n'
            + call(f"  ro = var.locked_{name}\n"),
            f"{path}.auto.tfvars": f"locked_{name} = {word}\n",
        },
    }[form]
    return Made(files, f"{form} {made.spelling}")


def terragrunt_source(target: str, directory: str, random: Random) -> tuple[str, str, str]:
    """Return the source of a unit: the expression, the locals it needs, and the name of the spelling."""
    path = os.path.relpath(target, directory)
    head, tail = os.path.split(target)
    return random.choice(
        [
            (text(path), "", "plain"),
            (text(f"{os.path.dirname(path)}//{tail}"), "", "double slash"),
            (f'"${{get_repo_root()}}/{target}"', "", "root"),
            (f'"${{get_terragrunt_dir()}}/{path}"', "", "directory"),
            (f'"${{dirname(find_in_parent_folders("live.hcl"))}}/../{head}//{tail}"', "", "parents"),
            (f'"${{local.base}}/{tail}"', f'  base = "${{get_repo_root()}}/{head}"\n', "local"),
            (f'"${{include.live.locals.base}}//{tail}"', "", "include"),
            (f'"${{get_env("WHERE", get_repo_root())}}/{target}"', "", "environment"),
            (f'"${{get_env("WHERE")}}/{target}"', "", "no value"),
            ('get_env("WHERE")', "", "nothing known"),
        ]
    )


def by_unit(target: str, value: bool, name: str, random: Random) -> Made:
    """Return a Terragrunt unit that runs the module in `target`."""
    word, other = str(value).lower(), str(not value).lower()
    directory = f"live/prod/{name}"
    source, local, spelling = terragrunt_source(target, directory, random)
    files: Files = {"live/live.hcl": f'locals {{\n  base = "${{get_repo_root()}}/{os.path.dirname(target)}"\n}}\n'}
    include = 'include "live" {\n  path   = find_in_parent_folders("live.hcl")\n  expose = true\n}\n'
    extra = ""
    inputs = "inputs = {}\n"
    form = random.choice(
        "literal string local merge env yaml json parent deep override var-file option env-var tfvars get_env feature "
        "dependency conditional try generated-tfvars generated-override generated-module read-config include-locals "
        "include-inputs deep-locals run-cmd tfvars-function get_env-extra json-unit null".split()
    )
    if form == "literal":
        inputs = f"inputs = {{\n  ro = {word}\n}}\n"
    elif form == "string":
        inputs = f'inputs = {{\n  ro = "{word}"\n}}\n'
    elif form == "local":
        local += f"  settings = {{ ro = {word} }}\n"
        inputs = "inputs = local.settings\n"
    elif form == "merge":
        inputs = f"inputs = merge({{ ro = {other} }}, {{ ro = {word} }})\n"
    elif form == "env":
        files["live/prod/env.hcl"] = f"locals {{\n  ro = {word}\n}}\n"
        local += '  env = read_terragrunt_config(find_in_parent_folders("env.hcl"))\n'
        inputs = "inputs = {\n  ro = local.env.locals.ro\n}\n"
    elif form == "yaml":
        files["live/prod/env.yaml"] = f"web:\n  ro: {word}\n"
        inputs = 'inputs = yamldecode(file(find_in_parent_folders("env.yaml"))).web\n'
    elif form == "json":
        files[f"{directory}/env.json"] = f'{{"ro": {word}}}'
        inputs = 'inputs = jsondecode(file("env.json"))\n'
    elif form in ("parent", "deep", "override"):
        given = other if form == "override" else word
        files["live/common.hcl"] = f"inputs = {{\n  ro = {given}\n}}\n"
        strategy = '  merge_strategy = "deep"\n' if form == "deep" else ""
        include += f'include "common" {{\n  path = find_in_parent_folders("common.hcl")\n{strategy}}}\n'
        inputs = f"inputs = {{\n  ro = {word}\n}}\n" if form == "override" else ""
    elif form in ("var-file", "option", "env-var"):
        files[f"{directory}/x.values"] = f"ro = {word}\n"
        body = {
            "var-file": '    required_var_files = ["${get_terragrunt_dir()}/x.values"]\n',
            "option": f'    arguments = ["-var", "ro={word}"]\n',
            "env-var": f'    env_vars = {{ TF_VAR_ro = "{word}" }}\n',
        }[form]
        extra = f'  extra_arguments "x" {{\n    commands = ["plan", "apply"]\n{body}  }}\n'
        inputs = f"inputs = {{\n  ro = {other}\n}}\n" if form != "env-var" and random.random() < 0.5 else ""
    elif form in ("tfvars", "generated-tfvars"):
        files[f"{directory}/terraform.tfvars"] = f"ro = {word}\n"
        inputs = f"inputs = {{\n  ro = {other}\n}}\n"
    elif form == "get_env":
        inputs = f'inputs = {{\n  ro = get_env("RO", "{word}")\n}}\n'
    elif form == "feature":
        extra = ""
        inputs = f'feature "lock" {{\n  default = {word}\n}}\ninputs = {{\n  ro = feature.lock.value\n}}\n'
    elif form == "dependency":
        inputs = (
            'dependency "vpc" {\n  config_path = "../vpc"\n  mock_outputs = { ro = true }\n}\n'
            "inputs = {\n  ro = dependency.vpc.outputs.ro\n}\n"
        )
    elif form in ("generated-override", "generated-module"):
        return generated_unit(form, target, word, name, random)
    elif form == "read-config":
        files["live/shared/web.hcl"] = f"locals {{\n  all = {{ ro = {other} }}\n}}\ninputs = {{\n  ro = {word}\n}}\n"
        inputs = 'inputs = read_terragrunt_config("${get_repo_root()}/live/shared/web.hcl").inputs\n'
    elif form == "include-locals":
        files["live/env.hcl"] = f"locals {{\n  ro = {word}\n}}\n"
        include += (
            'include "env" {\n  path   = "${dirname(find_in_parent_folders("live.hcl"))}/env.hcl"\n  expose = true\n}\n'
        )
        inputs = "inputs = {\n  ro = include.env.locals.ro\n}\n"
    elif form == "include-inputs":
        files["live/env.hcl"] = f"inputs = {{\n  ro = {other}\n  more = {{ ro = {word} }}\n}}\n"
        include += 'include "env" {\n  path   = "../../env.hcl"\n  expose = true\n}\n'
        inputs = "inputs = merge(include.env.inputs, { ro = include.env.inputs.more.ro })\n"
    elif form == "deep-locals":
        files["live/account.hcl"] = f'locals {{\n  stage = "prod"\n  locked = {{ prod = {word}, dev = {other} }}\n}}\n'
        files["live/prod/region.hcl"] = (
            'locals {\n  account = read_terragrunt_config(find_in_parent_folders("account.hcl")).locals\n'
            "  ro = local.account.locked[local.account.stage]\n}\n"
        )
        local += '  region = read_terragrunt_config(find_in_parent_folders("region.hcl"))\n'
        inputs = "inputs = {\n  ro = local.region.locals.ro\n}\n"
    elif form == "run-cmd":
        inputs = f'inputs = {{\n  ro = trimspace(run_cmd("echo", "{word}"))\n}}\n'
    elif form == "tfvars-function":
        files["live/common.tfvars"] = f"ro = {word}\n"
        inputs = 'inputs = jsondecode(read_tfvars_file(find_in_parent_folders("common.tfvars")))\n'
    elif form == "get_env-extra":
        extra = (
            f'  extra_arguments "x" {{\n    commands = get_terraform_commands_that_need_vars()\n'
            f'    env_vars = {{ TF_VAR_ro = get_env("RO", "{word}") }}\n  }}\n'
        )
        inputs = ""
    elif form == "json-unit":
        source_text = source.strip('"') if source.startswith('"') else f"${{{source}}}"
        if local or "include." in source:
            source_text = f"${{get_repo_root()}}/{target}"
        source_text = source_text.replace('"', '\\"')
        unit = f'{{"terraform": {{"source": "{source_text}"}}, "inputs": {{"ro": {word}}}}}'
        return Made({**files, f"{directory}/terragrunt.hcl.json": unit}, f"unit json {spelling}", ENVIRONMENT)
    elif form == "null":
        inputs = f"inputs = merge({{ ro = null }}, {{ ro = {word} }})\n"
    elif form == "conditional":
        inputs = f'inputs = {{\n  ro = basename(get_terragrunt_dir()) == "{name}" ? {word} : {other}\n}}\n'
    elif form == "try":
        inputs = f"inputs = {{\n  ro = try(local.none.ro, {word})\n}}\n"
    locals_ = f"locals {{\n{local}}}\n" if local else ""
    unit = f"{include}{locals_}terraform {{\n  source = {source}\n{extra}}}\n{inputs}"
    how = BOOLEAN if form in ("var-file", "tfvars", "generated-tfvars") else ENVIRONMENT
    return Made({**files, f"{directory}/terragrunt.hcl": unit}, f"unit {spelling} {form}", how)


def generated_unit(form: str, target: str, word: str, name: str, random: Random) -> Made:
    """Return a unit in which a generated file sets the value."""
    directory = f"live/prod/{name}"
    path = (
        random.choice(('"x.tf"', '"${get_terragrunt_dir()}/x.tf"')) if form == "generated-module" else '"x.auto.tfvars"'
    )
    if form == "generated-module":
        content = f'module "{name}" {{\n  source = "${{get_repo_root()}}/{target}"\n  ro     = {word}\n}}\n'
        source = ""
    else:
        content = f"ro = {word}\n"
        source = f'terraform {{\n  source = "${{get_repo_root()}}/{target}"\n}}\n'
    generate = (
        f'generate "x" {{\n  path      = {path}\n  if_exists = "overwrite"\n  contents  = <<EOF\n{content}EOF\n}}\n'
    )
    return Made({f"{directory}/terragrunt.hcl": source + generate}, f"unit {form}")


def by_unit_stack(target: str, value: bool, name: str, random: Random) -> Made:
    """Return a Terragrunt stack that creates a unit for the module in `target`."""
    word = str(value).lower()
    unit = f'terraform {{\n  source = "${{get_repo_root()}}/{target}"\n}}\ninputs = {{\n  ro = values.ro\n}}\n'
    source = random.choice((f'"../../units/{name}"', f'"${{get_repo_root()}}/units/{name}"', "local.unit"))
    stack = (
        f'locals {{\n  unit = "${{find_in_parent_folders("units")}}/{name}"\n  ro = {word}\n}}\n'
        f'unit "{name}" {{\n  source = {source}\n  path   = "{name}"\n'
        f"  values = {{\n    ro = {random.choice((word, 'local.ro'))}\n  }}\n}}\n"
    )
    files = {f"units/{name}/terragrunt.hcl": unit, f"live/{name}/terragrunt.stack.hcl": stack}
    if random.random() < 0.4:
        files = {
            f"units/{name}/terragrunt.hcl": unit,
            f"parts/{name}/terragrunt.stack.hcl": stack.replace(f"ro = {word}\n}}", "ro = values.ro\n}").replace(
                f"    ro = {word}\n", "    ro = values.ro\n"
            ),
            f"live/{name}/terragrunt.stack.hcl": (
                f'stack "{name}" {{\n  source = "${{get_repo_root()}}/parts/{name}"\n  path   = "{name}"\n'
                f"  values = {{\n    ro = {word}\n  }}\n}}\n"
            ),
        }
        return Made(files, "stack of a stack", ENVIRONMENT)
    return Made(files, "unit stack", ENVIRONMENT)


def by_component(target: str, value: bool, name: str, random: Random) -> Made:
    """Return a Terraform Stacks configuration with a component for the module in `target`."""
    word, other = str(value).lower(), str(not value).lower()
    directory = f"stacks/{name}"
    source, beside = sources(os.path.relpath(target, directory), random)[
        random.choice(("plain", "parentheses", "escape", "local", "prefix"))
    ]
    form = random.choice(("literal", "variable", "default", "merge", "local"))
    files: Files = {}
    inputs = f"{{\n    ro = {word}\n  }}"
    if form in ("variable", "default"):
        default = word if form == "default" else other
        beside += f'variable "ro" {{\n  type    = bool\n  default = {default}\n}}\n'
        inputs = "{\n    ro = var.ro\n  }"
        given = "" if form == "default" else f"ro = {word}"
        files[f"{directory}/deployments.tfdeploy.hcl"] = f'deployment "prod" {{\n  inputs = {{ {given} }}\n}}\n'
    elif form == "merge":
        inputs = f"merge({{ ro = {other} }}, {{ ro = {word} }})"
    elif form == "local" and "locals" not in beside:
        beside += f"locals {{\n  settings = {{ ro = {word} }}\n}}\n"
        inputs = "local.settings"
    suffix = random.choice(("tfcomponent", "tfstack"))
    component = f'{beside}component "{name}" {{\n  source = {source}\n  inputs = {inputs}\n}}\n'
    return Made({**files, f"{directory}/components.{suffix}.hcl": component}, f"component {form}")


CALLERS: tuple[Callable[[str, bool, str, Random], Made], ...] = (
    by_module,
    by_module,
    by_unit,
    by_unit,
    by_unit_stack,
    by_component,
)


def project(seed: int) -> Project:
    """Return the project of a seed."""
    random = Random(seed)
    if random.random() < 0.15:
        return registry_project(random)
    target = random.choice(("modules/svc", "svc", "a/b/svc"))
    called = module(random.random() < 0.5, random, target)
    files = called.files
    wanted: list[bool] = []
    spellings: list[str] = []
    for name in ("one", "two")[: random.randint(1, 2)]:
        value = random.random() < 0.4
        made = random.choice(CALLERS)(target, value, name, random)
        if any(files.get(path, content) != content for path, content in made.files.items()):
            continue
        files.update(made.files)
        wanted.append(called.value(value, made.form))
        spellings.append(f"{made.spelling} ({called.type})")
    return Project(files, wanted, spellings)


def registry_project(random: Random) -> Project:
    """Return a project whose modules are well-known ones of the registry."""
    files: Files = {}
    wanted: list[bool] = []
    spellings: list[str] = []
    for name in ("one", "two")[: random.randint(1, 2)]:
        value = random.random() < 0.4
        booleans = {key: item for key, item in values(value).items() if key not in TEXTS}
        if random.random() < 0.6:
            made, spelling = registry_projects.by_module(value, name, booleans, random)
        else:
            made, spelling = registry_projects.by_unit(value, name, random)
        if all(files.get(path, content) == content for path, content in made.items()):
            files.update(made)
            wanted.append(value)
            spellings.append(spelling)
    return Project(files, wanted, spellings)


def faults(project: Project, directory: Path) -> list[str]:
    """Return the errors of the linter on a project, which is written to `directory`."""
    (directory / ".git").mkdir()
    for name, content in project.files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    before = os.getcwd()
    output = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    try:
        os.chdir(directory)
        with contextlib.redirect_stdout(output):
            main(["--format", "json", "."])
    finally:
        os.chdir(before)
    output.flush()
    report = json.loads(output.buffer.getvalue())
    verdicts = [result["verdict"] for result in report["results"]]
    found = [f"error: {error['path']}: {error['message']}" for error in report["errors"]]
    if verdicts.count("pass") > project.values.count(True):
        found.append(f"{verdicts.count('pass')} pass, but {project.values.count(True)} callers set true")
    if verdicts.count("fail") > project.values.count(False):
        found.append(f"{verdicts.count('fail')} fail, but {project.values.count(False)} callers set false")
    if len(verdicts) < len(project.values):
        found.append(f"{len(verdicts)} results for {len(project.values)} callers")
    return found


def check(count: int, seed: int = 0) -> int:
    """Check `count` projects, print the errors, and return their number."""
    wrong = 0
    for number in range(seed, seed + count):
        made = project(number)
        with tempfile.TemporaryDirectory() as directory:
            found = faults(made, Path(os.path.realpath(directory)))
        if found:
            wrong += 1
            print(f"{number}: {'; '.join(made.spellings)}: {made.values}: {'; '.join(found)}")
    return wrong


if __name__ == "__main__":
    COUNT, *SEED = map(int, sys.argv[1:])
    WRONG = check(COUNT, *SEED)
    print(f"{COUNT - WRONG} of {COUNT} right")
    sys.exit(WRONG > 0)
