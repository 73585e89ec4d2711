# https://github.com/cloudposse/terraform-aws-ecs-alb-service-task
#
# One service stands for all of the module, which differ in the changes that they ignore.

version "0.1.0" {
  variable "launch_type" {
    type    = string
    default = "FARGATE"
  }
  variable "network_mode" {
    type    = string
    default = "awsvpc"
  }
  # Its labels become tags.
  module "label" {
    source = "cloudposse/label/null"
  }
  locals {
    enabled = true
  }
  resource "aws_ecs_task_definition" "task" {}
  resource "aws_ecs_service" "service" {
    count           = local.enabled ? 1 : 0
    task_definition = aws_ecs_task_definition.task.arn
    launch_type     = var.launch_type
    network_configuration {
      assign_public_ip = false
    }
  }
}

version "0.6.2" {
  resource "aws_ecs_service" "service" {
    tags = module.label.tags
  }
}

version "0.11.0" {
  variable "assign_public_ip" {
    type    = bool
    default = false
  }
  resource "aws_ecs_service" "service" {
    network_configuration {
      assign_public_ip = var.assign_public_ip
    }
  }
}

version "0.17.0" {
  variable "enabled" {
    type    = bool
    default = true
  }
  locals {
    enabled = var.enabled
  }
  resource "aws_ecs_service" "service" {
    dynamic "network_configuration" {
      for_each = var.network_mode == "awsvpc" ? ["vpc"] : []
      content {
        assign_public_ip = var.assign_public_ip
      }
    }
  }
}

version "0.18.0" {
  variable "platform_version" {
    type    = string
    default = "LATEST"
  }
  resource "aws_ecs_service" "service" {
    platform_version = var.launch_type == "FARGATE" ? var.platform_version : null
  }
}

version "0.20.0" {
  variable "capacity_provider_strategies" {
    type    = list(object({ capacity_provider = string }))
    default = []
  }
  resource "aws_ecs_service" "service" {
    launch_type = length(var.capacity_provider_strategies) > 0 ? null : var.launch_type
    dynamic "capacity_provider_strategy" {
      for_each = var.capacity_provider_strategies
      iterator = item
      content {
        capacity_provider = item.value.capacity_provider
      }
    }
  }
}

version "0.25.0" {
  variable "use_old_arn" {
    type    = bool
    default = false
  }
  resource "aws_ecs_service" "service" {
    tags = var.use_old_arn ? null : module.label.tags
  }
}

version "0.41.0" {
  variable "context" {
    type    = any
    default = { enabled = true }
  }
  variable "enabled" {
    type    = bool
    default = null
  }
  locals {
    enabled = var.enabled == null ? var.context.enabled : var.enabled
  }
}

version "0.59.0" {
  variable "runtime_platform" {
    type    = object({ operating_system_family = string })
    default = null
  }
  resource "aws_ecs_task_definition" "task" {
    dynamic "runtime_platform" {
      for_each = var.runtime_platform[*]
      content {
        operating_system_family = runtime_platform.value.operating_system_family
      }
    }
  }
}

version "0.60.0" {
  variable "runtime_platform" {
    type    = list(map(string))
    default = []
  }
  resource "aws_ecs_task_definition" "task" {
    dynamic "runtime_platform" {
      for_each = var.runtime_platform
      content {
        operating_system_family = lookup(runtime_platform.value, "operating_system_family", null)
      }
    }
  }
}

version "0.66.0" {
  variable "ecs_service_enabled" {
    type    = bool
    default = true
  }
  locals {
    enabled = (var.enabled == null ? var.context.enabled : var.enabled) && var.ecs_service_enabled
  }
}
