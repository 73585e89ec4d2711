"""What a file is, told from its bytes: which parser it is for, if any.

A file is taken for what its content is. Its name says only what it is certainly not (a picture, a program), and which
files make up a Terraform module. The search is for bytes, in lower case, because that is many times as fast as to
decode or to parse: what is found here may be an input, what is not found certainly is none.
"""

from __future__ import annotations

import posixpath
import re
from typing import NamedTuple

TERRAFORM = "terraform"
TERRAFORM_PLAN = "terraform-plan"
CLOUDFORMATION = "cloudformation"
TASK_DEFINITION = "task-definition"
#: What the configuration says holds task definitions, whatever its content looks like.
EXTRACT = "extract"

#: https://developer.hashicorp.com/terraform/language/files and https://opentofu.org/docs/language/files/
_MODULE_SUFFIXES = (".tf", ".tofu", ".tf.json", ".tofu.json")

#: One of these is in every file that calls modules and is none: the type of a block, or an argument.
_CALLER_WORDS = (b"terraform", b"include", b"inputs", b"unit", b"stack", b"component", b"generate", b"\\u")

#: Endings of files that are programs, prose, pictures, archives and the like. They are not opened when walking.
_OTHER_SUFFIXES = frozenset(
    # Programs, and what is made of them.
    "py pyi pyc pyx ipynb js mjs cjs jsx ts mts cts tsx vue svelte go java kt kts scala groovy clj cs fs vb rb php pl "
    "pm lua r jl rs c cc cpp cxx h hh hpp m mm swift dart ex exs erl hs ml elm zig nim sh bash zsh fish bat cmd ps1 "
    "sql proto graphql thrift jsonnet libsonnet cue dhall nix bicep rego guard sentinel mk cmake gradle sbt snap map "
    "o a so dll dylib exe class jar war wasm bin dat db sqlite parquet avro pem crt key "
    # Prose and pages.
    "md mdx markdown rst adoc log csv tsv html htm xhtml css scss sass less svg xml xsd xsl pdf doc docx xls xlsx ppt "
    "pptx drawio puml po pot "
    # Pictures, sound, fonts, archives.
    "png jpg jpeg gif bmp ico webp avif tif tiff psd mp3 mp4 wav ogg webm mov avi ttf otf woff woff2 eot "
    "zip gz tgz bz2 xz zst 7z rar tar whl rpm deb iso "
    # What tools keep for themselves.
    "lock sum gitignore gitattributes gitmodules dockerignore editorconfig tfvars tfstate toml ini cfg "
    "properties".split()
)
_OTHER_NAMES = ("dockerfile", "makefile", "gnumakefile", "jenkinsfile", "vagrantfile", "rakefile", "gemfile")

#: One of these is in every file that can be an input, however it is written.
_WORDS = (b"containerdefinitions", b"aws::", b"image", b"readonlyroot", b"ecs_task_definition")

# The expressions are compiled where they are first used, which `re` remembers: few runs need more than two of them.

#: How JSON, YAML and a template of either begin, after comments.
_JSON_OPENING = rb'\s*(?:\{(?![{%#])|\[\s*(?:[{\["\]$<]|\Z))'
_YAML_OPENING = rb"""(?:[#%][^\n]*\n|\s)*(?:---|-\s|["']?[\w:.$/-]+["']?[ \t]*:(?:\s|\Z))"""
_TEMPLATE_OPENING = rb"\s*(?:\{[{%#]|<%|\$\{|[$<]\w)"
_COMMENT_LINE = rb"(?m)^\s*(?://|/\*)"

#: Keys of JSON or YAML, at the start of a line or of an object: not a command that mentions the word.
_KEY = rb"""(?m)(?:^[ \t]*(?:-[ \t]+)*|[{,]\s*)["']?(?:%s)["']?\s*:"""
_RESOURCES = _KEY % rb"resources"
_IS_TASK_DEFINITION = _KEY % rb"type" + rb"""\s*["']?aws::ecs::taskdefinition\b"""
_CONTAINER_DEFINITIONS = _KEY % rb"containerdefinitions"
_NAME = _KEY % rb"name|family"
_LOCAL_TEMPLATE = rb"""(?:templateurl|location)["']?\s*:\s*["']?(?!https?:|s3:)[\w./]"""

#: What a container definition has and hardly anything else that has an image: neither Kubernetes nor Compose.
_CONTAINER_KEYS = (
    b"essential",
    b"portmappings",
    b"mountpoints",
    b"logconfiguration",
    b"memoryreservation",
    b"readonlyrootfilesystem",
    b"readonly_root_filesystem",
)
_CONTAINER = _KEY % b"|".join(_CONTAINER_KEYS)

#: What is beside the containers of Kubernetes, of a Helm chart or of Marathon, and never in those of ECS.
_OTHER_CONTAINERS = _KEY % rb"apiversion|docker"
_SECURITY_CONTEXT = b"securitycontext"


class ModuleFile(NamedTuple):
    """What a file of a Terraform module says of it.

    `names_ecs` tells that it may define a task definition, `may_call` that it may have a `module` block.
    """

    names_ecs: bool
    may_call: bool


def may_be_input(name: str) -> bool:
    """Tell from its name whether a file that was come upon, not named, is worth opening."""
    name = name.lower()
    return name.rpartition(".")[2] not in _OTHER_SUFFIXES and not name.startswith(_OTHER_NAMES)


def is_module_file(name: str) -> bool:
    """Tell from its name whether a file is a part of a Terraform module."""
    return name.endswith(_MODULE_SUFFIXES)


def is_caller_file(name: str) -> bool:
    """Tell from its name whether a file may call Terraform modules without being one: Terragrunt, Terraform Stacks."""
    return name.endswith((".hcl", "terragrunt.hcl.json")) and not posixpath.basename(name).startswith(".")


def may_call_modules(content: bytes) -> bool:
    """Tell whether a file that by its name may call modules does so, or is a part of one that does."""
    return any(word in content for word in _CALLER_WORDS)


def is_variable_file(name: str) -> bool:
    """Tell from its name whether a file gives values to the variables of a Terraform module."""
    return name.endswith((".tfvars", ".tfvars.json"))


def is_of_module(name: str) -> bool:
    """Tell from its name whether a file is a part of a Terraform module, or gives values to its variables."""
    return is_module_file(name) or is_variable_file(name)


def module_file(content: bytes) -> ModuleFile:
    """Return what a file of a Terraform module says of it."""
    # The type of a block is written as it is; a key of JSON may have escapes in it.
    may_call = b"module" in content or (b"\\u" in content and content.lstrip()[:1] == b"{")
    return ModuleFile(b"ecs_task_definition" in content, may_call)


def mentions_containers(content: bytes) -> bool:
    """Tell whether a file has a word in it that containers, or what may have them, cannot do without."""
    folded = _folded(content)
    return any(word in folded for word in _WORDS)


def _folded(content: bytes) -> bytes:
    """Return a text in UTF-8, without a byte order mark, in lower case, with lines that end in a line feed."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        content = content.decode("utf-16", "replace").encode("utf-8", "replace")
    if b"\n" not in content:
        content = content.replace(b"\r", b"\n")
    return content.removeprefix(b"\xef\xbb\xbf").lower()


def kind_of(content: bytes, *, named: bool = False) -> str | None:
    """Return the kind of input that a file is, or None if it is nothing for this linter.

    Of a file that was `named`, less is asked to take it for a container definition.
    """
    folded = _folded(content)
    if not any(word in folded for word in _WORDS) or b"\0" in folded:
        return None
    is_json = re.match(_JSON_OPENING, folded) is not None
    if not is_json and not re.match(_YAML_OPENING, folded) and not re.match(_TEMPLATE_OPENING, folded):
        return None
    # Each expression is tried only where the words in it are found, since it takes many times as long.
    names_task_definition = b"aws::ecs::taskdefinition" in folded
    names_template = names_task_definition or _nests_local_template(folded) or _has_resources_from_elsewhere(folded)
    if names_template and re.search(_RESOURCES, folded):
        return CLOUDFORMATION
    if names_task_definition and re.search(_IS_TASK_DEFINITION, folded):
        return CLOUDFORMATION  # a part of a template
    if b'"format_version"' in folded and b"ecs_task_definition" in folded:
        return TERRAFORM_PLAN
    if b"containerdefinitions" in folded and re.search(_CONTAINER_DEFINITIONS, folded):
        return TASK_DEFINITION
    return TASK_DEFINITION if _is_container_definition(folded, is_json and named) else None


def _nests_local_template(folded: bytes) -> bool:
    """Tell whether a template nests another that is a file here: that one may have the task definition."""
    nests = b"aws::cloudformation::stack" in folded or b"aws::serverless::application" in folded
    return nests and re.search(_LOCAL_TEMPLATE, folded) is not None


def _has_resources_from_elsewhere(folded: bytes) -> bool:
    """Tell whether a template that names ECS includes a file or uses a module: those may have the task definition."""
    return b"::ecs::" in folded and (b"aws::include" in folded or b"::module" in folded)


def _is_container_definition(folded: bytes, is_named_json: bool) -> bool:
    """Tell whether a text may be one container definition, or a list of them."""
    if b"image" not in folded and b"readonlyroot" not in folded:
        return False
    has_keys = any(key in folded for key in _CONTAINER_KEYS) and re.search(_CONTAINER, folded) is not None
    # JSON with comments is some tool's configuration.
    if not has_keys and (not is_named_json or re.search(_COMMENT_LINE, folded)):
        return False
    if _SECURITY_CONTEXT in folded or re.search(_OTHER_CONTAINERS, folded):
        return False
    return re.search(_NAME, folded) is not None
