# https://github.com/umotif-public/terraform-aws-ecs-fargate

version "1.0.0" {
  variable "tags" {
    type    = map(string)
    default = {}
  }
  variable "task_container_assign_public_ip" {
    type    = bool
    default = false
  }
  resource "aws_ecs_task_definition" "task" {}
  resource "aws_ecs_service" "service" {
    task_definition = aws_ecs_task_definition.task.arn
    launch_type     = "FARGATE"
    network_configuration {
      assign_public_ip = var.task_container_assign_public_ip
    }
  }
}

version "1.0.2" {
  resource "aws_ecs_service" "service" {
    tags = merge(var.tags, { Name = "the name of the service" })
  }
}

version "1.1.0" {
  variable "capacity_provider_strategy" {
    type    = list(any)
    default = []
  }
  resource "aws_ecs_service" "service" {
    launch_type = length(var.capacity_provider_strategy) > 0 ? null : "FARGATE"
    dynamic "capacity_provider_strategy" {
      for_each = var.capacity_provider_strategy
      iterator = item
      content {
        capacity_provider = item.value.capacity_provider
      }
    }
  }
}

version "1.2.0" {
  variable "platform_version" {
    default = "LATEST"
  }
  resource "aws_ecs_service" "service" {
    platform_version = var.platform_version
  }
}

version "6.5.0" {
  variable "operating_system_family" {
    type    = string
    default = "LINUX"
  }
  resource "aws_ecs_task_definition" "task" {
    runtime_platform {
      operating_system_family = var.operating_system_family
    }
  }
}
