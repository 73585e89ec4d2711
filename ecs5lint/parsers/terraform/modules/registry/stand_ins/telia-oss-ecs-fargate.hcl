# https://github.com/telia-oss/terraform-aws-ecs-fargate

version "0.1.0" {
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

version "7.0.0" {
  variable "task_definition_os_family" {
    type    = string
    default = "LINUX"
  }
  resource "aws_ecs_task_definition" "task" {
    runtime_platform {
      operating_system_family = var.task_definition_os_family
    }
  }
}

version "7.2.2" {
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
        capacity_provider = lookup(item.value, "capacity_provider", null)
      }
    }
  }
}
