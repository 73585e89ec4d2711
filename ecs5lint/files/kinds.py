"""The kinds of input that a file may be, told from its bytes.

A file is taken for what its content is. Its name says only what it is certainly not (a picture, a program), and which
files make up a Terraform module. The search is for bytes, because that is many times as fast as parsing, and it is
sound: in a file that is ruled out here, the parsers find nothing. It looks for the words that they can't do without,
wherever these stand, and reads the escapes that may hide one. Everything else is for the parser to decide.
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
    "sql proto graphql thrift libsonnet dhall nix bicep rego guard sentinel mk cmake gradle sbt snap map "
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
#: Names of files that are never JSON or YAML, whatever is in them. What is merely named after one of them may be.
_OTHER_NAMES = frozenset("dockerfile makefile gnumakefile jenkinsfile vagrantfile rakefile gemfile".split())

#: Endings of languages in which every JSON text is a program, though hardly any program is JSON.
_JSON_PROGRAMS = {".jsonnet": "Jsonnet", ".cue": "CUE"}

#: Byte order marks of UTF-16. The second one begins that of UTF-32, too.
_UTF_16 = (b"\xfe\xff", b"\xff\xfe")

#: How the name of a program ends, or what it is, that may run the AWS CLI.
_SCRIPTS = (".sh", ".bash", ".zsh", ".ps1", ".cmd", ".bat", ".mk", ".groovy", "makefile", "jenkinsfile")

#: One of these is in every file that has a definition in a form that is not read.
_UNREAD_DEFINITIONS = (
    b"obDefinition",
    b"askDefinition",
    b"job_definition",
    b"daemon_task_definition",
    b"register_task_definition",
    b"ecs_taskdefinition",
    b"-definition",
)
#: Files that may have such a form by their names: those of Pulumi and AWS Copilot.
_UNREAD_NAMES = ("Pulumi.yaml", "Pulumi.yml", "manifest.yml", "manifest.yaml")

#: One of these is in every file that can be an input, however it is written.
_WORDS = (
    b"containerdefinitions",
    b"::",
    b"!transform",
    b"%tag",
    b"image",
    b"ecs_task_definition",
    b'"family"',
    b"${file(",
    b"modules:",
    b'modules"',
)

# The expressions are compiled where they are first used, which `re` remembers: few runs need more than two of them.

_LINE_BREAK = rb"(?:\r\n?|\n|\xc2\x85|\xe2\x80[\xa8\xa9])"
#: An escape of JSON, YAML or HCL that may hide a part of a word: it stands for an ASCII character, or for nothing.
_HIDING = rb"\\(?:u00[2-7]|x[2-7]|U000000[2-7]|(?<=[\w:]\\)" + _LINE_BREAK + rb")"
_ESCAPE = rb"\\(?:\\|(?:u00|x|U000000)([2-7][0-9a-fA-F])|" + _LINE_BREAK + rb"[ \t]*)"

#: What a template has one of: a task definition, a stack that it nests, or what may put one of these into it.
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
#: How the modules of the AWS CLI begin in a template.
_MODULES = rb"""(?m)^[ \t]*\{?[ \t]*["']?modules["']?[ \t]*:"""
#: How Markdown begins with a link or a picture in one, and neither JSON nor YAML does.
_PROSE = rb"\s*\[(?:!\[|[^][{}\n]*\]\()"
_TASK_DEFINITION_TYPE = b"aws::ecs::taskdefinition"
_PLAN_WORDS = (b"resource_changes", b"root_module")

#: What a container definition has and the other things with a name and an image do not.
CONTAINER_KEYS = frozenset(
    "essential readonlyRootFilesystem portMappings logConfiguration mountPoints volumesFrom memoryReservation "
    "linuxParameters entryPoint environmentFiles firelensConfiguration dependsOn dockerLabels".split()
)
_CONTAINER_WORDS = tuple(key.encode() for key in CONTAINER_KEYS)
#: All bytes except the capitals of which each of them has one, but for `essential`: most texts have none of these.
_NO_CAPITALS = bytes(set(range(256)) - set(b"CFLMOPR"))


#: The resource types that are task definitions, or stacks that may have them.
_MODULE_WORDS = (b"ecs_task_definition", b"cloudformation_stack")


class ModuleFile(NamedTuple):
    """What a file of a Terraform module says of it.

    `names_ecs` tells that it may define a task definition, or container definitions for one elsewhere, `may_call` that
    it may have a `module` block.
    """

    names_ecs: bool
    may_call: bool


def may_be_input(path: str) -> bool:
    """Tell from its name whether a file that was come upon, not named, is worth opening."""
    _, dot, suffix = path.rpartition("/")[2].lower().rpartition(".")
    return suffix not in (_OTHER_SUFFIXES if dot else _OTHER_NAMES)


def program_language(name: str) -> str | None:
    """Return the language of a file by its name, if all JSON is a program in it: only what is JSON is read then."""
    name = name.lower()
    return next((language for suffix, language in _JSON_PROGRAMS.items() if name.endswith(suffix)), None)


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


def is_deployer(path: str) -> bool:
    """Tell from its path whether a file may say with which parameters a template is deployed."""
    name = path.rpartition("/")[2]
    if name.startswith(("samconfig.", ".taskcat.")) or name.endswith(".assets.json"):
        return True
    return f"/{path}".count("/config/") > 0 and name.endswith((".yaml", ".yml"))


def is_of_module(name: str) -> bool:
    """Tell from its name whether a file is a part of a Terraform module, or gives values to its variables."""
    return is_module_file(name) or is_variable_file(name)


def is_script(path: str) -> bool:
    """Tell from its name whether a file, which is no input, may run the AWS CLI."""
    return path.lower().endswith(_SCRIPTS)


def may_have_unread_form(path: str, content: bytes) -> bool:
    """Tell whether a file may define containers in a form that is not read: quickly, for it is asked of every file."""
    if b"efinition" in content and any(word in content for word in _UNREAD_DEFINITIONS):
        return True
    return b":ecs" in content or b"xpress" in content or path.endswith(_UNREAD_NAMES)


def module_file(content: bytes) -> ModuleFile:
    """Return what a file of a Terraform module says of it."""
    text = unescaped(content)
    names_ecs = any(word in text for word in _MODULE_WORDS) or b"readonlyrootfilesystem" in text.lower()
    return ModuleFile(names_ecs, b"module" in text)


def mentions_containers(content: bytes) -> bool:
    """Tell whether a file has a word in it that containers, or what may have them, cannot do without."""
    folded = unescaped(content).lower()
    return any(word in folded for word in _WORDS)


def unescaped(content: bytes) -> bytes:
    """Return a text in UTF-8, without a byte order mark, and with the escapes that may hide a word replaced.

    Where a backslash is no escape this makes it another text, but never takes a word away.
    """
    if content[:2] in _UTF_16:
        content = content.decode("utf-16", "replace").encode("utf-8", "replace")
    if b"\0" in content[:4]:
        content = content.replace(b"\0", b"")  # UTF-16 or UTF-32 that is not marked as such
    content = content.removeprefix(b"\xef\xbb\xbf")
    if b"\\" in content and re.search(_HIDING, content):
        return re.sub(_ESCAPE, _character, content)
    return content


def is_binary(content: bytes) -> bool:
    """Tell whether a file is no text: a program or the like."""
    return b"\0" in unescaped(content)


def names_ecs(part: bytes) -> bool:
    """Tell whether a part of a text in any encoding has what an input cannot do without."""
    text = unescaped(part.replace(b"\0", b""))
    folded = text.lower()
    if b"containerdefinitions" in folded or b"ecs_task_definition" in folded or _TASK_DEFINITION_TYPE in folded:
        return True
    return _may_have_from_elsewhere(folded) or _may_have_containers(text)


def _character(escape: re.Match[bytes]) -> bytes:
    if escape[1]:
        return bytes((int(escape[1], 16),))
    return escape[0] if escape[0] == rb"\\" else b""


def kinds_of(content: bytes) -> tuple[str, ...]:
    """Return the kinds of input that a file may be: none if it is certainly nothing for this linter."""
    text = unescaped(content)
    folded = text.lower()
    # This is asked of every file of a tree, so what several words have in common is looked for before each of them.
    defines = b"definition" in folded
    kinds = []
    if defines and _may_be_plan(folded):
        kinds.append(TERRAFORM_PLAN)
    # What names the type may be a part of a template.
    is_template = (defines and _TASK_DEFINITION_TYPE in folded) or _may_have_from_elsewhere(folded)
    if is_template:
        kinds.append(CLOUDFORMATION)
    # In a template, the container definitions of its own resources are spelled otherwise.
    has_key = defines and (b"containerDefinitions" in text if is_template else b"containerdefinitions" in folded)
    if has_key or b'"family"' in text or _may_have_containers(text):
        kinds.append(TASK_DEFINITION)
    if kinds and ((b"\0" in folded and not re.match(rb"\s*[{\[]", folded)) or re.match(_PROSE, folded)):
        return ()  # a program or the like
    return tuple(kinds)


def _may_be_plan(folded: bytes) -> bool:
    if b"ecs_task_definition" not in folded or not re.match(rb"\s*\{", folded):
        return False
    return any(word in folded for word in _PLAN_WORDS)


def _may_have_from_elsewhere(folded: bytes) -> bool:
    """Tell whether a text may be a template that has more in it than what is written there."""
    if b"source" not in folded:
        return False  # no `resources`, either
    if b"resources" in folded and any(word in folded for word in _TEMPLATE_WORDS):
        return True
    return b"modules" in folded and re.search(_MODULES, folded) is not None


def _may_have_containers(text: bytes) -> bool:
    """Tell whether there may be container definitions in a text which are in no task definition."""
    if b"image" not in text or b"name" not in text:
        return False
    if b"essential" in text:
        return True
    return bool(text.translate(None, _NO_CAPITALS)) and any(word in text for word in _CONTAINER_WORDS)
