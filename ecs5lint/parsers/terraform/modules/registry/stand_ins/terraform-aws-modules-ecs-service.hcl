# https://github.com/terraform-aws-modules/terraform-aws-ecs/tree/master/modules/service
#
# One service stands for the two of the module, one of which ignores changes of the task definition.

version "5.0.0" {
  variable "create" {
    type    = bool
    default = true
  }
  variable "create_task_definition" {
    type    = bool
    default = true
  }
  variable "ignore_task_definition_changes" {
    type    = bool
    default = false
  }
  variable "tags" {
    type    = map(string)
    default = {}
  }
  variable "task_tags" {
    type    = map(string)
    default = {}
  }
  variable "launch_type" {
    type    = string
    default = "FARGATE"
  }
  variable "platform_version" {
    type    = string
    default = null
  }
  variable "network_mode" {
    type    = string
    default = "awsvpc"
  }
  variable "assign_public_ip" {
    type    = bool
    default = false
  }
  variable "capacity_provider_strategy" {
    type    = any
    default = {}
  }
  variable "deployment_controller" {
    type    = any
    default = {}
  }

  locals {
    is_external = try(var.deployment_controller.type, null) == "EXTERNAL"
    launch_type = var.launch_type
    strategy    = var.capacity_provider_strategy
    version     = var.launch_type == "FARGATE" ? var.platform_version : null
    create      = var.create
    tags        = var.tags
  }

  resource "aws_ecs_service" "service" {
    count            = local.create ? 1 : 0
    tags             = local.tags
    launch_type      = local.is_external ? null : local.launch_type
    platform_version = local.is_external ? null : local.version
    dynamic "capacity_provider_strategy" {
      for_each = [for item in local.strategy : item if !local.is_external]
      iterator = item
      content {
        capacity_provider = item.value.capacity_provider
      }
    }
    dynamic "network_configuration" {
      for_each = var.network_mode == "awsvpc" && !local.is_external ? ["vpc"] : []
      content {
        assign_public_ip = var.assign_public_ip
      }
    }
  }
  # A deployment by an external controller has its settings in the task set.
  resource "aws_ecs_task_set" "set" {
    count            = var.create && var.create_task_definition && local.is_external ? 1 : 0
    tags             = merge(var.tags, var.task_tags)
    launch_type      = local.launch_type
    platform_version = local.version
    dynamic "capacity_provider_strategy" {
      for_each = local.strategy
      iterator = item
      content {
        capacity_provider = item.value.capacity_provider
      }
    }
    dynamic "network_configuration" {
      for_each = var.network_mode == "awsvpc" ? ["vpc"] : []
      content {
        assign_public_ip = var.assign_public_ip
      }
    }
  }
}

version "5.0.1" {
  locals {
    launch_type = length(var.capacity_provider_strategy) > 0 ? null : var.launch_type
  }
}

version "5.8.0" {
  variable "service_tags" {
    type    = map(string)
    default = {}
  }
  locals {
    tags = var.ignore_task_definition_changes ? var.tags : merge(var.tags, var.service_tags)
  }
}

version "5.10.0" {
  variable "create_service" {
    type    = bool
    default = true
  }
  locals {
    create = var.create && var.create_service
  }
}

version "5.12.1" {
  locals {
    tags = merge(var.tags, var.service_tags)
  }
}

version "6.0.0" {
  variable "capacity_provider_strategy" {
    type    = map(object({ capacity_provider = string }))
    default = null
  }
  variable "deployment_controller" {
    type    = object({ type = optional(string) })
    default = null
  }
  locals {
    launch_type = var.capacity_provider_strategy == null ? var.launch_type : null
    strategy    = var.capacity_provider_strategy == null ? {} : var.capacity_provider_strategy
  }
}

version "6.1.4" {
  variable "create" {
    nullable = false
  }
  variable "create_service" {
    nullable = false
  }
  variable "ignore_task_definition_changes" {
    nullable = false
  }
  variable "create_task_definition" {
    nullable = false
  }
  variable "tags" {
    nullable = false
  }
  variable "service_tags" {
    nullable = false
  }
  variable "task_tags" {
    nullable = false
  }
  variable "launch_type" {
    nullable = false
  }
  variable "network_mode" {
    nullable = false
  }
  variable "assign_public_ip" {
    nullable = false
  }
}
