"""Determine the kinds of input that a file may be, from its bytes.

The content of a file decides. Its name only excludes files that are certainly no input, such as pictures and source
code, and tells which files belong to a Terraform module. This module searches bytes, which is many times as fast as
parsing. The search is sound: the parsers find nothing in a file that it excludes. It looks for words that the parsers
can't do without, anywhere in the file, and decodes the escapes that may hide a word. The parsers decide everything
else.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection

from ecs5lint.light_typing import NamedTuple

TERRAFORM = "terraform"
TERRAFORM_PLAN = "terraform-plan"
CLOUDFORMATION = "cloudformation"
TASK_DEFINITION = "task-definition"
#: A file that the configuration lists as a source of task definitions, whatever its content.
EXTRACT = "extract"

#: https://developer.hashicorp.com/terraform/language/files and https://opentofu.org/docs/language/files/
HCL_SUFFIXES = (".tf", ".tofu")
MODULE_SUFFIXES = (*HCL_SUFFIXES, ".tf.json", ".tofu.json")

_CALLER_SUFFIXES = (".hcl", "terragrunt.hcl.json", ".tfcomponent.json", ".tfstack.json", ".tfdeploy.json")

#: Each file that calls modules, but belongs to no module, has one of these words: a block type or an argument.
_CALLER_WORDS = (b"terraform", b"include", b"inputs", b"unit", b"stack", b"component", b"generate", b"\\u")

#: Suffixes of source code, docs, pictures, archives and the like. A walk does not open these files.
_OTHER_SUFFIXES = frozenset(
    # Source code and build results.
    "py pyi pyc pyx ipynb js mjs cjs jsx ts mts cts tsx vue svelte go java kt kts scala groovy clj cs fs vb rb php pl "
    "pm lua r jl rs c cc cpp cxx h hh hpp m mm swift dart ex exs erl hs ml elm zig nim sh bash zsh fish bat cmd ps1 "
    "sql proto graphql thrift libsonnet dhall nix bicep rego guard sentinel mk cmake gradle sbt snap map "
    "o a so dll dylib exe class jar war wasm bin dat db sqlite parquet avro pem crt key "
    # Docs and web pages.
    "md mdx markdown rst adoc log csv tsv html htm xhtml css scss sass less svg xml xsd xsl pdf doc docx xls xlsx ppt "
    "pptx drawio puml po pot sarif "
    # Pictures, sound, fonts, archives.
    "png jpg jpeg gif bmp ico webp avif tif tiff psd mp3 mp4 wav ogg webm mov avi ttf otf woff woff2 eot "
    "zip gz tgz bz2 xz zst 7z rar tar whl rpm deb iso "
    # Files that tools keep for themselves.
    "lock sum gitignore gitattributes gitmodules dockerignore editorconfig tfvars tfstate toml ini cfg "
    "properties".split()
)
#: Names of files that are never JSON or YAML, whatever their content. A file with such a name as a prefix may be.
_OTHER_NAMES = frozenset("dockerfile makefile gnumakefile jenkinsfile vagrantfile rakefile gemfile".split())

#: Suffixes of languages in which every JSON text is a program, although few programs are JSON.
_JSON_PROGRAMS = {".jsonnet": "Jsonnet", ".cue": "CUE"}

#: Byte order marks of UTF-16. The second mark is also the start of the UTF-32 mark.
_UTF_16 = (b"\xfe\xff", b"\xff\xfe")

#: Suffixes and names of programs that may run the AWS CLI.
_SCRIPTS = (".sh", ".bash", ".zsh", ".ps1", ".cmd", ".bat", ".mk", ".groovy", "makefile", "jenkinsfile")

#: Each file with a definition in an unsupported form has one of these before `efinition`.
_UNREAD_DEFINITIONS = (b"obD", b"askD", b"job_d", b"daemon_task_d", b"register_task_d", b"ecs_taskd", b"-d")
#: Each file with another resource in an unsupported form has one of these, except for Pulumi and Terraform.
_UNREAD_RESOURCES = (b"ecs.aws.", b"ecs.services.k8s.aws/", b"ecs_service:", b"ecs_cluster:", b" create-")
#: Suffixes of files that may have an input or output of the AWS CLI.
_API_SUFFIXES = (".json", ".yaml", ".yml")
#: Files of Pulumi, CDKs, AWS Copilot and the ECS CLI, which by their names may have an unsupported form.
_UNREAD_NAMES = (
    *("Pulumi.yaml", "Pulumi.yml", "cdk.json", "cdktf.json"),
    *("manifest.yml", "manifest.yaml", "ecs-params.yml", "ecs-params.yaml"),
)

#: Each module, template and text with containers has one of these words, however it is written.
_WORDS = (
    b"containerdefinitions",
    b"::",
    b"!transform",
    b"%tag",
    b"image",
    b"ecs_task_definition",
    b"${file(",
    b"modules:",
    b'modules"',
)

# `re` compiles and caches each expression on first use: few runs need more than two of them.

_LINE_BREAK = rb"(?:\r\n?|\n|\xc2\x85|\xe2\x80[\xa8\xa9])"
#: An escape of JSON, YAML or HCL that may hide part of a word. It stands for an ASCII character or for nothing.
_HIDING = rb"\\(?:u00[2-7]|x[2-7]|U000000[2-7]|(?<=[\w:]\\)" + _LINE_BREAK + rb")"
_ESCAPE = rb"\\(?:\\|(?:u00|x|U000000)([2-7][0-9a-fA-F])|" + _LINE_BREAK + rb"[ \t]*)"

#: Each template has one of these: a task definition, a nested stack, or a construct that may insert one of them.
_TEMPLATE_WORDS = (
    b"aws::ecs::taskdefinition",
    b"aws::cloudformation::stack",
    b"aws::serverless::application",
    b"::module",
    b"aws::include",
    b"fn::transform",
    b"!transform",
    b"%tag",
    b"fn::foreach",
    b"${file(",
)
#: The start of AWS CLI modules in a template.
_MODULES = rb"""(?m)^[ \t]*\{?[ \t]*["']?modules["']?[ \t]*:"""
#: Markdown that begins with a link or a linked picture. Neither JSON nor YAML begins like this.
_PROSE = rb"\s*\[(?:!\[|[^][{}\n]*\]\()"
#: Each placeholder in a key of a YAML mapping begins with one of these.
_MARKS_OF_PLACEHOLDERS = (b"$", b"{{", b"<%=")
_TASK_DEFINITION_TYPE = b"aws::ecs::taskdefinition"
_PLAN_WORDS = (b"resource_changes", b"root_module", b"terraform_version")

#: Keys of container definitions that other objects with a name and an image don't have.
CONTAINER_KEYS = frozenset(
    "essential readonlyRootFilesystem portMappings logConfiguration mountPoints volumesFrom memoryReservation "
    "linuxParameters entryPoint environmentFiles firelensConfiguration dependsOn dockerLabels".split()
)
_CONTAINER_WORDS = tuple(key.encode() for key in CONTAINER_KEYS)
#: All bytes except these capitals. Each key above but `essential` has one of them, and most texts have none.
_NO_CAPITALS = bytes(set(range(256)) - set(b"CFLMOPR"))


#: Words for ECS in texts and in names, in any naming style: `ecs_service`, `MyECSRole`, `TaskDef`.
_ECS = r"(?<![A-Za-z])(?i:ecs)|ECS|Ecs(?![a-z])|(?i:fargate|(?:task|container)[-_]?def(?!ault))"

#: The resource types of task definitions, and of stacks that may contain them.
_MODULE_WORDS = (b"ecs_task_definition", b"cloudformation_stack")


#: Keys of services and of clusters that other objects with a `serviceName` or a `clusterName` don't have.
SERVICE_KEYS = frozenset(
    "taskDefinition desiredCount launchType capacityProviderStrategy platformVersion deploymentController "
    "networkConfiguration schedulingStrategy".split()
)
#: Keys of new services that other objects with a `taskDefinition` don't have, except for task sets.
UNNAMED_SERVICE_KEYS = frozenset(
    "desiredCount deploymentConfiguration deploymentController schedulingStrategy healthCheckGracePeriodSeconds "
    "loadBalancers serviceRegistries serviceConnectConfiguration".split()
)
#: Keys of which a service has at least one if neither a name nor a task definition identifies it.
SERVICE_SETTINGS = frozenset("networkConfiguration platformVersion capacityProviderStrategy schedulingStrategy".split())
#: Keys of updates of services that other objects with a `service` don't have.
SERVICE_UPDATES = frozenset(
    "taskDefinition networkConfiguration platformVersion forceNewDeployment capacityProviderStrategy".split()
)
CLUSTER_KEYS = frozenset(
    "settings capacityProviders defaultCapacityProviderStrategy serviceConnectDefaults "
    "registeredContainerInstancesCount activeServicesCount".split()
)


#: The setting of a cluster that rules read. An update of a cluster has no other key of clusters.
CONTAINER_INSIGHTS = "containerInsights"


#: The lines before the first key of a YAML mapping, and the key.
_BEGINS_WITH_KEY = rb"(?:[ \t]*(?:#.*)?\n)*(?:---[ \t]*\n(?:[ \t]*(?:#.*)?\n)*)?[A-Za-z]"
#: A line that is not indented, and no comment; such a line with a key; and line breaks of YAML 1.1 only.
_UNINDENTED = rb"(?m)^[^\s#].*$"
_TOP_LEVEL_KEY = rb"([A-Za-z][\w-]*)[ \t]*:(?:[ \t].*)?"
_OTHER_BREAKS = rb"\r|\xc2\x85|\xe2\x80[\xa8\xa9]|\n---"

#: The keys of which at least one is in every other resource of the API, and in each output of the AWS CLI around them.
RESOURCE_KEYS = frozenset(
    "taskDefinition service services serviceName serviceArn id taskSet taskSets taskSetArn externalId cluster clusters "
    "clusterName clusterArn name capacityProvider capacityProviders capacityProviderArn autoScalingGroupProvider "
    "managedInstancesProvider".split()
).union(UNNAMED_SERVICE_KEYS)
#: The same, with the keys around a setting of clusters without a cluster.
_RESOURCE_KEYS = frozenset(key.encode() for key in (*RESOURCE_KEYS, "setting", "settings"))


class _Words(NamedTuple):
    """The words of a resource type: of Terraform, of CloudFormation, and the keys of the ECS API that identify it."""

    terraform: bytes
    cloudformation: bytes
    keys: tuple[bytes, ...]


#: The words of the resource types that are only looked for if a rule checks them.
_WORDS_OF = {
    "service": _Words(
        b"ecs_service",
        b"aws::ecs::service",
        (b"serviceName", b"serviceArn", *(key.encode() for key in sorted(SERVICE_UPDATES | SERVICE_SETTINGS))),
    ),
    "task_set": _Words(b"ecs_task_set", b"aws::ecs::taskset", (b"taskSetArn", b"taskDefinition")),
    "cluster": _Words(
        b"ecs_cluster", b"aws::ecs::cluster", (b"clusterName", b"clusterArn", CONTAINER_INSIGHTS.encode())
    ),
    "capacity_provider": _Words(
        b"ecs_capacity_provider",
        b"aws::ecs::capacityprovider",
        (b"capacityProviderArn", b"autoScalingGroupProvider", b"managedInstancesProvider"),
    ),
}


class ModuleFile(NamedTuple):
    """The words in a file of a Terraform module.

    `names_ecs` tells whether the file may define a task definition or another resource to check, or container
    definitions for a task definition elsewhere.
    `may_call` tells whether it may have a `module` block.
    """

    names_ecs: bool
    may_call: bool


def may_be_input(path: str) -> bool:
    """Tell whether a file that a walk found is worth opening, by its name."""
    _, dot, suffix = path.rpartition("/")[2].lower().rpartition(".")
    return suffix not in (_OTHER_SUFFIXES if dot else _OTHER_NAMES)


def program_language(name: str) -> str | None:
    """Return the language of a file, by its name, if every JSON text is a program in it.

    Only JSON is read from such a file.
    """
    name = name.lower()
    return next((language for suffix, language in _JSON_PROGRAMS.items() if name.endswith(suffix)), None)


def is_module_file(name: str) -> bool:
    """Tell whether a file is part of a Terraform module, by its name."""
    return name.endswith(MODULE_SUFFIXES)


def is_renamed_module_file(name: str) -> bool:
    """Tell whether a file becomes part of a Terraform module once it is renamed or rendered, by its name."""
    return (".tf." in name or ".tofu." in name) and not is_module_file(name)


def is_caller_file(name: str) -> bool:
    """Tell whether a file may call Terraform modules without being part of one, by its name.

    These are files of Terragrunt and Terraform Stacks.
    """
    return name.endswith(_CALLER_SUFFIXES) and not posixpath.basename(name).startswith(".")


def may_call_modules(content: bytes) -> bool:
    """Tell whether a file calls modules, or is part of a file that does. Its name says that it may."""
    return any(word in content for word in _CALLER_WORDS)


def is_variable_file(name: str) -> bool:
    """Tell whether a file sets variables of a Terraform module, by its name."""
    return name.endswith((".tfvars", ".tfvars.json"))


#: The configuration of taskcat before version 0.9.
_OLD_TASKCAT = ("/ci/taskcat.yml", "/ci/taskcat.yaml")


def is_deployer(path: str) -> bool:
    """Tell whether a file may set the parameters of a template at deployment, by its path."""
    name = path.rpartition("/")[2]
    if name.startswith(("samconfig.", ".taskcat.")) or name.endswith(".assets.json"):
        return True
    if f"/{path}".endswith(_OLD_TASKCAT):
        return True
    return f"/{path}".count("/config/") > 0 and name.endswith((".yaml", ".yml"))


def is_of_module(name: str) -> bool:
    """Tell whether a file is part of a Terraform module or sets its variables, by its name."""
    return is_module_file(name) or is_variable_file(name)


def is_script(path: str) -> bool:
    """Tell whether a file that is no input may run the AWS CLI, by its name."""
    return path.lower().endswith(_SCRIPTS)


def may_have_unread_form(path: str, content: bytes, types: Collection[str] = ()) -> bool:
    """Tell whether a file may define containers in an unsupported form. Fast, since it is called for every file.

    Resources of the `types` count too.
    """
    if b"efinition" in content:
        *starts, _ = content.split(b"efinition")
        if any(start.endswith(_UNREAD_DEFINITIONS) for start in starts):
            return True
        if b"ecs_task_definition" in content and is_renamed_module_file(path):
            return True
        if b"containerDefinitions" in content and is_module_file(path):
            return True
    if path.endswith(_API_SUFFIXES) and b"primaryContainer" in content:
        return True
    # Each further search takes as long as the first one.
    if b"ecs" in content and (b":ecs" in content or (types and any(word in content for word in _UNREAD_RESOURCES))):
        return True
    if types and is_module_file(path) and b"cloudcontrolapi" in content:
        return True
    return b"xpress" in content or path.endswith(_UNREAD_NAMES)


def module_file(content: bytes, types: Collection[str] = ()) -> ModuleFile:
    """Return the relevant words in a file of a Terraform module.

    `types` are the types of the resources to check, besides task definitions.
    """
    text = unescaped(content)
    names_ecs = any(word in text for word in _MODULE_WORDS) or b"readonlyrootfilesystem" in text.lower()
    if types and not names_ecs:
        names_ecs = any(_WORDS_OF[type].terraform in text for type in types)
    return ModuleFile(names_ecs, b"module" in text)


def mentions_containers(content: bytes, types: Collection[str] = ()) -> bool:
    """Tell whether a file has one of the words that containers, or their templates, need.

    Resources of the `types` count too.
    """
    text = unescaped(content)
    folded = text.lower()
    if any(word in folded for word in _WORDS) or _may_have_family(text):
        return True
    return _has_keys(text, types) or any(_names(folded, type) for type in types)


def unescaped(content: bytes) -> bytes:
    """Return a text in UTF-8, without a byte order mark, with the escapes decoded that may hide a word.

    If a backslash is no escape, the result is another text, but it never loses a word.
    """
    if content[:2] in _UTF_16:
        content = content.decode("utf-16", "replace").encode("utf-8", "replace")
    if b"\0" in content[:4]:
        content = content.replace(b"\0", b"")  # UTF-16 or UTF-32 without a byte order mark
    content = content.removeprefix(b"\xef\xbb\xbf")
    if b"\\" in content and re.search(_HIDING, content):
        return re.sub(_ESCAPE, _character, content)
    return content


def is_binary(content: bytes) -> bool:
    """Tell whether a file is binary, such as an executable."""
    return b"\0" in unescaped(content)


def names_ecs(part: bytes, types: Collection[str] = ()) -> bool:
    """Tell whether a part of a text, in any encoding, has a word that every input needs."""
    text = unescaped(part.replace(b"\0", b""))
    folded = text.lower()
    if any(_names(folded, type) for type in types) or _has_keys(text, types):
        return True
    if b"containerdefinitions" in folded or b"ecs_task_definition" in folded or _TASK_DEFINITION_TYPE in folded:
        return True
    return _may_have_from_elsewhere(folded) or _may_have_containers(text)


def mentions_ecs(text: str) -> bool:
    """Tell whether a text or a name mentions ECS."""
    return re.search(_ECS, text) is not None


def _character(escape: re.Match[bytes]) -> bytes:
    if escape[1]:
        return bytes((int(escape[1], 16),))
    return escape[0] if escape[0] == rb"\\" else b""


def kinds_of(content: bytes, types: Collection[str] = ()) -> tuple[str, ...]:
    """Return the kinds of input that a file may be. The result is empty for a file that is certainly no input.

    `types` are the types of the resources to check, besides task definitions.
    """
    text = unescaped(content)
    folded = text.lower()
    # This runs for every file of a tree, so the common part of several words is checked before each word.
    defines = b"definition" in folded
    kinds = []
    if (defines or types) and _may_be_plan(folded, types):
        kinds.append(TERRAFORM_PLAN)
    # A text that names the type may be part of a template.
    is_template = (defines and _TASK_DEFINITION_TYPE in folded) or _may_have_from_elsewhere(folded)
    if types and b"aws::ecs::" in folded:
        is_template = is_template or any(_WORDS_OF[type].cloudformation in folded for type in types)
    if is_template:
        kinds.append(CLOUDFORMATION)
    # In a template, its own resources spell the key of container definitions differently.
    has_key = defines and (b"containerDefinitions" in text if is_template else b"containerdefinitions" in folded)
    if has_key or _may_have_family(text) or _may_have_containers(text) or _may_be_resource(text, types):
        kinds.append(TASK_DEFINITION)
    if not kinds or folded.startswith(b"{"):
        return tuple(kinds)
    if (b"\0" in folded and not re.match(rb"\s*[{\[]", folded)) or re.match(_PROSE, folded):
        return ()  # a binary file or Markdown
    return tuple(kinds)


def _names(folded: bytes, type: str) -> bool:
    words = _WORDS_OF[type]
    return words.terraform in folded or words.cloudformation in folded


def _has_keys(text: bytes, types: Collection[str]) -> bool:
    """Tell whether a text has a key that identifies a resource of one of the types."""
    return any(key in text for type in types for key in _WORDS_OF[type].keys)


def _may_be_resource(text: bytes, types: Collection[str]) -> bool:
    """Tell whether a text may be a resource of one of the types, or have some at its top level.

    Templates and programs have the same words at other levels.
    """
    if not _has_keys(text, types):
        return False
    keys = _top_level_keys(text)
    return keys is None or not _RESOURCE_KEYS.isdisjoint(keys)


def _top_level_keys(text: bytes) -> list[bytes] | None:
    """Return the keys of a YAML mapping in block style whose first key is not indented, or None for any other text."""
    text = text.replace(b"\r\n", b"\n")
    if re.search(_OTHER_BREAKS, text) or not re.match(_BEGINS_WITH_KEY, text):
        return None
    found = [re.fullmatch(_TOP_LEVEL_KEY, line) for line in re.findall(_UNINDENTED, text) if line != b"---"]
    return [key[1] for key in found if key] if all(found) else None


def _may_be_plan(folded: bytes, types: Collection[str]) -> bool:
    # Every word of a type begins with this.
    if b"ecs_" not in folded or not re.match(rb"\s*\{", folded):
        return False
    words = (b"ecs_task_definition", *(_WORDS_OF[type].terraform for type in types))
    if not any(word in folded for word in words):
        return False
    return any(word in folded for word in _PLAN_WORDS)


def _may_have_from_elsewhere(folded: bytes) -> bool:
    """Tell whether a text may be a template whose full content comes from other files or macros."""
    if b"source" not in folded:
        return False  # `resources` contains this word, so the text has no resources either
    if b"resources" in folded and any(word in folded for word in _TEMPLATE_WORDS):
        return True
    return b"modules" in folded and re.search(_MODULES, folded) is not None


def _may_have_family(text: bytes) -> bool:
    """Tell whether a text may be a task definition with a family and a placeholder for its other members."""
    return b"family" in text and (b'"family"' in text or any(mark in text for mark in _MARKS_OF_PLACEHOLDERS))


def _may_have_containers(text: bytes) -> bool:
    """Tell whether a text may have container definitions outside a task definition."""
    if b"image" not in text or b"name" not in text:
        return False
    if b"essential" in text:
        return True
    return bool(text.translate(None, _NO_CAPITALS)) and any(word in text for word in _CONTAINER_WORDS)
