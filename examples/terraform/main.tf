variable "readonly" {
  type        = bool
  description = "Whether the worker's root filesystem is read-only."
}

resource "aws_ecs_task_definition" "worker" {
  family = "worker"

  container_definitions = jsonencode([
    {
      name                   = "worker"
      image                  = "example/worker:1"
      essential              = true
      readonlyRootFilesystem = var.readonly
    }
  ])
}
