"""Implement Terragrunt's own functions.

https://terragrunt.gruntwork.io/docs/reference/hcl/functions/
"""

from __future__ import annotations

import os
import posixpath
from collections.abc import Callable, Mapping

from ecs5lint.files.workspace import Workspace, project_root
from ecs5lint.light_typing import NamedTuple
from ecs5lint.location import Failure, Span
from ecs5lint.parsers.terraform.language.functions.context import Call
from ecs5lint.parsers.terraform.language.functions.function import Function
from ecs5lint.parsers.terraform.language.plain_values import plain_value
from ecs5lint.parsers.terraform.language.scope import Symbols
from ecs5lint.parsers.terraform.language.types import ANY, STRING
from ecs5lint.parsers.terraform.syntax.errors import EvaluationError, NotKnown
from ecs5lint.parsers.terraform.syntax.nodes import Expression
from ecs5lint.parsers.terraform.syntax.tfvars import decode_tfvars
from ecs5lint.values.kinds import Assumption, Encoded, Known, Unknown, Value

#: The default argument of find_in_parent_folders.
DEFAULT_NAME = "terragrunt.hcl"

#: Functions whose result is known only when Terragrunt runs, or is a secret.
_NOT_KNOWN = (
    "run_cmd sops_decrypt_file get_aws_account_alias get_aws_account_id get_aws_caller_identity_arn "
    "get_aws_caller_identity_user_id get_default_retryable_errors get_platform get_terraform_cli_args "
    "get_terraform_command get_terragrunt_source_cli_flag timestamp constraint_check mark_as_read"
).split()
_COMMANDS = (
    "get_terraform_commands_that_need_vars get_terraform_commands_that_need_input "
    "get_terraform_commands_that_need_locking get_terraform_commands_that_need_parallelism"
).split()


class Directories(NamedTuple):
    """The directories of a configuration's evaluation: that of the unit, and that in which Terragrunt was started.

    `included` maps the names of included files to their directories. In an included file, `parent` is the directory of
    that file. `disregarded` has the symbols of disregarded defaults.
    """

    directory: str
    original: str
    included: Mapping[str, str]
    parent: str | None = None
    disregarded: Symbols = frozenset()


def functions(
    directories: Directories,
    workspace: Workspace,
    environment: Mapping[str, str],
    read: Callable[[str], Value],
    evaluate: Callable[[Expression], Value],
) -> dict[str, Function]:
    """Return the functions of a configuration. `read` evaluates another configuration."""
    here = os.path.abspath(directories.directory)

    def parent(call: Call, name: Value | None) -> str:
        if name is not None:
            found = directories.included.get(plain_value(name))
            if found is None:
                raise EvaluationError(f"unknown include {plain_value(name)}", call.span)
            return os.path.abspath(found)
        if directories.parent is not None:
            return os.path.abspath(directories.parent)
        return os.path.abspath(next(iter(directories.included.values()))) if directories.included else here

    def text(call: Call, value: str) -> Value:
        return Known(value.replace(os.sep, "/"), call.span)

    def find_in_parent_folders(call: Call, *arguments: Value) -> Value:
        name = plain_value(arguments[0]) if arguments else DEFAULT_NAME
        directory = directories.directory
        while True:
            above = workspace.normalize(posixpath.join(directory, ".."))
            if above == directory or not workspace.is_inside(above):
                break
            directory = above
            found = posixpath.join(directory, name)
            if os.path.exists(found) and workspace.is_inside(found):
                return text(call, os.path.abspath(found))
        if len(arguments) > 1:
            return arguments[1]
        raise EvaluationError(f"{name} is not in any folder above {directories.directory}", call.span)

    def get_env(call: Call, *arguments: Value) -> Value:
        name = plain_value(arguments[0])
        if name in environment:
            return text(call, environment[name])
        symbol = f"get_env({name})"
        if len(arguments) < 2 or symbol in directories.disregarded:
            hint = f"set {name}, and pass --env"
            return Unknown(f"the environment variable {name} is unknown", call.span, hint=hint, symbol=symbol)
        default = arguments[1]
        assumption = Assumption(symbol, f"{name} defaults to {plain_value(default)!s}")
        return default._replace(assumptions=default.assumptions | {assumption})

    def read_config(call: Call, path: Value, *default: Value) -> Value:
        written = posixpath.join(directories.directory, plain_value(path))
        if not workspace.is_inside(written):
            raise NotKnown(Unknown(f"{written} is outside the project root", call.span))
        if os.path.isdir(written):
            written = posixpath.join(written, DEFAULT_NAME)
        if not os.path.isfile(written):
            if default:
                return default[0]
            raise EvaluationError(f"file not found: {workspace.normalize(written)}", call.span)
        return read(workspace.normalize(written))

    def read_tfvars_file(call: Call, path: Value) -> Value:
        written = posixpath.join(directories.directory, plain_value(path))
        try:
            source = workspace.read(written, "hcl")
        except Failure as failure:
            raise NotKnown(Unknown(f"{failure.path} {failure.message}", call.span)) from None
        content = Known(source.text, Span(source, 0, len(source.text)), verbatim=0)
        return content if written.endswith(".json") else Encoded(decode_tfvars(content, call.span, evaluate), call.span)

    def unknown(call: Call, *arguments: Value) -> Value:
        raise NotKnown(Unknown(f"{call.name}() is known only when Terragrunt runs", call.span))

    def directory(path: str) -> Function:
        return Function(lambda call: text(call, os.path.abspath(path)), (), STRING)

    def from_include(call: Call, *name: Value) -> Value:
        return text(call, os.path.relpath(here, parent(call, *name or (None,))))

    def to_include(call: Call, *name: Value) -> Value:
        return text(call, os.path.relpath(parent(call, *name or (None,)), here))

    root = project_root(here)
    by_name = {
        "find_in_parent_folders": Function(find_in_parent_folders, (), STRING, variadic=STRING),
        "get_env": Function(get_env, (STRING,), STRING, variadic=STRING),
        "read_tfvars_file": Function(read_tfvars_file, (STRING,), STRING),
        "read_terragrunt_config": Function(read_config, (STRING,), ANY, variadic=ANY),
        "get_terragrunt_dir": directory(directories.directory),
        "get_working_dir": directory(directories.directory),
        "get_original_terragrunt_dir": directory(directories.original),
        "get_repo_root": directory(root),
        "get_path_from_repo_root": Function(lambda call: text(call, os.path.relpath(here, root)), (), STRING),
        "get_path_to_repo_root": Function(lambda call: text(call, os.path.relpath(root, here)), (), STRING),
        "get_parent_terragrunt_dir": Function(
            lambda call, *name: text(call, parent(call, *name or (None,))), (), STRING, variadic=STRING
        ),
        "path_relative_to_include": Function(from_include, (), STRING, variadic=STRING),
        "path_relative_from_include": Function(to_include, (), STRING, variadic=STRING),
    }
    by_name.update(dict.fromkeys((*_NOT_KNOWN, *_COMMANDS), Function(unknown, (), ANY, variadic=ANY, nullable=True)))
    return by_name
