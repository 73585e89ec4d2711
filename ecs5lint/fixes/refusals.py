"""Refuse to edit generated files, files behind a link, and files that changed since they were read."""

from __future__ import annotations

import os

from ecs5lint.files.workspace import Workspace, is_below, leads_out, project_root
from ecs5lint.fixes.texts import has_text
from ecs5lint.location import Failure

#: Directories that a tool fills, and the advice on where to fix the source.
_GENERATED = {
    ".git": "it belongs to Git",
    ".terraform": "terraform init installs it: fix the module where it is kept, or call another version",
    ".terragrunt-cache": "Terragrunt generates it: fix the module where it is kept",
    "cdk.out": "the AWS CDK generates it: set readonlyRootFilesystem: true in the construct, and synthesize",
    ".aws-sam": "sam build generates it: fix the template that it was made from",
    ".serverless": "the Serverless Framework generates it: fix serverless.yml",
    "node_modules": "a package manager installs it: fix the package where it is kept",
}


def refusal(path: str, text: str, workspace: Workspace) -> str | None:
    """Return the reason not to edit a file whose checked content is `text`, or None."""
    if workspace.is_provided(path):
        return None
    directories = os.path.realpath(path).split(os.sep)[:-1]
    generated = next((name for name in directories if name in _GENERATED), None)
    if generated:
        return f"{path} is generated: {_GENERATED[generated]}"
    if not workspace.is_inside(path) or leads_out(path):
        return f"{path} is outside the project"
    if _is_behind_link(path):
        return f"{path} is reached through a link: name the file itself"
    try:
        is_same = has_text(workspace.read_bytes(path), path, text)
    except Failure as failure:
        return f"{path} {failure.message}"
    return None if is_same else f"{path} has changed since it was read"


def _is_behind_link(path: str) -> bool:
    """Tell whether a link in the project leads to a file. Links above the project belong to the user."""
    written = os.path.abspath(path)
    root = project_root(written)
    real_root = os.path.realpath(root)
    below = os.path.relpath(written, root)
    return is_below(written, root) and os.path.realpath(path) != os.path.join(real_root, below)
