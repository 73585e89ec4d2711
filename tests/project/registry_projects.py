"""Generate callers of well-known modules of the registry, which are not installed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random

Files = dict[str, str]
#: Spellings of a value: the expression, and the declarations it needs.
Spellings = Mapping[str, tuple[str, str]]

#: The versions of the ECS module, and the key of the setting.
_VERSIONS = (
    ("5.2.0", "readonly_root_filesystem"),
    ("5.11.4", "readonly_root_filesystem"),
    ("~> 5.7", "readonly_root_filesystem"),
    ("6.0.0", "readonlyRootFilesystem"),
    ("~> 6.1", "readonlyRootFilesystem"),
)


def by_module(value: bool, name: str, spellings: Spellings, random: Random) -> tuple[Files, str]:
    """Return a Terraform module that calls a well-known module."""
    expression, declared = random.choice(list(spellings.values()))
    version, key = random.choice(_VERSIONS)
    containers = f'{{ web = {{ image = "x", {key} = {expression} }} }}'
    path = "terraform-aws-modules/ecs/aws"
    tag = version.removeprefix("~> ") + (".0" if version.startswith("~>") else "")
    calls: dict[str, Callable[[], str]] = {
        "service": lambda: (
            f'  source = "{path}//modules/service"\n  version = "{version}"\n  container_definitions = {containers}\n'
        ),
        "service in Git": lambda: (
            '  source = "git::https://github.com/terraform-aws-modules/terraform-aws-ecs.git//modules/service'
            f'?ref=v{tag}"\n  container_definitions = {containers}\n'
        ),
        "services": lambda: (
            f'  source = "{path}"\n  version = "{version}"\n'
            f"  services = {{ app = {{ container_definitions = {containers} }} }}\n"
        ),
        "merged": lambda: (
            f'  source = "registry.terraform.io/{path}//modules/service"\n  version = "{version}"\n'
            f"  container_definitions = {{ for key, item in {containers} : key => merge(item, {{ cpu = 256 }}) }}\n"
        ),
    }
    form = random.choice([*calls, "container definition"])
    if form == "container definition":
        output = random.choice(("jsonencode([module.c.json_map_object])", '"[${module.c.json_map_encoded}]"'))
        call = (
            'module "c" {\n  source = "cloudposse/ecs-container-definition/aws"\n  version = "0.61.1"\n'
            f'  container_name = "web"\n  container_image = "x"\n  readonly_root_filesystem = {expression}\n}}\n'
            f'resource "aws_ecs_task_definition" "web" {{\n  family = "web"\n  container_definitions = {output}\n}}\n'
        )
    else:
        call = f'module "{name}" {{\n{calls[form]()}}}\n'
    return {f"live/{name}/main.tf": declared + call}, f"registry {form} {version}"


def by_unit(value: bool, name: str, random: Random) -> tuple[Files, str]:
    """Return a Terragrunt unit that runs a well-known module."""
    word, other = str(value).lower(), str(not value).lower()
    version, key = random.choice([item for item in _VERSIONS if "~" not in item[0]])
    source = random.choice(
        (
            f"tfr:///terraform-aws-modules/ecs/aws//modules/service?version={version}",
            f"tfr://registry.terraform.io/terraform-aws-modules/ecs/aws//modules/service?version={version}",
            f"git::https://github.com/terraform-aws-modules/terraform-aws-ecs.git//modules/service?ref=v{version}",
        )
    )
    files: Files = {}
    form = random.choice(("literal", "local", "parent", "shared", "deep"))
    container = f'container_definitions = {{ web = {{ image = "x", {key} = %s }} }}'
    head, inputs = "", f"inputs = {{\n  {container % word}\n}}\n"
    if form == "local":
        head = f"locals {{\n  locked = {word}\n}}\n"
        inputs = f"inputs = {{\n  {container % 'local.locked'}\n}}\n"
    elif form == "parent":
        files["live/common.hcl"] = f"inputs = {{\n  {container % word}\n}}\n"
        head = 'include "common" {\n  path = find_in_parent_folders("common.hcl")\n}\n'
        inputs = ""
    elif form == "shared":
        files["live/settings.hcl"] = f"locals {{\n  locked = {{ {name} = {word} }}\n}}\n"
        head = 'locals {\n  all = read_terragrunt_config(find_in_parent_folders("settings.hcl")).locals\n}\n'
        inputs = f"inputs = {{\n  {container % f'local.all.locked.{name}'}\n}}\n"
    elif form == "deep":
        files["live/deep.hcl"] = f"inputs = {{\n  {container % other}\n}}\n"
        head = 'include "deep" {\n  path = find_in_parent_folders("deep.hcl")\n  merge_strategy = "deep"\n}\n'
        inputs = f"inputs = {{\n  container_definitions = {{ web = {{ {key} = {word} }} }}\n}}\n"
    unit = f'{head}terraform {{\n  source = "{source}"\n}}\n{inputs}'
    return {**files, f"live/{name}/terragrunt.hcl": unit}, f"registry unit {form} {version}"
