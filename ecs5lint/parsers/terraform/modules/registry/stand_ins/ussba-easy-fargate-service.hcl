# https://github.com/USSBA/terraform-aws-easy-fargate-service

version "3.0.0" {
  variable "container_definitions" {
    type = any
  }
  variable "efs_configs" {
    type    = list(object({ container_name = string, container_path = string, file_system_id = string }))
    default = []
  }
  variable "platform_version" {
    type    = string
    default = "1.4.0"
  }
  variable "private_subnet_ids" {
    type    = list(string)
    default = []
  }
  variable "public_subnet_ids" {
    type    = list(string)
    default = []
  }

  locals {
    mounts = { for config in var.efs_configs : config.container_name => { sourceVolume = config.file_system_id, containerPath = config.container_path }... }
    tags   = {}
    public = length(var.private_subnet_ids) == 0
  }

  resource "aws_ecs_task_definition" "task" {
    container_definitions = jsonencode([for given in var.container_definitions : merge(
      { logConfiguration = { logDriver = "awslogs" }, mountPoints = try(local.mounts[given.name], []) },
      given,
    )])
    network_mode = "awsvpc"
    tags         = local.tags
    dynamic "volume" {
      for_each = var.efs_configs
      content {
        name = volume.value.file_system_id
        efs_volume_configuration {
          transit_encryption = "ENABLED"
        }
      }
    }
  }
  resource "aws_ecs_service" "service" {
    task_definition  = aws_ecs_task_definition.task.arn
    launch_type      = "FARGATE"
    platform_version = var.platform_version
    network_configuration {
      assign_public_ip = local.public
    }
  }
}

version "3.2.0" {
  variable "tags" {
    type    = map(any)
    default = {}
  }
  variable "tags_ecs" {
    type    = map(any)
    default = {}
  }
  variable "tags_ecs_task_definition" {
    type    = map(any)
    default = {}
  }
  variable "tags_ecs_service" {
    type    = map(any)
    default = {}
  }
  locals {
    tags = merge(var.tags, var.tags_ecs, var.tags_ecs_task_definition)
  }
  resource "aws_ecs_service" "service" {
    tags = merge(var.tags, var.tags_ecs, var.tags_ecs_service)
  }
}

version "3.2.1" {
  variable "tags_ecs_service_enabled" {
    type    = bool
    default = true
  }
  resource "aws_ecs_service" "service" {
    tags = var.tags_ecs_service_enabled ? merge(var.tags, var.tags_ecs, var.tags_ecs_service) : null
  }
}

version "6.5.0" {
  variable "nonpersistent_volume_configs" {
    type    = list(object({ container_name = string, container_path = string, volume_name = string }))
    default = []
  }
  locals {
    mounts = merge(
      { for config in var.efs_configs : config.container_name => { sourceVolume = config.file_system_id, containerPath = config.container_path }... },
      { for config in var.nonpersistent_volume_configs : config.container_name => { sourceVolume = config.volume_name, containerPath = config.container_path }... },
    )
  }
}

version "9.0.0" {
  variable "efs_configs" {
    type    = any
    default = []
  }
}

version "9.3.3" {
  variable "platform_version" {
    type    = string
    default = "LATEST"
  }
}

version "12.0.0" {
  locals {
    public = length(var.public_subnet_ids) > 0
  }
}
