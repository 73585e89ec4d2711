variable "image" {
  type        = string
  description = "The image, which runs as user 1000 and writes only below /tmp."
}

variable "execution_role_arn" {
  type = string
}

variable "database_secret_arn" {
  type = string
}

data "aws_region" "current" {}

resource "aws_cloudwatch_log_group" "orders" {
  name              = "/ecs/orders"
  retention_in_days = 90
}

resource "aws_ecs_task_definition" "orders" {
  family                   = "orders"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = 256
  memory                   = 512
  execution_role_arn       = var.execution_role_arn

  runtime_platform {
    operating_system_family = "LINUX"
    cpu_architecture        = "ARM64"
  }

  container_definitions = jsonencode([
    {
      name                   = "orders"
      image                  = var.image
      essential              = true
      user                   = "1000:1000"
      privileged             = false
      readonlyRootFilesystem = true
      linuxParameters = {
        initProcessEnabled = true
        tmpfs = [
          { containerPath = "/tmp", size = 64, mountOptions = ["uid=1000", "gid=1000", "mode=0700", "noexec"] },
        ]
      }
      environment  = [{ name = "LOG_LEVEL", value = "info" }]
      secrets      = [{ name = "DATABASE_PASSWORD", valueFrom = "${var.database_secret_arn}:password::" }]
      portMappings = [{ containerPort = 8080 }]
      logConfiguration = {
        logDriver = "awslogs"
        options = {
          awslogs-group         = aws_cloudwatch_log_group.orders.name
          awslogs-region        = data.aws_region.current.region
          awslogs-stream-prefix = "orders"
        }
      }
    },
  ])
}
