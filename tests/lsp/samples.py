"""Provide files with findings, and the first lines of their messages."""

from __future__ import annotations

from pathlib import Path

TASK = """{
  "family": "web",
  "containerDefinitions": [
    {"name": "web", "readonlyRootFilesystem": false}
  ]
}
"""
FALSE = 'container "web" sets readonlyRootFilesystem to false, so its root filesystem is writable'
UNKNOWN = 'can\'t determine readonlyRootFilesystem of container "web": var.ro has no value'

MODULE = """\
variable "ro" {
  type = bool
}

resource "aws_ecs_task_definition" "web" {
  family = "web"
  container_definitions = jsonencode([
    { name = "web", readonlyRootFilesystem = var.ro }
  ])
}
"""
CALL = 'module "%s" {\n  source = "../modules/web"\n  ro     = %s\n}\n'


def written(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(text.encode())
    return root
